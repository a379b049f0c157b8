"""What people ask about their own data, carried out; and what is destroyed by its date."""

import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest

from functions.embedded import Embedded
from schemas.data_request import Right
from schemas.draft import Draft
from schemas.events.application import EnrolmentChecked
from schemas.events.data_request import DataRequestLimited
from schemas.ids import CaseId, PersonId, name_of
from schemas.messages import Actor
from schemas.register import ConsentProof, Destruction, KeptApart, Restriction, erased_name
from tests.support.cohort import CALENDAR, DAY, HOUR
from tests.support.life import staff
from tests.support.office import KEY, ROUND, Office, a_form, applicant
from tests.support.post import a_notice
from workflows.runtime.bury import bury_unreadable
from workflows.runtime.data_request import Wish, file_data_request
from workflows.runtime.deliver import deliver, recall
from workflows.runtime.destroy import destroy_due
from workflows.runtime.erase import reapply
from workflows.runtime.errors import BadForm, NotAllowed, NotFound
from workflows.runtime.fulfil import fulfil
from workflows.runtime.intake import Origin, submit_application
from workflows.runtime.own_data import own_data
from workflows.runtime.people_keys import key_of
from workflows.runtime.person_of import person_of as person_of_case
from workflows.runtime.send import letter_id_of

OFFICER = staff("privacy_officer", "han")


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.plan()
    return office


@pytest.fixture
def case(office: Office) -> CaseId:
    return office.hand_in(1, consent_third_party=True)


def person_of(office: Office, case: CaseId) -> PersonId:
    return PersonId(office.case(case).person)


def ask(office: Office, case: CaseId, wish: Wish, *, by: Actor | None = None, submission: str = "s1") -> CaseId:
    actor = by or applicant(office.case(case))
    message = file_data_request(person_of(office, case), wish, actor, office.ports, submission=submission, key=KEY)
    office.settle()
    return message.case


def grant(office: Office, request: CaseId) -> None:
    office.answer(request, yes=True, by=OFFICER)


def known(office: Office, case: CaseId, form: str = "") -> Any:
    return office.ports.vault.get(person_of(office, case), reader="test", reason="test", form=form)


def erase(office: Office, case: CaseId) -> CaseId:
    request = ask(office, case, Wish(Right.ERASE))
    grant(office, request)
    office.until(office.now + DAY + HOUR)
    return request


# ---- filing


def test_the_same_submission_is_one_request(office: Office, case: CaseId) -> None:
    first, again = (ask(office, case, Wish(Right.SUSPEND)) for _ in range(2))

    assert first == again
    assert len(office.entries(first)) == 1


def test_only_the_person_or_whoever_takes_in_letters_may_ask(office: Office, case: CaseId) -> None:
    for actor in (Actor(kind="person", id="somebody"), staff("reviewer")):
        with pytest.raises(NotAllowed, match="Only the person concerned"):
            ask(office, case, Wish(Right.SEE), by=actor)


def test_a_letter_on_paper_has_its_sender_proved_first(office: Office, case: CaseId) -> None:
    assert office.stage(ask(office, case, Wish(Right.SEE), by=staff("operator"))) == "identity_check"


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        (Wish(Right.CORRECT), {"changes"}),
        (Wish(Right.CORRECT, changes={"shoe_size": "270"}), {"shoe_size"}),
        (Wish(Right.CORRECT, changes={"name": " "}), {"name"}),
        (Wish(Right.SEE, changes={"name": "이름"}), {"changes"}),
        (Wish(Right.WITHDRAW_CONSENT), {"consent"}),
        (Wish(Right.WITHDRAW_CONSENT, consent="marketing"), {"consent"}),
        (Wish(Right.ERASE, consent="third_party"), {"consent"}),
        (Wish(Right.ERASE, text="가" * 4001), {"text"}),
    ],
)
def test_a_wish_with_a_fault_is_refused_beside_its_field(
    office: Office, case: CaseId, wish: Wish, fields: set[str]
) -> None:
    with pytest.raises(BadForm) as raised:
        ask(office, case, wish)

    assert raised.value.faults.keys() == fields


