"""Takes up a notice: records it, and writes the letter where it goes to a person; `send` sends it."""

from collections.abc import Callable, Mapping

from schemas.ids import CaseId, PersonId
from schemas.letters import Letter, LetterState
from schemas.messages import Notice
from schemas.notices import NOTICES, typed_fields
from schemas.notices.data_request import DataRequestGranted
from schemas.roles import APPLICANT, LEARNER
from workflows.runtime.appointments import appointments, tells_dates
from workflows.runtime.errors import NotFound
from workflows.runtime.fulfil import fulfil
from workflows.runtime.ports import Ports
from workflows.runtime.restrictions import restriction_of
from workflows.runtime.send import ABOUT_DATA, is_stranded, letter_id_of, tell_again
from workflows.runtime.traits import home_of

PEOPLE = frozenset({APPLICANT.name, LEARNER.name})
ERRANDS: Mapping[str, Callable[[CaseId, Ports], None]] = {DataRequestGranted.__name__: fulfil}
"""The notices that something is to be done, and what does it."""


def deliver(notice: Notice, ports: Ports) -> bool:
    """Record a notice and write its letter.  May be repeated: the same notice makes the same letter once.

    A letter that was released while there was no channel leaves from now on.

    Returns:
        False if the notice was delivered before.
    """
    if notice.type in ERRANDS:
        ERRANDS[notice.type](notice.case, ports)
    if notice.role in PEOPLE and notice.person:
        _write(notice, PersonId(notice.person), ports)
    return ports.notice_log.append(notice, heard_at=ports.clock.now())


def _write(notice: Notice, person_id: PersonId, ports: Ports) -> None:
    letter_id = letter_id_of(notice)
    leaves_at = ports.clock.now() if ports.post.channels else None
    letter = ports.letters.get(letter_id)
    if letter is not None:
        if leaves_at and letter.state is LetterState.RELEASED and is_stranded(letter):
            ports.letters.swap(letter, letter.model_copy(update={"leaves_at": leaves_at}))
        return
    person = ports.vault.get(person_id, reader="deliver", reason=f"letter {notice.type}")
    if person is None or (notice.workflow != ABOUT_DATA and restriction_of(person_id, ports).is_stopped):
        return
    subject, body = ports.scribe.write(_with_typed(notice, ports), person)
    is_decision = NOTICES[notice.type].kind == "decision"
    before = ports.letters.find(person_id=person_id) if tells_dates(notice) else ()
    seen = ports.cases.get(notice.case)
    ports.letters.create(
        Letter(
            id=letter_id,
            person=person_id,
            case=notice.case,
            notice=notice.type,
            locale=person.locale,
            subject=subject,
            body=body,
            state=LetterState.HELD if is_decision else LetterState.RELEASED,
            written_at=ports.clock.now(),
            told=notice,
            appointments=appointments(notice, before),
            leaves_at=None if is_decision else leaves_at,
            home=None if seen is None else home_of(seen.case),
        )
    )


def _with_typed(notice: Notice, ports: Ports) -> Notice:
    """Give the notice with what somebody typed instead of the references; only the letter ever holds it."""
    typed = [name for name in typed_fields(NOTICES[notice.type]) if notice.data.get(name)]
    if not typed:
        return notice
    reader, reason = "deliver", f"letter {notice.type}"
    texts = {name: ports.vault.get_text(notice.data[name], reader=reader, reason=reason) or "" for name in typed}
    return notice.model_copy(update={"data": {**notice.data, **texts}})


def release(letter_id: str, ports: Ports) -> None:
    """Let a held letter leave: at once, or in the morning.

    Raises:
        NotFound: There is no held letter of this id.
    """
    letter = ports.letters.get(letter_id)
    if letter is None or letter.state is not LetterState.HELD:
        raise NotFound(f"No letter [{letter_id}] that is {LetterState.HELD}.", code="letter_has_left")
    leaves_at = ports.clock.now() if ports.post.channels else None
    released = letter.model_copy(update={"state": LetterState.RELEASED, "leaves_at": leaves_at})
    if not ports.letters.swap(letter, released):
        raise NotFound(f"No letter [{letter_id}] that is {LetterState.HELD}.", code="letter_has_left")
    tell_again([released], ports)


def recall(letter_id: str, ports: Ports) -> None:
    """Keep a letter that was not sent from ever leaving.

    Raises:
        NotFound: There is no letter of this id that could still be recalled.
    """
    letter = ports.letters.get(letter_id)
    expected = LetterState.HELD if letter is None else letter.state
    if expected not in {LetterState.HELD, LetterState.RELEASED, LetterState.FAILED}:
        raise NotFound(f"Letter [{letter_id}] is {expected} and cannot be recalled.", code="letter_has_left")
    if not ports.letters.move(letter_id, expected=expected, to=LetterState.RECALLED):
        raise NotFound(f"No letter [{letter_id}] that is {expected}.", code="letter_has_left")
