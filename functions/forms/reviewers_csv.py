"""Reads the reviewers of a round from a CSV file."""

import re
from collections.abc import Mapping

from pydantic import ValidationError

from functions.forms.csv_table import Columns, Line, read_lines, without_repeats
from schemas.ids import is_safe_id
from schemas.reviewers import Reviewer
from workflows.runtime.errors import BadForm
from workflows.runtime.intake import faults_of

COLUMNS = Columns.of("id", optional=("university", "department", "email_domain", "related", "load_max"))
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)


def read_reviewers(body: bytes) -> list[Line[Reviewer]]:
    """Give the reviewers in the file; several ids under `related` are separated by spaces or semicolons.

    Raises:
        BadCsvError: The file as a whole cannot be taken.
    """
    return without_repeats(read_lines(body, COLUMNS, read_reviewer), "id", lambda reviewer: reviewer.id)


def read_reviewer(cells: Mapping[str, str]) -> Reviewer:
    """Give the reviewer whom the cells describe.

    Raises:
        BadForm: Names each column with what is wrong in it.
    """
    faults: dict[str, str] = {}
    related = tuple(part for part in re.split(r"[\s;]+", cells.get("related", "")) if part)
    domain, load = cells.get("email_domain", "").lower(), cells.get("load_max", "") or "0"
    if not is_safe_id(cells["id"]):
        faults["id"] = "is no opaque id: letters, digits, - and _ only, and no mail address"
    if unsafe := [number for number, each in enumerate(related, 1) if not is_safe_id(each)]:
        faults["related"] = f"holds what is no id, at place {unsafe}"
    if domain and not DOMAIN.fullmatch(domain):
        faults["email_domain"] = "is no domain, such as jnu.ac.kr; leave out what stands before the @"
    if not (load.isascii() and load.isdigit()):
        faults["load_max"] = "is no whole number; 0 or nothing means no limit"
    if faults:
        raise BadForm(faults)
    try:
        return Reviewer(
            id=cells["id"],
            university=cells.get("university", ""),
            department=cells.get("department", ""),
            email_domain=domain,
            related=related,
            load_max=int(load),
        )
    except ValidationError as error:
        raise BadForm(faults_of(error)) from error
