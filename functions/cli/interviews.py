"""`sadari interviews`: the times at which a round interviews, and who comes when."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from functions.cli.acting import (
    AsOption,
    DryRunOption,
    carry,
    case_of,
    kst,
    moment_of,
    office,
    show_told,
    staff,
)
from functions.cli.backends import Backend
from functions.cli.imports import REFUSED, FileArgument, RowTold, lines_of, refused, show_rows
from functions.cli.offers import ApplicationArgument, on_behalf
from functions.cli.rounds import MOMENT, RoundArgument
from functions.cli.screen import NotDoneError, many, out, print_json, print_table
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from functions.forms.csv_table import Line
from functions.forms.slots_csv import read_slots
from schemas.application import Application
from schemas.application import Stage as ApplicationStage
from schemas.events import Event
from schemas.events.interviews import (
    InterviewChosen,
    InterviewInvited,
    InterviewMissed,
    InterviewReopened,
    InterviewsPlanned,
)
from schemas.ids import CaseId
from schemas.interviews import SLOTS_MAX, Interviews, Slot
from schemas.messages import Case
from schemas.round import Round
from workflows.definitions.interviews import interviews_of
from workflows.runtime.bring import bring
from workflows.runtime.rank import round_of

app = typer.Typer(no_args_is_help=True, help="Interviews: their times, who is invited, and who comes when.")
ChooseByOption = Annotated[
    str, typer.Option("--choose-by", metavar="MOMENT", help=f"Until when a time can be chosen. {MOMENT}")
]


@app.command()
def plan(
    round_id: RoundArgument,
    file: FileArgument,
    who: AsOption,
    store: StoreOption = DEFAULT_STORE,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Set the times at which a round interviews.  All of the file is taken, or nothing.

    Columns: id, at, minutes, places.
    """
    actor, lines = staff(who, "operator"), lines_of(file, read_slots)
    with office(store) as backend:
        case, round_ = round_of(case_of(backend, round_id, "round").id, backend.ports)
        interviews = interviews_of(case.id)
        if backend.ports.cases.get(interviews) is not None:
            raise NotDoneError(f"the interviews of [{case.id}] are planned; see `sadari interviews list {case.id}`")
        rows = [_row(line, backend.ports.clock.now()) for line in lines]
        if not rows or len(rows) > SLOTS_MAX or any(row.result == REFUSED for row in rows):
            _show_none_taken(rows, is_rehearsal=dry_run, as_json=as_json)
            return
        event = _planned(round_, lines)
        told = carry(backend, lambda: [bring(event, interviews, actor, backend.ports)], is_rehearsal=dry_run)
    if not as_json:
        show_rows(rows, is_rehearsal=dry_run, as_json=False, more={})
    show_told(told, as_json=as_json, more={"dry_run": dry_run, "interviews": interviews, "slots": len(rows)})


