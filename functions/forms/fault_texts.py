"""The faults of a form, in Korean: pages show them, doors for programmes say the English."""

import re
from collections.abc import Mapping

KO: Mapping[str, str] = {
    "is missing": "꼭 적거나 골라 주십시오.",
    "is neither yes nor no": "예 또는 아니요로 답해 주십시오.",
    "is no text": "글자로 적어 주십시오.",
    "is no whole number": "정수로 적어 주십시오.",
    "is over {}": "{} 이하의 수로 적어 주십시오.",
    "is no date; write it as {}-{}-{}": "날짜를 {}-{}-{}처럼 적어 주십시오.",
    "is no e-mail address; write it as name@example.com": "이메일 주소를 name@example.com처럼 적어 주십시오.",
    "is no single e-mail address": "이메일 주소를 하나만 적어 주십시오.",
    "is no mobile number; write it as {}-{}-{}": "휴대전화 번호를 {}-{}-{}처럼 적어 주십시오.",
    "is no Korean mobile number; write it as {}-{}-{}": "국내 휴대전화 번호를 {}-{}-{}처럼 적어 주십시오.",
    "has more than {} characters": "{}자 이내로 적어 주십시오.",
    "has no letters": "글자가 들어 있는 이름을 적어 주십시오.",
    "is none of the choices": "보기 가운데에서 골라 주십시오.",
    "is none of ko, en": "한국어 또는 영어를 골라 주십시오.",
    "is no field of this form": "이 양식에 없는 항목입니다.",
    "the application cannot be handled without it": "이 항목에 동의하지 않으시면 접수할 수 없습니다.",
    "names this application and cannot be changed here": (
        "이 번호가 지원서를 가리키므로 여기서는 바꿀 수 없습니다. 번호가 바뀌었으면 운영사무국에 알려 주십시오."
    ),
    "is not different from what is kept": "보관된 내용과 다른 곳이 없습니다. 고칠 곳을 고쳐 적어 주십시오.",
    "is too long": "너무 깁니다. 줄여 적어 주십시오.",
    "is not kept of this person": "보관하지 않는 항목입니다.",
    "name the consent to withdraw, and for no other request": "철회할 동의를 골라 주십시오.",
    "this consent was never asked for": "동의를 받은 적이 없는 항목입니다.",
    "at most {} characters": "{}자 이내로 적어 주십시오.",
    "holds half a character; type it again": "깨진 글자가 있습니다. 다시 적어 주십시오.",
    "holds a character that turns the direction of writing": "글의 방향을 바꾸는 글자가 있습니다. 다시 적어 주십시오.",
    "holds a control character": "보이지 않는 제어 문자가 있습니다. 다시 적어 주십시오.",
    "holds too many marks on one letter": "한 글자에 부호가 너무 많습니다.",
    "looks like a resident registration number, which must not be collected": (
        "주민등록번호로 보이는 내용이 있습니다. 주민등록번호는 수집하지 않으니 지워 주십시오."
    ),
    "looks like an e-mail address or a mobile number, which no event may hold": (
        "이메일 주소나 전화번호로 보이는 내용이 있습니다. 이 칸에는 적지 말아 주십시오."
    ),
}

_NUMBER = re.compile(r"\d+")


def fault_text(fault: str, locale: str) -> str:
    """Give the fault of a field as a sentence for the person who fills in the form.

    Raises:
        KeyError: It has no Korean sentence.
    """
    if locale == "en":
        is_said_of_it = fault.split(maxsplit=1)[0] in {"is", "has", "holds", "looks", "names"}
        return f"This {fault}." if is_said_of_it else f"{fault[0].upper()}{fault[1:]}."
    return KO[_NUMBER.sub("{}", fault)].format(*_NUMBER.findall(fault))


