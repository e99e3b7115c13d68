"""An ended case that was recorded wrongly is void, and stays readable."""

import pytest

from tests.cases import invented
from tests.cases.playing import act, adopted, begin
from tests.cases.test_actions import Opened  # noqa: F401 - registers the effect
from tests.conftest import NOON
from zhibu.cases import actions
from zhibu.cases.models import Case, Link
from zhibu.cases.steps import Faulty
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def ended(cast, tree):
    with adopted(tree):
        case = begin(tree.village, "hourly", by=cast["secretary"])
        yield act(case, "answer", "answered", by=cast["secretary"])


def void(case, by, reason="记错了村"):
    return actions.void(case, reason=reason, by=by, at=NOON)


def test_said_by_the_level_above_with_a_reason(ended, cast, client):
    with pytest.raises(Faulty, match="写明为什么作废"):
        void(ended, cast["township officer"], " ")
    case = void(ended, cast["township officer"])

    assert (case.state, case.ended_as, case.reason) == ("voided", "", "记错了村")
    assert Entry.objects.filter(kind="cases:case:voided").count() == 1
    client.force_login(cast["secretary"])
    assert "记错了村" in client.get(case.get_absolute_url()).content.decode()
    assert verify().ok


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("township officer", True),
        ("county officer", True),
        ("secretary", False),
        ("committee member", False),
        ("sibling secretary", False),
        ("other township officer", False),
    ],
)
def test_by_standing(ended, cast, who, may):
    if may:
        assert void(ended, cast[who]).state == "voided"
        return
    with pytest.raises(Refused, match="由东镇委员会作废"):
        void(ended, cast[who])


def test_by_state(ended, cast, tree):
    running = begin(tree.village, "hourly", by=cast["secretary"])
    with pytest.raises(Refused, match="还在办的，请取消"):
        void(running, cast["township officer"])
    case = void(ended, cast["township officer"])
    with pytest.raises(Refused, match="已经作废了"):
        void(case, cast["township officer"])
    with pytest.raises(Refused, match="只有办结了的才能重开"):
        actions.reopen(case, reason="再办", by=cast["township officer"], at=NOON)
    with pytest.raises(Refused):
        actions.cancel(case, reason="再办", by=cast["township officer"], at=NOON)


def test_what_changed_the_roster_is_not_void(cast, tree):
    text = invented.HOURLY.replace(
        'outcomes = [{ id = "answered", title = "答了" }]',
        'outcomes = [{ id = "answered", title = "答了", effects = [{ effect = "tests.opened", '
        "constants = { rooms = 1, by_county = false }, "
        'fields = { organization = "case.organization", on = "case.day" } }] }]',
    )
    assert text != invented.HOURLY
    with adopted(tree, invented.pack(hourly=text)):
        case = begin(tree.village, "hourly", by=cast["secretary"])
        case = act(case, "answer", "answered", by=cast["secretary"])
        with pytest.raises(Refused, match="还改了别处（开了房）"):
            void(case, cast["township officer"])


def test_what_began_another_is_void_only_after_it(cast, tree):
    with adopted(tree):
        case = begin(tree.village, "whole", by=cast["secretary"], values={"what": "石子"})
        act(case, "divide", "divided", by=cast["secretary"])
        part = Case.objects.get(links__other=case, links__kind=Link.Kind.PART)
        act(part, "do", "done", by=cast["township officer"])
        case = act(case, "gather", "gathered", by=cast["secretary"])

        with pytest.raises(Refused, match="先作废或取消它另外开始的"):
            void(case, cast["township officer"])
        void(part, cast["county officer"])
        assert void(case, cast["township officer"]).state == "voided"
