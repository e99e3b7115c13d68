"""The diagram of a procedure: nothing lies on anything, each line is there once, every stage
has its box, whatever the procedure."""

import re
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import procedures
from zhibu.cases import diagram, outline, pages, svg
from zhibu.cases.diagram import NARROW, WIDE
from zhibu.cases.outline import Mark, State
from zhibu.packs import library
from zhibu.packs.schema.base import Cite
from zhibu.packs.schema.procedures import Actor, Limit, Outcome, Procedure, Stage, Wait
from zhibu.packs.schema.procedures import Reopening as Again

CITES = [Cite(source="charter", seen="text")]
ABOVE, HERE = Actor(who="above"), Actor(who="organization")
WIDTHS = (NARROW, WIDE)
PERMIT = procedures.pack().items["procedures", "permit"][-1].item
RECTIFY = library.shipped()["seeds/rectification"].items["procedures", "rectify"][-1].item
SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def made(draw, least=1, most=25):
    """Any procedure: side by side, joined, back, past others, on itself, to several at once."""
    total = draw(st.integers(least, most))
    ids = [f"s{number}" for number in range(total)]
    names = st.lists(st.sampled_from(ids), max_size=3, unique=True)
    title = st.text("核验整改公示材料讨论、上报", min_size=1, max_size=20)

    def outcome(number, place):
        near = st.sampled_from(ids[place + 1 : place + 3] or ids[-1:])
        to = draw(st.one_of(st.lists(near, max_size=2, unique=True), names))
        return Outcome(
            id=f"o{number}", title=draw(title)[:12], to=to, closes=not to and draw(st.booleans()),
            ends_as=draw(st.sampled_from(["", "销号", "没有合用的房"])),
        )  # fmt: skip

    def stage(place):
        return Stage(
            id=ids[place], title=draw(title), actor=draw(st.sampled_from([ABOVE, HERE])),
            joins=[one for one in draw(names) if one != ids[place]] if draw(st.booleans()) else [],
            waits=[Wait(after="start", at_least="P5D", cites=CITES)] * draw(st.integers(0, 2)),
            limits=[Limit(within="P1M", cites=CITES)] * draw(st.integers(0, 1)),
            outcomes=[outcome(n, place) for n in range(draw(st.integers(1, 6)))],
        )  # fmt: skip

    again = Again(actor=ABOVE, to=draw(names) or ids[:1], cites=CITES)
    return Procedure(
        title="样例", cites=CITES, starter=HERE, stages=[stage(n) for n in range(total)],
        start=draw(names) or ids[:1], reopening=again if draw(st.booleans()) else None,
    )  # fmt: skip


def chain(length=25):
    """A long one as 发展党员 is: each step on to the next, some back, each to an end."""
    last = length - 1
    return Procedure(
        title="长", cites=CITES, starter=HERE, start=["s0"],
        stages=[
            Stage(
                id=f"s{n}", title=f"第 {n + 1} 步：支部委员会讨论", actor=HERE,
                limits=[Limit(within="P3M", cites=CITES)],
                outcomes=[
                    Outcome(id="on", title="通过", to=[f"s{n + 1}"] if n < last else []),
                    Outcome(id="back", title="退回补充材料", to=[f"s{max(0, n - 3)}"]),
                    Outcome(id="stop", title="终止", closes=True, ends_as="不再培养"),
                ],
            )
            for n in range(length)
        ],
    )  # fmt: skip


def rects(drawing):
    return [(box.id, box.rect) for box in drawing.boxes] + [
        (f"{label.stage} {label.outcome}", label.rect) for label in drawing.labels
    ]


def overlap(one, other):
    return (
        one.x < other.right and other.x < one.right and one.y < other.bottom
        and other.y < one.bottom
    )  # fmt: skip


def crosses(a, b, rect):
    """Whether the straight line from a to b passes through the inside of a box."""
    (left, right), (top, low) = sorted([a[0], b[0]]), sorted([a[1], b[1]])
    return (
        right > rect.x + 0.5 and left < rect.right - 0.5
        and low > rect.y + 0.5 and top < rect.bottom - 0.5
    )  # fmt: skip


