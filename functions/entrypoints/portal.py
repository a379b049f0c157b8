"""`portal`: pages for applicants and learners, a whole site inside one function."""

from functools import cache
from io import BytesIO
from typing import cast

from flask import Flask, Request, Response

from functions import bootstrap
from functions.portal.site import make_site


def handle(request: Request) -> Response:
    """Hand the request to the site, with a fresh body: the framework has read the other one."""
    site = _site()
    environ = {**request.environ, "wsgi.input": BytesIO(request.get_data())}
    return cast("Response", site.response_class.from_app(site.wsgi_app, environ))


@cache
def _site() -> Flask:
    cloud = bootstrap.cloud()
    return make_site(cloud.ports, cloud.links)
