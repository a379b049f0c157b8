"""A partner's standing request to be told."""

from enum import StrEnum
from typing import NewType

from pydantic import AwareDatetime, Field

from schemas.record import Record

SubscriptionId = NewType("SubscriptionId", str)


HOUR = 8
MAIL = "mailto:"
"""What the address of a digest begins with (RFC 6068)."""


class Way(StrEnum):
    """How a partner is told: its receiver is called for each notice, or an office gets a letter a day."""

    CALL = "call"
    DIGEST = "digest"


class SubscriptionState(StrEnum):
    """Whether anything is sent.

    A pending one waits for the receiver's consent, a paused one keeps what comes meanwhile, a disabled one does not.
    """

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class SealedSecret(Record):
    """A signing secret, encrypted under the key of the settings.

    Attributes:
        ends_at: When it is used no more, because another has taken its place.
    """

    sealed: str
    made_at: AwareDatetime
    ends_at: AwareDatetime | None = None


class Subscription(Record):
    """What a partner asked to be told, where, and how far it came.

    Attributes:
        partner: The organisation, by the name that its keys and deliveries carry.
        url: Where its receiver is, in the one form of an address: an https address is called, a mailto: address gets a
            digest.
        types: Published types, each whole or with a star at the end: `kr.sadari.learning.*`.
        cohort: Only notices of this cohort; empty: of all.
        programme: Only notices of this programme; empty: of all.
        fields: Personal fields it may be sent, where the consent named below was given and stands.
        consent: The consent item that lets these fields go to this partner; empty: none may go.
        purpose: What for, as the consent names it.
        contact: Where people of the partner are told that their receiver fails.
        reason: Why it is paused or disabled.
        secrets: The secrets that sign now, the newest first; two while one is being replaced.
        rate_per_minute: How many calls a minute the receiver allowed; 0: as many as there are.
        grant: The hash of the token by which people of the partner may grant what their receiver could not.
        hour: When the digest leaves, in Seoul.
        is_sent_empty: Whether the digest of a day without news leaves as well.
        version: Counts the changes; a change names the version that it saw.
    """

    id: SubscriptionId
    partner: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    url: str
    types: tuple[str, ...] = Field(min_length=1, max_length=50)
    cohort: str = ""
    programme: str = ""
    fields: tuple[str, ...] = ()
    consent: str = ""
    purpose: str = ""
    contact: str
    state: SubscriptionState = SubscriptionState.PENDING
    reason: str = ""
    secrets: tuple[SealedSecret, ...] = ()
    rate_per_minute: int = 0
    grant: str = ""
    hour: int = Field(default=HOUR, ge=0, le=23)
    is_sent_empty: bool = False
    made_by: str
    made_at: AwareDatetime
    version: int = 0

    @property
    def way(self) -> Way:
        """How this partner is told."""
        return Way.DIGEST if self.url.startswith(MAIL) else Way.CALL


class Health(Record):
    """How a receiver has been doing; written only when that changes.

    Attributes:
        failing_since: Since when every call failed; None: the last one did not.
        failures: How many failed in a row.
        rests_until: Until when it is left alone: it asked for that, or it failed too often in a row.
        warned_at: When its people were told.
        version: Counts the changes.
    """

    subscription: SubscriptionId
    failing_since: AwareDatetime | None = None
    failures: int = 0
    rests_until: AwareDatetime | None = None
    warned_at: AwareDatetime | None = None
    version: int = 0
