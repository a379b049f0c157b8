"""Who may take part: rules as data.  A rule that is not met only proposes; a human decides."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.application import Application


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition, with the reason that the applicant reads if it is not met.

    Attributes:
        id: The stored name, with its version.
    """

    id: str
    holds: Callable[[Application], bool]
    reason_ko: str
    reason_en: str


RULES = (
    Rule(
        "enrolled@1",
        lambda application: application.is_enrolled,
        "협약 대학의 재학생 또는 휴학생이 아닙니다.",
        "You are not enrolled at a partner university.",
    ),
    Rule(
        "attends@1",
        lambda application: application.can_attend,
        "9주 오프라인 과정 전체에 참여할 수 없습니다.",
        "You cannot attend the whole nine weeks of offline training.",
    ),
)


def failed_rules(application: Application) -> tuple[str, ...]:
    """Give the ids of the rules that are not met."""
    return tuple(rule.id for rule in RULES if not rule.holds(application))
