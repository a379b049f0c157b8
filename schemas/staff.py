"""Who works at the console: members of staff, what each may do where, and their sessions."""

from datetime import date, timedelta

from pydantic import AwareDatetime, Field

from schemas.ids import CaseId, FactId, TaskId
from schemas.record import Record


class Grant(Record):
    """One role of a member, and where it counts; an empty scope is everywhere."""

    role: str
    programme: str = ""
    cohort: str = ""
    university: str = ""


class ProposedGrant(Record):
    """A role that one administrator wants a member to have; it counts once another has confirmed it.

    Attributes:
        by: The administrator who proposed it.
        reason: What they gave as reason, for whoever confirms it.
    """

    grant: Grant
    by: str
    reason: str


class Member(Record):
    """A member of staff, named by the address that the issuer confirms.

    Attributes:
        id: The opaque id that histories name.
        subject: Issuer and subject of the account, bound at the first login: an address that changes hands opens
            nothing.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    email: str
    name: str
    locale: str = "ko"
    grants: tuple[Grant, ...] = ()
    proposed: tuple[ProposedGrant, ...] = ()
    is_disabled: bool = False
    subject: str = ""


class Delegation(Record):
    """A grant that a member hands to another for some days: answers are then given on behalf of whoever handed it on.

    It counts from the first day to the last, as days are in Korea, unless it is revoked; and only while whoever handed
    it on has the grant themselves.

    Attributes:
        by: The member who hands it on.
        to: The member who answers meanwhile.
        reason: A reference to the vault.
        revoked_by: Who ended it before its time.
    """

    id: str
    by: str
    to: str
    grant: Grant
    from_on: date
    until_on: date
    reason: str
    made_at: AwareDatetime
    revoked_at: AwareDatetime | None = None
    revoked_by: str = ""


SESSION_AGE_MAX = timedelta(hours=12)


class Session(Record):
    """A login.  It ends after 30 minutes without a request, after 12 hours, or when it is revoked.

    Attributes:
        id: The hash of the secret that only the browser has.
    """

    id: str
    member: str
    begun_at: AwareDatetime
    seen_at: AwareDatetime


class Mark(Record):
    """What people note on an open question: never part of the case, and gone with the question.

    Attributes:
        held_by: Who works on it until `held_until`; others see that, and may wait.
        snoozed_until: By member: when it comes back into their inbox.
        answered_at: By member: when they last sent an answer, which the case learns of a moment later.
        version: Counts the changes; a change names the version that it saw.
    """

    task: TaskId
    held_by: str = ""
    held_until: AwareDatetime | None = None
    snoozed_until: dict[str, AwareDatetime] = Field(default_factory=dict)
    answered_at: dict[str, AwareDatetime] = Field(default_factory=dict)
    version: int = 0


class Batch(Record):
    """One answer to one question about many cases, frozen as it was shown; from then on only results are added.

    Attributes:
        id: The same for the same confirmation, so that a double click is one batch; every answer names it.
        by: The member who answers.
        on_behalf_of: The member for whom they answer, if for another.
        reason: A reference to the vault.
        undo_minutes: How long each answer may be taken back before it takes effect.
        items: The questions with their cases, in the order in which they are answered.
        foreseen: By question: the name of what was shown; what would come otherwise by now is not answered.
        results: By question: `answered`, or the code that says why it was left open.
        version: Counts the changes; a change names the version that it saw.
    """

    id: str = ""
    by: str
    on_behalf_of: str = ""
    role: str
    question: str
    answer: bool
    reason: str = ""
    undo_minutes: int = 0
    made_at: AwareDatetime
    items: tuple[tuple[TaskId, CaseId], ...]
    foreseen: dict[TaskId, str] = Field(default_factory=dict)
    results: dict[TaskId, str] = Field(default_factory=dict)
    version: int = 0


class LetterList(Record):
    """Which letters a release is about, in the order in which they leave; kept as a fact."""

    letters: tuple[str, ...]


class Release(Record):
    """The release of held letters, frozen as it was confirmed; from then on only its progress is added.

    Attributes:
        id: The same for the same confirmation, so that a double click is one release.
        by: The member who confirmed it; only they go on with it.
        letters: The list of the letters, a fact.
        many: How many it names.
        done: How many of these, from the first on, were looked at.
        left: How many of those had left by then; the others were recalled, or are out of the member's reach.
        version: Counts the changes; a change names the version that it saw.
    """

    id: str
    by: str
    notice: str
    cohort: str = ""
    made_at: AwareDatetime
    letters: FactId
    many: int
    done: int = 0
    left: int = 0
    version: int = 0
