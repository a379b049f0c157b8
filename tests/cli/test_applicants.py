"""The committed form export says what its generator's docstring says, counted here without the generator."""

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import groupby, pairwise
from pathlib import Path

from functions.cli.demo import make_applicants

EXPORT = Path(__file__).parents[2] / "functions" / "cli" / "demo" / "applicants.csv"
KST = timezone(timedelta(hours=9))
OPENS_AT = datetime(2027, 3, 2, 9, tzinfo=KST)
CLOSES_AT = datetime(2027, 3, 19, 18, tzinfo=KST)

TIME = "타임스탬프"
EMAIL = "이메일 주소"
NAME = "이름"
MOBILE = "휴대전화 번호"
UNIVERSITY = "대학교"
DEPARTMENT = "학과"
STUDENT_NUMBER = "학번"
STATUS = "재학 상태"
ATTENDANCE = "9주 오프라인 과정 전일 참여 가능 여부"
MOTIVE = "지원 동기"
CONSENT = "개인정보 수집·이용 동의"
SHARING = "제3자 제공 동의 (선택)"
LANGUAGE = "안내 메시지 언어"
HEADER = [
    *(TIME, EMAIL, NAME, MOBILE, UNIVERSITY, DEPARTMENT, STUDENT_NUMBER, STATUS, ATTENDANCE),
    *(MOTIVE, CONSENT, SHARING, LANGUAGE),
]

WRITINGS = {
    "hyphens": r"010-[0-9]{4}-[0-9]{4}",
    "digits": r"010[0-9]{8}",
    "spaces": r"010 [0-9]{4} [0-9]{4}",
    "country": r"\+82 10-[0-9]{4}-[0-9]{4}",
    "country and zero": r"\+82 \(0\)10 [0-9]{4} [0-9]{4}",
    "full width": r"[０-９]{11}",
}


@dataclass(frozen=True)
class Sent:
    """One row after the first of its person, with the row before it."""

    row: dict[str, str]
    previous: dict[str, str]

    @property
    def seconds_later(self) -> float:
        return (sent_at(self.row) - sent_at(self.previous)).total_seconds()

    @property
    def changed(self) -> set[str]:
        return {column for column in HEADER[1:] if self.row[column] != self.previous[column]}


def committed_rows() -> list[dict[str, str]]:
    with EXPORT.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def sent_at(row: dict[str, str]) -> datetime:
    found = re.fullmatch(
        r"(\d{4})/(\d\d)/(\d\d) ([1-9]|1[0-2]):([0-5]\d):([0-5]\d) (오전|오후) GMT\+9", row[TIME], re.ASCII
    )
    assert found, row[TIME]
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    return datetime(year, month, day, hour % 12 + 12 * (found[7] == "오후"), minute, second, tzinfo=KST)


def person(row: dict[str, str]) -> str:
    return "010" + re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", row[MOBILE]))[-8:]


def persons() -> dict[str, list[dict[str, str]]]:
    ordered = sorted(committed_rows(), key=person)
    return {number: sorted(rows, key=sent_at) for number, rows in groupby(ordered, key=person)}


def first_rows() -> list[dict[str, str]]:
    return [rows[0] for rows in persons().values()]


def later_rows() -> list[Sent]:
    return [Sent(row, previous) for rows in persons().values() for previous, row in pairwise(rows)]


def double_clicks() -> list[Sent]:
    return [sent for sent in later_rows() if sent.changed <= {MOBILE}]


def edits() -> list[Sent]:
    return [sent for sent in later_rows() if not sent.changed <= {MOBILE}]


def is_late(row: dict[str, str]) -> bool:
    return sent_at(row) > CLOSES_AT


def writing(row: dict[str, str]) -> str:
    (name,) = (name for name, pattern in WRITINGS.items() if re.fullmatch(pattern, row[MOBILE]))
    return name


def plain_name(row: dict[str, str]) -> str:
    return re.sub(r"[\s\u200b]", "", unicodedata.normalize("NFC", row[NAME]))


def is_korean_name(row: dict[str, str]) -> bool:
    return re.fullmatch("[가-힣]+", plain_name(row)) is not None


def has_emoji(row: dict[str, str]) -> bool:
    return any(unicodedata.category(character) == "So" for character in row[MOTIVE])


def test_regenerating_gives_the_committed_bytes() -> None:
    assert make_applicants.export() == EXPORT.read_bytes()


def test_generating_twice_in_one_process_gives_the_same_bytes() -> None:
    assert make_applicants.export() == make_applicants.export()


def test_the_file_is_utf_8_without_a_byte_order_mark() -> None:
    text = EXPORT.read_bytes().decode("utf-8", errors="strict")

    assert text[:7] == f'"{TIME}"'


def test_every_field_is_quoted_and_every_line_ends_in_crlf() -> None:
    text = EXPORT.read_bytes().decode()

    field = r'"(?:[^"\r]|"")*"'
    assert re.fullmatch(rf"(?:{field}(?:,{field}){{12}}\r\n){{196}}", text)


def test_the_header_is_the_questions_of_the_form() -> None:
    with EXPORT.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == HEADER


