"""What is built holds all that it needs: pages, styles, letters and lists are found where nothing is checked out."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "workflows", "functions")
BESIDES = ("pyproject.toml", "README.md", "LICENSE", "requirements.in")
LEFT_OUT = ("__pycache__",)

BUILD = """
import sys
from setuptools import build_meta
out = sys.argv[1]  # setuptools writes over the arguments
print(build_meta.build_wheel(out))
print(build_meta.build_sdist(out))
"""

VISIT = """
import sys
from pathlib import Path
import functions
from functions.embedded import Embedded
from functions.console.guard import COOKIE, session_id
from functions.console.room import Room, now
from functions.console.site import make_site
from functions.settings import Issuer
from schemas.staff import Grant, Member, Session

store = Embedded(Path(sys.argv[1]) / "sadari.db")
issuer = Issuer(url="https://console.test", issuer="https://issuer.test", client="console", secret="x")
site = make_site(Room(ports=store.ports, staff=store.staff_ports, issuer=issuer, key=b"k" * 32))
grants = (Grant(role="operator"),)
member = Member(id="kim", email="kim@sadari.example", name="Kim", locale="ko", grants=grants)
store.staff_ports.members.put(member)
session = Session(id=session_id("secret"), member="kim", begun_at=now(), seen_at=now())
store.staff_ports.sessions.put(session)
browser = site.test_client()
browser.set_cookie(COOKIE, "secret", domain="console.test", secure=True)
for path in ("/definitions/round", "/inbox", "/static/console.css"):
    print(path, browser.get(path, base_url="https://console.test").status_code)
print(Path(functions.__file__).parent)
store.close()
"""


def data_files() -> set[str]:
    """Name what lies in the rooms and is no source."""
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file())
    paths = {path.relative_to(ROOT).as_posix() for path in found if not {*path.parts} & {*LEFT_OUT}}
    return {path for path in paths if not path.endswith((".py", ".pyc"))}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build the wheel and the source archive from a copy, so that nothing is left in the tree."""
    copy, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("built")
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for name in BESIDES:
        shutil.copy(ROOT / name, copy / name)
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(out)], cwd=copy, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,), (archive,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, archive


def test_the_wheel_holds_every_file_that_is_no_source(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        held = set(wheel.namelist())

    assert data_files() - held == set()
    assert "functions/console/templates/inbox.html" in held


def test_the_source_archive_holds_them_too_and_what_building_needs(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}

    assert (data_files() | set(BESIDES)) - held == set()


def test_the_console_runs_from_the_unpacked_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        wheel.extractall(tmp_path / "unpacked")

    done = subprocess.run(
        [sys.executable, "-c", VISIT, str(tmp_path)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "unpacked"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stdout.splitlines() == [
        "/definitions/round 200",
        "/inbox 200",
        "/static/console.css 200",
        str(tmp_path / "unpacked" / "functions"),
    ], done.stderr[-2000:]
