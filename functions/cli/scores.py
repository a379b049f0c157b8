"""`sadari scores`: takes in the parts of the total score that no reviewer gives."""

from typing import Annotated

import typer

from functions.cli.acting import AsOption, DryRunOption, case_of, office, staff
from functions.cli.backends import Backend
from functions.cli.imports import FileArgument, UnchangedError, lines_of, show_rows, take_rows
from functions.cli.rounds import RoundArgument
from functions.cli.screen import BadUseError, err
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from functions.forms.scores_csv import Score, read_scores
from schemas.events.application import ScoreRecorded
from schemas.ids import CaseId
from schemas.messages import Actor, Message
from schemas.round import Round
from workflows.definitions.scores import REVIEW
from workflows.runtime.bring import bring
from workflows.runtime.errors import BadForm
from workflows.runtime.rank import round_of

app = typer.Typer(no_args_is_help=True, help="The parts of the total score that no reviewer gives.")


@app.command("import")
def import_scores(
    round_id: RoundArgument,
    file: FileArgument,
    who: AsOption,
    component: Annotated[str, typer.Option(help="Which part of the total, such as test.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take in a table of scores from 0 to 100: columns application and score.

    A later score replaces an earlier one.
    """
    actor = staff(who, "operator")
    lines = lines_of(file, read_scores)
    with office(store) as backend:
        case, round_ = round_of(case_of(backend, round_id, "round").id, backend.ports)
        _check_component(round_, component)

        def take(score: Score) -> Message:
            return _record(score, case.id, component, actor, backend)

        rows = take_rows(backend, lines, take, is_rehearsal=dry_run)
    if round_.ranking is not None:
        err.print("the round is ranked already: new scores count once it is ranked again (`sadari rank run`)")
    show_rows(rows, is_rehearsal=dry_run, as_json=as_json, more={"round": case.id, "component": component})


def _check_component(round_: Round, component: str) -> None:
    named = [part.id for part in round_.selection.components]
    known = [name for name in named if name != REVIEW or not round_.selection.admission.readers]
    if component not in known:
        raise BadUseError(f"no component [{component}] to import: choose one of {', '.join(known)}")


def _record(score: Score, round_id: CaseId, component: str, actor: Actor, backend: Backend) -> Message:
    seen = backend.ports.cases.get(score.application)
    if seen is None or seen.case.workflow != "application" or seen.case.round != round_id:
        raise BadForm({"application": "is no application of this round"})
    if seen.case.data["scores"].get(component) == score.score:
        raise UnchangedError(score.application)
    event = ScoreRecorded(score=score.score, component=component)
    return bring(event, score.application, actor, backend.ports)
