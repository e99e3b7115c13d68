from datetime import date
from typing import Any

from django.db.models import Q
from ninja import Schema

from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import WORD, May, Ref, may, page_of
from zhibu.api.sections import Section
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.people.handover import actions, queries, rules, views
from zhibu.people.handover.forms import DrawForm, EndForm
from zhibu.people.models import Handover, Holding, Person

section = Section("职务交接")


class HandoverLine(Schema):
    id: int
    post: str
    organization: Ref
    giver: Ref
    successor: Ref | None
    since: date
    state: str


class Part(Schema):
    title: str
    items: list[str]


class HandoverOut(HandoverLine):
    parts: list[Part]
    papers: list[str]
    note: str
    may: dict[str, May]


def _line(row: Handover) -> dict[str, Any]:
    post = row.holding.post
    return {
        "id": row.pk, "post": post.title, "organization": Ref.to(post.organization),
        "giver": Ref.to(row.holding.person), "successor": Ref.of(row.successor),
        "since": row.since, "state": row.state,
    }  # fmt: skip


def _handover_for(call: Call, pk: int) -> Handover:
    rows = Handover.objects.visible_to(call.user).select_related(
        "holding__person", "holding__post__organization", "holding__post__group", "successor"
    )
    return call.find(rows, pk=pk)


@section.listing("/handovers", "交接清单", HandoverLine)
def handovers(call: Call) -> dict[str, Any]:
    rows = queries.listed(call.user).select_related("holding__post__organization")
    return call.page(rows, lambda some: [HandoverLine(**_line(row)) for row in some])


@section.one("/handovers/{int:pk}", "一份交接清单", HandoverOut, Handover)
def handover(call: Call, pk: int) -> HandoverOut:
    row = _handover_for(call, pk)
    return HandoverOut(
        **_line(row),
        parts=[Part(title=p.title, items=_items(p)) for p in queries.parts(row.items)],
        papers=row.papers,
        note=row.note,
        may=may(
            finish_handover=rules.may_finish(call.user, row, call.today),
            cancel_handover=rules.may_cancel(call.user, row),
        ),
    )


def _items(part: queries.Part) -> list[str]:
    words = ("title", "about", "due_on")
    return [" ".join(item[word] for word in words if item[word]) for item in part.items]


@section.file("/handovers/{int:pk}/word", "交接清单的 Word 文件", WORD)
def handover_word(call: Call, pk: int) -> Any:
    return page_of(views.word_file, call, pk=pk)


@section.act("/holdings/{int:pk}/hand-over", "做交接清单", actions.draw_up, form=DrawForm)
def draw_up_handover(call: Call, pk: int) -> Handover:
    seen = Organization.objects.visible_to(call.user)
    mine = Q(person=call.user.person_id or 0) | Q(post__organization__in=seen)
    rows = Holding.objects.filter(mine, ended_on=None)
    holding = call.find(rows.select_related("person", "post__organization", "post__group"), pk=pk)
    require(rules.may_draw_up(call.user, holding))
    form: Any = DrawForm(data=call.data)
    own = Person.objects.filter(home=holding.post.organization_id)
    candidates = own | Person.objects.visible_to(call.user)
    form.fields["successor"].among = candidates.exclude(pk=holding.person_id)
    return actions.draw_up(holding, **call.filled(form), by=call.user, at=call.at)


@section.act("/handovers/{int:pk}/finish", "办结交接", actions.finish, form=EndForm)
def finish_handover(call: Call, pk: int) -> Handover:
    row = _handover_for(call, pk)
    require(rules.may_finish(call.user, row, call.today))
    asked = call.filled(EndForm(data=call.data))
    return actions.finish(row, **asked, by=call.user, at=call.at)


@section.act("/handovers/{int:pk}/cancel", "不办交接了", actions.cancel, form=EndForm)
def cancel_handover(call: Call, pk: int) -> Handover:
    row = _handover_for(call, pk)
    require(rules.may_cancel(call.user, row))
    asked = call.filled(EndForm(data=call.data))
    return actions.cancel(row, **asked, by=call.user, at=call.at)
