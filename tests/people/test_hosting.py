"""A member away from home: expected where they are a guest, counted and voting at home."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from tests import factories
from tests.activities.conftest import noon, written
from tests.conftest import NOON, TODAY
from tests.organizations.test_organization_views import ABOVE, answers, expected
from zhibu.activities import actions as activities
from zhibu.activities import queries as sittings
from zhibu.activities.queries import Attendance
from zhibu.adoptions import actions as adoptions
from zhibu.core import measures, standing
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify
from zhibu.people import actions, queries
from zhibu.people.models import Belonging, Person

pytestmark = pytest.mark.django_db

LIFE = "national/branch-life"
SINCE = date(2026, 9, 1)
DAY = date(2026, 11, 6)
PHONE = "13800000021"


@pytest.fixture
def away(cast, tree):
    """A member of the village, a guest of the far branch since September."""
    person = factories.member(
        tree.village, by=tree.system, name="杨巧云", phone=PHONE, address="前村五组"
    )
    actions.host(person, organization=tree.far, since=SINCE, by=cast["secretary"], at=NOON)
    person.refresh_from_db()
    return person


@pytest.fixture
def adopted(tree):
    adoptions.adopt(
        pack=LIFE, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
    )


def expected_at(organization, kind, day=DAY):
    kinds = {c.reference: c.kind for c in sittings.kinds_in_force(organization, day)}
    found = sittings.roll(organization, [kinds[f"{LIFE}:{kind}"]], day)
    return {one.person.name: one.is_entitled for one in found}


@pytest.mark.parametrize("kind", ["theme-day", "party-class"])
def test_sitting_without_a_vote_expects_the_guest_at_the_host_alone(kind, away, tree, adopted):
    at_host, at_home = expected_at(tree.far, kind), expected_at(tree.village, kind)

    assert at_host["杨巧云"] is False
    assert "杨巧云" not in at_home


def test_sitting_with_a_vote_expects_them_at_home_alone_where_their_vote_is(away, tree, adopted):
    assert expected_at(tree.village, "general-meeting")["杨巧云"] is True
    assert "杨巧云" not in expected_at(tree.far, "general-meeting")


def test_day_before_and_day_after_they_are_expected_at_home(away, cast, tree, adopted):
    actions.end_hosting(away, on=TODAY, by=cast["secretary"], at=NOON)

    for day in (SINCE - timedelta(days=1), TODAY):
        assert "杨巧云" in expected_at(tree.village, "theme-day", day)
        assert "杨巧云" not in expected_at(tree.far, "theme-day", day)


def test_attendance_at_the_host_counts_once_and_as_present(away, cast, tree, adopted):
    for place, who in ((tree.village, "secretary"), (tree.far, "stranger secretary")):
        draft = written(f"{LIFE}:theme-day", day=DAY, theme="学习党章")
        activities.record(place, draft, by=cast[who], at=noon(DAY + timedelta(days=1)))

    found = sittings.attendance([away.pk], date(2026, 1, 1), date(2027, 1, 1))

    assert found == {away.pk: Attendance(due=1, present=1)}
    assert verify().faults == []


def test_headcounts_take_them_at_home_alone(away, tree):
    village, far = (queries.headcount(o.path, TODAY) for o in (tree.village, tree.far))
    figures = measures.get("people.members").compute(
        [tree.village.pk, tree.far.pk], SINCE, TODAY, TODAY, measures.Params()
    )

    assert (village.members, village.guests) == (4, 0)
    assert (far.members, far.guests) == (3, 1)
    assert queries.headcount(tree.county.path, TODAY).people == Person.objects.count()
    assert [figures[o.pk].count for o in (tree.village, tree.far)] == [4, 3]


def test_host_sees_what_it_needs_and_the_page_answers_by_standing(away, cast):
    at_host = {"stranger secretary", "other township officer"}
    allowed = expected(cast, found=("secretary", "committee member", *ABOVE, *at_host))
    reveal = [reverse("people:reveal", args=[away.pk, field]) for field in ("phone", "address")]

    assert answers(cast, lambda c: c.get(reverse("people:detail", args=[away.pk]))) == allowed
    assert answers(cast, lambda c: c.get(reveal[0])) == allowed
    assert answers(cast, lambda c: c.get(reveal[1])) == allowed | dict.fromkeys(at_host, 403)


def test_host_page_leaves_out_number_and_address(away, cast, client, clock):
    client.force_login(cast["stranger secretary"])

    page = client.get(reverse("people:detail", args=[away.pk])).content.decode()

    assert "138****0021" in page
    assert "身份证号" not in page
    assert "住址" not in page
    assert "流动结束" in page


def test_registering_answers_by_standing(away, cast, clock):
    may = ("secretary", *ABOVE)
    allowed = expected(
        cast, found=may, forbidden=("committee member", "stranger secretary",
                                    "other township officer"),
    )  # fmt: skip

    assert answers(cast, lambda c: c.get(reverse("people:host", args=[away.pk]))) == allowed


def test_either_branch_may_end_it(away, cast, clock):
    both = ("secretary", *ABOVE, "stranger secretary", "other township officer")
    allowed = expected(cast, found=both, forbidden=("committee member",))

    assert answers(cast, lambda c: c.get(reverse("people:end_hosting", args=[away.pk]))) == allowed


def test_next_host_takes_the_place_of_the_one_before(away, cast, tree):
    actions.host(away, organization=tree.inner, since=TODAY, by=cast["secretary"], at=NOON)

    rows = away.belongings.filter(kind=Belonging.Kind.HOST).order_by("since")
    assert list(rows.values_list("organization", "since", "until")) == [
        (tree.far.pk, SINCE, TODAY),
        (tree.inner.pk, TODAY, None),
    ]
    assert verify().faults == []


@pytest.mark.parametrize(
    ("where", "since", "said"),
    [
        ("village", TODAY, "不用登记"),
        ("east", TODAY, "流入地要是党支部"),
        ("inner", date(2026, 8, 1), "不能从这天起"),
        ("inner", date(2019, 1, 1), "不是党员"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_trace(where, since, said, away, cast, tree):
    with pytest.raises(Refused, match=said):
        actions.host(
            away, organization=getattr(tree, where), since=since, by=cast["secretary"], at=NOON
        )

    assert away.belongings.filter(kind=Belonging.Kind.HOST).count() == 1


def test_copy_of_the_branch_follows_the_day(away, cast, tree):
    actions.end_hosting(away, on=date(2026, 11, 25), by=cast["secretary"], at=NOON)
    away.refresh_from_db()
    assert away.host_path == tree.far.path

    assert actions.keep_up(noon(date(2026, 11, 25))) == 1

    away.refresh_from_db()
    assert away.host_path == ""
    assert actions.keep_up(noon(date(2026, 11, 25))) == 0


def test_guest_stands_as_a_member_in_both_branches(away, tree):
    user = factories.account(away)

    assert {s.organization_id for s in standing.of(user, TODAY)} == {tree.village.pk, tree.far.pk}


# --- dual life of leading members


@pytest.fixture
def leader(cast, tree, adopted):
    """A member of the inner branch who is the township's secretary."""
    user = factories.holder(
        tree.inner, tree.east, "committee-officer", by=tree.system, title="党委书记", name="章慧敏"
    )
    post = Person.objects.get(pk=user.person_id).holdings.get().post
    post.kind = "committee-secretary"
    post.save(update_fields=["kind"])
    draft = written(f"{LIFE}:theme-day", day=DAY, theme="学习党章")
    activities.record(tree.inner, draft, by=cast["sibling secretary"], at=noon(DAY))
    return Person.objects.get(pk=user.person_id)


