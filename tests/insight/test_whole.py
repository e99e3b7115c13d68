"""The whole tree in columns says what is stored, and where it does not, says which row.

The stories are those of ``tests/duties/machine.py``: every trigger, holder and tightening,
moves, mergers of time and place, late entries, corrections. They run on both databases.
"""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.conftest import TODAY
from tests.duties import machine, story
from zhibu.duties import actions as duties
from zhibu.duties.models import Obligation
from zhibu.insight.whole import expressions, recount, rules

STORIES = settings(
    max_examples=12,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
NEXT_YEAR = date(2027, 1, 1)


def whole(on=TODAY, until=NEXT_YEAR):
    return recount.run(on=on, until=until)


class Whole(machine.County):
    """The same county; each story ends with the evaluation of the whole tree."""

    seen: set[str] = set()

    @invariant()
    def stored_is_what_the_oracle_says_and_refreshing_changes_nothing(self):
        """Asked in ``tests/duties``."""

    def teardown(self):
        try:
            found = whole(self.today, duties.horizon(self.at))
            assert found.differences == []
            assert found.is_equal and found.evaluated == found.stored
            rows = Obligation.objects.filter(ground_on=None).exclude(holder_kind="pair")
            assert found.stored == rows.count()
            self.seen.update(rows.values_list("holder_kind", flat=True).distinct())
        finally:
            super().teardown()


def test_whatever_happens_the_whole_tree_says_what_is_stored(db, invented_packs):
    base, Whole.seen = machine.Base(), set()

    run_state_machine_as_test(lambda: Whole(base, Counter()), settings=STORIES)

    assert Whole.seen >= {"organization", "party-group", "post", "person"}


@pytest.fixture
def told(tree):
    story.tell(tree)
    return tree


def test_figures_are_those_of_the_rows(told):
    found = whole(story.LAST_DAY)

    assert found.is_equal
    for figure in found.figures:
        rows = Obligation.objects.filter(
            pack=figure.pack, duty=figure.duty, period_since=figure.period_since
        )
        assert figure.owed == rows.owed().count()
        assert figure.done == rows.done(story.LAST_DAY).count()
    assert sum(figure.done for figure in found.figures)
    begun = Obligation.objects.begun(story.LAST_DAY).values("pack", "duty", "period_since")
    assert len(found.figures) == begun.distinct().count()


def _other(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, date):
        return value + timedelta(days=1)
    return date(2026, 3, 1) if value is None else value + 1


@pytest.mark.alike
@pytest.mark.parametrize("column", [c for c in expressions.VALUES if c != "organization_id"])
@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
def test_a_row_that_says_something_else_is_named(column, is_done, told):
    rows = Obligation.objects.filter(done_on__isnull=not is_done, applies=True).order_by("pk")
    row = rows.first()
    right, wrong = getattr(row, column), _other(getattr(row, column))
    Obligation.objects.filter(pk=row.pk).update(**{column: wrong})

    found = whole(story.LAST_DAY)

    (difference,) = found.differences
    assert not found.is_equal and found.differing == 1
    assert difference.says == {column: (right, wrong)}
    assert (difference.key["holder_id"], difference.key["duty"]) == (row.holder_id, row.duty)
    assert difference.key["period_since"] == row.period_since
    assert difference.organization == row.organization_id
    assert getattr(Obligation.objects.get(pk=row.pk), column) == wrong, "mended in silence"


def test_a_row_of_another_organisation_is_named(told):
    row = Obligation.objects.filter(holder_kind="party-group").first()
    Obligation.objects.filter(pk=row.pk).update(organization=told.far)

    (difference,) = whole(story.LAST_DAY).differences

    assert difference.says == {"organization_id": (told.village.pk, told.far.pk)}


def test_a_row_that_is_missing_and_one_too_many_are_named(told):
    gone, extra = Obligation.objects.order_by("pk")[:2]
    Obligation.objects.filter(pk=gone.pk).delete()
    extra.pk, extra.duty = None, "invented"
    extra.save()

    found = {d.key["duty"]: d for d in whole(story.LAST_DAY).differences}

    assert found[gone.duty].is_missing and not found[gone.duty].is_unexpected
    assert found["invented"].is_unexpected and not found["invented"].is_missing
    assert all(not difference.says for difference in found.values())


def test_nothing_adopted_nothing_owed(tree):
    found = whole()

    assert (found.evaluated, found.stored, found.figures) == (0, 0, [])


def test_pairs_and_what_is_reckoned_from_a_day_are_left_out_and_counted(life):
    found = whole()

    personal = Obligation.objects.filter(holder_kind="pair").count()
    assert found.left_out >= personal > 0
    assert found.stored + found.left_out == Obligation.objects.count()
    assert found.is_equal


def test_rules_are_compiled_once_a_period_and_adoption(told):
    compiled = rules.compiled(NEXT_YEAR)

    keys = [(r.adoption, r.wording, r.period.since) for r in compiled.rules]
    assert len(keys) == len(set(keys)) and compiled.rules
