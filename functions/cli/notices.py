"""`sadari notices`: what people are told, by which channel, and how it reads."""

from datetime import date, datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from functions.cli.screen import BadUseError, NotDoneError, out, print_json, print_table
from functions.cli.stores import JsonOption, LangOption, language
from functions.post.check import text_faults
from functions.post.rules import read_rules
from functions.post.short_texts import ShortTexts
from functions.scribe import LOCALES, TemplateScribe, told_to_people
from schemas.ids import CaseId, MessageId, PersonId
from schemas.letters import ChannelName, Letter, LetterState
from schemas.messages import Notice
from schemas.notices import NOTICES, NoticeBody
from schemas.people import Locale, Person
from workflows.definitions import WORKFLOWS
from workflows.engine.moments import SEOUL
from workflows.runtime.errors import Undeliverable
from workflows.runtime.send import channels_for

app = typer.Typer(no_args_is_help=True, help="What people are told: by which channel, and how it reads.")
THEN = datetime(2027, 4, 2, 10, tzinfo=SEOUL)
"""The day of the examples."""
EXAMPLES: dict[str, Any] = {"phase": "online", "failed_gate": "online", "attendance": 0.62, "interview_minutes": 20}
NAMES: dict[Locale, str] = {"ko": "김지원", "en": "Jiwon Kim"}


@app.command("list")
def list_notices(*, as_json: JsonOption = False) -> None:
    """List every notice to people, with its channels in order and its short texts; and check all texts."""
    texts, rules = ShortTexts(), read_rules()
    rows = []
    for model in told_to_people(WORKFLOWS.values()):
        for locale in LOCALES:
            letter = _letter(model, locale)
            short = texts.of(model.__name__, locale)
            channels = channels_for(letter, _person(locale), rules)
            rows.append((model.__name__, locale, model.kind, ", ".join(channels), short.state if short else "none"))
    names = ("notice", "lang", "kind", "channels", "short text")
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table("Notices to people", names, rows)
    if faults := text_faults():
        raise NotDoneError("; ".join(faults))


@app.command()
def preview(
    notice: Annotated[str, typer.Argument(metavar="TYPE", help="As `sadari notices list` names it.")],
    lang: LangOption = "ko",
    channel: Annotated[str, typer.Option(help="mail, alimtalk or sms.")] = "mail",
) -> None:
    """Print how a notice reads, with example values."""
    told = {model.__name__: model for model in told_to_people(WORKFLOWS.values())}
    if notice not in told:
        raise BadUseError(f"no notice to people is called [{notice}]; see `sadari notices list`")
    if channel not in get_args(ChannelName):
        raise BadUseError(f"no channel [{channel}]: choose {', '.join(get_args(ChannelName))}")
    locale = language(lang)
    letter = _letter(told[notice], locale)
    if channel == "mail":
        out.print(f"{letter.subject}\n\n{letter.body}", markup=False, soft_wrap=True)
        return
    try:
        written = ShortTexts().write(letter, _person(locale), is_approved=channel == "alimtalk")
    except Undeliverable as error:
        raise NotDoneError(f"[{notice}] does not leave by {channel} in [{lang}]: {error.detail}") from error
    out.print(written.text, markup=False, soft_wrap=True)


def example_of(model: type[NoticeBody], locale: Locale) -> Notice:
    """Give a notice with example values."""
    data = {name: _example(name, field.annotation, locale) for name, field in model.model_fields.items()}
    return Notice(
        id=MessageId("example"),
        type=model.__name__,
        role="applicant",
        case=CaseId("example"),
        workflow="application",
        person="example",
        data=data,
        at=THEN,
    )


def _letter(model: type[NoticeBody], locale: Locale) -> Letter:
    notice = example_of(model, locale)
    subject, body = TemplateScribe().write(notice, _person(locale))
    return Letter(
        id="example",
        person=PersonId("example"),
        case=notice.case,
        notice=notice.type,
        locale=locale,
        subject=subject,
        body=body,
        state=LetterState.HELD if NOTICES[notice.type].kind == "decision" else LetterState.RELEASED,
        written_at=THEN,
        told=notice,
    )


def _person(locale: Locale) -> Person:
    return Person(
        id=PersonId("example"),
        name=NAMES[locale],
        email="jiwon@example.org",
        contact="+821012345678",
        locale=locale,
        updated_at=THEN,
        erase_on=THEN.date(),
    )


def _example(name: str, kind: Any, locale: Locale) -> Any:
    """Give a value that a field may have."""
    if name in EXAMPLES:
        return EXAMPLES[name]
    origin = get_origin(kind)
    if origin is UnionType:
        return _example(name, get_args(kind)[0], locale)
    if origin is Literal:
        return next(each for each in get_args(kind) if each)
    if origin is tuple:
        return (_example(name, get_args(kind)[0], locale),)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(each.value for each in kind if each.value)
    values: dict[Any, Any] = {date: THEN.date().isoformat(), int: 3, float: 0.5, bool: True, str: f"({name})"}
    return values.get(kind, (THEN + timedelta(days=7)).isoformat())
