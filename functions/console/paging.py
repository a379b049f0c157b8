"""Long lists in pages: the cursor is the key of the last item shown, so that nothing is skipped when others come."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

PAGE = 50

T = TypeVar("T")


def page_of(items: Iterable[T], *, key: Callable[[T], str], after: str) -> tuple[Sequence[T], str]:
    """Give the items of one page, and the cursor of the next; empty on the last page.

    Args:
        items: In the order of their keys.
        key: Gives an item's key.
        after: The cursor that the page before gave; empty for the first page.
    """
    found = list(islice((item for item in items if key(item) > after), PAGE + 1))
    return found[:PAGE], key(found[PAGE - 1]) if len(found) > PAGE else ""
