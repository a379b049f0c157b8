"""Files an appeal (이의신청) against a decision about an application."""

from schemas.application import Application
from schemas.events.appeal import AppealFiled
from schemas.ids import CaseId, MessageId, name_of
from schemas.messages import Actor, Message
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected
from workflows.runtime.ports import Ports

APPEALABLE = frozenset({"ineligible_appealable", "not_selected_appealable", "skipped", "ineligible", "not_selected"})
REASON_MAX = 4_000


def appeal_id(application: Application) -> CaseId:
    """Give the id of the one appeal against the decision about an application, wherever that stands by now."""
    decided_at = "" if application.decided_at is None else application.decided_at.isoformat()
    return CaseId(name_of("appeal", application.application, decided_at))


def file_appeal(application_id: CaseId, reason: str, actor: Actor, ports: Ports) -> Message:
    """Take in an appeal.  One decision is appealed against once; the same again is a repeat.

    Args:
        application_id: The application whose decision is appealed against.
        reason: Why, in the person's words; it goes to the vault.
        actor: The person.
        ports: The ports.

    Raises:
        NotFound: There is no such application.
        NotAllowed: It is somebody else's.
        Rejected: It stands where nothing can be appealed against.
        BadForm: There is no reason, or it is too long.
    """
    seen = ports.cases.get(application_id)
    if seen is None or seen.case.workflow != "application":
        raise NotFound("No such application.")
    case = seen.case
    if actor.kind != "person" or actor.id != case.person:
        raise NotAllowed("Only the applicant can appeal.", code="somebody_elses")
    if case.stage not in APPEALABLE:
        raise Rejected(
            f"Application [{case.id}] is {case.stage}: there is no decision to appeal against.",
            code="nothing_to_appeal",
        )
    text = reason.strip()
    if not text or len(text) > REASON_MAX:
        raise BadForm({"reason": f"say why, in at most {REASON_MAX} characters"})
    application = Application.model_validate_json(case.subject)
    event = AppealFiled(
        decision=case.id,
        person=application.person,
        round=application.round,
        cohort=application.cohort,
        calendar=application.calendar,
        decided_at=application.decided_at or case.arrived_at,
        decided_by=application.decided_by,
        appeal_by=application.appeal_by,
        reason=ports.vault.put_text(text, person_id=application.person),
    )
    about = appeal_id(application)
    message = Message(
        id=MessageId(name_of("file appeal", about)),
        case=about,
        type=AppealFiled.__name__,
        data=event.model_dump(mode="json"),
        at=ports.clock.now(),
        actor=actor,
    )
    if ports.cases.entry(about, message.id) is None:
        ports.publisher.publish([message], [])
    return message
