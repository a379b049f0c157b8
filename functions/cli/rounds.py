"""`sadari round`: plans a recruitment round, shows it, and moves its dates."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from functions.cli.acting import AsOption, carry, case_of, id_of, kst, moment_of, office, show_told, staff
from functions.cli.backends import Backend
from functions.cli.plan_file import contradictions, order_fault, read_plan
from functions.cli.screen import BadUseError, NotDoneError, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, LangOption, StoreOption, language
from schemas.cohort import Calendar, is_in_order
from schemas.events.round import ExtensionProposed, RoundPlanned, SupplementProposed
from schemas.round import Round
from workflows.definitions import LATEST
from workflows.definitions.quotas import faults
from workflows.definitions.seats import entries_of, seating_of
from workflows.definitions.words import WORDS
from workflows.engine.words import Language
from workflows.runtime.bring import bring
from workflows.runtime.rank import round_of
from workflows.runtime.spread_calendar import spread_calendar

app = typer.Typer(no_args_is_help=True, help="A recruitment round: its plan, its seats, its dates.")
RoundArgument = Annotated[str, typer.Argument(metavar="ROUND", help="The round's id, or the beginning of it.")]
PlanArgument = Annotated[Path, typer.Argument(metavar="FILE", help="JSON, such as functions/cli/demo/cohort.json.")]
MOMENT = "Such as 2027-03-26T18:00, in Korea."
DATES = tuple(name for name in Calendar.model_fields if name not in {"version", "holidays"})


@app.command()
def plan(file: PlanArgument, who: AsOption, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """Set up a round from the configuration of its cohort, a JSON file."""
    actor, (round_id, cohort) = staff(who, "operator"), read_plan(file)
    event = RoundPlanned(
        cohort=cohort.cohort,
        programme=cohort.programme,
        calendar=cohort.calendar,
        terms=cohort.terms,
        selection=cohort.selection,
    )
    with office(store) as backend:
        if backend.ports.cases.get(round_id) is not None:
            raise NotDoneError(f"there is a case [{round_id}] already; name the round otherwise")
        told = carry(backend, lambda: [bring(event, round_id, actor, backend.ports)])
    show_told(told, as_json=as_json, more={"round": round_id})


@app.command()
def show(
    round_id: RoundArgument, store: StoreOption = DEFAULT_STORE, lang: LangOption = "en", *, as_json: JsonOption = False
) -> None:
    """Show where a round stands: its dates, its seats, its quotas, and what cannot hold of them."""
    words = language(lang)
    with office(store) as backend:
        case, round_ = round_of(case_of(backend, round_id, "round").id, backend.ports)
        shown = {**_standing(round_), "older_dates": _laggards(round_, backend)}
    shown = {"round": case.id, "stage": case.stage, **shown}
    if as_json:
        print_json(shown)
    else:
        _print_round(shown, words)


@app.command()
def extend(
    round_id: RoundArgument,
    who: AsOption,
    close: Annotated[str, typer.Option("--close", help=f"The later close. {MOMENT}")],
    results: Annotated[str, typer.Option("--results", help="When the results come out, if that moves too.")] = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Propose to reopen applications until a later close; the lead and the city decide."""
    actor = staff(who, "operator")
    with office(store) as backend:
        case, round_ = round_of(case_of(backend, round_id, "round").id, backend.ports)
        dates = {"applications_close": moment_of(close, "--close")}
        dates |= {"results_at": moment_of(results, "--results")} if results else {}
        event = ExtensionProposed(calendar=_moved(round_.calendar, dates))
        told = carry(backend, lambda: [bring(event, case.id, actor, backend.ports)])
    show_told(told, as_json=as_json, more={"calendar": event.calendar.model_dump(mode="json")})


