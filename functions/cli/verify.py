"""`sadari verify`: proves every history of a store."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from functions.cli.backends import Backend, OnFile
from functions.cli.screen import NotDoneError, many, out, print_json, progress
from functions.cli.stores import DEFAULT_STORE, JsonOption, StoreOption, id_of_case, opened
from functions.proof import Proved, prove, prove_running
from schemas.search import Crowd
from workflows.runtime.verify import without_person


def verify(
    case: Annotated[str, typer.Argument(metavar="[CASE]", help="Only this one; all if left out.")] = "",
    store: StoreOption = DEFAULT_STORE,
    *,
    people: Annotated[
        bool, typer.Option("--people", help="Instead, find cases of people whom a restore has lost.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Prove every history: the chain holds, each decision comes out the same again, the case is what they lead to."""
    if people:
        _find_lost(store, as_json=as_json)
        return
    started = time.perf_counter()
    with opened(store) as backend, progress("proving") as bar:
        total = 1 if case else max(sum(backend.ports.index.counts(Crowd()).values()), 1)
        done = 0

        def tick(more: int) -> None:
            nonlocal done
            done += more
            bar.at(min(done / total, 1.0))

        cases, entries, findings = _prove(backend, case, tick)
    if as_json:
        found = [{"case": finding.case, "fault": finding.text} for finding in findings]
        seconds = round(time.perf_counter() - started, 2)
        print_json({"cases": cases, "entries": entries, "faults": found, "seconds": seconds})
    else:
        for finding in findings:
            out.print(f"[{finding.case}] {finding.text}", markup=False)
        out.print(f"{many(cases, 'case')}, {many(entries, 'entry', 'entries')}, {many(len(findings), 'fault')}")
    if findings:
        raise NotDoneError(
            f"{len(findings)} histories are not in order, the first is [{findings[0].case}]; "
            f"see `sadari repair {findings[0].case}`"
        )


def _find_lost(store: Path, *, as_json: bool) -> None:
    with opened(store) as backend:
        found = list(without_person(backend.ports))
    if as_json:
        print_json([finding.case for finding in found])
    else:
        for finding in found:
            out.print(f"[{finding.case}] {finding.text}", markup=False, soft_wrap=True)
        out.print(f"{len(found)} cases of people who are lost")
    if found:
        raise NotDoneError(f"{len(found)} cases are of people whom nobody destroyed and the vault does not have")


def _prove(backend: Backend, case: str, tick: Callable[[int], None]) -> Proved:
    ports = backend.ports
    if case:
        return prove_running(ports, tick, iter([id_of_case(backend, case)]))
    if isinstance(backend, OnFile):
        return prove(backend.embedded, tick)
    return prove_running(ports, tick, ports.cases.ids())
