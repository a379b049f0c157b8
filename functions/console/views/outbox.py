"""Letters to people: held, released, sent, failed, recalled.  Nothing leaves before somebody has seen exactly what."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC

from flask import Flask, redirect, render_template, request, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.wrappers import Response

from functions.console.letter_way import way_of, why
from functions.console.paging import PAGE, page_of
from functions.console.reach import reaches_everything
from functions.console.room import room, visitor
from schemas.ids import name_of
from schemas.letters import ChannelName, Letter, LetterState
from workflows.runtime.deliver import recall as recall_letter
from workflows.runtime.deliver import release as release_letter
from workflows.runtime.errors import NotFound
from workflows.runtime.send import is_stranded
from workflows.runtime.send import send_again as send_letter_again

RECALLABLE = frozenset({LetterState.HELD, LetterState.RELEASED, LetterState.FAILED})


@dataclass(frozen=True, slots=True)
class Batch:
    """Exactly what would leave.

    Attributes:
        digest: Names these very letters; a confirmation counts for them and for no other.
        letter: The one letter, where it is only that; empty for a kind.
    """

    notice: str
    letter: str
    letters: Sequence[Letter]

    @property
    def digest(self) -> str:
        """Give the name of these very letters."""
        return name_of("letters", *(letter.id for letter in self.letters))

    @property
    def languages(self) -> list[tuple[str, int]]:
        """Count the letters by language."""
        return sorted(Counter(str(letter.locale) for letter in self.letters).items())


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/outbox", "outbox", outbox)
    site.add_url_rule("/outbox/release", "release_asked", release_asked)
    site.add_url_rule("/outbox/release", "release_letters", release_letters, methods=["POST"])
    site.add_url_rule("/outbox/<letter_id>", "letter", letter_page)
    site.add_url_rule("/outbox/<letter_id>/recall", "recall", recall, methods=["POST"])
    site.add_url_rule("/outbox/<letter_id>/resend", "resend", resend, methods=["POST"])
    site.template_filter("way")(_way)
    site.template_filter("why")(_why)


def outbox() -> str:
    """List the letters of one state, oldest first, and the kinds of those that are held."""
    named = request.args.get("state", "")
    state = LetterState(named) if named in set(LetterState) else LetterState.HELD
    shown, more = page_of(_letters(state), key=_key, after=request.args.get("after", ""))
    kinds = sorted(Counter(letter.notice for letter in _letters(LetterState.HELD)).items())
    return render_template(
        "outbox.html",
        letters=shown,
        more=more,
        state=state.value,
        states=[each.value for each in LetterState],
        kinds=kinds,
        has_channels=bool(room().ports.post.channels),
    )


def letter_page(letter_id: str) -> str:
    """Show one letter as its reader gets it; who looked goes to the access log before anything is shown."""
    letter = _letter(letter_id)
    person = room().ports.vault.get(letter.person, reader=visitor().member.id, reason=f"preview of letter {letter.id}")
    if person is None:
        raise NotFound(f"[{letter_id}]")
    channels = list(room().ports.post.channels)
    return render_template(
        "letter.html",
        letter=letter,
        person=person,
        is_recallable=letter.state in RECALLABLE,
        channels=channels if is_stranded(letter) else [],
    )


def release_asked() -> str:
    """Ask whether exactly these letters may leave."""
    return _confirmation(_batch(request.args.get("notice", ""), request.args.get("letter", "")))


def release_letters() -> Response | tuple[str, int]:
    """Release the letters that were confirmed; if they are no longer the same, ask again."""
    batch = _batch(request.form.get("notice", ""), request.form.get("letter", ""))
    if request.form.get("digest") != batch.digest:
        return _confirmation(batch, has_changed=True), 409
    released = 0
    for letter in batch.letters:
        _note(letter, "release")
        try:
            release_letter(letter.id, room().ports)
        except NotFound:
            continue
        released += 1
    return redirect(url_for("outbox", state=LetterState.RELEASED.value, released=released), 303)


def recall(letter_id: str) -> Response | tuple[str, int]:
    """Keep a letter that was not sent from ever leaving."""
    letter = _letter(letter_id)
    _note(letter, "recall")
    recall_letter(letter.id, room().ports)
    return redirect(url_for("outbox", state=LetterState.RECALLED.value, recalled=1), 303)


def resend(letter_id: str) -> Response | tuple[str, int]:
    """Let a letter leave once more that leaves no more by itself, by one channel or by those that are configured."""
    letter = _letter(letter_id)
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


def _confirmation(batch: Batch, *, has_changed: bool = False) -> str:
    return render_template("release.html", batch=batch, shown=batch.letters[:PAGE], has_changed=has_changed)


def _batch(notice: str, letter_id: str) -> Batch:
    """Give one held letter, or every held letter of a kind.

    Raises:
        NotFound: There is none, for this visitor.
    """
    if letter_id:
        letter = _letter(letter_id)
        letters = [letter] if letter.state is LetterState.HELD else []
    else:
        letters = [letter for letter in _letters(LetterState.HELD) if letter.notice == notice]
    if not letters:
        raise NotFound("No such letter is held.")
    return Batch(letters[0].notice, letter_id, letters)


def _letters(state: LetterState) -> Iterator[Letter]:
    """Give the letters that the visitor may see, oldest first."""
    letters = room().ports.letters.find(state=state)
    if reaches_everything(visitor().grants):
        return letters
    found = list(letters)
    cases = room().staff.index.named(letter.case for letter in found)
    mine = {case_id for case_id, case in cases.items() if visitor().may_see(case)}
    return (letter for letter in found if letter.case in mine)


def _letter(letter_id: str) -> Letter:
    letter = room().ports.letters.get(letter_id)
    if letter is None or not (reaches_everything(visitor().grants) or _is_covered(letter)):
        raise NotFound(f"[{letter_id}]")
    return letter


def _is_covered(letter: Letter) -> bool:
    seen = room().ports.cases.get(letter.case)
    return seen is not None and visitor().may_see(seen.case)


def _key(letter: Letter) -> str:
    return f"{letter.written_at.astimezone(UTC).isoformat(timespec='microseconds')} {letter.id}"


def _note(letter: Letter, act: str) -> None:
    """Leave a row in the access log that says who let a letter leave or kept it: letters themselves hold no names."""
    room().ports.vault.get(letter.person, reader=visitor().member.id, reason=f"{act} of letter {letter.id}")
