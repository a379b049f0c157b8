"""Who is on the staff.  A role opens people's data: one administrator proposes it, another confirms it."""

import re
from collections.abc import Iterable

from pydantic import ValidationError

from schemas.roles import ADMIN
from schemas.staff import Grant, Member, ProposedGrant
from workflows.runtime.errors import BadForm

EVERYTHING = Grant(role=ADMIN.name)
"""What makes somebody an administrator of the staff: the role without a scope."""

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")


def new_member(member_id: str, email: str, name: str) -> Member:
    """Give a member without any role.

    Raises:
        BadForm: Names `id`, `email` or `name`.  No page and no document can have the ids that are refused.
    """
    faults = {
        "id": not member_id.strip(".") or re.fullmatch("__.*__", member_id),
        "email": not EMAIL.fullmatch(email),
        "name": not name,
    }
    if any(faults.values()):
        raise BadForm({field: "unfit" for field, is_unfit in faults.items() if is_unfit})
    try:
        return Member(id=member_id, email=email, name=name)
    except ValidationError as error:
        raise BadForm({"id": "unfit"}) from error


def first_administrator(member: Member, staff: Iterable[Member]) -> Member:
    """Give the member as administrator, where there is none who could propose it.

    Raises:
        BadForm: Of `grant`: `not_first`.
    """
    if any(is_administrator(each) for each in staff):
        raise _refusal("not_first")
    grants = tuple(dict.fromkeys((*member.grants, EVERYTHING)))
    return member.model_copy(update={"grants": grants, "is_disabled": False})


def propose_grant(seen: Member, grant: Grant, *, by: str, reason: str, staff: Iterable[Member]) -> Member:
    """Give the member with the role proposed.

    An administrator who is the only one may name a second at once, and do nothing else: there is nobody to confirm it.

    Raises:
        BadForm: Of `grant`: `own_grant`, `nothing` that is not so or proposed already, or `alone`.
    """
    if seen.id == by:
        raise _refusal("own_grant")
    if grant in seen.grants or any(each.grant == grant for each in seen.proposed):
        raise _refusal("nothing")
    if not any(is_administrator(each) for each in staff if each.id != by):
        if grant != EVERYTHING or seen.is_disabled:
            raise _refusal("alone")
        return seen.model_copy(update={"grants": (*seen.grants, grant)})
    return seen.model_copy(update={"proposed": (*seen.proposed, ProposedGrant(grant=grant, by=by, reason=reason))})


def confirm_grant(seen: Member, grant: Grant, *, by: str) -> Member:
    """Give the member with the proposed role.

    Raises:
        BadForm: Of `grant`: `own_proposal`, or `nothing` of that kind is proposed.
    """
    for each in seen.proposed:
        if each.grant == grant and each.by == by:
            raise _refusal("own_proposal")
    return _without(seen, grant).model_copy(update={"grants": (*seen.grants, grant)})


def drop_proposal(seen: Member, grant: Grant) -> Member:
    """Give the member without the proposal.

    Raises:
        BadForm: Of `grant`: `nothing` of that kind is proposed.
    """
    return _without(seen, grant)


def is_administrator(member: Member) -> bool:
    """Whether they may confirm roles now."""
    return EVERYTHING in member.grants and not member.is_disabled


def _refusal(code: str) -> BadForm:
    return BadForm({"grant": code})


def _without(seen: Member, grant: Grant) -> Member:
    left = tuple(each for each in seen.proposed if each.grant != grant)
    if left == seen.proposed:
        raise _refusal("nothing")
    return seen.model_copy(update={"proposed": left})
