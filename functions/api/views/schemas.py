"""The schemas of what partners are told, where `dataschema` of every event says they are; anybody may read them."""

from flask import Flask, current_app
from werkzeug.wrappers import Response

from workflows.runtime.errors import NotFound
from workflows.runtime.promised import schemas

MEDIA = "application/schema+json"
KEPT = "public, max-age=3600"


def add_to(site: Flask) -> None:
    """Add the routes."""
    site.add_url_rule("/schemas/<name>", view_func=schema, methods=["GET"])


def schema(name: str) -> Response:
    """Give one; those of former major versions stay."""
    found = schemas().get(name)
    if found is None:
        raise NotFound("No such schema.")
    return current_app.response_class(found, mimetype=MEDIA, headers={"Cache-Control": KEPT})
