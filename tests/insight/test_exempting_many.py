"""Freeing many of one duty for one reason: seen before, all or none, by who stands above."""

import pytest
from django.urls import reverse

from tests.conftest import TODAY
from tests.duties.conftest import adopted
from zhibu.duties.models import Exemption, Obligation
from zhibu.ledger.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
__all__ = ["adopted"]


@pytest.fixture
def owed(tree, adopted):
    """What the branches of the township owe of one duty in one period."""
    rows = Obligation.objects.filter(
        organization__in=[tree.village, tree.inner], duty="general-meeting", done_on=None,
        applies=True,
    )  # fmt: skip
    since = rows.filter(organization=tree.village).order_by("period_since")[0].period_since
    return list(rows.filter(period_since=since).order_by("pk"))


def address(top, row):
    column = f"{row.pack}:{row.duty}@{row.period_since}"
    return f"{reverse('insight:exempt_many')}?organization={top.pk}&column={column}&on={TODAY}"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("township officer", 200),
        ("county officer", 200),
        ("secretary", 404),
        ("sibling secretary", 404),
        ("other township officer", 404),
        ("stranger member", 404),
    ],
)
def test_who_may_free_many_in_the_township(who, status, tree, cast, owed, client):
    client.force_login(cast[who])

    assert client.get(address(tree.east, owed[0])).status_code == status


def test_a_branch_does_not_free_itself(tree, cast, owed, client):
    client.force_login(cast["secretary"])

    assert client.get(address(tree.village, owed[0])).status_code == 403


def test_many_are_looked_at_and_freed_as_by_hand(tree, cast, owed, client):
    client.force_login(cast["township officer"])
    given = {"row": [row.pk for row in owed], "reason": "汛期抗洪"}

    page = client.post(address(tree.east, owed[0]), {**given, "step": "preview"}).content.decode()
    assert f"会改的 {len(owed)} 项" in page
    assert "理由：汛期抗洪" in page
    assert not Exemption.objects.exists()

    answer = client.post(address(tree.east, owed[0]), {**given, "step": "apply"})
    assert answer.headers["Location"].startswith(reverse("insight:column"))
    assert Exemption.objects.count() == len(owed) > 1
    assert set(Exemption.objects.values_list("reason", flat=True)) == {"汛期抗洪"}
    assert Entry.objects.filter(kind="duties:obligation:exempted").count() == len(owed)


def test_what_is_free_already_is_not_offered(tree, cast, owed, client):
    from tests.conftest import NOON
    from zhibu.duties import actions as duties

    duties.exempt(owed[0], reason="旱", by=cast["township officer"], at=NOON)
    client.force_login(cast["township officer"])

    page = client.get(address(tree.east, owed[1])).content.decode()

    assert f'value="{owed[0].pk}"' not in page
    assert f'value="{owed[1].pk}"' in page


def test_without_a_reason_nothing_is_freed(tree, cast, owed, client):
    client.force_login(cast["township officer"])
    given = {"row": [owed[0].pk], "reason": "", "step": "apply"}

    page = client.post(address(tree.east, owed[0]), given).content.decode()

    assert "还没保存" in page
    assert not Exemption.objects.exists()


def test_the_list_leads_there_for_those_who_may(tree, cast, owed, client):
    for who, leads in (("township officer", True), ("secretary", False)):
        client.force_login(cast[who])
        top = tree.east if leads else tree.village
        column = address(top, owed[0]).replace("exempt/", "")
        assert ("批量免办" in client.get(column).content.decode()) is leads
