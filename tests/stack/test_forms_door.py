"""A form at a provider, at the door of a local stack."""

import json
from pathlib import Path

import pytest
import urllib3

from functions.cli.screen import BadUseError
from functions.cli.up import secrets_in
from functions.embedded import Embedded
from functions.stack.embedded_stack import EmbeddedStack
from schemas.connections import Connection
from tests.functions.form_site import SECRETS, digest
from tests.support.vendor import sample


def test_a_stack_that_is_told_the_secrets_knows_what_is_rightly_signed(tmp_path: Path) -> None:
    store = Embedded(tmp_path / "sadari.db")
    store.connections.put(Connection.model_validate(sample("connections")["tally"]), seen=0)
    store.close()
    (tmp_path / "forms.json").write_text(json.dumps(SECRETS), encoding="utf-8")
    stack = EmbeddedStack(tmp_path, key=b"k" * 32, sources={}, forms=secrets_in(tmp_path / "forms.json"))
    body = b"{}"
    json_type = {"Content-Type": "application/json"}
    stack.start()
    try:
        door = stack.addresses()["intake"].replace("/desk/", "/forms/spring-tally")
        heard = [
            urllib3.request("POST", door, body=body, headers={**json_type, "Tally-Signature": signed}).status
            for signed in ("made up", digest(body))
        ]
    finally:
        stack.stop()

    assert heard == [401, 200]


@pytest.mark.parametrize("said", ["not json", '{"spring-tally": {"secrets": ["short"]}}'])
def test_a_file_of_secrets_that_the_functions_refuse_is_refused_at_once(tmp_path: Path, said: str) -> None:
    (tmp_path / "forms.json").write_text(said, encoding="utf-8")

    with pytest.raises(BadUseError, match="--forms"):
        secrets_in(tmp_path / "forms.json")
    with pytest.raises(BadUseError, match="cannot be read"):
        secrets_in(tmp_path / "none.json")
