from datetime import date

import pytest

from tests import factories
from tests.conftest import NOON, TODAY
from tests.imports.bringing import apply, begin, bring, clock
from tests.imports.sheets import (
    BORN,
    MAN,
    MEMBERS,
    TREE,
    WOMAN,
    look,
    member,
    members,
    organizations,
)
from tests.imports.workbooks import id_number
from zhibu.core import pacing
from zhibu.core.verdicts import Refused
from zhibu.imports import actions
from zhibu.imports.models import Batch
from zhibu.ledger.models import Digest, Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organization_actions
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people import actions as people
from zhibu.people.models import Belonging, GroupMembership, Holding, MembershipState, Person

pytestmark = pytest.mark.django_db
SECOND = member(姓名="单红", 性别="女", 公民身份号码=WOMAN, 党内职务="组织委员")
FIRST = member(党内职务="书记", 联系电话="199 1234 0001")


def test_organisations_come_in_with_their_place_history_and_term(system):
    bring(system, organizations(*TREE), members(FIRST, SECOND))

    county, town, front, back = Organization.objects.order_by("code")
    assert [o.code for o in (county, town, front, back)] == ["D1", "D2", "D3", "D4"]
    assert front.path.startswith(town.path)
    assert town.path.startswith(county.path)
    assert (front.parent, front.kind, front.established_on) == (town, "branch", date(1960, 1, 1))
    placement = front.placements.get()
    assert (placement.parent, placement.path, placement.since) == (
        town,
        front.path,
        date(1960, 1, 1),
    )
    assert front.names.get().name == "前村党支部"
    term = front.terms.get()
    assert (term.since, term.ends_on, term.has_committee) == (
        date(1960, 1, 1),
        date(2027, 5, 28),
        True,
    )
    assert back.terms.get().has_committee is False
    assert town.terms.get().has_committee is True


def test_a_member_comes_in_sealed_found_placed_and_in_post(system):
    bring(system, organizations(*TREE), members(FIRST, SECOND))

    person = Person.objects.get(name="顾长林")
    assert (person.id_number, person.phone, person.sex) == (MAN, "19912340001", "male")
    assert (person.born_on, person.ethnicity) == (BORN, "汉族")
    assert person.home.code == "D3"
    assert person.path == person.home.path
    assert list(person.states.order_by("since").values_list("state", "since", "until")) == [
        ("probationary", date(2005, 7, 1), date(2006, 7, 1)),
        ("full", date(2006, 7, 1), None),
    ]
    belonging = person.belongings.get()
    assert (belonging.since, belonging.is_since_known) == (date(2026, 1, 1), False)
    holding = person.holdings.get()
    assert (holding.post.kind, holding.post.role) == ("branch-secretary", "branch-secretary")
    assert (holding.since, holding.until) == (date(2026, 1, 1), date(2027, 5, 28))
    tokens = set(Person.objects.get(name="单红").name_tokens.values_list("token", flat=True))
    assert {"单红", "红", "shanhong", "danhong", "sh"} <= tokens


@pytest.mark.parametrize(
    ("changes", "spells"),
    [
        (
            {"人员类别": "预备党员", "入党日期": "2026-03-01", "转正日期": ""},
            [("probationary", date(2026, 3, 1), None)],
        ),
        (
            {"出生日期": "1940-01-01", "公民身份号码": id_number(date(1940, 1, 1), serial=1),
             "入党日期": "1970-07-01", "转正日期": ""},
            [("full", date(1970, 7, 1), None)],
        ),
        ({"转正日期": ""}, [("full", date(2005, 7, 1), None)]),
        ({"入党日期": ""}, [("full", date(2006, 7, 1), None)]),
        ({"入党日期": "", "转正日期": ""}, [("full", date(2026, 1, 1), None)]),
        (
            {"人员类别": "入党积极分子", "入党日期": "", "转正日期": ""},
            [("activist", date(2026, 1, 1), None)],
        ),
    ],
)  # fmt: skip
def test_states_follow_from_the_days(system, changes, spells):
    bring(system, organizations(*TREE), members(member(**changes)))

    assert list(MembershipState.objects.values_list("state", "since", "until")) == spells


def test_someone_who_joined_this_year_belongs_since_that_day(system):
    row = member(人员类别="预备党员", 入党日期="2026-03-01", 转正日期="")

    bring(system, organizations(*TREE), members(row))

    assert Belonging.objects.get().since == date(2026, 3, 1)


def test_a_term_that_has_run_out_leaves_its_holding_marked(system):
    tree = [*TREE[:2], ["D3", "前村党支部", "党支部", "D2", "1960-01-01", "2025-05-28"]]

    bring(system, organizations(*tree), members(FIRST))

    holding = Holding.objects.get()
    assert holding.until == date(2025, 5, 28)
    assert holding.since < holding.until
    assert holding.ended_on is None


