"""A real OpenID Connect issuer for the local stack and the tests, in a process of its own, and the staff it knows."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3

from functions.stack.functions_server import free_port
from schemas.staff import Grant, Member
from workflows.runtime.staff_ports import Members

START_SECONDS_MAX = 30.0
OK = 200
MODULE = "oidc_provider_mock"
CLIENT, SECRET = "sadari-console", "only the local stack's"

STAFF = (
    Member(id="operator-1", email="operator1@sadari.example", name="김운영", grants=(Grant(role="operator"),)),
    Member(id="operator-2", email="operator2@sadari.example", name="이운영", grants=(Grant(role="operator"),)),
    Member(id="operator-3", email="operator3@sadari.example", name="서운영", grants=(Grant(role="operator"),)),
    Member(id="lead-1", email="lead@sadari.example", name="박총괄", grants=(Grant(role="lead"),)),
    Member(id="city-1", email="city@sadari.example", name="최시청", grants=(Grant(role="city"),)),
    Member(
        id="university-1",
        email="jnu@sadari.example",
        name="정대학",
        grants=(Grant(role="university", university="전남대학교"),),
    ),
    Member(id="reviewer-1", email="reviewer1@sadari.example", name="강심사", grants=(Grant(role="reviewer"),)),
    Member(
        id="instructor-1",
        email="instructor@sadari.example",
        name="Ian Instructor",
        locale="en",
        grants=(Grant(role="instructor"),),
    ),
    Member(id="career-1", email="career@sadari.example", name="윤취업", grants=(Grant(role="career_staff"),)),
    Member(id="cpo-1", email="cpo@sadari.example", name="한보호", grants=(Grant(role="privacy_officer"),)),
    Member(id="auditor-1", email="auditor@sadari.example", name="문감사", grants=(Grant(role="auditor"),)),
    Member(id="admin-1", email="admin@sadari.example", name="오관리", grants=(Grant(role="admin"),)),
    Member(id="admin-2", email="admin2@sadari.example", name="조관리", grants=(Grant(role="admin"),)),
)
"""The staff that a local stack begins with.  All are invented."""


def lacks() -> str:
    """Say what this machine lacks to run the issuer, and what to do; empty if nothing."""
    return "" if find_spec(MODULE) else f"[{MODULE}] is not installed: `make .venv/dev` does that."


def seat_staff(members: Members) -> None:
    """Keep the staff that a local stack begins with; whoever is there already stays as they are."""
    for member in STAFF:
        if members.get(member.id) is None:
            members.put(member)


class LocalIssuer:
    """The issuer, at `url`.  It lets anybody in as whom they name: it is for this machine alone."""

    def __init__(self, home: Path) -> None:
        """Start nothing yet.

        Args:
            home: A folder for the log.
        """
        self._log = home / "issuer.log"
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The issuer's address."""
        return f"http://127.0.0.1:{self._port}"

    def console(self, url: str) -> str:
        """Give SADARI_CONSOLE for a console at this address."""
        return json.dumps({"url": url, "issuer": self.url, "client": CLIENT, "secret": SECRET})

    def __enter__(self) -> Self:
        users = [
            json.dumps({"sub": member.email, "email": member.email, "email_verified": True, "name": member.name})
            for member in STAFF
        ]
        arguments = [part for user in users for part in ("--user-claims", user)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-W",
                    "ignore",
                    "-m",
                    MODULE,
                    "-p",
                    str(self._port),
                    "-n",
                    "true",
                    *arguments,
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()
        return self

    def _wait(self) -> None:
        gives_up_at = time.monotonic() + START_SECONDS_MAX
        http = urllib3.PoolManager(retries=False)
        while self._process is not None and self._process.poll() is None and time.monotonic() < gives_up_at:
            try:
                if http.request("GET", f"{self.url}/.well-known/openid-configuration", timeout=1.0).status == OK:
                    return
            except urllib3.exceptions.HTTPError:
                time.sleep(0.1)
        self.__exit__(None, None, None)
        raise TimeoutError(f"the local issuer does not answer; see [{self._log}]")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()
            self._process = None
