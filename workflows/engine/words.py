"""How what a workflow names is said, in Korean and in English.  The word lists come with the definitions."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from workflows.engine.definition import Ask, Notify, On, Order, Ring, Send
from workflows.engine.moments import Moment

Language = Literal["ko", "en"]


def word_of_stage(words: Mapping[str, str], workflow: str, stage: str) -> str | None:
    """Give the word for a stage: the workflow's own where there is one; None if the list has no word."""
    return words.get(f"{workflow}.{stage}", words.get(stage))


@dataclass(frozen=True, slots=True)
class Words:
    """The word lists, by identifier; a name that is not listed is read as its own English words."""

    ko: Mapping[str, str]
    en: Mapping[str, str]

    def speech(self, language: Language) -> "Speech":
        """Give the language with its list."""
        return Korean(self.ko) if language == "ko" else English(self.en)


class Speech(ABC):
    """One language: the words of its list, and the phrases that clauses are made of.

    Attributes:
        otherwise: Said where a clause comes after others with a guard.
        noted: Said of a clause that keeps facts and does nothing else.
        nothing: Said of a clause that does nothing.
        stays: Said where a clause leads nowhere.
        people: Adds to a role how many people of it are meant.
    """

    otherwise: ClassVar[str]
    noted: ClassVar[str]
    nothing: ClassVar[str]
    stays: ClassVar[str]
    people: ClassVar[str]

    def __init__(self, listed: Mapping[str, str]) -> None:
        self._listed = listed

    def word(self, name: str) -> str:
        """Give the word for an identifier or a question."""
        return self._listed.get(name) or own_words(name)

    def stage(self, workflow: str, stage: str) -> str:
        """Give the word for a stage of this workflow."""
        return word_of_stage(self._listed, workflow, stage) or own_words(stage)

    def doing(self, clause: On | Ring) -> str:
        """Say what a clause does, other than leading to a stage; empty if that says it all."""
        if clause.do:
            return self.orders(clause.do)
        if clause.to is not None:
            return ""
        return self.noted if clause.keep is not None else self.nothing

    def condition(self, clause: On | Ring, before: Sequence[On | Ring]) -> str:
        """Say under which condition a clause is followed; empty if it always is.

        Args:
            clause: The clause.
            before: The clauses before it that share its event or its moment.
        """
        if clause.when is not None:
            return self.guard(clause.when.__name__)
        return self.otherwise if any(other.when is not None for other in before) else ""

    def _with_counts(self, roles: Sequence[str]) -> list[str]:
        """Name each role once, with how many people of it are meant."""
        counted = [(self.role(role), roles.count(role)) for role in dict.fromkeys(roles)]
        return [name if count == 1 else self.people.format(name, count) for name, count in counted]

    @abstractmethod
    def role(self, role: str) -> str:
        """Name a role within a sentence."""

    @abstractmethod
    def roles(self, roles: Sequence[str]) -> str:
        """Name several roles within a sentence; a role that comes more than once, with how many people that means."""

    @abstractmethod
    def guard(self, name: str) -> str:
        """Say a condition."""

    @abstractmethod
    def event(self, name: str) -> str:
        """Begin a sentence about an event that arrives."""

    @abstractmethod
    def moment(self, moment: Moment) -> str:
        """Name a moment, as a list or a label does."""

    @abstractmethod
    def at_moment(self, moment: Moment) -> str:
        """Begin a sentence about a moment that has come."""

    @abstractmethod
    def orders(self, orders: Sequence[Order]) -> str:
        """Say what is told and sent."""

    @abstractmethod
    def asked(self, ask: Ask) -> str:
        """Say whom a question is put to."""

    @abstractmethod
    def answers(self, needs: Sequence[str]) -> tuple[str, str]:
        """Name the yes and the no that decide, where these roles are needed."""

    @abstractmethod
    def also_needed(self, needs: Sequence[str], *, in_order: bool) -> str:
        """Say under which condition the next yes decides; empty if it does."""

    @abstractmethod
    def question(self, ask: Ask, yes: str, no: str) -> str:
        """Say a question, where its answers lead, and to whom it goes when it is overdue."""


