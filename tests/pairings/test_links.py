"""Links: begun, contacted, ended, voided, handed on; each refusal with its place."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import factories
from tests.conftest import NOON, TODAY
from tests.pairings import kinds
from zhibu.core import dossier
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import succeeding
from zhibu.organizations.succeeding import Into
from zhibu.pairings import actions, queries, rules
from zhibu.pairings.drafts import Faulty
from zhibu.pairings.models import Contact, Link
from zhibu.pairings.queries import Scope
from zhibu.people.merging import actions as merging
from zhibu.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NEEDS = "门口的路灯不亮"


def log(link, by, *, on=date(2026, 11, 10), channel="phone", needs=""):
    return actions.log_contact(link, held_on=on, channel=channel, needs=needs, by=by, at=NOON)


def test_begin_keeps_both_sides_and_the_ledger_vouches(link, member, households):
    link = Link.objects.named().get(pk=link.pk)

    assert link.title == f"{member.name}联系第1户"
    assert link.due_on == date(2026, 4, 1)
    assert Entry.objects.filter(kind="pairings:link:begun", subject_id=str(link.pk)).count() == 1
    assert verify().faults == []


def test_the_same_two_are_linked_once_on_a_day(link, cast, member, households, world):
    with pytest.raises(Faulty, match="已经有"):
        kinds.begin(world.village, member.pk, households[0].pk, by=cast["secretary"],
                    since=date(2027, 1, 1))  # fmt: skip
    actions.end_link(link, until=date(2026, 6, 1), reason="换人", by=cast["secretary"], at=NOON)
    again = kinds.begin(
        world.village, member.pk, households[0].pk, by=cast["secretary"], since=date(2026, 6, 1)
    )

    assert again.pk != link.pk


def test_the_database_refuses_a_twin_that_no_action_saw(link):
    twin = Link.objects.get(pk=link.pk)
    twin.pk = None

    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        twin.save(force_insert=True)


def test_the_database_asks_for_one_of_each_side(link):
    with pytest.raises(IntegrityError), transaction.atomic():
        Link.objects.filter(pk=link.pk).update(whom_row=None)


def test_as_many_as_the_pack_says_and_no_more(link, cast, member, households, world):
    for row in households[1:5]:
        kinds.begin(world.village, member.pk, row.pk, by=cast["secretary"])
    with pytest.raises(Faulty) as refused:
        kinds.begin(world.village, member.pk, households[5].pk, by=cast["secretary"])

    assert "最多同时有 5 个" in refused.value.faults["who"]
    actions.void_link(link, reason="登错了", by=cast["secretary"], at=NOON)
    kinds.begin(world.village, member.pk, households[5].pk, by=cast["secretary"])


def test_whoever_keeps_links_begins_them_and_nobody_else(cast, member, households, world):
    for stranger in ("committee member", "member", "sibling secretary", "stranger secretary"):
        with pytest.raises(Refused, match="书记"):
            kinds.begin(world.village, member.pk, households[0].pk, by=cast[stranger])
    kinds.begin(world.village, member.pk, households[0].pk, by=cast["county officer"])


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"on": TODAY + timedelta(days=1)}, "held_on"),
        ({"on": date(2026, 2, 28)}, "held_on"),
        ({"channel": "gossip"}, "channel"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_with_its_place(given, place, link, cast):
    with pytest.raises(Faulty) as refused:
        log(link, cast["member"], **given)

    assert set(refused.value.faults) == {place}
    assert not Contact.objects.exists()


def test_contacts_are_logged_by_who_makes_them_and_who_keeps_the_link(link, cast):
    log(link, cast["member"])
    log(link, cast["secretary"])
    for stranger in ("committee member", "sibling secretary", "stranger member"):
        with pytest.raises(Refused, match="由联系的人自己"):
            log(link, cast[stranger])


def test_the_last_contact_says_when_the_next_is_due_and_a_struck_one_does_not(link, cast):
    contact = log(link, cast["member"], on=date(2026, 10, 20))
    link.refresh_from_db()
    assert link.due_on == date(2026, 11, 20)
    assert not link.is_overdue(TODAY)
    assert link.is_overdue(TODAY + timedelta(days=1))

    actions.strike_contact(contact, reason="记错户了", by=cast["member"], at=NOON)
    link.refresh_from_db()
    assert link.is_overdue(TODAY)
    assert verify().faults == []


@pytest.mark.parametrize("days", range(25, 70, 3))
def test_the_list_of_overdue_agrees_with_each_link(days, link, cast):
    """What the query finds is what the link says of itself."""
    log(link, cast["member"], on=TODAY - timedelta(days=days))
    link.refresh_from_db()
    scope = Scope(cast["secretary"], TODAY)

    for offset in range(10):
        on = TODAY + timedelta(days=offset)
        listed = Scope(cast["secretary"], on).looked_at("overdue").filter(pk=link.pk).exists()
        assert listed is link.is_overdue(on)
    assert scope.looked_at("held").count() == 1


def test_needs_are_sealed_and_read_by_few(link, cast):
    log(link, cast["member"], needs=NEEDS)
    contact = Contact.objects.get()
    assert contact.needs == NEEDS
    assert NEEDS.encode() not in bytes(contact.needs_sealed)
    link = Link.objects.named().get(pk=link.pk)

    seen = {
        name: queries.log(cast[name], link)[0].needs
        for name in ("member", "secretary", "county officer", "committee member")
    }
    assert seen == {
        "member": NEEDS, "secretary": NEEDS, "county officer": NEEDS, "committee member": "不公开",
    }  # fmt: skip


def test_needs_are_erased_when_the_time_of_the_pack_is_over(link, cast):
    log(link, cast["member"], on=date(2026, 3, 5), needs=NEEDS)
    last = NOON.replace(year=2027, month=3, day=5)

    assert actions.erase_needs(last) == 0
    assert actions.erase_needs(last + timedelta(days=1)) == 1
    assert actions.erase_needs(last + timedelta(days=1)) == 0
    contact = Contact.objects.get()
    assert (contact.needs, contact.erased_at is not None) == ("", True)
    assert verify().faults == []


def test_who_has_none_is_listed_with_n_of_m(link, cast, world):
    (gap,) = queries.gaps(cast["secretary"], kinds.HOUSEHOLDS, world.county, TODAY)

    assert (gap.side, gap.total, gap.linked, len(gap.lacking)) == ("whom", 7, 1, 6)
    assert (
        queries.gaps(cast["stranger secretary"], kinds.HOUSEHOLDS, world.county, TODAY)[0].total
        == 0
    )
    (members,) = queries.gaps(cast["secretary"], kinds.MEMBERS, world.village, TODAY)
    assert members.linked == 0
    assert members.total >= 1


def test_links_are_seen_by_both_sides_and_those_entitled(link, cast):
    seen = {name for name, user in cast.items() if user and Link.objects.visible_to(user).exists()}

    assert seen == {
        "secretary", "committee member", "member", "township officer", "county officer"
    }  # fmt: skip


def test_a_handed_over_post_takes_its_links_along(link, cast, member, world):
    heir = factories.member(world.village, by=world.system, name="继任人")
    actions.hand_over([link.pk], heir.pk, cast["secretary"], NOON)

    old = Link.objects.get(pk=link.pk)
    new = Link.objects.get(follows=link)
    assert (old.state, old.until, new.since) == ("ended", TODAY, TODAY)
    assert (new.who_person_id, new.whom_row_id) == (heir.pk, link.whom_row_id)
    assert verify().faults == []

    actions.hand_over([link.pk], heir.pk, cast["secretary"], NOON)
    assert Link.objects.count() == 2


def merge(one, other, by):
    return merging.merge(
        Person.objects.get(pk=one.pk), Person.objects.get(pk=other.pk), fields={},
        lines={"states": "one", "belongings": "one"}, reason="核对身份证", by=by, at=NOON,
    )  # fmt: skip


def test_links_and_rotas_follow_a_branch_that_is_merged(link, rota, cast, world):
    beside = factories.organization(world.east, by=world.system, name="后村党支部")
    succeeding.merge(
        [world.village], into=Into(existing=beside), on=TODAY, by=world.system, at=NOON
    )

    new = Link.objects.get(follows=link)
    rota.refresh_from_db()
    assert (new.organization, rota.organization) == (beside, beside)
    assert (new.since, Link.objects.get(pk=link.pk).until) == (TODAY, TODAY)
    assert verify().faults == []


def test_links_turns_and_rolls_name_whom_is_kept_when_two_become_one(rota, cast, world, households):
    twin = factories.member(world.village, by=world.system, name="单文绣")
    kept = rota.roll.get(place=3).person
    other = kinds.begin(world.village, twin.pk, households[0].pk, by=cast["secretary"])
    more = kinds.draw(world.village, [twin], by=cast["secretary"], since=date(2026, 12, 1),
                      until=date(2026, 12, 3))  # fmt: skip

    merge(kept, twin, cast["township officer"])

    other.refresh_from_db()
    assert other.who_person == kept
    assert set(more.turns.values_list("person", flat=True)) == {kept.pk}
    assert more.roll.get().person == kept
    assert verify().ok


def test_merging_people_is_refused_where_two_links_would_be_one(cast, world, households):
    one, twin = (factories.member(world.village, by=world.system, name="单文秀") for _ in "12")
    kinds.begin(world.village, one.pk, households[0].pk, by=cast["secretary"])
    other = kinds.begin(world.village, twin.pk, households[0].pk, by=cast["secretary"])
    with pytest.raises(Refused, match="一样的联系"):
        merge(one, twin, cast["township officer"])

    actions.void_link(other, reason="登重了", by=cast["secretary"], at=NOON)
    merge(one, twin, cast["township officer"])
    assert verify().ok


def test_the_file_of_a_person_tells_links_contacts_and_turns(link, rota, cast, member):
    log(link, cast["member"], needs=NEEDS)
    told = {one.title: list(one.rows(member.pk)) for one in dossier.sections()}

    assert told["联系"][0][3] == "第1户"
    assert told["联系记录"][0][3] == NEEDS
    assert len(told["轮值"]) == 5
    assert told["轮值名单"] == [(rota.title, rota.organization.name, 1)]


def test_what_is_over_cannot_be_ended_again(link, cast):
    with pytest.raises(Faulty) as refused:
        actions.end_link(link, until=link.since, reason="", by=cast["secretary"], at=NOON)
    assert set(refused.value.faults) == {"until", "reason"}

    actions.end_link(link, until=TODAY, reason="搬走了", by=cast["secretary"], at=NOON)
    link.refresh_from_db()
    assert not rules.may_end(cast["secretary"], link)
    assert rules.may_log(cast["member"], link)
    with pytest.raises(Faulty, match="就不联系了"):
        log(link, cast["member"], on=TODAY)
