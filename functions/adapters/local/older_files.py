"""Brings a file that an older version wrote up to date, when it is opened."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from functions.adapters.local.instants import instant
from schemas.messages import Asked, Case
from schemas.people import Person
from workflows.runtime.people_keys import name_key
from workflows.runtime.traits import asked_of, traits_of

NAME = "name"
"""What the beginning of a name is kept under, beside the kinds of keys."""

NEW_COLUMNS = {
    "person": "text not null default ''",
    "cohort": "text not null default ''",
    "programme": "text not null default ''",
    "university": "text not null default ''",
    "at_risk": "integer not null default 0",
    "reviewer": "text not null default ''",
    "reached": "text not null default ''",
    "version": "integer not null default 0",
}
NEW_TASK_COLUMNS = {
    "due_at": "text",
    "turn": "text not null default ''",
    "workflow": "text not null default ''",
    "cohort": "text not null default ''",
    "programme": "text not null default ''",
    "university": "text not null default ''",
}
HOME = dict.fromkeys(("workflow", "programme", "cohort", "university"), "text")
COLUMNS = {
    "cases": NEW_COLUMNS,
    "tasks": NEW_TASK_COLUMNS,
    "letters": {"notice": "text not null default ''", **HOME},
    "queue": {"trace": "text not null default ''"},
    "quarantine": {"state": "text not null default ''", **HOME},
}
PAGE = 1_000
_TRAITS = (
    "update cases set person = ?, cohort = ?, programme = ?, university = ?, at_risk = ?, reviewer = ?, reached = ?, "
    "version = ? where id = ?"
)
COUNTS = """
create table if not exists case_counts (
    cohort text not null, workflow text not null, stage text not null, round text not null, programme text not null,
    university text not null, reached text not null, version integer not null, many integer not null,
    primary key (cohort, workflow, stage, round, programme, university, reached, version)
) without rowid;
"""
_NARROWER = (
    *(f"drop trigger if exists {name}" for name in ("case_counted", "case_recounted", "case_uncounted")),
    *(
        f"drop index if exists {name}"
        for name in ("cases_by_id", "cases_by_cohort", "cases_by_reviewer", "cases_by_due")
    ),
    "drop table if exists case_counts",
    "drop table if exists stage_counts",
    COUNTS,
)
"""Makes room for what counts and indexes by all columns."""

_COUNTED = "cohort, workflow, stage, round, programme, university, reached, version"
_COUNTS = f"insert into case_counts select {_COUNTED}, count(*) from cases group by {_COUNTED}"  # noqa: S608  all names are ours
COUNT_ANEW = (
    "delete from case_counts",
    "delete from stage_counts",
    _COUNTS,
    "insert into stage_counts select workflow, version, stage, sum(many) from case_counts group by 1, 2, 3",
)
"""Counts all cases as they stand."""

_ASKED = "update tasks set due_at = ?, turn = ?, workflow = ?, cohort = ?, programme = ?, university = ? where id = ?"
_LETTERS = (
    "update letters set notice = json_extract(blob, '$.notice'), (workflow, programme, cohort, university) = "
    "(select workflow, programme, cohort, university from cases where id = json_extract(letters.blob, '$.case'))"
)
_QUARANTINE = (
    "update quarantine set state = json_extract(blob, '$.state'), (workflow, programme, cohort, university) = "
    "(select workflow, programme, cohort, university from cases "
    "where id = json_extract(quarantine.blob, '$.message.case'))"
)
_NAMES = "insert or ignore into people_index (kind, value, person) values (?, ?, ?)"


def catch_up(connection: sqlite3.Connection) -> None:
    """Add the columns that a file lacks and fill them from what it holds, all or nothing.

    People are found by name from then on.  By their keyed hashes they are found once their form is sent again: the
    file does not know the key.
    """
    if not _missing(connection):
        return
    connection.execute("begin immediate")
    try:
        # Another process may have been faster while this one waited for its turn.
        for table, name in _missing(connection):
            connection.execute(f"alter table {table} add column {name} {COLUMNS[table][name]}")
        connection.executemany(_TRAITS, _found_by(connection))
        connection.executemany(_ASKED, _asked(connection))
        connection.executemany(_NAMES, _names(connection))
        for statement in (*_NARROWER, _COUNTS, _LETTERS, _QUARANTINE):
            connection.execute(statement)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _missing(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    there = {(table, row[1]) for table in COLUMNS for row in connection.execute(f"pragma table_info ({table})")}
    return [(table, name) for table, names in COLUMNS.items() for name in names if (table, name) not in there]


def _found_by(connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    for case_id, blob in _rows(connection, "select id, blob from cases where id > ? order by id limit ?"):
        case = Case.model_validate_json(blob)
        yield (case.person, case.cohort, *traits_of(case), case.version, case_id)


def _asked(connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    for _, blob in _rows(connection, "select id, blob from cases where id > ? order by id limit ?"):
        case = Case.model_validate_json(blob)
        for task in case.tasks:
            yield (*found_in(asked_of(task, case)), task.id)


def found_in(asked: Asked) -> tuple[str | None, ...]:
    """Give what a question is looked for by, as the columns hold it: each role between commas."""
    task, turn = asked.task, "".join(f",{role}" for role in asked.turn) + ","
    due = None if task.due_at is None else instant(task.due_at)
    return due, turn, task.workflow, asked.cohort, asked.programme, asked.university


def _names(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    query = "select id, blob from people where id > ? and blob is not null order by id limit ?"
    for person_id, blob in _rows(connection, query):
        yield NAME, name_key(Person.model_validate_json(blob).name), person_id


def _rows(connection: sqlite3.Connection, query: str) -> Iterator[Sequence[Any]]:
    last = ""
    while rows := connection.execute(query, (last, PAGE)).fetchall():
        yield from rows
        last = rows[-1][0]
