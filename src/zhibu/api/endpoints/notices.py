from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404
from ninja import Schema

from zhibu.api.calling import WHOLE, Call, Faults
from zhibu.api.endpoints.shared import EXCEL, Ref
from zhibu.api.sections import Section
from zhibu.core import rate, standing
from zhibu.core.http import download
from zhibu.core.verdicts import require
from zhibu.insight.asking import VIEW
from zhibu.insight.models import Report
from zhibu.notices import actions, rules
from zhibu.notices.forms import AnswerForm, FeedbackForm
from zhibu.notices.models import Feedback, Notice
from zhibu.notices.views import FEEDBACK_PER_HOUR

section = Section("消息、意见、报表")


class NoticeOut(Schema):
    id: int
    title: str
    body: str
    url: str
    at: datetime
    read_at: datetime | None


class FeedbackOut(Schema):
    id: int
    page: str
    text: str
    at: datetime
    answer: str


class ReportOut(Schema):
    id: int
    title: str
    organization: Ref
    true_on: date
    known_on: date
    digest: str


@section.listing("/notices", "自己的消息，新的在前", NoticeOut)
def notices(call: Call) -> dict[str, Any]:
    rows = Notice.objects.visible_to(call.user).order_by("-at", "-pk")
    return call.page(
        rows,
        lambda some: [
            NoticeOut(id=n.pk, title=n.title, body=n.body, url=n.url, at=n.at, read_at=n.read_at)
            for n in some
        ],
    )


@section.act("/notices/{int:pk}/read", "读过一条消息", actions.mark_read)
def read_notice(call: Call, pk: int) -> int:
    notice = call.find(Notice.objects.visible_to(call.user), pk=pk)
    return actions.mark_read(call.user, notice=notice, at=call.at)


@section.act("/notices/read", "消息都读过了", actions.mark_read)
def read_notices(call: Call) -> int:
    return actions.mark_read(call.user, at=call.at)


@section.listing("/feedback", "提的意见：自己的，答复的人看全部", FeedbackOut)
def feedback(call: Call) -> dict[str, Any]:
    rows = Feedback.objects.visible_to(call.user).order_by("-at", "-pk")
    return call.page(
        rows,
        lambda some: [
            FeedbackOut(id=f.pk, page=f.page, text=f.text, at=f.at, answer=f.answer) for f in some
        ],
    )


@section.act("/feedback", "提意见", actions.give_feedback, form=FeedbackForm)
def give_feedback(call: Call) -> Feedback:
    asked = call.filled(FeedbackForm(data=call.data))
    if not rate.is_within(
        "feedback", str(call.user.pk), limit=FEEDBACK_PER_HOUR, within=timedelta(hours=1),
        at=call.at,
    ):  # fmt: skip
        raise Faults({WHOLE: [f"一小时最多提 {FEEDBACK_PER_HOUR} 条，请过一会儿再提。"]})
    return actions.give_feedback(**asked, by=call.user, at=call.at)


@section.act("/feedback/{int:pk}/answer", "答复意见", actions.answer, form=AnswerForm)
def answer_feedback(call: Call, pk: int) -> Feedback:
    found = call.find(Feedback.objects.visible_to(call.user), pk=pk)
    require(rules.may_answer(call.user, found))
    asked = call.filled(AnswerForm(data=call.data))
    return actions.answer(found, **asked, by=call.user, at=call.at)


@section.listing("/reports", "冻结的报表，新的在前", ReportOut)
def reports(call: Call) -> dict[str, Any]:
    if not standing.may_anywhere(call.user, VIEW):
        raise Http404
    rows = Report.objects.visible_to(call.user).select_related("organization")
    return call.page(
        rows.defer("workbook", "chart").order_by("-frozen_at", "-pk"),
        lambda some: [
            ReportOut(
                id=r.pk, title=r.title, organization=Ref.to(r.organization), true_on=r.true_on,
                known_on=r.known_on, digest=r.workbook_digest,
            )
            for r in some
        ],
    )  # fmt: skip


@section.file("/reports/{int:pk}/workbook", "报表的工作簿，冻结时的原样", EXCEL)
def report_workbook(call: Call, pk: int) -> Any:
    report = call.find(Report.objects.visible_to(call.user), pk=pk)
    return download(bytes(report.workbook), name=f"{report.title}.xlsx", content_type=EXCEL)
