"""What the engine is told.  An event is a fact about one case; a module of this package has those of one topic."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.by_name import ByName
from schemas.record import Record
from schemas.roles import Role

NEVER = datetime(1, 1, 1, tzinfo=UTC)

# What outsiders may name in an event is closed or narrow, so that nothing personal enters the stream by it.
ConsentItem = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}@[1-9][0-9]{0,3}$")]
CriterionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,30}$")]
DeclaredConflict = Literal["supervisor", "family", "same_lab", "business", "other"]
ConflictKind = Literal[
    "supervisor", "family", "same_lab", "business", "other", "declared_relation", "same_department", "same_employer"
]


class Event(Record):
    """A fact about one case.

    Attributes:
        at: When it entered the system; judges deadlines.
        brought_by: Who brought it, by the id of the actor; what it says of itself counts for nothing.
        arrives_at: What a stage that it opens counts from: `at`, or when it was heard if that is over 15 minutes later.
        by: Who brings it: roles, or nobody where only cases send it.
        offers_seat: Whether it hands out a seat, so that it must lead to a stage that ends by itself.
    """

    at: AwareDatetime = Field(default=NEVER, exclude=True, repr=False)
    arrives_at: AwareDatetime = Field(default=NEVER, exclude=True, repr=False)
    brought_by: str = Field(default="", exclude=True, repr=False)

    by: ClassVar[tuple[Role, ...]] = ()
    offers_seat: ClassVar[bool] = False

    def __init_subclass__(cls, *, by: tuple[Role, ...] = (), offers_seat: bool = False) -> None:
        """Take the class keywords."""
        super().__init_subclass__()
        cls.by = by
        cls.offers_seat = offers_seat


EVENTS = ByName(
    Event,
    __name__,
    (
        "engine",
        "round",
        "seats",
        "application",
        "interviews",
        "review",
        "appeal",
        "enrolment",
        "outcome",
        "data_request",
        "forum",
    ),
)
"""All events."""
