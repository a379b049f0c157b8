"""The staff, kept by administrators: every change with a reason, and nobody locks themselves out."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.embedded import Embedded
from schemas.staff import Grant, Member
from tests.console.browsing import send, words_of

SignIn = Callable[..., FlaskClient]


def change(browser: FlaskClient, member: str, what: str, **form: str) -> TestResponse:
    return send(browser, f"/members/{member}/change", what=what, **{"reason": "new in the office", **form})


def kept(store: Embedded, member_id: str) -> Member:
    found = store.staff_ports.members.get(member_id)
    assert found is not None
    return found


def log(store: Embedded) -> list[tuple[str, str, str]]:
    return [(row["reader"], row["subject"], row["reason"]) for row in store.ports.vault.accesses()]


def test_a_member_is_added_and_given_a_role_and_may_then_work(client_as: SignIn, console_store: Embedded) -> None:
    admin, second = client_as("admin", as_id="oh"), client_as("admin", as_id="jo")

    added = send(admin, "/members", id="kim", email="Kim@Sadari.example", name="김직원", reason="new in the office")
    proposed = change(admin, "kim", "grant", role="operator", cohort="gwangju-2027", will_exist="1")
    before = kept(console_store, "kim").grants
    page = words_of(second.get("/members/kim"))
    confirmed = change(second, "kim", "confirm", role="operator", cohort="gwangju-2027", reason="asked her")

    assert [each.status_code for each in (added, proposed, confirmed)] == [303, 303, 303]
    assert (before, kept(console_store, "kim").proposed) == ((), ())
    assert "Waits to be confirmed: Operator (gwangju-2027)" in page
    assert "Proposed by 김직원: new in the office" in page
    member = kept(console_store, "kim")
    assert (member.name, member.grants) == ("김직원", (Grant(role="operator", cohort="gwangju-2027"),))
    assert console_store.staff_ports.members.by_email("kim@sadari.example") == member
    assert "김직원" in words_of(admin.get("/members"))
    assert log(console_store)[-3:] == [
        ("oh", "kim", "adds member: new in the office"),
        ("oh", "kim", "grant operator gwangju-2027: new in the office"),
        ("jo", "kim", "confirm operator gwangju-2027: asked her"),
    ]


def test_nobody_confirms_their_own_proposal(client_as: SignIn, console_store: Embedded) -> None:
    admin, _ = client_as("admin", as_id="oh"), client_as("admin", as_id="jo")
    client_as("operator", as_id="kim")
    change(admin, "kim", "grant", role="lead")

    answer = change(admin, "kim", "confirm", role="lead")

    assert (answer.status_code, kept(console_store, "kim").grants) == (422, (Grant(role="operator"),))
    assert "confirmed by another administrator" in words_of(answer)


def test_a_proposal_is_dropped_by_any_administrator(client_as: SignIn, console_store: Embedded) -> None:
    admin, second = client_as("admin", as_id="oh"), client_as("admin", as_id="jo")
    client_as("operator", as_id="kim")
    change(admin, "kim", "grant", role="lead")

    dropped, again = change(second, "kim", "drop", role="lead"), change(second, "kim", "confirm", role="lead")

    assert (dropped.status_code, again.status_code) == (303, 422)
    assert (kept(console_store, "kim").proposed, kept(console_store, "kim").grants) == ((), (Grant(role="operator"),))


def test_the_only_administrator_names_a_second_and_nothing_else(client_as: SignIn, console_store: Embedded) -> None:
    admin = client_as("admin", as_id="oh")
    client_as("operator", as_id="kim")
    disabled = kept(console_store, "kim").model_copy(update={"id": "jo", "email": "jo@x.kr", "is_disabled": True})
    console_store.staff_ports.members.put(disabled.model_copy(update={"grants": (Grant(role="admin"),)}))

    refused = [
        change(admin, "kim", "grant", role="lead"),
        change(admin, "kim", "grant", role="admin", cohort="gwangju-2027", will_exist="1"),
        change(admin, "jo", "grant", role="operator"),
    ]
    named = change(admin, "kim", "grant", role="admin")

    assert [each.status_code for each in refused] == [422, 422, 422]
    assert "No other administrator" in words_of(refused[0])
    assert named.status_code == 303
    assert Grant(role="admin") in kept(console_store, "kim").grants


def test_a_role_that_is_taken_away_is_gone_at_once(client_as: SignIn, console_store: Embedded) -> None:
    admin, kim = client_as("admin", as_id="oh"), client_as("operator", as_id="kim")
    before = kim.get("/inbox").status_code

    change(admin, "kim", "ungrant", role="operator")

    assert [before, kim.get("/inbox").status_code] == [200, 403]
    assert kept(console_store, "kim").grants == ()


def test_whoever_is_disabled_is_out_and_comes_back_only_by_a_new_login(
    client_as: SignIn, console_store: Embedded
) -> None:
    admin, kim = client_as("admin", as_id="oh"), client_as("operator", as_id="kim")

    statuses = [kim.get("/inbox").status_code]
    for what in ("disable", "enable"):
        assert change(admin, "kim", what).status_code == 303
        statuses.append(kim.get("/inbox").status_code)

    assert statuses == [200, 303, 303]
    assert not kept(console_store, "kim").is_disabled


def test_all_sessions_are_ended(client_as: SignIn, console_store: Embedded) -> None:
    admin, kim = client_as("admin", as_id="oh"), client_as("operator", as_id="kim")
    before = kept(console_store, "kim")

    change(admin, "kim", "end_sessions")

    assert kim.get("/inbox").status_code == 303
    assert kept(console_store, "kim") == before


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("ungrant", {"role": "admin"}),
        ("disable", {}),
        ("grant", {"role": "operator"}),
    ],
)
def test_nobody_locks_themselves_out_or_gives_themselves_a_role(
    client_as: SignIn, console_store: Embedded, what: str, form: dict[str, str]
) -> None:
    admin = client_as("admin", as_id="oh")
    before = kept(console_store, "oh")

    assert change(admin, "oh", what, **form).status_code == 422
    assert kept(console_store, "oh") == before
    assert log(console_store)[-1:] != [("oh", "oh", "new in the office")]


def test_one_of_two_roles_as_administrator_can_be_given_up(client_as: SignIn, console_store: Embedded) -> None:
    admin = client_as("admin", as_id="oh")
    both = (Grant(role="admin"), Grant(role="admin", cohort="gwangju-2027"))
    console_store.staff_ports.members.put(kept(console_store, "oh").model_copy(update={"grants": both}))

    assert change(admin, "oh", "ungrant", role="admin", cohort="gwangju-2027").status_code == 303
    assert change(admin, "oh", "ungrant", role="admin").status_code == 422


@pytest.mark.parametrize(
    "form",
    [
        {"what": "grant", "role": "operator", "reason": " "},
        {"what": "grant", "role": "operator", "reason": "a\u202eb"},
        {"what": "grant", "role": "applicant"},
        {"what": "grant", "role": ""},
        {"what": "grant", "role": "lead", "cohort": "a\u202eb"},
        {"what": "grant", "role": "lead", "cohort": "x" * 101},
        {"what": "grant", "role": "operator"},
        {"what": "confirm", "role": "lead"},
        {"what": "drop", "role": "lead"},
        {"what": "ungrant", "role": "lead"},
        {"what": "promote"},
        {},
    ],
)
def test_what_cannot_be_done_changes_nothing(client_as: SignIn, console_store: Embedded, form: dict[str, Any]) -> None:
    admin = client_as("admin", as_id="oh")
    client_as("operator", as_id="kim")
    before = kept(console_store, "kim")

    answer = send(admin, "/members/kim/change", **{"reason": "new in the office", **form})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert kept(console_store, "kim") == before


@pytest.mark.parametrize(
    "form",
    [
        {"id": "k m"},
        {"id": ""},
        {"id": "oh"},
        {"email": "nobody"},
        {"email": "OH@sadari.example"},
        {"name": " "},
        {"reason": ""},
    ],
)
def test_who_cannot_be_added_is_not_and_nothing_typed_is_lost(
    client_as: SignIn, console_store: Embedded, form: dict[str, str]
) -> None:
    admin = client_as("admin", as_id="oh")
    typed = {"id": "kim", "email": "kim@sadari.example", "name": "김직원", "reason": "new", **form}

    answer = send(admin, "/members", **typed)

    assert answer.status_code == 422
    assert all(f'value="{value.strip()}"' in answer.text for value in typed.values())
    assert [member.id for member in console_store.staff_ports.members.all()] == ["oh"]


def test_of_two_who_change_a_member_the_second_is_told(
    client_as: SignIn, console_store: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, _ = client_as("admin", as_id="oh"), client_as("admin", as_id="jo")
    client_as("operator", as_id="kim")
    note = console_store.ports.vault.note

    def somebody_is_faster(*args: Any, **options: Any) -> None:
        note(*args, **options)
        member = kept(console_store, "kim")
        console_store.staff_ports.members.put(member.model_copy(update={"is_disabled": True}))

    monkeypatch.setattr(console_store.ports.vault, "note", somebody_is_faster)

    answer = change(admin, "kim", "grant", role="lead")

    assert answer.status_code == 409
    assert "Somebody changed it meanwhile" in words_of(answer)
    assert kept(console_store, "kim").is_disabled


def test_a_member_who_is_not_there_is_not_found(client_as: SignIn) -> None:
    admin = client_as("admin", as_id="oh")

    assert [admin.get("/members/nobody").status_code, change(admin, "nobody", "disable").status_code] == [404, 404]


def test_an_administrator_of_one_cohort_is_none_of_the_staff(client_as: SignIn, console_store: Embedded) -> None:
    scoped = client_as("admin", as_id="scoped", cohort="gwangju-2027")
    client_as("operator", as_id="kim")

    refused = [scoped.get("/members").status_code, change(scoped, "kim", "grant", role="admin").status_code]

    assert refused == [403, 403]
    assert 'href="/members"' not in scoped.get("/quarantine").text
    assert kept(console_store, "kim").grants == (Grant(role="operator"),)


@pytest.mark.parametrize("member_id", [".", "..", "__kim__"])
def test_an_id_that_no_page_and_no_document_can_have_is_refused(
    client_as: SignIn, console_store: Embedded, member_id: str
) -> None:
    admin = client_as("admin")

    answer = send(admin, "/members", id=member_id, email="kim@sadari.example", name="김직원", reason="new")

    assert (answer.status_code, console_store.staff_ports.members.get(member_id)) == (422, None)


@pytest.mark.parametrize("scope", [{"cohort": "gwangju-2072"}, {"university": "전남대"}, {"programme": "gwangjuu"}])
def test_a_scope_that_does_not_exist_is_refused_unless_it_will(
    client_as: SignIn, console_store: Embedded, scope: dict[str, str]
) -> None:
    admin, _ = client_as("admin", as_id="oh"), client_as("admin", as_id="jo")
    client_as("lead", as_id="kim")

    refused = change(admin, "kim", "grant", role="operator", **scope)
    before = kept(console_store, "kim").grants
    given = change(admin, "kim", "grant", role="operator", will_exist="1", **scope)

    assert (refused.status_code, given.status_code, len(before)) == (422, 303, 1)
    assert change(admin, "kim", "grant", role="operator", university="전남대학교").status_code == 303
