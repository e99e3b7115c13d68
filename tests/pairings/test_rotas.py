"""Rotas: dealt, changed, offered, taken, exchanged, noted, reminded of."""

from datetime import date, timedelta

import pytest

from tests import factories
from tests.conftest import NOON
from tests.pairings import kinds
from tests.scenes import person_of
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.pairings import rotas
from zhibu.pairings.drafts import Faulty
from zhibu.pairings.forms import RotaForm
from zhibu.pairings.models import Change, Rota, Turn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def turn_on(rota, day: int) -> Turn:
    return Turn.objects.get(rota=rota, on=date(2026, 11, day))


def test_turns_are_dealt_in_the_order_of_the_roll(rota, people):
    turns = list(Turn.objects.in_order())

    assert [one.person_id for one in turns] == [people[n % 3].pk for n in range(14)]
    assert verify().faults == []


def test_a_roll_that_is_too_short_is_refused_and_nothing_is_written(world, cast, people):
    with pytest.raises(Faulty, match="至少要 6 个人"):
        kinds.draw(world.village, people, by=cast["secretary"], kind=kinds.WATCH)

    assert not Rota.objects.exists()
    assert not Turn.objects.exists()


@pytest.mark.parametrize("stranger", ["member", "committee member", "sibling secretary"])
def test_who_keeps_rotas_draws_them_up(stranger, world, cast, people):
    with pytest.raises(Refused, match="书记"):
        kinds.draw(world.village, people, by=cast[stranger])


def test_what_was_offered_is_taken_once(rota, cast, people):
    turn = turn_on(rota, 22)  # the member's
    rotas.offer_turn(turn, by=cast["member"], at=NOON)
    rotas.take_turn(turn, person=people[1], by=cast["secretary"], at=NOON)
    with pytest.raises(Refused, match="已经有人接了"):
        rotas.take_turn(turn, person=people[2], by=cast["secretary"], at=NOON)

    turn.refresh_from_db()
    change = Change.objects.get()
    assert (turn.person, turn.offered_at) == (people[1], None)
    assert (change.kind, change.before, change.after) == ("taken", people[0], people[1])
    assert verify().faults == []


def test_only_whose_turn_it_is_or_who_keeps_it_offers(rota, cast):
    turn = turn_on(rota, 22)
    for stranger in ("committee member", "sibling secretary", "stranger member"):
        with pytest.raises(Refused, match="不是您的"):
            rotas.offer_turn(turn, by=cast[stranger], at=NOON)

    rotas.offer_turn(turn, by=cast["secretary"], at=NOON)
    rotas.withdraw_offer(turn, by=cast["member"], at=NOON)
    assert not Change.objects.exists()


def test_an_exchange_passes_both_and_is_for_those_two(rota, cast, people):
    mine, theirs = turn_on(rota, 22), turn_on(rota, 23)
    rotas.offer_turn(mine, wanted=theirs, by=cast["member"], at=NOON)
    with pytest.raises(Refused, match="和别人对换"):
        rotas.take_turn(mine, person=people[2], by=cast["secretary"], at=NOON)

    rotas.take_turn(mine, person=people[1], by=cast["secretary"], at=NOON)
    mine.refresh_from_db(), theirs.refresh_from_db()
    assert (mine.person, theirs.person) == (people[1], people[0])
    assert Change.objects.filter(kind="exchanged").count() == 2
    assert Turn.objects.exclude(offered_at=None).count() == 0


def test_an_offer_for_a_turn_that_changed_hands_is_withdrawn(rota, cast, people):
    mine, theirs = turn_on(rota, 22), turn_on(rota, 23)
    rotas.offer_turn(mine, wanted=theirs, by=cast["member"], at=NOON)
    rotas.change_turn(theirs, person=people[2], by=cast["secretary"], at=NOON)

    mine.refresh_from_db()
    assert (mine.offered_at, mine.wanted) == (None, None)


def test_a_turn_that_began_is_neither_offered_nor_taken(rota, cast, people):
    past = turn_on(rota, 16)
    with pytest.raises(Refused, match="已经开始"):
        rotas.offer_turn(past, by=cast["member"], at=NOON)
    coming = turn_on(rota, 22)
    rotas.offer_turn(coming, by=cast["member"], at=NOON)
    with pytest.raises(Refused, match="已经开始"):
        rotas.take_turn(coming, person=people[1], by=cast["secretary"], at=NOON + timedelta(days=3))