# ---- carried out


def test_a_consent_is_withdrawn_at_once_and_stays_on_record(office: Office, case: CaseId) -> None:
    before = known(office, case)
    (given,) = (record for record in before.consent_records if record.item == "third_party@1")
    office.until(office.now + HOUR)

    request = ask(office, case, Wish(Right.WITHDRAW_CONSENT, consent="third_party"))

    after = known(office, case)
    assert (before.consents["third_party"], after.consents["third_party"]) == (True, False)
    ended = given.model_copy(update={"is_given": False, "at": office.now})
    assert after.consent_records == (*before.consent_records, ended)
    assert office.stage(request) == "done"
    assert office.notices()["ConsentEnded"] == 1


def test_a_correction_reaches_every_form_and_whoever_searches(office: Office, case: CaseId) -> None:
    changes = {"email": "right@example.org", "department": "인공지능학부"}

    grant(office, ask(office, case, Wish(Right.CORRECT, changes=changes)))

    digest = office.case(case).data["answers"]
    for said in (known(office, case), known(office, case, digest)):
        assert (said.email, said.answers["department"]) == ("right@example.org", "인공지능학부")
    found = office.ports.index.people("email", key_of("email", "right@example.org", KEY))
    assert found == [person_of(office, case)]
    old = a_form(1)
    assert office.ports.index.people("email", key_of("email", old.email, KEY)) == []
    assert office.ports.index.people("phone", key_of("phone", old.phone, KEY)) == found


def test_what_is_to_be_corrected_is_in_no_history(office: Office, case: CaseId) -> None:
    request = ask(office, case, Wish(Right.CORRECT, changes={"name": "김카나리"}, text="이름이 틀렸습니다"))

    grant(office, request)

    history = "".join(entry.model_dump_json() for entry in office.entries(request))
    assert [word for word in ("김카나리", "틀렸습니다") if word in history] == []
    assert known(office, case).name == "김카나리"


def test_nobody_writes_to_whose_data_are_suspended_but_about_that(office: Office, case: CaseId) -> None:
    request = ask(office, case, Wish(Right.SUSPEND))
    grant(office, request)
    letters = {each.notice for each in office.letters(case)}

    office.withdraw(case)

    assert letters == {"ApplicationReceived", "DataRequestReceived", "DataRequestDone"}
    assert {each.notice for each in office.letters(case)} == letters


def test_a_form_from_before_a_withdrawal_that_arrives_after_it_takes_nothing_back(office: Office, case: CaseId) -> None:
    sent_at = office.now + timedelta(minutes=1)
    office.until(office.now + HOUR)
    ask(office, case, Wish(Right.WITHDRAW_CONSENT, consent="third_party"))
    office.until(office.now + HOUR)
    form = a_form(1, consent_third_party=True, motivation="늦게 도착한 글")

    submit_application(form, ROUND, Origin("form:tally", "late", sent_at), key=KEY, ports=office.ports)
    late = known(office, case)
    anew = Origin("form:tally", "anew", office.now)
    submit_application(form, ROUND, anew, key=KEY, ports=office.ports)

    assert late.answers["motivation"] == "늦게 도착한 글"
    assert late.consents["third_party"] is False
    assert known(office, case).consents["third_party"] is True


def test_a_refusal_tells_the_person_why_in_the_letter_alone(office: Office, case: CaseId) -> None:
    request = ask(office, case, Wish(Right.ERASE))
    why = "법원의 보존 명령이 있습니다."
    reference = office.ports.vault.put_text(why, person_id=person_of(office, case))

    office.answer(request, yes=False, by=OFFICER, reason=reference)

    (letter,) = (each for each in office.letters(case) if each.notice == "DataRequestRefused")
    assert letter.state == "released"
    assert why in letter.body
    assert why not in "".join(entry.model_dump_json() for entry in office.entries(request))


