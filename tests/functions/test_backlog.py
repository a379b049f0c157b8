"""Three days of a receiver that is down, in virtual time: all of it comes within the hour, and nobody else notices."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from functions.embedded import Embedded
from schemas.deliveries import DeliveryState
from schemas.subscriptions import SubscriptionState
from tests.support.virtual_partners import DOWN, VirtualPartners
from workflows.runtime.recover import recover

BEGIN = datetime(2027, 6, 1, tzinfo=UTC)
DOWN_FOR, EVERY, HOUR = timedelta(hours=72), timedelta(minutes=30), timedelta(hours=1)


def test_a_backlog_of_three_days_is_delivered_within_an_hour_and_holds_up_nobody(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path / "sadari.db")
    embedded.clock.turn(BEGIN)
    embedded.database.execute("pragma synchronous = off")
    partners = VirtualPartners(embedded, 4, seconds=0.5)
    partners.town.is_down = True
    told = partners.steadily(DOWN_FOR, EVERY, share=2)
    assert DOWN not in partners.town.took
    attempts = partners.attempts

    partners.town.is_down = False
    ports, now = embedded.ports, embedded.clock.now()
    count = recover(partners.down, BEGIN, now, ports, partners.partners)
    partners.steadily(HOUR, EVERY, share=2, first=told)

    waiting, _ = partners.partners.deliveries.page(subscription=partners.down, state=DeliveryState.WAITING, limit=9)
    assert (count, waiting) == (told, [])
    assert len(partners.town.took[DOWN]) == told + 2
    assert all(len(each) == 1 for each in partners.town.bodies.values())
    assert partners.state is SubscriptionState.ACTIVE
    assert partners.latencies(since=BEGIN, until=now) == [0.5] * (told // 2 * 3)
    assert partners.latencies(since=now, until=now + HOUR) == [0.5] * 3
    assert attempts < 30 * told  # each is put off seldom, however many there are
    embedded.close()