def test_180_persons_sent_195_rows() -> None:
    assert (len(persons()), len(committed_rows())) == (180, 195)


def test_the_rows_stand_in_the_order_they_were_sent_and_no_two_in_one_second() -> None:
    times = [sent_at(row) for row in committed_rows()]

    assert times == sorted(set(times))


def test_every_row_is_sent_between_the_opening_and_two_days_after_the_close() -> None:
    times = [sent_at(row) for row in committed_rows()]

    assert min(times) >= OPENS_AT
    assert max(times) == CLOSES_AT + timedelta(days=2)


def test_some_rows_are_sent_in_the_hour_after_midnight_and_some_in_the_hour_after_noon() -> None:
    halves = {re.sub(r":\d\d:\d\d", "", row[TIME][11:]) for row in committed_rows()}

    assert {"12 오전 GMT+9", "12 오후 GMT+9"} <= halves


def test_every_first_row_has_a_number_that_rings_nowhere() -> None:
    assert {number for number in persons() if not re.fullmatch(r"010[01][0-9]{7}", number)} == set()


def test_persons_come_from_five_universities_and_most_from_one() -> None:
    assert Counter(row[UNIVERSITY] for row in first_rows()) == {
        "전남대학교": 104,
        "조선대학교": 34,
        "광주대학교": 17,
        "호남대학교": 14,
        "동신대학교": 11,
    }


def test_every_department_is_named() -> None:
    assert {row[DEPARTMENT][-2:] for row in committed_rows()} == {"학과", "학부"}


def test_student_numbers_have_six_or_eight_digits_and_nine_begin_with_zero() -> None:
    numbers = [row[STUDENT_NUMBER] for row in first_rows()]

    assert all(re.fullmatch(r"[0-9]{6}|[0-9]{8}", number) for number in numbers)
    assert Counter(len(number) for number in numbers) == {6: 104, 8: 76}
    assert sum(number.startswith("0") for number in numbers) == 9
    assert len(set(numbers)) == 180


def test_one_person_is_no_student_and_five_are_on_leave() -> None:
    assert Counter(row[STATUS] for row in first_rows()) == {"재학": 174, "휴학": 5, "해당 없음 (졸업·일반인)": 1}


def test_two_persons_cannot_attend() -> None:
    assert Counter(row[ATTENDANCE] for row in first_rows()) == {"예, 가능합니다": 178, "아니요": 2}


def test_those_who_fail_a_rule_are_three_persons_each_with_one_row_in_time() -> None:
    failing = [
        rows
        for rows in persons().values()
        if any(row[STATUS].startswith("해당 없음") or row[ATTENDANCE] == "아니요" for row in rows)
    ]

    assert [(len(rows), is_late(rows[0])) for rows in failing] == [(1, False)] * 3


def test_every_row_consents_to_the_collection() -> None:
    assert {row[CONSENT] for row in committed_rows()} == {"동의합니다"}


def test_a_fifth_of_the_persons_does_not_consent_to_sharing_in_words_or_in_silence() -> None:
    first = Counter(row[SHARING] for row in first_rows())
    last = Counter(rows[-1][SHARING] for rows in persons().values())

    assert first == {"동의합니다": 144, "": 18, "동의하지 않습니다": 18}
    assert last == {"동의합니다": 144, "": 17, "동의하지 않습니다": 19}


def test_eight_persons_ask_for_english_and_the_foreign_names_are_among_them() -> None:
    english = {person(row) for row in committed_rows() if row[LANGUAGE] == "English"}

    assert Counter(row[LANGUAGE] for row in first_rows()) == {"한국어": 172, "English": 8}
    assert {person(row) for row in committed_rows() if not is_korean_name(row)} <= english


def test_motives_have_two_to_four_sentences_and_no_two_persons_share_one() -> None:
    motives = [row[MOTIVE] for row in committed_rows()]

    assert Counter(len(re.findall(r"[.!](?=\s|$)", text)) for text in motives).keys() == {2, 3, 4}
    assert len({row[MOTIVE] for row in first_rows()}) == 180


def test_motives_hold_commas_quotes_and_line_breaks() -> None:
    motives = [row[MOTIVE] for row in first_rows()]

    counts = {mark: sum(mark in text for text in motives) for mark in (",", '"', "\n")}

    assert min(counts.values()) >= 10


def test_one_persons_motive_has_an_emoji() -> None:
    assert len({person(row) for row in committed_rows() if has_emoji(row)}) == 1


def test_addresses_reach_nobody_and_belong_to_one_person_each() -> None:
    rows = committed_rows()

    assert {row[EMAIL].lower().rpartition("@")[2] for row in rows} == {"example.com", "example.org", "example.net"}
    assert len({row[EMAIL].lower() for row in first_rows()}) == 180


def test_some_addresses_are_in_capitals_and_some_in_mixed_case() -> None:
    def case(text: str) -> str:
        return "lower" if text.islower() else "upper" if text.isupper() else "mixed"

    assert Counter(case(row[EMAIL]) for row in first_rows()) == {"lower": 158, "mixed": 14, "upper": 8}


