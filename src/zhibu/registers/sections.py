"""What registers tell of a person in the file they may take along."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from zhibu.core.dossier import section
from zhibu.registers.drafts import shown
from zhibu.registers.models import STANDINGS, Mention, Row


@section(
    "台账",
    order=68,
    columns=(
        "哪本台账",
        "哪个组织",
        "哪一栏写着本人",
        "从哪天",
        "到哪天（不含）",
        "怎样了",
        "写了什么",
    ),
    covers=(Mention, Row),
)
def rows(person_id: int) -> Iterator[tuple[Any, ...]]:
    """Rows that name the person; what stands in them is told where the person is whom they are
    about. Two queries."""
    today = timezone.localdate()
    found = Mention.objects.filter(person=person_id, row__in=Row.objects.values("pk"))
    for one in found.select_related("row__organization").order_by("row__since", "pk"):
        row, rule = one.row, one.row.rule
        spec = rule.column(one.column)
        said = "；".join(
            f"{each.title}：{shown(each, row.values[each.id])}"
            for each in rule.columns
            if one.is_subject and each.id in row.values and each.id != one.column
        )
        yield (
            rule.title, row.organization.name, spec.title if spec else one.column, row.since,
            row.until, STANDINGS[row.standing_on(today)], said,
        )  # fmt: skip
