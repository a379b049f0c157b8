"""What cases are looked for by, and what a page of them is."""

from typing import Literal

from pydantic import AwareDatetime

from schemas.letters import Letter, LetterState
from schemas.messages import Asked, Case, Quarantined
from schemas.record import Record

PersonKey = Literal["email", "phone", "student"]
"""What names a person exactly; kept as a keyed hash only."""


OF_EVERY_UNIVERSITY = "round"
"""The workflow whose cases are in the scope of every university."""


class Scope(Record):
    """What part of all cases somebody may see; an empty field is everywhere.

    A case that belongs to no programme, such as a review, is in the scope of every programme.
    """

    programme: str = ""
    cohort: str = ""
    university: str = ""


EVERYWHERE = Scope()


class CaseFilter(Record):
    """Which cases are looked for; an empty field asks nothing.

    Attributes:
        version: Only cases that are pinned to this version of their workflow; 0 asks nothing.
        workflows: Only cases of one of these, where no one workflow is named.
        stages: Only cases at one of these.
        due_before: Only cases with a timer due before this instant; they come the soonest due first.
        reviewer: Only the reviews of this member of staff.
        is_at_risk: Only learners whose attendance is below the minimum of their cohort.
        within: Only cases that lie in one of these; none lies in none.
    """

    workflow: str = ""
    version: int = 0
    workflows: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    round: str = ""
    cohort: str = ""
    university: str = ""
    reviewer: str = ""
    due_before: AwareDatetime | None = None
    is_at_risk: bool = False
    within: tuple[Scope, ...] = (EVERYWHERE,)


class Crowd(Record):
    """Which cases are counted; an empty field asks nothing.

    Attributes:
        within: Only cases that lie in one of these; none lies in none.
    """

    workflow: str = ""
    round: str = ""
    cohort: str = ""
    within: tuple[Scope, ...] = (EVERYWHERE,)


class CasePage(Record):
    """Some of the cases that were looked for.

    Attributes:
        after: Where the next page begins; empty if this is the last one.
    """

    cases: tuple[Case, ...] = ()
    after: str = ""


class Reach(Scope):
    """The questions that somebody answers in a role, within a scope."""

    role: str


class QuestionFilter(Record):
    """Which open questions are looked for; an empty field asks nothing.

    Attributes:
        within: Only questions that one of these reaches, in a role whose turn it is; none reaches none.
        before: Only those that were put, or are due, before this instant.
        by: What that instant is compared with; they come in this order.  By `due_at` an instant has to be given.
    """

    within: tuple[Reach, ...] = ()
    workflow: str = ""
    cohort: str = ""
    before: AwareDatetime | None = None
    by: Literal["opened_at", "due_at"] = "opened_at"


class QuestionPage(Record):
    """Some of the questions that were looked for.

    Attributes:
        after: Where the next page begins; empty if this is the last one.
    """

    asked: tuple[Asked, ...] = ()
    after: str = ""


class LetterFilter(Record):
    """Which letters are looked for; an empty field asks nothing.

    Attributes:
        notice: Only letters that tell notices of this type.
        within: Only letters whose case lies in one of these; none lies in none.
    """

    state: LetterState = LetterState.HELD
    notice: str = ""
    cohort: str = ""
    within: tuple[Scope, ...] = (EVERYWHERE,)


class LetterPage(Record):
    """Some of the letters that were looked for.

    Attributes:
        after: Where the next page begins; empty if this is the last one.
    """

    letters: tuple[Letter, ...] = ()
    after: str = ""


class QuarantineFilter(Record):
    """Which rows of the quarantine are looked for; an empty field asks nothing.

    Attributes:
        within: Only rows whose case lies in one of these; what belongs to no case lies only in `EVERYWHERE`.
    """

    state: Literal["waiting", "replayed", "closed", ""] = ""
    within: tuple[Scope, ...] = (EVERYWHERE,)


class QuarantinePage(Record):
    """Some of the rows that were looked for.

    Attributes:
        after: Where the next page begins; empty if this is the last one.
    """

    rows: tuple[Quarantined, ...] = ()
    after: str = ""
