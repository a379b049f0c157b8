"""Writes a workflow out for people: as a page in sentences, and as a diagram."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.events import Event
from schemas.events.engine import CalendarMoved
from workflows.engine.definition import Ask, On, Ring, Send, State, Workflow
from workflows.engine.words import Language, Speech, Words, capital


@dataclass(frozen=True, slots=True)
class _Texts:
    """What a page says beside the clauses, in one language.

    Attributes:
        unless: Which stages what holds throughout is not true of.
        every_stage: Names the box of what holds throughout, in the diagram.
        anew: Said of a clause by which the facts change that an open question is decided on.
        number: Names a question, in the diagram of a stage that puts several.
        bringers: Heads the list of who brings which events.
        case_of: Names a case of a workflow, as the sender of an event.
    """

    version: str
    opens: str
    arrival: str
    anew: str
    ending: str
    throughout: str
    unless: str
    every_stage: str
    number: str
    bringers: str
    case_of: str


_TEXTS: Mapping[Language, _Texts] = {
    "en": _Texts(
        version="Version {}.",
        opens="A case opens:",
        arrival="on arrival",
        anew=" (an open question is then put anew)",
        ending="The case ends here.",
        throughout="In every stage that is not an ending",
        unless="Unless the stage itself answers the event.",
        every_stage="every stage that does not answer it itself",
        number="question {}, ",
        bringers="Who brings the events",
        case_of="the {} case",
    ),
    "ko": _Texts(
        version="버전 {}.",
        opens="다음과 같이 시작합니다.",
        arrival="이 단계에 들어오면",
        anew="(열린 질문은 새로 올립니다)",
        ending="이 단계에서 종료됩니다.",
        throughout="진행 중인 모든 단계",
        unless="해당 단계에서 같은 사건을 따로 다루면 그 내용을 따릅니다.",
        every_stage="같은 사건을 따로 다루지 않는 모든 진행 단계",
        number="질문 {}, ",
        bringers="사건을 보내는 사람과 업무",
        case_of="{} 건",
    ),
}


# ---- the page


def page(workflow: Workflow, words: Words, language: Language) -> str:
    """Give the page for staff, in Markdown: how a case opens, then every stage with a sentence a clause."""
    speech, texts = words.speech(language), _TEXTS[language]
    blocks = [[f"# {capital(speech.word(workflow.name))}"], [texts.version.format(workflow.version)], [texts.opens]]
    blocks.append(_clauses(workflow, workflow.opens, speech))
    for stage, state in workflow.states.items():
        blocks.append([f"## {capital(speech.stage(workflow.name, stage))}"])
        blocks += [[f"*{texts.ending}*"]] if state.is_final else []
        blocks.append(_sentences(workflow, state, speech, texts))
    if workflow.throughout:
        blocks += [[f"## {texts.throughout}"], [f"*{texts.unless}*"]]
        anew = texts.anew if any(state.asks for state in workflow.states.values()) else ""
        blocks.append(_clauses(workflow, workflow.throughout, speech, anew=anew))
    return _joined(blocks)


def bringers(workflow: Workflow, among: Iterable[Workflow], words: Words, language: Language) -> str:
    """Give the section that says who brings the events which the workflow answers, in Markdown.

    Args:
        workflow: The workflow that answers them.
        among: The workflows that may send them.
        words: The word lists.
        language: The language.
    """
    speech, texts = words.speech(language), _TEXTS[language]
    all_of_them = list(among)
    brought: dict[str, list[str]] = {}
    for event in _events(workflow):
        by = [speech.role(role.name) for role in event.by]
        by += [texts.case_of.format(speech.word(each.name)) for each in all_of_them if event in set(_sent(each))]
        for who in by:
            brought.setdefault(who, []).append(speech.word(event.__name__))
    lines = [f"- {capital(who)}: {', '.join(events)}." for who, events in brought.items()]
    return _joined([[f"## {texts.bringers}"], lines])


def _joined(blocks: Iterable[Sequence[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _sentences(workflow: Workflow, state: State, speech: Speech, texts: _Texts) -> list[str]:
    """Give the sentences of one stage, in reading order: arrival, questions, events, timers."""
    said = [f"- {capital(texts.arrival)}, {speech.orders(state.entry)}."] if state.entry else []
    for ask in state.asks:
        yes, no = (_target(workflow, target, speech) or speech.stays for target in (ask.yes, ask.no))
        said.append(f"- {capital(speech.question(ask, yes, no))}.")
    return said + _clauses(workflow, (*state.ons, *state.rings), speech, anew=texts.anew if state.asks else "")


def _clauses(workflow: Workflow, clauses: Sequence[On | Ring], speech: Speech, *, anew: str = "") -> list[str]:
    """Give one sentence a clause: when, under which condition, what is done, and where it leads."""
    said = []
    for place, clause in enumerate(clauses):
        when = speech.event(clause.event.__name__) if isinstance(clause, On) else speech.at_moment(clause.moment)
        parts = [when, speech.condition(clause, _beside(clause, clauses[:place])), speech.doing(clause)]
        target = _target(workflow, clause.to, speech)
        leads_to = f" → {target}" if target else anew if _changes_facts(clause) else ""
        said.append(f"- {capital(', '.join(filter(None, parts)))}{leads_to}.")
    return said


def _changes_facts(clause: On | Ring) -> bool:
    """Tell whether a clause may change what an open question is decided on: the calendar is no part of that."""
    is_calendar = isinstance(clause, On) and clause.event is CalendarMoved
    return clause.keep is not None and not is_calendar


def _beside(clause: On | Ring, others: Iterable[On | Ring]) -> list[On | Ring]:
    """Give those that share the clause's event, or its moment."""
    return [other for other in others if _occasion(other) == _occasion(clause)]


