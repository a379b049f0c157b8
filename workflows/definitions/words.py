"""The words of the generated pages: Korean for every identifier, English only where the automatic one reads badly."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from schemas.notices.engine import EventGivenUp, QuestionOverdue
from workflows.definitions.words_en import EN_OVERRIDES
from workflows.definitions.words_ko import KO
from workflows.engine.definition import Notify, On, Order, Ring, Workflow
from workflows.engine.words import Words, word_of_stage

WORDS = Words(ko=KO, en=EN_OVERRIDES)


def missing_words(workflows: Iterable[Workflow]) -> list[str]:
    """Give every identifier that the workflows use and that has no Korean, in reading order."""
    missing: dict[str, None] = {}
    for workflow in workflows:
        missing |= dict.fromkeys(name for name in _identifiers(workflow) if name not in KO)
        stages = (stage for stage in workflow.states if word_of_stage(KO, workflow.name, stage) is None)
        missing |= dict.fromkeys(f"{workflow.name}.{stage}" for stage in stages)
    return list(missing)


def _identifiers(workflow: Workflow) -> Iterator[str]:
    """Give what the workflow names, other than its stages; the same name may come again."""
    # The engine itself tells these two, in any workflow.
    yield from (workflow.name, QuestionOverdue.__name__, EventGivenUp.__name__)
    for on in (*workflow.opens, *workflow.throughout):
        yield from _in_clause(on)
    for state in workflow.states.values():
        yield from _in_orders(state.entry)
        for ask in state.asks:
            yield ask.question
            yield from (role.name for role in (*ask.roles, ask.escalate_to) if role is not None)
            yield from _named(ask.not_by)
            yield from _named(ask.about)
        clauses: tuple[On | Ring, ...] = (*state.ons, *state.rings)
        for clause in clauses:
            yield from _in_clause(clause)


def _in_clause(clause: On | Ring) -> Iterator[str]:
    if isinstance(clause, On):
        yield clause.event.__name__
    else:
        yield from _named(clause.moment.anchor, clause.moment.length)
    yield from _named(clause.when)
    yield from _in_orders(clause.do)


def _in_orders(orders: Iterable[Order]) -> Iterator[str]:
    for order in orders:
        if isinstance(order, Notify):
            yield from (order.role.name, order.notice.__name__)
        else:
            yield from (order.event.__name__, order.to.__name__)


def _named(*functions: Callable[..., Any] | None) -> Iterator[str]:
    yield from (function.__name__ for function in functions if function is not None)


__all__ = ["EN_OVERRIDES", "KO", "WORDS", "missing_words", "word_of_stage"]
