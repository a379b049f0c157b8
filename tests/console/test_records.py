"""Records by page and by file: who may, what is kept of what was typed, and what the report promises."""

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.cli.demo.story import read_cohort
from functions.console.guard import TOKEN_FIELD
from functions.console.room import ROOM
from functions.console.views import records_import
from functions.embedded import Embedded
from schemas.enrolment import Enrolment
from schemas.events.enrolment import AttendanceRecorded
from schemas.ids import CaseId
from schemas.messages import Case, Entry
from tests.console.browsing import send, token_on, words_of
from tests.support.life import staff
from workflows.runtime.bring import bring
from workflows.runtime.errors import Unavailable

SignIn = Callable[..., FlaskClient]
COHORT = "gwangju-2027"
ATTENDANCE, IMPORT, OUTCOMES = f"/records/{COHORT}/attendance", f"/records/{COHORT}/import", "/records/outcomes"
ROW = re.compile(r'name="share-([^"]+)" value="([^"]*)"')
WAS = re.compile(r'name="was-([^"]+)" value="([^"]*)"')
HIDDEN = re.compile(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">')
MONTH3 = read_cohort()[1].calendar.month3 + timedelta(days=1)


def shown(page: str) -> dict[str, str]:
    """The fields of the attendance page, by case."""
    return dict(ROW.findall(page))


def form_of(page: str) -> dict[str, str]:
    """What the attendance form holds as it is."""
    fields = {f"share-{case}": value for case, value in ROW.findall(page)}
    act = dict(HIDDEN.findall(page))["act"]
    return {**fields, **{f"was-{case}": value for case, value in WAS.findall(page)}, "act": act}


def case_of(store: Embedded, case_id: str) -> Case:
    seen = store.ports.cases.get(CaseId(case_id))
    assert seen is not None
    return seen.case


def attendance_of(store: Embedded, case_id: str) -> float:
    store.worker.drain()
    return Enrolment.model_validate_json(case_of(store, case_id).subject).attendance


def last_entry(store: Embedded, case_id: str) -> Entry:
    return Entry.model_validate_json(store.ports.cases.history(CaseId(case_id))[-1][0])


def upload(browser: FlaskClient, table: str | bytes, **form: Any) -> TestResponse:
    """Send a file to the import page."""
    body = table.encode() if isinstance(table, str) else table
    data = {TOKEN_FIELD: token_on(browser), "kind": "attendance", "do": "check", **form}
    return browser.post(
        IMPORT, data={**data, "file": (BytesIO(body), "t.csv")}, headers={"Sec-Fetch-Site": "same-origin"}
    )


# ---- who may


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("operator", {"/records": 200, ATTENDANCE: 200, IMPORT: 200, OUTCOMES: 200}),
        ("instructor", {"/records": 200, ATTENDANCE: 200, IMPORT: 200, OUTCOMES: 403}),
        ("career_staff", {"/records": 200, ATTENDANCE: 403, IMPORT: 200, OUTCOMES: 200}),
        ("reviewer", {"/records": 403, ATTENDANCE: 403, IMPORT: 403, OUTCOMES: 403}),
        ("auditor", {"/records": 403, ATTENDANCE: 403, IMPORT: 403, OUTCOMES: 403}),
    ],
)
def test_each_role_sees_what_it_records(client_as: SignIn, role: str, seen: dict[str, int]) -> None:
    browser = client_as(role)

    assert {path: browser.get(path).status_code for path in seen} == seen


def test_of_another_cohort_there_is_nothing_to_see_or_to_record(client_as: SignIn, console_store: Embedded) -> None:
    mine, other = client_as("instructor", cohort=COHORT), client_as("instructor", cohort="busan-2027")
    form = form_of(mine.get(ATTENDANCE).text)
    case = next(iter(shown(mine.get(ATTENDANCE).text)))
    before = attendance_of(console_store, case)

    answers = [
        other.get(ATTENDANCE),
        send(other, ATTENDANCE, **{**form, f"share-{case}": "50"}),
        send(other, f"{ATTENDANCE}/names", why="to know"),
        upload(other, f"enrolment,share\n{case},0.5\n", do="apply"),
        other.get(f"/records/{COHORT}/attendance.csv"),
    ]

    assert COHORT not in words_of(other.get("/records"))
    assert [answer.status_code for answer in answers] == [404] * 5
    assert attendance_of(console_store, case) == before


