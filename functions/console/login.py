"""Login by OpenID Connect, from any issuer: the authorization code flow with PKCE, state and nonce."""

import secrets
from typing import Any

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, abort, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from werkzeug.wrappers import Response

from functions.console.guard import begin_session, end_session
from functions.console.room import room
from schemas.staff import Member
from workflows.runtime.errors import Unavailable

STATE_COOKIE = "__Host-login"
STATE_SECONDS_MAX = 600
CALL_SECONDS_MAX = 10
ALGORITHMS = ["RS256", "ES256"]


def add_login(site: Flask) -> None:
    """Add the pages by which staff come and go."""
    site.add_url_rule("/login", "login", login)
    site.add_url_rule("/login/return", "login_return", login_return)
    site.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])
    site.add_url_rule("/signed-out", "signed_out", signed_out)


def login() -> Response:
    """Send the browser to the issuer."""
    issuer, found = room().issuer, _discovered()
    kept = {
        "nonce": secrets.token_urlsafe(24),
        "verifier": generate_token(64),
        "then": _own_path(request.args.get("then", "")),
    }
    with _client() as client:
        address, state = client.create_authorization_url(
            found["authorization_endpoint"], nonce=kept["nonce"], code_verifier=kept["verifier"]
        )
    answer = redirect(address, 303)
    cookie = _states().dumps({**kept, "state": state, "issuer": issuer.issuer})
    answer.set_cookie(
        STATE_COOKIE, cookie, max_age=STATE_SECONDS_MAX, secure=True, httponly=True, samesite="Lax", path="/"
    )
    return answer


def login_return() -> Response | tuple[str, int]:
    """Take the browser back: whoever the issuer confirms, and who is a member, gets a session of their own."""
    try:
        kept = _states().loads(request.cookies.get(STATE_COOKIE, ""), max_age=STATE_SECONDS_MAX)
    except BadSignature:
        return redirect(url_for("login"), 303)
    if (
        not secrets.compare_digest(request.args.get("state", "").encode(), kept["state"].encode())
        or "code" not in request.args
    ):
        abort(403)
    claims = _claims(request.args["code"], kept)
    member = _member(claims)
    if member is None:
        return render_template("stranger.html", email=str(claims.get("email", ""))), 403
    answer = redirect(kept["then"] or url_for("home"), 303)
    answer.delete_cookie(STATE_COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    begin_session(member, answer)
    return answer


def sign_out() -> Response:
    """End the session, and lead to no login: the issuer may still know the browser, and would let it in at once."""
    answer = redirect(url_for("signed_out"), 303)
    end_session(answer)
    return answer


def signed_out() -> str:
    """Say that the session is over."""
    return render_template("signed_out.html")


def _client() -> OAuth2Session:
    issuer = room().issuer
    return OAuth2Session(
        issuer.client,
        issuer.secret,
        scope="openid email profile",
        redirect_uri=f"{issuer.url}/login/return",
        code_challenge_method="S256",
    )


def _discovered() -> dict[str, Any]:
    address = f"{room().issuer.issuer.rstrip('/')}/.well-known/openid-configuration"
    found = _asked(address)
    if found.get("issuer", "").rstrip("/") != room().issuer.issuer.rstrip("/"):
        abort(502)
    return found


def _asked(address: str) -> dict[str, Any]:
    """Give what the issuer publishes.

    Raises:
        Unavailable: It does not answer, or with something else.
    """
    try:
        answer = requests.get(address, timeout=CALL_SECONDS_MAX, allow_redirects=False)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except requests.RequestException as error:
        raise Unavailable(f"the issuer: {type(error).__name__}") from error
    return found


def _claims(code: str, kept: dict[str, Any]) -> dict[str, Any]:
    """Give what the issuer says of the account: signed by it, made out to us, for this very login."""
    found, issuer = _discovered(), room().issuer
    try:
        with _client() as client:
            token = client.fetch_token(
                found["token_endpoint"], code=code, code_verifier=kept["verifier"], timeout=CALL_SECONDS_MAX
            )
    except OAuthError:
        abort(403)
    except requests.RequestException as error:
        raise Unavailable(f"the issuer: {type(error).__name__}") from error
    published: Any = _asked(found["jwks_uri"])
    keys = KeySet.import_key_set(published)
    needed = jwt.JWTClaimsRegistry(
        leeway=30,
        iss={"essential": True, "value": found["issuer"]},
        aud={"essential": True, "value": issuer.client},
        exp={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": kept["nonce"]},
    )
    try:
        decoded = jwt.decode(str(token["id_token"]), keys, algorithms=ALGORITHMS)
        needed.validate(decoded.claims)
    except JoseError:
        abort(403)
    return dict(decoded.claims)


def _member(claims: dict[str, Any]) -> Member | None:
    """Give the member whose address the issuer has verified; the first login binds the account to the member."""
    email = str(claims.get("email", ""))
    if not email or claims.get("email_verified") is not True:
        return None
    members = room().staff.members
    member = members.by_email(email)
    if member is None or member.is_disabled:
        return None
    subject = f"{claims['iss']} {claims['sub']}"
    if not member.subject:
        bound = member.model_copy(update={"subject": subject})
        if not members.replace(bound, seen=member):
            return None
        member = bound
    return member if secrets.compare_digest(member.subject.encode(), subject.encode()) else None


def _states() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(room().key, salt="console login")


def _own_path(then: str) -> str:
    """Give a path of this site, or nothing: a login leads nowhere else."""
    is_own = then.startswith("/") and not then.startswith(("//", "/\\")) and "\\" not in then
    return room().issuer.url + then.removesuffix("?") if is_own else ""
