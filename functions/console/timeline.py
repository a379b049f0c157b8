"""Tells a case's history in sentences: what happened, who did it, and what it led to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.console.error_pages import said
from functions.console.room import language, room
from functions.console.texts import text
from schemas.events.engine import AnswerTakenBack, QuestionAnswered, TimerRang
from schemas.messages import Actor, Entry, Step, Verdict
from workflows.definitions.words import WORDS
from workflows.engine.decide import PARKED_KEY
from workflows.engine.definition import QUESTION, UNDO, Workflow
from workflows.engine.words import Speech, capital

ANSWERED, TAKEN_BACK, RANG = (each.__name__ for each in (QuestionAnswered, AnswerTakenBack, TimerRang))


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a history, as people read it.

    Attributes:
        what: What happened and who did it, in a sentence.
        led_to: What came of it, a sentence each.
        reason: Where the reason that was given lies in the vault; empty if none was.
        batch: The batch that it was part of.
    """

    seq: int
    at: datetime
    what: str
    led_to: Sequence[str]
    reason: str
    batch: str


def timeline(workflow: Workflow, entries: Sequence[Entry]) -> list[Line]:
    """Give the history of a case, entry by entry."""
    names = _names({each for entry in entries for each in entry.message.actor.ids})
    speech = WORDS.speech(language())
    return [_line(workflow, entry, speech, names) for entry in entries]


def _line(workflow: Workflow, entry: Entry, speech: Speech, names: dict[str, str]) -> Line:
    message = entry.message
    return Line(
        seq=entry.seq,
        at=message.at,
        what=_what(workflow, entry, speech, _who(message.actor, speech, names)),
        led_to=list(_led_to(workflow, entry, speech)),
        reason=str(message.data.get("reason") or ""),
        batch=str(message.data.get("batch") or ""),
    )


def _names(ids: set[str]) -> dict[str, str]:
    """Give the names of those who are members of staff."""
    return {each: member.name for each, member in room().staff.members.named(sorted(ids)).items()}


def _who(actor: Actor, speech: Speech, names: dict[str, str]) -> str:
    """Name whoever did it: staff by name and role, the person as such, another case by its number."""
    if actor.kind != "staff":
        return text(f"by_{actor.kind}", actor.id[:8])
    name = names.get(actor.id, actor.id)
    name = f"{name} ({speech.word(actor.role)})" if actor.role else name
    for_whom = names.get(actor.on_behalf_of, actor.on_behalf_of)
    return text("by_for", name, for_whom) if for_whom else name


def _what(workflow: Workflow, entry: Entry, speech: Speech, who: str) -> str:
    message = entry.message
    if message.type == RANG:
        return text("line_rang", _moment(workflow, str(message.data.get("key", "")), speech))
    if message.type in {ANSWERED, TAKEN_BACK}:
        question = _question(workflow, entry.steps, speech)
        if message.type == TAKEN_BACK:
            return text("line_taken_back", who, question)
        return text("line_answered", who, question, text("yes" if message.data.get("answer") else "no"))
    return text("line_event", capital(speech.word(message.type)), who)


def _question(workflow: Workflow, steps: Sequence[Step], speech: Speech) -> str:
    """Give the question that an answer was to, by the clause that it followed; what was refused followed none."""
    for step in steps:
        stage, _, rest = step.clause.partition(".ask")
        place = rest.partition(".")[0]
        if place.isdigit() and stage in workflow.states:
            return f"“{speech.word(workflow.states[stage].asks[int(place)].question)}”"
    return text("line_a_question")


def _moment(workflow: Workflow, key: str, speech: Speech) -> str:
    """Say which moment a timer stood for."""
    if key == PARKED_KEY:
        return text("line_parked_until")
    if key.endswith((f".{QUESTION}", f".{UNDO}")):
        return text("line_overdue" if key.endswith(QUESTION) else "line_undo_over")
    alarms = (alarm for alarms in workflow.alarms.values() for alarm in alarms)
    return next((speech.moment(alarm.moment) for alarm in alarms if alarm.key == key), key)


def _led_to(workflow: Workflow, entry: Entry, speech: Speech) -> Iterator[str]:
    """Say what came of it: where the case went, what was written to whom, or why nothing did."""
    if entry.verdict is not Verdict.APPLIED:
        yield text(f"verdict_{entry.verdict.value}") + (f": {said(entry.reason)}" if entry.reason else "")
        return
    for step in entry.steps:
        if step.to != step.source or step.clause.startswith("opens."):
            yield text("line_moved", capital(speech.stage(workflow.name, step.to)))
        for ending in ("approved", "held"):
            if step.clause.endswith(f".{ending}"):
                yield text(f"line_{ending}")
    for effect in entry.effects:
        if effect.kind == "notice":
            yield text("line_told", speech.roles(list(effect.targets)), speech.word(effect.type))
