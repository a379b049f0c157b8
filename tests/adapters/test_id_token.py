"""The tokens of reliability.md C6.2 (P01 to P20), each made by hand and shown to the verifier."""

import base64
import hashlib
import hmac
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
import urllib3
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import CertificateBuilder, Name, load_pem_x509_certificate
from google.auth import jwt
from google.auth.crypt import es
from werkzeug.test import EnvironBuilder

from functions.adapters.google.id_token import CertsUnavailable, IdTokenVerifier, NotAllowed, NotAuthenticated, _Certs
from functions.stack.relay import LocalKey

AUDIENCE = "https://advance.example"
EMAIL = "push@sadari.iam.gserviceaccount.com"
CERTS_URL = "https://certs.example"
KEY = LocalKey()
OTHER_KEY = LocalKey()


class Certs:
    """The certificate endpoint: what it answers next, and how often it was asked."""

    def __init__(self, *keys: LocalKey) -> None:
        self.asked = 0
        self.is_down = False
        self.status = HTTPStatus.OK
        self.show(*keys)

    def show(self, *keys: LocalKey) -> None:
        self.body = json.dumps({key_id: pem for key in keys for key_id, pem in key.certs().items()}).encode()

    def __call__(self, url: str) -> tuple[int, bytes]:
        assert url == CERTS_URL
        self.asked += 1
        if self.is_down:
            raise urllib3.exceptions.ConnectTimeoutError(None, url, "down")
        return self.status, self.body


def verifier_with(certs: Certs) -> IdTokenVerifier:
    return IdTokenVerifier(certs_url=CERTS_URL, audience=AUDIENCE, emails=frozenset({EMAIL}), fetch=certs)


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    default = {"iss": "https://accounts.google.com", "aud": AUDIENCE, "email": EMAIL, "email_verified": True}
    merged = {**default, "sub": "1", "iat": now - 60, "exp": now + 3540, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def token(header: Mapping[str, object], payload: Mapping[str, object], sign: Callable[[bytes], bytes]) -> str:
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(payload).encode())}"
    return f"{signed}.{encoded(sign(signed.encode()))}"


def hs256_with_the_public_key(public: bytes) -> str:
    header = {"alg": "HS256", "typ": "JWT", "kid": KEY.key_id}
    return token(header, claims(), lambda signed: hmac.digest(public, signed, hashlib.sha256))


def certificate_pem() -> bytes:
    return KEY.certs()[KEY.key_id].encode()


def public_key_pem() -> bytes:
    public = load_pem_x509_certificate(certificate_pem()).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def rs256(algorithm: str = "RS256", key_id: object = KEY.key_id, **changes: object) -> str:
    """A rightly signed token whose header says what the test wants."""
    header = {"alg": algorithm, "kid": key_id, "typ": "JWT"}
    named = {name: value for name, value in header.items() if value is not None}
    return token(named, claims(**changes), KEY._signer.sign)


def tampered() -> str:
    header, _, signature = KEY.sign(EMAIL, AUDIENCE).split(".")
    return f"{header}.{encoded(json.dumps(claims(sub='2')).encode())}.{signature}"


def bearer(signed: str) -> list[str]:
    return [f"Bearer {signed}"]


def signed(email: str = EMAIL, audience: str = AUDIENCE, **overrides: object) -> list[str]:
    return bearer(KEY.sign(email, audience, **overrides))


def now() -> int:
    return int(time.time())


def make_older(verifier: IdTokenVerifier, *, seconds: float) -> None:
    """Let the certificates be as old as if that time had passed."""
    verifier._certs._fetched_at -= seconds
    verifier._certs._tried_at -= seconds


def wait_until_each_has_asked(threads: list[threading.Thread]) -> None:
    """Return once each thread has noted when it asked for certificates, and so is in or before the fetch."""
    deadline = time.monotonic() + 30
    for thread in threads:
        while not has_asked(thread):
            assert time.monotonic() < deadline
            time.sleep(0.001)


