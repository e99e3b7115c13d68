"""The pool by stage beside last year, with the figures of the county that the practice names."""

from datetime import date, timedelta

import pytest

from tests import factories
from tests.conftest import NOON, TODAY
from zhibu.core.verdicts import Refused
from zhibu.insight import actions, pool
from zhibu.insight.models import AdmissionPlan
from zhibu.insight.queries import windows
from zhibu.insight.scopes import scope_of
from zhibu.ledger.models import Entry
from zhibu.people.models import Belonging, MembershipState, Person, State

pytestmark = pytest.mark.django_db
LAST_YEAR = date(TODAY.year - 1, TODAY.month, TODAY.day)


def many(branch, count, *states):
    """So many people at home in ``branch`` since 2020, each through ``states``: (state, since)."""
    people = Person.objects.bulk_create(
        Person(name=f"人{n}", home=branch, path=branch.path, registered_at=NOON)
        for n in range(count)
    )
    Belonging.objects.bulk_create(
        Belonging(person=one, organization=branch, since=date(2020, 1, 1)) for one in people
    )
    ends = [*(since for _, since in states[1:]), None]
    MembershipState.objects.bulk_create(
        MembershipState(person=one, state=state, since=since, until=until)
        for one in people
        for (state, since), until in zip(states, ends, strict=True)
    )
    return people


@pytest.fixture
def county(tree):
    """S000-26: 210 activists where there were 200, 186 admitted in the year."""
    early, late = date(2025, 1, 6), date(2026, 2, 2)
    many(tree.village, 186, (State.ACTIVIST, early), (State.DEVELOPMENT_OBJECT, date(2026, 1, 5)),
         (State.PROBATIONARY, late))  # fmt: skip
    many(tree.village, 14, (State.ACTIVIST, early))
    many(tree.village, 196, (State.ACTIVIST, date(2025, 12, 1)))
    return scope_of(tree.county, windows(TODAY)["year"])


def line(lines, title):
    return next(one for one in lines if one.title == title)


def test_activists_and_admissions_are_those_of_the_county(county):
    found = pool.pool(county)

    activists = line(found.there, "入党积极分子")
    assert (activists.count, activists.before, activists.change) == (210, 200, "+10（+5.0%）")
    assert found.admitted == line(found.steps, "接收为预备党员").count == 186
    assert line(found.steps, "递交入党申请").change == "一样"


def test_each_figure_opens_to_as_many_rows(county, page_as):
    activists = line(pool.pool(county).there, "入党积极分子")

    assert "210" in page_as("county officer", f"/insight/rows/?{activists.rows}")
    assert "200" in page_as("county officer", f"/insight/rows/?{activists.rows_before}")


def test_nowhere_is_a_share_of_those_who_applied(county, page_as):
    page = page_as("county officer", "/insight/pool/")

    assert "不是同一批人，不能相除" in page
    assert "转化" not in page


def test_applications_and_admissions_of_a_campaign_are_counted_apart(tree):
    """S003-27: 850 applied and 956 were admitted; most of those had applied before."""
    many(tree.village, 850, (State.APPLICANT, date(2026, 3, 2)))
    many(tree.village, 956, (State.DEVELOPMENT_OBJECT, date(2025, 6, 2)),
         (State.PROBATIONARY, date(2026, 5, 6)))  # fmt: skip

    found = pool.pool(scope_of(tree.county, windows(TODAY)["year"]))

    assert line(found.steps, "递交入党申请").count == 850
    assert found.admitted == line(found.steps, "接收为预备党员").count == 956


def test_whoever_is_registered_as_a_full_member_took_no_step(tree):
    factories.member(tree.village, by=tree.system, since=TODAY - timedelta(days=9))
    many(tree.village, 1, (State.PROBATIONARY, LAST_YEAR), (State.FULL, TODAY - timedelta(days=3)))

    found = pool.pool(scope_of(tree.county, windows(TODAY)["year"]))

    assert line(found.steps, "转为正式党员").count == 1


def test_a_step_counts_where_the_person_was_at_home_that_day(tree):
    [person] = many(tree.village, 1, (State.ACTIVIST, date(2026, 3, 2)))
    Belonging.objects.filter(person=person).update(until=date(2026, 6, 1))
    Belonging.objects.create(person=person, organization=tree.far, since=date(2026, 6, 1))

    def counted(top):
        return line(pool.pool(scope_of(top, windows(TODAY)["year"])).steps, "确定为积极分子").count

    assert (counted(tree.village), counted(tree.far)) == (1, 0)


def test_plan_is_set_from_above_and_changed_in_place(tree, cast, page_as):
    for planned in (3, 5):
        actions.plan_admissions(
            tree.village, year=2026, planned=planned, by=cast["township officer"], at=NOON
        )

    assert AdmissionPlan.objects.get(organization=tree.village).planned == 5
    assert (
        Entry.objects.filter(kind="insight:plan:set", organization_id=tree.village.pk).count() == 2
    )
    page = page_as("secretary", f"/insight/pool/?organization={tree.village.pk}")
    assert "计划接收 5 人，今年已经接收 0 人" in page
    with pytest.raises(Refused, match="的计划由"):
        actions.plan_admissions(tree.village, year=2026, planned=9, by=cast["secretary"], at=NOON)
