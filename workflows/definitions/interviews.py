"""The interviews of a round: times with so many places each, given to whoever asks first."""

from collections.abc import Mapping
from datetime import datetime

from schemas.events.interviews import InterviewsPlanned, SlotFull, SlotGiven, SlotReturned, SlotWanted
from schemas.ids import CaseId, name_of
from schemas.interviews import Interviews, Slot, Stage
from workflows.definitions.calendar import follows_calendar
from workflows.engine.notation import at, final, on, send, state, workflow


def interviews_of(round_id: CaseId) -> CaseId:
    """Give the id of the one case that owns the interview slots of a round."""
    return CaseId(name_of("interviews", round_id))


def was_overtaken(interviews: Interviews, event: SlotWanted | SlotReturned) -> bool:
    """The application has asked for something else since, or has left; the same again is overtaken too."""
    return event.wish <= interviews.wishes.get(event.application, 0)


def there_is_room(interviews: Interviews, event: SlotWanted) -> bool:
    """The slot has a place that nobody else holds, and has not begun."""
    slot = _slots(interviews).get(event.slot)
    if slot is None or slot.at <= event.at or was_overtaken(interviews, event):
        return False
    others = [name for application, name in interviews.booked.items() if application != event.application]
    return others.count(slot.id) < slot.places


def last_interview(interviews: Interviews) -> datetime:
    """When the last interview begins."""
    return max(slot.at for slot in interviews.slots)


def note_wish(interviews: Interviews, event: SlotWanted) -> Interviews:
    """Keep whose wish was heard last, and its number."""
    wishes = {**interviews.wishes, event.application: event.wish}
    return interviews.model_copy(update={"wishes": wishes, "latest": event.application})


def book(interviews: Interviews, event: SlotWanted) -> Interviews:
    """Give the slot to the application; one that it had is free again."""
    booked = {**interviews.booked, event.application: event.slot}
    return note_wish(interviews, event).model_copy(update={"booked": booked})


def free_slot(interviews: Interviews, event: SlotReturned) -> Interviews:
    """Take the slot back, unless it has begun; older wishes of the application count no more."""
    slot = _slots(interviews).get(interviews.booked.get(event.application, ""))
    is_ahead = slot is not None and event.at < slot.at
    booked = {each: name for each, name in interviews.booked.items() if each != event.application or not is_ahead}
    wishes = {**interviews.wishes, event.application: event.wish}
    return interviews.model_copy(update={"booked": booked, "wishes": wishes})


def whoever_gets_it(interviews: Interviews) -> Mapping[CaseId, SlotGiven]:
    """Whoever the latest change gives a slot."""
    application = interviews.latest
    if application is None:
        return {}
    slot, wish = _slots(interviews)[interviews.booked[application]], interviews.wishes[application]
    return {application: SlotGiven(slot=slot.id, interview_at=slot.at, minutes=slot.minutes, wish=wish)}


def whoever_cannot_have_it(interviews: Interviews) -> Mapping[CaseId, SlotFull]:
    """Whoever wanted a slot that cannot be had."""
    application = interviews.latest
    return {} if application is None else {application: SlotFull(wish=interviews.wishes[application])}


def _slots(interviews: Interviews) -> Mapping[str, Slot]:
    return {slot.id: slot for slot in interviews.slots}


refuses_slot = on(SlotWanted, keep=note_wish, do=[send(SlotFull, to=whoever_cannot_have_it)])

INTERVIEWS = workflow(
    "interviews",
    version=1,
    subject=Interviews,
    opens=[on(InterviewsPlanned, to=Stage.BOOKING)],
    states={
        Stage.BOOKING: state(
            on(SlotWanted, when=was_overtaken),
            on(SlotWanted, when=there_is_room, keep=book, do=[send(SlotGiven, to=whoever_gets_it)]),
            refuses_slot,
            on(SlotReturned, when=was_overtaken),
            on(SlotReturned, keep=free_slot),
            at(last_interview, to=Stage.OVER),
        ),
        Stage.OVER: final(on(SlotWanted, when=was_overtaken), refuses_slot),
    },
    throughout=[*follows_calendar(Interviews)],
)
