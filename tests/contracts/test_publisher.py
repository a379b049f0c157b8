"""The way to the topics."""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import grpc
import pytest
from google import pubsub_v1
from google.api_core.exceptions import NotFound
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from functions.adapters.google.pubsub_publisher import PubsubPublisher
from functions.adapters.local.sqlite_queue import SqliteQueue
from schemas.events.engine import CalendarMoved
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import SYSTEM, Message, Notice
from workflows.runtime.errors import Rejected, Unavailable
from workflows.runtime.ports import Publisher

Tell = Callable[..., Notice]


class Received(NamedTuple):
    topic: str
    blob: str
    attributes: dict[str, str]


class Post(NamedTuple):
    """A publisher, and what its consumers receive: so many deliveries, in any order."""

    publisher: Publisher
    receive: Callable[[int], list[Received]]


@pytest.fixture
def post(backend: str, request: pytest.FixtureRequest) -> Post:
    if backend == "google":
        post: Post = request.getfixturevalue("pubsub_post")
        return post
    queue = SqliteQueue(request.getfixturevalue("database"))

    def receive(count: int) -> list[Received]:
        taken = queue.take(request.getfixturevalue("clock").now(), count + 1)
        return [Received(each.topic, each.blob, {}) for each in taken]

    return Post(queue, receive)


@pytest.fixture
def pubsub_post(pubsub_channel: grpc.Channel, project: str) -> Post:
    publisher = pubsub_v1.PublisherClient(transport=PublisherGrpcTransport(channel=pubsub_channel))
    subscriber = pubsub_v1.SubscriberClient(transport=SubscriberGrpcTransport(channel=pubsub_channel))
    names = ("events", "notices")
    for name in names:
        topic = publisher.create_topic(name=f"projects/{project}/topics/{name}", retry=None, timeout=10)
        path = f"projects/{project}/subscriptions/{name}"
        subscriber.create_subscription(name=path, topic=topic.name, retry=None, timeout=10)

    def pull(name: str) -> list[Received]:
        path = f"projects/{project}/subscriptions/{name}"
        request = {"subscription": path, "max_messages": 1000, "return_immediately": True}
        with pytest.warns(DeprecationWarning, match="return_immediately"):
            pulled = subscriber.pull(request, retry=None, timeout=10).received_messages
        if pulled:
            acks = [each.ack_id for each in pulled]
            subscriber.acknowledge(subscription=path, ack_ids=acks, retry=None, timeout=10)
        return [Received(name, each.message.data.decode(), dict(each.message.attributes)) for each in pulled]

    def receive(count: int) -> list[Received]:
        received: list[Received] = []
        for _ in range(200):
            received += [each for name in names for each in pull(name)]
            if len(received) >= count:
                break
        return received

    return Post(PubsubPublisher(publisher, project=project), receive)


def messages(story: Any, count: int) -> list[Message]:
    data = CalendarMoved(calendar=story.calendar).model_dump(mode="json")
    return [
        Message(
            id=MessageId(name_of("moved", number)),
            case=CaseId(f"학생-{number}"),
            type="CalendarMoved",
            data=data,
            at=story.calendar.applications_open,
            actor=SYSTEM,
        )
        for number in range(count)
    ]


def read(received: list[Received]) -> tuple[list[Message], list[Notice]]:
    """Give what was received, in the order of ids."""
    events = [Message.model_validate_json(each.blob) for each in received if each.topic == "events"]
    notices = [Notice.model_validate_json(each.blob) for each in received if each.topic == "notices"]
    return sorted(events, key=lambda each: each.id), sorted(notices, key=lambda each: each.id)


def by_id(*given: Any) -> list[Any]:
    return sorted(given, key=lambda each: each.id)


def test_events_and_notices_arrive_at_their_topics_as_they_were(post: Post, story: Any, notice: Tell) -> None:
    sent, told = messages(story, 3), [notice("1", answer_by="2026-03-04T12:00:00Z"), notice("2", why="정원 초과")]

    post.publisher.publish(sent, told)

    assert read(post.receive(5)) == (by_id(*sent), by_id(*told))


