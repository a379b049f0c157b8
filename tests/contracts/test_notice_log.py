"""The record of notices."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from schemas.messages import Notice
from workflows.runtime.errors import Rejected
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


def test_what_goes_to_partners_is_read_page_by_page_in_the_order_in_which_it_came(
    notice_log: NoticeLog, notice: Tell
) -> None:
    for number in (3, 1, 2, 5, 4):
        told = notice(str(number), "RoundOpened").model_copy(update={"id": str(number), "role": "partners"})
        notice_log.append(told, heard_at=HEARD_AT + timedelta(minutes=number))
    notice_log.append(notice("6"), heard_at=HEARD_AT)
    until = HEARD_AT + timedelta(minutes=5)

    pages, after = [], ""
    while page := notice_log.to_partners(until=until, after=after, limit=2):
        pages.append([each.id for _, each in page])
        after = page[-1][0]

    since = notice_log.to_partners(since=HEARD_AT + timedelta(minutes=4), until=until, limit=9)
    assert pages == [["1", "2"], ["3", "4"]]
    assert [each.id for _, each in since] == ["4"]


def test_a_cursor_that_no_page_gave_is_refused(notice_log: NoticeLog) -> None:
    with pytest.raises(Rejected):
        notice_log.to_partners(until=HEARD_AT, after="nonsense", limit=9)
