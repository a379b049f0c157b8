"""What happened, for partners who fetch instead of being called."""

import json
from datetime import timedelta

from flask import Flask
from werkzeug.wrappers import Response

from functions.api.models import EventPage, ListQuery
from functions.api.room import answer, asked, cursor, key, place, room
from schemas.api_keys import ApiKey, Scope
from schemas.catalogue import TYPE_OF
from schemas.messages import Notice
from workflows.runtime.cloud_event import event_of
from workflows.runtime.fan_out import is_of_type

SETTLES = timedelta(seconds=15)
"""Longer than it takes to write a notice down: nothing appears later in front of what was read before."""

LOOKED_AT_MAX = 2000


def add_to(site: Flask) -> None:
    """Add the routes."""
    site.add_url_rule("/events", view_func=events, methods=["GET"])


def events() -> Response:
    """Give what follows a cursor and lies within the reach of the key; never a person's fields."""
    holder, wanted = key(Scope.EVENTS_READ), asked(ListQuery)
    until = room().ports.clock.now() - SETTLES
    after, found, looked_at = place(wanted.after), [], 0
    while True:
        page = room().ports.notice_log.to_partners(until=until, after=after, limit=wanted.limit)
        for after, notice in page:
            looked_at += 1
            if _is_within(notice, holder):
                found.append(json.loads(event_of(notice, room().partners.api_url)))
            if len(found) == wanted.limit or looked_at == LOOKED_AT_MAX:
                return answer(EventPage(events=tuple(found), next=cursor(after), more=True))
        if len(page) < wanted.limit:
            return answer(EventPage(events=tuple(found), next=cursor(after), more=False))


def _is_within(notice: Notice, holder: ApiKey) -> bool:
    return (
        notice.type in TYPE_OF
        and is_of_type(holder.types, TYPE_OF[notice.type])
        and holder.cohort in {"", notice.cohort}
        and holder.programme in {"", notice.programme}
    )
