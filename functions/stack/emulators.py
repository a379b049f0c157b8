"""The gcloud Firestore and Pub/Sub emulators, started from their jars and ended without a trace.

The jars are started directly: an interrupted `gcloud beta emulators` wrapper leaves its JVM running.

Each emulator is one process group of two.  The *guard* is a shell that waits for the end of its standard input, a pipe
that only this process holds open; then it kills its group.  So the JVM ends with this process however that ends,
`kill -9` included.  The guard starts first and the JVM joins its group, so an interrupt between the two leaves nothing
behind, and the group's number cannot be given to strangers while we may still signal it.  (Linux's parent-death signal
would need a `preexec_fn`, unsafe beside threads, and rings when the starting *thread* ends.)
"""

import atexit
import contextlib
import functools
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote

_HOST = "127.0.0.1"
_JVM_OPTIONS = "-Xmx512m -XX:+UseSerialGC"
_GUARD = ("/bin/sh", "-c", "trap '' TERM; read -r _; kill -KILL 0")
_BOOTS_MAX = 3
_BOOT_SECONDS_MAX = 60.0
_STOP_SECONDS_MAX = 5.0
_RESET_SECONDS_MAX = 60.0
_POLL_SECONDS = 0.05


class EmulatorError(RuntimeError):
    """An emulator is missing, ended at boot, or refuses a request."""


class _Program(NamedTuple):
    """How one emulator is found below the SDK root, and started."""

    component: str
    debian_package: str
    jar: str
    before_jar: tuple[str, ...]
    after_jar: tuple[str, ...]


_FIRESTORE = _Program(
    component="cloud-firestore-emulator",
    debian_package="google-cloud-cli-firestore-emulator",
    jar="platform/cloud-firestore-emulator/cloud-firestore-emulator*.jar",
    # Its own launcher asks for English: only English error messages are supported.
    before_jar=("-Duser.language=en", "-cp"),
    after_jar=("com.google.cloud.datastore.emulator.firestore.CloudFirestore",),
)
_PUBSUB = _Program(
    component="pubsub-emulator",
    debian_package="google-cloud-cli-pubsub-emulator",
    jar="platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar",
    before_jar=("-jar",),
    after_jar=(),
)


def missing() -> list[str]:
    """Give one sentence for each thing the emulators need and this machine lacks, with the command that installs it."""
    sentences = []
    if shutil.which("java") is None:
        sentences.append("Java is missing: `apt-get install default-jre-headless`.")
    if shutil.which("gcloud") is None:
        sentences.append("gcloud is missing: see https://cloud.google.com/sdk/docs/install.")
    sentences += [
        f"The gcloud component {program.component} is missing: `gcloud components install {program.component}`"
        f" (gcloud from a Debian package: `apt-get install {program.debian_package}`)."
        for program in (_FIRESTORE, _PUBSUB)
        if _jar(program) is None
    ]
    return sentences


def _jar(program: _Program) -> Path | None:
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return None
    return max(_sdk_root(gcloud).glob(program.jar), default=None)


@functools.cache
def _sdk_root(gcloud: str) -> Path:
    """Give the SDK's folder: beside the resolved command as a rule; asking gcloud itself takes most of a second."""
    beside = Path(gcloud).resolve().parent.parent
    if (beside / "platform").is_dir():
        return beside
    question = [gcloud, "info", "--format=value(installation.sdk_root)"]
    asked = subprocess.run(question, capture_output=True, text=True, timeout=60, check=False)
    return Path(asked.stdout.strip() or beside)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _status(method: str, port: int, path: str, *, seconds_max: float, body: str = "") -> int:
    connection = http.client.HTTPConnection(_HOST, port, timeout=seconds_max)
    try:
        connection.request(method, path, body or None, {"Content-Type": "application/json"} if body else {})
        return connection.getresponse().status
    finally:
        connection.close()


