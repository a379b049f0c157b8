"""A form as a page: what each field shows, with its fault beside it and nothing typed lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.wrappers import Response

from functions.forms.fault_texts import fault_text
from functions.forms.form_reader import NO, YES
from functions.portal import form_token
from functions.portal.room import language, page, room, subject_of
from schemas.forms import FormField, FormSchema, Option, Said
from schemas.messages import Case
from workflows.runtime.submit_form import closes_at

HONEYPOT = "leave_this_empty"
"""A field that people do not see, and machines fill in."""

INPUT_TYPES = {"email": "email", "phone": "tel", "date": "date"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as the page shows it."""

    name: str
    kind: str
    label: str
    hint: str
    is_required: bool
    value: str
    fault: str
    options: tuple[tuple[str, str], ...]
    length_max: int
    input_type: str
    fills_in: str

    @property
    def described_by(self) -> str:
        """The ids of what explains it."""
        parts = [f"hint-{self.name}"] * bool(self.hint) + [f"fault-{self.name}"] * bool(self.fault)
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form for one case.

    Attributes:
        typed: What stands in the fields.
        draft: The link of the draft that this goes on with; empty: none.
        link: The status link of the application that this changes; empty: none.
        token: The token of the page; empty: a new one.
    """

    form: FormSchema
    case: Case
    typed: Mapping[str, str] = field(default_factory=dict)
    draft: str = ""
    link: str = ""
    token: str = ""

    def with_token(self, token: str) -> "FormPage":
        """Give the same page under the token that it was shown with."""
        return replace(self, token=token)

    def show(self, status: int = 200, *, faults: Mapping[str, str] | None = None, problem: str = "") -> Response:
        """Give the page.

        Args:
            status: Of the answer.
            faults: By field; each is shown beside it, and all in a summary that links to them.
            problem: What is wrong with the whole, as the name of a text.
        """
        lang, said = language(), {name: fault_text(text, language()) for name, text in (faults or {}).items()}
        fields = [self._field(each, said) for each in self.form.fields]
        return page(
            "form.html",
            status,
            form=self.form,
            name=self.case.data.get(f"name_{lang}", ""),
            fields=[each for each in fields if each.kind != "choice" or each.options],
            consents=[(item, self._consent(item.field, said)) for item in self.form.consents],
            labels=self._labels(lang),
            faults=said,
            problem=problem,
            back=room().links.to("status", subject_of("status", self.link)) if self.link else "",
            closes_at=closes_at(self.form, self.case),
            asked_for=self.case.id,
            token=self.token or form_token.make(self.form, self.case.id, room().seconds(), room().key),
            draft=self.draft,
            link=self.link,
            honeypot=HONEYPOT,
        )

    def _field(self, asked: FormField, faults: Mapping[str, str]) -> Shown:
        lang = language()
        return Shown(
            name=asked.name,
            kind=asked.kind,
            label=asked.label.to(lang),
            hint="" if asked.hint is None else asked.hint.to(lang),
            is_required=asked.is_required,
            value=self.typed.get(asked.name, ""),
            fault=faults.get(asked.name, ""),
            options=tuple((each.value, each.label.to(lang)) for each in self._options(asked)),
            length_max=asked.length_max,
            input_type=INPUT_TYPES.get(asked.kind, "text"),
            fills_in=asked.fills_in,
        )

    def _options(self, asked: FormField) -> tuple[Option, ...]:
        """A choice that the form leaves open is one of the groups that the round has quotas for."""
        if asked.choices or asked.kind != "choice":
            return asked.choices
        quotas = self.case.data.get("selection", {}).get("quotas", ())
        values = dict.fromkeys(quota["value"] for quota in quotas if quota["field"] == asked.name)
        return tuple(Option(value=value, label=Said(ko=value, en=value)) for value in values)

    def _consent(self, name: str, faults: Mapping[str, str]) -> Mapping[str, str]:
        return {"name": name, "value": self.typed.get(name, ""), "fault": faults.get(name, "")}

    def _labels(self, lang: str) -> Mapping[str, str]:
        fields = {each.name: each.label.to(lang) for each in self.form.fields}
        return {**fields, **{item.field: item.title.to(lang) for item in self.form.consents}}


def typed_of(form: FormSchema, known: Mapping[str, Any]) -> dict[str, str]:
    """Give what is known as a person would have typed it."""
    names = [*(each.name for each in form.fields), *(item.field for item in form.consents)]
    return {name: _as_typed(known.get(name)) for name in names}


def _as_typed(value: object) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else str(value)
