"""The doors for providers of forms: verified as each provider signs, fetched where it does not, taken in once."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from functions.form_settings import FormSecrets
from functions.forms.vendors import TYPES, Vendors
from schemas.connections import Connection
from schemas.events.forum import ForumPlanned
from tests.corpus.rounds import dump, published
from tests.functions.form_site import (
    NAMES,
    NOW,
    PATH,
    digest,
    jotform,
    letters,
    only_case,
    person_of,
    post,
    quarantined,
    send,
    tally,
    typeform,
)
from tests.functions.site import Site
from tests.support.cohort import CALENDAR, DAY
from tests.support.vendor import Vendor, sample
from workflows.runtime.connect import connection_faults


@pytest.fixture
def site(forms: tuple[Site, Vendor]) -> Site:
    return forms[0]


@pytest.fixture
def vendor(forms: tuple[Site, Vendor]) -> Vendor:
    return forms[1]


# ---- every provider


@pytest.mark.parametrize("name", NAMES)
def test_the_documented_sample_becomes_an_application(site: Site, name: str) -> None:
    send(site, name)

    (message,) = published(site.store)
    times = {
        "typeform": (9, 17, 2, 0),
        "tally": (9, 20, 0, 0),
        "jotform": (9, 17, 2, 0),
        "google_forms": (9, 17, 2, 45123),
    }
    assert message.at == datetime(2027, 3, 3, *times[name], tzinfo=UTC)
    assert (message.data["is_enrolled"], message.data["can_attend"]) == (True, True)
    site.pump()
    person = person_of(site, only_case(site))
    assert (person.name, person.email, person.contact) == ("김하늘", "haneul@example.org", "+821024681357")
    assert person.consents == {"privacy": True, "third_party": False}
    assert person.answers["motivation"] == "배우고 싶습니다."
    assert letters(site) == ["ApplicationReceived"]


@pytest.mark.parametrize("name", NAMES)
def test_double_delivery_is_one_submission(site: Site, name: str) -> None:
    send(site, name)
    site.pump()
    send(site, name)
    site.pump()

    assert len(site.store.ports.cases.history(only_case(site).id)) == 1
    assert letters(site) == ["ApplicationReceived"]


def test_four_forms_of_one_person_are_one_case_with_a_visible_trace(site: Site) -> None:
    for name in NAMES:
        send(site, name)
        site.pump()

    assert len(site.store.ports.cases.history(only_case(site).id)) == 4
    assert letters(site) == ["ApplicationReceived"]  # they all say the same


def test_who_knows_a_number_cannot_turn_its_letters_to_another_address_by_a_form_at_a_provider(site: Site) -> None:
    typeform(site, sample("typeform"))
    site.pump()
    before = person_of(site, only_case(site))
    content = sample("tally")
    (email,) = (each for each in content["data"]["fields"] if each["type"] == "INPUT_EMAIL")
    email["value"] = "thief@example.org"

    answer = tally(site, content)
    site.pump()

    assert answer.status_code == 409
    assert person_of(site, only_case(site)) == before
    assert ["another_address" in reason for reason in quarantined(site)] == [True]
    assert letters(site) == ["ApplicationReceived"]


def test_a_form_that_comes_again_after_its_address_was_corrected_is_a_repeat(site: Site) -> None:
    typeform(site, sample("typeform"))
    site.pump()
    person = person_of(site, only_case(site))
    site.store.ports.vault.put(person.model_copy(update={"email": "corrected@example.org"}))

    again = typeform(site, sample("typeform"))

    assert again.status_code == 202
    assert (quarantined(site), person_of(site, only_case(site)).email) == ([], "corrected@example.org")


def test_a_submission_time_in_the_future_is_now(site: Site) -> None:
    content = sample("typeform")
    content["form_response"]["submitted_at"] = (NOW + 9 * DAY).isoformat()

    typeform(site, content)

    assert published(site.store)[0].at == NOW


def test_what_was_submitted_in_time_and_comes_after_the_close_is_in_time(site: Site) -> None:
    site.store.clock.turn(CALENDAR.applications_close + timedelta(minutes=5))

    send(site, "typeform")
    site.pump()

    assert only_case(site).stage == "submitted"


def test_what_was_submitted_after_the_close_is_late(site: Site) -> None:
    content = sample("tally")
    content["data"]["createdAt"] = (CALENDAR.applications_close + DAY).isoformat()
    site.store.clock.turn(CALENDAR.applications_close + 2 * DAY)

    tally(site, content)
    site.pump()

    assert only_case(site).stage == "late"


# ---- another form of ours


def test_a_form_at_a_provider_fills_in_the_registration_for_a_forum(site: Site) -> None:
    forum = ForumPlanned(
        programme="p",
        name_ko="포럼",
        name_en="Forum",
        capacity=2,
        opens_at=NOW - DAY,
        closes_at=NOW + DAY,
        held_at=NOW + 9 * DAY,
    )
    planned = json.loads(forum.model_dump_json())
    operator = {"kind": "staff", "id": "o1", "role": "operator"}
    event = {"type": "ForumPlanned", "case": "forum", "data": planned, "actor": operator}
    assert site.hand_in("events", event, "plan").status_code == 202
    site.pump()
    fields = {"ref_name": "name", "ref_email": "email", "ref_phone": "phone", "ref_department": "company"}
    kinds = {"email": "email", "phone": "phone_number"}
    questions = [
        *({"question": ref, "type": kinds.get(field, "short_text"), "field": field} for ref, field in fields.items()),
        {"question": "ref_can_attend", "type": "dropdown", "field": "attends", "values": {"예, 가능합니다": "on_site"}},
        {"question": "ref_consent_privacy", "type": "legal", "field": "consent_privacy"},
        {"question": "ref_consent_third_party", "type": "legal", "field": "consent_news"},
    ]
    connection = Connection.model_validate(
        {
            **sample("connections")["typeform"],
            "form": "forum_registration",
            "asked_for": "forum",
            "questions": questions,
        }
    )
    assert dict(connection_faults(connection, TYPES, site.store.ports.cases)) == {}
    site.cloud.connections.put(connection, seen=1)
    content = sample("typeform")
    content["form_response"]["submitted_at"] = (NOW + 300 * DAY).isoformat()  # its clock is wrong, and it is now

    answer = typeform(site, content)
    site.pump()

    assert answer.status_code == 202, answer.text
    (case,) = site.store.ports.cases.find(workflow="forum_registration")
    assert case.id == (answer.json or {})["case"]


# ---- nobody else


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "x", digest(b"other"), "sha256=" + digest(b"other"), "sha256=é", "sha256=" + "A" * 5000],
)
def test_what_a_provider_did_not_sign_gets_401_and_leaves_no_trace(site: Site, signature: str) -> None:
    before = dump(site.store)

    answers = [
        send(site, sample(name), signature=signature) for name, send in (("typeform", typeform), ("tally", tally))
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert dump(site.store) == before


def test_a_signature_is_of_the_raw_bytes(site: Site) -> None:
    body = json.dumps(sample("typeform")).encode()

    answer = post(site, "spring-typeform", body + b" ", {"Typeform-Signature": f"sha256={digest(body)}"})

    assert answer.status_code == 401


def test_a_connection_that_there_is_not_answers_as_one_that_did_not_sign(site: Site) -> None:
    body = json.dumps(sample("typeform")).encode()
    headers = {"Typeform-Signature": f"sha256={digest(body)}"}

    answers = [
        post(site, path, body, headers) for path in ("nobody", "", "spring-typeform/x", "..", "spring%2ftypeform")
    ]

    assert {(answer.status_code, answer.text) for answer in answers} == {
        (401, '{"error": "No valid signature of a known source."}')
    }


def test_tally_without_a_signature_is_believed_only_where_the_connection_says_so(site: Site) -> None:
    refused = tally(site, sample("tally"), signature="")
    connection = Connection.model_validate({**sample("connections")["tally"], "is_unsigned": True})
    site.cloud.connections.put(connection, seen=1)
    wrong = tally(site, sample("tally"), signature=digest(b"other"))

    taken = tally(site, sample("tally"), signature="")

    assert [answer.status_code for answer in (refused, wrong, taken)] == [401, 401, 202]


def test_a_connection_without_a_secret_lets_nobody_in(site: Site) -> None:
    site.cloud.vendors._secrets = {}  # type: ignore[assignment]
    body = json.dumps(sample("typeform")).encode()

    answer = post(site, "spring-typeform", body, {"Typeform-Signature": f"sha256={digest(body, '')}"})

    assert answer.status_code == 401
    assert jotform(site, path="").status_code == 401


@pytest.mark.parametrize("path", ["", PATH[:-1], PATH + "a", PATH.lower()])
def test_jotform_without_the_secret_path_asks_nobody(site: Site, vendor: Vendor, path: str) -> None:
    assert jotform(site, path=path).status_code == 401
    assert vendor.calls == []


# ---- Jotform is asked


def test_nothing_of_jotforms_webhook_is_believed(site: Site) -> None:
    jotform(site)
    site.pump()

    assert person_of(site, only_case(site)).email == "haneul@example.org"


def test_the_key_of_jotform_travels_in_a_header_and_not_in_the_address(site: Site, vendor: Vendor) -> None:
    jotform(site)

    assert vendor.calls == [("GET", "/submission/237955080346633702", {})]
    assert vendor.headers[0]["APIKEY"] == "a key of the account"


def test_a_submission_that_jotform_does_not_know_is_none(site: Site, vendor: Vendor) -> None:
    vendor.submissions.clear()
    before = dump(site.store)

    answer = jotform(site)

    assert (answer.status_code, dump(site.store)) == (200, before)


@pytest.mark.parametrize("status", [429, 500, 503, 401, 403, 302])
def test_while_jotform_does_not_answer_nothing_is_taken_in_and_it_may_be_sent_again(
    site: Site, vendor: Vendor, status: int
) -> None:
    vendor.status = status

    answer = jotform(site)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert published(site.store) == []


def test_no_redirect_is_followed_with_the_key(site: Site, vendor: Vendor) -> None:
    vendor.status, vendor.location = 302, f"{vendor.url}/elsewhere"

    assert jotform(site).status_code == 503
    assert [path for _, path, _ in vendor.calls] == ["/submission/237955080346633702"]


def test_an_account_in_europe_is_asked_there(site: Site) -> None:
    secrets = {"spring-jotform": FormSecrets(path=PATH, api_key="k", region="eu")}
    connection = site.cloud.connections.get("spring-jotform")
    assert connection is not None

    api = Vendors(secrets, {}, str).jotform(connection)

    assert api._api._base_url == "https://eu-api.jotform.com"


def test_an_answer_of_jotform_that_is_no_json_is_a_fault_of_theirs(site: Site, vendor: Vendor) -> None:
    vendor.raw = b"<html>"

    assert jotform(site).status_code == 503


def test_an_edited_submission_of_jotform_is_a_new_version_of_the_same_case(site: Site, vendor: Vendor) -> None:
    jotform(site)
    site.pump()
    content = vendor.submissions["237955080346633702"]
    content["answers"]["5"]["answer"] = "통계학과"
    content["updated_at"] = "2027-03-03 05:00:00"

    jotform(site)
    site.pump()

    assert len(site.store.ports.cases.history(only_case(site).id)) == 2
    assert letters(site) == ["ApplicationReceived", "ApplicationEdited"]
    assert person_of(site, only_case(site)).answers["department"] == "통계학과"


@pytest.mark.parametrize(
    "changed", [{"submissionID": "../user"}, {"submissionID": ""}, {"submissionID": "1" * 31}, {"formID": "x y"}]
)
def test_a_webhook_that_names_no_submission_gets_400(site: Site, vendor: Vendor, changed: dict[str, str]) -> None:
    assert jotform(site, changed).status_code == 400
    assert vendor.calls == []


def test_a_body_of_a_thousand_parts_gets_400(site: Site, vendor: Vendor) -> None:
    fields = {**{f"q{number}": "x" for number in range(1_000)}, **sample("jotform_webhook")}

    assert jotform(site, fields).status_code == 400
    assert vendor.calls == []


# ---- what cannot be taken in


def refuse(site: Site, value: str, field: str = "motivation") -> TestResponse:
    content = sample("typeform")
    for answer in content["form_response"]["answers"]:
        if answer["field"]["ref"] == f"ref_{field}":
            answer["text"] = value
    return typeform(site, content)


def test_a_submission_with_faults_leaves_a_row_without_its_answers_and_nothing_else(site: Site) -> None:
    before = dump(site.store)

    answer = refuse(site, "900101-1234567", "student_number")

    assert answer.status_code == 422
    (reason,) = quarantined(site)
    head, _, said = reason.rpartition(": ")
    assert head == "form_refused: connection [spring-typeform], submission [a3a12ec67a1365927098a606107fac15]"
    assert said == "student_number looks like a resident registration number, which must not be collected"
    after = {**dump(site.store), "quarantine": before["quarantine"]}
    assert after == before


@pytest.mark.parametrize("token", ["900101-1234567", "9001011234567", "<b>", "x" * 121, "a b"])
def test_an_id_that_says_more_than_an_id_is_not_shown(site: Site, token: str) -> None:
    content = sample("typeform")
    content["form_response"].update(token=token, answers=[])

    typeform(site, content)

    (reason,) = quarantined(site)
    assert reason.startswith("form_refused: connection [spring-typeform], submission [?]: ")


def test_a_form_of_another_id_than_the_connections_is_refused(site: Site) -> None:
    content = sample("tally")
    content["data"]["formId"] = "other"

    assert tally(site, content).status_code == 422
    assert published(site.store) == []


def test_another_event_of_a_provider_is_no_submission(site: Site) -> None:
    before = dump(site.store)

    answers = [
        typeform(site, {**sample("typeform"), "event_type": "form_response_partial"}),
        tally(site, {**sample("tally"), "eventType": "FORM_OPENED"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert dump(site.store) == before


def test_what_the_map_does_not_name_is_kept_nowhere(site: Site) -> None:
    content = sample("tally")
    content["data"]["fields"].append(
        {"key": "question_x", "label": "x", "type": "INPUT_TEXT", "value": "비밀스러운 말"}
    )

    tally(site, content)
    site.pump()

    assert "비밀스러운" not in str(dump(site.store))


# ---- abuse


def test_strangers_are_stopped_and_whoever_signs_is_not(site: Site) -> None:
    statuses = [typeform(site, sample("typeform"), signature="x").status_code for _ in range(310)]
    body = json.dumps(sample("typeform")).encode()
    headers = {"Typeform-Signature": f"sha256={digest(body)}", "X-Forwarded-For": "203.0.113.9"}

    from_elsewhere = post(site, "spring-typeform", body, headers)
    other_door = tally(site, sample("tally"))

    assert (statuses[0], statuses[-1]) == (401, 429)
    assert statuses.count(401) >= 300
    assert (from_elsewhere.status_code, other_door.status_code) == (202, 202)


def test_a_campus_behind_one_address_is_not_stopped(site: Site) -> None:
    body = json.dumps(sample("typeform")).encode()
    headers = {"Typeform-Signature": f"sha256={digest(body)}", "X-Forwarded-For": "203.0.113.9"}

    assert {post(site, "spring-typeform", body, headers).status_code for _ in range(400)} == {202}


@pytest.mark.parametrize(
    ("kind", "length", "status"),
    [("application/json", 1024 * 1024 + 1, 413), ("text/plain", 10, 415), ("text/csv", 10, 415), ("", 10, 415)],
)
def test_a_body_is_refused_before_it_is_read(site: Site, kind: str, length: int, status: int) -> None:
    assert post(site, "spring-typeform", b"x" * length, {}, content_type=kind).status_code == status
