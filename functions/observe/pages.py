"""Says which page of a site a call is for: by its name in the code, never by its address."""

from flask import request

from functions.observe.call import note


def note_page() -> None:
    """Say it, before anything else is done."""
    note(page=request.endpoint)
