"""The list of a hand-over as a Word file, with a line for each hand."""

from datetime import date, datetime

from zhibu.documents.pages import Column, Paper, numeral
from zhibu.ledger import printed
from zhibu.people.handover import queries
from zhibu.people.models import Handover

COLUMNS = (
    Column("序号", 14, "center"),
    Column("事项", 72),
    Column("说明", 42, "center"),
    Column("期限", 28, "center"),
)
PAPERS = (Column("序号", 14, "center"), Column("名称、份数", 142))


def title(handover: Handover) -> str:
    """What the file is called, without its extension."""
    holding = handover.holding
    return f"{holding.post.organization.called}{holding.post.title}交接清单（{handover.since}）"


def printed_as(pk: int) -> printed.Paper | None:
    """What a printed list is, for its proof page; one query."""
    rows = Handover.objects.select_related("holding__post__organization")
    handover = rows.filter(pk=pk).first()
    if handover is None:
        return None
    post = handover.holding.post
    return printed.Paper(f"{post.title}交接清单", post.organization.called, handover.since)


def compose(handover: Handover, *, at: datetime, code: printed.Code | None) -> bytes:
    holding = handover.holding
    organization = holding.post.organization
    paper = Paper(title=title(handover), author=organization.name, at=at)
    paper.title(organization.name, f"{holding.post.title}交接清单")
    paper.paragraph(holding.person.name, lead="交出：")
    paper.paragraph(handover.successor.name if handover.successor else "还没有定", lead="接手：")
    paper.paragraph(_day(handover.since), lead="交接日：")
    number = 0
    for part in queries.parts(handover.items):
        number += 1
        paper.heading(f"{numeral(number)}、{part.title}")
        rows = [
            (str(n), str(item["title"]), str(item["about"]) or "", str(item["due_on"]) or "")
            for n, item in enumerate(part.items, 1)
        ]
        paper.table(COLUMNS, rows)
    if not handover.items:
        number += 1
        paper.heading(f"{numeral(number)}、没办完的事")
        paper.paragraph("没有。")
    number += 1
    paper.heading(f"{numeral(number)}、移交的纸质材料、印章、物品")
    if handover.papers:
        paper.table(PAPERS, [(str(n), text) for n, text in enumerate(handover.papers, 1)])
    else:
        paper.paragraph("没有。")
    if handover.note:
        paper.paragraph(handover.note, lead="当面说清：")
    paper.paragraph("以上事项和材料双方当面核对，没有遗漏。交接以后，原任的权限停止。")
    paper.signature(
        "交出人（签字）：", "接手人（签字）：", "监交人（签字）：", _day(handover.since)
    )
    if code:
        paper.proof(code)
    return paper.to_bytes()


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
