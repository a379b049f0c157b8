"""What a drill compares before and after, and the ways back that an operator has."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import grpc
from google.cloud import firestore
from google.protobuf.timestamp_pb2 import Timestamp
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from functions.stack.local_stack import PROJECT, LocalStack
from schemas.ids import CaseId, MessageId
from schemas.messages import Entry
from workflows.runtime.ports import Ports
from workflows.runtime.verify import verify_all

PATIENCE_SECONDS = 90.0


@dataclass(frozen=True)
class Standing:
    """All that matters of a store: who stands where, what was heard, and what was told."""

    stages: dict[str, str]
    heard: frozenset[tuple[CaseId, MessageId]]
    notices: frozenset[str]
    people: frozenset[str]

    @classmethod
    def of(cls, ports: Ports) -> "Standing":
        cases = list(ports.cases.find())
        entries = [
            (case.id, Entry.model_validate_json(text)) for case in cases for text, _ in ports.cases.history(case.id)
        ]
        client = firestore.Client(project=PROJECT)
        told = frozenset(row.id for row in client.collection("notices").select([]).stream())
        return cls(
            {case.id: case.stage for case in cases},
            frozenset((case, entry.message.id) for case, entry in entries),
            told,
            frozenset(ports.vault.people()),
        )


def faults(ports: Ports) -> list[str]:
    """Prove every history."""
    proofs = verify_all(ports.cases.ids(), ports.cases, ports.facts)
    return [f"{finding.case}: {finding.text}" for _, finding in proofs if finding is not None]


def wait_until(is_so: Callable[[], bool]) -> bool:
    """Wait for something that has to come, and say whether it came."""
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > gives_up_at:
            return False
        time.sleep(0.3)
    return True


@contextmanager
def subscriber(stack: LocalStack) -> Iterator[SubscriberClient]:
    """Give what `gcloud pubsub subscriptions` speaks with."""
    with grpc.insecure_channel(stack.emulators.pubsub_address) as channel:
        yield SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))


def seek(stack: LocalStack, name: str, to: datetime) -> None:
    """Play a subscription's messages again from an instant on, as `gcloud pubsub subscriptions seek --time` does."""
    moment = Timestamp()
    moment.FromDatetime(to)
    with subscriber(stack) as client:
        request = {"subscription": f"projects/{PROJECT}/subscriptions/{name}", "time": moment}
        client.seek(request=request, retry=None, timeout=20)


@contextmanager
def held_back(stack: LocalStack, *names: str) -> Iterator[None]:
    """Let these subscriptions keep what arrives, and push it afterwards."""
    with subscriber(stack) as client:
        named = {name: f"projects/{PROJECT}/subscriptions/{name}" for name in names}
        pushes = {name: client.get_subscription(subscription=path).push_config for name, path in named.items()}
        for path in named.values():
            client.modify_push_config(request={"subscription": path, "push_config": {}}, retry=None, timeout=20)
        yield
        for name, path in named.items():
            request = {"subscription": path, "push_config": pushes[name]}
            client.modify_push_config(request=request, retry=None, timeout=20)
