"""`sadari demo`: a whole cohort, from the form to month 12, on virtual time."""

import base64
import hashlib
import json
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zipfile import ZipFile, is_zipfile

import typer

from functions.cli.demo.tell import Report, tell
from functions.cli.demo.today import export_for, plan_for
from functions.cli.demo.world import DEMO_KEY, DESK, DESK_ROLES, EmbeddedWorld, World
from functions.cli.screen import BadUseError, Bar, NotDoneError, out, print_json, print_table, progress
from functions.cli.stores import DEMO_STORE, JsonOption
from functions.embedded import Embedded
from functions.store_files import HOME, STORE, begin_anew, keep_key
from workflows.engine.moments import SEOUL


class Backend(StrEnum):
    """Where the demo runs."""

    EMBEDDED = "embedded"
    EMULATOR = "emulator"


def demo(
    backend: Annotated[Backend, typer.Option(help="One SQLite file, or the gcloud emulators.")] = Backend.EMBEDDED,
    store: Annotated[Path, typer.Option("--store", help="The SQLite file of the embedded backend.")] = DEMO_STORE,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Stop in the evening of this day (Korea time).")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Serve what this staged bundle holds (emulator only).")
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Only write its plan and its form export here, with dates around today."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Carry a cohort of 180 applicants from the form to month 12 and say who ended where.

    The embedded backend begins the store anew; `cases`, `verify` and `quarantine` read it afterwards.  With the
    emulators everything goes over HTTP, Pub/Sub, Cloud Tasks and Firestore, and must come to the same digest.
    """
    if write is not None:
        _write(write)
        return
    if bundle is not None and (backend is Backend.EMBEDDED or not is_zipfile(bundle)):
        raise BadUseError(f"[{bundle}]: --bundle takes what `make bundle` has staged, and --backend emulator")
    with progress("setting up") as bar, _world(backend, store, bundle, bar) as world:
        report = tell(
            world, lambda part, instant: bar.at(part, f"{instant.astimezone(SEOUL):%Y-%m-%d}"), _evening(until)
        )
    if as_json:
        print_json(report.to_json())
    else:
        _show(report, store, until)
    if report.faults:
        raise NotDoneError(f"{report.faults} histories could not be proved; run `sadari verify`")


def _write(folder: Path) -> None:
    """Write what a project, or a stack that is up, is given by `sadari round plan` and `sadari send`."""
    now = datetime.now(SEOUL)
    plan = plan_for(now)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cohort.json").write_text(json.dumps(plan, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / "applicants.csv").write_bytes(export_for(now))
    out.print(
        f"the round [{plan['round']}], open until tomorrow 18:00, and its applicants are in [{folder}]", markup=False
    )


def _evening(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(hour=21, tzinfo=SEOUL)


@contextmanager
def _world(backend: Backend, store: Path, bundle: Path | None, bar: Bar) -> Iterator[World]:
    if backend is Backend.EMBEDDED:
        begin_anew(store)
        if store.name == STORE:
            keep_key(store.parent, DEMO_KEY)  # a stack that goes on here finds its people
        embedded = Embedded(store)
        try:
            yield EmbeddedWorld(embedded)
        finally:
            embedded.close()
        return
    with _stack_world(bundle, bar) as world:
        yield world


@contextmanager
def _stack_world(bundle: Path | None, bar: Bar) -> Iterator[World]:
    from functions.stack.emulators import missing  # noqa: PLC0415  the embedded demo needs no Google library
    from functions.stack.functions_server import CHECKOUT  # noqa: PLC0415
    from functions.stack.local_stack import LocalStack  # noqa: PLC0415
    from functions.stack.world import StackWorld  # noqa: PLC0415

    lacks = missing()
    if lacks:
        raise NotDoneError(f"the emulators cannot start: {' '.join(lacks)} Without them: `sadari demo`")
    secret = "whsec_" + base64.b64encode(hashlib.sha256(DEMO_KEY).digest()).decode()
    sources = {DESK: {"secrets": [secret], "roles": list(DESK_ROLES)}}
    rooms = CHECKOUT if bundle is None else _unpacked(bundle, HOME / "stack" / "bundle")
    stack = LocalStack(HOME / "stack", key=DEMO_KEY, sources=sources, rooms=rooms)
    stack.start(lambda step: bar.at(0.0, f"starting {step}"))
    try:
        world = StackWorld(stack, DESK, secret)
        try:
            yield world
        finally:
            world.close()
    finally:
        stack.stop()


def _unpacked(bundle: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    with ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


def _show(report: Report, store: Path, until: datetime | None) -> None:
    total = report.applicants
    rows = [
        (stage, count, f"{count / total:.0%}", "█" * math.ceil(40 * count / total))
        for stage, count in report.stages.items()
    ]
    when = "at month 12" if until is None else f"in the evening of {until:%Y-%m-%d}"
    print_table(f"Where the {total} applicants are {when}", ("stage", "people", "share", ""), rows)
    out.print()
    print_table("The funnel", ("step", "people"), list(report.funnel.items()))
    out.print()
    taken = [(branch.replace("_", " "), len(cases), ", ".join(cases[:2])) for branch, cases in report.branches.items()]
    print_table("Branches of the selection", ("branch", "cases", "such as"), taken)
    out.print()
    out.print(
        f"{report.rows} form rows, {report.applicants} applicants. {report.selected} of {report.capacity} seats "
        f"offered at once, {report.offers} offers in all, never more than {report.seats_peak} seats held.\n"
        f"{report.timers} timers rang, {report.notices} notices, {report.transitions} transitions, "
        f"{report.verified} histories proved, {report.faults} faults, {report.quarantined} quarantined.\n"
        f"{report.seconds} s on the {report.backend} backend."
    )
    out.print(f"digest {report.digest}", soft_wrap=True)
    if report.backend == Backend.EMBEDDED:
        out.print(f"\nLook closer: sadari cases list · sadari cases explain ID · sadari verify   ({store})")