def lie_on_each_other(one, other):
    """Whether two lines share a stretch, not just a crossing."""
    for a, b in pairwise(one.points):
        for c, d in pairwise(other.points):
            for along, across in ((0, 1), (1, 0)):
                if a[across] == b[across] == c[across] == d[across]:
                    low = max(min(a[along], b[along]), min(c[along], d[along]))
                    high = min(max(a[along], b[along]), max(c[along], d[along]))
                    if high - low > 0.5:
                        return True
    return False


def faults(procedure, width):
    """Everything that is wrong with the drawing of a procedure."""
    drawing = diagram.lay_out(procedure, width=width)
    stages = [box.id for box in drawing.boxes if not box.id.startswith("(")]
    if sorted(stages) != sorted(stage.id for stage in procedure.stages):
        yield f"stages: {stages}"
    if Counter(edge.key for edge in drawing.edges) != Counter(diagram.edges_of(procedure)):
        yield "edges"
    found = rects(drawing)
    for (name, one), (other_name, other) in combinations(found, 2):
        if overlap(one, other):
            yield f"{name} on {other_name}"
    for name, rect in found:
        if rect.x < 0 or rect.y < 0 or rect.right > width or rect.bottom > drawing.height:
            yield f"{name} outside"
    boxes = {box.id: box.rect for box in drawing.boxes}
    labels = {(label.stage, label.outcome): label.rect for label in drawing.labels}
    for edge in drawing.edges:
        source = labels.get((edge.source, edge.outcome)) or boxes[edge.source]
        (x, y), (end_x, end_y), target = edge.points[0], edge.points[-1], boxes[edge.target]
        if not (source.x <= x <= source.right and source.y <= y <= source.bottom):
            yield f"{edge.key} begins elsewhere"
        if end_y != target.y or not target.x < end_x < target.right:
            yield f"{edge.key} leads elsewhere"
        for a, b in pairwise(edge.points):
            if a[0] != b[0] and a[1] != b[1]:
                yield f"{edge.key} aslant"
            if min(a[0], b[0]) < 0 or max(a[0], b[0]) > width:
                yield f"{edge.key} outside"
            if any(crosses(a, b, rect) for _, rect in found):
                yield f"{edge.key} through a box"
    for one, other in combinations(drawing.edges, 2):
        is_one_way = one.target == other.target or (
            (one.source, one.outcome) == (other.source, other.outcome)
        )
        if not is_one_way and lie_on_each_other(one, other):
            yield f"{one.key} on {other.key}"


@pytest.mark.parametrize("width", WIDTHS)
@given(procedure=made())
@settings(max_examples=60)
def test_whatever_the_procedure_nothing_lies_on_anything(width, procedure):
    assert list(faults(procedure, width)) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("procedure", [PERMIT, RECTIFY, chain()], ids=["permit", "rectify", "25"])
def test_known_ones_are_drawn_well(width, procedure):
    assert list(faults(procedure, width)) == []


@pytest.mark.parametrize("width", WIDTHS)
@given(procedure=made(most=8))
@settings(max_examples=30)
def test_what_is_written_is_what_was_laid_out(width, procedure):
    drawing = diagram.lay_out(procedure, width=width)
    root = ElementTree.fromstring(svg.written(drawing, "样例"))  # noqa: S314 - our own
    edges = [
        (one.get("data-from"), one.get("data-by"), one.get("data-to"))
        for one in root.iter(f"{SVG}path")
        if one.get("class") == "edge"
    ]
    boxes = [one.get("data-stage") for one in root.iter(f"{SVG}g") if one.get("class") == "box"]

    assert Counter(edges) == Counter(diagram.edges_of(procedure))
    assert boxes == [box.id for box in drawing.boxes]
    assert root.get("width") == str(width)
    said = "".join(text.text or "" for text in root.iter(f"{SVG}text"))
    assert all(re.sub(r"\s", "", stage.title) in re.sub(r"\s", "", said)
               for stage in procedure.stages)  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS)
