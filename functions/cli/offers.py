"""`sadari offers`: open offers, what people answer on paper or phone, and what the office does about them."""

from datetime import datetime
from typing import Annotated, Any

import typer

from functions.cli.acting import (
    AsOption,
    Told,
    carry,
    case_of,
    kst,
    moment_of,
    office,
    reason_of,
    show_told,
    staff,
)
from functions.cli.backends import Backend
from functions.cli.rounds import RoundArgument
from functions.cli.screen import BadUseError, NotDoneError, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from schemas.application import Application, Stage
from schemas.events import Event
from schemas.events.application import ApplicationWithdrew, OfferAccepted, OfferDeclined, OfferExtended, SkipProposed
from schemas.ids import PersonId
from schemas.messages import Actor, Case, Entry, Message, Verdict
from workflows.runtime.bring import bring
from workflows.runtime.intake import Origin, hand_in

app = typer.Typer(no_args_is_help=True, help="Open offers, answers given on paper or phone, and the waitlist.")
ApplicationArgument = Annotated[
    str, typer.Argument(metavar="APPLICATION", help="The application's id, or the beginning of it.")
]
NeededReason = Annotated[str, typer.Option("--reason", help="Why; it goes to the vault.")]
ReceivedOption = Annotated[
    str, typer.Option("--received", help="When the answer reached the office, if earlier: it judges the deadline.")
]
SEATED = frozenset({Stage.ACCEPTED, Stage.ENROLLED, Stage.CLAIM_PROPOSED, Stage.CLAIMING})
ON_BEHALF = "applicant"


@app.command("list")
def list_offers(round_id: RoundArgument, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """List the open offers of a round, by when they end, with the reminders that were sent."""
    with office(store) as backend:
        case, now = case_of(backend, round_id, "round"), backend.ports.clock.now()
        offered = list(backend.ports.cases.find(workflow="application", stage=Stage.OFFERED, round_id=case.id))
        rows = sorted(
            (_offer(each, now, backend) for each in offered), key=lambda row: (row["answer_by"], row["rank"] or 0)
        )
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            row["application"],
            row["rank"],
            kst(datetime.fromisoformat(row["answer_by"])),
            _left(row["seconds_left"]),
            ", ".join(row["reminders"]),
            "yes" if row["was_extended"] else "",
        )
        for row in rows
    ]
    columns = ("application", "rank", "answer by", "left", "reminders sent", "extended")
    print_table(f"{len(rows)} open offers", columns, cells)


