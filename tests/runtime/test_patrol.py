"""Each history is proved every few days without anybody asking; what is wrong with one is found in its turn."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from functions.embedded import Embedded
from schemas.ids import CaseId, name_of
from tests.support.office import Office
from workflows.runtime.patrol import BEATS, SWEEP_SECONDS, beat_at, patrol

BEGIN = datetime(2027, 3, 1, tzinfo=UTC)


def beat_of(case: CaseId) -> str:
    """How the ids begin that are proved together with this case."""
    (beat,) = [beat for beat in BEATS if case.startswith(beat)]
    return beat


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.recruit(2)
    return office


@pytest.fixture
def case(office: Office) -> CaseId:
    return next(office.ports.cases.find(stage="offered")).id


def next_turn_of(beat: str, now: datetime) -> datetime:
    turns = (now + number * timedelta(seconds=SWEEP_SECONDS) for number in range(len(BEATS)))
    return next(turn for turn in turns if beat_at(turn) == beat)


def patrolled(office: Office, beat: str) -> list[str]:
    """Prove what has its turn, with nothing at hand from before, and give the cases that something is wrong with."""
    fresh = Embedded(office.embedded.path)
    fresh.clock.turn(next_turn_of(beat, fresh.clock.now()))
    found = [finding.case for finding in patrol(fresh.ports)]
    fresh.close()
    return found


def spoil(office: Office, case: CaseId) -> None:
    database = office.embedded.database
    (blob,) = database.one("select blob from cases where id = ?", (case,))
    database.execute("update cases set blob = ? where id = ?", (json.dumps({**json.loads(blob), "stage": "no"}), case))


def test_every_sweep_has_a_beat_and_each_comes_within_five_days() -> None:
    beats = [beat_at(BEGIN + number * timedelta(seconds=SWEEP_SECONDS)) for number in range(5 * 24 * 12)]

    assert set(beats) == set(BEATS)


def test_every_name_that_is_a_hash_has_one_beat() -> None:
    assert all(beat_of(CaseId(name_of(number))) for number in range(2_000))


def test_an_honest_store_is_in_order_at_every_beat(office: Office) -> None:
    beats = {beat_of(each.id) for each in office.ports.cases.find()}

    assert [patrolled(office, beat) for beat in beats] == [[]] * len(beats)


def test_a_case_that_was_changed_is_found_in_its_turn_alone(office: Office, case: CaseId) -> None:
    spoil(office, case)

    others = {beat_of(each.id) for each in office.ports.cases.find()} - {beat_of(case)}
    assert patrolled(office, beat_of(case)) == [case]
    assert all(patrolled(office, beat) == [] for beat in others)


def test_a_case_that_cannot_be_read_is_found(office: Office, case: CaseId) -> None:
    office.embedded.database.execute("update cases set blob = '{}' where id = ?", (case,))

    assert patrolled(office, beat_of(case)) == [beat_of(case)]


def test_a_case_that_moves_meanwhile_is_looked_at_again(
    office: Office, case: CaseId, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases, looks = office.ports.cases, []

    def read(case_id: CaseId) -> list[tuple[str, str]]:
        looks.append(case_id)
        if len(looks) == 1:
            office.accept(case)
        return list(type(cases).history(cases, case_id))

    office.embedded.clock.turn(next_turn_of(beat_of(case), office.now))
    monkeypatch.setattr(cases, "history", read, raising=False)

    assert patrol(office.ports) == []
    assert len(looks) > 1
