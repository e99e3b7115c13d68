"""A campaign of two batches through the real actions: who may, what is refused, what is left."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.cases import campaigns
from tests.conftest import NOON
from zhibu.cases.campaigns import actions, queries, rules
from zhibu.cases.campaigns.models import Campaign, Entry, Unit
from zhibu.cases.campaigns.queries import Run, Sheet
from zhibu.cases.steps import Faulty
from zhibu.core.verdicts import YES, Refused
from zhibu.ledger.models import Digest
from zhibu.ledger.models import Entry as Row
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.organizations import succeeding
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
STARTS = {"offices": date(2026, 9, 1), "villages": date(2026, 9, 1)}
WORDING = date(2018, 1, 1)


@pytest.fixture(autouse=True)
def pack():
    with library.trying(campaigns.pack()) as found:
        yield found


def launch(place, units, *, by, at=NOON, starts=STARTS):
    return actions.launch(
        place, reference=campaigns.REFERENCE, wording=WORDING, title="集中教育", starts=starts,
        units={"villages": [unit.pk for unit in units]}, by=by, at=at,
    )  # fmt: skip


@pytest.fixture
def campaign(cast, tree):
    """Led by the township for its two branches, begun on 1 September."""
    return launch(tree.east, [tree.village, tree.inner], by=cast["township officer"])


def span(campaign, phase, batch="villages"):
    return campaign.spans.get(phase=phase, batch__batch=batch)


def unit_of(campaign, organization):
    rows = campaign.units.select_related("campaign__organization", "organization")
    return rows.get(organization=organization)


def item(campaign, name):
    return campaign.rule.item(name)


def noon(*day):
    return datetime(*day, 4, tzinfo=UTC)


def opened(campaign, cast):
    """Both gates open at every unit, as if what they ask had been done."""
    officer = cast["township officer"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "gate_verdict", lambda *args: YES)
        actions.open_phase(span(campaign, "appraise"), by=officer, at=noon(2026, 10, 1))
        for unit in queries.taking_part(campaign):
            actions.open_phase(span(campaign, "rectify"), unit, by=officer, at=noon(2026, 11, 1))


def test_launch_keeps_days_and_units_and_tells_the_secretaries(campaign, cast, tree):
    assert list(campaign.units.order_by("organization").values_list("organization", flat=True)) == (
        sorted([tree.village.pk, tree.inner.pk])
    )
    study = span(campaign, "study")
    assert (study.since, study.last_on) == (date(2026, 9, 1), date(2026, 9, 30))
    assert [staff.title for staff in campaign.staff.order_by("pk")] == ["活动办公室", "督导组"]
    told = Notice.objects.filter(key=f"campaign:{campaign.pk}:launched")
    assert set(told.values_list("user", flat=True)) == {
        cast["secretary"].pk, cast["committee member"].pk, cast["sibling secretary"].pk
    }  # fmt: skip
    assert Row.objects.filter(kind="cases:campaign:launched").count() == 1
    assert verify().ok


@pytest.mark.parametrize("who", ["secretary", "committee member", "member", "stranger secretary",
                                 "other township officer", "system admin"])  # fmt: skip
def test_only_those_who_lead_there_launch(cast, tree, who):
    with pytest.raises(Refused):
        launch(tree.east, [tree.village], by=cast[who])

    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("units", "says"),
    [([], "还没有单位"), (["far"], "这些不能参加：远村党支部"), (["general"], "东镇机关党总支"),
     (["village", "village"], "同一个单位写了两次")],
)  # fmt: skip
def test_units_that_cannot_take_part_are_told(cast, tree, units, says):
    chosen = [getattr(tree, name) for name in units]
    with pytest.raises(Faulty) as refused:
        launch(tree.east, chosen, by=cast["county officer"])

    assert says in refused.value.faults["units"]


def test_batch_without_a_day_is_asked(cast, tree):
    with pytest.raises(Faulty) as refused:
        launch(tree.east, [tree.village], by=cast["county officer"],
               starts={"villages": date(2026, 9, 1)})  # fmt: skip

    assert refused.value.faults == {"starts_offices": "第一批哪天开始？"}


def test_units_are_found_by_field_each_in_one_batch(tree):
    Organization.objects.filter(pk=tree.inner.pk).update(field="office")
    rule = campaigns.pack().items["campaigns", "education"][0].item

    found, left = queries.fitting(tree.east, rule, date(2026, 11, 20))
    assert found == {"offices": [tree.inner.pk], "villages": [tree.village.pk]}
    assert left == []
    found, _ = queries.fitting(tree.east, rule, date(2026, 11, 20), taken=[tree.inner.pk])
    assert found == {"offices": [], "villages": [tree.village.pk]}


def test_gate_is_refused_with_what_lacks_and_leaves_no_trace(campaign, cast):
    before = Row.objects.count()
    with pytest.raises(Refused) as refused:
        actions.open_phase(span(campaign, "appraise"), by=cast["township officer"], at=NOON)

    said = refused.value.verdict.reason
    assert "现在 2 个单位里办好 0 个" in said
    assert "依据 样例方案 第三条" in said
    assert Row.objects.count() == before
    assert not span(campaign, "appraise").openings.exists()


def test_gate_of_the_leader_is_not_the_units_and_the_other_way_round(campaign, cast, tree):
    run = Run(campaign)
    village, officer = unit_of(campaign, tree.village), cast["township officer"]
    day = date(2026, 11, 20)

    own = rules.may_open(cast["secretary"], run, span(campaign, "rectify"), None, day)
    assert own.reason == "不能开：“整改提高”由每个单位自己开。"
    theirs = rules.may_open(cast["secretary"], run, span(campaign, "appraise"), village, day)
    assert theirs.reason == "不能开：“分析评议”由东镇委员会开。"
    free = rules.may_open(officer, run, span(campaign, "study"), None, day)
    assert free.reason == "不用开：“学习动员”到 9月1日自己开始。"
    stranger = rules.may_open(
        cast["stranger secretary"], run, span(campaign, "rectify"), village, day
    )
    assert stranger.reason == "不能开：“整改提高”由前村党支部开。"


def test_closed_phase_takes_no_entry(campaign, cast, tree):
    village = unit_of(campaign, tree.village)
    with pytest.raises(Refused) as refused:
        actions.enter(
            village, item(campaign, "own"), happened_on=date(2026, 10, 5),
            values={"what": "读书会"}, by=cast["secretary"], at=NOON,
        )  # fmt: skip

    assert refused.value.verdict.reason == (
        "不能填：“分析评议”还没有开，由东镇委员会开。依据 样例方案 第三条。"
    )


def test_phase_opened_late_puts_the_counted_ones_after_it_off(campaign, cast, monkeypatch):
    monkeypatch.setattr(rules, "gate_verdict", lambda *args: YES)

    actions.open_phase(span(campaign, "appraise"), by=cast["township officer"], at=NOON)

    assert span(campaign, "study").last_on == date(2026, 9, 30)
    assert span(campaign, "appraise").since == date(2026, 11, 20)
    assert span(campaign, "appraise").last_on == date(2026, 12, 20)
    assert span(campaign, "rectify").since == date(2026, 12, 21)
    assert span(campaign, "rectify", "offices").since == date(2026, 11, 1)
    assert verify().ok


def test_entry_of_people_is_theirs_alone_and_once(campaign, cast, tree):
    opened(campaign, cast)
    village, letter = unit_of(campaign, tree.village), item(campaign, "letter")
    member, stranger = cast["member"].person_id, cast["stranger member"].person_id

    def enter(*people):
        return actions.enter(village, letter, people=people, happened_on=date(2026, 11, 20),
                             by=cast["secretary"], at=NOON)  # fmt: skip

    (made,) = enter(member)
    assert (made.person_id, made.is_make_up) == (member, False)
    for people, says in (((), "选一下"), ((stranger,), "不在这个单位"), ((member,), "已经办了")):
        with pytest.raises(Faulty) as refused:
            enter(*people)
        assert says in refused.value.faults["people"]
    assert verify().ok


@pytest.mark.parametrize(
    ("day", "says"),
    [(date(2026, 11, 21), "日期在以后"), (date(2026, 10, 31), "早于那天的不算")],
)
def test_day_of_an_entry_lies_in_its_phase(campaign, cast, tree, day, says):
    opened(campaign, cast)
    with pytest.raises(Faulty) as refused:
        actions.enter(
            unit_of(campaign, tree.village), item(campaign, "letter"),
            people=[cast["member"].person_id], happened_on=day, by=cast["secretary"], at=NOON,
        )  # fmt: skip

    assert says in refused.value.faults["happened_on"]


def test_required_fields_are_asked(campaign, cast, tree):
    opened(campaign, cast)
    with pytest.raises(Faulty) as refused:
        actions.enter(
            unit_of(campaign, tree.village), item(campaign, "five-checks"),
            happened_on=date(2026, 11, 20), values={"plan": True}, by=cast["secretary"], at=NOON,
        )  # fmt: skip

    assert refused.value.faults["measures"] == "“二查整改措施”要填。"


def test_make_up_before_the_window_is_over_is_refused(campaign, cast, tree):
    opened(campaign, cast)
    asked = {"people": [cast["member"].person_id], "by": cast["secretary"], "at": NOON}
    village = unit_of(campaign, tree.village)
    with pytest.raises(Faulty) as refused:
        actions.make_up(village, item(campaign, "letter"), happened_on=date(2026, 11, 20), **asked)
    assert refused.value.faults["happened_on"] == "还在期限里，不用补，照常办。"
    with pytest.raises(Refused):
        actions.make_up(village, item(campaign, "own"), happened_on=date(2026, 11, 20), **asked)


@pytest.mark.parametrize("name", ["training", "class", "put-right"])
def test_what_the_records_say_is_never_typed(campaign, cast, tree, name):
    opened(campaign, cast)
    found = rules.may_enter(
        cast["secretary"], Run(campaign), unit_of(campaign, tree.village), item(campaign, name),
        date(2026, 11, 20),
    )  # fmt: skip

    assert "从" in found.reason
    assert "记录里自己出来" in found.reason


def test_entry_taken_back_stays_with_its_reason(campaign, cast, tree):
    opened(campaign, cast)
    village, own = unit_of(campaign, tree.village), item(campaign, "own")
    asked = {"happened_on": date(2026, 10, 5), "values": {"what": "读书会"}}
    (entry,) = actions.enter(village, own, **asked, by=cast["secretary"], at=NOON)
    with pytest.raises(Faulty):
        actions.void(entry, reason=" ", by=cast["secretary"], at=NOON)
    with pytest.raises(Refused):
        actions.void(entry, reason="记错了", by=cast["member"], at=NOON)

    actions.void(entry, reason="记错了", by=cast["secretary"], at=NOON)

    assert Sheet(Run(campaign), [village], date(2026, 11, 20)).judged(village, own).state == (
        "unasked"
    )
    actions.enter(village, own, **asked, by=cast["secretary"], at=NOON)
    assert Entry.objects.count() == 2
    assert verify().ok


def test_unit_comes_and_goes_with_a_reason(campaign, cast, tree):
    officer = cast["township officer"]
    inner = unit_of(campaign, tree.inner)
    with pytest.raises(Faulty) as refused:
        actions.add_unit(campaign, tree.inner, inner.batch, reason="", by=officer, at=NOON)
    assert set(refused.value.faults) == {"reason", "organization"}
    with pytest.raises(Refused):
        actions.remove_unit(inner, reason="没人", by=cast["secretary"], at=NOON)

    actions.remove_unit(inner, reason="只有一个人", by=officer, at=NOON)
    with pytest.raises(Refused):
        actions.remove_unit(inner, reason="只有一个人", by=officer, at=NOON)
    actions.add_unit(campaign, tree.inner, inner.batch, reason="又有人了", by=officer, at=NOON)

    assert queries.taking_part(campaign).count() == 2
    assert Unit.objects.filter(campaign=campaign).count() == 3
    assert verify().ok


def test_end_and_bodies_wait_for_the_last_day(campaign, cast):
    officer = cast["township officer"]
    staff = campaign.staff.order_by("pk").first()
    with pytest.raises(Refused) as refused:
        actions.stand_down(staff, by=officer, at=noon(2026, 11, 30))
    assert "不早于那天撤" in refused.value.verdict.reason
    actions.stand_down(staff, by=officer, at=noon(2026, 12, 1))
    with pytest.raises(Refused):
        actions.end(campaign, by=officer, at=noon(2027, 3, 31))
    with pytest.raises(Refused):
        actions.end(campaign, by=cast["secretary"], at=noon(2027, 4, 1))

    ended = actions.end(campaign, by=officer, at=noon(2027, 4, 1))

    assert (ended.state, ended.ended_on) == ("ended", date(2027, 4, 1))
    with pytest.raises(Refused):
        actions.cancel(campaign, reason="重复", by=officer, at=noon(2027, 4, 2))
    assert verify().ok


def test_cancelled_takes_nothing_more(campaign, cast, tree):
    opened(campaign, cast)
    officer = cast["township officer"]
    with pytest.raises(Faulty):
        actions.cancel(campaign, reason="", by=officer, at=NOON)
    actions.cancel(campaign, reason="和别的活动重了", by=officer, at=NOON)

    with pytest.raises(Refused) as refused:
        actions.enter(
            unit_of(campaign, tree.village), item(campaign, "letter"),
            people=[cast["member"].person_id], happened_on=date(2026, 11, 20),
            by=cast["secretary"], at=NOON,
        )  # fmt: skip
    assert refused.value.verdict.reason == "不能填：这次活动取消了。"


def test_many_units_are_entered_in_one_save_and_one_entry(campaign, cast):
    opened(campaign, cast)
    units = list(queries.taking_part(campaign).select_related("campaign"))
    values = dict.fromkeys(["plan", "measures", "lasting", "coverage", "duties"], True)

    made = actions.enter_many(
        campaign, units, item(campaign, "five-checks"), happened_on=date(2026, 11, 20),
        values=values, by=cast["township officer"], at=NOON,
    )  # fmt: skip

    assert len(made) == 2
    row = Row.objects.get(kind="cases:campaign:entered")
    assert Digest.objects.filter(entry_key=row.key, subject_type="cases.entry").count() == 2
    with pytest.raises(Faulty) as refused:
        actions.enter_many(
            campaign, units[:1], item(campaign, "five-checks"), happened_on=date(2026, 11, 20),
            values=values, by=cast["township officer"], at=NOON,
        )  # fmt: skip
    assert "已经办了" in refused.value.faults["units"]


def test_one_unit_and_thirty_cost_the_same(cast, tree):
    def count(units):
        campaign = launch(tree.east, units, by=cast["township officer"])
        opened(campaign, cast)
        with CaptureQueriesContext(connection) as captured:
            sheet = Sheet(
                Run(Campaign.objects.get(pk=campaign.pk)),
                list(queries.taking_part(campaign)), date(2026, 11, 20),
            )  # fmt: skip
            found = [sheet.cells(unit) for unit in sheet.units]
        assert len(found) == len(units)
        return len(captured)

    more = [factories.organization(tree.east, by=tree.system, name=f"{n}村") for n in range(30)]
    for place in more:
        factories.member(place, by=tree.system)

    few, many = count([tree.village]), count([tree.village, *more])
    assert few == many <= 12


def test_writing_for_thirty_takes_no_query_a_unit(cast, tree):
    more = [factories.organization(tree.east, by=tree.system, name=f"{n}村") for n in range(30)]
    values = dict.fromkeys(["plan", "measures", "lasting", "coverage", "duties"], True)

    def count(places):
        with CaptureQueriesContext(connection) as launched:
            campaign = launch(tree.east, places, by=cast["township officer"])
        opened(campaign, cast)
        units = list(queries.taking_part(campaign).select_related("campaign"))
        with CaptureQueriesContext(connection) as entered:
            actions.enter_many(
                campaign, units, item(campaign, "five-checks"), happened_on=date(2026, 11, 20),
                values=values, by=cast["township officer"], at=NOON,
            )  # fmt: skip
        return len(launched), len(entered)

    count(more[:1])  # what is asked once is asked
    assert count(more[:3]) == count(more)


def test_merged_branch_goes_on_where_its_successor_was_not_yet(campaign, cast, tree):
    new = factories.organization(tree.east, by=tree.system, name="新村党支部")
    succeeding.merge(
        [tree.village],
        into=succeeding.Into(existing=new),
        on=date(2026, 11, 20),
        by=tree.system,
        at=NOON,
    )

    assert unit_of(campaign, new).pk
    assert not queries.taking_part(campaign).filter(organization=tree.village).exists()
    assert verify().ok


def test_merged_branch_is_taken_out_where_its_successor_is_there(campaign, cast, tree):
    succeeding.merge(
        [tree.inner],
        into=succeeding.Into(existing=tree.village),
        on=date(2026, 11, 20),
        by=tree.system,
        at=NOON,
    )

    gone = Unit.objects.get(campaign=campaign, organization=tree.inner)
    assert gone.removed_reason == "组织撤并，由接续的组织参加"
    assert queries.taking_part(campaign).count() == 1
    assert verify().ok


def test_who_left_after_the_end_stays_on_the_list(campaign, cast, tree):
    from zhibu.people import actions as people

    village = unit_of(campaign, tree.village)
    person = Person.objects.get(pk=cast["member"].person_id)
    people.place(person, organization=tree.far, since=date(2026, 12, 5), by=tree.system,
                 at=noon(2026, 12, 5))  # fmt: skip

    after = Sheet(Run(campaign), [village], date(2026, 12, 20))
    assert person.pk in after.roll[village.pk]


def test_first_screens_list_running_phases_in_one_query(campaign, tree):
    with CaptureQueriesContext(connection) as captured:
        found = queries.due([tree.village.pk], date(2026, 11, 20))
    assert len([one for one in captured if "cases_" in one["sql"]]) == 1
    assert [(one.phase, one.has_begun) for one in found] == [("整改提高", True)]
    assert [one.phase for one in queries.due([tree.village.pk], date(2026, 9, 20))] == [
        "学习动员", "分析评议"
    ]  # fmt: skip
    assert queries.due([tree.village.pk], date(2026, 10, 10), per="person") == []
    assert queries.due([tree.far.pk], date(2026, 11, 20)) == []
