"""A table, or a frozen report, as a Word file: the table first, then its chart."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from zhibu.core import charts as drawing
from zhibu.documents.pages import Column, Paper
from zhibu.insight import charts, sheets
from zhibu.insight.models import Report
from zhibu.insight.questions import Count
from zhibu.insight.tables import Table
from zhibu.ledger import printed

WIDEST = 6  # columns of figures that stand side by side on 156 mm
Line = tuple[str, Sequence[Count]]


def of_table(table: Table, *, made_at: datetime | None) -> bytes:
    question = table.question
    author = question.scope.top.name
    at = made_at or timezone.now()
    chart = charts.of_table(table)
    lines = [(word, [cell.figure for cell in cells]) for word, cells, _ in sheets.lines(table)]
    paper = Paper(title=question.title, author=author, at=at)
    paper.title(question.title)
    moment = timezone.localtime(at)
    paper.paragraph(
        f"{question.days}，{moment:%Y-%m-%d %H:%M} 算的。{question.subject.explanation}"
    )
    _figures(paper, [question.row.title, *table.columns], lines, question.subject.unit)
    if chart:
        paper.picture(drawing.png(drawing.svg(chart.spec)), chart.says)
    return paper.to_bytes()


def printed_as(pk: int) -> printed.Paper | None:
    """What a printed report is, for its proof page; its title is its author's own. One query."""
    report = Report.objects.select_related("organization").filter(pk=pk).first()
    if report is None:
        return None
    return printed.Paper("冻结的报表", report.organization.called, report.true_on)


def of_report(report: Report, *, code: printed.Code | None) -> bytes:
    """As it was frozen; its chart is the one that was drawn then."""
    author = report.organization.name
    paper = Paper(title=report.title, author=author, at=report.frozen_at)
    paper.title(report.title)
    paper.paragraph(f"数字截至 {report.true_on}，按 {report.known_on} 知道的。{report.explanation}")
    rows = report.rows.order_by("number")
    lines = [(row.heading, [Count(*cell) for cell in row.cells]) for row in rows]
    _figures(paper, report.headings, lines, report.unit)
    if report.chart:
        paper.picture(drawing.png(bytes(report.chart)), report.chart_says)
    day = timezone.localdate(report.frozen_at)
    paper.signature(author, f"{day.year}年{day.month}月{day.day}日")
    if code:
        paper.proof(code)
    return paper.to_bytes()


def _figures(paper: Paper, headings: Sequence[str], lines: Sequence[Line], unit: str) -> None:
    """Every column where they fit; else the last alone, and where the others are is said."""
    words, figures = headings[0], list(headings[1:])
    is_wide = len(figures) > WIDEST
    if is_wide:
        figures = figures[-1:]
    columns = [Column(words, 4), *(Column(word, 2, "right") for word in figures)]
    rows = [[word, *(_cell(figure) for figure in cells[-len(figures) :])] for word, cells in lines]
    paper.paragraph(
        f"单位：{unit}。" + ("列多，这里只有最后一列，全部的列在 Excel 里。" if is_wide else "")
    )
    paper.table(columns, rows)


def _cell(figure: Count) -> str:
    if figure.is_nothing:
        return "没有"
    return f"{figure.words} {figure.percent}".strip()
