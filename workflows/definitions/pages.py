"""The generated pages of our workflows, as they stand in `docs/workflows`."""

from collections.abc import Mapping
from typing import get_args

from workflows.definitions import LATEST
from workflows.definitions.words import WORDS
from workflows.engine.definition import Workflow
from workflows.engine.describe import bringers, diagram, page
from workflows.engine.words import Language

_DIAGRAM: Mapping[Language, str] = {"en": "Diagram", "ko": "그림"}
_GENERATED: Mapping[Language, str] = {
    "en": "This page is written from the definition by `make golden`; change the definition, not the page.",
    "ko": "이 문서는 정의에서 `make golden`으로 만들어집니다. 문서가 아니라 정의를 고쳐 주십시오.",
}


def documents() -> Mapping[str, str]:
    """Give the page of every workflow in both languages, by file name."""
    return {
        f"{workflow.name}.{language}.md": document(workflow, language)
        for workflow in LATEST.values()
        for language in get_args(Language)
    }


def document(workflow: Workflow, language: Language) -> str:
    """Give one whole page: the sentences, who brings the events, the diagram."""
    parts = [
        page(workflow, WORDS, language),
        bringers(workflow, LATEST.values(), WORDS, language),
        f"## {_DIAGRAM[language]}\n\n```mermaid\n{diagram(workflow, WORDS, language)}```\n",
        f"*{_GENERATED[language]}*\n",
    ]
    return "\n".join(parts)
