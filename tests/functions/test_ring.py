"""`ring` and `sweep` turn an alarm into one message, at its time, if its case still holds it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.observe.log import Line
from schemas.ids import CaseId
from schemas.messages import Message
from tests.corpus.rounds import SPRING, dump, published
from tests.corpus.rows import as_bytes
from tests.functions.site import Site
from tests.support.cohort import CALENDAR, TICK
from workflows.runtime.patrol import SWEEP_SECONDS, beat_at
from workflows.runtime.ports import Alarm
from workflows.runtime.ring import alarm_to_json, ring_message


def next_alarm(site: Site, case: str = SPRING) -> Alarm:
    """The first alarm that a case holds: of the open round, when applications close."""
    seen = site.store.ports.cases.get(CaseId(case))
    assert seen is not None
    key = min(seen.case.timers, key=lambda each: seen.case.timers[each].rings_at)
    return Alarm(CaseId(case), key, seen.case.timers[key])


def test_an_alarm_at_its_time_becomes_one_message_that_says_when_it_was_due(site: Site) -> None:
    alarm = next_alarm(site)
    site.store.clock.turn(alarm.timer.rings_at)

    answers = [site.call("ring", alarm_to_json(alarm)).status_code for _ in range(2)]

    expected = ring_message(alarm.case, alarm.key, alarm.timer)
    assert answers == [204, 204]
    assert published(site.store) == [expected, expected]
    assert expected.at == CALENDAR.applications_close
    site.pump()
    seen = site.store.ports.cases.get(SPRING)
    assert seen is not None
    assert seen.case.stage == "closed"
    assert [row.message.id for row in site.store.ports.quarantine.find() if row.message] == []


def test_an_alarm_before_its_time_is_asked_to_come_again(site: Site) -> None:
    alarm = next_alarm(site)
    site.store.clock.turn(alarm.timer.rings_at - 1_000_001 * TICK)
    before = dump(site.store)

    answer = site.call("ring", alarm_to_json(alarm))

    assert (answer.status_code, answer.json) == (503, {"error": "It is too early for this timer."})
    assert dump(site.store) == before


def test_an_alarm_that_its_case_holds_no_more_is_let_go(site: Site) -> None:
    alarm = next_alarm(site)
    site.store.clock.turn(alarm.timer.rings_at)
    site.call("ring", alarm_to_json(alarm))
    site.pump()
    before = dump(site.store)

    assert site.call("ring", alarm_to_json(alarm)).status_code == 204
    assert dump(site.store) == before


@pytest.mark.parametrize(
    "body",
    [
        *("", "hello there, this is no alarm", "null", "[]", "{}", '{"case": "spring"}', {"$hex": "fffe00"}),
        *({"$repeat": ["[", 60000]}, '{"case": "spring", "key": "k", "timer": {}}'),
    ],
    ids=str,
)
def test_what_is_no_alarm_is_quarantined_and_its_body_lies_in_the_vault(site: Site, body: Any) -> None:
    raw = as_bytes(body)

    answer = site.call("ring", raw)

    ((reference, text),) = site.store.database.all("select id, blob from texts")
    (row,) = site.store.ports.quarantine.find()
    assert answer.status_code == 204
    assert (row.reason, row.source, row.message) == (f"no_alarm (vault {reference})", "ring", None)
    assert text == raw.decode("utf-8", "backslashreplace")


@pytest.mark.parametrize("case", ["a/b", "..", "__x__", "", "a" * 1501, "😀"])
def test_an_alarm_of_a_case_whose_id_is_unfit_is_quarantined(site: Site, case: str) -> None:
    alarm = {**json.loads(alarm_to_json(next_alarm(site))), "case": case}

    assert site.call("ring", json.dumps(alarm).encode()).status_code == 204
    assert [row.reason.split()[0] for row in site.store.ports.quarantine.find()] == ["no_alarm"]


def test_a_sweep_rings_what_no_alarm_rang_and_says_what(site: Site) -> None:
    alarm = next_alarm(site)
    site.store.clock.turn(alarm.timer.rings_at)

    answer = site.call("sweep")

    rung: list[Message] = published(site.store)
    assert ring_message(alarm.case, alarm.key, alarm.timer) in rung
    assert answer.status_code == 200
    assert answer.json["rung"] == [{"case": message.case, "message": message.id} for message in rung]
    site.pump()
    assert site.call("sweep").json["rung"] == []


@pytest.mark.parametrize("body", [b"", b"nonsense", b"{}"])
def test_a_sweep_with_nothing_to_do_says_so_whatever_it_is_sent(site: Site, body: bytes) -> None:
    before = dump(site.store)

    answer = site.call("sweep", body)

    assert (answer.status_code, answer.json["rung"]) == (200, [])
    assert dump(site.store) == before


def test_a_sweep_tells_of_a_history_that_does_not_hold_when_it_has_its_turn(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.store.database.execute("update history set hash = 'another' where case_id = ?", (SPRING,))
    moment = site.store.clock.now()
    while not SPRING.startswith(beat_at(moment)):
        moment += timedelta(seconds=SWEEP_SECONDS)
    site.store.clock.turn(moment)

    with caplog.at_level("CRITICAL", logger="sadari"):
        answer = site.call("sweep")

    (line,) = map(json.loads, map(Line().format, caplog.records))
    assert answer.status_code == 200
    assert (line["severity"], line["event"], line["case"]) == ("CRITICAL", "chain_broken", SPRING)
