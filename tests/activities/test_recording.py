"""Planning and recording: what is written, who is on the roll, what is asked of a draft."""

from datetime import date, timedelta

import pytest

from tests.activities.conftest import (
    CLASS,
    COMMITTEE,
    DAY,
    GENERAL,
    GROUP,
    ITEMS,
    LIFE,
    THEME,
    noon,
    written,
)
from tests.conftest import NOON, TODAY
from tests.duties.oracle import differences
from zhibu.activities import actions
from zhibu.activities.drafts import (
    AbsenceDraft,
    DecisionDraft,
    Draft,
    Faulty,
    FollowUpDraft,
    KindDraft,
    OutcomeDraft,
    VoteDraft,
)
from zhibu.activities.models import Activity
from zhibu.assignments.models import Assignment
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations
from zhibu.people import actions as people


def attendance(activity):
    """Name and how they took part, in order of name."""
    rows = activity.participations.select_related("person")
    return {row.person.name if row.person else row.guest_name: row for row in rows}


def names(activity, **having):
    rows = activity.participations.filter(**having).select_related("person")
    return {row.person.name for row in rows}


# --- recording


def test_record_writes_the_sitting_whole_and_ticks(branch):
    secretary, ill, away = branch.full[:3]
    draft = written(
        THEME,
        CLASS,
        theme="学党章",
        agenda="一、重温誓词",
        chair_id=secretary.pk,
        recorder_id=branch.full[3].pk,
        speaker_id=secretary.pk,
        absences={
            ill.pk: AbsenceDraft("ill"),
            away.pk: AbsenceDraft("away", asked_beforehand=True),
        },
        observers=(branch.activist.pk,),
        guests=("乡贤老吴",),
        decisions=(DecisionDraft(" 修路 "),),
        follow_ups=(FollowUpDraft("量路", branch.full[3].pk, date(2026, 11, 30)),),
        outcomes=(OutcomeDraft(THEME, "volunteers", 6),),
        items=(ITEMS[2], ITEMS[0], ITEMS[1]),
    )

    saved = actions.record(branch.village, draft, by=branch.secretary, at=NOON)

    activity = Activity.objects.get(pk=saved.activity.pk)
    assert (activity.status, activity.held_on, activity.starts_at) == ("held", DAY, noon(DAY))
    assert (activity.recorded_by, activity.recorded_at) == (branch.secretary, NOON)
    assert (activity.theme, activity.place, activity.agenda) == ("学党章", "村部", "一、重温誓词")
    assert (activity.chair, activity.speaker, activity.recorder) == (
        secretary, secretary, branch.full[3],
    )  # fmt: skip
    assert activity.items == sorted(ITEMS)
    assert [k.reference for k in activity.kinds.order_by("pk")] == [THEME, CLASS]
    assert [(d.number, d.text, d.is_vote) for d in activity.decisions.all()] == [(1, "修路", False)]
    assert [(o.field, o.value) for o in activity.outcomes.all()] == [("volunteers", 6)]
    assert saved.follow_ups == 1
    task = Assignment.objects.get()
    assert (task.source_type, task.source_id) == ("activities.activity", activity.pk)
    assert [(row.duty, row.done_on) for row in saved.obligations] == [("theme-day", DAY)]
    assert verify().faults == []
    assert differences(TODAY) == []


def test_record_is_recorded(branch):
    activity = branch.record(written(GENERAL))

    last = Entry.objects.latest("pk")
    assert (last.kind, last.subject_id) == ("activities:activity:recorded", str(activity.pk))
    assert (last.by_id, last.occurred, last.organization_id) == (
        branch.secretary.pk, DAY, branch.village.pk,
    )  # fmt: skip
    assert "第十一条" in last.basis


def test_record_takes_attendance_as_told(branch):
    _, ill, away = branch.full[:3]
    activity = branch.record(
        written(
            GENERAL,
            absences={ill.pk: AbsenceDraft("ill"), away.pk: AbsenceDraft("", True)},
            observers=(branch.activist.pk,),
            guests=("乡贤老吴",),
        )
    )

    found = {
        name: (row.status, row.reason, row.asked_beforehand, row.is_due, row.is_entitled)
        for name, row in attendance(activity).items()
    }
    assert len(found) == 11
    assert found[ill.name] == ("absent", "ill", False, True, True)
    assert found[away.name] == ("absent", "none", True, True, True)
    assert found[branch.full[0].name] == ("present", "", False, True, True)
    assert found["周小满"] == ("present", "", False, True, False)
    assert found["积极分子"] == ("observer", "", False, False, False)
    assert found["乡贤老吴"] == ("observer", "", False, False, False)


@pytest.mark.parametrize(
    ("kinds", "due", "entitled"),
    [
        ((GENERAL,), 9, 8),
        ((COMMITTEE,), 3, 3),
        ((THEME,), 9, 8),
        ((THEME, GENERAL), 9, 8),
        ((COMMITTEE, THEME), 9, 3),  # the one with a vote says who votes
        ((CLASS, COMMITTEE, THEME), 9, 3),
        ((LIFE, CLASS), 9, 8),
    ],
)
def test_several_kinds_join_their_rolls(kinds, due, entitled, branch):
    activity = branch.record(written(*kinds))

    assert len(names(activity, is_due=True)) == due
    assert len(names(activity, is_entitled=True)) == entitled


