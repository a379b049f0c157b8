"""`sadari verify`: proves every history of a store."""

import time

from functions.cli.screen import NotDoneError, out, print_json, progress
from functions.cli.stores import DEMO_STORE, JsonOption, StoreOption, opened
from functions.proof import prove


def verify(store: StoreOption = DEMO_STORE, *, as_json: JsonOption = False) -> None:
    """Prove every history: the chain holds, each decision comes out the same again, the case is what they lead to."""
    started = time.perf_counter()
    with opened(store) as embedded, progress("proving") as bar:
        total = max(sum(1 for _ in embedded.ports.cases.find()), 1)
        done = 0

        def tick(more: int) -> None:
            nonlocal done
            done += more
            bar.at(done / total)

        cases, entries, findings = prove(embedded, tick)
    if as_json:
        found = [{"case": finding.case, "fault": finding.text} for finding in findings]
        seconds = round(time.perf_counter() - started, 2)
        print_json({"cases": cases, "entries": entries, "faults": found, "seconds": seconds})
    else:
        for finding in findings:
            out.print(f"[{finding.case}] {finding.text}", markup=False)
        out.print(f"{cases} cases, {entries} entries, {len(findings)} faults")
    if findings:
        raise NotDoneError(f"{len(findings)} histories are not in order, the first is [{findings[0].case}]")
