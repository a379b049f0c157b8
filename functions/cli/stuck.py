"""`sadari stuck`: what does not go on by itself, and what leads on."""

from datetime import datetime

import typer

from functions.cli.acting import kst, office
from functions.cli.screen import out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from workflows.runtime.stuck import Stuck
from workflows.runtime.stuck import stuck as find_stuck


def stuck(store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """Say what is stuck, since when, who has to act, and what leads on.  Ends with 1 if something is."""
    with office(store) as backend:
        ports = backend.ports
        found = list(find_stuck(ports, backend.subscriptions, backend.deliveries, backend.connections))
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
    elif found:
        rows = [(each.kind, _many(each), _since(each), each.owner, each.next) for each in found]
        print_table(f"{len(found)} kinds of things are stuck", ("what", "many", "since", "whose", "next"), rows)
        for each in found:
            out.print(f"{each.kind}: {' '.join(each.named)}", markup=False, soft_wrap=True)
    else:
        out.print("nothing is stuck")
    if found:
        raise typer.Exit(1)


def _many(found: Stuck) -> str:
    return f"{found.many} or more" if found.is_more else str(found.many)


def _since(found: Stuck) -> str:
    return kst(datetime.fromisoformat(found.since)) if found.since else "-"
