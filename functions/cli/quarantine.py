"""`sadari quarantine`: what could not be applied, and the way on."""

from collections import Counter
from typing import Annotated

import typer

from functions.cli.acting import AsOption, office, staff, why_of
from functions.cli.backends import Backend
from functions.cli.screen import NotDoneError, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption, opened
from workflows.runtime.errors import Rejected, SadariError
from workflows.runtime.replay import close as close_row
from workflows.runtime.replay import replay as replay_message

app = typer.Typer(no_args_is_help=True, help="What could not be applied, with the reason, and the way on.")


@app.command("list")
def list_rows(store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """List what waits in the quarantine, oldest first."""
    with opened(store) as backend:
        rows = list(backend.ports.quarantine.find())
    if as_json:
        print_json([row.model_dump(mode="json") for row in rows])
        return
    cells = [
        (
            row.id,
            row.state,
            row.message.type if row.message else "-",
            row.message.case if row.message else "-",
            row.reason,
        )
        for row in rows
    ]
    print_table(f"{len(rows)} in quarantine", ("id", "state", "event", "case", "reason"), cells)


@app.command()
def replay(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="From `sadari quarantine list`, or its beginning.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Send a quarantined message again, and say what became of it."""
    with opened(store) as backend:
        try:
            message = replay_message(_row_id(backend, row_id), backend.ports)
        except SadariError as error:
            raise NotDoneError(str(error)) from error
        backend.settle([message])
        entry = backend.ports.cases.entry(message.case, message.id)
    verdict = entry.verdict.value if entry else "waiting"
    reason = entry.reason if entry else "(it is tried for some minutes, and comes back here if it cannot be applied)"
    if as_json:
        print_json({"id": row_id, "message": message.id, "case": message.case, "verdict": verdict, "reason": reason})
    else:
        out.print(f"{message.type} to [{message.case}]: {verdict} {reason}".rstrip(), markup=False)


@app.command()
def close(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="From `sadari quarantine list`, or its beginning.")],
    who: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it goes to the access log, so nothing personal.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Rule that nothing more comes of a row; it can still be read, and sent again."""
    why, by = why_of(reason), staff(who, "admin").id
    with office(store) as backend:
        closed = close_row(_row_id(backend, row_id), backend.ports, by=by, reason=why)
    if as_json:
        print_json(closed.model_dump(mode="json"))
    else:
        out.print(f"[{closed.id}] is closed by {closed.closed_by}", markup=False)


@app.command("replay-all")
def replay_all(
    because: Annotated[str, typer.Option("--because", help="Rows whose reason begins so, such as gave_up.")],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Send again whatever waits for one reason, oldest first, and count what became of it."""
    with opened(store) as backend:
        ports = backend.ports
        rows = [row for row in ports.quarantine.find() if row.state == "waiting" and row.reason.startswith(because)]
        sent, refused = [], 0
        for row in rows:
            try:
                sent.append(replay_message(row.id, ports))
            except Rejected:
                refused += 1
        backend.settle(sent)
        entries = [ports.cases.entry(message.case, message.id) for message in sent]
    verdicts = Counter(entry.verdict.value if entry else "waiting" for entry in entries)
    if as_json:
        print_json({"rows": len(rows), "verdicts": dict(verdicts), "refused": refused})
    else:
        said = ", ".join(f"{many} {verdict}" for verdict, many in sorted(verdicts.items())) or "none was sent"
        out.print(f"{len(rows)} rows: {said}; {refused} are no messages or were applied already", markup=False)


def _row_id(backend: Backend, text: str) -> str:
    found = [row.id for row in backend.ports.quarantine.find() if row.id.startswith(text)]
    return found[0] if len(found) == 1 else text
