"""Merging several into one, dividing one into several: who succeeds whom, and what goes along.

Records stay with whoever made them. What is open on the day (people, groups, posts, terms,
guidance, turns, and what areas above keep) goes to the successor in the same transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from zhibu.core import effects, succession
from zhibu.core.verdicts import Refused, Verdict, no, require
from zhibu.ledger import actions as ledger
from zhibu.organizations import queries, rules
from zhibu.organizations.actions import Kind, New, establish, lock_tree, relocate
from zhibu.organizations.models import (
    Guidance,
    Organization,
    PartyGroup,
    Placement,
    Post,
    Succession,
    Term,
    Turn,
)

if TYPE_CHECKING:
    from zhibu.accounts.models import User


@dataclass(frozen=True, slots=True)
class Into:
    """Who takes the place: an organisation there is, or a new one below ``parent``."""

    existing: Organization | None = None
    new: New | None = None
    parent: Organization | None = None

    @property
    def kind(self) -> str:
        return self.existing.kind if self.existing else self.new.kind if self.new else ""

    @property
    def called(self) -> str:
        if self.existing:
            return self.existing.called
        return (self.new.short_name or self.new.name) if self.new else ""


@dataclass(frozen=True, slots=True)
class Merger:
    """``predecessors`` end, ``into`` takes their place. ``line`` is where a plan says so."""

    predecessors: tuple[Organization, ...]
    into: Into
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Division:
    """How one organisation is divided: its parts, and by index of the part who goes where.

    Whoever is told nothing goes to the first part.
    """

    parts: tuple[Into, ...]
    people: Mapping[int, int] = field(default_factory=dict)
    groups: Mapping[int, int] = field(default_factory=dict)
    below: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a merger cannot be; ``line`` as in the plan, 0 where it concerns the whole."""

    line: int
    reason: str


def faults(mergers: Sequence[Merger], *, on: date, by: "User", today: date) -> list[Fault]:
    """Everything that stands in the way of ``mergers``, in order. Seven queries."""
    endings = queries.endings([p.pk for m in mergers for p in m.predecessors], on)
    ends = {p.pk for m in mergers for p in m.predecessors}
    found: list[Fault] = []
    for merger in mergers:
        lines = merger.lines or tuple(0 for _ in merger.predecessors)
        first = lines[0] if lines else 0
        found += [Fault(first, v.reason) for v in _into_verdicts(merger, ends, by, on) if not v]
        for line, old in zip(lines, merger.predecessors, strict=True):
            verdict = rules.may_succeed(
                by, endings[old.pk], merger.into.existing, merger.into.kind, on=on, today=today
            )
            if not verdict:
                found.append(Fault(line, verdict.reason))
            elif old.parent_id in ends:
                found.append(
                    Fault(line, f"不能一起办：{old.called}的上级也在合并，请先办上级，再办下级。")
                )
    return found


def _into_verdicts(merger: Merger, ends: set[int], by: "User", on: date) -> list[Verdict]:
    into = merger.into
    if into.existing:
        found = []
        if into.existing.pk in ends:
            found.append(no(f"不能并进{into.called}：它自己也要并掉。"))
        began = into.existing.established_on
        if began and began > on:
            found.append(no(f"不能定在 {on}：{into.called} {began} 才成立。"))
        return found
    if into.parent is not None and into.parent.pk in ends:
        return [no(f"不能设在{into.parent.called}下面：它自己也要并掉。")]
    return [rules.may_found(by, into.parent, into.kind)]


@transaction.atomic
def merge(
    predecessors: Sequence[Organization],
    *,
    into: Into,
    on: date,
    paper: str = "",
    by: "User",
    at: datetime,
) -> Organization:
    """End ``predecessors`` on ``on``; one takes their place with all that is open.

    Raises:
        Refused: a rule refuses, or something on record begins on that day or later.
    """
    (merger,) = _afresh([Merger(tuple(predecessors), into)])
    _refuse(faults([merger], on=on, by=by, today=timezone.localdate(at)))
    (successor,) = _carry_out([merger], Kind.MERGED, None, on=on, paper=paper, by=by, at=at)
    return successor


