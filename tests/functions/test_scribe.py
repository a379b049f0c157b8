"""Every letter to people is there in both languages, tells its facts, and cannot be rewritten from outside."""

import re
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from functions.scribe import LETTERS, LOCALES, TemplateScribe, told_to_people
from schemas.ids import CaseId, MessageId, PersonId
from schemas.messages import Notice
from schemas.notices import NoticeBody
from schemas.people import Locale, Person
from schemas.roles import APPLICANT
from schemas.selection import RULES
from workflows.definitions import WORKFLOWS

TOLD = told_to_people(WORKFLOWS.values())
NOW = datetime(2027, 4, 1, 1, tzinfo=UTC)
NAMES: Mapping[Locale, str] = {"ko": "홍길동", "en": "Ann O'Neill"}
PHASES = ("online", "offline", "pitch")
EXAMPLES: Mapping[str, Any] = {
    "edits": 2,
    "reasons_ko": [rule.reason_ko for rule in RULES],
    "reasons_en": [rule.reason_en for rule in RULES],
    "appeal_by": "2027-04-09T01:00:00Z",
    "answer_by": "2027-04-02T01:00:00Z",
    "choose_by": "2027-03-24T09:00:00Z",
    "interview_at": "2027-03-29T01:00:00Z",
    "interview_minutes": 20,
    "position": 3,
    "applications_close": "2027-03-19T09:00:00Z",
    "results_at": "2027-04-02T01:00:00Z",
    "promotion_ends": "2027-05-09T09:00:00Z",
    "attendance": 0.725,
    "programme_starts": "2027-05-03T00:00:00Z",
    "phase": "offline",
    "failed_gate": "online",
    "right": "see",
    "reason": "법원이 보존을 명했습니다.",
    "kept": ["name", "contact"],
    "ground": "statute",
    "kept_until": "2030-08-20",
    "name_ko": "AI 인재 포럼",
    "name_en": "Forum of AI Talent",
    "held_at": "2027-06-15T05:00:00Z",
    "attends": "on_site",
}
AGAINST_THE_PERSON = (
    *("ApplicationLate", "ApplicationIneligible", "Waitlisted", "NoSeat", "WaitlistEnded", "GateFailed"),
    *("EditTooLate", "OfferExpired", "AnswerTooLate", "ClaimRefused", "NoShowConfirmed", "WaitlistSkipped"),
    *("InterviewNotChanged", "InterviewAbsence"),
)
APPEALABLE = ("ApplicationIneligible", "NoSeat", "WaitlistSkipped")
BY_A_HUMAN = (
    *APPEALABLE,
    *("GateFailed", "AppealInadmissible", "AppealDismissed"),
)
PAGE = "https://sadari.example/appeal/c"

INELIGIBLE_KO = """\
홍길동 님, 지원 자격을 충족하지 못하여 이번 모집에서는 선발 심사를 받으실 수 없습니다.

사유는 다음과 같습니다.
- 협약 대학의 재학생 또는 휴학생이 아닙니다.
- 9주 오프라인 과정 전체에 참여할 수 없습니다.

이 결정은 자동으로 내려진 것이 아니라 담당자가 직접 확인하여 내렸습니다.

이 결정에 동의하지 않으시면 2027년 4월 9일 (금) 10:00 (한국 시간)까지 이 메일에 회신하여 이의신청을 하실 수 있습니다. \
이유를 함께 적어 주시면 담당자가 다시 검토하여 답변드립니다.

궁금하신 점은 이 메일에 회신해 주시면 담당자가 답변드립니다.

교육과정 운영 담당자 드림"""

INELIGIBLE_EN = """\
Dear Ann O'Neill,

You are not eligible, so your application cannot be considered in this round.

The reason:
- You are not enrolled at a partner university.
- You cannot attend the whole nine weeks of offline training.

This was not decided automatically: a member of staff checked it and decided.

If you disagree with this decision, you can appeal (이의신청) until Fri 9 April 2027, 10:00 (Korea time): \
reply to this e-mail and tell us why. A member of staff will look at it again and answer you.

If you have a question, reply to this e-mail and a member of staff will answer.

The programme office"""

