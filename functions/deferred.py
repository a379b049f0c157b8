"""Puts off what is dear to make until it is used."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


def deferred(make: Callable[[], T]) -> T:
    """Give what stands for a thing that is made, once, when something of it is first asked for.

    Whoever comes while it is being made waits; whoever comes after a failure tries again.
    """
    return cast("T", _Deferred(make))


class _Deferred(Generic[T]):
    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._making = threading.Lock()
        self._made: list[T] = []

    def __getattr__(self, name: str) -> Any:
        if not self._made:
            with self._making:
                if not self._made:
                    self._made.append(self._make())
        return getattr(self._made[0], name)
