"""Links in letters can be made void without naming people anew."""

from datetime import UTC, datetime

from functions.links import Links
from schemas.ids import CaseId

NOW = datetime(2027, 3, 19, tzinfo=UTC)
KEY, OLD, NEW = (
    b"names people, and never changes.",
    b"signed links before..............",
    b"signs links now..................",
)
URL = "https://portal.test"


def test_a_key_that_is_replaced_is_good_until_it_is_left_out() -> None:
    before = Links(URL, KEY, (OLD,)).token("offer", "case-1")

    assert Links(URL, KEY, (NEW, OLD)).read("offer", before, NOW) == CaseId("case-1")
    assert Links(URL, KEY, (NEW,)).read("offer", before, NOW) is None
    assert Links(URL, KEY, (NEW,)).read("offer", Links(URL, KEY, (NEW, OLD)).token("offer", "case-1"), NOW) == "case-1"


def test_whoever_has_the_key_of_names_makes_no_links_where_these_have_their_own() -> None:
    forged = Links(URL, KEY).token("offer", "case-1")

    assert Links(URL, KEY).read("offer", forged, NOW) == CaseId("case-1")
    assert Links(URL, KEY, (NEW,)).read("offer", forged, NOW) is None
    assert Links(URL, KEY, (NEW, KEY)).read("offer", forged, NOW) == "case-1", "while it is replaced"
