"""Opens what telling partners needs: of a local stack, or of what the environment names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from functions.cli.screen import NotDoneError
from functions.cli.stores import PROJECT, environment_of, running
from functions.store_files import HOME
from schemas.subscriptions import Subscription, SubscriptionId
from workflows.definitions.refusals import refusal
from workflows.runtime.errors import BadForm, SadariError
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports

StackOption = Annotated[
    Path,
    typer.Option(
        help="The folder of a local stack; .sadari/local for `up --local`.  Left out: what GOOGLE_CLOUD_PROJECT or "
        "SADARI_KEY and the other settings name, if one of these is set."
    ),
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
    is_named = stack == STACK and any(os.environ.get(name) for name in ("SADARI_KEY", PROJECT))
    try:
        with running(os.environ if is_named else environment_of(stack)) as cloud:
            url = "" if cloud.settings.partners is None else cloud.settings.partners.url
            yield Desk(cloud.ports, cloud.partner_ports, url)
    except SadariError as error:
        said = "" if isinstance(error, BadForm) else refusal(error.code, "en")  # which names each field itself
        raise NotDoneError(f"{str(error).rstrip('.')}{f'; {said}' if said else ''}") from error


def subscription_of(text: str, partners: PartnerPorts) -> Subscription:
    """Give a subscription by its id, or by the beginning of it where that is enough.

    Raises:
        NotDoneError: There is none, or there are several.
    """
    if not text:  # of a variable that is not set; one may not be ended by that
        raise NotDoneError("no subscription []; see `sadari subscriptions list`")
    exact = partners.subscriptions.get(SubscriptionId(text))
    found = [exact] if exact else [each for each in partners.subscriptions.find() if each.id.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotDoneError(f"[{text}] is the beginning of {len(found)} subscriptions; give more of it")
    raise NotDoneError(f"no subscription [{text}]; see `sadari subscriptions list`")
