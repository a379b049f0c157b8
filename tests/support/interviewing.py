"""How interviews get to where a test begins."""

from datetime import datetime

from schemas.events.interviews import (
    InterviewChosen,
    InterviewInvited,
    SlotGiven,
)
from schemas.ids import CaseId
from schemas.interviews import Slot
from schemas.messages import Actor, Entry
from tests.support.cohort import CALENDAR, DAY, HOUR, kst
from tests.support.life import Life, staff
from tests.support.submitted import a_submission

INTERVIEWS = CaseId("interviews-1")
OPERATOR, LEE = staff("operator", "kim"), staff("operator", "lee")
BEGINS = kst("2027-03-22 10:00")
CHOOSE_BY = kst("2027-03-26 18:00")
FIRST, SECOND = kst("2027-03-29 10:00"), kst("2027-03-30 10:00")
SLOTS = (
    Slot(id="mon", at=FIRST, minutes=20, places=1),
    Slot(id="tue", at=SECOND, minutes=30, places=2),
)

INVITED = InterviewInvited(interviews=INTERVIEWS, choose_by=CHOOSE_BY)


def eligible(name: str = "application-1") -> Life:
    life = Life(name)
    life.tell(a_submission(name), CALENDAR.applications_close - DAY)
    life.ring()
    return life


def invited(name: str = "application-1") -> Life:
    life = eligible(name)
    life.tell(INVITED, BEGINS, by=OPERATOR)
    return life


def chooses(life: Life, slot: str, at: datetime = BEGINS + HOUR) -> Entry:
    return life.tell(InterviewChosen(slot=slot), at, by=Actor(kind="person", id="person-1", role="applicant"))


def gets(life: Life, slot: Slot = SLOTS[0], wish: int = 1, *, at: datetime = BEGINS + HOUR) -> Entry:
    return life.tell(SlotGiven(slot=slot.id, interview_at=slot.at, minutes=slot.minutes, wish=wish), at)


def booked(at: datetime = BEGINS + HOUR) -> Life:
    life = invited()
    chooses(life, "mon", min(at, CHOOSE_BY))
    gets(life, at=at)
    return life
