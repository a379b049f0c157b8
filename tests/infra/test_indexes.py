"""Every query that the adapters can ask has its index, and every index has its query."""

import ast
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter

from functions.adapters.google.firestore_case_index import FirestoreCaseIndex
from functions.adapters.google.firestore_case_store import FirestoreCaseStore
from functions.adapters.google.firestore_connections import FirestoreConnections
from functions.adapters.google.firestore_drafts import FirestoreDrafts
from functions.adapters.google.firestore_partners import FirestoreDeliveries, FirestoreKeys, FirestoreSubscriptions
from functions.adapters.google.firestore_records import FirestoreNoticeLog, FirestoreQuarantine
from functions.adapters.google.firestore_register import FirestoreRegister
from functions.adapters.google.firestore_staff import (
    FirestoreBatches,
    FirestoreDelegations,
    FirestoreMarks,
    FirestoreMembers,
    FirestoreReleases,
    FirestoreSessions,
)
from functions.adapters.google.firestore_vault import FirestoreLetters, FirestoreVault
from functions.adapters.local.system_clock import SystemClock
from schemas.deliveries import DeliveryState
from schemas.ids import CaseId
from schemas.letters import LetterState
from schemas.messages import Case
from schemas.register import Row
from schemas.search import (
    EVERYWHERE,
    OF_EVERY_UNIVERSITY,
    CaseFilter,
    Crowd,
    LetterFilter,
    QuarantineFilter,
    QuestionFilter,
    Reach,
    Scope,
)
from tests.infra.queries import ADAPTERS, Index, Query, Recorder, client, read, recording, used
from tests.infra.terraform import Applied

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TODAY = NOW.date()
FIELDS = ("programme", "cohort", "university")
SCOPES = [Scope(**dict.fromkeys(some, "x")) for many in range(4) for some in itertools.combinations(FIELDS, many)]
STAGES = {"application": {1: ("a",)}, OF_EVERY_UNIVERSITY: {1: ("a",)}}
WITHINS = [*((scope,) for scope in SCOPES), (SCOPES[1], SCOPES[-1])]


class Found:
    """A document, where an adapter goes on only with what it found."""

    id = "x"

    def get(self, name: str) -> str:
        return name


def every(**choices: Any) -> Iterator[dict[str, Any]]:
    """Give every choice of values with every other."""
    for chosen in itertools.product(*choices.values()):
        yield dict(zip(choices, chosen, strict=True))


def ask_for_cases(store: Any) -> None:
    index, cases = FirestoreCaseIndex(store, STAGES), FirestoreCaseStore(store)
    wanted = every(
        workflow=["", "application", OF_EVERY_UNIVERSITY], version=[0, 1], workflows=[(), ("a", "b")], round=["", "x"],
        cohort=["", "x"], university=["", "x"], reviewer=["", "x"], due_before=[None, NOW], is_at_risk=[False, True],
        stages=[(), ("a",)],
    )  # fmt: skip
    for each in wanted:
        index.page(CaseFilter(**each), after="", limit=1)
    for each in every(workflow=["", "application", OF_EVERY_UNIVERSITY], due_before=[None, NOW], within=WITHINS):
        index.page(CaseFilter(**each), after="", limit=1)
    for each in every(
        workflow=["", "application", OF_EVERY_UNIVERSITY], round=["", "x"], cohort=["", "x"], within=WITHINS
    ):
        crowd = Crowd(**each)
        index.counts(crowd), index.versions(crowd), index.reached(crowd)
    for kind in ("email", "phone", "student"):
        index.people(kind, "x")
    index.people_named("x", after="", limit=1)
    index.cases_of(["x"])
    for each in every(workflow=[None, "x"], stage=[None, "x"], round_id=[None, "x"], begins=["", "x"]):
        list(cases.find(**each))
    cases.overdue(NOW, after=None, limit=1)
    cases.history(CaseId("x"))
    case = Case(
        id=CaseId("x"), workflow="w", version=1, fingerprint="f", stage="s", visit=1, arrived_at=NOW, subject="{}"
    )
    cases.mend(case, revision=None, entries=[])