def has_asked(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code is _Certs.with_key.__code__:
            return "asked_at" in frame.f_locals
        frame = frame.f_back
    return False


# Made when the test runs, so that their times are fresh.
NOT_AUTHENTICATED: dict[str, Callable[[], list[str]]] = {
    "P01 no Authorization": list,
    "P01 empty Authorization": lambda: [""],
    "P02 Basic": lambda: ["Basic cHVzaDpzZWNyZXQ="],
    "P02 a token without a scheme": lambda: [KEY.sign(EMAIL, AUDIENCE)],
    "P02 Bearer without a token": lambda: ["Bearer "],
    "P02 Bearer with no JWT": lambda: ["Bearer abc"],
    "P02 Bearer with unreadable parts": lambda: ["Bearer a.b.c"],
    "P02 Bearer with a list for a header": lambda: bearer(f"{encoded(b'[]')}.{encoded(b'{}')}.AA"),
    "P02 Bearer with a list for claims": lambda: bearer(f"{encoded(b'{}')}.{encoded(b'[]')}.AA"),
    "P02 Bearer nested a thousand deep": lambda: bearer(f"{encoded(b'[' * 5000)}.{encoded(b'{}')}.AA"),
    "P04 alg none, unsigned": lambda: bearer(token({"alg": "none", "kid": KEY.key_id}, claims(), lambda _: b"")),
    "P04 alg none, a signature": lambda: bearer(token({"alg": "none", "kid": KEY.key_id}, claims(), lambda _: b"x")),
    "P04 alg None, rightly signed": lambda: bearer(rs256("None")),
    "P04 alg missing": lambda: bearer(token({"kid": KEY.key_id}, claims(), lambda _: b"x")),
    "P05 HS256 with the certificate": lambda: bearer(hs256_with_the_public_key(certificate_pem())),
    "P05 HS256 with the public key": lambda: bearer(hs256_with_the_public_key(public_key_pem())),
    "P05 alg says ES256": lambda: bearer(rs256("ES256")),
    "P05 alg says RS512": lambda: bearer(rs256("RS512")),
    "signed by another key": lambda: bearer(OTHER_KEY.sign(EMAIL, AUDIENCE)),
    "signed by another key under our key's name": lambda: bearer(
        token({"alg": "RS256", "kid": KEY.key_id}, claims(), OTHER_KEY._signer.sign)
    ),
    "claims exchanged after signing": lambda: bearer(tampered()),
    "no key named": lambda: bearer(rs256(key_id=None)),
    "the key's name is a list": lambda: bearer(rs256(key_id=[])),
    "P07 wrong aud": lambda: signed(audience="https://console.example"),
    "P07 aud missing": lambda: signed(aud=None),
    "P07 aud a list with the right one": lambda: signed(aud=[AUDIENCE, "https://evil.example"]),
    "P08 aud with a trailing slash": lambda: signed(audience=f"{AUDIENCE}/"),
    "P08 aud in another case": lambda: signed(audience=AUDIENCE.upper()),
    "P08 aud a longer name": lambda: signed(audience=f"{AUDIENCE}.evil.example"),
    "P10 iss https://evil": lambda: signed(iss="https://evil"),
    "P10 iss missing": lambda: signed(iss=None),
    "P10 iss with a trailing slash": lambda: signed(iss="https://accounts.google.com/"),
    "P10 iss over http": lambda: signed(iss="http://accounts.google.com"),
    "P10 iss a list": lambda: signed(iss=["https://accounts.google.com"]),
    "P14 exp 11 s ago": lambda: signed(exp=now() - 11),
    "P14 exp missing": lambda: signed(exp=None),
    "P14 exp a string": lambda: signed(exp="4102444800"),
    "P14 exp not a number": lambda: signed(exp=float("nan")),
    "P14 exp infinite": lambda: signed(exp=float("inf")),
    "P14 iat missing": lambda: signed(iat=None),
    "P14 iat a minute ahead": lambda: signed(iat=now() + 60),
    "P20 two Authorization headers": lambda: signed() * 2,
    "P20 two in one, as servers join them": lambda: [",".join(signed() * 2)],
    "P20 two in one, with a space": lambda: [", ".join(signed() * 2)],
    "P20 a line break after the token": lambda: [f"{signed()[0]}\n"],
}


@pytest.mark.parametrize("authorization", NOT_AUTHENTICATED.values(), ids=NOT_AUTHENTICATED.keys())
def test_whoever_brings_no_valid_token_is_not_authenticated(authorization: Callable[[], list[str]]) -> None:
    verifier = verifier_with(Certs(KEY))

    with pytest.raises(NotAuthenticated):
        verifier.verify(authorization())


NOT_ALLOWED: dict[str, Callable[[], list[str]]] = {
    "P13 email_verified false": lambda: signed(email_verified=False),
    "P13 email_verified missing": lambda: signed(email_verified=None),
    "P13 email_verified a string": lambda: signed(email_verified="true"),
    "P13 email_verified a number": lambda: signed(email_verified=1),
    "P16 a person whose e-mail begins like ours": lambda: signed(email=f"{EMAIL}.evil.example"),
    "P16 a person whose e-mail ours begins like": lambda: signed(email=EMAIL.removesuffix(".com")),
    "P16 ours in another case": lambda: signed(email=EMAIL.upper()),
    "P16 another service account": lambda: signed(email="ring@sadari.iam.gserviceaccount.com"),
    "P16 no e-mail": lambda: bearer(rs256(email=None)),
    "P16 a list of e-mails": lambda: bearer(rs256(email=[EMAIL])),
}


@pytest.mark.parametrize("authorization", NOT_ALLOWED.values(), ids=NOT_ALLOWED.keys())
def test_a_valid_token_of_somebody_else_is_not_allowed(authorization: Callable[[], list[str]]) -> None:
    verifier = verifier_with(Certs(KEY))

    with pytest.raises(NotAllowed):
        verifier.verify(authorization())


# ---- behind Cloud Run's own check


def verifier_behind_iam() -> IdTokenVerifier:
    return IdTokenVerifier(
        certs_url=CERTS_URL, audience=AUDIENCE, emails=frozenset({EMAIL}), fetch=Certs(KEY), is_behind_iam=True
    )


def let_through(authorization: list[str]) -> list[str]:
    """Give the headers as Cloud Run passes them on, once it has checked the signature."""
    return [re.sub(r"\.[^.,\s]*(?=,|\s*$)", ".SIGNATURE_REMOVED_BY_GOOGLE", each) for each in authorization]


def test_a_token_whose_signature_cloud_run_has_checked_and_taken_off_is_taken_behind_it() -> None:
    assert verifier_behind_iam().verify(let_through(signed())) == EMAIL


def test_a_token_without_a_signature_is_taken_nowhere_else() -> None:
    verifier = verifier_with(Certs(KEY))

    with pytest.raises(NotAuthenticated):
        verifier.verify(let_through(signed()))


def test_a_signature_that_is_there_is_checked_behind_cloud_run_too() -> None:
    verifier = verifier_behind_iam()

    assert verifier.verify(signed()) == EMAIL
    with pytest.raises(NotAuthenticated):
        verifier.verify(bearer(OTHER_KEY.sign(EMAIL, AUDIENCE)))


@pytest.mark.parametrize(
    "name", [name for name in NOT_AUTHENTICATED if name[:3] in {"P07", "P08", "P10", "P14", "P20"}]
)
def test_what_a_token_claims_is_checked_behind_cloud_run_too(name: str) -> None:
    with pytest.raises(NotAuthenticated):
        verifier_behind_iam().verify(let_through(NOT_AUTHENTICATED[name]()))


@pytest.mark.parametrize("name", [name for name in NOT_AUTHENTICATED if name[:3] in {"P02", "P04", "P05"}])
def test_what_is_no_token_of_google_is_refused_behind_cloud_run_too(name: str) -> None:
    with pytest.raises(NotAuthenticated):
        verifier_behind_iam().verify(let_through(NOT_AUTHENTICATED[name]()))


@pytest.mark.parametrize("authorization", NOT_ALLOWED.values(), ids=NOT_ALLOWED.keys())
def test_behind_cloud_run_somebody_else_is_not_allowed_either(authorization: Callable[[], list[str]]) -> None:
    with pytest.raises(NotAllowed):
        verifier_behind_iam().verify(let_through(authorization()))


ACCEPTED: dict[str, Callable[[], list[str]]] = {
    "a token as Google makes it": signed,
    "made by hand": lambda: bearer(rs256()),
    "the scheme in lower case": lambda: [f"bearer {KEY.sign(EMAIL, AUDIENCE)}"],
    "P11 iss accounts.google.com": lambda: signed(iss="accounts.google.com"),
    "P11 iss https://accounts.google.com": lambda: signed(iss="https://accounts.google.com"),
    "P14 exp 1 s ago": lambda: signed(exp=now() - 1),
}


@pytest.mark.parametrize("authorization", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_valid_token_gives_its_email(authorization: Callable[[], list[str]]) -> None:
    verifier = verifier_with(Certs(KEY))

    assert verifier.verify(authorization()) == EMAIL


def test_p17_without_certificates_no_token_is_accepted_and_the_caller_is_asked_to_come_again() -> None:
    certs = Certs(KEY)
    certs.is_down = True
    verifier = verifier_with(certs)

    with pytest.raises(CertsUnavailable):
        verifier.verify(signed())


def test_p17_cached_certificates_are_used_while_the_endpoint_is_down() -> None:
    certs = Certs(KEY)
    verifier = verifier_with(certs)
    verifier.verify(signed())
    certs.is_down = True
    make_older(verifier, seconds=3601)

    assert verifier.verify(signed()) == EMAIL
    assert certs.asked == 2


def test_p17_a_token_by_an_unknown_key_is_refused_while_the_endpoint_is_down() -> None:
    certs = Certs(KEY)
    verifier = verifier_with(certs)
    verifier.verify(signed())
    certs.is_down = True
    make_older(verifier, seconds=61)

    with pytest.raises(NotAuthenticated):
        verifier.verify(bearer(OTHER_KEY.sign(EMAIL, AUDIENCE)))


def test_p19_headers_that_claim_authentication_are_ignored() -> None:
    claimed = [("X-Goog-Authenticated-User-Email", EMAIL), ("X-Goog-Iap-Jwt-Assertion", KEY.sign(EMAIL, AUDIENCE))]
    request = EnvironBuilder(method="POST", headers=claimed).get_request()
    verifier = verifier_with(Certs(KEY))

    with pytest.raises(NotAuthenticated):
        verifier.verify(request.headers.getlist("Authorization"))


def test_the_one_header_of_a_request_is_accepted() -> None:
    request = EnvironBuilder(method="POST", headers=[("Authorization", signed()[0])]).get_request()
    verifier = verifier_with(Certs(KEY))

    assert verifier.verify(request.headers.getlist("Authorization")) == EMAIL


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"{}", b'{"k": 1}', b'{"k": "no certificate"}', b"\xff"])
def test_an_answer_without_certificates_counts_as_an_endpoint_that_is_down(body: bytes) -> None:
    certs = Certs(KEY)
    certs.body = body
    verifier = verifier_with(certs)

    with pytest.raises(CertsUnavailable):
        verifier.verify(signed())


