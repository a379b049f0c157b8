"""`sadari subscriptions pubsub`: what gives a partner its own filtered subscription, to be run by whoever may."""

import re
from typing import Annotated

import typer

from functions.cli.screen import BadUseError, out, print_json
from functions.cli.stores import JsonOption
from workflows.runtime.feed import filter_of
from workflows.runtime.subscribe import unknown_types

NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
READER = re.compile(
    r"(user|group|serviceAccount):[A-Za-z0-9._+-]+@(?!g(oogle)?mail\.com)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
)
"""Somebody of an organisation: never everybody, and no private mailbox."""

PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
VALUE = re.compile(r"[\w-]{0,64}")
TOPIC = "partner-events"


def pubsub(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The organisation, such as gwangju-city.")],
    reader: Annotated[
        str, typer.Option("--reader", help="Who reads it: serviceAccount:reader@x.iam.gserviceaccount.com.")
    ],
    project: Annotated[str, typer.Option("--project", help="Our Google Cloud project.")],
    types: Annotated[
        list[str], typer.Option("--type", metavar="TYPE", help="A type of docs/notices.md; a star may end it.")
    ] = [],  # noqa: B006  typer reads it, and never changes it
    cohort: Annotated[str, typer.Option("--cohort", help="Only of this cohort.")] = "",
    programme: Annotated[str, typer.Option("--programme", help="Only of this programme.")] = "",
    *,
    as_json: JsonOption = False,
) -> None:
    """Print the gcloud commands that give a partner its own filtered subscription with dead letters."""
    unfit = {
        "PARTNER": not NAME.fullmatch(partner),
        "--reader": not READER.fullmatch(reader),
        "--project": not PROJECT.fullmatch(project),
        "--type": bool(unknown_types(types)),
        "--cohort": not VALUE.fullmatch(cohort),
        "--programme": not VALUE.fullmatch(programme),
    }
    if faults := [name for name, is_unfit in unfit.items() if is_unfit]:
        raise BadUseError(f"cannot be used: {', '.join(faults)}; see `sadari subscriptions pubsub --help`")
    try:
        text = filter_of(types, cohort=cohort, programme=programme)
    except ValueError as error:
        raise BadUseError(str(error)) from error
    commands = _commands(f"partner-{partner}", reader, project, text)
    if as_json:
        print_json({"filter": text, "commands": commands})
        return
    for command in commands:
        out.print(command, markup=False, soft_wrap=True)


def _commands(name: str, reader: str, project: str, text: str) -> list[str]:
    dead, here = f"{name}-dead", f"--project={project}"
    filtered = f" --message-filter='{text}'" if text else ""
    agent = (
        f"serviceAccount:service-$(gcloud projects describe {project} --format='value(projectNumber)')"
        "@gcp-sa-pubsub.iam.gserviceaccount.com"
    )
    retries = "--max-delivery-attempts=10 --min-retry-delay=10s --max-retry-delay=600s"
    kept = "--expiration-period=never --message-retention-duration=7d --ack-deadline=60"
    dead_letters = f"--dead-letter-topic={dead}"
    bind, may_read = "add-iam-policy-binding", "--role=roles/pubsub.subscriber"
    return [
        f"gcloud pubsub topics create {dead} {here}",
        f"gcloud pubsub subscriptions create {dead} {here} --topic={dead} --expiration-period=never",
        f"gcloud pubsub subscriptions create {name} {here} --topic={TOPIC}{filtered} {kept} {retries} {dead_letters}",
        f'gcloud pubsub topics {bind} {dead} {here} --member="{agent}" --role=roles/pubsub.publisher',
        f'gcloud pubsub subscriptions {bind} {name} {here} --member="{agent}" {may_read}',
        *(f"gcloud pubsub subscriptions {bind} {each} {here} --member={reader} {may_read}" for each in (name, dead)),
    ]
