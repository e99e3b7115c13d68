"""Telling whoever a turn waits for; and, of what is kept apart, that nobody is there to take it.

Who keeps a report may have no post or account yet when it comes in, or be named in it. Then the
administrators hear where somebody is missing, and of nothing else; whoever comes into post there
is told of what waits.
"""

from datetime import date, datetime

from django.utils import timezone

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.cases.models import Turn
from zhibu.cases.queries import acting, told_of
from zhibu.cases.steps import Running
from zhibu.core.jobs import every
from zhibu.core.pacing import Pacer
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.organizations.models import Organization

notice_kinds.register("case", "有事项轮到您办")
notice_kinds.register("unattended", "有事项没有人收")


def tell(turn: Turn, running: Running, at: datetime, *, again: bool = False) -> None:
    """Whoever is named, everyone who was asked with it, or who holds a post that acts there: it
    is their turn. ``again``: it has become that of others under a newer wording."""
    if turn.is_requesters:
        return
    case, rule = turn.case, running.procedure
    users = _awaited(turn, timezone.localdate(at))
    until = f"{turn.due_on} 前办。" if turn.due_on else ""
    what = "办一件事" if rule.is_confidential else running.stage(turn).title
    notify(
        users,
        key=f"case:{case.pk}:{turn.number}" + (f":{case.wording}" if again else ""),
        title=f"轮到您：{what}",
        body=f"{rule.known_as or rule.title}，{case.organization.called}。{until}",
        url=case.get_absolute_url(),
        at=at,
    )
    if case.is_kept_apart and not users:
        _say_that_nobody_takes(turn.organization, at)


def _awaited(turn: Turn, on: date) -> list[int]:
    """Accounts of those whose turn it is. Two queries; of what is kept apart a few more."""
    case = turn.case
    people: set[int | None]
    if turn.round:
        people = set(case.turns.open().filter(round=turn.round).values_list("person", flat=True))
    elif turn.person_id:
        people = {turn.person_id}
    else:
        place = turn.organization_id
        people = {*acting([place], on, is_confidential=case.is_confidential)[place]}
    return told_of(case, {one for one in people if one})


def _say_that_nobody_takes(place: Organization, at: datetime) -> None:
    """To those who look after accounts, once a week for each body: not what, of whom, how many."""
    caring = [role for role in roles.ADMIN_ROLES if "accounts.unlock" in roles.get(role).grants]
    admins = User.objects.able_to_sign_in().filter(admin_role__in=caring)
    year, week, _ = timezone.localdate(at).isocalendar()
    notify(
        admins.values_list("pk", flat=True),
        key=f"unattended:{place.pk}:{year}W{week}",
        title=f"没有人收：{place.called}",
        body="有交给那里的事项，现在没有人能收：那里没有人任职，或者任职的人没有账号、不能收这一件。"
        "请告诉它的上级党委登记任职、发账号。是什么事，这里不说。",
        at=at,
    )


@every("25 7 * * *", name="cases.tell_of_kept_apart")
def tell_of_kept_apart(at: datetime) -> int:
    """Of what is kept apart and waits: whoever came into post since, and whoever looks after
    accounts where there is still nobody; how many wait. A few queries each."""
    rows = Turn.objects.open().filter(case__is_kept_apart=True, is_requesters=False)
    pacer, waiting = Pacer(), 0
    for turn in rows.select_related("case__organization", "organization").order_by("pk"):
        with pacer.turn():
            tell(turn, Running(turn.case), at)
        waiting += 1
    return waiting
