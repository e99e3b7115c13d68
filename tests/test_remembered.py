"""What is put back is what the actions made: whole, and vouched for by the ledger."""

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction

from tests import remembered
from tests.conftest import NOON, TODAY
from zhibu.accounts.models import User
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization


@pytest.mark.parametrize("time", ["first", "again"])
def test_situation_is_whole_each_time(time, tree, cast):
    assert verify().faults == []
    assert Organization.objects.get(pk=tree.village.pk) == tree.village
    assert User.objects.count() == 13


def test_rows_changed_by_a_situation_come_back_as_it_left_them(tree, cast, clock):
    def rename():
        more = {"since": TODAY, "by": tree.system, "at": NOON}
        organizations.rename(tree.village, name="新村支部", short_name="新村", **more)

    found = []
    for _ in ("built", "put back"):
        with transaction.atomic():
            remembered.situation("renamed", rename, lambda made: made)
            found.append(remembered.every_row())
            assert Organization.objects.get(pk=tree.village.pk).short_name == "新村"
            assert verify().faults == []
            transaction.set_rollback(True)

    assert found[0] == found[1]


def test_rows_without_numbers_are_ground_as_well(db, request):
    for key in ("a", "b"):
        Session.objects.create(session_key=key, session_data="", expire_date=NOON)

    tree = request.getfixturevalue("tree")

    assert Organization.objects.get(pk=tree.village.pk) == tree.village
    assert Session.objects.count() == 2
