"""The pure machine: (workflow, case, message) to decision.  No I/O, clock, randomness or logging."""
