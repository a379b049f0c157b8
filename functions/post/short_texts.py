"""Short texts for Alimtalk and short messages: one file per notice and language in `letters/short/`.

An Alimtalk is written from a template that was approved before, word for word; only its variables, `#{name}`, are
filled in.  A file is such a template with its approval.  The same text goes out as a short message, which needs none.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from functions.scribe import LETTERS, LOCALES, file_of, one_line, told_to_people, words_of
from schemas.letters import Letter
from schemas.notices import NOTICES, NoticeBody
from schemas.people import Locale, Person
from schemas.record import Record
from workflows.definitions import WORKFLOWS
from workflows.runtime.errors import Undeliverable
from workflows.runtime.quiet_hours import ADVERTISING_MARK

SHORT = LETTERS / "short"
CHARACTERS_MAX = 1000
"""A dealer takes no longer Alimtalk."""

_VARIABLE = re.compile(r"#\{([^{}]*)\}")


class ShortText(Record):
    """One text, as its file gives it.

    Attributes:
        code: What the dealer calls the template; a changed text is another template and gets a new one.
        state: How far its approval is.  Only an approved one is sent as Alimtalk.
        variables: For each `#{variable}`, where its value comes from: `name`, or a field of the notice.
    """

    code: str
    state: Literal["draft", "submitted", "approved", "rejected", "paused"]
    text: str
    variables: dict[str, str]

    @property
    def names(self) -> set[str]:
        """The variables that occur in the text."""
        return set(_VARIABLE.findall(self.text))


@dataclass(frozen=True, slots=True)
class Written:
    """A short text with its variables filled in."""

    code: str
    text: str
    variables: Mapping[str, str]


class ShortTexts:
    """The short texts of a folder, each read when it is first needed."""

    def __init__(self, folder: Path = SHORT) -> None:
        self._folder = folder
        self._read: Callable[[str], ShortText | None] = cache(self._read_file)

    def write(self, letter: Letter, person: Person, *, is_approved: bool) -> Written:
        """Give the short text that tells the same as a letter.

        Args:
            letter: The letter.
            person: Whom it is to.
            is_approved: Whether the text has to be an approved template.

        Raises:
            Undeliverable: There is no short text of this letter, or it is not approved.
        """
        short = self._read(_file_of(NOTICES[letter.notice], letter.locale))
        if short is None or letter.told is None:
            raise Undeliverable("no_short_text")
        if is_approved and short.state != "approved":
            raise Undeliverable(f"template_{short.state}: {short.code}")
        model = NOTICES[letter.notice]
        fields = model.model_validate(letter.told.data)
        given = {"name": one_line(person.name)}
        given |= {name: words_of(name, getattr(fields, name), letter.locale) for name in model.model_fields}
        variables = {name: given[source] for name, source in short.variables.items()}
        return Written(short.code, _VARIABLE.sub(lambda found: variables[found[1]], short.text).strip(), variables)

    def of(self, notice: str, locale: Locale) -> ShortText | None:
        """Give the text of a notice as its file gives it."""
        return self._read(_file_of(NOTICES[notice], locale))

    def approved(self) -> Mapping[str, str]:
        """Give the text of every approved template, by its code."""
        found = (self._read(path.name) for path in sorted(self._folder.glob("*.toml")))
        return {short.code: short.text.strip() for short in found if short is not None and short.state == "approved"}

    def check(self) -> list[str]:
        """Give every fault of the files; none means that each can be written."""
        models = {_file_of(model, locale): model for model in told_to_people(WORKFLOWS.values()) for locale in LOCALES}
        codes: dict[str, str] = {}
        faults = []
        for path in sorted(self._folder.glob("*.toml")):
            model = models.get(path.name)
            if model is None:
                faults.append(f"{path.name}: no notice to people uses this text")
                continue
            try:
                short = self._read(path.name)
            except (ValueError, ValidationError):
                faults.append(f"{path.name}: this is not of the form of a short text")
                continue
            if short is not None:
                faults += [f"{path.name}: {fault}" for fault in _faults(short, model)]
                if codes.setdefault(short.code, path.name) != path.name:
                    faults.append(f"{path.name}: [{short.code}] is the code of {codes[short.code]} as well")
        return faults

    def _read_file(self, file: str) -> ShortText | None:
        path = self._folder / file
        return ShortText.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def is_filled_in(template: str, text: str) -> bool:
    """Tell whether a text is a template, word for word, with something in place of its variables."""
    pattern = ".+?".join(re.escape(part) for part in _VARIABLE.sub("\0", template.strip()).split("\0"))
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def _faults(short: ShortText, model: type[NoticeBody]) -> Iterator[str]:
    sources = {"name", *model.model_fields}
    yield from (f"#{{{name}}} is no variable of it" for name in sorted(short.names - short.variables.keys()))
    yield from (f"[{name}] does not occur in its text" for name in sorted(short.variables.keys() - short.names))
    unknown = sorted(set(short.variables.values()) - sources)
    yield from (f"[{source}] is no field of {model.__name__}" for source in unknown)
    # The same as for letters: a deadline that is not told would not be missed by whoever writes the text.
    untold = sorted(sources - {"name"} - set(short.variables.values()))
    yield from (f"[{source}] of {model.__name__} is never told" for source in untold)
    if len(short.text) > CHARACTERS_MAX:
        yield f"it is longer than {CHARACTERS_MAX} characters"
    if ADVERTISING_MARK in short.text:
        yield "an Alimtalk informs and never advertises"


def _file_of(model: type[NoticeBody], locale: Locale) -> str:
    return file_of(model, locale).removesuffix(".txt") + ".toml"
