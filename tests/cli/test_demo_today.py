"""The demo's cohort with dates around today, as a project takes it in: `sadari demo --write` and `sadari send --to`."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from functions.cli import run
from functions.cli.demo.today import export_for, plan_for
from functions.forms.application_csv import read_applications
from schemas.cohort import Cohort
from tests.cli.selection_desk import Desk

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def test_every_row_was_sent_while_the_form_was_open_and_none_in_the_future() -> None:
    calendar = Cohort.model_validate(plan_for(NOW)["cohort"]).calendar
    times = [row.at for row in read_applications(export_for(NOW)) if row.at and not row.faults]

    assert len(times) == 195
    assert calendar.applications_open < min(times) < max(times) == NOW - timedelta(minutes=1)
    assert timedelta(hours=0) < calendar.applications_close - NOW < timedelta(days=2)


def test_what_is_written_can_be_planned(desk: Desk) -> None:
    folder = desk.folder / "demo"

    assert run(["demo", "--write", str(folder)]) == 0
    told = desk.done("round", "plan", str(folder / "cohort.json"), "--as", "lee")

    assert json.loads((folder / "cohort.json").read_text("utf-8"))["round"] in json.dumps(told)
    assert (folder / "applicants.csv").read_bytes().count(b"\r\n") > 195


@pytest.mark.parametrize(
    ("secret", "more"),
    [("", ["--source", "office"]), ("whsec_short", ["--source", "office"]), ("whsec_" + "a" * 44, [])],
)
def test_a_project_is_sent_nothing_without_a_source_and_its_secret(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, secret: str, more: list[str]
) -> None:
    monkeypatch.setenv("SADARI_SECRET", secret)

    assert run(["send", "events", desk.file("e.json", "{}"), "--to", "https://intake.example", *more]) == 2