def test_roll_of_a_group_is_its_members(branch):
    activity = branch.record(written(GROUP), group=branch.group)

    assert names(activity, is_due=True) == {person.name for person in branch.full[:2]}


def test_roll_is_of_the_day_held(branch):
    leaver = branch.full[7]
    people.place(
        leaver, organization=branch.tree.inner, since=date(2026, 11, 5),
        by=branch.tree.system, at=NOON,
    )  # fmt: skip

    on_the_fourth = branch.record(written(GENERAL, day=date(2026, 11, 4)))
    on_the_fifth = branch.record(written(GENERAL, day=date(2026, 11, 5)))

    assert leaver.name in names(on_the_fourth, is_due=True)
    assert leaver.name not in names(on_the_fifth, is_due=True)


# --- planning


def test_plan_waits_and_is_recorded_when_it_was_held(branch):
    plan = branch.plan(written(GENERAL, day=date(2026, 11, 27)))

    assert (plan.status, plan.planned_by, plan.recorded_at) == ("planned", branch.secretary, None)
    assert not plan.participations.exists()
    assert Entry.objects.latest("pk").kind == "activities:activity:planned"
    assert verify().faults == []


def test_replan_changes_day_and_kind(branch):
    plan = branch.plan(written(GENERAL, day=date(2026, 11, 27)))

    actions.replan(
        plan,
        written(COMMITTEE, day=date(2026, 11, 28), theme="议修路"),
        by=branch.secretary,
        at=NOON,
    )

    plan.refresh_from_db()
    assert (plan.held_on, plan.theme) == (date(2026, 11, 28), "议修路")
    assert [k.reference for k in plan.kinds.all()] == [COMMITTEE]
    assert Entry.objects.latest("pk").kind == "activities:activity:replanned"
    assert verify().faults == []


def test_record_from_a_plan_is_the_same_activity(branch):
    plan = branch.plan(written(GENERAL, day=DAY - timedelta(days=1)))

    saved = actions.record(
        branch.village, written(THEME, items=ITEMS), planned=plan,
        by=branch.users["committee member"], at=NOON,
    )  # fmt: skip

    activity = Activity.objects.get()
    assert saved.activity.pk == plan.pk == activity.pk
    assert (activity.status, activity.held_on) == ("held", DAY)
    assert (activity.planned_by, activity.recorded_by) == (
        branch.secretary, branch.users["committee member"],
    )  # fmt: skip
    assert [k.reference for k in activity.kinds.all()] == [THEME]
    assert activity.participations.count() == 9


# --- what may be wrong with a draft


NOBODY = 10**6


def bad(branch):
    """Drafts with one fault each, and what is said of it."""
    absent = AbsenceDraft("ill")
    everybody = dict.fromkeys([p.pk for p in (*branch.full, branch.probationary)], absent)
    some = dict.fromkeys([p.pk for p in branch.full[:5]], absent)
    vote = DecisionDraft("修路", VoteDraft(3))
    first = branch.full[0].pk
    return {
        "no kind": (
            written(), "kinds", "请选是什么会。"
        ),
        "kind not in force": (
            written("national/branch-life:theme-day"), "kinds", "那天没有采用"
        ),
        "kind of a group": (written(GROUP), "kinds", "那天没有采用"),
        "kind twice": (written(GENERAL, GENERAL), "kinds", "那天没有采用"),
        "tomorrow": (
            written(GENERAL, day=TODAY + timedelta(days=1)), "starts_at", "日期在以后"
        ),
        "no theme": (written(THEME, theme="  "), "theme", "请写这次的主题。"),
        "stranger absent": (
            written(GENERAL, absences={NOBODY: absent}), "absences", "不在名单上"
        ),
        "nobody came": (written(GENERAL, absences=everybody), "absences", "没有一个人到会"),
        "observer is due": (written(GENERAL, observers=(first,)), "observers", "本来就该到会"),
        "observer twice": (
            written(GENERAL, observers=(branch.activist.pk,) * 2), "observers", "写了两遍"
        ),
        "guest without a name": (written(GENERAL, guests=(" ",)), "guests", "要写姓名"),
        "absent chair": (
            written(GENERAL, absences=some, chair_id=first), "chair_id", "主持人顾长林缺席了"
        ),
        "absent recorder": (
            written(GENERAL, absences=some, recorder_id=first), "recorder_id", "记录人顾长林缺席了"
        ),
        "empty decision": (
            written(GENERAL, decisions=(DecisionDraft("修桥"), DecisionDraft(" "))),
            "decisions.1", "请写一句",
        ),
        "vote where there is none": (
            written(CLASS, decisions=(vote,)), "decisions.0", "没有表决规则"
        ),
        "more votes than voters": (
            written(GENERAL, decisions=(DecisionDraft("修路", VoteDraft(7, 1, 1)),)),
            "decisions.0", "9 票多于有表决权实到 8 人",
        ),
        "votes below zero": (
            written(GENERAL, decisions=(DecisionDraft("修路", VoteDraft(3, -1)),)),
            "decisions.0", "不能是负数",
        ),
        "no quorum": (
            written(GENERAL, absences=some, decisions=(vote,)),
            "decisions.0", "有表决权应到 8 人，实到 3 人，需要 4 人",
        ),
        "task for a stranger": (
            written(GENERAL, follow_ups=(FollowUpDraft("量路", NOBODY, TODAY),)),
            "follow_ups.0", "要是本支部的",
        ),
        "task due before the meeting": (
            written(GENERAL, follow_ups=(
                FollowUpDraft("量路", first, DAY), FollowUpDraft("量路", first, DAY - timedelta(1)),
            )),
            "follow_ups.1", "早于开会那天",
        ),
        "outcome of another kind": (
            written(GENERAL, outcomes=(OutcomeDraft(THEME, "volunteers", 6),)),
            "outcomes", "没有的一项",
        ),
        "outcome twice": (
            written(THEME, outcomes=(OutcomeDraft(THEME, "volunteers", 6),) * 2),
            "outcomes", "写了两遍",
        ),
        "nothing to make up": (
            written(GENERAL, makes_up=date(2026, 8, 1)), "kinds", "没有要补的这一项"
        ),
        "makes up its own period": (
            written(THEME, makes_up=date(2026, 11, 1)), "kinds", "没有要补的这一项"
        ),
        "makes up too old a period": (
            written(THEME, makes_up=date(2026, 9, 1)), "kinds", "隔得太久"
        ),
    }  # fmt: skip