def test_the_same_published_twice_arrives_twice_under_one_id(post: Post, story: Any, notice: Tell) -> None:
    sent, told = messages(story, 1), [notice("1")]

    post.publisher.publish(sent, told)
    post.publisher.publish(sent, told)

    assert read(post.receive(4)) == (sent * 2, told * 2)


def test_more_than_one_call_can_carry_arrives_whole(post: Post, story: Any) -> None:
    sent = messages(story, 2_100)

    post.publisher.publish(sent, [])

    assert read(post.receive(2_100)) == (by_id(*sent), [])


def test_more_bytes_than_one_call_can_carry_arrive_whole(post: Post, story: Any) -> None:
    sent = [
        message.model_copy(update={"data": {**message.data, "note": "가" * 1_100_000}})
        for message in messages(story, 4)
    ]

    post.publisher.publish(sent, [])

    assert read(post.receive(4)) == (by_id(*sent), [])


def test_nothing_to_publish_is_nothing_to_receive(post: Post) -> None:
    post.publisher.publish([], [])

    assert post.receive(0) == []


# ---- on Pub/Sub


class Counting(grpc.UnaryUnaryClientInterceptor):
    """Counts the calls by name."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        self.calls[details.method.rpartition("/")[2]] += 1
        return continuation(details, request)


@pytest.mark.emulator
def test_all_effects_of_an_entry_take_one_call_for_each_topic(
    pubsub_post: Post, pubsub_channel: grpc.Channel, project: str, story: Any, notice: Tell
) -> None:
    counting = Counting()
    transport = PublisherGrpcTransport(channel=grpc.intercept_channel(pubsub_channel, counting))
    publisher = PubsubPublisher(pubsub_v1.PublisherClient(transport=transport), project=project)

    publisher.publish([], [])
    idle = dict(counting.calls)
    publisher.publish(messages(story, 200), [notice(str(number)) for number in range(3)])

    assert idle == {}
    assert dict(counting.calls) == {"Publish": 2}
    assert len(pubsub_post.receive(203)) == 203


@pytest.mark.emulator
def test_attributes_say_what_is_needed_to_route_and_nothing_personal(
    pubsub_post: Post, story: Any, notice: Tell
) -> None:
    (sent,), told = messages(story, 1), notice("1", phone="+821077770042")

    pubsub_post.publisher.publish([sent], [told])

    attributes = {each.topic: each.attributes for each in pubsub_post.receive(2)}
    assert attributes == {
        "events": {"id": sent.id, "type": "CalendarMoved", "case": "학생-0"},
        "notices": {"id": told.id, "type": "SeatOffered", "case": "application-1", "role": "applicant"},
    }


@pytest.mark.emulator
def test_a_name_too_long_to_route_by_is_the_senders_fault(pubsub_post: Post, story: Any) -> None:
    message = messages(story, 1)[0].model_copy(update={"case": "가" * 342})

    with pytest.raises(Rejected, match="The case"):
        pubsub_post.publisher.publish([message], [])


@pytest.mark.emulator
def test_a_topic_that_is_not_there_is_our_own_fault(pubsub_channel: grpc.Channel, story: Any) -> None:
    client = pubsub_v1.PublisherClient(transport=PublisherGrpcTransport(channel=pubsub_channel))

    with pytest.raises(NotFound):
        PubsubPublisher(client, project="demo-nowhere").publish(messages(story, 1), [])


def test_a_pubsub_that_does_not_answer_is_unavailable_at_once(story: Any, dead_address: str) -> None:
    with grpc.insecure_channel(dead_address) as channel:
        client = pubsub_v1.PublisherClient(transport=PublisherGrpcTransport(channel=channel))

        with pytest.raises(Unavailable, match="ServiceUnavailable"):
            PubsubPublisher(client, project="demo-nowhere").publish(messages(story, 1), [])
