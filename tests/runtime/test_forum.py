"""A forum through the same form door as everything else, from the form to the day after."""

from datetime import timedelta
from typing import Any

from functions.embedded import Embedded
from functions.forms.form_reader import read_filled
from schemas.events.forum import ForumAttended, ForumCancelled, ForumPlanned
from schemas.ids import CaseId, PersonId
from schemas.messages import Actor
from tests.support.cohort import DAY, HOUR, kst
from tests.support.office import KEY, OPERATOR, Office
from workflows.definitions.forum_form import FORUM_FORM
from workflows.runtime.destroy import destroy_due
from workflows.runtime.intake import Origin
from workflows.runtime.submit_form import submit_form

FORUM = CaseId("forum-1")
HELD = kst("2027-06-15 14:00")


def planned(embedded: Embedded, capacity: int) -> Office:
    office = Office(embedded)
    office.embedded.clock.turn(HELD - 40 * DAY)
    names = {"programme": "ai", "name_ko": "AI 인재 포럼", "name_en": "Forum of AI Talent"}
    dates = {"opens_at": HELD - 30 * DAY, "closes_at": HELD - DAY, "held_at": HELD}
    office.tell(FORUM, ForumPlanned(capacity=capacity, **names, **dates), by=OPERATOR)
    office.until(HELD - 20 * DAY)
    return office


def register(office: Office, number: int, attends: str = "on_site") -> CaseId:
    given: dict[str, Any] = {
        "name": f"박기업{number}",
        "email": f"guest{number}@example.org",
        "phone": f"010-2222-{number:04}",
        "company": "사다리 주식회사",
        "attends": attends,
        "consent_privacy": True,
    }
    filled = read_filled(FORUM_FORM, given)
    receipt = submit_form(filled, FORUM, Origin("page", f"s{number}", office.now), key=KEY, ports=office.ports)
    office.settle()
    return receipt.case


def test_a_forum_runs_through_the_same_door_without_a_change_to_the_engine(embedded: Embedded) -> None:
    office = planned(embedded, 2)
    cases = [register(office, number) for number in range(1, 5)]
    online = register(office, 9, "online")
    after_the_forms = [office.stage(case) for case in (*cases, online)]

    office.tell(cases[0], ForumCancelled(), by=Actor(kind="person", id=office.case(cases[0]).person, role="applicant"))
    handed_on = office.stage(cases[2])
    office.until(HELD - HOUR)
    for case in (cases[1], online):
        office.tell(case, ForumAttended(), by=OPERATOR)
    office.until(HELD + 3 * DAY)

    assert after_the_forms == ["confirmed", "confirmed", "waitlisted", "waitlisted", "confirmed"]
    assert handed_on == "confirmed"
    assert [office.stage(case) for case in (*cases, online)] == [
        *("cancelled", "attended", "no_show", "turned_away", "attended"),
    ]
    assert {each.notice for each in office.letters(cases[2])} == {"ForumWaitlisted", "ForumConfirmed", "ForumReminder"}
    assert (office.stage(FORUM), len(office.case(FORUM).data["seated"])) == ("held", 2)


def test_the_same_person_twice_is_one_registration_and_one_seat(embedded: Embedded) -> None:
    office = planned(embedded, 2)
    first = register(office, 1)

    assert register(office, 1) == first
    assert office.case(FORUM).data["seated"] == [first]


def test_who_registered_is_destroyed_a_year_after_the_event(embedded: Embedded) -> None:
    office = planned(embedded, 1)
    case = register(office, 1)
    office.until(HELD + 3 * DAY)
    person = PersonId(office.case(case).person)
    office.embedded.clock.turn(HELD + timedelta(days=364))
    early = destroy_due(office.ports)

    office.embedded.clock.turn(HELD + timedelta(days=366))
    late = destroy_due(office.ports)

    assert (early.people, late.people) == (0, 1)
    assert office.ports.vault.get(person, reader="test", reason="test") is None
