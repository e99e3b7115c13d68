"""After the record: confirming, correcting, voiding, cancelling."""

from datetime import date, timedelta

import pytest

from tests.activities.conftest import DAY, GENERAL, GROUP, ITEMS, LIFE, THEME, noon, written
from tests.conftest import NOON, TODAY
from tests.duties.oracle import differences
from zhibu.activities import actions
from zhibu.activities.drafts import AbsenceDraft, DecisionDraft, Faulty, VoteDraft
from zhibu.activities.models import Activity
from zhibu.duties.models import Credit, Obligation
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify

LATER = NOON + timedelta(days=3)


def last_kind():
    return Entry.objects.latest("pk").kind


def obligation(branch, duty, since):
    return Obligation.objects.get(
        holder_kind="organization", holder_id=branch.village.pk, duty=duty, period_since=since
    )


def correct(activity, draft, branch, **more):
    options = {"reason": "记错了", "by": branch.secretary, "at": LATER, **more}
    return actions.correct(activity, draft, **options)


def test_confirm_is_a_second_pair_of_eyes(branch):
    activity = branch.record()

    actions.confirm(activity, by=branch.users["committee member"], at=LATER)

    activity.refresh_from_db()
    assert (activity.status, activity.confirmed_at) == ("confirmed", LATER)
    assert activity.confirmed_by == branch.users["committee member"]
    assert last_kind() == "activities:activity:confirmed"
    assert verify().faults == []


def test_correct_keeps_the_version_before_whole(branch):
    activity = branch.record(
        written(
            THEME,
            theme="学党章",
            absences={branch.full[1].pk: AbsenceDraft("ill")},
            decisions=(DecisionDraft("修路"),),
            items=ITEMS[:2],
        )
    )
    before = actions.content_of(Activity.objects.get(pk=activity.pk))

    correct(activity, written(THEME, theme="学党史", items=ITEMS), branch, reason=" 写错主题 ")

    activity.refresh_from_db()
    revision = activity.revisions.get()
    assert (revision.number, revision.reason, revision.corrected_by) == (
        1, "写错主题", branch.secretary,
    )  # fmt: skip
    assert revision.content == before
    assert [row["status"] for row in before["participations"]].count("absent") == 1
    assert (activity.version, activity.theme) == (2, "学党史")
    assert not activity.participations.filter(status="absent").exists()
    assert not activity.decisions.exists()
    assert last_kind() == "activities:activity:corrected"
    assert verify().faults == []


def test_correct_again_numbers_the_versions(branch):
    activity = branch.record()

    for theme in ("二稿", "三稿"):
        correct(activity, written(GENERAL, theme=theme), branch)

    found = activity.revisions.order_by("number")
    assert [(r.number, r.content["theme"], r.content["version"]) for r in found] == [
        (1, "学习全会精神", 1),
        (2, "二稿", 2),
    ]


def test_correct_keeps_the_day_it_was_first_entered(branch):
    """Recorded in time in October, corrected in November: not 补记."""
    activity = branch.record(
        written(THEME, day=date(2026, 10, 8), items=ITEMS), at=noon(date(2026, 10, 9))
    )

    correct(activity, written(THEME, day=date(2026, 10, 7), items=ITEMS), branch)

    row = obligation(branch, "theme-day", date(2026, 10, 1))
    assert (row.done_on, row.held_late, row.entered_late) == (date(2026, 10, 7), False, False)
    assert differences(TODAY) == []


def test_correct_has_to_be_confirmed_again(branch):
    activity = branch.record(by=branch.users["committee member"])
    actions.confirm(activity, by=branch.secretary, at=NOON)

    correct(activity, written(GENERAL, theme="更正"), branch)

    activity.refresh_from_db()
    assert (activity.status, activity.confirmed_by, activity.confirmed_at) == ("held", None, None)
    assert activity.recorded_by == branch.secretary


