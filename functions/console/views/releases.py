"""Releasing held letters: one, or all of a kind; exactly those that were shown, and no other."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from functions.console.paging import PAGE
from functions.console.room import room, visitor
from functions.console.views.outbox import letter_of, within_reach
from schemas.ids import name_of
from schemas.letters import Letter, LetterState
from schemas.search import LetterFilter
from schemas.staff import Release
from workflows.runtime.errors import NotFound, Unavailable
from workflows.runtime.release_together import Wish, freeze, go_on, release_id

AT_ONCE_MAX = 10_000
"""The oldest of a kind; the others are released by the next confirmation."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Exactly what would leave.

    Attributes:
        letter: The one letter, where it is only that; empty for a kind.
        names: The letters, oldest first.
        shown: The first of them.
        total: How many of the kind are held, which may be more than leave at once.
    """

    notice: str
    cohort: str
    letter: str
    names: Sequence[str]
    shown: Sequence[Letter]
    total: int

    @property
    def digest(self) -> str:
        """Give the name of these very letters: a confirmation counts for them and for no other."""
        return name_of("letters", *self.names)


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/outbox/release", "release_asked", release_asked)
    site.add_url_rule("/outbox/release", "release_letters", release_letters, methods=["POST"])
    site.add_url_rule("/outbox/releases/<release_id>", "release", release_page)
    site.add_url_rule("/outbox/releases/<release_id>", "release_go_on", release_go_on, methods=["POST"])


def release_asked() -> str:
    """Ask whether exactly these letters may leave."""
    asked = request.args
    return _confirmation(_choice(asked.get("notice", ""), asked.get("cohort", ""), asked.get("letter", "")))


def release_letters() -> Response | tuple[str, int]:
    """Freeze the letters that were confirmed, and let the first leave; if they are no longer the same, ask again."""
    asked = request.form
    begun = room().staff.releases.get(asked.get("release", ""))
    if begun is not None and begun.by == visitor().member.id:
        return _go_on(begun)  # the confirmation came before: a double click finds the letters gone
    choice = _choice(asked.get("notice", ""), asked.get("cohort", ""), asked.get("letter", ""))
    if asked.get("digest") != choice.digest:
        return _confirmation(choice, has_changed=True), 409
    at = room().ports.clock.now()
    wish = Wish(visitor().member.id, choice.notice, choice.cohort, tuple(choice.names), at)
    return _go_on(freeze(wish, room().ports, room().staff.releases))


def release_page(release_id: str) -> str:
    """Show how far a release has come, to whoever confirmed it."""
    return render_template("release_progress.html", release=_release(release_id))


def release_go_on(release_id: str) -> Response:
    """Let the next letters leave, as far as the visitor still may."""
    return _go_on(_release(release_id))


def _go_on(release: Release) -> Response:
    # Where it breaks off, the page says how many are left, and lets the visitor go on.
    with suppress(Unavailable):
        release = go_on(release.id, room().ports, room().staff.releases, may_release=within_reach)
    if release.done < release.many:
        return redirect(url_for("release", release_id=release.id), 303)
    state, cohort = LetterState.RELEASED.value, release.cohort or None
    url = url_for("outbox", state=state, notice=release.notice, cohort=cohort, released=release.left)
    return redirect(url, 303)


def _release(release_id: str) -> Release:
    found = room().staff.releases.get(release_id)
    if found is None or found.by != visitor().member.id:
        raise NotFound(f"[{release_id}]")
    return found


def _confirmation(choice: Choice, *, has_changed: bool = False) -> str:
    return render_template(
        "release.html",
        choice=choice,
        digest=choice.digest,
        release=release_id(visitor().member.id, choice.names),
        has_changed=has_changed,
    )


def _choice(notice: str, cohort: str, letter_id: str) -> Choice:
    """Give one held letter, or every held letter of a kind.

    Raises:
        NotFound: There is none, for this visitor.
    """
    if letter_id:
        letter = letter_of(letter_id)
        shown: Sequence[Letter] = [letter] if letter.state is LetterState.HELD else []
        choice = Choice(letter.notice, "", letter_id, [each.id for each in shown], shown, len(shown))
    else:
        wanted = LetterFilter(notice=notice or "-", cohort=cohort, within=visitor().scopes)
        letters = room().ports.letters
        names = letters.names(wanted, limit=AT_ONCE_MAX)
        shown = letters.page(wanted, after="", limit=PAGE).letters
        choice = Choice(notice, cohort, "", names, within_reach(shown), letters.count(wanted))
    if not choice.names:
        raise NotFound("No such letter is held.")
    return choice
