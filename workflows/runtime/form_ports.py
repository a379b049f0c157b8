"""What forms need from the outside, as Protocols.  Every adapter passes the same contract tests."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from schemas.connections import Connection, Reading
from schemas.draft import Draft


class Connections(Protocol):
    """The connections to forms at providers, and how far each has been read."""

    def get(self, connection_id: str) -> Connection | None:
        """Give a connection."""

    def put(self, connection: Connection, *, seen: int) -> bool:
        """Keep a connection if its version is still the one seen (0: there was none); False if somebody was faster."""

    def all(self) -> Sequence[Connection]:
        """Give all connections, by id."""

    def reading(self, connection_id: str) -> Reading:
        """Give how far a connection has been read; one that never was has version 0."""

    def put_reading(self, reading: Reading, *, seen: int) -> bool:
        """Keep it if its version is still the one seen (0: there was none); False if somebody was faster."""


class Drafts(Protocol):
    """Forms that people have begun to fill in.  They are personal, and destroyed on their day."""

    def put(self, draft: Draft) -> None:
        """Keep a draft, replacing what was typed before."""

    def get(self, draft_id: str) -> Draft | None:
        """Give a draft."""

    def find(self) -> Iterator[Draft]:
        """Give all drafts, by id."""

    def remove(self, draft_id: str) -> None:
        """Destroy a draft.  May be repeated."""

    def purge(self, today: date) -> int:
        """Destroy every draft whose day has come, and give how many there were."""
