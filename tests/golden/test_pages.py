"""The pages and diagrams of our workflows leave nothing out, and a diagram can be drawn."""

import re
from datetime import datetime
from typing import get_args

import pytest

from schemas.enrolment import Enrolment
from schemas.ids import CaseId, PersonId, TaskId
from schemas.messages import Case, Task, Timer
from schemas.round import Round
from tests.support.cohort import CALENDAR, DAY, HOUR, TERMS, kst
from workflows.definitions import LATEST
from workflows.definitions.enrolment import missed_from, onboarding_due
from workflows.definitions.pages import document
from workflows.definitions.seats import first_silence
from workflows.definitions.words import EN_OVERRIDES, KO, WORDS
from workflows.engine.definition import Ask, Notify, On, Ring, Workflow
from workflows.engine.describe import bringers, diagram, page
from workflows.engine.explain import explain
from workflows.engine.words import Language, Speech

OURS = pytest.mark.parametrize("workflow", LATEST.values(), ids=lambda workflow: workflow.name)
NOON = kst("2027-03-08 12:00")
BOTH = pytest.mark.parametrize("language", get_args(Language))


# ---- the pages


def sections(read: str) -> list[list[str]]:
    """Give the sentences under each heading; the first heading is the title."""
    parts = re.split(r"^##? .*$", read, flags=re.MULTILINE)[1:]
    return [[line for line in part.splitlines() if line.startswith("- ")] for part in parts]


def named(clause: On | Ring, speech: Speech, workflow: Workflow) -> list[str]:
    """Give every word that the sentence of a clause must hold."""
    names = [speech.word(clause.event.__name__)] if isinstance(clause, On) else [speech.at_moment(clause.moment)]
    names += [speech.word(clause.when.__name__)] if clause.when else []
    names += [f"**{speech.stage(workflow.name, clause.to)}**."] if clause.to else []
    for order in clause.do:
        told = (order.role.name, order.notice) if isinstance(order, Notify) else (order.to.__name__, order.event)
        names += [speech.word(told[0]), f"“{speech.word(told[1].__name__)}”"]
    return names


@OURS
@BOTH
def test_every_stage_and_clause_of_our_workflows_is_on_its_page(workflow: Workflow, language: Language) -> None:
    speech = WORDS.speech(language)
    read = page(workflow, WORDS, language)

    opening, *stages = sections(read)
    throughout = stages.pop() if workflow.throughout else []

    headings = [line.removeprefix("## ") for line in read.splitlines() if line.startswith("## ")]
    last = len(headings) - bool(workflow.throughout)
    assert [each.lower() for each in headings[:last]] == [speech.stage(workflow.name, each) for each in workflow.states]
    groups: list[tuple[list[str], tuple[On | Ring, ...]]] = [(opening, workflow.opens)]
    for said, state_ in zip(stages, workflow.states.values(), strict=True):
        before = [speech.orders(state_.entry)] if state_.entry else []
        before += [f"“{speech.word(ask.question)}”" for ask in state_.asks]
        assert all(part in sentence for part, sentence in zip(before, said, strict=False))
        groups.append((said[len(before) :], (*state_.ons, *state_.rings)))
    groups.append((throughout, workflow.throughout))
    for said, clauses in groups:
        for sentence, clause in zip(said, clauses, strict=True):
            assert all(word.lower() in sentence.lower() for word in named(clause, speech, workflow)), sentence


@OURS
def test_no_two_stages_of_a_workflow_read_the_same_in_english(workflow: Workflow) -> None:
    read = [WORDS.speech("en").stage(workflow.name, stage) for stage in workflow.states]

    assert len(set(read)) == len(read)


@OURS
def test_a_korean_page_holds_no_english_word(workflow: Workflow) -> None:
    assert re.findall(r"[A-Za-z]+", page(workflow, WORDS, "ko")) == []


@OURS
@BOTH
def test_a_whole_document_is_the_page_the_bringers_and_the_diagram(workflow: Workflow, language: Language) -> None:
    whole_document = document(workflow, language)

    assert whole_document.startswith(page(workflow, WORDS, language))
    assert bringers(workflow, LATEST.values(), WORDS, language) in whole_document
    assert f"```mermaid\n{diagram(workflow, WORDS, language)}```\n" in whole_document


