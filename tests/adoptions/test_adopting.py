"""Who may adopt and withdraw, and what comes of it."""

from datetime import date

import pytest
from django.db import IntegrityError

from tests.adoptions.conftest import MARCH, NATIONAL, NEW_YEAR, QUARTERLY, SEED
from tests.conftest import NOON, TODAY
from zhibu.adoptions import actions, queries, rules
from zhibu.adoptions.models import Adoption
from zhibu.core.verdicts import Refused
from zhibu.duties.models import Obligation
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations
from zhibu.packs import library

pytestmark = pytest.mark.django_db

OFFICERS = {"county officer": True, "township officer": True}
STANDINGS = [
    "secretary",
    "committee member",
    "member",
    "township officer",
    "county officer",
    "sibling secretary",
    "stranger secretary",
    "other township officer",
    "stranger member",
    "system admin",
    "security admin",
    "audit admin",
]


@pytest.mark.parametrize("who", STANDINGS)
@pytest.mark.parametrize(
    ("pack_id", "held", "fits"),
    [
        (NATIONAL, set(), True),
        (QUARTERLY, set(), False),
        (QUARTERLY, {NATIONAL}, True),
    ],
)
def test_who_may_adopt_for_the_township(who, pack_id, held, fits, cast, tree):
    pack = library.packs()[pack_id]

    verdict = rules.may_adopt(cast[who], tree.east, pack, held)

    assert bool(verdict) is (who in OFFICERS and fits)


@pytest.mark.parametrize(
    ("who", "allowed"), [("county officer", True), ("township officer", False)]
)
def test_only_the_county_adopts_for_the_county(who, allowed, cast, tree):
    verdict = rules.may_adopt(cast[who], tree.county, library.packs()[NATIONAL], set())

    assert bool(verdict) is allowed


def test_nobody_adopts_for_what_is_dissolved(cast, tree):
    organizations.dissolve(tree.village, on=TODAY, by=tree.system, at=NOON)
    tree.village.refresh_from_db()

    verdict = rules.may_adopt(
        cast["county officer"], tree.village, library.packs()[NATIONAL], set()
    )

    assert verdict.reason == "不能采用：前村党支部已经撤销。"


@pytest.mark.parametrize("who", STANDINGS)
@pytest.mark.parametrize("state", ["open", "withdrawn", "leant on"])
def test_who_may_withdraw_the_townships_adoption(who, state, cast, tree, adopt):
    adopt()
    adoption = adopt(QUARTERLY, tree.east, MARCH)
    leaning = []
    if state == "withdrawn":
        adoption = actions.withdraw(adoption, until=TODAY, by=tree.system, at=NOON)
    if state == "leant on":
        leaning = [adoption]

    verdict = rules.may_withdraw(cast[who], adoption, leaning)

    assert bool(verdict) is (who in OFFICERS and state == "open")


def test_adopting_is_recorded_and_obliges_at_once(cast, tree):
    adoption = actions.adopt(
        pack=NATIONAL,
        organization=tree.county,
        since=NEW_YEAR,
        paper="某组通〔2026〕1号",
        by=cast["county officer"],
        at=NOON,
    )

    entry = Entry.objects.get(kind="adoptions:adoption:begun")
    assert (entry.subject_id, entry.by_id, entry.occurred, entry.basis) == (
        str(adoption.pk),
        cast["county officer"].pk,
        NEW_YEAR,
        "某组通〔2026〕1号",
    )
    assert entry.organization_id == tree.county.pk
    owed = Obligation.objects.filter(organization=tree.village, duty="general-meeting")
    assert owed.count() == 4
    assert verify().faults == []


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"pack": "demo/absent"}, "没有制度包 demo/absent"),
        ({"fields": ["sea"]}, "没有领域 sea"),
        ({"pack": QUARTERLY}, "不能采用党课每季度一次：要先采用 national/branch-life。"),
    ],
)
def test_refused_adoption_leaves_no_trace(asked, reason, cast, tree):
    entries = Entry.objects.count()

    with pytest.raises(Refused, match=reason):
        actions.adopt(
            **{"pack": NATIONAL, "organization": tree.county, "since": NEW_YEAR, **asked},
            by=cast["county officer"],
            at=NOON,
        )

    assert not Adoption.objects.exists()
    assert not Obligation.objects.exists()
    assert Entry.objects.count() == entries


def test_what_is_needed_may_be_held_from_above(cast, tree, adopt):
    adopt()

    adoption = actions.adopt(
        pack=QUARTERLY,
        organization=tree.east,
        since=MARCH,
        by=cast["township officer"],
        at=NOON,
    )

    assert adoption.pk


def test_what_is_needed_must_hold_on_the_first_day(tree, adopt):
    adopt(since=MARCH)

    with pytest.raises(Refused, match="要先采用"):
        adopt(QUARTERLY, tree.east, since=date(2026, 2, 28))


def test_pack_is_not_adopted_twice_at_one_place(tree, adopt):
    adopt()

    with pytest.raises(Refused, match="已经采用"):
        adopt()


def test_nothing_changes_when_recording_fails(tree, adopt, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(ledger, "record", fail)
    with pytest.raises(IntegrityError):
        adopt()

    assert not Adoption.objects.exists()
    assert not Obligation.objects.exists()


def test_withdrawing_keeps_what_was_owed_before(cast, tree, adopted):
    actions.withdraw(adopted[SEED], until=date(2026, 7, 15), by=cast["township officer"], at=NOON)

    rows = Obligation.objects.filter(organization=tree.village, duty="theme-day")
    packs = dict(rows.values_list("period_since", "pack"))
    assert packs[date(2026, 7, 1)] == SEED
    assert packs[date(2026, 8, 1)] == NATIONAL
    assert Entry.objects.filter(kind="adoptions:adoption:withdrawn").count() == 1
    assert verify().faults == []


def test_what_others_need_is_not_withdrawn(cast, tree, adopted):
    with pytest.raises(Refused, match="还有 2 处靠它"):
        actions.withdraw(adopted[NATIONAL], until=TODAY, by=cast["county officer"], at=NOON)

    assert Adoption.objects.filter(until=None).count() == 3


def test_what_others_need_may_be_withdrawn_where_it_holds_from_above(tree, adopt):
    adopt()
    own = adopt(NATIONAL, tree.east)
    adopt(QUARTERLY, tree.east)

    actions.withdraw(own, until=TODAY, by=tree.system, at=NOON)

    assert {h.pack.id for h in queries.in_force(tree.village, TODAY)} == {NATIONAL, QUARTERLY}


@pytest.mark.parametrize("until", [NEW_YEAR, date(2025, 12, 31)])
def test_adoption_does_not_end_before_it_began(until, tree, adopt):
    adoption = adopt()

    with pytest.raises(Refused, match="才开始采用"):
        actions.withdraw(adoption, until=until, by=tree.system, at=NOON)


def test_withdrawal_changes_nothing_when_recording_fails(tree, adopt, monkeypatch):
    adoption = adopt()
    owed = Obligation.objects.count()

    def fail(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(ledger, "record", fail)
    with pytest.raises(IntegrityError):
        actions.withdraw(adoption, until=TODAY, by=tree.system, at=NOON)

    adoption.refresh_from_db()
    assert adoption.until is None
    assert Obligation.objects.count() == owed
