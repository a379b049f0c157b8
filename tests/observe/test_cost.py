"""What a transition costs: recorded counters times listed prices, and the budget that the design sets."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.google.pubsub_feed import PubsubFeed
from functions.cli import run
from functions.cli.cost import RECORDED, report_of
from functions.cli.demo.make_applicants import CLOSES_AT
from functions.cost import month
from functions.cost.bill import MILLION, at_load, bill, one_by_one
from functions.cost.measure import measure
from functions.cost.month import idle
from functions.cost.prices import FILE, price_list
from functions.cost.usage import Measured, Usage, read_lines
from functions.observe.call import calling
from tests.infra.rules import OPEN
from tests.support.cohort import DAY

USD_A_MILLION_MAX = 5.0
KINDS = {
    *("Firestore reads", "Firestore writes", "Firestore deletes", "Pub/Sub", "Cloud Tasks", "requests"),
    *("processor", "memory", "logs"),
}


@pytest.fixture(scope="module")
def recorded() -> Measured:
    return Measured.from_json(json.loads(RECORDED.read_text()))


def line(**fields: Any) -> str:
    return json.dumps({"event": "called", "function": "advance", **fields})


def test_lines_are_summed_up_by_function() -> None:
    lines = [line(rpcs=2, reads=1, writes=2, cpu_ms=3.5), line(rpcs=1), json.dumps({"event": "failed"}), "no JSON"]

    functions, cpu_seconds = read_lines([*lines, json.dumps({"cpu_seconds": 1.5})])

    assert functions["advance"] == Usage(
        calls=2,
        log_lines=2,
        log_bytes=len(lines[0]) + len(lines[1]),
        counted={"rpcs": 3, "reads": 1, "writes": 2, "cpu_ms": 3.5},
    )
    assert (functions[""].calls, functions[""].log_lines) == (0, 2)
    assert cpu_seconds == 1.5


def test_a_plain_transition_is_billed_item_by_item() -> None:
    counted = {"reads": 1, "writes": 2, "publishes": 1, "published": 1, "published_bytes": 500, "tasks": 1}
    usage = Usage(calls=1, log_lines=1, log_bytes=400, counted=counted)
    prices = price_list()

    items = bill({"advance": usage}, 0.01, prices)

    assert items.keys() == KINDS
    assert items["Firestore reads"] == prices.prices["firestore_read"].usd / 100_000
    assert items["Firestore writes"] == 2 * prices.prices["firestore_write"].usd / 100_000
    assert items["Pub/Sub"] == 2_000 * 40 / 2**40  # published and pushed, each a request of its own
    assert items["Cloud Tasks"] == items["requests"] == 0.4 / MILLION
    assert items["processor"] == 0.01 * prices.prices["run_cpu"].usd


def test_an_alarm_is_billed_when_it_is_set_and_when_it_goes_off() -> None:
    functions = {"advance": Usage(calls=1, counted={"tasks": 1}), "ring": Usage(calls=1)}

    assert bill(functions, 0, price_list())["Cloud Tasks"] == pytest.approx(0.8 / MILLION)


def test_every_transition_of_the_recorded_cohort_keeps_the_budget_of_documents(recorded: Measured) -> None:
    advance = recorded.functions["advance"]

    assert advance.calls == recorded.transitions
    assert advance["reads"] / advance.calls < 1.01
    assert advance["writes"] / advance.calls < 2.05  # two, and one more for each question
    assert (advance["rpcs"] - advance["tasks"] - advance["publishes"]) / advance.calls < 2.01


def test_a_million_transitions_cost_no_more_than_five_dollars_all_in(recorded: Measured) -> None:
    report = report_of(recorded, warm=0)

    parts = report["million_transitions_advance_alone"]
    assert parts.keys() == {*KINDS, "total"}
    assert parts["total"] <= USD_A_MILLION_MAX
    assert parts["total"] == pytest.approx(sum(parts[kind] for kind in KINDS), abs=0.05)


def test_what_a_cohort_does_beside_its_transitions_is_told_and_bounded(recorded: Measured) -> None:
    report = report_of(recorded, warm=0)
    by_function = report["million_transitions_by_function"]

    assert by_function.keys() >= {"advance", "deliver", "intake", "ring", "sweep"}
    assert sum(by_function.values()) == pytest.approx(report["million_transitions_all_in"]["total"], abs=0.05)
    assert report["million_transitions_all_in"]["total"] <= 9.0
    assert report["million_transitions_one_request_at_a_time"]["processor"] > 0
    assert one_by_one(recorded, price_list()) > at_load(recorded, price_list())


def test_a_month_in_which_nothing_happens_grows_only_with_instances_that_are_kept_warm() -> None:
    cold, warm = idle(price_list(), warm=0), idle(price_list(), warm=2)

    assert {name for name in cold if cold[name] != warm[name]} == {"warm instances"}
    assert warm["warm instances"] > 2 * 13


def test_every_price_has_its_source_or_says_that_none_was_found() -> None:
    read = json.loads(FILE.read_text())

    assert set(read["prices"]) == set(price_list().prices)
    for name, price in price_list().prices.items():
        assert price.source.startswith("https://") or "onfirmed" in price.note, name
    assert read["looked_up_on"] == "2026-11-22"
    assert all(given["note"] for given in read["assumptions"].values())


def test_the_command_tells_all_of_it_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "--json", "--warm", "1"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert {"learner", "cohort", "month_idle", "thousand_learners", "unsourced", "measured"} <= told.keys()
    assert told["month_idle"]["warm instances"] > 5


def test_what_was_not_measured_is_not_recorded(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["cost", "--record", str(tmp_path / "r.json")]) == 2
    assert "give both" in capsys.readouterr().err


@pytest.mark.emulator
@pytest.mark.timeout(300)
def test_what_is_measured_keeps_the_budget_too() -> None:
    measured = measure(lambda _part, _day: None, CLOSES_AT - 14 * DAY)

    advance = measured.functions["advance"]
    assert measured.transitions == advance.calls > 20
    assert (advance["reads"], advance["writes"]) == (advance.calls, 2 * advance.calls)
    assert advance["rpcs"] == 2 * advance.calls + advance["publishes"] + advance["tasks"]
    assert measured.cpu_seconds > measured.total()["cpu_ms"] / 1000 > 0


def test_as_many_backups_are_paid_for_as_terraform_keeps() -> None:
    text = (Path(__file__).parents[2] / "infra/terraform/modules/app/firestore.tf").read_text(encoding="utf-8")
    daily, weekly = map(int, re.findall(r'retention = "\$\{(\d+) \* local\.days\}s"', text))

    assert daily + weekly / 7 == month.BACKUPS


PAGE = Path(__file__).parents[2] / "docs/operate/cost.md"
ROWS = {
    "Firestore": ("Firestore reads", "Firestore writes", "Firestore deletes"),
    "processor, memory": ("processor", "memory"),
    "**all in**": ("total",),
}


def test_the_page_tells_what_the_command_does(recorded: Measured) -> None:
    report = report_of(recorded, warm=1)
    page = PAGE.read_text(encoding="utf-8")
    table = page.partition("| a million transitions")[2].partition("\n\n")[0]

    rows = re.findall(r"^\| (.+?) \| \**([\d.]+)\** \| \**([\d.]+)\** \|$", table, re.MULTILINE)

    assert len(rows) == 7
    for name, *told in rows:
        for kind, dollars in zip(("advance_alone", "all_in"), map(float, told), strict=True):
            parts = report[f"million_transitions_{kind}"]
            assert dollars == pytest.approx(sum(parts[each] for each in ROWS.get(name, (name,))), abs=0.021), name
    idle_month = report["month_idle"]
    warm = round(idle_month["warm instances"])
    assert f"about {round(idle_month['total'] - idle_month['warm instances'])} USD a month with nothing warm" in page
    assert f"about {warm} USD more for each" in " ".join(page.split())


def test_a_month_in_which_nothing_happens_pays_for_what_terraform_has_asked_and_kept() -> None:
    app = Path(__file__).parents[2] / "infra/terraform/modules/app"
    monitoring, secrets = ((app / name).read_text(encoding="utf-8") for name in ("monitoring.tf", "secrets.tf"))
    (period,) = re.findall(r'^  period += "(\d+)s"', monitoring, re.MULTILINE)
    (named,) = re.findall(r"secrets = toset\(\[(.*?)\]\)", secrets)
    asked = set(OPEN) - {"reports"}

    assert "selected_regions" not in monitoring, "then fewer than all six places ask"
    assert len(asked) * 6 * month.SECONDS / int(period) == month.UPTIME_CHECKS
    assert named.count('"') / 2 == month.SECRETS
    assert idle(price_list(), warm=0)["uptime checks"] == pytest.approx(month.UPTIME_CHECKS * 0.0003)


def test_an_event_on_the_topic_of_partners_is_counted_as_any_other() -> None:
    class Client:
        def publish(self, **_: object) -> None:
            """Take it."""

    with calling("deliver") as call:
        PubsubFeed(Client(), "topic").publish("body", {"type": "t"})  # type: ignore[arg-type]

    assert (call.counted["publishes"], call.counted["published"]) == (1, 1)
    assert call.counted["published_bytes"] >= 6