OFFERED_KO = """\
홍길동 님, 합격하셨습니다. 기한 안에 수락하시면 자리가 확정됩니다.

응답 기한: 2027년 4월 2일 (금) 10:00 (한국 시간)까지

이 기한까지 수락하실지 거절하실지 알려 주십시오. 이 메일에 회신하셔도 됩니다.
응답이 없으시면 응답 기간의 절반이 지났을 때, 80%가 지났을 때, 그리고 기한 2시간 전에 다시 알려 드립니다.
기한까지 응답이 없으면 합격 제안이 종료되고 자리는 다음 순번으로 넘어갑니다.

궁금하신 점은 이 메일에 회신해 주시면 담당자가 답변드립니다.

교육과정 운영 담당자 드림"""

OFFERED_EN = """\
Dear Ann O'Neill,

You have been selected. The seat is yours if you accept it in time.

Answer by: Fri 2 April 2027, 10:00 (Korea time)

Please tell us by then whether you accept or decline. You may do so by replying to this e-mail.
Until you answer, we remind you when half of the time has passed, when 80 % of it has, and 2 hours before the end.
Without an answer the offer ends, and the seat goes to the next person on the list.

If you have a question, reply to this e-mail and a member of staff will answer.

The programme office"""


def notice(kind: str, **data: Any) -> Notice:
    role = APPLICANT.name
    return Notice(id=MessageId("n"), type=kind, role=role, case=CaseId("c"), workflow="application", data=data, at=NOW)


def example_of(model: type[NoticeBody]) -> Notice:
    return notice(model.__name__, **{field: EXAMPLES[field] for field in model.model_fields})


def person(locale: Locale, name: str | None = None) -> Person:
    return Person(
        id=PersonId("p"),
        name=NAMES[locale] if name is None else name,
        email="person@example.org",
        contact="+821000000000",
        locale=locale,
        updated_at=NOW,
        erase_on=date(2027, 12, 31),
    )


def a_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LETTERS, tmp_path / "letters"))


# ---- what the letters say


@pytest.mark.parametrize(
    ("locale", "kind", "subject", "body"),
    [
        ("ko", "ApplicationIneligible", "지원 자격 확인 결과 안내", INELIGIBLE_KO),
        ("en", "ApplicationIneligible", "About your eligibility", INELIGIBLE_EN),
        ("ko", "SeatOffered", "합격을 알려 드립니다: 기한 안에 응답해 주십시오", OFFERED_KO),
        ("en", "SeatOffered", "You have been offered a seat: please answer in time", OFFERED_EN),
    ],
)
def test_a_letter_reads_to_the_last_letter_as_agreed(locale: Locale, kind: str, subject: str, body: str) -> None:
    models = {model.__name__: model for model in TOLD}

    assert TemplateScribe().write(example_of(models[kind]), person(locale)) == (subject, body)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("model", TOLD, ids=lambda model: model.__name__)
def test_every_notice_to_people_becomes_a_letter_with_a_name_and_a_way_to_ask(
    model: type[NoticeBody], locale: Locale
) -> None:
    subject, body = TemplateScribe().write(example_of(model), person(locale))

    assert subject
    assert "\n" not in subject
    assert NAMES[locale] in body.split("\n\n")[0]
    assert {"ko": "회신해 주시면 담당자가 답변드립니다.", "en": "reply to this e-mail"}[locale] in body
    assert "\n\n\n" not in body
    assert body == body.strip()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", AGAINST_THE_PERSON)
