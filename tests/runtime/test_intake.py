"""Vault first, then one message, then a receipt."""

from datetime import date

import pytest

from functions.embedded import Embedded
from schemas.events.engine import CalendarMoved, QuestionAnswered
from schemas.events.round import RoundPlanned
from schemas.ids import CaseId, MessageId, PersonId, TaskId, name_of, secret_name_of
from schemas.messages import Actor, Message
from schemas.people import Person
from schemas.selection import Admission
from tests.support.cohort import CALENDAR, DAY, HOUR, MINUTE, TERMS, TICK, moved
from tests.support.faults import Crash, Plan
from tests.support.life import staff
from tests.support.office import KEY, OPERATOR, ROUND, Office, a_form
from workflows.definitions.application_form import APPLICATION_FORM
from workflows.runtime.consents import records_of
from workflows.runtime.errors import BadForm, NotAllowed, NotFound, Rejected, SameIdOtherContent, Unavailable
from workflows.runtime.intake import Origin, Receipt, application_id, hand_in, submit_application, submit_applications


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.plan()
    return office


def origin(office: Office, name: str = "submission-1") -> Origin:
    return Origin("typeform", name, office.now)


PERSON = PersonId(secret_name_of(KEY, "person", "+821077770001"))


# ---- application forms


def test_a_form_becomes_a_person_in_the_vault_one_message_and_a_receipt(office: Office) -> None:
    plan = Plan()

    receipt = submit_application(
        a_form(1, motivation="사다리를 오르고 싶습니다."),
        ROUND,
        origin(office),
        key=KEY,
        ports=plan.watched(office.ports),
    )

    (message,) = plan.published
    assert receipt == Receipt(MessageId(name_of("typeform", "submission-1")), application_id(ROUND, PERSON))
    assert message == Message(
        id=receipt.message,
        case=receipt.case,
        type="ApplicationSubmitted",
        data={
            "person": PERSON,
            "round": ROUND,
            "cohort": "2027",
            "programme": "ai-academy",
            "calendar": CALENDAR.model_dump(mode="json"),
            "terms": TERMS.model_dump(mode="json"),
            "university": "전남대학교",
            "is_enrolled": True,
            "can_attend": True,
            "track": "",
            "region": "",
            "admission": Admission().model_dump(mode="json"),
            "answers": message.data["answers"],
        },
        at=office.now,
        actor=Actor(kind="person", id=PERSON),
    )
    assert office.ports.vault.get(PERSON, reader="test", reason="test") == Person(
        id=PERSON,
        name="김지원1",
        email="applicant1@example.org",
        contact="+821077770001",
        locale="ko",
        answers={
            "department": "컴퓨터정보통신공학과",
            "student_number": "200001",
            "motivation": "사다리를 오르고 싶습니다.",
        },
        consents={"privacy": True, "third_party": False},
        consent_records=records_of(APPLICATION_FORM, {"privacy": True, "third_party": False}, office.now),
        updated_at=office.now,
        erase_on=date(2027, 7, 1),
    )


def test_nothing_personal_leaves_the_vault(office: Office) -> None:
    plan = Plan()
    form = a_form(1, name="김카나리", motivation="카나리-7f3a")

    submit_application(form, ROUND, origin(office), key=KEY, ports=plan.watched(office.ports))

    sent = plan.published[0].model_dump_json()
    personal = ("김카나리", "카나리-7f3a", "1077770001", "applicant1@example.org", "200001", "컴퓨터")
    assert [each for each in personal if each in sent] == []


def test_one_person_has_one_application_in_a_round_from_wherever_it_is_sent(office: Office) -> None:
    first = submit_application(a_form(1), ROUND, origin(office, "1"), key=KEY, ports=office.ports)
    second = submit_application(
        a_form(1, name="Kim Jiwon", email="other@example.org"), ROUND, origin(office, "2"), key=KEY, ports=office.ports
    )
    office.settle()

    assert first.case == second.case
    assert [entry.verdict for entry in office.entries(first.case)] == ["applied", "applied"]
    assert office.case(first.case).data["edits"] == 1


def test_another_round_is_another_application() -> None:
    assert application_id(ROUND, PERSON) != application_id(CaseId("round-2"), PERSON)
    assert application_id(ROUND, PERSON) != application_id(ROUND, PersonId("other"))


