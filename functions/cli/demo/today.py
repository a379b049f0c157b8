"""The demo's cohort with dates around today, for where time is real: a project, or a local stack."""

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any

from functions.cli.demo.story import FOLDER, read_export
from functions.forms.application_csv import read_timestamp
from workflows.engine.moments import SEOUL

OPENS_EARLIER = timedelta(days=4)
"""The export ends a moment ago and not at the close, so its first rows lie up to four days further back."""


def plan_for(now: datetime) -> dict[str, Any]:
    """Give the round's plan as `sadari round plan` reads it: applications close tomorrow at 18:00 in Korea."""
    plan: dict[str, Any] = json.loads((FOLDER / "cohort.json").read_text(encoding="utf-8"))
    calendar = plan["cohort"]["calendar"]
    dates = {name: datetime.fromisoformat(text) for name, text in calendar.items() if isinstance(text, str)}
    tomorrow = now.astimezone(SEOUL).date() + timedelta(days=1)
    moved = {name: at + (tomorrow - dates["applications_close"].date()) for name, at in dates.items()}
    moved["applications_open"] -= OPENS_EARLIER
    calendar.update({name: at.isoformat() for name, at in moved.items()})
    return plan


def export_for(now: datetime) -> bytes:
    """Give the form export, the last row sent a minute before."""
    header, *rows = csv.reader(io.StringIO(read_export().decode("utf-8-sig")))
    moved = now - timedelta(minutes=1) - max(read_timestamp(row[0]) for row in rows)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([(read_timestamp(row[0]) + moved).isoformat(timespec="seconds"), *row[1:]] for row in rows)
    return text.getvalue().encode("utf-8")
