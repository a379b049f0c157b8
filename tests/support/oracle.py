"""What must be true of a store whatever happened to it.  The codes are those of reliability.md, C1."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from functions.embedded import Embedded
from schemas.ids import CaseId
from schemas.messages import Case, Entry, Message, Notice
from schemas.round import Round
from tests.support.faults import Plan
from workflows.engine.history import messages_of, notices_of, ring_message_id, timers_of
from workflows.runtime.verify import verify

HOLDING = {"offered", "accepted", "enrolled"}
"""Stages in which an applicant has been told of a seat and has not given it back."""

Histories = Mapping[CaseId, list[Entry]]


def violations(embedded: Embedded, plan: Plan, elsewhere: Collection[str] = ()) -> list[str]:
    """Name everything that does not hold, once everything was delivered.

    Args:
        embedded: The store.
        plan: What went out.
        elsewhere: The workflows whose cases are not played, so that nothing sent to them is ever heard.
    """
    ports = embedded.ports
    cases = {case.id: case for case in ports.cases.find()}
    histories = {
        case_id: [Entry.model_validate_json(text) for text, _ in ports.cases.history(case_id)] for case_id in cases
    }
    proofs = verify(cases.values(), ports.cases, ports.facts)
    return [
        *(f"I3, I4: {finding}" for _, finding in proofs if finding is not None),
        *_repeats(histories),
        *_messages(cases, histories, plan, elsewhere),
        *_notices(cases, histories, plan),
        *_alarms(histories, plan),
        *_seats(cases.values()),
    ]


def _repeats(histories: Histories) -> Iterator[str]:
    counted = Counter((case, entry.message.id) for case, entries in histories.items() for entry in entries)
    yield from (f"I2: {key} has {count} entries" for key, count in counted.items() if count > 1)


def _messages(
    cases: Mapping[CaseId, Case], histories: Histories, plan: Plan, elsewhere: Collection[str]
) -> Iterator[str]:
    ordered: dict[str, Message] = {}
    for case, entries in histories.items():
        ordered |= {each.id: each for entry in entries for each in messages_of(entry, case)}
    sent = {each.id: each for each in plan.published if each.actor.kind == "case"}
    yield from (f"I9: {each} was ordered and never sent" for each in sorted(ordered.keys() - sent.keys()))
    yield from (f"I8: {each} was sent and never ordered" for each in sorted(sent.keys() - ordered.keys()))
    yield from (f"I10: {each.id} has two contents" for each in plan.published if sent.get(each.id, each) != each)
    heard = {(case, entry.message.id) for case, entries in histories.items() for entry in entries}
    for each in ordered.values():
        if (each.case, each.id) not in heard and (each.case in cases or "enrolment" not in elsewhere):
            yield f"I1: {each} was sent and never heard"


def _notices(cases: Mapping[CaseId, Case], histories: Histories, plan: Plan) -> Iterator[str]:
    ordered: dict[str, Notice] = {}
    for case, entries in histories.items():
        ordered |= {each.id: each for entry in entries for each in notices_of(entry, cases[case])}
    told = {each.id: each for each in plan.told}
    yield from (f"I9: {each} was ordered and never told" for each in sorted(ordered.keys() - told.keys()))
    yield from (f"I8: {each} was told and never ordered" for each in sorted(told.keys() - ordered.keys()))
    yield from (f"I10: {each.id} has two contents" for each in plan.told if told[each.id] != each)


def _alarms(histories: Histories, plan: Plan) -> Iterator[str]:
    set_by_now = {ring_message_id(each.case, each.key, each.timer) for each in plan.started}
    ordered = {
        ring_message_id(case, key, timer)
        for case, entries in histories.items()
        for entry in entries
        for key, timer in timers_of(entry)
    }
    yield from (f"I8: alarm {each} was set and never ordered" for each in sorted(set_by_now - ordered))


def _seats(cases: Collection[Case]) -> Iterator[str]:
    for each in (case for case in cases if case.workflow == "round"):
        round_ = Round.model_validate_json(each.subject)
        capacity = round_.capacity + len(round_.extra)
        given = [*round_.offers, *round_.taken]
        if len(given) > capacity:
            yield f"I6: round [{each.id}] gave away {given}"
        holding = [case.id for case in cases if case.round == each.id and case.stage in HOLDING]
        if len(holding) > capacity:
            yield f"I6: {holding} hold a seat of round [{each.id}]"
