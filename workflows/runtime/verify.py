"""Proves histories: the chain holds, every decision comes out the same again, and the case is what they lead to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from schemas.events import EVENTS
from schemas.facts import fact_fields
from schemas.ids import CaseId, FactId
from schemas.messages import Case, Heard
from schemas.register import Destruction, erased_name
from workflows.engine.definition import Workflow
from workflows.engine.history import HistoryBrokenError, fold
from workflows.runtime.advance import pinned
from workflows.runtime.ports import CaseStore, FactStore, Ports

_REFERRING = {f'"{name}"': fact_fields(event) for name, event in EVENTS.items() if fact_fields(event)}
"""The events that refer to fact documents, by their names as an entry's text has them."""


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
            folded = refold(texts, facts)
        except (HistoryBrokenError, LookupError, ValueError) as error:
            yield len(texts), Finding(case.id, str(error))
            continue
        seen = store.get(case.id)
        if folded != case or seen is None or seen.case != case:
            yield len(texts), Finding(case.id, f"the case is not what its {len(texts)} entries lead to")
        elif any(store.task(task.id) != task for task in case.tasks):
            yield len(texts), Finding(case.id, "an open question of the case is not in the inbox")
        else:
            yield len(texts), None


def verify_all(ids: Iterable[CaseId], store: CaseStore, facts: FactStore) -> Iterator[tuple[int, Finding | None]]:
    """Give the same for cases named by their ids, also where a case is gone or cannot be read."""
    for case_id in ids:
        try:
            seen = store.get(case_id)
        except ValueError:
            yield len(store.history(case_id)), Finding(case_id, "the case cannot be read")
            continue
        if seen is None:
            yield len(store.history(case_id)), Finding(case_id, "the case is gone, and its history is there")
        else:
            yield from verify([seen.case], store, facts)


def without_person(ports: Ports) -> Iterator[Finding]:
    """Give the cases of people whom the vault does not have, though nobody destroyed them: a restore lost them."""
    kept = set(ports.vault.people())
    destroyed = {row.about for row in ports.register.find(Destruction)}
    for case in ports.cases.find():
        if case.person and case.person not in kept and erased_name(case.person) not in destroyed:
            yield Finding(case.id, "the vault does not have its person, and no row of the register says why")


def refold(texts: Sequence[tuple[str, str]], facts: FactStore) -> Case | None:
    """Give the case that a history leads to; None if it has no entry.

    Raises:
        HistoryBrokenError: The history is not what was once written.
        LookupError: This deployment lacks the definition.
        ValueError: An entry cannot be read.
    """
    return fold(_definition, texts, _facts_of(texts, facts))


def _definition(heard: Heard) -> Workflow:
    name, _, rest = heard.definition.partition("/")
    version, _, fingerprint = rest.partition("/")
    if not fingerprint:
        raise HistoryBrokenError("the first entry names no definition")
    return pinned(name, int(version), fingerprint)


def _facts_of(texts: Iterable[tuple[str, str]], facts: FactStore) -> dict[str, object]:
    """Read every fact document that the history refers to."""
    wanted: set[FactId] = set()
    for text, _ in texts:
        if any(quoted in text for quoted in _REFERRING):
            message = Heard.model_validate_json(text).message
            fields = _REFERRING.get(f'"{message.type}"', ())
            wanted |= {FactId(message.data[field]) for field in fields if field in message.data}
    return dict(facts.get(wanted)) if wanted else {}


__all__ = ["Finding", "HistoryBrokenError", "refold", "verify", "verify_all", "without_person"]
