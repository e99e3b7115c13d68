"""Founding, renaming, moving, dissolving; groups, posts and terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max, Value
from django.db.models.functions import Concat, Length, Substr
from django.utils import timezone

from zhibu.core import effects, paths
from zhibu.core.intervals import on_day
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.organizations import rules
from zhibu.organizations.models import (
    CLASS_OF,
    Class,
    Name,
    Organization,
    PartyGroup,
    Placement,
    Post,
    Term,
)

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class Kind(StrEnum):
    FOUNDED = "organizations:organization:founded"
    CHANGED = "organizations:organization:changed"
    RENAMED = "organizations:organization:renamed"
    MOVED = "organizations:organization:moved"
    DISSOLVED = "organizations:organization:dissolved"
    TERM_BEGUN = "organizations:term:begun"
    GROUP_FORMED = "organizations:group:formed"
    GROUP_CLOSED = "organizations:group:closed"
    POST_MADE = "organizations:post:made"
    MERGED = "organizations:organization:merged"
    SPLIT = "organizations:organization:split"
    REARRANGED = "organizations:organization:rearranged"
    GUIDED = "organizations:guidance:begun"
    UNGUIDED = "organizations:guidance:ended"
    ROTATED = "organizations:turns:set"


WORDS = {
    Kind.FOUNDED: "成立了组织",
    Kind.CHANGED: "改了组织资料",
    Kind.RENAMED: "改了组织名称",
    Kind.MOVED: "调整了隶属关系",
    Kind.DISSOLVED: "撤销了组织",
    Kind.TERM_BEGUN: "登记了任期",
    Kind.GROUP_FORMED: "成立了党小组",
    Kind.GROUP_CLOSED: "撤销了党小组",
    Kind.POST_MADE: "设了职务",
    Kind.MERGED: "合并了组织",
    Kind.SPLIT: "分设了组织",
    Kind.REARRANGED: "按方案合并了一批组织",
    Kind.GUIDED: "登记了业务指导",
    Kind.UNGUIDED: "停止了业务指导",
    Kind.ROTATED: "排了轮值主席",
}

UNKNOWN_SINCE = date(1921, 7, 1)  # a placement whose beginning nobody noted holds from here


def lock_tree() -> None:
    """Structural changes queue up on the tree's root."""
    list(Organization.all_rows.select_for_update().filter(parent=None).values("pk"))


def hold(organization_id: int) -> Organization:
    """An organisation as it stands now: whoever ends it waits until the transaction is over.

    Before people and posts are locked, never after.
    """
    rows = Organization.objects.select_for_update(no_key=True)
    held: Organization = rows.get(pk=organization_id)
    return held


def _refresh(organizations: Sequence[int], *, by: "User | None", at: datetime) -> None:
    """Tell whoever derives rows from the tree; by name, since they live above."""
    for name in ("duties.refresh", "campaigns.recount"):
        effects.run(name, by=by, at=at, organizations=list(organizations))


@transaction.atomic
def found(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Organization | None,
    short_name: str = "",
    field: str = "other",
    place: str = "",
    established_on: date | None = None,
    by: "User",
    at: datetime,
) -> Organization:
    """Set up an organisation below ``parent`` (None for the top of the tree).

    It stands there from its founding day, or from as far back as anyone asks where that
    is unknown.

    Raises:
        Refused: ``rules.may_found`` refuses.
    """
    lock_tree()
    if parent is not None:
        parent = Organization.objects.get(pk=parent.pk)
    require(rules.may_found(by, parent, kind))
    made = New(code, name, kind, short_name, field, place)
    (organization,) = establish([(made, parent)], established_on=established_on)
    ledger.record(
        Kind.FOUNDED,
        organization,
        organization=organization.pk,
        by=by,
        at=at,
        occurred=established_on,
    )
    _refresh([organization.pk], by=by, at=at)
    return organization


