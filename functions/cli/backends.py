"""What commands work on: one file that they alone write to, or services where functions work beside them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Protocol

from functions.bootstrap import Cloud
from functions.cli.screen import BadUseError
from functions.embedded import Embedded
from schemas.messages import Message
from workflows.runtime.form_ports import Connections
from workflows.runtime.partner_ports import Deliveries, Subscriptions
from workflows.runtime.ports import Ports
from workflows.runtime.staff_ports import StaffPorts

SETTLE_SECONDS_MAX = 20.0
LOOK_EVERY_SECONDS = 0.2


class Backend(Protocol):
    """A store, and whoever delivers what is published to it."""

    @property
    def ports(self) -> Ports:
        """All ports."""

    @property
    def staff_ports(self) -> StaffPorts:
        """Members of staff, and what they note."""

    @property
    def connections(self) -> Connections:
        """Forms at providers."""

    @property
    def subscriptions(self) -> Subscriptions:
        """What partners asked to be told."""

    @property
    def deliveries(self) -> Deliveries:
        """What is on its way to partners."""

    def batch(self) -> AbstractContextManager[object]:
        """Give the context of writes that belong together, where the store can keep them so."""

    def rehearsal(self) -> AbstractContextManager[object]:
        """Give the context of writes that are undone in the end.

        Raises:
            BadUseError: Here nothing can be undone.
        """

    def settle(self, messages: Sequence[Message]) -> None:
        """Let these messages be delivered: here, or by waiting a while until they are."""

    def scrub(self) -> None:
        """Leave nothing of what was destroyed on the disk, where that is ours to do."""


class OnFile:
    """An embedded store.  The command itself delivers."""

    def __init__(self, embedded: Embedded) -> None:
        self.embedded = embedded
        self.ports = embedded.ports
        self.staff_ports = embedded.staff_ports
        self.connections: Connections = embedded.connections
        self.subscriptions: Subscriptions = embedded.subscriptions
        self.deliveries: Deliveries = embedded.deliveries

    def batch(self) -> AbstractContextManager[object]:
        """Give one transaction."""
        return self.embedded.database.batch()

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Give one transaction that is rolled back."""
        with suppress(_UndoneError), self.embedded.database.batch():
            yield
            raise _UndoneError

    def settle(self, messages: Sequence[Message]) -> None:  # noqa: ARG002  all that waits is delivered
        """Deliver all that waits."""
        self.embedded.worker.drain()

    def scrub(self) -> None:
        """Write the file anew."""
        self.embedded.database.scrub()


class OnServices:
    """A project on Google Cloud, or a local stack that is up.  Its functions deliver."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    @property
    def ports(self) -> Ports:
        """All ports."""
        return self._cloud.ports

    @property
    def staff_ports(self) -> StaffPorts:
        """Members of staff, and what they note."""
        return self._cloud.staff_ports

    @property
    def connections(self) -> Connections:
        """Forms at providers."""
        return self._cloud.connections

    @property
    def subscriptions(self) -> Subscriptions:
        """What partners asked to be told."""
        return self._cloud.subscriptions

    @property
    def deliveries(self) -> Deliveries:
        """What is on its way to partners."""
        return self._cloud.deliveries

    def batch(self) -> AbstractContextManager[object]:
        """Give nothing: each write stands alone."""
        return nullcontext()

    def rehearsal(self) -> AbstractContextManager[object]:
        """Refuse: the functions would hear of it."""
        raise BadUseError("--dry-run needs a store in one file (--store): here functions act on what is written")

    def settle(self, messages: Sequence[Message]) -> None:
        """Wait until the histories have the messages, for a while."""
        gives_up_at = time.monotonic() + SETTLE_SECONDS_MAX
        waiting = list(messages)
        while waiting and time.monotonic() < gives_up_at:
            waiting = [each for each in waiting if self.ports.cases.entry(each.case, each.id) is None]
            if waiting:
                time.sleep(LOOK_EVERY_SECONDS)

    def scrub(self) -> None:
        """Do nothing: whoever keeps the disks has to."""


class _UndoneError(Exception):
    """A rehearsal has ended."""