def test_the_package_holds_what_is_kept_and_who_looked(office: Office, case: CaseId) -> None:
    package = own_data(person_of(office, case), office.ports, reader="portal")

    assert package is not None
    assert package["person"]["name"] == "김지원1"
    assert list(package["forms"]) == [office.case(case).data["answers"]]
    assert [each["workflow"] for each in package["cases"]] == ["application"]
    assert package["letters"]
    assert {row["reader"] for row in package["looked_at"]} >= {"deliver", "portal"}


def test_the_package_holds_what_the_form_said_beside_the_vault_and_not_what_the_university_says(
    office: Office, case: CaseId
) -> None:
    office.until(CALENDAR.applications_close + HOUR)
    office.tell(case, EnrolmentChecked(is_enrolled=False), by=staff("university", "registrar"))

    package = own_data(person_of(office, case), office.ports, reader="portal")

    assert office.case(case).data["is_enrolled"] is False
    assert package is not None
    answers = package["cases"][0]["answers"]
    assert answers == {"university": "전남대학교", "is_enrolled": True, "can_attend": True}


def test_the_package_takes_the_person_for_no_member_of_staff(office: Office, case: CaseId) -> None:
    ask(office, case, Wish(Right.SUSPEND))

    package = own_data(person_of(office, case), office.ports, reader="portal")

    assert package is not None
    assert "staff" not in {row["reader"] for row in package["looked_at"]}


def test_the_package_names_no_reviewer_and_not_how_far_an_application_has_come(office: Office, case: CaseId) -> None:
    person = person_of(office, case)
    office.ports.vault.get(person, reader="reviewer-7", reason="review abc")

    package = own_data(person, office.ports, reader="portal")

    assert "reviewer-7" not in str(package)
    assert "review abc" not in str(package)
    assert [row["reader"] for row in package["looked_at"]].count("staff") == 1  # type: ignore[index]


def test_the_package_says_nothing_of_a_decision_that_is_held_or_was_recalled(office: Office, case: CaseId) -> None:
    person = person_of(office, case)
    notice = a_notice("GateFailed", failed_gate="online").model_copy(update={"person": person, "case": case})
    before = str(own_data(person, office.ports, reader="own link"))
    deliver(notice, office.ports)

    held = str(own_data(person, office.ports, reader="own link"))
    recall(letter_id_of(notice), office.ports)
    recalled = str(own_data(person, office.ports, reader="own link"))

    assert "ApplicationReceived" in before
    assert ("GateFailed" in held, "GateFailed" in recalled) == (False, False)
    assert held.count("'subject'") == recalled.count("'subject'") == before.count("'subject'")


# ---- erased


@pytest.mark.parametrize(
    ("typed", "is_theirs"),
    [
        ({"phone": "010-7777-0001"}, True),
        ({"phone": "０１０ ７７７７ ０００１"}, True),
        ({"email": "APPLICANT1@example.org"}, True),
        ({"name": "김 지원 1"}, True),
        ({"name": unicodedata.normalize("NFD", "김지원1")}, True),
        ({"name": "김지원1", "phone": "010-2222-3333"}, False),
        ({"name": "이나무", "motivation": "김지원1 선배처럼 되고 싶습니다."}, False),
    ],
)
def test_an_erasure_destroys_the_drafts_of_the_person_and_nobody_elses(
    office: Office, case: CaseId, typed: dict[str, str], *, is_theirs: bool
) -> None:
    draft = Draft(
        id="draft-1",
        form="application",
        version=1,
        asked_for=CaseId("round-1"),
        typed=typed,
        locale="ko",
        saved_at=office.now,
        erase_on=CALENDAR.results_at.date(),
    )
    office.ports.drafts.put(draft)

    erase(office, case)

    assert (office.ports.drafts.get("draft-1") is None) == is_theirs