def test_p05_es256_is_refused_even_by_a_key_whose_certificate_is_shown() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = Name([])
    a_day = timedelta(days=1)
    builder = CertificateBuilder(name, name, key.public_key(), 1, datetime.now(UTC) - a_day, datetime.now(UTC) + a_day)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    certs = Certs()
    certs.body = json.dumps({"elliptic": certificate}).encode()
    of_the_key = jwt.encode(es.EsSigner(key, "elliptic"), claims()).decode()  # type: ignore[no-untyped-call]
    read = jwt.decode(of_the_key, certs={"elliptic": certificate}, audience=AUDIENCE)  # type: ignore[no-untyped-call]
    assert read["email"] == EMAIL

    with pytest.raises(NotAuthenticated):
        verifier_with(certs).verify(bearer(of_the_key))


def test_certificates_that_come_with_an_error_status_are_not_used() -> None:
    certs = Certs(KEY)
    certs.status = HTTPStatus.INTERNAL_SERVER_ERROR
    verifier = verifier_with(certs)

    with pytest.raises(CertsUnavailable):
        verifier.verify(signed())


def test_the_endpoint_is_asked_again_once_it_is_up() -> None:
    certs = Certs(KEY)
    certs.is_down = True
    verifier = verifier_with(certs)
    with pytest.raises(CertsUnavailable):
        verifier.verify(signed())
    certs.is_down = False

    assert verifier.verify(signed()) == EMAIL


