"""The person of a case, with what they said by the form that counted there."""

from schemas.ids import PersonId
from schemas.messages import Case
from schemas.people import Person
from workflows.runtime.ports import Ports


def person_of(case: Case, ports: Ports, *, reader: str, reason: str) -> Person | None:
    """Give the person of a case: name and contacts as they are known now, answers as the case took them in.

    A later form, for another round or after the close, changes where the person is reached; not what counted.
    """
    person_id, digest = PersonId(case.person), str(case.data.get("answers", ""))
    person = ports.vault.get(person_id, reader=reader, reason=reason)
    if person is None or not digest:
        return person
    said = ports.vault.get(person_id, reader=reader, reason=reason, form=digest)
    return person if said is None else person.model_copy(update={"answers": said.answers})
