"""One registration for a seminar or forum: a seat or the waitlist, a reminder, and whether they came."""

from collections.abc import Mapping
from datetime import datetime

from schemas.events.forum import (
    ForumAttended,
    ForumCancelled,
    ForumRegistered,
    ForumSeatGiven,
    ForumSeatQueued,
    ForumSeatReturned,
    ForumSeatWanted,
)
from schemas.forum import ForumRegistration, Stage
from schemas.ids import CaseId
from schemas.notices.forum import ForumCancellationReceived, ForumConfirmed, ForumFull, ForumReminder, ForumWaitlisted
from schemas.roles import APPLICANT
from workflows.engine.notation import Clause, at, entry, final, notify, on, send, state, workflow


def attends_online(_registration: ForumRegistration, event: ForumRegistered) -> bool:
    """Whoever takes part online needs no seat."""
    return event.attends == "online"


def its_forum(registration: ForumRegistration) -> Mapping[CaseId, ForumSeatWanted]:
    """The forum whose seat is wanted."""
    return {registration.forum: ForumSeatWanted(registration=registration.forum_registration)}


def its_forum_again(registration: ForumRegistration) -> Mapping[CaseId, ForumSeatReturned]:
    """The forum whose seat is given back."""
    return {registration.forum: ForumSeatReturned(registration=registration.forum_registration)}


def forum_begins(registration: ForumRegistration) -> datetime:
    """When the forum is held."""
    return registration.held_at


def take_answers(registration: ForumRegistration, event: ForumRegistered) -> ForumRegistration:
    """Keep that the personal answers were edited; how they take part is settled."""
    return registration.model_copy(update={"answers": event.answers})


def take_place(registration: ForumRegistration, event: ForumSeatQueued) -> ForumRegistration:
    """Keep the place on the waitlist."""
    return registration.model_copy(update={"position": event.position})


is_edited: Clause[ForumRegistration] = on(ForumRegistered, keep=take_answers)
cancels: Clause[ForumRegistration] = on(ForumCancelled, to=Stage.CANCELLED)
gives_back = on(ForumSeatGiven, do=[send(ForumSeatReturned, to=its_forum_again)])

FORUM_REGISTRATION = workflow(
    "forum_registration",
    version=1,
    subject=ForumRegistration,
    opens=[
        on(ForumRegistered, when=attends_online, to=Stage.CONFIRMED),
        on(ForumRegistered, to=Stage.REGISTERED),
    ],
    states={
        Stage.REGISTERED: state(
            entry(send(ForumSeatWanted, to=its_forum)),
            on(ForumSeatGiven, to=Stage.CONFIRMED),
            on(ForumSeatQueued, keep=take_place, to=Stage.WAITLISTED),
            at(forum_begins, to=Stage.TURNED_AWAY),
        ),
        Stage.CONFIRMED: state(
            entry(notify(APPLICANT, ForumConfirmed)),
            on(ForumAttended, to=Stage.ATTENDED),
            at(forum_begins, days=-1, to=Stage.REMINDED),
        ),
        Stage.WAITLISTED: state(
            entry(notify(APPLICANT, ForumWaitlisted)),
            on(ForumSeatGiven, to=Stage.CONFIRMED),
            at(forum_begins, to=Stage.TURNED_AWAY),
        ),
        Stage.REMINDED: state(
            entry(notify(APPLICANT, ForumReminder)),
            on(ForumAttended, to=Stage.ATTENDED),
            at(forum_begins, days=2, to=Stage.NO_SHOW),
        ),
        Stage.ATTENDED: final(),
        Stage.NO_SHOW: final(),
        Stage.CANCELLED: final(
            send(ForumSeatReturned, to=its_forum_again), notify(APPLICANT, ForumCancellationReceived), gives_back
        ),
        Stage.TURNED_AWAY: final(notify(APPLICANT, ForumFull), gives_back),
    },
    throughout=[is_edited, cancels],
)
