"""What the API does for a partner's programme, and what it keeps from every other one."""

import json
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from functions.api.openapi import OPERATIONS
from schemas.api_keys import Scope
from schemas.people import Person
from tests.api.conftest import NOON, WISH, Api
from workflows.runtime.partner_ports import Answer
from workflows.runtime.signature import is_secret

READ_ONLY = (Scope.SUBSCRIPTIONS_READ, Scope.DELIVERIES_READ)


def made(api: Api, key: str, **changed: Any) -> Any:
    answer = api.call("POST", "/subscriptions", key, {**WISH, **changed})
    assert answer.status_code == 201, answer.text
    return answer.json


# ---- subscriptions


def test_a_subscription_is_made_shown_changed_and_ended(api: Api) -> None:
    key = api.key()
    first = made(api, key)
    path = f"/subscriptions/{first['id']}"

    shown = api.call("GET", path, key)
    changed = api.call("PATCH", path, key, {"cohort": "2027"}, If_Match=shown.headers["ETag"])
    stale = api.call("PATCH", path, key, {"cohort": "2028"}, If_Match=shown.headers["ETag"])
    gone = [api.call("DELETE", path, key).status_code for _ in range(2)]

    assert is_secret(first["secret"])
    assert (first["state"], first["why"]) == ("active", "")
    assert "secret" not in (shown.json or {})
    assert (changed.status_code, (changed.json or {})["cohort"]) == (200, "2027")
    assert (stale.status_code, (stale.json or {})["type"]) == (412, "/problems/version_moved")
    assert gone == [204, 204]
    assert (api.call("GET", path, key).json or {})["reason"] == "ended"


def test_a_subscription_is_paused_resumed_rotated_tested_and_asked(api: Api) -> None:
    key = api.key()
    path = f"/subscriptions/{made(api, key)['id']}"

    states = [(api.call("POST", f"{path}/{verb}", key).json or {})["state"] for verb in ("pause", "resume", "ask")]
    rotated = api.call("POST", f"{path}/rotate", key).json or {}
    tests = [(api.call("POST", f"{path}/test", key, {"id": "one"}).json or {})["delivery"] for _ in range(2)]

    assert states == ["paused", "active", "active"]
    assert is_secret(rotated["secret"])
    assert tests[0] == tests[1]
    assert api.call("GET", f"/deliveries/{tests[0]}", key).status_code == 200


def test_a_receiver_that_does_not_agree_is_granted_by_its_people_alone(api: Api) -> None:
    api.subscribers.receivers.answers[f"OPTIONS {WISH['url']}"] = [Answer(status=404)]
    found = made(api, api.key())
    ((_, _, headers, _),) = api.subscribers.receivers.calls
    address = headers["WebHook-Request-Callback"].removeprefix("https://sadari.example/api")

    page = api.client.get(address)
    after_the_page = api.subscribers.subscription(found["id"]).state
    pressed = api.client.post(address)

    assert (found["state"], found["why"]) == ("pending", "no consent in the answer [404]")
    assert "grant_url" not in found
    assert (page.status_code, after_the_page) == (200, "pending")
    assert WISH["url"] in page.text
    assert (pressed.status_code, api.subscribers.subscription(found["id"]).state) == (200, "active")
    assert api.client.get(f"{address}x").status_code == 404


def test_a_new_address_is_asked_first_and_changed_as_it_was_seen(api: Api) -> None:
    key = api.key()
    path = f"/subscriptions/{made(api, key)['id']}"
    api.subscribers.receivers.answers["OPTIONS https://city.example/deaf"] = [Answer(status=404)]

    deaf = api.call("PATCH", path, key, {"url": "https://city.example/deaf", "cohort": "2027"}, If_Match='"1"')
    inside = api.call("PATCH", path, key, {"url": "https://10.0.0.1/"})
    stale = api.call("PATCH", path, key, {"url": "https://city.example/new"}, If_Match='"7"')
    moved = api.call("PATCH", path, key, {"url": "https://city.example/new", "fields": []}, If_Match='"1"')
    letters = [api.call("PATCH", path, key, {"url": f"mailto:a{n}@city.example"}).status_code for n in range(9)]

    assert [deaf.status_code, inside.status_code, stale.status_code] == [422, 422, 412]
    assert set((deaf.json or {})["errors"]) == {"url"}
    assert (moved.status_code, moved.headers["ETag"]) == (200, '"2"')
    assert ((moved.json or {})["url"], (moved.json or {})["cohort"]) == ("https://city.example/new", "")
    assert set(letters) == {422, 429}


