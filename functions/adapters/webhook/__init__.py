"""Calls to partners."""
