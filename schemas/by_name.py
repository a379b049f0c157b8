"""Finds models by their names, in the modules of a package, importing as few of these as it can."""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TypeVar

from schemas.record import Record

M = TypeVar("M", bound=Record)


class ByName(Mapping[str, type[M]]):
    """The models of one kind by name, in the order in which they are written down.

    A name is looked for in what has been imported already, and only then in the rest: whoever applies an event has
    imported the workflow that answers it.
    """

    def __init__(self, base: type[M], package: str, modules: tuple[str, ...]) -> None:
        """Say where to look.

        Args:
            base: What all of them are made from.
            package: The package of the modules.
            modules: All of its modules.
        """
        self._base = base
        self._modules = tuple(f"{package}.{name}" for name in modules)
        self._found: dict[str, type[M]] = {}
        self._is_whole = False

    def __getitem__(self, name: str) -> type[M]:
        """Give one."""
        if name not in self._found and not self._is_whole:
            self._found = self._in([each for each in self._modules if each in sys.modules])
            if name not in self._found:
                self._load()
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        """Give the names of all, in order."""
        self._load()
        return iter(self._found)

    def __len__(self) -> int:
        """Give how many there are."""
        self._load()
        return len(self._found)

    def _load(self) -> None:
        if not self._is_whole:
            self._found = self._in(self._modules)
            self._is_whole = True

    def _in(self, modules: tuple[str, ...] | list[str]) -> dict[str, type[M]]:
        """Give what these modules define, not what they import."""
        return {
            name: value
            for each in modules
            for name, value in vars(import_module(each)).items()  # waits for whoever is importing it
            if isinstance(value, type) and issubclass(value, self._base) and value.__module__ == each
        }