@app.command()
def supplement(
    round_id: RoundArgument,
    who: AsOption,
    as_round: Annotated[str, typer.Option("--as-round", help="The id of the supplementary round.")],
    opens: Annotated[str, typer.Option("--open", help=f"When its form opens. {MOMENT}")],
    close: Annotated[str, typer.Option("--close", help="When it closes.")],
    results: Annotated[str, typer.Option("--results", help="When its results come out.")],
    order: Annotated[
        str, typer.Option(help="kept: whoever waits keeps their place here; merged: they are ranked anew there.")
    ],
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Propose a supplementary round (추가모집) for the seats that are free; the lead and the city decide."""
    actor, new = staff(who, "operator"), id_of(as_round, "--as-round")
    if order not in {"kept", "merged"}:
        raise BadUseError(f"no order [{order}]: choose kept or merged")
    with office(store) as backend:
        case, round_ = round_of(case_of(backend, round_id, "round").id, backend.ports)
        if backend.ports.cases.get(new) is not None:
            raise NotDoneError(f"there is a case [{new}] already; name the supplementary round otherwise")
        dates = {
            "applications_open": moment_of(opens, "--open"),
            "applications_close": moment_of(close, "--close"),
            "results_at": moment_of(results, "--results"),
        }
        event = SupplementProposed(
            supplement=new,
            calendar=_moved(round_.calendar, dates),
            order=cast("Literal['kept', 'merged']", order),
        )
        told = carry(backend, lambda: [bring(event, case.id, actor, backend.ports)])
    show_told(told, as_json=as_json, more={"supplement": new, "calendar": event.calendar.model_dump(mode="json")})


@app.command()
def calendar(
    round_id: RoundArgument, who: AsOption, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False
) -> None:
    """Send the round's dates to every open case of it that still goes by older ones."""
    actor = staff(who, "operator")
    with office(store) as backend:
        case = case_of(backend, round_id, "round")
        told = carry(backend, lambda: spread_calendar(case.id, actor, backend.ports))
    if not told and not as_json:
        out.print(f"every open case of [{case.id}] goes by its dates", markup=False)
    show_told(told, as_json=as_json)


def _moved(calendar: Calendar, dates: dict[str, datetime]) -> Calendar:
    moved = calendar.model_copy(update={"version": calendar.version + 1, **dates})
    if not is_in_order(moved):
        raise NotDoneError(f"{order_fault(moved)}; give other dates")
    return moved


def _standing(round_: Round) -> dict[str, Any]:
    """Give the dates, the seats and the quotas of a round."""
    seating, quotas, entries = seating_of(round_), round_.selection.quotas, entries_of(round_)
    wrong = faults(quotas, round_.capacity, entries) if entries else contradictions(quotas, round_.capacity)
    seats = {
        "capacity": round_.capacity,
        "offers": len(round_.offers),
        "taken": len(round_.taken),
        "free": round_.free,
        "over_capacity": len(round_.extra),
        "waiting": len(round_.waiting),
        "claims": len(round_.claims),
    }
    held = [
        {**quota.model_dump(mode="json"), "held": seating.held[quota.field, quota.value]}
        for quota in round_.selection.quotas
    ]
    return {
        "version": round_.calendar.version,
        "dates": {name: getattr(round_.calendar, name).isoformat() for name in DATES},
        "seats": seats,
        "quotas": held,
        "quota_faults": [{"ko": fault.ko, "en": fault.en} for fault in wrong],
        "ranking": None if round_.ranking is None else round_.ranking.id,
        "supplement": round_.supplement,
    }


def _laggards(round_: Round, backend: Backend) -> int:
    """Count the open cases that go by older dates."""
    cases = (case for name in LATEST for case in backend.ports.cases.find(workflow=name, round_id=round_.round))
    return sum(not case.is_final and case.data["calendar"]["version"] < round_.calendar.version for case in cases)


def _print_round(shown: dict[str, Any], words: Language) -> None:
    stage = WORDS.speech(words).stage("round", shown["stage"])
    out.print(f"{shown['round']}: {stage} [{shown['stage']}], dates of version {shown['version']}", markup=False)
    print_table(
        "\nDates", ("date", "at"), [(name, kst(datetime.fromisoformat(at))) for name, at in shown["dates"].items()]
    )
    print_table("\nSeats", tuple(shown["seats"]), [tuple(shown["seats"].values())])
    if shown["quotas"]:
        columns = ("field", "value", "minimum", "maximum", "held")
        print_table("\nQuotas", columns, [[quota[name] for name in columns] for quota in shown["quotas"]])
    for fault in shown["quota_faults"]:
        out.print(f"cannot hold: {fault[words]}", markup=False, soft_wrap=True)
    if shown["ranking"]:
        out.print(f"ranking {shown['ranking']}", markup=False)
    if shown["older_dates"]:
        count = shown["older_dates"]
        out.print(f"{count} open cases go by older dates: `sadari round calendar {shown['round']}`", markup=False)
