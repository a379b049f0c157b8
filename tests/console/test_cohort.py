"""A cohort at a glance: the figures are the story's, each part is for whom it is, and no file names anybody."""

import csv
import html
import io
import json
import re
from collections import Counter
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from functions.cli.demo.tell import FUNNEL
from functions.console.figures import COLUMNS
from functions.console.views import cohort as view
from functions.embedded import Embedded
from schemas.enrolment import Enrolment
from schemas.events.enrolment import AttendanceRecorded
from schemas.ids import PersonId
from schemas.messages import Case, Entry
from schemas.risk import PRESETS
from tests.console.browsing import COHORT, DECIDED, ENDED, GATE, send, words_of
from tests.support.life import staff
from workflows.definitions.risk import risks_of
from workflows.runtime.bring import bring

SignIn = Callable[..., FlaskClient]
HERE = "전남대학교"

on = pytest.mark.parametrize


def rows_of(browser: FlaskClient, path: str) -> list[dict[str, str]]:
    answer = browser.get(f"/cohorts/{COHORT}/{path}.csv")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def ever_at(store: Embedded) -> Counter[str]:
    """Count the cases that ever stood at each stage, by their histories."""
    found: Counter[str] = Counter()
    for case in store.ports.cases.find():
        texts = [text for text, _ in store.ports.cases.history(case.id)]
        found.update({f"{case.workflow}.{step.to}" for text in texts for step in Entry.model_validate_json(text).steps})
    return found


@on("console_store", [DECIDED, GATE, ENDED], indirect=True)
def test_the_funnel_is_the_one_that_the_histories_tell(client_as: SignIn, console_store: Embedded) -> None:
    told = ever_at(console_store)

    rows = rows_of(client_as("city"), "figures/funnel")

    assert [int(row["cases"]) for row in rows] == [told[stage] for stage in FUNNEL.values()]


@on("console_store", [GATE], indirect=True)
def test_the_page_says_what_its_files_say(client_as: SignIn, console_store: Embedded) -> None:
    lead = client_as("lead")

    words = words_of(lead.get(f"/cohorts/{COHORT}"))

    for row in rows_of(lead, "figures/seats"):
        assert f"Taken {row['taken']} Offered {row['offered']} Free {row['free']}" in words
    stages = {(row["workflow"], row["stage"]): int(row["cases"]) for row in rows_of(lead, "figures/stages")}
    assert stages == Counter((case.workflow, case.stage) for case in console_store.ports.cases.find())


def learners(store: Embedded) -> list[tuple[Case, Enrolment]]:
    cases = [case for case in store.ports.cases.find(workflow="enrolment") if not case.is_final]
    return [(case, Enrolment.model_validate_json(case.subject)) for case in cases]


def test_every_rule_that_fires_is_named_with_its_version_and_its_figures(
    client_as: SignIn, console_store: Embedded
) -> None:
    (case, _), *_ = learners(console_store)
    bring(AttendanceRecorded(share=0.1), case.id, staff("instructor", "ian"), console_store.ports)
    console_store.worker.drain()
    now = console_store.ports.clock.now()
    expected = [
        (case.id, "sadari@2", risk.rule, str(risk.value), str(risk.threshold), risk.reason_ko, risk.reason_en)
        for case, enrolment in learners(console_store)
        for risk in risks_of(enrolment, case.stage, PRESETS["sadari@2"].rules, now)
    ]
    names = ("learner", "preset", "rule", "value", "threshold", "reason_ko", "reason_en")
    instructor = client_as("instructor")

    rows = rows_of(instructor, "learners/at_risk")
    words = words_of(instructor.get(f"/cohorts/{COHORT}"))

    assert [tuple(row[name] for name in names) for row in rows] == expected
    assert [row["rule"] for row in rows if row["learner"] == case.id] == ["attendance-low@1", "attendance-hardly@1"]
    for row in rows:
        assert f"{row['reason_en']} {row['rule']}" in html.unescape(words)
    assert "This cohort's rules of risk: The default rules sadari@2" in html.unescape(words)


