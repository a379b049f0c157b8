"""Letters as Alimtalk, and as short messages."""

from functions.adapters.dealer.dealer_api import DealerApi
from functions.post.short_texts import ShortTexts
from workflows.runtime.errors import Undeliverable
from workflows.runtime.post_ports import Parcel
from workflows.runtime.quiet_hours import is_advertising

SMS_BYTES_MAX = 90
LMS_BYTES_MAX = 2000
"""In EUC-KR, as carriers count."""


class AlimtalkChannel:
    """A `Channel` for Kakao's Alimtalk: only by a template that was approved before, and never to advertise."""

    def __init__(self, api: DealerApi, texts: ShortTexts) -> None:
        self._api = api
        self._texts = texts

    def send(self, parcel: Parcel) -> None:
        """Hand a letter over; whether it arrives is reported later."""
        if is_advertising(parcel.letter):
            raise Undeliverable("advertising")
        written = self._texts.write(parcel.letter, parcel.person, is_approved=True)
        self._api.send(
            {
                "reference": parcel.reference,
                "channel": "alimtalk",
                "to": _mobile(parcel),
                "profile": self._api.dealer.profile,
                "template": written.code,
                "text": written.text,
                "variables": written.variables,
            }
        )


class TextChannel:
    """A `Channel` for short messages: SMS where the text is short enough, LMS with a title where it is not."""

    def __init__(self, api: DealerApi, texts: ShortTexts) -> None:
        self._api = api
        self._texts = texts

    def send(self, parcel: Parcel) -> None:
        """Hand a letter over; whether it arrives is reported later."""
        written = self._texts.write(parcel.letter, parcel.person, is_approved=False)
        size = len(written.text.encode("euc-kr", errors="replace"))
        if size > LMS_BYTES_MAX:
            raise Undeliverable("too_long")
        kind = {"channel": "sms"} if size <= SMS_BYTES_MAX else {"channel": "lms", "title": parcel.letter.subject}
        self._api.send(
            {
                "reference": parcel.reference,
                **kind,
                "to": _mobile(parcel),
                "from": self._api.dealer.phone,
                "text": written.text,
            }
        )


def _mobile(parcel: Parcel) -> str:
    if not parcel.person.contact.startswith("+"):
        raise Undeliverable("no_mobile")
    return parcel.person.contact
