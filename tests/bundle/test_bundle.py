"""What is staged is the same wherever it is built, holds what is deployed and nothing else, and starts as it is."""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support import bundle

NOT_DEPLOYED = (
    "functions/cli/",
    "functions/cost/",
    "functions/stack/",
    "tests/",
    "scripts/",
    "docs/",
    "pyproject.toml",
)


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle.stage(tmp_path_factory.mktemp("staged") / "bundle.zip")


def test_two_checkouts_in_other_places_with_other_rights_and_times_give_the_same_bytes(
    staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "another place"
    shutil.copytree(
        bundle.ROOT, other, ignore=shutil.ignore_patterns(".venv", ".git", "build", "__pycache__", ".*_cache", "docs")
    )
    shutil.copytree(bundle.ROOT / ".git", other / ".git", symlinks=True)
    for path in other.rglob("functions/*.py"):
        path.chmod(0o600)
        os.utime(path, (1, 1))
    (other / "functions" / "left_over.py").write_text("not tracked")
    monkeypatch.setenv("TZ", "Asia/Seoul")
    umask = os.umask(0o077)
    try:
        again = bundle.stage(tmp_path / "again.zip", other)
    finally:
        os.umask(umask)

    assert again.read_bytes() == staged.read_bytes()


def test_it_holds_the_rooms_main_at_the_root_and_the_requirements_and_nothing_else(staged: Path) -> None:
    with zipfile.ZipFile(staged) as archive:
        held = archive.namelist()
        main = archive.read("main.py")

    assert held == sorted(held)
    assert {name.partition("/")[0] for name in held} == {
        *("functions", "workflows", "schemas"),
        *("main.py", "requirements.txt"),
    }
    assert [name for name in held if name.startswith(NOT_DEPLOYED)] == []
    assert {"functions/console/templates/inbox.html", "functions/letters/seat_offered.ko.txt"} <= set(held)
    assert main == (bundle.ROOT / "functions" / "main.py").read_bytes()


def test_every_requirement_is_pinned_and_hashed_and_the_framework_is_among_them(staged: Path) -> None:
    with zipfile.ZipFile(staged) as archive:
        text = archive.read("requirements.txt").decode()

    named = re.findall(r"^(?!#)\S.*$", text, re.MULTILINE)
    assert [line for line in named if not re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==\S+( ;.*)? \\", line)] == []
    assert text.count(" \\\n    --hash=sha256:") >= len(named)
    assert any(line.startswith("functions-framework==") for line in named)


def test_what_is_imported_is_among_the_requirements(staged: Path) -> None:
    with zipfile.ZipFile(staged) as archive:
        sources = [archive.read(name) for name in archive.namelist() if name.endswith(".py")]
        pinned = set(re.findall(r"^([\w.-]+)(?:\[.*\])?==", archive.read("requirements.txt").decode(), re.MULTILINE))

    tops = {name.partition(".")[0] for source in sources for name in imported(source)}
    foreign = tops - sys.stdlib_module_names - {"functions", "workflows", "schemas"}
    offered = packages_distributions()
    normal = {name: {re.sub(r"[-_.]+", "-", each).lower() for each in offered[name]} for name in foreign}
    assert {name for name in foreign if not normal[name] & pinned} == set()
    assert "pydantic" in foreign


@pytest.mark.parametrize("is_set", [True, False])
def test_bytecode_of_the_build_stays_good_after_the_image_has_reset_all_times_where_the_build_is_told_so(
    tmp_path: Path, *, is_set: bool
) -> None:
    unpacked, python = bundle.unpack(tmp_path / "bundle"), bundle.python(tmp_path / "python")
    said = {"SOURCE_DATE_EPOCH": build_variable("SOURCE_DATE_EPOCH")} if is_set else {}
    # As the platform's buildpack compiles it, and as its images are made.
    subprocess.run([python, "-m", "compileall", "-f", "-q", "."], cwd=unpacked, env=said, check=True)
    for path in unpacked.rglob("*"):
        os.utime(path, (315532801, 315532801))

    load = f"import sys; sys.path.append({str(unpacked)!r}); import main"
    done = subprocess.run([python, "-P", "-v", "-c", load], capture_output=True, text=True, check=True)

    stale = set(
        re.findall(r"^# bytecode is stale for '((?:functions|workflows|schemas)\b.*)'", done.stderr, re.MULTILINE)
    )
    assert "functions.bootstrap" in done.stderr
    assert ("functions.bootstrap" in stale, bool(stale)) == ((False, False) if is_set else (True, True))


def build_variable(name: str) -> str:
    """Give a variable of the build as the deployment sets it."""
    text = (bundle.ROOT / "infra" / "terraform" / "modules" / "app" / "functions.tf").read_text(encoding="utf-8")
    found = re.search(rf'environment_variables = {{ {name} = "(\d+)" }}', text)
    assert found, f"the build is not told {name}"
    return found[1]


def test_without_git_it_says_so_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(bundle.ROOT / "scripts" / "bundle.py", tmp_path / "scripts")

    done = subprocess.run(
        [sys.executable, "scripts/bundle.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.startswith("git does not know")
    assert not (tmp_path / "build").exists()


def imported(source: bytes) -> set[str]:
    """Name the modules that a source imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found
