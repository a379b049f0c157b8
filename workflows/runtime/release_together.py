"""Releases many held letters: freezes the list as it was shown, and lets those leave, some at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.ids import name_of
from schemas.letters import Letter, LetterState
from schemas.staff import LetterList, Release
from workflows.runtime.deliver import release
from workflows.runtime.errors import NotFound
from workflows.runtime.ports import Ports
from workflows.runtime.staff_ports import Releases

AT_ONCE = 250
"""How many letters leave with each step: few enough for one request."""

HAVE_LEFT = frozenset({LetterState.RELEASED, LetterState.SENDING, LetterState.SENT, LetterState.FAILED})

MayRelease = Callable[[Sequence[Letter]], Sequence[Letter]]
"""Gives those of the letters that the member may release."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member confirmed: exactly these letters of a kind."""

    by: str
    notice: str
    cohort: str
    letters: tuple[str, ...]
    at: datetime


def release_id(by: str, letters: Iterable[str]) -> str:
    """Name the release of exactly these letters by a member."""
    return name_of("release", by, *letters)


def freeze(wish: Wish, ports: Ports, releases: Releases) -> Release:
    """Keep the release of exactly these letters.  May be repeated: the same confirmation gives the same release."""
    made = Release(
        id=release_id(wish.by, wish.letters),
        by=wish.by,
        notice=wish.notice,
        cohort=wish.cohort,
        made_at=wish.at,
        letters=ports.facts.put(LetterList(letters=wish.letters)),
        many=len(wish.letters),
    )
    releases.put(made, seen=0)
    return _read(made.id, releases)


def go_on(release_id: str, ports: Ports, releases: Releases, *, may_release: MayRelease) -> Release:
    """Let the next letters of a release leave, and give the release with its progress.

    May be repeated, and run twice at once: no letter leaves twice, and none is passed over.

    Raises:
        NotFound: There is no such release.
        Unavailable: Some of these letters may have left; go on again.
    """
    found = _read(release_id, releases)
    named = ports.facts.get([found.letters])[found.letters]["letters"][found.done : found.done + AT_ONCE]
    if not named:
        return found
    letters = [letter for letter in map(ports.letters.get, named) if letter is not None]
    left = sum(_has_left(letter, found.by, ports) for letter in may_release(letters))
    further = found.model_copy(update={"done": found.done + len(named), "left": found.left + left})
    releases.put(further, seen=found.version)
    return _read(release_id, releases)


def _has_left(letter: Letter, by: str, ports: Ports) -> bool:
    """Release a letter that is held, under the name of who does, and tell whether it has left, by whomever."""
    if letter.state is LetterState.HELD:
        ports.vault.note([letter.person], reader=by, reason=f"release of letter {letter.id}")
        try:
            release(letter.id, ports)
        except NotFound:
            now = ports.letters.get(letter.id)
            return now is not None and now.state in HAVE_LEFT
        return True
    return letter.state in HAVE_LEFT


def _read(release_id: str, releases: Releases) -> Release:
    found = releases.get(release_id)
    if found is None:
        raise NotFound(f"[{release_id}]")
    return found
