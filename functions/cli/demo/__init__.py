"""Demo material for the round `gwangju-2027-1`: every person in it is invented."""
