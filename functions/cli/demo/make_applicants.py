"""The form export of the round `gwangju-2027-1`, as Google Forms writes it for a Korean user.

`python -m functions.cli.demo.make_applicants` rewrites `applicants.csv` beside this file, byte for byte the same.
All people are invented.  Their mobile numbers cannot ring: no operator is given the exchanges 0000 to 1999 after 010.

The make-up, all of it counted again by `tests/cli/test_applicants.py`:

- 180 persons (a person is a mobile number) in 195 rows: 180 first rows and 15 later ones;
- of the first rows 177 are in time, 25 of them in the last hour and one of these exactly at the close; 3 are late;
- the later rows are 6 double clicks, 7 edits in time by 6 persons (one edits twice) and 2 edits after the close;
- one non-student and two who cannot attend: three different persons, in time, with one row each;
- two persons share a name and three names are foreign; 6 names are decomposed, 3 spaced inside, 3 spaced around,
  and one hides a no-break and a zero-width space;
- mobile numbers are written in six ways, and 3 persons write theirs another way the second time.
"""

import csv
import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import TypeVar

EXPORT = Path(__file__).with_name("applicants.csv")
SEED = 20270302

KST = timezone(timedelta(hours=9))
OPENS_AT = datetime(2027, 3, 2, 9, tzinfo=KST)
CLOSES_AT = datetime(2027, 3, 19, 18, tzinfo=KST)
RUSH_FROM = CLOSES_AT - timedelta(hours=1)

HEADER = (
    "타임스탬프",
    "이메일 주소",
    "이름",
    "휴대전화 번호",
    "대학교",
    "학과",
    "학번",
    "재학 상태",
    "9주 오프라인 과정 전일 참여 가능 여부",
    "지원 동기",
    "개인정보 수집·이용 동의",
    "제3자 제공 동의 (선택)",
    "안내 메시지 언어",
)

# How many first rows carry which answer.  Each table adds up to PERSONS, or to the Korean names among them.
PERSONS = 180
AGREED, REFUSED = "동의합니다", "동의하지 않습니다"
NON_STUDENT = "해당 없음 (졸업·일반인)"
CANNOT_ATTEND = "아니요"
SIX_DIGITS = "전남대학교"
UNIVERSITIES = {SIX_DIGITS: 104, "조선대학교": 34, "광주대학교": 17, "호남대학교": 14, "동신대학교": 11}
STATUSES = {"재학": 174, "휴학": 5, NON_STUDENT: 1}
ATTENDANCE = {"예, 가능합니다": 178, CANNOT_ATTEND: 2}
SHARING = {AGREED: 144, "": 18, REFUSED: 18}
HAS_LEADING_ZERO = {False: 171, True: 9}
MOBILE_IN_FULL_WIDTH = "０１０{}{}"
MOBILE_WRITINGS = {
    "010-{}-{}": 108,
    "010{}{}": 44,
    "010 {} {}": 10,
    "+82 10-{}-{}": 8,
    "+82 (0)10 {} {}": 5,
    MOBILE_IN_FULL_WIDTH: 5,
}
ADDRESS_CASES: dict[Callable[[str], str], int] = {str.lower: 158, str.title: 14, str.upper: 8}
FOREIGN_NAMES = (("Nguyen Thi Lan", "lan.nguyen"), ("O'Brien Sean", "sean_obrien"), ("محمد علي", "m.ali"))
KOREAN_NAME_WRITINGS = {"plain": 164, "decomposed": 6, "spaced inside": 3, "spaced around": 3, "hidden spaces": 1}
KOREAN_NAME_LANGUAGES = {"한국어": 172, "English": 5}

RUSH = 24
LATE_BY = (timedelta(seconds=3), timedelta(hours=5, minutes=47, seconds=12), timedelta(days=2))
DOUBLE_CLICKS_AFTER_SECONDS = (1, 2, 5, 11, 23, 40)
DOUBLE_CLICKS_IN_RUSH = 2
LATE_EDITS_BY = (timedelta(seconds=52), timedelta(hours=15, minutes=20, seconds=38))

