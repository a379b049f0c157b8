"""Events for partners on a Pub/Sub topic of their own."""

from collections.abc import Mapping

from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.types import PubsubMessage

from functions.adapters.google.calls import CALL_SECONDS_MAX, asking
from functions.observe.call import count, step


class PubsubFeed:
    """A `Feed` on one topic."""

    def __init__(self, client: PublisherClient, topic: str) -> None:
        """Call nobody yet.

        Args:
            client: The vendor's client.
            topic: `projects/…/topics/…`.
        """
        self._client = client
        self._topic = topic

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Hand an event over."""
        message = PubsubMessage(data=body.encode(), attributes=dict(attributes))
        count(rpcs=1, publishes=1, published=1, published_bytes=PubsubMessage.pb(message).ByteSize())
        with asking("Pub/Sub"), step("Publish"):
            self._client.publish(topic=self._topic, messages=[message], retry=None, timeout=CALL_SECONDS_MAX)
