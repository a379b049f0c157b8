"""What a verified body may bring in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field, ValidationError

from functions.forms.application_csv import BadCsvError, Row, read_applications
from functions.forms.clean import UnfitTextError, clean_mobile, clean_name, clean_text
from functions.forms.strict_json import BadJsonError, read_json
from schemas.forms import ApplicationForm
from schemas.ids import CaseId
from schemas.messages import Actor
from schemas.record import Record
from workflows.runtime.errors import BadForm, NotFound, Rejected
from workflows.runtime.intake import Origin, Receipt, faults_of, hand_in, submit_application
from workflows.runtime.ports import Ports


class EventBody(Record):
    """The body of a signed event.

    Attributes:
        submitted_at: When the source took it in; the signature makes it trustworthy.  Never in the future.
    """

    type: str = Field(max_length=100)
    case: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    data: dict[str, Any] = Field(default_factory=dict)
    actor: Actor
    submitted_at: AwareDatetime | None = None


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
            BadForm: With every fault beside its field.
            Rejected: The round does not take it.
        """
        kind, _, round_id = path.partition("/")
        if kind == "events" and not round_id and mimetype == "application/json":
            return _receipt(self.take_event(_read(body)))
        if kind == "applications" and round_id and mimetype == "application/json":
            return _receipt(self.take_application(_read(body), CaseId(round_id)))
        if kind == "applications" and round_id and mimetype == "text/csv":
            return self.take_csv(body, CaseId(round_id))
        raise NotFound(f"No door [{path}] for [{mimetype}].")

    def take_event(self, fields: dict[str, Any]) -> Receipt:
        """Take in one event about a case."""
        try:
            event = EventBody.model_validate(fields)
        except ValidationError as error:
            raise BadForm(faults_of(error)) from error
        _refuse_unfit(event.data)
        origin = self._origin(self.submission, event.submitted_at)
        return hand_in(
            event.type, CaseId(event.case), event.data, event.actor, origin, roles=self.roles, ports=self.ports
        )

    def take_application(self, fields: dict[str, Any], round_id: CaseId) -> Receipt:
        """Take in one application."""
        form = read_form(fields)
        return submit_application(form, round_id, self._origin(self.submission, None), key=self.key, ports=self.ports)

    def take_csv(self, body: bytes, round_id: CaseId) -> dict[str, Any]:
        """Take in every row that can be, and report each; the same file again brings only repeats."""
        try:
            rows = list(read_applications(body))
        except BadCsvError as error:
            raise BadForm({"file": str(error)}) from error
        report = [self._take_row(row, round_id) for row in rows]
        refused = sum("faults" in each for each in report)
        return {"rows": report, "accepted": len(report) - refused, "refused": refused}

    def _take_row(self, row: Row, round_id: CaseId) -> dict[str, Any]:
        if row.form is None or row.at is None:
            return {"row": row.number, "faults": dict(row.faults)}
        origin = Origin(f"csv:{round_id}", row.submission, row.at)
        try:
            receipt = submit_application(row.form, round_id, origin, key=self.key, ports=self.ports)
        except BadForm as error:
            return {"row": row.number, "faults": error.faults}
        except NotFound:
            raise
        except Rejected as error:
            return {"row": row.number, "faults": {"row": str(error)}}
        return {"row": row.number, **_receipt(receipt)}

    def _origin(self, submission: str, at: datetime | None) -> Origin:
        now = self.ports.clock.now()
        return Origin(self.name, submission, now if at is None else min(at, now))


def read_form(fields: Mapping[str, Any]) -> ApplicationForm:
    """Give the form with cleaned texts.

    Raises:
        BadForm: With every fault beside its field.
    """
    cleaners = {"name": clean_name, "phone": clean_mobile}
    cleaned: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, value in fields.items():
        try:
            cleaned[name] = cleaners.get(name, clean_text)(value) if isinstance(value, str) else value
        except UnfitTextError as error:
            faults[name] = str(error)
    try:
        form = ApplicationForm.model_validate({**fields, **cleaned}, strict=True)
    except ValidationError as error:
        raise BadForm({**faults_of(error), **faults}) from error
    if faults:
        raise BadForm(faults)
    return form


def _read(body: bytes) -> dict[str, Any]:
    try:
        return read_json(body)
    except BadJsonError as error:
        raise BadForm({"body": str(error)}) from error


def _refuse_unfit(value: Any, field: str = "data") -> None:
    """Refuse texts that no history may hold."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_unfit(inner, f"{field}.{name}")
    elif isinstance(value, list):
        for inner in value:
            _refuse_unfit(inner, field)
    elif isinstance(value, str):
        try:
            clean_text(value)
        except UnfitTextError as error:
            raise BadForm({field: str(error)}) from error


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {"receipt": receipt.message, "case": receipt.case}


__all__ = ["Door", "EventBody", "read_form"]
