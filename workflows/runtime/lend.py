"""Hands a member's grant to another member for some days, and tells what somebody holds for others on a day."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from schemas.ids import name_of
from schemas.staff import Delegation, Grant, Member
from workflows.runtime.errors import BadForm, NotFound
from workflows.runtime.ports import Vault
from workflows.runtime.staff_ports import Delegations, Members

DAYS_MAX = 92
"""What lasts longer is no absence, but another grant."""


@dataclass(frozen=True, slots=True)
class Lent:
    """A grant that somebody else's is, and whose."""

    grant: Grant
    by: Member


def lend(
    draft: Delegation, *, today: date, roles: Collection[str], members: Members, delegations: Delegations, vault: Vault
) -> Delegation:
    """Keep a delegation, after a row in the access log.  The same one is kept once, until it is revoked.

    Args:
        draft: What is handed on; `reason` as it was typed.
        today: The day it is in Korea.
        roles: The roles that can be handed on at all.
        members: The members.
        delegations: Where it is kept.
        vault: Where the reason goes.

    Raises:
        BadForm: Names each field with a code that says what is wrong.
    """
    faults = dict(_faults(draft, today, roles, members.named([draft.by, draft.to])))
    if faults:
        raise BadForm(faults)
    same = [each for each in delegations.given(draft.by) if _what(each) == _what(draft)]
    if standing := next((each for each in same if each.revoked_at is None), None):
        return standing
    vault.note([draft.to], reader=draft.by, reason=f"hands on {draft.grant.role}: {draft.reason}")
    # Of two that come at once, both count as many before them, and are one.
    parts = (draft.by, *_what(draft), len(same))
    kept = draft.model_copy(
        update={"id": name_of("delegation", *map(str, parts)), "reason": vault.put_text(draft.reason)}
    )
    delegations.put(kept)
    return kept


def revoke(delegation_id: str, by: str, at: datetime, delegations: Delegations, vault: Vault) -> Delegation:
    """End a delegation at once.  May be repeated: whoever was first is named.

    Raises:
        NotFound: There is no such delegation.
    """
    found = delegations.get(delegation_id)
    if found is None:
        raise NotFound(f"[{delegation_id}]")
    if found.revoked_at is not None:
        return found
    vault.note([found.to], reader=by, reason=f"revokes delegation {found.id} of {found.grant.role} by {found.by}")
    revoked = found.model_copy(update={"revoked_at": at, "revoked_by": by})
    delegations.put(revoked)
    return revoked


def lent_to(member_id: str, today: date, members: Members, delegations: Delegations) -> tuple[Lent, ...]:
    """Give what a member holds for others on a day: only what those others still hold themselves."""
    current = [each for each in delegations.received(member_id, since=today) if is_current(each, today)]
    owners = members.named([each.by for each in current]) if current else {}
    lent = [Lent(each.grant, owners[each.by]) for each in current if still_has(owners.get(each.by), each.grant)]
    return tuple(dict.fromkeys(lent))


def is_current(delegation: Delegation, today: date) -> bool:
    """Whether a delegation counts on a day, as long as whoever made it has what it hands on."""
    return delegation.revoked_at is None and delegation.from_on <= today <= delegation.until_on


def still_has(owner: Member | None, grant: Grant) -> bool:
    """Whether a member has a grant that can be used: of whoever is disabled, nobody uses any."""
    return owner is not None and not owner.is_disabled and grant in owner.grants


def _what(delegation: Delegation) -> tuple[str, str, date, date]:
    return delegation.to, delegation.grant.model_dump_json(), delegation.from_on, delegation.until_on


def _faults(
    draft: Delegation, today: date, roles: Collection[str], members: Mapping[str, Member]
) -> Iterator[tuple[str, str]]:
    to = members.get(draft.to)
    if not still_has(members.get(draft.by), draft.grant) or draft.grant.role not in roles:
        yield "grant", "not_yours"
    if draft.to == draft.by or to is None or to.is_disabled:
        yield "to", "nobody"
    if draft.until_on < max(draft.from_on, today):
        yield "until_on", "before"
    elif (draft.until_on - max(draft.from_on, today)).days >= DAYS_MAX:
        yield "until_on", "too_long"
    if not draft.reason:
        yield "reason", "needed"
