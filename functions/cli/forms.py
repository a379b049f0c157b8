"""`sadari forms`: forms at providers, and which of our forms each fills in."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from functions.cli.acting import kst, office
from functions.cli.backends import Backend
from functions.cli.screen import BadUseError, NotDoneError, many, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from functions.forms.collecting import ask_anew
from functions.forms.strict_json import BadJsonError, read_json
from functions.forms.vendors import LISTED, TYPES
from schemas.connections import Connection, Reading
from workflows.runtime.connect import connection_faults, save_connection
from workflows.runtime.errors import BadForm
from workflows.runtime.intake import faults_of

app = typer.Typer(no_args_is_help=True, help="Forms at providers, and which of our forms each fills in.")

NameArgument = Annotated[str, typer.Argument(metavar="CONNECTION", help="From `sadari forms list`.")]


@app.command()
def connect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A connection, as docs/forms.md shows it.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Keep a connection, or a change of it; every fault is named at once, and nothing is kept that has one."""
    connection = _read(file)
    with office(store) as backend:
        try:
            ports = backend.ports
            kept = save_connection(connection, types=TYPES, cases=ports.cases, connections=backend.connections)
        except BadForm as error:
            raise NotDoneError(_said(connection.id, error)) from error
    if as_json:
        print_json(kept.model_dump(mode="json"))
        return
    out.print(f"[{kept.id}] is kept, version {kept.version}; its address: /intake/forms/{kept.id}", markup=False)


@app.command("list")
def list_connections(store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """List the connections, with how far each was read and what hinders."""
    with office(store) as backend:
        found = [(each, backend.connections.reading(each.id)) for each in backend.connections.all()]
    rows = [_row(connection, reading) for connection, reading in found]
    if as_json:
        print_json(rows)
        return
    cells = [
        (row["connection"], row["provider"], row["form"], row["asked_for"], kst_or_dash(reading), row["fault"] or "-")
        for row, (_, reading) in zip(rows, found, strict=True)
    ]
    print_table(many(len(rows), "connection"), ("id", "provider", "form", "for", "read until", "fault"), cells)


@app.command()
def check(store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """Hold every connection against the forms as they are now, and say what does not fit any more."""
    with office(store) as backend:
        found = [(each.id, _faults(each, backend)) for each in backend.connections.all()]
    if as_json:
        print_json([{"connection": name, "faults": faults} for name, faults in found])
    else:
        rows = [(name, place, text) for name, faults in found for place, text in faults.items()]
        print_table(f"{many(len(found), 'connection')}, {many(len(rows), 'fault')}", ("id", "place", "fault"), rows)
    if bad := [name for name, faults in found if faults]:
        raise NotDoneError(
            f"{many(len(bad), 'connection has', 'connections have')} faults; mend and `sadari forms connect` again"
        )


@app.command()
def reconcile(
    name: NameArgument,
    store: StoreOption = DEFAULT_STORE,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every response, not only since the last reading.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Have a connection read anew by the next sweep, within five minutes; what is known already is a repeat."""
    with office(store) as backend:
        connection = backend.connections.get(name)
        if connection is None:
            raise NotDoneError(f"no connection [{name}]; see `sadari forms list`")
        if connection.provider not in LISTED:
            hint = "send its deliveries again there, or bring its export as CSV"
            raise NotDoneError(f"[{connection.provider}] cannot be asked for what was submitted; {hint}")
        if not ask_anew(connection, backend.connections, is_everything=everything):
            raise NotDoneError(f"[{name}] is being read at this moment; try again")
    if as_json:
        print_json({"connection": name, "everything": everything, "asked": True})
    else:
        out.print(f"[{name}] is read anew by the next sweep", markup=False)


def kst_or_dash(reading: Reading) -> str:
    """Give until when a connection was read."""
    return "-" if reading.read_until is None else kst(reading.read_until)


def _row(connection: Connection, reading: Reading) -> dict[str, Any]:
    shown = reading.model_dump(mode="json", exclude={"connection", "version"})
    return {
        "connection": connection.id,
        "provider": connection.provider,
        "form_id": connection.form_id,
        "form": connection.form,
        "asked_for": connection.asked_for,
        "version": connection.version,
        **shown,
    }


def _read(file: Path) -> Connection:
    """Read a connection from a file.

    Raises:
        BadUseError: It cannot be read.
        NotDoneError: It is none; names every fault.
    """
    try:
        fields = read_json(file.read_bytes())
    except OSError as error:
        raise BadUseError(f"[{file}] cannot be read: {error.strerror}") from error
    except BadJsonError as error:
        raise NotDoneError(f"[{file}]: {error}") from error
    try:
        return Connection.model_validate({**fields, "version": 0})
    except ValidationError as error:
        raise NotDoneError(_said(str(file), BadForm(faults_of(error)))) from error


def _faults(connection: Connection, backend: Backend) -> dict[str, str]:
    return dict(connection_faults(connection, TYPES, backend.ports.cases))


def _said(name: str, error: BadForm) -> str:
    return f"[{name}] is not kept; " + "; ".join(f"[{place}] {text}" for place, text in error.faults.items())
