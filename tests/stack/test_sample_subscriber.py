"""The local stack tells a partner: its sample subscriber prints each notice that it could verify, once."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import urllib3
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from functions.embedded import Embedded
from functions.stack.embedded_stack import EmbeddedStack
from functions.stack.local_stack import PARTNER_EVENTS, LocalStack
from functions.stack.sample_subscriber import SampleSubscriber, register
from functions.store_files import ENVIRONMENT
from schemas.ids import CaseId, MessageId
from schemas.messages import Notice
from schemas.subscriptions import SubscriptionState
from tests.support.cohort import CALENDAR

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
SOURCES = {"desk": {"secrets": [SECRET], "roles": ["operator"]}}
OPENED = Notice(
    id=MessageId("opened"),
    type="RoundOpened",
    role="partners",
    case=CaseId("round-1"),
    workflow="round",
    data={"cohort": "2027"},
    at=CALENDAR.applications_open,
)
TYPE = "kr.sadari.admission.round.opened.v1"
LINE = f"sample subscriber: verified {TYPE} round/round-1"
SECONDS_MAX = 60.0


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def sample(lines: list[str]) -> Iterator[SampleSubscriber]:
    made = SampleSubscriber(lines.append)
    made.start()
    yield made
    made.stop()


def until_told(stack: EmbeddedStack | LocalStack, lines: list[str]) -> None:
    gives_up_at = time.monotonic() + SECONDS_MAX
    while not lines and time.monotonic() < gives_up_at:
        stack.work()
        time.sleep(0.05)


@contextmanager
def reader(stack: LocalStack) -> Iterator[Callable[[], tuple[Any, Mapping[str, str]]]]:
    """A partner's own subscription on the topic of events."""
    with grpc.insecure_channel(stack.settings.pubsub_address) as channel:
        client = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        name = f"projects/{stack.settings.project}/subscriptions/partner-city"
        client.create_subscription(request={"name": name, "topic": PARTNER_EVENTS}, retry=None, timeout=20)

        def read() -> tuple[Any, Mapping[str, str]]:
            (got,) = client.pull(request={"subscription": name, "max_messages": 1}, timeout=30).received_messages
            return json.loads(got.message.data), dict(got.message.attributes)

        yield read


def test_a_stack_that_starts_on_an_older_store_tells_its_sample_what_happened(
    tmp_path: Path, sample: SampleSubscriber, lines: list[str]
) -> None:
    store = Embedded(tmp_path / "sadari.db")
    store.clock.turn(CALENDAR.results_at)  # months from the receiver's clock
    store.ports.notice_log.append(OPENED, heard_at=CALENDAR.applications_open)
    store.close()
    stack = EmbeddedStack(tmp_path, key=b"k" * 32, sources=SOURCES, admitted=(sample.address,))
    stack.start()
    try:
        before = [register(sample, *stack.partners()).state for _ in range(2)]
        until_told(stack, lines)
        asked = [urllib3.request("GET", f"{stack.addresses()['API']}{path}") for path in ("openapi.json", "events")]
        posted = urllib3.request("POST", f"{stack.addresses()['API']}subscriptions", json={})
    finally:
        stack.stop()

    assert before == [SubscriptionState.ACTIVE, SubscriptionState.ACTIVE]
    assert lines == [LINE]
    assert [each.status for each in (*asked, posted)] == [200, 401, 401]
    assert (tmp_path / ENVIRONMENT).stat().st_mode & 0o077 == 0


@pytest.mark.emulator
@pytest.mark.timeout(300)
def test_on_the_emulators_a_notice_goes_through_pubsub_and_cloud_tasks(
    tmp_path: Path, sample: SampleSubscriber, lines: list[str]
) -> None:
    with LocalStack(tmp_path, key=b"k" * 32, sources=SOURCES, admitted=(sample.address,)) as stack:
        ports, partners = stack.partners()
        register(sample, ports, partners)

        with reader(stack) as read:
            ports.publisher.publish([], [OPENED])
            until_told(stack, lines)
            event, attributes = read()

    assert lines == [LINE]
    assert (event["type"], event["data"]) == (TYPE, {"case": "round-1", "cohort": "2027"})
    assert (attributes["type"], attributes["id"]) == (TYPE, "opened")
    assert "SADARI_PARTNERS" in json.loads((tmp_path / ENVIRONMENT).read_text(encoding="utf-8"))


def test_the_sample_takes_nothing_that_is_not_signed(sample: SampleSubscriber, lines: list[str]) -> None:
    assert sample.take({"webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v1,x"}, b"{}") == 401
    assert lines == ["sample subscriber: refused a call that is not signed by us"]
