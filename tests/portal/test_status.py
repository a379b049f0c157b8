"""What people learn of their own case: what is published, nothing sooner, and the same for all until then."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.embedded import Embedded
from functions.links import Links, Purpose
from functions.portal.room import Room
from functions.portal.site import make_site
from functions.portal.texts import TEXTS
from schemas.application import Stage
from schemas.enrolment import Stage as EnrolmentStage
from schemas.events.application import ScoreRecorded
from schemas.forum import Stage as ForumStage
from schemas.ids import CaseId, PersonId
from schemas.selection import Admission, Selection
from tests.portal.conftest import LINKS, link_in, path_of, words_of
from tests.support.cohort import CALENDAR, DAY, HOUR
from tests.support.office import KEY, OPERATOR, ROUND, Office
from workflows.runtime.people_keys import key_of
from workflows.runtime.published import APPLICATION, ENROLMENT, FORUM, TOLD_BY
from workflows.runtime.rank import rank

NEEDS = Selection(admission=Admission(consents_needed=("pledge@1",)))


def in_review(office: Office, scores: list[float]) -> list[CaseId]:
    """Applications, scored: two get seats, two wait, the rest get nothing."""
    cases = [office.hand_in(number) for number in range(len(scores))]
    office.until(CALENDAR.applications_close + DAY)
    for case, score in zip(cases, scores, strict=True):
        office.tell(case, ScoreRecorded(score=score), by=OPERATOR)
    return cases


def freeze(office: Office) -> None:
    """Freeze the ranking."""
    rank(ROUND, OPERATOR, office.ports)
    office.settle()


@pytest.fixture
def ranked(office: Office) -> list[CaseId]:
    """Five applications, from the best to the last, before the results are out."""
    cases = in_review(office, [90, 80, 70, 60, 50])
    freeze(office)
    office.approve()
    return cases


@pytest.fixture
def told(office: Office, ranked: list[CaseId]) -> list[CaseId]:
    """The same after that."""
    office.until(CALENDAR.results_at + HOUR)
    return ranked


def status(page: FlaskClient, case: CaseId, lang: str = "ko") -> Any:
    return page.get(f"/status/{LINKS.token('status', case)}?lang={lang}")


def post(office: Office, page: FlaskClient, path: str, **form: str) -> Any:
    answer = page.post(path, data={"x": "1", **form})
    office.settle()
    return answer


# ---- until the results are out


def test_before_the_results_the_pages_of_the_selected_and_of_the_others_are_the_same_byte_for_byte(
    tmp_path: Path,
) -> None:
    """The same person in two worlds: the best in one, the last in the other."""
    pages = []
    for world, scores in enumerate(([90.0, 80, 70, 60, 50], [10.0, 80, 70, 60, 50])):
        embedded = Embedded(tmp_path / f"{world}.db", links=LINKS)
        office = Office(embedded)
        office.plan()
        browser = make_site(Room(office.ports, LINKS)).test_client()
        (case, *_) = in_review(office, scores)
        before = status(browser, case).data
        freeze(office)
        proposed = status(browser, case).data
        office.approve()
        office.until(CALENDAR.results_at - HOUR)
        pages.append((before, proposed, status(browser, case).data))
        office.until(CALENDAR.results_at + HOUR)
        pages.append((status(browser, case).data,))
        embedded.close()

    assert pages[0] == pages[2]
    assert len(set(pages[0])) == 1
    assert pages[1] != pages[3]


def test_who_is_proposed_as_not_eligible_reads_the_same_as_everybody(office: Office, page: FlaskClient) -> None:
    good, bad = office.hand_in(1), office.hand_in(2, can_attend=False)
    office.until(CALENDAR.applications_close + DAY)

    assert office.stage(bad) == Stage.INELIGIBLE_PROPOSED
    assert _without_tokens(status(page, good).text) == _without_tokens(status(page, bad).text)


def _without_tokens(text: str) -> str:
    return re.sub(r"/(status|withdrawals)/[\w.-]+", r"/\1/", text)


def test_what_a_held_letter_tells_shows_when_the_letter_leaves(office: Office, page: FlaskClient) -> None:
    office.until(CALENDAR.applications_close + HOUR)
    case = office.hand_in(1)
    before = words_of(status(page, case))
    (letter,) = (each for each in office.letters(case) if each.notice == "ApplicationLate")

    office.ports.letters.move(letter.id, expected=letter.state, to=letter.state.RELEASED)
    after = words_of(status(page, case))
    office.ports.letters.move(letter.id, expected=letter.state.RELEASED, to=letter.state.FAILED)

    assert office.stage(case) == Stage.LATE
    assert "마감 뒤 도착" not in before
    assert "마감 뒤 도착" in after
    assert words_of(status(page, case)) == after


def test_every_stage_has_a_published_state_and_every_published_state_has_its_words() -> None:
    assert set(APPLICATION) == set(Stage)
    assert set(ENROLMENT) == set(EnrolmentStage)
    assert set(FORUM) == set(ForumStage)
    assert {f"{part}_{word}" for word in FORUM.values() for part in ("word", "text")} <= set(TEXTS)
    told = {word for _, word in TOLD_BY.values()}
    words = {*APPLICATION.values(), "received", "result_due"} | {"late", "claim_refused"}
    assert {f"{part}_{word}" for word in words for part in ("word", "text", "next")} <= set(TEXTS)
    phases = {*ENROLMENT.values(), *(told - words)}
    assert {f"phase_{word}{part}" for word in phases for part in ("", "_text")} <= set(TEXTS)


# ---- after that


def test_after_the_results_each_reads_their_own_with_what_to_do_by_when(page: FlaskClient, told: list[CaseId]) -> None:
    read = [words_of(status(page, case)) for case in told]

    assert ["합격" in each for each in read] == [True, True, False, False, False]
    assert "응답 기한 2027년 4월 4일 (일) 10:00" in read[0]
    assert "대기 순번 1" in read[2]
    assert "선발되지 않음" in read[4]
    assert "이의신청하기" in read[4]
    assert "You have an offer" in words_of(status(page, told[0], "en"))


def test_no_page_says_a_name_of_a_stage_or_a_score(page: FlaskClient, told: list[CaseId]) -> None:
    for case in told:
        said = status(page, case).text
        assert not [stage for stage in Stage if "_" in stage and stage in said]
        assert not re.search(r"\b[5-9]0\.0\b", said)


# ---- answering


def test_an_offer_is_accepted_from_the_link_in_its_letter(
    office: Office, page: FlaskClient, told: list[CaseId]
) -> None:
    path = link_in(office, told[0], "SeatOffered", "offers")

    shown = page.get(path)
    answer = post(office, page, path, act="accept", consent_pledge="yes", consent_photos="no", consent_accounts="yes")

    assert (shown.status_code, answer.status_code) == (200, 303)
    assert "수락을 받았습니다" in words_of(page.get(path_of(answer.headers["Location"])))
    case = office.case(told[0])
    assert case.stage == "accepted"
    assert case.data["consents"] == {"pledge@1": True, "photos@1": False, "accounts@1": True}
    person = office.ports.vault.get(PersonId(case.person), reader="test", reason="test")
    assert person is not None
    proofs = {each.item: each.is_given for each in person.consent_records}
    assert proofs.items() >= {"privacy@1": True, "pledge@1": True, "photos@1": False, "accounts@1": True}.items()
    assert office.ports.index.people("phone", key_of("phone", person.contact, KEY)) == [person.id]


def test_opening_a_link_changes_nothing_however_often(office: Office, page: FlaskClient, told: list[CaseId]) -> None:
    purposes: list[Purpose] = ["offer", "withdraw", "waitlist", "status", "appeal"]
    before = [office.case(case) for case in told]

    for case in told:
        for purpose in purposes:
            for method in (page.get, page.head):
                method(path_of(LINKS.to(purpose, case)))
    office.settle()

    assert [office.case(case) for case in told] == before


def test_a_second_click_is_no_second_answer(office: Office, page: FlaskClient, told: list[CaseId]) -> None:
    path = path_of(LINKS.to("offer", told[0]))
    form = {"act": "accept", "consent_pledge": "yes"}
    for _ in range(2):
        page.post(path, data=form)
    office.settle()
    entries = len(office.entries(told[0]))

    again = post(office, page, path, **form)

    assert again.status_code == 200
    assert len(office.entries(told[0])) == entries


def test_an_offer_is_declined_and_the_next_in_line_gets_it(
    office: Office, page: FlaskClient, told: list[CaseId]
) -> None:
    post(office, page, path_of(LINKS.to("offer", told[0])), act="decline")

    assert [office.stage(case) for case in told[:3]] == ["declined", "offered", "offered"]


def test_who_waits_leaves_the_waitlist(office: Office, page: FlaskClient, told: list[CaseId]) -> None:
    path = link_in(office, told[2], "Waitlisted", "waitlist")

    answer = post(office, page, path)

    assert answer.status_code == 303
    assert office.stage(told[2]) == "withdrawn"
    assert post(office, page, path).status_code == 200


def test_an_application_is_withdrawn(office: Office, page: FlaskClient) -> None:
    case = office.hand_in(1)
    path = path_of(LINKS.to("withdraw", case))

    shown, answer = page.get(path), post(office, page, path)

    assert "취소하시겠습니까" in words_of(shown)
    assert answer.status_code == 303
    assert office.stage(case) == "withdrawn"


def test_without_the_pledge_that_a_seat_needs_the_offer_stays_open(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path / "needs.db", links=LINKS)
    office = Office(embedded, selection=NEEDS)
    office.plan()
    page = make_site(Room(office.ports, LINKS)).test_client()
    (case, *_) = in_review(office, [90, 80, 70])
    freeze(office)
    office.approve()
    office.until(CALENDAR.results_at + HOUR)
    path = path_of(LINKS.to("offer", case))
    before = len(office.entries(case))

    refused = post(office, page, path, act="accept", consent_photos="yes")

    assert refused.status_code == 422
    assert 'id="fault-consent_pledge"' in refused.text
    assert len(office.entries(case)) == before
    assert post(office, page, path, act="accept", consent_pledge="yes").status_code == 303
    assert office.stage(case) == "accepted"
    embedded.close()


def test_an_answer_after_the_offer_has_ended_is_told_so(office: Office, page: FlaskClient, told: list[CaseId]) -> None:
    office.until(CALENDAR.results_at + 3 * DAY)

    answer = post(office, page, path_of(LINKS.to("offer", told[0])), act="accept", consent_pledge="yes")

    assert answer.status_code == 409
    assert "응답 기한 지남" in words_of(answer)


# ---- links


BAD_TOKENS = ["x", "a.b", "%2e%2e", "여기", "a" * 5_000, "%00", "%ff%fe", "..", "null", '"x".y', "x/y"]


@pytest.mark.parametrize("token", BAD_TOKENS)
@pytest.mark.parametrize(
    "place", ["status", "offers", "withdrawals", "waitlist", "learning", "drafts", "appeals", "receipts"]
)
def test_a_link_that_we_did_not_make_opens_nothing(page: FlaskClient, place: str, token: str) -> None:
    assert page.get(f"/{place}/{token}").status_code in {404, 405}
    assert page.post(f"/{place}/{token}", data={"act": "accept"}).status_code in {404, 405}


def test_a_link_is_for_one_purpose_alone(office: Office, page: FlaskClient) -> None:
    case = office.hand_in(1)
    places: dict[str, Purpose] = {"status": "status", "offers": "offer", "withdrawals": "withdraw", "appeals": "appeal"}
    for place, own in places.items():
        for purpose in set(places.values()) - {own}:
            assert page.get(f"/{place}/{LINKS.token(purpose, case)}").status_code == 404
    stranger = Links(LINKS.portal_url, b"another key, of at least 32 bytes")
    assert page.get(f"/status/{stranger.token('status', case)}").status_code == 404


@pytest.mark.parametrize("subject", [ROUND, CaseId("nobody")])
def test_a_link_about_something_else_opens_nothing(page: FlaskClient, subject: CaseId) -> None:
    for purpose, place in (("offer", "offers"), ("withdraw", "withdrawals"), ("learning", "learning")):
        token = LINKS.token(purpose, subject)  # type: ignore[arg-type]
        assert page.get(f"/{place}/{token}").status_code == 404


# ---- learning


def test_a_learner_sees_the_phase_the_next_date_and_what_is_asked(
    office: Office, page: FlaskClient, told: list[CaseId]
) -> None:
    office.accept(told[0])
    enrolment = office.enrolment_of(told[0])
    path = link_in(office, enrolment, "OnboardingStarted", "learning")
    shown = words_of(page.get(path))

    answer = post(office, page, path)
    ready = words_of(page.get(path))

    assert "준비를 마쳤습니다" in shown
    assert "교육 시작, 2027년 5월 4일 (화) 09:00" in shown
    assert answer.status_code == 303
    assert "지금 하실 일은 없습니다" in ready
    assert office.stage(enrolment) == "ready"
    assert "내 교육 페이지" in words_of(status(page, told[0]))
