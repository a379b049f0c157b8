"""`api`: what partners and their tools ask for, a whole site inside one function."""

from functools import cache
from io import BytesIO
from typing import cast

from flask import Flask, Request, Response

from functions import bootstrap
from functions.api.room import Room
from functions.api.site import BODY_BYTES_MAX, make_site


def handle(request: Request) -> Response:
    """Hand the request to the site, with a fresh body: the framework has read the other one.

    What is too large, or of no known length, is not read; the site says so by its headers alone.
    """
    length = request.content_length
    is_read = length is not None and length <= BODY_BYTES_MAX
    site = _site()
    environ = {**request.environ, "wsgi.input": BytesIO(request.get_data() if is_read else b"")}
    answer = cast("Response", site.response_class.from_app(site.wsgi_app, environ))
    if request.method not in {"GET", "HEAD"} and not is_read:
        # The framework reads the rest of a body before it gives an answer; but not before a streamed one.
        answer.response = iter([answer.get_data()])
    return answer


@cache
def _site() -> Flask:
    cloud = bootstrap.cloud()
    return make_site(Room(cloud.ports, cloud.partner_ports))
