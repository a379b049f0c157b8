"""A clock in a small file, so that several processes of the local stack share it."""

from datetime import UTC, datetime
from pathlib import Path


class FileClock:
    """A `Clock` that stands where it was turned to; the system's while the file is empty or missing."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)

    def now(self) -> datetime:
        """Give the aware UTC instant."""
        try:
            text = self._path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            text = ""
        return datetime.fromisoformat(text) if text else datetime.now(UTC)

    def turn(self, to: datetime) -> None:
        """Turn the clock, and let it stand; readers see the old or the new instant, never half of one."""
        aside = self._path.with_suffix(".new")
        aside.write_text(to.astimezone(UTC).isoformat(), encoding="ascii")
        aside.replace(self._path)
