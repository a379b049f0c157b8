"""Makes the site: pages behind the guard, texts in the visitor's language."""

from datetime import datetime
from typing import Any

from flask import Flask, g, request
from jinja2 import pass_context
from jinja2.runtime import Context

from functions.console.error_pages import add_error_pages, said
from functions.console.guard import TOKEN_FIELD, form_token, guard, rights
from functions.console.login import add_login
from functions.console.reach import visitor_on
from functions.console.room import ROOM, Hat, Room, language, room
from functions.console.texts import text
from functions.console.views import (
    bulk,
    cases,
    cohort,
    definitions,
    delegations,
    home,
    inbox,
    members,
    outbox,
    partners,
    quarantine,
    records,
    records_import,
    records_outcomes,
    releases,
    reviewers,
    reviews,
    selection,
    selection_acts,
)
from functions.observe.pages import note_page
from schemas.messages import Actor
from workflows.definitions.words import WORDS
from workflows.engine.moments import SEOUL
from workflows.engine.words import capital

VIEWS = (
    *(home, inbox, bulk, cases, definitions, selection),
    *(selection_acts, reviews, outbox, releases, quarantine, cohort, records),
    *(records_import, records_outcomes, delegations, members, reviewers, partners),
)


HTMX: dict[str, Any] = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    # A page may be personal: no copy of it stays in the browser's storage.
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {
            "code": "[45]..",
            "swap": True,
            "error": True,
            "target": "#content",
            "select": "#content",
            "swapOverride": "outerHTML",
        },
    ],
}
"""How htmx is set up, by a meta tag: what goes wrong shows its page instead of being dropped."""


def make_site(room: Room) -> Flask:
    """Give the console as a Flask site.

    Args:
        room: What it works with.
    """
    site = Flask("functions.console")
    site.extensions[ROOM] = room
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.config["MAX_CONTENT_LENGTH"] = 6 * 1024 * 1024
    add_login(site)
    for view in VIEWS:
        view.add_to(site)
    site.before_request(note_page)
    guard(site)
    site.context_processor(_common)
    site.template_filter("kst")(_kst)
    site.template_filter("hat")(_hat)
    site.template_filter("actor")(_actor)
    site.template_filter("stage")(_stage)
    site.template_filter("word")(_word)
    site.template_filter("said")(_said)
    site.template_filter("member")(_member)
    add_error_pages(site)
    return site


def _common() -> dict[str, Any]:
    """Give what every template may use."""
    found: dict[str, Any] = {
        "t": text,
        "zip": zip,
        "lang": language(),
        "token_field": TOKEN_FIELD,
        "htmx": HTMX,
        "page": request.endpoint,
    }
    if "visitor" in g:
        may = {page for page in rights() if visitor_on(page).grants}
        found |= {"visitor": g.visitor, "form_token": form_token, "may": may}
    return found


# Jinja works a filter of constants out once, when it reads the template, unless the filter asks for the context: the
# first visitor's language would be everybody's.


@pass_context
def _stage(_context: Context, name: str, workflow: str) -> str:
    return capital(WORDS.speech(language()).stage(workflow, name))


@pass_context
def _word(_context: Context, name: str) -> str:
    return capital(WORDS.speech(language()).word(name))


@pass_context
def _said(_context: Context, reason: str) -> str:
    return said(reason)


def _member(member_id: str) -> str:
    member = room().staff.members.get(member_id)
    return member_id if member is None else member.name


@pass_context
def _hat(_context: Context, hat: Hat) -> str:
    word = capital(WORDS.speech(language()).word(hat.role))
    return text("hat_for", word, hat.name) if hat.on_behalf_of else word


@pass_context
def _actor(_context: Context, actor: Actor) -> str:
    return (
        text("acted_for", _member(actor.id), _member(actor.on_behalf_of)) if actor.on_behalf_of else _member(actor.id)
    )


def _kst(value: datetime | str | None) -> str:
    if not value:
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{moment.astimezone(SEOUL):%Y-%m-%d %H:%M} KST"
