"""What running Sadari costs: measured use, times list prices."""
