"""Past years from an office's book: what comes in, as what, and what it counts towards."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from tests.activities.books import book, bring_in, look_at, meeting
from tests.activities.conftest import GENERAL, GROUP, noon, written
from tests.conftest import NOON, TODAY
from tests.duties.oracle import differences
from tests.imports import bringing
from tests.imports.bringing import clock
from tests.imports.sheets import codes, look, warned
from zhibu.activities import actions, queries
from zhibu.activities.models import Activity, KindOf, Participation
from zhibu.core import pacing
from zhibu.core.verdicts import Refused
from zhibu.duties.models import Credit, Obligation
from zhibu.imports import actions as imports
from zhibu.imports.models import Batch
from zhibu.ledger.models import Digest, Entry
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice

pytestmark = pytest.mark.django_db
PAST = date(2019, 12, 31)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(pacing, "PAUSE_SECONDS", 0)


@pytest.fixture
def officer(branch):
    return branch.users["township officer"]


FULL = {
    "开会日期": "2021年5月10日下午2点半",
    "主题": "学习党史",
    "内容": "一、读文件\n二、讨论",
    "决定": "1. 帮扶三户\n2. 修渠；下月公示",
    "地点": "村部",
    "应到人数": "23",
    "实到人数": 20,
    "缺席人数": "3人",
}


def test_a_row_comes_in_as_a_record_of_that_day(branch, officer):
    bring_in(officer, meeting(**FULL, 主持人=branch.full[0].name, 记录人=branch.full[1].name))

    activity = Activity.objects.get()
    began = timezone.localtime(activity.starts_at)
    assert (began.date(), began.time()) == (date(2021, 5, 10), time(14, 30))
    assert activity.organization == branch.village
    assert (activity.status, activity.is_brought_in) == ("held", True)
    assert (activity.theme, activity.place) == ("学习党史", "村部")
    assert activity.agenda == "一、读文件\n二、讨论"
    assert [d.text for d in activity.decisions.order_by("number")] == [
        "帮扶三户",
        "修渠",
        "下月公示",
    ]
    assert (activity.chair, activity.recorder) == (branch.full[0], branch.full[1])
    assert (activity.stated_due, activity.stated_present) == (23, 20)
    assert not activity.participations.exists()
    assert (activity.recorded_by, activity.recorded_at) == (officer, NOON)
    kind = activity.kinds.get()
    assert (kind.reference, kind.title) == (GENERAL, "党员大会")


def test_an_import_is_one_entry_one_digest_a_record_no_notice_and_verifies(branch, officer):
    before, told = Entry.objects.count(), Notice.objects.count()

    batch = bring_in(officer, meeting(), meeting(开会日期="2020-06-01"))

    assert Entry.objects.count() == before + 1
    digests = Digest.objects.filter(entry_key=batch.key)
    assert [d.subject_type for d in digests] == ["activities.activity"] * 2
    assert Notice.objects.count() == told
    assert verify().faults == []


def test_the_list_shows_the_stated_numbers_and_the_mark(branch, officer, client):
    bring_in(officer, meeting(**FULL))
    client.force_login(officer)

    page = client.get("/activities/").content.decode()
    assert "20/23" in page
    assert "补录" in page

    shown = client.get(Activity.objects.get().get_absolute_url()).content.decode()
    assert "到会 20 人" in shown
    assert "从往年的表补录，不算补记" in shown


def test_midnight_says_that_the_book_gives_no_time(branch, officer, client):
    bring_in(officer, meeting(开会日期="2021-05-10"))

    activity = Activity.objects.get()
    assert not activity.is_time_known
    client.force_login(officer)
    assert "00:00" not in client.get(activity.get_absolute_url()).content.decode()


# --- who came


def all_but(branch, *absent):
    roll = queries.roll(
        branch.village,
        [c.kind for c in queries.kinds_in_force(branch.village, date(2026, 2, 3)) if
         c.reference == GENERAL],
        date(2026, 2, 3),
    )  # fmt: skip
    return {e.person.pk for e in roll} - {p.pk for p in absent}


def test_where_the_whole_roll_is_known_everybody_is_written_down(branch, officer):
    away = branch.full[4]
    count = len(all_but(branch))
    row = meeting(
        开会日期="2026-02-03",
        应到人数=count,
        实到人数=count - 1,
        缺席的人=f"{away.name}（外出务工）",
    )

    bring_in(officer, row)

    activity = Activity.objects.get()
    assert (activity.stated_due, activity.stated_present) == (None, None)
    present = activity.participations.filter(status="present", is_due=True)
    assert set(present.values_list("person", flat=True)) == all_but(branch, away)
    absent = activity.participations.get(status="absent")
    assert (absent.person, absent.reason, absent.is_due) == (away, "away", True)


@pytest.mark.parametrize("due", [12, ""])
def test_where_it_is_not_the_absent_are_named_and_nobody_is_counted(branch, officer, due):
    away = branch.full[4]

    bring_in(officer, meeting(开会日期="2026-02-03", 应到人数=due, 缺席的人=away.name))

    row = Participation.objects.get()
    assert (row.person, row.status, row.is_due) == (away, "absent", False)
    counted = queries.attendance([away.pk], date(2026, 1, 1), date(2027, 1, 1))
    assert counted.get(away.pk, queries.Attendance()).due == 0


def test_names_nobody_knows_stay_in_the_text(branch, officer):
    check, preview = look_at(officer, meeting(主持人="老支书", 缺席的人="某甲（病假）、某乙"))
    bringing.apply(officer, check, preview)

    assert warned(preview).count("unknown_person") == 3
    agenda = Activity.objects.get().agenda
    assert "主持人：老支书" in agenda
    assert "缺席的人：某甲（病假）" in agenda


# --- what it counts towards


def owed(branch, duty, since):
    return Obligation.objects.get(
        holder_kind="organization", holder_id=branch.village.pk, duty=duty, period_since=since
    )


def test_where_a_pack_was_in_force_then_the_duty_of_that_period_is_done(branch, officer):
    assert owed(branch, "general-meeting", date(2026, 1, 1)).done == 0

    bring_in(officer, meeting(开会日期="2026-02-03"))

    row = owed(branch, "general-meeting", date(2026, 1, 1))
    assert (row.done, row.done_on) == (1, date(2026, 2, 3))
    assert row.credited_by == [Activity.objects.get().pk]
    assert differences(TODAY) == []


def test_nobody_entered_it_late(branch, officer):
    """The same sitting recorded by hand today is 补记; from the book of then it is not."""
    bring_in(officer, meeting(开会日期="2026-02-03"))
    assert owed(branch, "general-meeting", date(2026, 1, 1)).entered_late is False
    assert Credit.objects.get().entered_on == date(2026, 2, 3)

    branch.record(written(GENERAL, day=date(2026, 5, 6)))
    assert owed(branch, "general-meeting", date(2026, 4, 1)).entered_late is True
    assert differences(TODAY) == []


def test_before_any_pack_it_is_kept_and_counts_for_nothing(branch, officer):
    check, preview = look_at(officer, meeting())
    bringing.apply(officer, check, preview)

    assert warned(preview) == ["kind_not_in_force"]
    assert KindOf.objects.get().reference == GENERAL
    assert not Obligation.objects.filter(done__gt=0).exists()


def test_a_group_is_found_and_its_duty_done(branch, officer):
    bring_in(officer, meeting(开会日期="2026-02-03", 党小组="第一小组", 活动类别="小组会"))

    activity = Activity.objects.get()
    assert (activity.group, activity.kinds.get().reference) == (branch.group, GROUP)
    done = Obligation.objects.filter(holder_kind="party-group", done__gt=0)
    assert set(done.values_list("holder_id", flat=True)) == {branch.group.pk}


def test_several_kinds_in_a_cell_are_one_sitting(branch, officer):
    bring_in(officer, meeting(开会日期="2026-02-03", 活动类别="党员大会、党课", 主讲人="无"))

    kinds = Activity.objects.get().kinds.order_by("pk")
    assert [kind.title for kind in kinds] == ["党员大会", "党课"]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("支部党员大会", "党员大会"),
        ("2021年第二季度党员大会", "党员大会"),
        ("支部委员会会议", "支委会"),
        ("national/branch-life:party-class", "党课"),
        ("讲党课", "党课"),
        ("换届选举党员大会", "换届选举"),
    ],
)
def test_kinds_by_the_words_of_offices(branch, officer, typed, title):
    bring_in(officer, meeting(活动类别=typed))

    assert KindOf.objects.get().title == title


# --- refused and warned


ERRORS = [
    ("missing_day", {"开会日期": ""}),
    ("bad_date", {"开会日期": "2019-02-30"}),
    ("bad_date", {"开会日期": "改天"}),
    ("future_date", {"开会日期": "2027-01-01"}),
    ("year_only", {"开会日期": "2019"}),
    ("too_early", {"开会日期": "1899-05-01"}),
    ("missing_organization", {"组织名称": ""}),
    ("unknown_organization", {"组织名称": "天上党支部"}),
    ("not_standing", {"开会日期": "2018-05-01"}),
    ("missing_kind", {"活动类别": ""}),
    ("unknown_kind", {"活动类别": "聚餐"}),
    ("bad_number", {"应到人数": "大家"}),
    ("impossible_numbers", {"应到人数": 5, "实到人数": 9}),
    ("nobody_came", {"应到人数": 5, "实到人数": 0}),
]
WARNINGS = [
    ("day_missing", {"开会日期": "2021年5月"}),
    ("bad_time", {"开会日期": "2021-05-10 25:00"}),
    ("unknown_group", {"党小组": "第九小组"}),
    ("not_held_so", {"活动类别": "党小组会"}),
    ("odd_numbers", {"应到人数": 9, "实到人数": 8, "缺席人数": 3}),
    ("too_long", {"主题": "长" * 101}),
    ("long_decision", {"决定": "长" * 501}),
    ("unknown_person", {"主持人": "没有此人"}),
]


@pytest.mark.parametrize(("code", "changes"), ERRORS)
def test_what_cannot_be_is_refused_with_place_and_remedy(branch, officer, code, changes):
    _, preview = look_at(officer, meeting(**{"开会日期": "2021-05-10"} | changes))

    assert codes(preview) == [code]
    fault = preview.errors[0]
    assert (fault.sheet, fault.row) == ("活动台账", 2)
    assert "请" in fault.message


@pytest.mark.parametrize(("code", "changes"), WARNINGS)
def test_what_is_odd_is_said_and_comes_in(branch, officer, code, changes):
    check, preview = look_at(officer, meeting(**{"开会日期": "2021-05-10"} | changes))

    assert codes(preview) == []
    assert code in warned(preview)
    bringing.apply(officer, check, preview)
    assert Activity.objects.count() == 1


def test_every_kind_of_fault_has_a_title():
    from zhibu.imports import queries as shown

    extra = (
        "ambiguous_organization organization_not_yet predecessor_then recorded_here "
        "ambiguous_kind kind_not_in_force duplicate_row already_recorded already_planned "
        "twice_a_day ambiguous_person no_theme chair_absent"
    )
    every = {code for code, _ in ERRORS + WARNINGS} | set(extra.split())
    assert [code for code in sorted(every) if shown.title_of(code) == code] == []


def test_the_same_day_and_kind_twice_in_the_file_keeps_the_first(branch, officer):
    _, preview = look_at(officer, meeting(), meeting(主题="又一次"))

    assert codes(preview) == ["duplicate_row"]
    assert preview.errors[0].row == 3
    assert preview.clean["activities"] == 1


def test_two_sittings_of_a_day_at_two_times_are_two(branch, officer):
    rows = [meeting(开会日期="2021-05-10 9:00"), meeting(开会日期="2021-05-10 15:00")]

    check, preview = look_at(officer, *rows)

    assert codes(preview) == []
    assert "twice_a_day" in warned(preview)
    bringing.apply(officer, check, preview)
    assert Activity.objects.count() == 2


def test_what_is_on_record_or_planned_is_not_brought_in_again(branch, officer):
    bring_in(officer, meeting())
    branch.plan(written(GENERAL, day=date(2026, 12, 1)))
    Activity.objects.planned().update(held_on=date(2021, 5, 10), starts_at=noon(date(2021, 5, 10)))

    _, preview = look_at(officer, meeting(), meeting(开会日期="2021-05-10"))

    assert codes(preview) == ["already_recorded", "already_planned"]


def test_a_void_record_may_be_brought_in_again(branch, officer):
    bring_in(officer, meeting())
    actions.void(Activity.objects.get(), reason="记错了", by=officer, at=NOON)

    bring_in(officer, meeting())

    assert Activity.objects.took_place().count() == 1


def test_from_the_day_a_branch_records_here_its_years_are_no_longer_past(branch, officer):
    branch.record(at=NOON - timedelta(days=3))
    first = timezone.localdate(NOON) - timedelta(days=3)

    _, preview = look_at(
        officer, meeting(开会日期=str(first)), meeting(开会日期=str(first - timedelta(days=1)))
    )

    assert codes(preview) == ["recorded_here"]
    assert preview.errors[0].row == 2


def test_of_two_people_of_one_name_the_brackets_tell(branch, officer):
    from tests import factories

    for born in (date(1970, 3, 1), date(1980, 3, 1)):
        factories.member(branch.village, by=branch.tree.system, name="王红", born_on=born)

    _, preview = look_at(officer, meeting(主持人="王红"))
    assert codes(preview) == ["ambiguous_person"]
    assert "1980-03" in preview.errors[0].message

    bring_in(officer, meeting(主持人="王红（1980-03）"))
    assert Activity.objects.get().chair.born_on == date(1980, 3, 1)


def test_one_sees_only_organisations_within_reach(branch):
    _, preview = look_at(branch.users["other township officer"], meeting())

    assert codes(preview) == ["unknown_organization"]


@pytest.fixture
def merged(branch):
    """后村 went into 前村 on the first day of 2024; an old name of it was 后沟."""
    from tests import factories
    from zhibu.organizations import actions as organizations
    from zhibu.organizations import succeeding

    tree, by = branch.tree, branch.tree.system
    old = factories.organization(tree.east, by=by, name="后沟党支部")
    organizations.rename(old, name="后村党支部", since=date(2022, 1, 1), by=by, at=NOON)
    new = succeeding.New("NEW1", "双村党支部", "branch")
    into = succeeding.Into(new=new, parent=tree.east)
    successor = succeeding.merge([old], into=into, on=date(2024, 1, 1), paper="", by=by, at=NOON)
    return old, successor


@pytest.mark.parametrize("called", ["后村党支部", "后沟党支部", "后村支部"])
def test_a_record_belongs_to_the_organisation_of_then(branch, officer, merged, called):
    old, _ = merged

    bring_in(officer, meeting(组织名称=called, 开会日期="2023-05-10"))

    assert Activity.objects.get().organization == old
    assert verify().faults == []


def test_a_successor_held_nothing_before_it_began(branch, officer, merged):
    old, _ = merged
    rows = [meeting(组织名称="双村党支部", 开会日期=day) for day in ("2023-05-10", "2024-05-10")]

    _, preview = look_at(officer, *rows)

    assert codes(preview) == ["predecessor_then"]
    assert f"后村党支部（{old.code}）" in preview.errors[0].message
    assert preview.clean["activities"] == 1


def test_an_organisation_of_the_same_file_has_to_come_first(branch, officer):
    from tests.imports.sheets import organizations

    rows = organizations(["N1", "新村党支部", "党支部", "", "2020-01-01", ""])
    _, preview = look(officer, rows, book(meeting(组织名称="新村党支部")))

    assert codes(preview) == ["organization_not_yet"]


# --- seen at once, taken back


def test_nothing_is_seen_until_the_last_transaction(branch, officer, monkeypatch):
    seen = []
    turn = pacing.Pacer.turn
    person = branch.full[4].pk

    def watched(self):
        seen.append(
            (
                Activity.objects.count(),
                queries.sittings_of(person, date(2020, 1, 1), date(2027, 1, 1)).count(),
                Obligation.objects.filter(done__gt=0).count(),
            )
        )
        return turn(self)

    monkeypatch.setattr(pacing.Pacer, "turn", watched)
    count = len(all_but(branch))
    bring_in(officer, meeting(开会日期="2026-02-03", 应到人数=count, 实到人数=count, 缺席的人=""))

    assert len(seen) >= 2
    assert set(seen) == {(0, 0, 0)}


def test_what_follows_a_large_import_follows_in_turns(branch, officer, monkeypatch):
    monkeypatch.setattr(imports, "FOLLOW_AT_ONCE", 1)

    batch = bring_in(officer, *(meeting(开会日期=f"2026-0{n}-03") for n in range(1, 7)))

    batch.refresh_from_db()
    assert batch.to_follow == {}
    assert Credit.objects.count() == 6
    assert differences(TODAY) == []


def test_an_interrupted_following_is_taken_up_by_the_worker(branch, officer, monkeypatch):
    monkeypatch.setattr(imports, "FOLLOW_AT_ONCE", 1)
    monkeypatch.setattr(imports, "_follow", lambda *a, **k: None)
    batch = bring_in(officer, meeting(开会日期="2026-02-03"), meeting(开会日期="2026-05-03"))
    assert not Credit.objects.exists()
    monkeypatch.undo()

    imports.recover(NOON + timedelta(minutes=10), clock=clock)

    batch.refresh_from_db()
    assert batch.to_follow == {}
    assert Credit.objects.count() == 2
    assert differences(TODAY) == []


def test_undo_takes_back_what_nobody_touched_and_names_the_rest(branch, officer):
    batch = bring_in(
        officer, *(meeting(开会日期=f"2026-0{n}-03", 缺席的人=branch.full[4].name) for n in (2, 5))
    )
    first, second = Activity.objects.order_by("pk")
    actions.confirm(first, by=branch.secretary, at=NOON)
    batch.refresh_from_db()

    imports.undo(batch, by=officer, at=NOON, clock=clock)

    assert list(Activity.all_rows.values_list("pk", "batch")) == [(first.pk, 0)]
    batch.refresh_from_db()
    assert batch.report["kept"] == [["activities.activity", first.pk, "导入后改过"]]
    assert owed(branch, "general-meeting", date(2026, 1, 1)).done == 1
    assert owed(branch, "general-meeting", date(2026, 4, 1)).done == 0
    assert not Credit.objects.filter(source_id=second.pk).exists()
    assert differences(TODAY) == []
    assert verify().faults == []
    Activity.objects.get().refresh_from_db()
    assert Activity.objects.get().is_brought_in


def test_two_imports_of_one_book_make_one_record(branch, officer):
    first, second = look_at(officer, meeting()), look_at(officer, meeting())
    bringing.apply(officer, *first)

    with pytest.raises(Refused) as caught:
        bringing.apply(officer, *second)

    assert "有人记过了" in caught.value.verdict.reason
    assert Activity.all_rows.count() == 1
    assert Batch.objects.order_by("pk").last().state == Batch.State.FAILED


def test_a_record_without_a_roll_is_voided_and_not_corrected(branch, officer):
    from zhibu.activities import rules

    bring_in(officer, meeting(应到人数=9, 实到人数=8))
    activity = Activity.objects.get()

    verdict = rules.may_correct(branch.secretary, activity)

    assert not verdict
    assert "可以作废" in verdict.reason
    assert rules.may_void(branch.secretary, activity)


def test_of_several_packs_that_which_is_in_force_there_now_is_meant(branch, officer):
    bring_in(officer, meeting(活动类别="主题党日", 主题="学习"))

    offered = {c.reference for c in queries.kinds_in_force(branch.village, TODAY)}
    assert KindOf.objects.get().reference in offered


def test_where_nobody_can_tell_the_row_asks_for_the_reference(branch, officer, merged):
    row = {"组织名称": "后村党支部", "开会日期": "2023-05-10"}

    _, preview = look_at(officer, meeting(**row, 活动类别="主题党日"))

    assert codes(preview) == ["ambiguous_kind"]
    assert "seeds/mingguang-theme-day:theme-day（" in preview.errors[0].message
    bring_in(officer, meeting(**row, 活动类别="seeds/mingguang-theme-day:theme-day"))
    assert KindOf.objects.get().reference == "seeds/mingguang-theme-day:theme-day"


def test_minutes_of_an_old_record_give_the_stated_numbers(branch, officer):
    from zhibu.activities import minutes

    bring_in(officer, meeting(应到人数=9, 实到人数=8))

    data = minutes.data_of(Activity.objects.get(), at=NOON)
    assert (data.due, data.came, data.is_time_known) == (9, 8, False)
