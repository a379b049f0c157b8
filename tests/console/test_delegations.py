"""Handing a role on for some days: who may answer for whom, until when, and what the histories say."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.console.room import ROOM, today
from functions.embedded import Embedded
from schemas.ids import name_of
from schemas.messages import Entry
from schemas.staff import Delegation, Grant
from tests.console.browsing import send, words_of
from tests.console.conftest import RULINGS

pytestmark = pytest.mark.parametrize("console_store", [RULINGS], indirect=True)

SignIn = Callable[..., FlaskClient]


def first_question(browser: FlaskClient) -> str:
    """The path of the oldest question in an inbox."""
    page = browser.get("/inbox").text
    return page[page.index('href="/questions/') + len('href="') :].partition("?")[0]


def questions(browser: FlaskClient) -> int:
    return browser.get("/inbox").text.count('href="/questions/')


def hand_on(browser: FlaskClient, to: str, *, begins: int = 0, ends: int = 0, **typed: str) -> Any:
    first = re.search(r'<select id="grant".*?value="(\w+)"', browser.get("/delegations").text)
    form = {"grant": first[1] if first else "", "to": to, "reason": "annual leave"}
    days = {"from_on": str(today() + timedelta(days=begins)), "until_on": str(today() + timedelta(days=ends))}
    return send(browser, "/delegations", **{**form, **days, **typed})


def only(store: Embedded) -> Delegation:
    (found,) = store.staff_ports.delegations.all()
    return found


def last_entry(store: Embedded, case: str) -> Entry:
    return Entry.model_validate_json(store.ports.cases.history(case)[-1][0])  # type: ignore[arg-type]


def test_whoever_holds_a_role_for_another_answers_and_the_history_says_who_and_for_whom(
    client_as: SignIn, console_store: Embedded
) -> None:
    kim, lee = client_as("operator", as_id="kim"), client_as("city", as_id="lee")
    before = questions(lee)
    assert hand_on(kim, "lee").status_code == 303

    inbox, path = lee.get("/inbox").text, first_question(lee)
    task = next(each for each in console_store.ports.cases.tasks() if each.id == path.rpartition("/")[2])
    own = send(lee, f"{path}/answer", answer="yes", role="operator", reason="checked")
    for_kim = send(lee, f"{path}/answer", answer="yes", role="operator/kim", reason="checked")
    console_store.worker.drain()

    assert (before, inbox.count('href="/questions/'), "for 김직원" in inbox) == (0, 3, True)
    assert (own.status_code, for_kim.status_code) == (422, 303)
    actor = last_entry(console_store, task.case).message.actor
    assert (actor.id, actor.role, actor.on_behalf_of) == ("lee", "operator", "kim")
    assert "김직원 (operator), for 김직원" in words_of(client_as("operator").get(f"/cases/{task.case}"))


def test_the_case_that_is_asked_about_can_be_read_and_nothing_else_be_done(client_as: SignIn) -> None:
    kim, lee = client_as("operator", as_id="kim"), client_as("city", as_id="lee")
    hand_on(kim, "lee")
    page = lee.get(first_question(lee)).text
    case = page[page.index('href="/cases/') + len('href="') :].partition('"')[0]

    assert lee.get(case).status_code == 200
    assert send(lee, f"{case}/person", reason="curious").status_code == 403
    assert lee.get("/outbox").status_code == 403
    assert 'href="/outbox"' not in lee.get("/inbox").text


@pytest.mark.parametrize(("begins", "ends", "waiting"), [(0, 0, 3), (-3, 0, 3), (-3, 4, 3), (1, 4, 0), (0, 91, 3)])
def test_it_counts_from_the_first_day_to_the_last(client_as: SignIn, begins: int, ends: int, waiting: int) -> None:
    kim, lee = client_as("operator", as_id="kim"), client_as("city", as_id="lee")

    assert hand_on(kim, "lee", begins=begins, ends=ends).status_code == 303
    assert questions(lee) == waiting


def test_it_ends_by_itself(client_as: SignIn, console_store: Embedded) -> None:
    client_as("operator", as_id="kim")
    lee = client_as("city", as_id="lee")
    last = today() - timedelta(days=1)
    delegation = Delegation(
        id="d1",
        by="kim",
        to="lee",
        grant=Grant(role="operator"),
        from_on=last,
        until_on=last,
        reason="",
        made_at=RULINGS,
    )
    console_store.staff_ports.delegations.put(delegation)
    ended = questions(lee)

    console_store.staff_ports.delegations.put(delegation.model_copy(update={"until_on": today()}))

    assert (ended, questions(lee)) == (0, 3)


@pytest.mark.parametrize("update", [{"is_disabled": True}, {"grants": (Grant(role="lead"),)}])
def test_it_counts_only_while_whoever_made_it_has_the_role(
    client_as: SignIn, console_store: Embedded, update: dict[str, Any]
) -> None:
    kim, lee, admin = client_as("operator", as_id="kim"), client_as("city", as_id="lee"), client_as("admin")
    hand_on(kim, "lee")
    path = first_question(lee)
    member = console_store.staff_ports.members.get("kim")
    assert member is not None

    console_store.staff_ports.members.put(member.model_copy(update=update))

    assert questions(lee) == 0
    assert send(lee, f"{path}/answer", answer="yes", role="operator/kim", reason="checked").status_code == 422
    assert "void" in words_of(admin.get("/delegations"))


@pytest.mark.parametrize("who", ["kim", "lee", "admin"])
def test_it_is_ended_at_once_by_either_of_them_or_an_administrator(
    client_as: SignIn, console_store: Embedded, who: str
) -> None:
    browsers = {"kim": client_as("operator", as_id="kim"), "lee": client_as("city", as_id="lee")}
    browsers |= {"admin": client_as("admin", as_id="admin"), "park": client_as("lead", as_id="park")}
    hand_on(browsers["kim"], "lee")
    path = f"/delegations/{only(console_store).id}/revoke"

    refused = send(browsers["park"], path).status_code
    taken = send(browsers[who], path).status_code

    assert (refused, taken, questions(browsers["lee"])) == (404, 303, 0)
    assert only(console_store).revoked_by == who


def test_what_is_held_for_another_cannot_be_handed_on(client_as: SignIn, console_store: Embedded) -> None:
    kim, lee, park = (
        client_as(role, as_id=name) for role, name in (("operator", "kim"), ("city", "lee"), ("city", "park"))
    )
    hand_on(kim, "lee")

    own = hand_on(lee, "park")
    beyond = hand_on(lee, "park", grant=name_of("grant", "operator", "", "", ""))

    assert (own.status_code, beyond.status_code, questions(park)) == (303, 422, 0)
    assert {each.grant.role for each in console_store.staff_ports.delegations.received("park")} == {"city"}


def test_what_is_handed_on_twice_is_one_and_ends_once(client_as: SignIn, console_store: Embedded) -> None:
    kim, lee = client_as("operator", as_id="kim"), client_as("city", as_id="lee")

    twice = [hand_on(kim, "lee").status_code for _ in range(2)]
    send(kim, f"/delegations/{only(console_store).id}/revoke")

    assert (twice, questions(lee)) == ([303, 303], 0)
    hand_on(kim, "lee")
    assert (len(console_store.staff_ports.delegations.all()), questions(lee)) == (2, 3)


def test_a_role_that_was_taken_away_meanwhile_is_not_another_one_that_is_handed_on(
    client_as: SignIn, console_store: Embedded
) -> None:
    kim, _ = client_as("operator", as_id="kim"), client_as("city", as_id="lee")
    page, members = kim.get("/delegations").text, console_store.staff_ports.members
    seen = members.get("kim")
    assert seen is not None
    chosen = re.findall(r'<option value="(\w+)"', page)[0]
    members.put(seen.model_copy(update={"grants": (Grant(role="lead"),)}))

    answer = hand_on(kim, "lee", grant=chosen)

    assert (answer.status_code, console_store.staff_ports.delegations.all()) == (422, [])


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"to": ""}, "to"),
        ({"to": "kim"}, "to"),
        ({"to": "nobody"}, "to"),
        ({"to": "gone"}, "to"),
        ({"grant": "7"}, "grant"),
        ({"grant": "-1"}, "grant"),
        ({"grant": "9" * 5_000}, "grant"),
        ({"from_on": "soon"}, "from_on"),
        ({"until_on": ""}, "until_on"),
        ({"until_on": "2020-01-01"}, "until_on"),
        ({"until_on": "2999-01-01"}, "until_on"),
        ({"reason": " "}, "reason"),
        ({"reason": "a\u202eb"}, "reason"),
    ],
)
def test_what_cannot_be_handed_on_is_said_beside_its_field_and_nothing_typed_is_lost(
    client_as: SignIn, console_store: Embedded, typed: dict[str, str], field: str
) -> None:
    kim, _ = client_as("operator", as_id="kim"), client_as("city", as_id="lee")
    client_as("city", as_id="gone")
    gone = console_store.staff_ports.members.get("gone")
    assert gone is not None
    console_store.staff_ports.members.put(gone.model_copy(update={"is_disabled": True}))

    answer = hand_on(kim, **{"to": "lee", "reason": "annual leave", **typed})

    assert answer.status_code == 422
    assert f'aria-describedby="fault-{field}"' in answer.text
    assert field == "reason" or 'value="annual leave"' in answer.text
    assert console_store.staff_ports.delegations.all() == []


def test_a_role_that_answers_nothing_cannot_be_handed_on(client_as: SignIn) -> None:
    auditor, _ = client_as("auditor", as_id="kim"), client_as("city", as_id="lee")

    assert hand_on(auditor, "lee").status_code == 403
    assert auditor.get("/delegations").status_code == 200


def test_it_leaves_rows_in_the_access_log(client_as: SignIn, console_store: Embedded) -> None:
    kim, _ = client_as("operator", as_id="kim"), client_as("city", as_id="lee")
    hand_on(kim, "lee")
    send(kim, f"/delegations/{only(console_store).id}/revoke")

    rows = [row for row in console_store.ports.vault.accesses() if row["subject"] == "lee"]

    assert [(row["reader"], row["reason"].partition(" ")[0]) for row in rows] == [("kim", "hands"), ("kim", "revokes")]
    assert "annual leave" in rows[0]["reason"]
    assert only(console_store).reason != "annual leave"


def test_everybody_sees_their_own_and_an_administrator_sees_all(client_as: SignIn) -> None:
    kim, _, park = (
        client_as(role, as_id=name) for role, name in (("operator", "kim"), ("city", "lee"), ("lead", "park"))
    )
    admin = client_as("admin")
    hand_on(kim, "lee")

    pages = [words_of(browser.get("/delegations")).count("in force") for browser in (kim, park, admin)]

    assert pages == [1, 0, 1]


# ---- many at once, and answers that may still be taken back


def test_many_are_answered_at_once_for_another(client_as: SignIn, console_store: Embedded) -> None:
    kim, lee = client_as("operator", as_id="kim"), client_as("city", as_id="lee")
    hand_on(kim, "lee")
    tasks = list(console_store.ports.cases.tasks(role="operator"))
    items = [f"{task.id}/{task.case}" for task in tasks]
    form = {"question": tasks[0].question, "role": "operator/kim", "answer": "yes", "item": items}
    preview = send(lee, "/bulk", **form).text
    shown = preview.partition('name="shown" value="')[2].partition('"')[0]

    frozen = send(lee, "/bulk/freeze", **form, shown=shown, reason="checked")
    console_store.worker.drain()

    actors = [last_entry(console_store, task.case).message.actor for task in tasks]
    assert [(actor.id, actor.on_behalf_of) for actor in actors] == [("lee", "kim")] * 3
    assert "김직원 (for 김직원)" in words_of(lee.get(frozen.location))
    assert send(lee, "/bulk", **{**form, "role": "operator"}).status_code == 403


def test_an_answer_for_another_is_taken_back_by_either(client_as: SignIn, console_store: Embedded, site: Flask) -> None:
    site.extensions[ROOM] = replace(site.extensions[ROOM], undo_minutes=5)
    kim, lee, park = (
        client_as(role, as_id=name) for role, name in (("operator", "kim"), ("city", "lee"), ("operator", "park"))
    )
    hand_on(kim, "lee")
    path = first_question(lee)
    statuses = []
    for who in (lee, kim):
        send(lee, f"{path}/answer", answer="yes", role="operator/kim", reason="checked")
        console_store.worker.drain()
        assert path in who.get("/inbox").text
        assert path not in park.get("/inbox").text
        statuses += [send(park, f"{path}/back").status_code, send(who, f"{path}/back").status_code]
        console_store.worker.drain()

    assert statuses == [403, 303, 403, 303]
    assert path in park.get("/inbox").text
