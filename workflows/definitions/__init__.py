"""Our workflows, as data with one-line guards."""

from collections.abc import Mapping
from datetime import date

from schemas.events import EVENTS
from schemas.notices import NOTICES
from workflows.definitions.appeal import APPEAL
from workflows.definitions.application import APPLICATION
from workflows.definitions.data_request import DATA_REQUEST
from workflows.definitions.enrolment import ENROLMENT
from workflows.definitions.forum import FORUM
from workflows.definitions.forum_registration import FORUM_REGISTRATION
from workflows.definitions.interviews import INTERVIEWS
from workflows.definitions.outcome import OUTCOME
from workflows.definitions.review import REVIEW
from workflows.definitions.round import ROUND
from workflows.engine.check import Fault, check_all
from workflows.engine.definition import Workflow

WORKFLOWS: Mapping[tuple[str, int], Workflow] = {
    (workflow.name, workflow.version): workflow
    for workflow in (
        ROUND,
        REVIEW,
        INTERVIEWS,
        APPLICATION,
        APPEAL,
        ENROLMENT,
        OUTCOME,
        DATA_REQUEST,
        FORUM,
        FORUM_REGISTRATION,
    )
}
"""Every released version; one stays here until no case is on it."""

RELEASED_ON: Mapping[tuple[str, int], date] = {}
"""When each version went into service, where that is known: a release writes it down here."""

LATEST: Mapping[str, Workflow] = {name: workflow for (name, _), workflow in sorted(WORKFLOWS.items())}

OPENED_BY: Mapping[str, Workflow] = {
    on.event.__name__: workflow for workflow in LATEST.values() for on in workflow.opens
}
"""By event name: the workflow of which it opens a case."""


def faults() -> list[Fault]:
    """Give every fault between the latest workflows; each one alone was proved when it was imported."""
    return check_all(LATEST.values(), EVENTS, NOTICES)
