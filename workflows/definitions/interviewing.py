"""The interview: what an application keeps of it, from the invitation to the day.

Every wish for a slot has a number.  The round's interviews answer each once, in any order, so an answer counts only
if the slot that the application has was not given for a newer wish.
"""

from collections.abc import Mapping
from datetime import datetime

from schemas.application import Application
from schemas.events.engine import TimerRang
from schemas.events.interviews import (
    InterviewChosen,
    InterviewInvited,
    InterviewMissed,
    InterviewReopened,
    SlotFull,
    SlotGiven,
    SlotReturned,
    SlotWanted,
)
from schemas.ids import CaseId
from schemas.interviews import CHOICES, Interview


def has_chosen(application: Application, _event: InterviewInvited) -> bool:
    """The applicant has a slot, or waits for the answer to a wish."""
    return bool(_slot_last_chosen(application))


def chooses_the_same(application: Application, event: InterviewChosen) -> bool:
    """The applicant has this slot already, or has asked for it."""
    return event.slot == _slot_last_chosen(application)


def may_not_choose(application: Application, event: InterviewChosen) -> bool:
    """The applicant is not invited, chooses too late, has changed twice, or the interview has begun."""
    interview = application.interview
    if interview is None:
        return True
    is_late = event.at > interview.choose_by or (interview.at is not None and event.at >= interview.at)
    return (is_late or interview.choices < 1) and not chooses_the_same(application, event)


def answers_nothing(application: Application, event: SlotGiven | SlotFull) -> bool:
    """The application has a slot for a newer wish, or has given back whatever it asked for."""
    interview = application.interview
    return interview is None or not interview.given < event.wish <= interview.wish


def was_expected(application: Application, event: InterviewMissed) -> bool:
    """The interview has begun, and the absence was not noted before."""
    interview = application.interview
    return interview is not None and interview.at is not None and event.at >= interview.at and not interview.was_missed


def cannot_reopen(application: Application, event: InterviewReopened) -> bool:
    """The applicant is not invited, has been let choose once more before, or would have no time for it."""
    interview = application.interview
    return interview is None or interview.was_reopened or event.choose_by <= event.at


def has_no_slot(application: Application, _rang: TimerRang) -> bool:
    """The applicant has no slot."""
    return application.interview is None or not application.interview.slot


def is_to_be_reminded(application: Application, rang: TimerRang) -> bool:
    """The slot was given before that, and the interview has not begun."""
    interview = application.interview
    if interview is None or interview.at is None or interview.booked_at is None:
        return False
    return interview.booked_at < rang.due and rang.arrives_at < interview.at


def choose_by(application: Application) -> datetime | None:
    """Until when a slot can be chosen."""
    return application.choose_by


def interview_at(application: Application) -> datetime | None:
    """When the interview is."""
    return application.interview_at


def take_invitation(application: Application, event: InterviewInvited) -> Application:
    """Keep where slots are given and until when to choose.  Wishes are counted on, so that no old answer counts."""
    before = application.interview or Interview(interviews=event.interviews, choose_by=event.choose_by)
    anew = Interview(
        interviews=event.interviews,
        choose_by=event.choose_by,
        wish=before.wish,
        given=before.wish,
        was_reopened=before.was_reopened,
    )
    return application.model_copy(update={"interview": anew})


def take_wish(application: Application, event: InterviewChosen) -> Application:
    """Count the wish, and keep which slot is wanted."""
    interview = application.interview
    if interview is None:
        return application
    return _with(application, wanted=event.slot, wish=interview.wish + 1, choices=interview.choices - 1)


def take_slot(application: Application, event: SlotGiven) -> Application:
    """Keep the slot, and when the interview is."""
    interview = application.interview
    if interview is None:
        return application
    return _with(
        application,
        slot=event.slot,
        at=event.interview_at,
        minutes=event.minutes,
        given=event.wish,
        wanted=interview.wanted if event.wish < interview.wish else "",
        booked_at=event.arrives_at,
        was_missed=False,
    )


def note_refused(application: Application, event: SlotFull) -> Application:
    """Give the choice back; a slot that the application has, it keeps."""
    interview = application.interview
    if interview is None:
        return application
    wanted = interview.wanted if event.wish < interview.wish else ""
    return _with(application, wanted=wanted, choices=min(interview.choices + 1, CHOICES))


def note_missed(application: Application, _event: InterviewMissed) -> Application:
    """Keep that the applicant did not come."""
    return _with(application, was_missed=True)


def note_reopened(application: Application, event: InterviewReopened) -> Application:
    """Give one more choice.  A slot that is still ahead is kept until there is another."""
    interview = application.interview
    if interview is None:
        return application
    is_over = interview.at is not None and interview.at <= event.at
    gone = {"slot": "", "at": None, "minutes": 0, "booked_at": None, "was_missed": False} if is_over else {}
    choices = max(interview.choices, 1)
    return _with(application, choose_by=event.choose_by, choices=choices, was_reopened=True, **gone)


def without_slot(application: Application) -> Application:
    """Forget the slot that was given back, and whatever answer may still come; the return was counted as a wish."""
    interview = application.interview
    if interview is None:
        return application
    wish = interview.wish + 1
    return _with(
        application, wish=wish, given=wish, slot="", wanted="", at=None, minutes=0, booked_at=None, was_missed=False
    )


def its_interviews(application: Application) -> Mapping[CaseId, SlotWanted]:
    """The case that owns the slots."""
    interview = application.interview
    if interview is None:
        return {}
    wanted = SlotWanted(application=application.application, slot=interview.wanted, wish=interview.wish)
    return {interview.interviews: wanted}


def its_interviews_if_chosen(application: Application) -> Mapping[CaseId, SlotReturned]:
    """The case that owns the slots, if the application has one or may still get one."""
    interview = application.interview
    if interview is None or not _slot_last_chosen(application):
        return {}
    return {interview.interviews: SlotReturned(application=application.application, wish=interview.wish + 1)}


def _slot_last_chosen(application: Application) -> str:
    interview = application.interview
    return "" if interview is None else interview.wanted or interview.slot


def _with(application: Application, **changed: object) -> Application:
    if application.interview is None:
        return application
    return application.model_copy(update={"interview": application.interview.model_copy(update=changed)})
