"""The rules that are deployed let no browser and no phone to any document; the functions are not bound by them."""

import base64
import json
import time
from pathlib import Path

import pytest
import urllib3

from functions.stack.emulators import Emulators

pytestmark = pytest.mark.emulator

RULES = Path(__file__).parents[3] / "infra/terraform/modules/app/firestore.rules"
CASES = "v1/projects/strangers/databases/(default)/documents/cases"
BODY = json.dumps({"fields": {"stage": {"stringValue": "offered"}}})
OWNER = {"Authorization": "Bearer owner"}


def unsigned(claims: dict[str, object]) -> str:
    """Give a user's token as the emulator takes it."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts) + "."


USER = {
    "Authorization": "Bearer "
    + unsigned({"sub": "kim", "user_id": "kim", "aud": "strangers", "iss": "https://securetoken.google.com/strangers"})
}


def ask(emulators: Emulators, method: str, path: str, headers: dict[str, str], body: str | None = None) -> int:
    url = f"http://{emulators.firestore_address}/{path}"
    typed = {**headers, "Content-Type": "application/json"}
    return urllib3.request(method, url, body=body, headers=typed, retries=False, timeout=30).status


def govern(emulators: Emulators, rules: str) -> None:
    body = json.dumps({"rules": {"files": [{"name": "firestore.rules", "content": rules}]}})
    assert ask(emulators, "PUT", "emulator/v1/projects/strangers:securityRules", OWNER, body) == 200


@pytest.mark.parametrize(("who", "headers"), [("nobody", {}), ("a user", USER)])
def test_who_is_no_function_reads_lists_writes_and_deletes_nothing(
    emulators: Emulators, who: str, headers: dict[str, str]
) -> None:
    govern(emulators, RULES.read_text(encoding="utf-8"))
    place = f"{CASES}/{who.replace(' ', '-')}-{time.monotonic_ns()}"
    assert ask(emulators, "PATCH", place, OWNER, BODY) == 200

    asked = [("GET", place, None), ("GET", CASES, None), ("PATCH", place, BODY), ("DELETE", place, None)]

    assert [ask(emulators, method, path, headers, body) for method, path, body in asked] == [403] * 4
    assert ask(emulators, "GET", place, OWNER) == 200


def test_rules_that_allow_something_would_be_noticed(emulators: Emulators) -> None:
    govern(emulators, RULES.read_text(encoding="utf-8").replace("if false", "if true"))

    assert ask(emulators, "GET", CASES, {}) == 200
    assert ask(emulators, "PATCH", f"{CASES}/a", USER, BODY) == 200
