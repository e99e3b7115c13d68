"""Exempting from above, withdrawing it, explaining from below."""

from datetime import date
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from tests import factories
from tests.conftest import NOON, TODAY
from tests.duties.oracle import differences
from zhibu.core.verdicts import Refused
from zhibu.duties import actions, rules
from zhibu.duties.models import Exemption, Explanation, Obligation
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations

pytestmark = pytest.mark.usefixtures("clock")

EVERYBODY = (
    "secretary", "committee member", "member", "township officer", "county officer",
    "sibling secretary", "stranger secretary", "other township officer", "stranger member",
    "system admin", "security admin", "audit admin", "signed out",
)  # fmt: skip
STATES = ("open", "overdue", "done", "exempt", "not applicable")
ABOVE = ("township officer", "county officer")


def one_of(cast, who):
    return cast[who] or AnonymousUser()


# --- who may, in which state


MAY_EXEMPT = {*product(ABOVE, ("open", "overdue"))}


def test_may_exempt(cast, owing):
    allowed = {
        (who, state)
        for who, state in product(EVERYBODY, STATES)
        if rules.may_exempt(one_of(cast, who), owing[state])
    }

    assert allowed == MAY_EXEMPT


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("done", "不用免：已经办了。"),
        ("exempt", "不用办：已经免了。"),
        ("not applicable", "不用免：这一条本来就不适用。"),
    ],
)
def test_may_exempt_says_why_not(state, reason, cast, owing):
    assert rules.may_exempt(cast["township officer"], owing[state]).reason == reason


@pytest.mark.parametrize(
    ("who", "allowed"), [("township officer", False), ("county officer", True)]
)
def test_may_exempt_never_lets_a_committee_free_itself(who, allowed, cast, adopted):
    organizations.make_post(
        adopted.east, kind="committee-secretary", title="书记", role="committee-officer",
        since=date(2026, 1, 1), by=adopted.system, at=NOON,
    )  # fmt: skip
    own = Obligation.objects.get(organization=adopted.east, duty="secretary-class")

    assert bool(rules.may_exempt(cast[who], own)) is allowed


MAY_WITHDRAW = {*product(ABOVE, ("given",))}


def test_may_withdraw_exemption(cast, owing):
    given = Exemption.objects.get()
    withdrawn = Exemption(organization=given.organization, withdrawn_at=NOON)

    allowed = {
        (who, state)
        for who, (state, exemption) in product(
            EVERYBODY, (("given", given), ("withdrawn", withdrawn))
        )
        if rules.may_withdraw_exemption(one_of(cast, who), exemption)
    }

    assert allowed == MAY_WITHDRAW


MAY_EXPLAIN = {*product(("secretary", *ABOVE), ("open", "overdue"))}


def test_may_explain(cast, owing):
    allowed = {
        (who, state)
        for who, state in product(EVERYBODY, STATES)
        if rules.may_explain(one_of(cast, who), owing[state], TODAY)
    }

    assert allowed == MAY_EXPLAIN


# --- doing it


def kinds_recorded():
    return list(Entry.objects.order_by("pk").values_list("kind", flat=True))


def exempt(obligation, by, reason="防汛"):
    return actions.exempt(obligation, reason=reason, by=by, at=NOON)


def test_exempt_frees_and_is_recorded(cast, owing):
    exemption = exempt(owing["open"], cast["township officer"], " 防汛 ")

    row = Obligation.objects.get(pk=owing["open"].pk)
    assert (row.is_exempt, row.state_on(TODAY), exemption.reason) == (True, "exempt", "防汛")
    last = Entry.objects.latest("pk")
    assert (last.kind, last.subject_id) == ("duties:obligation:exempted", str(exemption.pk))
    assert (last.by_id, last.organization_id) == (cast["township officer"].pk, row.organization_id)
    assert verify().faults == []
    assert differences(TODAY) == []


