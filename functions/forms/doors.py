"""What a verified body may bring in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field, ValidationError

from functions.forms.application_csv import SUBMITTED_SINCE, BadCsvError, Row, read_applications
from functions.forms.application_form import read_form
from functions.forms.clean import UnfitTextError, clean_text, refuse_contact
from functions.forms.strict_json import read_json
from schemas.events.application import ApplicationSubmitted
from schemas.ids import CaseId, is_safe_id, secret_name_of
from schemas.messages import Actor
from schemas.record import Record
from workflows.runtime.appeal import REASON_MAX, file_appeal
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected
from workflows.runtime.intake import (
    Origin,
    Receipt,
    event_faults,
    faults_of,
    hand_in,
    place_of,
    submit_application,
    submit_applications,
)
from workflows.runtime.ports import Ports

JSON, CSV = "application/json", "text/csv"
FREE_TEXT = ("data", "reason")
"""What a person typed; it goes to the vault, so it may name somebody."""


class EventBody(Record):
    """The body of a signed event.

    Attributes:
        submitted_at: When the source took it in; the signature makes it trustworthy.  Never in the future.
    """

    type: str = Field(max_length=100)
    case: str
    data: dict[str, Any] = Field(default_factory=dict)
    actor: Actor
    submitted_at: AwareDatetime | None = Field(default=None, ge=SUBMITTED_SINCE)


class AppealBody(Record):
    """The body of a signed appeal."""

    person: str = Field(max_length=100)
    reason: str = Field(max_length=REASON_MAX)


@dataclass(frozen=True, slots=True)
class Door:
    """One verified request of one source.

    Attributes:
        submission: The source's id of the request; the same again is a repeat.
        roles: The roles that the source may speak for.
        key: Names persons without showing their contacts.
    """

    name: str
    submission: str
    roles: frozenset[str]
    key: bytes
    ports: Ports

    def take_in(self, path: str, mimetype: str, body: bytes) -> dict[str, Any]:
        """Give the receipt, or a report per row.

        Raises:
            NotFound: There is no such door.
            BadJsonError: The body is no JSON object.
            BadForm: With every fault beside its field.
            NotAllowed: The source may not speak for whoever sends this.
            Rejected: The round does not take it.
        """
        match path.split("/"):
            case ["events"] if mimetype == JSON:
                return _receipt(self.take_event(read_json(body)))
            case ["applications", round_id] if is_safe_id(round_id) and mimetype == JSON:
                return _receipt(self.take_application(read_json(body), CaseId(round_id)))
            case ["applications", round_id] if is_safe_id(round_id) and mimetype == CSV:
                return self.take_csv(body, CaseId(round_id))
            case ["applications", round_id, "check"] if is_safe_id(round_id) and mimetype == CSV:
                return {"dry_run": True, **self.take_csv(body, CaseId(round_id), is_rehearsal=True)}
            case ["appeals", application_id] if is_safe_id(application_id) and mimetype == JSON:
                return _receipt(self.take_appeal(read_json(body), CaseId(application_id)))
        raise NotFound("No such door for this content type.")

    def take_event(self, fields: dict[str, Any]) -> Receipt:
        """Take in one event about a case."""
        faults = {**_id_faults(fields), **{place_of(*path): text for path, text in _unfit(fields)}}
        try:
            event = EventBody.model_validate_json(_plain(fields), strict=True)
        except ValidationError as error:
            raise BadForm({**faults_of(error), **_data_faults(fields), **faults}) from error
        faults = {**event_faults(event.type, event.data), **faults}
        if faults:
            raise BadForm(faults)
        origin = self._origin(event.submitted_at)
        return hand_in(
            event.type, CaseId(event.case), event.data, event.actor, origin, roles=self.roles, ports=self.ports
        )

    def take_appeal(self, fields: dict[str, Any], application_id: CaseId) -> Receipt:
        """Take in an appeal of a person against a decision about their application."""
        self._speak_for_applicants()
        try:
            body = AppealBody.model_validate_json(_plain(fields), strict=True)
            reason = clean_text(body.reason)
        except ValidationError as error:
            raise BadForm(faults_of(error)) from error
        except UnfitTextError as error:
            raise BadForm({"reason": str(error)}) from error
        actor = Actor(kind="person", id=body.person, role="applicant")
        message = file_appeal(application_id, reason, actor, self.ports)
        return Receipt(message.id, message.case)

    def take_application(self, fields: dict[str, Any], round_id: CaseId) -> Receipt:
        """Take in one application."""
        self._speak_for_applicants()
        return submit_application(read_form(fields), round_id, self._origin(None), key=self.key, ports=self.ports)

    def take_csv(self, body: bytes, round_id: CaseId, *, is_rehearsal: bool = False) -> dict[str, Any]:
        """Take in every row that can be, and report each; the same file again brings only repeats.

        So a file that broke off is sent again as it is, and a file with mended rows as a whole.  A rehearsal gives the
        same report, and takes in nothing.
        """
        self._speak_for_applicants()
        try:
            rows = list(read_applications(body))
        except BadCsvError as error:
            raise BadForm({"file": str(error)}) from error
        forms = [
            (row.form, Origin(f"csv:{round_id}", secret_name_of(self.key, row.submission), row.at))
            for row in rows
            if row.form is not None and row.at is not None
        ]
        results = iter(submit_applications(forms, round_id, key=self.key, ports=self.ports, is_rehearsal=is_rehearsal))
        report = [_report(row, results) for row in rows]
        refused = sum("faults" in each for each in report)
        return {"rows": report, "accepted": len(report) - refused, "refused": refused}

    def _origin(self, at: datetime | None) -> Origin:
        now = self.ports.clock.now()
        return Origin(self.name, self.submission, now if at is None else min(at, now))

    def _speak_for_applicants(self) -> None:
        if self.roles.isdisjoint(role.name for role in ApplicationSubmitted.by):
            raise NotAllowed(f"[{self.name}] may not send applications.")


def _report(row: Row, results: Iterator[Receipt | Rejected]) -> dict[str, Any]:
    if row.form is None or row.at is None:
        return {"row": row.number, "faults": dict(row.faults)}
    result = next(results)
    if isinstance(result, Rejected):
        return {"row": row.number, "faults": result.faults if isinstance(result, BadForm) else {"row": str(result)}}
    return {"row": row.number, **_receipt(result)}


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {"receipt": receipt.message, "case": receipt.case}


def _plain(fields: Mapping[str, Any]) -> bytes:
    """Write the fields as JSON again; half characters, which are refused beside their field, as question marks."""
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")


def _id_faults(fields: Mapping[str, Any]) -> dict[str, str]:
    """Give the ids that could not name a document, or that say more than an opaque id does."""
    actor = fields.get("actor")
    ids = {"case": fields.get("case"), "actor.id": actor.get("id") if isinstance(actor, dict) else None}
    faults = {place: "is no opaque id" for place, text in ids.items() if isinstance(text, str) and not is_safe_id(text)}
    # Who may act for whom is decided at the console alone.
    is_for_another = isinstance(actor, dict) and actor.get("on_behalf_of")
    return {**faults, "actor.on_behalf_of": "this is not the sender's to say"} if is_for_another else faults


def _data_faults(fields: Mapping[str, Any]) -> dict[str, str]:
    """Give the faults of the event itself, as far as it can be seen what it was meant to be."""
    event_type, data = fields.get("type"), fields.get("data", {})
    return event_faults(event_type, data) if isinstance(event_type, str) and isinstance(data, dict) else {}


def _unfit(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Give the texts that no history may hold, each with the path to it."""
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _unfit(inner, (*path, name))
    elif isinstance(value, str | int | float):
        try:
            clean_text(str(value))
            if path != FREE_TEXT:
                refuse_contact(str(value))
        except UnfitTextError as error:
            yield path, str(error)


__all__ = ["Door", "EventBody", "read_form"]
