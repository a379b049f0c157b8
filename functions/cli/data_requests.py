"""`sadari data-request`: what people ask about their own data, where it comes on paper or by phone."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from functions.cli.acting import AsOption, carry, case_of, kst, moment_of, office, reason_of, show_told, staff, why_of
from functions.cli.backends import Backend
from functions.cli.screen import BadUseError, NotDoneError, many, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, LangOption, StoreOption, find_case, language
from functions.forms.clean import UnfitTextError, clean_email, clean_mobile, clean_name, clean_text
from schemas.data_request import DataRequest, Ground, KeptItem, Right
from schemas.events.data_request import DataRequestLimited, DataRequestTakenBack
from schemas.ids import MessageId, PersonId, name_of
from schemas.messages import Actor, Case, Message
from workflows.definitions.words import WORDS
from workflows.runtime.data_request import Wish, details_of, file_data_request
from workflows.runtime.fulfil import fulfil
from workflows.runtime.own_data import own_data
from workflows.runtime.restrictions import restriction_of
from workflows.runtime.resume import resume as let_go_on

app = typer.Typer(no_args_is_help=True, help="What people ask about their own data, and the ten days it may take.")

RequestArgument = Annotated[str, typer.Argument(metavar="REQUEST", help="The request's id, or the beginning of it.")]
CLEANERS: Mapping[str, Callable[[str], str]] = {"name": clean_name, "email": clean_email, "contact": clean_mobile}
NEED_A_KEY = frozenset({"email", "contact", "student_number"})
"""What people are found by; without the store's key nobody could find them by the corrected ones."""


@app.command("list")
def list_requests(store: StoreOption = DEFAULT_STORE, lang: LangOption = "en", *, as_json: JsonOption = False) -> None:
    """List the requests, with the end of their ten days, the most urgent first."""
    speech = WORDS.speech(language(lang))
    with office(store) as backend:
        found = [(case, _request_in(case)) for case in backend.ports.cases.find(workflow="data_request")]
    found.sort(key=lambda each: (each[0].is_final, each[1].answer_by))
    if as_json:
        print_json([_row(case, request) for case, request in found])
        return
    cells = [
        (
            case.id,
            request.right,
            speech.stage("data_request", case.stage),
            kst(request.received_at),
            kst(request.answer_by) + (" (overdue)" if request.is_overdue and not case.is_final else ""),
            ", ".join(task.id for task in case.tasks),
        )
        for case, request in found
    ]
    print_table(many(len(cells), "request"), ("id", "right", "stage", "received", "answer by", "open question"), cells)


