"""The functions start from the environment on their first call, once, and on the backend that it names."""

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import functions_framework
import pytest
from flask import Flask

import functions.main
from functions import bootstrap
from functions.adapters.google.firestore_case_store import FirestoreCaseStore
from functions.bootstrap import Cloud
from functions.embedded import Embedded
from functions.settings import Settings, SettingsError
from functions.stack.relay import LocalKey
from tests.corpus.rounds import dump, published
from tests.corpus.rows import FORM
from tests.functions.site import CALLER, MAIN, NAMES, SITES, Site, apps, environment


@pytest.fixture
def cold(begun: Path, certs_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Flask]]:
    """Fresh apps in a process that has not chosen its backend yet."""
    monkeypatch.setattr(bootstrap, "_cloud", [])
    for name, value in environment(Path(shutil.copy(begun, tmp_path)), certs_url).items():
        monkeypatch.setenv(name, value)
    yield apps()
    for cloud in bootstrap._cloud:
        cloud._embedded.close()


def test_the_platform_can_call_nine_functions_and_three_sites_and_nothing_else() -> None:
    public = {name for name, value in vars(functions.main).items() if callable(value) and not name.startswith("_")}

    assert public - {"Request", "Response"} == {*NAMES, *SITES}


def test_nothing_is_opened_before_the_first_call(cold: dict[str, Flask], tmp_path: Path) -> None:
    assert set(cold) == set(NAMES)
    assert bootstrap._cloud == []
    assert not list(tmp_path.glob("*-wal"))


def test_sixteen_first_calls_at_once_are_all_answered_from_one_store(cold: dict[str, Flask], key: LocalKey) -> None:
    together = threading.Barrier(16)

    def call(number: int) -> int:
        site = Site(cold, key)
        together.wait()
        if number % 2:
            return site.call("sweep").status_code
        phone = f"010-1357-{number:04}"
        return site.apply({**FORM, "phone": phone}, f"s{number}").status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(call, range(16)))

    assert statuses == [202, 200] * 8
    assert len(bootstrap._cloud) == 1
    assert len(published(bootstrap._cloud[0]._embedded)) == 8


def test_every_app_of_a_process_shares_one_backend(cold: dict[str, Flask], key: LocalKey) -> None:
    site = Site(cold, key)
    again = functions_framework.create_app("intake", str(MAIN))  # executes the source once more
    sys.path.remove(str(MAIN.parent))

    Site({"intake": again}, key).apply(FORM)
    site.pump()

    assert len(list(site.store.ports.letters.find())) == 1


def test_what_is_published_waits_in_the_file_for_whoever_works_on_it(site: Site) -> None:
    case = (site.apply(FORM).json or {})["case"]
    worker = Embedded(site.store.path)

    worker.worker.drain()

    seen = site.store.ports.cases.get(case)
    assert seen is not None
    assert seen.case.stage == "submitted"
    worker.close()


@pytest.mark.parametrize("name", NAMES)
def test_in_an_environment_that_is_not_fit_every_call_fails_and_the_log_says_why(
    cold: dict[str, Flask],
    key: LocalKey,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("K_SERVICE", name)
    site = Site(cold, key)

    answer = site.apply(FORM) if name == "intake" else site.call(name)

    assert (answer.status_code, answer.json) == (500, {"error": "this is our fault; it is looked at"})
    assert "SettingsError: SADARI_STORE is set, but this is production" in caplog.text


def test_on_the_platform_an_environment_that_is_not_fit_stops_the_deployment_and_not_the_first_call() -> None:
    env = {"K_SERVICE": "advance", "FUNCTION_TARGET": "advance", "SADARI_MAIL": "s3cret"}

    ended = subprocess.run(
        [sys.executable, "-c", "import functions.main"], env=env, capture_output=True, text=True, check=False
    )
    (line,) = map(json.loads, ended.stdout.splitlines())

    assert ended.returncode == 1
    assert (line["event"], line["severity"], line["error"]) == ("failed", "ERROR", "SettingsError")
    assert "SADARI_KEY is missing" in line["fault"]
    assert "s3cret" not in ended.stdout + ended.stderr


def test_without_a_store_it_is_google_and_nothing_connects_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as firestore:
        firestore.setblocking(False)
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "{}:{}".format(*firestore.getsockname()))
        cloud = Cloud(Settings(key=b"", caller=CALLER, audience="a", certs_url="", sources={}, project="demo"))
        before = set(vars(cloud))

        ports, staff = cloud.ports, cloud.staff_ports

        assert before.isdisjoint({"_store", "_ports", "_staff_ports"})
        assert cloud.ports is ports
        assert cloud.staff_ports is staff
        assert (type(ports.cases), cloud._store.project) == (FirestoreCaseStore, "demo")
        with pytest.raises(BlockingIOError):
            firestore.accept()


def test_an_unfit_environment_is_refused_anew_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_cloud", [])

    for _ in range(2):
        with pytest.raises(SettingsError, match="SADARI_KEY is missing"):
            bootstrap.cloud()


def test_refused_input_leaves_the_store_as_it_was(site: Site) -> None:
    before = dump(site.store)

    for name in NAMES:
        site.client(name).get("/")
        site.client(name).post("/", data=b"x")

    assert dump(site.store) == before