# People apply on the first day and in the last days, in the evening, and some past midnight.
DAY_WEIGHTS = (16, 9, 7, 5, 3, 3, 5, 5, 4, 4, 4, 3, 4, 6, 8, 11, 16, 22)
HOUR_WEIGHTS = (5, 3, 1, 0, 0, 0, 0, 1, 3, 6, 8, 8, 6, 8, 9, 9, 9, 8, 7, 8, 9, 11, 11, 9)

# The commonest family names stand here as often as they are common.
FAMILIES = (
    *("김 kim", "이 lee") * 8,
    *("박 park", "최 choi", "정 jung") * 4,
    *("강 kang", "조 cho", "윤 yoon", "장 jang", "임 lim", "한 han", "오 oh", "서 seo") * 2,
    *("신 shin", "권 kwon", "황 hwang", "안 ahn", "송 song", "류 ryu", "홍 hong", "문 moon", "배 bae", "위 wi"),
)
GIVEN_NAMES = (
    *("하윤 hayun", "동하 dongha", "지우 jiwoo", "민서 minseo", "주원 juwon", "은서 eunseo", "서연 seoyeon"),
    *("건우 geonwoo", "다은 daeun", "승민 seungmin", "가람 garam", "시우 siwoo", "예준 yejun", "아린 arin"),
    *("재윤 jaeyun", "혜진 hyejin", "성민 seongmin", "한결 hangyeol", "도윤 doyun", "지안 jian", "하린 harin"),
    *("이솔 isol", "라온 raon", "다온 daon", "새봄 saebom", "가온 gaon", "해솔 haesol", "예솔 yesol"),
    *("태윤 taeyun", "은별 eunbyeol", "소은 soeun", "세아 sea", "규민 gyumin", "재희 jaehui", "서하 seoha"),
    *("찬솔 chansol", "은율 eunyul", "연수 yeonsu", "지환 jihwan", "하람 haram", "준서 junseo", "윤슬 yunseul"),
)
DOMAINS = ("example.com", "example.org", "example.net")
DEPARTMENTS = (
    *("소프트웨어공학과", "컴퓨터공학과", "인공지능학부", "전자컴퓨터공학부", "빅데이터융합학과", "산업공학과"),
    *("전기공학과", "기계공학부", "신소재공학부", "수학과", "통계학과", "생명과학과", "경영학부", "경제학부"),
    *("국어국문학과", "문헌정보학과", "미디어커뮤니케이션학과", "시각디자인학과"),
)

OPENINGS = (
    "전공 수업에서 배운 내용을 실제 서비스에 적용해 보고 싶어 지원합니다.",
    "혼자 온라인 강의를 들으며 공부했지만, 피드백을 받을 기회가 없어 늘 아쉬웠습니다.",
    "광주에서 계속 살면서, 광주에서 일할 수 있는 길을 찾고 있습니다.",
    '동아리 선배가 "직접 부딪혀 봐야 는다"라고 한 말이 계속 기억에 남았습니다.',
    "작년 여름에 {topic} 페이지를 만들면서 개발의 재미를 알게 되었습니다.",
    "숫자와 데이터로 문제를 설명하는 일에 관심이 많습니다.",
    "진로를 고민하던 중 학과 게시판에서 이 과정을 알게 되었습니다.",
    "팀으로 일하는 경험을 제대로 해 보고 싶습니다.",
)
MIDDLES = (
    "지난 학기에는 {topic} 앱을 팀 과제로 만들었고, 저는 화면 설계를 맡았습니다.",
    "{skill} 기초는 익혔지만, 다른 사람이 쓰는 코드를 작성해 본 적은 없습니다.",
    '과제를 낼 때마다 "왜 이렇게 되는가"를 끝까지 확인하는 편입니다.',
    "아르바이트를 하면서 손으로 적던 장부를 표 계산 문서로 바꾼 적이 있습니다.",
    "부족한 점은 {skill} 스터디를 꾸려 매주 세 번, 두 시간씩 채우고 있습니다.",
    "{topic} 자료를 모아 그래프로 정리해 본 것이 가장 기억에 남습니다.",
    "발표는 서툴지만 맡은 일은 끝까지 합니다.",
    "공모전에서는 떨어졌지만, 그때 만든 {topic} 시제품을 지금도 고치고 있습니다.",
)
CLOSINGS = (
    "9주 동안 빠짐없이 참여하여 끝까지 완주하겠습니다.",
    "과정을 마치면 {topic} 서비스를 직접 완성해 공개하고 싶습니다.",
    "배운 것을 후배들에게도 나누고 싶습니다.",
    "이번 기회에 기본기를 다지고, 지역 기업에서 첫 직장을 구하는 것이 목표입니다.",
    "함께 성장하는 동료를 만나고 싶습니다!",
    "현장에서 일하는 분들의 조언을 듣고, 제 코드를 처음부터 다시 점검하고 싶습니다.",
    "잘 부탁드립니다.",
)
TOPICS = (
    *("버스 도착 안내", "전통시장 재고 관리", "도서관 좌석 예약", "유기견 입양 안내", "동네 축제 일정"),
    *("기숙사 세탁실 예약", "중고 교재 나눔", "농산물 가격 비교", "무등산 등산로 안내", "미세먼지 알림"),
)
SKILLS = ("파이썬", "자바", "자바스크립트", "SQL", "리눅스", "머신러닝")
EMOJI = " 🙌"

