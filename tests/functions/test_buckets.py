"""A bucket empties and fills again; whoever has another address has another bucket."""

import pytest

from functions.buckets import KEPT_MAX, Buckets, network_of


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_full_bucket_gives_its_burst_and_then_as_fast_as_it_fills() -> None:
    seconds = Seconds()
    buckets = Buckets(seconds, burst=3, per_second=0.5)

    first = [buckets.take("a") for _ in range(4)]
    seconds.now += 2
    second = [buckets.take("a") for _ in range(2)]

    assert first == [0, 0, 0, 2]
    assert second == [0, 2]


def test_to_look_takes_nothing_and_others_have_their_own() -> None:
    buckets = Buckets(Seconds(), burst=1, per_second=1)

    assert [buckets.wait("a"), buckets.wait("a"), buckets.take("a"), buckets.wait("a"), buckets.take("b")] == [
        *(0, 0, 0, 1, 0)
    ]


def test_as_many_buckets_as_anybody_likes_take_no_more_room() -> None:
    buckets = Buckets(Seconds(), burst=1, per_second=1)

    for number in range(KEPT_MAX + 50):
        buckets.take(str(number))

    assert len(buckets._buckets) == KEPT_MAX


@pytest.mark.parametrize(
    ("forwarded", "remote", "network"),
    [
        ("", "192.0.2.77", "192.0.2.0/24"),
        ("203.0.113.9", "10.0.0.1", "203.0.113.0/24"),
        ("6.6.6.6, 203.0.113.9", "10.0.0.1", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "10.0.0.1", "2001:db8:1::/48"),
        ("not an address", "10.0.0.1", "unknown"),
        ("203.0.113.9,", "10.0.0.1", "10.0.0.0/24"),
    ],
)
def test_a_sender_is_a_network_named_by_the_platform_and_not_by_the_sender(
    forwarded: str, remote: str, network: str
) -> None:
    assert network_of(forwarded, remote) == network
