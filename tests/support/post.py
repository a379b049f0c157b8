"""Channels that do as they are told, and remember what they were handed."""

from dataclasses import dataclass, field, replace
from datetime import time
from typing import Any

from functions.embedded import Embedded
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.letters import ChannelName, Letter
from schemas.messages import Notice
from schemas.people import Person
from schemas.post import PostRules, Quiet, Rule
from tests.support.cohort import CALENDAR, DAY
from workflows.runtime.deliver import deliver
from workflows.runtime.ports import Ports
from workflows.runtime.post_ports import Parcel, Post
from workflows.runtime.send import letter_id_of, send

PERSON = PersonId("person-1")
ALWAYS = PostRules(rules=(Rule(channels=("alimtalk", "sms", "mail")),), quiet=Quiet(begins=time(21), ends=time(8)))


@dataclass
class Hand:
    """A channel.

    Attributes:
        errors: What the next calls raise, one after the other; None lets one pass.
        parcels: What it was handed, also where it raised.
    """

    errors: list[BaseException | None] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)

    def send(self, parcel: Parcel) -> None:
        self.parcels.append(parcel)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error

    @property
    def references(self) -> list[str]:
        """The references that it was handed."""
        return [parcel.reference for parcel in self.parcels]


def with_post(ports: Ports, rules: PostRules = ALWAYS, **channels: Any) -> Ports:
    """Give the ports with these channels."""
    named: dict[ChannelName, Any] = dict(channels)  # type: ignore[arg-type]
    return replace(ports, post=Post(channels=named, rules=rules))


def a_person(**changed: Any) -> Person:
    given = {
        "id": PERSON,
        "name": "김지원",
        "email": "applicant1@example.org",
        "contact": "+821077770001",
        "locale": "ko",
        "updated_at": CALENDAR.results_at,
        "erase_on": (CALENDAR.results_at + 90 * DAY).date(),
    }
    return Person(**{**given, **changed})


def a_notice(kind: str = "WithdrawalReceived", *, name: str = "", days_later: int = 0, **data: Any) -> Notice:
    return Notice(
        id=MessageId(name_of("notice", kind, name)),
        type=kind,
        role="applicant",
        case=CaseId("application-1"),
        workflow="application",
        person=PERSON,
        data=data,
        at=CALENDAR.results_at + days_later * DAY,
    )


def the_letter(embedded: Embedded) -> Letter:
    (letter,) = embedded.ports.letters.find()
    return letter


def told(notice: Notice, ports: Ports) -> str:
    """Deliver a notice and send its letter, as the function `deliver` does."""
    deliver(notice, ports)
    send(letter_id_of(notice), ports)
    return letter_id_of(notice)


def outcomes(letter: Letter) -> list[tuple[str, str]]:
    """Give each try of a letter: by which channel, and what became of it."""
    return [(each.channel, str(each.outcome)) for each in letter.attempts]
