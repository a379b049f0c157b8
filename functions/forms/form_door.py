"""The door of one connection: what a provider sent becomes our form, and a submission like any other."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from functions.forms.answers import fill_in
from functions.forms.application_csv import SUBMITTED_SINCE
from functions.forms.clean import UnfitTextError, clean_text
from functions.forms.providers import google_forms, jotform, tally, typeform
from functions.forms.providers.submission import NoSubmissionError, Submission, UnreadableSubmissionError
from functions.forms.providers.vendor_api import VendorRefusedError, VendorUnavailable
from functions.forms.signature import BadSignatureError, verify
from functions.forms.strict_json import BadJsonError, read_json
from functions.forms.vendors import Vendors
from schemas.connections import Connection
from schemas.ids import name_of
from schemas.messages import Quarantined
from workflows.runtime.errors import BadForm, Rejected
from workflows.runtime.intake import Origin, Receipt
from workflows.runtime.ports import Ports
from workflows.runtime.signature import is_secret
from workflows.runtime.submit_form import is_of_another_address, submit_form

BYTES_MAX = 1024 * 1024
"""A webhook repeats every question with all its choices, and is larger than what was answered."""

JSON, MULTIPART = "application/json", "multipart/form-data"
LIMITS = {JSON: BYTES_MAX, MULTIPART: BYTES_MAX}
NOT_FOUND = 404
SHOWN_ID = re.compile(r"[A-Za-z0-9_./:+=-]{1,120}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to the door of a connection.

    Attributes:
        path: What stands behind the connection's name in the address.
        headers: By their names in small letters.
        body: The raw bytes.
    """

    path: str
    content_type: str
    headers: Mapping[str, str]
    body: bytes


def open_delivery(connection: Connection | None, delivery: Delivery, vendors: Vendors) -> Submission:
    """Verify a delivery, and give the submission that it brings or names.

    Raises:
        BadSignatureError: It is not the provider's; or there is no such connection, which nobody learns.
        BadJsonError: The body is no JSON object, or no multipart form.
        BadForm: It is not of the form that the provider documents.
        NoSubmissionError: It is about something else.
        Unavailable: The provider does not answer now.
    """
    secrets = vendors.secrets(connection)
    if connection is None or (delivery.path and connection.provider != "jotform"):
        raise BadSignatureError
    try:
        match connection.provider:
            case "typeform":
                typeform.verify(delivery.headers, delivery.body, secrets.secrets)
                return typeform.read(_json_of(delivery))
            case "tally":
                is_unsigned = connection.is_unsigned
                tally.verify(delivery.headers, delivery.body, secrets.secrets, is_unsigned=is_unsigned)
                return tally.read(_json_of(delivery))
            case "google_forms":
                verify(delivery.headers, delivery.body, tuple(filter(is_secret, secrets.secrets)))
                return google_forms.read_forwarded(_json_of(delivery))
            case "jotform":
                return _fetched(connection, delivery, secrets.path, vendors)
    except UnreadableSubmissionError as error:
        raise BadForm({"body": str(error)}) from error


def _json_of(delivery: Delivery) -> dict[str, object]:
    if delivery.content_type.partition(";")[0].strip().lower() != JSON:
        raise BadJsonError("the body is not sent as JSON")
    return read_json(delivery.body, bytes_max=BYTES_MAX)


def _fetched(connection: Connection, delivery: Delivery, path: str, vendors: Vendors) -> Submission:
    """Give the submission that Jotform's webhook names, as Jotform itself tells it when asked."""
    if not path or not hmac.compare_digest(delivery.path.encode(), path.encode()):
        raise BadSignatureError
    try:
        form_id, submission_id = jotform.read_notice(delivery.content_type, delivery.body)
    except jotform.NoMultipartError as error:
        raise BadJsonError(str(error)) from error
    if form_id != connection.form_id:
        raise BadForm({"formID": "is another form than the connection's"})
    try:
        return vendors.jotform(connection).submission(submission_id)
    except VendorRefusedError as error:
        if error.status == NOT_FOUND:
            raise NoSubmissionError from error
        # The daily reading of all submissions finds the same, and makes it known.
        raise VendorUnavailable(f"status {error.status}") from error


@dataclass(frozen=True, slots=True)
class FormDoor:
    """Takes in the submissions of one connection.

    Attributes:
        key: Names persons without showing their contacts.
    """

    connection: Connection
    key: bytes
    ports: Ports

    def take(self, submission: Submission) -> Receipt:
        """Take in a submission.  The same again is a repeat; an edited one is a new version of the same case.

        One that cannot be taken in leaves a row in the quarantine, with its faults and without its answers: they
        stay at the provider, and nothing of them is kept here.

        Raises:
            BadForm: With every fault beside our field.
            Rejected: The case does not take it.
        """
        try:
            return self._submit(submission)
        except Rejected as error:
            self._note(submission, error)
            raise

    def _submit(self, submission: Submission) -> Receipt:
        if submission.form_id != self.connection.form_id:
            raise BadForm({"form": "is another form than the connection's"})
        if submission.at < SUBMITTED_SINCE:
            raise BadForm({"submitted_at": "is too long ago"})
        filled = fill_in(self.connection, submission.answers)
        at = min(submission.at, self.ports.clock.now())
        origin = Origin(f"form:{self.connection.id}", submission.id, at)
        if is_of_another_address(filled, self.connection.asked_for, origin, key=self.key, ports=self.ports):
            raise Rejected("This person is known with another e-mail address.", code="another_address")
        return submit_form(filled, self.connection.asked_for, origin, key=self.key, ports=self.ports)

    def settle(self, submission: Submission) -> None:
        """Mark the row of a submission that was taken in after all, if it has one that waits."""
        row = self.ports.quarantine.get(self._row_id(submission))
        if row is not None and row.state == "waiting":
            self.ports.quarantine.update(row.model_copy(update={"state": "replayed"}))

    def _note(self, submission: Submission, error: Rejected) -> None:
        said = "; ".join(f"{name} {text}" for name, text in error.faults.items()) if isinstance(error, BadForm) else ""
        about = f"connection [{self.connection.id}], submission [{shown_id(submission.id)}]: {said or error.code}"
        row = Quarantined(
            id=self._row_id(submission),
            reason=f"form_refused: {about}",
            source=f"form:{self.connection.id}",
            heard_at=self.ports.clock.now(),
        )
        self.ports.quarantine.put(row)

    def _row_id(self, submission: Submission) -> str:
        return name_of("form_refused", self.connection.id, submission.id)


def shown_id(submission_id: str) -> str:
    """Give a provider's id as it may be shown: a question mark where it says more than an id does."""
    try:
        is_fit = SHOWN_ID.fullmatch(clean_text(submission_id)) is not None
    except UnfitTextError:
        is_fit = False
    return submission_id if is_fit else "?"
