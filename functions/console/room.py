"""What the console works with, and who is at it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app, g

from functions.settings import Issuer
from schemas.messages import Actor, Case
from schemas.search import Scope
from schemas.staff import Grant, Member, Session
from workflows.engine.words import Language
from workflows.runtime.ports import Ports, StaffPorts

ROOM = "sadari.room"


@dataclass(frozen=True, slots=True)
class Room:
    """All that the pages need.

    Attributes:
        key: Signs form tokens and what a login carries.
        undo_minutes: How long an answer that decides may be taken back before it takes effect.
    """

    ports: Ports
    staff: StaffPorts
    issuer: Issuer
    key: bytes
    undo_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for the page.

    Attributes:
        grants: Those grants of the member by which this page may be seen at all.
    """

    member: Member
    session: Session
    grants: tuple[Grant, ...]

    def may_see(self, case: Case) -> bool:
        """Whether one of the grants covers the case."""
        return any(covers(grant, case) for grant in self.grants)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What part of all cases the grants reach."""
        return tuple(
            dict.fromkeys(
                Scope(programme=grant.programme, cohort=grant.cohort, university=grant.university)
                for grant in self.grants
            )
        )

    def actor(self, role: str) -> Actor:
        """Give the member as an actor in a role."""
        return Actor(kind="staff", id=self.member.id, role=role)


def covers(grant: Grant, case: Case) -> bool:
    """Whether a grant reaches a case: its programme, its cohort, and its university, but that a round is of all."""
    facts = case.data
    university = grant.university if case.workflow == "round" else facts.get("university", "")
    return (
        grant.programme in {"", facts.get("programme", grant.programme)}
        and grant.cohort in {"", case.cohort}
        and grant.university in {"", university}
    )


def room() -> Room:
    """Give the room of this site."""
    return cast("Room", current_app.extensions[ROOM])


def visitor() -> Visitor:
    """Give who asks for the page; only behind the guard."""
    return cast("Visitor", g.visitor)


def language() -> Language:
    """Give the language of the page: the visitor's choice."""
    return "en" if getattr(g, "language", "ko") == "en" else "ko"


def now() -> datetime:
    """Give the time by which people work: the system's, even where the store's clock was turned."""
    return datetime.now(UTC)
