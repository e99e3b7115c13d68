"""Telling whoever answers for a case that nothing has moved for too long.

How long is too long is the pack's word (``stale_after``). One notice a standstill: once the
case has moved, it may stand still anew.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from zhibu.cases.models import Case, worded
from zhibu.cases.queries import acting, is_stale, told_of, with_turns
from zhibu.core.jobs import every, once
from zhibu.core.models import Done
from zhibu.core.pacing import Pacer
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.packs.schema.procedures import Procedure

BATCH = 100

notice_kinds.register("stalled", "有事项久没进展")


@every("20 7 * * *", name="cases.tell_of_stalled")
def tell_of_stalled(at: datetime) -> int:
    """Notices of cases that stand still, one a standstill; how many were new.

    One query for all that are open, then a few a case that is told of.
    """
    today = timezone.localdate(at)
    rules = _rules()
    rows = Case.objects.open().filter(moved_at__lt=at).only("procedure", "wording", "moved_at")
    stale = {
        _key(case): case.pk
        for case in rows.order_by("pk").iterator(1000)
        if (rule := rules.get((case.procedure, case.wording))) and _is_still(case, rule, today)
    }
    keys = list(stale)
    told, pacer = 0, Pacer()
    for start in range(0, len(keys), BATCH):
        asked = keys[start : start + BATCH]
        known = set(Done.objects.filter(key__in=asked).values_list("key", flat=True))
        fresh = [stale[key] for key in asked if key not in known]
        if fresh:
            with pacer.turn():
                told += _tell(fresh, today, at)
    return told


def _rules() -> dict[tuple[str, date], Procedure]:
    """Wordings of open cases that say how long is too long. One query."""
    running = Case.objects.open().order_by().values_list("procedure", "wording").distinct()
    rules = {(name, since): worded(name, since) for name, since in running}
    return {key: rule for key, rule in rules.items() if rule.stale_after}


def _key(case: Case) -> str:
    """Of one standstill: it ends when the case moves."""
    return f"stalled:{case.pk}:{case.moved_at.timestamp():.0f}"


def _is_still(case: Case, rule: Procedure, today: date) -> bool:
    case.state = Case.State.OPEN
    return is_stale(case, rule, today)


def _tell(ids: Sequence[int], today: date, at: datetime) -> int:
    told = 0
    for case in with_turns(Case.objects.open().filter(pk__in=ids)).order_by("pk"):
        rule = case.rule
        if not is_stale(case, rule, today) or not once(_key(case), at=at):
            continue
        told += 1
        hidden = rule.known_as or "不公开的事项"
        called = hidden if case.is_confidential else case.title
        notify(
            _answering(case, today),
            key=f"stalled:{case.pk}:{case.moved_at.timestamp():.0f}",
            title=f"久没进展：{called}",
            body=f"{hidden if case.is_confidential else rule.title}，{case.organization.called}。"
            f"上次有进展是 {timezone.localdate(case.moved_at)}。办不动的，写明原因或者请上级帮。",
            url=case.get_absolute_url(),
            at=at,
        )
    return told


def _answering(case: Case, today: date) -> list[int]:
    """Accounts of the owner; of whoever may act on the open turns where there is none who can
    be told. Three queries at most."""
    if found := told_of(case, [case.owner_id or 0]):
        return found
    turns = case.open_turns  # type: ignore[attr-defined]
    named = {turn.person_id for turn in turns if turn.person_id}
    places = [t.organization_id for t in turns if not t.person_id and not t.is_requesters]
    there = acting(places, today, is_confidential=case.is_confidential)
    return told_of(case, named.union(*there.values()))
