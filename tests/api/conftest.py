"""The API in front of one SQLite file, with keys of two partners and receivers that agree."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.api.room import Room
from functions.api.site import make_site
from functions.buckets import Buckets
from functions.embedded import Embedded
from schemas.api_keys import Scope
from schemas.ids import CaseId, MessageId
from schemas.messages import Notice
from tests.support.post import Hand, with_post
from tests.support.subscribers import Subscribers
from workflows.runtime.api_keys import make_key
from workflows.runtime.fan_out import fan_out

NOON = datetime(2027, 6, 1, 3, 0, tzinfo=UTC)
WISH = {
    "url": "https://city.example/notices",
    "types": ["kr.sadari.learning.*"],
    "contact": "ops@city.example",
}


class Api:
    """The API as a partner's programme calls it."""

    def __init__(self, subscribers: Subscribers, *, burst: float = 10_000, guesses: float = 30) -> None:
        self.subscribers = subscribers
        self._buckets = [Buckets(time.monotonic, burst=many, per_second=0.5) for many in (burst, guesses)]
        self._open()

    def _open(self) -> None:
        self.site = make_site(Room(self.subscribers.embedded.ports, self.subscribers.ports, *self._buckets))
        self.client: FlaskClient = self.site.test_client()

    def with_mail(self) -> Hand:
        """Let there be mail."""
        hand = Hand()
        embedded = self.subscribers.embedded
        embedded.ports = with_post(embedded.ports, mail=hand)
        self._open()
        return hand

    def key(self, partner: str = "city", scopes: tuple[Scope, ...] = tuple(Scope), **limits: Any) -> str:
        """Make a key."""
        made = f"secret-{partner}-{len(self.subscribers.ports.keys.find())}"
        ports = self.subscribers.ports
        _, text = make_key(partner, scopes, secret=made, by="kim", now=NOON, partners=ports, **limits)
        return text

    def call(self, method: str, path: str, key: str, body: Any = None, **headers: str) -> TestResponse:
        """Call."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(path, method=method, json=body, headers={"Authorization": f"Bearer {key}", **named})

    def tell(self, number: int = 1, **changed: Any) -> None:
        """Tell a notice, as `deliver` does."""
        given: dict[str, Any] = {
            "id": MessageId(f"notice-{number}"),
            "type": "PhaseCompleted",
            "role": "partners",
            "case": CaseId("enrolment-1"),
            "workflow": "enrolment",
            "person": "person-1",
            "cohort": "2027",
            "programme": "ai-academy",
            "data": {"cohort": "2027", "phase_completed": "online"},
            "at": NOON,
        }
        notice = Notice(**{**given, **changed})
        ports = self.subscribers.embedded.ports
        fan_out(notice, ports, self.subscribers.ports)
        ports.notice_log.append(notice, heard_at=ports.clock.now())


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    embedded = Embedded(tmp_path / "sadari.db")
    embedded.clock.turn(NOON)
    yield Api(Subscribers(embedded))
    embedded.close()
