"""辖区总览: who may need a hand, without count or ranking; figures, filters, the day."""

import re
from datetime import date
from io import BytesIO

import openpyxl
import pytest

from tests import factories
from tests.conftest import NOON, TODAY
from zhibu.duties import actions as duties
from zhibu.duties.models import Obligation
from zhibu.insight import help as helping
from zhibu.insight import queries as insight
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization

pytestmark = pytest.mark.django_db
OVERVIEW = "/overview/"


def calls_of(page):
    found = re.search(r'<ul class="z-rows z-help">(.*?)</ul>', page, re.S)
    return re.findall(r'<a class="t"[^>]*>(.*?)</a>', found[1]) if found else []


def rows_of(page):
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)
    return re.findall(r'<tr><th scope="row"><a[^>]*>(.*?)</a>', body[1]) if body else []


def sheet(client, query):
    answer = client.get(f"{OVERVIEW}?{query}")
    rows = list(openpyxl.load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    start = next(n for n, row in enumerate(rows) if row[0] == "组织代码")
    return rows[:start], rows[start:]


def test_calls_stand_by_code_whatever_is_missing(life, page_as):
    """A branch founded later but coded first stands first, though it lacks least."""
    by = life.tree.system
    first = factories.organization(
        life.tree.east, by=by, name="后来支部", code="A0001",
        established_on=date(2026, 10, 1),
    )  # fmt: skip

    page = page_as("county officer", f"{OVERVIEW}?calls=all")
    named = calls_of(page)

    assert named[0] == first.called
    owed = Obligation.objects.overdue(TODAY)
    fewest = owed.filter(organization=first).count()
    assert 0 < fewest < owed.filter(organization=life.tree.far).count()


@pytest.mark.parametrize("most", [1, 2, 3, 5, 50])
def test_the_first_few_calls_are_the_first_of_all(most, life, monkeypatch):
    monkeypatch.setattr(helping, "FIRST_LOOKS", (1, 2))
    county = life.tree.county
    obligations = insight.scope(county.path, insight.windows(TODAY)["year"])
    branches = Organization.objects.under(county.path).branches().standing_on(TODAY).in_order()

    every = helping.calls(obligations, branches, TODAY)

    assert len(every) > 2
    assert helping.calls(obligations, branches, TODAY, most=most) == every[:most]


def test_calls_have_neither_count_nor_place(life, page_as):
    page = page_as("county officer", f"{OVERVIEW}?calls=all")
    section = re.search(r'aria-labelledby="help">(.*?)</section>', page, re.S)[1]
    said = re.sub(r"<[^>]*>|\d+月(\d+日)?|\d+季度|\d+年", "", section)

    assert calls_of(page)
    assert not re.search(r"\d+ ?[个项次件名分%]|第\d|排名第", said), said


def test_the_branch_own_word_and_a_helper_stand_with_the_call(life, page_as):
    missing = Obligation.objects.overdue(TODAY).filter(organization=life.tree.village).last()
    duties.explain(missing, text="桥断了，改到下月", by=life.cast["secretary"], at=NOON)

    page = page_as("county officer", f"{OVERVIEW}?calls=all")

    assert "支部说：" in page
    assert "可以找 东镇委员会 邵立群（组织干事）" in page


def test_calls_are_of_today_only(page_as):
    assert calls_of(page_as("county officer", f"{OVERVIEW}?calls=all"))
    assert not calls_of(page_as("county officer", f"{OVERVIEW}?on=2026-10-31&calls=all"))


def test_a_day_before_counts_what_was_held_by_then(life, page_as):
    """The theme day was held on 6 November."""
    before = page_as("county officer", f"{OVERVIEW}?on=2026-11-05")
    after = page_as("county officer", f"{OVERVIEW}?on=2026-11-06")

    figure = re.compile(r"已办 (\d+) / 应办 (\d+)")
    done_before, owed_before = map(int, figure.search(before).groups())
    done_after, owed_after = map(int, figure.search(after).groups())
    assert owed_before == owed_after
    assert done_after > done_before
    assert "截至 2026年11月5日" in before.replace(" ", " ") or "11月5日" in before


def test_a_day_to_come_is_today(page_as):
    day = re.compile(r"截至 ([^<]*)<")
    later = page_as("county officer", f"{OVERVIEW}?on=2030-01-01")
    now = page_as("county officer", OVERVIEW)

    assert day.search(later)[1] == day.search(now)[1]


def test_filters_narrow_by_field_state_and_place(life, page_as):
    by = life.tree.system
    organizations.change(
        life.tree.far, field="school", place="", established_on=date(2020, 1, 1), by=by, at=NOON
    )

    assert rows_of(page_as("county officer", f"{OVERVIEW}?field=school")) == [life.tree.far.called]
    west = page_as("county officer", f"{OVERVIEW}?organization={life.tree.west.pk}")
    assert rows_of(west) == [life.tree.far.called]
    done = rows_of(page_as("county officer", f"{OVERVIEW}?state=done"))
    assert done == ["前村"]
    assert rows_of(page_as("county officer", f"{OVERVIEW}?state=nonsense&field=x&window=y"))


@pytest.mark.parametrize("query", ["", "state=done", "field=rural", "on=2026-10-31&window=year"])
def test_excel_has_the_rows_and_the_figures_of_the_page(query, life, page_as, client):
    page = page_as("county officer", f"{OVERVIEW}?{query}")

    above, rows = sheet(client, f"{query}&export=1")

    shown = [re.sub(r"\s", "", name) for name in rows_of(page)]
    organizations_ = {o.code: o.called for o in life.tree.county._meta.model.objects.all()}
    assert [organizations_[row[0]] for row in rows[1:]] == shown
    figure = re.search(r"已办 \d+ / 应办 \d+", page)[0]
    assert any(figure in str(line[0]) for line in above)


def test_states_are_kept_apart(life, page_as, client):
    page_as("county officer", OVERVIEW)
    free = Obligation.objects.filter(is_exempt=True, period_since__gte=date(2026, 10, 1))
    owed = Obligation.objects.overdue(TODAY).filter(organization=life.tree.village)
    if not free.exists():
        duties.exempt(
            owed.filter(period_since__gte=date(2026, 10, 1)).first(), reason="汛期",
            by=life.cast["township officer"], at=NOON,
        )  # fmt: skip

    _, rows = sheet(client, f"organization={life.tree.east.pk}&export=1")
    words = {str(cell).split()[0] for row in rows[1:] for cell in row[2:] if cell}

    assert {"已办", "未办", "待办", "免"} <= words
    assert words <= {"已办", "补记", "逾期", "未办", "待办", "免", "不适用"}


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("county officer", 200),
        ("township officer", 200),
        ("secretary", 404),
        ("member", 404),
        ("security admin", 404),
        ("signed out", 302),
    ],
)
def test_only_committees_overlook(who, status, page_as):
    page_as(who, OVERVIEW, status=status)


def test_another_township_is_out_of_reach(life, page_as):
    page_as("township officer", f"{OVERVIEW}?organization={life.tree.west.pk}", status=404)
    page_as("township officer", f"{OVERVIEW}?organization={life.tree.county.pk}", status=404)
    page_as("township officer", f"{OVERVIEW}?organization={life.tree.east.pk}")
