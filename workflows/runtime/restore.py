"""Brings a cohort back that was deleted by mistake, out of an older copy of the store."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.ids import PersonId
from schemas.messages import Case
from schemas.people import Person
from schemas.search import CaseFilter, PersonKey
from workflows.runtime.people_keys import key_of
from workflows.runtime.ports import Ports
from workflows.runtime.repair import examine, repair

PAGE = 200


@dataclass(slots=True)
class Restored:
    """What was brought back.

    Attributes:
        cases: How many cases were missing, and are there again.
        there: How many were there already; nothing was done to them.
        people: How many people were missing, and are there again.
        erased: How many people were erased meanwhile, and stay so.
        letters: How many letters were missing, and are there again, each as far on its way as it was.
    """

    cases: int = 0
    there: int = 0
    people: int = 0
    erased: int = 0
    letters: int = 0


def restore(cohort: str, ports: Ports, copy: Ports, *, by: str, reason: str, key: bytes) -> Restored:
    """Write what is missing of a cohort; whatever is there stays as it is.  May be repeated, and begun again.

    Whoever was stopped half-way has left people without some of their forms and letters; they get these the next time.

    What happened after the copy was made is not in it: let the topic `events` be played again.

    Args:
        cohort: Which one.
        ports: Where it is missing.
        copy: The older copy, with the cohort in it.
        by: Who does it, as the access log keeps it.
        reason: Why.
        key: Names persons; with it people are found by their contacts again.
    """
    done = Restored()
    seen: set[str] = set()
    for case in _cases(cohort, copy):
        if ports.cases.revision(case.id) is None:
            repair(examine(case.id, ports, copy.cases), ports, by=by, reason=reason)
            done.cases += 1
        else:
            done.there += 1
        if case.person and case.person not in seen:
            seen.add(case.person)
            _restore_person(PersonId(case.person), ports, copy, done, by=by, reason=reason, key=key)
    return done


def _cases(cohort: str, copy: Ports) -> Iterator[Case]:
    wanted, after = CaseFilter(cohort=cohort), ""
    while True:
        page = copy.index.page(wanted, after=after, limit=PAGE)
        yield from page.cases
        after = page.after
        if not after:
            return


def _restore_person(
    person_id: PersonId, ports: Ports, copy: Ports, done: Restored, *, by: str, reason: str, key: bytes
) -> None:
    why = f"restore: {reason}"
    was = copy.vault.get(person_id, reader=by, reason=why)
    if was is None:
        return
    forms = copy.vault.forms(person_id, reader=by, reason=why)
    now = ports.vault.get(person_id, reader=by, reason=why)
    if now is not None and _said(now) not in map(_said, (was, *forms.values())):
        return  # they have said something since
    if now is None:
        if not ports.vault.put(was, keys=_keys(was, key)):
            done.erased += 1
            return
        done.people += 1
    there = ports.vault.forms(person_id, reader=by, reason=why)
    for digest, said in forms.items():
        if digest not in there:
            ports.vault.put(said, keys=None, form=digest)
    if _said(was) != _said(now or was) or forms.keys() - there.keys():
        ports.vault.put(was, keys=None)
    done.letters += sum(ports.letters.create(letter) for letter in copy.letters.find(person_id=person_id))


def _said(person: Person) -> Person:
    """Give a person without the consents, which are kept together from all that was ever said."""
    return person.model_copy(update={"consent_records": (), "consents": {}})


def _keys(person: Person, key: bytes) -> dict[PersonKey, str]:
    texts: dict[PersonKey, str] = {
        "email": person.email,
        "phone": person.contact,
        "student": str(person.answers.get("student_number", "")),
    }
    return {kind: key_of(kind, text, key) for kind, text in texts.items() if text} if key else {}