def test_withdraw_exemption_owes_again_and_is_recorded(cast, owing):
    exemption = Exemption.objects.get()

    actions.withdraw_exemption(exemption, by=cast["county officer"], at=NOON)

    row = Obligation.objects.get(pk=owing["exempt"].pk)
    assert (row.is_exempt, row.state_on(TODAY)) == (False, "overdue")
    assert kinds_recorded()[-1] == "duties:exemption:withdrawn"
    assert verify().faults == []
    assert differences(TODAY) == []


def test_withdrawn_exemption_may_be_given_again(cast, owing):
    actions.withdraw_exemption(Exemption.objects.get(), by=cast["county officer"], at=NOON)

    exempt(owing["exempt"], cast["township officer"], "又防汛")

    assert [e.reason for e in Exemption.objects.order_by("pk")] == ["防汛", "又防汛"]


def test_explain_stands_beside_the_fact_and_is_recorded(cast, owing):
    said = actions.explain(owing["overdue"], text="都在堤上", by=cast["secretary"], at=NOON)

    assert (said.text, said.duty, said.period_since) == ("都在堤上", "theme-day", date(2026, 10, 1))
    assert owing["overdue"].state_on(TODAY) == "overdue"
    assert kinds_recorded()[-1] == "duties:obligation:explained"
    assert verify().faults == []


def withdraw(obligation, by, reason=""):
    return actions.withdraw_exemption(Exemption.objects.get(), by=by, at=NOON)


def explain(obligation, by, text="都在堤上"):
    return actions.explain(obligation, text=text, by=by, at=NOON)


@pytest.mark.parametrize(
    ("do", "state", "who", "words"),
    [
        (exempt, "open", "secretary", "防汛"),
        (exempt, "done", "township officer", "防汛"),
        (exempt, "open", "township officer", "  "),
        (withdraw, "exempt", "secretary", ""),
        (explain, "overdue", "committee member", "都在堤上"),
        (explain, "done", "secretary", "都在堤上"),
        (explain, "open", "secretary", " \n"),
    ],
)
def test_refused_leaves_no_trace(do, state, who, words, cast, owing):
    before = kinds_recorded(), list(Obligation.objects.order_by("pk").values())

    with pytest.raises(Refused):
        do(owing[state], cast[who], words)

    assert (kinds_recorded(), list(Obligation.objects.order_by("pk").values())) == before
    assert [e.withdrawn_at for e in Exemption.objects.all()] == [None]
    assert not Explanation.objects.exists()


@pytest.mark.parametrize(
    ("do", "state", "who"),
    [
        (exempt, "open", "township officer"),
        (withdraw, "exempt", "township officer"),
        (explain, "open", "secretary"),
    ],
)
def test_nothing_changes_when_recording_fails(do, state, who, cast, owing, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError

    before = list(Obligation.objects.order_by("pk").values())
    monkeypatch.setattr(ledger, "record", fail)

    with pytest.raises(IntegrityError):
        do(owing[state], cast[who])

    assert list(Obligation.objects.order_by("pk").values()) == before
    assert [e.withdrawn_at for e in Exemption.objects.all()] == [None]
    assert not Explanation.objects.exists()


def test_exemption_outlives_what_it_was_given_for(cast, owing, adopted):
    """A group closed and the like: the exemption stays on record and leaks nowhere."""
    group = organizations.form_group(
        adopted.village, name="第一小组", since=factories.SINCE, by=adopted.system, at=NOON
    )
    row = Obligation.objects.get(holder_id=group.pk, period_since=date(2026, 11, 1),
                                 holder_kind="party-group")  # fmt: skip
    exempt(row, cast["township officer"])

    organizations.close_group(group, on=date(2026, 11, 10), by=adopted.system, at=NOON)

    assert not Obligation.objects.filter(pk=row.pk).exists()
    assert Exemption.objects.filter(holder_kind="party-group", withdrawn_at=None).count() == 1
    assert verify().faults == []
    assert differences(TODAY) == []
