"""Whoever writes a row hears once that it runs out soon, from the day the pack says."""

from datetime import date, datetime, time

import pytest

from tests import factories
from tests.conftest import NOON
from tests.registers import books
from zhibu.core.fields import Named
from zhibu.notices.models import Notice
from zhibu.packs import library
from zhibu.registers import actions, telling
from zhibu.registers.drafts import Draft
from zhibu.registers.models import Row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
END = date(2027, 1, 1)
FIRST = date(2026, 12, 2)  # thirty days before


def noon(day):
    return datetime.combine(day, time(12), NOON.tzinfo)


@pytest.fixture
def row(world, cast, tree):
    person = factories.member(tree.village, by=tree.system, name="单文秀")
    return books.open_row(
        tree.village, by=cast["secretary"], who=Named(person.pk, person.name), job="clerk",
        until=END,
    )  # fmt: skip


def told():
    rows = Notice.objects.filter(key__startswith="runs-out:")
    return sorted(rows.values_list("user", flat=True))


@pytest.mark.parametrize(
    ("day", "is_told"),
    [(date(2026, 12, 1), False), (FIRST, True), (date(2026, 12, 31), True), (END, False)],
)
def test_told_from_the_first_day_of_the_pack_s_to_the_last_of_the_row(row, cast, day, is_told):
    assert telling.tell_of_ends(noon(day)) == is_told
    assert told() == ([cast["secretary"].pk] if is_told else [])


def test_told_once_and_anew_where_the_end_was_put_off(row, cast):
    assert telling.tell_of_ends(noon(FIRST)) == 1
    assert telling.tell_of_ends(noon(FIRST)) == 0
    Notice.objects.all().delete()
    assert telling.tell_of_ends(noon(date(2026, 12, 20))) == 0

    mended = Row.objects.get(pk=row.pk)
    actions.correct_row(
        mended,
        Draft(since=mended.since, until=date(2027, 3, 1),
              values={"who": Named(mended.values["who"]["id"], "单文秀"), "job": "clerk"}),
        reason="续了", by=cast["secretary"], at=NOON,
    )  # fmt: skip
    assert telling.tell_of_ends(noon(date(2027, 1, 29))) == 0
    assert telling.tell_of_ends(noon(date(2027, 1, 30))) == 1


def test_what_was_ended_or_voided_runs_out_in_peace(row, cast):
    actions.close_row(
        row, until=date(2026, 12, 20), reason="走了", ended_as="left", by=cast["secretary"], at=NOON
    )

    assert telling.tell_of_ends(noon(FIRST)) == 0


def test_where_the_level_above_writes_it_is_told(world, cast, tree):
    text = books.HELPERS_TEXT.replace(
        'readers = "members"', 'readers = "members"\nwriter = { who = "above" }'
    )
    with library.trying(books.pack(helpers=text)):
        person = factories.member(tree.village, by=tree.system, name="单文秀")
        books.open_row(
            tree.village, by=cast["township officer"], who=Named(person.pk, person.name),
            job="clerk", until=END,
        )  # fmt: skip
        telling.tell_of_ends(noon(FIRST))

    assert told() == [cast["township officer"].pk]


def test_a_notice_leads_to_the_row_and_names_the_day(row):
    telling.tell_of_ends(noon(FIRST))

    notice = Notice.objects.get(key__startswith="runs-out:")
    assert (notice.title, notice.url) == ("快到期：单文秀", row.get_absolute_url())
    assert "到 2027-01-01（不含）" in notice.body


def test_posts_that_alone_write_are_told_alone(world, cast, tree):
    text = books.HELPERS_TEXT.replace(
        'readers = "members"', 'readers = "members"\nwriter = { posts = ["branch-deputy"] }'
    )
    person = factories.member(tree.village, by=tree.system, name="单文秀")
    books.open_row(
        tree.village, by=cast["secretary"], who=Named(person.pk, person.name), job="clerk",
        until=END,
    )  # fmt: skip
    with library.trying(books.pack(helpers=text)):
        assert telling.tell_of_ends(noon(FIRST)) == 1

    assert told() == []
