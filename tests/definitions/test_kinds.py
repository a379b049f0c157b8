"""What a notice is told by says whether its letter may leave by itself."""

from collections.abc import Iterator

import pytest

from schemas.events.application import AppealUpheld, OfferMade
from schemas.notices import NOTICES, Kind
from schemas.roles import APPLICANT, LEARNER
from workflows.definitions import LATEST
from workflows.definitions.calendar import promotion_ends
from workflows.engine.definition import Ask, Notify, On, Order, Ring, Send, Workflow

PEOPLE = {APPLICANT, LEARNER}
EVERY_CLAUSE = [
    (workflow, clause)
    for workflow in LATEST.values()
    for clause in (
        *(clause for state in workflow.states.values() for clause in (*state.ons, *state.rings)),
        *workflow.opens,
        *workflow.throughout,
    )
]


def of_kind(kind: Kind) -> set[str]:
    return {name for name, notice in NOTICES.items() if notice.kind == kind}


def tells_a_result(orders: tuple[Order, ...]) -> bool:
    return any(isinstance(order, Notify) and order.notice.kind == "result" for order in orders)


def sent_by_the_round() -> set[type]:
    orders = [order for state in LATEST["round"].states.values() for order in state.entry]
    orders += [order for workflow, clause in EVERY_CLAUSE if workflow.name == "round" for order in clause.do]
    return {order.event for order in orders if isinstance(order, Send)}


def clauses_into(workflow: Workflow, stage: str) -> Iterator[On | Ring]:
    yield from (clause for of, clause in EVERY_CLAUSE if of is workflow and clause.to == stage)


def test_results_and_decisions_are_these_and_no_others() -> None:
    assert of_kind("result") == {
        *("SeatOffered", "Waitlisted", "NoSeat", "WaitlistEnded"),
        *("ApplicationIneligible", "WaitlistSkipped"),
    }
    assert of_kind("decision") == {
        *("ApplicationLate", "ClaimRefused"),
        *("AppealInadmissible", "AppealDismissed", "AppealAccepted"),
        *("GateFailed", "NoShowConfirmed", "ProgrammeCompleted"),
    }


def test_what_goes_to_people_is_no_report_and_what_goes_to_others_is_nothing_else() -> None:
    orders = [order for _, clause in EVERY_CLAUSE for order in clause.do]
    orders += [order for workflow in LATEST.values() for state in workflow.states.values() for order in state.entry]

    told = {(order.role in PEOPLE, order.notice.kind == "report") for order in orders if isinstance(order, Notify)}

    assert told == {(True, False), (False, True)}


@pytest.mark.parametrize(
    ("workflow", "clause"), [(workflow, clause) for workflow, clause in EVERY_CLAUSE if tells_a_result(clause.do)]
)
def test_a_result_follows_what_the_round_says_once_its_list_is_published_or_the_end_of_its_seats(
    workflow: Workflow, clause: On | Ring
) -> None:
    assert workflow.name == "application"
    if isinstance(clause, Ring):
        assert clause.moment.anchor is promotion_ends
    else:
        assert clause.event in sent_by_the_round()
        assert clause.event.by == ()


def telling_on_arrival() -> dict[str, Workflow]:
    return {
        stage: workflow
        for workflow in LATEST.values()
        for stage, state in workflow.states.items()
        if tells_a_result(state.entry)
    }


def asks_of(workflow: Workflow) -> list[Ask]:
    return [ask for state in workflow.states.values() for ask in state.asks]


def test_a_seat_is_offered_on_arrival_in_a_stage_that_only_an_offer_leads_to() -> None:
    telling = telling_on_arrival()

    assert telling.keys() == {"offered", "ineligible_appealable", "skipped"}
    assert {workflow.name for workflow in telling.values()} == {"application"}
    into = list(clauses_into(telling["offered"], "offered"))
    assert {clause.event for clause in into if isinstance(clause, On)} == {OfferMade}
    assert not any(isinstance(clause, Ring) for clause in into)
    assert not any("offered" in (ask.yes, ask.no) for ask in asks_of(telling["offered"]))


@pytest.mark.parametrize("stage", ["ineligible_appealable", "skipped"])
def test_a_no_is_told_on_arrival_in_a_stage_that_only_people_with_a_reason_lead_to(stage: str) -> None:
    workflow = telling_on_arrival()[stage]
    asks = [ask for ask in asks_of(workflow) if stage in (ask.yes, ask.no)]
    told = [order.notice for order in workflow.states[stage].entry if isinstance(order, Notify)]

    assert list(clauses_into(workflow, stage)) == []
    assert asks
    assert {(ask.yes, ask.needs_reason, ask.not_by is not None) for ask in asks} == {(stage, True, True)}
    assert all("appeal_by" in notice.model_fields for notice in told)
    # It can be appealed against there.
    assert not workflow.states[stage].is_final
    assert any(clause.event is AppealUpheld for clause in workflow.states[stage].ons)
