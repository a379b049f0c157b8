"""Models are found by their names, and what is not asked for is not imported."""

import subprocess
import sys

import pytest

from schemas.events import EVENTS, Event
from schemas.notices import NOTICES

LOADED = "print(sorted(name for name in sys.modules if name.startswith('schemas.events.')))"


def told(*lines: str) -> list[str]:
    """Run lines in an interpreter of their own, and give what they print."""
    code = "\n".join(("import sys", "from schemas.events import EVENTS", *lines))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_what_has_been_imported_is_found_without_importing_more() -> None:
    found, loaded = told("import schemas.events.appeal", "print(EVENTS.get('AppealFiled').__name__)", LOADED)

    assert found == "AppealFiled"
    assert loaded == "['schemas.events.appeal']"


def test_what_has_not_been_imported_is_found_all_the_same() -> None:
    assert told("print(EVENTS['SeatTaken'].__name__)") == ["SeatTaken"]


def test_what_there_is_not_is_told_from_what_was_not_imported() -> None:
    assert told("print(EVENTS.get('Nothing'), 'SeatTaken' in EVENTS, 'Event' in EVENTS)") == ["None True False"]


def test_the_order_is_the_one_written_down_whatever_was_imported_first() -> None:
    assert told("import schemas.events.forum", "print(list(EVENTS))") == [str(list(EVENTS))]


@pytest.mark.parametrize("named", [EVENTS, NOTICES], ids=["events", "notices"])
def test_all_are_named_as_they_are_called(named: dict[str, type]) -> None:
    assert len(named) == len(list(named)) > 70
    assert {name: model.__name__ for name, model in named.items()} == {name: name for name in named}


def test_every_event_is_in_a_module_that_is_looked_in() -> None:
    ours = {each.__name__ for each in Event.__subclasses__() if each.__module__.startswith("schemas.")}

    assert ours == set(EVENTS)
