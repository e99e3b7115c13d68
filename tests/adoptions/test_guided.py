"""The second line: what is adopted for the organisations one guides, and below them."""

from contextlib import nullcontext
from datetime import date

import pytest

from tests import factories
from tests.conftest import NOON, TODAY
from tests.factories import SINCE
from tests.scenes import LIFE
from zhibu.adoptions import actions, queries
from zhibu.adoptions.models import Adoption
from zhibu.cli import adopting
from zhibu.core.verdicts import Refused
from zhibu.duties.models import Obligation
from zhibu.organizations import guiding, succeeding

pytestmark = pytest.mark.django_db
CLASS = "local/quarterly-class"


@pytest.fixture
def office(tree):
    """A department of the county that guides the eastern township since March."""
    made = factories.organization(tree.county, by=tree.system, name="县委宣传部", kind="department")
    guiding.guide(tree.east, guide=made, since=date(2026, 3, 1), by=tree.system, at=NOON)
    return made


def adopt(organization, *, pack=LIFE, reach="guided", since=date(2026, 1, 1), by):
    return actions.adopt(
        pack=pack, organization=organization, reach=reach, since=since, by=by, at=NOON
    )


def held(organization, day=TODAY):
    return [(one.pack.id, one.adoption.reach) for one in queries.in_force(organization, day)]


def test_guided_reach_covers_the_guided_and_what_lies_below(tree, office):
    adopt(office, since=date(2026, 3, 1), by=tree.system)

    assert held(tree.east) == held(tree.village) == held(tree.inner) == [(LIFE, "guided")]
    assert held(tree.far) == held(tree.county) == held(office) == []


def test_guided_reach_holds_only_while_it_is_guided(tree, office):
    adopt(office, since=date(2026, 3, 1), by=tree.system)
    guidance = tree.east.guidances.get()
    guiding.end_guidance(guidance, on=date(2026, 10, 1), by=tree.system, at=NOON)

    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 9, 30), date(2026, 10, 1)]
    assert [bool(held(tree.village, day)) for day in days] == [False, True, True, False]
    owed = Obligation.objects.filter(organization=tree.village, duty="committee-meeting")
    first = [str(row.period_since) for row in owed.order_by("period_since")]
    assert first[0] == "2026-03-01"
    assert first[-1] == "2026-09-01"


def test_line_of_the_tree_wins_a_clash(tree, office):
    adopt(office, since=date(2026, 3, 1), by=tree.system)
    adopt(tree.county, reach="subtree", since=date(2026, 6, 1), by=tree.system)

    assert held(tree.village) == [(LIFE, "subtree")]
    assert held(tree.village, date(2026, 5, 1)) == [(LIFE, "guided")]


def test_both_lines_are_owed_once(tree, office):
    adopt(tree.county, reach="subtree", by=tree.system)
    before = Obligation.objects.filter(organization=tree.village).count()

    adopt(office, since=date(2026, 3, 1), by=tree.system)

    assert Obligation.objects.filter(organization=tree.village).count() == before


def test_guide_of_nobody_cannot_adopt_for_the_guided(tree):
    with pytest.raises(Refused, match="没有指导任何组织"):
        adopt(tree.west, by=tree.system)


def test_guided_adoption_needs_what_its_pack_needs_at_every_guided_one(tree, office):
    with pytest.raises(Refused, match="所指导的组织要先采用"):
        adopt(office, pack=CLASS, since=date(2026, 3, 1), by=tree.system)
    adopt(tree.county, reach="subtree", by=tree.system)

    adopt(office, pack=CLASS, since=date(2026, 4, 1), by=tree.system)

    assert held(tree.village) == [(LIFE, "subtree"), (CLASS, "guided")]


def test_guided_one_sees_the_adoption_that_holds_for_it(tree, office, cast):
    made = adopt(office, since=date(2026, 3, 1), by=tree.system)

    seen = [
        Adoption.objects.visible_to(cast[who]).filter(pk=made.pk).exists()
        for who in ("secretary", "township officer", "stranger secretary")
    ]
    assert seen == [True, True, False]


def test_in_force_page_says_by_which_line(tree, office, cast, client, clock):
    adopt(office, since=date(2026, 3, 1), by=tree.system)
    client.force_login(cast["secretary"])

    page = client.get(f"/rules/?organization={tree.village.pk}").content.decode()

    assert "业务指导" in page
    assert "县委宣传部" in page


def test_guidance_by_one_above_is_refused(tree):
    with pytest.raises(Refused, match="归它领导"):
        guiding.guide(tree.village, guide=tree.east, since=SINCE, by=tree.system, at=NOON)


def test_guidance_goes_along_with_a_merger(tree, office):
    other = factories.organization(tree.county, by=tree.system, name="南镇委员会", kind="committee")
    succeeding.merge(
        [tree.east], into=succeeding.Into(existing=other), on=date(2026, 10, 1), by=tree.system,
        at=NOON,
    )  # fmt: skip

    assert other.guidances.get(until=None).guide == office


def test_command_adopts_for_the_guided(tree, office, monkeypatch):
    monkeypatch.setattr(adopting, "acting", lambda *_: nullcontext(tree.system))

    code = adopting.adopt(
        pack=LIFE, organization=office.code, since=date(2026, 3, 1), fields=(), paper="",
        guided=True, as_user="",
    )  # fmt: skip

    assert code == 0
    assert held(tree.village) == [(LIFE, "guided")]
