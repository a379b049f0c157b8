"""How instants are written in a SQLite file."""

from datetime import UTC, datetime


def instant(moment: datetime) -> str:
    """Write an instant so that texts sort as instants do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
