"""Finding cases and people."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from functions.adapters.google import firestore_case_index
from functions.adapters.google.firestore_case_index import FirestoreCaseIndex
from functions.adapters.google.wiring import stages
from functions.adapters.local import sqlite_case_index
from functions.adapters.local.database import Database
from functions.adapters.local.sqlite_case_index import SqliteCaseIndex
from functions.adapters.local.sqlite_case_store import SqliteCaseStore
from functions.console.room import covers
from schemas.events.application import ApplicationWithdrew
from schemas.events.enrolment import AttendanceRecorded, EnrolmentOpened, LearnerWithdrew, OnboardingFinished
from schemas.events.review import ReviewAssigned
from schemas.ids import CaseId, PersonId
from schemas.messages import Case
from schemas.people import Person
from schemas.search import CaseFilter, Crowd, Scope
from schemas.selection import Criterion
from schemas.staff import Grant
from workflows.definitions import LATEST
from workflows.engine.history import Sealed
from workflows.runtime.errors import CaseMoved, Rejected
from workflows.runtime.people_keys import name_key
from workflows.runtime.ports import CaseIndex, CaseStore, Vault
from workflows.runtime.traits import next_due

KEYS = {"email": "hash-of-email", "phone": "hash-of-phone", "student": "hash-of-student"}
NOBODY = PersonId("nobody")


class Store(NamedTuple):
    """The index, and what fills it."""

    cases: CaseStore
    index: CaseIndex


@pytest.fixture
def index(backend: str, request: pytest.FixtureRequest) -> CaseIndex:
    if backend == "local":
        return SqliteCaseIndex(request.getfixturevalue("database"))
    return FirestoreCaseIndex(request.getfixturevalue("firestore_client"), stages())


@pytest.fixture
def store(cases: CaseStore, index: CaseIndex) -> Store:
    return Store(cases, index)


def commit(cases: CaseStore, *entries: Sealed) -> Case:
    for sealed in entries:
        cases.commit(sealed, seen=cases.get(sealed.case.id))
    return entries[-1].case


def learner(story: Any, case_id: str, *shares: float, person: str = "person-1") -> Iterator[Sealed]:
    """Give the entries of an enrolment that is taught, with the attendance that was recorded."""
    opened = EnrolmentOpened(
        person=PersonId(person),
        application=None,
        cohort="2026-봄",
        programme="ai-academy",
        calendar=story.calendar,
        terms=story.terms,
    )
    sealed = story.told(CaseId(case_id), opened, f"open {case_id}")
    yield sealed
    sealed = story.told(sealed.case, OnboardingFinished(), f"onboard {case_id}")
    yield sealed
    sealed = story.rung(sealed.case)
    yield sealed
    for number, share in enumerate(shares):
        sealed = story.told(sealed.case, AttendanceRecorded(share=share), f"attend {case_id} {number}")
        yield sealed


def filled(store: Store, story: Any) -> list[Case]:
    """Fill the store with some of each, and give it all by case id."""
    kept = [commit(store.cases, story.round("round-1")), commit(store.cases, story.round("round-2", days_later=3))]
    for number in range(7):
        form = story.form(round_id=f"round-{number % 2 + 1}")
        university, programme = ("전남대학교", "광주대학교")[number % 2], ("ai-academy", "web-academy")[number % 3 == 2]
        cohort = ("2026-봄", "2026-가을")[number % 4 == 3]
        update = {"university": university, "programme": programme, "cohort": cohort, "person": f"person-{number}"}
        case_id = CaseId(f"application-{number}")
        sealed = story.told(case_id, form.model_copy(update=update), f"submit {number}")
        if number == 6:
            sealed = commit(store.cases, sealed) and story.told(sealed.case, ApplicationWithdrew(), "leave")
        kept.append(commit(store.cases, sealed))
    taught = (learner(story, f"enrolment-{number}", 0.5 + 0.2 * number) for number in range(3))
    kept += [commit(store.cases, *entries) for entries in taught]
    return sorted(kept, key=lambda case: case.id)


def paged(index: CaseIndex, wanted: CaseFilter, limit: int = 3) -> list[list[str]]:
    pages, after = [], ""
    while True:
        page = index.page(wanted, after=after, limit=limit)
        pages.append([case.id for case in page.cases])
        after = page.after
        if not after:
            return pages


def ids(index: CaseIndex, **wanted: Any) -> list[str]:
    return sum(paged(index, CaseFilter(**wanted)), [])  # noqa: RUF017  a handful


def ids_of(cases: list[Case], wanted: Callable[[Case], bool]) -> list[str]:
    return [case.id for case in cases if wanted(case)]


# ---- lists


def test_pages_are_full_until_the_last_and_hold_all_once(store: Store, story: Any) -> None:
    kept = [case.id for case in filled(store, story)]

    assert paged(store.index, CaseFilter(), limit=5) == [kept[:5], kept[5:10], kept[10:]]
    assert paged(store.index, CaseFilter(), limit=12) == [kept]
    assert paged(store.index, CaseFilter(workflow="outcome")) == [[]]


def test_a_list_gives_the_cases_as_they_stand(store: Store, story: Any) -> None:
    kept = filled(store, story)

    assert list(store.index.page(CaseFilter(), after="", limit=99).cases) == kept


def test_cases_are_found_by_any_mix_of_fields(store: Store, story: Any) -> None:
    kept = filled(store, story)
    here = "전남대학교"

    assert ids(store.index, workflow="application") == ids_of(kept, lambda case: case.workflow == "application")
    assert ids(store.index, stages=("withdrawn",)) == ["application-6"]
    assert ids(store.index, workflows=("round", "enrolment")) == ids_of(
        kept, lambda case: case.workflow in {"round", "enrolment"}
    )
    assert ids(store.index, stages=("withdrawn", "submitted", "nowhere")) == ids_of(
        kept, lambda case: case.workflow == "application"
    )
    assert ids(store.index, round="round-2") == ids_of(kept, lambda case: case.round == "round-2")
    assert ids(store.index, cohort="2026-가을") == ["application-3"]
    assert ids(store.index, university=here) == [f"application-{number}" for number in (0, 2, 4, 6)]
    assert ids(store.index, workflow="application", stages=("submitted",), round="round-1", university=here) == [
        f"application-{number}" for number in (0, 2, 4)
    ]
    assert ids(store.index, workflow="enrolment", university=here) == []


def test_whoever_attends_too_little_is_at_risk_until_that_changes_or_is_over(store: Store, story: Any) -> None:
    entries = list(learner(story, "enrolment-1", 0.7, 0.9, 0.6))
    entries.append(story.told(entries[-1].case, LearnerWithdrew(), "leave"))
    found = []
    for sealed in entries:
        commit(store.cases, sealed)
        found.append(ids(store.index, is_at_risk=True))

    assert found == [[], [], [], ["enrolment-1"], [], ["enrolment-1"], []]


def test_what_is_due_comes_the_soonest_first(store: Store, story: Any) -> None:
    kept = filled(store, story)
    dues: dict[str, datetime] = {case.id: due for case in kept if (due := next_due(case)) is not None}
    order = sorted(dues, key=lambda case_id: (dues[case_id], case_id))
    middle = sorted(dues.values())[len(dues) // 2]
    latest = max(dues.values()) + timedelta(seconds=1)

    assert len(dues) < len(kept)
    assert ids(store.index, due_before=latest) == order
    assert ids(store.index, due_before=middle) == [case_id for case_id in order if dues[case_id] < middle]
    assert ids(store.index, due_before=latest, workflow="round") == ["round-1", "round-2"]


@pytest.mark.parametrize(
    "scopes",
    [
        [],
        [{}],
        [{"cohort": "2026-봄"}],
        [{"university": "전남대학교"}],
        [{"programme": "web-academy"}],
        [{"programme": "ai-academy", "university": "광주대학교"}, {"cohort": "2026-가을"}],
        [{"university": "전남대학교"}, {"university": "전남대학교"}, {"programme": "web-academy"}],
        [{"university": "전남대학교"}, {}],
    ],
)
@pytest.mark.parametrize("workflow", ["", "round", "application"])
def test_a_scope_holds_what_a_grant_covers(
    store: Store, story: Any, scopes: list[dict[str, str]], workflow: str
) -> None:
    kept = filled(store, story)
    grants = [Grant(role="operator", **scope) for scope in scopes]
    within = tuple(Scope(**scope) for scope in scopes)

    covered = ids_of(
        kept, lambda case: workflow in {"", case.workflow} and any(covers(grant, case) for grant in grants)
    )

    assert ids(store.index, workflow=workflow, within=within) == covered


def test_a_scope_holds_for_what_is_due_as_well(store: Store, story: Any) -> None:
    kept = filled(store, story)
    within = (Scope(university="전남대학교", programme="ai-academy"), Scope(cohort="2026-가을"))
    grants = [Grant(role="operator", **scope.model_dump()) for scope in within]
    covered = ids_of(kept, lambda case: bool(case.timers) and any(covers(grant, case) for grant in grants))

    found = ids(store.index, due_before=story.calendar.month12, within=within)

    assert sorted(found) == covered


def test_a_reviewer_finds_their_own_reviews(store: Store, story: Any) -> None:
    for number, reviewer in enumerate(["kim", "lee", "kim"]):
        assigned = ReviewAssigned(
            reviewer=reviewer,
            application=CaseId(f"application-{number}"),
            round=CaseId("round-1"),
            cohort="2026-봄",
            calendar=story.calendar,
            rubric=(Criterion(id="motivation", name_ko="동기", name_en="Motivation"),),
            due_at=story.calendar.results_at,
        )
        commit(store.cases, story.told(CaseId(f"review-{number}"), assigned, f"assign {number}"))
    filled(store, story)

    assert ids(store.index, reviewer="kim") == ["review-0", "review-2"]
    assert ids(store.index, reviewer="kim", workflow="review", stages=("assigned",)) == ["review-0", "review-2"]
    assert ids(store.index, reviewer="park") == []


@pytest.mark.parametrize("cursor", ["a/b", "\x00", "~x", "2026-01-01T00:00:00~x", "x" * 2000, "x~"])
@pytest.mark.parametrize("due_before", [None, datetime.fromisoformat("2027-01-01T00:00:00Z")])
def test_a_cursor_that_no_page_gave_is_refused(index: CaseIndex, cursor: str, due_before: datetime | None) -> None:
    with pytest.raises(Rejected):
        index.page(CaseFilter(due_before=due_before), after=cursor, limit=3)


def test_a_list_goes_on_behind_a_case_that_has_moved_meanwhile(store: Store, story: Any) -> None:
    kept = filled(store, story)
    page = store.index.page(CaseFilter(stages=("submitted",)), after="", limit=2)
    last = page.cases[-1]

    commit(store.cases, story.told(last, ApplicationWithdrew(), "leave now"))

    rest = store.index.page(CaseFilter(stages=("submitted",)), after=page.after, limit=99)
    expected = ids_of(kept, lambda case: case.stage == "submitted" and case.id > last.id)
    assert [case.id for case in rest.cases] == expected


# ---- counts


def counted(store: Store, **among: Any) -> dict[str, int]:
    """Count the applications of a crowd where they stand."""
    found = store.index.counts(Crowd(workflow="application", **among))
    assert {workflow for workflow, _ in found} <= {"application"}
    return {stage: many for (_, stage), many in found.items()}


def test_cases_are_counted_where_they_stand(store: Store, story: Any) -> None:
    filled(store, story)

    assert counted(store) == {"submitted": 6, "withdrawn": 1}
    assert counted(store, round="round-1") == {"submitted": 3, "withdrawn": 1}
    assert counted(store, cohort="2026-가을") == {"submitted": 1}
    assert counted(store, round="round-1", cohort="2026-가을") == {}
    assert store.index.counts(Crowd(workflow="outcome")) == {}
    assert store.index.counts(Crowd(workflow="nothing")) == {}


def test_all_workflows_are_counted_at_once(store: Store, story: Any) -> None:
    kept = filled(store, story)

    assert store.index.counts(Crowd()) == Counter((case.workflow, case.stage) for case in kept)


def test_every_move_is_counted_once_and_a_refused_one_never(store: Store, story: Any) -> None:
    first, second = list(learner(story, "enrolment-1"))[:2]
    commit(store.cases, first)
    seen = store.cases.get(first.case.id)
    store.cases.commit(second, seen=seen)

    with pytest.raises(CaseMoved):
        store.cases.commit(second, seen=seen)

    assert store.index.counts(Crowd()) == {("enrolment", second.case.stage): 1}


@pytest.mark.parametrize(
    "scopes",
    [
        [],
        [{"cohort": "2026-봄"}],
        [{"university": "전남대학교"}],
        [{"programme": "ai-academy", "university": "광주대학교"}, {"cohort": "2026-가을"}],
    ],
)
@pytest.mark.parametrize("workflow", ["", "round", "application"])
def test_only_what_a_scope_holds_is_counted(
    store: Store, story: Any, scopes: list[dict[str, str]], workflow: str
) -> None:
    filled(store, story)
    within = tuple(Scope(**scope) for scope in scopes)
    listed = store.index.page(CaseFilter(workflow=workflow, within=within), after="", limit=99).cases

    found = store.index.counts(Crowd(workflow=workflow, within=within))

    assert found == Counter((case.workflow, case.stage) for case in listed)


def on_version(sealed: Sealed, version: int) -> Sealed:
    return sealed._replace(case=sealed.case.model_copy(update={"version": version}))


def test_cases_are_counted_by_the_version_that_they_run_on(
    store: Store, story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(stages()["enrolment"], 9, tuple(LATEST["enrolment"].states))
    first, second = list(learner(story, "enrolment-1"))[:2]
    other = commit(store.cases, on_version(first, 9))
    commit(store.cases, *list(learner(story, "enrolment-2"))[:1])
    found = {(name, version): many for (name, version, _), many in store.index.versions(Crowd()).items()}

    store.cases.commit(on_version(second, 9), seen=store.cases.get(other.id))

    assert found == {("enrolment", 9): 1, ("enrolment", LATEST["enrolment"].version): 1}
    assert store.index.versions(Crowd(workflow="enrolment"))["enrolment", 9, second.case.stage] == 1
    assert sum(store.index.versions(Crowd()).values()) == 2
    assert store.index.versions(Crowd(within=())) == {}
    assert store.index.versions(Crowd(workflow="outcome")) == {}


def test_a_list_may_ask_for_a_version(store: Store, story: Any) -> None:
    kept = filled(store, story)
    commit(store.cases, on_version(next(learner(story, "enrolment-9")), 9))

    assert ids(store.index, workflow="enrolment", version=9) == ["enrolment-9"]
    assert ids(store.index, version=LATEST["enrolment"].version) == [case.id for case in kept]
    assert ids(store.index, version=9, cohort="2026-봄") == ["enrolment-9"]


def test_steps_are_counted_by_all_who_have_taken_them(store: Store, story: Any) -> None:
    filled(store, story)

    assert store.index.reached(Crowd()) == {"applied": 7, "accepted": 3, "began": 3}
    assert store.index.reached(Crowd(cohort="2026-가을")) == {"applied": 1}
    assert store.index.reached(Crowd(workflow="enrolment")) == {"accepted": 3, "began": 3}
    assert store.index.reached(Crowd(workflow="round")) == {}
    assert store.index.reached(Crowd(within=())) == {}


# ---- people


def test_a_person_is_found_by_each_key_and_by_no_other(index: CaseIndex, vault: Vault, person: Person) -> None:
    other = person.model_copy(update={"id": PersonId("person-0")})
    vault.put(person, keys=KEYS)
    vault.put(other, keys={"email": KEYS["email"]})

    assert list(index.people("email", "hash-of-email")) == ["person-0", "person-1"]
    assert list(index.people("phone", "hash-of-phone")) == ["person-1"]
    assert list(index.people("student", "hash-of-student")) == ["person-1"]
    assert list(index.people("phone", "hash-of-email")) == []


def test_people_are_found_by_the_beginning_of_the_name_in_the_order_of_names(
    index: CaseIndex, vault: Vault, person: Person
) -> None:
    names = ["김가나", "김가다", "김나", "김가", "Kim Ada", "KIM Bo", "kim, c", "Ki", "이김가", "김가나", "㈜김가"]
    for number, name in enumerate(names):
        vault.put(person.model_copy(update={"id": PersonId(f"person-{number:02}"), "name": name}))

    def found(prefix: str, limit: int = 99) -> list[str]:
        people: list[str] = []
        after = ""
        while page := index.people_named(name_key(prefix), after=after, limit=limit):
            people += page
            after = page[-1]
        return [names[int(each.removeprefix("person-"))] for each in people]

    assert found("김가") == ["김가", "김가나", "김가나", "김가다"]
    assert found("김가", limit=1) == found("김가", limit=2) == found("김가")
    assert found("김가나") == ["김가나", "김가나"]
    assert found("ᄀ" + "ᅵ" + "ᆷ나") == ["김나"]
    assert found("KIM") == ["Kim Ada", "KIM Bo", "kim, c"]
    assert found("%") == found("박") == []


def test_what_finds_a_person_is_replaced_with_what_is_known(index: CaseIndex, vault: Vault, person: Person) -> None:
    vault.put(person, keys=KEYS)

    vault.put(person.model_copy(update={"name": "박바뀜"}), keys={"email": "another"})

    assert [list(index.people(kind, key)) for kind, key in KEYS.items()] == [[], [], []]  # type: ignore[arg-type]
    assert list(index.people("email", "another")) == [person.id]
    assert list(index.people_named("김", after="", limit=9)) == []
    assert list(index.people_named("박바", after="", limit=9)) == [person.id]


def test_nothing_finds_who_was_erased(index: CaseIndex, vault: Vault, person: Person) -> None:
    vault.put(person, keys=KEYS)

    vault.erase(person.id)
    vault.put(person, keys=KEYS)

    assert [list(index.people(kind, key)) for kind, key in KEYS.items()] == [[], [], []]  # type: ignore[arg-type]
    assert list(index.people_named("김", after="", limit=9)) == []


def test_a_page_behind_somebody_who_is_gone_is_empty(index: CaseIndex, vault: Vault, person: Person) -> None:
    for number in range(3):
        vault.put(person.model_copy(update={"id": PersonId(f"person-{number}")}))
    vault.erase(PersonId("person-1"))

    assert list(index.people_named("김", after="person-0", limit=9)) == ["person-2"]
    assert list(index.people_named("김", after="person-1", limit=9)) == []
    assert list(index.people_named("김", after=NOBODY, limit=9)) == []


def test_cases_are_given_by_their_ids_without_those_that_there_are_not(
    store: Store, story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sqlite_case_index, firestore_case_index):
        monkeypatch.setattr(module, "NAMED_AT_ONCE", 2)
    kept = filled(store, story)
    asked = [kept[4].id, kept[1].id, CaseId("nowhere"), kept[1].id]

    assert store.index.named(asked) == {case.id: case for case in (kept[1], kept[4])}
    assert store.index.named([]) == {}


def test_the_cases_of_people_are_all_that_are_about_them(store: Store, story: Any) -> None:
    kept = filled(store, story)
    people = [PersonId(f"person-{number}") for number in range(40, -1, -1)]

    found = list(store.index.cases_of([*people, NOBODY]))

    assert found == [case for case in kept if case.person]
    assert [case.id for case in store.index.cases_of([PersonId("person-1")])] == ids_of(
        kept, lambda case: case.person == "person-1"
    )
    assert list(store.index.cases_of([])) == []


def test_noting_leaves_a_row_for_each(vault: Vault, clock: Any) -> None:
    vault.note(["person-2", "person-1"], reader="kim", reason="search by name")
    vault.note([], reader="kim", reason="search by name")

    rows = [(row["subject"], row["reader"], row["reason"]) for row in vault.accesses()]
    assert sorted(rows) == [(f"person-{number}", "kim", "search by name") for number in (1, 2)]
    assert {datetime.fromisoformat(row["at"]) for row in vault.accesses()} == {clock.now()}


# ---- files of older versions

OLDER = """
create table cases (
    id text primary key, revision integer not null, workflow text not null, stage text not null,
    round text not null, next_due text, blob text not null
);
create index cases_stage on cases (workflow, stage, round);
create table people (id text primary key, blob text) without rowid;
"""


def test_a_file_of_an_older_version_is_found_in_like_a_new_one(
    tmp_path: Path, database: Database, story: Any, person: Person
) -> None:
    new = Store(SqliteCaseStore(database), SqliteCaseIndex(database))
    kept = filled(new, story)
    columns = "id, revision, workflow, stage, round, next_due, blob"
    rows = database.all(f"select {columns} from cases")
    with sqlite3.connect(tmp_path / "older.db") as older:
        older.executescript(OLDER)
        older.executemany(f"insert into cases ({columns}) values (?, ?, ?, ?, ?, ?, ?)", rows)
        older.execute("insert into people (id, blob) values (?, ?)", (person.id, person.model_dump_json()))
        older.execute("insert into people (id, blob) values ('erased', null)")
    older.close()
    for _ in range(2):
        opened = Database(tmp_path / "older.db")
        store = Store(SqliteCaseStore(opened), SqliteCaseIndex(opened))

        for wanted in (
            {"university": "전남대학교"},
            {"cohort": "2026-가을"},
            {"is_at_risk": True},
            {"round": "round-1"},
            {"version": 1},
        ):
            assert ids(store.index, **wanted) == ids(new.index, **wanted)
        within = (Scope(programme="web-academy"),)
        assert ids(store.index, within=within) == ids(new.index, within=within)
        assert store.index.counts(Crowd()) == new.index.counts(Crowd())
        assert store.index.reached(Crowd()) == new.index.reached(Crowd())
        assert store.index.versions(Crowd()) == new.index.versions(Crowd())
        assert list(store.index.cases_of([PersonId("person-1")])) == [
            each for each in kept if each.person == "person-1"
        ]
        assert list(store.index.people_named("김카", after="", limit=9)) == [person.id]
        opened.close()


def test_an_older_file_that_cannot_be_read_stays_as_it_was(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "older.db") as older:
        older.executescript(OLDER)
        older.execute("insert into cases values ('a', 1, 'w', 's', '', null, 'no case')")
    older.close()

    with pytest.raises(ValueError, match="Invalid JSON"):
        Database(tmp_path / "older.db")

    with sqlite3.connect(tmp_path / "older.db") as older:
        columns = [row[1] for row in older.execute("pragma table_info (cases)")]
    older.close()
    assert columns == ["id", "revision", "workflow", "stage", "round", "next_due", "blob"]
