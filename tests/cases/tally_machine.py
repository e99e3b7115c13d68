"""Anything that can happen to campaigns and to what they rest on, through the real actions.

After every step the oracle must find what is stored, now and on the days to come that it vouches
for; and every page's reading must be the one from the records.
"""

from contextlib import ExitStack, contextmanager
from datetime import date, timedelta

import time_machine
from django.db import transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests import factories
from tests.cases import campaigns, invented
from tests.cases.playing import act, begin, noon
from tests.cases.tally_oracle import counted, differences
from tests.duties.machine import draft
from zhibu.accounts import actions as accounts
from zhibu.activities import actions as activities
from zhibu.activities.drafts import AbsenceDraft, Faulty, KindDraft
from zhibu.activities.models import Activity
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions as cases
from zhibu.cases import steps
from zhibu.cases.campaigns import actions, counting, queries, rules, tallies
from zhibu.cases.campaigns.models import Campaign, Entry, Unit
from zhibu.cases.campaigns.queries import Run, Sheet
from zhibu.cases.models import Case
from zhibu.core.verdicts import Refused
from zhibu.ledger import actions as ledger
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations
from zhibu.organizations import succeeding
from zhibu.organizations.models import Organization
from zhibu.packs.reading import read
from zhibu.people import actions as people
from zhibu.people.merging import actions as merging
from zhibu.people.models import Person

BEGIN = date(2026, 9, 10)
WORDING = date(2018, 1, 1)
KINDS = tuple(f"demo/two-batches:{name}" for name in ("training", "study-class", "make-up-class"))
OWN = invented.HOURLY.replace('start = ["answer"]', 'start = ["answer"]\nhas_owner = true')
CHECKS = ("plan", "measures", "lasting", "coverage", "duties")
VALUES = {"own": {"what": "读书会"}, "five-checks": dict.fromkeys(CHECKS, True),
          "looked-back": {"left": 0}}  # fmt: skip
ASKED = """
[[items]]
id = "asked"
title = "答一件"
phase = "rectify"
per = "person"
case = { procedure = "demo/small:own" }

"""
AGAIN = """
[[items]]
id = "class-again"
title = "再学两次"
phase = "appraise"
per = "person"
activities = ["demo/two-batches:study-class"]
times = 2

"""
FULL = 'who = { all = [{ is = "is_full_member" }] }\n\n'

STEPS = {
    "record": 8,
    "correct": 4,
    "void_activity": 2,
    "plan": 1,
    "record_a_plan": 1,
    "enter": 8,
    "enter_many": 1,
    "void_entry": 2,
    "open_phase": 3,
    "open_own": 3,
    "launch": 1,
    "add": 1,
    "remove": 1,
    "cancel": 1,
    "begin_case": 3,
    "end_case": 4,
    "void_case": 2,
    "register": 2,
    "place": 4,
    "set_membership": 3,
    "merge_people": 1,
    "merge_branches": 1,
    "dissolve": 1,
    "pass_time": 5,
    "work": 2,
}


def packs():
    """Two campaigns: as ``two-batches`` has it with cases of one step, and one of full members
    only, whose second phase asks for the class twice."""
    files = campaigns.files()
    needs = 'requires = ["national/branch-life", "seeds/rectification"]'
    files["pack.toml"] = files["pack.toml"].replace(needs, "")
    text = files[campaigns.FILE].replace("seeds/rectification:rectify", "demo/small:hourly")
    text = text.replace('ended_as = ["销号"]', 'ended_as = ["答了"]')
    text = text.replace("[[make_ups]]", f"{ASKED}[[make_ups]]", 1)
    files[campaigns.FILE] = text
    full = text.replace("[[batches]]", f"{FULL}[[batches]]", 1)
    full = full.replace("[[make_ups]]", f"{AGAIN}[[make_ups]]", 1)
    files["campaigns/full/2018-01-01.toml"] = full
    made, faults = read(files)
    assert made is not None, faults
    return made, invented.pack(own=OWN)


