"""The emulators as processes: what they serve, and that nothing of them is left whatever happens.

Where a test needs a JVM that misbehaves, a script called `java` on a PATH of its own takes its place.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from google.cloud import firestore, pubsub_v1

from functions.adapters.google.id_token import IdTokenVerifier
from functions.stack.emulators import EmulatorError, Emulators, missing
from functions.stack.relay import LocalKey, Relay, Route

SLEEP = shutil.which("sleep")
REPOSITORY = Path(__file__).parents[2]
JARS = (
    "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar",
    "platform/pubsub-emulator/lib/cloud-pubsub-emulator-0.9.1-all.jar",
)

# Notes its process group in a file beside itself.
NOTE_GROUP = """#!/bin/sh
(read -r line < /proc/$$/stat; set -- $line; echo "$5" >> "${0%/*}/groups")
"""

# Whenever it is called for the first time for a jar, a stranger who answers every call takes the port just before.
LOSE_THE_FIRST_RACE = """#!{python}
import os, socket, sys
mark = os.path.dirname(__file__) + ("/pubsub" if "pubsub" in " ".join(sys.argv) else "/firestore")
if not os.path.exists(mark):
    stranger = socket.create_server(("127.0.0.1", int(sys.argv[-1].removeprefix("--port="))))
    if os.fork() == 0:
        while True:
            call = stranger.accept()[0]
            call.recv(65536)
            call.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nOk\\n")
            call.close()
    stranger.close()
    open(mark, "w").close()
os.execv({java!r}, sys.argv)
"""

# Starts the emulators, tells their groups, and ends as the test wants.  A suite that runs in the background has Ctrl-C
# ignored, which every child would inherit.
START = """
import os, signal, sys
from pathlib import Path
from functions.stack.emulators import Emulators

signal.signal(signal.SIGINT, signal.default_int_handler)
emulators = Emulators(Path(sys.argv[1]))
emulators.start()
if sys.argv[2] == "fork":
    child = os.fork()
    if child == 0:
        sys.exit()
    os.waitpid(child, 0)
