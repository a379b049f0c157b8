"""The way to the topics: Pub/Sub."""

from collections.abc import Iterable, Iterator, Mapping

from google.pubsub_v1 import PublisherClient, PubsubMessage

from functions.adapters.google.calls import asking
from functions.observe.call import count, passed_on, step
from schemas.messages import Message, Notice
from workflows.runtime.errors import Rejected

PUBLISH_SECONDS_MAX = 10.0
CALL_MESSAGES_MAX = 1000
CALL_BYTES_MAX = 9_000_000
"""Pub/Sub refuses calls over 10 MB."""

VALUE_BYTES_MAX = 1024
"""Pub/Sub refuses longer attribute values."""


class PubsubPublisher:
    """A `Publisher` on Pub/Sub.

    It calls the API itself: the library's batching publisher answers from a thread of its own, which does not survive
    a fork, and goes on trying for ten minutes.
    """

    def __init__(
        self, client: PublisherClient, *, project: str, events: str = "events", notices: str = "notices"
    ) -> None:
        self._client = client
        self._events = f"projects/{project}/topics/{events}"
        self._notices = f"projects/{project}/topics/{notices}"

    def publish(self, messages: Iterable[Message], notices: Iterable[Notice]) -> None:
        """Hand over a batch: one call for each topic, more only past the limits of a call."""
        self._send(self._events, map(_event, messages))
        self._send(self._notices, map(_notice, notices))

    def _send(self, topic: str, messages: Iterable[PubsubMessage]) -> None:
        for batch in _batches(messages):
            size = sum(PubsubMessage.pb(message).ByteSize() for message in batch)
            count(rpcs=1, publishes=1, published=len(batch), published_bytes=size)
            with asking("Pub/Sub"), step("Publish"):
                self._client.publish(topic=topic, messages=batch, retry=None, timeout=PUBLISH_SECONDS_MAX)


def _event(message: Message) -> PubsubMessage:
    facts = {"id": message.id, "type": message.type, "case": message.case}
    return _packed(message.model_dump_json(exclude_defaults=True), facts)


def _notice(notice: Notice) -> PubsubMessage:
    facts = {"id": notice.id, "type": notice.type, "case": notice.case, "role": notice.role}
    return _packed(notice.model_dump_json(exclude_defaults=True), facts)


def _packed(data: str, facts: Mapping[str, str]) -> PubsubMessage:
    """Put the routing facts beside the data, so that nobody has to read that to route it.  They are never personal."""
    for name, value in facts.items():
        if len(value.encode()) > VALUE_BYTES_MAX:
            raise Rejected(f"The {name} [{value[:100]}…] is longer than {VALUE_BYTES_MAX} bytes.", code="too_long")
    return PubsubMessage(data=data.encode(), attributes={**facts, **passed_on()})


def _batches(messages: Iterable[PubsubMessage]) -> Iterator[list[PubsubMessage]]:
    batch: list[PubsubMessage] = []
    size = 0
    for message in messages:
        added = PubsubMessage.pb(message).ByteSize() + 8
        if batch and (len(batch) == CALL_MESSAGES_MAX or size + added > CALL_BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += added
    if batch:
        yield batch
