"""`sadari offers export`: where every application of a round stands, as a table without personal data."""

from pathlib import Path
from typing import Annotated

import typer

from functions.cli.acting import case_of, office
from functions.cli.rounds import RoundArgument
from functions.cli.screen import BadUseError, out, print_json
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from functions.forms.safe_csv import Cell, write_csv
from schemas.application import Application
from schemas.messages import Case
from schemas.round import Round
from workflows.definitions.places import place_of
from workflows.engine.moments import SEOUL
from workflows.runtime.rank import round_of

COLUMNS = ("application", "round", "stage", "since", "rank", "position", "answer_by", "place_ko", "place_en")


def export(
    round_id: RoundArgument,
    to: Annotated[Path, typer.Option("--to", help="The file to write; one that is there is left alone.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Write where every application of a round stands, by rank: ids, stages, ranks and sentences, nothing personal.

    Before the publication what it says is the office's knowledge.
    """
    with office(store) as backend:
        case, round_ = round_of(case_of(backend, round_id, "round").id, backend.ports)
        found = list(backend.ports.cases.find(workflow="application", round_id=case.id))
    places = {} if round_.ranking is None else round_.ranking.document.places
    found.sort(key=lambda each: (places[each.id].rank if each.id in places else len(places) + 1, each.id))
    body = write_csv(COLUMNS, [_row(each, round_) for each in found])
    try:
        with to.open("xb") as file:
            file.write(body)
    except FileExistsError as error:
        raise BadUseError(f"[{to}] is there already; name another file with --to") from error
    if as_json:
        print_json({"round": case.id, "file": str(to), "rows": len(found), "columns": COLUMNS})
    else:
        out.print(f"{len(found)} applications of {case.id} in {to}", markup=False, soft_wrap=True)


def _row(case: Case, round_: Round) -> dict[str, Cell]:
    application, said = Application.model_validate_json(case.subject), place_of(round_, case.id)
    ranking = None if round_.ranking is None else round_.ranking.document
    ranked = None if ranking is None else ranking.places.get(case.id)
    return {
        "application": case.id,
        "round": case.round,
        "stage": case.stage,
        "since": case.arrived_at.astimezone(SEOUL).isoformat(),
        "rank": None if ranked is None else ranked.rank,
        "position": application.position,
        "answer_by": None if application.answer_by is None else application.answer_by.isoformat(),
        "place_ko": said.ko,
        "place_en": said.en,
    }