@transaction.atomic
def merge_many(
    mergers: Sequence[Merger],
    *,
    within: Organization,
    on: date,
    paper: str = "",
    by: "User",
    at: datetime,
) -> list[Organization]:
    """Carry out a whole plan of mergers below ``within``, or nothing of it.

    Raises:
        Refused: a rule refuses any of them; ``faults`` tells all reasons at once.
    """
    fresh = _afresh(mergers)
    _refuse(faults(fresh, on=on, by=by, today=timezone.localdate(at)))
    return _carry_out(fresh, Kind.REARRANGED, within, on=on, paper=paper, by=by, at=at)


@transaction.atomic
def split(
    organization: Organization,
    division: Division,
    *,
    on: date,
    paper: str = "",
    by: "User",
    at: datetime,
) -> list[Organization]:
    """End ``organization`` on ``on``; its parts take its place. The parts, in order.

    Raises:
        Refused: fewer than two parts, or a rule refuses one of them.
    """
    if len(division.parts) < 2:
        raise Refused(no("不能分设：要写至少两个。只换一个，用合并。"))
    fresh_parts = _afresh([Merger((organization,), part) for part in division.parts])
    organization = fresh_parts[0].predecessors[0]
    parts = [merger.into for merger in fresh_parts]
    today = timezone.localdate(at)
    for part in parts:
        _refuse(faults([Merger((organization,), part)], on=on, by=by, today=today))
    successors = _settled(parts, on)
    move = _Move(
        homes={organization.pk: successors[0]},
        on=on,
        people={pk: successors[part].pk for pk, part in division.people.items()},
        groups={pk: successors[part] for pk, part in division.groups.items()},
        below={pk: successors[part] for pk, part in division.below.items()},
    )
    rows = [
        Succession(
            predecessor=organization, successor=each, on=on, kind=Succession.Kind.SPLIT, paper=paper
        )
        for each in successors
    ]
    fresh = [s for s, part in zip(successors, parts, strict=True) if part.new]
    move.carry_out(rows, fresh, Kind.SPLIT, organization, by=by, at=at, basis=paper)
    return successors


def _refuse(found: Sequence[Fault]) -> None:
    if found:
        reasons = list(dict.fromkeys(fault.reason for fault in found))
        more = f"另有 {len(reasons) - 3} 处。" if len(reasons) > 3 else ""
        raise Refused(no("".join(reasons[:3]) + more))


def _afresh(mergers: Sequence[Merger]) -> list[Merger]:
    """The mergers with their organisations as the database has them, behind the tree's lock."""
    lock_tree()
    intos = [into for m in mergers for into in (m.into.existing, m.into.parent) if into]
    wanted = {row.pk for row in (*intos, *(p for m in mergers for p in m.predecessors))}
    known = Organization.objects.in_bulk(wanted)
    return [
        Merger(
            tuple(known[p.pk] for p in merger.predecessors),
            Into(
                existing=known[merger.into.existing.pk] if merger.into.existing else None,
                new=merger.into.new,
                parent=known[merger.into.parent.pk] if merger.into.parent else None,
            ),
            merger.lines,
        )
        for merger in mergers
    ]


def _settled(intos: Sequence[Into], on: date) -> list[Organization]:
    """Those there are, and the new ones set up on the day; in order."""
    wanted = [(into.new, into.parent) for into in intos if into.new]
    codes = [new.code for new, _ in wanted]
    taken = set(Organization.all_rows.filter(code__in=codes).values_list("code", flat=True))
    twice = {code for code, times in Counter(codes).items() if times > 1}
    if taken or twice:
        raise Refused(no(f"代码有重复：{'、'.join(sorted({*taken, *twice})[:5])}。请换。"))
    made = iter(establish(wanted, established_on=on))
    return [into.existing or next(made) for into in intos]


def _kind(merger: Merger) -> str:
    """One alone that becomes a new one goes on under another name: 改设."""
    alone = len(merger.predecessors) == 1 and merger.into.new
    return Succession.Kind.CONTINUE if alone else Succession.Kind.MERGE


def _carry_out(
    mergers: Sequence[Merger],
    entry: str,
    within: Organization | None,
    *,
    on: date,
    paper: str,
    by: "User",
    at: datetime,
) -> list[Organization]:
    successors = _settled([merger.into for merger in mergers], on)
    homes = {
        old.pk: successor
        for merger, successor in zip(mergers, successors, strict=True)
        for old in merger.predecessors
    }
    rows = [
        Succession(predecessor=old, successor=successor, on=on, kind=_kind(merger), paper=paper)
        for merger, successor in zip(mergers, successors, strict=True)
        for old in merger.predecessors
    ]
    fresh = [s for s, m in zip(successors, mergers, strict=True) if m.into.new]
    move = _Move(homes=homes, on=on)
    move.carry_out(rows, fresh, entry, within or successors[0], by=by, at=at, basis=paper)
    return successors


