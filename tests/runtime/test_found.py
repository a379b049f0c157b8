"""What a hostile review found, each as it was shown."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from functions.adapters.local.database import LostBatchError
from functions.cli import run
from functions.embedded import Embedded
from schemas.events.application import ApplicationSubmitted, EnrolmentLeft
from schemas.events.engine import CalendarMoved
from schemas.events.round import RoundPlanned
from schemas.events.seats import SeatTaken
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.messages import Actor, Case, Message, Verdict
from tests.support.cohort import CALENDAR, DAY, HOUR, MINUTE, TERMS, moved
from workflows.definitions.application import APPLICATION
from workflows.definitions.round import ROUND
from workflows.engine.decide import decide
from workflows.engine.history import seal
from workflows.runtime.bury import bury
from workflows.runtime.errors import Rejected
from workflows.runtime.replay import replay
from workflows.runtime.ring import ring_message

APPLICATION_ID = CaseId("application-1")
FORM = ApplicationSubmitted(
    person=PersonId("person-1"),
    round=CaseId("round-1"),
    cohort="c",
    programme="p",
    calendar=CALENDAR,
    terms=TERMS,
    university="CNU",
    is_enrolled=True,
    can_attend=True,
    answers="digest",
)


def message_of(event: object, at: object, name: str, kind: str = "person") -> Message:
    return Message.model_validate(
        {
            "id": name_of("test", name),
            "case": APPLICATION_ID,
            "type": type(event).__name__,
            "data": event.model_dump(mode="json"),  # type: ignore[attr-defined]
            "at": at,
            "actor": {"kind": kind, "id": "somebody"},
        }
    )


def submitted() -> Case:
    return decide(
        APPLICATION, None, message_of(FORM, CALENDAR.applications_open, "form"), CALENDAR.applications_open
    ).case


def test_a_date_that_moves_away_and_back_starts_a_timer_of_its_own() -> None:
    case = submitted()
    key = "submitted.form_closes"
    first = case.timers[key]
    now = CALENDAR.applications_open + DAY

    for version, close in ((2, CALENDAR.applications_close + DAY), (3, CALENDAR.applications_close)):
        event = CalendarMoved(calendar=moved(version, applications_close=close))
        message = message_of(event, now, f"calendar-{version}")
        sealed = seal(decide(APPLICATION, case, message, now), message, now)
        case = sealed.case

    again = case.timers[key]
    assert again.due == first.due
    assert ring_message(case.id, key, again).id != ring_message(case.id, key, first).id


def test_an_extension_that_comes_within_the_grace_keeps_the_stage_open() -> None:
    now = CALENDAR.applications_close + 15 * MINUTE
    event = CalendarMoved(calendar=moved(2, applications_close=CALENDAR.applications_close + DAY))

    decision = decide(APPLICATION, submitted(), message_of(event, now, "extension"), now)

    assert decision.verdict is Verdict.APPLIED
    assert decision.case.timers["submitted.form_closes"].due == CALENDAR.applications_close + DAY + 10 * MINUTE


def test_a_timer_heard_a_moment_after_it_rang_still_happened_when_it_was_due() -> None:
    case = submitted()
    timer = case.timers["submitted.form_closes"]
    message = ring_message(case.id, "submitted.form_closes", timer)

    decision = decide(APPLICATION, case, message, timer.rings_at + timedelta(milliseconds=50))

    assert decision.case.arrived_at == CALENDAR.applications_close + 10 * MINUTE


def test_what_other_cases_send_is_parked_without_a_bound() -> None:
    planned = RoundPlanned(cohort="c", programme="p", calendar=CALENDAR, terms=TERMS)
    opening = Message(
        id=MessageId("planned"),
        case=CaseId("round-1"),
        type="RoundPlanned",
        data=planned.model_dump(mode="json"),
        at=CALENDAR.applications_open - DAY,
        actor=Actor(kind="staff", id="o", role="operator"),
    )
    case = decide(ROUND, None, opening, opening.at).case

    verdicts = []
    for number in range(25):
        event = SeatTaken(application=CaseId(f"application-{number}"))
        sender = Actor(kind="case", id=f"application-{number}")
        message = opening.model_copy(
            update={
                "id": f"taken-{number}",
                "type": "SeatTaken",
                "data": event.model_dump(mode="json"),
                "actor": sender,
            }
        )
        decision = decide(ROUND, case, message, opening.at + HOUR)
        verdicts.append(decision.verdict)
        case = decision.case

    assert set(verdicts) == {Verdict.PARKED}


def test_the_end_of_somebody_elses_enrolment_frees_no_seat() -> None:
    accepted = submitted().model_copy(update={"stage": "accepted", "timers": {}})
    event = EnrolmentLeft(enrolment=CaseId("ghost"), why="withdrawn")

    decision = decide(APPLICATION, accepted, message_of(event, CALENDAR.results_at, "left"), CALENDAR.results_at)

    assert decision.case.stage == "accepted"
    assert decision.effects == ()


def test_an_older_form_that_arrives_later_changes_nothing() -> None:
    case = submitted()
    older = FORM.model_copy(update={"answers": "older"})
    at = CALENDAR.applications_open - MINUTE

    decision = decide(APPLICATION, case, message_of(older, at, "older"), CALENDAR.applications_open + DAY)

    assert decision.case.data == case.data


def test_a_full_disk_loses_no_message_that_was_not_applied(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path / "full.db")
    embedded.clock.turn(CALENDAR.applications_open)
    forms = [message_of(FORM, CALENDAR.applications_open, "poisoned").model_copy(update={"data": {"nothing": 1}})]
    for number in range(60):
        message = message_of(FORM, CALENDAR.applications_open, f"form-{number}")
        forms.append(message.model_copy(update={"case": CaseId(f"application-{number}")}))
    embedded.queue.publish(forms, [])
    (pages,) = embedded.database.one("pragma page_count")
    embedded.database.execute(f"pragma max_page_count = {pages + 12}")

    with pytest.raises((sqlite3.Error, LostBatchError)):
        embedded.worker.drain()
    embedded.database.execute("pragma max_page_count = 1000000")
    embedded.worker.drain()

    assert sum(1 for _ in embedded.ports.cases.find()) == 60
    assert embedded.queue.waiting() >= 1  # the poisoned one waits for its next try, and the notices were delivered
    embedded.close()


def test_a_body_that_is_no_message_is_quarantined_and_not_repeated_as_a_reason(embedded: Embedded) -> None:
    embedded.database.execute(
        "insert into queue (topic, message_id, blob) values ('dead', 'x', ?)", ('{"name": "Kim Minji 010-1234-5678"}',)
    )

    embedded.worker.drain()

    (row,) = embedded.ports.quarantine.find()
    assert "Kim" not in row.model_dump_json()
    assert embedded.queue.waiting() == 0


def test_a_row_that_was_replayed_and_applied_is_not_applied_again(embedded: Embedded) -> None:
    message = message_of(FORM, CALENDAR.applications_open, "form")
    bury(message, "UnknownCase", embedded.ports, source="test")
    replay(message.id, embedded.ports)
    embedded.worker.drain()

    with pytest.raises(Rejected, match="replayed before"):
        replay(message.id, embedded.ports)


def test_a_demo_never_overwrites_what_is_not_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("precious")
    live = Embedded(tmp_path / "live.db")
    live.close()

    codes = [run(["demo", "--store", str(place)]) for place in (notes, tmp_path / "live.db")]

    assert codes == [2, 2]
    assert notes.read_text() == "precious"
    assert "name another place with --store" in capsys.readouterr().err