def test_a_kind_that_is_not_the_visitors_is_refused(client_as: SignIn) -> None:
    career, instructor = client_as("career_staff"), client_as("instructor")

    refused = [
        upload(career, "enrolment,share\n"),
        upload(instructor, "outcome,status\n", kind="outcome"),
        career.get(f"/records/{COHORT}/progress.csv"),
    ]

    assert [answer.status_code for answer in refused] == [403, 403, 404]
    assert 'value="attendance"' not in career.get(IMPORT).text


# ---- attendance


def test_one_form_records_what_was_changed_and_nothing_else(client_as: SignIn, console_store: Embedded) -> None:
    browser = client_as("instructor", as_id="ian")
    form = form_of(browser.get(ATTENDANCE).text)
    first, second, *others = shown(browser.get(ATTENDANCE).text)
    sizes = {case: case_of(console_store, case).seq for case in others}

    answer = send(browser, ATTENDANCE, **{**form, f"share-{first}": "70", f"share-{second}": "95.5%"})
    attended = [attendance_of(console_store, case) for case in (first, second)]

    assert answer.status_code == 200
    assert "2 recorded" in words_of(answer)
    assert "The learner is told: Attendance low." in words_of(answer)
    assert attended == [0.7, 0.955]
    assert {case: case_of(console_store, case).seq for case in others} == sizes
    actor = last_entry(console_store, first).message.actor
    assert (actor.kind, actor.id, actor.role) == ("staff", "ian", "instructor")


def test_the_same_form_again_is_a_repeat_and_a_second_correction_is_not(
    client_as: SignIn, console_store: Embedded
) -> None:
    browser = client_as("instructor")
    form = form_of(browser.get(ATTENDANCE).text)
    case = next(iter(shown(browser.get(ATTENDANCE).text)))

    first = send(browser, ATTENDANCE, **{**form, f"share-{case}": "70"})
    second = send(browser, ATTENDANCE, **{**form_of(first.text), f"share-{case}": "71"})  # before it is applied
    third = send(browser, ATTENDANCE, **{**form_of(second.text), f"share-{case}": "70"})
    seen = attendance_of(console_store, case)
    seq = case_of(console_store, case).seq
    again = send(browser, ATTENDANCE, **{**form_of(third.text), "act": form["act"]})

    assert [answer.status_code for answer in (first, second, third, again)] == [200] * 4
    assert (seen, attendance_of(console_store, case), case_of(console_store, case).seq) == (0.7, 0.7, seq)
    assert "Nothing was changed" in words_of(again)


@pytest.mark.parametrize("typed", ["", "abc", "101", "-1", "0.9", "<b>"])
def test_what_cannot_be_taken_stays_in_its_field_and_the_rest_is_recorded(
    client_as: SignIn, console_store: Embedded, typed: str
) -> None:
    browser = client_as("instructor")
    form = form_of(browser.get(ATTENDANCE).text)
    first, second, *_ = shown(browser.get(ATTENDANCE).text)
    before = attendance_of(console_store, second)

    answer = send(browser, ATTENDANCE, **{**form, f"share-{first}": "72", f"share-{second}": typed})

    assert answer.status_code == 422
    assert shown(answer.text)[second] == typed.replace("<", "&lt;").replace(">", "&gt;")
    assert "1 recorded, 1 not" in words_of(answer)
    assert "is no share" in words_of(answer)
    assert (attendance_of(console_store, first), attendance_of(console_store, second)) == (0.72, before)


