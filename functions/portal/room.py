"""What the portal's pages work with, and what they all do."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from flask import abort, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from functions.buckets import Buckets
from functions.links import ExpiredLinkError, Links, Purpose
from schemas.ids import CaseId
from schemas.messages import Actor, Case
from workflows.runtime.ports import Ports

ROOM = "sadari.room"


@dataclass(frozen=True, slots=True)
class Room:
    """What the portal works with.

    Attributes:
        ports: The ports.
        links: Makes and reads the links that letters carry; its key names persons, too.
        buckets: How much one address may send.
        seconds: What time it is for whoever fills in a form; the clock of the ports may stand still in a local stack.
    """

    ports: Ports
    links: Links
    buckets: Buckets = field(default_factory=lambda: Buckets(time.monotonic))
    seconds: Callable[[], float] = time.time

    @property
    def key(self) -> bytes:
        """Names persons without showing their contacts."""
        return self.links.key


def room() -> Room:
    """Give what this site works with."""
    found: Room = current_app.extensions[ROOM]
    return found


def language() -> str:
    """Give the language of the page: the one asked for, else the browser's, else Korean."""
    asked = request.args.get("lang", "")
    return asked if asked in {"ko", "en"} else request.accept_languages.best_match(("ko", "en"), "ko") or "ko"


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Give a page."""
    return make_response(render_template(template, **values), status)


def go_to(address: str) -> Response:
    """Send the browser on to a page that may be loaded again without harm."""
    joint = "&" if "?" in address else "?"
    return redirect(f"{address}{joint}lang={language()}", 303)


def subject_of(purpose: Purpose, token: str) -> CaseId:
    """Give what a link names; a page says so where it names nothing, or no longer."""
    links, now = room().links, room().ports.clock.now()
    try:
        found = links.read(purpose, token, now)
    except ExpiredLinkError:
        abort(410)
    return found if found is not None else not_found()


def case_of(purpose: Purpose, token: str, *workflows: str) -> Case:
    """Give the case that a link is about."""
    seen = room().ports.cases.get(subject_of(purpose, token))
    return seen.case if seen is not None and seen.case.workflow in workflows else not_found()


def not_found() -> NoReturn:
    """Say that there is no such page; the same for whatever is wrong with the address."""
    abort(404)


def actor_of(case: Case, role: str) -> Actor:
    """Give the person of a case as whoever acts."""
    return Actor(kind="person", id=case.person, role=role)


def slow_down(bucket: str) -> None:
    """Refuse an address that has sent far more than a campus at the deadline would."""
    waits = room().buckets.take(bucket, _address())
    if waits:
        answer = page("error.html", 429, code=429)
        answer.headers["Retry-After"] = str(math.ceil(waits))
        abort(answer)


def _address() -> str:
    """Give where the request comes from: the last hop that the platform wrote down itself."""
    return (request.access_route or [request.remote_addr or ""])[-1]
