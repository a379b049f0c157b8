"""`sadari notices` and `sadari mail`: what people are told can be read before anybody is told it."""

import json
from pathlib import Path

import pytest

from functions.cli import run
from functions.scribe import told_to_people
from workflows.definitions import WORKFLOWS

TOLD = [model.__name__ for model in told_to_people(WORKFLOWS.values())]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run(list(arguments))
    return code, capsys.readouterr().out


def test_every_notice_is_listed_in_both_languages_with_a_channel(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "notices", "list", "--json")

    rows = json.loads(text)
    assert code == 0
    assert [(row["notice"], row["lang"]) for row in rows] == [(name, lang) for name in TOLD for lang in ("ko", "en")]
    assert [row for row in rows if not row["channels"].endswith(("mail", "sms"))] == []


@pytest.mark.parametrize("notice", TOLD)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_notice_can_be_read_with_example_values(
    capsys: pytest.CaptureFixture[str], notice: str, lang: str
) -> None:
    code, text = said(capsys, "notices", "preview", notice, "--lang", lang)

    assert code == 0
    assert len(text.splitlines()) > 3
    assert "{" not in text


def test_a_short_text_is_shown_as_it_leaves_and_not_where_it_may_not(capsys: pytest.CaptureFixture[str]) -> None:
    talk = said(capsys, "notices", "preview", "OfferExpiring", "--channel", "alimtalk")
    draft = said(capsys, "notices", "preview", "AttendanceLow", "--channel", "alimtalk")
    text = said(capsys, "notices", "preview", "AttendanceLow", "--channel", "sms")
    none = said(capsys, "notices", "preview", "NoSeat", "--channel", "sms")

    assert [code for code, _ in (talk, draft, text, none)] == [0, 1, 0, 1]
    assert "응답 기한: 2027년 4월 9일 (금) 10:00 (한국 시간)까지" in talk[1]
    assert "62%" in text[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("notices", "preview", "RoundOpened"),
        ("notices", "preview", "SeatOffered", "--lang", "fr"),
        ("notices", "preview", "SeatOffered", "--channel", "fax"),
        ("mail", "list", "--stack", "nowhere"),
    ],
)
def test_bad_use_ends_with_one_line(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code = run(list(arguments))

    assert code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_number_that_there_is_not_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()

    assert run(["mail", "open", "1", "--stack", str(tmp_path)]) == 1
    assert "0 arrived" in capsys.readouterr().err