OF_FILES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"over (\d+) MiB"), "파일이 {} MiB를 넘습니다. 나누어 주십시오."),
    (re.compile(r"more than (\d+) rows"), "{}줄이 넘습니다. 나누어 주십시오."),
    (re.compile(r"is empty"), "파일이 비어 있습니다."),
    (re.compile(r"is a spreadsheet"), "CSV가 아니라 스프레드시트 파일입니다. CSV(UTF-8)로 저장해 주십시오."),
    (re.compile(r"holds NUL bytes"), "글자가 아닌 내용이 들어 있습니다. CSV(UTF-8)로 저장해 주십시오."),
    (re.compile(r"neither UTF-8 nor CP949"), "UTF-8도 CP949도 아닙니다. CSV(UTF-8)로 저장해 주십시오."),
    (re.compile(r"begins in line (\d+)"), "{}째 줄에서 시작하는 기록을 읽을 수 없습니다. CSV로 다시 저장해 주십시오."),
    (re.compile(r"not separated by commas"), "열이 쉼표로 나뉘어 있지 않습니다. CSV로 저장해 주십시오."),
    (re.compile(r"lacks the columns \[(.*?)\]"), "제목 줄에 없는 열: {}."),
    (re.compile(r"more than one column for \[(.*?)\]"), "제목 줄에 두 번 있는 열: {}."),
    (re.compile(r"may not be sent, by their place: \[(.*?)\]"), "받지 않는 열(순서): {}."),
    (re.compile(r"of the same name, by their place: \[(.*?)\]"), "이름이 같은 열(순서): {}."),
)
"""What is wrong with a file as a whole, in Korean; of its header several things may be."""


def file_text(fault: str, locale: str) -> str:
    """Give what is wrong with a CSV file as sentences; where there is none in Korean, that it cannot be read."""
    if locale == "en":
        return fault_text(fault, locale)
    said = [korean.format(*found.groups()) for pattern, korean in OF_FILES if (found := pattern.search(fault))]
    return " ".join(said) or "파일을 읽을 수 없습니다. CSV(UTF-8)로 다시 저장해 주십시오."


OF_ROWS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"is no opaque id"), "영문자, 숫자, -와 _로 된 직원 계정을 적어 주십시오. 메일 주소는 받지 않습니다."),
    (re.compile(r"holds what is no id, at place \[(.*?)\]"), "{}번째에 적힌 것은 번호가 아닙니다."),
    (re.compile(r"is no domain"), "jnu.ac.kr처럼 @ 뒤만 적어 주십시오."),
    (re.compile(r"is no whole number; 0"), "정수로 적어 주십시오. 0이나 빈칸이면 제한이 없습니다."),
    (
        re.compile(r"names no application or person of this round: \[(.*?)\]"),
        "이 회차에 없는 지원 건이나 사람입니다: {}",
    ),
    (re.compile(r"names nobody"), "아무도 적혀 있지 않습니다."),
    (re.compile(r"is no member of staff who may review"), "이 회차를 심사할 수 있는 직원이 아닙니다."),
    (re.compile(r"has (\d+) cells, the header has (\d+)"), "칸이 {}개인데 제목 줄은 {}개입니다."),
    (re.compile(r"stands in (\d+) rows"), "{}개 행에 있습니다. 하나만 남겨 주십시오."),
    (re.compile(r"is longer than (\d+) characters"), "{}자를 넘습니다. 줄여 적어 주십시오."),
)
"""What is wrong with a row of a table, in Korean."""


def row_text(fault: str, locale: str) -> str:
    """Give what is wrong with a row as a sentence; where there is none in Korean, that it cannot be read."""
    if locale == "en" or _NUMBER.sub("{}", fault) in KO:
        return fault_text(fault, locale)
    found = next(((found, korean) for pattern, korean in OF_ROWS if (found := pattern.search(fault))), None)
    if found is None:
        return "읽을 수 없습니다. 다시 적어 주십시오."
    return found[1].format(*(group.replace("'", "") for group in found[0].groups()))
