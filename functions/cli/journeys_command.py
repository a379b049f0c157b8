"""`sadari journeys`: real learners through the real workflow."""

from pathlib import Path
from typing import Annotated

import typer

from functions.cli.journeys.oulad import BadDatasetError
from functions.cli.journeys.run import Report, run_all
from functions.cli.screen import BadUseError, NotDoneError, out, print_json, print_table, progress
from functions.cli.stores import JsonOption, StoreOption
from functions.store_files import HOME


def journeys(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with the five CSV files of OULAD.")],
    store: StoreOption = HOME / "journeys.db",
    *,
    as_json: JsonOption = False,
) -> None:
    """Run the journeys of real learners through `enrolment`, and hold where they end against their published results.

    DIR holds studentInfo, studentRegistration, studentAssessment, assessments and courses as the Open University
    Learning Analytics Dataset publishes them, whole or in part.  The store is begun anew.
    """
    try:
        with progress("journeys") as bar:
            report = run_all(folder, store, bar.at)
    except BadDatasetError as error:
        raise BadUseError(str(error)) from error
    if as_json:
        print_json(report.to_json())
    else:
        _show(report)
    if report.faults or report.matched != report.total:
        raise NotDoneError(
            f"{report.total - report.matched} journeys ended elsewhere, {report.faults} could not be proved"
        )


def _show(report: Report) -> None:
    rows = [(result, stage, count) for result, stages in report.by_result.items() for stage, count in stages.items()]
    print_table("Where the learners ended, by published result", ("published", "stage", "learners"), rows)
    out.print(
        f"\n{report.matched} of {report.total} ended where their published result says. "
        f"{report.overruled} withdrawals overruled, {report.ignored} submissions ignored.\n"
        f"{report.transitions} transitions, {report.verified} histories proved, {report.faults} faults, "
        f"{report.seconds} s ({', '.join(report.stores)})."
    )
