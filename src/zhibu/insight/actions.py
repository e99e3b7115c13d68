from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from zhibu.core import charts as drawing
from zhibu.core import excel
from zhibu.core.verdicts import Refused, no, require
from zhibu.insight import charts, rules, sheets
from zhibu.insight.models import AdmissionPlan, Report, ReportRow
from zhibu.insight.questions import Question
from zhibu.insight.tables import Cell, Table, made
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class Kind(StrEnum):
    FROZEN = "insight:report:frozen"
    PLANNED = "insight:plan:set"


WORDS = {Kind.FROZEN: "冻结了一张报表", Kind.PLANNED: "定了发展党员计划"}


@transaction.atomic
def plan_admissions(
    organization: Organization, *, year: int, planned: int, by: "User", at: datetime
) -> AdmissionPlan:
    """Set, or change, how many an organisation and all below may admit in ``year``.

    Raises:
        Refused: ``rules.may_plan`` refuses.
    """
    require(rules.may_plan(by, organization))
    Organization.objects.select_for_update().get(pk=organization.pk)
    made, _ = AdmissionPlan.objects.update_or_create(
        organization=organization, year=year,
        defaults={"planned": planned, "set_by": by, "set_at": at},
    )  # fmt: skip
    ledger.record(Kind.PLANNED, made, organization=organization.pk, by=by, at=at)
    return made


@transaction.atomic
def freeze(question: Question, *, title: str, by: "User", at: datetime) -> Report:
    """Keep a table as it is now: its rows, its workbook and its chart to the byte.

    Raises:
        Refused: ``rules.may_freeze`` refuses, there is no title, or the day is still to come.
    """
    top = question.scope.top
    require(rules.may_freeze(by, top))
    known_on = timezone.localdate(at)
    if not title.strip():
        raise Refused(no("要给报表起个名字。"))
    if question.scope.on > known_on:
        raise Refused(no("不能冻结以后的日子：数字还没有。"))
    table = made(question)
    lines = sheets.lines(table)
    workbook = _workbook(title.strip(), table, lines, known_on, at)
    chart = charts.of_table(table)
    drawn = drawing.svg(chart.spec) if chart else b""
    report = Report.objects.create(
        organization=top,
        title=title.strip(),
        question=question.address(),
        explanation=f"{question.title}，{question.days}。{question.subject.explanation}",
        unit=question.subject.unit,
        true_on=question.scope.on,
        known_on=known_on,
        headings=[question.row.title, *table.columns],
        workbook=workbook,
        workbook_digest=sha256(workbook).hexdigest(),
        chart=drawn,
        chart_digest=sha256(drawn).hexdigest() if drawn else "",
        chart_says=chart.says if chart else "",
        frozen_by=by,
        frozen_at=at,
    )
    ReportRow.objects.bulk_create(
        ReportRow(report=report, number=number, heading=word, is_sum=is_sum, cells=_kept(cells))
        for number, (word, cells, is_sum) in enumerate(lines, 1)
    )
    ledger.record(Kind.FROZEN, report, organization=top.pk, by=by, at=at, occurred=report.true_on)
    return report


def _kept(cells: Sequence[Cell]) -> list[list[int | None]]:
    return [[cell.figure.count, cell.figure.total] for cell in cells]


def _workbook(title: str, table: Table, lines: sheets.Lines, known_on: date, at: datetime) -> bytes:
    question = table.question
    cells = ((word, *sheets.values(cells)) for word, cells, _ in lines)
    note = f"{question.title}，{question.days}，{known_on} 冻结。{question.subject.explanation}"
    return excel.workbook(title, sheets.columns(table), cells, note=note, made_at=at)
