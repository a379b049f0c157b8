"""Tells an office once a day by mail what there was: how much of what, and which; as thin as a thin event.

A digest is a delivery like any other: its text is frozen when it is made, its attempts are logged and repeated, and
what failed can be sent again.  Its id is H(subscription, day): a day has one, whoever makes it and however often.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from schemas.catalogue import CATALOGUE, TYPE_OF
from schemas.deliveries import Delivery, DeliveryId, DeliveryState
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Notice
from schemas.subscriptions import MAIL, Subscription, SubscriptionState, Way
from workflows.definitions.words import WORDS
from workflows.engine.moments import SEOUL
from workflows.runtime.errors import Rejected, Unavailable, Undeliverable
from workflows.runtime.fan_out import is_for
from workflows.runtime.partner_mail import hand_over, mail_of
from workflows.runtime.partner_ports import Answer, PartnerPorts, due_of
from workflows.runtime.ports import Ports

DIGEST, TEST = "digest", "digest.test"
NO_NEWS = "no_news"
REFUSED = "mailbox_refused"
"""The mail server will never take it; tomorrow's digest is tried all the same."""

TAKEN = 250
"""What a mail server says to a letter that it has."""

SETTLES = timedelta(minutes=1)
"""Longer than it takes to write a notice down: nothing appears later among what was told."""

LEASE = timedelta(minutes=5)
"""How long nobody else hands a digest over: longer than any mail server takes to answer."""

LISTED_MAX = 200
PAGE = 200

_KOREAN = {each.type: WORDS.ko.get(each.data.__name__, "") for each in CATALOGUE}
_SUBJECTS = {DIGEST: "하루 소식 {day} / Digest of {day}", TEST: "하루 소식 시험 / Test of your daily digest"}
_HEAD = (
    "{partner}에서 받겠다고 한 소식입니다. {since}부터 {until}까지 {count}건입니다.",
    "What {partner} asked to be told: {count} from {since} to {until}, in Korea.",
)
_MORE = "… 외 {more}건 / and {more} more: GET /events"
_FOOT = """개인정보는 담지 않습니다. 그만 받으려면 운영국에 알려 주십시오.
Nothing personal is in here. To end this, tell the programme's office."""
_TEST = "시험으로 보낸 편지입니다. / This letter is a test."


def make_digests(ports: Ports, partners: PartnerPorts) -> int:
    """Make the digests that are due and not made yet; give how many leave.  May be repeated."""
    active = partners.subscriptions.find(state=SubscriptionState.ACTIVE)
    return sum(_make(each, ports, partners) for each in active if each.way is Way.DIGEST)


def _make(subscription: Subscription, ports: Ports, partners: PartnerPorts) -> bool:
    day, until = _last(subscription, ports.clock.now() - SETTLES)
    if until <= subscription.made_at or partners.deliveries.get(_id_of(subscription, day)) is not None:
        return False
    since = _told_until(subscription, day, partners)
    notices = list(_notices(subscription, since, until, ports))
    leaves = bool(notices) or subscription.is_sent_empty
    made = _delivery(subscription, _id_of(subscription, day), DIGEST, at=until, now=ports.clock.now())
    if leaves:
        made = made.model_copy(update={"body": _text(subscription, notices, since, until)})
    else:
        made = made.model_copy(update={"state": DeliveryState.CANCELLED, "reason": NO_NEWS, "next_at": None})
    if not partners.deliveries.create(made):
        return False
    partners.alarms.start(due_of(made))
    return leaves


def make_test(subscription: Subscription, turn: str, ports: Ports, partners: PartnerPorts) -> DeliveryId:
    """Make a letter that says no more than that it is a test.  The same turn is the same letter."""
    now, name = ports.clock.now(), DeliveryId(name_of("digest test", subscription.id, turn))
    made = _delivery(subscription, name, TEST, at=now, now=now).model_copy(update={"body": _TEST})
    partners.deliveries.create(made)
    partners.alarms.start(due_of(made))
    return name


