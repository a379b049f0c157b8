"""The quarantine: the reason, the source, and sending again; never what was sent."""

from collections.abc import Callable

from flask.testing import FlaskClient

from functions.embedded import Embedded
from schemas.events.enrolment import AttendanceRecorded
from schemas.ids import CaseId, MessageId
from schemas.messages import Actor, Message, Quarantined
from tests.console.browsing import COHORT, send, words_of
from workflows.runtime.bury import bury, bury_unreadable

SignIn = Callable[..., FlaskClient]
BODY = '{"name": "홍길동", "phone": "010-1234-5678"}'


def unreadable(store: Embedded) -> Quarantined:
    return bury_unreadable(BODY.encode(), "no_message", store.ports, source="desk", key=b"k" * 32)


def readable(store: Embedded) -> Quarantined:
    learner = next(store.ports.cases.find(workflow="enrolment", stage="online"))
    message = Message(
        id=MessageId("given-up"),
        case=learner.id,
        type=AttendanceRecorded.__name__,
        data={"share": 0.4242},
        at=store.ports.clock.now(),
        actor=Actor(kind="staff", id="instructor-1", role="instructor"),
    )
    row = bury(message, "Busy: this is too much", store.ports, source="advance")
    assert row is not None
    return row


def test_the_list_says_what_why_and_whence_and_shows_no_body(client_as: SignIn, console_store: Embedded) -> None:
    rows = [unreadable(console_store), readable(console_store)]

    page = client_as("admin").get("/quarantine")

    words = words_of(page)
    assert "It cannot be read as a message; ask its sender. desk" in words
    assert "The case is written to by too many at once; try again in a moment. advance" in words
    assert all(f'href="/quarantine/{row.id}"' in page.text for row in rows)
    assert not [each for each in ("홍길동", "1234", "0.4242", "vault") if each in page.text]


def test_the_list_is_of_what_waits_or_of_what_was_sent_again_with_the_number_of_each(
    client_as: SignIn, console_store: Embedded
) -> None:
    open_row, sent, admin = unreadable(console_store), readable(console_store), client_as("admin")
    send(admin, f"/quarantine/{sent.id}/replay")

    pages = [admin.get("/quarantine"), admin.get("/quarantine?state=replayed")]

    listed = [[each.id for each in (open_row, sent) if f"/quarantine/{each.id}" in page.text] for page in pages]
    assert listed == [[open_row.id], [sent.id]]
    assert all("Waiting 1 Sent again 1" in words_of(page) for page in pages)


def test_a_scope_lists_and_counts_only_what_belongs_to_its_cases(client_as: SignIn, console_store: Embedded) -> None:
    nobodys, someones = unreadable(console_store), readable(console_store)

    pages = [client_as("operator", cohort=cohort).get("/quarantine") for cohort in (COHORT, "another")]

    listed = [[each.id for each in (nobodys, someones) if f"/quarantine/{each.id}" in page.text] for page in pages]
    assert listed == [[someones.id], []]
    assert ["Waiting 1 " in words_of(pages[0]), "Waiting 0 " in words_of(pages[1])] == [True, True]


def test_a_row_shows_who_brought_it_and_not_what(client_as: SignIn, console_store: Embedded) -> None:
    row = readable(console_store)

    page = client_as("admin").get(f"/quarantine/{row.id}")

    assert "Brought by instructor-1 (Instructor)" in words_of(page)
    assert "0.4242" not in page.text


def test_only_whoever_may_see_the_case_gets_a_link_to_it(client_as: SignIn, console_store: Embedded) -> None:
    row = readable(console_store)
    assert row.message is not None

    pages = [client_as(role).get(f"/quarantine/{row.id}").text for role in ("admin", "operator")]

    assert [f'href="/cases/{row.message.case}"' in page for page in pages] == [False, True]


def test_sending_again_applies_it_once_and_names_who_did_it(client_as: SignIn, console_store: Embedded) -> None:
    row, admin = readable(console_store), client_as("admin", as_id="admin-7")
    assert row.message is not None

    answer = send(admin, f"/quarantine/{row.id}/replay")
    console_store.worker.drain()
    again = send(admin, f"/quarantine/{row.id}/replay")

    seen = console_store.ports.cases.get(CaseId(row.message.case))
    assert seen is not None
    assert seen.case.data["attendance"] == 0.4242
    assert answer.status_code == 303
    assert again.status_code == 409
    page = admin.get(f"/quarantine/{row.id}")
    assert "Times sent again 1 Sent again by admin-7 What became of it Applied" in words_of(page)
    assert "/replay" not in page.text


def test_what_is_no_message_cannot_be_sent_again(client_as: SignIn, console_store: Embedded) -> None:
    row, admin = unreadable(console_store), client_as("admin")

    answer = send(admin, f"/quarantine/{row.id}/replay")

    assert answer.status_code == 409
    assert "vault" not in answer.text
    assert "/replay" not in admin.get(f"/quarantine/{row.id}").text


def test_in_a_scope_there_is_only_what_belongs_to_a_case_of_it(client_as: SignIn, console_store: Embedded) -> None:
    nobodys, someones = unreadable(console_store), readable(console_store)
    here, elsewhere = client_as("operator", cohort=COHORT), client_as("operator", cohort="another")

    answers = {
        name: [browser.get(f"/quarantine/{row.id}").status_code for row in (nobodys, someones)]
        for name, browser in (("here", here), ("elsewhere", elsewhere))
    }

    assert answers == {"here": [404, 200], "elsewhere": [404, 404]}


def test_the_admin_comes_to_the_quarantine_first(client_as: SignIn) -> None:
    answer = client_as("admin").get("/")

    assert answer.location == "/quarantine"


def test_what_nothing_more_comes_of_is_closed_with_a_reason_and_waits_no_more(
    client_as: SignIn, console_store: Embedded
) -> None:
    row, operator = unreadable(console_store), client_as("operator", as_id="kim")

    refused = send(operator, f"/quarantine/{row.id}/close", reason=" ")
    waiting = console_store.ports.quarantine.get(row.id)
    closed = send(operator, f"/quarantine/{row.id}/close", reason="a test of the sender")
    again = send(operator, f"/quarantine/{row.id}/close", reason="a test of the sender")

    assert (refused.status_code, waiting) == (422, row)
    assert [closed.status_code, again.status_code] == [303, 303]
    assert "Closed because a test of the sender" in words_of(operator.get(f"/quarantine/{row.id}"))
    assert f"/quarantine/{row.id}" not in operator.get("/quarantine").text
    assert f"/quarantine/{row.id}" in operator.get("/quarantine?state=closed").text
    assert "Closed by 김직원" in words_of(operator.get(f"/quarantine/{row.id}"))
    notes = [each["reason"] for each in console_store.ports.vault.accesses() if each["subject"] == row.id]
    assert notes == ["close: a test of the sender"]


def test_what_was_closed_can_still_be_sent_again(client_as: SignIn, console_store: Embedded) -> None:
    row, admin = readable(console_store), client_as("admin")
    send(admin, f"/quarantine/{row.id}/close", reason="too late")

    send(admin, f"/quarantine/{row.id}/replay")

    found = console_store.ports.quarantine.get(row.id)
    assert found is not None
    assert found.state == "replayed"


def test_a_row_out_of_reach_is_not_closed(client_as: SignIn, console_store: Embedded) -> None:
    row, elsewhere = readable(console_store), client_as("operator", cohort="another")

    assert send(elsewhere, f"/quarantine/{row.id}/close", reason="mine").status_code == 404
    assert console_store.ports.quarantine.get(row.id) == row
