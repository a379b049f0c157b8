"""How a round selects: eligibility, reviews, weights, ties, quotas.  Configuration of a cohort, never code."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.record import Record

Group = Literal["university", "track", "region"]
"""What seats can be reserved or limited by; each is a field of an application."""

GROUPS: tuple[Group, ...] = ("university", "track", "region")


class Rule(Record):
    """One condition of eligibility, with the reason that the applicant reads if it is not met.

    Attributes:
        id: The stored name, with its version: another condition or another reason is another version.
        field: The field of the application that is looked at.
        one_of: The answers that meet the rule.
    """

    id: str = Field(pattern=r"^[a-z_]+@[1-9][0-9]*$")
    field: Literal["university", "track", "region", "is_enrolled", "can_attend"]
    one_of: tuple[bool | str, ...]
    reason_ko: str
    reason_en: str


RULES = (
    Rule(
        id="enrolled@1",
        field="is_enrolled",
        one_of=(True,),
        reason_ko="협약 대학의 재학생 또는 휴학생이 아닙니다.",
        reason_en="You are not enrolled at a partner university.",
    ),
    Rule(
        id="attends@1",
        field="can_attend",
        one_of=(True,),
        reason_ko="9주 오프라인 과정 전체에 참여할 수 없습니다.",
        reason_en="You cannot attend the whole nine weeks of offline training.",
    ),
)
"""What holds where a cohort names no rules of its own."""


class Admission(Record):
    """What an application needs to know of how its round selects; every application holds a copy.

    Attributes:
        rules: The rules of eligibility.
        grace_minutes: How long after the close a form is still in time (domain default 10); the boundary counts.
        readers: How many reviews an application needs; 0: none, its scores come otherwise.
        spread_max: A larger difference between two reviews, in points of 100, asks for a third reader.
        late_offer_days: Offers made so few days before the start are open for `late_offer_hours` only.
        late_offer_hours: How long those are open.
        appeal_days: How long a decision can be appealed against.
        consents_needed: The consents that a seat cannot be taken without; every other may be refused.
    """

    rules: tuple[Rule, ...] = RULES
    grace_minutes: int = Field(default=10, ge=0, le=120)
    readers: int = Field(default=0, ge=0, le=5)
    spread_max: float = Field(default=25, ge=0, le=100)
    late_offer_days: int = Field(default=14, ge=0, le=60)
    late_offer_hours: int = Field(default=24, ge=2, le=168)
    appeal_days: int = Field(default=7, ge=1, le=60)
    consents_needed: tuple[str, ...] = ()


class Criterion(Record):
    """One line of the rubric."""

    id: str
    name_ko: str
    name_en: str
    weight: float = Field(default=1, gt=0)
    points_max: float = Field(default=5, gt=0)


class Component(Record):
    """One part of the total score, such as `review`, `test` or `precourse`; each is scored from 0 to 100."""

    id: str = Field(pattern=r"^[a-z_]{1,30}$")
    weight: float = Field(gt=0)


class Quota(Record):
    """Seats of one group.

    A maximum always holds.  A minimum is a reservation: seats are held back for the group as long as somebody of it
    waits; it binds nobody to take a seat.
    """

    field: Group
    value: str
    minimum: int = Field(default=0, ge=0)
    maximum: int | None = Field(default=None, ge=0)


class Selection(Record):
    """How a round selects.

    Attributes:
        rubric: What reviewers score; their weighted points make 0 to 100.
        components: The parts of the total, each with its weight.
        normalisation: What is done to each component before it is weighted: nothing, or z-scores.
        ties: The components that break a tie, in this order; whoever is still equal is put in the order of a hash
            over `seed` and the application, which says nothing about anybody.
        review_fields: The answers that a reviewer may read; every other is hidden.
        review_days: How long a reviewer has.
        quotas: Seats reserved for or limited to groups.
    """

    admission: Admission = Admission()
    rubric: tuple[Criterion, ...] = ()
    components: tuple[Component, ...] = (Component(id="review", weight=1),)
    normalisation: Literal["none", "z"] = "none"
    ties: tuple[str, ...] = ()
    seed: str = ""
    review_fields: tuple[str, ...] = ("motivation",)
    review_days: int = Field(default=4, ge=1, le=60)
    quotas: tuple[Quota, ...] = ()

    @model_validator(mode="after")
    def _names_each_group_once(self) -> Self:
        groups = [(quota.field, quota.value) for quota in self.quotas]
        if len(set(groups)) < len(groups):
            raise ValueError("two quotas are about the same group: say minimum and maximum in one")
        return self
