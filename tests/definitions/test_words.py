"""Whatever a generated page names has a word in both languages."""

import ast
import inspect
from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.events import EVENTS
from schemas.events.application import ApplicationSubmitted, OfferMade
from schemas.ids import CaseId
from schemas.notices import NOTICES
from schemas.roles import OPERATOR, ROLES, Role
from schemas.round import Round
from workflows.definitions import LATEST, WORKFLOWS, words, words_en, words_ko
from workflows.definitions.words import EN_OVERRIDES, KO, missing_words, word_of_stage
from workflows.engine.definition import Ask, Notify, On, Ring, Send, State, Workflow
from workflows.engine.moments import Moment


def test_every_identifier_of_our_workflows_has_a_korean_word() -> None:
    assert missing_words(LATEST.values()) == []
    assert missing_words(WORKFLOWS.values()) == []


def test_every_event_notice_and_role_has_a_korean_word_even_where_no_workflow_names_it() -> None:
    assert {*EVENTS, *NOTICES, *ROLES} - KO.keys() == set()


def test_no_word_is_left_over() -> None:
    stages = {f"{workflow.name}.{stage}" for workflow in WORKFLOWS.values() for stage in workflow.states}
    known = {*EVENTS, *NOTICES, *ROLES, *stages, *(stage.partition(".")[2] for stage in stages)}
    known |= {name for workflow in WORKFLOWS.values() for name in words._identifiers(workflow)}

    assert KO.keys() - known == set()
    assert EN_OVERRIDES.keys() - known == set()


def test_no_identifier_is_listed_twice() -> None:
    sources = (inspect.getsource(words_ko), inspect.getsource(words_en))
    written = [node for source in sources for node in ast.parse(source).body if isinstance(node, ast.AnnAssign)]

    counts = [len(node.value.keys) for node in written if isinstance(node.value, ast.Dict)]

    assert counts == [len(KO), len(EN_OVERRIDES)]


def test_every_guard_is_a_condition_and_no_stage_is_one() -> None:
    clauses: list[On | Ring] = []
    for workflow in LATEST.values():
        clauses += [*workflow.opens, *workflow.throughout]
        for state in workflow.states.values():
            clauses += [*state.ons, *state.rings]

    guards = {clause.when.__name__ for clause in clauses if clause.when is not None}

    assert {name for name, word in KO.items() if word.endswith("경우")} == guards


@pytest.mark.parametrize("workflow", LATEST.values(), ids=lambda workflow: workflow.name)
def test_no_two_stages_of_a_workflow_read_the_same(workflow: Workflow) -> None:
    read = [word_of_stage(KO, workflow.name, stage) for stage in workflow.states]

    assert len(set(read)) == len(read)


def test_a_stage_that_two_workflows_share_reads_right_in_both() -> None:
    assert word_of_stage(KO, "application", "withdrawn") == "지원 철회"
    assert word_of_stage(KO, "enrolment", "withdrawn") == "중도 포기"
    assert word_of_stage(KO, "outcome", "month3") != KO["month3"]
    assert word_of_stage(KO, "outcome", "no_such_stage") is None


def test_an_identifier_without_a_word_is_named_once_wherever_it_stands() -> None:
    def is_blue(_subject: object, _event: object) -> bool:
        return True

    def full_moon(_subject: object) -> None: ...

    def its_neighbour(_subject: object) -> CaseId:
        return CaseId("c")

    def nap(_subject: object) -> timedelta:
        return timedelta(0)

    wizard, king = Role("wizard"), Role("king")
    told = type("FrogSeen", (NOTICES["RankingDue"],), {})
    event = type("FrogJumped", (OfferMade,), {})
    ring = Ring(Moment(full_moon, length=nap), "pond", is_blue, None, (Notify(wizard, told),))
    ask = Ask((wizard, OPERATOR), "Is it a frog?", "pond", None, False, None, None, None, king, False, None)
    pond = State(asks=(ask,), ons=(On(event, None, is_blue, None, (Send(event, its_neighbour),)),), rings=(ring,))
    strange = Workflow("swamp", 1, Round, (On(ApplicationSubmitted, "pond", None, None, ()),), {"pond": pond})

    missing = missing_words([strange, replace(strange, version=2)])

    assert missing == [
        *("swamp", "Is it a frog?", "wizard", "king"),
        *("FrogJumped", "is_blue", "its_neighbour", "full_moon", "nap", "FrogSeen"),
        "swamp.pond",
    ]
