"""What people answered to consent items, as the vault keeps it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from schemas.forms import ConsentItem, FormSchema
from schemas.ids import name_of
from schemas.people import Consent, Person

PRIVACY = "privacy"
"""The consent without which nothing may be processed at all."""


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


def answered_at(person: Person, name: str, now: datetime) -> datetime:
    """Give when an answer of now counts: after all earlier ones to the item, even where the clock stands still."""
    before = [record.at for record in person.consent_records if record.item.split("@")[0] == name]
    return max(now, *(at + timedelta(microseconds=1) for at in before)) if before else now


def text_hash(item: ConsentItem) -> str:
    """Name the exact words of an item: other words have another name."""
    return name_of("consent", item.model_dump_json())


def with_records(person: Person, before: Person | None) -> Person:
    """Give the person with the records of before too, oldest first, each once; what was answered last is what stands.

    A form that was sent before a withdrawal and arrives after it takes nothing back, and one that does not ask for a
    consent leaves it as it was.
    """
    if before is None or not before.consent_records:
        return person
    records = tuple(dict.fromkeys((*before.consent_records, *person.consent_records)))
    latest = {record.item.split("@")[0]: record.is_given for record in sorted(records, key=lambda each: each.at)}
    consents = {name: latest.get(name, given) for name, given in {**before.consents, **person.consents}.items()}
    return person.model_copy(update={"consent_records": records, "consents": consents})
