"""Cursors of the pages that stores give: where the next page begins, said so that it can stand in an address."""

from datetime import datetime

from schemas.ids import is_safe_id
from schemas.messages import Case
from schemas.search import CaseFilter
from workflows.runtime.errors import Rejected
from workflows.runtime.traits import next_due

BETWEEN = "~"
"""Stands between instant and case in a cursor; neither holds one."""
NO_PAGE = "This page is not there any more; begin at the first one."


def cursor_behind(case: Case, wanted: CaseFilter) -> str:
    """Give the cursor of the page that begins behind a case."""
    due = next_due(case)
    return case.id if wanted.due_before is None or due is None else f"{due.isoformat()}{BETWEEN}{case.id}"


def read_cursor(cursor: str, wanted: CaseFilter) -> tuple[datetime | None, str]:
    """Give what a cursor says: the instant where pages are ordered by one, and the case.

    Raises:
        Rejected: No page gave this cursor.
    """
    instant, _, case_id = cursor.rpartition(BETWEEN) if wanted.due_before is not None else ("", "", cursor)
    try:
        due = datetime.fromisoformat(instant) if wanted.due_before is not None else None
    except ValueError as error:
        raise Rejected(NO_PAGE, code="no_such_page") from error
    if not is_safe_id(case_id) or (due is not None and due.tzinfo is None):
        raise Rejected(NO_PAGE, code="no_such_page")
    return due, case_id


def moment_cursor(moment: datetime, name: str) -> str:
    """Give the cursor of the page that begins behind what lies at an instant, where lists are in that order."""
    return f"{moment.isoformat()}{BETWEEN}{name}"


def read_moment_cursor(cursor: str) -> tuple[datetime, str]:
    """Give what such a cursor says.

    Raises:
        Rejected: No page gave this cursor.
    """
    instant, _, name = cursor.rpartition(BETWEEN)
    try:
        moment = datetime.fromisoformat(instant)
    except ValueError as error:
        raise Rejected(NO_PAGE, code="no_such_page") from error
    if not is_safe_id(name) or moment.tzinfo is None:
        raise Rejected(NO_PAGE, code="no_such_page")
    return moment, name
