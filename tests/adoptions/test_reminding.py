"""Who is told that a term ends, how long ahead, and how often."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.conftest import NOON
from tests.factories import SINCE
from tests.scenes import LIFE
from zhibu.adoptions import actions
from zhibu.adoptions.reminding import remind_of_terms
from zhibu.notices.models import Notice
from zhibu.organizations import actions as organizations

pytestmark = pytest.mark.django_db
ENDS = date(2027, 6, 30)


@pytest.fixture
def term(tree):
    actions.adopt(pack=LIFE, organization=tree.county, since=SINCE, by=tree.system, at=NOON)
    return organizations.begin_term(
        tree.village, since=SINCE, ends_on=ENDS, has_committee=False, by=tree.system, at=NOON
    )


def run(day):
    return remind_of_terms(datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC))


def told():
    return sorted({n.user.display_name for n in Notice.objects.select_related("user")})


def test_secretary_and_the_committee_above_are_told_six_three_and_one_months_ahead(term, cast):
    counts = []
    for day in (date(2026, 12, 29), date(2026, 12, 30), date(2027, 1, 15), date(2027, 3, 30),
                date(2027, 5, 30), ENDS):  # fmt: skip
        run(day)
        counts.append(Notice.objects.count())

    assert counts == [0, 2, 2, 4, 6, 6]
    assert told() == ["邵立群", "顾长林"]


def test_what_was_missed_is_not_made_up_for(term, cast):
    run(date(2027, 6, 20))

    notices = list(Notice.objects.all())
    assert len(notices) == 2
    assert "还有 10 天届满" in notices[0].title


def test_nobody_is_told_where_no_pack_says_so(tree, cast):
    organizations.begin_term(
        tree.village, since=SINCE, ends_on=ENDS, has_committee=False, by=tree.system, at=NOON
    )

    assert run(ENDS - timedelta(days=10)) == 0
    assert not Notice.objects.exists()


def test_nobody_is_told_twice_on_one_day(term, cast):
    run(date(2027, 1, 1))
    run(date(2027, 1, 1))

    assert Notice.objects.count() == 2
