"""`sadari round reviewers`: names who reads the applications of a round."""

from dataclasses import replace

from functions.bootstrap import Embedded
from functions.cli.acting import AsOption, DryRunOption, carry, case_of, office, show_told, staff
from functions.cli.imports import REFUSED, FileArgument, RowTold, lines_of, refused, show_rows
from functions.cli.rounds import RoundArgument
from functions.cli.stores import DEMO_STORE, JsonOption, StoreOption
from functions.forms.csv_table import Line
from functions.forms.reviewers_csv import read_reviewers
from schemas.events import ReviewersNamed
from schemas.facts import Fact
from schemas.ids import CaseId
from schemas.messages import Actor, Message
from schemas.reviewers import Reviewer, ReviewerPool
from workflows.runtime.bring import bring
from workflows.runtime.ports import Ports


def reviewers(
    round_id: RoundArgument,
    file: FileArgument,
    who: AsOption,
    store: StoreOption = DEMO_STORE,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Name the reviewers of a round that is closed; screening begins.  All of the file is taken, or nothing.

    Columns: id, and if known university, department, email_domain, related, load_max.  Under `related` stand the
    applications, or persons, that somebody is related to, separated by spaces.
    """
    actor = staff(who, "operator")
    with office(store) as embedded:
        case = case_of(embedded, round_id, "round")
        lines = _related_known(lines_of(file, read_reviewers), case.id, embedded.ports)
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
        pool = ReviewerPool(reviewers=tuple(line.value for line in lines if line.value is not None))
        told = carry(embedded, lambda: [_name(embedded, case.id, pool, actor)], is_rehearsal=dry_run)
    more = {"dry_run": dry_run, "reviewers": [each.id for each in pool.reviewers]}
    if not as_json:
        show_rows(rows, is_rehearsal=dry_run, as_json=False, more={}, about="reviewer")
    show_told(told, as_json=as_json, more=more)


def _name(embedded: Embedded, round_id: CaseId, pool: ReviewerPool, actor: Actor) -> Message:
    fact_id = embedded.ports.facts.put(pool)
    return bring(ReviewersNamed(pool=Fact(fact_id)), round_id, actor, embedded.ports)


def _related_known(lines: list[Line[Reviewer]], round_id: CaseId, ports: Ports) -> list[Line[Reviewer]]:
    """Refuse a relation to nobody: a slip of the pen would hide a conflict of interest."""
    cases = list(ports.cases.find(workflow="application", round_id=round_id))
    known = {case.id for case in cases} | {case.person for case in cases}
    checked = []
    for line in lines:
        unknown = [] if line.value is None else [each for each in line.value.related if each not in known]
        fault = {"related": f"names no application or person of this round: {unknown}"}
        checked.append(replace(line, value=None, faults=fault) if unknown else line)
    return checked


def _row(number: int, reviewer: Reviewer) -> RowTold:
    parts = [reviewer.university, reviewer.department, reviewer.email_domain]
    parts += [f"related to {len(reviewer.related)}"] if reviewer.related else []
    parts += [f"at most {reviewer.load_max}"] if reviewer.load_max else []
    return RowTold(number, "taken", reviewer.id, ", ".join(part for part in parts if part))
