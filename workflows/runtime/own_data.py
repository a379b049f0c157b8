"""Everything that is kept of a person, for the person."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from schemas.ids import PersonId
from schemas.letters import Letter, LetterState
from schemas.messages import Case, Entry, Verdict
from workflows.definitions.forms import FORMS
from workflows.runtime.ports import Ports

OWN_LINK = "own link"
BY_ITSELF = frozenset({"deliver", "portal", OWN_LINK, "data request", "intake", "erasure"})
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
    looks = ports.vault.accesses(subject=person_id)
    return {
        "person": person.model_dump(mode="json"),
        "forms": {digest: said.model_dump(mode="json") for digest, said in forms.items()},
        "letters": [
            each.model_dump(mode="json", include={"subject", "body", "written_at", "state"})
            for each in letters
            if _is_known(each)
        ],
        "cases": [
            {"case": case.id, "workflow": case.workflow, "cohort": case.cohort, "answers": _answers(case, ports)}
            for case in cases
        ],
        "looked_at": list(_told(person_id, looks, silent)),
    }


def _is_known(letter: Letter) -> bool:
    """Tell whether a letter has left, or could have."""
    never_left = letter.state is LetterState.RECALLED and not letter.attempts
    return letter.state is not LetterState.HELD and not never_left


def _answers(case: Case, ports: Ports) -> dict[str, Any]:
    """Give what the last form said and the vault does not hold.

    From the history, because the case may hold what the university said since, which nobody may know sooner.
    """
    form = next((each for each in FORMS.values() if each.workflow == case.workflow), None)
    if form is None:
        return {}
    entries = (Entry.model_validate_json(stored) for stored, _ in ports.cases.history(case.id))
    taken = [
        entry.message.data for entry in entries if entry.message.type == form.opens and entry.verdict is Verdict.APPLIED
    ]
    last = taken[-1] if taken else {}
    facts = [field.name for field in form.fields if not field.is_personal]
    return {name: last[name] for name in facts if last.get(name, "") != ""}


def _told(
    person_id: PersonId, looks: Collection[Mapping[str, str]], silent: Collection[str]
) -> Iterator[dict[str, str]]:
    for row in looks:
        if row["reader"] == person_id:
            yield {"at": row["at"], "reader": OWN_LINK, "reason": row["reason"]}
        elif row["reader"] not in BY_ITSELF:
            yield {"at": row["at"], "reader": STAFF, "reason": ""}
        elif row["reason"] not in silent:
            yield {name: row[name] for name in ("at", "reader", "reason")}
