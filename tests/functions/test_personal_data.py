"""What people say of themselves is nowhere but in the vault: in no other table, in no log, in no answer."""

import json
import logging
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.ids import CaseId
from tests.corpus.rounds import SPRING
from tests.corpus.rows import CELLS, FORM, csv_of
from tests.functions.site import CALLED_BY_US, CSV, PUSHED, Site, envelope_of
from tests.support.cohort import CALENDAR

VAULT = {"people", "people_index", "forms", "texts", "letters"}

CANARY = {
    "name": "카나리아꾀꼬리",
    "email": "canary.q7@nightingale.example",
    "phone": "010-7391-8264",
    "department": "앵무새학과",
    "student_number": "93017264",
    "motivation": "노란 깃털 이야기를 하고 싶습니다.",
}
SONGS = (
    *("카나리아", "꾀꼬리", "canary.q7", "nightingale", "7391-8264", "73918264", "7391 8264", "앵무새", "93017264"),
    *("노란 깃털", "900113-1928374", "9001131928374"),
)
"""Pieces of what the canary says, as texts may hold them."""
ESCAPED = tuple(json.dumps(song)[1:-1] for song in SONGS)
FORM_OF_CANARY: dict[str, Any] = {**FORM, **CANARY}
CELLS_OF_CANARY = {**CELLS, **CANARY}
RESIDENT_NUMBER = "900113-1928374"


def heard(text: str) -> list[str]:
    """The pieces that can be heard in a text, written out or escaped."""
    return [song for song in {*SONGS, *ESCAPED} if song in text]


