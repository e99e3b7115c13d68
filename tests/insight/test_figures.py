"""A figure has a numerator, a denominator and a day, and opens to the rows behind it."""

import re
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest

from tests import scenes
from tests.conftest import NOON, TODAY
from zhibu.activities import actions as activities
from zhibu.duties import actions as duties
from zhibu.duties.models import Obligation
from zhibu.insight import queries
from zhibu.organizations import actions as organizations

pytestmark = pytest.mark.django_db
WINDOWS = ("month", "quarter")
FIGURE = re.compile(r"已办 (\d+) / 应办 (\d+)")


@pytest.fixture
def mixed(life):
    """Beside what the scene has: one held late and one entered late, one school."""
    tree, by = life.tree, life.cast["secretary"]
    organizations.change(
        tree.far, field="school", place="", established_on=date(2020, 1, 1), by=tree.system, at=NOON
    )
    for month in (9, 10):
        made = scenes.draft("committee-meeting", day=date(2026, month, 8), place="村部")
        activities.record(tree.village, made, by=by, at=NOON)
    return life


def matrix(life, window="year", on=TODAY, **more):
    obligations = queries.scope(life.tree.county.path, queries.windows(on)[window], **more)
    shown = list(queries.organizations(obligations, on=on))
    return queries.matrix(obligations, shown, on)


def column_page(life, column, on=TODAY, more=""):
    return f"/insight/column/?organization={life.tree.county.pk}&column={column.id}&on={on}{more}"


@pytest.mark.parametrize("window", WINDOWS)
def test_every_figure_adds_up_to_the_rows_it_opens_to(window, mixed, page_as):
    for column in matrix(mixed, window).columns:
        page = page_as("county officer", column_page(mixed, column))
        assert FIGURE.search(page).groups() == (str(column.done), str(column.owed)), column


def test_a_figure_narrowed_to_a_field_opens_to_the_rows_of_that_field(mixed, page_as):
    page = page_as("county officer", "/overview/?field=school")

    addresses = set(re.findall(r'href="(/insight/column/[^"]*)">(\d+)/(\d+)</a>', page))
    assert addresses
    for address, done, owed in addresses:
        rows = page_as("county officer", address.replace("&amp;", "&"))
        assert FIGURE.search(rows).groups() == (done, owed)
        assert mixed.tree.far.called in rows and "前村" not in rows


def test_the_columns_add_up_to_the_whole(mixed):
    made = matrix(mixed)

    assert (made.done, made.owed) == (
        sum(column.done for column in made.columns),
        sum(column.owed for column in made.columns),
    )
    owed = Obligation.objects.begun(TODAY).owed().filter(period_until__gt=date(2026, 1, 1))
    assert made.owed == owed.count()
    assert made.done == owed.filter(done_on__lte=TODAY).count()


def test_exempt_and_not_applicable_are_in_neither_number(mixed):
    free = Obligation.objects.overdue(TODAY).filter(organization=mixed.tree.village).last()
    before = matrix(mixed)

    duties.exempt(free, reason="汛期", by=mixed.cast["township officer"], at=NOON)

    after = matrix(mixed)
    assert (after.done, after.owed) == (before.done, before.owed - 1)
    not_theirs = Obligation.objects.filter(applies=False)
    assert not_theirs.exists()
    assert all(row.state_on(TODAY) == "not_applicable" for row in not_theirs)


def test_figures_as_of_a_day_forget_what_came_later(mixed):
    day = date(2026, 11, 5)
    before = matrix(mixed, on=day)

    for row in before.rows:
        for cell in row.cells:
            if cell.shape in {"done", "late", "after"}:
                assert Obligation.objects.get(pk=cell.obligation_id).done_on <= day


def test_entered_late_is_done_and_says_so(mixed, page_as, client):
    """The meeting of 8 September was entered on 20 November, after its window closed."""
    late = Obligation.objects.filter(
        organization=mixed.tree.village, duty="committee-meeting",
        period_since=date(2026, 9, 1), entered_late=True,
    )  # fmt: skip
    row = late.get()
    assert not row.held_late

    page = page_as("county officer", f"/insight/obligations/{row.pk}/")
    assert "补记" in page and "逾期补记" not in page
    column = next(
        c for c in matrix(mixed).columns
        if (c.duty, c.since) == ("committee-meeting", date(2026, 9, 1))
    )  # fmt: skip
    assert column.done >= 1


def test_held_late_and_entered_late_are_two_words(mixed, page_as):
    row = Obligation.objects.filter(organization=mixed.tree.village, entered_late=True).first()
    for held, entered, word in (
        (False, False, "已办"), (False, True, "补记"),
        (True, False, "逾期"), (True, True, "逾期补记"),
    ):  # fmt: skip
        Obligation.objects.filter(pk=row.pk).update(held_late=held, entered_late=entered)
        page = page_as("county officer", f"/insight/obligations/{row.pk}/")
        states = re.findall(r'class="z-st[^"]*"[^>]*>(?:<svg.*?</svg>)?([^<]*)', page)
        assert any(text.strip() == word for text in states), (word, states[:5])


@pytest.mark.parametrize("more", ["", "&field=school"])
def test_excel_has_the_rows_of_the_page(more, mixed, page_as, client):
    column = next(c for c in matrix(mixed).columns if c.duty == "theme-day")
    page = page_as("county officer", column_page(mixed, column, more=more))

    content = client.get(column_page(mixed, column, more=f"{more}&export=1")).content
    lines = list(openpyxl.load_workbook(BytesIO(content)).active.iter_rows(values_only=True))

    start = next(n for n, line in enumerate(lines) if line[0] == "组织代码")
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)[1]
    assert len(lines) - start - 1 == body.count("<tr>")
    assert any(f"截至 {TODAY}" in str(line[0]) for line in lines[:start])


def test_rows_stand_by_code(mixed, page_as):
    column = next(c for c in matrix(mixed).columns if c.duty == "general-meeting")
    page = page_as("county officer", column_page(mixed, column))

    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)[1]
    named = [name.strip() for name in re.findall(r'<a href="/insight[^>]*>(.*?)</a>', body)]
    rows = Obligation.objects.filter(pack=column.pack, duty=column.duty, period_since=column.since)
    assert named == [o.organization.called for o in rows.order_by("organization__code")]


def test_what_is_no_figure_is_not_found(page_as):
    some = "national/branch-life:theme-day"
    for query in (
        "",
        "column=x",
        "organization=1",
        f"organization=x&column={some}@x",
        f"organization=999&column={some}@2026-10-01",
    ):
        for export in ("", "&export=1"):
            page_as("county officer", f"/insight/column/?{query}{export}", status=404)


def test_strangers_find_no_figure_of_another_township(mixed, page_as):
    column = matrix(mixed).columns[0]
    page_as("other township officer", column_page(mixed, column), status=404)
    row = Obligation.objects.filter(organization=mixed.tree.village).first()
    page_as("stranger secretary", f"/insight/obligations/{row.pk}/", status=404)
    assert row.period_until > row.period_since + timedelta(days=1)