def test_an_office_without_a_receiver_asks_for_a_letter_a_day_and_its_people_confirm_it(api: Api) -> None:
    hand = api.with_mail()
    key = api.key()

    found = made(api, key, url="mailto:office@city.example", hour=9)
    path = f"/subscriptions/{found['id']}"
    page = hand.parcels[0].letter.body.split("/api")[1].split()[0]
    opened = api.client.get(page).text
    granted = api.client.post(page)

    assert (found["way"], found["state"], found["why"], found["secret"]) == (
        "digest",
        "pending",
        "confirmation_sent",
        "",
    )
    assert "office@city.example" in opened
    assert (granted.status_code, (api.call("GET", path, key).json or {})["state"]) == (200, "active")
    assert api.call("POST", f"{path}/rotate", key).status_code == 409


def test_a_partner_has_no_mailbox_written_to_again_and_again(api: Api) -> None:
    hand = api.with_mail()
    key = api.key()
    path = f"/subscriptions/{made(api, key, url='mailto:office@city.example')['id']}"

    statuses = {api.call("POST", f"{path}/ask", key).status_code for _ in range(20)}

    assert statuses == {200, 429}
    assert len(hand.parcels) == 5


def test_without_mail_a_letter_a_day_is_refused(api: Api) -> None:
    answer = api.call("POST", "/subscriptions", api.key(), {**WISH, "url": "mailto:office@city.example"})

    assert (answer.status_code, (answer.json or {})["type"]) == (409, "/problems/no_mail")


def test_a_key_subscribes_no_further_than_it_reaches(api: Api) -> None:
    key = api.key(types=("kr.sadari.learning.*",), cohort="2027")

    inside = made(api, key)
    beyond = [
        api.call("POST", "/subscriptions", key, {**WISH, "url": "https://city.example/2", **changed}).status_code
        for changed in ({"types": ["kr.sadari.*"]}, {"cohort": "2026"})
    ]
    widened = api.call("PATCH", f"/subscriptions/{inside['id']}", key, {"cohort": ""})

    assert inside["cohort"] == "2027"
    assert [*beyond, widened.status_code] == [403, 403, 403]


# ---- deliveries


def test_deliveries_are_listed_looked_at_and_sent_again(api: Api) -> None:
    key = api.key()
    name = made(api, key)["id"]
    for number in range(3):
        api.tell(number)
    api.subscribers.until(NOON)

    first = api.call("GET", f"/deliveries?subscription={name}&limit=2", key).json or {}
    second = api.call("GET", f"/deliveries?after={first['next']}&limit=2", key).json or {}
    one = api.call("GET", f"/deliveries/{first['deliveries'][0]['id']}", key).json or {}
    again = api.call("POST", f"/deliveries/{one['id']}/redeliver", key)

    assert [len(page["deliveries"]) for page in (first, second)] == [2, 1]
    assert second["next"] == ""
    assert [each["status"] for each in one["attempts"]] == [204]
    assert (again.status_code, (again.json or {})["state"]) == (202, "waiting")


def test_what_failed_is_recovered_and_what_is_missing_is_made(api: Api) -> None:
    key = api.key()
    api.tell(1)
    api.subscribers.embedded.clock.turn(NOON + timedelta(minutes=1))
    path, span = f"/subscriptions/{made(api, key)['id']}", {"since": "2027-06-01T00:00:00Z"}

    answers = [api.call("POST", f"{path}/{verb}", key, span) for verb in ("replay", "replay", "recover")]
    too_long = api.call("POST", f"{path}/recover", key, {"since": "2020-06-01T00:00:00Z"})

    assert [(each.status_code, each.json) for each in answers] == [(202, {"count": n}) for n in (1, 0, 0)]
    assert (too_long.status_code, list((too_long.json or {})["errors"])) == (422, ["since"])


