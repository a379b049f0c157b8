"""Letters to people: held, released, sent, failed, recalled.  Nothing leaves before somebody has seen exactly what."""

from collections.abc import Sequence

from flask import Flask, redirect, render_template, request, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.wrappers import Response

from functions.console.letter_way import way_of, why
from functions.console.paging import PAGE
from functions.console.reach import cohorts_of, reaches_everything
from functions.console.room import room, visitor
from schemas.letters import ChannelName, Letter, LetterState
from schemas.notices import NOTICES
from schemas.search import LetterFilter
from workflows.runtime.deliver import recall as recall_letter
from workflows.runtime.errors import NotFound
from workflows.runtime.send import STOPS, is_stranded
from workflows.runtime.send import send_again as send_letter_again

RECALLABLE = frozenset({LetterState.HELD, LetterState.RELEASED, LetterState.FAILED})
DECISIONS = sorted(name for name, body in NOTICES.items() if body.kind == "decision")
"""The types of notices whose letters are held."""
TOLD = sorted(name for name, body in NOTICES.items() if body.kind != "report")
"""The types of notices that people get letters of."""


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/outbox", "outbox", outbox)
    site.add_url_rule("/outbox/<letter_id>", "letter", letter_page)
    site.add_url_rule("/outbox/<letter_id>/recall", "recall", recall, methods=["POST"])
    site.add_url_rule("/outbox/<letter_id>/resend", "resend", resend, methods=["POST"])
    site.template_filter("way")(_way)
    site.template_filter("why")(_why)


def outbox() -> str:
    """List the letters of one state, oldest first, and the kinds of those that are held."""
    filters = {name: value for name in ("state", "notice", "cohort") if (value := request.args.get(name, ""))}
    state = filters.get("state", "")
    wanted = LetterFilter(
        state=LetterState(state) if state in set(LetterState) else LetterState.HELD,
        notice=filters.get("notice", ""),
        cohort=filters.get("cohort", ""),
        within=visitor().scopes,
    )
    letters = room().ports.letters
    found = letters.page(wanted, after=request.args.get("after", ""), limit=PAGE)
    held = wanted.model_copy(update={"state": LetterState.HELD, "notice": ""})
    return render_template(
        "outbox.html",
        letters=within_reach(found.letters),
        total=letters.count(wanted),
        more=found.after,
        filters={**filters, "state": wanted.state.value},
        states=[each.value for each in LetterState],
        kinds=sorted(letters.kinds(held, DECISIONS).items()),
        notices=TOLD,
        cohorts=cohorts_of(visitor()),
        unfinished=[each for each in room().staff.releases.of_member(visitor().member.id) if each.done < each.many],
        has_channels=bool(room().ports.post.channels),
    )


def letter_page(letter_id: str) -> str:
    """Show one letter as its reader gets it; who looked goes to the access log before anything is shown."""
    letter = letter_of(letter_id)
    person = room().ports.vault.get(letter.person, reader=visitor().member.id, reason=f"preview of letter {letter.id}")
    if person is None:
        raise NotFound(f"[{letter_id}]")
    channels = list(room().ports.post.channels)
    return render_template(
        "letter.html",
        letter=letter,
        person=person,
        is_recallable=letter.state in RECALLABLE,
        channels=channels if is_stranded(letter) and letter.failure not in STOPS else [],
    )


def recall(letter_id: str) -> Response | tuple[str, int]:
    """Keep a letter that was not sent from ever leaving."""
    letter = letter_of(letter_id)
    _note(letter, "recall")
    recall_letter(letter.id, room().ports)
    return redirect(url_for("outbox", state=LetterState.RECALLED.value, recalled=1), 303)


def resend(letter_id: str) -> Response | tuple[str, int]:
    """Let a letter leave once more that leaves no more by itself, by one channel or by those that are configured."""
    letter = letter_of(letter_id)
    _note(letter, "resend")
    send_letter_again(letter.id, room().ports, only=_channel(request.form.get("channel", "")))
    return redirect(url_for("outbox", state=LetterState.RELEASED.value, resent=1), 303)


def _channel(named: str) -> ChannelName | None:
    return next((channel for channel in room().ports.post.channels if channel == named), None)


@pass_context
def _way(context: Context, letter: Letter) -> str:
    return way_of(letter, context.environment.filters["kst"], has_channels=bool(room().ports.post.channels))


@pass_context
def _why(_context: Context, reason: str) -> str:
    return why(reason)


def letter_of(letter_id: str) -> Letter:
    """Give a letter that the visitor may see.

    Raises:
        NotFound: There is none, for this visitor.
    """
    letter = room().ports.letters.get(letter_id)
    if letter is None or not (reaches_everything(visitor().grants) or _is_covered(letter)):
        raise NotFound(f"[{letter_id}]")
    return letter


def within_reach(letters: Sequence[Letter]) -> Sequence[Letter]:
    """Give those of the letters whose cases the visitor may see as they are now."""
    if reaches_everything(visitor().grants):
        return letters
    cases = room().staff.index.named(letter.case for letter in letters)
    return [letter for letter in letters if letter.case in cases and visitor().may_see(cases[letter.case])]


def _is_covered(letter: Letter) -> bool:
    seen = room().ports.cases.get(letter.case)
    return seen is not None and visitor().may_see(seen.case)


def _note(letter: Letter, act: str) -> None:
    """Leave a row in the access log that says who let a letter leave or kept it: letters themselves hold no names."""
    room().ports.vault.get(letter.person, reader=visitor().member.id, reason=f"{act} of letter {letter.id}")