def claim(delivery: Delivery, now: datetime, partners: PartnerPorts) -> Delivery | None:
    """Keep everybody else from handing a digest over meanwhile; None if somebody was faster.

    Whoever dies over it leaves an alarm behind; then it leaves once more under the same Message-ID, and mail programs
    show it once.
    """
    claimed = delivery.model_copy(update={"next_at": now + LEASE})
    if not partners.deliveries.update(claimed, seen=delivery.version):
        return None
    partners.alarms.start(due_of(claimed))
    return claimed.model_copy(update={"version": delivery.version + 1})


def post(delivery: Delivery, subscription: Subscription, ports: Ports, partners: PartnerPorts) -> Answer:
    """Hand a digest over, and give what became of it as if a receiver had answered."""
    begun = partners.wall_clock.now()
    # Sent again on demand it is another letter, or mail programs would hide it.
    name = f"{delivery.id}.{delivery.first}" if delivery.first else delivery.id
    subject = _SUBJECTS[delivery.type].format(day=delivery.at.astimezone(SEOUL).date().isoformat())
    status, fault = TAKEN, ""
    try:
        hand_over(
            *(mail_of(ports), subscription, ports),
            to=subscription.url.removeprefix(MAIL),
            name=name,
            kind="Digest",
            subject=subject,
            body=delivery.body,
        )
    except Undeliverable:
        status, fault = 0, REFUSED
    except Rejected as error:
        status, fault = 0, error.code
    except Unavailable as error:
        status, fault = 0, error.detail or "unavailable"
    return Answer(status=status, fault=fault, ms=int((partners.wall_clock.now() - begun).total_seconds() * 1000))


def _last(subscription: Subscription, now: datetime) -> tuple[date, datetime]:
    """Give the last day whose digest is due, and when it was."""
    local = now.astimezone(SEOUL)
    day = local.date() if local.hour >= subscription.hour else local.date() - timedelta(days=1)
    return day, datetime.combine(day, time(subscription.hour), SEOUL)


def _told_until(subscription: Subscription, day: date, partners: PartnerPorts) -> datetime:
    """Give until when the digest before told: of yesterday, or of the day before a pause."""
    first = subscription.made_at.astimezone(SEOUL).date()
    while (day := day - timedelta(days=1)) >= first:
        found = partners.deliveries.get(_id_of(subscription, day))
        if found is not None:
            return found.at
    return subscription.made_at


def _notices(subscription: Subscription, since: datetime, until: datetime, ports: Ports) -> Iterator[Notice]:
    after = ""
    while page := ports.notice_log.to_partners(since=since, until=until, after=after, limit=PAGE):
        yield from (each for _, each in page if each.type in TYPE_OF and is_for(subscription, each))
        after = page[-1][0]


def _id_of(subscription: Subscription, day: date) -> DeliveryId:
    return DeliveryId(name_of("digest", subscription.id, day.isoformat()))


def _delivery(subscription: Subscription, name: DeliveryId, kind: str, *, at: datetime, now: datetime) -> Delivery:
    return Delivery(
        id=name,
        subscription=subscription.id,
        partner=subscription.partner,
        notice=MessageId(name),
        type=kind,
        case=CaseId(subscription.id),
        at=at,
        made_at=now,
        next_at=now,
    )


def _text(subscription: Subscription, notices: Sequence[Notice], since: datetime, until: datetime) -> str:
    counts = sorted(Counter(TYPE_OF[each.type] for each in notices).items())
    words = {"partner": subscription.partner, "since": _local(since), "until": _local(until), "count": len(notices)}
    listed = [f"{_local(each.at)}  {TYPE_OF[each.type]}  {each.case}  {each.id}" for each in notices[:LISTED_MAX]]
    if len(notices) > LISTED_MAX:
        listed.append(_MORE.format(more=len(notices) - LISTED_MAX))
    parts = (
        *(each.format(**words) for each in _HEAD),
        "\n".join(f"{count:>6}  {kind}  {_KOREAN[kind]}".rstrip() for kind, count in counts),
        "\n".join(listed),
        _FOOT,
    )
    return "\n\n".join(part for part in parts if part)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SEOUL):%Y-%m-%d %H:%M}"
