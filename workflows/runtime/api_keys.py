"""Keys of partners for the API: made, proven, revoked."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from schemas.api_keys import ApiKey, KeyId, Scope
from schemas.ids import name_of
from workflows.runtime.errors import BadForm, CaseMoved, NotAllowed, NotAuthenticated, NotFound
from workflows.runtime.partner_ports import PartnerPorts
from workflows.runtime.subscribe import unknown_types

PREFIX = "sadari"
LASTS = timedelta(days=365)
LASTS_MAX = timedelta(days=731)
ID_CHARACTERS = 16


def make_key(
    partner: str,
    scopes: Sequence[Scope],
    *,
    secret: str,
    by: str,
    now: datetime,
    lasts: timedelta = LASTS,
    types: tuple[str, ...] = ("kr.sadari.*",),
    cohort: str = "",
    programme: str = "",
    partners: PartnerPorts,
) -> tuple[ApiKey, str]:
    """Keep a new key; give it, and the text that its holder is shown once.

    Raises:
        BadForm: It would last for too long, or names types that there are not.
    """
    faults = {"types": f"no such type: {', '.join(unknown)[:200]}"} if (unknown := unknown_types(types)) else {}
    if not timedelta(0) < lasts <= LASTS_MAX:
        faults["lasts"] = f"has to be from 1 to {LASTS_MAX.days} days"
    if faults:
        raise BadForm(faults)
    made = ApiKey(
        id=KeyId(name_of("api key", partner, secret)[:ID_CHARACTERS]),
        partner=partner,
        digest=name_of("api secret", secret),
        scopes=tuple(sorted(set(scopes))),
        types=types,
        cohort=cohort,
        programme=programme,
        made_by=by,
        made_at=now,
        ends_at=now + lasts,
    )
    if not partners.keys.put(made, seen=0):
        raise CaseMoved
    return made.model_copy(update={"version": 1}), f"{PREFIX}_{made.id}_{secret}"


def key_of(text: str, now: datetime, partners: PartnerPorts) -> ApiKey:
    """Give the key that a text proves.

    Raises:
        NotAuthenticated: It proves none, or one that has ended or was revoked.
    """
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    is_name = len(key_id) == ID_CHARACTERS and key_id.isascii() and key_id.isalnum()
    found = partners.keys.get(KeyId(key_id)) if prefix == PREFIX and is_name else None
    # Compared also where there is none, so that the time tells nothing.
    is_right = hmac.compare_digest(name_of("api secret", secret), "" if found is None else found.digest)
    if found is None or not is_right or found.revoked_at is not None or found.ends_at <= now:
        raise NotAuthenticated
    return found


def check_scope(key: ApiKey, scope: Scope) -> None:
    """Pass if the key lets do this.

    Raises:
        NotAllowed: It does not.
    """
    if scope not in key.scopes:
        raise NotAllowed(f"The key has no scope [{scope}].", code="outside_key")


def revoke(key_id: KeyId, now: datetime, partners: PartnerPorts) -> ApiKey:
    """End a key at once.  May be repeated.

    Raises:
        NotFound: There is no such key.
    """
    found = partners.keys.get(key_id)
    if found is None:
        raise NotFound(f"No key [{key_id}].")
    if found.revoked_at is not None:
        return found
    revoked = found.model_copy(update={"revoked_at": now})
    if not partners.keys.put(revoked, seen=found.version):
        raise CaseMoved
    return revoked.model_copy(update={"version": found.version + 1})
