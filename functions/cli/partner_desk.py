"""Opens what telling partners needs: of a local stack, or of what the environment names."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from functions.bootstrap import Cloud
from functions.cli.screen import BadUseError, NotDoneError
from functions.settings import Settings, SettingsError
from functions.store_files import ENVIRONMENT, HOME
from schemas.subscriptions import Subscription, SubscriptionId
from workflows.definitions.refusals import refusal
from workflows.runtime.errors import SadariError
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports

StackOption = Annotated[
    Path,
    typer.Option(help="The folder of a local stack; .sadari/local for `up --local`. Not used where SADARI_KEY is set."),
]
SubscriptionArgument = Annotated[
    str, typer.Argument(metavar="SUBSCRIPTION", help="From `sadari subscriptions list`, or its beginning.")
]
STACK = HOME / "stack"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the commands about partners work with."""

    ports: Ports
    partners: PartnerPorts
    api_url: str


@contextmanager
def desk(stack: Path) -> Iterator[Desk]:
    """Give what telling partners needs; what the use cases refuse becomes one line.

    Raises:
        BadUseError: Nothing says where partners are told from.
        NotDoneError: It cannot be done.
    """
    environment = dict(os.environ) if os.environ.get("SADARI_KEY") else _environment(stack)
    try:
        cloud = Cloud(Settings.from_env(environment))
        with _emulator(environment):
            found = Desk(
                cloud.ports, cloud.partner_ports, "" if cloud.settings.partners is None else cloud.settings.partners.url
            )
            yield found
    except SettingsError as error:
        raise BadUseError(f"the settings do not fit: {error}") from error
    except SadariError as error:
        said = refusal(error.code, "en")
        raise NotDoneError(f"{str(error).rstrip('.')}{f'; {said}' if said else ''}") from error


def subscription_of(text: str, partners: PartnerPorts) -> Subscription:
    """Give a subscription by its id, or by the beginning of it where that is enough.

    Raises:
        NotDoneError: There is none, or there are several.
    """
    exact = partners.subscriptions.get(SubscriptionId(text))
    found = [exact] if exact else [each for each in partners.subscriptions.find() if each.id.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotDoneError(f"[{text}] is the beginning of {len(found)} subscriptions; give more of it")
    raise NotDoneError(f"no subscription [{text}]; see `sadari subscriptions list`")


def _environment(stack: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((stack / ENVIRONMENT).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        hint = "is `sadari up` running in this folder? For `sadari up --local` add --stack .sadari/local"
        raise BadUseError(f"[{error.filename}] is not there; {hint}") from error
    return found


@contextmanager
def _emulator(environment: dict[str, str]) -> Iterator[None]:
    """Name Firestore's emulator where its client library looks for it."""
    name = "FIRESTORE_EMULATOR_HOST"
    before = os.environ.get(name)
    if environment.get(name):
        os.environ[name] = environment[name]
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before
