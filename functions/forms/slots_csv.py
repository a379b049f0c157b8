"""Reads the times at which a round interviews from a CSV file."""

from collections.abc import Mapping
from datetime import datetime

from functions.forms.csv_table import Columns, Line, read_lines, without_repeats
from schemas.ids import is_safe_id
from schemas.interviews import MINUTES_MAX, PLACES_MAX, Slot
from workflows.engine.moments import SEOUL
from workflows.runtime.errors import BadForm

COLUMNS = Columns.of("id", "at", "minutes", "places")


def read_slots(body: bytes) -> list[Line[Slot]]:
    """Give the times in the file; without an offset they are in Korea.

    Raises:
        BadCsvError: The file as a whole cannot be taken.
    """
    return without_repeats(read_lines(body, COLUMNS, _slot), "id", lambda slot: slot.id)


def _slot(cells: Mapping[str, str]) -> Slot:
    at, minutes, places = _moment(cells["at"]), _count(cells["minutes"]), _count(cells["places"])
    faults = {} if is_safe_id(cells["id"]) else {"id": "is no id"}
    if at is None:
        faults["at"] = "is no date and time, such as 2027-03-29T10:00"
    if not 1 <= minutes <= MINUTES_MAX:
        faults["minutes"] = f"is no whole number from 1 to {MINUTES_MAX}"
    if not 1 <= places <= PLACES_MAX:
        faults["places"] = f"is no whole number from 1 to {PLACES_MAX}"
    if faults or at is None:
        raise BadForm(faults)
    return Slot(id=cells["id"], at=at, minutes=minutes, places=places)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SEOUL)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") else 0
