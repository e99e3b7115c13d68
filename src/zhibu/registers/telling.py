"""Telling whoever may write a row that it runs out soon, once.

How long before is the pack's word (``warn_before``). A row whose end is put off may run out anew.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.core.jobs import every, once
from zhibu.core.models import Done
from zhibu.core.pacing import Pacer
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.people.models import Holding
from zhibu.registers import rules
from zhibu.registers.models import Row
from zhibu.registers.queries import running_out

BATCH = 100

notice_kinds.register("runs-out", "有台账快到期")


@every("30 7 * * *", name="registers.tell_of_ends")
def tell_of_ends(at: datetime) -> int:
    """Notices of rows that run out soon, one an end; how many were new. Two queries, and a few a
    row that is told of."""
    today = timezone.localdate(at)
    kept = Row.objects.order_by().values_list("register", flat=True).distinct()
    soon = Row.objects.filter(running_out(kept, today)).order_by("pk").only("pk", "until")
    fresh, pacer, told = {_key(row): row.pk for row in soon.iterator(1000)}, Pacer(), 0
    keys = list(fresh)
    for start in range(0, len(keys), BATCH):
        asked = keys[start : start + BATCH]
        known = set(Done.objects.filter(key__in=asked).values_list("key", flat=True))
        new = [fresh[key] for key in asked if key not in known]
        if new:
            with pacer.turn():
                told += _tell(new, at)
    return told


def _key(row: Row) -> str:
    """Of one end: a row that is put off has another."""
    return f"runs-out:{row.pk}:{row.until}"


def _tell(ids: Sequence[int], at: datetime) -> int:
    """Judged again as they stand now, in the turn's transaction."""
    today, told = timezone.localdate(at), 0
    rows = Row.objects.filter(pk__in=ids).select_related("organization__parent")
    for row in rows.order_by("pk"):
        if row.standing_on(today) != "running-out" or not once(_key(row), at=at):
            continue
        told += 1
        rule = row.rule
        notify(
            _writing(row, at),
            key=f"runs-out:{row.pk}:{row.until}",
            title=f"快到期：{row.title}",
            body=f"{rule.title}，{row.organization.called}，到 {row.until}（不含）。"
            "要接着算的另登一行；不再算的写结束。",
            url=row.get_absolute_url(),
            at=at,
        )
    return told


def _writing(row: Row, at: datetime) -> Iterable[int]:
    """Accounts of those in a post that writes such rows, where the row is written: not of everybody
    above who might. One query."""
    rule = row.rule
    may = [name for name, role in roles.catalogue().items() if "registers.write" in role.grants]
    held = Holding.objects.in_post_on(timezone.localdate(at)).filter(
        post__organization=rules.written_at(row.organization, rule), post__role__in=may
    )
    if rule.writer.posts:
        held = held.filter(post__kind__in=rule.writer.posts)
    able = User.objects.able_to_sign_in().filter(person_id__in=held.values("person"))
    return able.values_list("pk", flat=True)
