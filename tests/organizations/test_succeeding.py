"""Merging and dividing: who succeeds whom, what goes along, what stays, who may look."""

from datetime import date

import pytest
from django.utils import timezone

from tests import factories
from tests.conftest import NOON, TODAY
from tests.factories import SINCE
from tests.scenes import LIFE, draft
from zhibu.activities import actions as activities
from zhibu.activities.models import Activity
from zhibu.adoptions import actions as adoptions
from zhibu.assignments import actions as assignments
from zhibu.core import standing
from zhibu.core.verdicts import Refused
from zhibu.duties.models import Obligation
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import actions, succeeding
from zhibu.organizations.actions import New
from zhibu.organizations.models import Organization, Placement, Succession
from zhibu.organizations.succeeding import Division, Into, Merger
from zhibu.people import actions as people
from zhibu.people.models import Belonging, Holding, Person

ON = date(2026, 10, 12)


@pytest.fixture
def other(tree):
    return factories.organization(tree.east, by=tree.system, name="后村党支部")


def merge(*predecessors, into, by, on=ON):
    chosen = into if isinstance(into, Into) else Into(existing=into)
    return succeeding.merge(predecessors, into=chosen, on=on, by=by, at=NOON)


def new(tree, name="新村党支部", code="X1", kind="branch"):
    return Into(new=New(code=code, name=name, kind=kind, field="rural"), parent=tree.east)


def homes_of(person):
    rows = person.belongings.filter(kind=Belonging.Kind.HOME).order_by("since")
    return [(row.organization_id, row.since, row.until) for row in rows]


def test_merge_into_a_new_one_takes_people_groups_and_leaders_along(tree, other):
    group = actions.form_group(
        tree.village, name="第一党小组", since=SINCE, by=tree.system, at=NOON
    )
    again = actions.form_group(other, name="第一党小组", since=SINCE, by=tree.system, at=NOON)
    person = factories.member(tree.village, by=tree.system)
    people.join_group(person, group=group, since=SINCE, by=tree.system, at=NOON)
    post = actions.make_post(
        tree.village, kind="group-leader", title="组长", role="group-leader", since=SINCE,
        group=group, by=tree.system, at=NOON,
    )  # fmt: skip
    people.hold_post(person, post=post, since=SINCE, by=tree.system, at=NOON)

    made = merge(tree.village, other, into=new(tree), by=tree.system)

    assert homes_of(person) == [(tree.village.pk, SINCE, ON), (made.pk, ON, None)]
    person.refresh_from_db()
    assert (person.home_id, person.path) == (made.pk, made.path)
    names = [g.name for g in made.groups.order_by("pk")]
    assert names == ["第一党小组", "后村党支部第一党小组"]
    joined = person.group_memberships.get(until=None)
    assert joined.group.organization_id == made.pk
    assert joined.group.name == "第一党小组"
    leads = Holding.objects.get(person=person, ended_on=None)
    assert leads.post.group_id == joined.group_id
    for old in (group, again):
        old.refresh_from_db()
        assert old.until == ON
    assert verify().faults == []


def test_merge_ends_the_predecessor_its_posts_and_term_the_same_day(tree, other, cast):
    secretary = cast["secretary"]
    actions.begin_term(
        tree.village, since=SINCE, ends_on=date(2027, 1, 1), has_committee=False,
        by=tree.system, at=NOON,
    )  # fmt: skip

    merge(tree.village, into=other, by=tree.system)

    tree.village.refresh_from_db()
    assert tree.village.dissolved_on == ON
    assert not tree.village.posts.filter(until=None).exists()
    assert not tree.village.terms.filter(until=None).exists()
    assert not tree.village.placements.filter(until=None).exists()
    assert [s.post for s in standing.of(secretary, TODAY)] == ["党员"]
    assert Succession.objects.get().successor == other


def test_new_one_has_the_posts_of_those_before_it_and_nobody_in_them(tree, other, cast):
    made = merge(tree.village, other, into=new(tree), by=tree.system)

    titles = [p.title for p in made.posts.order_by("kind")]
    assert titles == ["组织委员", "书记"]
    assert not Holding.objects.filter(post__organization=made).exists()


