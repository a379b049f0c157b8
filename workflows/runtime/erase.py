"""Erases a person: the ledger first, so that no late writer brings anything back, then all that is kept."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from schemas.draft import Draft
from schemas.ids import PersonId, name_of
from schemas.people import Person
from schemas.register import ConsentProof, Destruction, erased_name
from workflows.runtime.errors import NotAllowed
from workflows.runtime.ports import Ports
from workflows.runtime.restrictions import restriction_of

READER = "erasure"
PROOF_KEPT = timedelta(days=3 * 365 + 1)
HIDDEN = "○○○"
PART_MIN = 2
BETWEEN_DIGITS = r"[\s.()+-]{0,3}"
BODY_OF = re.compile(r"\(vault ([a-z2-7]{32})\)")
"""How a row of the quarantine names the body that it was made of."""


def erase_person(person_id: PersonId, ports: Ports, *, request: str) -> None:
    """Destroy what is kept of a person, for good.  May be repeated, and begun again wherever it broke off.

    Args:
        person_id: Who.
        ports: The ports.
        request: The case of the request, as the ledger names it.

    Raises:
        NotAllowed: The data are under a legal hold.
    """
    if restriction_of(person_id, ports).is_held:
        raise NotAllowed("These data are under a legal hold; it has to be lifted first.", code="legal_hold")
    name = erased_name(person_id)
    at = ports.clock.now()
    ports.register.add(Destruction(id=name, about=name, at=at, what="person", because="request", request=request))
    _keep_proof(person_id, ports, name=name)
    _silence_strays(person_id, ports)
    ports.vault.erase(person_id)


def _keep_proof(person_id: PersonId, ports: Ports, *, name: str) -> None:
    """Keep that consents were given and withdrawn, without whose they were (domain.md F.3: three years)."""
    person = ports.vault.get(person_id, reader=READER, reason="proof of consents")
    if person is not None and person.consent_records:
        now = ports.clock.now()
        until = (now + PROOF_KEPT).date()
        proof = ConsentProof(id=name_of("proof", name), about=name, at=now, records=person.consent_records, until=until)
        ports.register.add(proof)


def reapply(ports: Ports) -> int:
    """Erase once more whoever the ledger names and a restored backup has brought back; give how many there were."""
    erased = {row.id for row in ports.register.find(Destruction) if row.what == "person" and row.because == "request"}
    back = [person_id for person_id in ports.vault.people() if erased_name(person_id) in erased]
    for person_id in back:
        _silence_strays(person_id, ports)
        ports.vault.erase(person_id)
    return len(back)


def bodies_in_quarantine(ports: Ports) -> Iterator[tuple[str, str]]:
    """Give the references of the refused bodies that lie in the vault, each with its row of the quarantine."""
    for row in ports.quarantine.find():
        for reference in BODY_OF.findall(row.reason):
            yield reference, row.id


def marks_of(people: Iterable[Person]) -> re.Pattern[str]:
    """Give what finds a person in a text: name, address, student number, and the mobile number in any spelling.

    Args:
        people: The person as each form has it.  The longest mark comes first, so that nothing is left of any.
    """
    words: set[str] = set()
    numbers: set[str] = set()
    for person in people:
        words |= {person.name, person.email, str(person.answers.get("student_number", ""))}
        numbers.add(re.sub(r"\D", "", person.contact.removeprefix("+82")))
    longest = sorted((word for word in words if len(word) >= PART_MIN), key=len, reverse=True)
    patterns = [re.escape(word) for word in longest]
    patterns += [BETWEEN_DIGITS.join(digits) for digits in sorted(numbers) if len(digits) > PART_MIN]
    return re.compile("|".join(patterns) or r"(?!)", re.IGNORECASE)


def _silence_strays(person_id: PersonId, ports: Ports) -> None:
    """Destroy refused bodies and drafts that name the person; blot the name out of what staff typed about several."""
    said = list(ports.vault.forms(person_id, reader=READER, reason="erasure").values())
    now = ports.vault.get(person_id, reader=READER, reason="erasure")
    people = [*said, *([] if now is None else [now])]
    if not people:
        return
    marks = marks_of(people)
    bodies = {reference for reference, _ in bodies_in_quarantine(ports)}
    for reference, text in list(ports.vault.strays(reader=READER, reason="erasure")):
        blotted = marks.sub(HIDDEN, text)
        if blotted != text:
            ports.vault.replace_text(reference, None if reference in bodies else blotted)
    for draft in list(ports.drafts.find()):
        if _is_begun_by(draft, people):
            ports.drafts.remove(draft.id)


def _is_begun_by(draft: Draft, people: Sequence[Person]) -> bool:
    """Tell whether a draft is the person's: by a contact in any spelling, or by the name alone where it has no contact.

    A name that somebody else's draft says is a namesake, or a word like any other.
    """
    typed = {name: unicodedata.normalize("NFKC", text) for name, text in draft.typed.items()}
    contacts = marks_of(person.model_copy(update={"name": ""}) for person in people)
    if contacts.search(" ".join(typed.values())):
        return True
    has_contact = any(typed.get(name, "").strip() for name in ("email", "phone"))
    return not has_contact and _squeezed(typed.get("name", "")) in {_squeezed(person.name) for person in people}


def _squeezed(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
