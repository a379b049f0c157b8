"""Google Forms tells that there is something, and is asked for it; what no notice tells of is read once a day."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.corpus.rounds import dump, published
from tests.functions.form_site import (
    FORM_ID,
    NOW,
    forward,
    letters,
    notify,
    only_case,
    person_of,
    quarantined,
)
from tests.functions.site import Site
from tests.support.vendor import Vendor, sample


@pytest.fixture
def site(forms: tuple[Site, Vendor]) -> Site:
    return forms[0]


@pytest.fixture
def vendor(forms: tuple[Site, Vendor]) -> Vendor:
    return forms[1]


# ---- Google Forms


def test_a_notice_holds_no_answers_so_the_responses_are_asked_for(site: Site, vendor: Vendor) -> None:
    notify(site)

    assert vendor.calls == [("GET", f"/v1/forms/{FORM_ID}/responses", {"pageSize": ["5000"]})]
    assert vendor.headers[0]["Authorization"].startswith("Bearer ")
    assert len(published(site.store)) == 1


def test_only_what_is_new_is_asked_for(site: Site, vendor: Vendor) -> None:
    notify(site)
    notify(site)

    assert vendor.calls[1][2]["filter"] == ["timestamp >= 2027-03-03T09:17:02.045123Z"]


def test_notices_from_before_the_last_reading_cost_no_further_one(site: Site, vendor: Vendor) -> None:
    notify(site)
    envelope = sample("google_notice")
    envelope["message"]["publishTime"] = "2026-01-01T00:00:00Z"

    answers = [site.call("collect", json.dumps(envelope).encode()).status_code for _ in range(20)]

    assert answers == [204] * 20
    assert len(vendor.calls) == 1


def test_a_reading_that_finds_nothing_forgets_nothing(site: Site, vendor: Vendor) -> None:
    notify(site)
    before = site.cloud.connections.reading("spring-google").read_until
    vendor.responses.clear()

    notify(site)

    assert before is not None
    assert site.cloud.connections.reading("spring-google").read_until == before


def test_all_pages_are_read(site: Site, vendor: Vendor) -> None:
    vendor.page = 2
    vendor.responses[:] = [another(number) for number in range(5)]

    notify(site)

    assert len(published(site.store)) == 5
    assert [query.get("pageToken") for _, _, query in vendor.calls] == [None, ["2"], ["4"]]


def another(number: int) -> dict[str, Any]:
    """Give the response of another person."""
    response = json.loads(json.dumps(sample("google_responses")["responses"][0]))
    questions = {each["field"]: each["question"] for each in sample("connections")["google_forms"]["questions"]}
    response["responseId"] = f"response-{number}"
    response["lastSubmittedTime"] = f"2027-03-03T09:{20 + number}:00Z"
    response["answers"][questions["phone"]]["textAnswers"]["answers"][0]["value"] = f"010-3333-{1000 + number}"
    return dict(response)


def edited(at: str, department: str) -> dict[str, Any]:
    """Give the sample's response as it is after an edit: the same id, a later time."""
    response = sample("google_responses")["responses"][0]
    questions = {each["field"]: each["question"] for each in sample("connections")["google_forms"]["questions"]}
    response["lastSubmittedTime"] = at
    response["answers"][questions["department"]]["textAnswers"]["answers"][0]["value"] = department
    return dict(response)


def test_an_edited_response_is_a_new_version_of_the_same_case(site: Site, vendor: Vendor) -> None:
    notify(site)
    site.pump()
    vendor.responses[:] = [edited("2027-03-03T10:00:00Z", "통계학과")]

    notify(site)
    site.pump()

    assert len(site.store.ports.cases.history(only_case(site).id)) == 2
    assert letters(site) == ["ApplicationReceived", "ApplicationEdited"]
    assert person_of(site, only_case(site)).answers["department"] == "통계학과"


def test_the_script_and_the_watch_bring_the_same_submission(site: Site, vendor: Vendor) -> None:
    receipt = forward(site, vendor.responses[0])
    notify(site)

    ids = {message.id for message in published(site.store)}
    assert receipt.status_code == 202
    assert ids == {(receipt.json or {})["receipt"]}


def test_a_notice_about_another_form_or_another_event_asks_nobody(site: Site, vendor: Vendor) -> None:
    before = dump(site.store)

    answers = [notify(site, formId="another"), notify(site, eventType="SCHEMA")]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert (vendor.calls, dump(site.store)) == ([], before)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_while_google_does_not_answer_the_notice_comes_again(site: Site, vendor: Vendor, status: int) -> None:
    vendor.status = status
    refused = notify(site)
    vendor.status = 200

    assert (refused.status_code, notify(site).status_code) == (503, 204)
    assert len(published(site.store)) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_form_that_may_not_be_read_any_more_is_made_known_once(site: Site, vendor: Vendor, status: int) -> None:
    vendor.status = status

    answers = []
    for minutes in (0, 5, 10):
        site.store.clock.turn(NOW + timedelta(minutes=minutes))
        answers.append(notify(site) if minutes != 5 else site.call("sweep"))

    assert [answer.status_code for answer in answers] == [204, 200, 204]
    assert quarantined(site) == [
        f"form_not_readable: connection [spring-google], form [{FORM_ID}]: status {status}",
        f"form_not_readable: connection [spring-jotform], form [31751954731962]: status {status}",
    ]


