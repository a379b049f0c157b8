"""What a human sends again out of the quarantine."""

import pytest

from functions.adapters.local.sqlite_queue import ATTEMPTS_MAX
from functions.embedded import Embedded
from schemas.events.application import ApplicationWithdrew
from schemas.ids import CaseId, name_of
from tests.support.cohort import CALENDAR, DAY, HOUR
from tests.support.faults import Plan
from tests.support.office import KEY, Office
from tests.support.submitted import a_submission
from workflows.runtime.bury import bury, bury_unreadable
from workflows.runtime.errors import NotFound, Rejected, Unavailable
from workflows.runtime.replay import replay

CASE = CaseId("application-1")


@pytest.fixture
def office(embedded: Embedded) -> Office:
    embedded.clock.turn(CALENDAR.applications_open + DAY)
    return Office(embedded)


def test_a_message_that_was_never_applied_is_sent_again_under_a_new_id(office: Office) -> None:
    message = office.message(CASE, ApplicationWithdrew())
    bury(message, "UnknownCase", office.ports, source="advance")
    office.tell(CASE, a_submission(CASE))

    again = replay(message.id, office.ports)
    office.settle()

    assert again == message.model_copy(update={"id": name_of(message.id, 1)})
    assert office.stage(CASE) == "withdrawn"


def test_its_row_says_that_it_was_sent_again_and_how_often(office: Office) -> None:
    message = office.message(CASE, ApplicationWithdrew())
    row = bury(message, "UnknownCase", office.ports, source="advance")

    ids = [replay(message.id, office.ports).id for _ in range(2)]

    assert row is not None
    assert office.ports.quarantine.get(message.id) == row.model_copy(update={"attempts": 2, "state": "replayed"})
    assert ids == [name_of(message.id, 1), name_of(message.id, 2)]


def test_a_message_that_the_history_has_is_sent_under_its_own_id_so_that_only_its_effects_repeat(
    office: Office,
) -> None:
    message = office.message(CASE, a_submission(CASE))
    bury(message, "gone", office.ports, source="advance")
    office.ports.publisher.publish([message], [])
    office.settle()

    again = replay(message.id, office.ports)
    office.settle()

    assert again == message
    assert len(office.entries(CASE)) == 1


def test_another_content_is_sent_under_an_id_of_its_own(office: Office) -> None:
    message = office.tell(CASE, a_submission(CASE))
    edit = message.model_copy(update={"data": {**message.data, "answers": "edited"}})
    bury(edit, "SameIdOtherContent", office.ports, source="advance")

    again = replay(f"{message.id}-other", office.ports)
    office.settle()

    assert again.id == name_of(f"{message.id}-other", 1)
    assert [entry.verdict for entry in office.entries(CASE)] == ["applied", "applied"]
    assert office.case(CASE).data["answers"] == "edited"


def test_a_replay_that_breaks_off_is_sent_again_under_the_same_id(office: Office) -> None:
    message = office.message(CASE, ApplicationWithdrew())
    bury(message, "UnknownCase", office.ports, source="advance")
    plan = Plan(breaks_at=1, mode="after", error=Unavailable("lost answer"))
    with pytest.raises(Unavailable):
        replay(message.id, plan.watched(office.ports))

    again = replay(message.id, office.ports)

    assert [each.id for each in plan.published] == [again.id]


def test_a_replay_that_fails_again_is_laid_aside_again(office: Office) -> None:
    message = office.message(CASE, ApplicationWithdrew())
    bury(message, "UnknownCase", office.ports, source="advance")
    again = replay(message.id, office.ports)

    for _ in range(ATTEMPTS_MAX):
        office.settle()
        office.embedded.clock.turn(office.now + HOUR)
    office.settle()

    rows = {row.id: row.state for row in office.ports.quarantine.find()}
    assert rows == {message.id: "replayed", again.id: "waiting"}


def test_what_is_no_message_can_only_be_read(office: Office) -> None:
    row = bury_unreadable(b"?", "not JSON", office.ports, source="pubsub", key=KEY)

    with pytest.raises(Rejected, match=rf"Row \[{row.id}\] is no message"):
        replay(row.id, office.ports)


def test_what_was_never_laid_aside_cannot_be_sent_again(office: Office) -> None:
    with pytest.raises(NotFound, match=r"No quarantine row \[nothing\]"):
        replay("nothing", office.ports)
