"""The command `sadari`."""

import sys
from typing import Any

import typer

from functions.cli import (
    api_keys,
    appeals,
    breach,
    cases,
    cost,
    data_requests,
    definitions,
    deliveries,
    demo_command,
    enrolment_check,
    erasures,
    forms,
    interviews,
    journeys_command,
    mail,
    members,
    notices,
    offers,
    offers_export,
    pubsub,
    quarantine,
    questions,
    ranks,
    records,
    repair,
    restore,
    review_import,
    reviewers,
    reviews,
    rounds,
    scores,
    send,
    stuck,
    subscriptions,
    up,
    verify,
)
from functions.cli.screen import BadUseError, NotDoneError, err
from functions.store_files import NotOursError
from workflows.runtime.errors import SadariError

app = typer.Typer(
    name="sadari",
    help="An event-driven workflow engine on cloud functions: every learner from form to first job.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(up.up)
app.command("demo")(demo_command.demo)
app.command("journeys")(journeys_command.journeys)
app.command("send")(send.send)
app.command("cost")(cost.cost)
app.command("verify")(verify.verify)
app.command("repair")(repair.repair)
app.command("restore")(restore.restore)
app.command("stuck")(stuck.stuck)
app.command("breach")(breach.breach)
app.add_typer(cases.app, name="cases")
app.add_typer(mail.app, name="mail")
app.add_typer(members.app, name="members")
app.add_typer(notices.app, name="notices")
subscriptions.app.command("pubsub")(pubsub.pubsub)
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(api_keys.app, name="keys")
app.add_typer(definitions.app, name="definitions")
app.add_typer(forms.app, name="forms")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(questions.app, name="questions")
rounds.app.command("reviewers")(reviewers.reviewers)
rounds.app.command("check-enrolment")(enrolment_check.check_enrolment)
app.add_typer(rounds.app, name="round")
reviews.app.command("import")(review_import.import_reviews)
app.add_typer(reviews.app, name="review")
app.add_typer(interviews.app, name="interviews")
app.add_typer(scores.app, name="scores")
app.add_typer(ranks.app, name="rank")
offers.app.command("export")(offers_export.export)
app.add_typer(offers.app, name="offers")
app.add_typer(appeals.app, name="appeals")
app.add_typer(data_requests.app, name="data-request")
app.add_typer(erasures.app, name="erase")
app.add_typer(records.app, name="records")


def main() -> None:
    """Run the command line.  Bad use ends with 2 and one clear line, what cannot be done with 1."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot write Korean shows marks, and no traceback
    try:
        code = app(args=arguments, prog_name="sadari", standalone_mode=False)
    except Exception as error:  # noqa: BLE001  whatever nobody foresaw is raised again
        return _tell(error)
    except KeyboardInterrupt:
        return _say("sadari: stopped; what was begun is not complete", 130)
    return code if isinstance(code, int) else 0


def _tell(error: Exception) -> int:
    """Say in one line what went wrong, and give the exit code; what nobody foresaw stays a traceback."""
    match error:
        case BadUseError() | NotOursError():
            return _say(f"sadari: {error}", 2)
        case NotDoneError() | SadariError():
            return _say(f"sadari: {error}", 1)
        case typer.Abort():
            return _say("sadari: stopped; what was begun is not complete", 130)
        case OSError():
            named = f"{error.strerror}: [{error.filename}]" if error.filename else str(error)
            return 0 if isinstance(error, BrokenPipeError) else _say(f"sadari: {named}", 1)
        case _ if hasattr(error, "format_message"):  # whatever the parser refuses; its class is not public
            return _say_bad_use(error)
    raise error


def _say_bad_use(error: Any) -> int:
    """Print what the parser refused; a group without a command prints its help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        err.print(error.format_message(), markup=False)
        return 2
    where = getattr(getattr(error, "ctx", None), "command_path", "sadari")
    return _say(f"{where}: {error.format_message()} (see `{where} --help`)", 2)


def _say(line: str, code: int) -> int:
    err.print(" ".join(line.split()), markup=False, soft_wrap=True)
    return code
