"""A record that is not what was once written is found, and named."""

import json
from collections.abc import Callable

import pytest

from functions.embedded import Embedded
from functions.proof import prove
from schemas.ids import CaseId
from tests.support.cohort import CALENDAR, HOUR
from tests.support.office import ROUND, Office
from tests.support.submitted import a_submission
from workflows.engine.history import hash_of
from workflows.runtime.verify import Finding, verify


@pytest.fixture
def office(embedded: Embedded) -> Office:
    """Two applications, one seat taken, one offer open; each case with a handful of entries."""
    office = Office(embedded)
    cases = office.recruit(3)
    office.accept(cases[0])
    return office


@pytest.fixture
def case(office: Office) -> CaseId:
    """The application that was accepted."""
    (accepted,) = office.ports.cases.find(stage="accepted")
    return accepted.id


def findings(office: Office) -> list[Finding]:
    """Prove every case as it lies in the file, with nothing at hand from before."""
    fresh = Embedded(office.embedded.path)
    proofs = list(verify(fresh.ports.cases.find(), fresh.ports.cases, fresh.ports.facts))
    fresh.close()
    return [finding for _, finding in proofs if finding is not None]


def texts_of(office: Office, case: CaseId) -> list[str]:
    return [text for text, _ in office.ports.cases.history(case)]


def rewrite(office: Office, case: CaseId, texts: list[str]) -> None:
    """Replace a history, with hashes that follow from one another, as a forger who knows how would."""
    last = ""
    database = office.embedded.database
    for seq, text in enumerate(texts, 1):
        last = hash_of(last, text)
        row = (text, last, case, seq)
        database.execute("update history set blob = ?, hash = ? where case_id = ? and seq = ?", row)
    blob = json.loads(database.one("select blob from cases where id = ?", (case,))[0])
    database.execute("update cases set blob = ? where id = ?", (json.dumps({**blob, "hash": last}), case))


def change_case(office: Office, case: CaseId, change: Callable[[dict[str, object]], None]) -> None:
    (blob,) = office.embedded.database.one("select blob from cases where id = ?", (case,))
    fields = json.loads(blob)
    change(fields)
    office.embedded.database.execute("update cases set blob = ? where id = ?", (json.dumps(fields), case))


def test_every_history_of_an_honest_store_is_proved(office: Office) -> None:
    cases = list(office.ports.cases.find())

    proofs = list(verify(cases, office.ports.cases, office.ports.facts))

    assert [finding for _, finding in proofs] == [None] * 5
    assert [count for count, _ in proofs] == [len(texts_of(office, each.id)) for each in cases]


def test_a_store_is_proved_as_a_whole(office: Office) -> None:
    ticks: list[int] = []

    proved = prove(office.embedded, ticks.append)

    entries = sum(len(texts_of(office, each.id)) for each in office.ports.cases.find())
    assert (proved, sum(ticks)) == ((5, entries, []), 5)


def test_a_case_that_was_changed_is_found(office: Office, case: CaseId) -> None:
    change_case(office, case, lambda fields: fields.update(stage="enrolled"))

    entries = len(texts_of(office, case))
    assert findings(office) == [Finding(case, f"the case is not what its {entries} entries lead to")]


@pytest.mark.parametrize("field", ["arrived_at", "visit", "seq", "person", "timers", "subject", "parked"])
def test_a_case_is_found_whichever_of_its_fields_was_changed(office: Office, case: CaseId, field: str) -> None:
    other = {
        "arrived_at": "2027-01-01T00:00:00Z",
        "visit": 9,
        "seq": 99,
        "person": "somebody else",
        "timers": {},
        "subject": "{}",
        "parked": [],
    }
    before = office.case(case).model_dump(mode="json")[field]
    change_case(office, case, lambda fields: fields.update({field: other[field]}))

    assert (before == other[field]) is (findings(office) == [])


