"""Reads submitted reviews from a CSV file: one column for each criterion of the rubric."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.forms.clean import UnfitTextError
from functions.forms.csv_table import Columns, Line, number_of, read_lines, without_repeats
from schemas.ids import CaseId, is_safe_id
from workflows.runtime.errors import BadForm

COLUMNS = Columns.of("review", "reviewer", takes_others=True)


@dataclass(frozen=True, slots=True)
class GivenPoints:
    """What a reviewer gave, by criterion; an empty cell gives nothing."""

    review: CaseId
    reviewer: str
    points: Mapping[str, float]


def read_reviews(body: bytes) -> list[Line[GivenPoints]]:
    """Give the reviews in the file.  Whether the points fit the rubric is the review's to say.

    Raises:
        BadCsvError: The file as a whole cannot be taken.
    """
    return without_repeats(read_lines(body, COLUMNS, _points), "review", lambda given: given.review)


def _points(cells: Mapping[str, str]) -> GivenPoints:
    faults = {name: "is no id" for name in COLUMNS.names if not is_safe_id(cells[name])}
    points: dict[str, float] = {}
    for name, cell in cells.items():
        if name in COLUMNS.names or not cell:
            continue
        try:
            points[name] = number_of(cell)
        except UnfitTextError as error:
            faults[name] = str(error)
    if faults:
        raise BadForm(faults)
    return GivenPoints(CaseId(cells["review"]), cells["reviewer"], points)