def test_certificates_are_fetched_once_for_many_tokens() -> None:
    certs = Certs(KEY)
    verifier = verifier_with(certs)

    for _ in range(10):
        verifier.verify(signed())

    assert certs.asked == 1


def test_certificates_older_than_an_hour_are_fetched_again_so_a_withdrawn_key_ends() -> None:
    certs = Certs(KEY, OTHER_KEY)
    verifier = verifier_with(certs)
    verifier.verify(bearer(OTHER_KEY.sign(EMAIL, AUDIENCE)))
    certs.show(KEY)
    make_older(verifier, seconds=3601)

    with pytest.raises(NotAuthenticated):
        verifier.verify(bearer(OTHER_KEY.sign(EMAIL, AUDIENCE)))


def test_a_key_that_is_new_is_fetched_after_a_minute_and_not_before() -> None:
    certs = Certs(KEY)
    verifier = verifier_with(certs)
    verifier.verify(signed())
    certs.show(KEY, OTHER_KEY)
    of_the_new_key = bearer(OTHER_KEY.sign(EMAIL, AUDIENCE))

    with pytest.raises(NotAuthenticated):
        verifier.verify(of_the_new_key)
    assert certs.asked == 1

    make_older(verifier, seconds=61)
    assert verifier.verify(of_the_new_key) == EMAIL
    assert certs.asked == 2


