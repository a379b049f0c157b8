"""The alarm clock in SQLite.  A name that was used stays used, as with Cloud Tasks."""

import json
from collections.abc import Sequence
from datetime import datetime

from functions.adapters.local.database import Database
from functions.adapters.local.instants import instant
from schemas.ids import CaseId
from schemas.messages import Timer
from workflows.engine.decide import ring_message_id
from workflows.runtime.ports import Alarm


class SqliteTimers:
    """A `Timers` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, alarms: Sequence[Alarm]) -> None:
        """Set each alarm; one that is set already is left alone."""
        rows = [
            (
                ring_message_id(alarm.case, alarm.key, alarm.timer),
                instant(alarm.timer.rings_at),
                json.dumps([alarm.case, alarm.key, alarm.timer.model_dump(mode="json")]),
            )
            for alarm in alarms
        ]
        self._database.execute_many("insert or ignore into alarms (name, rings_at, blob) values (?, ?, ?)", rows)

    def due(self, now: datetime, limit: int) -> Sequence[tuple[str, Alarm]]:
        """Give the alarms that should go off, each with its name, in order of their time and name."""
        query = "select name, blob from alarms where has_rung = 0 and rings_at <= ? order by rings_at, name limit ?"
        rows = self._database.all(query, (instant(now), limit))
        return [(name, _alarm(blob)) for name, blob in rows]

    def silence(self, name: str) -> None:
        """Note that an alarm has gone off and was heard."""
        self._database.execute("update alarms set has_rung = 1 where name = ?", (name,))

    def next_at(self) -> str | None:
        """Give when the next alarm goes off, as a sortable instant."""
        (rings_at,) = self._database.one("select min(rings_at) from alarms where has_rung = 0")
        return None if rings_at is None else str(rings_at)


class NoAlarms:
    """A `Timers` that sets none: whoever runs on it calls `sweep`, which rings every timer that is due."""

    def start(self, alarms: Sequence[Alarm]) -> None:
        """Leave them to `sweep`."""


def _alarm(blob: str) -> Alarm:
    case, key, timer = json.loads(blob)
    return Alarm(CaseId(case), key, Timer.model_validate(timer))
