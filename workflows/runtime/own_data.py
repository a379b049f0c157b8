"""Everything that is kept of a person, for the person."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from schemas.ids import PersonId
from schemas.letters import Letter, LetterState
from workflows.runtime.ports import Ports

BY_ITSELF = frozenset({"deliver", "portal", "own link", "data request", "intake", "erasure"})
"""Who reads without being a member of staff, as the access log names them."""

STAFF = "staff"


def own_data(person_id: PersonId, ports: Ports, *, reader: str) -> dict[str, Any] | None:
    """Give everything that is kept of a person, for the person; None if nothing is.

    Letters that are held are decisions which nobody has released yet, so they are not in it, nor are those that were
    recalled instead.  Of who looked it says that it was staff, not which: a reviewer's name and reason would tell how
    far an application has come, and who judges it.
    """
    person = ports.vault.get(person_id, reader=reader, reason="own data")
    if person is None:
        return None
    forms = ports.vault.forms(person_id, reader=reader, reason="own data")
    letters = list(ports.letters.find(person_id=person_id))
    silent = {f"letter {each.notice}" for each in letters if not _is_known(each)}
    cases = ports.index.cases_of([person_id])
    looks = [row for row in ports.vault.accesses() if row["subject"] == person_id]
    return {
        "person": person.model_dump(mode="json"),
        "forms": {digest: said.model_dump(mode="json") for digest, said in forms.items()},
        "letters": [
            each.model_dump(mode="json", include={"subject", "body", "written_at", "state"})
            for each in letters
            if _is_known(each)
        ],
        "cases": [{"case": case.id, "workflow": case.workflow, "cohort": case.cohort} for case in cases],
        "looked_at": list(_told(looks, silent)),
    }


def _is_known(letter: Letter) -> bool:
    """Tell whether a letter has left, or could have."""
    never_left = letter.state is LetterState.RECALLED and not letter.attempts
    return letter.state is not LetterState.HELD and not never_left


def _told(looks: Collection[Mapping[str, str]], silent: Collection[str]) -> Iterator[dict[str, str]]:
    for row in looks:
        if row["reader"] not in BY_ITSELF:
            yield {"at": row["at"], "reader": STAFF, "reason": ""}
        elif row["reason"] not in silent:
            yield {name: row[name] for name in ("at", "reader", "reason")}
