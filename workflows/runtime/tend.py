"""Keeps deliveries going: makes the digests of the day, sets lost alarms again, and forgets attempts that are old."""

from dataclasses import dataclass
from datetime import timedelta

from schemas.deliveries import DeliveryState
from workflows.runtime.digest import make_digests
from workflows.runtime.partner_ports import PartnerPorts, due_of
from workflows.runtime.ports import Ports
from workflows.runtime.warn import send_warnings

LOST_AFTER = timedelta(minutes=10)
"""An attempt that is overdue for so long has lost its alarm, or waits in a long queue; one more does no harm."""

ATTEMPTS_KEPT = timedelta(days=30)
PAGE = 300
PAGES_MAX = 20


@dataclass(frozen=True, slots=True)
class Tended:
    """What was done.

    Attributes:
        digests: Letters of the day that were made.
        woken: Deliveries whose alarm was set again.
        forgotten: Attempts that were destroyed.
        warned: Mails that told people of a partner about their receiver.
    """

    digests: int
    woken: int
    forgotten: int
    warned: int


def tend_deliveries(ports: Ports, partners: PartnerPorts) -> Tended:
    """Do what `sweep` does for partners.  May be repeated."""
    return Tended(
        digests=make_digests(ports, partners),
        woken=_wake(ports, partners),
        forgotten=_forget(ports, partners),
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


def _forget(ports: Ports, partners: PartnerPorts) -> int:
    before, count = ports.clock.now() - ATTEMPTS_KEPT, 0
    for _ in range(PAGES_MAX):
        gone = partners.deliveries.forget(before, limit=PAGE)
        count += gone
        if gone < PAGE:
            break
    return count
