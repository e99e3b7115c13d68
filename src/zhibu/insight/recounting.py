"""Evaluating the whole tree beside what is stored: asked for, run by the worker, kept to read.

The evaluation itself (``insight.whole``) needs the packages of the extra ``analytics`` and is
imported here only when it runs: it costs a second and a half, and need not be installed.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from zhibu.core.verdicts import Refused, no, require
from zhibu.duties import queries as duties
from zhibu.duties.actions import horizon
from zhibu.duties.models import HolderKind, Obligation
from zhibu.insight import rules, whole
from zhibu.insight.models import Recount, State
from zhibu.organizations.models import Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User

KEPT_FOR = timedelta(days=30)
LOST_AFTER = timedelta(minutes=10)
COLUMNS = {
    "organization_id": "组织", "wording": "按哪天的条文", "period_until": "时段到哪天",
    "due_on": "到期日", "closes_on": "哪天以后算补记", "required": "应办次数",
    "applies": "适用", "is_exempt": "免", "done": "已办次数", "done_on": "办成的日期",
    "held_late": "逾期", "entered_late": "补记",
}  # fmt: skip
MISSING, UNEXPECTED = "应该有，没有存", "存着，不该有"


@transaction.atomic
def ask(top: Organization, *, by: "User", at: datetime) -> tuple[Recount, bool]:
    """Have the whole tree evaluated; whether it was not on its way already.

    Raises:
        Refused: ``rules.may_recount`` refuses, or the packages it needs are not installed.
    """
    require(rules.may_recount(by, top))
    if whole.missing():
        raise Refused(no(whole.missing()))
    busy = Recount.objects.select_for_update().filter(
        state__in=(State.WAITING, State.COUNTING), asked_at__gt=at - LOST_AFTER
    )
    found = busy.first()
    if found is not None:
        return found, False
    return Recount.objects.create(asked_at=at), True


def latest() -> Recount | None:
    """The last one asked for. One query."""
    return Recount.objects.order_by("-asked_at", "-pk").first()


def evaluate(on: date, at: datetime) -> Any:
    """The evaluation as of ``on``, of everything that is kept at ``at``. Writes nothing."""
    recount: Any = import_module("zhibu.insight.whole.recount")
    return recount.run(on=on, until=horizon(at))


def count(row: Recount, *, at: datetime) -> Recount:
    """Evaluate, and keep what came out."""
    rows = Recount.objects.filter(pk=row.pk)
    rows.update(state=State.COUNTING)
    on = timezone.localdate(at)
    outcome = as_dict(evaluate(on, at))
    rows.update(state=State.READY, true_on=on, made_at=at, outcome=outcome)
    return rows.get()


def as_dict(found: Any) -> dict[str, Any]:
    """What came out, for keeping and for programs; days as ISO 8601. Two queries.

    A difference says the organisation by code and name, and the number of the stored
    obligation where there is one.
    """
    ids = {d.organization for d in found.differences}
    named = Organization.all_rows.in_bulk(ids)
    numbers = _numbers(found.differences)
    return {
        "on": found.on.isoformat(),
        "equal": found.is_equal,
        "evaluated": found.evaluated,
        "stored": found.stored,
        "left_out": found.left_out,
        "differing": found.differing,
        "read_seconds": round(found.read_seconds, 2),
        "evaluate_seconds": round(found.evaluate_seconds, 2),
        "differences": [
            _difference(d, named.get(d.organization), numbers.get(tuple(d.key.values())))
            for d in found.differences
        ],
        "figures": [
            {
                "pack": f.pack,
                "duty": f.duty,
                "period_since": f.period_since.isoformat(),
                "done": f.done,
                "owed": f.owed,
            }
            for f in found.figures
        ],
    }


def _numbers(differences: Any) -> dict[tuple[Any, ...], int]:
    """Numbers of the stored obligations, by key. One query."""
    holders = {d.key["holder_id"] for d in differences}
    rows = Obligation.objects.filter(holder_id__in=holders).values_list(
        "holder_kind", "holder_id", "pack", "duty", "period_since", "pk"
    )
    return {tuple(key): pk for *key, pk in rows}


def _difference(found: Any, at: Organization | None, number: int | None) -> dict[str, Any]:
    key = found.key
    return {
        "organization": at.code if at else "",
        "name": at.called if at else "",
        "holder": {"kind": key["holder_kind"], "id": key["holder_id"]},
        "pack": key["pack"],
        "duty": key["duty"],
        "period_since": key["period_since"].isoformat(),
        "obligation": number,
        "missing": found.is_missing,
        "unexpected": found.is_unexpected,
        "says": {name: [_plain(v) for v in pair] for name, pair in found.says.items()},
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def lines(outcome: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The differences in words, for the page and the console."""
    titles = duties.titles(sorted({_reference(d) for d in outcome["differences"]}))
    return [
        {
            "where": f"{d['name']} {_holder(d)}".strip(),
            "what": f"{titles[_reference(d)]} {d['period_since']} 起",
            "obligation": d["obligation"],
            "why": _why(d),
        }
        for d in outcome["differences"]
    ]


def _reference(difference: Mapping[str, Any]) -> str:
    return f"{difference['pack']}:{difference['duty']}"


def _holder(difference: Mapping[str, Any]) -> str:
    kind = difference["holder"]["kind"]
    if kind == HolderKind.ORGANIZATION:
        return ""
    return f"{HolderKind(kind).label}（编号 {difference['holder']['id']}）"


def _why(difference: Mapping[str, Any]) -> str:
    if difference["missing"]:
        return MISSING
    if difference["unexpected"]:
        return UNEXPECTED
    return "；".join(
        f"{COLUMNS[name]}：重新算是 {_word(evaluated)}，存着 {_word(stored)}"
        for name, (evaluated, stored) in difference["says"].items()
    )


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "不是"
    return "没有" if value is None else str(value)


def forget(at: datetime) -> int:
    """Drop what was asked for long ago; how many."""
    gone, _ = Recount.objects.filter(asked_at__lte=at - KEPT_FOR).delete()
    return gone
