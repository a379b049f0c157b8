"""Keeps deliveries going: makes the digests of the day, sets lost alarms again, and forgets attempts that are old."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from schemas.deliveries import DeliveryState
from workflows.runtime.digest import make_digests
from workflows.runtime.partner_ports import PartnerPorts, due_of
from workflows.runtime.ports import Ports
from workflows.runtime.warn import send_warnings

LOST_AFTER = timedelta(minutes=10)
"""An attempt that is overdue for so long has lost its alarm, or waits in a long queue; one more does no harm."""

ATTEMPTS_KEPT = timedelta(days=30)
ALARMS_KEPT = timedelta(days=1)
"""Longer than anybody sets one again that has gone off; and if so, its delivery does not wait for it any more."""

PAGE = 300
PAGES_MAX = 20


class Forget(Protocol):
    """Destroys some of what is older than an instant."""

    def __call__(self, before: datetime, *, limit: int) -> int:
        """Give how many were destroyed."""


@dataclass(frozen=True, slots=True)
class Tended:
    """What was done.

    Attributes:
        digests: Letters of the day that were made.
        woken: Deliveries whose alarm was set again.
        forgotten: Attempts that were destroyed.
        silenced: Alarms that had gone off and were destroyed.
        warned: Mails that told people of a partner about their receiver.
    """

    digests: int
    woken: int
    forgotten: int
    silenced: int
    warned: int


def tend_deliveries(ports: Ports, partners: PartnerPorts) -> Tended:
    """Do what `sweep` does for partners.  May be repeated."""
    return Tended(
        digests=make_digests(ports, partners),
        woken=_wake(ports, partners),
        forgotten=_all(partners.deliveries.forget, ports.clock.now() - ATTEMPTS_KEPT),
        silenced=_all(partners.alarms.forget, ports.clock.now() - ALARMS_KEPT),
        warned=send_warnings(ports, partners),
    )


def _wake(ports: Ports, partners: PartnerPorts) -> int:
    """Set the alarm of overdue deliveries again, at another time: Cloud Tasks takes no name twice."""
    now, count = ports.clock.now(), 0
    for _ in range(PAGES_MAX):
        overdue = partners.deliveries.overdue(now - LOST_AFTER, limit=PAGE)
        for each in overdue:
            is_waiting = each.state is DeliveryState.WAITING
            awake = each.model_copy(update={"next_at": now if is_waiting else None})
            if partners.deliveries.update(awake, seen=each.version):
                partners.alarms.start(due_of(awake))
                count += is_waiting
        if len(overdue) < PAGE:
            break
    return count


def _all(forget: Forget, before: datetime) -> int:
    """Let what is older be destroyed, page by page."""
    count = 0
    for _ in range(PAGES_MAX):
        gone = forget(before, limit=PAGE)
        count += gone
        if gone < PAGE:
            break
    return count