def test_party_groups_of_the_roster_are_made_with_their_leader(system):
    headings = [*MEMBERS, "党小组"]
    rows = [[*member(党内职务="党小组组长"), "第一党小组"], [*SECOND, "第一党小组"]]

    bring(system, organizations(*TREE), members(*rows, headings=headings))

    group = PartyGroup.objects.get()
    assert (group.name, group.organization.code) == ("第一党小组", "D3")
    assert group.memberships.count() == 2
    assert Holding.objects.get(post__group=group).person.name == "顾长林"


def test_an_import_is_one_entry_with_a_digest_a_record_and_verifies(system):
    batch = bring(system, organizations(*TREE), members(FIRST, SECOND))

    entry = Entry.objects.get(kind=actions.Kind.APPLIED)
    assert entry.digests_count == 6
    assert Digest.objects.filter(entry_key=entry.key).count() == 6
    assert (entry.subject_id, entry.organization_id) == (str(batch.pk), batch.organization_id)
    assert verify().faults == []


def test_the_batch_remembers_what_it_made_and_where(system):
    batch = bring(system, organizations(*TREE), members(FIRST, SECOND))

    batch.refresh_from_db()
    assert batch.state == Batch.State.APPLIED
    assert batch.counts["made"] == {"organizations": 4, "members": 2, "activities": 0}
    assert (batch.progress, batch.total) == (6, 6)
    assert batch.path == Organization.objects.get(code="D1").path


def test_nothing_is_seen_until_the_last_transaction(system, monkeypatch):
    seen = []
    turn = pacing.Pacer.turn

    def watched(self):
        seen.append((Organization.objects.count(), Person.objects.count()))
        return turn(self)

    monkeypatch.setattr(pacing.Pacer, "turn", watched)
    bring(system, organizations(*TREE), members(FIRST, SECOND))

    assert len(seen) >= 4
    assert set(seen) == {(0, 0)}
    assert (Organization.objects.count(), Person.objects.count()) == (4, 2)


def test_refused_rows_stop_an_import_of_everything(system):
    check, preview = look(system, organizations(*TREE), members(FIRST, member(性别="?")))

    with pytest.raises(Refused) as caught:
        apply(system, check, preview)

    assert "不能全部导入" in caught.value.verdict.reason
    assert Organization.all_rows.count() == Person.all_rows.count() == 0


def test_clean_rows_come_in_and_what_hangs_on_refused_ones_stays_out(system):
    tree = [*TREE, ["D3", "新村党支部", "党支部", "D2", "", ""]]
    rows = [
        FIRST,
        member(姓名="王红", 性别="女", 公民身份号码=WOMAN, 所在党支部="新村党支部"),
        member(姓名="", 公民身份号码=id_number(BORN, serial=5)),
    ]

    bring(system, organizations(*tree), members(*rows), clean_only=True)

    assert Organization.objects.count() == 4
    assert [p.name for p in Person.objects.all()] == ["顾长林"]
    assert verify().faults == []


def test_members_alone_join_the_branches_that_are_there(tree, cast):
    officer = cast["township officer"]
    before = Entry.objects.count()

    bring(officer, members(member(党内职务="纪检委员")))

    person = Person.objects.get(name="顾长林", born_on=BORN)
    assert person.home == tree.village
    assert person.path == tree.village.path
    holding = person.holdings.get()
    assert (holding.post.organization, holding.post.title) == (tree.village, "纪检委员")
    assert Entry.objects.count() == before + 1
    assert verify().faults == []


def test_a_standing_branch_shows_nobody_before_the_last_transaction(tree, cast, monkeypatch):
    """Rolls, head counts and posts of a branch that meets meanwhile are whole at any moment."""
    officer = cast["township officer"]
    people.join_group(
        Person.objects.get(name="顾长林"),
        group=organization_actions.form_group(
            tree.village, name="第一党小组", since=factories.SINCE, by=tree.system, at=NOON
        ),
        since=factories.SINCE,
        by=tree.system,
        at=NOON,
    )
    seen = []
    turn = pacing.Pacer.turn

    def watched(self):
        seen.append(_shown(tree.village))
        return turn(self)

    monkeypatch.setattr(pacing.Pacer, "turn", watched)
    rows = [[*member(姓名="新一"), "第一党小组"], [*SECOND, "第二党小组"]]
    batch = bring(officer, members(*rows, headings=[*MEMBERS, "党小组"]))

    assert len(seen) >= 3
    assert set(seen) == {(3, 1, 2)}
    assert _shown(tree.village) == (5, 3, 3)
    assert verify().faults == []

    seen.clear()
    actions.undo(batch, by=officer, at=NOON, clock=clock)
    assert set(seen) == {(5, 3, 3), (3, 1, 2)}
    assert _shown(tree.village) == (3, 1, 2)
    assert verify().faults == []


def _shown(branch):
    """At home there, in its groups, in its posts: as those count who do not ask for people."""
    return (
        Belonging.objects.filter(organization=branch, until=None).count(),
        GroupMembership.objects.filter(group__organization=branch).count(),
        Holding.objects.filter(post__organization=branch).count(),
    )


