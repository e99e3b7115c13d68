"""Mail through a real server: what stands in it, at least once, one id at every try."""

import re
from datetime import timedelta

import pytest
from django.core import mail

from tests.conftest import NOON
from tests.notices import given
from tests.notices.conftest import HERE
from tests.processes import kill_self, killed
from zhibu.accounts.models import User
from zhibu.core.mail import mask
from zhibu.notices import choosing, messages, sending
from zhibu.notices.models import Delivery, Notice, Preference

READY = NOON + timedelta(minutes=5)
AGAIN = READY + sending.CLAIM


def test_mail_names_the_kind_and_a_link_and_nothing_else(cast, mailbox):
    given.wants_mail(cast["member"])
    given.told(cast["member"])

    assert sending.run(READY) == 1

    (message,) = mailbox.mails
    delivery = Delivery.objects.get()
    text = message.get_content()
    assert message["Subject"] == "支部：有事项轮到您办"
    assert mailbox.to == [given.ADDRESS]
    assert message["Message-ID"] == f"<{delivery.key.hex}@zhibu.example.org>"
    assert message["X-Zhibu-Message-Id"] == str(delivery.key)
    assert re.findall(r"https?://\S+", text) == [f"{HERE}/notices/"]
    assert message.get_content_type() == "text/plain"
    for said in ("王芳", "处分", "/cases/"):
        assert said not in text + message["Subject"]
    assert delivery.state == Delivery.State.SENT


def test_what_one_reads_in_the_platform_stays_as_it_was(cast, mailbox):
    given.wants_mail(cast["member"])
    given.told(cast["member"])
    sending.run(READY)

    assert Notice.objects.get().title == "轮到您：王芳的处分"


