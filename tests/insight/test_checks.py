"""Checks name the very row that breaks a total, and nothing where all is well."""

from datetime import date

import pytest

from tests import factories, scenes
from tests.conftest import TODAY
from zhibu.activities.models import Activity, KindOf
from zhibu.duties.models import Obligation
from zhibu.insight import checks
from zhibu.organizations.models import Organization, Placement
from zhibu.people.models import Belonging

pytestmark = pytest.mark.django_db


def found(life, top=None):
    question = scenes.asked(top or life.tree.county, "members", "place", on=TODAY)
    return {check.id: check for check in checks.run(question.scope)}


def test_all_is_well_in_the_scene(life):
    assert [c.id for c in found(life).values() if not c.is_sound] == []
    assert all(check.whole for check in found(life).values())


def _no_home(life):
    person = factories.member(life.tree.village, by=life.tree.system)
    Belonging.objects.filter(person=person).delete()
    return "members", person.pk


def _wrong_class(life):
    Organization.objects.filter(pk=life.tree.far.pk).update(organization_class="unit")
    return "organizations", life.tree.far.pk


def _wrong_place(life):
    Placement.objects.filter(organization=life.tree.far).update(path=life.tree.east.path + "ZZZZ")
    return "places", life.tree.far.pk


def _wrong_count(life):
    row = Obligation.objects.filter(
        done=0, period_since__lte=TODAY, period_until__gt=date(2026, 1, 1)
    ).first()
    Obligation.objects.filter(pk=row.pk).update(done_on=date(2026, 3, 1))
    return "obligations", row.pk


def _no_kind(life):
    activity = Activity.objects.took_place().first()
    KindOf.objects.filter(activity=activity).delete()
    return "activities", activity.pk


@pytest.mark.parametrize(
    "spoil",
    [_no_home, _wrong_class, _wrong_place, _wrong_count, _no_kind],
    ids=lambda f: f.__name__,
)
def test_the_row_that_breaks_a_total_is_named(spoil, life, page_as):
    check, pk = spoil(life)

    broken = found(life)
    assert not broken[check].is_sound
    assert pk in {row.pk for row in broken[check].broken}
    assert broken[check].whole - broken[check].parts == len(broken[check].broken)
    page = page_as("county officer", "/insight/checks/")
    assert "对不上" in page and broken[check].broken[0].what in page
