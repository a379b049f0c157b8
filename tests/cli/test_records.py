"""Records by the command: a row of a table becomes what the console's page would make of it."""

import pytest

from schemas.events.enrolment import AttendanceRecorded, EnrolmentOpened, LearnerWithdrew, OnboardingFinished
from schemas.events.outcome import OutcomeOpened
from schemas.ids import CaseId, PersonId
from tests.cli.selection_desk import Desk
from tests.support.cohort import CALENDAR, DAY, TERMS

COHORT = "2027"
AS = ("--as", "instructor-1", "--role", "instructor")
LEARNERS = tuple(CaseId(f"enrolment-{number}") for number in range(1, 5))


@pytest.fixture
def taught(desk: Desk) -> Desk:
    """Four learners are in online basics; the last is of another cohort, and the third has left."""
    office = desk.office
    office.embedded.clock.turn(CALENDAR.results_at + DAY)
    for number, case in enumerate(LEARNERS, 1):
        event = EnrolmentOpened(
            person=PersonId(f"person-{number}"),
            application=None,
            cohort=COHORT if number < len(LEARNERS) else "2028",
            programme="ai",
            calendar=CALENDAR,
            terms=TERMS,
        )
        office.tell(case, event)
        office.tell(case, OnboardingFinished())
    office.until(CALENDAR.programme_starts + 8 * DAY)
    office.tell(LEARNERS[2], LearnerWithdrew())
    return desk


@pytest.fixture
def outcome(desk: Desk) -> CaseId:
    """Somebody who has completed."""
    desk.office.embedded.clock.turn(CALENDAR.programme_ends + DAY)
    person, enrolment = PersonId("person-1"), CaseId("enrolment-1")
    event = OutcomeOpened(person=person, enrolment=enrolment, cohort=COHORT, programme="ai", calendar=CALENDAR)
    desk.office.tell(CaseId("outcome-1"), event)
    return CaseId("outcome-1")


def rows_of(report: dict[str, list[dict[str, object]]]) -> list[tuple[object, ...]]:
    return [(row["row"], row["result"], row["note"]) for row in report["rows"]]


def test_attendance_is_taken_row_by_row_and_a_fault_stands_beside_its_row(taught: Desk) -> None:
    table = "enrolment,share\n" + "".join(f"{case},0.7\n" for case in (*LEARNERS, "nobody")) + "enrolment-2,70\n"
    path = taught.file("attendance.csv", table.replace("enrolment-2,0.7\n", "", 1))

    result = taught.sadari("records", "import", COHORT, path, "--kind", "attendance", *AS, "--json")

    assert result.code == 1
    assert rows_of(result.json) == [
        (2, "taken", ""),
        (3, "refused", "enrolment is of somebody who is not being taught now"),
        (4, "refused", "enrolment is no case of this cohort that you may record for"),
        (5, "refused", "enrolment is no case of this cohort that you may record for"),
        (6, "refused", "share is no share from 0 to 1, such as 0.875, and no percentage, such as 87.5%"),
    ]
    entry = taught.office.entries(LEARNERS[0])[-1]
    assert (entry.message.type, entry.message.data) == ("AttendanceRecorded", {"share": 0.7})
    assert (entry.message.actor.kind, entry.message.actor.id) == ("staff", "instructor-1")


def test_a_rehearsal_changes_nothing_and_says_what_the_real_run_does(taught: Desk) -> None:
    path = taught.file("attendance.csv", f"enrolment,share\n{LEARNERS[0]},70%\n{LEARNERS[2]},0.5\n")
    command = ("records", "import", COHORT, path, "--kind", "attendance", *AS, "--json")
    before = taught.dump()

    rehearsed = taught.sadari(*command, "--dry-run")
    between = taught.dump()
    real = taught.sadari(*command)

    assert between == before
    assert (rehearsed.code, real.code) == (1, 1)
    assert rehearsed.json == {**real.json, "dry_run": True}


