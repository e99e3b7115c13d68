"""Pages: what they show, what one can do on them, what they cost."""

from datetime import date

import pytest
from django.test import Client

from tests.conftest import NOON
from tests.pairings import kinds
from zhibu.cases.models import Case
from zhibu.pairings import actions, rotas
from zhibu.pairings.models import Contact, Link, Rota, Turn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOUSEHOLDS = "/pairings/seeds/link-roster/households/"
DUTY = "/pairings/seeds/estate-rota/duty/"


@pytest.fixture
def page(client, cast):
    def ask(who, url, data=None, **more):
        client.force_login(cast[who])
        return client.get(url, **more) if data is None else client.post(url, data, **more)

    return ask


def test_a_link_is_begun_on_the_page(page, world, households, member):
    url = f"{HOUSEHOLDS}begin/{world.village.pk}/"
    form = page("secretary", url)
    assert "联系户" in form.content.decode()

    data = {"who": member.pk, "whom": households[0].pk, "since": "2026-03-01"}
    answer = page("secretary", url, data)

    assert answer.url == Link.objects.get().get_absolute_url()
    again = page("secretary", url, data)
    assert "已经有" in again.content.decode()


def test_the_list_tells_gaps_and_who_is_owed_a_contact(page, link):
    text = page("secretary", "/pairings/").content.decode()

    assert "按时联系的 0 / 1" in text
    assert "到期没有联系的 1 个" in text
    assert "第1户" in text
    overdue = page("secretary", "/pairings/?view=overdue").content.decode()
    assert "第1户" in overdue
    assert (
        page("secretary", "/pairings/?export=1")
        .headers["Content-Type"]
        .startswith("application/vnd.openxml")
    )
    gaps = page("secretary", f"{HOUSEHOLDS}gaps/").content.decode()
    assert "没有联系人的户 6 个" in gaps
    assert "1 / 7" in gaps


def test_a_contact_is_logged_and_needs_are_kept_from_others(page, link):
    page("member", f"/pairings/links/{link.pk}/contact/",
         {"held_on": "2026-11-10", "channel": "interview", "needs": "门口的路灯不亮"})  # fmt: skip

    assert "门口的路灯不亮" in page("member", link.get_absolute_url()).content.decode()
    other = page("committee member", link.get_absolute_url()).content.decode()
    assert "门口的路灯不亮" not in other
    assert "不公开" in other


def test_a_contact_becomes_a_case_that_one_sees(page, link, cast, world):
    contact = actions.log_contact(
        link, held_on=date(2026, 11, 10), channel="phone", needs="路灯", by=cast["member"], at=NOON
    )
    case = Case.objects.create(
        organization=world.village, procedure="seeds/rectification:rectify", number=1,
        wording=kinds.WORDED, title="修路灯", started_by=cast["secretary"], started_at=NOON,
        started_on=NOON.date(), moved_at=NOON,
    )  # fmt: skip
    answer = page("secretary", f"/pairings/contacts/{contact.pk}/become/", {"case": case.pk})

    assert answer.status_code == 302
    contact.refresh_from_db()
    assert contact.case == case


def test_a_rota_is_drawn_up_and_seen_by_the_week(page, world, people):
    url = f"{DUTY}draw/{world.village.pk}/"
    assert page("secretary", url).status_code == 200
    data = {"since": "2026-11-16", "until": "2026-11-30", "roll": [one.pk for one in people]}
    answer = page("secretary", url, data)

    rota = Rota.objects.get()
    assert answer.url == rota.get_absolute_url()
    text = page("member", rota.get_absolute_url()).content.decode()
    assert text.count("晚间 19:00-21:00") == 7
    assert "来不了" in text
    assert "换人" not in text
    assert "下一周" in text
    assert "换人" in page("secretary", rota.get_absolute_url()).content.decode()
    sheet = page("member", f"{rota.get_absolute_url()}?export=1")
    assert sheet.headers["Content-Type"].startswith("application/vnd.openxml")


def test_too_few_are_told_beside_the_roll(page, world, people):
    url = f"/pairings/seeds/estate-rota/site-watch/draw/{world.village.pk}/"
    data = {"since": "2026-11-16", "until": "2026-11-30", "roll": [one.pk for one in people]}

    assert "至少要 6 个人" in page("secretary", url, data).content.decode()


