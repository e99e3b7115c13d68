"""Leave asked beforehand, themes sent up and receipted, themes that come back."""

from datetime import date, timedelta

import pytest

from tests.activities.conftest import DAY, GENERAL, ITEMS, THEME, noon, written
from tests.conftest import NOON, TODAY
from zhibu.activities import actions, queries
from zhibu.activities.drafts import AbsenceDraft
from zhibu.activities.models import Filing, Leave
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify

# --- leave


def ask(plan, person, branch, who="secretary", reason="ill"):
    return actions.ask_leave(plan, person=person, reason=reason, by=branch.users[who], at=NOON)


def test_ask_leave_is_recorded_and_says_who_helped(branch):
    plan = branch.plan()

    own = ask(plan, branch.full[2], branch, "member")
    helped = ask(plan, branch.full[3], branch, "secretary")

    assert (own.was_helped, helped.was_helped) == (False, True)
    assert Entry.objects.latest("pk").kind == "activities:leave:asked"
    assert verify().faults == []


def test_ask_leave_again_replaces_the_reason(branch):
    plan = branch.plan()
    ask(plan, branch.full[2], branch, "member", "ill")

    ask(plan, branch.full[2], branch, "secretary", "away")

    assert [(row.reason, row.asked_by) for row in Leave.objects.all()] == [
        ("away", branch.secretary)
    ]
    assert verify().faults == []


def test_leave_asked_beforehand_is_kept_in_the_record(branch):
    plan = branch.plan()
    asked, came, stayed_away = branch.full[2:5]
    ask(plan, asked, branch)
    ask(plan, came, branch)
    absences = {asked.pk: AbsenceDraft("ill"), stayed_away.pk: AbsenceDraft("away")}

    saved = actions.record(
        branch.village, written(GENERAL, absences=absences), planned=plan,
        by=branch.secretary, at=NOON,
    )  # fmt: skip

    def told():
        rows = saved.activity.participations.filter(person__in=[asked, came, stayed_away])
        found = {row.person_id: (row.status, row.asked_beforehand) for row in rows}
        return [found[person.pk] for person in (asked, came, stayed_away)]

    assert told() == [("absent", True), ("present", False), ("absent", False)]
    actions.correct(
        saved.activity, written(GENERAL, absences=absences, theme="更正"), reason="主题",
        by=branch.secretary, at=NOON,
    )  # fmt: skip
    assert told() == [("absent", True), ("present", False), ("absent", False)]
    assert Leave.objects.count() == 2
    assert verify().faults == []


def test_ask_leave_of_what_was_held_is_refused(branch):
    activity = branch.record()

    with pytest.raises(Refused, match="已经开过或取消"):
        ask(activity, branch.full[2], branch)


# --- filing a theme


def test_file_theme_sends_it_to_whoever_asks(branch):
    """东镇 adopted the pack that asks for themes; the county did not."""
    plan = branch.plan(written(THEME, day=TODAY + timedelta(days=7), theme="学党章"))

    filing = actions.file_theme(plan, by=branch.secretary, at=NOON)

    assert (filing.to, filing.theme, filing.received_at) == (branch.tree.east, "学党章", None)
    assert Entry.objects.latest("pk").kind == "activities:theme:filed"
    assert verify().faults == []


def test_receive_theme_is_one_touch_and_recorded(branch):
    plan = branch.plan(written(THEME))
    filing = actions.file_theme(plan, by=branch.secretary, at=NOON)

    actions.receive_theme(filing, by=branch.users["township officer"], at=NOON)

    filing.refresh_from_db()
    assert (filing.received_by, filing.received_at) == (branch.users["township officer"], NOON)
    assert Entry.objects.latest("pk").kind == "activities:theme:received"
    assert verify().faults == []


def test_file_theme_keeps_what_was_filed_when_the_plan_changes(branch):
    plan = branch.plan(written(THEME, theme="学党章"))
    actions.file_theme(plan, by=branch.secretary, at=NOON)

    actions.replan(plan, written(THEME, theme="学党史"), by=branch.secretary, at=NOON)

    assert Filing.objects.get().theme == "学党章"


def test_file_theme_of_a_kind_that_asks_for_none_is_refused(branch):
    plan = branch.plan(written(GENERAL))

    with pytest.raises(Refused, match="没有要求报主题"):
        actions.file_theme(plan, by=branch.secretary, at=NOON)


# --- a theme that comes back


def repeated(branch, theme, day, kind=THEME, **more):
    choices = [c for c in queries.kinds_in_force(branch.village, day) if c.reference == kind]
    return queries.repeated_theme(branch.village, theme=theme, choices=choices, day=day, **more)


@pytest.mark.parametrize(
    ("theme", "is_repeated"),
    [
        ("学习全会精神", True),
        ("“学习 全会精神”。", True),
        ("学习全会精神二", False),
        ("", False),
        ("。", False),
    ],
)
def test_theme_is_compared_without_spaces_and_marks(theme, is_repeated, branch):
    earlier = branch.record(written(THEME, items=ITEMS))

    found = repeated(branch, theme, TODAY)

    assert found == (earlier if is_repeated else None)


@pytest.mark.parametrize(
    ("day", "is_repeated"),
    [
        (DAY - timedelta(days=1), False),  # before it was held
        (DAY, True),
        (date(2027, 11, 6), True),  # a year later to the day
        (date(2027, 11, 7), False),
    ],
)
def test_theme_may_return_after_a_year(day, is_repeated, branch):
    branch.record(written(THEME, items=ITEMS))

    assert (repeated(branch, "学习全会精神", day) is not None) is is_repeated


def test_theme_of_others_does_not_count(branch):
    """Not of another kind, another branch, a void or cancelled one, nor the very same."""
    other_kind = branch.record(written(GENERAL))
    voided = branch.record(written(THEME))
    actions.void(voided, reason="没有开过", by=branch.secretary, at=NOON)
    cancelled = branch.plan(written(THEME))
    actions.cancel(cancelled, reason="改期", by=branch.secretary, at=NOON)
    assert repeated(branch, "学习全会精神", TODAY) is None

    same = branch.plan(written(THEME))

    assert repeated(branch, "学习全会精神", TODAY) == same
    assert repeated(branch, "学习全会精神", TODAY, apart_from=same.pk) is None
    assert repeated(branch, other_kind.theme, TODAY, GENERAL) is None


def test_latest_of_several_repeats_is_named(branch):
    days = (date(2026, 3, 6), date(2026, 9, 4), date(2026, 6, 5))
    made = [branch.record(written(THEME, day=day), at=noon(TODAY)) for day in days]

    assert repeated(branch, "学习全会精神", TODAY) == made[1]
