"""Who calls: the check of the OIDC token that Pub/Sub and Cloud Tasks put on each call.

There is no switch that turns it off.  The local stack signs with a key of its own and passes this same check; only the
address of the certificates differs.

Where Cloud Run lets only named accounts in, it checks the signature and then takes it off, so that nobody can send the
token on.  Such a token is read for what it claims, by functions that are told that Cloud Run stands before them.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import urllib3
from google.auth import crypt, jwt

from workflows.runtime.errors import CertsUnavailable, NotAllowed, NotAuthenticated

# google-auth would take ES256 too; Google signs ID tokens with this one.
_ALGORITHM = "RS256"
_ISSUERS = ("accounts.google.com", "https://accounts.google.com")
_CLOCK_SKEW_SECONDS = 10
_CERTS_SECONDS_MAX = 3600.0
_CERTS_RETRY_SECONDS = 60.0
_FETCH_SECONDS_MAX = 5.0
_TAKEN_OFF = ".SIGNATURE_REMOVED_BY_GOOGLE"
# One token and nothing else: servers join repeated headers with a comma, which cannot pass here.
_BEARER = re.compile(r"[Bb]earer +([\w-]+\.[\w-]+\.[\w-]+)", re.ASCII)

Fetch = Callable[[str], tuple[int, bytes]]


class IdTokenVerifier:
    """Tells which service account calls, from the request's Authorization headers.  Safe to share between threads."""

    def __init__(
        self,
        *,
        certs_url: str,
        audience: str,
        emails: frozenset[str],
        fetch: Fetch | None = None,
        is_behind_iam: bool = False,
    ) -> None:
        """Fetch nothing yet.

        Args:
            certs_url: Serves X.509 certificates (PEM) by key id, as https://www.googleapis.com/oauth2/v1/certs does.
            audience: What the token's audience must be, to the letter.
            emails: Who may call, to the letter.
            fetch: Gives status and body of an address, or raises OSError; over HTTP if left out.
            is_behind_iam: Whether Cloud Run checks signatures before us, and takes them off.

        Raises:
            ValueError: The audience is empty.
        """
        if not audience:
            raise ValueError("an ID token can only be verified for an audience")
        self._audience = audience
        self._emails = emails
        self._is_behind_iam = is_behind_iam
        self._certs = _Certs(certs_url, fetch or _fetch)

    def verify(self, authorization: Sequence[str]) -> str:
        """Give the caller's verified e-mail.

        Args:
            authorization: Every Authorization header of the request; anything but exactly one is refused.

        Raises:
            NotAuthenticated: There is no valid token for this audience.
            NotAllowed: The token's e-mail is not verified, or not among those who may call.
            CertsUnavailable: The certificates were never fetched and cannot be fetched now.
        """
        claims = self._claims(_bearer(authorization))
        email = claims.get("email")
        if not isinstance(email, str) or email not in self._emails:
            raise NotAllowed(f"the token's e-mail [{email}] may not call")
        if claims.get("email_verified") is not True:
            raise NotAllowed(f"the token's e-mail [{email}] is not verified")
        return email

    def _claims(self, token: str) -> Mapping[str, Any]:
        key_id = _key_id(token)
        is_checked = self._is_behind_iam and token.endswith(_TAKEN_OFF)
        certs = None if is_checked else self._certs.with_key(key_id)
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                certs=certs,
                verify=not is_checked,
                audience=self._audience,
                clock_skew_in_seconds=_CLOCK_SKEW_SECONDS,
            )
        except (ValueError, TypeError) as error:
            raise NotAuthenticated(f"the token is refused: {error}") from error
        if claims.get("iss") not in _ISSUERS:
            raise NotAuthenticated(f"the token's issuer is [{claims.get('iss')}]")
        # JSON as Python reads it has NaN, which no comparison finds expired.
        if type(claims.get("exp")) is not int or type(claims.get("iat")) is not int:
            raise NotAuthenticated("the token's times are not whole numbers")
        # The library checks these only together with a signature.
        if claims.get("aud") != self._audience:
            raise NotAuthenticated("the token is made out to somebody else")
        if not claims["iat"] - _CLOCK_SKEW_SECONDS <= time.time() <= claims["exp"] + _CLOCK_SKEW_SECONDS:
            raise NotAuthenticated("the token is of another time")
        return claims


def _bearer(authorization: Sequence[str]) -> str:
    if len(authorization) != 1:
        raise NotAuthenticated(f"there are [{len(authorization)}] Authorization headers")
    match = _BEARER.fullmatch(authorization[0])
    if match is None:
        raise NotAuthenticated("the Authorization header holds no single bearer token")
    return match[1]


def _key_id(token: str) -> str:
    try:
        header: Mapping[str, Any] = jwt.decode_header(token)
    except (ValueError, RecursionError) as error:
        raise NotAuthenticated("the token cannot be read") from error
    if header.get("alg") != _ALGORITHM:
        raise NotAuthenticated(f"the token is signed with [{header.get('alg')}]")
    key_id = header.get("kid")
    if not isinstance(key_id, str):
        raise NotAuthenticated("the token names no key")
    return key_id


class _Certs:
    """The certificates, fetched when needed and kept for an hour.

    A failing fetch leaves the copy we have in use: an outage over there must not stop us here.
    """

    def __init__(self, url: str, fetch: Fetch) -> None:
        self._url = url
        self._fetch = fetch
        self._lock = threading.Lock()
        self._certs: Mapping[str, str] = {}
        self._fetched_at = self._tried_at = float("-inf")

    def with_key(self, key_id: str) -> Mapping[str, str]:
        """Give the certificates, after a look for new ones where this key is not among them."""
        asked_at = time.monotonic()
        with self._lock:
            if self._is_due(key_id, asked_at):
                self._renew()
            if not self._certs:
                raise CertsUnavailable(f"there are no certificates from [{self._url}]")
            return self._certs

    def _is_due(self, key_id: str, asked_at: float) -> bool:
        if not self._certs:
            # Whoever waited here while another's fetch failed does not try the same once more.
            return self._tried_at < asked_at
        is_wanting = key_id not in self._certs or asked_at - self._fetched_at >= _CERTS_SECONDS_MAX
        return is_wanting and asked_at - self._tried_at >= _CERTS_RETRY_SECONDS

    def _renew(self) -> None:
        try:
            self._certs = _certificates(*self._fetch(self._url))
            self._fetched_at = time.monotonic()
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:
            if not self._certs:
                raise CertsUnavailable(f"there are no certificates from [{self._url}]: {error}") from error
        finally:
            self._tried_at = time.monotonic()


def _certificates(status: int, body: bytes) -> Mapping[str, str]:
    """Give certificates by key id, each known to be readable, so that a token is never blamed for a broken one."""
    if status != HTTPStatus.OK:
        raise ValueError(f"the answer was [{status}]")
    certs = json.loads(body)
    if not isinstance(certs, dict) or not certs:
        raise ValueError("the answer holds no certificates")
    for certificate in certs.values():
        crypt.RSAVerifier.from_string(certificate)
    return certs


def _fetch(url: str) -> tuple[int, bytes]:
    # A pool for one call: the next is an hour away.
    with urllib3.PoolManager() as pool:
        response = pool.request("GET", url, timeout=_FETCH_SECONDS_MAX, retries=False, redirect=False)
        return response.status, response.data
