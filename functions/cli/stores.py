"""Opens the store that a command works on: one file, a local stack, or a project on Google Cloud."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from functions.bootstrap import Cloud
from functions.cli.backends import Backend, OnFile, OnServices
from functions.cli.screen import BadUseError, NotDoneError, err
from functions.embedded import Embedded
from functions.settings import Settings, SettingsError
from functions.store_files import ENVIRONMENT, HOME
from schemas.ids import CaseId, is_safe_id
from schemas.messages import Case
from workflows.engine.words import Language

DEMO_STORE = HOME / "demo.db"
DEFAULT_STORE = HOME
"""Left out: the project that GOOGLE_CLOUD_PROJECT names, else the store of the demo."""

PROJECT, EMULATOR = "GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST"

StoreOption = Annotated[
    Path,
    typer.Option(
        "--store",
        show_default=False,
        help="An SQLite file, or the folder of a local stack.  Left out: the project in GOOGLE_CLOUD_PROJECT, "
        f"else {DEMO_STORE}.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
LangOption = Annotated[str, typer.Option("--lang", help="ko or en.", envvar="SADARI_LANG")]


@contextmanager
def opened(path: Path) -> Iterator[Backend]:
    """Give an existing store.

    Raises:
        BadUseError: There is none at this place, or the place is something else.
    """
    if path == DEFAULT_STORE and os.environ.get(PROJECT):
        with running(os.environ) as cloud:
            yield OnServices(cloud)
    elif path != DEFAULT_STORE and path.is_dir():
        with running(environment_of(path)) as cloud:
            yield OnServices(cloud)
    else:
        with _file(DEMO_STORE if path == DEFAULT_STORE else path) as embedded:
            yield OnFile(embedded)


@contextmanager
def opened_copy(name: str, path: Path) -> Iterator[Backend]:
    """Give another copy of what `opened` gives: another file, or another database of the same project.

    Raises:
        BadUseError: There is none.
    """
    is_project = path == DEFAULT_STORE and os.environ.get(PROJECT)
    is_stack = path != DEFAULT_STORE and path.is_dir()
    environment = os.environ if is_project else environment_of(path) if is_stack else {}
    if not environment or environment.get("SADARI_STORE"):  # which would be opened again, as its own copy
        with _file(Path(name)) as embedded:
            yield OnFile(embedded)
        return
    with running({**environment, "SADARI_DATABASE": name}) as cloud:
        yield OnServices(cloud)


@contextmanager
def running(environment: Mapping[str, str]) -> Iterator[Cloud]:
    """Give what functions somewhere else run on; says on stderr which project that is.

    Raises:
        BadUseError: The settings do not fit.
    """
    before = os.environ.get(EMULATOR)
    try:
        cloud = Cloud(Settings.for_commands(environment))
        if cloud.settings.project:
            at = environment.get(EMULATOR)
            err.print(f"on [{cloud.settings.project}]{f' of the emulator at {at}' if at else ''}", markup=False)
        if environment.get(EMULATOR):
            os.environ[EMULATOR] = environment[EMULATOR]  # the client library reads it itself
        yield cloud
    except SettingsError as error:
        raise BadUseError(f"the settings do not fit: {error}") from error
    except Exception as error:
        if (said := _refused_by_google(error)) is not None:
            raise NotDoneError(said) from error
        raise
    finally:
        if before is None:
            os.environ.pop(EMULATOR, None)
        else:
            os.environ[EMULATOR] = before


def _refused_by_google(error: Exception) -> str | None:
    """Say what to do about what Google's libraries raise, known by where it comes from: importing them takes long."""
    where = type(error).__module__
    if where.startswith("google.auth"):
        return "no credentials for the project: `gcloud auth application-default login`"
    if where == "google.api_core.exceptions":
        return f"the project refused it: {type(error).__name__}: {str(error)[:300]}"
    return None


def environment_of(stack: Path) -> dict[str, str]:
    """Give what the functions of a local stack run with.

    Raises:
        BadUseError: No stack ran in this folder.
    """
    try:
        found: dict[str, str] = json.loads((stack / ENVIRONMENT).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        hint = "is `sadari up` running in this folder? `sadari up --local` runs in .sadari/local"
        raise BadUseError(f"[{error.filename}] is not there; {hint}") from error
    return found


@contextmanager
def _file(path: Path) -> Iterator[Embedded]:
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


def find_case(backend: Backend, case_id: str) -> Case:
    """Give a case by its id, or by the beginning of it where that is enough.

    Raises:
        NotDoneError: There is no such case, or there are several.
    """
    seen = backend.ports.cases.get(CaseId(case_id))
    if seen is not None:
        return seen.case
    found = list(backend.ports.cases.find(begins=case_id))
    if len(found) == 1:
        return found[0]
    if found:
        raise NotDoneError(f"[{case_id}] is the beginning of {len(found)} case ids; give more of it")
    raise NotDoneError(f"no case [{case_id}]; see `sadari cases list`")


def id_of_case(backend: Backend, text: str) -> CaseId:
    """Give the id of a case that need not be readable: whole, or the beginning of it where the case can be read.

    Raises:
        NotDoneError: There is no such case, nor a history of one; or there are several.
    """
    if not is_safe_id(text):
        raise NotDoneError(f"[{text}] names no case; see `sadari cases list`")
    cases, case_id = backend.ports.cases, CaseId(text)
    if cases.revision(case_id) is not None or cases.history(case_id):
        return case_id
    return find_case(backend, text).id


def language(lang: str) -> Language:
    """Give the language asked for.

    Raises:
        BadUseError: There is no such language.
    """
    for known in get_args(Language):
        if lang == known:
            return cast("Language", known)
    raise BadUseError(f"no language [{lang}]: choose ko or en")