def test_the_same_file_again_changes_nothing_and_a_corrected_share_counts(taught: Desk) -> None:
    path = taught.file("attendance.csv", f"enrolment,share\n{LEARNERS[0]},0.7\n")
    command = ("records", "import", COHORT, path, "--kind", "attendance", *AS)

    results = [taught.done(*command)["rows"][0]["result"] for _ in range(2)]
    taught.file("attendance.csv", f"enrolment,share\n{LEARNERS[0]},0.8\n")
    results.append(taught.done(*command)["rows"][0]["result"])
    taught.file("attendance.csv", f"enrolment,share\n{LEARNERS[0]},0.7\n")
    results.append(taught.done(*command)["rows"][0]["result"])

    assert results == ["taken", "unchanged", "taken", "taken"]
    assert taught.office.case(LEARNERS[0]).data["attendance"] == 0.7


def test_an_assessment_counts_once_whoever_says_so(taught: Desk) -> None:
    path = taught.file("progress.csv", f"enrolment,assessment\n{LEARNERS[0]},online-1\n{LEARNERS[0]},online-2\n")
    command = ("records", "import", COHORT, path, "--kind", "progress")

    first = taught.done(*command, *AS)
    again = taught.done(*command, *AS)
    by_another = taught.done(*command, "--as", "kim", "--role", "operator")

    assert [row["result"] for row in first["rows"]] == ["taken", "taken"]
    assert [row["result"] for row in (*again["rows"], *by_another["rows"])] == ["unchanged"] * 4
    facts = taught.office.case(LEARNERS[0]).data
    assert (facts["submissions"], facts["assessments"]) == (2, ["online-1", "online-2"])


def test_an_outcome_is_recorded_with_its_evidence(desk: Desk, outcome: CaseId) -> None:
    path = desk.file("outcomes.csv", f"outcome,status,evidence,reference\n{outcome},취업,확인됨,EV-2027-1\n")
    command = ("records", "import", COHORT, path, "--kind", "outcome", "--as", "career-1", "--role", "career_staff")

    first, again = desk.done(*command), desk.done(*command)

    assert [report["rows"][0]["result"] for report in (first, again)] == ["taken", "unchanged"]
    facts = desk.office.case(outcome).data
    assert (facts["status"], facts["evidence"], facts["reference"]) == ("hired", "verified", "EV-2027-1")


def test_the_same_status_settles_the_month_that_is_asked_about(desk: Desk, outcome: CaseId) -> None:
    path = desk.file("outcomes.csv", f"outcome,status\n{outcome},hired\n")
    command = ("records", "import", COHORT, path, "--kind", "outcome", "--as", "career-1", "--role", "career_staff")
    desk.done(*command)
    desk.office.until(CALENDAR.month3 + DAY)

    told = desk.done(*command)

    assert told["rows"][0]["result"] == "taken"
    assert desk.office.case(outcome).data["at_month3"] == "hired"


def test_who_may_not_record_something_is_refused(taught: Desk) -> None:
    path = taught.file("attendance.csv", f"enrolment,share\n{LEARNERS[0]},0.7\n")
    command = ("records", "import", COHORT, path, "--kind")

    by_career = taught.sadari(*command, "attendance", "--as", "yoon", "--role", "career_staff", "--json")
    by_learner = taught.sadari(*command, "attendance", "--as", "yoon", "--role", "learner")
    of_no_kind = taught.sadari(*command, "charm", *AS)

    assert by_career.code == 1
    assert "may not bring [AttendanceRecorded]" in by_career.json["rows"][0]["note"]
    assert (by_learner.code, of_no_kind.code) == (2, 2)
    assert "attendance, progress, outcome" in of_no_kind.err


def test_attendance_as_recorded_by_other_ways_is_known(taught: Desk) -> None:
    taught.office.tell(LEARNERS[1], AttendanceRecorded(share=0.9))
    path = taught.file("attendance.csv", f"enrolment,share\n{LEARNERS[1]},90%\n")

    told = taught.done("records", "import", COHORT, path, "--kind", "attendance", *AS)

    assert told["rows"][0]["result"] == "unchanged"
