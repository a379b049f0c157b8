"""Turns the answers of a provider's form into the fields of ours, by the map of the connection."""

from collections.abc import Mapping
from typing import Any

from functions.forms.clean import UnfitTextError, clean_line
from functions.forms.form_reader import read_filled
from functions.forms.providers.submission import Answer
from schemas.connections import Connection, MappedQuestion
from schemas.forms import FilledForm
from workflows.definitions.forms import FORMS
from workflows.runtime.connect import LOCALE


def fill_in(connection: Connection, answers: Mapping[str, Answer]) -> FilledForm:
    """Give our form as it was filled in at the provider.  What no question of the map asks for is not even looked at.

    Raises:
        BadForm: With every fault beside our field, without repeating what was answered.
    """
    form = FORMS[connection.form]
    truths = {field.name for field in form.fields if field.kind == "yes_no"} | {item.field for item in form.consents}
    given: dict[str, Any] = {LOCALE: connection.locale}
    unread: dict[str, str] = {}
    for question in connection.questions:
        try:
            value = _meant(question, answers.get(question.question, ()), is_truth=question.field in truths)
        except UnfitTextError as error:
            unread[question.field] = str(error)
        else:
            if value is not None:
                given[question.field] = value
    return read_filled(form, given, unread)


def _meant(question: MappedQuestion, answer: Answer, *, is_truth: bool) -> bool | str | None:
    """Give what an answer means; None if there is none.

    Raises:
        UnfitTextError: It is none of the answers that the map knows.
    """
    if isinstance(answer, bool):
        return answer if is_truth else ("true" if answer else "false")
    if not answer:
        return None
    if not question.values:
        if is_truth:
            raise UnfitTextError("is neither yes nor no")
        return ", ".join(answer)
    if len(answer) > 1:
        raise UnfitTextError("has more than one answer")
    meanings = {clean_line(said): meant for said, meant in question.values.items()}
    chosen = clean_line(answer[0])
    if chosen not in meanings:
        raise UnfitTextError("is none of the choices")
    return meanings[chosen]
