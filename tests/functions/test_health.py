"""Every function says whether it is well, and nothing else."""

import json
import logging
from types import SimpleNamespace

import pytest
from flask import Request, Response

from functions import bootstrap
from functions.entrypoints.observed import observed
from functions.observe.log import Line
from tests.functions.site import NAMES, Site
from workflows.runtime.errors import Unavailable


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_a_function_that_is_well_says_so_and_no_more(name: str, path: str, site: Site) -> None:
    answer = site.client(name).get(path)

    assert (answer.status_code, answer.json) == (200, {"health": "ok"})


def test_without_its_store_a_function_is_alive_and_not_ready(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("[Firestore] the password is swordfish")

    monkeypatch.setattr(type(site.store.ports.cases), "get", fail)

    alive, ready = (site.client("intake").get(path) for path in ("/health", "/health/ready"))

    assert (alive.status_code, alive.json) == (200, {"health": "ok"})
    assert (ready.status_code, ready.json) == (503, {"health": "not_ready"})


def test_whether_it_is_alive_is_answered_without_looking_at_anything(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(site.cloud), "ports", property(lambda _cloud: pytest.fail("it looked")))

    assert site.client("portal" if "portal" in site.apps else "intake").get("/health").status_code == 200


@pytest.mark.parametrize("path", ["/health/", "/healthz", "/health/other", "/"])
def test_no_other_path_says_it(path: str, site: Site) -> None:
    assert site.client("advance").get(path).status_code == 405


def test_only_asking_is_answered(site: Site) -> None:
    assert site.client("advance").post("/health", data=b"{}").status_code == 401


def test_the_line_about_it_names_the_check(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sadari")

    site.client("advance").get("/health")

    (line,) = (json.loads(Line().format(record)) for record in caplog.records)
    said = {name: line[name] for name in ("event", "function", "page", "status")}
    assert said == {"event": "called", "function": "advance", "page": "/health", "status": 200}


class Untraceable:
    """Settings that want every trace, and no way to send one."""

    settings = SimpleNamespace(traces=SimpleNamespace(share=1.0))

    @property
    def spans(self) -> None:
        raise OSError("no credentials")


def test_no_call_fails_because_its_trace_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "cloud", Untraceable)

    def advance(_request: Request) -> Response:
        return Response(status=204)

    assert observed(advance)(Request.from_values(method="POST")).status_code == 204
