"""Opens the embedded store that a command works on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from functions.bootstrap import Embedded
from functions.cli.screen import BadUseError, NotDoneError
from functions.store_files import HOME
from schemas.messages import Case
from workflows.engine.words import Language

DEMO_STORE = HOME / "demo.db"

StoreOption = Annotated[Path, typer.Option("--store", help="The SQLite file of an embedded backend.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
LangOption = Annotated[str, typer.Option("--lang", help="ko or en.", envvar="SADARI_LANG")]


@contextmanager
def opened(path: Path) -> Iterator[Embedded]:
    """Give an existing store.

    Raises:
        BadUseError: There is none at this place, or the file is something else.
    """
    if not path.is_file():
        raise BadUseError(f"no store at [{path}]: run `sadari demo` first, or name another one with --store")
    try:
        embedded = Embedded(path)
    except sqlite3.DatabaseError as error:
        raise BadUseError(f"[{path}] is no store of Sadari: {error}") from error
    try:
        yield embedded
    finally:
        embedded.close()


def find_case(embedded: Embedded, case_id: str) -> Case:
    """Give a case by its id, or by the beginning of it where that is enough.

    Raises:
        NotDoneError: There is no such case, or there are several.
    """
    found = [case for case in embedded.ports.cases.find() if case.id.startswith(case_id)]
    exact = [case for case in found if case.id == case_id]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise NotDoneError(f"[{case_id}] is the beginning of {len(found)} case ids; give more of it")
    raise NotDoneError(f"no case [{case_id}]; see `sadari cases list`")


def language(lang: str) -> Language:
    """Give the language asked for.

    Raises:
        BadUseError: There is no such language.
    """
    for known in get_args(Language):
        if lang == known:
            return cast("Language", known)
    raise BadUseError(f"no language [{lang}]: choose ko or en")
