"""What links and rotas tell of a person in the file they may take along."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils import timezone

from zhibu.core.dossier import section
from zhibu.pairings.models import Change, Contact, Link, RollPlace, Rota, Turn
from zhibu.pairings.queries import channel_titles
from zhibu.pairings.rotas import word_turn

Row = tuple[Any, ...]


@section(
    "联系",
    order=70,
    columns=("哪一种", "哪个组织的", "谁联系", "联系谁", "从哪天", "到哪天（不含）", "怎样了"),
    covers=(Link,),
)
def links(person_id: int) -> Iterator[Row]:
    """Links that name the person. One query."""
    today = timezone.localdate()
    for link in _of(person_id).named().order_by("since", "pk"):
        yield (
            link.rule.title, link.organization.name, link.who_called, link.whom_called, link.since,
            link.until, link.standing_on(today),
        )  # fmt: skip


@section(
    "联系记录",
    order=71,
    columns=("哪天", "怎么联系的", "谁联系谁", "需要办的", "成了哪件事", "划去没有"),
    covers=(Contact,),
)
def contacts(person_id: int) -> Iterator[Row]:
    """Contacts of those links: what was needed is told where the person made the contact or it is
    about them. Two queries."""
    known = {link.pk: link for link in _of(person_id).named()}
    rows = Contact.objects.filter(link__in=known).select_related("case")
    for one in rows.order_by("held_on", "pk"):
        link = known[one.link_id]
        title = channel_titles(link.link_rule).get(one.channel, one.channel)
        became = one.case.title if one.case else ""
        yield one.held_on, title, link.title, one.needs, became, bool(one.struck_at)


def _of(person_id: int) -> Any:
    return Link.objects.filter(Q(who_person=person_id) | Q(whom_person=person_id))


@section("轮值", order=72, columns=("哪一班", "哪张表", "哪个组织", "来没来"), covers=(Turn, Rota))
def turns(person_id: int) -> Iterator[Row]:
    rows = Turn.objects.filter(person=person_id).select_related("rota__organization")
    for turn in rows.in_order():
        came = turn.get_came_display() if turn.came else ""
        yield word_turn(turn), turn.rota.title, turn.rota.organization.name, came


@section("轮值名单", order=73, columns=("哪张表", "哪个组织", "第几个"), covers=(RollPlace,))
def rolls(person_id: int) -> Iterator[Row]:
    rows = RollPlace.objects.filter(person=person_id).select_related("rota__organization")
    for one in rows.order_by("rota__since", "pk"):
        yield one.rota.title, one.rota.organization.name, one.place


@section("换班", order=74, columns=("哪一班", "怎么换的", "原来是谁", "换成谁"), covers=(Change,))
def changes(person_id: int) -> Iterator[Row]:
    mine = Q(before=person_id) | Q(after=person_id)
    rows = Change.objects.filter(mine).select_related("turn__rota", "before", "after")
    for one in rows.order_by("at", "pk"):
        kind = one.get_kind_display()
        yield word_turn(one.turn), kind, one.before.name, one.after.name
