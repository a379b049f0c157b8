"""What is written down, and that nothing in it can be changed unseen."""

import hashlib
import json
from collections.abc import Mapping

import pytest

from schemas.events.application import OfferAccepted, ScoreRecorded
from schemas.events.engine import CalendarMoved
from schemas.events.enrolment import LearnerWithdrew, OnboardingFinished, Pitched
from schemas.events.round import RankingFrozen, RoundPlanned
from schemas.facts import Fact, fact_id_of
from schemas.ids import CaseId, name_of
from schemas.messages import Actor, Entry, Message, Notice, Step, Timer, Verdict
from schemas.notices.round import RankingDue, RoundOpened
from schemas.ranking import Ranking
from schemas.roles import LEAD, OPERATOR, PARTNERS
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS, moved
from tests.support.errand import (
    ENDINGS,
    GOES_ON,
    START,
    Errand,
    Stage,
    begun,
    errand,
    question,
    take_calendar,
    take_score,
    the_close,
)
from tests.support.life import Life, staff
from workflows.engine.decide import decide
from workflows.engine.history import (
    ENTRY_BYTES_MAX,
    EntryTooLargeError,
    HistoryBrokenError,
    definition_of,
    fold,
    hash_of,
    messages_of,
    notices_of,
    seal,
    timers_of,
)
from workflows.engine.notation import after, at, entry, notify, on, send, state

KIM = staff("operator", "kim")


def neighbours(errand: Errand) -> Mapping[CaseId, ScoreRecorded]:
    return {CaseId(f"neighbour-{number}"): ScoreRecorded(score=number) for number in range(int(errand.score))}


def a_life() -> Life:
    """An errand with one entry of every kind."""
    life = begun(
        entry(notify(OPERATOR, RankingDue)),
        question(yes=Stage.SECOND),
        on(ScoreRecorded, keep=take_score, do=[send(ScoreRecorded, to=neighbours)]),
        on(CalendarMoved, keep=take_calendar),
        GOES_ON,
        states={
            Stage.SECOND: state(
                entry(notify(LEAD, RankingDue), notify(PARTNERS, RoundOpened)),
                on(OfferAccepted, to=Stage.DONE),
                on(LearnerWithdrew),
                at(the_close),
                after(days=20, to=Stage.DONE),
            ),
            **ENDINGS,
        },
    )
    life.tell(ScoreRecorded(score=3), START + HOUR)
    life.tell(LearnerWithdrew(), START + HOUR)
    life.tell(Pitched(), START + 2 * HOUR)
    life.tell(CalendarMoved(calendar=moved(2, applications_close=START + 9 * DAY)), START + 2 * HOUR)
    life.answer(yes=True, at=START + 3 * HOUR, by=KIM)
    return life


def chain(texts: list[str]) -> list[tuple[str, str]]:
    """The texts with hashes that follow from one another, as a forger would write them."""
    found: list[tuple[str, str]] = []
    for text in texts:
        found.append((text, hash_of(found[-1][1] if found else "", text)))
    return found


# ---- writing


def test_an_entry_holds_all_that_a_replay_needs() -> None:
    life = begun(GOES_ON)

    sealed = life.written[0]

    message = life.message(OnboardingFinished(), START).model_copy(update={"id": sealed.entry.message.id})
    timer = {"due": "2027-03-11T10:00:00+09:00", "rings_at": "2027-03-11T10:15:00+09:00", "visit": 1, "armed": 1}
    effect = {"kind": "timer", "type": "first.after_3d", "step": 0, "clause": "first.after_3d", "data": timer}
    assert sealed.entry == Entry.model_validate(
        {
            "seq": 1,
            "definition": f"errand/1/{life.case.fingerprint}",
            "message": message,
            "heard_at": START,
            "verdict": Verdict.APPLIED,
            "stage": "first",
            "steps": (Step(message=message.id, clause="opens.OnboardingFinished.0", source="", to="first", visit=0),),
            "effects": ({**effect, "targets": {"errand-1": {}}},),
            "prev_hash": "",
        }
    )


def test_the_text_of_an_entry_reads_back_as_the_entry() -> None:
    life = a_life()

    assert [Entry.model_validate_json(text) for text, _ in life.texts] == life.entries


def test_only_the_entry_that_opens_a_case_names_the_definition() -> None:
    life = a_life()

    assert life.workflow is not None
    assert [entry.definition for entry in life.entries] == [definition_of(life.workflow), "", "", "", "", ""]


def test_entries_are_numbered_and_each_names_the_hash_before_it() -> None:
    life = a_life()

    hashes = [digest for _, digest in life.texts]
    assert [entry.seq for entry in life.entries] == [1, 2, 3, 4, 5, 6]
    assert [entry.prev_hash for entry in life.entries] == ["", *hashes[:-1]]
    assert life.texts == chain([text for text, _ in life.texts])
    assert life.case.hash == hashes[-1]


