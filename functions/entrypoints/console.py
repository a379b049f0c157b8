"""`console`: the staff's pages, a whole site inside one function."""

from functools import cache
from io import BytesIO
from typing import cast

from flask import Flask, Request, Response

from functions import bootstrap
from functions.console.room import Room
from functions.console.site import make_site
from functions.entrypoints.wire import reply


def handle(request: Request) -> Response:
    """Hand the request to the site, with a fresh body: the framework has read the other one."""
    if bootstrap.cloud().settings.issuer is None:
        return reply(503, error="the console is not set up: SADARI_CONSOLE is missing")
    site = _site()
    environ = {**request.environ, "wsgi.input": BytesIO(request.get_data())}
    return cast("Response", site.response_class.from_app(site.wsgi_app, environ))


@cache
def _site() -> Flask:
    cloud = bootstrap.cloud()
    settings = cloud.settings
    assert settings.issuer is not None  # noqa: S101  `handle` has looked
    issuer = settings.issuer
    partners = cloud.partner_ports if settings.partners else None
    undo = issuer.undo_minutes
    return make_site(Room(cloud.ports, cloud.staff_ports, issuer, settings.key, undo_minutes=undo, partners=partners))
