"""Connections: which form of which provider fills in which of our forms, and for which case."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.ids import CaseId
from schemas.people import Locale
from schemas.record import Record

ProviderName = Literal["google_forms", "typeform", "tally", "jotform"]
AnswerKind = Literal["text", "choice", "boolean", "number", "date", "email", "phone"]
"""What a provider's question gives, whatever the provider calls it."""

ConnectionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
QuestionId = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,200}$")]
ProvidersId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,200}$")]


class MappedQuestion(Record):
    """One question of the provider's form, and the field of ours that it answers.

    Attributes:
        question: The provider's id or key of the question.
        type: What the provider calls its kind.
        field: Our name of the field; a consent `x` is `consent_x`, the language `locale`.
        values: What the answers mean to us, where they are not meant word for word.
    """

    question: QuestionId
    type: str = Field(max_length=60)
    field: str = Field(max_length=60)
    values: dict[str, bool | str] = Field(default_factory=dict)


class Connection(Record):
    """A form at a provider that fills in one of our forms.  It holds no secret: those are settings, by its id.

    Attributes:
        form_id: What the provider calls the form.
        form: Our form.
        asked_for: The case that it is filled in for, such as a round.
        locale: The language of the letters, unless a question asks for it.
        is_unsigned: Whether deliveries without a signature are believed (Tally alone).
        time_zone: What the provider's times are in, where they do not say so themselves (Jotform alone).
        version: Counts the changes; 0 was never kept.
    """

    id: ConnectionId
    provider: ProviderName
    form_id: ProvidersId
    form: str = Field(max_length=30)
    asked_for: CaseId
    questions: tuple[MappedQuestion, ...]
    locale: Locale = "ko"
    is_unsigned: bool = False
    time_zone: str = Field(default="America/New_York", max_length=60)
    version: int = Field(default=0, ge=0)


class Reading(Record):
    """How far the responses of a connection have been read, and what hinders.

    Attributes:
        read_until: The latest time of submission among what was read; responses from then on are asked for.
        reconciled_at: When all was last read anew; None: it shall be, at the next sweep.
        watch: What Google calls its watch on the form.
        watched_until: When the watch ends unless it is renewed.
        fault: Why reading does not work, as a code; empty while it does.
        fault_at: Since when.
        version: Counts the changes; 0 was never kept.
    """

    connection: ConnectionId
    read_until: AwareDatetime | None = None
    reconciled_at: AwareDatetime | None = None
    watch: str = ""
    watched_until: AwareDatetime | None = None
    fault: str = ""
    fault_at: AwareDatetime | None = None
    version: int = Field(default=0, ge=0)
