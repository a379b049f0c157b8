"""How the people of the demo speak to Sadari: through the doors of `intake`, and through staff's use cases."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from functions.cli.demo.driver import Deed
from functions.cli.demo.world import Address, World
from schemas.events import Event
from schemas.events.engine import QuestionAnswered
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Case, Message
from workflows.engine.moments import SEOUL

OFFICE_OPENS = time(10, 0)


class Desk:
    """Makes deeds of what people say and do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ports = world.ports

    def tell(
        self,
        at: datetime,
        case: CaseId,
        event: Event,
        actor: Actor,
        *,
        given_at: datetime | None = None,
        alone: bool = True,
    ) -> Deed:
        """Give the deed of bringing an event.

        Args:
            at: When.
            case: The case it is about.
            event: What happened.
            actor: Who brings it.
            given_at: When it had been said, if that was earlier.
            alone: Whether the case may write to another one because of it.
        """
        submission = f"{type(event).__name__}-{case}-{at.isoformat()}"
        return Deed(at, name_of("deed", submission), lambda: self.post(case, event, actor, submission, given_at), alone)

    def answer(self, at: datetime, case: CaseId, by: Actor, *, yes: bool, reason: str = "") -> Deed:
        """Give the deed of answering the question that is open by then."""

        def do() -> list[Address]:
            seen = self.ports.cases.get(case)
            (task,) = seen.case.tasks if seen else ()
            answered = QuestionAnswered(task=task.id, answer=yes, reason=reason)
            return self.post(case, answered, by, f"answer-{task.id}-{by.role}")

        return Deed(at, name_of("answer", case, by.role, at.isoformat()), do)

    def use(self, at: datetime, name: str, case: CaseId, use_case: Callable[[], list[Message]]) -> Deed:
        """Give the deed of running one of staff's use cases."""
        return Deed(at, name_of(name, case), lambda: [(message.case, message.id) for message in use_case()])

    def post(
        self, case: CaseId, event: Event, actor: Actor, submission: str, given_at: datetime | None = None
    ) -> list[Address]:
        """Send an event to `intake` now, and say where it goes."""
        body: dict[str, Any] = {
            "type": type(event).__name__,
            "case": case,
            "data": event.model_dump(mode="json"),
            "actor": actor.model_dump(),
        }
        if given_at is not None:
            body["submitted_at"] = given_at.isoformat()
        return [self.address_of(self.world.post("events", "application/json", _json(body), submission))]

    def appeal(self, at: datetime, application: Case, reason: str) -> Deed:
        """Give the deed of appealing against the decision about an application."""

        def do() -> list[Address]:
            body = _json({"person": application.data["person"], "reason": reason})
            path, submission = f"appeals/{application.id}", f"appeal-{application.id}"
            return [self.address_of(self.world.post(path, "application/json", body, submission))]

        return Deed(at, name_of("appeal", application.id), do)

    @staticmethod
    def address_of(receipt: dict[str, Any]) -> Address:
        """Say where a receipt's message goes."""
        return CaseId(receipt["case"]), MessageId(receipt["receipt"])


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def staff(role: str, number: int = 1) -> Actor:
    """Give a member of staff."""
    return Actor(kind="staff", id=f"{role}-{number}", role=role)


def applicant(case: Case) -> Actor:
    """Give the person of a case as an applicant."""
    return Actor(kind="person", id=case.data["person"], role="applicant")


def learner(case: Case) -> Actor:
    """Give the person of a case as a learner."""
    return Actor(kind="person", id=case.data["person"], role="learner")


def office(at: datetime, *, days: int, hours: int = 0) -> datetime:
    """Give an office hour some days later."""
    opens = datetime.combine(at.astimezone(SEOUL).date() + timedelta(days=days), OFFICE_OPENS, SEOUL)
    return opens + timedelta(hours=hours)


def chance(*parts: str | int) -> float:
    """Give a number between 0 and 1 that is always the same for the same parts."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
