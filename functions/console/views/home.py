"""The first page, and the choice of language."""

from urllib.parse import urlsplit

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from functions.console.reach import visitor_on
from functions.console.room import room, visitor


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/", "home", home)
    site.add_url_rule("/language", "speak", speak, methods=["POST"])


def home() -> Response:
    """Go to the inbox, or to what else the visitor may see."""
    page = next(page for page in ("inbox", "cases", "quarantine", "definitions") if visitor_on(page).grants)
    return redirect(url_for(page), 303)


def speak() -> Response:
    """Change the language of the visitor, for good."""
    member = visitor().member
    locale = "ko" if member.locale == "en" else "en"
    room().staff.members.replace(member.model_copy(update={"locale": locale}), seen=member)
    back = urlsplit(request.form.get("back", "")).path
    is_own = back.startswith("/") and not back.startswith("//")
    return redirect(request.script_root + back if is_own else url_for("home"), 303)
