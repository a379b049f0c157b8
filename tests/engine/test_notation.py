"""The clauses, and what a workflow knows of itself once they are put together."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.events.application import OfferAccepted, OfferDeclined, ScoreRecorded
from schemas.events.engine import CalendarMoved
from schemas.events.enrolment import LearnerWithdrew, OnboardingFinished, Pitched
from schemas.events.seats import SeatReturned
from schemas.facts import Fact
from schemas.ids import CaseId
from schemas.notices.round import RankingDue, RoundOpened
from schemas.ranking import Ranking
from schemas.roles import CITY, LEAD, OPERATOR, PARTNERS, UNIVERSITY
from tests.support.errand import ENDINGS, GOES_ON, OPENS, Errand, Stage, errand, is_low, question, take_score
from workflows.definitions import LATEST
from workflows.engine.definition import Alarm, Ask, Notify, On, Ring, Send, State
from workflows.engine.moments import Moment
from workflows.engine.notation import Clause, after, ask, at, entry, final, notify, on, send, state, workflow


def a_date(errand: Errand) -> datetime:
    return errand.calendar.results_at


def a_length(_errand: Errand) -> timedelta:
    return timedelta(days=1)


def a_neighbour(_errand: Errand) -> CaseId:
    return CaseId("neighbour")


def nobody(_errand: Errand) -> tuple[str, ...]:
    return ()


# ---- clauses


def test_an_event_clause_says_what_it_answers_and_how() -> None:
    clause = on(ScoreRecorded, to=Stage.DONE, when=is_low, keep=take_score, do=[notify(OPERATOR, RankingDue)])

    assert clause.part == On(ScoreRecorded, "done", is_low, take_score, (Notify(OPERATOR, RankingDue),))


def test_an_event_clause_alone_only_takes_note() -> None:
    assert on(Pitched).part == On(Pitched, None, None, None, ())


def test_a_length_is_counted_from_the_arrival() -> None:
    assert after(days=1, hours=2, to=Stage.DONE).part == Ring(Moment(None, timedelta(hours=26)), "done", None, None, ())
    assert after(a_length, business_days=2).part == Ring(Moment(None, timedelta(0), a_length, 2), None, None, None, ())


def test_a_date_is_counted_from_the_facts() -> None:
    assert at(a_date, days=-1, hours=-2).part == Ring(
        Moment(a_date, timedelta(days=-1, hours=-2)), None, None, None, ()
    )


def test_a_question_to_one_role_needs_one_of_it_unless_a_quorum_is_named() -> None:
    one = ask(OPERATOR, "Is it done?", yes=Stage.DONE, no=None, due_days=1, escalate_to=LEAD).part
    two = ask(OPERATOR, "Is it done?", yes=Stage.DONE, no=None, due_business_days=1, quorum=2, not_by=nobody).part

    due, due_later = Moment(None, timedelta(days=1)), Moment(None, timedelta(0), None, 1)
    assert one == Ask((OPERATOR,), "Is it done?", "done", None, False, None, None, due, LEAD, False, None)
    assert two == Ask(
        (OPERATOR, OPERATOR), "Is it done?", "done", None, False, None, nobody, due_later, None, False, None
    )


def test_a_question_to_several_roles_needs_them_all() -> None:
    clause = ask((UNIVERSITY, CITY), "Is it done?", yes=None, no=Stage.DONE, in_order=True)

    assert clause.part == Ask(
        (UNIVERSITY, CITY), "Is it done?", None, "done", True, None, None, None, None, False, None
    )


def test_a_question_may_need_a_reason() -> None:
    clause = ask(OPERATOR, "Is it done?", yes=Stage.DONE, no=None, needs_reason=True)

    assert clause.part == Ask((OPERATOR,), "Is it done?", "done", None, False, None, None, None, None, True, None)
    assert shape_of(question(needs_reason=True)) != shape_of(question())


def shape_of(clause: Clause[Any]) -> str:
    return errand(clause, GOES_ON).fingerprint


def test_effects_are_told_and_sent() -> None:
    assert entry(notify(PARTNERS, RoundOpened), send(SeatReturned, to=a_neighbour)).part == (
        Notify(PARTNERS, RoundOpened),
        Send(SeatReturned, a_neighbour),
    )


def test_a_stage_gathers_its_clauses_by_kind_in_their_order() -> None:
    made = state(
        entry(notify(OPERATOR, RankingDue)),
        question(),
        on(Pitched),
        on(OfferAccepted, to=Stage.DONE),
        after(days=1),
        entry(notify(LEAD, RankingDue)),
        at(a_date, to=Stage.DONE),
    ).state

    assert made.entry == (Notify(OPERATOR, RankingDue), Notify(LEAD, RankingDue))
    assert [each.question for each in made.asks] == ["Is it done?"]
    assert [each.event for each in made.ons] == [Pitched, OfferAccepted]
    assert [each.moment.name for each in made.rings] == ["after_1d", "a_date"]
    assert made.is_final is False


def test_an_ending_takes_effects_and_clauses_in_any_order() -> None:
    made = final(on(Pitched), notify(OPERATOR, RankingDue)).state

    answers = On(Pitched, None, None, None, ())
    assert made == State(entry=(Notify(OPERATOR, RankingDue),), ons=(answers,), is_final=True)


@pytest.mark.parametrize("clause", [after(days=1), question(), entry(notify(OPERATOR, RankingDue))])
def test_only_events_open_a_case_or_hold_throughout(clause: Any) -> None:
    with pytest.raises(TypeError, match=r"only on\(...\) stands outside a state"):
        errand(GOES_ON, opens=[*OPENS, clause])
    with pytest.raises(TypeError, match=r"only on\(...\) stands outside a state"):
        errand(GOES_ON, throughout=[clause])


# ---- what a workflow knows


def test_clauses_are_named_by_their_event_and_numbered_where_there_are_several() -> None:
    made = errand(on(ScoreRecorded, when=is_low), on(Pitched), on(ScoreRecorded, to=Stage.DONE), GOES_ON)

    named = {event: [name for name, _ in clauses] for event, clauses in made.answers["first"].items()}

    assert named == {
        "ScoreRecorded": ["first.on.ScoreRecorded", "first.on.ScoreRecorded.1"],
        "Pitched": ["first.on.Pitched"],
    }


def test_what_holds_throughout_answers_only_where_the_stage_does_not_and_never_in_an_ending() -> None:
    states = {Stage.SECOND: state(on(LearnerWithdrew), GOES_ON), **ENDINGS}
    made = errand(on(Pitched, to=Stage.SECOND), GOES_ON, states=states, throughout=[on(LearnerWithdrew, to=Stage.DONE)])

    named = {stage: [name for name, _ in made.answers[stage].get("LearnerWithdrew", ())] for stage in made.states}

    assert named == {
        "first": ["throughout.on.LearnerWithdrew"],
        "second": ["second.on.LearnerWithdrew"],
        "done": [],
    }


def test_clauses_that_share_a_moment_share_an_alarm() -> None:
    made = errand(after(days=3, when=lambda _errand, _rang: True), after(hours=72, to=Stage.DONE), after(days=1))

    first, second = made.alarms["first"]

    assert (first.key, len(first.rings), first.ends_stage) == ("first.after_3d", 2, True)
    assert (second.key, len(second.rings), second.ends_stage) == ("first.after_1d", 1, False)
    assert isinstance(first, Alarm)


def test_ways_lead_out_of_a_stage_by_answers_events_and_timers() -> None:
    made = errand(question(no=None), on(Pitched, to=Stage.DONE), on(OfferDeclined), GOES_ON)

    assert made.ways == {
        "first": (("first.ask0.yes", "done"), ("first.on.Pitched", "done"), ("first.after_3d.0", "done")),
        "done": (),
    }


LONG = errand(
    on(Pitched, to=Stage.SECOND),
    GOES_ON,
    states={
        Stage.SECOND: state(on(OfferAccepted, to=Stage.THIRD), on(OfferDeclined, to=Stage.FIRST), GOES_ON),
        Stage.THIRD: state(on(ScoreRecorded), GOES_ON),
        Stage.DONE: final(on(CalendarMoved)),
    },
)


def test_a_stage_knows_what_may_still_come() -> None:
    assert LONG.reaches == {
        "first": {"first", "second", "third", "done"},
        "second": {"first", "second", "third", "done"},
        "third": {"done"},
        "done": frozenset(),
    }


def test_a_stage_knows_the_events_that_are_kept_if_they_come_early() -> None:
    everything = {"Pitched", "OfferAccepted", "OfferDeclined", "ScoreRecorded", "CalendarMoved"}

    assert LONG.later == {"first": everything, "second": everything, "third": {"CalendarMoved"}, "done": frozenset()}


def test_a_workflow_knows_every_event_that_it_answers_anywhere() -> None:
    made = errand(on(Pitched), GOES_ON, throughout=[on(LearnerWithdrew, to=Stage.DONE)])

    assert made.events == {"OnboardingFinished", "Pitched", "LearnerWithdrew"}


def test_a_workflow_knows_which_facts_lie_in_documents_of_their_own() -> None:
    class Ranked(Errand):
        ranking: Fact[Ranking] | None = None

    assert errand(GOES_ON, subject=Ranked).fact_fields == ("ranking",)
    assert {name: made.fact_fields for name, made in LATEST.items()} == {
        "appeal": (),
        "application": (),
        "data_request": (),
        "enrolment": (),
        "forum": (),
        "forum_registration": (),
        "interviews": (),
        "outcome": (),
        "review": (),
        "round": ("pool", "ranking"),
    }


# ---- fingerprints


def base(*more: Any, **others: Any) -> str:
    first = (on(ScoreRecorded, when=is_low, keep=take_score), on(ScoreRecorded), question(), GOES_ON)
    return errand(*first, *more, **others).fingerprint


def test_the_same_shape_has_the_same_fingerprint() -> None:
    assert base() == base()


def another_guard(_errand: Errand, _event: ScoreRecorded) -> bool:
    return False


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda: base(version=2), id="the version"),
        pytest.param(lambda: base(on(Pitched)), id="one more clause"),
        pytest.param(lambda: base(after(days=1)), id="one more timer"),
        pytest.param(lambda: base(opens=[on(Pitched, to=Stage.FIRST)]), id="the opening"),
        pytest.param(lambda: base(throughout=[on(LearnerWithdrew)]), id="what holds throughout"),
        pytest.param(lambda: base(states={Stage.DONE: final(notify(OPERATOR, RankingDue))}), id="an effect"),
        pytest.param(
            lambda: (
                errand(
                    on(ScoreRecorded, when=another_guard, keep=take_score), on(ScoreRecorded), question(), GOES_ON
                ).fingerprint
            ),
            id="a guard",
        ),
        pytest.param(
            lambda: (
                errand(
                    on(ScoreRecorded, when=is_low, keep=take_score), on(ScoreRecorded), question(quorum=2), GOES_ON
                ).fingerprint
            ),
            id="a quorum",
        ),
        pytest.param(
            lambda: (
                errand(
                    on(ScoreRecorded, when=is_low, keep=take_score),
                    on(ScoreRecorded),
                    question("Is it really done?"),
                    GOES_ON,
                ).fingerprint
            ),
            id="a question",
        ),
    ],
)
def test_another_shape_has_another_fingerprint(changed: Callable[[], str]) -> None:
    assert changed() != base()


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    assert errand(GOES_ON).fingerprint == "ed6d611fae744c15"


def test_a_workflow_that_is_changed_by_hand_knows_it_anew() -> None:
    made = errand(GOES_ON)
    before = made.fingerprint

    assert replace(made, version=2).fingerprint != before


def test_a_workflow_is_put_together_from_all_it_is_given() -> None:
    made = workflow(
        "errand",
        version=3,
        subject=Errand,
        opens=OPENS,
        states={Stage.FIRST: state(GOES_ON), Stage.DONE: final()},
        throughout=[on(LearnerWithdrew, to=Stage.DONE)],
    )

    assert (made.name, made.version, made.subject) == ("errand", 3, Errand)
    assert made.opens == (On(OnboardingFinished, "first", None, None, ()),)
    assert made.throughout == (On(LearnerWithdrew, "done", None, None, ()),)
    assert list(made.states) == ["first", "done"]
