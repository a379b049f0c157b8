"""What the console works with, and who is at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

from flask import current_app, g

from functions.settings import Issuer
from schemas.messages import Actor, Case
from schemas.search import OF_EVERY_UNIVERSITY, CaseFilter, Scope
from schemas.staff import Grant, Member, Session
from workflows.engine.moments import SEOUL
from workflows.engine.words import Language
from workflows.runtime.lend import Lent
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports
from workflows.runtime.staff_ports import StaffPorts

ROOM = "sadari.room"


@dataclass(frozen=True, slots=True)
class Room:
    """All that the pages need.

    Attributes:
        key: Signs form tokens and what a login carries.
        undo_minutes: How long an answer that decides may be taken back before it takes effect.
        partners: What telling partners needs; None: they are not told.
    """

    ports: Ports
    staff: StaffPorts
    issuer: Issuer
    key: bytes
    undo_minutes: int = 0
    partners: PartnerPorts | None = None


@dataclass(frozen=True, slots=True)
class Hat:
    """In which role somebody acts, and for whom if for another."""

    role: str
    on_behalf_of: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """How forms name it."""
        return f"{self.role}/{self.on_behalf_of}" if self.on_behalf_of else self.role


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for the page.

    Attributes:
        grants: Those grants by which this page may be seen at all, the member's own and those held for others.
        lent: Those held for others by which this page may be seen.
    """

    member: Member
    session: Session
    grants: tuple[Grant, ...]
    lent: tuple[Lent, ...] = ()

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

    def actor(self, role: str, on_behalf_of: str = "") -> Actor:
        """Give the member as an actor in a role, their own or one that they hold for somebody else."""
        return Actor(kind="staff", id=self.member.id, role=role, on_behalf_of=on_behalf_of)

    def hats(self) -> Iterator[tuple[Hat, Grant]]:
        """Give in which role the visitor may act, and for whom, by each grant; their own ones first."""
        yield from ((Hat(grant.role), grant) for grant in self.grants if grant in self.member.grants)
        yield from ((Hat(each.grant.role, each.by.id, each.by.name), each.grant) for each in self.lent)


def covers(grant: Grant, case: Case) -> bool:
    """Whether a grant reaches a case."""
    facts = case.data
    return reaches(grant, case.workflow, facts.get("programme", ""), case.cohort, facts.get("university", ""))


def reaches(grant: Grant, workflow: str, programme: str, cohort: str, university: str) -> bool:
    """Whether a grant reaches what belongs there: its programme, its cohort, and its university.

    What names no programme is of its cohort's; what has no cohort either is of all.  A round is of every university.
    """
    if grant.programme and not programme and cohort:
        programme = programme_of(cohort)
    return (
        grant.programme in {"", programme or grant.programme}
        and grant.cohort in {"", cohort}
        and (grant.university in {"", university} or workflow == OF_EVERY_UNIVERSITY)
    )


def programme_of(cohort: str) -> str:
    """Give the programme of a cohort, as its rounds name it, read once for a page; empty if it has none."""
    known: dict[str, str] = g.setdefault("programmes", {})
    if cohort not in known:
        rounds = room().staff.index.page(CaseFilter(workflow=OF_EVERY_UNIVERSITY, cohort=cohort), after="", limit=1)
        known[cohort] = next((str(case.data.get("programme", "")) for case in rounds.cases), "")
    return known[cohort]


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


def today() -> date:
    """Give the day it is for whoever works in Korea."""
    return now().astimezone(SEOUL).date()
