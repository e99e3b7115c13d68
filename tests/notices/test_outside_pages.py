"""The administrator's pages: what failed and why, sending again, webhooks."""

import re
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from tests.conftest import NOON
from tests.notices import given
from zhibu.notices import sending
from zhibu.notices.models import Delivery, Webhook

LIST, NEW, AGAIN = (
    reverse(f"notices:{n}") for n in ("deliveries", "webhook_new", "send_all_again")
)


@pytest.fixture
def admin(cast, client, clock):
    client.force_login(cast["system admin"])
    return client


@pytest.fixture
def hook(cast, site):
    return given.webhook(cast["system admin"], site)


def given_up(user=None, hook=None, error="对方回答 500"):
    return Delivery.objects.create(
        user=user, webhook=hook, state=Delivery.State.GIVEN_UP, error=error, tries=9,
        made_at=NOON, trying_since=NOON, next_at=NOON, done_at=NOON,
    )  # fmt: skip


def test_list_says_what_failed_and_why(admin, cast, hook):
    given_up(hook=hook)
    given_up(user=cast["member"], error="收信地址被拒（550）")
    page = admin.get(LIST).content.decode()

    assert "有 2 条没发成" in page
    assert "推送：短信平台" in page
    assert f"邮件：{cast['member'].username}" in page
    assert "收信地址被拒（550），试了 9 次" in page
    assert "停下的全部再发" in page


def test_list_with_nothing_wrong_says_so(admin, site):
    page = admin.get(LIST).content.decode()

    assert "该发的都发出了" in page
    assert "停下的全部再发" not in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"failed", "failing"}), ("?view=sent", {"sent"}), ("?view=all&way=mail", {"failed"}),
        ("?view=all", {"failed", "failing", "sent", "waiting"}),
        ("?view=waiting", {"failing", "waiting"}), ("?way=webhook", {"failing"}),
        ("?view=nonsense", {"failed", "failing"}),
    ],
)  # fmt: skip
def test_list_is_narrowed(query, shown, admin, cast, hook):
    given_up(user=cast["member"], error="failed")
    waiting = {"webhook": hook, "made_at": NOON, "trying_since": NOON, "next_at": NOON}
    Delivery.objects.create(**waiting, error="failing", tries=1)
    Delivery.objects.create(**waiting)
    Delivery.objects.create(**waiting, state=Delivery.State.SENT, done_at=NOON)

    rows = list(admin.get(LIST + query).context["page"])

    assert {row.error or row.state for row in rows} == shown


def test_export_has_the_same_rows(admin, cast, hook):
    given_up(hook=hook)
    given_up(user=cast["member"])

    response = admin.get(LIST + "?export=1")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert [row[2] for row in cells if row[1] in ("邮件", "推送")] == [
        cast["member"].username,
        "短信平台",
    ]
    assert [row[7] for row in cells][-1] == "对方回答 500"


def test_sending_one_again_on_the_page(admin, cast, hook, site):
    row, other = given_up(hook=hook), given_up(hook=hook)
    page = admin.post(reverse("notices:send_again", args=[row.pk]), follow=True).content.decode()
    assert "1 条马上再发" in page

    sending.send(NOON)

    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {row.pk: Delivery.State.SENT, other.pk: Delivery.State.GIVEN_UP}


def test_sending_all_again_on_the_page(admin, cast, hook, site):
    given_up(hook=hook)
    given_up(hook=hook)

    admin.post(AGAIN)

    assert Delivery.objects.waiting().count() == 2


def test_one_that_is_not_there_is_not_found(admin, site):
    assert admin.post(reverse("notices:send_again", args=[999999])).status_code == 404


def test_one_that_went_out_meanwhile_is_not_sent_again(admin, hook):
    row = given_up(hook=hook)
    Delivery.objects.update(state=Delivery.State.SENT)

    response = admin.post(reverse("notices:send_again", args=[row.pk]))

    assert response.status_code == 403
    assert "没有要再发的" in response.content.decode()


def form(site, **more):
    return {
        "title": "短信平台", "address": site.address, "kinds": ["case", "commission"],
        "rhythm": "15", "hour": "8", **more,
    }  # fmt: skip


def test_adding_one_shows_its_secret_once(admin, site):
    page = admin.post(NEW, form(site)).content.decode()

    hook = Webhook.objects.get()
    assert f"<code>{hook.secret}</code>" in page
    assert (hook.kinds, hook.rhythm, hook.is_active) == (["case", "commission"], "15", True)
    assert hook.secret not in admin.get(hook.get_absolute_url()).content.decode()
    assert hook.secret not in admin.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"address": "http://10.0.0.1/"}, "网址不能用：只用 https"),
        ({"kinds": []}, "推哪几种消息："),
        ({"kinds": ["nonsense"]}, "推哪几种消息："),
        ({"title": ""}, "名称："),
    ],
)
def test_wrong_input_is_said(more, said, admin, site):
    assert said in admin.post(NEW, form(site, **more)).content.decode()
    assert not Webhook.objects.exists()


def test_changing_and_stopping(admin, hook, site):
    admin.post(hook.get_absolute_url(), form(site, title="另一个"))

    hook.refresh_from_db()
    assert (hook.title, hook.is_active) == ("另一个", False)
    assert "停了" in admin.get(LIST).content.decode()


def test_new_secret_replaces_the_old(admin, hook):
    old = hook.secret
    page = admin.post(reverse("notices:webhook_secret", args=[hook.pk])).content.decode()

    hook.refresh_from_db()
    assert hook.secret != old
    assert hook.secret in page


def test_trial_is_shown_with_what_became_of_it(admin, hook, site):
    site.codes = [503]
    admin.post(reverse("notices:webhook_try", args=[hook.pk]))
    sending.send(NOON)

    assert "等着发，对方回答 503" in admin.get(hook.get_absolute_url()).content.decode()


def test_list_takes_the_same_queries(admin, cast, hook, queries_of):
    taken = []
    for more in (1, 15):
        for _ in range(more):
            given_up(hook=hook)
            given_up(user=cast["member"])
        taken.append(queries_of(LIST))

    assert taken[0] == taken[1] <= 12


def test_first_screen_of_the_administrator_leads_there(admin):
    assert f'href="{LIST}"' in admin.get(reverse("desk:admin")).content.decode()


def test_mail_waiting_is_no_failure(admin, cast, mail_on):
    given.wants_mail(cast["member"])
    given.told(cast["member"])
    sending.gather(NOON + timedelta(minutes=5))

    page = admin.get(LIST).content.decode()

    assert re.search("等着发的 1 条", page)
    assert "该发的都发出了" in page