def test_once_the_form_can_be_read_again_what_was_missed_is_taken_in(site: Site, vendor: Vendor) -> None:
    vendor.status = 403
    notify(site)
    vendor.status = 200

    site.call("sweep")

    assert len(published(site.store)) == 2  # Google's and Jotform's
    assert site.cloud.connections.reading("spring-google").fault == ""


def test_a_body_that_is_no_notice_goes_to_the_quarantine(site: Site) -> None:
    for body in (b"", b"{", b"[]", b'{"message": {}}', b'{"message": {"attributes": {"formId": 1, "eventType": "x"}}}'):
        assert site.call("collect", body).status_code == 204

    assert len(quarantined(site)) == 5


# ---- what sweep does


def days(site: Site, vendor: Vendor, count: float) -> None:
    vendor.now = NOW + timedelta(days=count)
    site.store.clock.turn(vendor.now)
    assert site.call("sweep").status_code == 200


def test_a_watch_is_made_and_renewed_before_it_ends(site: Site, vendor: Vendor) -> None:
    ends = []
    for day in (0, 1, 2.9, 3.1, 6, 6.3):
        days(site, vendor, day)
        ends.append(site.cloud.connections.reading("spring-google").watched_until)

    made = [path for method, path, _ in vendor.calls if method == "POST"]
    assert made == [f"/v1/forms/{FORM_ID}/watches", *[f"/v1/forms/{FORM_ID}/watches/watch-0:renew"] * 2]
    assert [(end - NOW).days if end else 0 for end in ends] == [7, 7, 7, 10, 10, 13]


def test_a_watch_that_is_gone_is_made_anew(site: Site, vendor: Vendor) -> None:
    days(site, vendor, 0)
    vendor.watches.clear()

    days(site, vendor, 8)

    assert site.cloud.connections.reading("spring-google").watched_until == vendor.now + timedelta(days=7)


def test_a_watch_that_google_has_already_is_taken_up(site: Site, vendor: Vendor) -> None:
    vendor.watches.append(sample("google_watch"))

    days(site, vendor, 0)

    assert site.cloud.connections.reading("spring-google").watch == sample("google_watch")["id"]


def test_what_no_notice_told_of_is_taken_in_within_a_day(site: Site, vendor: Vendor) -> None:
    days(site, vendor, 0)
    vendor.responses.append(another(7))
    days(site, vendor, 0.9)
    before = len(published(site.store))

    days(site, vendor, 1)

    assert len(published(site.store)) - before == 1 + 2  # the new one, and two that are repeats before they are heard


def test_jotform_that_sent_no_webhook_is_read_once_a_day(site: Site) -> None:
    answer: Any = site.call("sweep").json

    assert [(read["connection"], read["taken"]) for read in answer["forms"]] == [
        ("spring-google", 1),
        ("spring-jotform", 1),
    ]
    assert "forms" not in (site.call("sweep").json or {})


def test_an_edit_at_jotform_that_no_webhook_told_of_is_taken_in_within_a_day(site: Site, vendor: Vendor) -> None:
    days(site, vendor, 0)
    site.pump()
    reading = site.cloud.connections.reading("spring-jotform")
    later = reading.model_copy(update={"read_until": NOW + timedelta(days=5)})
    site.cloud.connections.put_reading(later, seen=reading.version)
    vendor.submissions["237955080346633702"]["updated_at"] = "2027-03-08 04:00:00"
    days(site, vendor, 5.5)

    assert [message.at.isoformat() for message in published(site.store)] == ["2027-03-08T09:00:00+00:00"]


def test_a_provider_that_is_down_holds_up_neither_the_sweep_nor_the_others(site: Site, vendor: Vendor) -> None:
    vendor.status = 503

    answer: Any = site.call("sweep").json

    assert [read["fault"] for read in answer["forms"]] == ["unavailable", "unavailable"]


def test_a_response_that_nobody_understands_hides_none_after_it(site: Site, vendor: Vendor) -> None:
    vendor.responses.insert(0, {"responseId": "odd"})

    notify(site)

    assert len(published(site.store)) == 1
    assert quarantined(site) == [
        f"form_not_understood: connection [spring-google], form [{FORM_ID}]: there is no text at [lastSubmittedTime]"
    ]


def test_the_row_of_a_submission_that_is_taken_in_after_all_waits_no_more(site: Site, vendor: Vendor) -> None:
    good = vendor.responses[0]
    vendor.responses[0] = edited(good["lastSubmittedTime"], "")
    notify(site)
    vendor.responses[0] = good

    site.call("sweep")

    assert [row.state for row in site.store.ports.quarantine.find()] == ["replayed"]
