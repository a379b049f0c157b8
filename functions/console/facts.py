"""The facts of a case as people read them: named, in their language, in Korean time, with names instead of ids."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.console.fact_texts import FACTS, OF_STAFF
from functions.console.room import language, room
from functions.console.texts import TEXTS, text
from workflows.definitions.words import WORDS
from workflows.engine.moments import SEOUL
from workflows.engine.words import Speech, capital

WORDED = frozenset({"why", "phase", "phase_completed", "conflicts", "reasons", "status", "evidence"})
"""Facts whose values are words of ours and not ids, names or numbers."""


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact, with its name in our records; what holds several things has a line for each."""

    name: str
    label: str
    lines: tuple[str, ...]


def fact_rows(facts: Mapping[str, Any]) -> list[FactRow]:
    """Give facts as rows, in their order; one that we have no word for is named by its own words."""
    speech, names = WORDS.speech(language()), _names(facts)
    return [FactRow(name, _label(name, speech), tuple(_lines(name, facts[name], speech, names))) for name in facts]


def _label(name: str, speech: Speech) -> str:
    if name in FACTS:
        ko, en = FACTS[name]
        return en if language() == "en" else ko
    return capital(speech.word(name))


def _lines(name: str, value: object, speech: Speech, names: Mapping[str, str]) -> Iterator[str]:
    match value:
        case dict():
            for key, each in value.items():
                yield f"{_part(name, key, names)}: {_said(name, each, speech, names)}"
        case list() | tuple():
            yield ", ".join(_said(name, each, speech, names) for each in value)
        case _:
            yield _said(name, value, speech, names)


def _said(name: str, value: object, speech: Speech, names: Mapping[str, str]) -> str:
    match value:
        case bool():
            return text("yes" if value else "no")
        case dict():
            return ", ".join(f"{_part('', key, names)} {_said('', each, speech, names)}" for key, each in value.items())
        case datetime():
            return _kst(value)
        case float():
            return f"{value:g}"
        case str():
            return _word(name, value, speech, names)
    return str(value)


def _word(name: str, value: str, speech: Speech, names: Mapping[str, str]) -> str:
    if value in names and name in OF_STAFF:
        return names[value]
    if name in WORDED:
        return text(f"conflict_{value}") if f"conflict_{value}" in TEXTS else capital(speech.word(value))
    if f"order_{value}" in TEXTS and name == "order":
        return text(f"order_{value}")
    try:
        return _kst(datetime.fromisoformat(value)) if "T" in value else value
    except ValueError:
        return value


def _part(name: str, key: str, names: Mapping[str, str]) -> str:
    """Name one part of a fact: a member, a component of the score, a field, or what it is called."""
    if name in OF_STAFF:
        return names.get(key, key)
    if f"component_{key}" in TEXTS:
        return text(f"component_{key}")
    return _label(key, WORDS.speech(language())) if key in FACTS else key


def _kst(moment: datetime) -> str:
    return f"{moment.astimezone(SEOUL):%Y-%m-%d %H:%M} KST" if moment.tzinfo else f"{moment}"


def _names(facts: Mapping[str, Any]) -> dict[str, str]:
    """Give the names of the members that the facts name, in one call."""
    held = (facts[name] for name in OF_STAFF if name in facts)
    ids = {each for value in held for each in ([value] if isinstance(value, str) else value)}
    return {each: member.name for each, member in room().staff.members.named(sorted(ids)).items()}
