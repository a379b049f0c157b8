"""Makes the Google clients, and the ports upon them."""

import grpc
from google.cloud import firestore
from google.cloud.tasks_v2 import CloudTasksClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from functions.adapters.google.cloud_tasks_attempts import CloudTasksAttempts
from functions.adapters.google.cloud_tasks_timers import CloudTasksTimers
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
from functions.adapters.google.pubsub_feed import PubsubFeed
from functions.adapters.google.pubsub_publisher import PubsubPublisher
from functions.observe.told_quarantine import ToldQuarantine
from functions.partner_settings import PartnerSettings
from functions.settings import Settings
from workflows.definitions import WORKFLOWS
from workflows.runtime.partner_ports import Feed, NoFeed
from workflows.runtime.ports import Clock, Connections, Ports, Post, Scribe, StaffPorts, Tries

STAGES: dict[str, dict[int, tuple[str, ...]]] = {
    name: {version: tuple(each.states) for (other, version), each in WORKFLOWS.items() if other == name}
    for name, _ in WORKFLOWS
}


def ports(settings: Settings, clock: Clock, *, scribe: Scribe, tries: Tries, post: Post) -> Ports:
    """Give all ports on Firestore, Pub/Sub and Cloud Tasks, or on their stand-ins where the settings name them."""
    store = _store(settings)
    timers = CloudTasksTimers(
        _tasks_client(settings.tasks_address),
        queue=settings.queue,
        ring_url=settings.ring_url,
        service_account_email=settings.caller,
    )
    return Ports(
        cases=FirestoreCaseStore(store),
        facts=FirestoreFactStore(store),
        publisher=PubsubPublisher(_publisher_client(settings.pubsub_address), project=settings.project),
        timers=timers,
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


def staff_ports(settings: Settings) -> StaffPorts:
    """Give what the console needs beside the cases, on Firestore."""
    store = _store(settings)
    return StaffPorts(
        members=FirestoreMembers(store),
        sessions=FirestoreSessions(store),
        delegations=FirestoreDelegations(store),
        marks=FirestoreMarks(store),
        batches=FirestoreBatches(store),
        releases=FirestoreReleases(store),
        index=FirestoreCaseIndex(store, STAGES),
    )


def connections(settings: Settings) -> Connections:
    """Give the connections to forms at providers, in Firestore."""
    store = _store(settings)
    return FirestoreConnections(store)


def partner_stores(
    settings: Settings, partners: PartnerSettings
) -> tuple[FirestoreSubscriptions, FirestoreDeliveries, FirestoreKeys, CloudTasksAttempts]:
    """Give where subscriptions and deliveries are kept, and the alarm clock of attempts."""
    store = _store(settings)
    alarms = CloudTasksAttempts(
        _tasks_client(settings.tasks_address),
        queue=partners.queue,
        attempt_url=partners.attempt_url,
        service_account_email=settings.caller,
    )
    return FirestoreSubscriptions(store), FirestoreDeliveries(store), FirestoreKeys(store), alarms


def partner_records(settings: Settings) -> tuple[FirestoreSubscriptions, FirestoreDeliveries]:
    """Give where subscriptions and deliveries are kept, to be read."""
    store = _store(settings)
    return FirestoreSubscriptions(store), FirestoreDeliveries(store)


def partner_feed(settings: Settings, partners: PartnerSettings) -> Feed:
    """Give the topic that partners have subscriptions of their own on."""
    return PubsubFeed(_publisher_client(settings.pubsub_address), partners.topic) if partners.topic else NoFeed()


def _store(settings: Settings) -> firestore.Client:
    return counted_client(settings.project, settings.database)


def _publisher_client(address: str) -> PublisherClient:
    """The bare client knows nothing of PUBSUB_EMULATOR_HOST."""
    if not address:
        return PublisherClient()
    return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(address)))


def _tasks_client(address: str) -> CloudTasksClient:
    if not address:
        return CloudTasksClient()
    return CloudTasksClient(transport=CloudTasksGrpcTransport(channel=grpc.insecure_channel(address)))
