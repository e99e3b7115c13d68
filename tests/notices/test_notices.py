from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from tests.conftest import NOON
from tests.processes import compete
from zhibu.accounts.models import User
from zhibu.notices import actions, queries
from zhibu.notices.models import Notice

LIST = reverse("notices:list")


def notify(*users, key="meeting:1", **more):
    actions.notify([user.pk for user in users], key=key, title="请您确认会议", at=NOON, **more)


def test_notify_tells_each_user_once(cast):
    notify(cast["member"], cast["secretary"])
    notify(cast["member"], cast["secretary"], cast["member"])

    assert Notice.objects.count() == 2
    assert queries.unread(cast["member"]) == 1


def test_another_key_is_another_notice(cast):
    notify(cast["member"])
    notify(cast["member"], key="meeting:2")

    assert queries.unread(cast["member"]) == 2


def _tell(pk):
    actions.notify([pk], key="meeting:1", title="x", at=NOON)


@pytest.mark.django_db(transaction=True)
def test_competing_senders_tell_once():
    user = User.objects.create(username="a", display_name="甲")

    compete(_tell, [(user.pk,)] * 4)

    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_rolled_back_action_tells_nobody():
    user = User.objects.create(username="a", display_name="甲")

    with transaction.atomic():
        _tell(user.pk)
        transaction.set_rollback(True)

    assert Notice.objects.count() == 0


def test_mark_read_leaves_other_peoples_alone(cast):
    notify(cast["member"], cast["secretary"])

    assert actions.mark_read(cast["member"], at=NOON) == 1

    assert queries.unread(cast["secretary"]) == 1


def test_open_marks_read_and_leads_on(cast, client):
    notify(cast["member"], url="/activities/1/")
    client.force_login(cast["member"])

    response = client.post(reverse("notices:open", args=[Notice.objects.get().pk]))

    assert response.url == "/activities/1/"
    assert queries.unread(cast["member"]) == 0


def test_another_users_notice_is_not_found(cast, client):
    notify(cast["member"])
    client.force_login(cast["secretary"])

    response = client.post(reverse("notices:open", args=[Notice.objects.get().pk]))

    assert response.status_code == 404
    assert queries.unread(cast["member"]) == 1


def test_list_says_how_many_are_unread_and_read_all_clears(cast, client):
    notify(cast["member"])
    notify(cast["member"], key="meeting:2")
    client.force_login(cast["member"])
    assert "有 2 条没看的消息" in client.get(LIST).content.decode()

    client.post(reverse("notices:read_all"))

    assert "消息都看过了" in client.get(LIST).content.decode()


def test_empty_list_says_what_will_come(cast, client):
    client.force_login(cast["member"])

    assert "还没有消息" in client.get(LIST).content.decode()


def test_list_takes_the_same_queries(cast, client, queries_of):
    client.force_login(cast["member"])
    taken = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            notify(cast["member"], key=f"meeting:{number}")
        taken.append(queries_of(LIST))

    assert taken[0] == taken[1] <= 12


def test_prune_drops_the_old_only(cast):
    notify(cast["member"], key="read long ago")
    actions.mark_read(cast["member"], at=NOON)
    notify(cast["member"], key="unread")

    assert actions.prune(NOON + actions.KEEP_READ) == 0
    assert actions.prune(NOON + actions.KEEP_READ + timedelta(seconds=1)) == 1
    assert actions.prune(NOON + actions.KEEP_UNREAD + timedelta(seconds=1)) == 1
