"""What readers learn.  A notice is a fact told to a role; its letter is made by `deliver`.

A module of this package has what the cases of one workflow tell.
"""

from typing import Annotated, ClassVar, Literal

from schemas.by_name import ByName
from schemas.record import Record

PERSONAL = "personal"
Personal = Annotated[str, PERSONAL]
"""A field that may go to the person and to staff, never to partners."""

TYPED = "typed"
Typed = Annotated[str, TYPED]
"""A reference to what somebody typed; the letter tells the text, which lies in the vault as the letter does."""

Kind = Literal["receipt", "reminder", "result", "decision", "report"]


class NoticeBody(Record):
    """The fields of one notice.

    Attributes:
        kind: `receipt` and `reminder` leave by themselves; so does a `result`, which exists only after the list was
            approved and published, or after people decided with a reason and the time to appeal runs; a `decision` is
            held until released; a `report` goes to staff and partners.
    """

    kind: ClassVar[Kind] = "report"

    def __init_subclass__(cls, *, kind: Kind = "report") -> None:
        """Take the class keyword."""
        super().__init_subclass__()
        cls.kind = kind


NOTICES = ByName(
    NoticeBody,
    __name__,
    (
        "application",
        "appeal",
        "enrolment",
        "outcome",
        "data_request",
        "forum",
        "review",
        "round",
        "engine",
    ),
)
"""All notices."""


def personal_fields(notice: type[NoticeBody]) -> tuple[str, ...]:
    """The names of the notice's personal fields."""
    return tuple(name for name, field in notice.model_fields.items() if PERSONAL in field.metadata)


def typed_fields(notice: type[NoticeBody]) -> tuple[str, ...]:
    """The names of the notice's fields that refer to what somebody typed."""
    return tuple(name for name, field in notice.model_fields.items() if TYPED in field.metadata)