def test_an_erasure_ends_the_cases_destroys_all_and_is_in_the_ledger(office: Office, case: CaseId) -> None:
    person = person_of(office, case)

    request = erase(office, case)

    assert (office.stage(request), office.stage(case)) == ("done", "withdrawn")
    assert known(office, case) is None
    assert list(office.ports.letters.find(person_id=person)) == []
    (row,) = office.ports.register.find(Destruction)
    assert (row.id, row.request, row.because) == (erased_name(person), request, "request")
    assert own_data(person, office.ports, reader="portal") is None
    with pytest.raises(NotFound):
        ask(office, case, Wish(Right.SEE), submission="s2")


def test_an_erasure_carried_out_again_changes_nothing(office: Office, case: CaseId) -> None:
    request = erase(office, case)
    entries = len(office.entries(request))

    fulfil(request, office.ports)
    office.settle()

    assert len(office.entries(request)) == entries
    assert len(list(office.ports.register.find(Destruction))) == 1


def test_the_last_letter_leaves_before_the_erasure(office: Office, case: CaseId) -> None:
    request = ask(office, case, Wish(Right.ERASE))
    grant(office, request)

    assert "ErasureComing" in {each.notice for each in office.letters(case)}
    assert office.stage(request) == "erasing"


def test_what_the_law_keeps_lies_apart_until_its_day(office: Office, case: CaseId) -> None:
    request = ask(office, case, Wish(Right.ERASE))
    limits = DataRequestLimited(kept=("name", "student_number"), ground="public_audit", kept_until=date(2030, 8, 20))
    office.tell(request, limits, by=OFFICER)
    grant(office, request)
    office.until(office.now + DAY + HOUR)

    (apart,) = office.ports.register.find(KeptApart)
    office.embedded.clock.turn(office.now + timedelta(days=1400))
    destroyed = destroy_due(office.ports)

    assert office.stage(request) == "partially_refused"
    assert apart.items == {"name": "김지원1", "student_number": "200001"}
    assert known(office, case) is None
    assert destroyed.rows == 2  # with the proof of the consents
    assert list(office.ports.register.find(KeptApart)) == []


def test_the_proof_of_consents_stays_without_whose_they_were(office: Office, case: CaseId) -> None:
    person, given = person_of(office, case), known(office, case).consent_records

    erase(office, case)

    (proof,) = office.ports.register.find(ConsentProof)
    assert [record.item for record in given] == ["privacy@1", "third_party@1"]
    assert proof.records == given
    assert person not in proof.model_dump_json()


def test_refused_bodies_that_name_the_person_go_too_and_what_staff_typed_is_blotted(
    office: Office, case: CaseId
) -> None:
    vault = office.ports.vault
    body = '{"name": "다른 이름", "phone": "010 7777-0001"}'.encode()
    other = '{"name": "아무개", "phone": "010 7777-0002"}'.encode()
    for raw in (body, other):
        bury_unreadable(raw, "no_message", office.ports, source="events", key=KEY)
    reason = vault.put_text("김지원1 외 3명 서류 미비")

    erase(office, case)

    left = dict(vault.strays(reader="test", reason="test"))
    assert left[reason] == "○○○ 외 3명 서류 미비"
    assert sorted(left.values()) == sorted([other.decode(), "○○○ 외 3명 서류 미비"])


def test_a_legal_hold_stops_the_erasure_and_the_officer_hears_of_it(office: Office, case: CaseId) -> None:
    office.ports.register.add(Restriction(id="hold", about=person_of(office, case), at=office.now, is_held=True))

    request = erase(office, case)

    assert (office.stage(request), known(office, case) is not None) == ("in_progress", True)
    assert list(office.ports.register.find(Destruction)) == []


def test_a_late_notice_about_the_erased_writes_no_letter(office: Office, case: CaseId) -> None:
    erase(office, case)
    late = [each for each in office.entries(case)[0].effects if each.kind == "notice"]
    assert late

    from workflows.engine.history import notices_of  # noqa: PLC0415  beside its only use

    for notice in notices_of(office.entries(case)[0], office.case(case)):
        deliver(notice, office.ports)

    assert office.letters(case) == []