def test_record_names_what_is_wrong_with_a_draft(branch):
    table = bad(branch)
    found = {}
    for name, (draft, _, _) in table.items():
        with pytest.raises(Faulty) as raised:
            branch.record(draft)
        found[name] = raised.value.faults

    assert {name: list(faults) for name, faults in found.items()} == {
        name: [place] for name, (_, place, _) in table.items()
    }
    unsaid = [name for name, (_, place, text) in table.items() if text not in found[name][place]]
    assert unsaid == []
    assert not Activity.objects.exists()


def test_record_names_all_faults_at_once(branch):
    first = branch.full[0].pk
    draft = Draft(
        kinds=(KindDraft(THEME, date(2026, 9, 1)), KindDraft(GENERAL)),
        starts_at=noon(TODAY + timedelta(days=1)),
        absences={first: AbsenceDraft("ill"), NOBODY: AbsenceDraft("ill")},
        chair_id=first,
        recorder_id=first,
        observers=(branch.full[1].pk,),
        guests=("",),
        decisions=(DecisionDraft(""), DecisionDraft("修路", VoteDraft(99))),
        follow_ups=(FollowUpDraft("量路", NOBODY, TODAY),),
        outcomes=(OutcomeDraft(CLASS, "volunteers", 1),),
    )

    with pytest.raises(Faulty) as raised:
        branch.record(draft)

    assert set(raised.value.faults) == {
        "kinds", "starts_at", "theme", "absences", "chair_id", "recorder_id", "observers",
        "guests", "decisions.0", "decisions.1", "follow_ups.0", "outcomes",
    }  # fmt: skip


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2026, 11, 18)])
def test_record_of_a_day_on_which_it_did_not_stand_is_faulty(day, branch):
    organizations.dissolve(
        branch.village, on=date(2026, 11, 18), by=branch.users["county officer"], at=NOON
    )

    with pytest.raises(Faulty) as raised:
        branch.record(written(GENERAL, day=day))

    assert "还没有成立或已经撤销" in raised.value.faults["starts_at"]
    assert branch.record(written(GENERAL, day=date(2026, 11, 17))).status == "held"


def test_plan_asks_only_what_a_plan_can_answer(branch):
    """Who came, votes and tasks are of the day itself; the future is allowed."""
    draft = written(
        GENERAL,
        day=TODAY + timedelta(days=7),
        absences={NOBODY: AbsenceDraft("ill")},
        decisions=(DecisionDraft(""),),
        follow_ups=(FollowUpDraft("量路", NOBODY, DAY),),
    )

    plan = branch.plan(draft)

    assert plan.status == "planned"
    with pytest.raises(Faulty) as raised:
        branch.plan(written(THEME, day=date(2019, 1, 1), theme=""))
    assert set(raised.value.faults) == {"kinds", "starts_at"}


def test_record_the_first_and_the_last_day_that_may_be(branch):
    made = written(THEME, makes_up=date(2026, 10, 1), items=ITEMS)

    today = branch.record(written(GENERAL, day=TODAY))
    saved = actions.record(branch.village, made, by=branch.secretary, at=NOON)

    assert today.held_on == TODAY
    assert [(row.period_since, row.held_late, row.entered_late) for row in saved.obligations] == [
        (date(2026, 10, 1), True, True)
    ]
    assert differences(TODAY) == []
