"""Partners' subscriptions and what is on its way to them: look, pause, resume, send again.  Bodies are not shown."""

from typing import NoReturn

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.error_pages import said
from functions.console.paging import PAGE
from functions.console.room import room, visitor
from schemas.deliveries import DeliveryId, DeliveryState
from schemas.subscriptions import Subscription, SubscriptionId, SubscriptionState
from workflows.runtime import recover, subscribe
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.intake import is_safe_id
from workflows.runtime.partner_ports import PartnerPorts


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/partners", "partners", partners)
    site.add_url_rule("/partners/<name>", "partner", partner)
    site.add_url_rule("/partners/<name>/pause", "partner_pause", pause, methods=["POST"])
    site.add_url_rule("/partners/<name>/resume", "partner_resume", resume, methods=["POST"])
    site.add_url_rule("/partners/<name>/redeliver", "partner_redeliver", redeliver, methods=["POST"])


def partners() -> str:
    """List the subscriptions with how their receivers do, those in trouble first."""
    ports = room().partners
    found = (
        [] if ports is None else [(each, ports.subscriptions.health(each.id)) for each in ports.subscriptions.find()]
    )
    calm = {SubscriptionState.ACTIVE, SubscriptionState.PAUSED}
    found.sort(key=lambda row: (row[0].state in calm and not row[1].failures, row[0].partner, row[0].id))
    return render_template("partners.html", rows=found, is_told=ports is not None)


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
