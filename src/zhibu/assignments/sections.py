"""What tasks tell of a person in the file they may take along, and when two become one."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from zhibu.assignments.models import Assignment
from zhibu.core.dossier import section
from zhibu.core.merging import points_to_person


@section(
    "任务",
    order=60,
    columns=("事情", "哪个组织", "到期日", "怎样了", "什么时候办结", "结果"),
    covers=(Assignment,),
)
def tasks(person_id: int) -> Iterator[tuple[Any, ...]]:
    rows = Assignment.objects.filter(owner=person_id).select_related("organization")
    for row in rows.order_by("due_on", "pk"):
        closed = timezone.localtime(row.closed_at) if row.closed_at else None
        place, state = row.organization.name, row.get_state_display()
        yield row.title, place, row.due_on, state, closed, row.note


for _field in ("owner_id", "accountable_id"):
    points_to_person(Assignment, _field, record=(Assignment, "pk"))
