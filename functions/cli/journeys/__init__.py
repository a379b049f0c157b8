"""Runs journeys of real learners through the real workflow."""
