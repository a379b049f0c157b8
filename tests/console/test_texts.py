"""What the pages say is said once, in both languages."""

import ast
from collections import Counter
from pathlib import Path
from string import Formatter

from functions.console import texts
from functions.console.texts import TEXTS

FILES = sorted(file for file in Path(texts.__file__).parent.glob("*texts.py") if file.name != "fact_texts.py")


def names_in(file: Path) -> list[str]:
    dicts = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Dict))
    return [str(key.value) for each in dicts for key in each.keys if isinstance(key, ast.Constant)]


def values_in(text: str) -> set[str]:
    named = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    return {name or str(place) for place, name in enumerate(named)}


def test_no_text_is_given_twice_so_none_hides_another() -> None:
    given = Counter(name for file in FILES for name in names_in(file))

    assert [name for name, count in given.items() if count > 1] == []
    assert given.keys() == TEXTS.keys()


def test_both_languages_are_there_and_take_the_same_values() -> None:
    assert [name for name, (ko, en) in TEXTS.items() if not (ko and en) or values_in(ko) != values_in(en)] == []