def test_the_rules_are_said_in_korean_to_whoever_reads_korean(client_as: SignIn) -> None:
    browser = client_as("instructor")
    (row, *_) = rows_of(browser, "learners/at_risk")
    send(browser, "/language", back="/cohorts")

    words = words_of(browser.get(f"/cohorts/{COHORT}"))

    assert row["reason_ko"] in html.unescape(words)
    assert "이 기수의 위험 판단 규칙: 기본 규칙 sadari@2" in words


def replanned(store: Embedded, risk: str) -> None:
    """Let the cohort and its learners be planned by another preset."""
    for (blob,) in store.database.all("select blob from cases"):
        case = Case.model_validate_json(blob)
        facts = case.data
        if "terms" in facts:
            facts["terms"] = {**facts["terms"], "risk": risk}
            text = case.model_copy(update={"subject": json.dumps(facts)}).model_dump_json()
            store.database.execute("update cases set blob = ? where id = ?", (text, case.id))


@on(("risk", "notice"), [("kr-offline-80@1", "Unverified: not compared"), ("unheard-of@7", "has no such preset")])
def test_a_cohort_is_judged_by_its_own_preset(
    client_as: SignIn, console_store: Embedded, risk: str, notice: str
) -> None:
    replanned(console_store, risk)
    instructor = client_as("instructor")

    pages = [words_of(instructor.get(path)) for path in (f"/cohorts/{COHORT}", f"/records/{COHORT}/attendance")]
    rows = rows_of(instructor, "learners/at_risk")

    assert all(risk in words and notice in words for words in pages)
    assert {row["preset"] for row in rows} <= {risk}
    assert {row["rule"].rpartition("-")[0] for row in rows} <= {"kr-offline-80"}
    assert bool(rows) == (risk in PRESETS)


def test_learners_come_in_pages_that_hold_everybody_once(
    client_as: SignIn, console_store: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "LEARNERS_SHOWN_MAX", 7)
    browser, path, seen = client_as("instructor"), f"/cohorts/{COHORT}", []
    while path:
        page = browser.get(path).text
        section = page.partition('id="attendance"')[2]
        seen.append(re.findall(r'href="/cases/(\w+)"', section))
        found = re.search(r'href="(/cohorts/[^"]+after=[^"]+)" rel="next"', page)
        path = found.group(1) if found else ""

    assert sorted(sum(seen, [])) == [case.id for case, _ in learners(console_store)]  # noqa: RUF017  a handful
    assert max(map(len, seen)) == 7


def test_phases_say_who_learns_waits_and_has_passed(client_as: SignIn, console_store: Embedded) -> None:
    taught = len(list(console_store.ports.cases.find(workflow="enrolment", stage="online")))

    online, offline, pitch = rows_of(client_as("city"), "figures/phases")

    assert (online["taught"], online["waiting"], online["passed"]) == (str(taught), "0", "0")
    assert 0.5 < float(online["passed_share"]) < 0.7
    assert [offline["passed_share"], pitch["passed_share"]] == ["0.0", "0.0"]


# ---- names


def looked_at(store: Embedded) -> Counter[tuple[str, str]]:
    return Counter((row["subject"], row["reason"]) for row in store.ports.vault.accesses())


def names_in(store: Embedded) -> dict[str, str]:
    people = [PersonId(case.person) for case, _ in learners(store)]
    found = store.ports.vault.get_many(people, reader="test", reason="test")
    return {person: each.name for person, each in found.items()}


@on("path", [f"/cohorts/{COHORT}/roster", f"/records/{COHORT}/attendance"])
def test_whoever_teaches_sees_names_with_a_row_in_the_log_for_each(
    client_as: SignIn, console_store: Embedded, path: str
) -> None:
    names, before = names_in(console_store), looked_at(console_store)

    page = client_as("instructor").get(path).text

    assert all(name in page for name in names.values())
    assert looked_at(console_store) - before == Counter({(person, f"roster of {COHORT}"): 1 for person in names})


