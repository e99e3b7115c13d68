"""Reporting in elsewhere: claiming what waits there, for oneself or for a unit; what is counted."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from tests import factories
from tests.conftest import NOON
from tests.pairings import kinds
from tests.portal import asking as doors
from tests.scenes import person_of
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions as cases
from zhibu.cases import claiming
from zhibu.cases.models import Case, Turn
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.pairings import actions, registering
from zhibu.pairings.models import Link

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PACK = "seeds/dual-registration"
MEMBERS, UNITS = f"{PACK}:members", f"{PACK}:units"
DAY = NOON.date()


@pytest.fixture
def village(tree, cast):
    doors.open_doors(tree)
    adoptions.adopt(
        pack=PACK, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
    )
    return tree.village


@pytest.fixture
def guest(village, tree):
    """A member of a branch in another township, without any post."""
    return factories.account(factories.member(tree.far, by=tree.system, name="包小军"))


@pytest.fixture
def registered(guest, village, tree, cast):
    return begin(tree.far, guest.person_id, village, cast)


def begin(home, who, place, cast, *, kind=MEMBERS):
    return kinds.begin(home, who, place.pk, by=cast["county officer"], kind=kind)


@pytest.fixture
def pooled(village, cast):
    """Three requests in the village's pool: one can wait, one presses, one is in between."""
    return [pool(village, cast, urgency) for urgency in ("later", "now", "soon")]


def pool(village, cast, urgency, what="路灯坏了三盏"):
    ticket, _ = doors.ask(village, values={**doors.SAID, "what": what})
    turn = ticket.case.turns.get(stage="take")
    cases.act(turn, doors.step("pool", urgency=urgency), by=cast["secretary"], at=timezone.now())
    return ticket.case


def waiting(user):
    return [turn.case_id for turn in claiming.waiting(user, DAY)]


def claim(case, by, **more):
    return cases.claim(case.turns.open().get(stage="pool"), by=by, at=timezone.now(), **more)


def answer(case, by):
    """From the pool to the answer, without claiming once more."""
    for stage, outcome, values in (("pool", "begin", {}), ("handle", "done", {"answer": "好了"})):
        turn = case.turns.open().get(stage=stage)
        cases.act(turn, doors.step(outcome, **values), by=by, at=timezone.now())


def test_what_waits_is_seen_by_those_of_the_place_and_those_who_reported_in(
    pooled, guest, cast, village, tree
):
    later, now, soon = (case.pk for case in pooled)
    assert waiting(cast["secretary"]) == [now, soon, later]
    assert waiting(guest) == []
    assert waiting(cast["member"]) == []

    begin(tree.far, guest.person_id, village, cast)

    assert waiting(guest) == [now, soon, later]
    assert not Case.objects.visible_to(guest).exists()


def test_whoever_reported_in_above_claims_what_waits_below(pooled, guest, cast, tree):
    begin(tree.far, guest.person_id, tree.east, cast)

    assert len(waiting(guest)) == 3


def test_who_claims_goes_on_to_the_answer_and_sees_the_case_for_good(
    pooled, registered, guest, tree, cast
):
    case = pooled[0]
    claim(case, guest)
    answer(case, guest)

    done = case.turns.filter(person=guest.person_id).order_by("number")
    assert [turn.stage for turn in done] == ["pool", "handle"]
    assert {turn.claimed_for for turn in done} == {tree.far}
    assert Case.objects.visible_to(guest).get() == case
    assert verify().ok


def test_dissatisfied_it_comes_back_to_whoever_claimed_it(pooled, registered, guest, cast):
    case = pooled[0]
    claim(case, guest)
    answer(case, guest)
    rate = case.turns.open().get(stage="rate")
    cases.act(rate, doors.step("dissatisfied", why="还有一盏"), by=None, at=timezone.now())

    again = case.turns.open().get(stage="handle")
    assert again.is_claimed
    assert again.person_id == guest.person_id


def test_whoever_it_comes_back_to_is_told_and_nobody_else(pooled, registered, guest, cast):
    case = pooled[0]
    claim(case, guest)
    answer(case, guest)
    Notice.objects.all().delete()
    rate = case.turns.open().get(stage="rate")
    cases.act(rate, doors.step("dissatisfied", why="还有一盏"), by=None, at=timezone.now())

    assert list(Notice.objects.values_list("user", flat=True)) == [guest.pk]


def test_who_goes_on_oneself_is_not_told(pooled, registered, guest, cast):
    case = pooled[0]
    claim(case, guest)
    Notice.objects.all().delete()
    begin_turn = case.turns.open().get(stage="pool")
    cases.act(begin_turn, doors.step("begin"), by=guest, at=timezone.now())

    assert not Notice.objects.filter(user=guest).exists()


