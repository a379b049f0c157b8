"""`sadari forms`: connected with every fault at once, listed, checked, read anew."""

import json
from typing import Any

from schemas.connections import Reading
from tests.cli.selection_desk import Desk
from tests.support.office import ROUND
from tests.support.vendor import sample


def given(desk: Desk, provider: str = "google_forms", **changed: Any) -> str:
    connection = {**sample("connections")[provider], "asked_for": ROUND, **changed}
    return str(desk.file(f"{provider}.json", json.dumps(connection, ensure_ascii=False)))


def test_a_connection_is_kept_and_listed(open_desk: Desk) -> None:
    told = open_desk.sadari("forms", "connect", given(open_desk))
    listed = open_desk.sadari("forms", "list", "--json")

    assert (told.code, told.out) == (
        0,
        "[spring-google] is kept, version 1; its address: /intake/forms/spring-google\n",
    )
    (row,) = json.loads(listed.out)
    assert (row["connection"], row["provider"], row["asked_for"]) == ("spring-google", "google_forms", ROUND)
    assert "spring-google" in open_desk.sadari("forms", "list").out


def test_every_fault_is_named_and_nothing_is_kept(open_desk: Desk) -> None:
    questions = sample("connections")["google_forms"]["questions"][2:]

    told = open_desk.sadari("forms", "connect", given(open_desk, questions=questions, time_zone="Mars"))

    assert told.code == 1
    assert [fault for fault in ("[time_zone]", "[name]", "[email]") if fault not in told.err] == []
    assert json.loads(open_desk.sadari("forms", "list", "--json").out) == []


def test_a_file_that_is_no_connection_is_refused_in_a_few_words(open_desk: Desk) -> None:
    odd = open_desk.file("odd.json", '{"provider": "fax", "surprise": 1}')
    broken = open_desk.file("broken.json", "{")

    told = [open_desk.sadari("forms", "connect", path) for path in (str(odd), str(broken), "nowhere.json")]

    assert [each.code for each in told] == [1, 1, 2]
    assert "surprise" in told[0].err
    assert "Traceback" not in "".join(each.err for each in told)


def test_a_connection_that_does_not_fit_any_more_is_found(open_desk: Desk) -> None:
    open_desk.sadari("forms", "connect", given(open_desk))
    good = open_desk.sadari("forms", "check")
    connections = open_desk.office.embedded.connections
    kept = connections.get("spring-google")
    assert kept is not None
    connections.put(kept.model_copy(update={"questions": kept.questions[1:]}), seen=1)

    bad = open_desk.sadari("forms", "check", "--json")

    assert (good.code, bad.code) == (0, 1)
    assert json.loads(bad.out) == [
        {"connection": "spring-google", "faults": {"email": "has to be asked for, and no question does"}}
    ]


def test_a_connection_is_read_anew_by_the_next_sweep(open_desk: Desk) -> None:
    open_desk.sadari("forms", "connect", given(open_desk))
    connections, now = open_desk.office.embedded.connections, open_desk.office.embedded.clock.now()
    connections.put_reading(Reading(connection="spring-google", read_until=now, reconciled_at=now), seen=0)

    told = [
        open_desk.sadari("forms", "reconcile", "spring-google", "--json"),
        open_desk.sadari("forms", "reconcile", "spring-google", "--all"),
    ]

    reading = connections.reading("spring-google")
    assert [each.code for each in told] == [0, 0]
    assert (reading.read_until, reading.reconciled_at) == (None, None)


def test_what_cannot_be_asked_is_not_read_anew(open_desk: Desk) -> None:
    open_desk.sadari("forms", "connect", given(open_desk, "tally"))

    told = [open_desk.sadari("forms", "reconcile", name) for name in ("spring-tally", "nobody")]

    assert [each.code for each in told] == [1, 1]
    assert "CSV" in told[0].err
