"""One message, one case, one commit, then the effects: once, however often it comes and whatever breaks in between."""

from dataclasses import replace
from typing import Any

import pytest

from functions.adapters.local.sqlite_queue import ATTEMPTS_MAX
from functions.embedded import Embedded
from schemas.events.application import ApplicationWithdrew, OfferAccepted
from schemas.events.enrolment import Pitched
from schemas.events.round import RankingFrozen, RoundPlanned
from schemas.facts import Fact
from schemas.ids import CaseId, FactId, PersonId
from schemas.messages import Message
from tests.support.cohort import CALENDAR, DAY, GRACE, HOUR, MINUTE, TERMS
from tests.support.faults import Crash, Plan, names, once, reborn, thrice
from tests.support.office import ROUND, Office
from tests.support.oracle import violations
from tests.support.submitted import a_submission
from workflows.definitions import LATEST
from workflows.engine.history import EntryTooLargeError, Sealed
from workflows.runtime.advance import advance, look_ahead, pinned, workflow_of
from workflows.runtime.errors import Busy, CaseMoved, SameIdOtherContent, Unavailable, UnknownCase, UnknownFact
from workflows.runtime.ports import Seen

APPLICATION = CaseId("application-1")
FORM = a_submission(person=PersonId("person-1"))


@pytest.fixture
def office(embedded: Embedded) -> Office:
    embedded.clock.turn(CALENDAR.applications_open + DAY)
    return Office(embedded)


def snapshot(office: Office) -> tuple[Any, ...]:
    """All that is kept of a case."""
    return office.case(APPLICATION), list(office.ports.cases.history(APPLICATION))


# ---- once


def test_a_message_is_applied_and_its_effects_are_carried_out(office: Office) -> None:
    plan = Plan()
    message = office.message(APPLICATION, FORM)

    entry = advance(message, plan.watched(office.ports))

    assert (entry.verdict, entry.message, entry.heard_at) == ("applied", message, office.now)
    assert office.stage(APPLICATION) == "submitted"
    assert names(plan.calls) == ["cases.commit", "publisher.publish", "timers.start"]
    assert [(notice.type, notice.role) for notice in plan.told] == [("ApplicationReceived", "applicant")]
    assert [(alarm.case, alarm.key) for alarm in plan.started] == [(APPLICATION, "submitted.form_closes")]


def test_a_transition_takes_one_read_and_one_commit(office: Office) -> None:
    advance(office.message(APPLICATION, FORM), office.ports)
    plan = Plan()

    advance(office.message(APPLICATION, ApplicationWithdrew()), plan.watched(office.ports))

    assert plan.calls == ["cases.get", "cases.commit", "publisher.publish"]


def test_a_message_without_effects_calls_nobody(office: Office) -> None:
    advance(office.message(APPLICATION, FORM), office.ports)
    plan = Plan()

    entry = advance(office.message(APPLICATION, Pitched()), plan.watched(office.ports))

    assert (entry.verdict, entry.reason) == ("rejected", "nobody_answers: Pitched")
    assert plan.calls == ["cases.get", "cases.commit"]


def test_a_message_that_comes_again_changes_nothing_and_repeats_its_effects_under_the_same_keys(
    office: Office,
) -> None:
    first, second = Plan(), Plan()
    message = office.message(APPLICATION, FORM)
    entry = advance(message, first.watched(office.ports))
    before = snapshot(office)
    office.embedded.clock.turn(office.now + HOUR)

    again = advance(message, second.watched(office.ports))

    assert again == entry
    assert snapshot(office) == before
    assert (second.published, second.told, second.started) == (first.published, first.told, first.started)


def test_a_message_that_comes_again_after_the_case_has_moved_on_repeats_what_it_did_then(office: Office) -> None:
    first, second = Plan(), Plan()
    message = office.message(APPLICATION, FORM)
    advance(message, first.watched(office.ports))
    advance(office.message(APPLICATION, ApplicationWithdrew()), office.ports)
    before = snapshot(office)

    advance(message, second.watched(office.ports))

    assert snapshot(office) == before
    assert second.told == first.told


