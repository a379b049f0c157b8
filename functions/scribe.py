"""Writes letters from the templates in `letters/`: one text file per notice and language."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables

from functions.links import LINK_NAMES
from schemas.messages import Notice
from schemas.notices import NOTICES, NoticeBody
from schemas.people import Locale, Person
from workflows.definitions import WORKFLOWS
from workflows.engine.definition import Notify, Order, Workflow
from workflows.engine.moments import SEOUL
from workflows.runtime.deliver import PEOPLE

LETTERS = Path(__file__).parent / "letters"
LOCALES: tuple[Locale, ...] = get_args(Locale)
SUBJECT = "Subject: "

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")
# Not strftime's names: they follow the locale of the process.
_WEEKDAYS: Mapping[Locale, tuple[str, ...]] = {
    "ko": ("월", "화", "수", "목", "금", "토", "일"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# Every Korean phase ends in the same syllable, so that the particle after it stands in the template.
_PHASES: Mapping[Locale, Mapping[str, str]] = {
    "ko": {"online": "온라인 기초 과정", "offline": "오프라인 과정", "pitch": "피칭·네트워킹 과정"},
    "en": {"online": "online basics", "offline": "offline training", "pitch": "pitching and networking"},
}
_WORDS: Mapping[Locale, Mapping[str, str]] = {
    "ko": {
        "see": "열람",
        "correct": "정정",
        "erase": "삭제",
        "withdraw_consent": "동의 철회",
        "suspend": "처리정지",
        "name": "이름",
        "email": "이메일",
        "contact": "휴대전화 번호",
        "student_number": "학번",
        "": "법령",
        "statute": "법령상 보존 의무",
        "legal_claim": "진행 중인 분쟁",
        "public_audit": "공공재원 감사",
        "on_site": "현장 참가",
        "online": "온라인 참가",
    },
    "en": {
        "see": "to see your data",
        "correct": "to correct your data",
        "erase": "to erase your data",
        "withdraw_consent": "to withdraw a consent",
        "suspend": "to stop the use of your data",
        "name": "name",
        "email": "e-mail address",
        "contact": "mobile number",
        "student_number": "student number",
        "": "a law",
        "statute": "a law that orders it",
        "legal_claim": "a dispute that is not over",
        "public_audit": "the audit of public money",
        "on_site": "on site",
        "online": "online",
    },
}
"""What is asked for, what is kept, and on what ground."""

# What a template may use besides the fields of its notice, and need not.
_BESIDES = frozenset({"name", *LINK_NAMES})


def no_links(_notice: Notice) -> Mapping[str, str]:
    """Give no links: the letter says to reply."""
    return {}


class TemplateScribe:
    """A `Scribe` by Jinja templates, each read and compiled when its first letter is written.

    A template knows the person's `name`, the fields of its notice, links such as `appeal_link` that may be empty, and
    filters: `instant`, `day`, `phase` and `word`.
    """

    def __init__(self, folder: Path = LETTERS, links: Callable[[Notice], Mapping[str, str]] = no_links) -> None:
        """Take where the templates are, and how to find the links that a letter carries.

        Args:
            folder: Where the templates are.
            links: Gives the addresses by their names in the template; what it leaves out is empty.
        """
        self._folder = folder
        self._links = links
        self._environments = {locale: _environment(folder, locale) for locale in LOCALES}

    def write(self, notice: Notice, person: Person) -> tuple[str, str]:
        """Give the subject and the body, in the person's language.

        Raises:
            LookupError: There is no such notice or phase.
            TemplateError: The template is missing or has a fault that `check` names.
        """
        model = NOTICES[notice.type]
        fields = model.model_validate(notice.data)
        values = {field: one_line(getattr(fields, field)) for field in model.model_fields}
        template = self._environments[person.locale].get_template(file_of(model, person.locale))
        besides = {"name": one_line(person.name), **dict.fromkeys(LINK_NAMES, ""), **self._links(notice)}
        text = template.render(values | besides)
        subject, _, body = text.partition("\n")
        return one_line(subject.removeprefix(SUBJECT)), body.strip("\n")

    def check(self) -> list[str]:
        """Give every fault of the templates, by file; none means that every letter can be written."""
        expected = {
            file_of(model, locale): (model, locale)
            for model in told_to_people(WORKFLOWS.values())
            for locale in LOCALES
        }
        found = {path.name for path in self._folder.glob("*.txt")}
        faults = [f"{file}: a notice to people has no template in this language" for file in expected.keys() - found]
        faults += [f"{file}: no notice to people uses this template" for file in found - expected.keys()]
        for file in expected.keys() & found:
            model, locale = expected[file]
            faults += [f"{file}: {fault}" for fault in self._faults(file, model, locale)]
        return sorted(faults)

    def _faults(self, file: str, model: type[NoticeBody], locale: Locale) -> Iterator[str]:
        environment = self._environments[locale]
        try:
            source = (self._folder / file).read_text(encoding="utf-8")
            used = find_undeclared_variables(environment.parse(source))
        except UnicodeDecodeError:
            yield "this is not UTF-8"
            return
        except TemplateSyntaxError as error:
            yield f"line {error.lineno}: {error.message}"
            return
        subject, _, rest = source.partition("\n")
        if not subject.removeprefix(SUBJECT).strip() or not subject.startswith(SUBJECT) or not rest.startswith("\n"):
            yield f"the first line is not [{SUBJECT}...] with a blank line after it"
        fields = set(model.model_fields)
        yield from (f"[{name}] is no field of {model.__name__}" for name in used - fields - _BESIDES)
        # A notice has each field in order to tell it: a letter without its deadline would look complete and not be.
        yield from (f"[{name}] of {model.__name__} is never told" for name in fields - used if _is_for(name, locale))


def told_to_people(workflows: Iterable[Workflow]) -> tuple[type[NoticeBody], ...]:
    """Give the notices that become letters, in reading order."""
    orders = (order for workflow in workflows for order in _orders(workflow))
    told = (order for order in orders if isinstance(order, Notify) and order.role.name in PEOPLE)
    return tuple(dict.fromkeys(order.notice for order in told))


def file_of(model: type[NoticeBody], locale: Locale) -> str:
    """Give the name of the template, such as `seat_offered.ko.txt`."""
    return f"{_WORD_START.sub('_', model.__name__).lower()}.{locale}.txt"


def _orders(workflow: Workflow) -> Iterator[Order]:
    for state in workflow.states.values():
        yield from state.entry
        yield from (order for on in state.ons for order in on.do)
        yield from (order for ring in state.rings for order in ring.do)
    for on in (*workflow.opens, *workflow.throughout):
        yield from on.do


def words_of(field: str, value: Any, locale: Locale) -> str:
    """Give a field of a notice as people read it in a text that is no template of ours."""
    if isinstance(value, datetime):
        return _instant(value, locale)
    if field == "phase":
        return _PHASES[locale][str(value)]
    if isinstance(value, float):
        return f"{value:.0%}"  # shares are all that notices tell in parts of one
    return str(one_line(", ".join(value) if isinstance(value, tuple) else str(value)))


def _is_for(field: str, locale: Locale) -> bool:
    """Tell whether a letter in this language has to tell the field: not one that is in another language."""
    return not any(field.endswith(f"_{other}") for other in LOCALES if other != locale)


def one_line(value: Any) -> Any:
    """Give a text as one line of visible characters, so that nobody's name adds a line to a letter or a subject."""
    if isinstance(value, tuple):
        return tuple(one_line(each) for each in value)
    if not isinstance(value, str):
        return value
    return " ".join("".join(each if each.isprintable() else " " for each in value).split())