def test_where_they_cannot_sign_in_any_more_it_waits_at_its_place(pooled, registered, guest, cast):
    case = pooled[0]
    claim(case, guest)
    answer(case, guest)
    type(guest).objects.filter(pk=guest.pk).update(is_active=False)
    Notice.objects.all().delete()
    rate = case.turns.open().get(stage="rate")
    cases.act(rate, doors.step("dissatisfied", why="还有一盏"), by=None, at=timezone.now())

    assert not case.turns.open().get(stage="handle").is_claimed
    told = set(Notice.objects.values_list("user", flat=True))
    assert told == {cast["secretary"].pk, cast["committee member"].pk}


def test_the_second_of_two_clicks_leads_to_the_case(pooled, registered, guest, client, cast):
    turn = pooled[0].turns.open().get()
    for who, address in (
        (guest, f"/cases/pool/{turn.pk}/"),
        (
            cast["secretary"],
            f"/cases/{pooled[1].pk}/turns/{pooled[1].turns.open().get().pk}/claim/",
        ),
    ):
        client.force_login(who)
        first, second = client.post(address), client.post(address)
        assert (first.status_code, second.status_code) == (302, 302)
        assert first["Location"] == second["Location"]


def test_taken_up_at_once_it_is_claimed_anew_each_time(village, cast):
    ticket, _ = doors.ask(village)
    who, case = cast["secretary"], ticket.case
    take = case.turns.get(stage="take")
    cases.act(take, doors.step("take", urgency="soon"), by=who, at=timezone.now())

    assert not case.turns.open().get(stage="handle").is_claimed


def test_nobody_claims_where_they_did_not_report_in(pooled, guest, tree, cast):
    with pytest.raises(Refused, match="或者由在那里报到的党员、单位认领"):
        claim(pooled[0], guest)
    begin(tree.far, guest.person_id, tree.inner, cast)
    with pytest.raises(Refused, match="报到"):
        claim(pooled[0], guest)


def test_from_the_day_it_ends_nobody_claims_by_it(pooled, registered, guest, cast):
    actions.end_link(registered, until=DAY, reason="回单位", by=cast["county officer"], at=NOON)

    assert waiting(guest) == []
    with pytest.raises(Refused, match="报到"):
        claim(pooled[0], guest)


def test_a_step_that_does_not_say_so_is_claimed_by_its_place_alone(
    village, registered, guest, cast
):
    ticket, _ = doors.ask(village)
    take = ticket.case.turns.get(stage="take")
    cases.act(take, doors.step("take", urgency="now"), by=cast["secretary"], at=timezone.now())
    handle = ticket.case.turns.open().get(stage="handle")

    assert waiting(guest) == []
    with pytest.raises(Refused, match="的人认领"):
        cases.claim(handle, by=guest, at=timezone.now())


def test_a_unit_claims_through_those_who_act_for_it(pooled, village, tree, cast):
    head = factories.holder(tree.far, tree.far, "branch-secretary", by=tree.system, name="戚长根")
    plain = factories.account(factories.member(tree.far, by=tree.system, name="纪小满"))
    kinds.begin(tree.west, tree.far.pk, village.pk, by=cast["county officer"], kind=UNITS)

    assert (len(waiting(head)), waiting(plain)) == (3, [])
    turn = claim(pooled[0], head)
    assert turn.claimed_for == tree.far


def test_of_oneself_and_a_unit_one_chooses(pooled, village, tree, cast, client):
    head = factories.holder(tree.far, tree.far, "branch-secretary", by=tree.system, name="戚长根")
    begin(tree.far, head.person_id, village, cast)
    kinds.begin(tree.county, tree.inner.pk, village.pk, by=cast["county officer"], kind=UNITS)
    turn = pooled[0].turns.open().get()
    with pytest.raises(Refused, match="不能替这个单位"):
        claim(pooled[0], head, unit=tree.inner.pk)
    client.force_login(head)
    page = client.get(f"/cases/pool/{turn.pk}/").content.decode()

    assert "我自己认领" not in page  # only one way: nothing to choose
    assert client.post(f"/cases/pool/{turn.pk}/").status_code == 302
    assert Turn.objects.get(pk=turn.pk).claimed_for == tree.far


def test_two_ways_are_offered_and_one_has_to_be_chosen(pooled, village, tree, cast, client):
    head = factories.holder(tree.far, tree.inner, "branch-secretary", by=tree.system, name="戚长根")
    begin(tree.far, head.person_id, village, cast)
    kinds.begin(tree.county, tree.inner.pk, village.pk, by=cast["county officer"], kind=UNITS)
    turn = pooled[0].turns.open().get()
    client.force_login(head)
    address = f"/cases/pool/{turn.pk}/"

    assert "选一个：您自己认领，还是替单位认领。" in client.post(address).content.decode()
    client.post(address, {"unit": tree.inner.pk})
    assert Turn.objects.get(pk=turn.pk).claimed_for == tree.inner


