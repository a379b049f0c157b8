"""Shows a reviewer what may be read of an application, and nothing that says whose it is."""

import re
from dataclasses import dataclass

from schemas.application import Application
from schemas.ids import CaseId, PersonId
from schemas.people import Person
from schemas.review import Review, Stage
from workflows.runtime.errors import NotAllowed, NotFound
from workflows.runtime.ports import Ports
from workflows.runtime.rank import round_of

HIDDEN = "○○○"
PART_MIN = 2


@dataclass(frozen=True, slots=True)
class BlindView:
    """What a reviewer sees.

    Attributes:
        answers: The answers that the round shows to reviewers, with whatever names the person blotted out.
        peers: The scores of the other reviewers; none before the own review is submitted.
    """

    review: Review
    stage: str
    answers: dict[str, str]
    peers: tuple[float, ...]


def read_blind(review_id: CaseId, reviewer: str, ports: Ports) -> BlindView:
    """Give what the reviewer may read.  Leaves a row in the access log.

    Raises:
        NotFound: There is no such review.
        NotAllowed: It is somebody else's, or no conflict of interest was not stated yet, or it is over.
    """
    seen = ports.cases.get(review_id)
    if seen is None or seen.case.workflow != "review":
        raise NotFound("No such review.")
    review, stage = Review.model_validate_json(seen.case.subject), seen.case.stage
    if review.reviewer != reviewer:
        raise NotAllowed("This review is somebody else's.", code="somebody_elses")
    if stage == Stage.ASSIGNED:
        raise NotAllowed("State first that you have no conflict of interest.", code="conflict_first")
    if stage not in {Stage.READING, Stage.SUBMITTED}:
        raise NotAllowed(f"This review is {stage}.", code="review_over")
    found = ports.cases.get(review.application)
    if found is None:
        raise NotFound("No such application.")
    application = Application.model_validate_json(found.case.subject)
    if reviewer in application.conflicts:
        raise NotAllowed("A conflict of interest was found: this review is not yours to read.", code="conflict_found")
    _, round_ = round_of(application.round, ports)
    reason, form = f"review {review_id}", application.answers
    person = ports.vault.get(PersonId(application.person), reader=reviewer, reason=reason, form=form)
    shown = {} if person is None else _shown(person, application, round_.selection.review_fields)
    others = tuple(score for name, score in sorted(application.reviews.items()) if name != reviewer)
    return BlindView(review, stage, shown, others if stage == Stage.SUBMITTED else ())


def _shown(person: Person, application: Application, fields: tuple[str, ...]) -> dict[str, str]:
    names = [person.name, person.email, person.contact, application.university]
    names.append(application.university.removesuffix("학교"))  # 전남대학교 is written 전남대 as well.
    names += [str(person.answers.get(name, "")) for name in ("department", "student_number")]
    digits = re.sub(r"\D", "", person.contact.removeprefix("+82"))
    patterns = [re.escape(name) for name in sorted(names, key=len, reverse=True) if len(name) >= PART_MIN]
    patterns.append("[ .()-]{0,2}".join(digits) if len(digits) > PART_MIN else r"(?!)")
    blot = re.compile("|".join(patterns), re.IGNORECASE)
    return {name: blot.sub(HIDDEN, str(person.answers.get(name, ""))) for name in fields}
