"""Pages of caps: own use, how those below stand, the rows behind, and what a decision foresees."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from tests.burden.conftest import GATE, WORDED
from tests.burden.test_caps import BOOK, BULLETIN, MEETING, MEETINGS, PAPERS, SECRETARY
from tests.conftest import NOON
from zhibu.cases import actions as cases

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page(client, user, name="list", *args, **query):
    client.force_login(user)
    return client.get(reverse(f"burden:{name}", args=args), query)


def told(client, user, place):
    """Own figures by title: used, most; and rows below, full, over."""
    found = page(client, user, organization=place.pk).context["told"]
    return {
        one.cap.title: (
            [(use.title, use.used, use.most) for use in one.own], len(one.others), one.full,
            one.over,
        )
        for one in found
    }  # fmt: skip


def test_list_tells_own_use_and_how_those_below_stand(client, cast, written, tree):
    written(PAPERS, tree.village, **BULLETIN)
    written(PAPERS, tree.east, **BULLETIN)
    written(MEETINGS, tree.village, times=24, **MEETING)
    written(MEETINGS, tree.village, **MEETING, why_more="雪灾")
    written(MEETINGS, tree.inner, times=2, **MEETING)
    written(BOOK, tree.village, times=2, **SECRETARY)

    found = told(client, cast["county officer"], tree.county)

    assert found["每月简报"] == ([("", 0, 1)], 2, 2, 0)
    assert found["全年会议"] == ([("", 0, 24)], 2, 0, 1)
    assert found["优秀党支部书记名额"] == ([("一轮", 2, 10)], 0, 0, 0)
    assert told(client, cast["secretary"], tree.village)["全年会议"][0] == [("", 25, 24)]
    assert told(client, cast["secretary"], tree.village)["优秀党支部书记名额"][0] == [
        ("一轮", 2, 10)
    ]


def test_every_figure_opens_to_its_rows(client, cast, written, tree):
    written(BOOK, tree.village, times=2, **SECRETARY)
    written(BOOK, tree.far, **{**SECRETARY, "round": "二轮"})
    asked = ["rows", "seeds", "honours", "secretaries"]

    first = page(client, cast["county officer"], *asked, organization=tree.county.pk, group="一轮")
    whole = page(client, cast["county officer"], *asked, organization=tree.county.pk)

    assert [row.organization for row, _ in first.context["lines"]] == [tree.village] * 2
    assert whole.context["page"].paginator.count == 3


def test_rows_say_why_they_go_beyond(client, cast, written, tree):
    written(MEETINGS, tree.village, times=24, **MEETING)
    written(MEETINGS, tree.village, **MEETING, why_more="雪灾")

    answer = page(
        client, cast["secretary"], "rows", "seeds", "meeting-gate", "meetings",
        organization=tree.village.pk,
    )  # fmt: skip

    assert "雪灾" in answer.content.decode()
    assert answer.context["page"].paginator.count == 25


@pytest.mark.parametrize("name", ["list", "cap", "rows"])
def test_every_list_is_taken_along(name, client, cast, written, tree):
    written(MEETINGS, tree.village, **MEETING)
    args = [] if name == "list" else ["seeds", "meeting-gate", "meetings"]

    answer = page(client, cast["secretary"], name, *args, organization=tree.village.pk, export=1)

    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert any("会 0" in str(cell) or cell == 24 for row in sheet.values for cell in row)


def test_nobody_sees_caps_where_one_sees_no_registers(client, cast, written, tree):
    for who in ("member", "other township officer"):
        assert page(client, cast[who], organization=tree.village.pk).status_code == 404


def test_a_cap_that_is_not_in_force_is_no_page(client, cast, tree):
    answer = page(
        client, cast["county officer"], "cap", "seeds", "meeting-gate", "meetings",
        organization=tree.county.pk,
    )  # fmt: skip

    assert answer.status_code == 404


# --- what whoever decides is told beforehand


@pytest.fixture
def asked(gate, cast, tree):
    """A meeting of secretaries that the township asks for, on a Wednesday."""
    values = {
        "name": "党风廉政会", "agenda": "部署", "held_on": date(2026, 12, 2),
        "audience": "secretaries", "people": 40, "how": "gathered",
    }  # fmt: skip
    return cases.start(
        tree.village, procedure=f"{GATE}:meeting", wording=WORDED, title="党风廉政会",
        values=values, on=date(2026, 11, 19), by=cast["secretary"], at=NOON,
    )  # fmt: skip


def decision(client, cast, case):
    client.force_login(cast["township officer"])
    return client.get(case.get_absolute_url()).content.decode()


def test_whoever_decides_sees_the_room_and_what_may_be_merged(client, cast, asked, written, tree):
    written(
        MEETINGS, tree.east, since=date(2026, 11, 30), name="党建工作会", audience="secretaries",
        how="video",
    )  # fmt: skip
    written(
        MEETINGS, tree.east, since=date(2026, 12, 7), name="下一周的会", audience="secretaries",
        how="video",
    )  # fmt: skip
    written(
        MEETINGS, tree.east, since=date(2026, 12, 1), name="别人来的会", audience="villages",
        how="video",
    )  # fmt: skip

    text = decision(client, cast, asked)

    assert "全年会议：2026年最多 24，已经有 0" in text
    assert "能合并的合并" in text
    assert "党建工作会" in text
    assert "下一周的会" not in text
    assert "别人来的会" not in text


def test_a_row_the_reader_may_not_see_is_not_named(client, cast, asked, written, tree):
    written(
        MEETINGS, tree.far, since=date(2026, 11, 30), name="别处的会", audience="secretaries",
        how="video",
    )  # fmt: skip

    assert "别处的会" not in decision(client, cast, asked)


def test_whose_turn_it_is_not_is_told_nothing(client, cast, asked, written):
    client.force_login(cast["secretary"])

    assert "全年会议" not in client.get(asked.get_absolute_url()).content.decode()


def test_the_page_of_an_organisation_leads_to_its_caps(client, cast, tree):
    def page_of(user):
        client.force_login(cast[user])
        return client.get(tree.village.get_absolute_url()).content.decode()

    address = f"/burden/?organization={tree.village.pk}"
    assert address in page_of("secretary")
    assert address not in page_of("member")