def test_a_hash_is_made_of_the_hash_before_and_the_text() -> None:
    assert hash_of("", "a") == hashlib.sha256(b"\na").hexdigest()
    assert len({hash_of("", "a"), hash_of("", "b"), hash_of("a", ""), hash_of("a", "b"), hash_of("ab", "")}) == 5


def test_every_verdict_is_an_entry() -> None:
    life = a_life()

    assert [(entry.verdict.value, entry.reason) for entry in life.entries] == [
        ("applied", ""),
        ("applied", ""),
        ("parked", "not_answered_here: first"),
        ("rejected", "nobody_answers: Pitched"),
        ("applied", ""),
        ("applied", ""),
    ]


def test_an_entry_of_256_kib_is_written_and_one_byte_more_is_refused() -> None:
    life = begun(on(Pitched, do=[notify(OPERATOR, RankingDue)]), GOES_ON)
    message = life.message(Pitched(), START)
    assert life.workflow is not None

    workflow = life.workflow

    def sealed_with(padding: str) -> int:
        padded = message.model_copy(update={"actor": Actor(kind="system", id=padding)})
        return len(seal(decide(workflow, life.case, padded, START), padded, START).text.encode())

    bare = sealed_with("")
    largest = sealed_with("x" * (ENTRY_BYTES_MAX - bare))

    assert largest == ENTRY_BYTES_MAX == 262_144
    with pytest.raises(EntryTooLargeError, match=rf"the entry for \[{message.id}\] is over 262144 bytes"):
        sealed_with("x" * (ENTRY_BYTES_MAX - bare + 1))
    with pytest.raises(EntryTooLargeError):
        sealed_with("가" * ((ENTRY_BYTES_MAX - bare) // 3 + 1))


# ---- effects under their stable ids


def test_events_are_sent_under_ids_made_of_where_and_why_and_to_whom() -> None:
    life = a_life()
    scored = life.entries[1]

    sent = list(messages_of(scored, life.id))

    clause = "first.on.ScoreRecorded.0"
    assert sent == [
        Message(
            id=name_of("errand-1", scored.message.id, 0, clause, f"neighbour-{number}"),
            case=CaseId(f"neighbour-{number}"),
            type="ScoreRecorded",
            data={"score": number, "component": "review"},
            at=START + HOUR,
            actor=Actor(kind="case", id="errand-1"),
        )
        for number in range(3)
    ]


def test_notices_are_told_under_ids_made_of_where_and_why_and_to_whom() -> None:
    life = a_life()
    answered = life.entries[5]

    told = list(notices_of(answered, life.case))

    common = {"case": "errand-1", "workflow": "errand", "seq": 6, "at": START + 3 * HOUR}
    keys = [("errand-1", answered.message.id, 1, f"second.entry.{place}") for place in range(2)]
    assert told == [
        Notice(id=name_of(*keys[0], "lead"), type="RankingDue", role="lead", **common),
        Notice(id=name_of(*keys[1], "partners"), type="RoundOpened", role="partners", data={"cohort": ""}, **common),
    ]


def test_timers_are_started_by_the_entry_that_arms_them() -> None:
    life = a_life()
    arrival = START + 3 * HOUR

    assert dict(timers_of(life.entries[5])) == {
        "second.the_close": Timer(due=START + 9 * DAY, rings_at=START + 9 * DAY, visit=2, armed=6),
        "second.after_20d": Timer(due=arrival + 20 * DAY, rings_at=arrival + 20 * DAY + HOUR / 4, visit=2, armed=6),
    }


def test_effects_of_one_kind_are_no_effects_of_another() -> None:
    life = a_life()
    scored, answered = life.entries[1], life.entries[5]

    assert (list(notices_of(scored, life.case)), list(timers_of(scored))) == ([], [])
    assert list(messages_of(answered, life.id)) == []


def test_the_same_clause_followed_by_another_message_has_effects_of_its_own() -> None:
    life = begun(on(ScoreRecorded, keep=take_score, do=[send(ScoreRecorded, to=neighbours)]), GOES_ON)

    first = life.tell(ScoreRecorded(score=1), START)
    second = life.tell(ScoreRecorded(score=1), START)

    (one,), (other,) = messages_of(first, life.id), messages_of(second, life.id)
    assert one.id != other.id
    assert one == other.model_copy(update={"id": one.id})


# ---- proving


def test_a_history_folds_to_the_case() -> None:
    life = a_life()

    assert life.fold() == life.case


def test_a_history_folds_to_the_case_after_every_entry() -> None:
    life = a_life()
    assert life.workflow is not None
    workflow = life.workflow

    folded = [fold(lambda _: workflow, life.texts[:count], {}) for count in range(1, 7)]

    assert folded == [sealed.case for sealed in life.written]


def test_no_history_folds_to_no_case() -> None:
    assert fold(lambda _: errand(GOES_ON), [], {}) is None


def test_a_history_that_was_heard_late_folds_with_the_times_it_was_heard() -> None:
    life = begun(on(Pitched, to=Stage.SECOND), GOES_ON, states={Stage.SECOND: state(GOES_ON), **ENDINGS})
    life.tell(Pitched(), START + HOUR, heard_at=START + 2 * DAY)

    assert life.fold() == life.case
    assert life.case.arrived_at == START + 2 * DAY


def test_a_history_with_a_document_folds_with_its_content() -> None:
    ranking = Ranking(round=CaseId("round-1"), rule="score", entries=())
    fact_id = fact_id_of(ranking)
    life = Life("round-1", facts={fact_id: ranking.model_dump(mode="json")})
    planned = RoundPlanned(cohort="2027", programme="ai", calendar=CALENDAR, terms=TERMS)
    life.tell(planned, START)
    life.tell(RankingFrozen(ranking=Fact(fact_id)), START)
    life.ring()

    assert life.fold() == life.case


def broken(life: Life, texts: list[tuple[str, str]]) -> str:
    """What a proof says of other texts."""
    assert life.workflow is not None
    workflow = life.workflow
    with pytest.raises(HistoryBrokenError) as raised:
        fold(lambda _: workflow, texts, {})
    return str(raised.value)


CHAIN = "the hash does not follow from the entry and the one before"
OTHERWISE = "the same message is decided otherwise today"


@pytest.mark.parametrize("place", range(6))
def test_an_entry_that_was_tampered_with_breaks_the_chain(place: int) -> None:
    life = a_life()
    texts = life.texts
    text, digest = texts[place]
    texts[place] = (text.replace("2027-03-08", "2027-03-07", 1), digest)

    assert broken(life, texts) == f"entry [{place + 1}]: {CHAIN}"


@pytest.mark.parametrize("place", range(6))
def test_a_hash_that_was_tampered_with_breaks_the_chain(place: int) -> None:
    life = a_life()
    texts = life.texts
    text, digest = texts[place]
    texts[place] = (text, digest[::-1])

    assert broken(life, texts) == f"entry [{place + 1}]: {CHAIN}"


@pytest.mark.parametrize("place", range(5))
def test_entries_that_were_swapped_break_the_chain(place: int) -> None:
    life = a_life()
    texts = life.texts
    texts[place], texts[place + 1] = texts[place + 1], texts[place]

    assert broken(life, texts) == f"entry [{place + 1}]: {CHAIN}"


@pytest.mark.parametrize("place", range(5))
def test_an_entry_that_was_deleted_breaks_the_chain(place: int) -> None:
    life = a_life()
    texts = life.texts
    del texts[place]

    assert broken(life, texts) == f"entry [{place + 1}]: {CHAIN}"


def test_an_entry_that_was_written_twice_breaks_the_chain() -> None:
    life = a_life()

    assert broken(life, [*life.texts[:2], *life.texts[1:]]) == f"entry [3]: {CHAIN}"


@pytest.mark.parametrize(
    ("place", "field", "value"),
    [
        (0, "seq", 2),
        (0, "definition", "errand/9/ffff"),
        (1, "verdict", "ignored"),
        (1, "reason", "because"),
        (1, "stage", "second"),
        (1, "steps", []),
        (1, "effects", []),
        (2, "reason", "another"),
        (5, "stage", "first"),
    ],
)
def test_a_forger_who_hashes_anew_is_found_because_the_same_message_is_decided_otherwise(
    place: int, field: str, value: object
) -> None:
    life = a_life()
    texts = [text for text, _ in life.texts]
    forged = {**json.loads(texts[place]), field: value}
    texts[place] = json.dumps(forged, ensure_ascii=False, separators=(",", ":"))

    assert broken(life, chain(texts)) == f"entry [{place + 1}]: {OTHERWISE}"


def test_a_forger_who_changes_a_message_and_hashes_anew_is_found_by_what_it_led_to() -> None:
    life = a_life()
    texts = [text for text, _ in life.texts]
    texts[1] = texts[1].replace('"data":{"score":3.0,', '"data":{"score":2.0,', 1)

    assert texts[1] != life.texts[1][0]
    assert broken(life, chain(texts)) == f"entry [2]: {OTHERWISE}"


def test_a_forger_who_leaves_out_the_opening_and_hashes_anew_is_found() -> None:
    life = a_life()
    texts = [text.replace(f'"prev_hash":"{life.texts[0][1]}"', '"prev_hash":""') for text, _ in life.texts[1:]]

    assert broken(life, chain(texts)) == (
        "entry [1]: no case [errand-1] of [errand], and [ScoreRecorded] does not open one"
    )


def test_a_history_under_a_changed_definition_is_broken() -> None:
    life = a_life()
    life.workflow = errand(after(days=4, to=Stage.DONE))

    assert broken(life, life.texts) == f"entry [1]: {OTHERWISE}"


def test_what_is_no_entry_at_all_is_no_history() -> None:
    life = a_life()
    assert life.workflow is not None
    workflow = life.workflow

    with pytest.raises(ValueError, match="Heard"):
        fold(lambda _: workflow, chain(["{}"]), {})