def test_nobody_off_the_roll_and_nobody_twice_at_once(world, cast, people):
    more = [factories.member(world.village, by=world.system, name=f"队员{n}") for n in range(4)]
    rota = kinds.draw(world.village, [*people, *more], by=cast["secretary"], kind=kinds.WATCH)
    outside = factories.member(world.village, by=world.system, name="名单外")
    turn = Turn.objects.in_order().first()
    for person, said in (
        (outside, "不在轮值名单上"), (people[1], "同一时间已经有一班"), (people[2], "隔得太近"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=said):
            rotas.change_turn(turn, person=person, by=cast["secretary"], at=NOON)
    assert rota.turns.count() == 14 * 2 * 2


def test_coming_is_noted_once_it_began_and_taken_back(rota, cast):
    with pytest.raises(Refused, match="还没有开始"):
        rotas.note_turn(turn_on(rota, 22), came="came", by=cast["secretary"], at=NOON)
    past = turn_on(rota, 16)
    with pytest.raises(Refused, match="书记"):
        rotas.note_turn(past, came="came", by=cast["member"], at=NOON)
    rotas.note_turn(past, came="away", by=cast["secretary"], at=NOON)
    rotas.note_turn(past, came="", by=cast["secretary"], at=NOON)
    past.refresh_from_db()
    assert past.came == ""


def test_the_day_before_everybody_is_reminded_once(rota, cast):
    eve = NOON.replace(day=21)

    assert rotas.remind_of_turns(eve) == 1
    assert rotas.remind_of_turns(eve) == 0
    notice = Notice.objects.get(user=cast["member"])
    assert notice.title.startswith("明天轮到您值班：11月22日 晚间 19:00-21:00")

    rotas.cancel_rota(rota, reason="不排了", by=cast["secretary"], at=NOON)
    assert rotas.remind_of_turns(NOON.replace(day=22)) == 0


def test_who_could_take_an_offered_turn_is_told(rota, cast):
    rotas.offer_turn(turn_on(rota, 22), by=cast["member"], at=NOON)

    told = Notice.objects.filter(key__startswith="turn-offered:")
    assert {one.user for one in told} == {cast["secretary"]}


def test_rotas_are_seen_by_those_on_the_roll_and_those_entitled(rota, cast):
    seen = {name for name, user in cast.items() if user and Rota.objects.visible_to(user).exists()}

    assert seen == {
        "secretary", "committee member", "member", "township officer", "county officer"
    }  # fmt: skip


def test_shifts_are_written_line_by_line_where_the_pack_has_none(cast):
    from zhibu.packs.schema.pair_kinds import RotaRule

    me = person_of(cast["member"])
    data = {"since": "2026-11-16", "until": "2026-11-30", "roll": [str(me.pk)]}
    rule = RotaRule(per_shift=1)
    written = {"shifts": "上半夜 19:00-01:00\n下半夜 01:00-07:00"}
    good = RotaForm(rule, [(me.pk, me.name)], data | written)
    assert good.is_valid()
    assert [one.title for one in good.draft().shifts] == ["上半夜", "下半夜"]
    bad = RotaForm(rule, [(me.pk, me.name)], data | {"shifts": "上半夜七点"})
    assert not bad.is_valid()
    assert "要写成" in bad.errors["shifts"][0]


def test_the_roll_begins_with_whom_one_says(cast, people):
    from zhibu.packs.schema.pair_kinds import RotaRule, Shift

    rule = RotaRule(per_shift=1, shifts=[Shift(id="a", title="a", starts="08:00", ends="09:00")])
    listed = [(one.pk, one.name) for one in people]
    data = {"since": "2026-11-16", "until": "2026-11-30", "first": str(people[1].pk),
            "roll": [str(one.pk) for one in people]}  # fmt: skip
    form = RotaForm(rule, listed, data)

    assert form.is_valid()
    assert form.draft().roll == [people[1].pk, people[2].pk, people[0].pk]
