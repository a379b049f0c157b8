"""Finds what does not go on by itself: what it is, since when, and what the next step is."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from schemas.letters import LetterState
from schemas.messages import Case
from schemas.record import Record
from schemas.roles import ROLES
from schemas.search import CaseFilter, LetterFilter, QuarantineFilter, QuestionFilter, Reach
from schemas.subscriptions import SubscriptionState
from workflows.runtime.form_ports import Connections
from workflows.runtime.partner_ports import Deliveries, Subscriptions
from workflows.runtime.ports import Ports

LATE = timedelta(minutes=15)
"""`sweep` runs every five minutes; what waits for three of its runs waits for nobody."""

PARKED_LONG = timedelta(days=1)
PARKED_FOR = timedelta(days=7)
STAFF = [name for name, role in ROLES.items() if role.is_staff]
SHOWN_MAX = 10
LOOKED_AT_MAX = 3_000
PAGE = 300


class Stuck(Record):
    """Things of one kind that do not go on.

    Attributes:
        kind: Which kind, as the runbooks name it.
        many: How many, as far as was counted.
        is_more: Whether there may be more than were counted.
        since: Of the oldest.
        named: The oldest few.
        owner: Who has to act.
        next: The command, or the page, that leads on.
    """

    kind: str
    many: int
    is_more: bool = False
    since: str = ""
    named: tuple[str, ...] = ()
    owner: str
    next: str


def stuck(
    ports: Ports, subscriptions: Subscriptions, deliveries: Deliveries, connections: Connections
) -> Iterator[Stuck]:
    """Give what is stuck, kind by kind; nothing if nothing is.

    It reads the cases with a timer due within six days, 3,000 at most, and little else.
    """
    now = ports.clock.now()
    yield from _timers(ports, now)
    yield from _parked(ports, now)
    yield from _questions(ports, now)
    yield from _quarantine(ports)
    yield from _letters(ports, now)
    yield from _partners(subscriptions, deliveries, now)
    yield from _forms(connections)


def _timers(ports: Ports, now: datetime) -> Iterator[Stuck]:
    """Cases whose timer should have rung: the sweep does not run, or `advance` does not take what it sends."""
    found = list(ports.cases.overdue(now - LATE, after=None, limit=PAGE))
    if found:
        yield Stuck(
            kind="overdue timers",
            many=len(found),
            is_more=len(found) == PAGE,
            since=min(_rings(case) for case in found),
            named=_few([case.id for case in found]),
            owner="operator on call",
            next="sadari cases explain CASE; docs/operate/stuck-case.md",
        )


def _rings(case: Case) -> str:
    return min(timer.rings_at for timer in case.timers.values()).isoformat()


def _parked(ports: Ports, now: datetime) -> Iterator[Stuck]:
    """Cases that have kept an event for over a day.  Each has a timer for it, so only those due are looked at."""
    wanted = CaseFilter(due_before=now + PARKED_FOR - PARKED_LONG)
    found: list[tuple[str, str]] = []
    after, looked_at = "", 0
    while looked_at < LOOKED_AT_MAX:
        page = ports.index.page(wanted, after=after, limit=PAGE)
        looked_at += len(page.cases)
        for case in page.cases:
            since = [each.message.at for each in case.parked if each.message.at <= now - PARKED_LONG]
            found += [(min(since).isoformat(), case.id)] if since else []
        after = page.after
        if not after:
            break
    if found:
        yield Stuck(
            kind="parked events",
            many=len(found),
            is_more=bool(after),
            since=min(found)[0],
            named=_few([case for _, case in sorted(found)]),
            owner="operator",
            next="sadari cases show CASE",
        )


def _questions(ports: Ports, now: datetime) -> Iterator[Stuck]:
    everybody = tuple(Reach(role=role) for role in sorted(STAFF))
    wanted = QuestionFilter(within=everybody, before=now, by="due_at")
    many = ports.index.count_questions(wanted)
    if many:
        first = ports.index.questions(wanted, after="", limit=SHOWN_MAX).asked
        due = [each.task.due_at for each in first if each.task.due_at is not None]
        turns = sorted({role for each in first for role in each.turn})
        yield Stuck(
            kind="overdue questions",
            many=many,
            since=min(due).isoformat() if due else "",
            named=tuple(each.task.id for each in first),
            owner=", ".join(turns),
            next="sadari questions list",
        )


def _quarantine(ports: Ports) -> Iterator[Stuck]:
    wanted = QuarantineFilter(state="waiting")
    many = ports.quarantine.count(wanted)
    if many:
        rows = ports.quarantine.page(wanted, after="", limit=SHOWN_MAX).rows
        yield Stuck(
            kind="quarantine",
            many=many,
            since=rows[0].heard_at.isoformat() if rows else "",
            named=tuple(row.id for row in rows),
            owner="operator",
            next="sadari quarantine list; docs/operate/dead-letters.md",
        )


def _letters(ports: Ports, now: datetime) -> Iterator[Stuck]:
    failed = LetterFilter(state=LetterState.FAILED)
    many = ports.letters.count(failed)
    if many:
        first = ports.letters.page(failed, after="", limit=SHOWN_MAX).letters
        yield Stuck(
            kind="failed letters",
            many=many,
            since=first[0].written_at.isoformat() if first else "",
            named=tuple(letter.id for letter in first),
            owner="operator",
            next="console: outbox, failed",
        )
    late = list(ports.letters.due(now - LATE, limit=PAGE))
    if late:
        yield Stuck(
            kind="late letters",
            many=len(late),
            is_more=len(late) == PAGE,
            since=late[0].written_at.isoformat(),
            named=_few([letter.id for letter in late]),
            owner="operator on call",
            next="is a channel set up (docs/messages.md), and does `sweep` run?",
        )


def _partners(subscriptions: Subscriptions, deliveries: Deliveries, now: datetime) -> Iterator[Stuck]:
    disabled = subscriptions.find(state=SubscriptionState.DISABLED)
    if disabled:
        yield Stuck(
            kind="disabled subscriptions",
            many=len(disabled),
            named=_few([each.id for each in disabled]),
            owner="operator",
            next="sadari subscriptions show ID; docs/operate/partner-down.md",
        )
    failing = [subscriptions.health(each.id) for each in subscriptions.find(state=SubscriptionState.ACTIVE)]
    down = [each for each in failing if each.failing_since is not None and each.failing_since <= now - PARKED_LONG]
    if down:
        yield Stuck(
            kind="failing receivers",
            many=len(down),
            since=min(each.failing_since.isoformat() for each in down if each.failing_since is not None),
            named=_few([each.subscription for each in down]),
            owner="the partner",
            next="sadari deliveries list --subscription ID; docs/operate/partner-down.md",
        )
    late = list(deliveries.overdue(now - LATE, limit=PAGE))
    if late:
        yield Stuck(
            kind="late deliveries",
            many=len(late),
            is_more=len(late) == PAGE,
            since=min(each.next_at.isoformat() for each in late if each.next_at is not None),
            named=_few([each.id for each in late]),
            owner="operator on call",
            next="the queue of deliveries: is it paused?  `sweep` sets lost alarms again",
        )


def _forms(connections: Connections) -> Iterator[Stuck]:
    faulty = [each for each in map(connections.reading, (one.id for one in connections.all())) if each.fault]
    if faulty:
        yield Stuck(
            kind="forms that cannot be read",
            many=len(faulty),
            since=min((each.fault_at.isoformat() for each in faulty if each.fault_at is not None), default=""),
            named=_few([each.connection for each in faulty]),
            owner="operator",
            next="sadari forms check",
        )


def _few(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(ids[:SHOWN_MAX])