def test_no_answer_ever_holds_a_persons_fields(api: Api) -> None:
    person = {"id": "person-1", "name": "김카나리", "email": "canary@example.org", "contact": "+821077770042"}
    more = {"locale": "ko", "consents": {"third_party": True}, "updated_at": NOON, "erase_on": NOON.date()}
    api.subscribers.embedded.ports.vault.put(Person.model_validate({**person, **more}))
    key = api.key()
    made(api, key, fields=["name"], consent="third_party", purpose="accounts")
    api.tell()
    api.subscribers.until(NOON + timedelta(minutes=1))
    looks = len(api.subscribers.embedded.ports.vault.accesses())

    listed = api.call("GET", "/deliveries", key)
    (found,) = (listed.json or {})["deliveries"]
    texts = [listed.text, api.call("GET", f"/deliveries/{found['id']}", key).text, api.call("GET", "/events", key).text]

    assert found["is_personal"]
    assert "김카나리".encode() in api.subscribers.receivers.posts[0][2]
    assert all("카나리" not in text and "person-1" not in text for text in texts)
    assert len(api.subscribers.embedded.ports.vault.accesses()) == looks
    assert looks > 0


# ---- events


def test_events_are_fetched_once_each_and_only_when_they_have_settled(api: Api) -> None:
    key = api.key()
    for number in range(3):
        api.tell(number)

    fresh = api.call("GET", "/events", key).json or {}
    api.subscribers.embedded.clock.turn(NOON + timedelta(minutes=1))
    first = api.call("GET", f"/events?limit=2&after={fresh['next']}", key).json or {}
    second = api.call("GET", f"/events?limit=2&after={first['next']}", key).json or {}
    third = api.call("GET", f"/events?limit=2&after={second['next']}", key).json or {}

    assert (fresh["events"], fresh["more"]) == ([], False)
    assert [each["id"] for page in (first, second) for each in page["events"]] == ["notice-0", "notice-1", "notice-2"]
    assert ([first["more"], second["more"], third["more"]], third["next"]) == ([True, False, False], second["next"])
    assert "person" not in first["events"][0]["data"]


@pytest.mark.parametrize("limits", [{"types": ("kr.sadari.admission.*",)}, {"cohort": "2026"}, {"programme": "other"}])
def test_a_key_reads_no_events_beyond_its_reach_and_its_cursor_goes_on(api: Api, limits: dict[str, Any]) -> None:
    key = api.key(**limits)
    api.tell()
    api.subscribers.embedded.clock.turn(NOON + timedelta(minutes=1))

    found = api.call("GET", "/events", key).json or {}

    assert found["events"] == []
    assert found["next"]


def test_every_event_names_a_schema_that_anybody_can_read_there_and_that_it_keeps(api: Api) -> None:
    api.tell(1)
    api.subscribers.embedded.clock.turn(NOON + timedelta(minutes=1))
    (event,) = (api.call("GET", "/events", api.key()).json or {})["events"]
    path = event["dataschema"].removeprefix("https://sadari.example/api")

    answers = [api.client.get(each) for each in (path, "/schemas/kr.sadari.none.v1.json", "/schemas/..%2fsecret")]

    assert [each.status_code for each in answers] == [200, 404, 404]
    assert answers[0].mimetype == "application/schema+json"
    assert "public" in answers[0].headers["Cache-Control"]
    found = json.loads(answers[0].text)
    assert path.endswith(f"/{found['$id']}")
    Draft202012Validator(found).validate(event)


def test_what_is_told_to_others_is_in_no_events(api: Api) -> None:
    api.tell(type="ApplicationReceived", role="applicant")
    api.subscribers.embedded.clock.turn(NOON + timedelta(minutes=1))

    assert (api.call("GET", "/events", api.key()).json or {})["events"] == []


# ---- who may


ALL = [(each.method.upper(), each.path) for each in OPERATIONS if each.scope is not None]


@pytest.mark.parametrize(("method", "path"), ALL)
@pytest.mark.parametrize("given", ["", "Basic x", "Bearer ", "Bearer sadari_x", "Bearer sadari_aaaaaaaaaaaaaaaa_y"])
def test_nobody_gets_in_without_a_key(api: Api, method: str, path: str, given: str) -> None:
    answer = api.client.open(path, method=method, headers={"Authorization": given} if given else {})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.mimetype == "application/problem+json"


def test_a_key_that_has_ended_or_was_revoked_is_none(api: Api) -> None:
    key = api.key(lasts=timedelta(days=1))
    before = api.call("GET", "/subscriptions", key).status_code
    api.subscribers.embedded.clock.turn(NOON + timedelta(days=1))

    assert (before, api.call("GET", "/subscriptions", key).status_code) == (200, 401)