def test_records_stay_and_the_successor_is_shown_them(tree, other, cast):
    adoptions.adopt(pack=LIFE, organization=tree.county, since=SINCE, by=tree.system, at=NOON)
    sitting = activities.record(
        tree.village, draft("general-meeting", day=date(2026, 6, 5), place="村部"),
        by=cast["secretary"], at=NOON,
    ).activity  # fmt: skip
    keeper = factories.holder(other, other, "branch-secretary", by=tree.system)
    assert not Activity.objects.visible_to(keeper).filter(pk=sitting.pk).exists()

    merge(tree.village, into=other, by=tree.system)

    sitting.refresh_from_db()
    assert sitting.organization == tree.village
    assert Activity.objects.visible_to(keeper).filter(pk=sitting.pk).exists()
    assert Organization.objects.visible_to(keeper).filter(pk=tree.village.pk).exists()
    assert not standing.may(keeper, "activities.record", sitting.organization.path)
    strangers = (
        cast["stranger secretary"],
        cast["other township officer"],
        cast["sibling secretary"],
    )
    assert [Activity.objects.visible_to(s).filter(pk=sitting.pk).count() for s in strangers] == [
        0, 0, 0,
    ]  # fmt: skip


def test_who_stands_above_the_successor_sees_what_came_from_elsewhere(tree, cast):
    officer = cast["other township officer"]
    assert not Organization.objects.visible_to(officer).filter(pk=tree.village.pk).exists()

    merge(tree.village, into=tree.far, by=tree.system)

    assert Organization.objects.visible_to(officer).filter(pk=tree.village.pk).exists()
    assert not standing.may(officer, "organizations.change", tree.village.path)


def test_successors_successor_sees_what_both_left(tree, other, cast):
    keeper = cast["stranger secretary"]
    merge(tree.village, into=other, by=tree.system)

    merge(other, into=tree.far, by=tree.system, on=date(2026, 10, 20))

    seen = Organization.objects.visible_to(keeper)
    assert {tree.village.pk, other.pk} <= set(seen.values_list("pk", flat=True))


def test_what_is_planned_and_open_goes_along(tree, other, cast):
    adoptions.adopt(pack=LIFE, organization=tree.county, since=SINCE, by=tree.system, at=NOON)
    secretary = cast["secretary"]
    planned = activities.plan(
        tree.village, draft("general-meeting", day=date(2026, 12, 4), place="村部"),
        by=secretary, at=NOON,
    )  # fmt: skip
    owner = Person.objects.get(pk=secretary.person_id)
    task = assignments.assign(
        tree.village, title="走访", owner=owner, due_on=date(2026, 12, 1), by=secretary, at=NOON
    )

    merge(tree.village, into=other, by=tree.system)

    planned.refresh_from_db()
    task.refresh_from_db()
    assert (planned.organization, task.organization) == (other, other)
    assert verify().faults == []


def test_obligations_of_periods_that_go_past_the_day_are_the_successors(tree, other):
    adoptions.adopt(
        pack=LIFE, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
    )

    merge(tree.village, into=other, by=tree.system)

    owed = Obligation.objects.filter(organization=tree.village, holder_kind="organization")
    assert owed.filter(period_until__lte=ON).exists()
    assert not owed.filter(period_until__gt=ON).exists()
    kept = Obligation.objects.filter(organization=other, duty="general-meeting")
    assert kept.filter(period_since__lte=ON, period_until__gt=ON).exists()


def test_what_the_predecessor_had_adopted_itself_ends_with_it(tree):
    made = adoptions.adopt(
        pack=LIFE, organization=tree.general, since=SINCE, by=tree.system, at=NOON
    )
    other = factories.organization(
        tree.east, by=tree.system, name="东镇企业党总支", kind="general-branch"
    )

    shown = succeeding.preview([Merger((tree.general,), Into(existing=other))], ON)
    merge(tree.general, into=other, by=tree.system)

    made.refresh_from_db()
    assert made.until == ON
    assert {(g.title, g.count) for g in shown.going} >= {("下级组织", 1), ("自己采用的制度", 1)}
    assert verify().faults == []