@app.command("file")
def file_one(
    right: Annotated[str, typer.Argument(metavar="RIGHT", help=f"One of {', '.join(Right)}.")],
    case: Annotated[str, typer.Argument(metavar="CASE", help="Any case of the person, or the beginning of its id.")],
    who: AsOption,
    letter: Annotated[str, typer.Option("--letter", help="What names the letter; the same again is one request.")],
    consent: Annotated[str, typer.Option(help="The consent to withdraw, such as third_party.")] = "",
    corrections: Annotated[list[str] | None, typer.Option("--set", help="A correction, such as name=... .")] = None,
    text: Annotated[str, typer.Option(help="What the person writes; it goes to the vault.")] = "",
    received: Annotated[str, typer.Option(help="When the letter came; the ten days count from then.")] = "",
    key: Annotated[
        str, typer.Option(envvar="SADARI_KEY", help="The store's key in base64, for some corrections.")
    ] = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take in a request that came on paper or by phone; the privacy officer has its sender proved first."""
    if right not in list(Right):
        raise BadUseError(f"no right [{right}]: choose one of {', '.join(Right)}")
    changes = _changes(corrections or [])
    if NEED_A_KEY & changes.keys() and not key:
        raise BadUseError("a correction of email, contact or student_number needs the store's key (--key)")
    came = moment_of(received, "--received").astimezone(UTC) if received else None
    wish = Wish(Right(right), consent, changes, reason_of(text))
    with office(store) as backend:
        person = PersonId(find_case(backend, case).person)
        actor = staff(who, "operator")
        told = carry(
            backend,
            lambda: [
                file_data_request(
                    person, wish, actor, backend.ports, submission=letter, key=_key(key), received_at=came
                )
            ],
        )
    show_told(told, as_json=as_json, more={"data_request": told[0].message.case})


@app.command()
def show(request_id: RequestArgument, who: AsOption, store: StoreOption = DEFAULT_STORE) -> None:
    """Print what a request says in the person's words; the access log names you."""
    with office(store) as backend:
        case = case_of(backend, request_id, "data_request")
        reader = staff(who, "privacy_officer").id
        request = _request_in(case)
        said = details_of(request.details, backend.ports, reader=reader, reason=f"request {case.id}")
    print_json({**_row(case, request), **{name: said.get(name) for name in ("text", "changes") if said.get(name)}})


@app.command()
def limit(
    request_id: RequestArgument,
    who: AsOption,
    keep: Annotated[list[str], typer.Option("--keep", help=f"What stays: {', '.join(get_args(KeptItem))}.")],
    ground: Annotated[str, typer.Option(help=f"Why: {', '.join(each for each in get_args(Ground) if each)}.")],
    until: Annotated[str, typer.Option(help="Until which day, such as 2030-08-20; three years if left out.")] = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Say what a law forces to keep, before an erasure is granted; the person is told."""
    try:
        event = DataRequestLimited.model_validate({"kept": keep, "ground": ground, "kept_until": until or None})
    except ValueError as error:
        raise BadUseError("--keep, --ground or --until is not one of those that the help names") from error
    _tell(request_id, store, who, event, as_json=as_json)


@app.command("take-back")
def take_back(
    request_id: RequestArgument, who: AsOption, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False
) -> None:
    """Take a request back for the person who wrote so; an erasure can be taken back for a day after it is granted."""
    _tell(request_id, store, who, DataRequestTakenBack(), as_json=as_json)


@app.command("carry-out")
def carry_out(request_id: RequestArgument, store: StoreOption = DEFAULT_STORE) -> None:
    """Do what was granted once more, where that got stuck; what is done already is not done twice."""
    with office(store) as backend:
        case = case_of(backend, request_id, "data_request")
        fulfil(case.id, backend.ports)
        backend.settle([])
        stage = case_of(backend, case.id, "data_request").stage
    out.print(f"[{case.id}] is now [{stage}]", markup=False)


@app.command()
def resume(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Any case of the person, or the beginning of its id.")],
    who: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="How the person said so; it goes to the vault.")],
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Let the use of a person's data go on that they had stopped; the letters that wait for that leave."""
    by, text = staff(who, "privacy_officer").id, why_of(reason)
    with office(store) as backend:
        person = PersonId(find_case(backend, case).person)
        if not restriction_of(person, backend.ports).is_suspended:
            raise NotDoneError(
                "no request has stopped this; a consent is given again by the person alone, on their page"
            )
        reference = backend.ports.vault.put_text(f"{by}: {text}", person_id=person)
        let_go_on(person, "is_suspended", backend.ports, reason=reference)
        backend.settle([])
    out.print("not stopped any more")


@app.command()
def export(
    request_id: RequestArgument,
    who: AsOption,
    file: Annotated[Path, typer.Option("--out", help="Where to write it; hand it over, and delete it.")],
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Write everything that is kept of a person who was granted to see it, as JSON; the access log names you."""
    with office(store) as backend:
        case = case_of(backend, request_id, "data_request")
        if _request_in(case).right is not Right.SEE or case.stage != "done":
            raise NotDoneError(f"[{case.id}] is {case.stage}: only a request to see that is done gives data out")
        package = own_data(PersonId(case.person), backend.ports, reader=staff(who, "privacy_officer").id)
    if package is None:
        raise NotDoneError("nothing is kept of this person any more")
    with file.open("x", encoding="utf-8") as written:
        written.write(_json(package))


def _tell(
    request_id: str, store: Path, who: str, event: DataRequestLimited | DataRequestTakenBack, *, as_json: bool
) -> None:
    with office(store) as backend:
        case = case_of(backend, request_id, "data_request")
        actor = staff(who, "privacy_officer")
        told = carry(backend, lambda: _publish(backend, case, event, actor))
    show_told(told, as_json=as_json)


def _publish(
    backend: Backend, case: Case, event: DataRequestLimited | DataRequestTakenBack, actor: Actor
) -> Sequence[Message]:
    message = Message(
        id=MessageId(name_of("data request", case.id, type(event).__name__, case.seq)),
        case=case.id,
        type=type(event).__name__,
        data=event.model_dump(mode="json"),
        at=backend.ports.clock.now(),
        actor=actor,
    )
    backend.ports.publisher.publish([message], [])
    return [message]


def _request_in(case: Case) -> DataRequest:
    return DataRequest.model_validate_json(case.subject)


def _row(case: Case, request: DataRequest) -> dict[str, Any]:
    return {
        "data_request": case.id,
        "right": request.right,
        "stage": case.stage,
        "received_at": request.received_at.isoformat(),
        "answer_by": request.answer_by.isoformat(),
        "is_overdue": request.is_overdue,
        "questions": [task.id for task in case.tasks],
    }


def _changes(corrections: Sequence[str]) -> dict[str, str]:
    changes: dict[str, str] = {}
    for each in corrections:
        name, equals, value = each.partition("=")
        if not equals:
            raise BadUseError("a correction is written as field=value (--set)")
        try:
            changes[name] = CLEANERS.get(name, clean_text)(value)
        except UnfitTextError as error:
            raise BadUseError(f"[{name}] {error} (--set)") from error
    return changes


def _key(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadUseError("the key is no base64 (--key)") from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"
