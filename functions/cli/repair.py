"""`sadari repair`: writes a case anew as its history leads to it."""

from contextlib import ExitStack
from typing import Annotated

import typer

from functions.cli.acting import AsOption, DryRunOption, id_of, office, staff, why_of
from functions.cli.screen import out, print_json
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption, id_of_case, opened_copy
from workflows.runtime.repair import Repair, examine
from workflows.runtime.repair import repair as carry_out


def repair(
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's id; it need not be readable any more.")],
    who: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it goes to the access log, so nothing personal.")],
    copy: Annotated[
        str,
        typer.Option(
            "--from", metavar="COPY", help="An older copy with a good history: an SQLite file, or another database."
        ),
    ] = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a case and its questions anew as its history leads to them; the access log keeps who did it, and why.

    With --from, the history in the copy takes the place of the one that is there; what the case had heard since then is
    sent again under the same ids.  Begin with --dry-run.
    """
    by, why = staff(who, "admin").id, why_of(reason)
    with ExitStack() as opened:
        backend = opened.enter_context(office(store))
        older = opened.enter_context(opened_copy(copy, store)).ports.cases if copy else None
        found = examine(id_of(case, "CASE") if copy else id_of_case(backend, case), backend.ports, older)
        if found.is_needed and not dry_run:
            carry_out(found, backend.ports, by=by, reason=why)
            backend.settle(found.again)
    _tell(found, dry_run=dry_run, as_json=as_json)


def _tell(found: Repair, *, dry_run: bool, as_json: bool) -> None:
    shown = {
        "case": found.folded.id,
        "entries": found.entries,
        "differs": list(found.differs),
        "history_replaced": found.history is not None,
        "sent_again": [message.id for message in found.again],
        "stage": found.folded.stage,
        "done": found.is_needed and not dry_run,
    }
    if as_json:
        print_json(shown)
    elif not found.is_needed:
        out.print(f"[{found.folded.id}] is what its {found.entries} entries lead to", markup=False)
    else:
        what = ", ".join(found.differs) or "history"
        said = (
            f"[{found.folded.id}] {'would be' if dry_run else 'is'} written anew: {what} from {found.entries} entries"
        )
        out.print(f"{said}; {len(found.again)} messages sent again; at [{found.folded.stage}]", markup=False)
