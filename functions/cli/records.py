"""`sadari records`: takes in attendance, progress and outcomes from tables."""

from typing import Annotated

import typer

from functions.cli.acting import AsOption, DryRunOption, office, staff
from functions.cli.imports import FileArgument, UnchangedError, lines_of, show_rows, take_rows
from functions.cli.screen import BadUseError
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from functions.forms.csv_table import Line
from functions.forms.records_csv import COLUMNS, read_records
from schemas.messages import Message
from workflows.runtime.records import Noted, RecordKind, plan

app = typer.Typer(no_args_is_help=True, help="What staff record of learners: attendance, progress, outcomes.")


@app.command("import")
def import_records(
    cohort: Annotated[str, typer.Argument(metavar="COHORT", help="The cohort; rows of others are refused.")],
    file: FileArgument,
    who: AsOption,
    kind: Annotated[str, typer.Option(help="What the table holds: attendance, progress or outcome.")],
    role: Annotated[str, typer.Option(help="The role you act in: instructor, career_staff or operator.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take in a table.

    Columns: enrolment and share (attendance), enrolment and assessment (progress), outcome and status, and if known
    evidence and reference (outcome).  A share is from 0 to 1, or in percent with its sign.
    """
    named, actor = _kind(kind), staff(who, role)

    def read(body: bytes) -> list[Line[Noted]]:
        return read_records(body, named)

    lines = lines_of(file, read)
    with office(store) as backend:

        def take(noted: Noted) -> Message:
            planned = plan(noted, cohort, lambda _: actor, backend.ports)
            if planned is None:
                raise UnchangedError(noted.case)
            backend.ports.publisher.publish([planned.message], [])
            return planned.message

        rows = take_rows(backend, lines, take, is_rehearsal=dry_run)
    show_rows(rows, is_rehearsal=dry_run, as_json=as_json, more={"cohort": cohort, "kind": named})


def _kind(text: str) -> RecordKind:
    for kind in COLUMNS:
        if kind == text:
            return kind
    raise BadUseError(f"no kind [{text}]: choose one of {', '.join(COLUMNS)}")
