"""One local stack for all drills, which break it and mend it again."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from functions.cli import run
from functions.stack.local_stack import PROJECT
from schemas.cohort import Calendar
from schemas.events.round import RoundPlanned
from schemas.ids import CaseId, name_of
from schemas.messages import Case
from tests.support.cohort import DAY
from tests.support.drill import Sadari, Site
from tests.support.network import Pushes, a_stack
from tests.support.published import DATES, KEY, TERMS, form_of, message_of
from workflows.runtime.intake import Origin, Receipt, submit_applications


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_stack(tmp_path_factory.mktemp("stack")) as (stack, ports):
        yield Site(stack, ports)


@pytest.fixture
def sadari(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sadari:
    """Run a command as an operator on call does: with a project and no settings of the functions."""
    return as_operator(site, monkeypatch, capsys)


def as_operator(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sadari:
    """Give what runs a command on the site."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", site.stack.emulators.firestore_address)
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", site.stack.emulators.pubsub_address)
    # A project has these by itself: the service, and a clock that is right.
    monkeypatch.setenv("SADARI_TASKS_ADDRESS", site.stack.settings.tasks_address)
    monkeypatch.setenv("SADARI_CLOCK", str(site.stack.settings.clock_path))

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run([*arguments])
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def told(sadari: Sadari) -> Callable[..., Any]:
    """Run a command that has to succeed, and give the JSON it prints."""

    def call(*arguments: str) -> Any:
        code, out = sadari(*arguments, "--json")
        assert code == 0, out
        return json.loads(out)

    return call


@pytest.fixture
def applied(site: Site, request: pytest.FixtureRequest) -> list[Case]:
    """Three applications to a round of the test's own."""
    network = Pushes(site.stack, site.ports, Random(2))
    round_id = CaseId(f"round-{name_of(request.node.name)[:8]}")
    shift = max(site.ports.clock.now() - DATES.applications_open + 7 * DAY, timedelta(0))
    dates = {
        name: getattr(DATES, name) + shift for name in Calendar.model_fields if name not in {"version", "holidays"}
    }
    calendar = DATES.model_copy(update=dates)
    network.turn(calendar.applications_open - DAY)
    plan = RoundPlanned(cohort=round_id, programme="ai", calendar=calendar, terms=TERMS)
    network.ports.publisher.publish([message_of(round_id, plan, site.ports)], [])
    network.settle()
    network.turn(calendar.applications_open + DAY)
    forms = [(form_of(number), Origin("drill", f"{round_id} {number}", site.ports.clock.now())) for number in range(3)]
    receipts = submit_applications(forms, round_id, key=KEY, ports=network.ports)
    network.settle()
    network.close()
    cases = [site.ports.cases.get(receipt.case) for receipt in receipts if isinstance(receipt, Receipt)]
    return [seen.case for seen in cases if seen is not None]