def _occasion(clause: On | Ring) -> object:
    return clause.event if isinstance(clause, On) else clause.moment


def _target(workflow: Workflow, stage: str | None, speech: Speech) -> str:
    return "" if stage is None else f"**{speech.stage(workflow.name, stage)}**"


def _events(workflow: Workflow) -> list[type[Event]]:
    ons = [*workflow.opens, *(on for state in workflow.states.values() for on in state.ons), *workflow.throughout]
    return list(dict.fromkeys(on.event for on in ons))


def _sent(workflow: Workflow) -> Iterator[type[Event]]:
    clauses: list[On | Ring] = [*workflow.opens, *workflow.throughout]
    for state in workflow.states.values():
        clauses += [*state.ons, *state.rings]
        yield from (order.event for order in state.entry if isinstance(order, Send))
    yield from (order.event for clause in clauses for order in clause.do if isinstance(order, Send))


# ---- the diagram


def diagram(workflow: Workflow, words: Words, language: Language) -> str:
    """Give the Mermaid `stateDiagram-v2` of the stages and of the ways between them.

    Drawn is what leads from stage to stage; a clause that stays in its stage is on the page only.  What holds
    throughout leads out of one box of its own, because an edge from every stage would hide the rest.
    """
    speech, texts = words.speech(language), _TEXTS[language]
    lines = ["stateDiagram-v2"]
    for stage, state in workflow.states.items():
        lines.append(f'    state "{_label(speech.stage(workflow.name, stage))}" as {_alias(stage)}')
        lines += [f"    {_alias(stage)} : {_label(_question(ask, speech))}" for ask in state.asks]
    lines += _edges("[*]", workflow.opens, speech)
    for stage, state in workflow.states.items():
        lines += _answer_edges(stage, state.asks, speech, texts)
        lines += _edges(_alias(stage), (*state.ons, *state.rings), speech)
        lines += [f"    {_alias(stage)} --> [*]"] if state.is_final else []
    lines += _throughout(workflow, speech, texts)
    return "\n".join(lines) + "\n"


def every_stage(language: Language) -> str:
    """Name the box of what holds throughout."""
    return capital(_TEXTS[language].every_stage)


def _question(ask: Ask, speech: Speech) -> str:
    return f"{capital(speech.asked(ask))} – “{speech.word(ask.question)}”"


def _throughout(workflow: Workflow, speech: Speech, texts: _Texts) -> list[str]:
    edges = list(_edges("throughout", workflow.throughout, speech))
    return [f'    state "{_label(texts.every_stage)}" as throughout', *edges] if edges else []


def _edges(source: str, clauses: Sequence[On | Ring], speech: Speech) -> Iterator[str]:
    for place, clause in enumerate(clauses):
        if clause.to is not None:
            what = speech.word(clause.event.__name__) if isinstance(clause, On) else speech.moment(clause.moment)
            condition = speech.condition(clause, _beside(clause, clauses[:place]))
            yield _edge(source, clause.to, ", ".join(filter(None, (what, condition))))


def _answer_edges(stage: str, asks: Sequence[Ask], speech: Speech, texts: _Texts) -> Iterator[str]:
    for number, ask in enumerate(asks, 1):
        which = texts.number.format(number) if len(asks) > 1 else ""
        answers = speech.answers([role.name for role in ask.roles])
        for answer, target in zip(answers, (ask.yes, ask.no), strict=True):
            if target is not None:
                yield _edge(_alias(stage), target, f"{which}{answer}")


def _edge(source: str, target: str, text: str) -> str:
    return f"    {source} --> {_alias(target)} : {_label(text)}"


def _alias(stage: str) -> str:
    """Name a stage so that it is no word of Mermaid's own."""
    return f"stage_{re.sub(r'[^A-Za-z0-9_]', '_', stage)}"


_FORBIDDEN = str.maketrans({":": "∶", ";": ",", '"': "”", "<": "‹", ">": "›"})


def _label(text: str) -> str:
    """Write a text without what means something else in Mermaid, whose own escapes some viewers show as they are."""
    in_one_line = " ".join(text.translate(_FORBIDDEN).split())
    # Mermaid takes a direction to be set wherever in a line these two words stand.
    return re.sub(r"\b(direction) (?=TB|BT|LR|RL)", r"\1-", in_one_line, flags=re.IGNORECASE)
