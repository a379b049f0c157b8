"""Where the embedded backend keeps its files."""

import base64
import json
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

HOME = Path(".sadari")
STORE = "sadari.db"
"""How a stack calls its store."""

ENVIRONMENT = "environment.json"
KEYS = "keys.json"


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


def stack_keys(home: Path) -> tuple[bytes, str]:
    """Give this stack's own keys, made once, so that persons keep their ids from one start to the next."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / KEYS).exists():
        _write_keys(home, key=secrets.token_bytes(32), secret=secrets.token_bytes(32))
    keys = json.loads((home / KEYS).read_text(encoding="ascii"))
    return base64.b64decode(keys["key"]), f"whsec_{keys['secret']}"


def keep_key(home: Path, key: bytes) -> None:
    """Let the stack of this folder name persons by a key, as a new store there was filled under it."""
    _, secret = stack_keys(home)
    _write_keys(home, key=key, secret=base64.b64decode(secret.removeprefix("whsec_")))


def _write_keys(home: Path, **keys: bytes) -> None:
    path = home / KEYS
    path.touch(mode=0o600)
    path.write_text(json.dumps({name: base64.b64encode(key).decode() for name, key in keys.items()}), encoding="ascii")


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
