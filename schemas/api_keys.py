"""What a partner's programmes prove themselves with at the API."""

from enum import StrEnum
from typing import NewType

from pydantic import AwareDatetime, Field

from schemas.record import Record

KeyId = NewType("KeyId", str)


class Scope(StrEnum):
    """What a key lets do."""

    SUBSCRIPTIONS_READ = "subscriptions:read"
    SUBSCRIPTIONS_WRITE = "subscriptions:write"
    DELIVERIES_READ = "deliveries:read"
    DELIVERIES_WRITE = "deliveries:write"
    EVENTS_READ = "events:read"


class ApiKey(Record):
    """A key of a partner; what it proves itself with is known to its holder alone.

    Attributes:
        digest: H(secret): the secret is made by chance, so that nobody guesses it from this.
        types: Published types it may subscribe to and read, each whole or with a star at the end.
        cohort: Only of this cohort; empty: of all.
        programme: Only of this programme; empty: of all.
        version: Counts the changes.
    """

    id: KeyId
    partner: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    digest: str
    scopes: tuple[Scope, ...] = Field(min_length=1)
    types: tuple[str, ...] = Field(default=("kr.sadari.*",), min_length=1, max_length=50)
    cohort: str = ""
    programme: str = ""
    made_by: str
    made_at: AwareDatetime
    ends_at: AwareDatetime
    revoked_at: AwareDatetime | None = None
    version: int = 0
