"""What the portal's pages say, in Korean and English."""

TEXTS: dict[str, tuple[str, str]] = {
    "appeal": ("이의신청", "Appeal"),
    "appeal_text": (
        "지원 결과에 동의하지 않으시면 이유를 적어 주십시오. 처음 결정한 사람이 아닌 다른 담당자가 다시 검토합니다.",
        "If you disagree with the decision about your application, say why. Somebody else than before looks again.",
    ),
    "reason": ("이유", "Why"),
    "reason_hint": ("주민등록번호는 적지 마십시오.", "Do not write a resident registration number."),
    "send": ("이의신청 보내기", "Send the appeal"),
    "say_why": ("이유를 {}자 이내로 적어 주십시오.", "Say why, in at most {} characters."),
    "received": ("이의신청이 접수되었습니다", "Your appeal was received"),
    "received_text": (
        "검토 결과는 메일로 알려 드립니다. 같은 결정에 대한 이의신청은 한 번으로 처리됩니다.",
        "You will hear by letter what was decided. One decision is appealed against once.",
    ),
    "closed": ("지금은 이의신청을 할 수 없습니다", "There is nothing to appeal against now"),
    "closed_text": (
        "이의신청할 수 있는 결정이 없거나 이미 바뀌었습니다.",
        "There is no such decision, or it has changed.",
    ),
    "error": ("찾는 페이지가 없습니다", "There is no such page"),
    "error_text": (
        "메일에 있는 주소를 끝까지 복사했는지 확인해 주십시오.",
        "Please check that you copied the whole address.",
    ),
    "other_language": ("English", "한국어"),
}


def text(language: str, name: str, *values: object) -> str:
    """Give a text in a language.

    Raises:
        KeyError: There is no such text.
    """
    ko, en = TEXTS[name]
    return (en if language == "en" else ko).format(*values)
