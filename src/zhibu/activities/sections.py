"""What activities tell of a person in the file they may take along."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils import timezone

from zhibu.activities.models import Activity, Leave, Participation
from zhibu.core.dossier import section
from zhibu.imports.models import settled

Row = tuple[Any, ...]


@section(
    "参加的活动",
    order=50,
    columns=("活动", "日期", "哪个支部", "应到", "怎样", "原因"),
    covers=(Participation,),
)
def participations(person_id: int) -> Iterator[Row]:
    rows = (
        Participation.objects.filter(settled("activity__"), person=person_id)
        .select_related("activity__organization")
        .prefetch_related("activity__kinds")
        .order_by("activity__starts_at", "pk")
    )
    for row in rows:
        titles = "、".join(kind.title for kind in row.activity.kinds.all())
        status, reason = row.get_status_display(), row.get_reason_display() if row.reason else ""
        place = row.activity.organization.name
        yield titles, row.activity.held_on, place, row.is_due, status, reason


@section(
    "主持、记录、主讲的活动",
    order=51,
    columns=("日期", "哪个支部", "做什么"),
    covers=(Activity,),
)
def hands(person_id: int) -> Iterator[Row]:
    mine = Q(chair=person_id) | Q(recorder=person_id) | Q(speaker=person_id)
    for row in Activity.objects.filter(mine).select_related("organization").order_by("starts_at"):
        roles = (("主持", row.chair_id), ("记录", row.recorder_id), ("主讲", row.speaker_id))
        done = "、".join(title for title, who in roles if who == person_id)
        yield row.held_on, row.organization.name, done


@section("请假", order=52, columns=("哪天的活动", "原因", "什么时候请的"), covers=(Leave,))
def leaves(person_id: int) -> Iterator[Row]:
    rows = Leave.objects.filter(person=person_id).select_related("activity").order_by("asked_at")
    for row in rows:
        yield row.activity.held_on, row.get_reason_display(), timezone.localtime(row.asked_at)
