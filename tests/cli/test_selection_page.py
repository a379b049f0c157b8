"""`docs/selection.md` names no command, option or column that there is not."""

import re
from pathlib import Path

import pytest

from functions.cli import run
from functions.forms import enrolment_csv, reviewers_csv, reviews_csv, scores_csv, slots_csv

PAGE = (Path(__file__).parents[2] / "docs" / "selection.md").read_text("utf-8")
COMMANDS = sorted({" ".join(found.split()) for found in re.findall(r"`(sadari [^`]+)`", PAGE)})


def _parts(command: str) -> tuple[list[str], list[str]]:
    words = command.split()[1:]
    path = words[:1] if words[0] in {"up", "demo", "send"} else words[:2]
    return path, [word for word in words if word.startswith("--")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_is_there_with_its_options(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    path, options = _parts(command)

    code = run([*path, "--help"])

    told = capsys.readouterr().out
    assert code == 0
    assert f"Usage: sadari {' '.join(path)}" in told
    assert [option for option in options if option not in told] == []


@pytest.mark.parametrize(
    "columns", [enrolment_csv, reviewers_csv, reviews_csv, scores_csv, slots_csv], ids=lambda each: each.__name__
)
def test_every_column_of_a_table_is_named(columns: object) -> None:
    names = columns.COLUMNS.names.values()  # type: ignore[attr-defined]

    assert [name for name in names if name not in PAGE] == []
