"""Choosing mail for oneself: one's own address, confirmed before it is used, or no mail."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.conftest import NOON
from tests.notices import given
from tests.notices.conftest import HERE
from zhibu.core import dossier
from zhibu.core.verdicts import Refused
from zhibu.notices import choosing, sending
from zhibu.notices.models import Delivery, Outgoing, Preference

SETTINGS, CONFIRM = reverse("notices:settings"), reverse("notices:confirm")
MAIL = {"way": "mail", "address": given.ADDRESS, "rhythm": "5", "hour": "8"}


def choose(user, address=given.ADDRESS, at=NOON, **more):
    return choosing.by_mail(address=address, by=user, at=at, **{"rhythm": "5", "hour": 8, **more})


def test_code_comes_by_mail_and_confirms(cast, mailbox):
    user = cast["member"]
    row, needs_code = choose(user)
    assert needs_code and row.confirmed_at is None

    sending.run(NOON)
    (message,) = mailbox.mails
    text = message.get_content()
    code = re.search(r"确认码：(\d{8})\s", text).group(1)
    assert f"{HERE}{CONFIRM}?code={code}" in text
    assert mailbox.to == [given.ADDRESS]
    choosing.confirm(code, by=user, at=NOON)

    given.told(user)
    sending.run(NOON + timedelta(minutes=5))
    assert len(mailbox.mails) == 2


def test_code_is_sent_at_once_by_the_worker(cast, mail_on):
    from django_tasks_db.models import DBTaskResult

    choose(cast["member"])

    assert [job.task_path for job in DBTaskResult.objects.all()] == [
        "zhibu.notices.sending.run_soon"
    ]


@pytest.mark.parametrize(
    ("code", "late", "said"),
    [
        ("wrong", timedelta(0), "确认码不对"),
        ("", timedelta(0), "确认码不对"),
        ("right", choosing.CODE_FOR, "确认码过期了"),
    ],
)
def test_wrong_or_late_code_confirms_nothing(code, late, said, cast, mail_on):
    user = cast["member"]
    choose(user)
    right = given.code_of(user)
    asked = right if code == "right" else code and f"{(int(right) + 1) % 10**8:08}"

    with pytest.raises(Refused, match=said):
        choosing.confirm(asked, by=user, at=NOON + late)

    assert choosing.of(user).confirmed_at is None


def test_code_is_ones_own(cast, mail_on):
    choose(cast["member"])
    choose(cast["secretary"], address="li@example.org")

    with pytest.raises(Refused, match="确认码不对"):
        choosing.confirm(given.code_of(cast["member"]), by=cast["secretary"], at=NOON)


def test_code_is_used_once(cast, mail_on):
    choose(cast["member"])
    code = given.code_of(cast["member"])
    choosing.confirm(code, by=cast["member"], at=NOON)

    with pytest.raises(Refused, match="没有要确认的"):
        choosing.confirm(code, by=cast["member"], at=NOON)


def test_guessing_is_held_back(cast, mail_on):
    user = cast["member"]
    choose(user)
    for _ in range(choosing.TRIES_PER_HOUR):
        with pytest.raises(Refused, match="确认码不对"):
            choosing.confirm("x", by=user, at=NOON)

    with pytest.raises(Refused, match="过一会儿"):
        choosing.confirm(given.code_of(user), by=user, at=NOON)


@pytest.mark.parametrize("by", ["one account", "several accounts"])
def test_nobodys_mailbox_is_filled_with_codes(by, cast, mail_on):
    users = [user for user in cast.values() if user]
    for number in range(choosing.CODES_PER_DAY):
        user = users[0] if by == "one account" else users[number]
        choose(user, address=given.ADDRESS if by != "one account" else f"{number}@example.org")

    with pytest.raises(Refused, match="一天最多"):
        choose(users[0] if by == "one account" else users[7])

    assert Delivery.objects.count() == choosing.CODES_PER_DAY


def test_new_address_is_confirmed_anew_and_the_same_is_not(cast, mail_on):
    user = cast["member"]
    given.wants_mail(user)

    assert choose(user, rhythm="60")[1] is False
    assert choose(user, address="")[1] is False
    row, needs_code = choose(user, address="new@example.org")

    assert needs_code and row.confirmed_at is None
    given.told(user)
    assert Outgoing.objects.count() == 0


def test_only_the_last_code_counts(cast, mail_on):
    user = cast["member"]
    choose(user)
    first = given.code_of(user)
    choose(user)

    if first != given.code_of(user):
        with pytest.raises(Refused, match="不对"):
            choosing.confirm(first, by=user, at=NOON)
    sending.run(NOON)
    assert all(given.code_of(user) in message.body for message in mail.outbox)


def test_leaving_forgets_the_address_at_once(cast, mail_on):
    user = cast["member"]
    given.wants_mail(user)
    given.told(user)

    choosing.here_only(by=user)

    assert (Preference.objects.count(), Outgoing.objects.count()) == (0, 0)


def test_mail_that_is_not_set_up_cannot_be_chosen(cast):
    with pytest.raises(Refused, match="没有开通"):
        choose(cast["member"])

    assert not Preference.objects.exists()


@pytest.mark.parametrize("wrong", [{"hour": 24}, {"code_until": NOON}])
def test_database_keeps_out_what_cannot_be(wrong, cast):
    given.wants_mail(cast["member"])

    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.update(**wrong)


def test_copy_of_ones_data_tells_the_address(cast):
    given.wants_mail(cast["member"])
    (section,) = [each for each in dossier.sections() if Preference in each.covers]
    file = str(list(section.rows(cast["member"].person_id)))

    assert given.ADDRESS in file


# --- pages


@pytest.fixture
def as_member(cast, client, clock):
    client.force_login(cast["member"])
    return client


def test_in_app_only_is_what_one_finds(as_member, mail_on):
    page = as_member.get(SETTINGS).content.decode()

    assert "现在只在平台里通知您" in page
    assert re.search(r'value="here"[^>]*checked', page)


def test_choosing_and_confirming_on_the_page(as_member, cast, mail_on):
    page = as_member.post(SETTINGS, MAIL, follow=True).content.decode()
    assert "确认码寄到 w****@example.org 了" in page
    assert given.ADDRESS not in page
    sending.run(NOON)
    link = re.search(rf"{HERE}(\S+code=\d+)", mail.outbox[0].body).group(1)

    page = as_member.get(link).content.decode()
    code = re.search(
        r'<input[^>]*value="(\d{8})"[^>]*name="code"|name="code"[^>]*value="(\d{8})"', page
    )
    code = code.group(1) or code.group(2)
    assert choosing.of(cast["member"]).confirmed_at is None
    page = as_member.post(CONFIRM, {"code": code}, follow=True).content.decode()

    assert "消息也发到 w****@example.org" in page
    assert choosing.of(cast["member"]).confirmed_at == NOON


def test_leaving_on_the_page(as_member, cast, mail_on):
    given.wants_mail(cast["member"])

    page = as_member.post(SETTINGS, {"way": "here"}, follow=True).content.decode()

    assert "以后只在平台里看" in page
    assert not Preference.objects.exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({**MAIL, "address": ""}, "请写自己收得到信的邮箱"),
        ({**MAIL, "address": "nobody"}, "邮箱："),
        ({**MAIL, "rhythm": "now"}, "多久发一封："),
        ({**MAIL, "hour": "24"}, "每天几点："),
        ({"address": given.ADDRESS}, "怎么通知我："),
    ],
)
def test_wrong_input_is_said_and_nothing_kept(sent, said, as_member, mail_on):
    page = as_member.post(SETTINGS, sent).content.decode()

    assert said in page
    assert not Preference.objects.exists()


def test_mail_that_is_not_set_up_says_what_to_do(as_member, settings):
    settings.MAIL_SERVER = "smtp://mail.example.org"
    page = as_member.get(SETTINGS).content.decode()

    assert "邮件没有开通" in page
    assert "ZHIBU_MAIL_FROM、ZHIBU_ADDRESS" in page
    assert 'name="address"' not in page
    assert "没有开通" in as_member.post(SETTINGS, MAIL).content.decode()
    assert not Preference.objects.exists()


def test_another_persons_address_is_on_nobodys_page(cast, client, clock, mail_on):
    given.wants_mail(cast["member"])
    given.told(cast["member"])
    sending.run(NOON + timedelta(minutes=5))
    for who in ("system admin", "secretary", "county officer"):
        client.force_login(cast[who])
        for address in (SETTINGS, reverse("notices:deliveries") + "?view=all"):
            page = client.get(address).content.decode()
            assert "example.org" not in page.replace(HERE, "")