def test_given_back_it_waits_again_and_nothing_is_known_of_it(pooled, registered, guest, cast):
    claim(pooled[0], guest)
    turn = pooled[0].turns.open().get()
    cases.release(turn, reason="一个月没有动", by=cast["secretary"], at=timezone.now())

    turn.refresh_from_db()
    assert (turn.claimed_for, turn.person, turn.is_claimed) == (None, None, False)
    assert not Case.objects.visible_to(guest).exists()
    assert len(waiting(guest)) == 3


def test_who_came_second_is_told_who_was_first(pooled, registered, guest, cast, client):
    turn = pooled[0].turns.open().get()
    claim(pooled[0], cast["secretary"])
    client.force_login(guest)

    answered = client.post(f"/cases/pool/{turn.pk}/")
    assert answered.status_code == 403
    assert "顾长林已经认领了" in answered.content.decode()


def test_the_page_tells_what_was_asked_and_no_contact(village, registered, guest, cast, client):
    ticket, _ = doors.ask(village, name="钱桂花", phone="13900001234")
    turn = ticket.case.turns.get()
    cases.act(turn, doors.step("pool", urgency="now"), by=cast["secretary"], at=timezone.now())
    client.force_login(guest)
    listed = client.get("/cases/pool/").content.decode()
    page = client.get(f"/cases/pool/{ticket.case.turns.open().get().pk}/").content.decode()

    assert "您到" in listed
    assert doors.SAID["what"] in page
    assert not any(said in listed + page for said in ("钱桂花", "13900001234"))
    assert client.get(ticket.case.get_absolute_url()).status_code == 404


def test_today_leads_to_what_may_be_claimed(village, registered, guest, client):
    client.force_login(guest)
    page = client.get("/today/").content.decode()

    assert f"到{village.called}报到" in page
    assert "/cases/pool/" in page


def test_the_list_goes_to_excel_in_its_order(pooled, registered, guest, client):
    client.force_login(guest)
    file = client.get("/cases/pool/?export=1")
    rows = list(load_workbook(BytesIO(b"".join(file)), read_only=True).active.values)

    assert [row[0] for row in rows if row[0] in ("很急", "要紧", "可以排着办")] == [
        "很急", "要紧", "可以排着办",
    ]  # fmt: skip


# --- what is counted


def test_services_opinions_claims_and_answers_are_counted(pooled, registered, guest, cast):
    def log(on, needs="", case=None):
        contact = actions.log_contact(
            registered, held_on=on, channel="health", needs=needs, by=guest, at=NOON
        )
        if case:
            actions.become(contact, case=case, by=guest, at=NOON)

    log(date(2026, 5, 1))
    claim(pooled[0], guest)
    claim(pooled[1], guest)
    log(date(2026, 6, 1), "路灯不亮", pooled[0])
    log(date(2026, 6, 2), "水压不够")
    answer(pooled[0], guest)

    def counted(since, until):
        link = Link.objects.named().get(pk=registered.pk)
        (one,) = registering.served([link], since, until)
        return one.services, one.opinions, len(one.claimed), one.answered

    assert counted(date(2026, 1, 1), date(2027, 1, 1)) == (3, 2, 2, 1)
    assert counted(date(2025, 1, 1), date(2026, 1, 1)) == (0, 0, 0, 0)
    actions.erase_needs(NOON + timedelta(days=3 * 365))
    assert counted(date(2026, 1, 1), date(2027, 1, 1))[:2] == (3, 2)


def test_what_a_colleague_claimed_is_theirs(pooled, registered, guest, village, tree, cast):
    other = factories.account(factories.member(tree.far, by=tree.system, name="白立秋"))
    second = begin(tree.far, other.person_id, village, cast)
    claim(pooled[0], other)
    links = list(Link.objects.filter(pk__in=[registered.pk, second.pk]).named().in_order())
    counts = {
        one.link.pk: len(one.claimed)
        for one in registering.served(links, date(2026, 1, 1), date(2027, 1, 1))
    }

    assert counts == {registered.pk: 0, second.pk: 1}


def test_the_page_is_read_where_one_sends_and_where_one_receives(
    pooled, registered, guest, cast, client, tree, village
):
    claim(pooled[0], guest)
    for who, place in (("county officer", tree.far), ("secretary", village)):
        client.force_login(cast[who])
        page = client.get(f"/pairings/registered/?organization={place.pk}").content.decode()
        assert person_of(guest).name in page
        assert "1 件" in page
    client.force_login(guest)
    assert client.get(f"/pairings/registered/?organization={village.pk}").status_code == 404


def test_a_reader_of_the_link_sees_no_title_of_a_case_that_is_not_theirs(
    pooled, registered, guest, cast, client, tree
):
    claim(pooled[0], guest)
    at_home = factories.holder(tree.far, tree.far, "branch-secretary", by=tree.system, name="罗一")
    title = Case.objects.get(pk=pooled[0].pk).title
    client.force_login(at_home)
    page = client.get(registered.get_absolute_url()).content.decode()
    client.force_login(guest)
    own = client.get(registered.get_absolute_url()).content.decode()

    assert "认领 1 件" in page
    assert title not in page
    assert title in own