def test_one_tap_offers_and_one_takes(page, rota, people):
    turn = Turn.objects.get(on=date(2026, 11, 22))
    answer = page("member", f"/pairings/turns/{turn.pk}/offer/", {})
    assert answer.url == turn.get_absolute_url()
    assert "我来" in page("secretary", turn.get_absolute_url()).content.decode()
    assert "等人替的班" in page("secretary", "/today/").content.decode()

    page("secretary", f"/pairings/turns/{turn.pk}/take/", {})
    turn.refresh_from_db()
    assert turn.person == people[1]
    late = page("secretary", f"/pairings/turns/{turn.pk}/take/", {})
    assert late.status_code == 403
    assert "已经有人接了" in late.content.decode()


def test_an_exchange_is_asked_for_on_the_page(page, rota):
    mine, theirs = (Turn.objects.get(on=date(2026, 11, day)) for day in (22, 23))
    assert "和哪一班对换" in page("member", f"/pairings/turns/{mine.pk}/offer/").content.decode()
    page("member", f"/pairings/turns/{mine.pk}/offer/", {"wanted": theirs.pk})

    mine.refresh_from_db()
    assert mine.wanted == theirs


def test_today_and_the_calendar_tell_of_turns_and_links(page, rota, link, client, cast):
    text = page("member", "/today/").content.decode()
    assert "轮到您值班" in text
    assert "11月22日" in text
    assert "您联系的" in text
    month = page("member", "/calendar/?month=2026-11").content.decode()
    assert month.count("值班 · 晚间") == 5
    assert "轮值表" in page("secretary", f"/organizations/{rota.organization_id}/").content.decode()
    assert "联系谁，谁联系" in page("secretary", f"/people/{link.who_person_id}/").content.decode()


def test_the_feed_says_that_there_is_a_turn_and_nothing_else(rota, cast, client):
    from zhibu.desk import actions as desk

    secret = desk.open_feed(by=cast["member"], at=NOON)
    feed = Client().get(f"/calendar/{secret}.ics").content.decode()

    assert feed.count("SUMMARY:值班") == 5
    assert "晚间" not in feed
    assert rota.title not in feed


def test_nobody_peeks(page, rota, link, cast):
    turn = Turn.objects.first()
    contact = actions.log_contact(
        link, held_on=date(2026, 11, 10), channel="phone", by=cast["member"], at=NOON
    )
    for who in ("sibling secretary", "stranger secretary", "stranger member", "system admin"):
        for url in (
            link.get_absolute_url(), rota.get_absolute_url(), f"/pairings/turns/{turn.pk}/offer/",
            f"/pairings/contacts/{contact.pk}/strike/", f"/pairings/links/{link.pk}/end/",
        ):  # fmt: skip
            assert page(who, url).status_code == 404, (who, url)
    assert Contact.objects.counted().count() == 1


def test_the_cost_is_the_same_for_one_and_for_many(
    page, link, rota, cast, households, world, django_assert_num_queries, member
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    urls = ("/pairings/", link.get_absolute_url(), "/pairings/rotas/", rota.get_absolute_url(),
            f"{HOUSEHOLDS}gaps/", "/today/")  # fmt: skip

    def costs():
        found = []
        for url in urls:
            page("secretary", url)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                page("secretary", url)
            found.append(len(asked))
        return found

    actions.log_contact(
        link, held_on=date(2026, 11, 1), channel="phone", by=cast["member"], at=NOON
    )
    before = costs()
    for row in households[1:4]:
        more = kinds.begin(world.village, member.pk, row.pk, by=cast["secretary"])
        actions.log_contact(
            more, held_on=date(2026, 11, 1), channel="phone", by=cast["member"], at=NOON
        )
        actions.log_contact(
            link, held_on=date(2026, 11, 1), channel="phone", by=cast["member"], at=NOON
        )
        kinds.draw(world.village, [member], by=cast["secretary"])
    for turn in Turn.objects.filter(rota=rota, on__gt=date(2026, 11, 20))[:3]:
        rotas.offer_turn(turn, by=cast["secretary"], at=NOON)

    assert costs() == before