class _Emulator:
    """One emulator: its guard, its JVM and its log.

    The log is read as well as kept.  After losing a race for its port the Pub/Sub emulator stays alive, and whoever won
    the race may answer the health check (measured with 0.8.20), so only the log tells which server is ours.
    """

    def __init__(self, program: _Program, logs: Path) -> None:
        self.port = 0
        self._program = program
        self._log = logs / f"{program.component}.log"
        self._guard: subprocess.Popen[bytes] | None = None
        self._jvm: subprocess.Popen[bytes] | None = None

    def launch(self, *arguments: str, port: int = 0) -> None:
        self.port = port or _free_port()
        self._guard = subprocess.Popen(
            _GUARD, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
        )
        with self._log.open("wb") as log:
            self._jvm = subprocess.Popen(
                [*self._command(), *arguments],
                env={**os.environ, "JAVA_TOOL_OPTIONS": _JVM_OPTIONS},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=self._guard.pid,
            )

    def _command(self) -> list[str]:
        program = self._program
        java = shutil.which("java") or "java"
        return [
            java,
            *program.before_jar,
            str(_jar(program)),
            *program.after_jar,
            f"--host={_HOST}",
            f"--port={self.port}",
        ]

    def wait_until_ready(self, *, deadline: float) -> None:
        """Return once the emulator answers; where its port was taken meanwhile, try again on another."""
        boots = 1
        while not self._is_ready():
            if "BindException" in self._logged():
                if boots == _BOOTS_MAX:
                    raise self._failure("found its port taken each time")
                self.ask_to_end()
                self.end(deadline=time.monotonic())
                self.launch()
                boots += 1
            elif self._jvm is None or self._jvm.poll() is not None:
                raise self._failure("ended at boot")
            elif time.monotonic() > deadline:
                raise self._failure("did not answer in time")
            time.sleep(_POLL_SECONDS)

    def _is_ready(self) -> bool:
        # A booted emulator logs its port number; one that failed to bind never does.
        if not re.search(rf"\b{self.port}\b", self._logged()):
            return False
        try:
            return _status("GET", self.port, "/", seconds_max=2.0) == http.client.OK
        except (OSError, http.client.HTTPException):
            return False

    def _logged(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _failure(self, what: str) -> EmulatorError:
        tail = "\n".join(self._logged().splitlines()[-20:])
        return EmulatorError(f"the gcloud {self._program.component} {what}; its log [{self._log}] ends:\n{tail}")

    def ask_to_end(self) -> None:
        self._signal_group(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal_group(signal.SIGKILL)
        self.end(deadline=time.monotonic())

    def end(self, *, deadline: float) -> None:
        """Wait for the JVM until the deadline, then kill whatever is left of the group."""
        if self._guard is None:
            return
        if self._jvm is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._jvm.wait(timeout=max(0.0, deadline - time.monotonic()))
        self._signal_group(signal.SIGKILL)
        if self._jvm is not None:
            self._jvm.wait()
        self._guard.communicate()
        self._guard = self._jvm = None

    def _signal_group(self, number: signal.Signals) -> None:
        # The guard is waited for last, so its number still names this group and no other.
        if self._guard is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._guard.pid, number)


class Emulators:
    """Both emulators on free local ports, from `start` until `stop` or the end of this process.

    Also a context manager.  Everything they hold is in memory and gone with them.
    """

    def __init__(self, logs: Path) -> None:
        """Start nothing yet.

        Args:
            logs: The folder for the two log files; made if need be.
        """
        self._logs = logs
        self._firestore = _Emulator(_FIRESTORE, logs)
        self._pubsub = _Emulator(_PUBSUB, logs)
        self._started_by: int | None = None

    def start(self) -> None:
        """Start both side by side and return when both answer; on failure or interrupt, leave nothing running.

        Raises:
            EmulatorError: Something is missing, or an emulator ended at boot; the message has the end of its log.
        """
        if self._started_by is not None:
            raise EmulatorError("the emulators were started already")
        if lacking := missing():
            raise EmulatorError("\n".join(lacking))
        self._logs.mkdir(parents=True, exist_ok=True)
        self._started_by = os.getpid()
        atexit.register(self.stop)
        try:
            self._firestore.launch()
            self._pubsub.launch()
            deadline = time.monotonic() + _BOOT_SECONDS_MAX
            self._firestore.wait_until_ready(deadline=deadline)
            self._pubsub.wait_until_ready(deadline=deadline)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End both with every process they started; safe to repeat, and without effect in a forked child."""
        if self._started_by != os.getpid():
            return
        self._firestore.ask_to_end()
        self._pubsub.ask_to_end()
        deadline = time.monotonic() + _STOP_SECONDS_MAX
        self._firestore.end(deadline=deadline)
        self._pubsub.end(deadline=deadline)
        self._started_by = None
        atexit.unregister(self.stop)

    @property
    def firestore_address(self) -> str:
        """Give the value for `FIRESTORE_EMULATOR_HOST`, as host:port."""
        return self._address(self._firestore)

    @property
    def pubsub_address(self) -> str:
        """Give the value for `PUBSUB_EMULATOR_HOST`, as host:port."""
        return self._address(self._pubsub)

    def _address(self, emulator: _Emulator) -> str:
        if self._started_by is None:
            raise EmulatorError("the emulators are not running")
        return f"{_HOST}:{emulator.port}"

    def reset(self, project: str) -> None:
        """Delete every Firestore document of one project; other projects are untouched."""
        port = int(self.firestore_address.rpartition(":")[2])
        path = f"/emulator/v1/projects/{quote(project, safe='')}/databases/(default)/documents"
        status = _status("DELETE", port, path, seconds_max=_RESET_SECONDS_MAX)
        if status != http.client.OK:
            raise EmulatorError(f"the Firestore emulator answered [{status}] to the reset of [{project}]")

    def export(self, project: str, folder: Path) -> Path:
        """Write a backup of one project's documents into a folder, and give what `restore` takes."""
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {
            "database": f"projects/{project}/databases/(default)",
            "export_directory": str(folder.resolve()),
            "export_name": "backup",
        }
        port = int(self.firestore_address.rpartition(":")[2])
        path = f"/emulator/v1/projects/{quote(project, safe='')}:export"
        status = _status("POST", port, path, seconds_max=_RESET_SECONDS_MAX, body=json.dumps(wanted))
        if status != http.client.OK:
            raise EmulatorError(f"the Firestore emulator answered [{status}] to the export of [{project}]")
        return folder.resolve() / "backup" / "backup.overall_export_metadata"

    def kill_firestore(self) -> None:
        """End the Firestore emulator with `kill -9`: what it held is gone."""
        self._firestore.kill()

    def restore_firestore(self, backup: Path) -> None:
        """Start it again at the same address, with what a backup holds."""
        self._firestore.launch(f"--seed_from_export={backup}", port=self._firestore.port)
        self._firestore.wait_until_ready(deadline=time.monotonic() + _BOOT_SECONDS_MAX)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
