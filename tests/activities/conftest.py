"""The first village branch at work: two packs in force, a committee, two groups, ten people."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from tests import factories, remembered
from tests.conftest import NOON
from tests.factories import SINCE, Tree
from zhibu.accounts.models import User
from zhibu.activities import actions
from zhibu.activities.drafts import Draft, KindDraft
from zhibu.activities.models import Activity
from zhibu.adoptions import actions as adoptions
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people import actions as people
from zhibu.people.models import Person

GENERAL, COMMITTEE, GROUP, CLASS, LIFE, THEME = (
    "national/branch-life:general-meeting",
    "national/branch-life:committee-meeting",
    "national/branch-life:group-meeting",
    "national/branch-life:party-class",
    "national/branch-life:organisational-life-meeting",
    "seeds/mingguang-theme-day:theme-day",
)
DAY = date(2026, 11, 6)
ITEMS = tuple(
    f"seeds/mingguang-theme-day:theme-day/{item}" for item in ("oath", "constitution", "dues")
)


def noon(day: date) -> datetime:
    """12:00 in Shanghai."""
    return datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)


def written(*kinds: str, day: date = DAY, makes_up: date | None = None, **more: object) -> Draft:
    """A draft of a sitting that nothing is wrong with, but for what ``more`` says."""
    fixed = {"theme": "学习全会精神", "place": "村部"}
    drafts = tuple(KindDraft(kind, makes_up) for kind in kinds)
    return Draft(kinds=drafts, starts_at=noon(day), **(fixed | more))


@dataclass
class Branch:
    """前村党支部 with eight full members, one on probation and one activist.

    The first three sit in the committee; the first two are in the first group, the next
    two in the second.
    """

    tree: Tree
    village: Organization
    full: list[Person]
    probationary: Person
    activist: Person
    group: PartyGroup
    second_group: PartyGroup
    users: dict[str, User | None] = field(default_factory=dict)

    @property
    def secretary(self) -> User:
        user = self.users["secretary"]
        assert user is not None
        return user

    def record(self, draft: Draft | None = None, **more: object) -> Activity:
        options = {"by": self.secretary, "at": NOON, **more}
        return actions.record(self.village, draft or written(GENERAL), **options).activity

    def plan(self, draft: Draft | None = None, **more: object) -> Activity:
        options = {"by": self.secretary, "at": NOON, **more}
        return actions.plan(self.village, draft or written(GENERAL), **options)


@pytest.fixture
def branch(tree, cast, clock):
    return remembered.situation("branch at work", lambda: build(tree, cast), reread)


def build(tree: Tree, cast: dict[str, User]) -> Branch:
    by, village = tree.system, tree.village
    for pack, organization in (
        ("national/branch-life", tree.county),
        ("seeds/mingguang-theme-day", tree.east),
    ):
        adoptions.adopt(
            pack=pack, organization=organization, since=date(2026, 1, 1), by=by, at=NOON
        )
    names = ("secretary", "committee member", "member")
    full = [Person.objects.get(pk=cast[name].person_id) for name in names]
    full += [factories.member(village, by=by, name=f"党员{n}") for n in range(5)]
    probationary = factories.member(village, by=by, name="周小满", state="probationary")
    activist = factories.member(village, by=by, name="积极分子", state="activist")
    groups = [
        organizations.form_group(village, name=name, since=SINCE, by=by, at=NOON)
        for name in ("第一小组", "第二小组")
    ]
    for number, person in enumerate(full[:4]):
        people.join_group(person, group=groups[number // 2], since=SINCE, by=by, at=NOON)
    for person in full[:3]:
        hold(person, village, "branch-member", "委员", "member", by=by, in_committee=True)
    leaders = {}
    for who, group, person in (
        ("group leader", groups[0], full[6]),
        ("other group's leader", groups[1], full[7]),
    ):
        hold(person, village, "group-leader", "组长", "group-leader", by=by, group=group)
        leaders[who] = factories.account(person)
    return Branch(tree, village, full, probationary, activist, *groups, {**cast, **leaders})


def hold(person, organization, kind, title, role, *, by, **more):
    post = organizations.make_post(
        organization, kind=kind, title=title, role=role, since=SINCE, by=by, at=NOON, **more
    )
    people.hold_post(person, post=post, since=SINCE, by=by, at=NOON)


def reread(branch: Branch) -> Branch:
    """The same branch as the database has it now."""
    tree = factories.reread(branch.tree)
    known = Person.objects.in_bulk()
    return Branch(
        tree,
        tree.village,
        [known[person.pk] for person in branch.full],
        known[branch.probationary.pk],
        known[branch.activist.pk],
        PartyGroup.objects.get(pk=branch.group.pk),
        PartyGroup.objects.get(pk=branch.second_group.pk),
        factories.reread_cast(branch.users),
    )
