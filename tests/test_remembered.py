"""What is put back is what the actions made: whole, and vouched for by the ledger."""

import pytest

from zhibu.accounts.models import User
from zhibu.ledger.verify import verify
from zhibu.organizations.models import Organization


@pytest.mark.parametrize("time", ["first", "again"])
def test_situation_is_whole_each_time(time, tree, cast):
    assert verify().faults == []
    assert Organization.objects.get(pk=tree.village.pk) == tree.village
    assert User.objects.count() == 13