def test_a_repeat_is_known_by_what_it_says_and_not_by_when_it_says_it(office: Office) -> None:
    message = office.message(APPLICATION, FORM)
    entry = advance(message, office.ports)

    later = message.model_copy(update={"at": message.at + MINUTE})

    assert advance(later, office.ports) == entry


@pytest.mark.parametrize(
    "changed",
    [{"type": "ApplicationWithdrew", "data": {}}, {"data": {**FORM.model_dump(mode="json"), "answers": "other"}}],
)
def test_another_content_under_the_same_id_is_refused(office: Office, changed: dict[str, Any]) -> None:
    message = office.message(APPLICATION, FORM)
    advance(message, office.ports)
    before = snapshot(office)

    with pytest.raises(SameIdOtherContent, match=rf"\[{message.id}\] in \[application-1\]"):
        advance(message.model_copy(update=changed), office.ports)

    assert snapshot(office) == before


def test_every_verdict_is_remembered(office: Office) -> None:
    advance(office.message(APPLICATION, FORM), office.ports)
    early, lost = office.message(APPLICATION, OfferAccepted()), office.message(APPLICATION, Pitched())
    parked, rejected = advance(early, office.ports), advance(lost, office.ports)
    before = snapshot(office)

    assert (advance(early, office.ports), advance(lost, office.ports)) == (parked, rejected)
    assert snapshot(office) == before


def test_effects_that_go_to_people_name_the_person_and_never_more(office: Office) -> None:
    plan = Plan()

    advance(office.message(APPLICATION, FORM), plan.watched(office.ports))

    (notice,) = plan.told
    assert (notice.person, notice.workflow, notice.data.keys()) == (
        "person-1",
        "application",
        {"applications_close", "results_at"},
    )


def test_alarms_are_set_no_further_ahead_than_the_alarm_clock_can_look(office: Office) -> None:
    plan = Plan()
    event = RoundPlanned(cohort="2027", programme="ai", calendar=CALENDAR, terms=TERMS)
    office.embedded.clock.turn(CALENDAR.applications_open - 29 * DAY + GRACE)
    advance(office.message(CaseId("near"), event), plan.watched(office.ports))
    office.embedded.clock.turn(CALENDAR.applications_open - 29 * DAY + GRACE - MINUTE)

    advance(office.message(CaseId("far"), event), plan.watched(office.ports))

    assert [alarm.case for alarm in plan.started] == ["near"]


# ---- cases that are not there


def test_a_message_to_no_case_that_opens_none_is_tried_again_later(office: Office) -> None:
    with pytest.raises(UnknownCase, match=r"\[nowhere\], and \[OfferAccepted\] opens none"):
        advance(office.message(CaseId("nowhere"), OfferAccepted()), office.ports)

    assert issubclass(UnknownCase, Unavailable)


def test_an_opening_message_with_faults_opens_nothing(office: Office) -> None:
    message = office.message(APPLICATION, FORM).model_copy(update={"data": {"person": "p"}})

    with pytest.raises(UnknownCase, match="bad_fields"):
        advance(message, office.ports)

    assert office.ports.cases.get(APPLICATION) is None


def test_a_message_of_an_unknown_case_is_laid_into_the_quarantine_after_five_attempts(office: Office) -> None:
    message = office.message(CaseId("nowhere"), OfferAccepted())
    office.ports.publisher.publish([message], [])

    rows = []
    for _ in range(ATTEMPTS_MAX):
        office.settle()
        rows.append(len(list(office.ports.quarantine.find())))
        office.embedded.clock.turn(office.now + HOUR)
    office.settle()

    (row,) = office.ports.quarantine.find()
    assert rows == [0, 0, 0, 0, 1]
    assert (row.id, row.message, row.source) == (message.id, message, "advance")
    assert row.reason == "UnknownCase: There is no such case yet. [nowhere], and [OfferAccepted] opens none"
    assert office.embedded.queue.waiting() == 0