@dataclass(frozen=True, slots=True)
class New:
    """An organisation to be set up."""

    code: str
    name: str
    kind: str
    short_name: str = ""
    field: str = "other"
    place: str = ""


def establish(
    wanted: Sequence[tuple[New, Organization | None]], *, established_on: date | None
) -> list[Organization]:
    """Set up organisations below their parents, in the tree's lock. Five queries, and one a
    parent."""
    rows = [
        Organization(
            code=new.code,
            name=new.name,
            short_name=new.short_name,
            organization_class=CLASS_OF.get(new.kind, Class.BODY),
            kind=new.kind,
            field=new.field,
            place=new.place,
            established_on=established_on,
            parent=parent,
            path="?",
        )
        for new, parent in wanted
    ]
    Organization.all_rows.bulk_create(rows)
    for row in rows:
        row.path = (row.parent.path if row.parent else "") + paths.step(row.pk)
    Organization.all_rows.bulk_update(rows, ["path"], batch_size=200)
    since = established_on or UNKNOWN_SINCE
    _place(rows, since)
    Name.objects.bulk_create(
        Name(organization=row, name=row.name, short_name=row.short_name, since=since)
        for row in rows
    )
    return rows


def _place(organizations: Sequence[Organization], since: date) -> None:
    """Let each stand below its parent from ``since`` on, wherever that stood."""
    parents = {row.parent for row in organizations if row.parent}
    stays: dict[int | None, list[Stay]] = {p.pk: _stays(p, since) for p in parents}
    stays[None] = [("", since, None)]
    Placement.objects.bulk_create(
        [
            Placement(
                organization=row,
                parent=row.parent,
                path=above + paths.step(row.pk),
                since=first,
                until=until,
            )
            for row in organizations
            for above, first, until in stays[row.parent_id]
        ]
    )


Stay = tuple[str, date, date | None]


def _stays(parent: Organization, since: date) -> list[Stay]:
    """Where ``parent`` stood from ``since`` on: path, first day, last day excluded.

    Its first place counts as far back as asked.
    """
    rows = parent.placements.exclude(until__lte=since).order_by("since")
    found = list(rows.values_list("path", "since", "until"))
    path, _, until = found[0]
    return [(path, since, until), *found[1:]]


@transaction.atomic
def rename(
    organization: Organization,
    *,
    name: str,
    short_name: str = "",
    since: date,
    by: "User",
    at: datetime,
) -> Organization:
    """Give a new name from ``since`` on; the old one stays in history."""
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    require(rules.may_change(by, organization))
    current = organization.names.get(until=None)
    if since > timezone.localdate(at) or since < current.since:
        raise Refused(no("不能改名：日期要在现名启用之后、今天或以前。"))
    if since == current.since:
        current.name, current.short_name = name, short_name
        current.save(update_fields=["name", "short_name"])
    else:
        current.until = since
        current.save(update_fields=["until"])
        Name.objects.create(
            organization=organization, name=name, short_name=short_name, since=since
        )
    organization.name, organization.short_name = name, short_name
    organization.save(update_fields=["name", "short_name"])
    ledger.record(
        Kind.RENAMED, organization, organization=organization.pk, by=by, at=at, occurred=since
    )
    return organization


@transaction.atomic
def change(
    organization: Organization,
    *,
    field: str,
    place: str,
    established_on: date | None,
    by: "User",
    at: datetime,
) -> Organization:
    """Correct what is known of an organisation itself."""
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    require(rules.may_change(by, organization))
    organization.field, organization.place = field, place
    organization.established_on = established_on
    organization.save(update_fields=["field", "place", "established_on"])
    ledger.record(Kind.CHANGED, organization, organization=organization.pk, by=by, at=at)
    _refresh([organization.pk], by=by, at=at)
    return organization


