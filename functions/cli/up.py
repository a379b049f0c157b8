"""`sadari up`: everything a developer needs, with one Ctrl-C to end it."""

import fcntl
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from functions.cli.demo.world import DESK_ROLES
from functions.cli.screen import BadUseError, NotDoneError, err, out
from functions.form_settings import read_form_secrets
from functions.partner_settings import read_admitted
from functions.post.check import text_faults
from functions.store_files import HOME, stack_keys

SWEEP_EVERY_SECONDS = 300.0
LOOK_EVERY_SECONDS = 0.1


def up(
    *,
    local: Annotated[bool, typer.Option("--local", help="The embedded backend: one SQLite file, no Java.")] = False,
    admit: Annotated[
        list[str], typer.Option("--admit", metavar="127.0.0.1:PORT", help="Lets partners receive on this machine.")
    ] = [],  # noqa: B006  typer reads it, and never changes it
    traces: Annotated[bool, typer.Option("--traces", help="Every call writes its spans to spans.jsonl.")] = False,
    forms: Annotated[
        Path | None, typer.Option("--forms", help="The secrets of forms at providers: JSON, as in SADARI_FORMS.")
    ] = None,
) -> None:
    """Start the local stack, print its addresses, and run until Ctrl-C.

    Without --local: Firestore and Pub/Sub emulators, Cloud Tasks, a relay that signs pushes, and the functions.  With
    it: the functions on one SQLite file that keeps what it holds.  A sample subscriber prints what partners are told.
    """
    from functions.stack import issuer  # noqa: PLC0415
    from functions.stack.embedded_stack import EmbeddedStack  # noqa: PLC0415  other commands need no server
    from functions.stack.emulators import missing  # noqa: PLC0415
    from functions.stack.local_stack import LocalStack  # noqa: PLC0415
    from functions.stack.sample_subscriber import SampleSubscriber, register  # noqa: PLC0415

    home = HOME / ("local" if local else "stack")
    key, secret = stack_keys(home)
    sources = {"desk": {"secrets": [secret], "roles": list(DESK_ROLES)}}
    if not local and (lacks := missing()):
        raise NotDoneError(f"the emulators cannot start: {' '.join(lacks)} Without them: `sadari up --local`")
    if faults := text_faults():
        raise NotDoneError(f"letters cannot be written: {'; '.join(faults)}")
    if tools := issuer.lacks():
        raise NotDoneError(f"nobody could sign in at the console: {tools}")
    kind = EmbeddedStack if local else LocalStack
    if read_admitted(admit) is None:
        raise BadUseError("--admit takes an address of this machine and a port, such as 127.0.0.1:8080")
    sample = SampleSubscriber(lambda line: out.print(line, markup=False, soft_wrap=True))
    stack = kind(
        home,
        key=key,
        sources=sources,
        sends=True,
        admitted=(sample.address, *admit),
        traces=traces,
        forms=secrets_in(forms),
    )
    lock = (home / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise NotDoneError(f"a stack is running in [{home}] already; end it first") from error
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        sample.start()
        stack.start(lambda step: err.print(f"starting {step}", markup=False))
        addresses = stack.addresses()
        (home / "intake").write_text(addresses["intake"], encoding="ascii")
        staff = ", ".join(member.email for member in issuer.STAFF)
        told = {**addresses, "signing secret": f"{secret}   (source `desk`)", "staff": staff}
        _greet(told, f" --stack {home}" if local else "")
        register(sample, *stack.partners())
        _run(stack.work, stack.sweep, stop)
    except KeyboardInterrupt:
        err.print("stopping", markup=False)
    finally:
        stack.stop()
        sample.stop()


def _greet(told: Mapping[str, str], here: str) -> None:
    """Print where everything is, and what to try."""
    for name, each in told.items():
        out.print(f"{name:<18}{each}", markup=False, soft_wrap=True)
    out.print(f"\nTry: sadari send events docs/examples/round-planned.json{here}", markup=False, soft_wrap=True)
    out.print(f"Letters that were sent: sadari mail list{here}", markup=False, soft_wrap=True)
    out.print("Ctrl-C ends everything.", markup=False)


def secrets_in(forms: Path | None) -> str:
    """Give what the file says, if the functions could start with it."""
    if forms is None:
        return ""
    try:
        told = forms.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadUseError(f"--forms: [{forms}] cannot be read") from error
    faults: list[str] = []
    read_form_secrets(told, faults)
    if faults:
        raise BadUseError(f"--forms: {'; '.join(faults)}")
    return told


def _run(work: Callable[[], object], sweep: Callable[[], object], stop: threading.Event) -> None:
    """Do what a stack has to do now and then; sweep every five minutes, as Cloud Scheduler would."""
    swept_at = time.monotonic()
    while not stop.wait(LOOK_EVERY_SECONDS):
        work()
        if time.monotonic() - swept_at > SWEEP_EVERY_SECONDS:
            sweep()
            swept_at = time.monotonic()