def test_a_branch_dissolved_meanwhile_takes_nobody_in(tree, cast, monkeypatch):
    officer = cast["township officer"]
    turns = []
    turn = pacing.Pacer.turn

    def watched(self):
        turns.append(1)
        if len(turns) == 2:
            Organization.objects.filter(pk=tree.inner.pk).update(dissolved_on=TODAY)
        return turn(self)

    monkeypatch.setattr(pacing.Pacer, "turn", watched)
    with pytest.raises(Refused):
        bring(officer, members(member(所在党支部="机关第一党支部")))

    assert not Person.all_rows.filter(born_on=BORN).exists()
    assert Batch.objects.get().state == Batch.State.FAILED


def test_a_standing_post_is_filled_only_where_there_is_a_seat(tree, cast):
    from zhibu.organizations.models import Post

    officer = cast["township officer"]
    Post.objects.filter(organization=tree.village, kind="branch-secretary").update(seats=1)

    check, preview = look(officer, members(member(党内职务="书记")))
    apply(officer, check, preview)

    assert [f.code for f in preview.warnings if f.code == "two_secretaries"] == ["two_secretaries"]
    assert not Holding.objects.filter(person__born_on=BORN).exists()


def test_one_cannot_import_outside_ones_reach(cast, tree):
    from zhibu.imports import rules

    check, preview = look(cast["township officer"], members(member()))

    with pytest.raises(Refused):
        begin(cast["other township officer"], check, preview)
    assert rules.grounds(cast["member"]) == []


def test_a_file_is_applied_once(system):
    check, preview = look(system, organizations(*TREE), members(FIRST))
    batch = begin(system, check, preview)
    actions.apply(
        batch, check=check, preview=preview, clean_only=False, by=system, at=NOON, clock=clock
    )

    with pytest.raises(Refused):
        actions.apply(
            batch, check=check, preview=preview, clean_only=False, by=system, at=NOON, clock=clock
        )

    assert Person.objects.count() == 1


def test_a_number_registered_after_the_check_fails_the_import_and_leaves_nothing(tree, cast):
    officer = cast["township officer"]
    check, preview = look(officer, members(member()))
    factories.member(tree.far, by=tree.system, name="远人", id_number=MAN)
    before = (Person.all_rows.count(), Digest.objects.count(), Entry.objects.count())

    with pytest.raises(Refused) as caught:
        apply(officer, check, preview)

    assert "再核对一次" in caught.value.verdict.reason
    assert Batch.objects.get().state == Batch.State.FAILED
    assert (Person.all_rows.count(), Digest.objects.count(), Entry.objects.count()) == before
    assert verify().faults == []


def test_recording_that_fails_leaves_nothing(system, monkeypatch):
    from zhibu.ledger.actions import Digests

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(Digests, "conclude", fail)

    with pytest.raises(RuntimeError):
        bring(system, organizations(*TREE), members(FIRST))

    assert Organization.all_rows.count() == Person.all_rows.count() == 0
    assert Batch.objects.get().state == Batch.State.FAILED
    assert verify().faults == []


def test_a_move_above_while_rows_are_written_is_followed(tree, cast, monkeypatch):
    """Somebody moves the township in the middle of an import below it."""
    system = tree.system
    turns = []
    turn = pacing.Pacer.turn

    def watched(self):
        turns.append(1)
        if len(turns) == 2:
            organization_actions.move(
                tree.general, parent=tree.west, since=TODAY, by=system, at=NOON
            )
        return turn(self)

    monkeypatch.setattr(pacing.Pacer, "turn", watched)
    rows = organizations(["N1", "新一党支部", "党支部", tree.general.code, "", ""])
    bring(system, rows, members(member(所在党支部="新一党支部")))

    tree.general.refresh_from_db()
    made = Organization.objects.get(code="N1")
    assert made.path.startswith(tree.general.path)
    assert made.placements.get(until=None).path == made.path
    assert Person.objects.get(home=made).path == made.path
    assert verify().faults == []


def test_what_organisations_derive_follows_in_turns(system, monkeypatch):
    from zhibu.core import effects

    asked = []
    run = effects.run

    def noted(name, **params):
        asked.extend([params["organizations"]] if "organizations" in params else [])
        run(name, **params)

    monkeypatch.setattr(actions, "REFRESH_AT_ONCE", 2)
    monkeypatch.setattr(effects, "run", noted)
    batch = bring(system, organizations(*TREE), members(FIRST))

    batch.refresh_from_db()
    assert sorted(pk for part in asked for pk in part) == sorted(
        Organization.objects.values_list("pk", flat=True)
    )
    assert batch.to_refresh == []


def test_turns_are_short_and_grow_slowly():
    pacer = pacing.Pacer()

    pacer.last_seconds = 0.01
    assert pacer.next_size(200) == 300
    pacer.last_seconds = 1.0
    assert pacer.next_size(200) == 40
    pacer.last_seconds = 100.0
    assert pacer.next_size(200) == pacing.SMALLEST