def test_a_double_click_is_one_application_with_one_letter(office: Office) -> None:
    receipts = {submit_application(a_form(1), ROUND, origin(office), key=KEY, ports=office.ports) for _ in range(2)}
    office.settle()

    (receipt,) = receipts
    assert len(office.entries(receipt.case)) == 1
    assert [letter.notice for letter in office.letters(receipt.case)] == ["ApplicationReceived"]


def test_the_same_form_in_two_tabs_is_one_application_that_says_the_same(office: Office) -> None:
    for name in ("tab 1", "tab 2"):
        receipt = submit_application(a_form(1), ROUND, origin(office, name), key=KEY, ports=office.ports)
    office.settle()

    assert (office.case(receipt.case).data["edits"], len(office.entries(receipt.case))) == (0, 2)
    assert [letter.notice for letter in office.letters(receipt.case)] == ["ApplicationReceived"]


def test_another_form_under_the_same_submission_is_refused_once_the_first_was_heard(office: Office) -> None:
    submit_application(a_form(1), ROUND, origin(office), key=KEY, ports=office.ports)
    office.settle()

    with pytest.raises(SameIdOtherContent):
        submit_application(a_form(1, can_attend=False), ROUND, origin(office), key=KEY, ports=office.ports)


def test_a_submission_is_never_from_the_future(office: Office) -> None:
    plan = Plan()
    ahead = Origin("typeform", "1", office.now + HOUR)
    behind = Origin("typeform", "2", office.now - HOUR)

    for each in (ahead, behind):
        submit_application(a_form(1), ROUND, each, key=KEY, ports=plan.watched(office.ports))

    assert [message.at for message in plan.published] == [office.now, office.now - HOUR]


def test_a_form_without_the_consent_it_cannot_do_without_is_refused_and_not_kept(office: Office) -> None:
    with pytest.raises(BadForm) as raised:
        submit_application(a_form(1, consent_privacy=False), ROUND, origin(office), key=KEY, ports=office.ports)

    assert raised.value.faults == {"consent_privacy": "the application cannot be handled without it"}
    assert office.ports.vault.get(PERSON, reader="test", reason="test") is None


@pytest.mark.parametrize("case", ["nowhere", "application"])
def test_a_form_for_no_round_is_refused(office: Office, case: str) -> None:
    other = office.hand_in(1) if case == "application" else CaseId(case)

    with pytest.raises(NotFound):
        submit_application(a_form(2), other, origin(office), key=KEY, ports=office.ports)


def test_a_round_takes_forms_from_the_very_instant_it_opens(embedded: Embedded) -> None:
    # Its timer rings a quarter of an hour later, and the applicants at the door do not wait for that.
    office = Office(embedded)
    event = RoundPlanned(cohort="2027", programme="ai-academy", calendar=CALENDAR, terms=TERMS)
    office.tell(ROUND, event, by=OPERATOR)
    office.until(CALENDAR.applications_open - TICK)
    with pytest.raises(Rejected, match=r"Round \[round-1\] is not open yet"):
        submit_application(a_form(1), ROUND, origin(office), key=KEY, ports=office.ports)

    office.until(CALENDAR.applications_open)
    case = office.hand_in(1)

    assert (office.stage(ROUND), office.stage(case)) == ("planned", "submitted")


def test_a_form_that_is_sent_within_the_grace_after_the_close_and_heard_later_is_in_time(office: Office) -> None:
    office.until(CALENDAR.applications_close + 10 * MINUTE)
    in_time = submit_application(a_form(1), ROUND, origin(office, "1"), key=KEY, ports=office.ports)
    office.embedded.clock.turn(CALENDAR.applications_close + 10 * MINUTE + TICK)
    late = submit_application(a_form(2), ROUND, origin(office, "2"), key=KEY, ports=office.ports)
    office.embedded.clock.turn(CALENDAR.applications_close + 20 * MINUTE)

    office.settle()

    assert (office.stage(in_time.case), office.stage(late.case)) == ("submitted", "late")


def test_a_person_who_was_erased_is_not_brought_back_by_a_late_retry(office: Office) -> None:
    office.ports.vault.erase(PERSON)
    plan = Plan()

    with pytest.raises(Rejected, match="erased"):
        submit_application(a_form(1), ROUND, origin(office), key=KEY, ports=plan.watched(office.ports))

    assert office.ports.vault.get(PERSON, reader="test", reason="test") is None
    assert plan.published == []


