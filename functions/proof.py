"""Proves every history of a store: of a file on all cores where there are many, of services many at once."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import islice

from functions.embedded import Embedded
from schemas.ids import CaseId
from workflows.runtime.ports import Ports
from workflows.runtime.verify import Finding, verify_all

CHUNK = 500
FEW = 2_000
AT_ONCE = 8

Proved = tuple[int, int, list[Finding]]
"""Cases proved or not, their entries, and what was found wrong."""

_opened: list[Embedded] = []


def prove(embedded: Embedded, tick: Callable[[int], None]) -> Proved:
    """Prove every history, and give how many cases and entries that was, and what is wrong.

    Args:
        embedded: The store, with nobody writing to it.
        tick: Told how many more cases are done, as it goes.
    """
    ids = list(embedded.ports.cases.ids())
    chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    cases = entries = 0
    findings: list[Finding] = []
    for count, entries_more, findings_more in _all(embedded, chunks, is_few=len(ids) <= FEW):
        cases, entries = cases + count, entries + entries_more
        findings += findings_more
        tick(count)
    return cases, entries, findings


def prove_running(ports: Ports, tick: Callable[[int], None], ids: Iterator[CaseId]) -> Proved:
    """Prove these histories while others go on writing; a case that moved meanwhile is looked at again."""
    count = entries = 0
    findings: list[Finding] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while chunk := list(islice(ids, CHUNK)):
            for entries_more, finding in pool.map(lambda case_id: _prove_running(case_id, ports), chunk):
                count, entries = count + 1, entries + entries_more
                findings += [] if finding is None else [finding]
            tick(len(chunk))
    return count, entries, findings


def _prove_running(case_id: CaseId, ports: Ports) -> tuple[int, Finding | None]:
    while True:
        before = ports.cases.revision(case_id)
        [(entries, finding)] = verify_all([case_id], ports.cases, ports.facts)
        if finding is None or ports.cases.revision(case_id) == before:
            return entries, finding


def _all(embedded: Embedded, chunks: Sequence[Sequence[CaseId]], *, is_few: bool) -> Iterator[Proved]:
    if is_few:
        yield from (_prove_in(embedded, chunk) for chunk in chunks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, _open, (str(embedded.path),)) as pool:
        yield from pool.map(_prove, chunks)


def _open(path: str) -> None:
    _opened.append(Embedded(path))


def _prove(ids: Sequence[CaseId]) -> Proved:
    return _prove_in(_opened[0], ids)


def _prove_in(embedded: Embedded, ids: Sequence[CaseId]) -> Proved:
    ports = embedded.ports
    proofs = list(verify_all(ids, ports.cases, ports.facts))
    return len(ids), sum(count for count, _ in proofs), [finding for _, finding in proofs if finding is not None]