@app.command()
def accept(
    application: ApplicationArgument,
    who: AsOption,
    consent: Annotated[list[str] | None, typer.Option("--consent", help="item=yes or item=no, as answered.")] = None,
    received: ReceivedOption = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Enter an acceptance that somebody gave on paper or by phone.

    The history names the person; the access log names you.
    """
    consents = _consents(consent or [])
    with office(store) as backend:
        case = _standing_in(case_of(backend, application, "application"), Stage.OFFERED, Stage.LAPSED)
        told = _answer(backend, case, OfferAccepted(consents=consents), who, received)
        subject = Application.model_validate_json(case.subject)
    lacks = [item for item in subject.admission.consents_needed if not consents.get(item)]
    show_told(told, as_json=as_json, more={"lacks": lacks})
    if told[0].verdict == Verdict.APPLIED and told[0].stage not in SEATED:
        why = f"it lacks the consents {', '.join(lacks)} (--consent)" if lacks else "the answer came too late"
        raise NotDoneError(f"the seat is not taken: {why}; the person is told so by letter")


@app.command()
def decline(
    application: ApplicationArgument,
    who: AsOption,
    received: ReceivedOption = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Enter that somebody declines the offer, on paper or by phone; the seat goes to the next."""
    with office(store) as backend:
        case = _standing_in(case_of(backend, application, "application"), Stage.OFFERED)
        told = _answer(backend, case, OfferDeclined(), who, received)
    show_told(told, as_json=as_json)


@app.command()
def withdraw(
    application: ApplicationArgument,
    who: AsOption,
    received: ReceivedOption = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Enter that somebody leaves the round, on paper or by phone."""
    with office(store) as backend:
        told = _answer(backend, case_of(backend, application, "application"), ApplicationWithdrew(), who, received)
    show_told(told, as_json=as_json)


@app.command()
def extend(
    application: ApplicationArgument,
    who: AsOption,
    hours: Annotated[int, typer.Option(min=1, max=168, help="By how much.")],
    reason: NeededReason,
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Prolong an open offer, once."""
    text = _needed(reason)
    with office(store) as backend:
        case = _standing_in(case_of(backend, application, "application"), Stage.OFFERED)
        if case.data["was_extended"]:
            raise NotDoneError(f"the offer of [{case.id}] was prolonged before; that goes once")
        told = _by_office(backend, case, OfferExtended(hours=hours, reason=text), who)
    show_told(told, as_json=as_json)


@app.command()
def skip(
    application: ApplicationArgument,
    who: AsOption,
    reason: NeededReason,
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Propose to pass over somebody on the waitlist; a second person decides (`sadari questions list`)."""
    text = _needed(reason)
    with office(store) as backend:
        case = _standing_in(case_of(backend, application, "application"), Stage.WAITLISTED)
        told = _by_office(backend, case, SkipProposed(reason=text), who)
    show_told(told, as_json=as_json)


def on_behalf(backend: Backend, case: Case, who: str, what: str) -> Actor:
    """Give the person of a case as the one who acts; that a member of staff looked them up stays in the access log."""
    clerk = staff(who, "operator")
    reason = f"{what} on paper or by phone"
    if backend.ports.vault.get(PersonId(case.person), reader=clerk.id, reason=reason) is None:
        raise NotDoneError(f"the person of [{case.id}] is not in the vault, or was erased: nobody can act for them")
    return Actor(kind="person", id=case.person, role=ON_BEHALF)


def _standing_in(case: Case, *stages: Stage) -> Case:
    """Refuse what would come too early: it would be kept, and then fall on an offer that nobody meant."""
    if case.stage not in stages:
        raise NotDoneError(
            f"[{case.id}] is {case.stage}, not {' or '.join(stages)}; see `sadari cases explain {case.id}`"
        )
    return case


def _answer(backend: Backend, case: Case, event: Event, who: str, received: str) -> list[Told]:
    actor = on_behalf(backend, case, who, type(event).__name__)
    at = _received_at(backend, case, received)
    if at is None:
        return carry(backend, lambda: [bring(event, case.id, actor, backend.ports)])
    return carry(backend, lambda: [_hand_in(backend, case, event, actor, at)])


def _hand_in(backend: Backend, case: Case, event: Event, actor: Actor, at: datetime) -> Message:
    """Publish an answer as of when it reached the office; the history also says when it was heard."""
    name, data = type(event).__name__, event.model_dump(mode="json")
    origin = Origin("counter", f"{name} {case.id} {at.isoformat()}", at)
    receipt = hand_in(name, case.id, data, actor, origin, roles=frozenset({ON_BEHALF}), ports=backend.ports)
    return Message(id=receipt.message, case=case.id, type=name, data=data, at=at, actor=actor)


def _received_at(backend: Backend, case: Case, received: str) -> datetime | None:
    if not received:
        return None
    at, offered_at = moment_of(received, "--received"), case.data["offered_at"]
    if at > backend.ports.clock.now():
        raise BadUseError(f"[{received}] is in the future (--received)")
    if offered_at is not None and at < datetime.fromisoformat(offered_at):
        raise BadUseError(f"[{received}] is before the offer was made (--received)")
    return at


def _by_office(backend: Backend, case: Case, event: Event, who: str) -> list[Told]:
    actor = staff(who, "operator")
    return carry(backend, lambda: [bring(event, case.id, actor, backend.ports)])


def _offer(case: Case, now: datetime, backend: Backend) -> dict[str, Any]:
    application = Application.model_validate_json(case.subject)
    ends_at = application.answer_by or case.arrived_at
    entries = (Entry.model_validate_json(text) for text, _ in backend.ports.cases.history(case.id))
    rung = [
        entry.message.data["key"].partition(".")[2]
        for entry in entries
        if entry.message.type == "TimerRang"
        and entry.message.data["visit"] == case.visit
        and entry.verdict is Verdict.APPLIED
    ]
    return {
        "application": case.id,
        "rank": application.rank,
        "offered_at": None if application.offered_at is None else application.offered_at.isoformat(),
        "answer_by": ends_at.isoformat(),
        "seconds_left": max(round((ends_at - now).total_seconds()), 0),
        "reminders": rung,
        "was_extended": application.was_extended,
    }


def _consents(given: list[str]) -> dict[str, bool]:
    consents: dict[str, bool] = {}
    for each in given:
        item, _, word = each.rpartition("=")
        if not item or word not in {"yes", "no"}:
            raise BadUseError(f"[{each}] is not as in pledge@1=yes (--consent)")
        if item in consents:
            raise BadUseError(f"[{item}] is answered twice (--consent)")
        consents[item] = word == "yes"
    return consents


def _needed(reason: str) -> str:
    text = reason_of(reason)
    if not text:
        raise BadUseError("a reason is needed (--reason)")
    return text


def _left(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if seconds else "ended"
