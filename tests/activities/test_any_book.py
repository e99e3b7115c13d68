"""Any book: whole, or every refused row named; and taken back it was never there."""

from datetime import date

import pytest
from django.apps import apps
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.activities.books import HEADINGS, bring_in, look_at
from tests.conftest import TODAY
from tests.duties.oracle import differences
from tests.imports import bringing
from tests.imports.bringing import clock
from zhibu.activities.models import Activity, Participation
from zhibu.core import pacing
from zhibu.imports import actions as imports
from zhibu.ledger.verify import verify

pytestmark = pytest.mark.django_db
KEEPS = ("ledger_", "imports_batch", "django_session", "sqlite_")
DAYS = [
    "2026-02-03", "2026/2/3", "2026年2月3日14:30", "2026年2月3日下午三点", 46056, 46056.625,
    date(2026, 2, 3), "二〇二六年五月六日", "2021.7.1", "2019-12-31", "2027-01-01", "2026-02-30",
    "", "某天", "2026.5", "2026",
]  # fmt: skip
KINDS = ["党员大会", "支委会", "小组会", "主题党日、党课", "讲党课", "聚餐", "", "党员大会；谈心"]
PLACES = ["前村党支部", "前村支部", "机关第一党支部", "远村党支部", "天上党支部", ""]
NAMES = [
    "顾长林",
    "倪秀兰",
    "党员1",
    "没有此人",
    "顾长林、倪秀兰",
    "党员2（病假）",
    "王 红",
    "无",
    "3",
]
NUMBERS = ["", 9, "8人", 0, "大家", 99999, "-1", 7.5, 3]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(pacing, "PAUSE_SECONDS", 0)


@st.composite
def rows(draw):
    """One row of a book, careless in every way that comes to mind."""
    chosen = {
        "组织名称": draw(st.sampled_from(PLACES)),
        "党小组": draw(st.sampled_from(["", "", "第一小组", "第九小组"])),
        "开会日期": draw(st.sampled_from(DAYS)),
        "活动类别": draw(st.sampled_from(KINDS)),
        "主题": draw(st.sampled_from(["", "学习", "长" * 150])),
        "内容": draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
        "决定": draw(st.sampled_from(["", "1、修渠；2、修路", "同意\n再议", "长" * 600])),
        "主持人": draw(st.sampled_from(NAMES)),
        "记录人": draw(st.sampled_from(NAMES)),
        "应到人数": draw(st.sampled_from(NUMBERS)),
        "实到人数": draw(st.sampled_from(NUMBERS)),
        "缺席人数": draw(st.sampled_from(NUMBERS)),
        "缺席的人": draw(st.sampled_from(NAMES)),
    }
    return [chosen.get(heading, "") for heading in HEADINGS]


def everything():
    """Every row of every table that an import taken back must leave as it was."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if model._meta.managed and not table.startswith(KEEPS):
                columns = ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields)
                cursor.execute(f'select {columns} from "{table}"')
                found[table] = sorted(map(repr, cursor.fetchall()))
    return found


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(book=st.lists(rows(), min_size=1, max_size=6))
def test_any_book_comes_in_whole_or_says_why_not_and_goes_without_a_trace(branch, book):
    officer = branch.users["township officer"]
    with transaction.atomic():
        before = everything()
        check, preview = look_at(officer, *book)
        read = {row.number for table in check.tables for row in table.rows}
        refused = {fault.row for fault in preview.errors}
        assert refused <= read
        assert all(fault.sheet and fault.message.count("。") for fault in preview.errors)
        assert preview.clean["activities"] == len(read - refused)

        if read - refused:
            batch = bringing.apply(officer, check, preview, clean_only=bool(refused))
            assert Activity.objects.count() == len(read - refused)
            assert set(Activity.objects.values_list("is_brought_in", flat=True)) == {True}
            assert not Participation.objects.filter(is_due=True, activity__stated_due__gt=0)
            assert differences(TODAY) == []
            assert verify().faults == []
            batch.refresh_from_db()
            imports.undo(batch, by=officer, at=batch.started_at, clock=clock)

        assert everything() == before
        assert differences(TODAY) == []
        transaction.set_rollback(True)


def test_the_rows_given_back_are_those_that_did_not_come_in(branch):
    """A mended workbook of the rest brings in the rest, and nothing twice."""
    officer = branch.users["township officer"]
    good = ["前村党支部" if h == "组织名称" else "" for h in HEADINGS]
    good[HEADINGS.index("开会日期")], good[HEADINGS.index("活动类别")] = "2021-03-01", "党员大会"
    bad = [*good]
    bad[HEADINGS.index("开会日期")] = "2021-02-30"
    bring_in(officer, good, bad, clean_only=True)

    bad[HEADINGS.index("开会日期")] = "2021-02-28"
    bring_in(officer, bad)

    days = Activity.objects.order_by("held_on").values_list("held_on", flat=True)
    assert list(days) == [date(2021, 2, 28), date(2021, 3, 1)]