def test_killed_after_sending_it_is_sent_again_under_the_same_id(cast, mailbox, monkeypatch):
    given.wants_mail(cast["member"])
    given.told(cast["member"])

    def die(*args, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_end", die)
        with pytest.raises(KeyboardInterrupt):
            sending.run(READY)
    assert len(mailbox.mails) == 1

    assert sending.run(AGAIN - timedelta(seconds=1)) == 0  # still in the dead one's hand
    assert sending.run(AGAIN) == 1
    assert sending.run(AGAIN + timedelta(days=1)) == 0

    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content() == second.get_content()


def _sends_and_dies(at):
    sending._end = lambda *args: kill_self()
    sending.run(at)


@pytest.mark.django_db(transaction=True)
def test_process_killed_after_sending_leaves_it_to_the_next(mailbox):
    user = User.objects.create(username="a", display_name="甲")
    given.wants_mail(user)
    given.told(user)

    killed(_sends_and_dies, READY)
    assert len(mailbox.mails) == 1
    assert Delivery.objects.get().state == Delivery.State.WAITING

    assert sending.run(AGAIN) == 1
    assert len({message["Message-ID"] for message in mailbox.mails}) == 1
    assert len(mailbox.mails) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_once(mailbox):
    from tests.processes import compete

    users = [User.objects.create(username=f"u{n}", display_name="甲") for n in range(8)]
    for number, user in enumerate(users):
        given.wants_mail(user, address=f"u{number}@example.org")
    given.told(*users)

    compete(sending.run, [(READY,)] * 3)

    assert sorted(mailbox.to) == [f"u{n}@example.org" for n in range(8)]
    assert not Delivery.objects.waiting().exists()


def test_server_that_is_away_is_tried_again_ever_later_and_given_up(cast, mail_on, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAIL_SERVER = "smtp://127.0.0.1:1"
    given.wants_mail(cast["member"])
    given.told(cast["member"])
    waits, at = [], READY

    while sending.run(at) == 0 and Delivery.objects.waiting().exists():
        row = Delivery.objects.get()
        waits.append(row.next_at - at)
        at = row.next_at

    row = Delivery.objects.get()
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert minutes[:8] == [5, 10, 20, 40, 80, 160, 320, 360]
    assert set(minutes[7:]) == {360}
    assert row.state == Delivery.State.GIVEN_UP
    assert sending.KEEP_TRYING <= at - READY < sending.KEEP_TRYING + timedelta(hours=6)
    assert row.error == "发信服务器连不上（ConnectionRefusedError）"
    admin = Notice.objects.get(user=cast["system admin"])
    assert admin.title == "邮件没有发成，不再试了"
    assert Notice.objects.filter(user=cast["member"], key__startswith="address:").count() == 1
    assert not Notice.objects.filter(user=cast["security admin"]).exists()


def test_server_that_is_away_is_asked_once_a_run_and_loses_nothing(cast, mailbox):
    given.wants_mail(cast["member"], address="a@example.org")
    given.wants_mail(cast["secretary"], address="b@example.org")
    given.told(cast["member"], cast["secretary"])
    mailbox.answers["MAIL"] = "421 busy"

    sending.run(READY)
    assert sorted(Delivery.objects.values_list("tries", flat=True)) == [0, 1]
    mailbox.answers.clear()
    sending.run(READY + timedelta(minutes=5))

    assert sorted(mailbox.to) == ["a@example.org", "b@example.org"]


def test_address_that_is_refused_for_good_is_given_up_at_once_and_the_others_go(cast, mailbox):
    given.wants_mail(cast["member"], address="gone@example.org")
    given.wants_mail(cast["secretary"], address="b@example.org")
    given.told(cast["member"], cast["secretary"])
    mailbox.refuses["gone@example.org"] = 550

    sending.run(READY)

    assert mailbox.to == ["b@example.org"]
    row = Delivery.objects.get(user=cast["member"])
    assert (row.state, row.error) == (Delivery.State.GIVEN_UP, "收信地址被拒（550）")
    assert "gone" not in "".join(Notice.objects.values_list("body", flat=True))


def test_address_that_is_refused_for_now_is_tried_again(cast, mailbox):
    given.wants_mail(cast["member"], address="later@example.org")
    given.wants_mail(cast["secretary"], address="b@example.org")
    given.told(cast["member"], cast["secretary"])
    mailbox.refuses["later@example.org"] = 450

    sending.run(READY)
    assert mailbox.to == ["b@example.org"]
    mailbox.refuses.clear()
    sending.run(READY + timedelta(minutes=5))

    assert mailbox.to == ["b@example.org", "later@example.org"]


def test_what_is_told_of_mail_does_not_go_by_mail(cast, mailbox):
    given.wants_mail(cast["member"], address="gone@example.org")
    given.wants_mail(cast["system admin"], address="b@example.org")
    given.told(cast["member"])
    mailbox.refuses["gone@example.org"] = 550

    for minutes in range(0, 120, 5):
        sending.run(READY + timedelta(minutes=minutes))

    assert Notice.objects.filter(key__startswith="delivery:").count() == 1
    assert (mailbox.to, Delivery.objects.count()) == ([], 1)


def test_address_that_cannot_be_read_keeps_nobody_else_waiting(cast, mailbox):
    spoilt = given.wants_mail(cast["member"])
    given.wants_mail(cast["secretary"], address="b@example.org")
    given.told(cast["member"], cast["secretary"])
    Preference.objects.filter(pk=spoilt.pk).update(address_sealed=b"x" * 40)

    sending.run(READY)

    assert mailbox.to == ["b@example.org"]
    assert Delivery.objects.get(user=cast["member"]).error.startswith("地址读不出来")


def test_one_connection_takes_the_mails_of_a_run(cast, mailbox):
    for number, who in enumerate(("member", "secretary", "township officer")):
        given.wants_mail(cast[who], address=f"{number}@example.org")
    given.told(cast["member"], cast["secretary"], cast["township officer"])

    sending.run(READY)

    assert (len(mailbox.mails), mailbox.lines) == (3, 1)


@pytest.mark.parametrize("change", ["left", "another address", "account stopped"])
def test_nothing_is_sent_to_whom_it_no_longer_should(change, cast, mailbox):
    user = cast["member"]
    given.wants_mail(user)
    given.told(user)
    sending.gather(READY)
    match change:
        case "left":
            choosing.here_only(by=user)
        case "another address":
            choosing.by_mail(address="new@example.org", rhythm="5", hour=8, by=user, at=READY)
        case "account stopped":
            User.objects.filter(pk=user.pk).update(is_active=False)

    sending.send(READY)

    assert given.ADDRESS not in mailbox.to
    assert [message["Subject"] for message in mailbox.mails] == (
        ["支部：请确认这个邮箱"] if change == "another address" else []
    )
    rows = Delivery.objects.filter(purpose=Delivery.Purpose.NOTICES)
    assert rows.get().state == Delivery.State.DROPPED


def test_mail_that_was_switched_off_on_the_server_waits(cast, mailbox, settings):
    given.wants_mail(cast["member"])
    given.told(cast["member"])
    settings.MAIL_FROM = ""
    sending.run(READY)
    assert Delivery.objects.get().error == "邮件没有开通"

    settings.MAIL_FROM = "zhibu@example.org"
    sending.run(READY + timedelta(minutes=5))

    assert len(mailbox.mails) == 1


def test_demo_says_that_it_is_one(cast, mail_on, settings):
    settings.IS_DEMO = True
    given.wants_mail(cast["member"])
    given.told(cast["member"])
    sending.run(READY)

    assert "演示数据，纯属虚构" in mail.outbox[0].body


def test_id_is_made_of_our_own_domain_and_the_key(mail_on, settings):
    row = Delivery()
    assert messages.message_id(row) == f"<{row.key.hex}@zhibu.example.org>"
    settings.ADDRESS = ""
    assert messages.message_id(row) == f"<{row.key.hex}@example.org>"


@pytest.mark.parametrize(
    ("address", "masked"),
    [("wang@example.org", "w****@example.org"), ("", ""), ("a@b", "a****@b")],
)
def test_mask(address, masked):
    assert mask(address) == masked


def test_address_is_not_in_the_database_in_plain(cast, settings):
    given.wants_mail(cast["member"])
    row = choosing.of(cast["member"])

    assert given.ADDRESS.encode() not in bytes(row.address_sealed)
    assert row.address == given.ADDRESS
