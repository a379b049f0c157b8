"""A case that is not what its history leads to is written anew; a history that was spoiled comes back from a copy."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.embedded import Embedded
from functions.proof import prove
from schemas.ids import CaseId, PersonId
from schemas.messages import Case
from tests.support.office import KEY, OPERATOR, Office
from workflows.runtime.erase import erase_person
from workflows.runtime.errors import NotFound, Rejected, Unavailable
from workflows.runtime.ports import Ports, Vault
from workflows.runtime.repair import examine, repair
from workflows.runtime.replay import replay
from workflows.runtime.restore import restore


class Away:
    """A service that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        raise Unavailable(name)


class Leaving:
    """A vault that takes so many records, and then cannot be reached any more."""

    def __init__(self, vault: Vault, takes: int) -> None:
        self._vault, self._takes = vault, takes

    def put(self, *arguments: Any, **named: Any) -> bool:
        if self._takes == 0:
            raise Unavailable("put")
        self._takes -= 1
        return self._vault.put(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vault, name)


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.recruit(3)
    return office


@pytest.fixture
def offered(office: Office) -> Case:
    return next(iter(office.ports.cases.find(stage="offered")))


@pytest.fixture
def copy(office: Office, tmp_path: Path) -> Iterator[Embedded]:
    """The store as it was, before anything was spoiled."""
    path = tmp_path / "copy.db"
    with closing(sqlite3.connect(office.embedded.path)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    made = Embedded(path)
    yield made
    made.close()


def spoil(office: Office, case_id: CaseId, **fields: object) -> None:
    """Write to a case as a bad deployment would."""
    database = office.embedded.database
    (blob,) = database.one("select blob from cases where id = ?", (case_id,))
    database.execute(
        "update cases set blob = ?, stage = 'withdrawn' where id = ?", (json.dumps(json.loads(blob) | fields), case_id)
    )
    office.ports.cases._known.clear()  # type: ignore[attr-defined]


def faults(office: Office) -> list[str]:
    return [finding.case for finding in prove(office.embedded, lambda _: None)[2]]


def mend(office: Office, case_id: CaseId, copy: Embedded | None = None) -> None:
    found = examine(case_id, office.ports, None if copy is None else copy.ports.cases)
    repair(found, office.ports, by="lee", reason="a bad deployment")


def test_a_spoiled_case_is_found_written_anew_and_goes_on(office: Office, offered: Case) -> None:
    spoil(office, offered.id, stage="withdrawn", timers={}, is_final=True)
    found = faults(office)

    examined = examine(offered.id, office.ports)
    before = office.stage(offered.id)
    mend(office, offered.id)
    office.accept(offered.id)

    assert found == [offered.id]
    assert set(examined.differs) == {"stage", "timers", "is_final"}
    assert before == "withdrawn"
    assert office.stage(offered.id) == "accepted"
    assert faults(office) == []


def test_a_repair_is_in_the_access_log_with_who_and_why(office: Office, offered: Case) -> None:
    spoil(office, offered.id, stage="withdrawn")

    mend(office, offered.id)

    last = office.ports.vault.accesses()[-1]
    assert (last["subject"], last["reader"], last["reason"]) == (offered.id, "lee", "repair: a bad deployment")


@pytest.mark.parametrize("how", ["gone", "unreadable"])
def test_a_case_that_is_gone_or_unreadable_is_found_and_comes_back(office: Office, offered: Case, how: str) -> None:
    statement = "delete from cases where id = ?" if how == "gone" else "update cases set blob = '{' where id = ?"
    office.embedded.database.execute(statement, (offered.id,))
    office.ports.cases._known.clear()  # type: ignore[attr-defined]
    found = faults(office)

    mend(office, offered.id)

    assert found == [offered.id]
    assert office.case(offered.id) == offered
    assert faults(office) == []


def test_a_case_in_order_needs_no_repair(office: Office, offered: Case) -> None:
    assert not examine(offered.id, office.ports).is_needed


def test_a_broken_history_is_not_believed(office: Office, offered: Case) -> None:
    office.embedded.database.execute("update history set hash = 'x' where case_id = ? and seq = 2", (offered.id,))

    with pytest.raises(Rejected, match="history of"):
        examine(offered.id, office.ports)
    with pytest.raises(NotFound):
        examine(CaseId("nobody"), office.ports)


def test_a_broken_history_comes_back_from_a_copy_and_what_it_lacks_is_heard_again(
    office: Office, offered: Case, copy: Embedded
) -> None:
    office.accept(offered.id)
    office.embedded.database.execute("update history set hash = 'x' where case_id = ? and seq = 2", (offered.id,))
    before = sum(office.notices().values())

    mend(office, offered.id, copy)
    office.settle()

    assert office.stage(offered.id) == "accepted"
    assert faults(office) == []
    assert sum(office.notices().values()) == before, "the same notices under the same ids"


def test_what_was_heard_since_the_copy_outlives_a_repair_that_stops_half_way(
    office: Office, offered: Case, copy: Embedded
) -> None:
    office.accept(offered.id)
    found = examine(offered.id, office.ports, copy.ports.cases)

    with pytest.raises(Unavailable):
        repair(found, replace(office.ports, publisher=Away()), by="lee", reason="a bad deployment")
    waiting = [row.id for row in office.ports.quarantine.find() if row.state == "waiting"]
    for row in waiting:
        replay(row, office.ports)
    office.settle()

    assert waiting == [message.id for message in found.again]
    assert office.stage(offered.id) == "accepted"


def test_what_a_repair_has_sent_again_does_not_wait(office: Office, offered: Case, copy: Embedded) -> None:
    office.accept(offered.id)

    mend(office, offered.id, copy)

    assert {(row.state, row.replayed_by) for row in office.ports.quarantine.find()} == {("replayed", ("lee",))}


@pytest.mark.parametrize("takes", [0, 1, 2, None])
def test_a_person_whose_restoring_stopped_half_way_gets_the_rest_the_next_time(
    office: Office, copy: Embedded, takes: int | None
) -> None:
    vault = office.ports.vault
    people = sorted({PersonId(case.person) for case in copy.ports.cases.find() if case.workflow == "application"})
    letters = {letter.id for letter in office.ports.letters.find()}
    forms = {person: vault.forms(person, reader="test", reason="test") for person in people}
    for person in people:
        vault.erase(person, for_good=False)

    def bring_back(ports: Ports) -> int:
        return restore("2027", ports, copy.ports, by=OPERATOR.id, reason="deleted", key=KEY).letters

    half: dict[str, Any] = {"letters": Away()} if takes is None else {"vault": Leaving(vault, takes)}
    with pytest.raises(Unavailable):
        bring_back(replace(office.ports, **half))
    many = bring_back(office.ports)

    assert many == len(letters) > 0
    assert {letter.id for letter in office.ports.letters.find()} == letters
    assert {person: vault.forms(person, reader="test", reason="test") for person in people} == forms


def test_a_cohort_that_was_deleted_comes_back_but_for_whoever_was_erased(office: Office, copy: Embedded) -> None:
    cases = {case.id: case for case in office.ports.cases.find() if case.workflow == "application"}
    people = sorted({PersonId(case.person) for case in cases.values()})
    erase_person(people[0], office.ports, request="request-1")
    database = office.embedded.database
    for table, column in (("cases", "id"), ("history", "case_id"), ("tasks", "case_id")):
        for case_id in cases:
            database.execute(f"delete from {table} where {column} = ?", (case_id,))
    for person in people[1:]:
        office.ports.vault.erase(person, for_good=False)
    office.ports.cases._known.clear()  # type: ignore[attr-defined]

    done = restore("2027", office.ports, copy.ports, by=OPERATOR.id, reason="deleted", key=KEY)
    again = restore("2027", office.ports, copy.ports, by=OPERATOR.id, reason="deleted", key=KEY)

    assert (done.cases, done.people, done.erased) == (len(cases), len(people) - 1, 1)
    assert (again.cases, again.people, again.erased, again.letters) == (0, 0, 1, 0)
    assert {case.id: case for case in office.ports.cases.find() if case.workflow == "application"} == cases
    assert sorted(office.ports.vault.people()) == people[1:]
    assert faults(office) == []
    assert {letter.person for letter in office.ports.letters.find()} == set(people[1:])
