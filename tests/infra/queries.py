"""What the Firestore adapters ask, and whether a database with certain indexes can answer it."""

import ast
import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

from google.cloud.firestore import Client, CollectionReference, DocumentReference, WriteBatch

from functions.adapters.google.documents import Documents

ADAPTERS = Path(__file__).parent.parent.parent / "functions/adapters/google"
ASKING = {"all", "count", "counts", "page", "pages"}
NAME = "__name__"


@dataclass(frozen=True)
class Query:
    """What one query needs: fields that are given, and fields that it is ordered or bounded by.

    Attributes:
        given: The fields that are compared for equality; `[]` behind a list of which one member is given.
        order: The fields in whose order the answer comes, `-` before one that goes down; not the name of the document
            where it goes the way of the last one, as it does by itself.
    """

    collection: str
    given: frozenset[str]
    order: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """A composite index of one collection, in the same words."""

    collection: str
    fields: tuple[str, ...]


class Recorder:
    """Which queries were asked, and from which lines of the adapters."""

    def __init__(self) -> None:
        self.queries: set[Query] = set()
        self.lines: set[tuple[str, int]] = set()
        self.first: dict[str, list[Any]] = {}

    def asked(self, query: Any) -> None:
        self.queries |= set(read(query))
        frame = sys._getframe(2)  # of the adapter, behind the one that stands for `Documents`
        self.lines.add((Path(frame.f_code.co_filename).name, frame.f_lineno))

    def unasked(self) -> list[str]:
        """Where an adapter asks something that was not recorded."""
        return [
            f"{name}:{first}"
            for name, first, last in sites()
            if not any(file == name and first <= line <= last for file, line in self.lines)
        ]


def sites() -> list[tuple[str, int, int]]:
    """Every place where an adapter sends a query, by file, first and last line."""
    return [
        (path.name, node.lineno, node.end_lineno or node.lineno)
        for path in sorted(ADAPTERS.glob("*.py"))
        if path.name != "documents.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ASKING
        and ast.unparse(node.func.value) == "self._documents"
    ]


@contextlib.contextmanager
def recording() -> Iterator[Recorder]:
    """Record what is asked instead of sending it; nothing is found, and nothing is written."""
    recorder = Recorder()

    def page(_self: Documents, query: Any) -> list[Any]:
        recorder.asked(query)
        return recorder.first.pop(query._parent.id, [])

    def pages(_self: Documents, query: Any) -> Iterator[Any]:
        recorder.asked(query)
        return iter(())

    def count(_self: Documents, query: Any) -> int:
        recorder.asked(query)
        return 0

    def counts(_self: Documents, queries: Iterable[Any]) -> list[int]:
        every = list(queries)
        for query in every:
            recorder.asked(query)
        return [0] * len(every)

    with contextlib.ExitStack() as stack:
        for owner, name, what in (
            (Documents, "page", page),
            (Documents, "pages", pages),
            (Documents, "all", pages),
            (Documents, "count", count),
            (Documents, "counts", counts),
            (Documents, "read", lambda *_args, **_more: None),
            (WriteBatch, "commit", lambda *_args, **_more: None),
            (DocumentReference, "set", lambda *_args, **_more: None),
        ):
            stack.enter_context(patch.object(owner, name, what))
        yield recorder


def read(query: Any) -> Iterator[Query]:
    """Give what a query needs, one for each of the alternatives that Firestore multiplies it out to."""
    query = query._query() if isinstance(query, CollectionReference) else query
    sent = query._to_protobuf()._pb
    orders = list(_orders(sent))
    asked = {name.removeprefix("-") for name in orders}
    for branch in _branches(sent.where):
        given = frozenset(field for field, is_given in branch if is_given)
        bounded = [field for field, is_given in branch if not is_given and field not in {*asked, NAME}]
        order = [field for field in dict.fromkeys([*bounded, *orders]) if field not in given]
        yield Query(query._parent.id, given, tuple(order))


def _orders(sent: Any) -> Iterator[str]:
    way = ""
    for each in sent.order_by:
        name, before = each.field.field_path, way
        way = "-" if each.direction == sent.Direction.DESCENDING else ""
        if name != NAME or way != before:
            yield way + name


def _branches(where: Any) -> list[list[tuple[str, bool]]]:
    kind = where.WhichOneof("filter_type")
    if kind is None:
        return [[]]
    if kind == "composite_filter":
        parts = [_branches(each) for each in where.composite_filter.filters]
        if where.composite_filter.op == where.composite_filter.Operator.OR:
            return [branch for part in parts for branch in part]
        return [[each for branch in chosen for each in branch] for chosen in product(*parts)]
    if kind == "unary_filter":
        return [[(where.unary_filter.field.field_path, True)]]
    each = where.field_filter
    name, operators = each.field.field_path, each.Operator
    if each.op == operators.ARRAY_CONTAINS:
        return [[(f"{name}[]", True)]]
    assert each.op != operators.NOT_EQUAL
    return [[(name, each.op in {operators.EQUAL, operators.IN})]]


def used(query: Query, indexes: Iterable[Index], unindexed: Iterable[tuple[str, str]]) -> list[Index] | None:
    """Give the composite indexes that Firestore answers a query by; None where it refuses it.

    Firestore has an index of every field by itself unless it is told otherwise, and joins indexes of the same order.
    """
    fields = {name.removeprefix("-").removesuffix("[]") for name in (*query.given, *query.order)}
    if any((query.collection, field) in set(unindexed) for field in fields):
        return None
    if not query.order or (not query.given and len(query.order) == 1):
        return []
    behind = len(query.order)
    fitting = [
        each
        for each in indexes
        if each.collection == query.collection
        and each.fields[-behind:] == query.order
        and query.given.issuperset(each.fields[:-behind])
    ]
    joined = {field for each in fitting for field in each.fields[:-behind]}
    return fitting if fitting and joined == query.given else None


def client() -> Client:
    """Give a client that reaches nothing."""
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415  only here

    return Client(project="sadari-test", credentials=AnonymousCredentials())
