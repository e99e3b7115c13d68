"""The calendar's month, and a feed that tells when and nothing else."""

from datetime import date
from io import BytesIO

import icalendar
import pytest
from openpyxl import load_workbook

from tests.conftest import NOON
from tests.duties.story import draft
from zhibu.activities import actions as activities
from zhibu.adoptions import actions as adoptions
from zhibu.desk import actions
from zhibu.desk.models import CalendarFeed


@pytest.fixture
def branch(tree, cast):
    for pack in ("national/branch-life", "national/talks"):
        adoptions.adopt(
            pack=pack,
            organization=tree.county,
            since=date(2026, 1, 1),
            by=cast["county officer"],
            at=NOON,
        )
    activities.plan(
        tree.village, draft(["theme-day"], date(2026, 12, 4)), by=cast["secretary"], at=NOON
    )
    return tree.village


def test_a_month_of_the_branch_and_of_oneself(branch, cast, client, clock):
    client.force_login(cast["secretary"])

    whole = client.get(f"/calendar/?month=2026-12&organization={branch.pk}").content.decode()
    own = client.get("/calendar/?month=2026-12").content.decode()

    assert "党员大会" in whole and "党员互谈" in whole and "已办 0 / " in whole
    assert "党员互谈" in own and "党员大会" not in own
    assert "12月4日" in whole and "12月4日" in own


@pytest.mark.parametrize(
    ("who", "status"),
    [("secretary", 200), ("township officer", 200), ("stranger secretary", 404)],
)
def test_whose_calendar_may_be_seen(who, status, branch, cast, client, clock):
    client.force_login(cast[who])

    assert client.get(f"/calendar/?organization={branch.pk}").status_code == status


def test_a_feed_is_off_until_opened_tells_only_the_time_and_ends_when_revoked(
    branch, cast, client, clock
):
    client.force_login(cast["member"])
    assert client.get("/calendar/not-a-secret.ics").status_code == 404

    page = client.post("/calendar/feed/").content.decode()
    address = page.partition("<code>")[2].partition("</code>")[0]
    client.logout()
    answer = client.get(address)

    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]) == "支部活动"
    assert event.decoded("dtstart").date() == date(2026, 12, 4)
    assert set(event.keys()) == {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "CLASS"}
    assert "学习全会精神" not in answer.content.decode()
    client.force_login(cast["member"])
    client.post("/calendar/feed/revoke/")
    client.logout()
    assert client.get(address).status_code == 404


def test_a_new_address_ends_the_one_before_and_none_is_kept(branch, cast, client):
    first, second = (actions.open_feed(by=cast["member"], at=NOON) for _ in range(2))

    assert client.get(f"/calendar/{first}.ics").status_code == 404
    assert client.get(f"/calendar/{second}.ics").status_code == 200
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 1
    kept = {feed.address_hash for feed in CalendarFeed.objects.all()}
    assert not kept & {first, second}


def test_a_month_costs_the_same_for_many_activities(branch, cast, client, clock, queries_of):
    client.force_login(cast["secretary"])
    address = f"/calendar/?month=2026-12&organization={branch.pk}"
    few = queries_of(address)

    for day in range(5, 25):
        activities.plan(
            branch, draft(["theme-day"], date(2026, 12, day)), by=cast["secretary"], at=NOON
        )

    assert queries_of(address) == few


def test_a_month_goes_into_a_workbook(branch, cast, client, clock):
    client.force_login(cast["secretary"])

    answer = client.get(f"/calendar/?month=2026-12&organization={branch.pk}&export=1")

    rows = load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True)
    said = [" ".join(str(cell) for cell in row if cell) for row in rows]
    assert any("2026-12-04" in line and "活动 主题党日" in line for line in said)
    assert any("党员互谈 2026年 已办 0 / " in line for line in said)