# ---- what a template may use


def _environment(folder: Path, locale: Locale) -> Environment:
    made = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        # Letters are text/plain: escaped for HTML, a name such as O'Neill would arrive as O&#39;Neill.
        autoescape=False,  # noqa: S701
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: Mapping[str, Callable[[Any], Any]] = {
        "instant": lambda value: _instant(value, locale),
        "phase": lambda phase: _PHASES[locale][phase],
        "word": lambda name: _WORDS[locale][name],
        "day": lambda day: _day(day, locale),
    }
    made.filters.update(filters)
    return made


def _instant(value: datetime | str, locale: Locale) -> str:
    """Write an instant as clocks in Seoul show it.  Seconds are cut, not rounded: no deadline reads too late."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise ValueError(f"[{moment}] does not say in which zone it is")
    moment = moment.astimezone(SEOUL)
    weekday = _WEEKDAYS[locale][moment.weekday()]
    if locale == "ko":
        return f"{moment.year}년 {moment.month}월 {moment.day}일 ({weekday}) {moment:%H:%M} (한국 시간)"
    return f"{weekday} {moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} (Korea time)"


def _day(value: date | str, locale: Locale) -> str:
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return (
        f"{day.year}년 {day.month}월 {day.day}일"
        if locale == "ko"
        else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    )
