"""A connection is held against our form when it is saved: every fault is named at once, and none is kept."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from functions.embedded import Embedded
from functions.forms.vendors import TYPES
from schemas.connections import Connection
from tests.corpus.rounds import begin
from tests.support.vendor import sample
from workflows.runtime.connect import save_connection
from workflows.runtime.errors import BadForm, Rejected


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    path = tmp_path_factory.mktemp("connect") / "sadari.db"
    begin(path)
    opened = Embedded(path)
    yield opened
    opened.close()


def given(provider: str = "google_forms", **changed: Any) -> Connection:
    return Connection.model_validate({**sample("connections")[provider], "id": "tried", **changed})


def asked(changes: Mapping[str, Mapping[str, Any] | None], *more: Mapping[str, Any]) -> Connection:
    """Give Google's connection with some questions changed, by their field, or left out."""
    questions = [
        {**question, **(changes.get(question["field"]) or {})}
        for question in sample("connections")["google_forms"]["questions"]
        if changes.get(question["field"], question) is not None
    ]
    return given(questions=[*questions, *more])


def faults_of(store: Embedded, connection: Connection) -> dict[str, str]:
    with pytest.raises(BadForm) as refused:
        save_connection(connection, types=TYPES, cases=store.ports.cases, connections=store.connections)
    assert store.connections.get(connection.id) is None
    return refused.value.faults


@pytest.mark.parametrize("provider", ["google_forms", "typeform", "tally", "jotform"])
def test_the_samples_have_no_fault_and_each_change_is_a_version(store: Embedded, provider: str) -> None:
    connection = given(provider, id=f"good-{provider}")

    kept = [
        save_connection(connection, types=TYPES, cases=store.ports.cases, connections=store.connections)
        for _ in range(2)
    ]

    assert [each.version for each in kept] == [1, 2]
    assert store.connections.get(connection.id) == kept[1]


def test_whoever_is_slower_hears_of_it(store: Embedded) -> None:
    connection = given(id="slow")

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(store.connections, name)

        def put(self, connection: Connection, *, seen: int) -> bool:
            store.connections.put(connection, seen=seen)
            return store.connections.put(connection, seen=seen)

    with pytest.raises(Rejected, match="meanwhile"):
        save_connection(connection, types=TYPES, cases=store.ports.cases, connections=Slow())


@pytest.mark.parametrize(
    ("changes", "more", "place", "says"),
    [
        ({"department": {"field": "shoe_size"}}, [], "questions.4", "answers no field of the form"),
        ({"phone": None}, [], "phone", "has to be asked for, and no question does"),
        ({"consent_third_party": None}, [], "consent_third_party", "is a consent that no question asks for"),
        ({"consent_privacy": None}, [], "consent_privacy", "is a consent that no question asks for"),
        ({"department": {"field": "name"}}, [], "name", "has more than one question"),
        (
            {"consent_third_party": {"question": sample("connections")["google_forms"]["questions"][9]["question"]}},
            [],
            "questions.10.question",
            "answers more than one field; a consent above all is asked for on its own",
        ),
        ({"name": {"type": "SLIDER"}}, [], "questions.1", "is of a type that cannot be read"),
        ({"phone": {"type": "DATE"}}, [], "questions.2", "gives a date, which cannot be the phone of [phone]"),
        ({"can_attend": {"type": "TEXT"}}, [], "questions.7", "gives a text, which is neither yes nor no"),
        ({"can_attend": {"values": {}}}, [], "questions.7", "lacks values"),
        ({"can_attend": {"values": {"예": "yes"}}}, [], "questions.7", "neither true nor false"),
        ({"consent_privacy": {"values": {"동의하지 않습니다": False}}}, [], "questions.9", "lacks values"),
        ({"phone": {"values": {"x": "010"}}}, [], "questions.2", "is taken as it is answered"),
        ({"university": {"values": {"x": True}}}, [], "questions.3", "has values that are yes or no"),
        ({}, [{"question": "q", "type": "RADIO", "field": "locale", "values": {"x": "fr"}}], "questions.11", "ko, en"),
    ],
)
def test_what_does_not_fit_is_named_beside_its_place(
    store: Embedded, changes: dict[str, Any], more: list[dict[str, Any]], place: str, says: str
) -> None:
    faults = faults_of(store, asked(changes, *more))

    assert says in faults[place]


def test_all_faults_are_named_at_once(store: Embedded) -> None:
    connection = asked({"phone": None, "name": {"type": "SLIDER"}, "department": {"field": "shoe_size"}})

    faults = faults_of(store, connection.model_copy(update={"asked_for": "nowhere", "time_zone": "Mars/Olympus"}))

    assert sorted(faults) == ["asked_for", "department", "phone", "questions.1", "questions.3", "time_zone"]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"form": "tax_return"}, "form"),
        ({"asked_for": "not-a-round"}, "asked_for"),
        ({"is_unsigned": True}, "is_unsigned"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ],
)
def test_a_connection_to_what_there_is_not_is_refused(store: Embedded, changed: dict[str, Any], place: str) -> None:
    assert list(faults_of(store, given(**changed))) == [place]


def test_a_language_can_be_asked_for(store: Embedded) -> None:
    question = {"question": "q", "type": "RADIO", "field": "locale", "values": {"영어": "en", "한국어": "ko"}}

    kept = save_connection(
        given(id="locale", questions=[*sample("connections")["google_forms"]["questions"], question]),
        types=TYPES,
        cases=store.ports.cases,
        connections=store.connections,
    )

    assert kept.version == 1


def test_the_example_in_the_documents_has_no_fault_but_its_round(store: Embedded) -> None:
    text = (Path(__file__).parents[2] / "docs" / "examples" / "connection.json").read_text(encoding="utf-8")

    connection = Connection.model_validate_json(text)

    assert faults_of(store, connection) == {"asked_for": "is no round"}
