"""Makes one text out of the many ways of writing it, and refuses what no form may hold."""

import re
import unicodedata

import phonenumbers

RESIDENT_NUMBER = re.compile(r"(?<!\d)\d{2}[01]\d[0-3]\d\s*-?\s*[1-8]\d{6}(?!\d)")
"""A Korean resident registration number, which may not be collected without a statute (PIPA art. 24-2)."""

COMBINING_MAX = 8
ZERO_WIDTH_JOINER = "‍"
DIRECTION_CONTROLS = frozenset("‪‫‬‭‮⁦⁧⁨⁩")


class UnfitTextError(ValueError):
    """The text cannot be taken; says why, without repeating it."""


def clean_text(text: str) -> str:
    """Give the text in NFC, without invisible characters and outer white space.

    Raises:
        UnfitTextError: It holds a lone surrogate, a control or direction character, too many combining marks in a
            row, or what looks like a resident registration number.
    """
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise UnfitTextError("holds half a character; type it again")
    if any(char in DIRECTION_CONTROLS for char in text):
        raise UnfitTextError("holds a character that turns the direction of writing")
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace(" ", " ")
    kept = [char for char in text if unicodedata.category(char) != "Cf" or char == ZERO_WIDTH_JOINER]
    if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in kept):
        raise UnfitTextError("holds a control character")
    cleaned = "".join(kept).strip()
    if re.search(rf"[̀-ͯ⃐-⃿]{{{COMBINING_MAX + 1},}}", cleaned):
        raise UnfitTextError("holds too many marks on one letter")
    if RESIDENT_NUMBER.search(unicodedata.normalize("NFKC", cleaned)):
        raise UnfitTextError("looks like a resident registration number, which must not be collected")
    return cleaned


def clean_name(text: str) -> str:
    """Give a name on one line with single spaces; Korean names are written without any.

    Raises:
        UnfitTextError: It is unfit, or has no letters.
    """
    name = " ".join(clean_text(text).split())
    if not any(char.isalpha() for char in name):
        raise UnfitTextError("has no letters")
    return name.replace(" ", "") if _is_hangul(name) else name


def clean_mobile(text: str) -> str:
    """Give a Korean mobile number, however it is written, as E.164.

    Raises:
        UnfitTextError: It is no Korean mobile number.
    """
    plain = unicodedata.normalize("NFKC", clean_text(text))
    try:
        number = phonenumbers.parse(plain, "KR")
    except phonenumbers.NumberParseException as error:
        raise UnfitTextError("is no mobile number; write it as 010-1234-5678") from error
    is_mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if not (is_mobile and number.country_code == 82 and phonenumbers.is_valid_number(number)):  # noqa: PLR2004  Korea
        raise UnfitTextError("is no Korean mobile number; write it as 010-1234-5678")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_hangul(name: str) -> bool:
    return all("가" <= char <= "힣" for char in name if not char.isspace())