def test_a_message_of_somebody_erased_meanwhile_is_heard_but_brings_nothing_back(office: Office) -> None:
    receipt = submit_application(a_form(1), ROUND, origin(office), key=KEY, ports=office.ports)
    office.ports.vault.erase(PERSON)

    office.settle()

    assert office.stage(receipt.case) == "submitted"
    assert office.ports.vault.get(PERSON, reader="test", reason="test") is None
    assert office.letters(receipt.case) == []


@pytest.mark.parametrize("error", [Unavailable("no topic"), Crash()])
def test_a_form_that_could_not_be_published_is_sent_again_under_the_same_id(
    office: Office, error: BaseException
) -> None:
    breaking, plan = Plan(breaks_at=1, error=error), Plan()
    with pytest.raises(type(error)):
        submit_application(a_form(1), ROUND, origin(office), key=KEY, ports=breaking.watched(office.ports))

    receipt = submit_application(a_form(1), ROUND, origin(office), key=KEY, ports=plan.watched(office.ports))
    office.settle()

    assert breaking.calls[-1] == "publisher.publish"
    assert [message.id for message in plan.published] == [receipt.message]
    assert len(office.entries(receipt.case)) == 1


def test_several_forms_are_published_at_once_and_each_has_its_own_verdict(office: Office) -> None:
    plan = Plan()
    forms = [a_form(1), a_form(2, consent_privacy=False), a_form(3)]
    given = [(form, origin(office, str(number))) for number, form in enumerate(forms)]

    results = submit_applications(given, ROUND, key=KEY, ports=plan.watched(office.ports))

    assert [type(result) for result in results] == [Receipt, BadForm, Receipt]
    assert plan.calls.count("publisher.publish") == 1
    assert len(plan.published) == 2


# ---- other events


def give(office: Office, event_type: str, data: dict[str, object], actor: Actor, *roles: str) -> Receipt:
    return hand_in(
        event_type, ROUND, data, actor, origin(office), roles=frozenset(roles or {"operator"}), ports=office.ports
    )


def test_an_event_that_a_source_may_bring_is_published(office: Office) -> None:
    calendar = moved(2, month12=CALENDAR.month12 + DAY)
    data = CalendarMoved(calendar=calendar).model_dump(mode="json")

    receipt = give(office, "CalendarMoved", data, OPERATOR)
    office.settle()

    assert receipt == Receipt(MessageId(name_of("typeform", "submission-1")), ROUND)
    assert office.case(ROUND).data["calendar"]["version"] == 2


def test_an_event_that_a_source_may_not_bring_is_refused(office: Office) -> None:
    data = CalendarMoved(calendar=moved(2)).model_dump(mode="json")

    with pytest.raises(NotAllowed):
        give(office, "CalendarMoved", data, OPERATOR, "instructor")
    with pytest.raises(NotAllowed):
        give(office, "SeatTaken", {"application": "a"}, OPERATOR)


@pytest.mark.parametrize("event_type", ["TimerRang", "ApplicationSubmitted", "AppealFiled", "Danced"])
def test_some_events_are_nobodys_to_bring(office: Office, event_type: str) -> None:
    with pytest.raises(BadForm):
        give(office, event_type, {}, OPERATOR)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("at", CALENDAR.results_at.isoformat()),
        ("arrives_at", CALENDAR.results_at.isoformat()),
        ("brought_by", "somebody-else"),
    ],
)
def test_when_it_came_and_who_brought_it_is_not_the_events_to_say(office: Office, field: str, said: str) -> None:
    with pytest.raises(BadForm) as raised:
        give(office, "OnboardingFinished", {field: said}, OPERATOR)

    assert raised.value.faults == {f"data.{field}": "this is not the event's to say"}


def test_an_answer_is_for_whom_the_source_speaks(office: Office) -> None:
    data = QuestionAnswered(task=TaskId("t"), answer=True).model_dump(mode="json")

    with pytest.raises(NotAllowed):
        give(office, "QuestionAnswered", data, staff("lead"))


def test_what_somebody_typed_goes_to_the_vault(office: Office) -> None:
    data = QuestionAnswered(task=TaskId("t"), answer=True, reason="그는 성실합니다").model_dump(mode="json")

    give(office, "QuestionAnswered", data, OPERATOR)
    office.settle()

    reference = office.entries(ROUND)[-1].message.data["reason"]
    assert office.ports.vault.get_text(reference, reader="test", reason="test") == "그는 성실합니다"
