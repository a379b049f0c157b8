"""Reads the scores of one component, such as a test, from a CSV file."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.forms.clean import UnfitTextError
from functions.forms.csv_table import Columns, Line, number_of, read_lines, without_repeats
from schemas.ids import CaseId, is_safe_id
from workflows.runtime.errors import BadForm

COLUMNS = Columns.of("application", "score")
SCORE_MAX = 100


@dataclass(frozen=True, slots=True)
class Score:
    """One score of one application, from 0 to 100."""

    application: CaseId
    score: float


def read_scores(body: bytes) -> list[Line[Score]]:
    """Give the scores in the file.

    Raises:
        BadCsvError: The file as a whole cannot be taken.
    """
    return without_repeats(read_lines(body, COLUMNS, _score), "application", lambda score: score.application)


def _score(cells: Mapping[str, str]) -> Score:
    faults: dict[str, str] = {}
    if not is_safe_id(cells["application"]):
        faults["application"] = "is no id"
    score = 0.0
    try:
        score = number_of(cells["score"])
    except UnfitTextError as error:
        faults["score"] = str(error)
    if not 0 <= score <= SCORE_MAX:
        faults["score"] = f"is not between 0 and {SCORE_MAX}"
    if faults:
        raise BadForm(faults)
    return Score(CaseId(cells["application"]), score)
