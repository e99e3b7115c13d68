"""What duties tell of a person in the file they may take along."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from zhibu.core.dossier import section
from zhibu.duties.models import PERSONAL, Exemption, Explanation, Lapsed, Talk


@section(
    "谈心谈话",
    order=62,
    columns=("哪天", "和谁", "自己确认了", "对方确认了", "撤回"),
    covers=(Talk,),
)
def talks(person_id: int) -> Iterator[tuple[Any, ...]]:
    """Day, with whom, and who said so; nothing of what was said is kept. One query."""
    rows = Talk.objects.of_person(person_id).select_related("first", "second")
    for row in rows.order_by("held_on", "pk"):
        is_first = row.first_id == person_id
        other = row.second if is_first else row.first
        said = (row.first_confirmed_at, row.second_confirmed_at)
        own, others = said if is_first else said[::-1]
        marks = ("是" if own else "没有", "是" if others else "没有")
        yield row.held_on, other.name, *marks, "撤回了" if row.withdrawn_at else ""


@section(
    "本人应办的免办和说明",
    order=64,
    columns=("哪一条", "从哪天起的一期", "免办还是说明", "内容", "什么时候"),
    covers=(Exemption, Explanation),
)
def excuses(person_id: int) -> Iterator[tuple[Any, ...]]:
    """What was said of the person's own obligations. Two queries."""
    for model, what in ((Exemption, "免办"), (Explanation, "说明")):
        rows = model._base_manager.filter(holder_kind__in=PERSONAL, holder_id=person_id)
        for row in rows.order_by("period_since", "pk"):
            text = row.reason if isinstance(row, Exemption) else row.text
            at = timezone.localtime(row.given_at)
            yield f"{row.pack}:{row.duty}", row.period_since, what, text, at


@section(
    "本人办过、后来不再应办的",
    order=66,
    columns=("哪一条", "从哪天起的一期", "办的日子", "原来从哪天算起"),
    covers=(Lapsed,),
)
def lapsed(person_id: int) -> Iterator[tuple[Any, ...]]:
    """What the person did and no longer owes, since its ground has changed. One query."""
    rows = Lapsed.objects.filter(holder_kind__in=PERSONAL, holder_id=person_id)
    for row in rows.order_by("period_since", "pk"):
        yield f"{row.pack}:{row.duty}", row.period_since, row.done_on, row.ground_on
