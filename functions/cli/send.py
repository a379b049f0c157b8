"""`sadari send`: sends something to `intake`, of a local stack or of a project, signed as a source does."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
import urllib3

from functions.cli.acting import DryRunOption
from functions.cli.screen import BadUseError, NotDoneError, many, print_json
from functions.forms.signature import sign
from functions.store_files import HOME
from schemas.ids import name_of
from workflows.runtime.signature import is_secret

TAKEN_IN, TRIED = 202, 200
SECONDS_MAX = 60.0


def send(
    door: Annotated[str, typer.Argument(metavar="DOOR", help="`events`, or `applications/ROUND`.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON or CSV; - reads standard input.")],
    submission: Annotated[str, typer.Option("--id", help="The same id again is the same message.")] = "",
    stack: Annotated[Path, typer.Option(help="The folder of the stack; .sadari/local for `up --local`.")] = HOME
    / "stack",
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Where `intake` of a project is.")] = "",
    source: Annotated[str, typer.Option("--source", help="With --to: as whom; SADARI_SECRET holds its secret.")] = "",
    *,
    dry_run: DryRunOption = False,
) -> None:
    """Send a body to `intake` of a running local stack, or of a project, and print its answer.

    Without --id, the content names the message, so sending the same file twice sends one message.
    """
    address, secret = _of_project(to, source) if to else _of_stack(stack)
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise BadUseError(f"[{file}] cannot be read: {error.strerror}") from error
    mimetype = "application/json" if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "text/csv"
    door += "/check" if dry_run else ""
    headers = {"Content-Type": mimetype, **sign(submission or name_of(door, body.hex()), body, secret)}
    try:
        answer = urllib3.request("POST", address + door, body=body, headers=headers, retries=False, timeout=SECONDS_MAX)
    except urllib3.exceptions.HTTPError as error:
        raise NotDoneError(f"nobody answers at [{address}]{'' if to else '; is `sadari up` running?'}") from error
    try:
        print_json(answer.json())
    except ValueError as error:
        raise NotDoneError(
            f"intake answered [{answer.status}]: {answer.data.decode(errors='replace')[:300]}"
        ) from error
    if answer.json().get("refused"):
        raise NotDoneError(
            f"{many(answer.json()['refused'], 'row was', 'rows were')} refused; mend that and send the file again"
        )
    if answer.status != (TRIED if dry_run else TAKEN_IN):
        raise NotDoneError(f"intake answered [{answer.status}]; nothing was taken in")


def _of_stack(stack: Path) -> tuple[str, str]:
    try:
        secret = json.loads((stack / "keys.json").read_text(encoding="ascii"))["secret"]
        return (stack / "intake").read_text(encoding="ascii"), f"whsec_{secret}"
    except FileNotFoundError as error:
        hint = "is `sadari up` running in this folder? For `sadari up --local` add --stack .sadari/local"
        raise BadUseError(f"[{error.filename}] is not there; {hint}") from error


def _of_project(to: str, source: str) -> tuple[str, str]:
    secret = os.environ.get("SADARI_SECRET", "")
    if not source or not is_secret(secret):
        raise BadUseError(
            "--to needs --source, and its secret (whsec_...) in SADARI_SECRET; both are in the secret `sources`"
        )
    if not to.startswith(("https://", "http://127.0.0.1:")):
        raise BadUseError(f"[{to}] is no https address")
    return f"{to.rstrip('/')}/{source}/", secret