class Answers:
    """Everything that was answered."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.texts: list[str] = []

    def take(self, answer: Any, status: int) -> None:
        assert answer.status_code == status, answer.text
        self.texts.append(answer.text + str(answer.headers))


def tables_but_the_vault(site: Site) -> Iterator[tuple[str, str]]:
    """Every table outside the vault, as a reader of the file sees it."""
    with sqlite3.connect(f"file:{site.store.path}?mode=ro", uri=True) as file:
        names = [name for (name,) in file.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            if name not in VAULT:
                yield name, repr(file.execute(f"select * from {name}").fetchall())
    file.close()


def sing(site: Site) -> Answers:
    """The canary does whatever an applicant, a file, a programme and a broken pipe can do."""
    answers = Answers(site)
    _apply_well(site, answers)
    _apply_badly(site, answers)
    _push_badly(site, answers)
    _decide(site, answers)
    return answers


def _apply_well(site: Site, answers: Answers) -> None:
    answers.take(site.apply(FORM_OF_CANARY), 202)
    answers.take(site.apply({**FORM_OF_CANARY, "motivation": "노란 깃털, 다시"}, "s2"), 202)
    body = csv_of({"rows": [CELLS_OF_CANARY, {**CELLS_OF_CANARY, "phone": "112"}, {**CELLS_OF_CANARY, "name": ""}]})
    answers.take(site.hand_in(f"applications/{SPRING}", body, "f1", mimetype=CSV), 202)
    site.pump()
    answers.take(site.apply(FORM_OF_CANARY), 202)
    answers.take(site.apply({**FORM_OF_CANARY, "name": "다른 카나리아"}), 409)


def _apply_badly(site: Site, answers: Answers) -> None:
    for number, field in enumerate(FORM_OF_CANARY):
        form = {**FORM_OF_CANARY, field: {"inner": list(CANARY.values())}, CANARY["name"]: CANARY["phone"]}
        answers.take(site.apply(form, f"bad-{number}"), 422)
    answers.take(site.apply({**FORM_OF_CANARY, "motivation": RESIDENT_NUMBER}, "bad-rrn"), 422)
    answers.take(site.apply(dict.fromkeys(CANARY.values(), 1), "bad-names"), 422)
    answers.take(site.apply(json.dumps(FORM_OF_CANARY).encode() + b"}", "bad-json"), 400)
    answers.take(site.hand_in(f"applications/{CANARY['student_number']}", FORM_OF_CANARY, "bad-round"), 404)
    answers.take(site.hand_in(CANARY["email"], FORM_OF_CANARY, "bad-door"), 404)
    files = [
        csv_of({"raw": ",".join(CANARY.values()) + "\n<row>\n"}),
        csv_of({"raw": "<header>\n" + ",".join(CANARY.values()) + "\n"}),
        csv_of({"raw": '<header>\n"' + CANARY["name"]}),
        csv_of({"rows": [dict.fromkeys(CELLS, CANARY["name"])]}),
        csv_of({"rows": [{**CELLS_OF_CANARY, "submitted_at": f"{CANARY['phone']} {RESIDENT_NUMBER}"}]}),
    ]
    for number, (file, status) in enumerate(zip(files, [422, 202, 422, 202, 202], strict=True)):
        answers.take(site.hand_in(f"applications/{SPRING}", file, f"file-{number}", mimetype=CSV), status)
    event = {"type": "Pitched", "case": "c1", "actor": {"kind": "staff", "id": "i1", "role": "instructor"}}
    spoiled: list[dict[str, Any]] = [
        *({"type": CANARY["name"]}, {"type": CANARY["email"]}, {"case": CANARY["phone"]}, {"data": CANARY}),
        *({"actor": {"kind": "staff", "id": value, "role": "instructor"}} for value in list(CANARY.values())[:4]),
        *({"actor": value} for value in CANARY.values()),
        *({"submitted_at": value} for value in CANARY.values()),
        {CANARY["name"]: 1},
    ]
    for number, change in enumerate(spoiled):
        answers.take(site.hand_in("events", {**event, **change}, f"event-{number}"), 422)
    unsigned = site.client("intake").post(f"/desk/applications/{SPRING}", json=FORM_OF_CANARY)
    answers.take(unsigned, 401)
    answers.take(site.client("intake").post(f"/{CANARY['email']}/{CANARY['name']}", json=FORM_OF_CANARY), 401)
    answers.take(site.client("intake").post("/desk/events", data=json.dumps(FORM_OF_CANARY)), 415)


def _push_badly(site: Site, answers: Answers) -> None:
    raw = json.dumps(FORM_OF_CANARY, ensure_ascii=False).encode()
    for name in CALLED_BY_US:
        answers.take(site.client(name).post("/", data=raw, headers={"Authorization": f"Bearer {CANARY['email']}"}), 401)
    for name in PUSHED:
        for body in (raw, raw[:-1], envelope_of(raw), envelope_of(raw[:-1])):
            answers.take(site.call(name, body), 204)
    answers.take(site.call("ring", raw), 204)
    answers.take(site.call("sweep", raw), 200)


def _decide(site: Site, answers: Answers) -> None:
    """A reviewer types the canary's name into a reason."""
    answers.take(site.apply({**FORM_OF_CANARY, "phone": "010-7391-8265", "is_enrolled": False}, "ineligible"), 202)
    site.pump()
    site.store.clock.turn(CALENDAR.applications_close.replace(day=20))
    answers.take(site.call("sweep"), 200)
    site.pump()
    tasks = list(site.store.ports.cases.tasks(role="operator"))
    assert tasks
    for task in tasks:
        reason = f"{CANARY['name']} 학생과 통화함: {CANARY['phone']}"
        event = {
            "type": "QuestionAnswered",
            "case": task.case,
            "data": {"task": task.id, "answer": True, "reason": reason},
            "actor": {"kind": "staff", "id": "o1", "role": "operator"},
        }
        answers.take(site.hand_in("events", event, f"answer-{task.id}"), 202)
    site.pump()


def test_the_canary_is_heard_in_the_vault_alone(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    answers = sing(site)

    assert {name: heard(text) for name, text in tables_but_the_vault(site) if heard(text)} == {}
    assert heard(caplog.text) == []
    assert [heard(str(vars(record))) for record in caplog.records if heard(str(vars(record)))] == []
    assert [heard(text) for text in answers.texts if heard(text)] == []


def test_the_test_would_hear_it(site: Site) -> None:
    answers = sing(site)

    vault = {name: repr(site.store.database.all(f"select * from {name}")) for name in VAULT}
    assert {name for name, text in vault.items() if heard(text)} == VAULT
    tables = dict(tables_but_the_vault(site))
    assert {"cases", "history", "notices", "quarantine", "queue", "tasks", "accesses"} <= tables.keys()
    assert all(len(tables[name]) > 100 for name in ("cases", "history", "notices", "quarantine", "accesses"))
    assert len(answers.texts) > 70


def test_erasing_a_person_silences_the_vault_but_for_what_could_never_be_read(site: Site) -> None:
    sing(site)
    site.store.database.execute("delete from texts where person is null")  # quarantined raw bodies: nobody knows whose
    for case in list(site.store.ports.cases.find(workflow="application")):
        seen = site.store.ports.cases.get(CaseId(case.id))
        assert seen is not None
        site.store.ports.vault.erase(seen.case.person)  # type: ignore[arg-type]

    for name in VAULT:
        assert heard(repr(site.store.database.all(f"select * from {name}"))) == []