def ask_for_questions(store: Any) -> None:
    index, cases = FirestoreCaseIndex(store, STAGES), FirestoreCaseStore(store)
    withins = [tuple(Reach(role="reviewer", **scope.model_dump()) for scope in within) for within in WITHINS]
    for each in every(
        within=withins, workflow=["", "application", OF_EVERY_UNIVERSITY], cohort=["", "x"],
        when=[(None, "opened_at"), (NOW, "opened_at"), (NOW, "due_at")],
    ):  # fmt: skip
        before, by = each.pop("when")
        wanted = QuestionFilter(**each, before=before, by=by)
        index.questions(wanted, after="", limit=1)
        index.count_questions(wanted)
    for role in (None, "reviewer"):
        list(cases.tasks(role=role))


def ask_for_people(store: Any) -> None:
    vault, letters = FirestoreVault(store, SystemClock()), FirestoreLetters(store)
    vault.forms("x", reader="r", reason="r")
    vault.erase("x")
    vault.due(TODAY, after=None, limit=1)
    list(vault.people())
    list(vault.strays(reader="r", reason="r"))
    for each in every(subject=["", "x"], since=[None, NOW], until=[None, NOW]):
        vault.accesses(**each)
    letters.due(NOW, limit=1)
    for each in every(state=[None, LetterState.HELD], person_id=[None, "x"]):
        list(letters.find(**each))
    for each in every(state=list(LetterState), notice=["", "x"], cohort=["", "x"], within=WITHINS):
        wanted = LetterFilter(**each)
        letters.page(wanted, after="", limit=1), letters.names(wanted, limit=1)
        letters.count(wanted), letters.kinds(wanted, ["x"])


def ask_for_records(store: Any) -> None:
    log, quarantine, register = FirestoreNoticeLog(store), FirestoreQuarantine(store), FirestoreRegister(store)
    log.count()  # the first to ask, so it finds the one
    for since in (None, NOW):
        log.to_partners(since=since, until=NOW, limit=1)
    list(quarantine.find())
    for each in every(state=["waiting", "replayed", "closed", ""], within=WITHINS):
        wanted = QuarantineFilter(**each)
        quarantine.page(wanted, after="", limit=1), quarantine.count(wanted)
    for about in ("", "x"):
        list(register.find(Row, about=about))
    drafts = FirestoreDrafts(store)
    list(drafts.find()), drafts.purge(TODAY)
    FirestoreConnections(store).all()


def ask_for_staff(store: Any) -> None:
    members, delegations = FirestoreMembers(store), FirestoreDelegations(store)
    members.by_email("x@example.org"), list(members.all())
    FirestoreSessions(store).end_all("x")
    delegations.given("x"), delegations.received("x", since=date(2026, 3, 2)), delegations.all()
    FirestoreMarks(store).held_by("x", NOW)
    FirestoreBatches(store).of_member("x"), FirestoreReleases(store).of_member("x")


def ask_for_partners(store: Any) -> None:
    deliveries = FirestoreDeliveries(store)
    for partner in ("", "x"):
        FirestoreSubscriptions(store).find(partner=partner), FirestoreKeys(store).find(partner=partner)
    deliveries.attempts("x")
    choices = every(
        partner=["", "x"], subscription=[None, "x"], state=[None, *DeliveryState], since=[None, NOW], until=[None, NOW]
    )
    for each in choices:
        deliveries.page(**each, limit=1)
    deliveries.of_person("x"), deliveries.overdue(NOW, limit=1), deliveries.forget(NOW, limit=1)


ASKED: tuple[Callable[[Any], None], ...] = (
    ask_for_cases, ask_for_questions, ask_for_people, ask_for_records, ask_for_staff, ask_for_partners,
)  # fmt: skip


