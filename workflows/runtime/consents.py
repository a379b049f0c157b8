"""What people answered to consent items, as the vault keeps it."""

from collections.abc import Mapping
from datetime import datetime

from schemas.forms import ConsentItem, FormSchema
from schemas.ids import name_of
from schemas.people import Consent, Person


def records_of(form: FormSchema, answers: Mapping[str, bool], at: datetime) -> tuple[Consent, ...]:
    """Give the proof of every answer to the consent items of a form.

    Args:
        form: What was asked.
        answers: By the name of the item.
        at: When it was answered.
    """
    return tuple(
        Consent(
            item=item.id,
            notice_version=form.notice_version,
            text_hash=text_hash(item),
            is_given=answers[item.name],
            at=at,
        )
        for item in form.consents
        if item.name in answers
    )


def text_hash(item: ConsentItem) -> str:
    """Name the exact words of an item: other words have another name."""
    return name_of("consent", item.model_dump_json())


def with_records(person: Person, before: Person | None) -> Person:
    """Give the person with the records of before too, oldest first, each once."""
    if before is None or not before.consent_records:
        return person
    records = tuple(dict.fromkeys((*before.consent_records, *person.consent_records)))
    return person.model_copy(update={"consent_records": records})
