"""Lets nobody in who may not: session, rights by page, forged posts, and the headers of every answer.

The rights are data (`authz.csv`): a page without a row is seen by nobody, and a test fails.
"""

import csv
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from functions.console.room import Visitor, now, room, today
from schemas.staff import SESSION_AGE_MAX, Grant, Member, Session
from workflows.runtime.lend import lent_to

COOKIE = "__Host-sadari"
IDLE_MAX = timedelta(minutes=30)
SEEN_AGAIN_AFTER = timedelta(minutes=1)
"""How old the last sight of a session gets before it is written again: not every request is a write."""

POLL = "Sadari-Poll"
"""A header of what a page asks for by itself, with nobody there: it keeps no session alive."""

LENT_PAGES = frozenset(
    {
        "home",
        "inbox",
        "question",
        "answer",
        "hold",
        "take_back",
        "batches",
        "bulk",
        "bulk_freeze",
        "batch",
        "bulk_apply",
    }
) | {"case", "rounds", "round", "order", "compare"}
"""Where a grant counts that is held for somebody else: questions are answered for others, and nothing else done."""

UNSCOPED_PAGES = frozenset(
    {
        *("members", "member_add", "member", "member_change"),
        *("partners", "partner", "partner_digest", "partner_pause", "partner_resume", "partner_redeliver"),
    }
)
"""Where a grant counts only without a scope: whoever may give any role anywhere is no administrator of one cohort.
A subscription is of no one cohort either."""

OPEN_PAGES = frozenset({"login", "login_return", "signed_out", "static"})
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
TOKEN_FIELD = "token"  # noqa: S105  the name of a form field
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    ),
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def guard(site: Flask) -> None:
    """Put the guard before every page of the site, and the headers on every answer."""
    site.before_request(_refuse_forged)
    site.before_request(_let_in)
    site.after_request(_add_headers)


@cache
def rights() -> Mapping[str, frozenset[str]]:
    """Give, by page, the roles that may see it within the scope of their grant."""
    return _roles_by("page", "authz.csv")


@cache
def reach() -> Mapping[str, frozenset[str]]:
    """Give, by workflow, the roles that may open its cases: whoever teaches sees no scores, for one."""
    return _roles_by("workflow", "reach.csv")


def _roles_by(column: str, file_name: str) -> Mapping[str, frozenset[str]]:
    with (Path(__file__).parent / file_name).open(newline="", encoding="ascii") as file:
        return {
            row.pop(column): frozenset(role for role, cell in row.items() if cell == "O")
            for row in csv.DictReader(file)
        }


def session_id(secret: str) -> str:
    """Give the id of the session that a browser's secret belongs to."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_session(member: Member, answer: AnyResponse) -> None:
    """Begin a session under a new secret, and hand that to the browser."""
    secret, at = secrets.token_urlsafe(32), now()
    room().staff.sessions.put(Session(id=session_id(secret), member=member.id, begun_at=at, seen_at=at))
    seconds = int(SESSION_AGE_MAX.total_seconds())
    answer.set_cookie(COOKIE, secret, max_age=seconds, secure=True, httponly=True, samesite="Lax", path="/")


def end_session(answer: AnyResponse) -> None:
    """End the session of this request everywhere."""
    room().staff.sessions.end(session_id(request.cookies.get(COOKIE, "")))
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")


def form_token() -> str:
    """Give the token that a form of this session carries."""
    return _tokens().dumps(g.visitor.session.id)


def _tokens() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(room().key, salt="console form")


def _let_in() -> AnyResponse | None:
    """Find out who asks, and whether this page is theirs to see; asked anew with every request."""
    page = request.endpoint or ""
    if page in OPEN_PAGES:
        return None
    found = _session()
    if found is None and POLL in request.headers:
        return Response(status=204)
    if found is None and request.headers.get("HX-Request") == "true":
        # A redirect to the issuer would be followed inside of the page.
        return Response(status=401, headers={"HX-Redirect": url_for("login")})
    if found is None and request.method in UNSAFE:
        return _session_over()
    if found is None:
        return redirect(url_for("login", then=request.full_path), 303)
    member, session = found
    g.language = member.locale
    staff = room().staff
    g.lent = lent_to(member.id, today(), staff.members, staff.delegations) if page in LENT_PAGES else ()
    g.visitor = visitor_of(page, member, session)
    if request.endpoint is None:
        abort(404)
    if not g.visitor.grants:
        abort(403)
    if request.method in UNSAFE and not _is_token_ours(session):
        abort(403)
    return None


def _session_over() -> Response:
    """Say that the session is over, and give back what was typed.

    A form may lead to no other site, so browsers do not follow a form's answer to the issuer: they would show nothing.
    """
    typed = [text for name, text in request.form.items(multi=True) if name != TOKEN_FIELD and text.strip()]
    return Response(render_template("session_over.html", typed="\n".join(typed)), status=401)


def visitor_of(page: str, member: Member, session: Session) -> Visitor:
    """Give the visitor with the grants by which a page may be seen: their own, and what they hold for others."""
    allowed = rights().get(page, frozenset())
    lent = tuple(each for each in g.lent if page in LENT_PAGES and each.grant.role in allowed)
    own = (
        grant
        for grant in member.grants
        if grant.role in allowed and (page not in UNSCOPED_PAGES or grant == Grant(role=grant.role))
    )
    return Visitor(member, session, tuple(dict.fromkeys((*own, *(each.grant for each in lent)))), lent)


def _session() -> tuple[Member, Session] | None:
    secret = request.cookies.get(COOKIE, "")
    staff, at = room().staff, now()
    session = staff.sessions.get(session_id(secret)) if secret else None
    if session is None:
        return None
    if at - session.seen_at > IDLE_MAX or at - session.begun_at > SESSION_AGE_MAX:
        staff.sessions.end(session.id)
        return None
    member = staff.members.get(session.member)
    if member is None or member.is_disabled:
        return None
    if at - session.seen_at > SEEN_AGAIN_AFTER and POLL not in request.headers:
        staff.sessions.put(session.model_copy(update={"seen_at": at}))
    return member, session


def _is_token_ours(session: Session) -> bool:
    try:
        named = _tokens().loads(request.form.get(TOKEN_FIELD, ""), max_age=int(SESSION_AGE_MAX.total_seconds()))
    except BadSignature:
        return False
    return isinstance(named, str) and hmac.compare_digest(named, session.id)


def _refuse_forged() -> None:
    """Refuse what another site makes a browser send: by Fetch Metadata, else by Origin or Referer."""
    if request.method not in UNSAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            abort(403)
        return
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        given = urlsplit(origin)
    except ValueError:
        abort(403)
    ours = urlsplit(room().issuer.url)
    if (given.scheme, given.netloc) != (ours.scheme, ours.netloc):
        abort(403)


def _add_headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
    return answer
