"""The diagram of a procedure, drawn from its pack: laid out, nothing else (``svg`` writes it).

Stages stand in layers from above, those of one layer side by side, as many to a row as the
width allows. Every outcome is a label under its box; one that ends there is rounded. Lines
leave labels downwards, run across between two rows only and along the sides only, so that
no line crosses a box: to the next row directly, further down on the right, back on the left.
Lines to one stage join. The same drawing serves the screen, paper and ``docs/procedures.md``;
``outline`` says the same in words, for whoever does not see it.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise

from zhibu.cases.outline import UNMARKED, UNTITLED, Mark, Marks, State, Titles, terms, who
from zhibu.packs.schema.procedures import Procedure, Stage

NARROW, WIDE = 320, 720
SIDE_BY_SIDE = {NARROW: 2, WIDE: 4}
START, REOPEN = "(start)", "(reopen)"  # no stage can be called so
SIZE, LINE = 16, 23
PAD, CHIP_PAD, BETWEEN, EDGE = 10, 8, 16, 4
STEP, SUB, ARROW, UNDER = 9, 8, 8, 6
LEAST_CELL, MOST_CELL = 108, 340
LEAST_STEP = 3
CLOSING = "，。、；：”）？！"


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Box:
    """A stage, the beginning, or the taking up again. ``lines`` come with their voice: the
    title, what the mark says, what is beside it."""

    id: str
    rect: Rect
    lines: tuple[tuple[str, str], ...]
    is_round: bool = False
    joins: bool = False
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """An outcome under the box of its stage; ``ends``: nothing begins then."""

    stage: str
    outcome: str
    rect: Rect
    lines: tuple[str, ...]
    ends: bool


Point = tuple[float, float]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from an outcome to a stage that begins then; from a box where ``outcome`` is ""."""

    source: str
    outcome: str
    target: str
    points: tuple[Point, ...]

    @property
    def key(self) -> Key:
        return self.source, self.outcome, self.target


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    edges: tuple[Edge, ...]


@dataclass(slots=True)
class _Chip:
    id: str
    lines: list[str]
    targets: list[str]
    rect: Rect | None = None


@dataclass(slots=True)
class _Node:
    """What stands in one cell: a box and the labels under it."""

    id: str
    texts: list[tuple[str, str]]
    chips: list[_Chip]
    targets: list[str] = field(default_factory=list)
    is_round: bool = False
    joins: bool = False
    state: State | None = None
    x: float = 0
    width: float = 0
    lines: list[tuple[str, str]] = field(default_factory=list)
    exits: dict[str, Point] = field(default_factory=dict)
    bottom: float = 0

    @property
    def leaving(self) -> list[tuple[str, str]]:
        """Outcome and target of each line that leaves."""
        plain = [("", target) for target in self.targets]
        return plain + [(chip.id, target) for chip in self.chips for target in chip.targets]


def edges_of(procedure: Procedure) -> list[Key]:
    """Every line there is to draw."""
    return [
        *((START, "", name) for name in procedure.start),
        *(
            (stage.id, outcome.id, name)
            for stage in procedure.stages
            for outcome in stage.outcomes
            for name in dict.fromkeys(outcome.to)
        ),
        *((REOPEN, "", name) for name in (procedure.reopening.to if procedure.reopening else ())),
    ]


def lay_out(
    procedure: Procedure, *, width: int = NARROW, posts: Titles = UNTITLED, marks: Marks = UNMARKED
) -> Drawing:
    """Where everything stands on a drawing of ``width`` (``NARROW`` or ``WIDE``)."""
    return _Layout(procedure, width, posts, marks).drawing()