@pytest.fixture(scope="session")
def asked() -> Recorder:
    with recording() as recorder:
        recorder.first["notices"] = [Found()]
        store = client()
        for ask in ASKED:
            ask(store)
    return recorder


def indexes_of(applied: Applied) -> list[Index]:
    return [
        Index(
            each.values["collection"],
            tuple(
                ("-" if field["order"] == "DESCENDING" else "")
                + field["field_path"]
                + ("[]" if field["array_config"] else "")
                for field in each.values["fields"]
                if field["field_path"] != "__name__"
            ),
        )
        for each in applied.of("firestore_index")
        if each.values["query_scope"] in {None, "COLLECTION"}
    ]


def unindexed_of(applied: Applied) -> set[tuple[str, str]]:
    return {
        (each.values["collection"], each.values["field"])
        for each in applied.of("firestore_field")
        if any(not config["indexes"] for config in each.values["index_config"])
    }


def refused(asked: Recorder, applied: Applied) -> list[Query]:
    indexes, unindexed = indexes_of(applied), unindexed_of(applied)
    found = [each for each in asked.queries if used(each, indexes, unindexed) is None]
    return sorted(found, key=str)


def test_every_place_that_asks_something_was_heard(asked: Recorder) -> None:
    assert asked.unasked() == []


def test_every_query_has_its_index(asked: Recorder, prod: Applied) -> None:
    assert refused(asked, prod) == []


def test_every_index_has_its_query(asked: Recorder, prod: Applied) -> None:
    indexes, unindexed = indexes_of(prod), unindexed_of(prod)

    of_queries = {index for each in asked.queries for index in used(each, indexes, unindexed) or ()}

    assert set(indexes) - of_queries == set()


def test_what_nobody_searches_has_no_index(asked: Recorder, prod: Applied) -> None:
    assert ("cases", "blob") in unindexed_of(prod)
    assert not any("blob" in each.given or "blob" in each.order for each in asked.queries)
    assert EVERYWHERE in SCOPES


def test_an_index_that_is_missing_is_missed(asked: Recorder, prod: Applied) -> None:
    indexes, unindexed = indexes_of(prod), unindexed_of(prod)

    for gone in indexes:
        rest = [each for each in indexes if each != gone]

        assert any(used(each, rest, unindexed) is None for each in asked.queries), gone


LATEST, NAMED = ("made_at", "DESCENDING"), ("__name__", "DESCENDING")


@pytest.mark.parametrize(
    ("given", "orders", "is_answered"),
    [
        (["partner"], [("made_at", "ASCENDING")], True),
        (["partner", "state"], [("made_at", "ASCENDING"), ("__name__", "ASCENDING")], True),
        (["partner"], [LATEST], False),
        (["partner"], [LATEST, NAMED], False),
        (["partner"], [("made_at", "ASCENDING"), NAMED], False),
        (["partner"], [NAMED], False),
        (["partner", "person"], [("made_at", "ASCENDING")], False),
        (["partner", "person"], [], True),
        ([], [LATEST], True),
        ([], [LATEST, ("state", "ASCENDING")], False),
    ],
)
def test_an_index_answers_what_it_holds_in_its_own_order(
    given: list[str], orders: list[tuple[str, str]], *, is_answered: bool, prod: Applied
) -> None:
    query: Any = client().collection("deliveries")
    for name in given:
        query = query.where(filter=FieldFilter(name, "==", "x"))
    for name, way in orders:
        query = query.order_by(name, direction=way)
    query = query.limit(1)

    (asked,) = read(query)

    assert (used(asked, indexes_of(prod), unindexed_of(prod)) is not None) == is_answered


def test_nothing_is_asked_but_through_documents() -> None:
    """What goes past them is not recorded here, and not counted."""
    past = {
        f"{path.name}:{node.lineno}"
        for path in ADAPTERS.glob("*.py")
        if path.name != "documents.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"stream", "get_all", "collection_group", "aggregate", "find_nearest"}
    }

    assert past == set()
