"""What the tests of the pure core decide on, beside the errand."""

from typing import Any

from schemas.events.application import OfferAccepted
from schemas.events.enrolment import Pitched
from tests.support.cohort import DAY
from tests.support.errand import (
    ENDINGS,
    GOES_ON,
    START,
    Stage,
    begun,
)
from tests.support.life import Life, staff
from workflows.engine.notation import after, on, state

KIM, LEE, PARK = staff("operator", "kim"), staff("operator", "lee"), staff("lead", "park")
THE_END = START + 3 * DAY
KEY = "first.after_3d"


def accepts(*more: Any) -> dict[Stage, Any]:
    """Two stages: the second one answers an acceptance."""
    return {Stage.SECOND: state(on(OfferAccepted, to=Stage.DONE), *more, GOES_ON), **ENDINGS}


def early(*first: Any, **others: Any) -> Life:
    """An errand that goes on to a stage with an acceptance when it is pitched."""
    return begun(on(Pitched, to=Stage.SECOND), *(first or (after(days=30, to=Stage.DONE),)), states=accepts(), **others)
