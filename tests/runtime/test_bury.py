"""Whatever could not be delivered is finished, or laid aside for a human; nothing is lost."""

import pytest

from functions.embedded import Embedded
from schemas.ids import secret_name_of
from schemas.messages import Quarantined
from tests.support.cohort import CALENDAR, DAY, HOUR
from tests.support.faults import Crash, Plan, reborn
from tests.support.office import KEY, Office
from tests.support.submitted import a_submission
from workflows.runtime.advance import advance
from workflows.runtime.bury import bury, bury_unreadable
from workflows.runtime.errors import Unavailable

CASE = "application-1"


@pytest.fixture
def office(embedded: Embedded) -> Office:
    embedded.clock.turn(CALENDAR.applications_open + DAY)
    return Office(embedded)


def test_a_message_that_the_history_lacks_is_laid_aside_with_the_reason(office: Office) -> None:
    message = office.message(CASE, a_submission(CASE))

    row = bury(message, "ValueError: no", office.ports, source="advance")

    assert row == Quarantined(
        id=message.id, reason="ValueError: no", source="advance", heard_at=office.now, message=message
    )
    assert list(office.ports.quarantine.find()) == [row]


def test_a_message_that_the_history_has_only_has_its_effects_carried_out(office: Office) -> None:
    # The process died after the commit, five times: the history has the message, and nobody was told.
    message, dying, plan = office.message(CASE, a_submission(CASE)), Plan(breaks_at=2), Plan()
    with pytest.raises(Crash):
        advance(message, dying.watched(office.ports))

    row = bury(message, "gone", plan.watched(reborn(office.ports, office.embedded.database)), source="advance")

    assert row is None
    assert list(office.ports.quarantine.find()) == []
    assert (dying.told, [notice.type for notice in plan.told]) == ([], ["ApplicationReceived"])
    assert [alarm.key for alarm in plan.started] == ["submitted.form_closes"]


def test_effects_that_cannot_be_carried_out_are_asked_to_come_again(office: Office) -> None:
    message, plan = office.message(CASE, a_submission(CASE)), Plan(breaks_at=2, error=Unavailable("no topic"))
    advance(message, office.ports)

    with pytest.raises(Unavailable):
        bury(message, "gone", plan.watched(office.ports), source="advance")

    assert list(office.ports.quarantine.find()) == []


def test_a_message_with_another_content_is_laid_aside_beside_the_first_one(office: Office) -> None:
    message, plan = office.message(CASE, a_submission(CASE)), Plan()
    advance(message, office.ports)
    other = message.model_copy(update={"data": {**message.data, "answers": "forged"}})

    row = bury(other, "SameIdOtherContent", plan.watched(office.ports), source="advance")

    assert row is not None
    assert (row.id, row.message) == (f"{message.id}-other", other)
    assert plan.told == []


def test_a_message_that_is_buried_twice_is_laid_aside_once(office: Office) -> None:
    message = office.message(CASE, a_submission(CASE))
    first = bury(message, "first", office.ports, source="advance")
    office.embedded.clock.turn(office.now + HOUR)

    bury(message, "second", office.ports, source="advance")

    assert list(office.ports.quarantine.find()) == [first]


def test_a_body_that_is_no_message_goes_to_the_vault_and_only_its_digest_is_laid_aside(office: Office) -> None:
    body = '{"name": "김카나리", "phone": "010-7777-0042"'.encode()

    row = bury_unreadable(body, "not JSON", office.ports, source="pubsub", key=KEY)

    reference = row.reason.removeprefix("not JSON (vault ").removesuffix(")")
    assert row == Quarantined(
        id=secret_name_of(KEY, body.hex()),
        reason=f"not JSON (vault {reference})",
        source="pubsub",
        heard_at=office.now,
        digest=secret_name_of(KEY, body.hex()),
    )
    assert office.ports.vault.get_text(reference, reader="test", reason="test") == body.decode()
    assert "카나리" not in row.model_dump_json()


def test_a_body_that_is_no_text_at_all_is_kept_readable(office: Office) -> None:
    row = bury_unreadable(b"\xff\xfe\x00gone", "not UTF-8", office.ports, source="pubsub", key=KEY)

    reference = row.reason.removeprefix("not UTF-8 (vault ").removesuffix(")")
    kept = office.ports.vault.get_text(reference, reader="test", reason="test")
    assert kept == "\\xff\\xfe\x00gone"
