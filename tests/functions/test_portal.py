"""The portal as its function serves it: what is too large is answered without being read."""

from io import BytesIO

import pytest
from flask import Flask, Request

from functions.entrypoints import portal
from functions.portal.site import BODY_BYTES_MAX
from tests.corpus.rounds import SPRING
from tests.functions.site import Site

FORM = "application/x-www-form-urlencoded"


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")

    readline = readlines = read  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _own_site(site: Site) -> None:
    """The site is made once for a process: here, once for each store."""
    del site
    portal._site.cache_clear()


def asked(method: str, body: BytesIO, length: str | None) -> Request:
    environ = Flask(__name__).test_request_context(f"/apply/{SPRING}", method=method).request.environ
    environ |= {"wsgi.input": body, "CONTENT_TYPE": FORM}
    environ.pop("CONTENT_LENGTH", None)
    return Request({**environ, **({} if length is None else {"CONTENT_LENGTH": length})})


@pytest.mark.parametrize(("length", "status"), [(str(BODY_BYTES_MAX + 1), 413), (str(10**12), 413), (None, 411)])
def test_a_body_that_is_too_large_or_of_no_known_length_is_refused_unread(length: str | None, status: int) -> None:
    answer = portal.handle(asked("POST", Unread(), length))

    assert answer.status_code == status
    assert b"<main" in b"".join(answer.response)  # type: ignore[arg-type]


def test_a_form_is_read_once_and_judged(site: Site) -> None:
    del site
    body = b"name=%EA%B9%80"

    answer = portal.handle(asked("POST", BytesIO(body), str(len(body))))

    assert answer.status_code == 409
    assert "김" in answer.get_data(as_text=True)


def test_the_page_is_shown() -> None:
    assert portal.handle(asked("GET", BytesIO(), None)).status_code == 200