def test_mobile_numbers_are_written_in_six_ways() -> None:
    assert Counter(writing(row) for row in first_rows()) == {
        "hyphens": 108,
        "digits": 44,
        "spaces": 10,
        "country": 8,
        "country and zero": 5,
        "full width": 5,
    }


def test_three_persons_write_their_number_another_way_the_second_time() -> None:
    assert sum(len({writing(row) for row in rows}) > 1 for rows in persons().values()) == 3


def test_three_names_are_foreign() -> None:
    foreign = {row[NAME] for row in first_rows() if not is_korean_name(row)}

    assert foreign == {"Nguyen Thi Lan", "O'Brien Sean", "محمد علي"}


def test_six_names_are_decomposed() -> None:
    assert sum(not unicodedata.is_normalized("NFC", row[NAME]) for row in first_rows()) == 6


def test_only_names_are_decomposed() -> None:
    others = [row[column] for row in committed_rows() for column in HEADER if column != NAME]

    assert [text for text in others if not unicodedata.is_normalized("NFC", text)] == []


def test_three_korean_names_have_a_space_inside_and_three_have_spaces_around() -> None:
    korean = [row[NAME] for row in first_rows() if is_korean_name(row)]

    assert sum(" " in name.strip(" ") for name in korean) == 3
    assert sum(name != name.strip(" ") for name in korean) == 3


def test_one_name_hides_a_no_break_space_and_a_zero_width_space() -> None:
    hiding = [row[NAME] for row in first_rows() if re.search("[\u00a0\u200b]", row[NAME])]

    assert [(name.count("\u00a0"), name.count("\u200b")) for name in hiding] == [(1, 1)]


def test_two_persons_share_a_name() -> None:
    shared = Counter(plain_name(row) for row in first_rows())

    assert [count for count in shared.values() if count > 1] == [2]


def test_six_persons_double_click_within_forty_seconds_and_before_the_close() -> None:
    clicks = double_clicks()

    assert sorted(sent.seconds_later for sent in clicks) == [1, 2, 5, 11, 23, 40]
    assert len({person(sent.row) for sent in clicks}) == 6
    assert not any(is_late(sent.row) for sent in clicks)


def test_one_double_click_has_the_mobile_number_written_another_way() -> None:
    assert sum(sent.changed == {MOBILE} for sent in double_clicks()) == 1


def test_seven_edits_by_six_persons_come_before_the_close() -> None:
    in_time = [sent for sent in edits() if not is_late(sent.row)]

    assert sorted(Counter(person(sent.row) for sent in in_time).values()) == [1, 1, 1, 1, 1, 2]
    assert min(sent.seconds_later for sent in in_time) >= 600


def test_edits_in_time_change_department_motive_sharing_or_address() -> None:
    changes = Counter(frozenset(sent.changed) for sent in edits() if not is_late(sent.row))

    assert changes == {
        frozenset({DEPARTMENT}): 1,
        frozenset({MOTIVE}): 2,
        frozenset({SHARING}): 2,
        frozenset({EMAIL}): 1,
        frozenset({DEPARTMENT, MOTIVE, MOBILE}): 1,
    }


def test_one_edit_gives_the_consent_to_share_and_one_takes_it_back() -> None:
    answers = {(sent.previous[SHARING], sent.row[SHARING]) for sent in edits() if SHARING in sent.changed}

    assert answers == {("", "동의합니다"), ("동의합니다", "동의하지 않습니다")}


def test_three_persons_are_late_with_their_only_row() -> None:
    late = [rows for rows in persons().values() if is_late(rows[0])]

    assert [len(rows) for rows in late] == [1, 1, 1]
    assert sorted(sent_at(row) - CLOSES_AT for (row,) in late) == [
        timedelta(seconds=3),
        timedelta(hours=5, minutes=47, seconds=12),
        timedelta(days=2),
    ]


def test_two_persons_who_were_in_time_edit_after_the_close() -> None:
    late = [sent for sent in edits() if is_late(sent.row)]

    assert {frozenset(sent.changed) for sent in late} == {frozenset({MOTIVE}), frozenset({DEPARTMENT, MOBILE})}
    assert [is_late(persons()[person(sent.row)][0]) for sent in late] == [False, False]
    assert sorted(sent_at(sent.row) - CLOSES_AT for sent in late) == [
        timedelta(seconds=52),
        timedelta(hours=15, minutes=20, seconds=38),
    ]


def test_nobody_both_double_clicks_and_edits() -> None:
    clicking = {person(sent.row) for sent in double_clicks()}

    assert clicking & {person(sent.row) for sent in edits()} == set()


def test_one_row_is_sent_exactly_at_the_close() -> None:
    assert sum(row[TIME] == "2027/03/19 6:00:00 오후 GMT+9" for row in committed_rows()) == 1


def test_25_first_rows_arrive_in_the_last_hour() -> None:
    rush = [row for row in first_rows() if CLOSES_AT - timedelta(hours=1) <= sent_at(row) <= CLOSES_AT]

    assert len(rush) == 25