class English(Speech):
    """English, after the page in style.md section 2."""

    otherwise = "otherwise"
    noted = "the case notes it"
    nothing = "nothing changes"
    stays = "no change"
    people = "{} ({} people)"

    def role(self, role: str) -> str:
        """Name a role with its article."""
        return f"the {self.word(role)}"

    def roles(self, roles: Sequence[str]) -> str:
        """Join roles by "and"."""
        return _and(self._with_counts(roles))

    def guard(self, name: str) -> str:
        """Say a condition."""
        return f"if {self.word(name)}"

    def event(self, name: str) -> str:
        """Begin with the event, which is a short sentence itself."""
        return f"when {self.word(name)}"

    def moment(self, moment: Moment) -> str:
        """Name a moment: "2 hours before the end of the offer"."""
        lengths = _and(self._lengths(moment))
        if moment.anchor is None:
            return f"after {lengths}" if lengths else "at once"
        anchor = self.word(moment.anchor.__name__)
        side = "before" if moment.offset < timedelta(0) else "after"
        return f"{lengths} {side} {anchor}" if lengths else anchor

    def at_moment(self, moment: Moment) -> str:
        """Begin with the moment."""
        is_bare = moment.anchor is not None and not self._lengths(moment)
        return f"at {self.moment(moment)}" if is_bare else self.moment(moment)

    def orders(self, orders: Sequence[Order]) -> str:
        """Join the effects by "and"."""
        return _and([self._order(order) for order in orders])

    def asked(self, ask: Ask) -> str:
        """Say "ask the operator"."""
        barred = "" if ask.not_by is None else f" (but not {self.word(ask.not_by.__name__)})"
        named = self._with_counts([role.name for role in ask.roles])
        return f"ask {', then '.join(named) if ask.in_order else _and(named)}{barred}"

    def answers(self, needs: Sequence[str]) -> tuple[str, str]:
        """Name the answers: one no decides, however many are needed for a yes."""
        return ("yes from all", "one no") if len(needs) > 1 else ("yes", "no")

    def also_needed(self, needs: Sequence[str], *, in_order: bool) -> str:
        """Name whose yes must follow, or all whose yes it needs."""
        if len(needs) == 1:
            return ""
        return f"once {self.roles(needs[1:])} said yes as well" if in_order else f"once {self.roles(needs)} said yes"

    def question(self, ask: Ask, yes: str, no: str) -> str:
        """Say a question in one sentence."""
        word_yes, word_no = self.answers([role.name for role in ask.roles])
        said = f"{self.asked(ask)}: “{self.word(ask.question)}”; {word_yes} → {yes}, {word_no} → {no}"
        if ask.due is None or ask.escalate_to is None:
            return said
        return f"{said}; {self.moment(ask.due)} also {self.role(ask.escalate_to.name)}"

    def _order(self, order: Order) -> str:
        match order:
            case Notify(role, notice):
                return f"tell {self.role(role.name)} “{self.word(notice.__name__)}”"
            case Send(event, to):
                return f"send “{self.word(event.__name__)}” to {self.word(to.__name__)}"

    def _lengths(self, moment: Moment) -> list[str]:
        counted = [(count, unit) for count, unit in zip(_counts(moment.offset), ("day", "hour", "minute"), strict=True)]
        counted.append((moment.business_days, "working day"))
        named = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counted if count]
        return named if moment.length is None else [self.word(moment.length.__name__), *named]