def test_leading_member_is_told_apart_where_the_pack_is_adopted(leader, tree):
    since = date(2026, 1, 1)
    assert sittings.leaders(tree.inner, TODAY, since=since) == []

    adoptions.adopt(
        pack="seeds/dual-life", organization=tree.county, since=since, by=tree.system, at=NOON
    )

    (found,) = sittings.leaders(tree.inner, TODAY, since=since)
    assert (found.person, found.posts) == (leader, ("东镇委员会党委书记",))
    assert found.attendance == Attendance(due=1, present=1)
    assert sittings.leaders(tree.village, TODAY, since=since) == []


def test_figure_opens_to_the_sittings_behind_it(leader, cast, client, clock):
    client.force_login(cast["sibling secretary"])

    response = client.get(reverse("activities:of_person", args=[leader.pk]))

    assert [row.activity.held_on for row in response.context["rows"]] == [DAY]
    assert response.context["attendance"] == Attendance(1, 1)


def test_sittings_of_somebody_answer_by_standing(away, cast, clock):
    at_host = ("stranger secretary", "other township officer")
    allowed = expected(cast, found=("secretary", "committee member", *ABOVE, *at_host))

    assert (
        answers(cast, lambda c: c.get(reverse("activities:of_person", args=[away.pk]))) == allowed
    )
