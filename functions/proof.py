"""Proves every history of an embedded store, on all cores where there are many."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from functions.bootstrap import Embedded
from schemas.ids import CaseId
from schemas.messages import Case
from workflows.runtime.verify import Finding, verify

CHUNK = 500
FEW = 2_000

Proved = tuple[int, int, list[Finding]]
"""Cases proved or not, their entries, and what was found wrong."""

_opened: list[Embedded] = []


def prove(embedded: Embedded, tick: Callable[[int], None]) -> Proved:
    """Prove every history, and give how many cases and entries that was, and what is wrong.

    Args:
        embedded: The store, with nobody writing to it.
        tick: Told how many more cases are done, as it goes.
    """
    ids = [case.id for case in embedded.ports.cases.find()]
    chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    cases = entries = 0
    findings: list[Finding] = []
    for count, entries_more, findings_more in _all(embedded, chunks, is_few=len(ids) <= FEW):
        cases, entries = cases + count, entries + entries_more
        findings += findings_more
        tick(count)
    return cases, entries, findings


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
    proofs = list(verify(_cases(embedded, ids), ports.cases, ports.facts))
    return len(ids), sum(count for count, _ in proofs), [finding for _, finding in proofs if finding is not None]


def _cases(embedded: Embedded, ids: Sequence[CaseId]) -> Iterator[Case]:
    for case_id in ids:
        seen = embedded.ports.cases.get(case_id)
        if seen is not None:
            yield seen.case
