"""Cross-tables against an independent recount, and every figure against the rows it opens to."""

import re
from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from itertools import permutations

import openpyxl
import pytest

from tests import factories, scenes
from tests.cases import promising
from tests.conftest import NOON, TODAY
from zhibu.activities.models import Activity
from zhibu.adoptions import actions as adoptions
from zhibu.duties.models import Obligation
from zhibu.insight import tables
from zhibu.insight.questions import Count
from zhibu.insight.subjects import SUBJECTS
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization
from zhibu.people import actions as people
from zhibu.people.models import Person

pytestmark = pytest.mark.django_db
FIGURE = re.compile(r"(?:已办|兑现) (\d+) / (?:应办|作出) (\d+)|一共 (\d+) ")


@pytest.fixture
def mixed(life):
    """Beside what the scene has: a school, a probationary member, somebody who moved, an
    activist of this year, and a promise that was kept."""
    tree = life.tree
    organizations.change(
        tree.far, field="school", place="", established_on=date(2020, 1, 1), by=tree.system, at=NOON
    )
    factories.member(tree.far, by=tree.system, state="probationary", sex="female")
    moved = factories.member(tree.village, by=tree.system)
    people.place(moved, organization=tree.far, since=date(2026, 9, 1), by=tree.system, at=NOON)
    factories.member(tree.far, by=tree.system, state="activist", since=date(2026, 3, 2))
    officer, checker = life.cast["county officer"], life.cast["township officer"]
    adoptions.adopt(
        pack=promising.PACK, organization=tree.county, since=date(2026, 1, 1), by=officer, at=NOON
    )
    promising.keep(promising.promised(tree.village, by=officer), by=officer, checked_by=checker)
    return life


def table(life, *asked, on=TODAY, **more):
    return tables.made(scenes.asked(life.tree.county, *asked, on=on, **more))


def cells(made):
    return {
        (line.word, head): cell.figure
        for line in made.lines
        for head, cell in zip(made.columns, line.cells, strict=True)
    }


def begun(on):
    """Obligations of the year as a reader would pick them out."""
    first = date(on.year, 1, 1)
    return [o for o in Obligation.objects.select_related("organization")
            if o.period_since <= on and o.period_until > first]  # fmt: skip


def test_duties_by_field_and_place_as_recounted(mixed):
    expected = Counter()
    for row in begun(TODAY):
        state = row.state_on(TODAY)
        if state in {"exempt", "not_applicable"}:
            continue
        below = mixed.tree.county.path
        place = Organization.objects.get(path=row.organization.path[: len(below) + 4])
        key = (row.organization.get_field_display(), place.called)
        expected[key, "owed"] += 1
        expected[key, "done"] += state == "done"

    found = cells(table(mixed, "duties", "field", "place"))

    named = {key: f for key, f in found.items() if key[1] != "合计" and f.total}
    assert {k for k, _ in expected} == set(named)
    for key, figure in named.items():
        assert (figure.count, figure.total) == (expected[key, "done"], expected[key, "owed"])


def test_states_by_duty_as_the_tag_says_them(mixed):
    words = {"done": "已办", "open": "待办", "overdue": "未办", "exempt": "免",
             "not_applicable": "不适用"}  # fmt: skip
    expected = Counter(
        "补记" if (s := row.state_on(TODAY)) == "done" and row.entered_late
        else "逾期" if s == "done" and row.held_late else words[s]
        for row in begun(TODAY)
    )  # fmt: skip

    made = table(mixed, "duty-states", "state", "duty")

    assert {line.word: line.cells[-1].figure.count for line in made.lines} == expected


@pytest.mark.parametrize("on", [TODAY, date(2026, 8, 1)], ids=str)
def test_members_by_place_and_state_as_of_a_day(on, mixed):
    expected = Counter()
    for person in Person.objects.all():
        state = next((s for s in person.states.all()
                      if s.since <= on and (not s.until or s.until > on)), None)  # fmt: skip
        home = next((b for b in person.belongings.select_related("organization")
                     if b.since <= on and (not b.until or b.until > on)), None)  # fmt: skip
        if state and home and state.state in {"full", "probationary"}:
            path = home.organization.path[: len(mixed.tree.county.path) + 4]
            place = Organization.objects.get(path=path).called
            expected[place, state.get_state_display()] += 1

    found = cells(table(mixed, "members", "place", "state", on=on))

    assert {k: f.count for k, f in found.items() if k[1] != "合计" and f.count} == expected


def test_a_moved_organisation_is_counted_where_it_stood_that_day(mixed):
    tree = mixed.tree
    before = cells(table(mixed, "organizations", "place", "kind", on=date(2026, 8, 1)))
    organizations.move(tree.far, parent=tree.east, since=date(2026, 9, 1), by=tree.system, at=NOON)

    then = cells(table(mixed, "organizations", "place", "kind", on=date(2026, 8, 1)))
    now = cells(table(mixed, "organizations", "place", "kind"))

    assert then == before
    assert then["西镇委员会", "党支部"].count == 1
    assert now["西镇委员会", "党支部"].count == 0