def test_whoever_is_told_no_learns_how_to_have_it_looked_at_again(kind: str, locale: Locale) -> None:
    models = {model.__name__: model for model in TOLD}

    _, body = TemplateScribe().write(example_of(models[kind]), person(locale))

    until = {"ko": "2027년 4월 9일 (금) 10:00 (한국 시간)까지", "en": "until Fri 9 April 2027, 10:00 (Korea time)"}[
        locale
    ]
    assert (until in body, "이의신청" in body) == (kind in APPEALABLE, kind in APPEALABLE)
    assert kind in APPEALABLE or {"ko": "7일 이내에", "en": "within 7 days"}[locale] in body


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", APPEALABLE)
def test_where_there_is_a_page_to_appeal_on_the_letter_links_to_it_and_else_says_nothing_of_one(
    kind: str, locale: Locale
) -> None:
    models = {model.__name__: model for model in TOLD}
    linked: list[Notice] = []

    def links(told: Notice) -> Mapping[str, str]:
        linked.append(told)
        return {"appeal_link": PAGE}

    told = example_of(models[kind])
    _, with_link = TemplateScribe(links=links).write(told, person(locale))
    _, without = TemplateScribe().write(told, person(locale))

    assert linked == [told]
    (line,) = (line for line in with_link.splitlines() if PAGE in line)
    assert line.endswith(f": {PAGE}")
    assert with_link.replace(f"{line}\n", "") == without


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", BY_A_HUMAN)
def test_where_a_human_decided_the_letter_says_so(kind: str, locale: Locale) -> None:
    models = {model.__name__: model for model in TOLD}

    _, body = TemplateScribe().write(example_of(models[kind]), person(locale))

    assert {"ko": "자동으로 ", "en": "not decided automatically"}[locale] in body
    assert re.search(
        {"ko": "(담당자|책임자).*직접", "en": "member of staff|members of staff|person in charge"}[locale], body
    )


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_phase_is_told_in_words_of_the_language(phase: str, locale: Locale) -> None:
    scribe = TemplateScribe()

    begun = scribe.write(notice("PhaseStarted", phase=phase), person(locale))
    failed = scribe.write(notice("GateFailed", failed_gate=phase), person(locale))

    words = {
        "ko": {"online": "온라인 기초 과정", "offline": "오프라인 과정", "pitch": "피칭"},
        "en": {"online": "online basics", "offline": "offline training", "pitch": "pitch"},
    }
    assert words[locale][phase] in begun[0]
    assert words[locale][phase] in begun[1]
    assert words[locale][phase] in failed[1]


def test_an_instant_is_told_by_the_clocks_of_seoul_whatever_its_zone() -> None:
    scribe = TemplateScribe()
    instants = [
        datetime(2026, 12, 31, 15, 0, 59, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 0, 59, tzinfo=timezone(timedelta(hours=9))),
        "2026-12-31T10:00:59-05:00",
    ]

    bodies = {scribe.write(notice("SeatOffered", answer_by=each), person("ko"))[1] for each in instants}

    assert len(bodies) == 1
    assert "2027년 1월 1일 (금) 00:00 (한국 시간)" in bodies.pop()


def test_a_template_may_hand_the_instant_filter_iso_text_but_never_one_without_a_zone(tmp_path: Path) -> None:
    folder = a_copy(tmp_path)
    (folder / "no_seat.en.txt").write_text("Subject: s\n\n{{ '2027-04-02T01:00:00Z' | instant }}", encoding="utf-8")
    (folder / "no_seat.ko.txt").write_text("Subject: s\n\n{{ '2027-04-02T01:00:00' | instant }}", encoding="utf-8")
    scribe = TemplateScribe(folder)

    assert scribe.write(notice("NoSeat", appeal_by="2027-04-09T01:00:00Z"), person("en")) == (
        "s",
        "Fri 2 April 2027, 10:00 (Korea time)",
    )
    with pytest.raises(ValueError, match="zone"):
        scribe.write(notice("NoSeat", appeal_by="2027-04-09T01:00:00Z"), person("ko"))


@pytest.mark.parametrize(
    "unknown",
    [
        notice("PhaseStarted", phase="moon"),
        notice("NoSuchNotice"),
    ],
    ids=lambda each: each.type,
)
def test_nobody_gets_a_letter_with_a_code_in_place_of_words(unknown: Notice) -> None:
    with pytest.raises(LookupError):
        TemplateScribe().write(unknown, person("ko"))


# ---- what cannot be done from outside


@pytest.mark.parametrize(
    "name",
    ["{{7*7}}", "{% raw %}", "{{ self.__init__.__globals__ }}", "<b>A</b> & 'B'", "${7*7} %s {0} \\n", "# {# note #}"],
)
@pytest.mark.parametrize("locale", LOCALES)
def test_a_name_that_looks_like_code_is_written_as_it_is(name: str, locale: Locale) -> None:
    _, body = TemplateScribe().write(notice("NoSeat", appeal_by="2027-04-09T01:00:00Z"), person(locale, name))

    assert name in body.split("\n\n")[0]


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\r", "\v", "\f", "\x00", "\x1c", "\x85", "\u2028", "\u2029", "\u202e"])
def test_a_name_adds_no_line_to_a_letter_and_no_header_to_its_subject(gap: str, tmp_path: Path) -> None:
    folder = a_copy(tmp_path)
    (folder / "no_seat.en.txt").write_text("Subject: For {{ name }}\n\nDear {{ name }}.\n", encoding="utf-8")
    name = f"Ann{gap}{gap}Bcc: all@example.org{gap}"

    written = TemplateScribe(folder).write(notice("NoSeat", appeal_by="2027-04-09T01:00:00Z"), person("en", name))

    assert written == ("For Ann Bcc: all@example.org", "Dear Ann Bcc: all@example.org.")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_reason_is_one_line_of_its_list_and_only_in_the_language_of_the_letter(locale: Locale) -> None:
    reasons = {"reasons_ko": ["가\n나", "{{ name }}"], "reasons_en": ["a\r\nb", "{{ name }}"]}

    _, body = TemplateScribe().write(
        notice("ApplicationIneligible", appeal_by="2027-04-09T01:00:00Z", **reasons), person(locale)
    )

    first = {"ko": "- 가 나", "en": "- a b"}[locale]
    assert [line for line in body.splitlines() if line.startswith("- ")] == [first, "- {{ name }}"]


