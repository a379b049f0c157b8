"""What a released workflow version is made of: its shape, and the source of all that its decisions come from."""

import ast
import hashlib
import importlib
import inspect
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from workflows.definitions import WORKFLOWS
from workflows.engine.definition import Ask, Notify, On, Order, Ring, Send, Workflow
from workflows.engine.moments import Moment

ROOMS = ("schemas", "workflows.definitions")
"""Where a decision comes from, besides the engine; a change of the engine is proved by folding histories."""

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
Released = Mapping[str, Mapping[str, Any]]


def released() -> Released:
    """Give, by workflow and version: the fingerprint of the shape, and the hashes of the source, part by part."""
    return {f"{name}/{version}": _released(workflow) for (name, version), workflow in sorted(WORKFLOWS.items())}


def changes(recorded: Released, now: Released) -> list[str]:
    """Give a sentence for every released version that is not what it was."""
    said = []
    for key, then in recorded.items():
        which = "workflow [{}] version [{}]".format(*key.split("/"))
        if key not in now:
            said.append(f"{which} is released, but gone: keep it until no case is on it")
        elif then != now[key]:
            where = ", ".join(_changed(then, now[key]))
            said.append(f"{which} is released and has changed in [{where}]: raise `version` and keep the old one")
    new = (key.split("/") for key in now if key not in recorded)
    return said + [f"workflow [{name}] version [{version}] is not recorded: run `make golden`" for name, version in new]


def parts_of(workflow: Workflow) -> dict[str, str]:
    """Give the hash of every function, class and constant that the workflow's decisions come from, by its place."""
    found: dict[str, str] = {}
    todo = list(dict.fromkeys(place for part in _seeds(workflow) if (place := _place(part))))
    while todo:
        module, name = todo.pop()
        key = f"{module}:{name}"
        if key not in found:
            node = _definitions(module)[name]
            found[key] = digest(node)
            todo += _named_in(module, node)
    return dict(sorted(found.items()))


def digest(node: ast.AST) -> str:
    """Hash a piece of source by what it says: not by its layout, its comments, its docstrings, or Python's version."""
    return hashlib.sha256(json.dumps(_said(node)).encode()).hexdigest()[:16]


def _released(workflow: Workflow) -> dict[str, Any]:
    parts = parts_of(workflow)
    content = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    return {"shape": workflow.fingerprint, "content": content, "parts": parts}


def _changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if then["shape"] != now["shape"]:
        yield "its shape"
    for key in sorted({*then["parts"], *now["parts"]}):
        if then["parts"].get(key) != now["parts"].get(key):
            yield key


# ---- what a workflow names


def _seeds(workflow: Workflow) -> Iterator[Any]:
    yield workflow.subject
    for on in (*workflow.opens, *workflow.throughout):
        yield from _in_clause(on)
    for state in workflow.states.values():
        yield from _in_orders(state.entry)
        clauses: tuple[On | Ring | Ask, ...] = (*state.asks, *state.ons, *state.rings)
        for clause in clauses:
            yield from _in_clause(clause)


def _in_clause(clause: On | Ring | Ask) -> Iterator[Any]:
    yield clause.keep
    match clause:
        case On():
            yield from (clause.event, clause.when, *_in_orders(clause.do))
        case Ring():
            yield from (clause.when, *_in_moment(clause.moment), *_in_orders(clause.do))
        case Ask():
            yield from (clause.about, clause.not_by, *_in_moment(clause.due))


def _in_moment(moment: Moment | None) -> Iterator[Any]:
    if moment is not None:
        yield from (moment.anchor, moment.length)


def _in_orders(orders: tuple[Order, ...]) -> Iterator[Any]:
    for order in orders:
        match order:
            case Notify():
                yield order.notice
            case Send():
                yield from (order.event, order.to)


# ---- where it stands


def _place(part: Any) -> tuple[str, str] | None:
    """Give the module and the top-level name; what is made inside a function stands there."""
    return None if part is None else (part.__module__, part.__qualname__.split(".")[0])


@cache
def _definitions(module: str) -> Mapping[str, Definition]:
    found: dict[str, Definition] = {}
    for node in _tree(module).body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                found[node.name] = node
            case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)):
                found[name] = node
    return found


@cache
def _imports(module: str) -> Mapping[str, tuple[str, str]]:
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in _tree(module).body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(importlib.import_module(module)))


def _named_in(module: str, node: ast.AST) -> Iterator[tuple[str, str]]:
    """Give the places of what a piece of source names, within our rooms."""
    names = {each.id for part in _parts(node) for each in ast.walk(part) if isinstance(each, ast.Name)}
    for name in sorted(names):
        place = (module, name) if name in _definitions(module) else _imports(module).get(name)
        if place and place[0].startswith(ROOMS):
            yield place


def _parts(node: ast.AST) -> list[ast.AST]:
    """Leave out the keywords of a class: they say who brings an event or what kind a notice is, and decide nothing."""
    is_class = isinstance(node, ast.ClassDef)
    return [child for child in ast.iter_child_nodes(node) if not (is_class and isinstance(child, ast.keyword))]


def _said(value: Any) -> Any:
    """Write a node as plain lists; empty fields are left out, so that a new field in a later Python changes nothing."""
    match value:
        case list():
            return [_said(each) for each in value if not _is_text(each)]
        case ast.ClassDef() | ast.FunctionDef():
            fields = [(name, _said(each)) for name, each in ast.iter_fields(value) if name != "keywords"]
        case ast.AST():
            fields = [(name, _said(each)) for name, each in ast.iter_fields(value)]
        case _:
            return repr(value)
    return [type(value).__name__, *(field for field in fields if field[1] not in ("None", []))]


def _is_text(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
