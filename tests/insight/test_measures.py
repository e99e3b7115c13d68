"""The catalogue says of every measure what it counts, and opens to whom it counts."""

from datetime import date
from html import escape

import pytest

from tests.conftest import TODAY
from zhibu.core import measures
from zhibu.core.measures import Figure
from zhibu.people.models import Person

pytestmark = pytest.mark.django_db


def test_every_registered_measure_is_in_it_with_todays_figure(life, page_as):
    page = page_as("secretary", "/insight/measures/")

    for name in measures.names():
        found = measures.get(name)
        for text in (found.title, found.explanation, name):
            assert escape(text) in page
    own = Person.objects.belonging_to(life.tree.village.pk, TODAY).members_on(TODAY).count()
    assert f'<p class="z-fig">{own} <small>人' in page


def test_a_measure_opens_to_organisations_that_add_up(life, page_as):
    page = page_as("county officer", "/insight/measures/people.members/")

    members = Person.objects.members_on(TODAY).count()
    assert f'<p class="z-fig">{members} <small>人' in page
    assert "前村" in page and "远村党支部" in page


def test_what_a_measure_may_be_asked_for_is_offered(life, page_as):
    address = "/insight/measures/duties.done_of_owed/"
    page = page_as("county officer", address)
    keys = ["national/branch-life:general-meeting", "seeds/mingguang-theme-day:theme-day"]
    assert all(f'value="{key}"' in page for key in keys)

    assert f'value="{keys[0]}" selected' in page_as("county officer", f"{address}?of={keys[0]}")


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_small_groups_are_hidden_outside(count, shown):
    kept = measures.Measure(
        "a.b", "数", "人", "organization", "", measures.Params, lambda *a: {}, smallest_group=5
    )
    assert kept.outside(Figure(count, None, date(2026, 1, 1))).count == shown
