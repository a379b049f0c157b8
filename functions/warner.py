"""Keeps warnings about receivers where staff look, until people of the partner have been told."""

from datetime import datetime

from schemas.ids import name_of
from schemas.messages import WARNINGS, Quarantined
from schemas.subscriptions import Subscription
from workflows.runtime.ports import Clock, Quarantine
from workflows.runtime.warn import reason_of


class QuarantinedWarnings:
    """A `Warnings` that writes a row of the quarantine.

    `sweep` tells the partner's people by mail and settles the row; without mail it stays, and staff see it.  So no
    attempt ever waits for a mail server.
    """

    def __init__(self, quarantine: Quarantine, clock: Clock) -> None:
        self._quarantine = quarantine
        self._clock = clock

    def warn(self, subscription: Subscription, kind: str, since: datetime) -> None:
        """Keep it; the same warning again is the same row."""
        row_id = name_of("warning", subscription.id, kind, since.isoformat())
        reason = reason_of(subscription.id, kind, since)
        self._quarantine.put(Quarantined(id=row_id, reason=reason, source=WARNINGS, heard_at=self._clock.now()))
