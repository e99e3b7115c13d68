"""Which chart goes with a table: beside it, never instead of it.

Bars and lines stand in the table's own order: nothing is sorted by figure. ``None`` where a
chart would say less than the table does.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from zhibu.core.charts import BLUE, INK, LINE, QUIET
from zhibu.insight.dimensions import YEAR
from zhibu.insight.questions import Count
from zhibu.insight.tables import FieldLine, Table

MOST_BARS, FEWEST = 30, 2
MOST_SERIES = 6
WIDTH, STEP = 520, 28
MONTH = "month"


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite specification, and what it says in one sentence for who does not see it."""

    spec: dict[str, Any]
    says: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Figures by line and series, as a table or a frozen report has them.

    ``lines`` are words with one figure a series. ``is_over_time``: the series follow upon each
    other. ``sums`` are the figures of the lines added up, none where they may not be.
    """

    lines: Sequence[tuple[str, Sequence[Count]]]
    series: Sequence[str]
    sums: Sequence[Count]
    is_over_time: bool
    are_years: bool
    unit: str


def of_table(table: Table) -> Chart | None:
    question = table.question
    lines = [(line.word, [cell.figure for cell in line.cells]) for line in table.lines]
    subject = question.subject
    unit = f"{subject.counts}的比例" if subject.has_total else subject.unit
    return of_grid(grid(lines, table.columns, _columns_of(question), unit))


def _columns_of(question: Any) -> str:
    return question.column.id if question.column else ""


def grid(
    lines: Sequence[tuple[str, Sequence[Count]]], columns: Sequence[str], by: str, unit: str
) -> Grid:
    """``by``: what the columns are told apart by, "" where there is one. The last is their sum,
    but for years."""
    if not by:
        return Grid(lines, [], [figures[0] for _, figures in lines], False, False, unit)
    if by == YEAR:
        return Grid(lines, columns, [], True, True, unit)
    parts = [(word, figures[:-1]) for word, figures in lines]
    sums = [figures[-1] for _, figures in lines]
    return Grid(parts, columns[:-1], sums, by == MONTH, False, unit)


def of_grid(found: Grid) -> Chart | None:
    """Bars of the sums; lines over months; bars side by side for years."""
    if not FEWEST <= len(found.lines) <= MOST_BARS:
        return None
    if found.are_years:
        return _side_by_side(found)
    if found.is_over_time and len(found.lines) <= MOST_SERIES and len(found.series) >= FEWEST:
        return _over_time(found)
    return _bars(found)


def _value(figure: Count) -> float | None:
    return figure.count if figure.total is None else figure.share


def _scale(figures: Sequence[Count], unit: str) -> dict[str, Any]:
    """The axis of a figure: a share of the whole from 0 to 1, or a number from 0 on; ``unit``
    is what it says."""
    if any(figure.total is not None for figure in figures):
        return {
            "type": "quantitative", "title": unit or "已办的比例", "scale": {"domain": [0, 1]},
            "axis": {"format": ".0%", "tickCount": 5},
        }  # fmt: skip
    return {
        "type": "quantitative", "title": unit, "scale": {"domainMin": 0},
        "axis": {"format": "d", "tickMinStep": 1, "tickCount": 5},
    }  # fmt: skip


def _apart(words: Sequence[str]) -> list[str]:
    """The words, those that occur twice with their number: a chart tells lines apart by them."""
    often = Counter(words)
    return [f"{w}（{n}）" if often[w] > 1 else w for n, w in enumerate(words, 1)]


def _spec(values: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "data": {"values": list(values)},
        **more,
    }


def _line_axis(field: str = "word") -> dict[str, Any]:
    return {"field": field, "type": "nominal", "sort": None, "title": None}


def _bars(found: Grid) -> Chart:
    words = _apart([word for word, _ in found.lines])
    values = [
        {"word": word, "value": _value(figure), "text": _text(figure)}
        for word, figure in zip(words, found.sums, strict=True)
    ]
    across = {"field": "value", **_scale(found.sums, found.unit)}
    spec = _spec(
        values,
        height={"step": STEP},
        encoding={"y": _line_axis(), "x": across},
        layer=[
            {"mark": {"type": "bar", "color": BLUE, "height": 16}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "color": INK},
                "encoding": {"text": {"field": "text"}},
            },
        ],
    )
    return Chart(spec, f"条形图，{len(words)} 行，{_range(found.sums)}。每个数都在表里。")


def _over_time(found: Grid) -> Chart:
    words = _apart([word for word, _ in found.lines])
    values = list(_points(found, words))
    figures = [figure for _, row in found.lines for figure in row]
    told_apart = {"field": "word", "type": "nominal", "sort": None, "title": None}
    spec = _spec(
        values,
        height=240,
        mark={"type": "line", "point": {"size": 70}, "strokeWidth": 2},
        encoding={
            "x": {**_line_axis("series"), "axis": {"labelAngle": 0}},
            "y": {"field": "value", **_scale(figures, found.unit)},
            "color": {**told_apart, "legend": None},  # told apart by shape: so does the legend
            "shape": told_apart,
        },
    )
    of = f"{len(words)} 条线，{found.series[0]}到{found.series[-1]}"
    return Chart(spec, f"折线图，{of}，{_range(figures)}。每个数都在表里。")


def _side_by_side(found: Grid) -> Chart:
    words = _apart([word for word, _ in found.lines])
    figures = [figure for _, row in found.lines for figure in row]
    spec = _spec(
        list(_points(found, words)),
        height={"step": 14, "for": "offset"},
        mark={"type": "bar"},
        encoding={
            "y": _line_axis(),
            "yOffset": {"field": "series", "type": "nominal", "sort": None},
            "x": {"field": "value", **_scale(figures, found.unit)},
            "color": {
                "field": "series",
                "type": "nominal",
                "sort": None,
                "title": None,
                "scale": {"domain": list(found.series)},
            },
        },
    )
    years = "、".join(found.series)
    return Chart(
        spec, f"条形图，{len(words)} 行，各行并排 {years} 年，{_range(figures)}。每个数都在表里。"
    )


def _points(found: Grid, words: Sequence[str]) -> Iterator[dict[str, Any]]:
    for word, (_, figures) in zip(words, found.lines, strict=True):
        for series, figure in zip(found.series, figures, strict=True):
            yield {"word": word, "series": series, "value": _value(figure)}


def _text(figure: Count) -> str:
    return figure.words if figure.total is None else f"{figure.percent} {figure.words}".strip()


def _range(figures: Sequence[Count]) -> str:
    """From where to where they lie, without saying which: 从 71.2% 到 95.0%."""
    known = [value for value in map(_value, figures) if value is not None]
    if not known:
        return "都没有数"
    low, high = min(known), max(known)
    if any(figure.total is not None for figure in figures):
        return f"从 {low:.1%} 到 {high:.1%}"
    return f"从 {low:.0f} 到 {high:.0f}"


def of_fields(lines: Sequence[FieldLine], whole: Count) -> Chart | None:
    """领域 side by side: the middle half of the organisations, the middle, the share of all."""
    if len(lines) < FEWEST or whole.share is None:
        return None
    values = []
    for line in lines:
        low, middle, high = line.spread or (None, None, None)
        values.append(
            {"word": line.word, "low": low, "middle": middle, "high": high,
             "share": line.figure.share}
        )  # fmt: skip
    across = _scale([whole], "")
    spec = _spec(
        values,
        height={"step": STEP},
        encoding={"y": _line_axis()},
        layer=[
            {
                "mark": {"type": "bar", "color": LINE, "height": 14},
                "encoding": {"x": {"field": "low", **across}, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "tick", "color": QUIET, "thickness": 2, "size": 18},
                "encoding": {"x": {"field": "middle", **across}},
            },
            {
                "mark": {"type": "point", "filled": True, "color": BLUE, "size": 90},
                "encoding": {"x": {"field": "share", **across}},
            },
            {
                "mark": {"type": "rule", "color": INK, "strokeDash": [4, 4]},
                "data": {"values": [{"whole": whole.share}]},
                "encoding": {"x": {"field": "whole", **across}, "y": None},
            },
        ],
    )
    shares = [line.figure for line in lines]
    says = (
        f"{len(lines)} 个领域的比例{_range(shares)}，全部 {whole.percent}（虚线）。"
        "圆点是各领域的比例，粗条是中间一半的组织，短竖是一半。每个数都在表里。"
    )
    return Chart(spec, says)
