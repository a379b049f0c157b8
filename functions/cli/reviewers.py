"""`sadari round reviewers`: names who reads the applications of a round."""

from collections.abc import Sequence
from dataclasses import replace

from functions.cli.acting import AsOption, DryRunOption, carry, case_of, office, show_told, staff
from functions.cli.backends import Backend
from functions.cli.imports import REFUSED, FileArgument, RowTold, lines_of, refused, show_rows
from functions.cli.rounds import RoundArgument
from functions.cli.screen import err
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption
from functions.forms.csv_table import Line
from functions.forms.reviewers_csv import read_reviewers
from schemas.ids import CaseId
from schemas.reviewers import Reviewer
from schemas.roles import REVIEWER
from workflows.runtime.name_reviewers import name_reviewers, unknown_relations
from workflows.runtime.ports import Ports


def reviewers(
    round_id: RoundArgument,
    file: FileArgument,
    who: AsOption,
    store: StoreOption = DEFAULT_STORE,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Name the reviewers of a round that is closed; screening begins.  All of the file is taken, or nothing.

    Columns: id, and if known university, department, email_domain, related, load_max.  Under `related` stand the
    applications, or persons, that somebody is related to, separated by spaces.
    """
    actor = staff(who, "operator")
    with office(store) as backend:
        case = case_of(backend, round_id, "round")
        lines = _related_known(lines_of(file, read_reviewers), case.id, backend.ports)
        rows = [refused(line) if line.value is None else _row(line.number, line.value) for line in lines]
        if not rows or any(row.result == REFUSED for row in rows):
            rows = [row if row.result == REFUSED else replace(row, result="not taken") for row in rows]
            show_rows(
                rows or [RowTold(1, REFUSED, note="names nobody")],
                is_rehearsal=dry_run,
                as_json=as_json,
                more={},
                about="reviewer",
            )
            return
        read = [line.value for line in lines if line.value is not None]
        _warn_of_strangers(read, backend)
        told = carry(backend, lambda: [name_reviewers(case.id, read, actor, backend.ports)], is_rehearsal=dry_run)
    more = {"dry_run": dry_run, "reviewers": [each.id for each in read]}
    if not as_json:
        show_rows(rows, is_rehearsal=dry_run, as_json=False, more={}, about="reviewer")
    show_told(told, as_json=as_json, more=more)


def _related_known(lines: list[Line[Reviewer]], round_id: CaseId, ports: Ports) -> list[Line[Reviewer]]:
    """Refuse a relation to nobody, beside its column."""
    unknown = unknown_relations([line.value for line in lines if line.value is not None], round_id, ports)
    checked = []
    for line in lines:
        wrong = [] if line.value is None else unknown.get(line.value.id, [])
        fault = {"related": f"names no application or person of this round: {wrong}"}
        checked.append(replace(line, value=None, faults=fault) if wrong else line)
    return checked


def _warn_of_strangers(read: Sequence[Reviewer], backend: Backend) -> None:
    """Name those who could not log in to review, where the store has staff at all: members may be added later."""
    members = backend.staff_ports.members.all()
    may_read = {
        member.id
        for member in members
        if not member.is_disabled and REVIEWER.name in {each.role for each in member.grants}
    }
    strangers = [each.id for each in read if each.id not in may_read]
    if members and strangers:
        err.print(
            f"no member of staff with the role of a reviewer: {', '.join(strangers)}", markup=False, soft_wrap=True
        )


def _row(number: int, reviewer: Reviewer) -> RowTold:
    parts = [reviewer.university, reviewer.department, reviewer.email_domain]
    parts += [f"related to {len(reviewer.related)}"] if reviewer.related else []
    parts += [f"at most {reviewer.load_max}"] if reviewer.load_max else []
    return RowTold(number, "taken", reviewer.id, ", ".join(part for part in parts if part))
