"""The outbox: written with the notice, gathered as wanted, each notice in one message."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOON
from tests.notices import given
from tests.processes import compete
from zhibu.accounts.models import User
from zhibu.notices import actions, choosing, sending
from zhibu.notices.models import Delivery, Notice, Outgoing
from zhibu.notices.pace import Rhythm, ready_at

MINUTE = timedelta(minutes=1)


def later(minutes):
    return NOON + minutes * MINUTE


@pytest.mark.parametrize(
    ("rhythm", "hour", "at", "ready"),
    [  # noon in Shanghai is 4:00 UTC
        (Rhythm.NOW, 8, NOON, NOON),
        (Rhythm.FIVE, 8, NOON, NOON + timedelta(minutes=5)),
        (Rhythm.QUARTER, 8, NOON, NOON + timedelta(minutes=15)),
        (Rhythm.HOUR, 8, NOON, NOON + timedelta(hours=1)),
        (Rhythm.DAILY, 13, NOON, NOON + timedelta(hours=1)),
        (Rhythm.DAILY, 12, NOON, NOON + timedelta(days=1)),
        (Rhythm.DAILY, 12, NOON - timedelta(seconds=1), NOON),
        (Rhythm.DAILY, 8, NOON, NOON + timedelta(hours=20)),
        (Rhythm.DAILY, 0, NOON, NOON + timedelta(hours=12)),
    ],
)
def test_ready_at(rhythm, hour, at, ready):
    assert ready_at(rhythm, hour, at) == ready


def test_nobody_is_mailed_who_did_not_ask(cast, mail_on):
    given.told(cast["member"], cast["secretary"])
    sending.run(later(600))

    assert Notice.objects.count() == 2
    assert (Outgoing.objects.count(), mail.outbox) == (0, [])


def test_nothing_is_mailed_to_an_address_not_confirmed(cast, mail_on):
    given.wants_mail(cast["member"], confirmed=False)
    given.told(cast["member"])
    sending.run(later(600))

    assert (Outgoing.objects.count(), mail.outbox) == (0, [])


def test_what_comes_while_it_settles_goes_out_as_one(cast, mail_on):
    given.wants_mail(cast["member"], rhythm=Rhythm.FIVE)
    given.told(cast["member"], key="case:1:1")
    given.told(cast["member"], key="case:2:1", at=later(4))
    given.told(cast["member"], key="commission:3:given", at=later(4))

    sending.run(later(4))
    assert mail.outbox == []
    sending.run(later(5))

    (message,) = mail.outbox
    assert message.subject == "支部：您有 3 条新消息"
    assert message.body.splitlines()[:2] == ["有事项轮到您办（2 条）", "上级有交办"]
    sending.run(later(60))
    assert len(mail.outbox) == 1


def test_daily_one_comes_once_a_day_at_its_hour(cast, mail_on):
    given.wants_mail(cast["member"], rhythm=Rhythm.DAILY, hour=18)
    for number in range(3):
        given.told(cast["member"], key=f"case:{number}:1", at=later(60 * number))

    counted = []
    for hour in (5, 6, 7, 29, 30, 31):
        if hour == 7:
            given.told(cast["member"], key="case:9:1", at=later(60 * 7))
        sending.run(later(60 * hour))
        counted.append(len(mail.outbox))

    assert counted == [0, 1, 1, 1, 2, 2]


def test_same_key_again_mails_nothing_more(cast, mail_on):
    given.wants_mail(cast["member"])
    given.told(cast["member"])
    sending.run(later(5))
    Delivery.objects.all().delete()  # as after clearing

    given.told(cast["member"], at=later(10))
    sending.run(later(60))

    assert (Notice.objects.count(), len(mail.outbox)) == (1, 1)


def test_who_asks_for_mail_later_is_not_mailed_what_was_told_before(cast, mail_on):
    given.told(cast["member"])
    given.wants_mail(cast["member"])
    given.told(cast["member"], cast["secretary"])

    assert Outgoing.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_rolled_back_action_leaves_nothing_in_the_outbox():
    user = User.objects.create(username="a", display_name="甲")
    given.wants_mail(user)

    with transaction.atomic():
        given.told(user)
        assert Outgoing.objects.count() == 1
        transaction.set_rollback(True)

    assert (Notice.objects.count(), Outgoing.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_notice_and_outbox_are_one_transaction_of_their_own(monkeypatch):
    user = User.objects.create(username="a", display_name="甲")
    given.wants_mail(user)

    def fail(*args, **more):
        raise RuntimeError

    monkeypatch.setattr(Outgoing.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        given.told(user)

    assert Notice.objects.count() == 0


def _tell_all(users, turn):
    for number in range(5):
        actions.notify(users, key=f"case:{number}:{turn % 2}", title="x", at=NOON)


@pytest.mark.django_db(transaction=True)
def test_competing_senders_tell_and_put_out_once():
    users = [User.objects.create(username=f"u{n}", display_name="甲") for n in range(20)]
    for user in users[::2]:
        given.wants_mail(user)
    ids = [user.pk for user in users]

    compete(_tell_all, [(ids, 0), (ids[::-1], 0), (ids, 1), (ids[:7], 0), (ids[5:], 1)])

    assert Notice.objects.count() == 20 * 5 * 2
    assert Outgoing.objects.count() == 10 * 5 * 2
    assert Outgoing.objects.values("notice").distinct().count() == 10 * 5 * 2


def _gather(at):
    return sending.gather(at)


@pytest.mark.django_db(transaction=True)
def test_competing_workers_put_each_notice_into_one_message():
    users = [User.objects.create(username=f"u{n}", display_name="甲") for n in range(12)]
    for user in users:
        given.wants_mail(user)
    for number in range(3):
        given.told(*users, key=f"case:{number}:1")

    compete(_gather, [(later(5),)] * 4)

    assert Outgoing.objects.gathering().count() == 0
    assert [row.items.count() for row in Delivery.objects.all() if not row.items.count()] == []
    assert sum(row.items.count() for row in Delivery.objects.all()) == 36


def test_long_message_is_cut_into_several(cast, mail_on, monkeypatch):
    monkeypatch.setattr(sending, "MOST_NOTICES", 4)
    given.wants_mail(cast["member"])
    for number in range(10):
        given.told(cast["member"], key=f"case:{number}:1")

    sending.run(later(5))

    subjects = [message.subject for message in mail.outbox]
    assert subjects == [f"支部：有事项轮到您办（{n} 条）" for n in (4, 4, 2)]


@pytest.mark.parametrize("how_many", [1, 500, 1200])
def test_notify_asks_the_database_as_often_for_one_as_for_many(how_many, cast, site):
    hook = given.webhook(cast["system admin"], site)
    users = User.objects.bulk_create(
        User(username=f"many{n}", display_name="甲") for n in range(how_many)
    )
    for user in users[:3]:
        given.wants_mail(user)
    batches = -(-how_many // actions.AT_ONCE)

    with CaptureQueriesContext(connection) as captured:
        given.told(*users)

    rows = Outgoing.objects.count()
    assert (Notice.objects.count(), rows) == (how_many, how_many + min(3, how_many))
    assert Outgoing.objects.filter(webhook=hook).count() == how_many
    assert len(captured) <= 1 + 3 * batches + (rows - 1) // actions.AT_ONCE + 1


def test_telling_again_takes_one_query(cast, django_assert_num_queries):
    given.told(cast["member"], cast["secretary"])

    with django_assert_num_queries(1):
        given.told(cast["member"], cast["secretary"])


def test_old_messages_are_cleared_and_the_notices_stay(cast, mail_on):
    given.wants_mail(cast["member"])
    given.told(cast["member"])
    sending.run(later(5))

    assert sending.clear(later(5) + sending.KEEP) == 0
    assert sending.clear(later(6) + sending.KEEP) == 1

    assert (Notice.objects.count(), Outgoing.objects.count()) == (1, 0)


def test_pruned_notice_takes_what_waits_of_it_along(cast, mail_on):
    given.wants_mail(cast["member"])
    given.told(cast["member"])

    actions.prune(NOON + actions.KEEP_UNREAD + MINUTE)

    assert (Notice.objects.count(), Outgoing.objects.count()) == (0, 0)


def test_choosing_another_rhythm_moves_what_waits(cast, mail_on):
    given.wants_mail(cast["member"], rhythm=Rhythm.DAILY, hour=8)
    given.told(cast["member"])

    choosing.by_mail(address="", rhythm=Rhythm.FIVE, hour=8, by=cast["member"], at=later(1))
    sending.run(later(5))

    assert len(mail.outbox) == 1
