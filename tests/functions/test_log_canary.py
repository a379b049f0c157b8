"""Nothing that people say, and no secret of ours, is in any line that the functions write, whatever goes wrong."""

import http.client
import io
import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import urllib3

from functions.forms.signature import sign
from functions.observe.log import Line
from functions.stack.embedded_stack import EmbeddedStack
from tests.corpus.rounds import KEY, SPRING, begin
from tests.functions.site import CALLED_BY_US, NAMES, PUSHED, SECRETS, SOURCES, Site, envelope_of
from tests.functions.test_personal_data import CANARY, FORM_OF_CANARY, heard, sing

TOKEN = "eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOiJub3RlIn0.c2lsZW5jZQ"
SILENT = (*SECRETS.values(), TOKEN, KEY.decode())
SAID = f"{CANARY['name']} {CANARY['phone']} {CANARY['email']} {TOKEN}"
SECRET = SECRETS["desk"]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the functions of this process would write."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Line())
    handler.setLevel(logging.DEBUG)
    root, ours = logging.getLogger(), logging.getLogger("sadari")
    before = root.level, ours.level
    root.setLevel(logging.DEBUG)
    ours.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield out
    root.removeHandler(handler)
    root.setLevel(before[0])
    ours.setLevel(before[1])


def songs(text: str) -> list[str]:
    return [*heard(text), *(each for each in SILENT if each in text)]


def told(text: str) -> list[dict[str, Any]]:
    """Give the lines; each must be JSON of its own."""
    return [json.loads(line) for line in text.splitlines()]


def test_whatever_the_canary_does_no_line_repeats_it(site: Site, written: io.StringIO) -> None:
    sing(site)

    lines = told(written.getvalue())
    assert songs(written.getvalue()) == []
    assert {line["function"] for line in lines if line["event"] == "called"} >= {"intake", *CALLED_BY_US} - {"attempt"}
    assert {line["reason"] for line in lines if line["event"] == "quarantined"} >= {"no_envelope", "no_message"}
    assert len(lines) > 70


class Leak(dict[str, Any]):
    """An error's context that would sing if anybody printed it."""


@pytest.mark.parametrize("name", NAMES)
def test_an_error_that_names_people_is_told_without_its_words(name: str, site: Site, written: io.StringIO) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(SAID, Leak(FORM_OF_CANARY)) from LookupError(SAID)

    body = json.dumps(FORM_OF_CANARY).encode()
    path = f"/desk/applications/{SPRING}" if name == "intake" else "/"
    headers = {"Authorization": f"Bearer {TOKEN}", **sign("s1", body, SECRET)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"functions.entrypoints.{name}.bootstrap.cloud", fail)
        answer = site.client(name).post(path, data=body, content_type="application/json", headers=headers)

    assert answer.status_code == 500
    assert songs(written.getvalue() + answer.text) == []
    assert [line["event"] for line in told(written.getvalue())] == ["failed", "called"]
    assert "in fail" in told(written.getvalue())[0]["message"]


@pytest.mark.parametrize("name", PUSHED)
def test_a_push_whose_attributes_sing_is_told_without_them(name: str, site: Site, written: io.StringIO) -> None:
    attributes = {"traceparent": SAID, CANARY["name"]: CANARY["phone"]}

    site.call(name, envelope_of(json.dumps(FORM_OF_CANARY).encode(), attributes=attributes))

    assert songs(written.getvalue()) == []
    assert told(written.getvalue())[-1]["function"] == name


# ---- the server as it runs, and what it writes


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[EmbeddedStack]:
    begin(tmp_path / "sadari.db")
    running = EmbeddedStack(tmp_path, key=KEY, sources=SOURCES)
    running.start()
    yield running
    running.stop()


def ask(url: str, method: str, path: str, **more: Any) -> int:
    return urllib3.request(method, f"{url}{path}", retries=False, timeout=30, **more).status


def raw(url: str, request: bytes) -> None:
    """Send what no client would send."""
    where = urlsplit(url)
    with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)) as line:
        line.connect()
        line.sock.sendall(request)
        line.sock.recv(65536)


def sing_to(url: str) -> list[int]:
    """Put personal values and secrets into every part of a call: path, query, headers, cookies, body."""
    name = quote(CANARY["name"])
    headers = {"Authorization": f"Bearer {TOKEN}", "Cookie": f"session={TOKEN}", "Referer": f"{url}/{name}"}
    paths = (f"/portal/status/{TOKEN}", f"/portal/apply/{name}", f"/console/cases/{name}", f"/api/v1/{name}")
    statuses = [ask(url, "GET", f"{path}?email={CANARY['email']}", headers=headers) for path in paths]
    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    statuses += [ask(url, "POST", path, headers=form, body=urlencode(CANARY)) for path in paths]
    body = json.dumps(FORM_OF_CANARY).encode()
    typed = {"Content-Type": "application/json", **headers}
    for path in (f"/intake/{name}/events", f"/intake/desk/applications/{SPRING}", "/advance", "/attempt", "/nowhere"):
        statuses.append(ask(url, "POST", f"{path}?phone={CANARY['phone']}", headers=typed, body=body))
    signed = {"Content-Type": "application/json", **sign("s1", body, SECRET)}
    statuses.append(ask(url, "POST", f"/intake/desk/applications/{SPRING}", headers=signed, body=body))
    raw(url, f"GET /{name} HTTP/9.9\r\nX: {CANARY['email']}\r\n\r\n".encode())
    raw(url, f"{CANARY['email']} {TOKEN}\r\n\r\n".encode())
    raw(url, b"GET / HTTP/1.1\r\nHost: a\r\n" + f"{CANARY['phone']} : {TOKEN}\r\n\r\n".encode())
    return statuses


def test_what_the_server_writes_repeats_nothing_even_when_its_store_breaks(
    stack: EmbeddedStack, tmp_path: Path
) -> None:
    url = stack.addresses()["intake"].removesuffix("/intake/desk/")
    well = sing_to(url)
    stack.work()
    with closing(sqlite3.connect(tmp_path / "sadari.db")) as file:
        for table in ("people", "cases"):
            file.execute(f"alter table {table} rename to gone_{table}")
        file.commit()
    broken = sing_to(url)
    stack.stop()

    text = (tmp_path / "functions.log").read_text()
    lines = told(text)
    assert songs(text) == []
    assert (well[-1], broken[-1]) == (202, 500)
    assert "failed" in {line.get("event") for line in lines}
    assert {line["function"] for line in lines if "function" in line} >= {"intake", "portal", "console", "advance"}


def test_the_sites_are_well_and_say_so_at_the_paths_that_uptime_checks_ask(stack: EmbeddedStack) -> None:
    url = stack.addresses()["intake"].removesuffix("/intake/desk/")

    asked = {name: ask(url, "GET", f"/{name}/health/ready") for name in ("portal", "console", "api", "intake")}

    assert asked == dict.fromkeys(asked, 200)
