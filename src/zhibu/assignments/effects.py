"""Tasks that a case gives out, and what becomes of open tasks when their organisation ends."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count

from zhibu.assignments.actions import Kind, follow_up
from zhibu.assignments.models import Assignment
from zhibu.core.effects import Params, effect
from zhibu.core.succession import Follow, Following, follows
from zhibu.core.verdicts import Refused, no
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization, Succession
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "assignments.follow"
SOURCE = "cases.case"
LONGEST = 100  # characters of a title


class Given(Params):
    """``tasks``: one a line. ``case``: what they come from."""

    organization: int
    owner: int
    tasks: str
    due_on: date
    case: int


@effect("assignments.give", title="派任务，一行一件", params=Given, for_packs=True, is_seen=True)
def give(params: Given, by: "User | None", at: datetime) -> None:
    """A task for each line, all one person's, until one day. Whoever may end the step of the
    case may give them; the case's action has judged that.

    Raises:
        Refused: a line is too long to be a task's title.
    """
    assert by is not None
    lines = [line.strip() for line in params.tasks.splitlines() if line.strip()]
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST:
            raise Refused(
                no(f"第 {number} 件任务有 {len(line)} 个字，一件一行，最多 {LONGEST} 字。")
            )
    organization = Organization.objects.get(pk=params.organization)
    owner = Person.objects.get(pk=params.owner)
    for line in lines:
        follow_up(
            organization, title=line, owner=owner, due_on=params.due_on, source_type=SOURCE,
            source_id=params.case, by=by, at=at,
        )  # fmt: skip


@effect(FOLLOW, title="在办的任务由接续的组织来管", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """Open tasks go where their owner went; closed ones stay on record where they were.

    Of what was handed down to several that are one now, one return is enough.
    """
    rows = Assignment.objects.open().filter(organization__in=params.homes)
    moved = list(rows.select_related("owner").order_by("pk"))
    succeeding = Succession.objects.filter(predecessor__in=params.homes)
    pairs = set(succeeding.values_list("predecessor", "successor"))
    asked = set(
        Assignment.objects.filter(commission__isnull=False, post=None)
        .filter(organization__in=set(params.homes.values()))
        .values_list("commission", "organization")
    )
    for row in moved:
        home = row.owner.home_id if row.owner else None
        if home is None or (row.organization_id, home) not in pairs:
            home = params.homes[row.organization_id]
        if row.commission_id is not None and row.post_id is None:
            if (row.commission_id, home) in asked:
                row.state, row.note = Assignment.State.CANCELLED, "合并以后由接续的组织一起交"
                row.closed_by, row.closed_at = by, at
                continue
            asked.add((row.commission_id, home))
        row.organization_id = home
    changed = ["organization", "state", "note", "closed_by", "closed_at"]
    Assignment.objects.bulk_update(moved, changed, batch_size=500)
    if moved:
        about = Organization.all_rows.get(pk=params.about)
        ledger.record(
            Kind.FOLLOWED, about, organization=about.pk, by=by, at=at, occurred=params.on,
            touched=moved,
        )  # fmt: skip


def _open(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Assignment.objects.open().filter(organization__in=ids)
    counts = rows.values("organization").annotate(rows=Count("pk"))
    return dict(counts.values_list("organization", "rows"))


def register() -> None:
    follows(Following(FOLLOW, "在办的任务", "件", "由接续的组织来管，还是原来的人办", _open, 40))
