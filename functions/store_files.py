"""Where the embedded backend keeps its files."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

HOME = Path(".sadari")


ENVIRONMENT = "environment.json"


class NotOursError(Exception):
    """What stands in this place must not be overwritten; says why."""


def begin_anew(store: Path) -> None:
    """Remove what an earlier run left in this place, so that a new store begins empty.

    Raises:
        NotOursError: The file is no store, or one that was not made on virtual time: it may hold real cases.
    """
    store.parent.mkdir(parents=True, exist_ok=True)
    if store.exists() and store.stat().st_size and not _is_virtual(store):
        raise NotOursError(f"[{store}] is not left from a demo or journeys; name another place with --store")
    for suffix in ("", "-wal", "-shm"):
        Path(f"{store}{suffix}").unlink(missing_ok=True)


def write_environment(home: Path, environment: Mapping[str, str]) -> None:
    """Write down what the functions of a stack run with, for commands that work on it; for this user alone."""
    path = home / ENVIRONMENT
    path.touch(mode=0o600)
    path.write_text(json.dumps(environment, indent=2), encoding="utf-8")


def _is_virtual(store: Path) -> bool:
    """Tell whether a store's clock was turned, as it never is where people's cases live."""
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
            return connection.execute("select now from clock").fetchone() is not None
    except sqlite3.Error:
        return False