def test_unknown_keys_cannot_make_us_ask_more_than_once_a_minute() -> None:
    certs = Certs(KEY)
    verifier = verifier_with(certs)
    verifier.verify(signed())
    make_older(verifier, seconds=61)

    for number in range(10):
        with pytest.raises(NotAuthenticated):
            verifier.verify(bearer(rs256(key_id=f"unknown-{number}")))

    assert certs.asked == 2


@pytest.mark.parametrize("is_down", [False, True])
def test_callers_at_the_same_time_share_one_fetch(is_down: bool) -> None:  # noqa: FBT001 (a parametrized case)
    certs = Certs(KEY)
    certs.is_down = is_down
    may_answer = threading.Event()
    outcomes: list[str] = []

    def fetch(url: str) -> tuple[int, bytes]:
        may_answer.wait(timeout=30)
        return certs(url)

    verifier = IdTokenVerifier(certs_url=CERTS_URL, audience=AUDIENCE, emails=frozenset({EMAIL}), fetch=fetch)
    authorization = signed()

    def call() -> None:
        try:
            outcomes.append(verifier.verify(authorization))
        except CertsUnavailable:
            outcomes.append("unavailable")

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until_each_has_asked(threads)
    may_answer.set()
    for thread in threads:
        thread.join(timeout=30)

    assert outcomes == ["unavailable" if is_down else EMAIL] * 8
    assert certs.asked == 1


def test_a_verifier_for_no_audience_is_refused() -> None:
    with pytest.raises(ValueError, match="audience"):
        IdTokenVerifier(certs_url=CERTS_URL, audience="", emails=frozenset({EMAIL}))


def test_a_verifier_that_lets_nobody_in_lets_nobody_in() -> None:
    verifier = IdTokenVerifier(certs_url=CERTS_URL, audience=AUDIENCE, emails=frozenset(), fetch=Certs(KEY))

    with pytest.raises(NotAllowed):
        verifier.verify(signed())
