"""Reads what a university says about its students from a CSV file."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from functions.forms.application_csv import CHOICES
from functions.forms.clean import UnfitTextError
from functions.forms.csv_table import Columns, Line, choice_of, read_lines, without_repeats
from workflows.runtime.errors import BadForm

COLUMNS = Columns(
    {
        **{name: name for name in ("university", "student_number", "is_enrolled")},
        "대학교": "university",
        "대학": "university",
        "학번": "student_number",
        "재학 상태": "is_enrolled",
        "재학 여부": "is_enrolled",
    }
)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The university's word about one student.  Personal: never printed, never published.

    Attributes:
        student: University and student number, in the one way of writing that `student_of` gives.
    """

    student: tuple[str, str]
    is_enrolled: bool


def student_of(university: str, student_number: str) -> tuple[str, str]:
    """Give what names a student, however it is written: width, case, spaces and hyphens say nothing."""
    parts = (unicodedata.normalize("NFKC", text).casefold() for text in (university, student_number))
    name, number = ("".join(char for char in part if char.isalnum()) for part in parts)
    return name, number


def read_enrolments(body: bytes) -> list[Line[Enrolled]]:
    """Give the rows of the university's file.

    Raises:
        BadCsvError: The file as a whole cannot be taken.
    """
    return without_repeats(read_lines(body, COLUMNS, _enrolled), "student_number", lambda enrolled: enrolled.student)


def _enrolled(cells: Mapping[str, str]) -> Enrolled:
    student = student_of(cells["university"], cells["student_number"])
    named = zip(("university", "student_number"), student, strict=True)
    faults = {name: "is empty" for name, part in named if not part}
    is_enrolled = False
    try:
        is_enrolled = choice_of(CHOICES["is_enrolled"], cells["is_enrolled"])
    except UnfitTextError as error:
        faults["is_enrolled"] = str(error)
    if faults:
        raise BadForm(faults)
    return Enrolled(student, is_enrolled)
