from datetime import timedelta

import pytest

from tests import factories
from tests.conftest import NOON
from tests.imports.bringing import bring, clock
from tests.imports.sheets import MAN, TREE, WOMAN, look, member, members, organizations
from zhibu.core import pacing
from zhibu.core.verdicts import Refused
from zhibu.imports import actions, undoing
from zhibu.imports.models import Batch
from zhibu.ledger.models import Digest, Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organization_actions
from zhibu.organizations.models import Organization
from zhibu.people import actions as people
from zhibu.people.models import Person
from zhibu.people.rights import actions as rights

pytestmark = pytest.mark.django_db
FIRST = member(党内职务="书记")
SECOND = member(姓名="王红", 性别="女", 公民身份号码=WOMAN, 所在党支部="后村党支部")


@pytest.fixture
def batch(system):
    return bring(system, organizations(*TREE), members(FIRST, SECOND))


def undo(batch, by):
    batch.refresh_from_db()
    return actions.undo(batch, by=by, at=NOON, clock=clock)


def test_what_nothing_has_touched_goes(batch, system):
    undo(batch, system)

    assert Organization.all_rows.count() == Person.all_rows.count() == 0
    batch.refresh_from_db()
    assert batch.state == Batch.State.UNDONE
    assert batch.report["kept"] == []
    assert batch.report["gone"] == {
        "registers.row": 0,
        "activities.activity": 0,
        "people.person": 2,
        "organizations.partygroup": 0,
        "organizations.organization": 4,
    }


def test_an_undo_is_one_entry_that_says_gone_and_verifies(batch, system):
    undo(batch, system)

    entry = Entry.objects.get(kind=actions.Kind.UNDONE)
    digests = Digest.objects.filter(entry_key=entry.key)
    assert [bytes(d.digest) for d in digests] == [b""] * 6
    report = verify()
    assert report.faults == []
    assert report.erased == 6


def test_somebody_changed_since_stays_with_branch_and_everything_above(batch, system):
    person = Person.objects.get(name="顾长林")
    people.reveal(
        person, field="phone", reason="通知开会", by=_secretary_of(person, system), at=NOON
    )

    undo(batch, system)

    assert [p.name for p in Person.objects.filter(batch=0) if p.name != "书记员"] == ["顾长林"]
    assert {o.code for o in Organization.objects.all()} == {"D1", "D2", "D3"}
    batch.refresh_from_db()
    why = {(kind, pk): why for kind, pk, why in batch.report["kept"]}
    assert why["people.person", person.pk] == "导入后改过"
    assert len(why) == 4
    assert verify().faults == []


def _secretary_of(person, system):
    from zhibu.accounts.models import User

    return User.objects.get(pk=_account(person, system).pk)


def _account(person, system):
    """An officer above, who may look."""
    county = Organization.objects.get(code="D1")
    return factories.holder(
        person.home, county, "committee-officer", by=system, title="组织部干事", name="书记员"
    )


def test_a_branch_that_took_somebody_in_stays(batch, system):
    branch = Organization.objects.get(code="D4")
    factories.member(branch, by=system, name="后来人")

    undo(batch, system)

    assert {o.code for o in Organization.objects.all()} == {"D1", "D2", "D4"}
    assert [p.name for p in Person.objects.all()] == ["后来人"]
    batch.refresh_from_db()
    assert {why for _, _, why in batch.report["kept"]} == {"有人在这里", "下面有别的组织"}
    assert verify().faults == []


def test_a_parent_that_got_another_child_stays(batch, system):
    county = Organization.objects.get(code="D1")
    factories.organization(county, by=system, name="中共西镇委员会", kind="committee", code="D9")

    undo(batch, system)

    assert {o.code for o in Organization.objects.all()} == {"D1", "D9"}
    assert verify().faults == []


def test_somebody_with_an_account_stays(batch, system):
    factories.account(Person.objects.get(name="王红"))

    undo(batch, system)

    assert [p.name for p in Person.objects.all()] == ["王红"]
    batch.refresh_from_db()
    assert [why for kind, _, why in batch.report["kept"] if kind == "people.person"] == ["有账号"]


def test_somebody_whose_page_was_opened_stays_and_their_look_is_not_lost(batch, system):
    person = Person.objects.get(name="顾长林")
    rights.note_opening(person, by=_secretary_of(person, system), at=NOON)
    rights.record_openings(NOON + timedelta(days=1))

    undo(batch, system)

    batch.refresh_from_db()
    why = {pk: why for kind, pk, why in batch.report["kept"] if kind == "people.person"}
    assert why == {person.pk: "有人看过资料页，本人查得到"}
    assert person.openings.count() == 1
    assert verify().faults == []


