"""What the API answers, by resource."""