def test_a_message_that_overtakes_the_opening_of_its_case_is_applied_when_the_case_is_there(office: Office) -> None:
    early = office.message(APPLICATION, ApplicationWithdrew())
    office.ports.publisher.publish([early], [])
    office.settle()
    office.tell(APPLICATION, FORM)
    before = office.stage(APPLICATION)

    office.embedded.clock.turn(office.now + HOUR)
    office.settle()

    assert (before, office.stage(APPLICATION)) == ("submitted", "withdrawn")
    assert list(office.ports.quarantine.find()) == []


def test_a_deployment_without_the_version_a_case_is_pinned_to_decides_nothing(office: Office) -> None:
    advance(office.message(APPLICATION, FORM), office.ports)
    case = office.case(APPLICATION)

    with pytest.raises(LookupError, match=r"workflow \[application\] version \[9\] .* is not in this deployment"):
        workflow_of(case.model_copy(update={"version": 9}), office.message(APPLICATION, Pitched()))
    with pytest.raises(LookupError, match=r"\[application\] version \[1\] \[ffff\] is not in this deployment"):
        pinned("application", 1, "ffff")


def test_a_case_is_decided_by_the_definition_it_is_pinned_to(office: Office) -> None:
    advance(office.message(APPLICATION, FORM), office.ports)

    assert workflow_of(office.case(APPLICATION), office.message(APPLICATION, Pitched())) is LATEST["application"]
    assert workflow_of(None, office.message(APPLICATION, FORM)) is LATEST["application"]


def test_a_document_that_is_not_there_holds_up_the_message_that_needs_it(office: Office) -> None:
    office.plan()
    office.until(CALENDAR.applications_close + HOUR)
    frozen = office.message(ROUND, RankingFrozen(ranking=Fact(FactId("lost"))))
    before = office.case(ROUND)

    with pytest.raises(UnknownFact, match="lost"):
        advance(frozen, office.ports)

    assert office.case(ROUND) == before


# ---- looking ahead


def test_looking_ahead_says_what_would_become_of_a_message_and_changes_nothing(office: Office) -> None:
    advance(office.message(APPLICATION, FORM), office.ports)
    before = snapshot(office)

    decision = look_ahead(
        office.ports.cases.get(APPLICATION),
        office.message(APPLICATION, ApplicationWithdrew()),
        office.now,
        office.ports.facts,
    )

    assert (decision.verdict, decision.case.stage) == ("applied", "withdrawn")
    assert snapshot(office) == before


# ---- races


class Raced:
    """A case store in which somebody else commits just before us, so many times."""

    def __init__(self, office: Office, times: int, message: Message | None = None) -> None:
        self._store = office.ports.cases
        self._office = office
        self._times = times
        self._message = message

    def commit(self, sealed: Sealed, *, seen: Seen | None) -> None:
        if self._times:
            self._times -= 1
            other = self._message or self._office.message(APPLICATION, Pitched(), name=f"race {self._times}")
            advance(other, self._office.ports)
        self._store.commit(sealed, seen=seen)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_a_lost_race_is_decided_again_on_the_case_as_it_is_by_then(office: Office) -> None:
    advance(office.message(APPLICATION, FORM), office.ports)
    racing = replace(office.ports, cases=Raced(office, 2), tries=thrice)  # type: ignore[arg-type]

    entry = advance(office.message(APPLICATION, ApplicationWithdrew()), racing)

    assert [each.message.type for each in office.entries(APPLICATION)] == [
        "ApplicationSubmitted",
        "Pitched",
        "Pitched",
        "ApplicationWithdrew",
    ]
    assert (entry.seq, office.stage(APPLICATION)) == (4, "withdrawn")


