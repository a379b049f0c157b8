"""The diagram of a workflow: every stage in it, every way in it, nothing over anything else."""

import re
from itertools import combinations

import pytest

from workflows.definitions import LATEST
from workflows.definitions.words import WORDS
from workflows.engine.definition import Workflow
from workflows.engine.drawing import EVERY, Box, draw

on = pytest.mark.parametrize
every_workflow = on("workflow", LATEST.values(), ids=list(LATEST))


def overlap(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    above = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not (beside or above)


@every_workflow
@on("language", ["ko", "en"])
def test_every_stage_has_a_box_inside_the_drawing_and_no_box_lies_over_another(
    workflow: Workflow, language: str
) -> None:
    drawing = draw(workflow, WORDS, "ko" if language == "ko" else "en")

    assert {box.stage for box in drawing.boxes} - {EVERY} == set(workflow.states)
    assert [(one.stage, other.stage) for one, other in combinations(drawing.boxes, 2) if overlap(one, other)] == []
    assert all(box.x >= 0 and box.x + box.width <= drawing.width for box in drawing.boxes)
    assert all(box.y >= 0 and box.y + box.height <= drawing.height for box in drawing.boxes)


@every_workflow
def test_every_way_between_stages_is_an_arrow_that_begins_and_ends_at_their_boxes(workflow: Workflow) -> None:
    drawing = draw(workflow, WORDS, "ko")
    boxes = {box.stage: box for box in drawing.boxes}
    ways = {
        (EVERY if clause.startswith("throughout.") else stage, target)
        for stage, out in workflow.ways.items()
        for clause, target in out
        if stage != target
    }

    assert {(arrow.source, arrow.target) for arrow in drawing.arrows} == ways | {
        (EVERY, str(clause.to)) for clause in workflow.throughout if clause.to
    }
    for arrow in drawing.arrows:
        numbers = [float(each) for each in re.findall(r"-?\d+", arrow.path)]
        ends = [(boxes[arrow.source], numbers[:2]), (boxes[arrow.target], numbers[-2:])]
        assert all(box.x <= x <= box.x + box.width for box, (x, _) in ends)
        assert all(y in {box.y, box.y + box.height} for box, (_, y) in ends)


@every_workflow
def test_the_same_workflow_gives_the_same_drawing(workflow: Workflow) -> None:
    assert draw(workflow, WORDS, "en") == draw(workflow, WORDS, "en")


def test_a_mark_stands_in_the_box_of_its_stage_and_makes_room_for_itself() -> None:
    workflow = LATEST["appeal"]
    stage = next(iter(workflow.states))

    plain = {box.stage: box for box in draw(workflow, WORDS, "en").boxes}
    marked = {box.stage: box for box in draw(workflow, WORDS, "en", {stage: "here now"}).boxes}

    assert marked[stage].mark == "here now"
    assert marked[stage].height > plain[stage].height