def test_an_entry_that_was_changed_is_found(office: Office, case: CaseId) -> None:
    text = texts_of(office, case)[1]
    office.embedded.database.execute(
        "update history set blob = ? where case_id = ? and seq = 2", (text.replace("2027", "2026", 1), case)
    )

    chain = "the hash does not follow from the entry and the one before"
    assert findings(office) == [Finding(case, f"entry [2]: {chain}")]


def test_a_hash_that_was_changed_is_found(office: Office, case: CaseId) -> None:
    office.embedded.database.execute("update history set hash = 'ff' where case_id = ? and seq = 3", (case,))

    chain = "the hash does not follow from the entry and the one before"
    assert findings(office) == [Finding(case, f"entry [3]: {chain}")]


@pytest.mark.parametrize("seq", [1, 2])
def test_an_entry_that_was_deleted_is_found(office: Office, case: CaseId, seq: int) -> None:
    office.embedded.database.execute("delete from history where case_id = ? and seq = ?", (case, seq))

    chain = "the hash does not follow from the entry and the one before"
    assert findings(office) == [Finding(case, f"entry [{seq}]: {chain}")]


def test_a_history_without_its_last_entry_is_found(office: Office, case: CaseId) -> None:
    entries = len(texts_of(office, case))
    office.embedded.database.execute("delete from history where case_id = ? and seq = ?", (case, entries))

    assert findings(office) == [Finding(case, f"the case is not what its {entries - 1} entries lead to")]


def test_a_case_without_a_history_is_found(office: Office, case: CaseId) -> None:
    office.embedded.database.execute("delete from history where case_id = ?", (case,))

    assert findings(office) == [Finding(case, "the case is not what its 0 entries lead to")]


def test_a_forger_who_writes_all_hashes_anew_is_found_by_what_is_decided(office: Office, case: CaseId) -> None:
    texts = texts_of(office, case)
    place = next(place for place, text in enumerate(texts) if '"OfferAccepted"' in text)
    texts[place] = texts[place].replace('"OfferAccepted"', '"OfferDeclined"', 1)

    rewrite(office, case, texts)

    otherwise = "the same message is decided otherwise today"
    assert findings(office) == [Finding(case, f"entry [{place + 1}]: {otherwise}")]


def test_a_forger_who_removes_the_opening_is_found(office: Office, case: CaseId) -> None:
    texts = texts_of(office, case)
    database = office.embedded.database
    database.execute("delete from history where case_id = ? and seq = 1", (case,))
    database.execute("update history set seq = seq - 1 where case_id = ?", (case,))
    rewrite(office, case, texts[1:])

    assert findings(office) == [Finding(case, "the first entry names no definition")]


def test_a_history_of_a_definition_that_is_gone_is_named(office: Office, case: CaseId) -> None:
    fingerprint = office.case(case).fingerprint
    texts = [text.replace(fingerprint, "f" * 16) for text in texts_of(office, case)]

    rewrite(office, case, texts)

    gone = f"workflow [application] version [1] [{'f' * 16}] is not in this deployment"
    assert findings(office) == [Finding(case, gone)]


def test_a_document_that_is_gone_is_named(office: Office) -> None:
    fact_id = office.case(ROUND).data["ranking"]
    office.embedded.database.execute("delete from facts")

    assert findings(office) == [Finding(ROUND, f"fact [{fact_id}] is not loaded")]


def test_every_broken_case_is_named_and_the_others_are_proved(office: Office) -> None:
    ids = [case.id for case in office.ports.cases.find(workflow="application")]
    for case in ids[:2]:
        change_case(office, case, lambda fields: fields.update(stage="late"))

    assert [finding.case for finding in findings(office)] == ids[:2]


def test_a_history_is_proved_however_late_its_messages_were_heard(embedded: Embedded) -> None:
    office = Office(embedded)
    office.plan()
    case = office.hand_in(1)
    edit = a_submission(case, person=office.case(case).person, answers="edited")
    message = office.message(case, edit, name="held up")
    office.until(CALENDAR.applications_close + HOUR)
    office.ports.publisher.publish([message], [])

    office.settle()

    assert findings(office) == []
