"""Makes the Google clients, and the ports upon them.

Each is made, and its file and library imported, when it is first used: no function uses them all.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import grpc

from functions.adapters.google.counted import counted_client
from functions.adapters.google.firestore_case_store import FirestoreCaseStore
from functions.deferred import deferred
from functions.observe.told_quarantine import ToldQuarantine
from workflows.runtime.ports import Ports

if TYPE_CHECKING:
    from google.cloud.firestore import Client
    from google.cloud.tasks_v2 import CloudTasksClient
    from google.pubsub_v1 import PublisherClient

    from functions.adapters.google.firestore_partners import FirestoreDeliveries, FirestoreKeys, FirestoreSubscriptions
    from functions.partner_settings import PartnerSettings
    from functions.settings import Settings
    from workflows.runtime.form_ports import Connections, Drafts
    from workflows.runtime.partner_ports import AttemptAlarms, Feed
    from workflows.runtime.ports import (
        CaseIndex,
        Clock,
        FactStore,
        NoticeLog,
        Publisher,
        Quarantine,
        Register,
        Timers,
        Tries,
        Vault,
    )
    from workflows.runtime.post_ports import Letters, Post, Scribe
    from workflows.runtime.staff_ports import StaffPorts


def client(settings: Settings) -> Client:
    """Give the client of Firestore, with its channel open."""
    return counted_client(settings.project, settings.database)


def ports(settings: Settings, store: Client, clock: Clock, *, scribe: Scribe, tries: Tries, post: Post) -> Ports:
    """Give all ports on Firestore, Pub/Sub and Cloud Tasks, or on their stand-ins where the settings name them."""
    return Ports(
        cases=FirestoreCaseStore(store),
        facts=deferred(lambda: _facts(store)),
        publisher=deferred(lambda: _publisher(settings)),
        timers=deferred(lambda: _timers(settings)),
        vault=deferred(lambda: _vault(store, clock)),
        letters=deferred(lambda: _letters(store)),
        register=deferred(lambda: _register(store)),
        drafts=deferred(lambda: _drafts(store)),
        index=deferred(lambda: _index(store)),
        scribe=scribe,
        notice_log=deferred(lambda: _notice_log(store)),
        quarantine=ToldQuarantine(deferred(lambda: _quarantine(store))),
        clock=clock,
        tries=tries,
        post=post,
    )


def _facts(store: Client) -> FactStore:
    from functions.adapters.google.firestore_records import FirestoreFactStore

    return FirestoreFactStore(store)


def _notice_log(store: Client) -> NoticeLog:
    from functions.adapters.google.firestore_records import FirestoreNoticeLog

    return FirestoreNoticeLog(store)


def _quarantine(store: Client) -> Quarantine:
    from functions.adapters.google.firestore_records import FirestoreQuarantine

    return FirestoreQuarantine(store)


def _vault(store: Client, clock: Clock) -> Vault:
    from functions.adapters.google.firestore_vault import FirestoreVault

    return FirestoreVault(store, clock)


def _letters(store: Client) -> Letters:
    from functions.adapters.google.firestore_vault import FirestoreLetters

    return FirestoreLetters(store)


def _register(store: Client) -> Register:
    from functions.adapters.google.firestore_register import FirestoreRegister

    return FirestoreRegister(store)


def _drafts(store: Client) -> Drafts:
    from functions.adapters.google.firestore_drafts import FirestoreDrafts

    return FirestoreDrafts(store)


def _index(store: Client) -> CaseIndex:
    from functions.adapters.google.firestore_case_index import FirestoreCaseIndex

    return FirestoreCaseIndex(store, stages())


@cache
def stages() -> dict[str, dict[int, tuple[str, ...]]]:
    """Give, by workflow and version, the stages at which a case can stand."""
    from workflows.definitions import WORKFLOWS

    found: dict[str, dict[int, tuple[str, ...]]] = {}
    for (name, version), workflow in WORKFLOWS.items():
        found.setdefault(name, {})[version] = tuple(workflow.states)
    return found


def _publisher(settings: Settings) -> Publisher:
    from functions.adapters.google.pubsub_publisher import PubsubPublisher

    return PubsubPublisher(_publisher_client(settings.pubsub_address), project=settings.project)


def _timers(settings: Settings) -> Timers:
    from functions.adapters.google.cloud_tasks_timers import CloudTasksTimers

    return CloudTasksTimers(
        _tasks_client(settings.tasks_address),
        queue=settings.queue,
        ring_url=settings.ring_url,
        service_account_email=settings.caller,
    )


def staff_ports(store: Client) -> StaffPorts:
    """Give what the console needs beside the cases, on Firestore."""
    from functions.adapters.google import firestore_staff
    from workflows.runtime.staff_ports import StaffPorts

    return StaffPorts(
        members=firestore_staff.FirestoreMembers(store),
        sessions=firestore_staff.FirestoreSessions(store),
        delegations=firestore_staff.FirestoreDelegations(store),
        marks=firestore_staff.FirestoreMarks(store),
        batches=firestore_staff.FirestoreBatches(store),
        releases=firestore_staff.FirestoreReleases(store),
        index=_index(store),
    )


def connections(store: Client) -> Connections:
    """Give the connections to forms at providers, in Firestore."""
    from functions.adapters.google.firestore_connections import FirestoreConnections

    return FirestoreConnections(store)


def partner_stores(
    settings: Settings, store: Client, partners: PartnerSettings
) -> tuple[FirestoreSubscriptions, FirestoreDeliveries, FirestoreKeys, AttemptAlarms]:
    """Give where subscriptions and deliveries are kept, and the alarm clock of attempts."""
    from functions.adapters.google.firestore_partners import FirestoreDeliveries, FirestoreKeys, FirestoreSubscriptions

    alarms = deferred(lambda: _attempts(settings, partners))
    return FirestoreSubscriptions(store), FirestoreDeliveries(store), FirestoreKeys(store), alarms


def _attempts(settings: Settings, partners: PartnerSettings) -> AttemptAlarms:
    from functions.adapters.google.cloud_tasks_attempts import CloudTasksAttempts

    return CloudTasksAttempts(
        _tasks_client(settings.tasks_address),
        queue=partners.queue,
        attempt_url=partners.attempt_url,
        service_account_email=settings.caller,
    )


def partner_records(store: Client) -> tuple[FirestoreSubscriptions, FirestoreDeliveries]:
    """Give where subscriptions and deliveries are kept, to be read."""
    from functions.adapters.google.firestore_partners import FirestoreDeliveries, FirestoreSubscriptions

    return FirestoreSubscriptions(store), FirestoreDeliveries(store)


def partner_feed(settings: Settings, partners: PartnerSettings) -> Feed:
    """Give the topic that partners have subscriptions of their own on."""
    from workflows.runtime.partner_ports import NoFeed

    return deferred(lambda: _feed(settings, partners)) if partners.topic else NoFeed()


def _feed(settings: Settings, partners: PartnerSettings) -> Feed:
    from functions.adapters.google.pubsub_feed import PubsubFeed

    return PubsubFeed(_publisher_client(settings.pubsub_address), partners.topic)


def _publisher_client(address: str) -> PublisherClient:
    """The bare client knows nothing of PUBSUB_EMULATOR_HOST."""
    from google.pubsub_v1 import PublisherClient
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

    if not address:
        return PublisherClient()
    return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(address)))


def _tasks_client(address: str) -> CloudTasksClient:
    from google.cloud.tasks_v2 import CloudTasksClient
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

    if not address:
        return CloudTasksClient()
    return CloudTasksClient(transport=CloudTasksGrpcTransport(channel=grpc.insecure_channel(address)))