class _Layout:
    def __init__(self, procedure: Procedure, width: int, posts: Titles, marks: Marks) -> None:
        self.procedure = procedure
        self.width = width
        stages = [self._stage(stage, posts, marks.get(stage.id)) for stage in procedure.stages]
        start = _Node(
            START, [("开始", "title")], [], list(dict.fromkeys(procedure.start)), is_round=True
        )
        layers = [[start], *_layers(procedure, stages)]
        if procedure.reopening:
            again = list(dict.fromkeys(procedure.reopening.to))
            whose = who(procedure, procedure.reopening.actor, posts)
            texts = [("办结以后重开", "title"), (whose, "quiet")]
            layers.append([_Node(REOPEN, texts, [], again, is_round=True)])
        most = SIDE_BY_SIDE[width]
        if self._room(layers, most) < LEAST_CELL:
            most = max(1, most // 2)
        self.rows = _rows(layers, most)
        self.nodes = {node.id: node for row in self.rows for node in row}
        self.row_of = {node.id: number for number, row in enumerate(self.rows) for node in row}
        self.lanes = self._lanes()
        self.step = self._step()
        self.entries: dict[str, float] = {}
        self.tracks: list[dict[tuple[str, str], int]] = []
        self.tops: list[float] = []

    def _stage(self, stage: Stage, posts: Titles, mark: Mark | None) -> _Node:
        texts = [(stage.title, "title")]
        texts += [(mark.text, "mark")] if mark else []
        texts.append((who(self.procedure, stage.actor, posts), "quiet"))
        texts += [(text, "quiet") for text in terms(self.procedure, stage)]
        chips = [
            _Chip(outcome.id, [_called(outcome.title, outcome.ends_as)],
                  list(dict.fromkeys(outcome.to)))
            for outcome in stage.outcomes
        ]  # fmt: skip
        return _Node(
            stage.id, texts, chips, joins=bool(stage.joins), state=mark.state if mark else None
        )

    # lanes along the sides: one for all lines to a stage from further up, one for those back

    def _side(self, source: str, target: str) -> str:
        """ "" where the target is in the next row."""
        apart = self.row_of[target] - self.row_of[source]
        return "" if apart == 1 else ("right" if apart > 1 else "left")

    def _lanes(self) -> dict[tuple[str, str], int]:
        """The lane of each target and side, counted from within."""
        spans: dict[tuple[str, str], tuple[int, int]] = {}
        for node in self.nodes.values():
            for _, target in node.leaving:
                if side := self._side(node.id, target):
                    ends = (self.row_of[node.id], self.row_of[target] - 1)
                    low, high = spans.get((side, target), (min(ends), max(ends)))
                    spans[side, target] = (min(low, *ends), max(high, *ends))
        found: dict[tuple[str, str], int] = {}
        taken: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for key, (low, high) in sorted(spans.items(), key=lambda one: (one[1][1] - one[1][0], one)):
            for lane in count():
                others = taken.setdefault((key[0], lane), [])
                if all(high < first or low > last for first, last in others):
                    others.append((low, high))
                    found[key] = lane
                    break
        return found

    def _beside(self, side: str) -> int:
        """How many lanes there are on a side."""
        return max((lane + 1 for (at, _), lane in self.lanes.items() if at == side), default=0)

    def _step(self) -> float:
        """How far lanes lie apart: closer where many would leave the boxes no room."""
        lanes = self._beside("left") + self._beside("right")
        room = self.width - 2 * EDGE - LEAST_CELL * min(2, max(map(len, self.rows)))
        return max(LEAST_STEP, min(STEP, room * 0.6 / lanes)) if lanes else STEP

    def _room(self, layers: list[list[_Node]], most: int) -> float:
        """How wide a box would be with ``most`` to a row."""
        self.rows = _rows(layers, most)
        self.nodes = {node.id: node for row in self.rows for node in row}
        self.row_of = {node.id: number for number, row in enumerate(self.rows) for node in row}
        self.lanes = self._lanes()
        across = max(map(len, self.rows))
        beside = (self._beside("left") + self._beside("right")) * STEP
        return (self.width - 2 * EDGE - beside - BETWEEN * (across + 1)) / across

    def _lane_x(self, side: str, target: str) -> float:
        lane = self.lanes[side, target]
        if side == "left":
            return EDGE + (self._beside("left") - lane - 0.5) * self.step
        return self.width - EDGE - (self._beside("right") - lane - 0.5) * self.step

    # cells

    def drawing(self) -> Drawing:
        for row in self.rows:
            self._widths(row)
        boxes: list[Box] = []
        y = float(EDGE)
        for number, row in enumerate(self.rows):
            self.tops.append(y)
            for node in row:
                boxes.append(self._fill(node, y))
            low = max(node.bottom for node in row)
            self.tracks.append(self._nets(number))
            self.tops.append(low)
            used = 1 + max(self.tracks[-1].values(), default=-1)
            y = low + UNDER + used * STEP + (ARROW + UNDER if number + 1 < len(self.rows) else 0)
        edges = tuple(
            self._edge(node, outcome, target)
            for node in self.nodes.values()
            for outcome, target in node.leaving
        )
        labels = tuple(
            Label(node.id, chip.id, chip.rect, tuple(chip.lines), not chip.targets)
            for node in self.nodes.values()
            for chip in node.chips
            if chip.rect
        )
        return Drawing(self.width, round(y + EDGE), tuple(boxes), labels, edges)

    def _widths(self, row: list[_Node]) -> None:
        left = EDGE + self._beside("left") * self.step + BETWEEN / 2
        right = self.width - EDGE - self._beside("right") * self.step - BETWEEN / 2
        each = min(MOST_CELL, (right - left - BETWEEN * (len(row) - 1)) / len(row))
        total = each * len(row) + BETWEEN * (len(row) - 1)
        x = left + (right - left - total) / 2
        for node in row:
            node.x, node.width = x, each
            x += each + BETWEEN

    def _fill(self, node: _Node, y: float) -> Box:
        """Place the box and its labels; note where lines leave."""
        node.lines = [
            (line, voice)
            for text, voice in node.texts
            for line in _wrapped(text, node.width - 2 * PAD)
        ]
        rect = Rect(node.x, y, node.width, 2 * PAD + LINE * len(node.lines))
        if node.is_round:
            across = min(node.width, 2 * PAD + 24 + max(_across(line) for line, _ in node.lines))
            rect = Rect(node.x + (node.width - across) / 2, y, across, rect.height)
        node.bottom = rect.bottom
        node.exits[""] = (rect.x + rect.width / 2, rect.bottom)
        if node.chips and not self._in_a_row(node, rect.bottom + UNDER):
            self._stacked(node, rect.bottom + UNDER)
        return Box(node.id, rect, tuple(node.lines), node.is_round, node.joins, node.state)

    def _in_a_row(self, node: _Node, y: float) -> bool:
        """Labels beside each other where they fit."""
        widths = [_across(chip.lines[0]) + 2 * CHIP_PAD for chip in node.chips]
        spare = node.width - sum(widths) - 8 * (len(widths) - 1)
        if spare < 0:
            return False
        x = node.x + spare / 2
        for chip, width in zip(node.chips, widths, strict=True):
            chip.rect = Rect(x, y, width, LINE + 6)
            node.exits[chip.id] = (x + width / 2, chip.rect.bottom)
            x += width + 8
        node.bottom = y + LINE + 6
        return True

    def _stacked(self, node: _Node, y: float) -> None:
        """Labels below each other; the lines of upper ones pass the lower ones on the right."""
        passing = sum(bool(chip.targets) for chip in node.chips[:-1])
        width = node.width - passing * SUB
        x = node.x + node.width - SUB / 2
        for chip in node.chips:
            chip.lines = _wrapped(chip.lines[0], width - 2 * CHIP_PAD)
            chip.rect = Rect(node.x, y, width, LINE * len(chip.lines) + 6)
            if chip is node.chips[-1]:
                node.exits[chip.id] = (node.x + width / 2, chip.rect.bottom)
            elif chip.targets:
                node.exits[chip.id] = (x, y + chip.rect.height / 2)
                x -= SUB
            y = chip.rect.bottom + 4
        node.bottom = y - 4

    # between rows

    def _nets(self, number: int) -> dict[tuple[str, str], int]:
        """Which track below row ``number`` each bundle of lines runs along: those into a stage
        of the next row, and those out to a lane."""
        exits = [
            (node.exits[outcome][0], target)
            for node in self.rows[number]
            for outcome, target in node.leaving
        ]
        if number + 1 < len(self.rows):
            for node in self.rows[number + 1]:
                self.entries[node.id] = _entry(node, exits)
        spans: dict[tuple[str, str], list[float]] = {}
        for node in self.rows[number]:
            for outcome, target in node.leaving:
                side, x = self._side(node.id, target), node.exits[outcome][0]
                if side:
                    spans.setdefault((side, target), []).extend([x, self._lane_x(side, target)])
                else:
                    spans.setdefault(("in", target), []).extend([x, self.entries[target]])
        for side, target in self.lanes:
            if self.row_of[target] == number + 1:
                ends = [self._lane_x(side, target), self.entries[target]]
                spans.setdefault(("in", target), []).extend(ends)
        return _tracked({key: (min(xs), max(xs)) for key, xs in spans.items()})

    def _track_y(self, number: int, key: tuple[str, str]) -> float:
        return self.tops[2 * number + 1] + UNDER + self.tracks[number][key] * STEP

    def _edge(self, node: _Node, outcome: str, target: str) -> Edge:
        row, goal = self.row_of[node.id], self.row_of[target]
        start, end = node.exits[outcome], (self.entries[target], self.tops[2 * goal])
        points = [start]
        chip = next((one for one in node.chips if one.id == outcome), None)
        if chip and chip.rect and start[0] > chip.rect.right:
            points.insert(0, (chip.rect.right, start[1]))
        side = self._side(node.id, target)
        if side:
            lane, out = self._lane_x(side, target), self._track_y(row, (side, target))
            points += [(start[0], out), (lane, out)]
            across = self._track_y(goal - 1, ("in", target))
            points += [(lane, across), (end[0], across)]
        elif start[0] != end[0]:
            across = self._track_y(row, ("in", target))
            points += [(start[0], across), (end[0], across)]
        return Edge(node.id, outcome, target, tuple(_plain([*points, end])))


def _called(title: str, ends_as: str) -> str:
    return f"{title}：{ends_as}" if ends_as and ends_as != title else title


def _layers(procedure: Procedure, nodes: Sequence[_Node]) -> list[list[_Node]]:
    """Each stage one below the lowest that leads on to it; back to an earlier one counts not."""
    place = {stage.id: number for number, stage in enumerate(procedure.stages)}
    layer: dict[str, int] = {}
    before = 0
    for stage in procedure.stages:
        above = [
            layer[other.id]
            for other in procedure.stages[: place[stage.id]]
            if other.id in stage.joins or any(stage.id in one.to for one in other.outcomes)
        ]
        found = max(above) + 1 if above else (0 if stage.id in procedure.start else before)
        layer[stage.id] = before = found
    rows: list[list[_Node]] = [[] for _ in range(max(layer.values()) + 1)]
    for node in nodes:
        rows[layer[node.id]].append(node)
    return [row for row in rows if row]


def _rows(layers: Iterable[list[_Node]], most: int) -> list[list[_Node]]:
    return [layer[first : first + most] for layer in layers for first in range(0, len(layer), most)]


def _entry(node: _Node, exits: Sequence[tuple[float, str]]) -> float:
    """Where lines come into a box from above: straight where one can, on no other's way."""
    others = [x for x, target in exits if target != node.id]
    inside = (node.x + PAD, node.x + node.width - PAD)
    middle = node.x + node.width / 2
    wanted = [x for x, target in exits if target == node.id and inside[0] <= x <= inside[1]]
    wanted.sort(key=lambda x: abs(x - middle))
    tries = [*wanted, middle, *(middle + sign * 3 * n for n in range(1, 30) for sign in (1, -1))]
    for x in tries:
        if inside[0] <= x <= inside[1] and all(abs(x - other) >= 5 for other in others):
            return x
    return middle


def _tracked(spans: Mapping[tuple[str, str], tuple[float, float]]) -> dict[tuple[str, str], int]:
    """Bundles onto tracks so that none lie on each other; a straight line takes none of its own
    but is kept off nothing, for it has no length."""
    found: dict[tuple[str, str], int] = {}
    taken: list[list[tuple[float, float]]] = []
    for key, (low, high) in sorted(spans.items(), key=lambda one: (one[0][0] == "in", one[1])):
        if high - low < 1:
            found[key] = -1
            continue
        for number in count():
            if number == len(taken):
                taken.append([])
            if all(high + 4 < first or low - 4 > last for first, last in taken[number]):
                taken[number].append((low, high))
                found[key] = number
                break
    return found


def _plain(points: Sequence[Point]) -> list[Point]:
    """Without points that stand on the one before."""
    return [points[0], *(b for a, b in pairwise(points) if a != b)]


def _wide(character: str) -> float:
    return SIZE if unicodedata.east_asian_width(character) in "WFA" else SIZE * 0.58


def _across(text: str) -> float:
    return sum(map(_wide, text))


def _wrapped(text: str, width: float) -> list[str]:
    """Lines of at most ``width``, none beginning with a closing mark; numbers stay whole."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _across(line + piece) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece.lstrip() if not line else piece
    return [*lines, line]


def _pieces(text: str) -> list[str]:
    """What may not be broken: a character with the marks behind it, a number with its unit."""
    found: list[str] = []
    for character in text:
        last = found[-1] if found else ""
        is_narrow = _wide(character) < SIZE and character != " "
        if last and (
            character in CLOSING
            or last[-1] in "“（"
            or (is_narrow and _wide(last[-1]) < SIZE and last[-1] != " ")
        ):
            found[-1] += character
        else:
            found.append(character)
    return found
