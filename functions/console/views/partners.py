"""Partners' subscriptions and what is on its way to them: look, pause, resume, send again.  Bodies are not shown.

Staff register an office for a letter a day; receivers are registered by `sadari subscriptions` or the API, for a secret
is shown on no page.
"""

import re
from collections.abc import Mapping
from typing import NoReturn

from flask import Flask, redirect, render_template, request, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response

from functions.chance import signing_secret, token
from functions.console.error_pages import said
from functions.console.paging import PAGE
from functions.console.room import room, visitor
from schemas.catalogue import ALWAYS_SENT, CATALOGUE
from schemas.deliveries import DeliveryId, DeliveryState
from schemas.ids import is_safe_id
from schemas.subscriptions import MAIL, Subscription, SubscriptionId, SubscriptionState
from workflows.runtime import recover, subscribe
from workflows.runtime.errors import BadForm, NotFound, Rejected, Unavailable
from workflows.runtime.intake import faults_of
from workflows.runtime.partner_ports import PartnerPorts

TOLD = {each.type: each.data.__name__ for each in CATALOGUE if each.type not in ALWAYS_SENT}
"""What a digest can tell; the rest is for whoever was sent fields, or asked for a test."""

NOTHING_TYPED: Mapping[str, str] = {}


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/partners", "partners", partners)
    site.add_url_rule("/partners", "partner_digest", digest, methods=["POST"])
    site.add_url_rule("/partners/<name>", "partner", partner)
    site.add_url_rule("/partners/<name>/pause", "partner_pause", pause, methods=["POST"])
    site.add_url_rule("/partners/<name>/resume", "partner_resume", resume, methods=["POST"])
    site.add_url_rule("/partners/<name>/redeliver", "partner_redeliver", redeliver, methods=["POST"])


def partners() -> str:
    """List the subscriptions with how their receivers do, those in trouble first; let an office be registered."""
    return _list()


def digest() -> Response | tuple[str, int]:
    """Register an office for a letter a day; nothing typed is lost where that cannot be."""
    try:
        made = _register()
    except ValidationError as error:
        return _list(tuple(faults_of(error)), typed=request.form), 422
    except BadForm as error:
        return _list(tuple(error.faults), typed=request.form), 422
    except (Rejected, Unavailable) as error:
        return _list(fault=said(error.code), typed=request.form), 409
    return _back(made)


def _register() -> Subscription:
    form = request.form
    mailbox, hour = form.get("mailbox", "").strip(), form.get("hour", "").strip()
    wish = subscribe.Wish(
        partner=form.get("partner", "").strip(),
        url=f"{MAIL}{mailbox}",
        types=tuple(form.getlist("type")),
        cohort=form.get("cohort", "").strip(),
        contact=mailbox,
        hour=int(hour) if re.fullmatch("[0-9]{1,2}", hour) else -1,
        is_sent_empty="is_sent_empty" in form,
    )
    made, _ = subscribe.subscribe(
        wish,
        secret=signing_secret(),
        grant=token(),
        by=visitor().member.id,
        ports=room().ports,
        partners=_ports(),
        is_vouched="is_vouched" in form,
    )
    return made


def _list(faults: tuple[str, ...] = (), *, fault: str = "", typed: Mapping[str, str] = NOTHING_TYPED) -> str:
    ports = room().partners
    found = (
        [] if ports is None else [(each, ports.subscriptions.health(each.id)) for each in ports.subscriptions.find()]
    )
    calm = {SubscriptionState.ACTIVE, SubscriptionState.PAUSED}
    found.sort(key=lambda row: (row[0].state in calm and not row[1].failures, row[0].partner, row[0].id))
    return render_template(
        "partners.html",
        rows=found,
        is_told=ports is not None,
        faults={"mailbox" if each in {"url", "contact"} else each for each in faults},
        fault=fault,
        typed=typed,
        chosen=request.form.getlist("type") or TOLD,
        told=TOLD,
    )


def partner(name: str) -> str:
    """Show one subscription, and some of its deliveries, those of one state if one is asked for."""
    return _page(_one(name))


def pause(name: str) -> Response | tuple[str, int]:
    """Send nothing for now."""
    found = _one(name)
    try:
        subscribe.pause(found.id, f"staff: {visitor().member.id}", _ports())
    except Rejected as error:
        return _page(found, said(error.code)), 409
    return _back(found)


def resume(name: str) -> Response | tuple[str, int]:
    """Send again, what waited first."""
    found = _one(name)
    try:
        subscribe.resume(found.id, room().ports, _ports())
    except Rejected as error:
        return _page(found, said(error.code)), 409
    return _back(found)


def redeliver(name: str) -> Response | tuple[str, int]:
    """Send one delivery of this subscription again."""
    found = _one(name)
    named = request.form.get("delivery", "")
    delivery = _ports().deliveries.get(DeliveryId(named)) if is_safe_id(named) else None
    if delivery is None or delivery.subscription != found.id:
        _missing()
    try:
        recover.redeliver(delivery.id, room().ports, _ports())
    except Rejected as error:
        return _page(found, said(error.code)), 409
    return _back(found)


def _page(found: Subscription, fault: str = "") -> str:
    asked = request.args.get("state", "")
    state = next((each for each in DeliveryState if each == asked), None)
    rows, after = _ports().deliveries.page(
        subscription=found.id, state=state, after=request.args.get("after", ""), limit=PAGE
    )
    last = {each.id: attempts[-1] for each in rows if (attempts := _ports().deliveries.attempts(each.id))}
    return render_template(
        "partner.html",
        one=found,
        health=_ports().subscriptions.health(found.id),
        rows=rows,
        last=last,
        state=state,
        states=tuple(DeliveryState),
        more=after,
        fault=fault,
    )


def _back(found: Subscription) -> Response:
    return redirect(url_for("partner", name=found.id, done=1), 303)


def _ports() -> PartnerPorts:
    ports = room().partners
    if ports is None:
        _missing()
    return ports


def _one(name: str) -> Subscription:
    if not is_safe_id(name):
        _missing()
    return subscribe.one(SubscriptionId(name), _ports())


def _missing() -> NoReturn:
    raise NotFound("No such subscription.")
