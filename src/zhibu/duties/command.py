"""``zhibu duties``: what is owed and done, for people and for programs."""

import json
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from zhibu.core.paths import under
from zhibu.duties import queries
from zhibu.duties.models import HolderKind, Obligation
from zhibu.duties.queries import Owed
from zhibu.organizations.models import Organization

WORDS = {
    "done": "已办",
    "late": "补记",
    "after": "逾期",
    "open": "待办",
    "overdue": "未办",
    "exempt": "免",
    "not_applicable": "不适用",
}
CHUNK = 2000


def show(*, organization: str, on: date | None, as_json: bool) -> int:
    """Print obligations begun by ``on`` of an organisation and all below it; of all without.

    In order of code, due day and duty. Returns 0, or 2 where there is no such organisation.
    """
    day = on or timezone.localdate()
    rows = Obligation.objects.begun(day).select_related("organization")
    if organization:
        top = Organization.objects.filter(code=organization).first()
        if top is None:
            sys.stderr.write(f"没有组织代码 {organization}。请核对代码。\n")
            return 2
        rows = rows.filter(under(top.path, "organization__path"))
    rows = rows.filter(organization__in=Organization.objects.all())
    rows = rows.order_by("organization__code", "due_on", "duty", "holder_kind", "holder_id")
    if as_json:
        _write_json(list(rows), day)
    else:
        _write_table(list(rows), day)
    return 0


def _worded(rows: Sequence[Obligation], day: date) -> list[Owed]:
    found = []
    for start in range(0, len(rows), CHUNK):
        found += queries.worded(rows[start : start + CHUNK], day)
    return found


def _line(owed: Owed, day: date) -> dict[str, Any]:
    row = owed.obligation
    is_done = owed.state == "done"
    own_name = row.holder_kind == HolderKind.ORGANIZATION
    return {
        "organization": row.organization.code,
        "holder": {
            "kind": row.holder_kind,
            "id": row.holder_id,
            "name": row.organization.name if own_name else owed.holder,
        },
        "duty": row.duty,
        "pack": row.pack,
        "period": [row.period_since.isoformat(), row.period_until.isoformat()],
        "due_on": row.due_on.isoformat(),
        "required": row.required,
        "done": row.done,
        "state": owed.state,
        "held_late": is_done and row.held_late,
        "entered_late": is_done and row.entered_late,
        "credited_by": row.credited_by,
        "cites": owed.cited,
    }


def _write_json(rows: Sequence[Obligation], day: date) -> None:
    found = {"format": 1, "duties": [_line(owed, day) for owed in _worded(rows, day)]}
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def _write_table(rows: Sequence[Obligation], day: date) -> None:
    for owed in _worded(rows, day):
        row = owed.obligation
        word = owed.word or WORDS[owed.shape]
        sys.stdout.write(
            f"{row.organization.code}\t{row.organization.name}\t{owed.title}\t{owed.period}\t"
            f"{row.due_on}\t{word}\n"
        )
    sys.stdout.write(f"共 {len(rows)} 项，截至 {day}。\n")