@transaction.atomic
def move(
    organization: Organization, *, parent: Organization, since: date, by: "User", at: datetime
) -> Organization:
    """Put an organisation and all below it under ``parent`` from ``since`` on.

    History keeps where it stood before; copies of its path are rewritten here and now. Where
    the new parent itself moved after ``since``, it moves along.
    A move before the latest one on record is refused.

    Raises:
        Refused: ``rules.may_move`` refuses, or a later move is on record.
    """
    lock_tree()
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    parent = Organization.objects.get(pk=parent.pk)
    today = timezone.localdate(at)
    require(rules.may_move(by, organization, parent, since=since, today=today))
    touched = relocate(organization, parent, since)
    ledger.record(
        Kind.MOVED,
        organization,
        organization=organization.pk,
        by=by,
        at=at,
        occurred=since,
        touched=touched,
    )
    _refresh([row.pk for row in touched], by=by, at=at)
    organization.refresh_from_db()
    return organization


def relocate(
    organization: Organization, parent: Organization, since: date
) -> Sequence[Organization]:
    """Let it stand below ``parent`` from ``since`` on, in the tree's lock; all that moved.

    Raises:
        Refused: a later move is on record, or ``parent`` was inside it then.
    """
    current = organization.placements.get(until=None)
    if since <= current.since:
        raise Refused(no(f"不能从这天起：{current.since} 才划到现在的上级，要晚于那天。"))
    old, new = organization.path, parent.path + paths.step(organization.pk)
    stays = _stays(parent, since)
    if any(organization.pk in paths.numbers(above) for above, _, _ in stays):
        raise Refused(no(f"不能从这天起：那时{parent.called}还在{organization.called}里面。"))
    longest = Placement.objects.filter(paths.under(old)).aggregate(most=Max(Length("path")))["most"]
    highest = max(len(above) for above, _, _ in stays)
    if highest + paths.STEP + longest - len(old) > paths.STEP * paths.DEEPEST:
        raise Refused(no(f"不能划到{parent.called}下面：连同下级，层级太多了。"))
    moved = _move_placements(organization, stays)
    organization.placements.filter(since__gte=since).update(parent=parent)
    paths.rewrite(old, new)
    Organization.all_rows.filter(pk=organization.pk).update(parent=parent)
    below = list(Organization.all_rows.under(new))
    left = moved - {row.pk for row in below}
    return [*below, *Organization.all_rows.filter(pk__in=left)]


def _move_placements(organization: Organization, stays: Sequence[Stay]) -> set[int]:
    """It stands wherever its new parent stood; ids of all that moved along.

    Among them may be some that have left the subtree since.
    """
    moved: set[int] = set()
    old, step = organization.path, paths.step(organization.pk)
    for above, first, _ in stays:
        moved |= _split_placements(old, above + step, first)
        old = above + step
    return moved


def _split_placements(old: str, new: str, since: date) -> set[int]:
    """From ``since`` on, placements under ``old`` stand under ``new``, in bulk; whose."""
    rows = Placement.objects.filter(paths.under(old))
    tail = Substr("path", len(old) + 1)
    spanning = list(rows.filter(on_day(since), since__lt=since))
    later = rows.filter(since__gte=since)
    moved = {row.organization_id for row in spanning}
    moved |= set(later.values_list("organization", flat=True))
    later.update(path=Concat(Value(new), tail))
    Placement.objects.filter(pk__in=[row.pk for row in spanning]).update(until=since)
    Placement.objects.bulk_create(
        [
            Placement(
                organization_id=row.organization_id,
                parent_id=row.parent_id,
                path=new + row.path[len(old) :],
                since=since,
                until=row.until,
            )
            for row in spanning
        ],
        batch_size=1000,
    )
    return moved


