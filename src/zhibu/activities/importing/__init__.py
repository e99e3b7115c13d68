"""Meetings of past years from a workbook: read, checked, written as 补录, followed by duties."""

from collections.abc import Collection

from django.db.models import Prefetch

from zhibu.activities.actions import SOURCE
from zhibu.activities.importing import checking, writing
from zhibu.activities.importing.words import WORDS
from zhibu.activities.models import Activity, KindOf
from zhibu.assignments.models import Assignment
from zhibu.files.models import Attachment
from zhibu.imports import targets
from zhibu.imports.targets import Made, Target


def _named(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    kinds = Prefetch("kinds", KindOf.objects.order_by("pk"))
    rows = Activity.all_rows.filter(pk__in=ids).select_related("organization")
    return {
        row.pk: (
            f"{row.organization.called} {row.held_on} "
            + "、".join(kind.title for kind in row.kinds.all()),
            row.get_absolute_url(),
        )
        for row in rows.prefetch_related(kinds)
    }


def _rested_on(batch: int) -> dict[int, str]:
    """Files and tasks know their meeting by number only."""
    mine = Activity.all_rows.filter(batch=batch).values("pk")
    tasks = Assignment.objects.filter(source_type=SOURCE, source_id__in=mine)
    found = dict.fromkeys(tasks.values_list("source_id", flat=True), "有后续任务")
    attached = Attachment.objects.filter(owner_type=SOURCE, owner_id__in=mine)
    found |= dict.fromkeys(attached.values_list("owner_id", flat=True), "有附件")
    return {pk: why for pk, why in found.items() if pk is not None}


TARGET = Target(
    name=checking.NAME,
    title="活动记录",
    order=30,
    words=WORDS,
    check=checking.check,
    count=writing.count,
    write=writing.write,
    conclude=writing.conclude,
    makes=(
        Made(
            Activity,
            "活动记录",
            _named,
            rests_elsewhere=_rested_on,
            homes=writing.homes,
            hide=writing.hide,
            follow=writing.follow,
            is_alone=True,
        ),
    ),
)
targets.register(TARGET)
targets.reasons(
    {
        "activities.activity": "有会议记录",
        "activities.participation": "有会议记录",
        "activities.leave": "请过假",
        "activities.filing": "报送过主题",
    }
)
