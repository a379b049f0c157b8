"""Decode, call one use case, encode: one file for each function that the platform calls."""
