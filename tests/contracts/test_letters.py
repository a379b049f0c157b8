"""Letters to people."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from schemas.ids import PersonId
from schemas.letters import Letter, LetterState
from workflows.runtime.ports import Letters

Write = Callable[..., Letter]


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
