"""Makes the Google clients, and the ports upon them.

Those of Pub/Sub and Cloud Tasks are made, and their libraries imported, when they are used: not every function does.
"""

from typing import TYPE_CHECKING

import grpc

from functions.adapters.google.counted import counted_client
from functions.adapters.google.firestore_case_index import FirestoreCaseIndex
from functions.adapters.google.firestore_case_store import FirestoreCaseStore
from functions.adapters.google.firestore_connections import FirestoreConnections
from functions.adapters.google.firestore_drafts import FirestoreDrafts
from functions.adapters.google.firestore_partners import FirestoreDeliveries, FirestoreKeys, FirestoreSubscriptions
from functions.adapters.google.firestore_records import FirestoreFactStore, FirestoreNoticeLog, FirestoreQuarantine
from functions.adapters.google.firestore_register import FirestoreRegister
from functions.adapters.google.firestore_staff import (
    FirestoreBatches,
    FirestoreDelegations,
    FirestoreMarks,
    FirestoreMembers,
    FirestoreReleases,
    FirestoreSessions,
)
from functions.adapters.google.firestore_vault import FirestoreLetters, FirestoreVault
from functions.deferred import deferred
from functions.observe.told_quarantine import ToldQuarantine
from functions.partner_settings import PartnerSettings
from functions.settings import Settings
from workflows.definitions import WORKFLOWS
from workflows.runtime.partner_ports import AttemptAlarms, Feed, NoFeed
from workflows.runtime.ports import Clock, Connections, Ports, Post, Publisher, Scribe, StaffPorts, Timers, Tries

if TYPE_CHECKING:
    from google.cloud.firestore import Client
    from google.cloud.tasks_v2 import CloudTasksClient
    from google.pubsub_v1 import PublisherClient

STAGES: dict[str, dict[int, tuple[str, ...]]] = {
    name: {version: tuple(each.states) for (other, version), each in WORKFLOWS.items() if other == name}
    for name, _ in WORKFLOWS
}


def client(settings: Settings) -> "Client":
    """Give the client of Firestore, with its channel open."""
    return counted_client(settings.project, settings.database)


def ports(settings: Settings, store: "Client", clock: Clock, *, scribe: Scribe, tries: Tries, post: Post) -> Ports:
    """Give all ports on Firestore, Pub/Sub and Cloud Tasks, or on their stand-ins where the settings name them."""
    return Ports(
        cases=FirestoreCaseStore(store),
        facts=FirestoreFactStore(store),
        publisher=deferred(lambda: _publisher(settings)),
        timers=deferred(lambda: _timers(settings)),
        vault=FirestoreVault(store, clock),
        letters=FirestoreLetters(store),
        register=FirestoreRegister(store),
        drafts=FirestoreDrafts(store),
        index=FirestoreCaseIndex(store, STAGES),
        scribe=scribe,
        notice_log=FirestoreNoticeLog(store),
        quarantine=ToldQuarantine(FirestoreQuarantine(store)),
        clock=clock,
        tries=tries,
        post=post,
    )


def _publisher(settings: Settings) -> Publisher:
    from functions.adapters.google.pubsub_publisher import PubsubPublisher  # noqa: PLC0415  on first use

    return PubsubPublisher(_publisher_client(settings.pubsub_address), project=settings.project)


def _timers(settings: Settings) -> Timers:
    from functions.adapters.google.cloud_tasks_timers import CloudTasksTimers  # noqa: PLC0415  on first use

    return CloudTasksTimers(
        _tasks_client(settings.tasks_address),
        queue=settings.queue,
        ring_url=settings.ring_url,
        service_account_email=settings.caller,
    )


def staff_ports(store: "Client") -> StaffPorts:
    """Give what the console needs beside the cases, on Firestore."""
    return StaffPorts(
        members=FirestoreMembers(store),
        sessions=FirestoreSessions(store),
        delegations=FirestoreDelegations(store),
        marks=FirestoreMarks(store),
        batches=FirestoreBatches(store),
        releases=FirestoreReleases(store),
        index=FirestoreCaseIndex(store, STAGES),
    )


def connections(store: "Client") -> Connections:
    """Give the connections to forms at providers, in Firestore."""
    return FirestoreConnections(store)


def partner_stores(
    settings: Settings, store: "Client", partners: PartnerSettings
) -> tuple[FirestoreSubscriptions, FirestoreDeliveries, FirestoreKeys, AttemptAlarms]:
    """Give where subscriptions and deliveries are kept, and the alarm clock of attempts."""
    alarms = deferred(lambda: _attempts(settings, partners))
    return FirestoreSubscriptions(store), FirestoreDeliveries(store), FirestoreKeys(store), alarms


def _attempts(settings: Settings, partners: PartnerSettings) -> AttemptAlarms:
    from functions.adapters.google.cloud_tasks_attempts import CloudTasksAttempts  # noqa: PLC0415  on first use

    return CloudTasksAttempts(
        _tasks_client(settings.tasks_address),
        queue=partners.queue,
        attempt_url=partners.attempt_url,
        service_account_email=settings.caller,
    )


def partner_records(store: "Client") -> tuple[FirestoreSubscriptions, FirestoreDeliveries]:
    """Give where subscriptions and deliveries are kept, to be read."""
    return FirestoreSubscriptions(store), FirestoreDeliveries(store)


def partner_feed(settings: Settings, partners: PartnerSettings) -> Feed:
    """Give the topic that partners have subscriptions of their own on."""
    return deferred(lambda: _feed(settings, partners)) if partners.topic else NoFeed()


def _feed(settings: Settings, partners: PartnerSettings) -> Feed:
    from functions.adapters.google.pubsub_feed import PubsubFeed  # noqa: PLC0415  on first use

    return PubsubFeed(_publisher_client(settings.pubsub_address), partners.topic)


def _publisher_client(address: str) -> "PublisherClient":
    """The bare client knows nothing of PUBSUB_EMULATOR_HOST."""
    from google.pubsub_v1 import PublisherClient  # noqa: PLC0415  on first use
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport  # noqa: PLC0415

    if not address:
        return PublisherClient()
    return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(address)))


def _tasks_client(address: str) -> "CloudTasksClient":
    from google.cloud.tasks_v2 import CloudTasksClient  # noqa: PLC0415  on first use
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport  # noqa: PLC0415

    if not address:
        return CloudTasksClient()
    return CloudTasksClient(transport=CloudTasksGrpcTransport(channel=grpc.insecure_channel(address)))