def test_anothers_things_are_as_if_they_were_not(api: Api) -> None:
    key, other = api.key(), api.key("google")
    name = made(api, key)["id"]
    delivery = (api.call("POST", f"/subscriptions/{name}/test", key).json or {})["delivery"]
    bodies = {"recover": {"since": "2027-06-01T00:00:00Z"}, "replay": {"since": "2027-06-01T00:00:00Z"}}

    for method, path in ((one, two) for one, two in ALL if "{" in two):
        filled = path.replace("{subscription}", name).replace("{delivery}", delivery)
        body = None if method in {"GET", "DELETE"} else bodies.get(path.rpartition("/")[2], {})
        assert api.call(method, filled, other, body).status_code == 404, path
    assert (api.call("GET", "/subscriptions", other).json or {})["subscriptions"] == []
    assert (api.call("GET", "/deliveries", other).json or {})["deliveries"] == []
    assert api.call("GET", f"/deliveries?subscription={name}", other).status_code == 404


@pytest.mark.parametrize("each", [each for each in OPERATIONS if each.scope is not None], ids=lambda each: each.summary)
def test_every_call_needs_its_scope(api: Api, each: Any) -> None:
    others = tuple(scope for scope in Scope if scope is not each.scope)

    answer = api.call(each.method.upper(), each.path, api.key(scopes=others), None if each.method == "get" else {})

    assert (answer.status_code, (answer.json or {})["type"]) == (403, "/problems/outside_key")


# ---- bad input and too much of it


@pytest.mark.parametrize(
    ("body", "mimetype", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"url":1}', "application/json", 422),
        (b"{}", "text/plain", 415),
        (b" " * 70_000, "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_taken_is_a_problem_and_changes_nothing(
    api: Api, body: bytes, mimetype: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {api.key()}", "Accept-Language": "ko"}

    answer = api.client.post("/subscriptions", data=body, content_type=mimetype, headers=headers)

    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.headers["Content-Language"] == "ko"
    assert api.subscribers.ports.subscriptions.find() == []


def test_every_fault_of_a_subscription_is_named(api: Api) -> None:
    answer = api.call("POST", "/subscriptions", api.key(), {"url": "", "types": [], "extra": 1})

    assert answer.status_code == 422
    assert set((answer.json or {})["errors"]) == {"url", "types", "contact", "extra"}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=201", "after=%00", "after=a/b", "limit=1&limit=2", "other=1", "since=0001-01-01"],
)
def test_a_query_that_makes_no_sense_is_refused(api: Api, query: str) -> None:
    assert api.call("GET", f"/deliveries?{query}", api.key()).status_code == 422


def test_whoever_calls_too_often_is_told_for_how_long_to_wait(api: Api) -> None:
    slow = Api(api.subscribers, burst=2)
    key = slow.key()

    answers = [slow.call("GET", "/subscriptions", key) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) >= 1
    assert [each.headers["RateLimit"].split(";")[1] for each in answers] == ["r=1", "r=0", "r=0"]
    assert slow.call("GET", "/subscriptions", slow.key("google")).status_code == 200


def test_whoever_guesses_keys_is_soon_not_heard_any_more(api: Api) -> None:
    statuses = [api.call("GET", "/subscriptions", "sadari_aaaaaaaaaaaaaaaa_x").status_code for _ in range(31)]

    assert (statuses[0], statuses[-1]) == (401, 429)


def test_what_is_ours_says_nothing_of_what_is_behind_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    key = api.key()

    def broken(**_: object) -> None:
        raise ValueError("010-7777-0042")

    monkeypatch.setattr(api.subscribers.ports.subscriptions, "find", broken)
    answer = api.call("GET", "/subscriptions", key)

    assert answer.status_code == 500
    assert "7777" not in answer.text


# ---- the document


def test_the_document_names_every_route_and_no_other(api: Api) -> None:
    routes = {
        (method, rule.rule.replace("<name>", "{_}").replace("<token>", "{_}"))
        for rule in api.site.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }
    told = {
        (method.upper(), "/".join("{_}" if part.startswith("{") else part for part in path.split("/")))
        for path, each in json.loads(api.client.get("/openapi.json").text)["paths"].items()
        for method in each
    }

    assert {route for route in routes if "static" not in route[1]} == told | {("GET", "/openapi.json")}
