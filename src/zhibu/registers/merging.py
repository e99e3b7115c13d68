"""What registers say of a person who was in the list twice."""

from zhibu.core.merging import Gone, points_to_person
from zhibu.core.verdicts import Refused, no
from zhibu.registers import drafts
from zhibu.registers.actions import fill
from zhibu.registers.models import Mention, Row


def _mentions(kept: int, gone: int) -> Gone:
    """Rows name the one who is kept. Refused where two rows would then be the same on a day:
    which of them is wrong nobody can say but who wrote them."""
    found = Mention.objects.filter(person=gone).select_related("row__organization").order_by("pk")
    for mention in found:
        row = Row.all_rows.select_for_update(of=("self",)).get(pk=mention.row_id)
        row.values[mention.column]["id"] = kept
        if not row.is_voided:
            rule = row.rule
            fill(row, rule)
            if rule.key and (twin := drafts.twins(row.key, row.since, row.until, apart_from=row)):
                raise Refused(
                    no(
                        f"不能合并：“{rule.title}”里两份资料各有一行，日子重叠"
                        f"（{twin.organization.called}“{twin.title}”）。"
                        "先更正或作废其中一行，再合并。"
                    )
                )
        row.save(update_fields=["values", "key", "title"])
        Mention.objects.filter(pk=mention.pk).update(person=kept)
    return []


points_to_person(Mention, "person_id", record=(Row, "row_id"), move=_mentions)
