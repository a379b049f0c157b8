"""Any form becomes one case of one person, by its schema."""

from typing import Any

import pytest

from functions.embedded import Embedded
from functions.forms.form_reader import read_filled
from schemas.events import EVENTS
from schemas.forms import FilledForm
from schemas.ids import CaseId, PersonId
from tests.support.faults import Plan
from tests.support.office import KEY, ROUND, Office, a_form
from workflows.definitions.application_form import APPLICATION_FORM
from workflows.definitions.forms import FORMS, faults_of_forms
from workflows.definitions.forum_form import FORUM_FORM
from workflows.runtime.errors import NotFound, Rejected
from workflows.runtime.intake import Origin
from workflows.runtime.submit_form import event_of, moment_of, submit_form


@pytest.fixture
def office(embedded: Embedded) -> Office:
    office = Office(embedded)
    office.plan()
    return office


def filled(**changed: Any) -> FilledForm:
    given = a_form(1, **changed).model_dump()
    return read_filled(APPLICATION_FORM, given)


def test_no_form_has_a_fault() -> None:
    assert faults_of_forms(FORMS.values(), EVENTS) == []


def test_the_faults_of_a_form_are_named() -> None:
    fields = tuple(field for field in FORUM_FORM.fields if field.name != "phone")
    form = FORUM_FORM.model_copy(update={"fields": (*fields, fields[0]), "consents": (), "opens": "RoundMerged"})

    assert faults_of_forms([form], EVENTS) == [
        "form [forum_registration]: [name] is asked twice",
        "form [forum_registration]: [phone] has to be asked for, as something personal",
        "form [forum_registration]: no consent to the collection of personal data is asked for",
        "form [forum_registration]: [RoundMerged] does not hold the fact [attends]",
    ]


def test_an_application_goes_the_way_of_every_form(office: Office) -> None:
    plan = Plan()

    receipt = submit_form(
        filled(), ROUND, Origin("portal", "s1", office.now), key=KEY, ports=plan.watched(office.ports)
    )

    (message,) = plan.published
    person = PersonId(message.actor.id)
    event = event_of(APPLICATION_FORM, filled(), person, office.case(ROUND), key=KEY)
    assert (receipt.message, receipt.case) == (message.id, message.case)
    said = {name: value for name, value in event.model_dump(mode="json").items() if name != "answers"}
    assert said == {name: value for name, value in message.data.items() if name != "answers"}


def test_what_was_consented_to_is_kept_item_by_item_with_its_words(office: Office) -> None:
    submit_form(filled(), ROUND, Origin("portal", "s1", office.now), key=KEY, ports=office.ports)
    office.settle()
    submit_form(
        filled(consent_third_party=True), ROUND, Origin("portal", "s2", office.now), key=KEY, ports=office.ports
    )
    office.settle()

    (case,) = office.ports.cases.find(workflow="application")
    person = office.ports.vault.get(PersonId(case.person), reader="test", reason="test")
    assert person is not None
    records = [(each.item, each.notice_version, each.is_given) for each in person.consent_records]
    assert records == [
        ("privacy@1", "2027-03", True),
        ("third_party@1", "2027-03", False),
        ("third_party@1", "2027-03", True),
    ]
    assert {each.text_hash for each in person.consent_records if each.item == "third_party@1"} != {
        person.consent_records[0].text_hash
    }


def test_a_form_for_a_case_of_another_kind_is_refused(office: Office) -> None:
    with pytest.raises(NotFound):
        submit_form(filled(), CaseId("nobody"), Origin("portal", "s1", office.now), key=KEY, ports=office.ports)


def test_a_date_that_a_case_does_not_hold_is_named(office: Office) -> None:
    with pytest.raises(Rejected, match="no date at \\[held_at\\]"):
        moment_of(office.case(ROUND), FORUM_FORM.kept_from)
