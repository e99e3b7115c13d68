"""What cases tell of a person in the file they may take along, and when two become one."""

from collections.abc import Iterator
from typing import Any

from zhibu.cases.models import Case, Turn
from zhibu.core.dossier import section
from zhibu.core.merging import points_to_person


@section(
    "负责的事项",
    order=65,
    columns=("事情", "哪个组织", "开始", "怎样了", "哪天结束"),
    covers=(Case, Turn),
)
def cases(person_id: int) -> Iterator[tuple[Any, ...]]:
    rows = Case.objects.filter(owner=person_id).select_related("organization")
    for case in rows.order_by("started_on", "pk"):
        state = case.ended_as or case.get_state_display()
        yield case.title, case.organization.name, case.started_on, state, case.ended_on


points_to_person(Case, "owner_id", record=(Case, "pk"))
points_to_person(Turn, "person_id", record=(Case, "case_id"))
