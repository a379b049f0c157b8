"""What Sadari says of itself: one line for each call and event, counters, traces.  Never personal data."""
