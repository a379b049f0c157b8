"""Fetches what was submitted at providers, renews the watches on forms, and makes known what hinders either."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.forms.form_door import FormDoor
from functions.forms.providers.submission import Submission, UnreadableSubmissionError
from functions.forms.providers.vendor_api import VendorRefusedError
from functions.forms.vendors import Vendors
from functions.observe.log import tell
from schemas.connections import Connection, Reading
from schemas.ids import name_of
from schemas.messages import Quarantined
from workflows.runtime.errors import CaseMoved, Rejected, Unavailable
from workflows.runtime.form_ports import Connections
from workflows.runtime.ports import Ports

RENEW_BEFORE = timedelta(days=4)
"""A watch lasts seven days: it is renewed every three, and there are four days left to find out what hinders."""

RECONCILE_EVERY = timedelta(days=1)
OVERLAP = timedelta(days=1)
"""How much of what was read is read again: an edit may bear an older time, and clocks differ."""

SETTLING = timedelta(seconds=30)
"""How long after a notice a response may still be missing from a list, and how far clocks may differ."""

TRIES = 5
NO_PERMISSION, NOT_UNDERSTOOD = "form_not_readable", "form_not_understood"


@dataclass(frozen=True, slots=True)
class Read:
    """What became of reading a connection.

    Attributes:
        taken: Submissions that were taken in, or had been before.
        refused: Those that could not be; each has a row in the quarantine.
        fault: Why it was not read, as a code; empty if it was.
    """

    connection: str
    taken: int = 0
    refused: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Collector:
    """Reads the connections whose providers can be asked."""

    connections: Connections
    vendors: Vendors
    key: bytes
    ports: Ports

    def hear(self, form_id: str, told_at: datetime | None) -> list[Read]:
        """Read what is new on a form of Google's that a notice names.

        A notice from before the last reading began tells nothing new: so a thousand notices that have piled up cost one
        reading, and the quota (450 a minute for a project) is kept after the first refusal.

        Args:
            form_id: The form.
            told_at: When the notice was published.

        Raises:
            Unavailable: Google does not answer now; hear the notice again.
        """
        return [
            self.read(connection)
            for connection in self.connections.all()
            if connection.provider == "google_forms"
            and connection.form_id == form_id
            and not self._is_old(connection, told_at)
        ]

    def _is_old(self, connection: Connection, told_at: datetime | None) -> bool:
        listed_at = self.vendors.listed_at.get(connection.id)
        return told_at is not None and listed_at is not None and told_at + SETTLING < listed_at

    def tend(self) -> list[Read]:
        """Renew the watches that are due, and read anew what is due; what fails holds up nothing else."""
        return [read for connection in self.connections.all() for read in self._tend(connection)]

    def _tend(self, connection: Connection) -> Iterator[Read]:
        try:
            if connection.provider == "google_forms" and self.vendors.secrets(connection).topic:
                self._watch(connection)
            if self._is_due(connection):
                yield self.read(connection, is_whole=True)
        except (Unavailable, CaseMoved) as error:
            tell("form_waits", connection=connection.id, error=type(error).__name__)
            yield Read(connection.id, fault="unavailable")

    def _is_due(self, connection: Connection) -> bool:
        if self.vendors.listing(connection) is None:
            return False
        reconciled_at = self.connections.reading(connection.id).reconciled_at
        return reconciled_at is None or self.ports.clock.now() - reconciled_at >= RECONCILE_EVERY

    def read(self, connection: Connection, *, is_whole: bool = False) -> Read:
        """Take in what was submitted since the last reading.

        Args:
            connection: The connection.
            is_whole: Read again a day of what was read, or everything if that was asked for.

        Raises:
            Unavailable: The provider does not answer now; what was taken in stays, and is a repeat the next time.
        """
        api = self.vendors.listing(connection)
        if api is None:
            return Read(connection.id, fault="not_listed")
        begun, reading = self.ports.clock.now(), self.connections.reading(connection.id)
        since = _since(reading, is_whole=is_whole)
        listed_at = datetime.now(UTC)
        try:
            found = list(api.submissions(connection.form_id, since))
        except VendorRefusedError as error:
            return self._hindered(connection, NO_PERMISSION, f"status {error.status}")
        except UnreadableSubmissionError as error:
            return self._hindered(connection, NOT_UNDERSTOOD, str(error))
        read = self._taken(connection, found, begun, is_whole=is_whole)
        self.vendors.listed_at[connection.id] = listed_at
        return read

    def _taken(self, connection: Connection, found: list[Any], begun: datetime, *, is_whole: bool) -> Read:
        door = FormDoor(connection, self.key, self.ports)
        # An edited submission of Jotform's is in two lists.
        submissions = {each.id: each for each in found if isinstance(each, Submission)}.values()
        refused = 0
        for submission in sorted(submissions, key=lambda each: each.at):
            try:
                door.take(submission)
            except Rejected:
                refused += 1
            else:
                if is_whole:
                    door.settle(submission)
        unreadable = [each for each in found if isinstance(each, UnreadableSubmissionError)]
        latest = max((min(each.at, begun) for each in submissions), default=None)
        done: dict[str, Any] = {"reconciled_at": begun} if is_whole else {}
        if unreadable:
            self._note(connection, lambda _: done, latest)
            return self._hindered(connection, NOT_UNDERSTOOD, str(unreadable[0]))
        self._note(connection, lambda _: {**done, "fault": "", "fault_at": None}, latest)
        return Read(connection.id, taken=len(submissions) - refused, refused=refused)

    def _watch(self, connection: Connection) -> None:
        reading, now = self.connections.reading(connection.id), self.ports.clock.now()
        ends = reading.watched_until
        if ends is not None and ends - now > RENEW_BEFORE:
            return
        api = self.vendors.google(connection)
        try:
            watch, until = self._renewed(api, connection, reading)
        except VendorRefusedError as error:
            self._hindered(connection, NO_PERMISSION, f"status {error.status}")
            return
        except UnreadableSubmissionError as error:
            self._hindered(connection, NOT_UNDERSTOOD, str(error))
            return
        self._note(connection, lambda _: {"watch": watch, "watched_until": until}, None)

    def _renewed(self, api: Any, connection: Connection, reading: Reading) -> tuple[str, datetime]:
        if reading.watch:
            try:
                renewed: tuple[str, datetime] = api.renew(connection.form_id, reading.watch)
            except VendorRefusedError:
                tell("watch_renewed", connection=connection.id)
            else:
                return renewed
        made: tuple[str, datetime] = api.watch(connection.form_id)
        return made

    def _hindered(self, connection: Connection, code: str, detail: str) -> Read:
        """Make known that a connection cannot be read: once for as long as it lasts."""
        now = self.ports.clock.now()
        self._note(connection, lambda reading: _with_fault(reading, code, now), None)
        reading = self.connections.reading(connection.id)
        row = Quarantined(
            id=name_of(code, connection.id, str(reading.fault_at)),
            reason=f"{code}: connection [{connection.id}], form [{connection.form_id}]: {detail}",
            source=f"form:{connection.id}",
            heard_at=now,
        )
        self.ports.quarantine.put(row)
        tell("form_unreadable", connection=connection.id, reason=code)
        return Read(connection.id, fault=code)

    def _note(
        self, connection: Connection, change: Callable[[Reading], dict[str, Any]], latest: datetime | None
    ) -> None:
        """Change how far a connection was read; whoever is faster is read again, and never set back.

        Raises:
            CaseMoved: Others were faster time and again.
        """
        for _ in range(TRIES):
            reading = self.connections.reading(connection.id)
            until = max(filter(None, (reading.read_until, latest)), default=None)
            changed = reading.model_copy(update={**change(reading), "read_until": until})
            if changed == reading or self.connections.put_reading(changed, seen=reading.version):
                return
        raise CaseMoved


def ask_anew(connection: Connection, connections: Connections, *, is_everything: bool) -> bool:
    """Ask for a connection to be read anew at the next sweep; False if somebody else changed it at this moment.

    Args:
        connection: The connection.
        connections: Where it is kept.
        is_everything: Read every response there is, not only those since the day before the last reading.
    """
    reading = connections.reading(connection.id)
    forgotten = {"read_until": None} if is_everything else {}
    changed = reading.model_copy(update={"reconciled_at": None, **forgotten})
    return connections.put_reading(changed, seen=reading.version)


def _since(reading: Reading, *, is_whole: bool) -> datetime | None:
    if reading.read_until is None:
        return None
    return reading.read_until - OVERLAP if is_whole else reading.read_until


def _with_fault(reading: Reading, code: str, now: datetime) -> dict[str, Any]:
    return {} if reading.fault == code else {"fault": code, "fault_at": now}
