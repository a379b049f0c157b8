"""How a round goes on when there are too few: a later close, or a supplementary round (추가모집) for what is left."""

from collections.abc import Mapping

from schemas.events.application import RoundMerged
from schemas.events.engine import CalendarMoved, QuestionAnswered
from schemas.events.round import ExtensionProposed, RoundPlanned, SupplementProposed
from schemas.events.seats import SeatReturned, SeatsMoved
from schemas.ids import CaseId
from schemas.round import Round
from schemas.selection import Quota
from workflows.definitions.calendar import calendar_is_newer
from workflows.definitions.seats import entries_of, groups_in, hand_on_seat, seating_of, shifted


def extends_nothing(round_: Round, event: ExtensionProposed) -> bool:
    """The calendar is no newer version, or its close is no later."""
    proposed, now = event.calendar, round_.calendar
    return proposed.version <= now.version or proposed.applications_close <= max(now.applications_close, event.at)


def keeps_its_dates(round_: Round, event: CalendarMoved) -> bool:
    """It is newer, keeps the close and does not bring the results forward: either takes an approved proposal."""
    moved, now = event.calendar, round_.calendar
    is_kept = moved.applications_close == now.applications_close and moved.results_at >= now.results_at
    return is_kept and calendar_is_newer(round_, event)


def take_dates(round_: Round, event: CalendarMoved) -> Round:
    """Go by the moved dates."""
    return round_.model_copy(update={"calendar": event.calendar})


def has_no_seat_to_give(round_: Round, event: SupplementProposed) -> bool:
    """No seat is free that nobody here may take, the calendar is no newer version, or it names this very round.

    Whoever waits has been offered every seat they may take: one that is free is barred to all of them by quotas.
    """
    is_older = event.calendar.version <= round_.calendar.version
    return round_.free == 0 or is_older or event.supplement == round_.round


def the_proposer(round_: Round) -> tuple[str, ...]:
    """Whoever proposed it."""
    return (round_.proposed_by,)


def its_proposal(round_: Round) -> str:
    """The calendar and the order that are proposed."""
    calendar = "" if round_.proposal is None else round_.proposal.model_dump_json()
    return f"{calendar} {round_.supplement} {round_.order}"


def take_proposal(round_: Round, event: ExtensionProposed) -> Round:
    """Keep the calendar that is proposed, and who proposed it."""
    return round_.model_copy(update={"proposal": event.calendar, "proposed_by": event.brought_by})


def take_extension(round_: Round, answered: QuestionAnswered) -> Round:
    """Go by the later dates, if they were approved and no newer ones have come meanwhile."""
    proposed = round_.proposal
    is_newer = proposed is not None and proposed.version > round_.calendar.version
    calendar = proposed if answered.answer and is_newer else round_.calendar
    return round_.model_copy(update={"calendar": calendar, "proposal": None})


def note_supplement(round_: Round, event: SupplementProposed) -> Round:
    """Keep what is proposed, and who proposed it."""
    return round_.model_copy(
        update={
            "proposal": event.calendar,
            "proposed_by": event.brought_by,
            "supplement": event.supplement,
            "order": event.order,
            "fresh": {},
        }
    )


def hand_over(round_: Round, answered: QuestionAnswered) -> Round:
    """Hand the free seats to the supplementary round, if that was approved, in one commit with letting go of them."""
    if not answered.answer:
        return round_.model_copy(update={"supplement": None, "order": "", "proposal": None, "fresh": {}})
    seats = round_.free
    merged = round_.waiting if round_.order == "merged" else ()
    waiting = () if merged else round_.waiting
    kept, passed_on = _split_quotas(round_)
    selection = round_.selection.model_copy(update={"quotas": kept})
    update = {"given": round_.given + seats, "sent": seats, "merged": merged, "waiting": waiting, "fresh": {}}
    return round_.model_copy(update={**update, "selection": selection, "passed_on": passed_on})


def _split_quotas(round_: Round) -> tuple[tuple[Quota, ...], tuple[Quota, ...]]:
    """Give the quotas that stay and those that go on, so that both rounds together keep within what was set."""
    held = seating_of(round_).held
    stay, go = [], []
    for quota in round_.selection.quotas:
        count = held[quota.field, quota.value]
        most = None if quota.maximum is None else min(quota.maximum, count)
        stay.append(quota.model_copy(update={"maximum": most}))
        rest = None if quota.maximum is None else max(quota.maximum - count, 0)
        go.append(quota.model_copy(update={"minimum": max(quota.minimum - count, 0), "maximum": rest}))
    return tuple(stay), tuple(go)


def the_supplement(round_: Round) -> Mapping[CaseId, RoundPlanned]:
    """The supplementary round, with the seats that are handed over and the dates that were approved."""
    if round_.supplement is None or round_.proposal is None:
        return {}
    planned = RoundPlanned(
        cohort=round_.cohort,
        programme=round_.programme,
        calendar=round_.proposal,
        terms=round_.terms.model_copy(update={"capacity": round_.sent}),
        selection=round_.selection.model_copy(update={"quotas": round_.passed_on}),
        former=round_.round,
    )
    return {round_.supplement: planned}


def those_merged(round_: Round) -> Mapping[CaseId, RoundMerged]:
    """Whoever waits here, if they are to be ranked together with the new applicants."""
    if round_.order != "merged" or round_.supplement is None or round_.proposal is None:
        return {}
    merged = RoundMerged(round=round_.supplement, calendar=round_.proposal)
    entries = entries_of(round_)
    return {entries[rank - 1].application: merged for rank in round_.merged}


def pass_on_seat(round_: Round, event: SeatReturned) -> Round:
    """Offer the freed seat to the next; if nobody here waits, hand it to the supplementary round."""
    handed = hand_on_seat(round_, event)
    if not handed.free:
        return handed.model_copy(update={"sent": 0, "sent_groups": {}})
    groups = dict(groups_in(round_, event.application))
    selection = shifted(handed.selection, groups, by=-1)
    update = {"given": handed.given + handed.free, "sent": handed.free, "sent_groups": groups, "selection": selection}
    return handed.model_copy(update=update)


def the_gainer(round_: Round) -> Mapping[CaseId, SeatsMoved]:
    """The supplementary round, if a seat was just handed to it."""
    if round_.supplement is None or not round_.sent:
        return {}
    return {round_.supplement: SeatsMoved(seats=round_.sent, groups=round_.sent_groups)}
