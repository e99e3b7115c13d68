"""One branch through 2026, told in the order in which things were entered.

前村党支部 stands under 东镇 until 15 July and under 西镇 from then on. The county adopts the
national pack from New Year, 东镇 the theme-day seed from 15 April, 西镇 the quarterly class
from New Year. ``test_oracle`` holds the outcome, computed by hand.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from tests import factories
from zhibu.activities import actions as activities
from zhibu.activities.drafts import Draft, KindDraft
from zhibu.adoptions import actions as adoptions
from zhibu.duties import actions as duties
from zhibu.duties.models import Obligation
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import PartyGroup, Post
from zhibu.people import actions as people

ITEMS = tuple(
    f"seeds/mingguang-theme-day:theme-day/{item}" for item in ("oath", "constitution", "dues")
)
LAST_DAY = date(2026, 12, 1)


def at(month, day):
    """Noon in Shanghai of a day of 2026."""
    return datetime(2026, month, day, 4, 0, tzinfo=UTC)


def draft(kinds, day, *, makes_up=None, **more):
    """``kinds`` without publisher and pack are the national pack's."""
    full = [kind if "/" in kind else f"national/branch-life:{kind}" for kind in kinds]
    starts_at = datetime(day.year, day.month, day.day, 8, 0, tzinfo=UTC)
    kind_drafts = tuple(KindDraft(kind, makes_up) for kind in full)
    return Draft(kinds=kind_drafts, starts_at=starts_at, theme="学习全会精神", **more)


@dataclass
class Story:
    """What the outcome is told by: the holders, and the activities by name."""

    first_group: PartyGroup
    second_group: PartyGroup
    secretary: Post
    names: dict[int, str]


def tell(tree):
    by = factories.holder(tree.inner, tree.county, "committee-officer", by=tree.system)
    old, new = (factories.member(tree.inner, by=by, name=name) for name in ("石守正", "闻新立"))
    factories.member(tree.village, by=by)
    names = {}

    def adopt(pack, organization, since, when):
        adoptions.adopt(pack=pack, organization=organization, since=since, by=by, at=when)

    def record(name, kinds, day, entered, *, group=None, **more):
        written = draft(kinds, day, **more)
        saved = activities.record(tree.village, written, group=group, by=by, at=entered)
        names[saved.activity.pk] = name
        return saved.activity

    adopt("national/branch-life", tree.county, date(2026, 1, 1), at(1, 5))
    adopt("local/quarterly-class", tree.west, date(2026, 1, 1), at(1, 5))
    post = organizations.make_post(
        tree.east, kind="committee-secretary", title="书记", role="committee-officer",
        since=date(2026, 1, 1), by=by, at=at(1, 5),
    )  # fmt: skip
    held = people.hold_post(old, post=post, since=date(2026, 1, 1), by=by, at=at(1, 5))

    record("theme Jan", ["theme-day"], date(2026, 1, 20), at(1, 20))
    organizations.begin_term(
        tree.village, since=date(2026, 2, 15), ends_on=None, has_committee=True, by=by, at=at(2, 15)
    )
    record("committee Feb", ["committee-meeting"], date(2026, 2, 20), at(2, 20))
    record("for Feb", ["theme-day"], date(2026, 3, 3), at(3, 3), makes_up=date(2026, 2, 1))
    first, second = (
        organizations.form_group(tree.village, name=name, since=since, by=by, at=at(3, 10))
        for name, since in (("第一小组", date(2026, 3, 10)), ("第二小组", date(2026, 4, 1)))
    )
    record("all in one", ["theme-day", "general-meeting", "committee-meeting", "party-class"],
           date(2026, 3, 25), at(4, 2), speaker_id=old.pk)  # fmt: skip
    record("group Apr", ["group-meeting"], date(2026, 4, 10), at(4, 10), group=first)
    adopt("seeds/mingguang-theme-day", tree.east, date(2026, 4, 15), at(4, 15))
    record("theme Apr", ["theme-day"], date(2026, 4, 30), at(4, 30))
    seed = ["seeds/mingguang-theme-day:theme-day"]
    record("theme May", seed, date(2026, 5, 6), at(5, 6), items=ITEMS)
    people.end_holding(held, on=date(2026, 6, 1), by=by, at=at(6, 1))
    people.hold_post(new, post=post, since=date(2026, 6, 1), by=by, at=at(6, 1))
    record("theme Jun", [*seed, "party-class"], date(2026, 6, 12), at(6, 12), items=ITEMS,
           speaker_id=old.pk)  # fmt: skip
    theme = record("Jul", seed, date(2026, 7, 2), at(7, 5), items=ITEMS[:2])
    lacking = record("Jul again", seed, date(2026, 7, 9), at(7, 9), items=ITEMS[:1])
    activities.correct(
        theme, draft(seed, date(2026, 7, 2), items=ITEMS), reason="漏勾党费", by=by, at=at(8, 20)
    )
    activities.confirm(
        lacking, by=factories.holder(tree.inner, tree.county, "committee-officer", by=by),
        at=at(8, 20),
    )  # fmt: skip
    organizations.move(tree.village, parent=tree.west, since=date(2026, 7, 15), by=by, at=at(8, 20))
    in_august = Obligation.objects.filter(organization=tree.village, period_since=date(2026, 8, 1))
    flood = in_august.get(duty="theme-day")
    duties.exempt(flood, reason="防汛", by=by, at=at(8, 25))
    never = record("never held", ["theme-day"], date(2026, 9, 4), at(9, 4))
    activities.void(never, reason="没有开过", by=by, at=at(9, 8))
    record("class Sep", ["party-class"], date(2026, 9, 9), at(9, 9), speaker_id=new.pk)
    organizations.close_group(first, on=date(2026, 9, 16), by=by, at=at(9, 16))
    wrong = record("moved to Oct", ["general-meeting"], date(2026, 9, 30), at(10, 1))
    activities.correct(
        wrong, draft(["general-meeting"], date(2026, 10, 1)), reason="记错日子", by=by, at=at(10, 9)
    )
    record("class in a group", ["party-class"], date(2026, 10, 15), at(10, 15), group=second)
    record("class Oct", ["party-class"], date(2026, 10, 20), at(10, 20))
    duties.extend(at(12, 1))
    return Story(first, second, post, names)
