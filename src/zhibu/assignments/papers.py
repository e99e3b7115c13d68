"""The answers to a commission as one Word file: a table where it fits, else unit by unit."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from zhibu.assignments.models import Commission
from zhibu.assignments.queries import Row, totals
from zhibu.documents.pages import Column, Paper, numeral
from zhibu.ledger import printed

WIDEST = 3  # fields that stand beside unit and state on a page of 156 mm


def printed_as(pk: int) -> printed.Paper | None:
    """What printed answers are, for their proof page; the title is its author's own. One query."""
    commission = Commission.objects.select_related("organization").filter(pk=pk).first()
    if commission is None:
        return None
    return printed.Paper("交办的事", commission.organization.called, commission.due_on)


def merged(
    commission: Commission, rows: Sequence[Row], *, at: datetime, code: printed.Code | None
) -> bytes:
    """The code at the foot vouches for what was asked; each answer stands in its own record."""
    specs = commission.asked
    author = commission.organization.name
    paper = Paper(title=f"{commission.title}汇总", author=author, at=at)
    paper.title(f"{commission.title}", "回执汇总")
    owed, back = sum(row.is_owed for row in rows), sum(row.is_back for row in rows)
    day = timezone.localdate(at)
    paper.paragraph(
        f"{author}交办，{commission.due_on.year}年{commission.due_on.month}月"
        f"{commission.due_on.day}日前办。截至{day.year}年{day.month}月{day.day}日，"
        f"应交 {owed} 个单位，已交 {back} 个。"
    )
    shares = (5 if s.type in ("text", "long-text", "choices") else 3 for s in specs)
    if len(specs) <= WIDEST:
        columns = [
            Column("单位", 5), Column("状态", 3),
            *(Column(s.title, share) for s, share in zip(specs, shares, strict=True)),
        ]  # fmt: skip
        lines = [[r.assignment.organization.called, r.word, *r.cells] for r in rows]
        sums = totals(commission, rows)
        if any(sums):
            lines.append(["合计", "", *sums])
        paper.table(columns, lines)
    else:
        _unit_by_unit(paper, commission, rows)
    paper.signature(author, f"{day.year}年{day.month}月{day.day}日")
    if code:
        paper.proof(code)
    return paper.to_bytes()


def _unit_by_unit(paper: Paper, commission: Commission, rows: Sequence[Row]) -> None:
    given = [row for row in rows if row.answer is not None]
    for number, row in enumerate(given, 1):
        heading = f"{row.assignment.organization.called}（{row.word}）"
        paper.heading(f"（{numeral(number)}）{heading}" if number < 100 else heading, level=2)
        for spec, cell in zip(commission.asked, row.cells, strict=True):
            if cell:
                paper.paragraph(cell, lead=f"{spec.title}：")
    rest = [row for row in rows if row.answer is None and row.is_owed]
    if rest:
        names = "、".join(f"{row.assignment.organization.called}（{row.word}）" for row in rest)
        paper.paragraph(names + "。", lead="还没有收到：")
