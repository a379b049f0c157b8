"""Every fault that a workflow can have is seeded into a small one, and named in the same words each time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.events import EVENTS, Event
from schemas.events.application import OfferAccepted, OfferMade, ScoreRecorded
from schemas.events.enrolment import AttendanceRecorded, LearnerWithdrew, OnboardingFinished, Pitched
from schemas.events.seats import SeatReturned
from schemas.ids import CaseId
from schemas.notices import NOTICES, NoticeBody, Personal
from schemas.notices.application import SeatOffered
from schemas.notices.engine import QuestionOverdue
from schemas.notices.round import RankingDue, RoundOpened
from schemas.record import Record
from schemas.roles import APPLICANT, LEAD, OPERATOR, PARTNERS, Role
from tests.support.errand import ENDINGS, GOES_ON, OPENS, Errand, Stage, errand, is_high, is_low, question, the_close
from workflows import definitions
from workflows.definitions import LATEST, faults
from workflows.engine.check import DefinitionError, Fault, check, check_all
from workflows.engine.notation import Clause, StateOf, after, at, entry, final, notify, on, send, state, workflow


class Bare(Record):
    errand: CaseId


def is_early(_errand: Any, _rang: Event) -> bool:
    return True


def a_neighbour(_errand: Errand) -> CaseId:
    return CaseId("neighbour")


def the_neighbours(_errand: Errand) -> Mapping[CaseId, SeatReturned]:
    return {}


def faults_of(*first: Clause[Any], **others: Any) -> list[str]:
    """What `check` names in a workflow that cannot be made."""
    with pytest.raises(DefinitionError) as raised:
        errand(*first, **others)
    return [str(fault) for fault in raised.value.faults]


# ---- none


def test_a_sound_workflow_has_no_faults() -> None:
    sound = errand(on(Pitched, to=Stage.DONE), question(), GOES_ON)

    assert check(sound) == []


def test_the_released_workflows_have_no_faults_alone() -> None:
    assert {name: check(workflow) for name, workflow in LATEST.items()} == {key: [] for key in LATEST}


def test_the_released_workflows_have_no_faults_together() -> None:
    assert faults() == []


# ---- how a case begins


def test_a_workflow_that_no_event_opens_is_named() -> None:
    named = faults_of(GOES_ON, opens=())

    assert named == [
        "errand.opens: no event opens a case (never_opens)",
        "errand.first: no clause leads here (unreachable)",
        "errand.done: no clause leads here (unreachable)",
    ]


def test_an_event_that_opens_a_case_nowhere_is_named() -> None:
    named = faults_of(GOES_ON, opens=[on(OnboardingFinished), *[on(Pitched, to=Stage.FIRST)]])

    assert named == ["errand.opens: [OnboardingFinished] opens a case, but names no stage (opens_nowhere)"]


def test_an_event_that_opens_a_case_in_no_known_stage_is_named() -> None:
    named = faults_of(GOES_ON, opens=[*OPENS, on(Pitched, to=Stage.NOWHERE)])

    assert named == ["errand.opens: [nowhere] is no stage (unknown_stage)"]


def test_a_subject_without_a_field_for_the_cases_id_is_named() -> None:
    class Nameless(Record):
        pass

    named = faults_of(GOES_ON, subject=Nameless)

    assert named == ["errand.opens: [Nameless] needs the field [errand] for the case's id (subject)"]


def test_a_field_that_the_subject_needs_and_the_opening_event_lacks_is_named() -> None:
    class Demanding(Errand):
        share: float
        colour: str

    named = faults_of(GOES_ON, subject=Demanding, opens=[on(AttendanceRecorded, to=Stage.FIRST)])

    assert named == [
        "errand.opens: [AttendanceRecorded] does not bring [colour], which the subject needs (subject)",
    ]


def test_openings_that_leave_a_message_without_a_stage_are_named() -> None:
    named = faults_of(GOES_ON, opens=[on(ScoreRecorded, when=is_low, to=Stage.FIRST)])

    assert named == [
        "errand.opens: [ScoreRecorded] is unanswered when no guard holds: end without a guard (guards_not_exhaustive)",
    ]


# ---- stages and ways


def test_a_clause_that_leads_to_no_known_stage_is_named() -> None:
    named = faults_of(on(Pitched, to=Stage.NOWHERE), GOES_ON)

    assert named == [
        "errand.first: [first.on.Pitched] leads to [nowhere], which is no stage (unknown_stage)",
    ]


def test_a_timer_or_an_answer_that_leads_to_no_known_stage_is_named() -> None:
    named = faults_of(GOES_ON, question(no=Stage.NOWHERE), after(days=9, to=Stage.NOWHERE))

    assert named == [
        "errand.first: [first.ask0.no] leads to [nowhere], which is no stage (unknown_stage)",
        "errand.first: [first.after_9d.0] leads to [nowhere], which is no stage (unknown_stage)",
    ]


def test_a_stage_that_no_clause_leads_to_is_named() -> None:
    named = faults_of(GOES_ON, states={**ENDINGS, Stage.SECOND: final()})

    assert named == ["errand.second: no clause leads here (unreachable)"]


def test_a_stage_that_only_itself_leads_to_is_unreachable() -> None:
    named = faults_of(GOES_ON, states={**ENDINGS, Stage.SECOND: state(on(Pitched, to=Stage.SECOND), GOES_ON)})

    assert named == ["errand.second: no clause leads here (unreachable)"]


def test_a_stage_that_no_clause_leads_out_of_is_named() -> None:
    named = faults_of(on(Pitched), after(days=3), states={})

    assert named == ["errand.first: no clause leads out of this stage and it is not final (dead_end)"]


def test_a_stage_from_which_no_ending_can_be_reached_is_named() -> None:
    circle = {Stage.SECOND: state(on(Pitched, to=Stage.FIRST), after(days=3))}

    named = faults_of(on(Pitched, to=Stage.SECOND), after(days=3), states=circle)

    assert named == [
        "errand.first: no ending can be reached from here (dead_end)",
        "errand.second: no ending can be reached from here (dead_end)",
    ]


def test_an_ending_that_a_clause_leads_out_of_is_named() -> None:
    left = "an ending is never left: it may answer events, but not go on or wait"

    def named(part: Clause[Any]) -> list[str]:
        return faults_of(GOES_ON, states={Stage.DONE: final(part)})

    assert named(on(Pitched, to=Stage.FIRST)) == [f"errand.done: {left} (ending_left)"]
    assert named(after(days=1)) == [f"errand.done: {left} (ending_left)"]
    assert named(question(yes=None, no=Stage.DONE)) == [f"errand.done: {left} (ending_left)"]


def test_an_ending_may_answer_events() -> None:
    assert check(errand(GOES_ON, states={Stage.DONE: final(on(Pitched))})) == []


def test_a_way_that_holds_throughout_leads_out_of_every_stage_but_the_endings() -> None:
    withdraws = [on(LearnerWithdrew, to=Stage.DONE)]

    assert check(errand(after(days=3), throughout=withdraws)) == []


def test_timers_that_lead_in_a_circle_are_named() -> None:
    circle = {Stage.SECOND: state(after(days=1, to=Stage.FIRST), on(Pitched, to=Stage.DONE)), **ENDINGS}

    named = faults_of(at(the_close, days=2, to=Stage.SECOND), states=circle)

    assert named == [
        "errand.first: timers alone lead from here back to here (unbounded_loop)",
        "errand.second: timers alone lead from here back to here (unbounded_loop)",
    ]


def test_a_timer_that_leads_back_to_its_own_stage_is_named() -> None:
    named = faults_of(after(days=1, to=Stage.FIRST), on(Pitched, to=Stage.DONE))

    assert named == ["errand.first: timers alone lead from here back to here (unbounded_loop)"]


def test_a_circle_that_somebody_has_to_walk_is_sound() -> None:
    circle = {Stage.SECOND: state(on(Pitched, to=Stage.FIRST), GOES_ON), **ENDINGS}

    assert check(errand(after(days=1, to=Stage.SECOND), states=circle)) == []


# ---- deadlines


def test_a_stage_that_may_wait_for_ever_is_named() -> None:
    named = faults_of(on(Pitched, to=Stage.DONE))

    assert named == [
        "errand.first: a case may wait here for ever: add after(...), at(...) or a due question (no_deadline)",
    ]


def test_a_due_question_is_deadline_enough() -> None:
    assert check(errand(question())) == []


def test_a_seat_that_is_offered_without_an_end_is_named() -> None:
    def holds(*parts: Clause[Any]) -> dict[Stage, StateOf[Any]]:
        return {Stage.SECOND: state(on(OfferAccepted, to=Stage.DONE), *parts), **ENDINGS}

    named = faults_of(on(OfferMade, to=Stage.SECOND), GOES_ON, states=holds(after(days=3)))

    assert named == [
        (
            "errand.second: [first.on.OfferMade] offers a seat, but [second] holds it for ever: "
            "end it with after(...) or at(...) (offer_without_expiry)"
        ),
    ]
    assert check(errand(on(OfferMade, to=Stage.SECOND), GOES_ON, states=holds(GOES_ON))) == []


def test_working_days_without_a_calendar_are_named() -> None:
    named = faults_of(question(due_days=0, due_business_days=2), after(business_days=3, to=Stage.DONE), subject=Bare)

    assert named == [
        "errand.first: [after_2bd] counts working days, but [Bare] has no [calendar] with holidays (no_calendar)",
        "errand.first: [after_3bd] counts working days, but [Bare] has no [calendar] with holidays (no_calendar)",
    ]


# ---- questions


def test_a_question_without_a_due_date_or_nobody_to_escalate_to_is_named() -> None:
    text = "errand.first: [Is it done?] names no due date or nobody to escalate to (no_escalation)"

    assert faults_of(question(due_days=0), GOES_ON) == [text]
    assert faults_of(question(escalate_to=None), GOES_ON) == [text]


def test_a_quorum_larger_than_its_role_is_named() -> None:
    named = faults_of(question(quorum=OPERATOR.people + 1))

    assert named == ["errand.first: [Is it done?] needs 3 of [operator], who are 2 (quorum)"]
    assert check(errand(question(quorum=OPERATOR.people))) == []


def test_a_question_to_a_role_that_answers_none_is_named() -> None:
    named = faults_of(question(role=(OPERATOR, APPLICANT)))

    assert named == ["errand.first: [Is it done?] is put to [applicant], who answer no questions (quorum)"]


def test_a_question_that_leads_nowhere_is_named() -> None:
    named = faults_of(question(yes=None, no=None), GOES_ON)

    assert named == ["errand.first: [Is it done?] leads nowhere, whatever the answer (question)"]


def test_a_question_that_a_stage_puts_twice_is_named() -> None:
    named = faults_of(question(), question(role=LEAD))

    assert named == ["errand.first: [Is it done?] is put twice, so an answer could mean either (question)"]


# ---- guards


def test_a_clause_without_a_guard_before_another_is_named() -> None:
    named = faults_of(on(ScoreRecorded), on(ScoreRecorded, to=Stage.DONE), GOES_ON)

    assert named == ["errand.first: [ScoreRecorded] has a clause without a guard before another (guards_overlap)"]


def test_two_clauses_with_the_same_guard_are_named() -> None:
    named = faults_of(
        on(ScoreRecorded, when=is_low), on(ScoreRecorded, when=is_low, to=Stage.DONE), on(ScoreRecorded), GOES_ON
    )

    assert named == ["errand.first: [ScoreRecorded] has two clauses with the same guard (guards_overlap)"]


def test_guards_that_leave_an_event_unanswered_are_named() -> None:
    named = faults_of(
        on(ScoreRecorded, when=is_low), on(ScoreRecorded, when=is_high, to=Stage.DONE), after(days=3, to=Stage.DONE)
    )

    assert named == [
        "errand.first: [ScoreRecorded] is unanswered when no guard holds: end without a guard (guards_not_exhaustive)",
    ]


def test_guards_that_hold_throughout_are_checked_where_they_hold() -> None:
    named = faults_of(GOES_ON, throughout=[on(ScoreRecorded, when=is_low)])

    assert named == [
        "errand.first: [ScoreRecorded] is unanswered when no guard holds: end without a guard (guards_not_exhaustive)",
    ]


def test_a_timer_that_might_not_end_the_stage_it_should_end_is_named() -> None:
    named = faults_of(after(days=3, when=is_early, to=Stage.DONE))

    assert named == [
        "errand.first: [after_3d] is unanswered when no guard holds: end without a guard (guards_not_exhaustive)",
    ]


def test_a_timer_that_only_reminds_may_have_a_guard_alone() -> None:
    assert check(errand(after(days=1, when=is_early), GOES_ON)) == []


def test_two_moments_that_would_share_a_name_are_named() -> None:
    def soon() -> Clause[Any]:
        def the_day(errand: Errand) -> datetime:
            return errand.calendar.results_at

        return at(the_day)

    named = faults_of(soon(), soon(), GOES_ON)

    assert named == [
        "errand.first: [the_day] names two moments, so one timer would replace the other (same_name)",
    ]


# ---- effects


def test_a_notice_field_that_the_subject_lacks_is_named() -> None:
    named = faults_of(entry(notify(APPLICANT, SeatOffered)), GOES_ON)

    assert named == ["errand.first: [SeatOffered] tells [answer_by], which [Errand] lacks (missing_field)"]


def test_a_property_of_the_subject_may_be_told() -> None:
    class UrgencyTold(NoticeBody):
        is_urgent: bool

    assert check(errand(entry(notify(OPERATOR, UrgencyTold)), GOES_ON)) == []


def test_an_event_field_that_the_subject_lacks_is_named_wherever_it_is_sent() -> None:
    sends = send(SeatReturned, to=a_neighbour)
    text = "[SeatReturned] carries [application], which [Errand] lacks (missing_field)"
    why = "[SeatReturned] carries [why], which [Errand] lacks (missing_field)"

    assert faults_of(entry(sends), GOES_ON) == [f"errand.first: {text}", f"errand.first: {why}"]
    assert faults_of(on(Pitched, do=[sends]), GOES_ON) == [f"errand.first: {text}", f"errand.first: {why}"]
    assert faults_of(after(days=3, do=[sends], to=Stage.DONE)) == [f"errand.first: {text}", f"errand.first: {why}"]
    assert faults_of(GOES_ON, opens=[on(Pitched, do=[sends], to=Stage.FIRST)]) == [f"errand: {text}", f"errand: {why}"]
    assert faults_of(GOES_ON, throughout=[on(Pitched, do=[sends])]) == [f"errand: {text}", f"errand: {why}"]


def test_recipients_that_come_with_their_events_need_no_fields() -> None:
    assert check(errand(entry(send(SeatReturned, to=the_neighbours)), GOES_ON)) == []


def test_a_personal_field_in_a_notice_to_partners_is_named() -> None:
    class Praised(NoticeBody):
        cohort: Personal

    named = faults_of(entry(notify(PARTNERS, Praised), notify(OPERATOR, Praised)), GOES_ON)

    assert named == ["errand.first: [Praised] would tell [partners] the personal [cohort] (personal_field)"]


def test_a_notice_to_a_role_that_nothing_reaches_is_named() -> None:
    named = faults_of(entry(notify(Role("press", is_reachable=False), RankingDue)), GOES_ON)

    assert named == ["errand.first: [RankingDue] goes to [press], whom nothing reaches (nobody_receives)"]


# ---- all at once


def test_every_fault_is_named_at_once_and_in_reading_order() -> None:
    states = {Stage.DONE: final(after(days=1)), Stage.SECOND: state(question(quorum=3, escalate_to=None))}

    with pytest.raises(DefinitionError) as raised:
        errand(entry(notify(APPLICANT, SeatOffered)), on(Pitched, to=Stage.NOWHERE), states=states)

    assert str(raised.value).splitlines() == [
        "workflow [errand] version [1] has 9 faults:",
        "  - errand.first: [first.on.Pitched] leads to [nowhere], which is no stage (unknown_stage)",
        "  - errand.first: no ending can be reached from here (dead_end)",
        "  - errand.first: a case may wait here for ever: add after(...), at(...) or a due question (no_deadline)",
        "  - errand.first: [SeatOffered] tells [answer_by], which [Errand] lacks (missing_field)",
        "  - errand.done: an ending is never left: it may answer events, but not go on or wait (ending_left)",
        "  - errand.second: [Is it done?] names no due date or nobody to escalate to (no_escalation)",
        "  - errand.second: [Is it done?] needs 3 of [operator], who are 2 (quorum)",
        "  - errand.done: no clause leads here (unreachable)",
        "  - errand.second: no clause leads here (unreachable)",
    ]


# ---- between workflows


ANSWERS_OFFERS = errand(on(OfferMade, to=Stage.DONE), on(SeatReturned), GOES_ON)
OFFERS = {"OfferMade": OfferMade, "SeatReturned": SeatReturned}


def test_an_event_that_a_stage_waits_for_and_nobody_sends_is_named() -> None:
    found = check_all([ANSWERS_OFFERS], OFFERS, {})

    text = "a stage waits for this event, but no case sends it and nobody outside brings it"
    assert found == [Fault("nobody_sends", "OfferMade", text), Fault("nobody_sends", "SeatReturned", text)]


def test_an_event_that_is_sent_or_brought_and_that_no_stage_answers_is_named() -> None:
    found = check_all([errand(GOES_ON)], {"OnboardingFinished": OnboardingFinished, "Pitched": Pitched}, {})

    text = "this event is brought or sent, but no stage of any workflow answers it"
    assert found == [Fault("nobody_answers", "Pitched", text)]


def test_the_engines_own_events_need_nobody_to_send_or_answer_them() -> None:
    own = {name: EVENTS[name] for name in ("TimerRang", "QuestionAnswered", "CalendarMoved")}

    assert check_all([errand(GOES_ON)], own, {}) == []


def test_a_notice_that_no_workflow_tells_anybody_is_named() -> None:
    told = errand(entry(notify(PARTNERS, RoundOpened)), GOES_ON)
    notices = {each.__name__: each for each in (RoundOpened, RankingDue, QuestionOverdue)}

    found = check_all([told], {}, notices)

    assert found == [Fault("nobody_receives", "RankingDue", "no workflow tells this notice to anybody")]


def test_effects_at_an_opening_and_throughout_count_as_sent_and_told() -> None:
    opens = [on(OnboardingFinished, do=[notify(PARTNERS, RoundOpened)], to=Stage.FIRST)]
    throughout = [on(Pitched, do=[send(SeatReturned, to=the_neighbours)])]
    workflows = [errand(on(SeatReturned), GOES_ON, opens=opens, throughout=throughout)]

    assert check_all(workflows, {"SeatReturned": SeatReturned}, {"RoundOpened": RoundOpened}) == []


def test_an_event_that_opens_cases_of_two_workflows_is_named() -> None:
    class Chore(Record):
        chore: CaseId

    other = workflow(
        "chore", version=1, subject=Chore, opens=OPENS, states={Stage.FIRST: state(GOES_ON), Stage.DONE: final()}
    )

    found = check_all([errand(GOES_ON), other], {"OnboardingFinished": OnboardingFinished}, {})

    text = "this event opens cases of ['chore', 'errand']: which one is meant?"
    assert found == [Fault("opens_two", "OnboardingFinished", text)]


def test_every_event_and_notice_of_ours_is_covered() -> None:
    assert check_all([], EVENTS, NOTICES) != []
    assert check_all(LATEST.values(), EVENTS, NOTICES) == []


def test_a_table_that_says_otherwise_than_the_workflows_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    opened_by = {
        "AppealFiled": LATEST["round"],
        "ApplicationSubmitted": LATEST["application"],
        "Pitched": LATEST["forum"],
    }
    monkeypatch.setattr(definitions, "OPENED_BY", opened_by)
    monkeypatch.setattr(definitions, "WORKFLOWS", {("round", 2): LATEST["round"]})

    found = {fault.where: fault.code for fault in faults()}

    assert found["round 2"] == found["AppealFiled"] == found["Pitched"] == found["DataRequested"] == "misnamed"
    assert "ApplicationSubmitted" not in found


def test_a_length_that_is_configured_counts_as_a_deadline() -> None:
    def the_window(_errand: Errand) -> timedelta:
        return timedelta(days=2)

    assert check(errand(after(the_window, to=Stage.DONE))) == []
