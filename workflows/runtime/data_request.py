"""Takes in what a person asks about their own data: see, correct, erase, withdraw a consent, suspend."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from schemas.data_request import Right
from schemas.events.data_request import DataRequested
from schemas.ids import CaseId, MessageId, PersonId, name_of
from schemas.messages import Actor, Message
from schemas.people import Person
from workflows.runtime.errors import BadForm, NotAllowed, NotFound
from workflows.runtime.people_keys import key_of
from workflows.runtime.ports import Ports

TEXT_MAX = 4_000
VALUE_MAX = 4_000
CONTACTS = ("name", "email", "contact")
STAFF_ROLES = frozenset({"operator", "privacy_officer"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks.

    Attributes:
        consent: The name of the consent item to withdraw, such as `third_party`; for no other right.
        changes: The values to correct, cleaned as a form's are: `name`, `email`, `contact`, or an answer of a form.
        text: What the person writes besides.
    """

    right: Right
    consent: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


def file_data_request(
    person_id: PersonId,
    wish: Wish,
    actor: Actor,
    ports: Ports,
    *,
    submission: str,
    key: bytes,
    received_at: datetime | None = None,
) -> Message:
    """Take in a request.  The same submission is one request, however often it is sent.

    Args:
        person_id: Whose data it is about.
        wish: What is asked.
        actor: The person, by their own signed link, which proves who asks; or staff with a letter, for whom the privacy
            officer has that proved first.
        ports: The ports.
        submission: What names this request: a form's token, or the number of a letter.
        key: Names persons without showing their contacts; who is corrected is found by the new ones.
        received_at: When a letter came; the ten days count from then.  Never in the future.

    Raises:
        NotFound: Nothing is kept of such a person, or it was erased.
        NotAllowed: It is somebody else's data, and the actor takes in no letters.
        BadForm: With every fault of the wish.
    """
    is_own = actor.kind == "person" and actor.id == person_id
    if not is_own and not (actor.kind == "staff" and actor.role in STAFF_ROLES):
        raise NotAllowed("Only the person concerned can ask this.", code="not_your_data")
    person = ports.vault.get(person_id, reader=actor.id, reason=f"request to {wish.right}")
    if person is None:
        raise NotFound("Nothing is kept of this person.", code="nothing_kept")
    if faults := faults_of_wish(wish, person):
        raise BadForm(faults)
    now = ports.clock.now()
    about = CaseId(name_of("data request", person_id, wish.right, submission))
    event = DataRequested(
        person=person_id,
        right=wish.right,
        is_proven=is_own,
        consent=wish.consent,
        details=_kept(wish, person_id, key, ports),
        received_at=now if received_at is None or is_own else min(received_at, now),
    )
    message = Message(
        id=MessageId(name_of("file data request", about)),
        case=about,
        type=DataRequested.__name__,
        data=event.model_dump(mode="json"),
        at=now,
        actor=actor,
    )
    if ports.cases.entry(about, message.id) is None:
        ports.publisher.publish([message], [])
    return message


def faults_of_wish(wish: Wish, person: Person) -> dict[str, str]:
    """Give every fault beside its field; none if it can be taken in."""
    faults: dict[str, str] = {}
    if wish.right is Right.CORRECT:
        known = {*CONTACTS, *person.answers}
        faults |= {name: "is not kept of this person" for name in wish.changes if name not in known}
        faults |= {name: "is too long" for name, value in wish.changes.items() if len(value) > VALUE_MAX}
        faults |= {name: "is missing" for name in CONTACTS if name in wish.changes and not wish.changes[name].strip()}
        if not wish.changes:
            faults["changes"] = "say what is to be corrected"
    elif wish.changes:
        faults["changes"] = "only a correction changes something"
    if (wish.right is Right.WITHDRAW_CONSENT) != bool(wish.consent):
        faults["consent"] = "name the consent to withdraw, and for no other request"
    elif wish.consent and wish.consent not in person.consents:
        faults["consent"] = "this consent was never asked for"
    if len(wish.text) > TEXT_MAX:
        faults["text"] = f"at most {TEXT_MAX} characters"
    return faults


def details_of(reference: str, ports: Ports, *, reader: str, reason: str) -> Mapping[str, object]:
    """Give what a request says in the person's words: its `text` and `changes`; the access log names the reader."""
    text = ports.vault.get_text(reference, reader=reader, reason=reason) if reference else None
    return {} if text is None else dict(json.loads(text))


def _kept(wish: Wish, person_id: PersonId, key: bytes, ports: Ports) -> str:
    if not (wish.text.strip() or wish.changes):
        return ""
    kinds = {"email": "email", "contact": "phone", "student_number": "student"}
    keys = {kinds[name]: key_of(kinds[name], value, key) for name, value in wish.changes.items() if name in kinds}  # type: ignore[arg-type]
    details = {"text": wish.text.strip(), "changes": dict(wish.changes), "keys": keys}
    return ports.vault.put_text(json.dumps(details, ensure_ascii=False, sort_keys=True), person_id=person_id)