T = TypeVar("T")


@dataclass(frozen=True)
class Mobile:
    """A mobile number, and the way its owner typed it."""

    number: str
    writing: str

    def __str__(self) -> str:
        text = self.writing.format(self.number[:4], self.number[4:])
        if self.writing != MOBILE_IN_FULL_WIDTH:
            return text
        return text.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})


@dataclass(frozen=True)
class Row:
    """One row of the export, its fields in the order of the header."""

    sent_at: datetime
    email: str
    name: str
    mobile: Mobile
    university: str
    department: str
    student_number: str
    status: str
    attendance: str
    motive: str
    consent: str
    sharing: str
    language: str


Change = Callable[[Random, Row], Row]


def export() -> bytes:
    """The whole file: the header, then all rows in the order they were sent."""
    chance = Random(SEED)  # noqa: S311 - a demo wants the same people every time
    firsts = first_rows(chance)
    rows = sorted([*firsts, *later_rows(chance, firsts)], key=lambda row: row.sent_at)
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows([forms_time(row.sent_at), *list(vars(row).values())[1:]] for row in rows)
    return text.getvalue().encode()


def forms_time(at: datetime) -> str:
    """The instant as Forms writes it in Korean, such as `2027/03/05 3:26:29 오후 GMT+9`."""
    half = "오전" if at.hour < 12 else "오후"  # noqa: PLR2004 - noon
    return f"{at:%Y/%m/%d} {(at.hour - 1) % 12 + 1}:{at:%M:%S} {half} GMT+9"


def spread(chance: Random, counts: dict[T, int]) -> list[T]:
    """Every value as often as it is counted, shuffled."""
    values = [value for value, count in counts.items() for _ in range(count)]
    chance.shuffle(values)
    return values


def distinct(draw: Callable[[], T], count: int) -> list[T]:
    """So many drawn values, no two of them equal."""
    values: dict[T, None] = {}
    while len(values) < count:
        values[draw()] = None
    return list(values)


def first_rows(chance: Random) -> list[Row]:
    """One row for each person, in no order."""
    people = names(chance)
    universities = spread(chance, UNIVERSITIES)
    columns = zip(
        first_times(chance),
        addresses(chance, people),
        names_as_typed(chance, people),
        mobiles(chance),
        universities,
        chance.choices(DEPARTMENTS, k=PERSONS),
        student_numbers(chance, universities),
        spread(chance, STATUSES),
        spread(chance, ATTENDANCE),
        motives(chance),
        [AGREED] * PERSONS,
        spread(chance, SHARING),
        [*spread(chance, KOREAN_NAME_LANGUAGES), *["English"] * len(FOREIGN_NAMES)],
        strict=True,
    )
    return [Row(*cells) for cells in columns]


