"""Tallies of campaign units are what the records say, whatever happens.

The oracle (``tally_oracle.py``) knows models and packs only. Where what keeps the tallies is
broken on purpose it must notice.
"""

from collections import Counter
from contextlib import contextmanager
from datetime import date

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.cases import tally_machine
from tests.cases import tally_oracle as oracle
from tests.cases.playing import act, begin, noon
from tests.duties.machine import draft
from zhibu.activities import actions as activities
from zhibu.activities.drafts import AbsenceDraft, KindDraft
from zhibu.cases import actions as cases
from zhibu.cases.campaigns import actions, counting, recounting, rules
from zhibu.cases.campaigns.models import Tally
from zhibu.organizations import succeeding
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.people import actions as people
from zhibu.people.merging import actions as merging
from zhibu.people.models import Person

QUICK = settings(
    max_examples=8,
    stateful_step_count=22,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DEEP = settings(QUICK, max_examples=300, stateful_step_count=40, derandomize=False)


def run(how):
    done = Counter()
    with library.trying(*tally_machine.packs()):
        base = tally_machine.Base()
        run_state_machine_as_test(lambda: tally_machine.Township(base, done), settings=how)
    return done


def test_whatever_happens_what_is_stored_is_what_the_oracle_says(db):
    done = run(QUICK)

    assert done["counted"] > 100
    assert {what for what in tally_machine.STEPS if done[what]} >= {
        "record", "correct", "enter", "open_own", "end_case", "register", "place", "pass_time",
    }  # fmt: skip


@pytest.mark.slow
def test_whatever_happens_for_long_what_is_stored_is_what_the_oracle_says(db):
    done = run(DEEP)

    assert {what for what in tally_machine.STEPS if done[what]} == set(tally_machine.STEPS)


# --- the story of one campaign


class Story:
    """One thing after another; after each, what is stored is what the oracle says."""

    def __init__(self, clock, base):
        self.clock, self.by, self.today = clock, base.by, date(2026, 10, 5)
        self.village, self.back = (
            Organization.objects.get(name=name) for name in ("前村党支部", "后村党支部")
        )
        self.campaign = actions.launch(
            base.top, reference="demo/two-batches:education", wording=tally_machine.WORDING,
            title="集中教育", units={"villages": [self.village.pk, self.back.pk]},
            starts={"offices": date(2026, 6, 1), "villages": date(2026, 8, 1)}, **self.signed,
        )  # fmt: skip
        self.right()

    @property
    def signed(self):
        return {"by": self.by, "at": noon(self.today)}

    def right(self, units=2):
        assert oracle.differences(self.today) == []
        assert oracle.counted(self.today) == units

    def pass_to(self, day):
        self.today = day
        self.clock.move_to(noon(day))

    def unit(self, place):
        rows = self.campaign.units.taking_part()
        return rows.select_related("campaign__organization", "organization").get(organization=place)

    def tally(self, place, item):
        row = self.unit(place).tallies.get(item=item)
        return row.in_time, row.made_up, row.late, row.asked

    def member(self, place, n=0):
        return Person.objects.filter(home=place).order_by("pk")[n]

    def sitting(self, *kinds, day, away=()):
        return draft([KindDraft(f"demo/two-batches:{kind}") for kind in kinds], day,
                     absences={one.pk: AbsenceDraft("ill") for one in away})  # fmt: skip


def entered(story):
    span = story.campaign.spans.get(phase="rectify", batch__batch="villages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "gate_verdict", lambda *args: rules.YES)
        actions.open_phase(span, story.unit(story.village), **story.signed)
    story.right()
    unit, letter = story.unit(story.village), story.campaign.rule.item("letter")
    (entry,) = actions.enter(unit, letter, people=[story.member(story.village).pk],
                             happened_on=story.today, **story.signed)  # fmt: skip
    assert story.tally(story.village, "letter") == (1, 0, 0, 3)
    story.right()
    actions.void(entry, reason="记错了", **story.signed)
    story.right()


def held(story):
    away, there = story.member(story.village), story.member(story.village, 1)
    written = story.sitting("training", "study-class", day=date(2026, 8, 20), away=[away])
    made = activities.record(story.village, written, **story.signed).activity
    assert story.tally(story.village, "class") == (2, 0, 0, 3)
    assert story.tally(story.village, "training") == (1, 0, 0, 1)
    story.right()
    activities.record(story.village, story.sitting("make-up-class", day=date(2026, 10, 1)),
                      **story.signed)  # fmt: skip
    assert story.tally(story.village, "class") == (2, 1, 0, 3)
    story.right()
    activities.correct(made, story.sitting("study-class", day=date(2026, 8, 20), away=[there]),
                       reason="记错了", **story.signed)  # fmt: skip
    assert story.tally(story.village, "training") == (0, 0, 0, 1)
    story.right()
    activities.void(made, reason="没有开过", **story.signed)
    assert story.tally(story.village, "class") == (0, 3, 0, 3)
    story.right()


def moved(story):
    gone = story.member(story.village)
    people.place(gone, organization=story.back, since=date(2026, 10, 1), **story.signed)
    assert story.tally(story.back, "class")[-1] == 2
    story.right()
    people.set_membership(gone, state="ended", since=story.today, **story.signed)
    story.right()
    one, other = story.member(story.village), story.member(story.village, 1)
    lines = dict.fromkeys(merging.LINES, "one")
    merging.merge(one, other, fields={}, lines=lines, reason="核对身份证", **story.signed)
    assert story.tally(story.village, "class")[-1] == 1
    story.right()


def answered(story):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "gate_verdict", lambda *args: rules.YES)
        for place in (story.village, story.back):
            span = story.campaign.spans.get(phase="rectify", batch__batch="villages")
            actions.open_phase(span, story.unit(place), **story.signed)
    made = {}
    for name, more in (("hourly", {}), ("own", {"owner": story.member(story.village)})):
        case = begin(story.village, name, by=story.by, on=story.today, **more)
        made[name] = act(case, "answer", "answered", by=story.by, on=story.today,
                         at=noon(story.today))  # fmt: skip
        story.right()
    assert story.tally(story.village, "put-right") == (1, 0, 0, 1)
    assert story.tally(story.village, "asked") == (1, 0, 0, 3)
    for case in made.values():
        cases.void(case, reason="记错了村", **story.signed)
        story.right()


def came_and_went(story):
    far = Organization.objects.get(name="远村党支部")
    batch = story.campaign.batches.get(batch="villages")
    actions.add_unit(story.campaign, far, batch, reason="新来的", **story.signed)
    story.right(3)
    actions.remove_unit(story.unit(far), reason="去掉", **story.signed)
    story.right()
    succeeding.merge([story.back], into=succeeding.Into(existing=far), on=story.today,
                     **story.signed)  # fmt: skip
    assert story.tally(far, "class")[-1] == 2
    story.right()


def opened_late(story):
    span = story.campaign.spans.get(phase="appraise", batch__batch="villages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "gate_verdict", lambda *args: rules.YES)
        actions.open_phase(span, **story.signed)
    assert story.unit(story.village).tallies.get(item="own").since == story.today
    story.right()


def in_time_to_come(story):
    """Somebody leaves on a day to come: until then the tally holds, and not a day longer."""
    day = date(2026, 10, 20)
    people.place(story.member(story.village), organization=story.back, since=day, **story.signed)
    story.right()
    story.pass_to(date(2026, 10, 19))
    story.right()
    story.pass_to(day)
    assert oracle.differences(day) == []
    assert oracle.counted(day) == 0
    assert counting.count_waiting(noon(day)) == 2
    assert story.tally(story.village, "class")[-1] == 2
    story.right()


STORIES = [entered, held, moved, answered, came_and_went, opened_late, in_time_to_come]


@contextmanager
def told():
    with (
        library.trying(*tally_machine.packs()),
        time_machine.travel(noon(date(2026, 10, 5)), tick=False) as clock,
    ):
        yield Story(clock, tally_machine.Base())


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_story_keeps_them_right(db, story):
    with told() as running:
        story(running)


def nothing(*args, **kwargs):
    pass


def unread(sheet):
    return {}


@pytest.mark.parametrize(
    ("story", "module", "name", "broken"),
    [
        (entered, counting, "item", nothing),
        (entered, counting, "whole", nothing),
        (held, counting, "of_activities", nothing),
        (held, counting, "_kinds_of", lambda rule, asked: asked.activities),
        (moved, counting, "of_people", nothing),
        (moved, counting, "_homes", lambda people: set()),
        (answered, counting, "of_case", nothing),
        (came_and_went, counting, "leave", nothing),
        (opened_late, counting, "whole", nothing),
        (in_time_to_come, counting, "_ends", unread),
        (in_time_to_come, counting, "_roll_changes", lambda sheet: []),
    ],
)  # fmt: skip
def test_planted_bug_is_noticed(db, monkeypatch, story, module, name, broken):
    with told() as running:
        monkeypatch.setattr(module, name, broken)
        with pytest.raises((AssertionError, Tally.DoesNotExist)):
            story(running)


def test_recount_tells_what_differs_and_mends_nothing(db):
    with told() as story:
        assert recounting.evaluate(story.today).differences == []
        Tally.objects.filter(item="class", asked=3).update(asked=4, late=1)

        found = recounting.evaluate(story.today)

        (one,) = found.differences
        assert (one.unit.organization, one.item) == (story.village, "class")
        assert (one.stored["asked"], one.found["asked"]) == (4, 3)
        assert (found.units, found.waiting, found.compared) == (2, 0, 18)
        assert Tally.objects.filter(item="class", asked=4).exists()