def test_words_stay_within_their_boxes(width):
    for procedure in (PERMIT, RECTIFY, chain()):
        drawing = diagram.lay_out(procedure, width=width)
        for box in drawing.boxes:
            assert all(diagram._across(line) <= box.rect.width for line, _ in box.lines)
        for label in drawing.labels:
            assert all(diagram._across(line) <= label.rect.width for line in label.lines)


def test_nothing_in_it_could_load_run_or_style():
    text = svg.written(diagram.lay_out(PERMIT), "<用房>")

    assert "&lt;用房&gt;" in text
    assert not re.search(r"style=|<style|<script|href|url\(|<use|<image", text)


def test_side_by_side_stand_in_one_row_and_what_joins_below():
    at = {box.id: box.rect for box in diagram.lay_out(PERMIT, width=NARROW).boxes}

    assert at["notice"].y == at["look"].y
    assert at["notice"].right < at["look"].x
    assert at["decide"].y > at["look"].bottom
    assert at["county"].y > at["decide"].bottom


def test_back_goes_on_the_left_and_past_others_on_the_right():
    drawing = diagram.lay_out(PERMIT)
    back = next(edge for edge in drawing.edges if edge.key == ("decide", "again", "look"))
    past = next(
        edge for edge in diagram.lay_out(RECTIFY).edges if edge.key[:2] == ("doing", "reclass")
    )

    assert min(x for x, _ in back.points) < min(box.rect.x for box in drawing.boxes)
    assert max(x for x, _ in past.points) > max(
        box.rect.right for box in diagram.lay_out(RECTIFY).boxes
    )


def test_place_of_a_case_is_marked_by_shape_and_word():
    marks = {"notice": Mark(State.DONE, "办了，11月2日"), "look": Mark(State.NOW, "现在在这一步"),
             "county": Mark(State.SKIPPED, "不用办了")}  # fmt: skip
    text = svg.written(diagram.lay_out(PERMIT, marks=marks), "用房")

    assert all(mark.text in text for mark in marks.values())
    assert re.search(r'data-stage="look"><rect [^>]*stroke-width="3"', text)
    assert re.search(r'data-stage="county"><rect [^>]*stroke-dasharray', text)
    assert not re.search(r'data-stage="decide"><rect [^>]*stroke-width="3"', text)


def test_table_says_it_in_words():
    found = {row.stage: row for row in outline.table(PERMIT)}

    assert found["notice"].terms == ("5 个工作日内办",)
    decide = found["decide"]
    assert decide.who == "上级组织，不能是办过“看房”的人"
    assert decide.terms == ("“公示”、“看房”都办了才开始", "“公示”后满 5 个工作日才能办")
    assert [(way.outcome, way.then, way.ends) for way in decide.ways] == [
        ("同意", "办结：批了", True), ("报县里", "县里批", False), ("重看", "看房", False),
    ]  # fmt: skip
    assert found["look"].ways[1].then == "全部结束：没有合用的房"
    assert outline.beginning(PERMIT) == "由本组织开始，先办公示、看房。"
    assert outline.reopening(PERMIT) == ""
    assert outline.reopening(RECTIFY) == "办结以后能由上级组织重开，接着办整改。"


def test_posts_are_called_by_their_titles():
    actor = Actor(who="organization", posts=["branch-secretary"])

    assert outline.who(PERMIT, actor, {"branch-secretary": "书记"}) == "本组织的书记"
    assert outline.who(PERMIT, actor) == "本组织的branch-secretary"


def test_long_one_stays_narrow_enough_for_a_phone():
    drawing = diagram.lay_out(chain(), width=NARROW)

    assert drawing.width == NARROW
    assert min(box.rect.width for box in drawing.boxes if box.id.startswith("s")) >= 200


def test_page_of_the_documents_is_as_the_packs_write_it():
    docs = Path(__file__).parents[2] / "docs"
    found = pages.files(library.shipped())

    assert {path: (docs / path).read_text("utf-8") for path in found} == found, (
        "写出新的：python -m django procedure_reference docs"
    )
    kept = {path.relative_to(docs) for path in (docs / pages.PICTURES).glob("*.svg")}
    assert kept == {path for path in found if path.suffix == ".svg"}
    assert all(len(found[path]) < 60_000 for path in kept)