def first_times(chance: Random) -> list[datetime]:
    """When each person first sends the form."""
    late = [CLOSES_AT + by for by in LATE_BY]
    rush = distinct(lambda: CLOSES_AT - timedelta(seconds=chance.randrange(1, 3600)), RUSH)
    early = distinct(lambda: early_time(chance), PERSONS - len(rush) - len(late) - 1)
    times = [*early, *rush, CLOSES_AT, *late]
    chance.shuffle(times)
    return times


def early_time(chance: Random) -> datetime:
    """A second between the opening and the rush."""
    midnight = OPENS_AT.replace(hour=0)
    while True:
        day = chance.choices(range(len(DAY_WEIGHTS)), DAY_WEIGHTS)[0]
        hour = chance.choices(range(len(HOUR_WEIGHTS)), HOUR_WEIGHTS)[0]
        at = midnight + timedelta(days=day, hours=hour, seconds=chance.randrange(3600))
        if OPENS_AT <= at < RUSH_FROM:
            return at


def names(chance: Random) -> list[tuple[str, str]]:
    """Every name with the part of an e-mail address made from it: Korean ones first, two of them alike."""

    def draw() -> tuple[str, str]:
        family, family_roman = chance.choice(FAMILIES).split()
        given, given_roman = chance.choice(GIVEN_NAMES).split()
        return family + given, f"{given_roman}.{family_roman}"

    korean = distinct(draw, PERSONS - len(FOREIGN_NAMES) - 1)
    return [*korean, korean[0], *FOREIGN_NAMES]


def names_as_typed(chance: Random, people: list[tuple[str, str]]) -> list[str]:
    """The names as they reach the form; the foreign ones come as they are."""
    writings = [*spread(chance, KOREAN_NAME_WRITINGS), *["plain"] * len(FOREIGN_NAMES)]
    return [name_as_typed(name, writing) for (name, _), writing in zip(people, writings, strict=True)]


def name_as_typed(name: str, writing: str) -> str:
    """The name, written in one of the ways of KOREAN_NAME_WRITINGS."""
    match writing:
        case "decomposed":
            return unicodedata.normalize("NFD", name)
        case "spaced inside":
            return f"{name[0]} {name[1:]}"
        case "spaced around":
            return f" {name} "
        case "hidden spaces":
            return f"{name[0]}\N{NO-BREAK SPACE}{name[1:]}\N{ZERO WIDTH SPACE}"
        case _:
            return name


def addresses(chance: Random, people: list[tuple[str, str]]) -> list[str]:
    """An e-mail address for each name, no two alike, on the domains of RFC 2606 that reach nobody."""
    endings = distinct(lambda: chance.randrange(100, 1000), PERSONS)
    cases = spread(chance, ADDRESS_CASES)
    return [
        case(f"{local.replace('.', chance.choice(('', '.', '_')))}{ending}@{chance.choice(DOMAINS)}")
        for (_, local), ending, case in zip(people, endings, cases, strict=True)
    ]


def mobiles(chance: Random) -> list[Mobile]:
    """A number for each person, on an exchange below 2000 so that no message can reach anyone."""
    numbers = distinct(lambda: f"{chance.randrange(2000_0000):08d}", PERSONS)
    return [Mobile(*pair) for pair in zip(numbers, spread(chance, MOBILE_WRITINGS), strict=True)]


def student_numbers(chance: Random, universities: list[str]) -> list[str]:
    """The year of entry and four digits: `231234` at one university, `20231234` at the others."""
    endings = distinct(lambda: chance.randrange(10000), PERSONS)
    zeros = spread(chance, HAS_LEADING_ZERO)
    numbers = []
    for university, ending, has_leading_zero in zip(universities, endings, zeros, strict=True):
        number = f"{chance.randrange(2019, 2027)}{ending:04d}"[2 if university == SIX_DIGITS else 0 :]
        numbers.append("0" + number[1:] if has_leading_zero else number)
    return numbers


def motives(chance: Random) -> list[str]:
    """A motive for each person, one of them with an emoji."""
    first, *others = distinct(lambda: motive(chance), PERSONS)
    return [first + EMOJI, *others]