class Korean(Speech):
    """Korean, in the polite written form."""

    otherwise = "그 밖의 경우"
    noted = "그 내용을 반영합니다"
    nothing = "달라지는 것이 없습니다"
    stays = "그대로"
    people = "{} {}명"

    def role(self, role: str) -> str:
        """Name a role."""
        return self.word(role)

    def roles(self, roles: Sequence[str]) -> str:
        """Join roles by commas."""
        return ", ".join(self._with_counts(roles))

    def guard(self, name: str) -> str:
        """Say a condition, which the list words as one."""
        return self.word(name)

    def event(self, name: str) -> str:
        """Begin with the event, which the list words as a noun."""
        return f"{self.word(name)} 시"

    def moment(self, moment: Moment) -> str:
        """Name a moment: "응답 기한 2시간 전"."""
        lengths = " ".join(self._lengths(moment))
        if moment.anchor is None:
            return f"{lengths} 경과" if lengths else "바로"
        anchor = self.word(moment.anchor.__name__)
        side = "전" if moment.offset < timedelta(0) else "뒤"
        return f"{anchor} {lengths} {side}" if lengths else anchor

    def at_moment(self, moment: Moment) -> str:
        """Begin with the moment."""
        lengths = " ".join(self._lengths(moment))
        if moment.anchor is None:
            return f"{particle(lengths, '이', '가')} 지나면" if lengths else "바로"
        return f"{self.moment(moment)}에" if lengths else f"{particle(self.moment(moment), '이', '가')} 되면"

    def orders(self, orders: Sequence[Order]) -> str:
        """Join the effects, the last of which ends the sentence."""
        *first, last = (self._order(order) for order in orders)
        return "".join(f"{what} {verb}고, " for what, verb, _ in first) + f"{last[0]} {last[2]}"

    def asked(self, ask: Ask) -> str:
        """Say "운영 담당자에게 묻습니다"."""
        barred = "" if ask.not_by is None else f"({self.word(ask.not_by.__name__)} 제외)"
        in_turn = " 차례로" if ask.in_order else ""
        return f"{self.roles([role.name for role in ask.roles])}에게{barred}{in_turn} 묻습니다"

    def answers(self, needs: Sequence[str]) -> tuple[str, str]:
        """Name the answers: one no decides, however many are needed for a yes."""
        return ("모두 ‘예’", "한 명이라도 ‘아니요’") if len(needs) > 1 else ("‘예’", "‘아니요’")

    def also_needed(self, needs: Sequence[str], *, in_order: bool) -> str:
        """Name whose yes must follow, or all whose yes it needs."""
        if len(needs) == 1:
            return ""
        whose = f"이어서 {self.roles(needs[1:])}도" if in_order else f"{particle(self.roles(needs), '이', '가')}"
        return f"{whose} ‘예’라고 답하면"

    def question(self, ask: Ask, yes: str, no: str) -> str:
        """Say a question, and in a second sentence who may answer later."""
        word_yes, word_no = self.answers([role.name for role in ask.roles])
        said = f"{self.asked(ask)}: “{self.word(ask.question)}” {word_yes} → {yes}, {word_no} → {no}"
        if ask.due is None or ask.escalate_to is None:
            return said
        return f"{said}. {self.at_moment(ask.due)} {self.role(ask.escalate_to.name)}도 답할 수 있습니다"

    def _order(self, order: Order) -> tuple[str, str, str]:
        """Give what is done to whom, and the verb: its stem, and as it ends a sentence."""
        match order:
            case Notify(role, notice):
                to = f"{self.role(role.name)}{'에' if role.is_outside else '에게'}"
                return f"{to} {self._object(notice.__name__)}", "보내", "보냅니다"
            case Send(event, to_case):
                return f"{self.word(to_case.__name__)}에 {self._object(event.__name__)}", "전달하", "전달합니다"

    def _object(self, name: str) -> str:
        word = self.word(name)
        return f"“{word}”{particle(word, '을', '를').removeprefix(word)}"

    def _lengths(self, moment: Moment) -> list[str]:
        counted = [*zip(_counts(moment.offset), ("일", "시간", "분"), strict=True), (moment.business_days, "영업일")]
        named = [f"{count}{unit}" for count, unit in counted if count]
        if moment.length is None:
            return named
        length = self.word(moment.length.__name__)
        return [f"{length} 뒤", *named] if named else [length]


def own_words(name: str) -> str:
    """Read an identifier as words: `OfferMade` and `offer_made` are "offer made"; a question is left as it is."""
    if not name.isidentifier():
        return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").lower()


def capital(text: str) -> str:
    """Begin with a capital letter, where the script has them."""
    return text[:1].upper() + text[1:]


def particle(word: str, closed: str, opened: str) -> str:
    """Add the Korean particle that the last syllable calls for; what stands in parentheses is not heard.

    Args:
        word: The word.
        closed: The particle after a final consonant.
        opened: The particle after a vowel.
    """
    last = re.sub(r"\s*\([^()]*\)$", "", word)[-1:]
    has_final = "가" <= last <= "힣" and (ord(last) - ord("가")) % 28 > 0
    return f"{word}{closed if has_final else opened}"


def _counts(offset: timedelta) -> tuple[int, int, int]:
    """Count days, hours and minutes, before or after."""
    length = abs(offset)
    return length.days, length.seconds // 3600, length.seconds % 3600 // 60


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
