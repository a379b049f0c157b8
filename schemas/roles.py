"""Who takes part in a programme."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """A part that people or organisations play.

    Attributes:
        name: The stored name; never renamed.
        people: How many hold the role at least; a quorum cannot be larger.
        is_reachable: Whether notices to the role arrive anywhere.
        is_staff: Whether the role may answer questions.
        is_outside: Whether the role belongs to another organisation, so that no personal field may go there.
    """

    name: str
    people: int = 1
    is_reachable: bool = True
    is_staff: bool = False
    is_outside: bool = False


APPLICANT = Role("applicant")
LEARNER = Role("learner")
OPERATOR = Role("operator", people=2, is_staff=True)
INSTRUCTOR = Role("instructor", people=2, is_staff=True)
REVIEWER = Role("reviewer", people=2, is_staff=True)
CAREER_STAFF = Role("career_staff", is_staff=True)
UNIVERSITY = Role("university", is_staff=True)
CITY = Role("city", is_staff=True)
PRIVACY_OFFICER = Role("privacy_officer", is_staff=True)
AUDITOR = Role("auditor", is_staff=True)
ADMIN = Role("admin", is_staff=True)
LEAD = Role("lead", is_staff=True)
PARTNERS = Role("partners", is_outside=True)

ROLES = {
    role.name: role
    for role in (
        *(APPLICANT, LEARNER, OPERATOR, REVIEWER, INSTRUCTOR, CAREER_STAFF, UNIVERSITY, CITY, LEAD),
        *(PRIVACY_OFFICER, AUDITOR, ADMIN, PARTNERS),
    )
}
