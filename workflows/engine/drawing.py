"""Lays a workflow out as boxes and arrows, for a page that draws them without any script.

Layers from the opening downwards; an arrow over several layers keeps a lane of its own through them, so that it crosses
no box; what leads back up is laid out as if it led down.  The same workflow always gives the same drawing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workflows.engine.definition import Workflow
from workflows.engine.describe import every_stage
from workflows.engine.words import Language, Words, capital

BOX_WIDTH, LANE_WIDTH, GAP = 164, 14, 22
LINE_HEIGHT, PADDING, LAYER_GAP, MARGIN = 18, 8, 46, 12
UNITS_MAX = 20
"""How much text a line of a box holds: a Korean letter is two units, a Latin one is one."""

SWEEPS = 12
EVERY = ""
"""The box of what holds throughout, in the place of a stage."""

Node = str | tuple[str, str, int]
"""A stage, or the lane of an arrow through a layer."""

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Box:
    """One stage.  `x` and `y` are its upper left corner; `mark` is what its last line says, if it is marked."""

    stage: str
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One way from stage to stage, as the path of an SVG."""

    source: str
    target: str
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and arrows, and how much room they take."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(workflow: Workflow, words: Words, language: Language, marks: Mapping[str, str] | None = None) -> Drawing:
    """Give the drawing of a workflow.

    Args:
        workflow: The workflow.
        words: The word lists.
        language: The language.
        marks: By stage, what is said of it besides its name.
    """
    speech, noted = words.speech(language), marks or {}
    edges = _edges(workflow)
    lines = {stage: _wrapped(capital(speech.stage(workflow.name, stage))) for stage in workflow.states}
    if any(source == EVERY for source, _ in edges):
        lines[EVERY] = _wrapped(every_stage(language))
    layers = _Layers(list(lines), edges, [str(on.to) for on in workflow.opens])
    return layers.drawn(lines, noted)


def _edges(workflow: Workflow) -> list[Edge]:
    """Give the ways between different stages, each once; what holds throughout leads out of one box of its own."""
    own = [
        (stage, target)
        for stage, ways in workflow.ways.items()
        for clause, target in ways
        if target != stage and not clause.startswith("throughout.")
    ]
    shared = [(EVERY, on.to) for on in workflow.throughout if on.to is not None]
    return list(dict.fromkeys([*own, *shared]))


def _wrapped(text: str) -> tuple[str, ...]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _units(longer) > UNITS_MAX:
            lines.append(word)
        else:
            lines[-1] = longer
    return tuple(lines)


def _units(text: str) -> int:
    return sum(2 if "가" <= letter <= "힣" else 1 for letter in text)


