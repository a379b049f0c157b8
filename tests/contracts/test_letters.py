"""Letters to people."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.ids import PersonId
from schemas.letters import Attempt, Letter, LetterState
from workflows.runtime.ports import Letters, Vault

Write = Callable[..., Letter]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OLD_FIELDS = ("id", "person", "case", "notice", "locale", "subject", "body", "state", "written_at")


def test_a_letter_reads_back_as_written(letters: Letters, letter: Write) -> None:
    is_kept = letters.create(letter(1))

    assert is_kept
    assert letters.get("letter-1") == letter(1)
    assert letters.get("letter-2") is None


def test_a_letter_is_kept_once_and_as_it_was_first(letters: Letters, letter: Write) -> None:
    letters.create(letter(1))

    is_kept = letters.create(letter(1, state=LetterState.RELEASED))

    assert not is_kept
    assert letters.get("letter-1") == letter(1)


def test_a_letter_moves_from_the_state_it_is_expected_in(letters: Letters, letter: Write) -> None:
    letters.create(letter(1))

    has_moved = letters.move("letter-1", expected=LetterState.HELD, to=LetterState.RELEASED)

    assert has_moved
    assert letters.get("letter-1") == letter(1, state=LetterState.RELEASED)
    assert list(letters.find(state=LetterState.RELEASED)) == [letter(1, state=LetterState.RELEASED)]
    assert list(letters.find(state=LetterState.HELD)) == []


def test_a_letter_in_another_state_does_not_move(letters: Letters, letter: Write) -> None:
    letters.create(letter(1, state=LetterState.RECALLED))

    assert not letters.move("letter-1", expected=LetterState.HELD, to=LetterState.RELEASED)
    assert not letters.move("letter-2", expected=LetterState.HELD, to=LetterState.RELEASED)
    assert letters.get("letter-1") == letter(1, state=LetterState.RECALLED)


def test_of_eight_who_move_a_letter_at_once_one_does(letters: Letters, letter: Write) -> None:
    letters.create(letter(1))
    targets = [LetterState.RELEASED, LetterState.RECALLED] * 4

    with ThreadPoolExecutor(8) as threads:
        moved = list(threads.map(lambda to: letters.move("letter-1", expected=LetterState.HELD, to=to), targets))

    (winner,) = [to for to, has_moved in zip(targets, moved, strict=True) if has_moved]
    assert letters.get("letter-1") == letter(1, state=winner)


def test_letters_are_found_by_state_and_person_oldest_first(letters: Letters, letter: Write) -> None:
    other, released = {"person": "person-2"}, {"state": LetterState.RELEASED}
    for written in (letter(4), letter(2), letter(3, **released), letter(5, **other), letter(1, **other, **released)):
        letters.create(written)

    def found(state: LetterState | None = None, person: str | None = None) -> list[str]:
        return [each.id[-1] for each in letters.find(state=state, person_id=person and PersonId(person))]  # type: ignore[arg-type]

    assert found() == ["1", "2", "3", "4", "5"]
    assert found(LetterState.HELD) == ["2", "4", "5"]
    assert found(person="person-2") == ["1", "5"]
    assert found(LetterState.RELEASED, "person-2") == ["1"]
    assert found(LetterState.SENT) == []
    assert list(letters.find(state=LetterState.RELEASED, person_id=PersonId("person-1"))) == [letter(3, **released)]


# ---- on their way

DUE = NOON + timedelta(hours=9)
WAITING: dict[str, Any] = {"state": LetterState.RELEASED, "leaves_at": DUE}


def test_a_letter_is_replaced_if_it_is_the_one_seen(letters: Letters, letter: Write) -> None:
    letters.create(letter(1, **WAITING))
    attempt = Attempt(channel="mail", round=0, begun_at=NOON)
    claimed = letter(1, state=LetterState.SENDING, leaves_at=DUE, attempts=(attempt,))

    assert letters.swap(letter(1, **WAITING), claimed)
    assert not letters.swap(letter(1, **WAITING), claimed)
    assert letters.get("letter-1") == claimed
    assert list(letters.find(state=LetterState.SENDING)) == [claimed]
    assert list(letters.find(state=LetterState.RELEASED)) == []


def test_a_letter_that_is_gone_is_not_brought_back(letters: Letters, vault: Vault, letter: Write) -> None:
    letters.create(letter(1, **WAITING))
    vault.erase(PersonId("person-1"))

    assert not letters.swap(letter(1, **WAITING), letter(1, state=LetterState.SENT))
    assert not letters.swap(letter(2), letter(2, state=LetterState.SENT))
    assert (list(letters.find()), list(letters.due(DUE, limit=9))) == ([], [])


def test_of_eight_who_claim_a_letter_at_once_one_does(letters: Letters, letter: Write) -> None:
    letters.create(letter(1, **WAITING))
    claims = [
        letter(1, state=LetterState.SENDING, attempts=(Attempt(channel="mail", round=number, begun_at=NOON),))
        for number in range(8)
    ]

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda claim: letters.swap(letter(1, **WAITING), claim), claims))

    (winner,) = [claim for claim, has_won in zip(claims, won, strict=True) if has_won]
    assert letters.get("letter-1") == winner


def test_what_is_due_is_found_the_longest_due_first(letters: Letters, letter: Write) -> None:
    tick = timedelta(microseconds=1)
    for written in (
        letter(1, **WAITING),
        letter(2, **{**WAITING, "leaves_at": DUE - timedelta(days=1)}),
        letter(3, state=LetterState.SENDING, leaves_at=DUE - timedelta(hours=1)),
        letter(4, **{**WAITING, "leaves_at": DUE + tick}),
        letter(5, state=LetterState.RELEASED),
        letter(6),
    ):
        letters.create(written)

    def found(now: datetime, limit: int = 9) -> list[str]:
        return [each.id[-1] for each in letters.due(now, limit=limit)]

    assert found(DUE) == ["2", "3", "1"]
    assert found(DUE, limit=2) == ["2", "3"]
    assert found(DUE + tick) == ["2", "3", "1", "4"]
    assert found(DUE - timedelta(days=2)) == []


@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.FAILED, LetterState.RECALLED])
def test_a_letter_that_is_settled_is_not_due(letters: Letters, letter: Write, state: LetterState) -> None:
    letters.create(letter(1, **WAITING))
    letters.create(letter(2, **WAITING))

    letters.move("letter-1", expected=LetterState.RELEASED, to=state)
    letters.swap(letter(2, **WAITING), letter(2, state=state))

    assert list(letters.due(DUE, limit=9)) == []


def test_a_letter_of_an_older_version_reads_as_one_that_was_never_tried(letter: Write) -> None:
    old = {name: json.loads(letter(1).model_dump_json())[name] for name in OLD_FIELDS}

    assert Letter.model_validate_json(json.dumps(old)) == letter(1)
