"""The doors through which a body comes in, and what it brought."""

import json
from datetime import UTC, datetime
from typing import Any

from functions.embedded import Embedded
from functions.forms.doors import Door
from schemas.events.engine import QuestionAnswered
from schemas.ids import CaseId, PersonId
from schemas.roles import ROLES
from tests.corpus.rounds import KEY, SPRING
from tests.corpus.rows import EVENT, FORM

JSON, CSV = "application/json", "text/csv"
SOURCES = {"desk": frozenset(ROLES), "lms": frozenset({"instructor"})}


def door(store: Embedded, submission: str = "s1", source: str = "desk") -> Door:
    return Door(name=source, submission=submission, roles=SOURCES[source], key=KEY, ports=store.ports)


def apply(store: Embedded, submission: str = "s1", **changes: Any) -> dict[str, Any]:
    body = json.dumps({**FORM, **changes}).encode()
    return door(store, submission).take_in(f"applications/{SPRING}", JSON, body)


def send(store: Embedded, submission: str = "s1", **changes: Any) -> dict[str, Any]:
    return door(store, submission).take_in("events", JSON, json.dumps({**EVENT, **changes}).encode())


def bring(store: Embedded, body: bytes, submission: str = "s1") -> dict[str, Any]:
    return door(store, submission).take_in(f"applications/{SPRING}", CSV, body)


def person_of(store: Embedded, case: str) -> Any:
    seen = store.ports.cases.get(CaseId(case))
    assert seen is not None
    return store.ports.vault.get(PersonId(seen.case.person), reader="test", reason="test")


def refused(store: Embedded) -> CaseId:
    """An application of which a human confirmed that it is not eligible."""
    case = apply(store, is_enrolled=False)["case"]
    store.worker.drain()
    store.clock.turn(datetime.now(UTC).replace(year=2027, month=3, day=20))
    store.worker.ring_all()
    store.worker.drain()
    (task,) = store.ports.cases.tasks(role="operator")
    actor = {"kind": "staff", "id": "o1", "role": "operator"}
    data = {"task": task.id, "answer": True, "reason": "확인함"}
    send(store, "ruling", type=QuestionAnswered.__name__, case=case, data=data, actor=actor)
    store.worker.drain()
    return CaseId(case)
