"""What letters need from the outside, as Protocols.  Every adapter passes the same contract tests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.ids import PersonId
from schemas.letters import ChannelName, Letter, LetterState
from schemas.messages import Notice
from schemas.people import Person
from schemas.post import PostRules
from schemas.search import LetterFilter, LetterPage


class Letters(Protocol):
    """Letters to people.  They are personal, and erased with the person."""

    def create(self, letter: Letter) -> bool:
        """Keep a letter; False if it is kept already (then nothing changes)."""

    def get(self, letter_id: str) -> Letter | None:
        """Give one letter."""

    def move(self, letter_id: str, *, expected: LetterState, to: LetterState) -> bool:
        """Change the state by compare-and-set; False if it is another one by now."""

    def swap(self, seen: Letter, letter: Letter) -> bool:
        """Replace a letter by compare-and-set; False if it is gone, or not the one seen any more."""

    def due(self, now: datetime, *, limit: int) -> Sequence[Letter]:
        """Give letters that are released or being sent and should leave by now, the longest due first."""

    def find(self, *, state: LetterState | None = None, person_id: PersonId | None = None) -> Iterator[Letter]:
        """Give the letters that match, oldest first."""

    def page(self, wanted: LetterFilter, *, after: str, limit: int) -> LetterPage:
        """Give some of the letters that match, oldest first.

        Args:
            wanted: Which letters.
            after: The cursor of the page before; empty for the first page.
            limit: How many make a page.

        Raises:
            Rejected: No page gave this cursor.
        """

    def names(self, wanted: LetterFilter, *, limit: int) -> Sequence[str]:
        """Give the ids of the letters that match, oldest first, in one call."""

    def count(self, wanted: LetterFilter) -> int:
        """Give how many letters match."""

    def kinds(self, wanted: LetterFilter, among: Sequence[str]) -> Mapping[str, int]:
        """Give how many letters match, where there are any, by type of notice; only of those types."""


class Scribe(Protocol):
    """Writes letters, from templates per notice and language."""

    def write(self, notice: Notice, person: Person) -> tuple[str, str]:
        """Give the subject and the body, in the person's language."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is handed over to a channel.

    Attributes:
        reference: The same however often this is handed over; whoever receives it drops repeats by it.
        at: When it is handed over.
    """

    letter: Letter
    person: Person
    reference: str
    at: datetime


class Channel(Protocol):
    """A way to people: mail, Alimtalk, short messages."""

    def send(self, parcel: Parcel) -> None:
        """Hand a letter over; returning means that the channel has it.

        Raises:
            Undeliverable: The channel will never take it; it did not leave.
            Unavailable: It may have left, or not; hand over the same again.
        """


@dataclass(frozen=True, slots=True)
class Post:
    """How letters reach people.

    Attributes:
        channels: Those that are set up; where there are none, nothing is sent and letters wait in the outbox.
        rules: Which one is tried first, and when it is quiet.
    """

    channels: Mapping[ChannelName, Channel]
    rules: PostRules
