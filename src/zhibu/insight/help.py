"""Who may need a hand: facts with their day, who could help, the branch's own word.

No count, no score, no order by number: rows stand in the order of codes.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import QuerySet

from zhibu.adoptions import queries as adoptions
from zhibu.adoptions.queries import Shown
from zhibu.core import paths, predicates
from zhibu.duties import queries as duties
from zhibu.duties.models import Obligation
from zhibu.insight.queries import Call, overdue_facts
from zhibu.organizations.models import Organization
from zhibu.people.models import Holding

MOST_FACTS = 3
FIRST_LOOKS = (60, 500)  # branches


def calls(
    obligations: QuerySet[Obligation],
    branches: QuerySet[Organization],
    today: date,
    *,
    most: int | None = None,
) -> list[Call]:
    """Those of ``branches`` with something overdue or a hint that calls for help, in their order.

    Of today, where organisations stand now. With ``most`` the first so many: looked for among
    a few branches, then more, then the rest, so that a county is not judged whole for the
    handful on its page. A dozen queries a look.
    """
    found: list[Call] = []
    start = 0
    for size in FIRST_LOOKS if most else ():
        piece = list(branches[start : start + size])
        found += _calls_of(obligations.filter(organization__in=piece), piece, today)
        start += size
        if (most and len(found) >= most) or len(piece) < size:
            return found[:most]
    return (found + _calls_of(obligations, list(branches[start:]), today))[:most]


def _calls_of(
    obligations: QuerySet[Obligation], shown: Sequence[Organization], on: date
) -> list[Call]:
    late = overdue_facts(obligations, on)
    held = adoptions.in_force_for(shown, on, paths_on={o.pk: o.path for o in shown})
    hints = adoptions.hints(shown, on, held=held)
    facts: dict[int, list[str]] = defaultdict(list)
    days = _since(hints, on)
    for organization in shown:
        for hint in hints.get(organization.pk, []):
            if hint.is_call_for_help:
                day = days.get((hint.id, organization.pk))
                begun = f"（{day.month}月{day.day}日起）" if day else ""
                facts[organization.pk].append(hint.text.rstrip("。") + begun)
        found = [text for _, text in late.get(organization.pk, [])]
        facts[organization.pk] += found[:MOST_FACTS]
        if len(found) > MOST_FACTS:
            facts[organization.pk].append("还有别的也没有记录")
    needing = [o for o in shown if facts[o.pk]]
    words = _words(needing, late)
    helpers = _helpers(needing, on)
    return [Call(o, facts[o.pk], words.get(o.pk, ""), helpers.get(o.pk, [])) for o in needing]


def _since(hints: dict[int, list[Shown]], on: date) -> dict[tuple[str, int], date]:
    """Since when each call has held, by hint and organisation. A query or two a hint."""
    calling: dict[str, tuple[Shown, list[int]]] = {}
    for pk, shown in hints.items():
        for hint in shown:
            if hint.is_call_for_help:
                calling.setdefault(hint.id, (hint, []))[1].append(pk)
    return {
        (hint_id, pk): day
        for hint_id, (hint, ids) in calling.items()
        for pk, day in predicates.since(hint.hint.when, ids, on).items()
    }


def _words(
    organizations: Sequence[Organization], late: dict[int, list[tuple[Obligation, str]]]
) -> dict[int, str]:
    """The latest word of each branch on something that is overdue."""
    ids = [o.pk for o in organizations]
    earliest = [row.period_since for rows in late.values() for row, _ in rows]
    if not earliest:
        return {}
    said = duties.explanations(ids, min(earliest))
    found = {}
    for pk in ids:
        for row, _ in late.get(pk, []):
            text = said.get((row.holder_kind, row.holder_id, row.duty, row.period_since))
            if text:
                found[pk] = text
    return found


def _helpers(organizations: Collection[Organization], on: date) -> dict[int, list[str]]:
    """Who above could help: those in post at the nearest organisation above. One query."""
    parents = {o.path: o.path[: -paths.STEP] for o in organizations}
    rows = (
        Holding.objects.in_post_on(on)
        .filter(post__organization__path__in=set(parents.values()))
        .filter(post__role="committee-officer")
        .select_related("post__organization", "person")
        .order_by("-post__rank", "pk")
    )
    by_path: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        text = f"{row.post.organization.called} {row.person.name}（{row.post.title}）"
        by_path[row.post.organization.path].append(text)
    return {o.pk: by_path[parents[o.path]][:1] for o in organizations}
