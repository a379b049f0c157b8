"""`sadari mail`: what arrived at the mail server and the dealer of messages of a local stack."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from functions.cli.screen import BadUseError, NotDoneError, out, print_json, print_table
from functions.cli.stores import JsonOption
from functions.stack.arrived import MAIL, Arrived, arrived
from functions.store_files import HOME

app = typer.Typer(no_args_is_help=True, help="What arrived at a local stack: mail, Alimtalk, short messages.")
NumberArgument = Annotated[
    int, typer.Argument(metavar="[NUMBER]", help="As `sadari mail list` gives it; the newest if left out.")
]
StackOption = Annotated[Path, typer.Option(help="The folder of the stack; .sadari/local for `up --local`.")]


@app.command("list")
def list_mail(stack: StackOption = HOME / "stack", *, as_json: JsonOption = False) -> None:
    """List what arrived, oldest first."""
    found = _arrived(stack)
    if as_json:
        print_json([{"number": number, **asdict(each)} for number, each in enumerate(found, start=1)])
        return
    rows = [
        (number, f"{each.at.astimezone():%Y-%m-%d %H:%M:%S}", each.by, each.to, each.subject)
        for number, each in enumerate(found, start=1)
    ]
    print_table("Arrived", ("number", "at", "by", "to", "subject"), rows)


@app.command("open")
def open_mail(number: NumberArgument = 0, stack: StackOption = HOME / "stack") -> None:
    """Print one of them, with its calendar file where it has one."""
    found = _arrived(stack)
    place = (number or len(found)) - 1
    if not 0 <= place < len(found):
        raise NotDoneError(f"no [{number}]: {len(found)} arrived; see `sadari mail list`")
    letter = found[place]
    out.print(f"{letter.by} to {letter.to}\n{letter.subject}\n", markup=False, soft_wrap=True)
    for text in (letter.text, *letter.attachments):
        out.print(text, markup=False, soft_wrap=True)


def _arrived(stack: Path) -> list[Arrived]:
    if not (stack / MAIL).is_dir():
        raise BadUseError(f"no stack has sent anything in [{stack}]; for `sadari up --local` add --stack .sadari/local")
    return arrived(stack)