def test_a_race_that_is_lost_to_the_withdrawal_is_decided_by_it(office: Office) -> None:
    advance(office.message(APPLICATION, FORM), office.ports)
    withdrawal = office.message(APPLICATION, ApplicationWithdrew())
    racing = replace(office.ports, cases=Raced(office, 1, withdrawal), tries=thrice)  # type: ignore[arg-type]

    entry = advance(office.message(APPLICATION, FORM.model_copy(update={"answers": "edit"}), name="edit"), racing)

    assert (entry.verdict, entry.reason) == ("ignored", "not_answered_here: withdrawn")


def test_of_two_copies_of_a_message_that_race_one_is_written_and_both_carry_out_its_effects(office: Office) -> None:
    plan = Plan()
    message = office.message(APPLICATION, FORM)
    racing = replace(plan.watched(office.ports), cases=Raced(office, 1, message), tries=thrice)  # type: ignore[arg-type]

    entry = advance(message, racing)

    assert [each.message.id for each in office.entries(APPLICATION)] == [message.id]
    assert [notice.type for notice in plan.told] == ["ApplicationReceived"]
    assert entry == office.entries(APPLICATION)[0]


def test_two_openings_that_race_open_one_case(office: Office) -> None:
    other = office.message(APPLICATION, FORM.model_copy(update={"answers": "another tab"}), name="another tab")
    racing = replace(office.ports, cases=Raced(office, 1, other), tries=thrice)  # type: ignore[arg-type]

    entry = advance(office.message(APPLICATION, FORM), racing)

    assert (entry.seq, entry.verdict) == (2, "applied")
    assert office.case(APPLICATION).data["edits"] == 1


def test_a_case_that_others_keep_moving_is_busy(office: Office) -> None:
    advance(office.message(APPLICATION, FORM), office.ports)
    racing = replace(office.ports, cases=Raced(office, 9), tries=thrice)  # type: ignore[arg-type]

    with pytest.raises(Busy, match=r"The case is too busy. \[application-1\]"):
        advance(office.message(APPLICATION, ApplicationWithdrew()), racing)

    assert office.stage(APPLICATION) == "submitted"


# ---- what breaks


@pytest.mark.parametrize("error", [Unavailable("lost answer"), CaseMoved("lost answer")])
def test_a_commit_whose_answer_is_lost_is_recognised_by_its_entry(office: Office, error: Exception) -> None:
    plan = Plan(breaks_at=1, mode="after", error=error)

    entry = advance(office.message(APPLICATION, FORM), plan.watched(office.ports))

    assert plan.calls[:3] == ["cases.get", "cases.commit", "cases.entry"]
    assert [each.message.id for each in office.entries(APPLICATION)] == [entry.message.id]
    assert [notice.type for notice in plan.told] == ["ApplicationReceived"]


@pytest.mark.parametrize("error", [Unavailable("time-out"), CaseMoved("lost")])
def test_a_commit_that_did_not_happen_is_tried_again(office: Office, error: Exception) -> None:
    plan = Plan(breaks_at=1, mode="before", error=error)

    entry = advance(office.message(APPLICATION, FORM), replace(plan.watched(office.ports), tries=thrice))

    assert [each.message.id for each in office.entries(APPLICATION)] == [entry.message.id]


def test_a_store_that_stays_unavailable_leaves_the_message_for_another_time(office: Office) -> None:
    plan = Plan(breaks_at=1, mode="before", error=Unavailable("time-out"))

    with pytest.raises(Busy):
        advance(office.message(APPLICATION, FORM), replace(plan.watched(office.ports), tries=once))

    assert office.ports.cases.get(APPLICATION) is None


def test_an_entry_that_is_too_large_is_never_written(office: Office) -> None:
    message = office.message(APPLICATION, FORM)
    data = {**message.data, "university": "광" * 100_000}

    with pytest.raises(EntryTooLargeError):
        advance(message.model_copy(update={"data": data}), office.ports)

    assert office.ports.cases.get(APPLICATION) is None


