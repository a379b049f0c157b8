"""Letters to people."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.adapters.local.database import Database
from functions.adapters.local.sqlite_case_store import SqliteCaseStore
from functions.adapters.local.sqlite_records import SqliteQuarantine
from functions.adapters.local.sqlite_vault import SqliteLetters
from schemas.ids import CaseId, PersonId
from schemas.letters import Attempt, Letter, LetterState
from schemas.messages import Home, Quarantined
from schemas.search import EVERYWHERE, LetterFilter, QuarantineFilter, Scope
from workflows.runtime.errors import Rejected
from workflows.runtime.ports import Vault
from workflows.runtime.post_ports import Letters

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


# ---- in pages

SPRING = Home(workflow="application", programme="ai", cohort="2026-봄", university="서울")
HOMES: dict[int, Home | None] = {
    1: SPRING,
    2: SPRING.model_copy(update={"cohort": "2026-가을"}),
    3: SPRING.model_copy(update={"university": "부산"}),
    4: SPRING.model_copy(update={"programme": ""}),
    5: None,
}


@pytest.fixture
def five(letters: Letters, letter: Write) -> Letters:
    for number in (4, 2, 5, 3, 1):
        notice = "GateFailed" if number == 3 else "ApplicationLate"
        letters.create(letter(number).model_copy(update={"notice": notice, "home": HOMES[number]}))
    letters.create(letter(6, state=LetterState.RELEASED).model_copy(update={"home": SPRING}))
    return letters


def numbers(letters: Letters, **asked: Any) -> str:
    found = letters.page(LetterFilter(**asked), after="", limit=9)
    ids = [each.id for each in found.letters]
    assert ids == list(letters.names(LetterFilter(**asked), limit=9))
    assert len(ids) == letters.count(LetterFilter(**asked))
    return "".join(each[-1] for each in ids)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "12345"),
        ({"state": LetterState.RELEASED}, "6"),
        ({"state": LetterState.SENT}, ""),
        ({"notice": "ApplicationLate"}, "1245"),
        ({"cohort": "2026-봄"}, "134"),
        ({"cohort": "2026-봄", "notice": "GateFailed"}, "3"),
        ({"within": ()}, ""),
        ({"within": (Scope(cohort="2026-가을"), EVERYWHERE)}, "12345"),
        ({"within": (Scope(cohort="2026-가을"),)}, "2"),
        ({"within": (Scope(programme="ai"),)}, "1234"),
        ({"within": (Scope(programme="other"),)}, "4"),
        ({"within": (Scope(university="부산"), Scope(cohort="2026-가을"))}, "23"),
        ({"within": (Scope(programme="ai", university="서울"),), "cohort": "2026-봄"}, "14"),
    ],
)
def test_letters_are_listed_by_what_is_asked_for_and_where_their_case_belongs(
    five: Letters, asked: dict[str, Any], found: str
) -> None:
    assert numbers(five, **asked) == found


def test_every_letter_is_on_one_page_though_they_were_written_at_once(letters: Letters, letter: Write) -> None:
    for number in range(7):
        letters.create(letter(number, written_at=NOON))
    found, after = [], ""

    while True:
        page = letters.page(LetterFilter(), after=after, limit=3)
        found.append([each.id[-1] for each in page.letters])
        after = page.after
        if not after:
            break

    assert found == [["0", "1", "2"], ["3", "4", "5"], ["6"]]


def test_a_letter_that_comes_or_leaves_meanwhile_moves_no_other_from_its_page(five: Letters, letter: Write) -> None:
    first = five.page(LetterFilter(), after="", limit=2)

    five.move("letter-1", expected=LetterState.HELD, to=LetterState.RELEASED)
    five.create(letter(0))
    second = five.page(LetterFilter(), after=first.after, limit=9)

    assert [each.id[-1] for each in (*first.letters, *second.letters)] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("after", ["zzz", "2026-03-02T12:00:00~letter-1", "~", "2026-03-02T12:00:00+00:00~a/b"])
def test_a_page_that_was_never_given_is_refused(five: Letters, after: str) -> None:
    with pytest.raises(Rejected):
        five.page(LetterFilter(), after=after, limit=3)


def test_held_letters_are_counted_by_kind_only_of_those_asked_for(five: Letters) -> None:
    kinds = ["ApplicationLate", "GateFailed", "NoShowConfirmed"]

    assert five.kinds(LetterFilter(), kinds) == {"ApplicationLate": 4, "GateFailed": 1}
    assert five.kinds(LetterFilter(cohort="2026-봄"), kinds[:1]) == {"ApplicationLate": 2}
    assert five.kinds(LetterFilter(within=()), kinds) == {}


def test_a_letter_stays_where_its_case_belonged_while_it_moves(five: Letters) -> None:
    five.move("letter-2", expected=LetterState.HELD, to=LetterState.RECALLED)

    assert numbers(five, state=LetterState.RECALLED, cohort="2026-가을") == "2"
    assert len(five.names(LetterFilter(), limit=2)) == 2


def test_in_a_file_of_an_older_version_letters_and_rows_lie_where_their_cases_belong(
    database: Database, letter: Write, story: Any
) -> None:
    sealed, letters, quarantine = story.application(), SqliteLetters(database), SqliteQuarantine(database)
    case = sealed.case
    SqliteCaseStore(database).commit(sealed, seen=None)
    letters.create(letter(1).model_copy(update={"case": case.id}))
    letters.create(letter(2).model_copy(update={"case": CaseId("nowhere")}))
    told = Quarantined(id="row-1", reason="", source="test", heard_at=NOON, message=sealed.entry.message)
    quarantine.put(told)
    quarantine.put(told.model_copy(update={"id": "row-2", "message": None, "state": "replayed"}))
    for table, name in (("letters", "notice"), ("quarantine", "state")):
        database.execute(f"drop index {table}_list")
        for column in (name, "workflow", "programme", "cohort", "university"):
            database.execute(f"alter table {table} drop column {column}")

    opened = Database(database.path)

    here = (Scope(programme=case.data["programme"], cohort=case.cohort, university=case.data["university"]),)
    letters, quarantine = SqliteLetters(opened), SqliteQuarantine(opened)
    assert letters.names(LetterFilter(within=here, notice="SeatOffered"), limit=9) == ["letter-1"]
    assert letters.count(LetterFilter()) == 2
    assert [each.id for each in quarantine.page(QuarantineFilter(within=here), after="", limit=9).rows] == ["row-1"]
    assert quarantine.count(QuarantineFilter(state="replayed")) == 1
    opened.close()
