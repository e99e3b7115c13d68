"""存证: an organisation's lines, latest first, sealed or not yet, without personal text."""

import re

import pytest

from tests.conftest import NOON
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry, Head

pytestmark = pytest.mark.django_db
LEDGER = "/ledger/"


def lines_of(page):
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)
    return re.findall(r"<tr>(.*?)</tr>", body[1], re.S) if body else []


def test_a_branch_sees_its_own_lines_latest_first(life, page_as):
    page = page_as("secretary", LEDGER)

    own = Entry.objects.filter(organization_id=life.tree.village.pk)
    assert len(lines_of(page)) == min(own.count(), 50) > 0
    latest = own.order_by("-pk")[0]
    assert Entry.objects.filter(organization_id=life.tree.far.pk).exists()
    assert life.tree.far.called not in page
    assert str(latest.at.year) in lines_of(page)[0] or "11月20日" in lines_of(page)[0]


def test_a_committee_looks_below_only_when_asked(life, page_as):
    own = page_as("township officer", LEDGER)
    below = page_as("township officer", f"{LEDGER}?below=1")

    assert "前村" not in "".join(lines_of(own))
    assert "前村" in "".join(lines_of(below))
    assert life.tree.far.called not in "".join(lines_of(below))


def test_lines_say_whether_they_are_sealed(life, page_as):
    assert "还没有封存" in page_as("secretary", LEDGER)

    ledger.seal(NOON)
    page = page_as("secretary", LEDGER)

    assert f"共 {Head.objects.order_by('-number')[0].size} 行" in page
    assert all(re.search(r"第 \d+ 行", line) for line in lines_of(page))


def test_no_line_tells_what_was_sealed_of_a_person(life, page_as):
    page = page_as("audit admin", LEDGER)

    for secret in (life.person.name, "99010119600101001X", "13900000000", "通知开会"):
        assert secret not in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary", 200),
        ("township officer", 200),
        ("audit admin", 200),
        ("system admin", 404),
        ("stranger member", 404),
        ("signed out", 302),
    ],
)
def test_who_reads_the_ledger(who, status, page_as):
    page_as(who, LEDGER, status=status)


def test_another_branch_is_out_of_reach(life, page_as):
    page_as("secretary", f"{LEDGER}?organization={life.tree.far.pk}", status=404)
    page_as("secretary", f"{LEDGER}?organization={life.tree.village.pk}")
