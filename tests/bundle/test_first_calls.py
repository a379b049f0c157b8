"""First calls of the bundle's functions, each in a process of its own, on the emulators; and what they import."""

import base64
import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import urllib3

from functions.stack.functions_server import free_port
from functions.stack.local_stack import LocalStack
from functions.store_files import ENVIRONMENT
from schemas.messages import Verdict
from tests.support import bundle
from tests.support.first_call import NOW, FirstCall, first_calls, pushed, submitted
from workflows.definitions import LATEST
from workflows.runtime.ports import CaseStore

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(300)]

HERE = Path(__file__).parent
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()

MODELS = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
LOADED: Mapping[str, set[str]] = {
    "advance": MODELS,
    "api": MODELS | {"idna"},
    "attempt": MODELS | {"idna"},
    "bury": MODELS,
    "collect": MODELS | {"urllib3"},
    "console": MODELS
    | {"authlib", "certifi", "charset_normalizer", "cryptography", "cython_runtime", "idna", "joserfc"}
    | {"phonenumbers", "requests", "urllib3"},
    "deliver": MODELS | {"jinja2"},
    "intake": MODELS | {"phonenumbers", "urllib3"},
    "portal": MODELS | {"phonenumbers"},
    "reports": MODELS,
    "ring": MODELS,
    "sweep": MODELS,
}
"""What a function imports from elsewhere when it is loaded, beside the framework."""

STORE = {
    *("certifi", "charset_normalizer", "click", "cryptography", "cython_runtime", "flask", "grpc", "grpc_status"),
    *("google._upb", "google.api", "google.api_core", "google.auth", "google.cloud._helpers", "google.cloud.client"),
    *("google.cloud.exceptions", "google.cloud.firestore", "google.cloud.firestore_v1", "google.cloud.location"),
    *(
        "grpc_tools",
        "google.longrunning",
        "google.oauth2",
        "google.protobuf",
        "google.rpc",
        "google.type",
        "idna",
        "opentelemetry",
    ),
    *("proto", "requests", "urllib3"),
}
"""What Firestore's client brings with it, and the check of a token; grpc takes its tools where a desk has them."""

PUBLISHER = {"google.iam", "google.pubsub_v1"}
ALARMS = {"google.cloud.tasks_v2", "google.iam"}
LETTERS = {"dateutil", "icalendar", "jinja2", "phonenumbers"}
CALLED: Mapping[str, set[str]] = {
    "advance": PUBLISHER,
    "intake": PUBLISHER,
    "deliver": LETTERS,
    "sweep": LETTERS | ALARMS,
}
"""What the first call adds to that."""

MODULES_MAX = {"advance": 1_035, "bury": 1_010, "ring": 980}
"""Of everything, the interpreter's own included; 1,235 once, and 1,080 before workflows came one by one."""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle.unpack(tmp_path_factory.mktemp("unpacked") / "bundle")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle.python(tmp_path_factory.mktemp("python"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def stack(home: Path, unpacked: Path) -> Iterator[LocalStack]:
    sources = {"desk": {"secrets": [SECRET], "roles": ["applicant"]}}
    with LocalStack(home, key=b"k" * 32, sources=sources, sends=True, admitted=(), rooms=unpacked) as running:
        running.clock.turn(NOW)
        yield running


@pytest.fixture(scope="module")
def cases(stack: LocalStack) -> CaseStore:
    """Made here, where the environment still names the emulator."""
    return stack.cloud().ports.cases


@pytest.fixture(scope="module")
def environment(stack: LocalStack, home: Path) -> dict[str, str]:
    assert stack.settings.project, "it is running"
    given: dict[str, str] = json.loads((home / ENVIRONMENT).read_text(encoding="utf-8"))
    return given


@pytest.mark.parametrize("target", sorted(LOADED))
def test_a_function_answers_its_first_call_and_imports_only_what_it_is_allowed(
    stack: LocalStack, unpacked: Path, python: Path, environment: dict[str, str], target: str
) -> None:
    call = first_calls(stack, "desk", SECRET)[target]

    told = first_call(python, unpacked, target, call, environment)

    assert told["status"] == call.status, told["text"]
    assert set(told["load"]) <= LOADED[target]
    assert set(told["call"]) <= LOADED[target] | STORE | CALLED.get(target, set())
    assert told["modules"] <= MODULES_MAX.get(target, 1_400)
    assert strangers(told["ours"], target) == []
    assert told["collects"], "garbage waits for the end of the first call, and no longer"


def test_an_event_brings_in_the_one_workflow_that_takes_it(
    stack: LocalStack, unpacked: Path, python: Path, environment: dict[str, str]
) -> None:
    call = first_calls(stack, "desk", SECRET)["advance"]

    ours = set(first_call(python, unpacked, "advance", call, environment)["ours"])

    assert {f"workflows.definitions.{name}" for name in LATEST} & ours == {"workflows.definitions.application"}
    assert {f"schemas.notices.{name}" for name in LATEST} & ours == {"schemas.notices.application"}


def test_every_function_has_its_budget(stack: LocalStack) -> None:
    assert set(first_calls(stack, "desk", SECRET)) == set(LOADED)


def test_sixteen_first_calls_at_once_are_all_answered_with_clients_made_once(
    stack: LocalStack, cases: CaseStore, unpacked: Path, python: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    messages = [submitted(number) for number in range(100, 116)]
    headers = {"Authorization": f"Bearer {stack.token()}", "Content-Type": "application/json"}
    together = threading.Barrier(len(messages))
    port = free_port()

    def call(number: int) -> int:
        together.wait()
        body = pushed(messages[number].model_dump_json())
        with urllib3.PoolManager() as http:
            return http.request("POST", f"http://127.0.0.1:{port}/", body=body, headers=headers, timeout=60).status

    log = tmp_path / "log"
    command = [python, "-P", HERE / "counted.py", *bundle.options(unpacked, "advance", port)]
    with bundle.served(command, {**environment, "THREADS": "16"}, log, port), ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(call, range(16)))

    entries = [cases.entry(message.case, message.id) for message in messages]
    assert statuses == [204] * 16, log.read_text(encoding="utf-8")[-2000:]
    assert [entry.verdict for entry in entries if entry is not None] == [Verdict.APPLIED] * 16
    made = [line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("made ")]
    assert sorted(made) == ["made Client", "made PublisherClient"]


def first_call(
    python: Path, unpacked: Path, target: str, call: FirstCall, environment: dict[str, str]
) -> dict[str, Any]:
    """Load a function in a process of its own, call it once, and give what it told."""
    done = subprocess.run(
        [python, "-P", HERE / "load.py", unpacked / "main.py", target],
        input=json.dumps(call.to_json()),
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def strangers(ours: list[str], target: str) -> list[str]:
    """Name our own modules that are another function's, or only the embedded backend's."""
    sites = {f"functions.{site}." for site in ("console", "portal", "api")} - {f"functions.{target}."}
    others = {f"functions.entrypoints.{name}" for name in LOADED} - {f"functions.entrypoints.{target}"}
    if target == "bury":
        others -= {"functions.entrypoints.advance"}
    foreign = (*sites, "functions.embedded", "functions.worker", "functions.adapters.local.sqlite")
    return [name for name in ours if name.startswith(foreign) or name in others]
