"""Personal data: people, texts, and who looked at them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from functions.adapters.google.counted import counted_client
from functions.adapters.google.firestore_vault import FirestoreVault
from functions.observe.call import calling
from functions.stack.emulators import Emulators
from schemas.ids import PersonId
from schemas.letters import Letter
from schemas.people import Consent, Person
from workflows.runtime.ports import Vault
from workflows.runtime.post_ports import Letters

NOBODY = PersonId("nobody")


def look(vault: Vault, person_id: PersonId) -> Person | None:
    return vault.get(person_id, reader="kim", reason="상담")


def test_a_person_reads_back_as_kept(vault: Vault, person: Person) -> None:
    is_kept = vault.put(person)

    assert is_kept
    assert look(vault, person.id) == person


def test_what_is_known_is_replaced(vault: Vault, person: Person) -> None:
    changed = person.model_copy(update={"name": "김바뀜", "answers": {}})
    vault.put(person)

    is_kept = vault.put(changed)

    assert is_kept
    assert look(vault, person.id) == changed


def test_only_who_is_not_known_and_was_not_erased_is_added(vault: Vault, person: Person) -> None:
    changed = person.model_copy(update={"name": "김바뀜"})

    added = [vault.add(each, keys={}, form="digest") for each in (person, changed)]
    kept = look(vault, person.id)
    vault.erase(person.id)
    added.append(vault.add(person, keys={}, form="digest"))

    assert added == [True, False, False]
    assert kept == person
    assert look(vault, person.id) is None


def test_of_eight_who_add_a_person_at_once_one_does(vault: Vault, person: Person) -> None:
    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(lambda _: vault.add(person, keys={}, form="digest"), range(8)))

    assert sum(added) == 1


def test_consent_records_are_added_to_and_never_replaced(vault: Vault, person: Person) -> None:
    def consented(at: datetime, *, is_given: bool) -> Person:
        record = Consent(item="privacy@1", notice_version="2027-03", text_hash="h", is_given=is_given, at=at)
        return person.model_copy(update={"consent_records": (record,)})

    first = consented(person.updated_at, is_given=True)
    second = consented(person.updated_at + timedelta(days=1), is_given=False)
    for each in (first, first, second, person):
        vault.put(each)

    kept = look(vault, person.id)
    assert kept is not None
    assert kept.consent_records == (*first.consent_records, *second.consent_records)


def test_every_look_leaves_a_row_even_one_in_vain(vault: Vault, person: Person, clock: Any) -> None:
    start = clock.now()
    vault.put(person)
    reference = vault.put_text("사유")
    for step, (subject, getter) in enumerate(
        [(person.id, vault.get), (NOBODY, vault.get), (reference, vault.get_text), ("none", vault.get_text)]
    ):
        clock.turn(start + timedelta(minutes=step))
        getter(subject, reader=f"reader-{step}", reason="감사")  # type: ignore[arg-type]

    rows = [{**row, "at": datetime.fromisoformat(row["at"])} for row in vault.accesses()]
    assert rows == [
        {"at": start + timedelta(minutes=step), "reader": f"reader-{step}", "subject": subject, "reason": "감사"}
        for step, subject in enumerate([person.id, NOBODY, reference, "none"])
    ]


def test_the_access_log_is_read_from_an_instant_to_before_another(vault: Vault, clock: Any) -> None:
    start = clock.now()
    for hour in range(4):
        clock.turn(start + timedelta(hours=hour))
        vault.note([f"subject-{hour}"], reader="kim", reason="audit")

    found = vault.accesses(since=start + timedelta(hours=1), until=start + timedelta(hours=3))

    assert [row["subject"] for row in found] == ["subject-1", "subject-2"]


@pytest.mark.parametrize(("since", "until", "hours"), [(None, None, [0, 2, 4]), (1, None, [2, 4]), (None, 4, [0, 2])])
def test_what_is_about_one_subject_is_given_in_order_and_nothing_else(
    vault: Vault, clock: Any, since: int | None, until: int | None, hours: list[int]
) -> None:
    start = clock.now()
    for hour in range(5):
        clock.turn(start + timedelta(hours=hour))
        vault.note([f"subject-{hour % 2}"], reader="kim", reason=str(hour))
    span = [None if hour is None else start + timedelta(hours=hour) for hour in (since, until)]

    found = vault.accesses(subject="subject-0", since=span[0], until=span[1])

    assert [int(row["reason"]) for row in found] == hours


@pytest.mark.emulator
def test_of_the_log_no_row_is_read_that_is_about_somebody_else(
    emulators: Emulators, project: str, monkeypatch: pytest.MonkeyPatch, clock_at_noon: Any
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulators.firestore_address)
    vault = FirestoreVault(counted_client(project), clock_at_noon)
    vault.note([f"subject-{number}" for number in range(20)] + ["subject-3"], reader="kim", reason="audit")

    with calling("portal") as call:
        found = vault.accesses(subject="subject-3")

    assert (len(found), call.counted["reads"]) == (2, 2)


def test_keeping_and_erasing_are_no_looks(vault: Vault, person: Person) -> None:
    vault.put(person)
    vault.put(person)
    vault.erase(person.id)

    assert list(vault.accesses()) == []


def test_nothing_brings_back_who_was_erased(vault: Vault, person: Person) -> None:
    vault.put(person)
    vault.erase(person.id)

    is_kept = vault.put(person)

    assert not is_kept
    assert look(vault, person.id) is None


def test_who_was_never_known_can_be_erased_for_all_time(vault: Vault, person: Person) -> None:
    vault.erase(person.id)

    assert not vault.put(person)
    assert look(vault, person.id) is None


def test_erasing_twice_is_erasing_once(vault: Vault, person: Person) -> None:
    vault.put(person)

    vault.erase(person.id)
    vault.erase(person.id)

    assert not vault.put(person)


def test_who_is_erased_while_being_written_stays_erased(vault: Vault, person: Person) -> None:
    versions = [person.model_copy(update={"name": f"김{number}"}) for number in range(12)]

    def write(version: Person) -> None:
        if version.name == "김6":
            vault.erase(person.id)
        else:
            vault.put(version)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, versions))

    assert look(vault, person.id) is None
    assert not vault.put(person)


def test_letters_and_texts_are_erased_with_their_person_and_no_others(
    vault: Vault, letters: Letters, person: Person, letter: Callable[..., Letter]
) -> None:
    other = PersonId("person-2")
    vault.put(person)
    vault.put(person.model_copy(update={"id": other}))
    for number in range(3):
        letters.create(letter(number))
    letters.create(letter(9, person=other))
    own, others, nobodys = (
        vault.put_text("내 글", person_id=person.id),
        vault.put_text("남의 글", person_id=other),
        vault.put_text("글"),
    )

    vault.erase(person.id)

    assert [each.id for each in letters.find()] == ["letter-9"]
    assert [vault.get_text(each, reader="kim", reason="r") for each in (own, others, nobodys)] == [
        None,
        "남의 글",
        "글",
    ]
    assert look(vault, other) is not None


@pytest.mark.parametrize("text", ["", "한 줄\n두 줄 🎓", "x" * 262_144], ids=["empty", "korean", "256 KiB"])
def test_a_text_reads_back_under_its_reference(vault: Vault, text: str) -> None:
    reference = vault.put_text(text)

    assert vault.get_text(reference, reader="kim", reason="r") == text


def test_the_same_text_has_the_same_reference_and_another_person_another(vault: Vault) -> None:
    references = [
        vault.put_text("글"),
        vault.put_text("글"),
        vault.put_text("글", person_id=NOBODY),
        vault.put_text("말"),
    ]

    assert references[0] == references[1]
    assert len(set(references)) == 3


def test_many_people_are_given_at_once_without_those_who_are_gone(vault: Vault, person: Person) -> None:
    people = [
        person.model_copy(update={"id": PersonId(f"person-{number}"), "name": f"김{number}"}) for number in range(4)
    ]
    for each in people:
        vault.put(each)
    vault.erase(people[3].id)
    asked = [people[2].id, people[0].id, people[2].id, people[3].id, NOBODY]

    found = vault.get_many(asked, reader="kim", reason="r")

    assert found == {each.id: each for each in (people[0], people[2])}
    assert vault.get_many([], reader="kim", reason="r") == {}


def test_every_person_of_many_leaves_one_row_in_the_access_log(vault: Vault, person: Person) -> None:
    vault.put(person)

    vault.get_many([person.id, NOBODY, person.id], reader="kim", reason="roster")

    rows = sorted((row["subject"], row["reader"], row["reason"]) for row in vault.accesses())
    assert rows == sorted((subject, "kim", "roster") for subject in (person.id, NOBODY))


# ---- what was said by each form


def test_what_each_form_said_stays_known_beside_what_is_known_now(vault: Vault, person: Person) -> None:
    later = person.model_copy(update={"email": "new@example.org", "answers": {"motivation": "다시"}})
    vault.put(person, form="first")
    vault.put(later, form="second")

    assert look(vault, person.id) == later
    assert vault.get(person.id, reader="kim", reason="r", form="first") == person
    assert vault.get(person.id, reader="kim", reason="r", form="unknown") == later
    assert vault.forms(person.id, reader="kim", reason="r") == {"first": person, "second": later}


def test_every_form_is_erased_with_its_person(vault: Vault, person: Person) -> None:
    vault.put(person, form="first")

    vault.erase(person.id)

    assert vault.get(person.id, reader="kim", reason="r", form="first") is None
    assert vault.forms(person.id, reader="kim", reason="r") == {}


def test_who_is_not_erased_for_good_may_come_again(vault: Vault, person: Person) -> None:
    vault.put(person, form="first")

    vault.erase(person.id, for_good=False)

    assert look(vault, person.id) is None
    assert vault.put(person)


# ---- by date


def dated(person: Person, number: int, day: int) -> Person:
    return person.model_copy(update={"id": PersonId(f"person-{number}"), "erase_on": date(2026, 9, day)})


def test_who_is_due_is_given_page_by_page_in_order_of_date(vault: Vault, person: Person) -> None:
    for number, day in [(1, 3), (2, 1), (3, 1), (4, 9), (5, 2)]:
        vault.put(dated(person, number, day))
    vault.put(dated(person, 6, 1))
    vault.erase(PersonId("person-6"))
    on = date(2026, 9, 3)

    first = vault.due(on, after=None, limit=2)
    second = vault.due(on, after=first[-1], limit=2)

    assert [name for _, name in (*first, *second)] == ["person-2", "person-3", "person-5", "person-1"]
    assert vault.due(on, after=second[-1], limit=2) == []
    assert sorted(vault.people()) == [f"person-{number}" for number in range(1, 6)]


def test_a_postponed_day_is_the_day(vault: Vault, person: Person) -> None:
    vault.put(person)

    vault.postpone(person.id, date(2027, 1, 1))
    vault.postpone(NOBODY, date(2027, 1, 1))

    kept = look(vault, person.id)
    assert kept is not None
    assert kept.erase_on == date(2027, 1, 1)
    assert vault.due(date(2026, 12, 31), after=None, limit=9) == []
    assert vault.due(date(2027, 1, 1), after=None, limit=9) == [(date(2027, 1, 1), person.id)]


# ---- texts of nobody


def test_texts_of_nobody_can_be_blotted_and_destroyed(vault: Vault, person: Person) -> None:
    mine = vault.put_text("내 글", person_id=person.id)
    one, other = vault.put_text("김카나리"), vault.put_text("다른 글")

    vault.replace_text(one, "○○○")
    vault.replace_text(other, None)
    vault.replace_text("nowhere", None)

    assert dict(vault.strays(reader="kim", reason="r")) == {one: "○○○"}
    assert vault.get_text(mine, reader="kim", reason="r") == "내 글"
