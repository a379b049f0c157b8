"""Says of any application why it has a seat, waits, or has neither."""

from schemas.ids import CaseId
from schemas.messages import Case
from workflows.definitions.places import Sentence, place_of
from workflows.runtime.errors import NotFound
from workflows.runtime.ports import Ports
from workflows.runtime.rank import round_of


def place(case: Case, ports: Ports) -> Sentence | None:
    """Give the sentence about an application; None for any other case, and where the round is unknown.

    What it says is the office's knowledge: before the publication it is for nobody else.
    """
    if case.workflow != "application":
        return None
    try:
        _, round_ = round_of(CaseId(case.round), ports)
    except NotFound:
        return None
    return place_of(round_, case.id)