def test_a_date_that_is_computed_is_what_its_words_say() -> None:
    def enrolment(opened_at: datetime) -> Enrolment:
        given = {"application": None, "cohort": "c", "programme": "p", "calendar": CALENDAR, "terms": TERMS}
        return Enrolment(enrolment=CaseId("e"), person=PersonId("p"), opened_at=opened_at, **given)

    early, late = enrolment(kst("2027-04-04 10:00")), enrolment(kst("2027-05-07 10:00"))
    offers = {CaseId("a"): kst("2027-04-04 10:00"), CaseId("b"): kst("2027-04-05 10:00")}
    made = {"cohort": "c", "programme": "p", "calendar": CALENDAR, "terms": TERMS, "offers": offers}

    assert "3 days before the start, or 1 day after a late promotion" in EN_OVERRIDES["onboarding_due"]
    assert "과정 시작 3일 전, 늦게 등록했으면 등록 1일 뒤" in KO["onboarding_due"]
    assert onboarding_due(early) == CALENDAR.programme_starts - 3 * DAY
    assert onboarding_due(late) == late.opened_at + DAY

    assert "2 days after the start, or after a late promotion" in EN_OVERRIDES["missed_from"]
    assert "과정 시작 2일 뒤, 늦게 등록했으면 등록 2일 뒤" in KO["missed_from"]
    assert missed_from(early) == CALENDAR.programme_starts + 2 * DAY
    assert missed_from(late) == late.opened_at + 2 * DAY

    assert "1 hour after the earliest open one ends" in EN_OVERRIDES["first_silence"]
    assert "가장 이른 응답 기한 1시간 뒤" in KO["first_silence"]
    assert first_silence(Round(round=CaseId("r"), **made)) == kst("2027-04-04 10:00") + HOUR


# ---- the diagrams


STATE = re.compile(r'    state "[^":;<>\n]+" as (\w+)')
TEXT = re.compile(r"    (\w+) : [^:;<>\n\"]+")
EDGE = re.compile(r"    (\w+|\[\*\]) --> (\w+|\[\*\])(?: : [^:;<>\n\"]+)?")


@OURS
@BOTH
def test_a_diagram_is_well_formed_and_draws_every_way_once(workflow: Workflow, language: Language) -> None:
    first, *lines = diagram(workflow, WORDS, language).splitlines()

    states = [found.group(1) for line in lines if (found := STATE.fullmatch(line))]
    texts = [found.group(1) for line in lines if (found := TEXT.fullmatch(line))]
    edges = [found.groups() for line in lines if (found := EDGE.fullmatch(line))]

    assert first == "stateDiagram-v2"
    assert len(states) + len(texts) + len(edges) == len(lines)
    assert {*texts, *(end for edge in edges for end in edge)} <= {*states, "[*]"}
    assert [each for each in states if each != "throughout"] == [f"stage_{stage}" for stage in workflow.states]
    assert sorted(edge for edge in edges) == sorted(ways(workflow))


def ways(workflow: Workflow) -> list[tuple[str, str]]:
    """Give every edge that there should be."""
    own = [
        (f"stage_{stage}", f"stage_{target}")
        for stage, out in workflow.ways.items()
        for clause, target in out
        if not clause.startswith("throughout.")
    ]
    own += [("[*]", f"stage_{each.to}") for each in workflow.opens]
    own += [(f"stage_{stage}", "[*]") for stage, state_ in workflow.states.items() if state_.is_final]
    return own + [("throughout", f"stage_{each.to}") for each in workflow.throughout if each.to]


# ---- where a case may stand


@OURS
@BOTH
def test_every_stage_of_our_workflows_can_be_explained_with_all_it_may_hold(
    workflow: Workflow, language: Language
) -> None:
    for stage, state_ in workflow.states.items():
        keys = [alarm.key for alarm in workflow.alarms[stage]]
        keys += [f"{stage}.{place}.question" for place in range(len(state_.asks))]
        timers = {key: Timer(due=NOON, rings_at=NOON, visit=1, armed=1) for key in (*keys, "parked")}
        case = {"id": "c", "workflow": workflow.name, "version": workflow.version, "fingerprint": "", "stage": stage}
        tasks = [task(stage, ask) for ask in state_.asks]
        held = Case(**case, visit=1, arrived_at=NOON, subject="", timers=timers, tasks=tasks)

        explained = explain(workflow, held, NOON, WORDS, language)

        ways = {way.clause for each in explained.waits for way in each.ways}
        assert {clause for clause, _ in workflow.ways[stage]} <= ways
        assert [each.kind for each in explained.waits].count("timer") == len(timers)
        assert all(way.does or way.leads_to for each in explained.waits for way in each.ways)


def task(stage: str, ask: Ask) -> Task:
    needs = tuple(role.name for role in ask.roles)
    return Task(
        id=TaskId(ask.question),
        case=CaseId("c"),
        workflow="w",
        stage=stage,
        question=ask.question,
        needs=needs,
        opened_at=NOON,
    )
