"""The receivers of the partners' guide take what we really send, in Python and in JavaScript."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
import urllib3

from functions.adapters.webhook.pinned_caller import PinnedCaller
from functions.embedded import Embedded
from functions.stack.functions_server import free_port
from schemas.catalogue import CATALOGUE
from schemas.deliveries import DeliveryState
from schemas.ids import CaseId, MessageId
from schemas.messages import Notice
from schemas.roles import PARTNERS
from schemas.subscriptions import SubscriptionState
from tests.conftest import NODE, NPM
from tests.support.subscribers import Subscribers
from workflows.runtime.fan_out import fan_out
from workflows.runtime.promised import EXAMPLES, WORKFLOW_OF
from workflows.runtime.signature import signature_of
from workflows.runtime.subscribe import Wish, rotate, subscribe

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "examples"
PACKAGES = ("standardwebhooks@1.1.1", "cloudevents@10.0.0")
OUTSIDE = dict(os.environ)
"""What npm goes by; a test has an empty environment."""

FIRST = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
SECOND = "whsec_YWJjZGVmMDEyMzQ1Njc4OTAxMjM0NTY3ODlhYmNkZWY="
TOLD = [each for each in CATALOGUE if each.data.__name__ not in {"ConsentWithdrawn", "SubscriptionTested"}]


@pytest.fixture(scope="session")
def modules() -> Path:
    """A folder with the packages that partners use, made once on this machine, outside of the tree."""
    cache = Path(OUTSIDE.get("XDG_CACHE_HOME") or Path(OUTSIDE.get("HOME", "/tmp")) / ".cache")
    folder = cache / "sadari" / "-".join(PACKAGES).replace("@", "-")
    if not (folder / "node_modules" / "cloudevents").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}", encoding="ascii")
        flags = ("--no-audit", "--no-fund", "--ignore-scripts", "--silent")
        subprocess.run(
            [NPM, "install", *flags, *PACKAGES], cwd=folder, env=OUTSIDE, check=True, capture_output=True, timeout=110
        )
    return folder


@pytest.fixture(params=["receiver.py", pytest.param("receiver.mjs", marks=pytest.mark.node)])
def command(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[list[str], Path]:
    """How to start a receiver, and where."""
    if request.param.endswith(".py"):
        return [sys.executable, str(GUIDE / request.param)], tmp_path
    return [NODE, str(GUIDE / request.param)], request.getfixturevalue("modules")


class Running:
    """A receiver in a process of its own."""

    def __init__(self, command: list[str], folder: Path, printed: IO[bytes]) -> None:
        self.port = free_port()
        environment = {"SADARI_SECRET": FIRST, "SADARI_ORIGIN": "sadari.example", "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            [*command, str(self.port)], cwd=folder, env=environment, stdout=printed, stderr=printed
        )
        self.url = f"http://127.0.0.1:{self.port}/notices"
        gives_up_at = time.monotonic() + 30
        while not self._answers() and time.monotonic() < gives_up_at:
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return urllib3.request("OPTIONS", self.url, retries=False).status == 403
        except urllib3.exceptions.HTTPError:
            return False


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    return tmp_path / "printed"


@pytest.fixture
def receiver(command: tuple[list[str], Path], printed: Path) -> Iterator[Running]:
    with printed.open("wb") as output:
        running = Running(*command, output)
        yield running
        running.process.terminate()
        running.process.wait(10)


@pytest.fixture
def partners(tmp_path: Path, receiver: Running) -> Iterator[Subscribers]:
    """Partners that are really called; the clock goes, as that of receivers does."""
    embedded = Embedded(tmp_path / "sadari.db")
    made = Subscribers(embedded)
    admitted = frozenset({("127.0.0.1", receiver.port)})
    object.__setattr__(made.ports, "caller", PinnedCaller(ours=frozenset(), admitted=admitted))
    yield made
    embedded.close()


def subscribed(partners: Subscribers, receiver: Running) -> str:
    wish = Wish(partner="city", url=receiver.url, types=("kr.sadari.*",), contact="ops@city.example")
    ports = partners.embedded.ports
    made, why = subscribe(wish, secret=FIRST, grant="t", by="kim", ports=ports, partners=partners.ports)
    assert (made.state, why) == (SubscriptionState.ACTIVE, "")
    return made.id


def notice(number: int, name: str) -> Notice:
    return Notice(
        id=MessageId(f"notice-{number}"),
        type=name,
        role=PARTNERS.name,
        case=CaseId("case-1"),
        workflow=WORKFLOW_OF[name],
        cohort="2027-1",
        programme="gwangju-ai",
        seq=number + 1,
        data=dict(EXAMPLES[name]),
        at=datetime(2027, 4, 16, 9, 0, tzinfo=UTC),
    )


def send(partners: Subscribers, number: int, name: str) -> list[DeliveryState | None]:
    fan_out(notice(number, name), partners.embedded.ports, partners.ports)
    return partners.until(partners.embedded.clock.now())


def test_a_receiver_of_the_guide_verifies_every_type_and_prints_it_once(
    partners: Subscribers, receiver: Running, printed: Path
) -> None:
    subscribed(partners, receiver)

    states = [state for number, each in enumerate(TOLD) for state in send(partners, number, each.data.__name__)]

    assert states == [DeliveryState.DELIVERED] * len(TOLD)
    lines = printed.read_text(encoding="utf-8").splitlines()
    assert [line.split()[0] for line in lines] == [each.type for each in TOLD]


def test_a_receiver_of_the_guide_goes_on_while_the_secret_is_replaced(partners: Subscribers, receiver: Running) -> None:
    name = subscribed(partners, receiver)
    rotate(name, SECOND, partners.embedded.ports, partners.ports)  # type: ignore[arg-type]

    assert send(partners, 1, "RoundFilled") == [DeliveryState.DELIVERED]


def test_a_receiver_of_the_guide_refuses_what_we_did_not_sign(receiver: Running, printed: Path) -> None:
    now, body = str(int(time.time())), b"{}"
    old, good = "1614265330", signature_of("m", now, body, FIRST)
    forged = [
        {},
        {"webhook-id": "m", "webhook-timestamp": now, "webhook-signature": signature_of("m", now, body, SECOND)},
        {"webhook-id": "n", "webhook-timestamp": now, "webhook-signature": good},
        {"webhook-id": "m", "webhook-timestamp": old, "webhook-signature": signature_of("m", old, body, FIRST)},
        *(
            {"webhook-id": "m", "webhook-timestamp": now, "webhook-signature": each}
            for each in ("v1", "v1,%", ",", "é")
        ),
        *(
            {"webhook-id": "m", "webhook-timestamp": each, "webhook-signature": good}
            for each in ("NaN", "1e9", "", now + "0")
        ),
    ]

    statuses = [urllib3.request("POST", receiver.url, body=body, headers=each, retries=False).status for each in forged]

    assert statuses == [401] * len(forged)
    assert printed.read_text(encoding="utf-8") == ""


def test_the_vector_that_standard_webhooks_publishes_is_signed_the_same() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    signed = signature_of("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}', secret)

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
