"""Anything that can happen to a county, in any order, through the real actions.

After every step the oracle must find what is stored, and refreshing everything must
change nothing. At the end the ledger must verify.
"""

from calendar import monthrange
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta

import time_machine
from django.db import transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests import factories
from tests.duties.oracle import differences
from zhibu.accounts import actions as accounts
from zhibu.activities import actions as activities
from zhibu.activities import queries as activity_queries
from zhibu.activities.drafts import AbsenceDraft, Draft, Faulty, KindDraft
from zhibu.activities.models import Activity
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions.models import Adoption
from zhibu.core.verdicts import Refused
from zhibu.duties import actions as duties
from zhibu.duties.models import Exemption, Obligation, Talk
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization, PartyGroup, Post
from zhibu.packs import library
from zhibu.people import actions as people
from zhibu.people.models import Holding, Person

BEGIN = date(2026, 10, 14)
BEGIN_AT = datetime(2026, 10, 14, 4, 0, tzinfo=UTC)
TERM_SINCE = date(2024, 5, 1)
ITEMS = tuple(
    f"seeds/mingguang-theme-day:theme-day/{item}"
    for item in ("oath", "constitution", "dues", "volunteering")
)
ALL_REQUIRED = ITEMS[:3]
ABOVE = ("committee", "general-branch")
FIELDS = ("rural", "office", "school")

# What may be done in a step, and how often for each time the rarest is.
STEPS = {
    "record": 10,
    "fulfil": 3,
    "correct": 3,
    "pass_time": 2,
    "move": 4,
    "found": 3,
    "adopt": 3,
    "withdraw": 2,
    "dissolve": 2,
    "change_field": 1,
    "begin_term": 2,
    "form_group": 1,
    "close_group": 1,
    "make_post": 1,
    "hold_post": 1,
    "end_holding": 1,
    "register": 1,
    "join_group": 1,
    "set_membership": 1,
    "place": 1,
    "plan": 1,
    "record_a_plan": 2,
    "confirm": 1,
    "void": 1,
    "cancel": 1,
    "exempt": 2,
    "withdraw_exemption": 1,
    "explain": 1,
    "talk": 4,
    "confirm_talk": 3,
    "withdraw_talk": 1,
    "change_person": 2,
}


class Nothing(Exception):
    """There is no row to do that to yet."""


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def draft(kinds, day, **more):
    # 08:00 UTC is the same day in Shanghai
    starts_at = datetime(day.year, day.month, day.day, 8, 0, tzinfo=UTC)
    return Draft(kinds=tuple(kinds), starts_at=starts_at, theme="学习全会精神", **more)


class Base:
    """What every run begins with: a county with groups, a committee, secretaries and members."""

    def __init__(self):
        system = accounts.ensure_system_account(BEGIN_AT)
        tree = factories.small_tree(system)
        school = factories.organization(tree.east, by=system, name="东镇学校党支部", code="SCHOOL")
        born = [date(1980, 10, 20), date(1950, 2, 28), None, date(1966, 11, 2), None, None]
        branches = (tree.village, tree.village, tree.village, tree.inner, tree.far, school)
        for branch, born_on in zip(branches, born, strict=True):
            factories.member(branch, by=system, born_on=born_on)
        self.second, self.by = (
            factories.holder(tree.inner, tree.county, "committee-officer", by=system, title=title)
            for title in ("组织部副部长", "组织部干事")
        )
        more = {"since": TERM_SINCE, "by": system, "at": BEGIN_AT}
        organizations.begin_term(tree.village, ends_on=None, has_committee=True, **more)
        for name in ("第一小组", "第二小组"):
            group = organizations.form_group(tree.village, name=name, **more)
            person = Person.objects.filter(home=tree.village, group_memberships=None).first()
            people.join_group(person, group=group, **more)
        secretary = {"kind": "committee-secretary", "title": "书记", "role": "committee-officer"}
        for committee in (tree.county, tree.east):
            post = organizations.make_post(committee, **secretary, **more)
            people.hold_post(Person.objects.filter(holdings=None).first(), post=post, **more)