# ---- what `check` finds


def test_the_templates_we_ship_have_no_fault() -> None:
    assert TemplateScribe().check() == []


def test_check_names_every_fault_at_once(tmp_path: Path) -> None:
    folder = a_copy(tmp_path)
    (folder / "no_seat.ko.txt").unlink()
    (folder / "nobody.ko.txt").write_text("Subject: s\n\nb", encoding="utf-8")
    seeded = {
        "seat_offered.en.txt": "Subject: s\n\n{{ name }} {{ answer_by }} {{ anwser_by }}",
        "offer_expiring.en.txt": "Subject: s\n\n{{ name }}",
        "offer_expired.en.txt": "s\n\n{{ name }}",
        "waitlist_ended.en.txt": "Subject: \n\n{{ name }}",
        "application_late.en.txt": "Subject: s\n{{ name }}",
        "answer_too_late.en.txt": "Subject: s\n\n{{ name",
        "edit_too_late.en.txt": "Subject: s\n\n{{ name | shout }}",
    }
    for file, text in seeded.items():
        (folder / file).write_text(text, encoding="utf-8")
    (folder / "outcome_received.ko.txt").write_bytes("Subject: 근황".encode("cp949"))

    reasons = "Subject: s\n\n{{ name }} {{ reasons_en }} {{ appeal_by }} {{ appeal_link }}"
    for locale in LOCALES:
        (folder / f"application_ineligible.{locale}.txt").write_text(reasons, encoding="utf-8")

    faults = TemplateScribe(folder).check()

    assert faults == [
        "answer_too_late.en.txt: line 3: unexpected end of template, expected 'end of print statement'.",
        "application_ineligible.ko.txt: [reasons_ko] of ApplicationIneligible is never told",
        "application_late.en.txt: the first line is not [Subject: ...] with a blank line after it",
        "edit_too_late.en.txt: line 3: No filter named 'shout'.",
        "no_seat.ko.txt: a notice to people has no template in this language",
        "nobody.ko.txt: no notice to people uses this template",
        "offer_expired.en.txt: the first line is not [Subject: ...] with a blank line after it",
        "offer_expiring.en.txt: [answer_by] of OfferExpiring is never told",
        "outcome_received.ko.txt: this is not UTF-8",
        "seat_offered.en.txt: [anwser_by] is no field of SeatOffered",
        "waitlist_ended.en.txt: the first line is not [Subject: ...] with a blank line after it",
    ]


def test_a_scribe_reads_a_template_only_when_its_letter_is_written_and_only_once(tmp_path: Path) -> None:
    scribe = TemplateScribe(tmp_path)
    template = tmp_path / "no_seat.ko.txt"
    template.write_text("Subject: s\n\nfirst", encoding="utf-8")

    first = scribe.write(notice("NoSeat", appeal_by="2027-04-09T01:00:00Z"), person("ko"))
    template.unlink()
    again = scribe.write(notice("NoSeat", appeal_by="2027-04-09T01:00:00Z"), person("ko"))

    assert first == again == ("s", "first")


def test_a_missing_template_or_field_stops_the_letter(tmp_path: Path) -> None:
    (tmp_path / "no_seat.ko.txt").write_text("Subject: s\n\n{{ seat }}", encoding="utf-8")
    scribe = TemplateScribe(tmp_path)

    with pytest.raises(UndefinedError):
        scribe.write(notice("NoSeat", appeal_by="2027-04-09T01:00:00Z"), person("ko"))
    with pytest.raises(TemplateNotFound):
        scribe.write(notice("NoSeat", appeal_by="2027-04-09T01:00:00Z"), person("en"))
