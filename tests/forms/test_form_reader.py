"""Any form is read by its schema: cleaned, with every fault at once, in both languages."""

from typing import Any

import pytest

from functions.forms.fault_texts import fault_text
from functions.forms.form_reader import from_page, read_filled
from schemas.forms import ApplicationForm, FilledForm, FormField, FormSchema, Said, application_of
from tests.corpus.rows import FORM, form_of, rows
from workflows.definitions.application_form import APPLICATION_FORM
from workflows.definitions.forum_form import FORUM_FORM
from workflows.runtime.errors import BadForm

EVERY_FORM = pytest.mark.parametrize("form", [APPLICATION_FORM, FORUM_FORM], ids=lambda form: form.name)
GUEST = {
    "name": "김 하늘",
    "email": "Haneul@Example.org",
    "phone": "010-2468-1357",
    "company": "하늘소프트",
    "attends": "online",
    "consent_privacy": True,
}


def faults_of(form: FormSchema, given: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(BadForm) as refused:
        read_filled(form, given)
    return refused.value.faults


def with_field(**field: Any) -> FormSchema:
    """The form for forums, with one more field."""
    more = FormField(label=Said(ko="더", en="More"), name="more", **field)
    return FORUM_FORM.model_copy(update={"fields": (*FORUM_FORM.fields, more)})


# ---- one truth


def test_the_application_form_and_its_schema_ask_the_same() -> None:
    asked = {field.name: field.is_required for field in APPLICATION_FORM.fields}
    asked |= {item.field: item.is_required for item in APPLICATION_FORM.consents}

    known = {name: field.is_required() for name, field in ApplicationForm.model_fields.items() if name != "locale"}

    assert asked == known


def test_what_the_reader_takes_the_application_form_takes() -> None:
    filled = read_filled(APPLICATION_FORM, FORM)

    form = application_of(filled)

    assert form.model_dump(exclude_defaults=True) == {**FORM, "phone": "+821024681357"}


# ---- another form, as data


def test_another_form_is_read_by_its_schema() -> None:
    assert read_filled(FORUM_FORM, {**GUEST, "position": "", "locale": "en"}) == FilledForm(
        form="forum_registration",
        version=1,
        values={
            "name": "김하늘",
            "email": "haneul@example.org",
            "phone": "+821024681357",
            "company": "하늘소프트",
            "attends": "online",
        },
        consents={"privacy": True, "news": False},
        locale="en",
    )


def test_every_fault_is_given_at_once_beside_its_field() -> None:
    given = {**GUEST, "email": "x", "phone": "112", "attends": "by boat", "consent_privacy": False, "role": "admin"}
    del given["company"]

    assert faults_of(FORUM_FORM, given) == {
        "email": "is no e-mail address; write it as name@example.com",
        "phone": "is no mobile number; write it as 010-1234-5678",
        "company": "is missing",
        "attends": "is none of the choices",
        "consent_privacy": "the application cannot be handled without it",
        "role": "is no field of this form",
    }


@pytest.mark.parametrize(
    ("field", "value", "becomes"),
    [
        ({"kind": "number", "length_max": 50}, "12", 12),
        ({"kind": "number", "length_max": 50}, 12, 12),
        ({"kind": "number", "length_max": 50}, "１２", "is no whole number"),
        ({"kind": "number", "length_max": 50}, "51", "is over 50"),
        ({"kind": "number", "length_max": 50}, True, "is no text"),
        ({"kind": "number", "length_max": 50}, "9" * 5_000, "is no whole number"),
        ({"kind": "date"}, "2000-02-29", "2000-02-29"),
        ({"kind": "date"}, "1955-05-05", "1955-05-05"),
        *(
            ({"kind": "date"}, text, "is no date; write it as 2000-01-31")
            for text in ("2000-02-30", "0000-00-00", "2100-01-01", "1899-12-31", "2000-2-3", "20000203")
        ),
        (
            {"kind": "line", "is_personal": False},
            "kim@example.org",
            "looks like an e-mail address or a mobile number, which no event may hold",
        ),
        ({"kind": "yes_no", "is_required": False}, None, None),
        ({"kind": "yes_no"}, None, "is missing"),
        ({"kind": "yes_no"}, "yes", "is neither yes nor no"),
        ({"kind": "line"}, "900101-1234567", "looks like a resident registration number, which must not be collected"),
    ],
)
def test_an_answer_is_read_or_refused_by_its_kind(field: dict[str, Any], value: Any, becomes: Any) -> None:
    form, given = with_field(**field), {**GUEST, "more": value}

    try:
        read = read_filled(form, given).values.get("more")
    except BadForm as refused:
        (read,) = refused.faults.values()

    assert read == becomes


def test_a_page_sends_words_for_yes_and_no() -> None:
    sent = {**{name: str(value) for name, value in GUEST.items()}, "consent_privacy": "yes", "role": "admin"}

    assert from_page(FORUM_FORM, sent) == {**GUEST, "position": "", "consent_news": False}


# ---- what people read


@EVERY_FORM
def test_both_languages_say_something_everywhere(form: FormSchema) -> None:
    def said(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for inner in value.values() for text in said(inner)]
        if isinstance(value, list | tuple):
            return [text for inner in value for text in said(inner)]
        return [value] if isinstance(value, str) and not value.strip() else []

    assert said(form.model_dump()) == []


@pytest.mark.parametrize("row", [row for row in rows("applications") if row.values[0]["status"] == 422])
def test_every_fault_of_the_corpus_is_said_in_both_languages(row: dict[str, Any]) -> None:
    for fault in faults_of(APPLICATION_FORM, form_of(row)).values():
        assert not any(
            char.isascii() and char.isalpha() for char in fault_text(fault, "ko").replace("name@example.com", "")
        )
        assert fault_text(fault, "en").endswith(".")