def test_a_post_filled_later_keeps_its_organisation(batch, system):
    branch = Organization.objects.get(code="D3")
    outsider = factories.member(branch, by=system, name="外来人")
    post = organization_actions.make_post(
        branch, kind="branch-member", title="支部委员", role="branch-committee",
        since=factories.SINCE, by=system, at=NOON,
    )  # fmt: skip
    people.hold_post(outsider, post=post, since=factories.SINCE, by=system, at=NOON)

    undo(batch, system)

    assert "D3" in {o.code for o in Organization.objects.all()}
    assert verify().faults == []


def test_a_record_altered_behind_the_ledgers_back_stays_for_verify_to_name(batch, system):
    Person.all_rows.filter(name="王红").update(education="博士")

    undo(batch, system)

    person = Person.objects.get()
    assert [f.subject for f in verify().faults] == [f"people.person:{person.pk}"]


def test_a_kept_record_that_is_deleted_later_is_noticed(batch, system):
    factories.account(Person.objects.get(name="王红"))
    undo(batch, system)
    assert verify().faults == []

    Person.objects.get().delete()

    assert [f.kind for f in verify().faults] == ["record-missing"]


def test_undo_is_for_who_may_import_there(batch, system):
    branch = Organization.objects.get(code="D3")
    secretary = factories.holder(branch, branch, "branch-secretary", by=system)

    with pytest.raises(Refused):
        undo(batch, secretary)
    assert Batch.objects.get().state == Batch.State.APPLIED


def test_an_import_is_undone_once(batch, system):
    undo(batch, system)

    with pytest.raises(Refused):
        undo(batch, system)


def test_the_same_roster_can_come_again_after_an_undo(batch, system):
    undo(batch, system)

    again = bring(system, organizations(*TREE), members(FIRST, SECOND))

    assert again.state == Batch.State.APPLIED
    assert Person.objects.get(name="顾长林").id_number == MAN
    assert verify().faults == []


def test_rows_are_gone_from_sight_at_once_and_verify_holds_all_the_while(
    batch, system, monkeypatch
):
    seen = []
    turn = pacing.Pacer.turn

    def watched(self):
        seen.append((Person.objects.count(), verify().faults))
        return turn(self)

    monkeypatch.setattr(pacing.Pacer, "turn", watched)
    undo(batch, system)

    assert {count for count, _ in seen} == {2, 0}
    assert [faults for _, faults in seen if faults] == []


def test_a_row_touched_while_the_undo_looks_is_kept_after_all(batch, system, monkeypatch):
    """Between the look and the one transaction that hides, somebody gets an account."""
    person = Person.objects.get(name="王红")
    plan, done = undoing.plan, []

    def planned(batch):
        found = plan(batch)
        if not done:
            done.append(factories.account(person))
        return found

    monkeypatch.setattr(undoing, "plan", planned)
    undo(batch, system)

    assert [p.name for p in Person.objects.all()] == ["王红"]
    assert verify().faults == []


def test_members_taken_back_leave_the_branches_that_were_there(tree, cast):
    officer = cast["township officer"]
    batch = bring(officer, members(member(党内职务="纪检委员")))
    before = Organization.objects.count()

    undo(batch, officer)

    assert Organization.objects.count() == before
    assert not Person.objects.filter(name="顾长林", born_on__isnull=False).exists()
    assert verify().faults == []


def test_everything_that_points_at_an_imported_row_is_known_to_go_along_or_to_keep_it():
    """A foreign key that neither cascades nor protects would be forgotten by an undo."""
    from django.db import models

    from zhibu.imports import targets

    for made in targets.makes():
        for guard in undoing.guards(made.model):
            assert issubclass(guard.model, models.Model)
            assert guard.lookup


def test_undoing_costs_the_same_number_of_queries_for_more_rows(
    system, django_assert_max_num_queries
):
    rows = [
        member(姓名=f"党员{n}", 公民身份号码=MAN[:6] + _number(n)) for n in range(2, 30)
    ]  # fmt: skip
    check, preview = look(system, organizations(*TREE), members(*rows))
    assert preview.errors == []
    from tests.imports.bringing import apply

    batch = apply(system, check, preview)
    with django_assert_max_num_queries(440):
        undo(batch, system)


def _number(n):
    from tests.imports.sheets import BORN
    from tests.imports.workbooks import id_number

    return id_number(BORN, serial=2 * n + 1)[6:]


def test_an_undo_after_the_ledgers_algorithm_changed_takes_back_the_same(batch, system, settings):
    settings.LEDGER_ALGORITHM = "sm3"

    undo(batch, system)

    batch.refresh_from_db()
    assert batch.report["kept"] == []
    assert verify().faults == []
