"""Where the embedded backend keeps its files."""

from pathlib import Path

HOME = Path(".sadari")


def begin_anew(store: Path) -> None:
    """Remove what an earlier run left in this place, so that a new store begins empty."""
    store.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{store}{suffix}").unlink(missing_ok=True)
