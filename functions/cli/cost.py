"""`sadari cost`: what running Sadari costs, from what a cohort was measured to use."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from functions.cli.screen import BadUseError, out, print_json, print_table, progress
from functions.cli.stores import JsonOption
from functions.cost.bill import MILLION, at_load, bill, one_by_one
from functions.cost.month import idle, per_thousand
from functions.cost.prices import price_list
from functions.cost.usage import Measured

RECORDED = Path(__file__).parents[1] / "cost" / "recorded.json"
TRANSITION = ("advance",)


def cost(
    warm: Annotated[int, typer.Option(min=0, help="Instances kept warm, of all functions together.")] = 0,
    record: Annotated[Path | None, typer.Option(help="Also write what was measured to this file.")] = None,
    *,
    measure: Annotated[
        bool, typer.Option("--measure", help="Run the cohort of the demo on the emulators now.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what a transition, a learner, a cohort and a month cost, at list prices of the region, without free tiers.

    Left out, --measure takes what was recorded when the cohort of the demo last ran on the emulators.  Prices and
    assumptions stand in functions/cost/prices.json, each with its source.
    """
    if record is not None and not measure:
        raise BadUseError("--record keeps what --measure finds; give both")
    measured = _measure() if measure else Measured.from_json(json.loads(RECORDED.read_text()))
    if record is not None:
        record.write_text(json.dumps(measured.to_json(), indent=2) + "\n")
    report = report_of(measured, warm=warm)
    if as_json:
        print_json(report)
    else:
        _show(report)


def _measure() -> Measured:
    from functions.cost.measure import measure  # noqa: PLC0415  what is recorded needs no emulator

    with progress("measuring") as bar:
        return measure(bar.at)


def report_of(measured: Measured, *, warm: int) -> dict[str, Any]:
    """Give everything there is to say, in dollars."""
    prices = price_list()
    total = bill(measured.functions, at_load(measured, prices), prices)
    slow = bill(measured.functions, one_by_one(measured, prices), prices)
    advanced = _share_of(measured, "advance")
    plain = bill(advanced.functions, at_load(advanced, prices), prices)
    spent, many = sum(total.values()), measured.transitions
    return {
        "region": prices.region,
        "currency": prices.currency,
        "looked_up_on": prices.looked_up_on,
        "unsourced": prices.unsourced(),
        "measured": {**measured.to_json(), "per_transition": _each(measured)},
        "million_transitions_advance_alone": _sum(plain, MILLION / many),
        "million_transitions_all_in": _sum(total, MILLION / many),
        "million_transitions_by_function": _by_function(measured),
        "million_transitions_one_request_at_a_time": _sum(slow, MILLION / many),
        "learner": round(spent / measured.learners, 6),
        "cohort": round(spent, 4),
        "month_idle": _sum(idle(prices, warm=warm), 1),
        "thousand_learners": {name: round(usd, 4) for name, usd in per_thousand(measured, prices, spent).items()},
    }


def _share_of(measured: Measured, function: str) -> Measured:
    """Give what one function took: of the processor as much as of the time that threads were counted to use."""
    usage, counted = measured.functions[function], measured.total()["cpu_ms"]
    cpu_seconds = measured.cpu_seconds * usage["cpu_ms"] / counted if counted else 0.0
    return Measured(measured.learners, measured.transitions, cpu_seconds, {function: usage})


def _by_function(measured: Measured) -> dict[str, float]:
    prices, found = price_list(), {}
    for function in sorted(measured.functions):
        share = _share_of(measured, function)
        spent = sum(bill(share.functions, at_load(share, prices), prices).values())
        found[function or "(others)"] = round(spent * MILLION / measured.transitions, 2)
    return found


def _each(measured: Measured) -> dict[str, float]:
    total = measured.total()
    return {name: round(many / measured.transitions, 3) for name, many in sorted(total.counted.items())}


def _sum(items: Mapping[str, float], times: float) -> dict[str, float]:
    parts = {name: round(usd * times, 2) for name, usd in items.items()}
    return {**parts, "total": round(sum(items.values()) * times, 2)}


def _show(report: Mapping[str, Any]) -> None:
    plain, whole = report["million_transitions_advance_alone"], report["million_transitions_all_in"]
    rows = [(name, f"{plain[name]:.2f}", f"{whole[name]:.2f}") for name in whole]
    print_table("A million transitions, in USD", ("", "advance alone", "all that a cohort does"), rows)
    out.print()
    functions = [(name, f"{usd:.2f}") for name, usd in report["million_transitions_by_function"].items()]
    print_table("The same by function, all that a cohort does", ("function", "USD"), functions)
    out.print()
    print_table("A month in which nothing happens", ("", "USD"), list(report["month_idle"].items()))
    out.print()
    print_table("A thousand learners", ("", "USD"), list(report["thousand_learners"].items()))
    out.print()
    measured = report["measured"]
    alone = report["million_transitions_one_request_at_a_time"]["total"]
    out.print(
        f"A learner costs {report['learner']:.4f}, the cohort of {measured['learners']} {report['cohort']:.4f} USD "
        f"({measured['transitions']} transitions).\n"
        f"Instances are shared by requests at load; with one request at a time a million transitions cost {alone}.\n"
        f"{report['region']}, {report['currency']}, {report['looked_up_on']}. "
        f"No page that shows it was found for: {', '.join(report['unsourced'])}."
    )
