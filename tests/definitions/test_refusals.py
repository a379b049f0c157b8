"""Everything that is refused is said in both languages, with what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from workflows.definitions.refusals import REFUSALS, refusal
from workflows.runtime import batch, errors
from workflows.runtime.errors import NotFound, Rejected, SadariError

ROOMS = ("workflows", "functions")
ENGINE = ("workflows/engine/decide.py", "workflows/engine/questions.py")
ARRIVALS = ("functions/entrypoints/wire.py", "functions/entrypoints/bury.py", "functions/entrypoints/ring.py")
CODE = re.compile(r"([a-z]+(?:_[a-z]+)+)(?::.*)?", re.DOTALL)
HANGUL = re.compile("[가-힣]")


def trees(*paths: str) -> Iterator[ast.AST]:
    for path in paths:
        yield ast.parse(Path(path).read_text(encoding="utf-8"))


def head_of(node: ast.AST) -> str:
    """Give how a text begins that is written out in the source."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def codes_in(node: ast.AST) -> Iterator[str]:
    keys = {key for each in ast.walk(node) if isinstance(each, ast.Dict) for key in each.keys}
    for each in {*ast.walk(node)} - keys:
        if isinstance(each, ast.Constant | ast.JoinedStr) and (found := CODE.fullmatch(head_of(each))):
            yield found.group(1)


def of_the_engine() -> set[str]:
    """Give the codes that the engine answers a message with: what it returns beside a verdict, or as a text."""
    returned = [
        node for tree in trees(*ENGINE) for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value
    ]
    return {code for node in returned for code in codes_in(node)}


def refused(*, named: bool) -> Iterator[tuple[str, ast.Call]]:
    """Give where something is refused in so many words, with what refuses it."""
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, SadariError)}
    for path in (str(path) for room in ROOMS for path in Path(room).rglob("*.py")):
        for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                is_named = any(keyword.arg == "code" for keyword in node.keywords)
                if is_named is named:
                    yield f"{path}:{node.lineno}", node


def test_every_code_of_the_engine_has_a_sentence() -> None:
    found = of_the_engine()

    assert {"question_closed", "needs_another_person", "not_your_question", "bad_fields", "parked_full"} <= found
    assert found - set(REFUSALS) == set()


def test_every_code_that_a_refusal_names_has_a_sentence() -> None:
    named = [
        (where, keyword.value)
        for where, call in refused(named=True)
        for keyword in call.keywords
        if keyword.arg == "code"
    ]
    written = {where: value.value for where, value in named if isinstance(value, ast.Constant)}

    assert len(written) > 20
    assert {where: code for where, code in written.items() if code not in REFUSALS} == {}


def test_whatever_is_only_rejected_names_why() -> None:
    bare = [
        where for where, call in refused(named=False) if isinstance(call.func, ast.Name) and call.func.id == "Rejected"
    ]

    assert bare == []


def test_every_kind_of_error_has_a_sentence() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SadariError)]

    made = [kind({}) if kind is errors.BadForm else kind() for kind in kinds if kind is not SadariError]

    assert {each.code for each in made} - set(REFUSALS) == set()


def test_every_reason_of_the_quarantine_and_of_a_batch_has_a_sentence() -> None:
    raised = {
        code
        for tree in trees(*ARRIVALS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"UnreadableError", "bury_unreadable"}
        for code in codes_in(node)
    }
    of_batches = {batch.OUT_OF_REACH, batch.OTHER_QUESTION, batch.FACTS_CHANGED, batch.QUESTION_CLOSED}

    assert {"no_envelope", "unfit_id"} <= raised
    assert (raised | of_batches | {"no_message", "no_notice", "gave_up"}) - set(REFUSALS) == set()


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_sentence_is_korean_in_korean_and_english_in_english(code: str) -> None:
    korean, english = REFUSALS[code]

    assert HANGUL.search(korean)
    assert not HANGUL.search(english)
    assert korean.endswith(".")
    assert english.endswith((".", "again"))


def test_a_reason_is_told_by_its_code_whatever_it_is_about() -> None:
    assert refusal("not_your_question: needs lead, city", "en") == REFUSALS["not_your_question"][1]
    assert refusal("UnknownCase: There is no such case yet. [case-1]", "ko") == REFUSALS["unknown_case"][0]
    assert refusal("something_new: 1", "ko") is None


def test_an_error_has_the_code_of_what_was_refused_and_else_of_its_class() -> None:
    assert [Rejected(code="no_rubric").code, NotFound("[x]").code] == ["no_rubric", "not_found"]