@pytest.mark.parametrize(
    ("draft", "ticked"),
    [
        (written(THEME, items=ITEMS), {("theme-day", date(2026, 11, 1))}),
        (written(THEME, items=ITEMS, day=date(2026, 10, 8)), {("theme-day", date(2026, 10, 1))}),
        (
            written(THEME, items=ITEMS, makes_up=date(2026, 10, 1)),
            {("theme-day", date(2026, 10, 1))},
        ),
        (written(GENERAL), {("general-meeting", date(2026, 10, 1))}),
        (
            written(GENERAL, LIFE),
            {
                ("general-meeting", date(2026, 10, 1)),
                ("organisational-life-meeting", date(2026, 1, 1)),
            },
        ),
        (written(THEME, items=ITEMS[1:]), set()),
    ],
)
def test_correct_moves_the_tick(draft, ticked, branch):
    """What counted for the day, kind and items before counts there no more."""
    activity = branch.record(written(THEME, items=ITEMS))

    saved = correct(activity, draft, branch)

    rows = Obligation.objects.filter(done__gt=0)
    assert {(row.duty, row.period_since) for row in rows} == ticked
    assert {(row.duty, row.period_since) for row in saved.obligations} == ticked
    assert differences(TODAY) == []


@pytest.mark.parametrize("reason", ["", "  "])
def test_correct_names_a_missing_reason_with_the_other_faults(reason, branch):
    activity = branch.record()

    with pytest.raises(Faulty) as raised:
        correct(activity, written(THEME, theme=""), branch, reason=reason)

    assert set(raised.value.faults) == {"reason", "theme"}
    assert not activity.revisions.exists()


def test_void_counts_for_nothing_and_stays_readable(branch):
    activity = branch.record(
        written(THEME, items=ITEMS, decisions=(DecisionDraft("修路"),)),
        by=branch.users["committee member"],
    )
    actions.confirm(activity, by=branch.secretary, at=NOON)
    assert obligation(branch, "theme-day", date(2026, 11, 1)).done == 1

    actions.void(activity, reason=" 没有开过 ", by=branch.users["township officer"], at=LATER)

    activity.refresh_from_db()
    assert (activity.status, activity.ended_reason) == ("void", "没有开过")
    assert (activity.confirmed_by, activity.confirmed_at) == (None, None)
    assert (activity.participations.count(), activity.decisions.count()) == (9, 1)
    row = obligation(branch, "theme-day", date(2026, 11, 1))
    assert (row.done, row.done_on, row.credited_by) == (0, None, [])
    assert not Credit.objects.filter(source_id=activity.pk).exists()
    assert last_kind() == "activities:activity:voided"
    assert verify().faults == []
    assert differences(TODAY) == []


def test_void_leaves_what_another_one_ticks(branch):
    first, second = (
        branch.record(written(THEME, items=ITEMS, day=DAY + timedelta(days=n))) for n in range(2)
    )

    actions.void(first, reason="重复", by=branch.secretary, at=NOON)

    row = obligation(branch, "theme-day", date(2026, 11, 1))
    assert (row.done, row.done_on, row.credited_by) == (1, second.held_on, [second.pk])


def test_cancel_calls_off_a_plan(branch):
    plan = branch.plan()

    actions.cancel(plan, reason="改期", by=branch.secretary, at=NOON)

    plan.refresh_from_db()
    assert (plan.status, plan.ended_reason) == ("cancelled", "改期")
    assert last_kind() == "activities:activity:cancelled"
    assert verify().faults == []


@pytest.mark.parametrize("end", [actions.cancel, actions.void])
def test_ending_asks_for_a_reason(end, branch):
    activity = branch.plan() if end is actions.cancel else branch.record()

    with pytest.raises(Faulty) as raised:
        end(activity, reason=" ", by=branch.secretary, at=NOON)

    assert raised.value.faults == {"reason": "请写原因。"}


def test_group_leader_corrects_what_the_group_held(branch):
    leader = branch.users["group leader"]
    activity = branch.record(written(GROUP), group=branch.group, by=leader)

    actions.correct(
        activity, written(GROUP, day=date(2026, 10, 30)), reason="日子写错", by=leader, at=NOON
    )

    row = Obligation.objects.get(
        holder_kind="party-group", holder_id=branch.group.pk, period_since=date(2026, 10, 1)
    )
    assert (row.done_on, row.credited_by) == (date(2026, 10, 30), [activity.pk])


def test_vote_of_a_record_is_gone_with_the_kind_that_had_one(branch):
    activity = branch.record(written(GENERAL, decisions=(DecisionDraft("修路", VoteDraft(8)),)))

    with pytest.raises(Faulty):
        correct(activity, written(LIFE, decisions=(DecisionDraft("修路", VoteDraft(8)),)), branch)
    correct(activity, written(LIFE, decisions=(DecisionDraft("修路"),)), branch)

    assert [(d.is_vote, d.yes) for d in activity.decisions.all()] == [(False, None)]
