"""A body of events or an appeal brings in exactly what its source may say."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.events.engine import QuestionAnswered
from schemas.ids import CaseId, MessageId, PersonId
from schemas.messages import Verdict
from tests.corpus.rounds import dump, published
from tests.corpus.rows import EVENT
from tests.support.doors import JSON, apply, door, refused, send
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected, SameIdOtherContent

# ---- events


def test_an_event_is_sent_as_it_was_said(store: Embedded) -> None:
    receipt = send(store)

    (message,) = published(store)
    assert (message.id, message.case) == (receipt["receipt"], "c1")
    assert (message.type, message.data) == ("AttendanceRecorded", {"share": 0.9})
    assert message.actor.model_dump() == EVENT["actor"]


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_an_event_counts_from_when_its_source_took_it_in_but_never_from_the_future(store: Embedded, hours: int) -> None:
    now = store.clock.now()

    send(store, submitted_at=(now + timedelta(hours=hours)).isoformat())

    assert [message.at for message in published(store)] == [min(now, now + timedelta(hours=hours))]


def test_two_sources_may_use_the_same_id(store: Embedded) -> None:
    receipts = [
        door(store, "s1", source).take_in("events", JSON, json.dumps(EVENT).encode()) for source in ("desk", "lms")
    ]

    assert receipts[0] != receipts[1]


def test_an_event_that_the_history_has_is_not_sent_again(store: Embedded) -> None:
    first = send(store, case="not-a-round")
    store.worker.drain()
    before = dump(store)

    assert send(store, case="not-a-round") == first
    assert dump(store) == before
    with pytest.raises(SameIdOtherContent):
        send(store, case="not-a-round", data={"share": 0.8})
    assert dump(store) == before


def test_a_reason_that_somebody_typed_goes_to_the_vault(store: Embedded) -> None:
    case = apply(store, is_enrolled=False)["case"]
    store.worker.drain()
    store.clock.turn(datetime.now(UTC).replace(year=2027, month=3, day=20))
    store.worker.ring_all()
    store.worker.drain()
    (task,) = store.ports.cases.tasks(role="operator")
    data = {"task": task.id, "answer": False, "reason": "김하늘 학생과 통화함, 010-1234-5678"}
    answer: dict[str, Any] = {
        "type": QuestionAnswered.__name__,
        "case": case,
        "data": data,
        "actor": {"kind": "staff", "id": "o1", "role": "operator"},
    }

    receipt = send(store, "answer", **answer)
    store.worker.drain()

    entry = store.ports.cases.entry(CaseId(case), MessageId(receipt["receipt"]))
    assert entry is not None
    assert entry.verdict is Verdict.APPLIED
    assert store.ports.vault.get_text(entry.message.data["reason"], reader="t", reason="t") == data["reason"]
    assert send(store, "answer", **answer) == receipt
    with pytest.raises(SameIdOtherContent):
        send(store, "answer", **{**answer, "data": {**data, "reason": "다른 이유"}})
    seen = store.ports.cases.get(CaseId(case))
    assert seen is not None
    store.ports.vault.erase(PersonId(seen.case.person))
    assert store.ports.vault.get_text(entry.message.data["reason"], reader="t", reason="t") is None


# ---- appeals


def appeal(store: Embedded, case: str, **changes: Any) -> dict[str, Any]:
    seen = store.ports.cases.get(CaseId(case))
    body = {"person": "nobody" if seen is None else seen.case.person, "reason": "재학 중입니다.", **changes}
    source = body.pop("source", "desk")
    return door(store, source=source).take_in(f"appeals/{case}", JSON, json.dumps(body).encode())


def test_an_appeal_comes_in_and_what_was_written_lies_in_the_vault(store: Embedded) -> None:
    case = refused(store)

    receipt = appeal(store, case, reason="재학 중입니다.\r\n010-2468-1357로 연락 주세요.")

    (message,) = published(store)
    assert (message.id, message.case, message.type) == (receipt["receipt"], receipt["case"], "AppealFiled")
    assert "2468" not in message.model_dump_json()
    written = store.ports.vault.get_text(message.data["reason"], reader="test", reason="test")
    assert written == "재학 중입니다.\n010-2468-1357로 연락 주세요."


def test_an_appeal_that_is_sent_twice_is_one(store: Embedded) -> None:
    case = refused(store)
    first = appeal(store, case)
    store.worker.drain()

    assert appeal(store, case) == first
    assert published(store) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"person": "somebody-else"}, NotAllowed),
        ({"source": "lms"}, NotAllowed),
        ({"reason": ""}, BadForm),
        ({"reason": " \n"}, BadForm),
        ({"reason": "가" * 4_001}, BadForm),
        ({"reason": "\u0000"}, BadForm),
        ({"reason": 7}, BadForm),
        ({"person": None}, BadForm),
        ({"also": "this"}, BadForm),
    ],
    ids=["another person", "another source", "nothing", "blank", "too long", "unfit", "no text", "nobody", "more"],
)
def test_an_appeal_that_cannot_be_taken_is_refused_and_leaves_nothing(
    store: Embedded, changes: dict[str, Any], error: type[Rejected]
) -> None:
    case = refused(store)
    before = dump(store)

    with pytest.raises(error):
        appeal(store, case, **changes)

    assert dump(store) == before


def test_where_nothing_was_decided_no_appeal_comes_in(store: Embedded) -> None:
    case = apply(store)["case"]
    store.worker.drain()
    before = dump(store)

    with pytest.raises(Rejected, match="is submitted: there is no decision to appeal against"):
        appeal(store, case)
    with pytest.raises(NotFound):
        appeal(store, "nowhere")

    assert dump(store) == before