def test_on_the_cohorts_page_only_those_are_named_who_need_attention(
    client_as: SignIn, console_store: Embedded
) -> None:
    instructor, before = client_as("instructor"), looked_at(console_store)
    risky = {row["learner"] for row in rows_of(instructor, "learners/at_risk")}
    people = {case.person for case, _ in learners(console_store) if case.id in risky}

    page = instructor.get(f"/cohorts/{COHORT}").text

    looked = {person for person, _ in looked_at(console_store) - before}
    assert looked == people
    names = names_in(console_store)
    assert all(names[person] in page for person in people)


@on("role", ["operator", "lead", "university", "auditor"])
def test_everybody_else_sees_no_name_and_leaves_no_row(client_as: SignIn, console_store: Embedded, role: str) -> None:
    names = names_in(console_store)
    before, browser = looked_at(console_store), client_as(role)

    texts = [browser.get(path).text for path in (f"/cohorts/{COHORT}", f"/records/{COHORT}/attendance")]

    assert not [name for name in names.values() if any(name in text for text in texts)]
    assert looked_at(console_store) == before
    assert browser.get(f"/cohorts/{COHORT}/roster").status_code == 403


def test_an_instructor_of_another_cohort_sees_no_roster(client_as: SignIn) -> None:
    assert client_as("instructor", cohort="another").get(f"/cohorts/{COHORT}/roster").status_code == 404


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

    enrolled = len(list(console_store.ports.cases.find(workflow="enrolment")))

    rows = rows_of(client_as("career_staff"), "outcomes")

    assert [row["month"] for row in rows] == ["3", "6", "12"]
    counted = [sum(int(count) for name, count in row.items() if name not in {"month", "enrolled"}) for row in rows]
    assert counted == [len(cases)] * 3
    assert {row["enrolled"] for row in rows} == {str(enrolled)}
    assert int(rows[2]["hired"]) == sum(case.stage == "hired" for case in cases)
    assert {row["open"] for row in rows} == {"0"}


@on("console_store", [ENDED], indirect=True)
def test_evidence_is_counted_for_every_status_that_was_reported(client_as: SignIn, console_store: Embedded) -> None:
    told = Counter(
        (case.data["status"], case.data.get("evidence") or "self_reported")
        for case in console_store.ports.cases.find(workflow="outcome")
        if case.data.get("status")
    )

    rows = rows_of(client_as("career_staff"), "evidence")

    found = {(row["status"], kind): int(row[kind]) for row in rows for kind in ("self_reported", "pending", "verified")}
    assert Counter({place: many for place, many in found.items() if many}) == told
    assert told
    assert [int(row["all"]) for row in rows] == [
        sum(many for (status, _), many in told.items() if status == row["status"]) for row in rows
    ]


@on("console_store", [GATE, ENDED], indirect=True)
def test_every_table_of_the_page_has_its_file_and_every_file_its_columns(client_as: SignIn) -> None:
    browser = client_as("operator")
    page = browser.get(f"/cohorts/{COHORT}").text

    files = re.findall(rf'href="/cohorts/{COHORT}/([^"]+)\.csv" download', page)

    for each in files:
        text = browser.get(f"/cohorts/{COHORT}/{each}.csv").data.decode("utf-8-sig")
        assert tuple(next(csv.reader([text.splitlines()[0]]))) == COLUMNS[each.rpartition("/")[2]]
    tables = page.count("<table") + len(re.findall(r'id="seats"', page)) + page.count('<h2 id="outcomes"')
    workflows = len(set(re.findall(r"<h3>([^<]+) <span", page)))
    assert len(files) == tables - max(0, workflows - 1)


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
    names = (
        "figures/funnel",
        "figures/seats",
        "figures/phases",
        "figures/stages",
        "learners/attendance",
        "learners/at_risk",
    )

    texts = [lead.get(f"/cohorts/{COHORT}/{name}.csv").text for name in names]
    texts.append(lead.get(f"/cohorts/{COHORT}").text)

    assert not [person for person in people if any(person in text for text in texts)]


@on(
    "path",
    [
        "/cohorts/another",
        "/cohorts/another/figures/funnel.csv",
        f"/cohorts/{COHORT}/figures/gates.csv",
        f"/cohorts/{COHORT}/gates.csv",
    ],
)
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