@dataclass
class _Move:
    """What goes along on a day. ``homes``: who ends, and who takes the place of it."""

    homes: dict[int, Organization]
    on: date
    people: dict[int, int] = field(default_factory=dict)
    groups: dict[int, Organization] = field(default_factory=dict)
    below: dict[int, Organization] = field(default_factory=dict)
    touched: list[models.Model] = field(default_factory=list)

    def carry_out(
        self,
        rows: Sequence[Succession],
        fresh: Sequence[Organization],
        entry: str,
        about: Organization,
        *,
        by: "User",
        at: datetime,
        basis: str,
    ) -> None:
        moved = self._below()
        self.touched += Succession.objects.bulk_create(rows)
        if fresh:
            self._posts_of(fresh, rows)
        groups, posts = self._groups()
        self._guidance()
        self._turns()
        self._end()
        ids = {*self.homes, *(row.successor_id for row in rows), *(row.pk for row in moved)}
        self.touched += Organization.all_rows.filter(pk__in=ids - {about.pk})
        ledger.record(
            entry, about, organization=about.pk, by=by, at=at, occurred=self.on, basis=basis,
            touched=self.touched,
        )  # fmt: skip
        follow = succession.Follow(
            on=self.on,
            about=about.pk,
            homes={pk: successor.pk for pk, successor in self.homes.items()},
            people=self.people,
            groups=groups,
            posts=posts,
        )
        for effect in dict.fromkeys(each.effect for each in succession.followings()):
            effects.run(effect, by=by, at=at, **follow.model_dump())
        for name in ("duties.refresh", "campaigns.recount"):
            effects.run(name, by=by, at=at, organizations=sorted(ids))

    def _below(self) -> list[Organization]:
        """What stands below goes below the successor."""
        rows = Organization.objects.filter(parent__in=self.homes, dissolved_on=None)
        moved: list[Organization] = []
        for row in rows.order_by("pk"):
            assert row.parent_id is not None
            target = self.below.get(row.pk, self.homes[row.parent_id])
            require(rules.may_stand_below(target, row.kind))
            moved += relocate(row, target, self.on)
        return moved

    def _posts_of(self, fresh: Sequence[Organization], rows: Sequence[Succession]) -> None:
        """A new organisation has the posts its predecessors had, empty: whom to appoint is
        decided anew."""
        olds: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            olds[row.successor_id].append(row.predecessor_id)
        known = Post.objects.filter(organization__in=self.homes, group=None, until=None)
        by_organization: dict[int, list[Post]] = defaultdict(list)
        for post in known.order_by("rank", "pk"):
            by_organization[post.organization_id].append(post)
        made = []
        for organization in fresh:
            kinds: dict[str, Post] = {}
            for post in (p for pk in olds[organization.pk] for p in by_organization[pk]):
                kinds.setdefault(post.kind, post)
            made += [_again(post, organization, None, self.on) for post in kinds.values()]
        Post.objects.bulk_create(made)

    def _groups(self) -> tuple[dict[int, int], dict[int, int]]:
        """Party groups go on in the successor under their name; old → new, groups and posts.

        A name that is taken there is told apart by the predecessor's.
        """
        olds = list(
            PartyGroup.objects.filter(organization__in=self.homes, until=None)
            .select_related("organization")
            .order_by("organization", "pk")
        )
        if not olds:
            return {}, {}
        targets = [self.groups.get(old.pk, self.homes[old.organization_id]) for old in olds]
        taken = set(
            PartyGroup.objects.filter(organization__in=targets, until=None).values_list(
                "organization", "name"
            )
        )
        made = []
        for old, target in zip(olds, targets, strict=True):
            name = old.name
            if (target.pk, name) in taken:
                name = f"{old.organization.called}{name}"[:40]
            taken.add((target.pk, name))
            made.append(PartyGroup(organization=target, name=name, since=self.on))
        PartyGroup.objects.filter(pk__in=[old.pk for old in olds]).update(until=self.on)
        PartyGroup.objects.bulk_create(made)
        pairs = {old.pk: new for old, new in zip(olds, made, strict=True)}
        self.touched += [*olds, *made]
        posts = list(Post.objects.filter(group__in=pairs, until=None).order_by("pk"))
        anew = [
            _again(p, pairs[p.group_id].organization, pairs[p.group_id], self.on) for p in posts
        ]
        Post.objects.bulk_create(anew)
        return (
            {pk: new.pk for pk, new in pairs.items()},
            {old.pk: new.pk for old, new in zip(posts, anew, strict=True)},
        )

    def _guidance(self) -> None:
        """Whoever guided goes on guiding the successor, and the successor whom they guided."""
        either = Q(organization__in=self.homes) | Q(guide__in=self.homes)
        rows = list(Guidance.objects.filter(either, until=None))
        begun = set(Guidance.objects.filter(until=None).values_list("guide", "organization"))
        for row in rows:
            guide = self.homes[row.guide_id].pk if row.guide_id in self.homes else row.guide_id
            guided = self.homes.get(row.organization_id)
            pair = (guide, guided.pk if guided else row.organization_id)
            if row.since >= self.on:
                raise Refused(no(f"不能定在 {self.on}：{row.since} 还登记了业务指导。"))
            row.until = self.on
            row.save(update_fields=["until"])
            self.touched.append(row)
            if pair not in begun and pair[0] != pair[1]:
                begun.add(pair)
                self.touched.append(
                    Guidance.objects.create(
                        guide_id=pair[0], organization_id=pair[1], since=self.on
                    )
                )

    def _turns(self) -> None:
        """Turns to chair that are still to come pass to the successor."""
        for turn in Turn.objects.filter(unit__in=self.homes, until__gt=self.on):
            successor = self.homes[turn.unit_id]
            if turn.since < self.on:
                until, turn.until = turn.until, self.on
                turn.save(update_fields=["until"])
                self.touched.append(
                    Turn.objects.create(
                        organization_id=turn.organization_id, unit=successor, since=self.on,
                        until=until,
                    )
                )  # fmt: skip
            else:
                turn.unit = successor
                turn.save(update_fields=["unit"])
            self.touched.append(turn)

    def _end(self) -> None:
        """The predecessors end; their posts and terms with them."""
        open_ = {"organization__in": self.homes, "until": None}
        Post.objects.filter(**open_).update(until=self.on)
        Term.objects.filter(**open_).update(until=self.on)
        Placement.objects.filter(**open_).update(until=self.on)
        Organization.objects.filter(pk__in=self.homes).update(dissolved_on=self.on)