@app.command()
def invite(
    round_id: RoundArgument,
    who: AsOption,
    choose_by: ChooseByOption,
    application: Annotated[
        list[str] | None, typer.Argument(metavar="[APPLICATION]...", help="Without any, all who are eligible.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Invite applicants to choose a time: those named, or all who are eligible and not invited yet."""
    actor = staff(who, "operator")
    with office(store) as backend:
        interviews = _interviews(backend, case_of(backend, round_id, "round"))
        until = _until(choose_by, backend)
        event = InterviewInvited(interviews=interviews.interviews, choose_by=until)
        invited = [_eligible(backend, each) for each in application or []] or _not_invited(backend, interviews.round)
        if others := [each.id for each in invited if each.round != interviews.round]:
            raise NotDoneError(f"{others} are no applications of [{interviews.round}]")
        told = carry(backend, lambda: [bring(event, each.id, actor, backend.ports) for each in invited])
    if not told and not as_json:
        out.print(f"everybody who is eligible in [{interviews.round}] is invited", markup=False)
    show_told(told, as_json=as_json, more={"interviews": interviews.interviews, "choose_by": until.isoformat()})


@app.command("list")
def list_slots(round_id: RoundArgument, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False) -> None:
    """List the times of a round with who comes, and who was invited and has no time."""
    with office(store) as backend:
        case = case_of(backend, round_id, "round")
        interviews = _interviews(backend, case)
        without = [
            application.application
            for each in backend.ports.cases.find(workflow="application", round_id=case.id)
            if (application := _application(each)).interview is not None
            and not application.interview.slot
            and each.stage == ApplicationStage.ELIGIBLE
        ]
    rows = [_slot_row(slot, interviews) for slot in sorted(interviews.slots, key=lambda slot: (slot.at, slot.id))]
    if as_json:
        print_json({"interviews": interviews.interviews, "slots": rows, "without": without})
        return
    cells = [
        (
            row["slot"],
            kst(row["at"]),
            row["minutes"],
            f"{len(row['booked'])} of {row['places']}",
            " ".join(row["booked"]),
        )
        for row in rows
    ]
    print_table(many(len(rows), "slot"), ("id", "at", "minutes", "booked", "applications"), cells)
    out.print(f"\ninvited and without a time: {' '.join(without) or 'nobody'}", markup=False, soft_wrap=True)


@app.command()
def choose(
    application: ApplicationArgument,
    slot: Annotated[str, typer.Argument(metavar="SLOT", help="The id of the time.")],
    who: AsOption,
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Enter the time that somebody chose, or changed to, by mail or phone.

    The history names the person; the access log names you.
    """
    with office(store) as backend:
        case = _eligible(backend, application)
        known = [each.id for each in _interviews(backend, case).slots]
        if slot not in known:
            raise NotDoneError(f"no slot [{slot}]; see `sadari interviews list {case.round}`")
        actor = on_behalf(backend, case, who, InterviewChosen.__name__)
        told = carry(backend, lambda: [bring(InterviewChosen(slot=slot), case.id, actor, backend.ports)])
        interview = _application(_eligible(backend, case.id)).interview
    has = interview.slot if interview is not None else ""
    show_told(told, as_json=as_json, more={"slot": has, "choices_left": 0 if interview is None else interview.choices})
    if has != slot:
        why = "it is full, has begun, or may not be chosen any more"
        raise NotDoneError(f"[{slot}] is not booked: {why}; the person is told so by letter")


@app.command()
def missed(
    application: ApplicationArgument, who: AsOption, store: StoreOption = DEFAULT_STORE, *, as_json: JsonOption = False
) -> None:
    """Note that somebody did not come to the interview; they are told so by letter."""
    _by_office(store, application, InterviewMissed(), who, as_json=as_json)


@app.command()
def reopen(
    application: ApplicationArgument,
    who: AsOption,
    choose_by: ChooseByOption,
    store: StoreOption = DEFAULT_STORE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let somebody choose a time once more, after the date, two changes, or an interview that was missed."""
    event = InterviewReopened(choose_by=moment_of(choose_by, "--choose-by"))
    _by_office(store, application, event, who, as_json=as_json)


def _by_office(store: Path, application: str, event: Event, who: str, *, as_json: bool) -> None:
    actor = staff(who, "operator")
    with office(store) as backend:
        case = _eligible(backend, application)
        told = carry(backend, lambda: [bring(event, case.id, actor, backend.ports)])
    show_told(told, as_json=as_json)


def _planned(round_: Round, lines: list[Line[Slot]]) -> InterviewsPlanned:
    slots = tuple(line.value for line in lines if line.value is not None)
    return InterviewsPlanned(round=round_.round, cohort=round_.cohort, calendar=round_.calendar, slots=slots)


def _row(line: Line[Slot], now: datetime) -> RowTold:
    slot = line.value
    if slot is None:
        return refused(line)
    if slot.at <= now:
        return refused(line, {"at": "is over"})
    return RowTold(line.number, "taken", slot.id, f"{kst(slot.at)}, {slot.minutes} minutes, {slot.places} places")


def _show_none_taken(rows: list[RowTold], *, is_rehearsal: bool, as_json: bool) -> None:
    """Report every row of a file that is not taken, at least one of them refused."""
    shown = [row if row.result == REFUSED else replace(row, result="not taken") for row in rows]
    if not any(row.result == REFUSED for row in shown):
        shown = [*shown, RowTold(1, REFUSED, note=f"{many(len(rows), 'slot')}; give 1 to {SLOTS_MAX}")]
    show_rows(shown, is_rehearsal=is_rehearsal, as_json=as_json, more={})


def _interviews(backend: Backend, case: Case) -> Interviews:
    """Give the interviews of a round, or of an application's round."""
    invited = _application(case).interview if case.workflow == "application" else None
    seen = backend.ports.cases.get(interviews_of(CaseId(case.round)) if invited is None else invited.interviews)
    if seen is None:
        raise NotDoneError(f"[{case.round}] has no interviews yet: `sadari interviews plan {case.round} FILE.csv`")
    return Interviews.model_validate_json(seen.case.subject)


def _eligible(backend: Backend, text: str) -> Case:
    """Refuse what would come too early or too late: it would be kept, and nobody would look at it."""
    case = case_of(backend, text, "application")
    if case.stage != ApplicationStage.ELIGIBLE:
        raise NotDoneError(f"[{case.id}] is {case.stage}, not eligible; see `sadari cases explain {case.id}`")
    return case


def _not_invited(backend: Backend, round_id: CaseId) -> list[Case]:
    found = backend.ports.cases.find(workflow="application", stage=ApplicationStage.ELIGIBLE, round_id=round_id)
    return [case for case in found if _application(case).interview is None]


def _until(text: str, backend: Backend) -> datetime:
    until = moment_of(text, "--choose-by")
    if until <= backend.ports.clock.now():
        raise NotDoneError(f"{kst(until)} is over; give a later moment (--choose-by)")
    return until


def _application(case: Case) -> Application:
    return Application.model_validate_json(case.subject)


def _slot_row(slot: Slot, interviews: Interviews) -> dict[str, Any]:
    booked = [application for application, name in interviews.booked.items() if name == slot.id]
    return {"slot": slot.id, "at": slot.at, "minutes": slot.minutes, "places": slot.places, "booked": booked}