def test_the_ledger_is_applied_again_to_what_a_backup_brought_back(
    office: Office, case: CaseId, embedded: Embedded
) -> None:
    person = known(office, case)
    erase(office, case)
    ledger = list(office.ports.register.find(Destruction))
    embedded.database.execute("delete from people")
    embedded.database.execute("delete from register")
    office.ports.vault.put(person, form="digest")
    for row in ledger:
        office.ports.register.add(row)

    first, second = reapply(office.ports), reapply(office.ports)

    assert (first, second) == (1, 0)
    assert known(office, case) is None
    assert not office.ports.vault.put(person)


# ---- by date


def test_who_led_to_nothing_is_destroyed_ninety_days_after_the_results(office: Office) -> None:
    case = office.hand_in(1)
    office.withdraw(case)
    due = CALENDAR.results_at + timedelta(days=90)
    office.embedded.clock.turn(due - DAY)
    early = destroy_due(office.ports)

    office.embedded.clock.turn(due + HOUR)
    done = destroy_due(office.ports)

    assert (early.people, done.people, done.is_done) == (0, 1, True)
    assert known(office, case) is None
    (row,) = office.ports.register.find(Destruction)
    assert (row.because, row.about) == ("retention", erased_name(person_of(office, case)))
    assert destroy_due(office.ports).people == 0


def test_who_learns_is_kept_until_the_last_survey_is_reported(office: Office) -> None:
    cases = office.recruit(2)
    office.accept(cases[0])
    office.embedded.clock.turn(CALENDAR.results_at + timedelta(days=120))

    destroyed = destroy_due(office.ports)

    assert (known(office, cases[0]) is not None, destroyed.postponed) == (True, 2)
    kept = known(office, cases[0])
    assert kept.erase_on >= (CALENDAR.month12 + timedelta(days=30)).date()


def test_a_legal_hold_keeps_whoever_is_due(office: Office) -> None:
    case = office.hand_in(1)
    office.withdraw(case)
    office.ports.register.add(Restriction(id="hold", about=person_of(office, case), at=office.now, is_held=True))
    office.embedded.clock.turn(CALENDAR.results_at + timedelta(days=120))

    destroyed = destroy_due(office.ports)

    assert (destroyed.held, destroyed.people) == (1, 0)
    assert known(office, case) is not None


def test_whoever_was_destroyed_by_date_may_apply_to_another_round(office: Office) -> None:
    case = office.hand_in(1)
    before = known(office, case)
    office.withdraw(case)
    office.embedded.clock.turn(CALENDAR.results_at + timedelta(days=120))
    destroy_due(office.ports)

    assert office.ports.vault.put(before)


def test_refused_bodies_are_destroyed_after_a_month(office: Office) -> None:
    bury_unreadable(b"raw", "no_message", office.ports, source="events", key=KEY)
    office.embedded.clock.turn(office.now + timedelta(days=29))
    early = destroy_due(office.ports).bodies
    office.embedded.clock.turn(office.now + timedelta(days=1))

    late, again = destroy_due(office.ports).bodies, destroy_due(office.ports).bodies

    assert (early, late, again) == (0, 1, 0)
    assert dict(office.ports.vault.strays(reader="test", reason="test")) == {}
    assert len(list(office.ports.quarantine.find())) == 1


def test_names_in_the_register_lead_back_to_nobody() -> None:
    assert erased_name("person-1") == name_of("erased", "person-1")


# ---- what counted


def test_a_form_after_the_close_changes_neither_what_counted_nor_where_a_person_is_reached(
    office: Office, case: CaseId
) -> None:
    before = known(office, case)
    counted = office.case(case).data["answers"]
    office.until(CALENDAR.applications_close + HOUR)
    office.hand_in(1, motivation="뒤늦은 글", email="later@example.org")

    shown = person_of_case(office.case(case), office.ports, reader="test", reason="test")

    assert office.case(case).data["answers"] == counted
    assert shown is not None
    assert (shown.email, shown.answers["motivation"]) == (before.email, "")
    assert known(office, case) == before
