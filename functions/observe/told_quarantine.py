"""Tells of whatever is laid into the quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.observe.log import tell
from schemas.messages import WARNINGS

if TYPE_CHECKING:  # every function wraps its quarantine, and few lay anything into it
    from collections.abc import Iterator

    from schemas.messages import Quarantined
    from schemas.search import QuarantineFilter, QuarantinePage
    from workflows.runtime.ports import Quarantine


class ToldQuarantine:
    """A `Quarantine` that tells of each row: the code of its reason, never the rest of it."""

    def __init__(self, quarantine: Quarantine) -> None:
        self._quarantine = quarantine

    def put(self, row: Quarantined) -> None:
        """Keep a row, and tell of it."""
        self._quarantine.put(row)
        code = row.reason.partition(" ")[0].rstrip(":")
        if row.source == WARNINGS:
            tell(code, subscription=row.reason.partition("[")[2].partition("]")[0])
            return
        message = row.message
        case, id_, kind = (message.case, message.id, message.type) if message else (None, row.id, None)
        tell("quarantined", source=row.source, reason=code, case=case, id=id_, type=kind)

    def get(self, row_id: str) -> Quarantined | None:
        """Give one row."""
        return self._quarantine.get(row_id)

    def find(self) -> Iterator[Quarantined]:
        """Give all rows, oldest first."""
        return self._quarantine.find()

    def page(self, wanted: QuarantineFilter, *, after: str, limit: int) -> QuarantinePage:
        """Give some of the rows that match, oldest first."""
        return self._quarantine.page(wanted, after=after, limit=limit)

    def count(self, wanted: QuarantineFilter) -> int:
        """Give how many rows match."""
        return self._quarantine.count(wanted)

    def update(self, row: Quarantined) -> None:
        """Replace a row by its next version."""
        self._quarantine.update(row)
