"""Everything a developer needs, on this machine: emulators, Cloud Tasks, signing relay, functions, a clock to turn."""

import base64
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc
import urllib3
from google.cloud.tasks_v2 import CloudTasksClient, Queue
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from functions.bootstrap import Cloud, file_clock
from functions.settings import Settings
from functions.stack.arrived import MAIL, MESSAGES
from functions.stack.cloud_tasks import CloudTasksServer
from functions.stack.emulators import Emulators
from functions.stack.functions_server import CHECKOUT, FunctionsServer, free_port
from functions.stack.issuer import LocalIssuer, seat_staff
from functions.stack.relay import LocalKey, Relay, Route
from functions.stack.traces import traces_to
from functions.store_files import write_environment
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.ports import Ports

PROJECT = "demo-sadari"
ORIGIN = "sadari.local"
"""Who asks receivers for consent."""

CALLER = f"caller@{PROJECT}.iam.gserviceaccount.com"
LOCATION = f"projects/{PROJECT}/locations/asia-northeast3"
QUEUE = f"{LOCATION}/queues/timers"
PARTNER_EVENTS = f"projects/{PROJECT}/topics/partner-events"
DELIVERIES = f"{LOCATION}/queues/deliveries"
DEAD = "dead-letters"
ATTEMPTS_MAX = 5

PUSHED_STAND_BACK = 10
PUSHED = {"events": "advance", "notices": "deliver", "forms": "collect", DEAD: "bury"}
"""By topic: the function that its subscription pushes to."""


