"""A seminar or forum for companies: it owns the seats, and hands a freed one to whoever waits longest."""

from collections.abc import Mapping
from datetime import datetime

from schemas.events.forum import ForumPlanned, ForumSeatGiven, ForumSeatQueued, ForumSeatReturned, ForumSeatWanted
from schemas.forum import Forum, ForumStage
from schemas.ids import CaseId
from workflows.engine.notation import at, final, on, send, state, workflow


def is_known(forum: Forum, event: ForumSeatWanted) -> bool:
    """The registration has a seat or waits for one already."""
    return event.registration in {*forum.seated, *forum.waiting}


def has_a_seat_free(forum: Forum, event: ForumSeatWanted) -> bool:
    """There is a seat that nobody has."""
    return not is_known(forum, event) and len(forum.seated) < forum.capacity


def frees_it_for_another(forum: Forum, event: ForumSeatReturned) -> bool:
    """A seat comes free, and somebody waits."""
    return event.registration in forum.seated and bool(forum.waiting)


def held_at(forum: Forum) -> datetime:
    """When the forum is held."""
    return forum.held_at


def give_seat(forum: Forum, event: ForumSeatWanted) -> Forum:
    """Give a seat."""
    return forum.model_copy(update={"seated": (*forum.seated, event.registration), "latest": event.registration})


def put_in_queue(forum: Forum, event: ForumSeatWanted) -> Forum:
    """Put it at the end of the waitlist."""
    return forum.model_copy(update={"waiting": (*forum.waiting, event.registration), "latest": event.registration})


def let_go(forum: Forum, event: ForumSeatReturned) -> Forum:
    """Take back the seat, or the place on the waitlist."""
    seated = tuple(each for each in forum.seated if each != event.registration)
    waiting = tuple(each for each in forum.waiting if each != event.registration)
    return forum.model_copy(update={"seated": seated, "waiting": waiting, "latest": None})


def hand_on(forum: Forum, event: ForumSeatReturned) -> Forum:
    """Give the seat to whoever waits longest."""
    left = let_go(forum, event)
    first, *others = left.waiting
    return left.model_copy(update={"seated": (*left.seated, first), "waiting": tuple(others), "latest": first})


def whoever_got_it(forum: Forum) -> Mapping[CaseId, ForumSeatGiven]:
    """Whoever got the seat."""
    return {} if forum.latest is None else {forum.latest: ForumSeatGiven()}


def whoever_waits(forum: Forum) -> Mapping[CaseId, ForumSeatQueued]:
    """Whoever was put on the waitlist."""
    return {} if forum.latest is None else {forum.latest: ForumSeatQueued(position=len(forum.waiting))}


FORUM = workflow(
    "forum",
    version=1,
    subject=Forum,
    opens=[on(ForumPlanned, to=ForumStage.TAKING)],
    states={
        ForumStage.TAKING: state(
            on(ForumSeatWanted, when=is_known),
            on(ForumSeatWanted, when=has_a_seat_free, keep=give_seat, do=[send(ForumSeatGiven, to=whoever_got_it)]),
            on(ForumSeatWanted, keep=put_in_queue, do=[send(ForumSeatQueued, to=whoever_waits)]),
            on(
                ForumSeatReturned, when=frees_it_for_another, keep=hand_on, do=[send(ForumSeatGiven, to=whoever_got_it)]
            ),
            on(ForumSeatReturned, keep=let_go),
            at(held_at, to=ForumStage.HELD),
        ),
        ForumStage.HELD: final(on(ForumSeatReturned)),
    },
)
