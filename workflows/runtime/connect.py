"""Connects a form at a provider with one of ours; what does not fit is named at once, when the connection is saved."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import get_args
from zoneinfo import ZoneInfo

from schemas.connections import AnswerKind, Connection, MappedQuestion
from schemas.forms import FormField, FormSchema, Kind
from schemas.people import Locale
from workflows.definitions.forms import FORMS
from workflows.runtime.errors import BadForm, Rejected
from workflows.runtime.form_ports import Connections
from workflows.runtime.ports import CaseStore

Types = Mapping[str, Mapping[str, AnswerKind]]
"""By provider: what each type of question gives."""

LOCALE = "locale"
TAKES: Mapping[Kind, frozenset[AnswerKind]] = {
    "name": frozenset({"text"}),
    "line": frozenset({"text", "choice", "number"}),
    "text": frozenset({"text"}),
    "email": frozenset({"email", "text"}),
    "phone": frozenset({"phone", "text"}),
    "choice": frozenset({"choice", "text"}),
    "yes_no": frozenset({"boolean", "choice"}),
    "number": frozenset({"number", "text"}),
    "date": frozenset({"date", "text"}),
}
"""By kind of field: which answers can be one."""

TRUTHS: frozenset[AnswerKind] = frozenset({"boolean", "choice"})


def save_connection(connection: Connection, *, types: Types, cases: CaseStore, connections: Connections) -> Connection:
    """Keep a connection that has no fault, and give it with its new version.

    Raises:
        BadForm: With every fault beside its place in the connection.
        Rejected: Somebody else has changed the connection meanwhile.
    """
    faults = dict(connection_faults(connection, types, cases))
    if faults:
        raise BadForm(faults)
    before = connections.get(connection.id)
    seen = 0 if before is None else before.version
    if not connections.put(connection, seen=seen):
        raise Rejected(f"[{connection.id}] was changed by somebody else meanwhile.", code="changed_meanwhile")
    return connection.model_copy(update={"version": seen + 1})


def connection_faults(connection: Connection, types: Types, cases: CaseStore) -> Iterator[tuple[str, str]]:
    """Give every fault of a connection beside its place."""
    form = FORMS.get(connection.form)
    if form is None:
        yield "form", f"is none of our forms, which are {', '.join(sorted(FORMS))}"
        return
    seen = cases.get(connection.asked_for)
    if seen is None or seen.case.workflow != form.asked_for:
        yield "asked_for", f"is no {form.asked_for}"
    if connection.is_unsigned and connection.provider != "tally":
        yield "is_unsigned", "only Tally has connections without a signature"
    if not _is_zone(connection.time_zone):
        yield "time_zone", "is no time zone, such as Asia/Seoul"
    yield from _map_faults(connection, form, types[connection.provider])


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        return False
    return True


def _map_faults(connection: Connection, form: FormSchema, types: Mapping[str, AnswerKind]) -> Iterator[tuple[str, str]]:
    for place, question in enumerate(connection.questions):
        for fault in _question_faults(question, form, types):
            yield f"questions.{place}", fault
    fields = Counter(question.field for question in connection.questions)
    yield from ((name, "has more than one question") for name, count in sorted(fields.items()) if count > 1)
    asked = Counter(question.question for question in connection.questions)
    for place, question in enumerate(connection.questions):
        if asked[question.question] > 1:
            yield (
                f"questions.{place}.question",
                "answers more than one field; a consent above all is asked for on its own",
            )
    needed = [field.name for field in form.fields if field.is_required]
    yield from ((name, "has to be asked for, and no question does") for name in needed if name not in fields)
    for item in form.consents:
        if item.field not in fields:
            yield item.field, "is a consent that no question asks for"


def _question_faults(question: MappedQuestion, form: FormSchema, types: Mapping[str, AnswerKind]) -> Iterator[str]:
    gives = types.get(question.type)
    if gives is None:
        yield f"is of a type that cannot be read; those that can: {', '.join(sorted(types))}"
        return
    field = next((each for each in form.fields if each.name == question.field), None)
    if field is not None:
        yield from _field_faults(question, field, gives)
    elif question.field in {item.field for item in form.consents}:
        yield from _truth_faults(question, gives)
    elif question.field == LOCALE:
        if not set(question.values.values()) <= set(get_args(Locale)):
            yield f"has values that are none of {', '.join(get_args(Locale))}"
    else:
        yield "answers no field of the form"


def _field_faults(question: MappedQuestion, field: FormField, gives: AnswerKind) -> Iterator[str]:
    if field.kind == "yes_no":
        yield from _truth_faults(question, gives)
        return
    if gives not in TAKES[field.kind]:
        yield f"gives a {gives}, which cannot be the {field.kind} of [{field.name}]"
    if question.values and field.kind not in {"choice", "line"}:
        yield f"has values, but a {field.kind} is taken as it is answered"
    if any(isinstance(value, bool) for value in question.values.values()):
        yield f"has values that are yes or no, but [{field.name}] is a {field.kind}"
    choices = {choice.value for choice in field.choices}
    if choices and not set(question.values.values()) <= choices:
        yield f"has values that are none of the choices of [{field.name}]: {', '.join(sorted(choices))}"
    if choices and not question.values:
        yield f"lacks values: which answer is which of {', '.join(sorted(choices))}"


def _truth_faults(question: MappedQuestion, gives: AnswerKind) -> Iterator[str]:
    """Give what hinders a question from being answered with yes or no."""
    meant = set(question.values.values())
    if gives not in TRUTHS:
        yield f"gives a {gives}, which is neither yes nor no"
    elif not all(isinstance(value, bool) for value in meant):
        yield "has values that are neither true nor false"
    elif gives == "choice" and True not in meant:
        yield "lacks values: which answer means true, and which false"
