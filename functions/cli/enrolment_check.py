"""`sadari round check-enrolment`: takes in what a university says of its students."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from functions.cli.acting import AsOption, DryRunOption, case_of, office, staff
from functions.cli.backends import Backend
from functions.cli.imports import REFUSED, FileArgument, RowTold, UnchangedError, lines_of, show_rows, take_rows
from functions.cli.rounds import RoundArgument
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from functions.forms.csv_table import Line
from functions.forms.enrolment_csv import Enrolled, read_enrolments, student_of
from schemas.application import Stage
from schemas.events.application import EnrolmentChecked
from schemas.ids import CaseId, PersonId
from schemas.messages import Actor, Case, Entry, Message
from workflows.runtime.bring import bring

Students = Mapping[tuple[str, str], Sequence[Case]]
CHECKED_AT = frozenset({Stage.SUBMITTED, Stage.ELIGIBLE, Stage.WAITLISTED})
"""Where an application takes the university's word."""


def check_enrolment(
    round_id: RoundArgument,
    file: FileArgument,
    who: AsOption,
    role: Annotated[str, typer.Option("--role", help="university, or operator.")] = "university",
    store: StoreOption = DEFAULT_STORE,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take in which applicants their university confirms, and report each row.

    Columns: university, student_number, is_enrolled (yes or no); 대학교, 학번, 재학 여부 do as well.  Whoever is not
    confirmed is not refused by that: a member of staff decides.  The report repeats no student number.
    """
    actor = staff(who, role)
    with office(store) as backend:
        case, lines = case_of(backend, round_id, "round"), lines_of(file, read_enrolments)
        students = _students(backend, case.id, actor)
        found = [line for line in lines if _is_found(line, students)]
        rows = take_rows(backend, found, lambda each: _bring(each, students, actor, backend), is_rehearsal=dry_run)
    told = {line.number: _named(line, row, students) for line, row in zip(found, rows, strict=True)}
    every = [told.get(line.number) or _lost(line, students) for line in lines]
    show_rows(every, is_rehearsal=dry_run, as_json=as_json, more={"round": case.id})


def _students(backend: Backend, round_id: CaseId, actor: Actor) -> Students:
    """Give the applications of the round by student.  Every look into the vault leaves a row in the access log."""
    found: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in backend.ports.cases.find(workflow="application", round_id=round_id):
        reason = f"enrolment check of round {round_id}"
        person = backend.ports.vault.get(
            PersonId(case.person), reader=actor.id, reason=reason, form=case.data["answers"]
        )
        if person is not None:
            student = student_of(case.data["university"], str(person.answers.get("student_number", "")))
            found[student].append(case)
    return found


def _is_found(line: Line[Enrolled], students: Students) -> bool:
    return line.value is None or len(students.get(line.value.student, ())) == 1


def _lost(line: Line[Enrolled], students: Students) -> RowTold:
    cases = [] if line.value is None else list(students.get(line.value.student, ()))
    if not cases:
        return RowTold(line.number, "unknown", note="no application of this round names this student")
    return RowTold(line.number, "ambiguous", note=f"{len(cases)} applications: {', '.join(case.id for case in cases)}")


def _bring(enrolled: Enrolled, students: Students, actor: Actor, backend: Backend) -> Message:
    (case,) = students[enrolled.student]
    if _says_nothing_new(case, enrolled, backend):
        raise UnchangedError(case.id)
    return bring(EnrolmentChecked(is_enrolled=enrolled.is_enrolled), case.id, actor, backend.ports)


def _says_nothing_new(case: Case, enrolled: Enrolled, backend: Backend) -> bool:
    if case.stage not in CHECKED_AT:
        return True
    if case.stage == Stage.SUBMITTED:
        return bool(case.data["is_enrolled"]) == enrolled.is_enrolled
    return enrolled.is_enrolled or _was_denied(case, backend)


def _was_denied(case: Case, backend: Backend) -> bool:
    """Whether the university said no before and staff ruled on that: the same file again asks nobody again."""
    entries = (Entry.model_validate_json(text) for text, _ in backend.ports.cases.history(case.id))
    said = [entry.message.data["is_enrolled"] for entry in entries if entry.message.type == EnrolmentChecked.__name__]
    return said[-1:] == [False]


def _named(line: Line[Enrolled], row: RowTold, students: Students) -> RowTold:
    """Name what a row means for the application."""
    if line.value is None or row.result == REFUSED:
        return row
    (case,) = students[line.value.student]
    if case.stage not in CHECKED_AT:
        note = "" if line.value.is_enrolled else f"; not confirmed, but {_why_unchanged(case)}"
        return RowTold(row.number, "unchanged", case.id, f"the application is {case.stage}{note}")
    if row.result == "unchanged":
        return RowTold(
            row.number, "confirmed" if line.value.is_enrolled else "unchanged", case.id, "says what is known"
        )
    if case.stage == Stage.SUBMITTED:
        return RowTold(row.number, "noted", case.id, "decided on when the form closes")
    return RowTold(row.number, "reversed", case.id, "to be ruled on: `sadari questions list`")


def _why_unchanged(case: Case) -> str:
    """Say why the university's no changes nothing where the application stands."""
    if case.stage == Stage.INELIGIBLE_PROPOSED:
        return "it waits to be ruled on already: `sadari questions list`"
    return "it is too late for this to change anything by itself"
