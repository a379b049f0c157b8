"""Everything that is kept of a person, for the person."""

from typing import Any

from schemas.ids import PersonId
from schemas.letters import LetterState
from workflows.runtime.ports import Ports


def own_data(person_id: PersonId, ports: Ports, *, reader: str) -> dict[str, Any] | None:
    """Give everything that is kept of a person, for the person; None if nothing is.

    Letters that are held are decisions which nobody has released yet, so they are not in it.
    """
    person = ports.vault.get(person_id, reader=reader, reason="own data")
    if person is None:
        return None
    forms = ports.vault.forms(person_id, reader=reader, reason="own data")
    letters = [each for each in ports.letters.find(person_id=person_id) if each.state is not LetterState.HELD]
    cases = ports.index.cases_of([person_id])
    looks = [row for row in ports.vault.accesses() if row["subject"] == person_id]
    return {
        "person": person.model_dump(mode="json"),
        "forms": {digest: said.model_dump(mode="json") for digest, said in forms.items()},
        "letters": [
            each.model_dump(mode="json", include={"subject", "body", "written_at", "state"}) for each in letters
        ],
        "cases": [{"case": case.id, "workflow": case.workflow, "cohort": case.cohort} for case in cases],
        "looked_at": [{name: row[name] for name in ("at", "reader", "reason")} for row in looks],
    }