@transaction.atomic
def dissolve(organization: Organization, *, on: date, by: "User", at: datetime) -> Organization:
    """Dissolve an organisation that has nothing open below it; its records stay with it."""
    lock_tree()
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    open_below = organization.children.filter(dissolved_on=None).count()
    require(rules.may_dissolve(by, organization, open_below=open_below))
    if on > timezone.localdate(at):
        raise Refused(no("不能定在以后：请在撤销那天或之后办。"))
    current = organization.placements.get(until=None)
    if on <= current.since:
        raise Refused(no(f"不能在这天撤销：{current.since} 才有现在的隶属关系。"))
    organization.dissolved_on = on
    organization.save(update_fields=["dissolved_on"])
    organization.placements.filter(until=None).update(until=on)
    organization.posts.filter(until=None).update(until=on)
    ledger.record(
        Kind.DISSOLVED, organization, organization=organization.pk, by=by, at=at, occurred=on
    )
    _refresh([organization.pk], by=by, at=at)
    return organization


@transaction.atomic
def begin_term(
    organization: Organization,
    *,
    since: date,
    ends_on: date | None,
    has_committee: bool,
    by: "User",
    at: datetime,
) -> Term:
    """Register a new term of the leading body; the one before ends that day."""
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    require(rules.may_change(by, organization))
    last = organization.terms.order_by("-since").first()
    if last and since <= last.since:
        raise Refused(no(f"不能从这天起：上一届从 {last.since} 开始。"))
    if last:
        last.until = since
        last.save(update_fields=["until"])
    term = Term.objects.create(
        organization=organization, since=since, ends_on=ends_on, has_committee=has_committee
    )
    ledger.record(
        Kind.TERM_BEGUN, organization, organization=organization.pk, by=by, at=at, occurred=since
    )
    _refresh([organization.pk], by=by, at=at)
    return term


@transaction.atomic
def form_group(
    organization: Organization, *, name: str, since: date, by: "User", at: datetime
) -> PartyGroup:
    """Set up a party group of a branch."""
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    require(rules.may_group(by, organization))
    if organization.groups.filter(name=name, until=None).exists():
        raise Refused(no(f"不能重名：已经有{name}了。"))
    group: PartyGroup = PartyGroup.objects.create(organization=organization, name=name, since=since)
    ledger.record(
        Kind.GROUP_FORMED, group, organization=organization.pk, by=by, at=at, occurred=since
    )
    _refresh([organization.pk], by=by, at=at)
    return group


@transaction.atomic
def close_group(group: PartyGroup, *, on: date, by: "User", at: datetime) -> PartyGroup:
    """Close a party group; its meetings stay on record."""
    hold(group.organization_id)
    group = PartyGroup.objects.select_for_update().get(pk=group.pk)
    require(rules.may_close_group(by, group))
    if on <= group.since:
        raise Refused(no(f"不能在这天撤销：{group.name} {group.since} 才成立。"))
    group.until = on
    group.save(update_fields=["until"])
    group.posts.filter(until=None).update(until=on)
    ledger.record(
        Kind.GROUP_CLOSED,
        group,
        organization=group.organization_id,
        by=by,
        at=at,
        occurred=on,
        touched=[group.organization],
    )
    _refresh([group.organization_id], by=by, at=at)
    return group


@transaction.atomic
def make_post(
    organization: Organization,
    *,
    kind: str,
    title: str,
    role: str,
    since: date,
    group: PartyGroup | None = None,
    in_committee: bool = False,
    rank: int = 50,
    seats: int = 1,
    by: "User",
    at: datetime,
) -> Post:
    """Make a post that somebody can hold; kinds, titles and roles come from a pack."""
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    rule = rules.may_group if group else rules.may_change
    require(rule(by, organization))
    post = Post.objects.create(
        organization=organization,
        group=group,
        kind=kind,
        title=title,
        role=role,
        since=since,
        in_committee=in_committee,
        rank=rank,
        seats=seats,
    )
    ledger.record(
        Kind.POST_MADE, organization, organization=organization.pk, by=by, at=at, occurred=since
    )
    _refresh([organization.pk], by=by, at=at)
    return post
