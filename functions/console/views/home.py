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
    return redirect(_own_page(request.form.get("back", "")) or url_for("home"), 303)


def _own_page(back: str) -> str:
    """Give the address of a page of this site, or nothing."""
    try:
        path = urlsplit(back).path
    except ValueError:
        return ""
    is_own = path.startswith("/") and not path.startswith("//")
    return request.script_root + path if is_own else ""