class _Layers:
    """Stages in layers, each edge cut into pieces from one layer to the next."""

    def __init__(self, stages: Sequence[str], edges: Sequence[Edge], starts: Sequence[str]) -> None:
        self.edges = edges
        self.backward = _backward(edges, [*starts, EVERY, *stages])
        downward = [(target, source) if edge in self.backward else edge for edge in edges for source, target in [edge]]
        self.layer = _depths(stages, downward)
        self.lanes = {edge: self._lane(edge) for edge in edges}
        self.rows: list[list[Node]] = [[] for _ in range(max(self.layer.values()) + 1)]
        for stage in stages:
            self.rows[self.layer[stage]].append(stage)
        for lane in self.lanes.values():
            for node in lane[1:-1]:
                self.rows[self._row(node)].append(node)
        self.beside: dict[Node, list[Node]] = {}
        for lane in self.lanes.values():
            for upper, lower in pairwise(lane):
                self.beside.setdefault(upper, []).append(lower)
                self.beside.setdefault(lower, []).append(upper)

    def _row(self, node: Node) -> int:
        return self.layer[node] if isinstance(node, str) else node[2]

    def _lane(self, edge: Edge) -> list[Node]:
        """Give what an edge leads through, from above downwards."""
        upper, lower = reversed(edge) if edge in self.backward else edge
        between = range(self.layer[upper] + 1, self.layer[lower])
        return [upper, *((edge[0], edge[1], row) for row in between), lower]

    def drawn(self, lines: Mapping[str, tuple[str, ...]], marks: Mapping[str, str]) -> Drawing:
        """Place everything, and give the boxes and arrows."""
        middle = self._middles()
        left = min(middle[node] - _width(node) / 2 for row in self.rows for node in row)
        heights = {stage: (len(said) + (stage in marks)) * LINE_HEIGHT + 2 * PADDING for stage, said in lines.items()}
        tops, at = [], MARGIN
        for row in self.rows:
            tops.append(at)
            at += max((heights[node] for node in row if isinstance(node, str)), default=0) + LAYER_GAP
        boxes = tuple(
            Box(
                stage=stage,
                x=round(middle[stage] - left - BOX_WIDTH / 2) + MARGIN,
                y=tops[self.layer[stage]],
                width=BOX_WIDTH,
                height=heights[stage],
                lines=said,
                mark=marks.get(stage, ""),
            )
            for stage, said in lines.items()
        )
        places = {box.stage: box for box in boxes}
        arrows = tuple(self._arrow(edge, places, middle, left, tops) for edge in self.edges)
        right = max(middle[node] + _width(node) / 2 for row in self.rows for node in row)
        return Drawing(round(right - left) + 2 * MARGIN, at - LAYER_GAP + MARGIN, boxes, arrows)

    def _middles(self) -> dict[Node, float]:
        """Give how far to the right everything stands: near what it is joined to, and beside the others."""
        middle: dict[Node, float] = {node: float(at) for row in self.rows for at, node in enumerate(row)}
        for sweep in range(SWEEPS):
            for row in self.rows if sweep % 2 else reversed(self.rows):
                wanted = {node: _mean(middle, self.beside.get(node, [node])) for node in row}
                row.sort(key=wanted.__getitem__)
                _spread(row, wanted, middle)
        return middle

    def _arrow(
        self, edge: Edge, places: Mapping[str, Box], middle: Mapping[Node, float], left: float, tops: Sequence[int]
    ) -> Arrow:
        upper, *between, lower = self.lanes[edge]
        first, last = places[str(upper)], places[str(lower)]
        points = [(first.x + first.width / 2, first.y + first.height)]
        for node in between:
            x, top = middle[node] - left + MARGIN, tops[self._row(node)]
            points += [(x, top), (x, tops[self._row(node) + 1] - LAYER_GAP)]
        points.append((last.x + last.width / 2, last.y))
        return Arrow(*edge, _path(points[::-1] if edge in self.backward else points))


def _width(node: Node) -> int:
    return BOX_WIDTH if isinstance(node, str) else LANE_WIDTH


def _mean(middle: Mapping[Node, float], nodes: Sequence[Node]) -> float:
    return sum(middle[node] for node in nodes) / len(nodes)


def _spread(row: Sequence[Node], wanted: Mapping[Node, float], middle: dict[Node, float]) -> None:
    """Place a row in its order: nobody overlaps, and all together stay where they want to be."""
    at: list[float] = []
    for place, node in enumerate(row):
        room = (_width(row[place - 1]) + _width(node)) / 2 + GAP if place else 0
        at.append(max(wanted[node], at[-1] + room) if at else wanted[node])
    shift = sum(wanted[node] - x for node, x in zip(row, at, strict=True)) / max(len(row), 1)
    middle.update({node: x + shift for node, x in zip(row, at, strict=True)})


def _backward(edges: Sequence[Edge], starts: Iterable[str]) -> frozenset[Edge]:
    """Give the edges that lead back to a stage on the way to themselves, in the order in which stages are met."""
    found: set[Edge] = set()
    done: set[str] = set()

    def visit(stage: str, way: frozenset[str]) -> None:
        done.add(stage)
        for source, target in edges:
            if source == stage and target in way:
                found.add((source, target))
            elif source == stage and target not in done:
                visit(target, way | {target})

    for start in starts:
        if start not in done:
            visit(start, frozenset({start}))
    return frozenset(found)


def _depths(stages: Sequence[str], downward: Sequence[Edge]) -> dict[str, int]:
    """Give each stage the layer behind the last of those that lead to it."""
    depth = dict.fromkeys(stages, 0)
    for _ in stages:
        for source, target in downward:
            depth[target] = max(depth[target], depth[source] + 1)
    return depth


def _path(points: Sequence[tuple[float, float]]) -> str:
    first, *rest = points
    return f"M{first[0]:.0f} {first[1]:.0f}" + "".join(_curves(first, rest))


def _curves(at: tuple[float, float], rest: Sequence[tuple[float, float]]) -> Iterator[str]:
    for x, y in rest:
        bend = (at[1] + y) / 2
        yield f"C{at[0]:.0f} {bend:.0f} {x:.0f} {bend:.0f} {x:.0f} {y:.0f}"
        at = (x, y)