print(emulators._firestore._guard.pid, emulators._pubsub._guard.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    with Emulators(tmp_path_factory.mktemp("logs")) as running:
        yield running


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one folder on the PATH: a gcloud with both jars, of which only the names are real; no java."""
    for jar in JARS:
        (tmp_path / "sdk" / jar).parent.mkdir(parents=True)
        (tmp_path / "sdk" / jar).touch()
    folder = tmp_path / "sdk" / "bin"
    write_program(folder / "gcloud", "#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def write_program(file: Path, script: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(script)
    file.chmod(0o755)


def noted_groups(programs: Path) -> list[int]:
    notes = programs / "groups"
    return [int(line) for line in notes.read_text().split()] if notes.exists() else []


def groups_of(emulators: Emulators) -> list[int]:
    return [each._guard.pid for each in (emulators._firestore, emulators._pubsub) if each._guard is not None]


def members(groups: list[int]) -> list[int]:
    """The living processes of these groups, as the kernel lists them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(group) in groups and state not in "ZX":
            found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def listens(address: str) -> bool:
    host, _, port = address.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


@contextmanager
def started_elsewhere(logs: Path, what: str = "wait") -> Iterator[subprocess.Popen[str]]:
    """Another Python process that starts the emulators, and ends at the latest with the test."""
    parent = subprocess.Popen(
        [sys.executable, "-c", START, str(logs), what],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with parent:
        try:
            yield parent
        finally:
            parent.kill()


@pytest.mark.emulator
def test_nothing_is_missing_here() -> None:
    assert missing() == []


def test_each_thing_that_is_missing_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    java, gcloud, firestore, pubsub = missing()

    assert "apt-get install default-jre-headless" in java
    assert "https://cloud.google.com/sdk/docs/install" in gcloud
    assert "gcloud components install cloud-firestore-emulator" in firestore
    assert "gcloud components install pubsub-emulator" in pubsub


@pytest.mark.parametrize(("jar", "component"), [(JARS[0], "cloud-firestore-emulator"), (JARS[1], "pubsub-emulator")])
def test_a_component_that_is_not_installed_is_missing(programs: Path, jar: str, component: str) -> None:
    write_program(programs / "java", NOTE_GROUP)
    (programs.parent / jar).unlink()

    (sentence,) = missing()

    assert f"`gcloud components install {component}`" in sentence


def test_an_sdk_that_is_not_beside_its_command_is_asked_for(programs: Path, tmp_path: Path) -> None:
    programs.parent.rename(tmp_path / "elsewhere")
    write_program(programs / "gcloud", f"#!/bin/sh\necho {tmp_path / 'elsewhere'}\n")
    write_program(programs / "java", NOTE_GROUP)

    assert missing() == []


@pytest.mark.usefixtures("programs")
def test_what_is_missing_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="Java is missing"):
        Emulators(tmp_path / "logs").start()

    assert not (tmp_path / "logs").exists()


@contextmanager
def firestore_of(project: str) -> Iterator[firestore.Client]:
    client = firestore.Client(project=project)
    yield client
    client._firestore_api.transport.close()


@pytest.mark.emulator
def test_a_document_written_to_the_firestore_emulator_can_be_read(
    emulators: Emulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulators.firestore_address)
    with firestore_of("demo-read") as client:
        client.document("cases/kim").create({"stage": "지원"}, retry=None, timeout=30)

        read = client.document("cases/kim").get(retry=None, timeout=30)

    assert read.to_dict() == {"stage": "지원"}


@pytest.mark.emulator
def test_a_reset_deletes_the_documents_of_its_project_only(
    emulators: Emulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulators.firestore_address)
    with firestore_of("demo-kept") as kept, firestore_of("demo-reset") as reset:
        kept.document("cases/kim").create({}, retry=None, timeout=30)
        reset.document("cases/kim").create({}, retry=None, timeout=30)

        emulators.reset("demo-reset")

        assert kept.document("cases/kim").get(retry=None, timeout=30).exists
        assert not reset.document("cases/kim").get(retry=None, timeout=30).exists


class Function(ThreadingHTTPServer):
    """A function behind the relay: it verifies the token of each call as in production."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _FunctionHandler)
        self.verifier: IdTokenVerifier
        self.calls: list[tuple[str, str]] = []


class _FunctionHandler(BaseHTTPRequestHandler):
    server: Function
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        email = self.server.verifier.verify(self.headers.get_all("Authorization", []))
        self.server.calls.append((email, body["message"]["attributes"]["case"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def function_running() -> Iterator[Function]:
    with Function() as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.emulator
def test_a_published_message_reaches_its_function_through_the_relay_with_a_token_that_verifies(
    emulators: Emulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", emulators.pubsub_address)
    topic, subscription = "projects/demo/topics/events", "projects/demo/subscriptions/advance"
    routes: dict[str, Route] = {}
    with function_running() as function, Relay(LocalKey(), routes) as relay, pubsub_v1.SubscriberClient() as subscriber:
        audience = f"http://127.0.0.1:{function.server_port}"
        function.verifier = IdTokenVerifier(
            certs_url=relay.certs_url, audience=audience, emails=frozenset({"push@sadari"})
        )
        routes["advance"] = Route(audience, audience, "push@sadari")
        publisher = pubsub_v1.PublisherClient()
        publisher.create_topic(name=topic, retry=None, timeout=30)
        push = {"name": subscription, "topic": topic, "push_config": {"push_endpoint": f"{relay.url}/advance"}}
        subscriber.create_subscription(request=push, retry=None, timeout=30)

        publisher.publish(topic, b"{}", case="kim").result(timeout=30)
        publisher.stop()
        publisher.transport.close()  # type: ignore[no-untyped-call]

        wait_until(lambda: relay.delivered > 0)
        subscriber.delete_subscription(subscription=subscription, retry=None, timeout=30)
    assert function.calls == [("push@sadari", "kim")]


@pytest.mark.emulator
def test_stopped_emulators_leave_no_process_and_can_be_stopped_again(tmp_path: Path) -> None:
    emulators = Emulators(tmp_path)
    emulators.start()
    groups, addresses = groups_of(emulators), [emulators.firestore_address, emulators.pubsub_address]
    before = len(members(groups))

    emulators.stop()
    emulators.stop()

    assert before == 4
    assert members(groups) == []
    assert [listens(address) for address in addresses] == [False, False]
    with pytest.raises(EmulatorError, match="not running"):
        _ = emulators.firestore_address


@pytest.mark.emulator
def test_emulators_that_run_are_not_started_twice(emulators: Emulators) -> None:
    with pytest.raises(EmulatorError, match="already"):
        emulators.start()


@pytest.mark.emulator
def test_each_emulator_has_a_process_group_of_its_own(emulators: Emulators) -> None:
    firestore_group, pubsub_group = groups_of(emulators)

    assert len({os.getpgid(0), firestore_group, pubsub_group}) == 3


@pytest.mark.emulator
@pytest.mark.parametrize("end", ["exit", "kill"])
def test_the_jvms_end_with_the_process_that_started_them(tmp_path: Path, end: str) -> None:
    with started_elsewhere(tmp_path) as parent:
        assert parent.stdout is not None
        groups = [int(group) for group in parent.stdout.readline().split()]
        before = len(members(groups))

        if end == "kill":
            parent.kill()
        parent.communicate(timeout=60)

    assert before == 4
    wait_until(lambda: members(groups) == [])


@pytest.mark.emulator
def test_a_forked_child_that_ends_does_not_end_the_emulators(tmp_path: Path) -> None:
    with started_elsewhere(tmp_path, "fork") as parent:
        assert parent.stdout is not None
        groups = [int(group) for group in parent.stdout.readline().split()]

        assert len(members(groups)) == 4

        parent.communicate(timeout=60)
    assert members(groups) == []


@pytest.mark.emulator
def test_an_emulator_that_loses_the_race_for_its_port_takes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = shutil.which("java")
    write_program(tmp_path / "bin" / "java", LOSE_THE_FIRST_RACE.format(python=sys.executable, java=java))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    with Emulators(tmp_path / "logs") as emulators:
        groups = groups_of(emulators)

        assert (tmp_path / "bin" / "firestore").exists()
        assert (tmp_path / "bin" / "pubsub").exists()
        assert len(members(groups)) == 4
    assert members(groups) == []


def test_an_emulator_that_loses_every_race_is_given_up(tmp_path: Path, programs: Path) -> None:
    write_program(programs / "java", f"{NOTE_GROUP}echo java.net.BindException; exec {SLEEP} 600\n")

    with pytest.raises(EmulatorError, match=r"(?s)cloud-firestore-emulator found its port taken.*BindException"):
        Emulators(tmp_path / "logs").start()

    groups = noted_groups(programs)
    assert len(set(groups)) == 4
    assert members(groups) == []


def test_an_emulator_that_ends_at_boot_is_told_with_the_end_of_its_log(tmp_path: Path, programs: Path) -> None:
    write_program(programs / "java", f"{NOTE_GROUP}echo a; echo could not reserve heap >&2; exit 1\n")

    with pytest.raises(EmulatorError, match=r"(?s)cloud-firestore-emulator ended at boot.*could not reserve heap$"):
        Emulators(tmp_path / "logs").start()

    assert members(noted_groups(programs)) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("java", [f"exec {SLEEP} 600", f"trap '' TERM; {SLEEP} 600 & {SLEEP} 600"])
def test_a_start_that_is_broken_off_leaves_nothing_running(
    tmp_path: Path, programs: Path, java: str, number: signal.Signals
) -> None:
    write_program(programs / "java", f"{NOTE_GROUP}{java}\n")

    with started_elsewhere(tmp_path / "logs") as parent:
        wait_until(lambda: len(noted_groups(programs)) == 2)
        groups = noted_groups(programs)
        before = members(groups)
        parent.send_signal(number)
        parent.communicate(timeout=60)

    assert len(before) >= 4
    wait_until(lambda: members(groups) == [])


def test_an_emulator_is_asked_to_end_before_it_is_killed(tmp_path: Path, programs: Path) -> None:
    end = "echo >> ${0%/*}/ended; exit 0"
    write_program(programs / "java", f"{NOTE_GROUP}trap '{end}' TERM; {SLEEP} 600 & wait\n")

    with started_elsewhere(tmp_path / "logs") as parent:
        wait_until(lambda: len(noted_groups(programs)) == 2)
        wait_until(lambda: len(members(noted_groups(programs))) == 6)
        parent.send_signal(signal.SIGINT)
        parent.communicate(timeout=60)

    assert (programs / "ended").read_text() == "\n\n"
