"""The screens of campaigns: what they say, who sees whom, that nothing typed is lost."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from tests import scenes
from tests.conftest import TODAY
from tests.scenes import DRIVE
from zhibu.cases.campaigns.models import Campaign, Entry, Opening

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def as_(life, cast, client):
    def sign_in(who):
        client.force_login(cast[who])
        return client

    return sign_in


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def rows_of(answer):
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def test_grid_counts_people_and_says_units_states(life, as_):
    found = page(as_("township officer"), f"/campaigns/{life.drive.pk}/?phase=study")

    assert "秋季集中活动" in found
    assert "前村" in found
    assert "机关第一党支部" in found
    assert "1/4" in found  # one letter of four members
    assert "不排名" in found


def test_secretary_sees_the_own_unit_alone_in_the_grid(life, as_):
    found = page(as_("secretary"), f"/campaigns/{life.drive.pk}/?phase=study")

    assert "前村" in found
    assert "机关第一党支部" not in found


def test_sheet_has_every_unit_and_the_day(life, as_):
    client = as_("township officer")
    rows = rows_of(client.get(f"/campaigns/{life.drive.pk}/?phase=study&export=1"))

    assert rows[-2][1:] == ["前村党支部委员会", "一批", "已办 2026-10-09，补记", "1/4"] or (
        rows[-2][3].startswith("已办")
    )
    assert len([row for row in rows if row[2] == "一批"]) == 2


def test_state_filter_lists_whom_it_says(life, as_):
    client = as_("township officer")
    lacking = page(client, f"/campaigns/{life.drive.pk}/?phase=study&state=lacking")
    complete = page(client, f"/campaigns/{life.drive.pk}/?phase=study&state=complete")

    assert "前村" in lacking
    assert "没有这样的单位" in complete


def test_unit_page_shows_a_member_nobody_else(life, as_):
    address = f"/campaigns/units/{life.unit.pk}/?phase=study"
    own = page(as_("member"), address)
    assert "蒋红梅" in own
    assert "单文秀" not in own
    assert "单文秀" in page(as_("secretary"), address)


def test_entering_for_people_keeps_what_was_typed(life, as_):
    client = as_("secretary")
    address = f"/campaigns/units/{life.unit.pk}/enter/letter/"
    typed = {"people": [str(life.person.pk)], "happened_on": "2026-11-25"}
    refused = client.post(address, typed).content.decode()
    assert "日期在以后" in refused
    assert f'value="{life.person.pk}"' in refused.split("checked")[0]

    answer = client.post(address, typed | {"happened_on": str(TODAY)})
    assert answer.status_code == 302
    entry = Entry.objects.latest("pk")
    assert (entry.person_id, entry.happened_on) == (life.person.pk, TODAY)
    assert "逾期办的" in page(client, f"/campaigns/units/{life.unit.pk}/?phase=study")


def test_launching_shows_the_units_before_it_launches(life, as_):
    client = as_("township officer")
    address = f"/campaigns/launch/{life.tree.general.pk}/?campaign={DRIVE}"
    before = Campaign.objects.count()
    typed = {"title": "冬季集中活动", "starts_all": "2026-12-01"}
    looked = client.post(address, typed | {"look": "1"}).content.decode()
    assert "一批：1 个单位" in looked
    assert "机关第一党支部" in looked
    assert Campaign.objects.count() == before

    answer = client.post(address, typed | {"launch": "1"})
    made = Campaign.objects.latest("pk")
    assert answer.url == made.get_absolute_url()
    assert (made.title, made.units.get().organization) == ("冬季集中活动", life.tree.inner)


def test_closed_gate_says_who_lacks_what(life, as_, cast):
    client = as_("county officer")
    made = scenes.launched(life.tree, cast, [life.tree.village, life.tree.inner], title="又一次")
    span = made.spans.get(phase="improve")
    answer = client.post(f"/campaigns/{made.pk}/spans/{span.pk}/open/", {"sure": "1"})

    assert answer.status_code == 403
    assert "现在 2 个单位里办好 0 个" in answer.content.decode()
    assert not Opening.objects.filter(span=span).exists()


def test_make_up_list_names_who_missed_what(life, as_):
    found = page(as_("secretary"), f"/campaigns/{life.drive.pk}/make-ups/")

    assert "期限里没办的 3 项，后来办了 0 项" in found
    assert "单文秀" in found
    assert "蒋红梅" not in found


def test_progress_adds_up_what_the_grid_shows(life, as_):
    rows = rows_of(as_("township officer").get(f"/campaigns/{life.drive.pk}/progress/?export=1"))
    by_item = {row[2]: row for row in rows if row[0] == "一批"}

    assert by_item["学习计划"][5:7] == [2, 2]
    letters = by_item["承诺书"]
    assert letters[5] == letters[6] + letters[9]
    assert letters[6] == 1


def test_first_screens_lead_to_the_unit(life, as_):
    address = reverse("campaigns:unit", args=[life.unit.pk])
    assert address in page(as_("secretary"), "/workbench/")


def test_item_that_is_not_in_the_campaign_is_not_found(life, as_):
    client = as_("county officer")
    assert client.get(f"/campaigns/units/{life.unit.pk}/enter/nothing/").status_code == 404
    assert client.get(f"/campaigns/{life.drive.pk}/enter/letter/").status_code == 404
    assert client.get("/campaigns/999999/").status_code == 404
    assert date(2026, 11, 20) == TODAY
