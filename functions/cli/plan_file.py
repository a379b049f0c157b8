"""Reads the configuration of a cohort, and finds what cannot work before anybody applies."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from functions.cli.imports import read_file
from functions.cli.screen import NotDoneError
from functions.forms.strict_json import BadJsonError, read_json
from schemas.cohort import Calendar, Cohort, is_in_order
from schemas.ids import CaseId, is_safe_id
from schemas.ranking import Ranked
from schemas.risk import PRESETS
from schemas.selection import Quota
from workflows.definitions.quotas import QuotaFault, faults
from workflows.definitions.scores import REVIEW
from workflows.runtime.intake import faults_of


def read_plan(path: Path) -> tuple[CaseId, Cohort]:
    """Give the round's id and the cohort.

    Raises:
        BadUseError: The file cannot be read.
        NotDoneError: It is no plan, with every fault beside its field.
    """
    try:
        fields = read_json(read_file(path))
    except BadJsonError as error:
        raise NotDoneError(f"[{path}]: {error}") from error
    round_id, cohort = fields.get("round"), fields.get("cohort")
    if not isinstance(round_id, str) or not is_safe_id(round_id):
        raise NotDoneError(f"[{path}]: [round] is no id: letters, digits, - and _ only, at most 64")
    if others := sorted(fields.keys() - {"round", "cohort"}):
        raise NotDoneError(f"[{path}]: takes [round] and [cohort] only, and has {others} as well")
    found = _cohort(path, cohort)
    if wrong := list(plan_faults(found)):
        raise NotDoneError(f"[{path}]: {'; '.join(wrong)}")
    return CaseId(round_id), found


def plan_faults(cohort: Cohort) -> Iterator[str]:
    """Give what cannot work, in words."""
    if not is_in_order(cohort.calendar):
        yield order_fault(cohort.calendar)
    if cohort.terms.risk and cohort.terms.risk not in PRESETS:
        yield f"[risk] names [{cohort.terms.risk}]; the presets are {', '.join(PRESETS)}"
    selection = cohort.selection
    parts = [part.id for part in selection.components]
    if len(set(parts)) < len(parts) or not parts:
        yield "[components] are none, or name one twice"
    if unknown := [name for name in selection.ties if name not in parts]:
        yield f"[ties] name {unknown}, which are no components"
    if selection.admission.readers and not selection.rubric:
        yield "[readers] are asked for, but there is no [rubric] to review by"
    if selection.admission.readers and REVIEW not in parts:
        yield f"[readers] are asked for, but [{REVIEW}] is no component, so that reviews would count for nothing"
    criteria = [criterion.id for criterion in selection.rubric]
    if len(set(criteria)) < len(criteria):
        yield "the [rubric] names a criterion twice"
    yield from (fault.en for fault in contradictions(selection.quotas, cohort.terms.capacity))


def contradictions(quotas: tuple[Quota, ...], capacity: int) -> list[QuotaFault]:
    """Give what cannot hold of these quotas, whoever applies: as if there were enough people of every group."""
    groups: list[dict[str, str]] = [{}] * capacity
    groups += [{quota.field: quota.value} for quota in quotas for _ in range(quota.minimum)]
    crowd = [
        Ranked(application=CaseId(f"{rank}"), rank=rank, score=0, groups=each) for rank, each in enumerate(groups, 1)
    ]
    return faults(quotas, capacity, crowd)


def order_fault(calendar: Calendar) -> str:
    """Name the first date that comes before the one it should follow."""
    names = [name for name in Calendar.model_fields if name not in {"version", "holidays"}]
    for earlier, later in pairwise(names):
        if getattr(calendar, earlier) > getattr(calendar, later):
            return f"the dates are not in order: [{later}] is before [{earlier}]"
    return "the dates are in order"


def _cohort(path: Path, fields: Any) -> Cohort:
    try:
        return Cohort.model_validate_json(json.dumps(fields), strict=True)
    except ValidationError as error:
        told = "; ".join(f"[{place}] {text}" for place, text in faults_of(error, under="cohort").items())
        raise NotDoneError(f"[{path}]: {told}") from error
