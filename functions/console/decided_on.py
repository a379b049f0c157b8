"""What a question is decided on, by its kind: the list in figures, the failed rules, the decision appealed against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from functions.console.ranked_list import RankedList, list_of
from functions.console.reach import may_see_on
from functions.console.room import language, room
from schemas.appeal import Appeal
from schemas.application import Application
from schemas.ids import CaseId
from schemas.messages import Case
from schemas.round import Stage


@dataclass(frozen=True, slots=True)
class DecidedOn:
    """What whoever answers has to know.

    Attributes:
        failed: The rules that an application fails, in words.
        decision: The case whose decision is appealed against.
        pages: The pages that the visitor may open about it.
    """

    list: RankedList | None = None
    failed: tuple[str, ...] = ()
    decision: CaseId | None = None
    pages: frozenset[str] = frozenset()


def decided_on(case: Case) -> DecidedOn:
    """Give what a question about the case is decided on; nothing where there is no more than the case."""
    tell = KINDS.get(case.workflow)
    return DecidedOn() if tell is None else tell(case)


def failed_rules(case: Case) -> tuple[str, ...]:
    """Give the rules that an application fails, in the visitor's language; none for any other case."""
    if case.workflow != "application":
        return ()
    application = Application.model_validate_json(case.subject)
    return application.reasons_en if language() == "en" else application.reasons_ko


def _round(case: Case) -> DecidedOn:
    if case.stage != Stage.DECIDED:
        return DecidedOn()
    pages = frozenset(page for page in ("round", "order", "compare") if may_see_on(page, case))
    return DecidedOn(list=list_of(case.id), pages=pages)


def _application(case: Case) -> DecidedOn:
    return DecidedOn(failed=failed_rules(case))


def _appeal(case: Case) -> DecidedOn:
    decision = Appeal.model_validate_json(case.subject).decision
    seen = room().ports.cases.get(decision)
    may_open = seen is not None and may_see_on("case", seen.case)
    return DecidedOn(decision=decision, pages=frozenset({"case"} if may_open else ()))


KINDS: Mapping[str, Callable[[Case], DecidedOn]] = MappingProxyType(
    {"round": _round, "application": _application, "appeal": _appeal}
)
