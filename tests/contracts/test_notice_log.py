"""The record of notices."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from schemas.messages import Notice
from workflows.runtime.ports import NoticeLog

HEARD_AT = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
Tell = Callable[..., Notice]


def test_a_notice_is_recorded_once(notice_log: NoticeLog, notice: Tell) -> None:
    first = notice_log.append(notice("1"), heard_at=HEARD_AT)
    again = notice_log.append(notice("1"), heard_at=HEARD_AT)

    assert (first, again) == (True, False)
    assert notice_log.count() == {"SeatOffered": 1}


def test_of_eight_copies_at_once_one_is_recorded(notice_log: NoticeLog, notice: Tell) -> None:
    with ThreadPoolExecutor(8) as threads:
        recorded = list(threads.map(lambda _: notice_log.append(notice("1"), heard_at=HEARD_AT), range(8)))

    assert sum(recorded) == 1


def test_notices_are_counted_by_type(notice_log: NoticeLog, notice: Tell) -> None:
    empty = notice_log.count()
    for number, kind in enumerate(["Waitlisted", "SeatOffered", "NoSeat", "Waitlisted", "Waitlisted", "SeatOffered"]):
        notice_log.append(notice(str(number), kind), heard_at=HEARD_AT)

    assert empty == {}
    assert notice_log.count() == {"NoSeat": 1, "SeatOffered": 2, "Waitlisted": 3}
