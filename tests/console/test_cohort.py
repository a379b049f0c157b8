"""A cohort at a glance: the figures are the story's, each part is for whom it is, and no file names anybody."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from functions.bootstrap import Embedded
from functions.cli.demo.tell import FUNNEL, funnel_of
from tests.console.browsing import COHORT, DECIDED, ENDED, GATE, words_of

SignIn = Callable[..., FlaskClient]
HERE = "전남대학교"

on = pytest.mark.parametrize


def rows_of(browser: FlaskClient, path: str) -> list[dict[str, str]]:
    answer = browser.get(f"/cohorts/{COHORT}/{path}.csv")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


@on("console_store", [DECIDED, GATE, ENDED], indirect=True)
def test_the_funnel_is_the_one_that_the_histories_tell(client_as: SignIn, console_store: Embedded) -> None:
    cases = list(console_store.ports.cases.find())
    told = funnel_of(cases, console_store.ports.cases)

    rows = rows_of(client_as("city"), "figures/funnel")

    assert [int(row["people"]) for row in rows] == [told[step] for step in FUNNEL]


@on("console_store", [GATE], indirect=True)
def test_the_page_says_what_its_files_say(client_as: SignIn, console_store: Embedded) -> None:
    lead = client_as("lead")

    words = words_of(lead.get(f"/cohorts/{COHORT}"))

    for row in rows_of(lead, "figures/seats"):
        assert f"Taken {row['taken']} Offered {row['offered']} Free {row['free']}" in words
    stages = {(row["workflow"], row["stage"]): int(row["cases"]) for row in rows_of(lead, "figures/stages")}
    assert stages == Counter((case.workflow, case.stage) for case in console_store.ports.cases.find())


def test_whose_attendance_is_low_is_at_risk_with_the_reason(client_as: SignIn, console_store: Embedded) -> None:
    low = [
        case.id
        for case in console_store.ports.cases.find(workflow="enrolment", stage="online")
        if case.data["attendance"] < case.data["terms"]["attendance_min"]
    ]

    instructor = client_as("instructor")

    rows = rows_of(instructor, "learners/at_risk")
    assert [(row["learner"], row["why"]) for row in rows] == [(each, "attendance_low") for each in low]
    assert low
    assert "attendance 72 %, below 80 %" in words_of(instructor.get(f"/cohorts/{COHORT}"))


def test_the_attendance_of_everybody_who_is_taught_is_listed(client_as: SignIn, console_store: Embedded) -> None:
    taught = list(console_store.ports.cases.find(workflow="enrolment", stage="online"))

    rows = rows_of(client_as("instructor"), "learners/attendance")

    assert {row["learner"]: float(row["attendance"]) for row in rows} == {
        case.id: case.data["attendance"] for case in taught
    }


@on("console_store", [GATE], indirect=True)
def test_the_gates_that_are_due_lead_to_their_questions(client_as: SignIn, console_store: Embedded) -> None:
    tasks = {task.id for task in console_store.ports.cases.tasks(role="instructor")}

    page = client_as("instructor").get(f"/cohorts/{COHORT}")

    assert set(re.findall(r'href="/questions/(\w+)"', page.text)) == tasks
    assert len(tasks) > 20


def test_the_next_gate_is_announced_with_how_many_stand_there(client_as: SignIn, console_store: Embedded) -> None:
    count = len(list(console_store.ports.cases.find(workflow="enrolment", stage="online")))

    words = words_of(client_as("lead").get(f"/cohorts/{COHORT}"))

    assert f"2027-06-11 18:00 KST · {count} learners stand there then." in words


@on("console_store", [ENDED], indirect=True)
def test_outcomes_count_everybody_who_completed_at_every_month(client_as: SignIn, console_store: Embedded) -> None:
    cases = list(console_store.ports.cases.find(workflow="outcome"))

    rows = rows_of(client_as("career_staff"), "outcomes")

    assert [row["month"] for row in rows] == ["3", "6", "12"]
    assert [sum(int(count) for name, count in row.items() if name != "month") for row in rows] == [len(cases)] * 3
    assert int(rows[2]["hired"]) == sum(case.stage == "hired" for case in cases)
    assert {row["open"] for row in rows} == {"0"}


@on(
    ("role", "files"),
    [
        ("operator", [200, 200, 200]),
        ("city", [200, 403, 200]),
        ("instructor", [200, 200, 403]),
        ("career_staff", [200, 403, 200]),
        ("reviewer", [403, 403, 403]),
    ],
)
def test_each_part_is_for_whom_it_is(client_as: SignIn, role: str, files: list[int]) -> None:
    browser, names = client_as(role), ("figures/funnel", "learners/attendance", "outcomes")

    answers = [browser.get(f"/cohorts/{COHORT}/{name}.csv").status_code for name in names]

    shown = browser.get(f"/cohorts/{COHORT}").text
    assert answers == files
    assert [f"/cohorts/{COHORT}/learners/" in shown, "outcomes.csv" in shown] == [
        files[1] == 200,
        # Nobody has completed yet: there is nothing to show, whoever asks.
        False,
    ]


def test_a_university_sees_its_own_learners_and_no_others(client_as: SignIn, console_store: Embedded) -> None:
    everybody = rows_of(client_as("lead"), "learners/attendance")

    theirs = rows_of(client_as("university", university=HERE), "learners/attendance")

    assert theirs == [row for row in everybody if row["university"] == HERE]
    assert 0 < len(theirs) < len(everybody)
    assert console_store.ports.cases.get(theirs[0]["learner"]) is not None  # type: ignore[arg-type]


def test_no_file_and_no_page_names_anybody(client_as: SignIn, console_store: Embedded) -> None:
    lead = client_as("lead")
    people = [case.person for case in console_store.ports.cases.find(workflow="enrolment")]
    names = ("figures/funnel", "figures/seats", "figures/stages", "learners/attendance", "learners/at_risk")

    texts = [lead.get(f"/cohorts/{COHORT}/{name}.csv").text for name in names]
    texts.append(lead.get(f"/cohorts/{COHORT}").text)

    assert not [person for person in people if any(person in text for text in texts)]


@on("path", ["/cohorts/another", "/cohorts/another/figures/funnel.csv", f"/cohorts/{COHORT}/figures/gates.csv"])
def test_what_there_is_not_is_not_found(client_as: SignIn, path: str) -> None:
    assert client_as("lead").get(path).status_code == 404


def test_a_cohort_outside_of_the_scope_is_not_there(client_as: SignIn) -> None:
    elsewhere = client_as("lead", programme="another")

    assert elsewhere.get(f"/cohorts/{COHORT}").status_code == 404
    assert COHORT not in elsewhere.get("/cohorts").text


def test_what_charts_show_is_written_beside_them(client_as: SignIn) -> None:
    page = client_as("lead").get(f"/cohorts/{COHORT}").text

    charts = re.findall(r"<svg[^>]*>", page)
    assert charts
    assert all(
        'aria-hidden="true"' in chart or re.search(r'role="img" aria-label="[^"]+ \d+"', chart) for chart in charts
    )
    assert "style=" not in page
