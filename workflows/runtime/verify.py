"""Proves histories: the chain holds, every decision comes out the same again, and the case is what they lead to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.events import EVENTS
from schemas.facts import fact_fields
from schemas.ids import CaseId, FactId
from schemas.messages import Case, Entry
from workflows.engine.definition import Workflow
from workflows.engine.history import HistoryBrokenError, fold
from workflows.runtime.advance import pinned
from workflows.runtime.ports import CaseStore, FactStore


@dataclass(frozen=True, slots=True)
class Finding:
    """One case whose record is not in order."""

    case: CaseId
    text: str


def verify(cases: Iterable[Case], store: CaseStore, facts: FactStore) -> Iterator[tuple[int, Finding | None]]:
    """Give, for each case in turn, how many entries were proved, and what is wrong if something is."""
    for case in cases:
        texts = store.history(case.id)
        try:
            folded = fold(_definition, texts, _facts_of(case, texts, facts))
        except (HistoryBrokenError, LookupError, ValueError) as error:
            yield len(texts), Finding(case.id, str(error))
            continue
        if folded != case:
            yield len(texts), Finding(case.id, f"the case is not what its {len(texts)} entries lead to")
        else:
            yield len(texts), None


def _definition(entry: Entry) -> Workflow:
    name, _, rest = entry.definition.partition("/")
    version, _, fingerprint = rest.partition("/")
    if not fingerprint:
        raise HistoryBrokenError("the first entry names no definition")
    return pinned(name, int(version), fingerprint)


def _facts_of(case: Case, texts: Iterable[tuple[str, str]], facts: FactStore) -> dict[str, object]:
    """Read every fact document that the history refers to."""
    referring = {name: fact_fields(event) for name, event in EVENTS.items()}
    needed = {name: fields for name, fields in referring.items() if fields}
    wanted: set[FactId] = set()
    for text, _ in texts:
        if any(f'"{name}"' in text for name in needed):
            message = Entry.model_validate_json(text).message
            wanted |= {FactId(message.data[field]) for field in needed.get(message.type, ()) if field in message.data}
    return dict(facts.get(wanted)) if wanted else {}


__all__ = ["Finding", "verify"]