class Nothing(Exception):
    """There is no row to do that to yet."""


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Base:
    """What every run begins with: a township of four branches with members, all packs in force."""

    def __init__(self):
        system = accounts.ensure_system_account(noon(BEGIN))
        tree = factories.small_tree(system)
        self.top, self.by = (
            tree.county,
            factories.holder(tree.far, tree.county, "committee-officer", by=system),
        )
        more = factories.organization(tree.east, by=system, name="后村党支部", code="BACK")
        for branch in (tree.village, tree.village, tree.inner, more):
            factories.member(branch, by=system)
        factories.member(tree.village, by=system, state="probationary")
        organizations.change(tree.inner, field="office", place="", by=system, at=noon(BEGIN),
                             established_on=tree.inner.established_on)  # fmt: skip
        for pack in ("demo/two-batches", "demo/small"):
            adoptions.adopt(pack=pack, organization=tree.county, since=WORDING, by=system,
                            at=noon(BEGIN))  # fmt: skip


class Township(RuleBasedStateMachine):
    """Campaigns over the branches of a county, from September 2026 on."""

    def __init__(self, base, done):
        super().__init__()
        self.top, self.by, self.done = base.top, base.by, done
        self.today, self.is_news = BEGIN, True
        with ExitStack() as stack:
            stack.enter_context(rolled_back())
            self.clock = stack.enter_context(time_machine.travel(self.at, tick=False))
            self.leaving = stack.pop_all()

    def teardown(self):
        with self.leaving:
            ledger.seal(self.at)
            assert verify().faults == []

    @initialize(data=st.data())
    def begin(self, data):
        self.draw = data.draw
        self.launch()

    @rule(what=st.sampled_from([s for s, n in STEPS.items() for _ in range(n)]), data=st.data())
    def step(self, what, data):
        """Do one thing; what is refused or faulty changes nothing."""
        self.draw = data.draw
        try:
            with transaction.atomic():
                getattr(self, what)()
        except (Refused, Faulty, steps.Faulty, Nothing):
            self.done[f"{what}, not done"] += 1
        else:
            self.done[what] += 1
            self.is_news = True
            note(f"{self.today} {what}")

    @invariant()
    def stored_is_what_the_oracle_says_on_every_day_it_vouches_for(self):
        if not self.is_news:
            return
        self.is_news = False
        for days in (0, 12, 400):
            assert differences(self.today + timedelta(days=days)) == []
        self.done["counted"] += counted(self.today)
        for campaign in Campaign.objects.all():
            self.look(campaign)

    def look(self, campaign):
        """Each page's reading beside that from the records."""
        run, today = Run(campaign), self.today
        units = queries.taking_part(campaign)
        sheet = Sheet(run, list(units), today)
        cells = tallies.cells(run, list(units), today, sheet.items)
        for unit in sheet.units:
            assert [told(cell) for cell in cells[unit.pk]] == [
                told(cell) for cell in sheet.cells(unit)
            ]
        board = tallies.Board(run, units, today)
        assert [told_line(x) for x in board.lines()] == [
            told_line(x) for x in queries.progress(sheet)
        ]
        for state in ("lacking", "waiting", "complete"):
            assert [u.pk for u in board.in_state(state)] == [
                u.pk for u in sheet.units if queries.state_of(sheet.cells(u)) == state
            ]
        found = tallies.places(board)
        for is_open in (False, True):
            rows = tallies.MissedRows(board, found, is_open=is_open)
            wanted = [
                (one.unit.pk, one.item.id, one.person)
                for one in sheet.missed() if not (is_open and one.judged.is_over)
            ]  # fmt: skip
            assert len(rows) == len(wanted)
            for since in range(0, len(wanted), 3):
                some = [(one.unit.pk, one.item.id, one.person) for one in rows[since : since + 3]]
                assert some == wanted[since : since + 3]
        for phase in run.rule.phases:
            if phase.gate is not None:
                asked = run.rule.asked_before(phase)
                met = sum(sheet.is_met(unit, asked) for unit in sheet.units)
                assert tallies.gap(run, asked, units, today).met == met

    # --- drawing

    @property
    def at(self):
        return noon(self.today)

    @property
    def signed(self):
        return {"by": self.by, "at": self.at}

    def day(self, furthest=40):
        return self.today - timedelta(days=self.draw(st.sampled_from([0, 0, 9, furthest, 70])))

    def some(self, rows):
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        if not ids:
            raise Nothing
        return rows.get(pk=self.draw(st.sampled_from(ids)))

    def branch(self):
        return self.some(Organization.objects.branches().filter(dissolved_on=None))

    def unit(self):
        rows = Unit.objects.taking_part().select_related("campaign__organization", "organization")
        return self.some(rows)

    # --- campaigns

    def launch(self):
        if Campaign.objects.count() > 2:
            raise Nothing
        name = self.draw(st.sampled_from(["education", "full"]))
        begins = self.draw(st.sampled_from([date(2026, 7, 1), date(2026, 8, 5)]))
        starts = {"offices": date(2026, 6, 1), "villages": begins}
        rows = Organization.objects.branches().filter(dissolved_on=None).order_by("pk")
        units = {"offices": [], "villages": []}
        for one in rows[:3]:
            units["offices" if one.field == "office" else "villages"].append(one.pk)
        actions.launch(self.top, reference=f"demo/two-batches:{name}", wording=WORDING,
                       title="集中教育", starts=starts, units=units, **self.signed)  # fmt: skip

    def add(self):
        campaign = self.some(Campaign.objects.open().select_related("organization"))
        batch = self.some(campaign.batches)
        actions.add_unit(campaign, self.branch(), batch, reason="新来的", **self.signed)

    def remove(self):
        actions.remove_unit(self.unit(), reason="去掉", **self.signed)

    def cancel(self):
        if Campaign.objects.count() < 3:
            raise Nothing
        actions.cancel(self.some(Campaign.objects.open()), reason="重了", **self.signed)

    def open_phase(self):
        campaign = self.some(Campaign.objects.open())
        span = self.some(campaign.spans.filter(phase="appraise"))
        if self.draw(st.booleans()):  # half the time nobody asks what is done already
            given, rules.gate_verdict = rules.gate_verdict, lambda *args: rules.YES
            try:
                actions.open_phase(span, **self.signed)
            finally:
                rules.gate_verdict = given
        else:
            actions.open_phase(span, **self.signed)

    def open_own(self):
        unit = self.unit()
        span = unit.campaign.spans.get(phase="rectify", batch=unit.batch_id)
        given, rules.gate_verdict = rules.gate_verdict, lambda *args: rules.YES
        try:
            actions.open_phase(span, unit, **self.signed)
        finally:
            rules.gate_verdict = given

    def enter(self):
        unit = self.unit()
        name = self.draw(st.sampled_from(["own", "five-checks", "letter", "letter", "looked-back"]))
        item = unit.campaign.rule.item(name)
        chosen = ()
        if item.per == "person":
            there = Sheet(Run(unit.campaign), [unit], self.today, [item]).roll[unit.pk]
            if not there:
                raise Nothing
            chosen = sorted(self.draw(st.sets(st.sampled_from(there), min_size=1, max_size=2)))
        actions.enter(unit, item, people=chosen, happened_on=self.day(), values=VALUES.get(name),
                      **self.signed)  # fmt: skip

    def enter_many(self):
        campaign = self.some(Campaign.objects.open().select_related("organization"))
        units = list(queries.taking_part(campaign))
        actions.enter_many(campaign, units, campaign.rule.item("own"), happened_on=self.day(),
                           values=VALUES["own"], **self.signed)  # fmt: skip

    def void_entry(self):
        rows = Entry.objects.counting().filter(unit__removed_on=None)
        entry = self.some(rows.select_related("unit__organization", "campaign"))
        actions.void(entry, reason="记错了", **self.signed)

    # --- what takes place

    def sitting(self, branch, day):
        kinds = self.draw(st.sets(st.sampled_from(KINDS), min_size=1, max_size=2))
        due = list(Person.objects.filter(home=branch).order_by("pk").values_list("pk", flat=True))
        everybody = list(Person.objects.order_by("pk").values_list("pk", flat=True))
        away = (
            self.draw(st.sets(st.sampled_from(due), max_size=max(len(due) - 1, 0))) if due else ()
        )
        guests = self.draw(st.sets(st.sampled_from(everybody), max_size=2)) - set(due)
        return draft(
            [KindDraft(kind) for kind in sorted(kinds)], day, observers=tuple(sorted(guests)),
            absences={pk: AbsenceDraft("ill") for pk in sorted(away)},
        )  # fmt: skip

    def record(self):
        branch = self.branch()
        activities.record(branch, self.sitting(branch, self.day()), **self.signed)

    def plan(self):
        branch = self.branch()
        activities.plan(branch, self.sitting(branch, self.today + timedelta(3)), **self.signed)

    def record_a_plan(self):
        planned = self.some(Activity.objects.planned())
        written = self.sitting(planned.organization, min(planned.held_on, self.today))
        activities.record(planned.organization, written, planned=planned, **self.signed)

    def correct(self):
        activity = self.some(Activity.objects.took_place())
        written = self.sitting(activity.organization, self.day())
        activities.correct(activity, written, reason="记错了", **self.signed)

    def void_activity(self):
        activities.void(self.some(Activity.objects.took_place()), reason="没有开过", **self.signed)

    # --- cases

    def begin_case(self):
        branch, name = self.branch(), self.draw(st.sampled_from(["hourly", "own", "own"]))
        more = {"owner": self.some(Person.objects.filter(home=branch))} if name == "own" else {}
        begin(branch, name, by=self.by, on=self.today, at=self.at, **more)

    def end_case(self):
        case = self.some(Case.objects.open())
        act(case, "answer", "answered", by=self.by, on=self.today, at=self.at)

    def void_case(self):
        case = self.some(Case.objects.filter(state=Case.State.ENDED))
        cases.void(case, reason="记错了村", **self.signed)

    # --- people and the tree

    def register(self):
        state = self.draw(st.sampled_from(["full", "probationary", "activist"]))
        factories.member(self.branch(), state=state, since=self.day(), **self.signed)

    def place(self):
        """Also from a day to come."""
        since = self.draw(st.sampled_from([self.day(), self.today + timedelta(days=12)]))
        people.place(self.some(Person.objects), organization=self.branch(), since=since,
                     **self.signed)  # fmt: skip

    def set_membership(self):
        state = self.draw(st.sampled_from(["suspended", "full", "ended", "deceased"]))
        since = self.draw(st.sampled_from([self.day(), self.today + timedelta(days=12)]))
        people.set_membership(self.some(Person.objects), state=state, since=since, **self.signed)

    def merge_people(self):
        one, other = self.some(Person.objects), self.some(Person.objects)
        if one == other:
            raise Nothing
        lines = dict.fromkeys(merging.LINES, self.draw(st.sampled_from(["one", "other"])))
        merging.merge(one, other, fields={}, lines=lines, reason="核对身份证", **self.signed)

    def merge_branches(self):
        if Organization.objects.branches().filter(dissolved_on=None).count() < 3:
            raise Nothing
        gone, kept = self.branch(), self.branch()
        if gone == kept:
            raise Nothing
        succeeding.merge([gone], into=succeeding.Into(existing=kept), on=self.today, **self.signed)

    def dissolve(self):
        organizations.dissolve(self.branch(), on=self.today, **self.signed)

    # --- time

    def pass_time(self):
        """Days go by, and the worker sleeps."""
        if self.today.year > BEGIN.year:
            raise Nothing
        self.today += timedelta(days=self.draw(st.sampled_from([1, 12, 22, 31])))
        self.clock.move_to(self.at)

    def work(self):
        """The worker counts what is not counted; then everything is."""
        waiting = list(Unit.objects.taking_part().uncounted(self.today).select_related("campaign"))
        if not waiting:
            raise Nothing
        counting.count_waiting(self.at)
        assert not Unit.objects.taking_part().uncounted(self.today).exists()


def told(cell):
    judged = cell.judged
    if judged is None:
        return cell.item.id, cell.state, cell.word, cell.is_over, +cell.counts
    day = judged.fact.day if judged.fact else None
    return cell.item.id, judged.state, judged.word, day, judged.until


def told_line(line):
    return line.item.id, line.batch.pk, +line.counts, line.units, line.units_over