def test_a_crash_between_commit_and_effects_is_made_good_when_the_message_comes_again(office: Office) -> None:
    plan = Plan(breaks_at=2, mode="before")
    message = office.message(APPLICATION, FORM)
    with pytest.raises(Crash):
        advance(message, plan.watched(office.ports))
    lost = (plan.calls[-1], list(plan.told), list(plan.started))

    advance(message, plan.watched(reborn(office.ports, office.embedded.database)))

    assert lost == ("publisher.publish", [], [])
    assert [notice.type for notice in plan.told] == ["ApplicationReceived"]
    assert [alarm.key for alarm in plan.started] == ["submitted.form_closes"]
    assert violations(office.embedded, plan) == []


def test_a_crash_between_effects_and_acknowledgement_repeats_the_effects_under_the_same_keys(office: Office) -> None:
    plan = Plan(breaks_at=3, mode="after")
    message = office.message(APPLICATION, FORM)
    with pytest.raises(Crash):
        advance(message, plan.watched(office.ports))

    advance(message, plan.watched(reborn(office.ports, office.embedded.database)))

    assert plan.told == [plan.told[0]] * 2
    assert plan.started == [plan.started[0]] * 2
    assert len(office.entries(APPLICATION)) == 1


def test_an_alarm_that_was_set_twice_rings_once(office: Office) -> None:
    message = office.message(APPLICATION, FORM)
    advance(message, office.ports)
    advance(message, office.ports)

    office.until(CALENDAR.applications_close + HOUR)

    assert [entry.message.type for entry in office.entries(APPLICATION)] == ["ApplicationSubmitted", "TimerRang"]


def test_a_notice_that_was_told_twice_makes_one_letter(office: Office) -> None:
    office.plan()
    case = office.hand_in(1)
    (entry,) = office.entries(case)

    advance(entry.message, office.ports)
    office.settle()

    assert [letter.notice for letter in office.letters(case)] == ["ApplicationReceived"]


# ---- through the worker


def test_a_poisoned_message_holds_up_nobody(office: Office) -> None:
    poison = office.message(CaseId("application-9"), FORM, name="poison").model_copy(update={"data": {}})
    good = [office.message(CaseId(f"application-{number}"), FORM, name=f"good {number}") for number in range(1, 4)]
    office.ports.publisher.publish([good[0], poison, good[1], good[2]], [])

    office.settle()

    assert [office.stage(message.case) for message in good] == ["submitted"] * 3
    assert office.embedded.queue.waiting() == 1


def test_a_message_with_another_content_ends_in_the_quarantine_beside_the_first_one(office: Office) -> None:
    message = office.tell(APPLICATION, FORM)
    other = message.model_copy(update={"data": {**message.data, "answers": "forged"}})
    office.ports.publisher.publish([other], [])

    for _ in range(ATTEMPTS_MAX):
        office.settle()
        office.embedded.clock.turn(office.now + HOUR)
    office.settle()

    (row,) = office.ports.quarantine.find()
    assert (row.id, row.message) == (f"{message.id}-other", other)
    assert row.reason.startswith("SameIdOtherContent: Another content arrived before under the same id.")
    assert office.case(APPLICATION).data["answers"] == "digest"


def test_messages_that_arrive_twice_in_one_batch_are_applied_once(office: Office) -> None:
    message = office.message(APPLICATION, FORM)
    edit = office.message(APPLICATION, FORM.model_copy(update={"answers": "edit"}), name="edit")
    office.ports.publisher.publish([message, edit, message, edit, message], [])

    office.settle()

    assert [entry.message.id for entry in office.entries(APPLICATION)] == [message.id, edit.id]
    assert office.case(APPLICATION).data["edits"] == 1
    assert office.embedded.queue.waiting() == 0
