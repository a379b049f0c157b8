"""Only our own Pub/Sub and Cloud Tasks are let in, by their token; who is refused changes nothing and learns little."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from google.auth import jwt
from werkzeug.datastructures import Headers

from functions.adapters.google.id_token import IdTokenVerifier
from functions.stack.relay import LocalKey
from tests.corpus.rounds import dump
from tests.corpus.rows import rows
from tests.functions.site import AUDIENCE, CALLED_BY_US, CALLER, JSON, Site

ANOTHER = LocalKey()
LET_IN = {"advance": 204, "bury": 204, "deliver": 204, "ring": 204, "sweep": 200, "collect": 204, "attempt": 204}
"""What becomes of a body that is no message, once its sender is let in."""


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(site: Site, how: str) -> str:
    """A token that ours are to be mistaken for."""
    good = site.token()
    claims = jwt.decode(good, verify=False)
    match how:
        case "none":
            return f"{part({'alg': 'none', 'kid': site.key.key_id, 'typ': 'JWT'})}.{part(claims)}."
        case "HS256":
            head = f"{part({'alg': 'HS256', 'kid': site.key.key_id, 'typ': 'JWT'})}.{part(claims)}"
            secret = site.key.certs()[site.key.key_id].encode()
            mac = hmac.new(secret, head.encode(), hashlib.sha256).digest()
            return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        case "another":
            return ANOTHER.sign(CALLER, AUDIENCE)
        case "our name":
            token: bytes = jwt.encode(ANOTHER._signer, claims, key_id=site.key.key_id)
            return token.decode()
        case "claims":
            head, _, signature = good.split(".")
            return f"{head}.{part({**claims, 'exp': claims['exp'] + 1})}.{signature}"
    raise AssertionError(how)


def authorization(site: Site, row: dict[str, Any]) -> Headers:
    times = {name: int(time.time()) + seconds for name, seconds in row.get("times", {}).items()}
    token = forged(site, row["forged"]) if "forged" in row else site.token(**{**row.get("claims", {}), **times})
    given = row.get("authorization", ["Bearer <token>"])
    return Headers([("Authorization", each.replace("<token>", token)) for each in given])


@pytest.mark.parametrize("name", CALLED_BY_US)
@pytest.mark.parametrize("row", rows("tokens"))
def test_a_token_lets_in_or_not_as_the_corpus_says(shared_site: Site, name: str, row: dict[str, Any]) -> None:
    before = dump(shared_site.store)

    answer = shared_site.client(name).post("/", data=b"x", content_type=JSON, headers=authorization(shared_site, row))

    if row["status"] == 0:
        assert answer.status_code == LET_IN[name]
        return
    assert answer.status_code == row["status"]
    sentences = {401: "Nobody we can name calls: no valid token, made out to us.", 403: "This is not allowed."}
    assert answer.json == {"error": sentences[row["status"]]}
    assert dump(shared_site.store) == before


@pytest.mark.parametrize("name", CALLED_BY_US)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_only_post_is_taken(shared_site: Site, name: str, method: str) -> None:
    answer = shared_site.client(name).open(
        "/", method=method, headers={"Authorization": f"Bearer {shared_site.token()}"}
    )

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("name", CALLED_BY_US)
def test_while_no_certificates_can_be_had_everybody_is_asked_to_come_again(site: Site, name: str) -> None:
    site.cloud._verifier = IdTokenVerifier(
        certs_url="http://127.0.0.1:9/certs", audience=AUDIENCE, emails=frozenset({CALLER})
    )
    before = dump(site.store)

    answer = site.call(name)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "127.0.0.1" not in answer.text
    assert dump(site.store) == before


def test_a_large_body_of_somebody_unknown_is_not_even_read(site: Site) -> None:
    class Unread:
        def read(self, *_sizes: int) -> bytes:
            raise AssertionError("the body was read")

        readline = readinto = read

    environ = {"CONTENT_LENGTH": "30000000", "CONTENT_TYPE": JSON, "REQUEST_METHOD": "POST", "wsgi.input": Unread()}

    answer = site.client("advance").open("/", environ_overrides=environ)

    assert answer.status_code == 401