class County(RuleBasedStateMachine):
    """A county of two townships, a general branch and four branches, from October 2026 on."""

    def __init__(self, base, done):
        super().__init__()
        self.by, self.second, self.done = base.by, base.second, done
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
    def adopt_the_national_pack(self, data):
        self.draw = data.draw
        county = Organization.objects.get(parent=None)
        since = self.day(3, 6)
        packs = ["national/branch-life", "test/triggers"][: self.draw(st.sampled_from([1, 2, 2]))]
        for pack in packs:
            adoptions.adopt(pack=pack, organization=county, since=since, **self.signed)

    @rule(what=st.sampled_from([s for s, n in STEPS.items() for _ in range(n)]), data=st.data())
    def step(self, what, data):
        """Do one thing; what is refused or faulty changes nothing."""
        self.draw = data.draw
        try:
            with transaction.atomic():
                getattr(self, what)()
        except (Refused, Faulty, Nothing):
            self.done[f"{what}, not done"] += 1
        else:
            self.done[what] += 1
            self.is_news = True
            last = Entry.objects.latest("pk")
            note(f"{last.kind} {last.subject_type}:{last.subject_id} {last.occurred}")

    @invariant()
    def stored_is_what_the_oracle_says_and_refreshing_changes_nothing(self):
        if self.is_news:
            assert differences(self.today) == []
            everything = list(Organization.objects.values_list("pk", flat=True))
            assert duties.refresh(everything, at=self.at) == 0
            self.is_news = False

    # --- drawing

    @property
    def at(self):
        return datetime(self.today.year, self.today.month, self.today.day, 4, 0, tzinfo=UTC)

    @property
    def signed(self):
        return {"by": self.by, "at": self.at}

    def day(self, nearest=0, furthest=4):
        """A day of a month so far back, at its edges by preference; never after today."""
        months = self.draw(st.integers(nearest, furthest))
        year, month = divmod(self.today.year * 12 + self.today.month - 1 - months, 12)
        last = monthrange(year, month + 1)[1]
        return min(date(year, month + 1, self.draw(st.sampled_from([1, 2, 15, last]))), self.today)

    def some(self, rows):
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        if not ids:
            raise Nothing
        return rows.get(pk=self.draw(st.sampled_from(ids)))

    def branch(self):
        return self.some(Organization.objects.branches().filter(dissolved_on=None))

    # --- the practice in force

    def adopt(self):
        adoptions.adopt(
            pack=self.draw(st.sampled_from(
                ["seeds/mingguang-theme-day", "local/quarterly-class", "national/branch-life",
                 "test/triggers", "test/triggers", "test/stricter-2", "test/stricter-3"]
            )),
            organization=self.some(Organization.objects),
            since=self.day(),
            fields=self.draw(st.sampled_from([(), (), ("rural",), ("office", "school")])),
            **self.signed,
        )  # fmt: skip

    def withdraw(self):
        soon = self.today + timedelta(days=20)
        until = self.draw(st.sampled_from([self.day(0, 2), soon]))
        adoptions.withdraw(self.some(Adoption.objects), until=until, **self.signed)

    # --- the tree

    def found(self):
        if Organization.objects.count() > 12:
            raise Nothing
        organizations.found(
            code=f"N{Organization.objects.count()}",
            name="新设党组织",
            kind=self.draw(st.sampled_from(["branch", "temporary-branch", "committee"])),
            parent=self.some(Organization.objects.filter(kind__in=ABOVE)),
            field=self.draw(st.sampled_from(FIELDS)),
            established_on=self.draw(st.sampled_from([None, self.day(), self.day()])),
            **self.signed,
        )

    def move(self):
        organizations.move(
            self.some(Organization.objects.exclude(parent=None)),
            parent=self.some(Organization.objects.filter(kind__in=ABOVE)),
            since=self.day(),
            **self.signed,
        )

    def dissolve(self):
        leaf = self.some(Organization.objects.filter(children=None))
        organizations.dissolve(leaf, on=self.day(), **self.signed)

    def change_field(self):
        organization = self.some(Organization.objects)
        organizations.change(
            organization,
            field=self.draw(st.sampled_from(FIELDS)),
            place="",
            established_on=organization.established_on,
            **self.signed,
        )

    def begin_term(self):
        organizations.begin_term(
            self.branch(),
            since=self.day(),
            ends_on=self.draw(
                st.sampled_from([None, date(2026, 12, 31), date(2027, 3, 31), date(2027, 8, 30)])
            ),
            has_committee=self.draw(st.booleans()),
            **self.signed,
        )

    def form_group(self):
        name = f"第{PartyGroup.objects.count() + 1}小组"
        organizations.form_group(self.branch(), name=name, since=self.day(), **self.signed)

    def close_group(self):
        group = self.some(PartyGroup.objects.filter(until=None))
        organizations.close_group(group, on=self.day(), **self.signed)

    def make_post(self):
        organizations.make_post(
            self.some(Organization.objects.filter(kind="committee")),
            kind="committee-secretary",
            title="书记",
            role="committee-officer",
            since=self.day(),
            **self.signed,
        )

    # --- the people

    def register(self):
        state = self.draw(st.sampled_from(["full", "probationary", "activist"]))
        since = self.draw(st.sampled_from([TERM_SINCE, date(2024, 2, 29), self.day()]))
        factories.member(self.branch(), state=state, since=since, **self.signed)

    def join_group(self):
        group = self.some(PartyGroup.objects)
        person = self.some(Person.objects.filter(home=group.organization))
        people.join_group(person, group=group, since=self.day(), **self.signed)

    def set_membership(self):
        state = self.draw(st.sampled_from(["suspended", "full", "ended", "deceased"]))
        people.set_membership(
            self.some(Person.objects), state=state, since=self.day(), **self.signed
        )

    def place(self):
        person, branch = self.some(Person.objects), self.branch()
        people.place(person, organization=branch, since=self.day(), **self.signed)

    def hold_post(self):
        post = self.some(Post.objects.filter(kind="committee-secretary"))
        person = self.some(Person.objects)
        manner = self.draw(st.sampled_from(["full", "full", "acting"]))
        people.hold_post(
            person, post=post, since=self.day(), manner=manner, reason="在外学习", **self.signed
        )

    def end_holding(self):
        running = Holding.objects.filter(ended_on=None, post__kind="committee-secretary")
        people.end_holding(self.some(running), on=self.day(), **self.signed)

    def change_person(self):
        person = self.some(Person.objects)
        born = [None, date(1960, 11, 20), date(1966, 12, 31), date(2000, 2, 29), person.born_on]
        people.change(
            person,
            name=person.name,
            sex=person.sex,
            born_on=self.draw(st.sampled_from(born)),
            ethnicity="",
            education="",
            occupation="",
            **self.signed,
        )

    # --- who talked with whom

    def talk(self):
        first = self.some(Person.objects.filter(home__isnull=False))
        others = Person.objects.exclude(pk=first.pk).filter(home__isnull=False)
        heads = others.filter(holdings__post__kind="committee-secretary").distinct()
        near = [rows for rows in (others.filter(home=first.home), heads) if rows.exists()]
        second = self.some(self.draw(st.sampled_from([*near, others])))
        made = duties.record_talk(
            first=first, second=second, kind="test/triggers:talk", held_on=self.day(0, 3),
            **self.signed,
        )  # fmt: skip
        for side in (first, second)[: self.draw(st.sampled_from([1, 2, 2, 2]))]:
            duties.confirm_talk(made, person=side, **self.signed)

    def confirm_talk(self):
        made = self.some(Talk.objects.standing().filter(second_confirmed_at=None))
        duties.confirm_talk(made, person=made.second, **self.signed)

    def withdraw_talk(self):
        duties.withdraw_talk(self.some(Talk.objects.standing()), **self.signed)

    # --- what takes place

    def sitting(self, organization, group, day):
        """A draft of some of the kinds in force that day, perhaps making up a period before."""
        choices = activity_queries.kinds_in_force(organization, day, group=group)
        if not choices:
            raise Nothing
        references = sorted(choice.reference for choice in choices)
        chosen = self.draw(st.sets(st.sampled_from(references), min_size=1, max_size=3))
        before = self.draw(st.sampled_from([None, None, None, None, None, 1, 3]))
        makes_up = None
        if before:
            month = day.year * 12 + (day.month - 1) // before * before - before
            makes_up = date(month // 12, month % 12 + 1, 1)
        kinds = [
            KindDraft(reference, makes_up if number == 0 else None)
            for number, reference in enumerate(sorted(chosen))
        ]
        ticked = self.draw(st.sampled_from([ALL_REQUIRED, ALL_REQUIRED, ITEMS, ITEMS[1:], ()]))
        speakers = list(Person.objects.order_by("pk").values_list("pk", flat=True))
        speaker = self.draw(st.sampled_from(speakers))
        present = [c.kind for c in choices if c.reference in chosen]
        due = [e.person.pk for e in activity_queries.roll(organization, present, day, group=group)]
        away = self.draw(st.sets(st.sampled_from(due), max_size=len(due) - 1)) if due else set()
        guests = self.draw(st.sets(st.sampled_from(speakers), max_size=1)) - set(due)
        return draft(
            kinds, day, items=ticked, speaker_id=speaker, observers=tuple(guests),
            absences={pk: AbsenceDraft("ill") for pk in sorted(away)},
        )  # fmt: skip

    def record(self):
        organization = self.branch()
        groups = [None, None, *organization.groups.order_by("pk")]
        group = self.draw(st.sampled_from(groups))
        written = self.sitting(organization, group, self.day(0, 3))
        activities.record(organization, written, group=group, **self.signed)

    def fulfil(self):
        """Whatever is owed can be done: by its own kind, on any day of its period so far."""
        rows = Obligation.objects.begun(self.today).owed().impersonal().exclude(holder_kind="post")
        row = self.some(rows.filter(done_on=None))
        last = min(row.period_until - timedelta(days=1), self.today)
        day = self.draw(st.sampled_from([last, max(row.period_since, last - timedelta(days=9))]))
        group = row.organization.groups.filter(pk=row.holder_id).first()
        group = group if row.holder_kind == "party-group" else None
        duty = library.packs()[row.pack].wording_on("duties", row.duty, row.wording).item
        written = draft([KindDraft(duty.fulfilled_by[0])], day, items=ALL_REQUIRED)
        try:
            saved = activities.record(row.organization, written, group=group, **self.signed)
        except Faulty as faulty:
            raise AssertionError(f"{row} cannot be done: {faulty}") from faulty
        assert row.pk in {found.pk for found in saved.obligations}

    def plan(self):
        organization = self.branch()
        day = self.today + timedelta(days=self.draw(st.integers(-3, 20)))
        activities.plan(organization, self.sitting(organization, None, day), **self.signed)

    def record_a_plan(self):
        planned = self.some(Activity.objects.planned())
        day = min(planned.held_on, self.today)
        written = self.sitting(planned.organization, planned.group, day)
        activities.record(planned.organization, written, planned=planned, **self.signed)

    def correct(self):
        activity = self.some(Activity.objects.took_place())
        written = self.sitting(activity.organization, activity.group, self.day(0, 3))
        activities.correct(activity, written, reason="记错了", **self.signed)

    def confirm(self):
        activities.confirm(self.some(Activity.objects.took_place()), by=self.second, at=self.at)

    def void(self):
        activity = self.some(Activity.objects.took_place())
        activities.void(activity, reason="没有开过", **self.signed)

    def cancel(self):
        activities.cancel(self.some(Activity.objects.planned()), reason="改期", **self.signed)

    # --- what is excused

    def waiting(self):
        return self.some(Obligation.objects.begun(self.today).owed().filter(done_on=None))

    def exempt(self):
        duties.exempt(self.waiting(), reason="防汛", **self.signed)

    def withdraw_exemption(self):
        exemption = self.some(Exemption.objects.filter(withdrawn_at=None))
        duties.withdraw_exemption(exemption, **self.signed)

    def explain(self):
        duties.explain(self.waiting(), text="都在堤上", **self.signed)

    # --- time

    def pass_time(self):
        """Days go by; every night the worker extends the obligations."""
        if self.today.year > BEGIN.year:
            raise Nothing
        self.today += timedelta(days=self.draw(st.sampled_from([1, 17, 28, 45, 90])))
        self.clock.move_to(self.at)
        duties.extend(self.at)
