"""A frozen report is the same whenever it is opened, and the ledger vouches for it."""

from datetime import date, timedelta
from hashlib import sha256

import pytest

from tests import factories, scenes
from tests.conftest import NOON, TODAY
from zhibu.core.verdicts import Refused
from zhibu.insight import actions
from zhibu.insight.models import Report, ReportRow
from zhibu.ledger import actions as ledger
from zhibu.ledger import verify
from zhibu.ledger.models import Entry
from zhibu.organizations import actions as organizations

pytestmark = pytest.mark.django_db


def main(page):
    return page[page.index("<main") : page.index("<footer")]


def frozen(life, *asked, who="township officer", **more):
    question = scenes.asked(life.tree.east, *(asked or ("members", "place", "state")), on=TODAY)
    return actions.freeze(question, title="季报", by=life.cast[who], at=NOON, **more)


def test_page_and_workbook_stay_to_the_byte_whatever_changes(life, client, page_as):
    report = frozen(life)
    page = main(page_as("township officer", report.get_absolute_url()))
    workbook = client.get(f"{report.get_absolute_url()}?export=1").content

    factories.member(life.tree.village, by=life.tree.system)
    organizations.rename(
        life.tree.village, name="新名党支部", since=date(2026, 11, 1), by=life.tree.system, at=NOON
    )

    assert main(page_as("township officer", report.get_absolute_url())) == page
    assert client.get(f"{report.get_absolute_url()}?export=1").content == workbook
    again = frozen(life)
    assert bytes(again.workbook) != workbook


def test_the_same_table_frozen_at_the_same_moment_is_the_same_workbook(life):
    assert frozen(life).workbook_digest == frozen(life).workbook_digest


def test_rows_are_the_table_and_its_sums(life):
    report = frozen(life)

    rows = list(report.rows.order_by("number"))
    *parts, last = rows
    assert last.is_sum and last.heading == "合计"
    sums = [sum(row.cells[i][0] for row in parts) for i in range(len(last.cells))]
    assert sums == [count for count, _ in last.cells]
    assert len(report.headings) == len(last.cells) + 1
    assert (report.true_on, report.known_on) == (TODAY, TODAY)


def test_the_ledger_names_a_report_that_was_altered(life):
    report = frozen(life)
    assert Entry.objects.latest("pk").kind == "insight:report:frozen"
    ledger.seal(NOON)
    assert verify.verify().ok

    ReportRow.objects.filter(report=report, number=1).update(cells=[[999, None]])

    assert not verify.verify().ok


def test_a_workbook_that_was_exchanged_says_so_on_the_page(life, page_as):
    report = frozen(life)
    address = report.get_absolute_url()
    assert "和存着的文件对得上" in page_as("township officer", address)
    assert sha256(bytes(report.workbook)).hexdigest() in page_as("township officer", address)

    Report.objects.filter(pk=report.pk).update(workbook=b"other")

    assert "和存着的文件对不上" in page_as("township officer", address)


@pytest.mark.parametrize("who", ["secretary", "member", "other township officer", "audit admin"])
def test_who_may_not_freeze_is_refused(who, life):
    with pytest.raises(Refused, match="冻结由上级党委办"):
        frozen(life, who=who)


def test_a_day_to_come_is_refused(life):
    question = scenes.asked(life.tree.east, "members", "place", on=TODAY + timedelta(days=1))
    with pytest.raises(Refused, match="以后的日子"):
        actions.freeze(question, title="季报", by=life.cast["township officer"], at=NOON)


def test_freezing_through_the_page(life, client):
    client.force_login(life.cast["township officer"])
    address = f"/insight/reports/freeze/?organization={life.tree.east.pk}&subject=activities"

    nameless = client.post(address, {"title": " "})
    assert nameless.status_code == 200
    answer = client.post(address, {"title": "活动季报"})

    made = Report.objects.get(title="活动季报")
    assert answer["Location"] == made.get_absolute_url()
    assert made.question.startswith("subject=activities")
