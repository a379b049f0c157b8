"""The machine's clock."""

from datetime import UTC, datetime


class SystemClock:
    """A `Clock`."""

    def now(self) -> datetime:
        """Give the aware UTC instant."""
        return datetime.now(UTC)
