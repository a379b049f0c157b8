"""What people may know of their own case: the published state, never the internal one (domain.md A.0).

Before something is published, nothing of it shows: stages at which staff still decide read as the stage before.  What a
held letter tells is published when the letter leaves.
"""

from collections.abc import Mapping
from datetime import datetime

from schemas.application import Application
from schemas.ids import PersonId
from schemas.letters import LetterState
from schemas.messages import Case
from workflows.runtime.ports import Ports

LEFT = frozenset(LetterState) - {LetterState.HELD, LetterState.RECALLED}
"""Released, whatever becomes of it on its way: a mail server that is down hides no decision."""

APPLICATION: Mapping[str, str] = {
    **dict.fromkeys(("submitted", "ineligible_proposed", "eligible", "late", "too_late"), "in_review"),
    **dict.fromkeys(("waitlisted", "waitlist_check", "skip_proposed"), "waitlisted"),
    **dict.fromkeys(("ineligible_appealable", "ineligible"), "ineligible"),
    **dict.fromkeys(("not_selected_appealable", "not_selected"), "not_selected"),
    **dict.fromkeys(("reinstated", "seat_granted", "awaiting_seat"), "restored"),
    **dict.fromkeys(("lapsed", "expired"), "expired"),
    **dict.fromkeys(("claim_proposed", "claiming", "claim_refused"), "claim"),
    **dict.fromkeys(("accepted", "enrolled"), "accepted"),
    **{stage: stage for stage in ("skipped", "offered", "deferred", "declined", "vacated", "withdrawn")},
}
"""By stage of an application: what its person knows."""

ENROLMENT: Mapping[str, str] = {
    **dict.fromkeys(("onboarding", "ready"), "onboarding"),
    **dict.fromkeys(("online", "no_show_proposed", "no_show"), "online"),
    **dict.fromkeys(("online_gate", "offline_gate", "pitch_missed", "completed", "not_completed"), "gate"),
    **dict.fromkeys(("offline",), "offline"),
    **dict.fromkeys(("pitching",), "pitching"),
    **dict.fromkeys(("withdrawn",), "left"),
}
"""By stage of an enrolment."""

FORUM: Mapping[str, str] = {
    **dict.fromkeys(("confirmed", "reminded"), "forum_confirmed"),
    **{stage: f"forum_{stage}" for stage in ("registered", "waitlisted", "attended", "no_show", "cancelled")},
    "turned_away": "forum_turned_away",
}
"""By stage of a registration for a forum, where nobody decides and nothing is held back."""

KNOWN: Mapping[str, Mapping[str, str]] = {
    "application": APPLICATION,
    "enrolment": ENROLMENT,
    "forum_registration": FORUM,
}

TOLD_BY: Mapping[str, tuple[str, str]] = {
    "late": ("ApplicationLate", "late"),
    "too_late": ("ApplicationLate", "late"),
    "claim_refused": ("ClaimRefused", "claim_refused"),
    "no_show": ("NoShowConfirmed", "no_show"),
    "completed": ("ProgrammeCompleted", "completed"),
    "not_completed": ("GateFailed", "not_completed"),
}
"""By stage: the held letter that tells it, and what its person knows once that has left."""


def published(case: Case, ports: Ports) -> str:
    """Give what the person of a case may know of where it stands."""
    known = KNOWN[case.workflow][case.stage]
    notice, told = ("", "") if case.workflow == "forum_registration" else TOLD_BY.get(case.stage, ("", ""))
    if notice and _has_left(notice, case, ports):
        known = told
    if known == "in_review":
        return _before_the_result(case, ports.clock.now())
    return known


def _before_the_result(case: Case, now: datetime) -> str:
    """By the calendar alone: what became of the case inside must not show."""
    calendar = Application.model_validate_json(case.subject).calendar
    if now <= calendar.applications_close:
        return "received"
    return "in_review" if now < calendar.results_at else "result_due"


def _has_left(notice: str, case: Case, ports: Ports) -> bool:
    letters = ports.letters.find(person_id=PersonId(case.person))
    return any(each.case == case.id and each.notice == notice and each.state in LEFT for each in letters)