def test_what_stands_below_goes_below_the_successor(tree):
    other = factories.organization(
        tree.east, by=tree.system, name="东镇企业党总支", kind="general-branch"
    )

    merge(tree.general, into=other, by=tree.system)

    tree.inner.refresh_from_db()
    assert tree.inner.parent == other
    assert tree.inner.path.startswith(other.path)
    assert list(tree.inner.placements.order_by("since").values_list("parent", "since")) == [
        (tree.general.pk, SINCE), (other.pk, ON),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("predecessors", "into", "on", "reason"),
    [
        (["village"], "village", ON, "不能并到自己|不能并进"),
        (["village"], "general", ON, "同一类的才能合并"),
        (["general"], "inner", ON, "不能并到下级"),
        (["village"], "far", date(2026, 12, 1), "不能定在以后"),
        (["village"], "far", SINCE, "要晚于那天"),
    ],
)
def test_merge_is_refused_with_its_reason_and_leaves_no_trace(tree, predecessors, into, on, reason):
    before = Entry.objects.count()

    with pytest.raises(Refused, match=reason):
        merge(
            *(getattr(tree, name) for name in predecessors), into=getattr(tree, into),
            by=tree.system, on=on,
        )  # fmt: skip

    assert Entry.objects.count() == before
    assert not Succession.objects.exists()


def test_merge_is_for_whoever_is_in_charge_of_both(tree, cast):
    with pytest.raises(Refused, match="归上级党委管"):
        merge(tree.village, into=tree.far, by=cast["township officer"])
    with pytest.raises(Refused, match="归上级党委管"):
        merge(tree.village, into=tree.inner, by=cast["secretary"])


def test_merge_before_a_post_was_taken_is_refused_whole(tree, other):
    person = factories.member(tree.village, by=tree.system)
    post = actions.make_post(
        tree.village, kind="branch-secretary", title="书记", role="branch-secretary", since=SINCE,
        by=tree.system, at=NOON,
    )  # fmt: skip
    people.hold_post(person, post=post, since=date(2026, 11, 1), by=tree.system, at=NOON)

    with pytest.raises(Refused, match="才任书记"):
        merge(tree.village, into=other, by=tree.system)

    person.refresh_from_db()
    assert person.home == tree.village
    assert not Succession.objects.exists()


def test_guest_who_is_at_home_in_the_successor_is_a_guest_no_more(tree, other):
    person = factories.member(other, by=tree.system)
    Belonging.objects.create(
        person=person, organization=tree.village, kind=Belonging.Kind.HOST, since=SINCE
    )

    merge(tree.village, into=other, by=tree.system)

    assert not person.belongings.filter(kind=Belonging.Kind.HOST, until=None).exists()


def test_divide_sends_people_by_group_and_by_name(tree, cast):
    group = actions.form_group(
        tree.village, name="第一党小组", since=SINCE, by=tree.system, at=NOON
    )
    in_group, told, rest = (factories.member(tree.village, by=tree.system) for _ in range(3))
    people.join_group(in_group, group=group, since=SINCE, by=tree.system, at=NOON)
    division = Division(
        parts=(new(tree, "甲村党支部", "X1"), new(tree, "乙村党支部", "X2")),
        people={told.pk: 1},
        groups={group.pk: 1},
    )

    first, second = succeeding.split(tree.village, division, on=ON, by=tree.system, at=NOON)

    for person in (in_group, told, rest):
        person.refresh_from_db()
    assert [p.home for p in (in_group, told, rest)] == [second, second, first]
    assert second.groups.get().name == "第一党小组"
    assert set(Succession.objects.values_list("successor", "kind")) == {
        (first.pk, "split"), (second.pk, "split"),
    }  # fmt: skip
    for part in (first, second):
        user = factories.holder(part, part, "branch-secretary", by=tree.system)
        assert Organization.objects.visible_to(user).filter(pk=tree.village.pk).exists()
    assert verify().faults == []


def test_divide_into_one_is_refused(tree):
    with pytest.raises(Refused, match="至少两个"):
        succeeding.split(tree.village, Division(parts=(new(tree),)), on=ON, by=tree.system, at=NOON)


def test_tree_as_it_was_is_as_it_was(tree, other):
    merge(tree.village, into=other, by=tree.system)

    day_before = date(2026, 10, 11)
    stood = Placement.objects.filter(organization=tree.village)
    assert stood.filter(since__lte=day_before, until__gt=day_before).exists()
    assert not stood.filter(since__lte=ON, until__gt=ON).exists()


def test_plan_tells_every_fault_at_once(tree, other):
    plan = [
        Merger((tree.village,), Into(existing=tree.village), (1,)),
        Merger((tree.general,), Into(existing=other), (2,)),
        Merger((tree.inner,), Into(existing=tree.far), (3,)),
    ]

    found = succeeding.faults(plan, on=ON, by=tree.system, today=timezone.localdate(NOON))

    assert {fault.line for fault in found} == {1, 2, 3}  # 3: its parent ends as well