def test_what_somebody_else_recorded_meanwhile_is_not_replaced_unseen(
    client_as: SignIn, console_store: Embedded
) -> None:
    browser = client_as("instructor")
    form = form_of(browser.get(ATTENDANCE).text)
    first, second, *_ = shown(browser.get(ATTENDANCE).text)
    for case in (first, second):
        bring(AttendanceRecorded(share=0.5), CaseId(case), staff("instructor", "other"), console_store.ports)
    console_store.worker.drain()

    answer = send(browser, ATTENDANCE, **{**form, f"share-{first}": "72"})
    between = attendance_of(console_store, first)
    replaced = send(browser, ATTENDANCE, **form_of(answer.text))

    assert answer.status_code == 422
    assert "somebody else recorded 50% meanwhile" in words_of(answer)
    assert (shown(answer.text)[first], shown(answer.text)[second]) == ("72", "50")
    assert (between, replaced.status_code, attendance_of(console_store, first)) == (0.5, 200, 0.72)


def test_what_could_not_be_sent_is_still_in_its_field(
    client_as: SignIn, site: Flask, console_store: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def publish(self, *_: object) -> None:
            raise Unavailable("the topic")

    room = site.extensions[ROOM]
    browser = client_as("instructor")
    form = form_of(browser.get(ATTENDANCE).text)
    case = next(iter(shown(browser.get(ATTENDANCE).text)))
    monkeypatch.setitem(site.extensions, ROOM, replace(room, ports=replace(room.ports, publisher=Broken())))

    answer = send(browser, ATTENDANCE, **{**form, f"share-{case}": "72"})

    assert answer.status_code == 422
    assert shown(answer.text)[case] == "72"
    assert "could not be sent now" in words_of(answer)
    assert attendance_of(console_store, case) != 0.72


def test_names_are_read_with_a_reason_that_the_access_log_keeps(client_as: SignIn, console_store: Embedded) -> None:
    browser = client_as("operator", as_id="ian")
    page = browser.get(ATTENDANCE)
    people = {case: case_of(console_store, case).person for case in shown(page.text)}
    known = {person: console_store.ports.vault.get(person, reader="t", reason="t") for person in people.values()}  # type: ignore[arg-type]
    names = {person: each.name for person, each in known.items() if each is not None}
    before = len(console_store.ports.vault.accesses())

    without = send(browser, f"{ATTENDANCE}/names", why=" ")
    between = len(console_store.ports.vault.accesses())
    answer = send(browser, f"{ATTENDANCE}/names", why="roll call of week 4")
    log = console_store.ports.vault.accesses()[before:]

    assert not any(name in words_of(page) for name in names.values())
    assert (without.status_code, between) == (422, before)
    assert all(name in answer.text for name in names.values())
    assert [row["reader"] for row in log] == ["ian"] * len(people)
    assert {row["reason"] for row in log} == {"roll call of week 4"}
    saved = send(browser, ATTENDANCE, **{**form_of(answer.text), "why": "roll call of week 4"})
    assert all(name in saved.text for name in names.values())


def test_who_is_at_risk_is_shown_with_the_reason_the_figure_and_the_rule(
    client_as: SignIn, console_store: Embedded
) -> None:
    browser = client_as("operator")
    case = next(iter(shown(browser.get(ATTENDANCE).text)))
    bring(AttendanceRecorded(share=0.1), CaseId(case), staff("instructor"), console_store.ports)
    console_store.worker.drain()

    ours = words_of(browser.get(ATTENDANCE))
    theirs = words_of(browser.get(f"{ATTENDANCE}?rules=kr-offline-80@1"))
    unknown = words_of(browser.get(f"{ATTENDANCE}?rules=nobody@1"))

    assert "Attendance 10% is below the cohort&#39;s minimum of 80%. attendance-low@1" in ours
    assert "kr-offline-80-low@1" in theirs
    assert "Unverified: not compared with the ministry" in theirs
    assert unknown == ours


# ---- files


def test_a_file_is_reported_first_and_recorded_afterwards(client_as: SignIn, console_store: Embedded) -> None:
    browser = client_as("instructor")
    first, second, *_ = shown(browser.get(ATTENDANCE).text)
    seqs = {case: case_of(console_store, case).seq for case in (first, second)}

    checked = upload(browser, f"enrolment,share\n{first},70%\n{second},70\nnobody,0.5\n")
    console_store.worker.drain()
    between = {case: case_of(console_store, case).seq for case in (first, second)}
    fields = {name: value for name, value in HIDDEN.findall(checked.text) if name in {"kind", "checked", "kept"}}
    applied = send(browser, IMPORT, do="apply", **fields)
    again = send(browser, IMPORT, do="apply", **fields)

    assert (checked.status_code, applied.status_code) == (200, 200)
    assert "1 to record · 2 cannot be taken. Nothing has been recorded yet." in words_of(checked)
    assert "Would be recorded. The learner is told: Attendance low." in words_of(checked)
    assert re.findall(r"<td><code>(\w+)</code></td>", checked.text) == [first[:8], second[:8], "nobody"]
    assert between == seqs
    assert "1 recorded · 2 cannot be taken" in words_of(applied)
    assert attendance_of(console_store, first) == 0.7
    assert "1 recorded already" in words_of(send(browser, IMPORT, do="apply", **fields))
    assert again.status_code == 200
    assert case_of(console_store, first).seq == seqs[first] + 1


def test_a_large_file_is_chosen_again_and_must_be_the_same(
    client_as: SignIn, console_store: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records_import, "KEPT_MAX", 10)
    browser = client_as("instructor")
    case = next(iter(shown(browser.get(ATTENDANCE).text)))
    table, other = f"enrolment,share\n{case},70%\n", f"enrolment,share\n{case},71%\n"

    report = upload(browser, table)
    fields = dict(HIDDEN.findall(report.text))
    swapped = upload(browser, other, do="apply", checked=fields["checked"])
    between = attendance_of(console_store, case)
    applied = upload(browser, table, do="apply", checked=fields["checked"])

    assert "kept" not in fields
    assert "Choose the same file again" in words_of(report)
    assert swapped.status_code == 409
    assert "not the file that was checked" in words_of(swapped)
    assert (between not in {0.7, 0.71}, attendance_of(console_store, case)) == (True, 0.7)
    assert applied.status_code == 200


def test_progress_counts_an_assessment_once(client_as: SignIn, console_store: Embedded) -> None:
    browser = client_as("instructor")
    case = next(iter(shown(browser.get(ATTENDANCE).text)))
    before = Enrolment.model_validate_json(case_of(console_store, case).subject)
    table = f"enrolment,assessment\n{case},{before.assessments[0]}\n{case},extra-1\n"

    checked = upload(browser, table, kind="progress")
    fields = {name: value for name, value in HIDDEN.findall(checked.text) if name in {"kind", "checked", "kept"}}
    send(browser, IMPORT, do="apply", **fields)
    console_store.worker.drain()
    after = Enrolment.model_validate_json(case_of(console_store, case).subject)

    assert "1 to record · 1 recorded already" in words_of(checked)
    assert after.assessments == (*before.assessments, "extra-1")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"", "Choose a file."),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"enrolment,share,colour\n", "may not be sent"),
        (b"enrolment,share\n", "The file has no rows."),
        (b"enrolment,share\n" + b"a,0.5\n" * 1001, "More than 1,000 rows"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named(client_as: SignIn, table: bytes, said: str) -> None:
    assert said in words_of(upload(client_as("instructor"), table))


def test_what_is_handed_out_can_be_sent_back_as_it_is(client_as: SignIn) -> None:
    browser = client_as("instructor")
    table = browser.get(f"/records/{COHORT}/attendance.csv")

    report = words_of(upload(browser, table.data))

    assert table.mimetype == "text/csv"
    assert f"Attendance: {len(shown(browser.get(ATTENDANCE).text))} recorded already" in report


def test_the_table_to_fill_in_names_learners_for_whoever_may_see_the_roster(
    client_as: SignIn, console_store: Embedded
) -> None:
    before = len(console_store.ports.vault.accesses())

    named = client_as("instructor", as_id="han").get(f"/records/{COHORT}/attendance.csv")
    logged = console_store.ports.vault.accesses()[before:]
    unnamed = client_as("operator").get(f"/records/{COHORT}/attendance.csv")

    head, *rows = csv.reader(StringIO(named.data.decode("utf-8-sig")))
    assert head == ["enrolment", "share", "name"]
    assert rows
    assert all(name for _, _, name in rows)
    assert {(row["reader"], row["reason"]) for row in logged} == {("han", f"roster of {COHORT}")}
    assert len(logged) == len(rows)
    assert unnamed.data.decode("utf-8-sig").splitlines()[0] == '"enrolment","share"'


# ---- outcomes


@pytest.mark.parametrize("console_store", [MONTH3], indirect=True)
def test_career_staff_report_a_status_with_its_evidence(client_as: SignIn, console_store: Embedded) -> None:
    browser = client_as("career_staff", as_id="yoon")
    page = browser.get(OUTCOMES)
    first, second, third, *_ = re.findall(r'name="status-([^"]+)"', page.text)
    seq = case_of(console_store, third).seq

    answer = send(
        browser,
        OUTCOMES,
        cohort=COHORT,
        **{f"status-{first}": "hired", f"evidence-{first}": "verified", f"reference-{first}": "EV-1"},
        **{f"status-{second}": "founded", f"evidence-{second}": "verified", f"reference-{second}": ""},
        **{f"status-{third}": "", f"evidence-{third}": "", f"reference-{third}": ""},
    )
    console_store.worker.drain()

    assert answer.status_code == 422
    assert "1 recorded, 1 not" in words_of(answer)
    assert "Evidence reference: is needed where the evidence is verified" in words_of(answer)
    assert '<option value="founded" selected>' in answer.text
    facts = case_of(console_store, first).data
    assert (facts["at_month3"], facts["evidence"], facts["reference"]) == ("hired", "verified", "EV-1")
    assert last_entry(console_store, first).message.actor.role == "career_staff"
    assert (case_of(console_store, second).data["at_month3"], case_of(console_store, third).seq) == (None, seq)
    assert "hired, verified EV-1" in words_of(browser.get(OUTCOMES)).casefold().replace(" · ", ", ").replace("ev", "EV")


@pytest.mark.parametrize("console_store", [MONTH3], indirect=True)
def test_a_report_that_comes_without_a_status_or_with_a_contact_is_kept_and_named(
    client_as: SignIn, console_store: Embedded
) -> None:
    browser = client_as("career_staff")
    case = re.findall(r'name="status-([^"]+)"', browser.get(OUTCOMES).text)[0]
    seq = case_of(console_store, case).seq

    answer = send(browser, OUTCOMES, cohort=COHORT, **{f"status-{case}": "", f"reference-{case}": "kim@jnu.ac.kr"})
    console_store.worker.drain()

    assert answer.status_code == 422
    assert 'value="kim@jnu.ac.kr"' in answer.text
    assert case_of(console_store, case).seq == seq


@pytest.mark.parametrize("console_store", [MONTH3], indirect=True)
def test_outcomes_come_by_file_as_well_and_the_korean_pages_have_their_texts(
    client_as: SignIn, console_store: Embedded
) -> None:
    browser = client_as("career_staff")
    send(browser, "/language", back="/records")
    case = re.findall(r'name="status-([^"]+)"', browser.get(OUTCOMES).text)[0]

    table = f"outcome,status,reference\n{case},학업,EV-9\nb,hired,\nc,hired\nd,rich,\n"
    report = upload(browser, table, kind="outcome")
    fields = {name: value for name, value in HIDDEN.findall(report.text) if name in {"kind", "checked", "kept"}}
    send(browser, IMPORT, do="apply", **fields)
    console_store.worker.drain()

    facts = case_of(console_store, case).data
    assert (facts["status"], facts["evidence"], facts["reference"]) == ("studying", "pending", "EV-9")
    assert report.status_code == 200
    assert {browser.get(path).status_code for path in ("/records", OUTCOMES, IMPORT)} == {200}
