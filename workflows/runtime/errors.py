"""What can go wrong, by what happens next.

    SadariError
    ├── Rejected              the sender's fault: never retried, recorded, told to the sender
    │   ├── BadForm           with every fault of the form
    │   ├── NotAuthenticated  nobody we can name
    │   ├── NotAllowed
    │   ├── NotFound
    │   ├── Undeliverable     a channel will never take this letter
    │   └── SameIdOtherContent
    ├── CaseMoved             nobody's fault: a race was lost; load again and decide again
    └── Unavailable           a dependency's: the platform tries again, with backoff
        ├── UnknownCase       perhaps its opening event is still on the way
        ├── CertsUnavailable  no token can be checked
        ├── UnknownFact       a document that the message refers to is not there
        ├── TooEarly          an alarm went off before its time
        └── Busy              the case is written to by too many at once

Anything else is ours: the platform tries again, and after some attempts the message is buried in the quarantine.
"""

from collections.abc import Mapping

from workflows.definitions.refusals import code_of


class SadariError(Exception):
    """Something that Sadari names.

    Attributes:
        detail: What it is about, for logs and programs.
        code: What people are told by (see `workflows.definitions.refusals`): of what was refused, else of the class.
    """

    def __init__(self, detail: str = "", *, code: str = "") -> None:
        sentence = (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(f"{sentence} {detail}".strip() if detail else sentence)
        self.detail = detail
        self.code = code or code_of(type(self).__name__)


class Rejected(SadariError):
    """This cannot be accepted."""


class BadForm(Rejected):
    """The form has faults."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"[{field}] {text}" for field, text in faults.items()))
        self.faults = dict(faults)


class NotAuthenticated(Rejected):
    """Nobody we can name calls: no valid token, made out to us."""


class NotAllowed(Rejected):
    """This is not allowed."""


class NotFound(Rejected):
    """There is no such thing."""


class Undeliverable(Rejected):
    """This channel cannot take the letter."""


class SameIdOtherContent(Rejected):
    """Another content arrived before under the same id."""


class CaseMoved(SadariError):
    """Somebody else committed first."""


class Unavailable(SadariError):
    """This does not work at the moment; try again."""


class UnknownCase(Unavailable):
    """There is no such case yet."""


class CertsUnavailable(Unavailable):
    """No token can be verified now, because the certificates cannot be fetched."""


class UnknownFact(Unavailable):
    """There is no such fact document yet."""


class TooEarly(Unavailable):
    """It is too early for this timer."""


class Busy(Unavailable):
    """The case is too busy."""
