"""Proves some histories at each sweep, so that each is proved every few days, and nobody has to remember to."""

from datetime import datetime
from string import ascii_lowercase, ascii_uppercase, digits

from schemas.ids import CaseId
from workflows.runtime.ports import Ports
from workflows.runtime.verify import Finding, verify_all

SWEEP_SECONDS = 300
BEATS: tuple[str, ...] = (
    *(first + second for first in ascii_lowercase + digits for second in f"{ascii_lowercase}{digits}-_"),
    *ascii_uppercase,
)
"""How the ids begin that are proved together; almost all are hashes, so that these are about as many each time."""


def patrol(ports: Ports) -> list[Finding]:
    """Prove the histories whose turn it is by the clock, and give what is wrong with them."""
    begins = beat_at(ports.clock.now())
    try:
        ids = [case.id for case in ports.cases.find(begins=begins)]
    except ValueError:
        return [Finding(CaseId(begins), "a case whose id begins so cannot be read")]
    return [finding for case_id in ids if (finding := _proved(case_id, ports)) is not None]


def beat_at(now: datetime) -> str:
    """Give how the ids begin whose turn it is."""
    return BEATS[int(now.timestamp()) // SWEEP_SECONDS % len(BEATS)]


def _proved(case_id: CaseId, ports: Ports) -> Finding | None:
    """Give what is wrong with a case; one that moved while it was looked at is looked at again."""
    while True:
        before = ports.cases.revision(case_id)
        [(_, finding)] = verify_all([case_id], ports.cases, ports.facts)
        if finding is None or ports.cases.revision(case_id) == before:
            return finding