def test_activities_by_kind_and_month_as_recounted(mixed):
    expected = Counter(
        (kind.title, f"{activity.held_on.month}月")
        for activity in Activity.objects.took_place()
        for kind in activity.kinds.all()
    )

    found = cells(table(mixed, "activities", "what", "month"))

    assert expected
    assert {k: f.count for k, f in found.items() if k[1] != "合计" and f.count} == expected


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=lambda s: s.id)
def test_sums_make_the_whole_and_each_figure_opens_to_as_many_rows(subject, mixed, client):
    client.force_login(mixed.cast["county officer"])
    for row, column in permutations(subject.dimensions, 2):
        made = table(mixed, subject.id, row.id, column.id)
        if made.whole:
            sums = sum((line.cells[-1].figure for line in made.lines), Count())
            assert sums.count == made.whole.figure.count, (row.id, column.id)
        cell = next(c for line in made.lines for c in line.cells if c.figure.count)
        page = client.get(f"/insight/rows/?{cell.rows}").content.decode()
        groups = [int(n) for n in FIGURE.search(page).groups() if n]
        wanted = [cell.figure.count, *([] if cell.figure.total is None else [cell.figure.total])]
        assert groups == wanted, (row.id, column.id)


def test_years_side_by_side_are_the_same_day_of_each_year(mixed):
    made = table(mixed, "members", "place", "year")

    assert made.columns == ["2024", "2025", "2026"]
    assert made.whole is None
    last_year = cells(table(mixed, "members", "place", on=date(2025, 11, 20)))
    found = cells(made)
    assert {w: f.count for (w, y), f in found.items() if y == "2025"} == {
        w: f.count for (w, _), f in last_year.items()
    }


def test_who_moved_out_of_reach_is_counted_but_not_named(mixed, page_as):
    day = date(2026, 8, 1)
    address = f"/insight/rows/?organization={mixed.tree.village.pk}&subject=members&on={day}"
    moved = Person.objects.filter(belongings__since=date(2026, 9, 1)).get()

    page = page_as("secretary", address)

    assert moved.name not in page.partition("<main")[2]
    assert page.count("现在不在您的范围内") == 1


def test_a_secretary_counts_the_own_branch_alone(mixed, page_as):
    page = page_as("secretary", "/insight/?subject=members&row=state")

    own = Person.objects.belonging_to(mixed.tree.village.pk, TODAY).members_on(TODAY).count()
    assert FIGURE.search(re.sub(r"<a [^>]*>", "", page)).group(3) == str(own)


def test_fields_stand_in_their_fixed_order_and_low_is_a_fact(mixed):
    question = scenes.asked(mixed.tree.county, "duties", "field", on=TODAY)

    lines, whole = tables.fields(question.scope, "year")

    assert [line.word for line in lines] == ["农村", "学校"]
    assert sum((line.figure for line in lines), Count(0, 0)) == whole
    for line in lines:
        is_low = line.figure.share < whole.share
        assert (line.below is not None) == is_low
    rural = lines[0]
    assert rural.spread is None or rural.spread == tuple(sorted(rural.spread))


@pytest.mark.parametrize("address", ["row=nothing", "column=duty&row=duty", "on=nonsense",
                                     "window=never", "subject=moods", "organization="])  # fmt: skip
def test_what_is_wrong_falls_back(address, mixed, page_as):
    assert "统计" in page_as("county officer", f"/insight/?{address}")


def test_keys_that_are_nothing_are_404_or_empty(mixed, page_as):
    page_as("county officer", "/insight/rows/?row=month&in_row=never", 404)
    assert "一行也没有" in page_as("county officer", "/insight/rows/?row=field&in_row=never")


def test_the_sheet_says_what_the_table_says(mixed, client):
    made = table(mixed, "duties", "place", "field")
    client.force_login(mixed.cast["county officer"])

    answer = client.get(f"/insight/?{made.question.address(export='1')}")

    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0]]
    assert str(TODAY) in rows[1][0]
    for line in made.lines:
        numbers = [n for c in line.cells for n in (c.figure.count, c.figure.total)]
        assert (line.word, *numbers) in rows


def test_overview_and_table_speak_of_the_same_obligations(mixed, page_as):
    whole = table(mixed, "duties", "place").whole.figure

    assert f"已办 {whole.count} / 应办 {whole.total}" in page_as(
        "county officer", "/overview/?window=year"
    )


def test_days_ahead_fall_back_to_today(mixed, page_as):
    later = TODAY + timedelta(days=30)
    assert f"截至 {TODAY}" in page_as("county officer", f"/insight/?on={later}")
