"""Files and functions stay short enough to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX, FUNCTION_LINES_MAX = 500, 70

LONGER = {
    "tests/contracts/test_case_index.py": "one port, on every adapter",
    "tests/engine/test_check.py": "one rule of the check after the other",
    "tests/engine/test_explain.py": "whole explanations, as they are read",
    "tests/runtime/test_partners.py": "one delivery, from its notice to its end",
    "tests/runtime/test_rights.py": "one request, from its filing to its end",
    "tests/runtime/test_send.py": "one letter, from its notice to its end",
    "tests/stack/test_cloud_tasks.py": "one server in the place of Cloud Tasks",
}
"""Files that are longer, and why they are one: a new one is split by what it is about."""


def ours() -> Iterator[Path]:
    for room in ("docs", "functions", "schemas", "scripts", "tests", "workflows"):
        yield from (ROOT / room).rglob("*.py")


def test_no_file_is_longer_than_it_may_be() -> None:
    long = {str(file.relative_to(ROOT)) for file in ours() if len(file.read_text().splitlines()) > FILE_LINES_MAX}

    assert sorted(long - LONGER.keys()) == []
    assert sorted(name for name in LONGER if not (ROOT / name).is_file()) == []


def test_no_function_is_longer_than_it_may_be() -> None:
    functions = [
        (f"{file.relative_to(ROOT)}: {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for file in ours()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef)
    ]

    assert len(functions) > 5_000
    assert [(name, lines) for name, lines in functions if lines > FUNCTION_LINES_MAX] == []
