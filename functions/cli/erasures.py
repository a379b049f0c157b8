"""`sadari erase`: the erasure ledger, what is due, and legal holds."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from functions.cli.acting import AsOption, office, staff, why_of
from functions.cli.screen import BadUseError, many, out, print_json
from functions.cli.stores import DEFAULT_STORE, StoreOption, find_case
from schemas.ids import PersonId, name_of
from schemas.register import Destruction
from workflows.runtime.destroy import destroy_due
from workflows.runtime.erase import reapply as reapply_ledger
from workflows.runtime.restrictions import restrict

app = typer.Typer(no_args_is_help=True, help="The erasure ledger, what has to be destroyed, and legal holds.")


@app.command()
def ledger(store: StoreOption = DEFAULT_STORE) -> None:
    """Print the register of destructions, one JSON document a line; keep it apart from the backups."""
    with office(store) as backend:
        for row in backend.ports.register.find(Destruction):
            out.file.write(row.model_dump_json() + "\n")


@app.command()
def reapply(
    file: Annotated[Path, typer.Argument(metavar="LEDGER", help="What `sadari erase ledger` printed.")],
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Erase once more whoever a restored backup has brought back.  May be repeated."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        rows = [Destruction.model_validate_json(line) for line in lines if line.strip()]
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise BadUseError(f"[{file}] is no ledger that can be read: print one with `sadari erase ledger`") from error
    with office(store) as backend:
        new = sum(backend.ports.register.add(row) for row in rows)
        count = reapply_ledger(backend.ports)
        backend.scrub()
    out.print(
        f"{many(len(rows), 'row')}, {new} of them new to this store; {many(count, 'person', 'people')} erased again"
    )


@app.command()
def due(store: StoreOption = DEFAULT_STORE) -> None:
    """Destroy what may not be kept any longer, as `sweep` does; print what was done."""
    with office(store) as backend:
        destroyed = destroy_due(backend.ports)
    print_json({name: getattr(destroyed, name) for name in destroyed.__slots__})


@app.command()
def hold(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Any case of the person, or the beginning of its id.")],
    who: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="Which law or order; it goes to the vault.")],
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Put a person's data under a legal hold: nothing of them is destroyed until `sadari erase unhold`."""
    _restrict(store, case, who, reason, is_held=True)


@app.command()
def unhold(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Any case of the person, or the beginning of its id.")],
    who: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="Why it is over; it goes to the vault.")],
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Lift a legal hold."""
    _restrict(store, case, who, reason, is_held=False)


def _restrict(store: Path, case: str, who: str, reason: str, *, is_held: bool) -> None:
    by, text = staff(who, "privacy_officer").id, why_of(reason)
    with office(store) as backend:
        person = PersonId(find_case(backend, case).person)
        now = backend.ports.clock.now()
        reference = backend.ports.vault.put_text(f"{by}: {text}", person_id=person)
        row_id = name_of("hold", person, str(is_held), now.isoformat())
        restrict(person, row_id, {"is_held": is_held, "reason": reference}, backend.ports)
    out.print("held" if is_held else "not held any more")
