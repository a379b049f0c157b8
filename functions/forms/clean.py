"""Makes one text out of the many ways of writing it, and refuses what no form may hold."""

import itertools
import re
import unicodedata

import phonenumbers

RESIDENT_NUMBER = re.compile(
    r"(?<!\d)(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[^\w]{0,5}[_\u1173\u30fc]?[^\w]{0,5}[1-8]\d{6}(?!\d)"
)
"""A Korean resident registration number, which may not be collected without a statute (PIPA art. 24-2).

A day of birth and seven digits, whatever stands between them; the vowel eu, or the long one of katakana, is typed for a
dash.  Its last digit is no checksum any more since 2020, so that none can be asked for.
"""

DIGITS_APART = re.compile(r"\d+(?:[^\w]{1,3}\d+)+")
"""Groups of digits with little between them."""

APART = re.compile(r"(?:1,){12}1|2,2,2,(?:7|1,6)|6,(?:1,6|3,4|(?:1,){6}1)|(?:1,){6}7")
"""How long the groups are where somebody has taken such a number apart; others, such as marks, are no number at all."""

CONTACT = re.compile(
    r"[^\s@]@[^\s@]+\.[a-z]{2}|(?<!\d)(?:0|\+?82[ .\-]?(?:\(?0\)?)?)1[016789][ .\-]?\d{3,4}[ .\-]?\d{4}(?!\d)",
    re.IGNORECASE,
)
"""An e-mail address or a Korean mobile number."""

MARKS_MAX = 8
MOBILE = re.compile(r"\+?[0-9(][0-9 ().\-\u2010-\u2015\u2212]{6,24}")
KOREA = 82
NO_ADDRESS = frozenset('<>()[],;:"\\')
LOST = "\ufffd"
"""What a reader writes for bytes that are no character, such as half of one that a browser sent."""

ZERO_WIDTH_JOINER = "\u200d"
DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that show nothing, above all the fillers of Hangul: a name of them looks empty."""


class UnfitTextError(ValueError):
    """The text cannot be taken; says why, without repeating it."""


def clean_text(text: str) -> str:
    """Give the text in NFC, without invisible characters and outer white space.

    Raises:
        UnfitTextError: It holds a lone surrogate or what stands for one, a control or direction character, too many
            combining marks in a row, or what looks like a resident registration number.
    """
    is_plain = text.isascii() and text.isprintable()  # nearly all that programs send; nothing below is in it
    cleaned = text.strip() if is_plain else _without_oddities(text)
    if _has_resident_number(cleaned if is_plain else _as_typed(cleaned.replace(ZERO_WIDTH_JOINER, ""))):
        raise UnfitTextError("looks like a resident registration number, which must not be collected")
    return cleaned


def _without_oddities(text: str) -> str:
    if any("\ud800" <= char <= "\udfff" or char == LOST for char in text):
        raise UnfitTextError("holds half a character; type it again")
    if any(char in DIRECTION_CONTROLS for char in text):
        raise UnfitTextError("holds a character that turns the direction of writing")
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in text):
        raise UnfitTextError("holds a control character")
    cleaned = unicodedata.normalize("NFC", "".join(filter(_is_visible, text))).strip()
    if _marks_in_a_row(cleaned) > MARKS_MAX:
        raise UnfitTextError("holds too many marks on one letter")
    return cleaned


def clean_line(text: str) -> str:
    """Give the text on one line with single spaces.

    Raises:
        UnfitTextError: It is unfit.
    """
    return " ".join(clean_text(text).split())


def clean_name(text: str) -> str:
    """Give a name on one line with single spaces; Korean names are written without any.

    Raises:
        UnfitTextError: It is unfit, or has no letters.
    """
    name = clean_line(text.replace(ZERO_WIDTH_JOINER, ""))
    if not any(char.isalpha() for char in name):
        raise UnfitTextError("has no letters")
    return name.replace(" ", "") if _is_hangul(name) else name


def clean_email(text: str) -> str:
    """Give one address in small letters; whether it is an address at all is the form's to say.

    Raises:
        UnfitTextError: It is unfit, or holds what only lists of addresses hold.
    """
    address = clean_text(text).lower()
    if any(char in NO_ADDRESS for char in address):
        raise UnfitTextError("is no single e-mail address")
    return address


def clean_mobile(text: str) -> str:
    """Give a Korean mobile number, however it is written, as E.164.

    Raises:
        UnfitTextError: It is no Korean mobile number.
    """
    plain = unicodedata.normalize("NFKC", clean_line(text))
    # The library looks for a number anywhere in a text, and reads letters as keys of a telephone.
    if not MOBILE.fullmatch(plain):
        raise UnfitTextError("is no mobile number; write it as 010-1234-5678")
    try:
        number = phonenumbers.parse(plain, "KR")
    except phonenumbers.NumberParseException as error:
        raise UnfitTextError("is no mobile number; write it as 010-1234-5678") from error
    is_mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # The library takes 010 with seven more digits for valid; they have always been eight.
    is_short = e164.startswith("+8210") and len(e164) < len("+821012345678")
    if not is_mobile or is_short or number.country_code != KOREA:
        raise UnfitTextError("is no Korean mobile number; write it as 010-1234-5678")
    return e164


def refuse_contact(text: str) -> None:
    """Refuse a text that holds an e-mail address or a mobile number, where nothing personal belongs.

    Raises:
        UnfitTextError: It does.
    """
    if CONTACT.search(_as_typed(text)):
        raise UnfitTextError("looks like an e-mail address or a mobile number, which no event may hold")


def _as_typed(text: str) -> str:
    """Write digits and signs, of whatever script and width, as on a plain keyboard."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in plain)


def _has_resident_number(text: str) -> bool:
    if RESIDENT_NUMBER.search(text):
        return True
    for found in DIGITS_APART.findall(text):
        groups = re.findall(r"\d+", found)
        is_apart = APART.fullmatch(",".join(str(len(group)) for group in groups))
        if is_apart and RESIDENT_NUMBER.fullmatch("".join(groups)):
            return True
    return False


def _is_visible(char: str) -> bool:
    return char not in FILLERS and (unicodedata.category(char) != "Cf" or char == ZERO_WIDTH_JOINER)


def _marks_in_a_row(text: str) -> int:
    runs = itertools.groupby(text, lambda char: unicodedata.category(char) in {"Mn", "Me"})
    return max((sum(1 for _ in run) for is_mark, run in runs if is_mark), default=0)


def _is_hangul(name: str) -> bool:
    return all("\uac00" <= char <= "\ud7a3" for char in name if not char.isspace())