class LocalStack:
    """The local stack.  Start it once; stop it as often as you like.

    Attributes:
        settings: What the functions run with.
        functions_url: Where they are served, each under its own name.
        emulators: Firestore and Pub/Sub.
    """

    def __init__(
        self,
        home: Path,
        *,
        key: bytes,
        sources: Mapping[str, object],
        sends: bool = False,
        admitted: Sequence[str] | None = None,
        traces: bool = False,
        forms: str = "",
        rooms: Path = CHECKOUT,
    ) -> None:
        """Start nothing yet.

        Args:
            home: A folder for logs and the clock.
            key: Names persons without showing their contacts.
            sources: Who may send to `intake`, as in SADARI_SOURCES.
            sends: Whether letters are sent, to a mail server and a dealer of the stack's own.
            admitted: Receivers of partners on this machine, `127.0.0.1:PORT`; None: partners are not told.
            traces: Whether every call writes its spans to `spans.jsonl`.
            forms: The secrets of connections, as in SADARI_FORMS.
            rooms: The folder whose functions are served: the checkout, or an unpacked bundle.
        """
        self._sends = sends
        self._admitted = admitted
        self._traces = traces
        self._forms = forms
        self._rooms = rooms
        self._home = home
        self._key = key
        self._sources = sources
        self._running = ExitStack()
        self._signer = LocalKey()
        self.clock = file_clock(home / "clock")
        self._addresses: dict[str, str] = {}
        self.settings: Settings
        self.emulators: Emulators
        self.functions_url = ""
        self._behind_url = ""

    def start(self, tell: Callable[[str], None] = lambda _line: None) -> None:
        """Start everything, in the order of need.

        Args:
            tell: Told each step in a few words.

        Raises:
            FunctionsError: The functions did not come up.
            EmulatorError: An emulator did not come up, or is missing.
        """
        try:
            self._start(tell)
        except BaseException:
            self.stop()
            raise

    def _start(self, tell: Callable[[str], None]) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        (self._home / "clock").unlink(missing_ok=True)
        tell("Firestore and Pub/Sub emulators")
        emulators = self.emulators = self._running.enter_context(Emulators(self._home))
        tell("Cloud Tasks, signing relay")
        tasks = self._running.enter_context(CloudTasksServer(now=self.clock.now, sign=self._signer.sign))
        routes: dict[str, Route] = {}
        relay = self._running.enter_context(Relay(self._signer, routes))
        port = free_port()
        self.functions_url = f"http://127.0.0.1:{port}"
        # What is pushed has a process of its own, and stands back: people wait for the others.
        behind = free_port()
        self._behind_url = f"http://127.0.0.1:{behind}"
        routes.update({name: Route(self._behind_url, self._behind_url, CALLER) for name in PUSHED.values()})
        tell("issuer")
        issuer = self._running.enter_context(LocalIssuer(self._home))
        console = issuer.console(f"{self.functions_url}/console")
        pages = {"SADARI_CONSOLE": console, "SADARI_PORTAL_URL": f"{self.functions_url}/portal"}
        environment = {
            **self._environment(emulators, tasks, relay),
            **pages,
            **self._partnering(),
            **self._sending(tell),
        }
        self.settings = Settings.from_env(environment)
        write_environment(self._home, environment)
        os.environ["FIRESTORE_EMULATOR_HOST"] = emulators.firestore_address  # the client library reads it itself
        self._running.callback(os.environ.pop, "FIRESTORE_EMULATOR_HOST", None)
        tell("topics, subscriptions, queues")
        _make_topics(emulators.pubsub_address, relay.url)
        _make_queue(tasks.address)
        seat_staff(Cloud(self.settings).staff_ports.members)
        tell("functions")
        rooms = self._rooms
        pushed = FunctionsServer(
            self._home, environment, behind, name="pushed", niceness=PUSHED_STAND_BACK, rooms=rooms
        )
        self._running.callback(pushed.stop)
        pushed.begin()
        self._running.enter_context(FunctionsServer(self._home, environment, port, rooms=rooms))
        pushed.wait()
        self._addresses = {
            "console": f"{self.functions_url}/console/",
            "portal": f"{self.functions_url}/portal/apply/{{round}}",
            "intake": f"{self.functions_url}/intake/desk/",
            "API": f"{self.functions_url}/api/",
            "functions": f"{self.functions_url}/{{name}}",
            "Firestore": emulators.firestore_address,
            "Pub/Sub": emulators.pubsub_address,
            "Cloud Tasks": tasks.address,
            "signing relay": relay.url,
            "logs": str(self._home),
        }

    def _environment(self, emulators: Emulators, tasks: CloudTasksServer, relay: Relay) -> dict[str, str]:
        return {
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "FIRESTORE_EMULATOR_HOST": emulators.firestore_address,
            "PUBSUB_EMULATOR_HOST": emulators.pubsub_address,
            "SADARI_TASKS_ADDRESS": tasks.address,
            "SADARI_CLOCK": str(self._home / "clock"),
            "SADARI_KEY": base64.b64encode(self._key).decode(),
            "SADARI_CALLER": CALLER,
            "SADARI_AUDIENCE": self._behind_url,
            "SADARI_CERTS_URL": relay.certs_url,
            "SADARI_QUEUE": QUEUE,
            "SADARI_RING_URL": f"{self._behind_url}/ring",
            "SADARI_SOURCES": json.dumps(self._sources),
            "SADARI_FORMS": self._forms,
            **({"SADARI_TRACES": traces_to(self._home)} if self._traces else {}),
        }

    def _partnering(self) -> dict[str, str]:
        if self._admitted is None:
            return {}
        api, attempts = f"{self.functions_url}/api", f"{self._behind_url}/attempt"
        told = {"origin": ORIGIN, "url": api, "queue": DELIVERIES, "attempt_url": attempts, "topic": PARTNER_EVENTS}
        return {"SADARI_PARTNERS": json.dumps({**told, "admitted": list(self._admitted)})}

    def partners(self) -> tuple[Ports, PartnerPorts]:
        """Give what telling partners needs, in this process."""
        cloud = self.cloud()
        return cloud.ports, cloud.partner_ports

    def _sending(self, tell: Callable[[str], None]) -> dict[str, str]:
        """Start a mail server and a dealer of messages if letters are to be sent, and say where they are."""
        if not self._sends:
            return {}
        from functions.stack.post_office import PostOffice  # noqa: PLC0415  the mail server is a developer's tool

        tell("mail server, dealer of messages")
        for folder in (MAIL, MESSAGES):  # the emulators begin empty, and so does what their people received
            shutil.rmtree(self._home / folder, ignore_errors=True)
        return self._running.enter_context(PostOffice(self._home, self.functions_url)).environment()

    def addresses(self) -> dict[str, str]:
        """Give what a developer wants to know, by name."""
        return self._addresses

    def work(self) -> None:
        """Do nothing: Pub/Sub and Cloud Tasks do the work."""

    def sweep(self) -> None:
        """Call `sweep`, as Cloud Scheduler would."""
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}
        urllib3.request("POST", f"{self.functions_url}/sweep", body=b"{}", headers=headers, timeout=60)

    def token(self) -> str:
        """Give a token as Cloud Scheduler would send it."""
        return self._signer.sign(CALLER, self._behind_url)

    def cloud(self) -> Cloud:
        """Give the same backend as the functions have, for this process."""
        return Cloud(self.settings)

    def stop(self) -> None:
        """End everything that was started.  May be repeated."""
        self._running.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop()


def _make_topics(address: str, relay_url: str) -> None:
    """Make the topics, each with a push subscription to its function; what fails there five times is dead-lettered."""
    with grpc.insecure_channel(address) as channel:
        publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        publisher.create_topic(name=PARTNER_EVENTS, retry=None, timeout=20)
        for topic in PUSHED:
            publisher.create_topic(name=f"projects/{PROJECT}/topics/{topic}", retry=None, timeout=20)
        for topic, function in PUSHED.items():
            subscription: dict[str, object] = {
                "name": f"projects/{PROJECT}/subscriptions/{topic}-{function}",
                "topic": f"projects/{PROJECT}/topics/{topic}",
                "push_config": {"push_endpoint": f"{relay_url}/{function}"},
                "ack_deadline_seconds": 600,
                "retain_acked_messages": True,  # so that it can be sought back, as production's topics allow
                "retry_policy": {"minimum_backoff": {"seconds": 1}, "maximum_backoff": {"seconds": 10}},
            }
            if topic != DEAD:
                dead = f"projects/{PROJECT}/topics/{DEAD}"
                subscription["dead_letter_policy"] = {"dead_letter_topic": dead, "max_delivery_attempts": ATTEMPTS_MAX}
            subscriber.create_subscription(request=subscription, retry=None, timeout=20)


def _make_queue(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        client = CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        for name in (QUEUE, DELIVERIES):
            client.create_queue(parent=LOCATION, queue=Queue(name=name))