def _again(post: Post, organization: Organization, group: PartyGroup | None, since: date) -> Post:
    return Post(
        organization=organization,
        group=group,
        kind=post.kind,
        title=post.title,
        role=post.role,
        in_committee=post.in_committee,
        rank=post.rank,
        seats=post.seats,
        since=since,
    )


@dataclass(frozen=True, slots=True)
class Going:
    """How many of one kind go along, and what becomes of them."""

    title: str
    unit: str
    note: str
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Mergers before they are carried out: each with how many people it brings."""

    mergers: list[tuple[Merger, int]]
    going: list[Going]
    organizations: int


def preview(mergers: Sequence[Merger], on: date) -> Preview:
    """Who and what goes along on ``on``. Four queries and one a kind that areas keep."""
    ids = [old.pk for merger in mergers for old in merger.predecessors]
    below = Organization.objects.filter(parent__in=ids, dissolved_on=None).count()
    groups = PartyGroup.objects.filter(organization__in=ids, until=None).count()
    posts = Post.objects.filter(organization__in=ids, group=None, until=None).count()
    going = [
        Going("下级组织", "个", "划到接续的组织下面", below),
        Going("党小组", "个", "在接续的组织里照旧，重名的前面加原来支部的名字", groups),
        Going("职务", "个", "到那天为止；新设的组织照样设，等着任命", posts),
    ]
    people: dict[int, int] = {}
    for each in succession.followings():
        counts = each.counts(ids, on)
        if each.effect == "people.follow" and not people:
            people = counts
        going.append(Going(each.title, each.unit, each.note, sum(counts.values())))
    rows = [(m, sum(people.get(old.pk, 0) for old in m.predecessors)) for m in mergers]
    return Preview(rows, [each for each in going if each.count], len(ids))