def motive(chance: Random) -> str:
    """Two to four sentences, now and then one to a line."""
    middles = chance.sample(MIDDLES, chance.choice((0, 1, 1, 2, 2)))
    sentences = [chance.choice(OPENINGS), *middles, chance.choice(CLOSINGS)]
    between = chance.choices((" ", "\n"), (6, 1))[0]
    topics = iter(chance.sample(TOPICS, len(sentences)))
    return between.join(one.format(topic=next(topics), skill=chance.choice(SKILLS)) for one in sentences)


def later_rows(chance: Random, firsts: list[Row]) -> list[Row]:
    """The rows of those who send the form again; who is screened out sends it once."""
    pool = [row for row in firsts if row.status != NON_STUDENT and row.attendance != CANNOT_ATTEND]
    early = [row for row in pool if row.sent_at < RUSH_FROM]
    # The last minute is left alone, so that every double click of the rush is over before the close.
    rush = [row for row in pool if RUSH_FROM <= row.sent_at < CLOSES_AT - timedelta(minutes=1)]
    chance.shuffle(early)
    chance.shuffle(rush)
    return [*double_clicks(chance, early, rush), *edits(chance, early), *late_edits(chance, early, rush)]


def double_clicks(chance: Random, early: list[Row], rush: list[Row]) -> list[Row]:
    """The same answers seconds later; the first of them with the mobile number written another way."""
    twice = []
    for place, seconds in enumerate(DOUBLE_CLICKS_AFTER_SECONDS):
        row = (rush if place < DOUBLE_CLICKS_IN_RUSH else early).pop()
        twice.append(replace(row, sent_at=row.sent_at + timedelta(seconds=seconds)))
    return [other_writing(chance, twice[0]), *twice[1:]]


def edits(chance: Random, early: list[Row]) -> list[Row]:
    """Seven changed forms before the close; the last is the second change of one person."""
    agreed = next(row for row in early if row.sharing == AGREED)
    refused = next(row for row in early if row.sharing != AGREED)
    for row in (agreed, refused):
        early.remove(row)
    return [
        edit(chance, early.pop(), other_department),
        twice := edit(chance, early.pop(), other_motive),
        edit(chance, agreed, other_sharing),
        edit(chance, refused, other_sharing),
        edit(chance, early.pop(), other_address),
        edit(chance, early.pop(), other_department, other_motive, other_writing),
        edit(chance, twice, other_motive),
    ]


def late_edits(chance: Random, early: list[Row], rush: list[Row]) -> list[Row]:
    """Two persons of whom the first row was in time change their answers after the close."""
    soon, overnight = LATE_EDITS_BY
    return [
        replace(other_motive(chance, rush.pop()), sent_at=CLOSES_AT + soon),
        replace(other_writing(chance, other_department(chance, early.pop())), sent_at=CLOSES_AT + overnight),
    ]


def edit(chance: Random, row: Row, *changes: Change) -> Row:
    """The row with the changes, sent between ten minutes later and the close."""
    left_seconds = int((CLOSES_AT - row.sent_at).total_seconds())
    for change in changes:
        row = change(chance, row)
    return replace(row, sent_at=row.sent_at + timedelta(seconds=chance.randrange(600, left_seconds)))


def other_department(chance: Random, row: Row) -> Row:
    """The row with another department."""
    return replace(row, department=chance.choice([name for name in DEPARTMENTS if name != row.department]))


def other_motive(chance: Random, row: Row) -> Row:
    """The row with a motive written anew."""
    return replace(row, motive=motive(chance))


def other_sharing(_: Random, row: Row) -> Row:
    """The row with the consent to share given or taken back."""
    return replace(row, sharing=REFUSED if row.sharing == AGREED else AGREED)


def other_address(_: Random, row: Row) -> Row:
    """The row with another e-mail address of the same person."""
    return replace(row, email=f"my.{row.email}")


def other_writing(_: Random, row: Row) -> Row:
    """The row with the same mobile number, written the next way."""
    writings = list(MOBILE_WRITINGS)
    following = writings[(writings.index(row.mobile.writing) + 1) % len(writings)]
    return replace(row, mobile=replace(row.mobile, writing=following))


def main() -> None:
    """Rewrite the committed export."""
    EXPORT.write_bytes(export())


if __name__ == "__main__":
    main()
