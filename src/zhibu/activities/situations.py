"""Building the situation a record is made in: what is owed there, who is expected."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.utils.datastructures import MultiValueDict

from zhibu.activities import queries
from zhibu.activities.forms import DECISIONS, FOLLOW_UPS, MOST, Owed, Situation
from zhibu.activities.models import Activity, Leave
from zhibu.duties import queries as duties
from zhibu.duties import spans
from zhibu.duties.models import HolderKind, Obligation
from zhibu.organizations.models import Organization, PartyGroup

NEAREST = "nearest"  # preselects what is due next


def owed(organization: Organization, group: PartyGroup | None, day: date) -> list[Owed]:
    """Obligations a sitting on ``day`` can count for: its own periods', and the ones before.

    Unfinished first, nearest due day first; done ones of the running period stay offered,
    since one may hold a second meeting.
    """
    holder = (
        Q(holder_kind=HolderKind.PARTY_GROUP, holder_id=group.pk)
        if group
        else Q(holder_kind=HolderKind.ORGANIZATION, holder_id=organization.pk)
    )
    rows = list(
        Obligation.objects.owed()
        .filter(holder, period_since__lte=day, period_until__gt=day - queries.LOOK_BACK)
        .order_by("due_on", "duty")
    )
    found = []
    for item in duties.worded(rows, day):
        row = item.obligation
        running = row.period_until > day
        is_over = day >= spans.made_up_until(item.duty, row.period_since, row.period_until)
        if not running and (row.done_on or is_over):
            continue
        ending = "补记" if not running else "已办" if item.state == "done" else "应办"
        found.append(
            Owed(
                obligation=row,
                duty=item.duty,
                label=f"{item.title}（{item.period}{ending}）",
                cited=item.cited,
                rule_url=item.rule_url,
                makes_up=None if running else row.period_since,
            )
        )
    return sorted(found, key=lambda o: (o.obligation.done_on is not None, o.obligation.due_on))


def situation(
    organization: Organization,
    group: PartyGroup | None,
    day: date,
    *,
    what: str = "",
    also: list[str] | None = None,
    planned: Activity | None = None,
    decisions: int = DECISIONS,
    follow_ups: int = FOLLOW_UPS,
) -> Situation:
    """Everything the record screen needs. About ten queries, whatever the roster."""
    made = _offered(organization, group, day)
    made.decisions = min(decisions, MOST)
    made.follow_ups = min(follow_ups, MOST)
    return _chosen(made, what, also or (), planned)


def of_activity(activity: Activity) -> Situation:
    """The situation an activity that is there already was made in."""
    made = _offered(activity.organization, activity.group, activity.held_on)
    made.decisions = min(max(DECISIONS, len(activity.decisions.all())), MOST)
    what, also = _what_of(activity, made)
    return _chosen(made, what, also, activity)


def _offered(organization: Organization, group: PartyGroup | None, day: date) -> Situation:
    """What is owed and may be held there then; nothing chosen yet."""
    waiting = owed(organization, group, day)
    duties_owed = [(item.obligation, item.duty) for item in waiting]
    choices = queries.kinds_in_force(organization, day, group=group, owed=duties_owed)
    return Situation(organization, group, day, choices, waiting)


def _chosen(made: Situation, what: str, also: Sequence[str], planned: Activity | None) -> Situation:
    """``made`` with a choice: who is expected then, and who has asked leave."""
    made.what, made.also = what, also
    made.what = _still_there(made)
    kinds = [c.kind for c in made.held()]
    made.roll = queries.roll(made.organization, kinds, made.day, group=made.group)
    if planned is not None:
        asked = Leave.objects.filter(activity=planned)
        made.asked = dict(asked.values_list("person", "reason"))
    return made


def _still_there(made: Situation) -> str:
    if made.what == NEAREST:
        waiting = [o for o in made.owed if not o.makes_up and o.obligation.done_on is None]
        return waiting[0].value if waiting else ""
    known = {o.value for o in made.owed} | {f"k{c.reference}" for c in made.choices}
    return made.what if made.what in known else ""


def _what_of(activity: Activity, made: Situation) -> tuple[str, list[str]]:
    """The choice that stands for an activity that is there already, and the kinds beside it."""
    kinds = activity.kinds_in_order()
    if not kinds:
        return "", []
    first, beside = kinds[0], [k.reference for k in kinds[1:]]
    for item in made.owed:
        same_period = item.makes_up == first.makes_up
        if first.reference in item.duty.fulfilled_by and same_period:
            return item.value, beside
    return f"k{first.reference}", beside


def repeated(data: MultiValueDict[str, str], prefix: str, least: int) -> int:
    """How many numbered fields a posted form has: ``decision_0``, ``decision_1``, …"""
    numbers = [
        int(name.removeprefix(prefix))
        for name in data
        if name.startswith(prefix)
        and name.removeprefix(prefix).isdecimal()
        and len(name.removeprefix(prefix)) < 3
    ]
    return max([least, *(n + 1 for n in numbers)])
