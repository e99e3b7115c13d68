"""Pairs of actions that could hurt each other, what must hold after them, and what keeps it.

``one`` comes to the point first and goes on last, with what it read; ``faults`` says what is
wrong afterwards. ``kept_by``: "lock" (row or table locks, on SQLite the transaction),
"constraint" (the database itself keeps the second one out) or "turn" (a conditional update
that one of them wins).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from tests import factories, scenes
from tests.activities.books import look_at, meeting
from tests.cases import invented, letters, playing, tally_oracle
from tests.conftest import NOON, TODAY
from tests.imports import bringing
from tests.money import books
from tests.packs import makers
from tests.races.harness import PATIENCE
from tests.registers import importing as tables
from tests.scenes import Life, draft, person_of
from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.activities import actions as activities
from zhibu.activities import queries as activity_queries
from zhibu.activities.models import Activity, Filing
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions.models import Adoption
from zhibu.api import actions as programs
from zhibu.api.models import Token
from zhibu.api.rules import MOST as MOST_TOKENS
from zhibu.assignments import actions as assignments
from zhibu.assignments.models import Answer, Assignment
from zhibu.cases import actions as cases
from zhibu.cases import papers
from zhibu.cases.campaigns import actions as campaigns
from zhibu.cases.campaigns import counting, queries
from zhibu.cases.campaigns.queries import Run
from zhibu.cases.models import Ballot, Case, IssuedPaper, Objection, Turn, worded
from zhibu.cases.steps import Step, Totals
from zhibu.core.fields import Named
from zhibu.desk import actions as desk
from zhibu.desk.models import CalendarFeed
from zhibu.duties import actions as duties
from zhibu.duties.models import Exemption
from zhibu.files import actions as files
from zhibu.files.intake import Prepared
from zhibu.files.models import Attachment
from zhibu.imports import actions as imports
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.money import sums
from zhibu.money.models import Claim
from zhibu.notices import actions as notices
from zhibu.notices import hooks
from zhibu.organizations import actions as organizations
from zhibu.organizations import guiding, succeeding
from zhibu.organizations.models import Guidance, Name, Organization, Term
from zhibu.packs import actions as packs
from zhibu.packs import library
from zhibu.packs.models import StoredPack
from zhibu.pairings import rotas
from zhibu.pairings.models import Link
from zhibu.people import actions as people
from zhibu.people.handover import actions as handing
from zhibu.people.membergroups import actions as grouping
from zhibu.people.merging import actions as merging
from zhibu.people.models import (
    Belonging,
    Consent,
    Holding,
    MemberGrouping,
    MembershipState,
    Person,
)
from zhibu.people.queries import voters
from zhibu.people.rights import actions as rights
from zhibu.portal import actions as portal
from zhibu.portal.models import Ticket
from zhibu.publishing import actions as publishing
from zhibu.publishing.actions import Proposal
from zhibu.registers import actions as registers
from zhibu.registers.drafts import Draft as RowDraft
from zhibu.registers.models import Row

Action = Callable[[], Any]
Faults = Callable[[], Sequence[str]]
ACTIVITIES = "zhibu.activities.actions:require"
ASSIGNMENTS = "zhibu.assignments.actions:require"
ORGANIZATIONS = "zhibu.organizations.actions:require"
PEOPLE = "zhibu.people.actions:require"
CASES = "zhibu.cases.actions:require"


@dataclass(frozen=True, slots=True)
class Race:
    """``prepare(life)`` makes what the two meet at, and gives both sides and the faults.

    ``patience``: how long ``one`` waits for the other at most. ``broken_on``: the only
    database where the pair can be shown to break.
    """

    name: str
    points: tuple[str, ...]
    prepare: Callable[[Life], tuple[Action, Action, Faults]]
    kept_by: str = "lock"
    patience: float = PATIENCE
    broken_on: str = ""


RACES: list[Race] = []


def race(name: str, *points: str, kept_by: str = "lock", **more: Any) -> Callable[..., Any]:
    def add(prepare: Callable[[Life], tuple[Action, Action, Faults]]) -> Any:
        RACES.append(Race(name, points, prepare, kept_by, **more))
        return prepare

    return add


def count_of(kind: str, subject: Any = None) -> int:
    rows = Entry.objects.filter(kind=kind)
    if subject is not None:
        name = subject._meta.label_lower
        rows = rows.filter(subject_type=name, subject_id=str(subject.pk))
    return rows.count()


def once(kind: str, subject: Any = None) -> Faults:
    """At most one more entry of a kind than there is now."""
    before = count_of(kind, subject)
    return lambda: ["做了两次"] if count_of(kind, subject) > before + 1 else []


def only_one_of(subject: Any, *kinds: str) -> Faults:
    """Of several ends, one at most."""
    before = sum(count_of(kind, subject) for kind in kinds)
    return lambda: (
        ["两种结局都记了"] if sum(count_of(kind, subject) for kind in kinds) > before + 1 else []
    )


def never_after(subject: Any, kind: str, end: str) -> Faults:
    """Nothing of ``kind`` is on record after ``end``."""
    name = subject._meta.label_lower

    def faults() -> list[str]:
        rows = Entry.objects.filter(subject_type=name, subject_id=str(subject.pk))
        last = rows.filter(kind=end).order_by("pk").first()
        after = last is not None and rows.filter(kind=kind, pk__gt=last.pk).exists()
        return ["结束以后又办了"] if after else []

    return faults


def never_later(kind: str, subject: Any, end: str, ended: Any) -> Faults:
    """Nothing of ``kind`` about ``subject`` is on record after ``ended`` has come to its end."""

    def faults() -> list[str]:
        last = _entries(end, ended).order_by("pk").first()
        after = last is not None and _entries(kind, subject).filter(pk__gt=last.pk).exists()
        return ["撤销以后又办了"] if after else []

    return faults


def _entries(kind: str, subject: Any) -> Any:
    name = subject._meta.label_lower
    return Entry.objects.filter(kind=kind, subject_type=name, subject_id=str(subject.pk))


def user(life: Life, who: str) -> User:
    found = life.cast[who]
    assert found is not None
    return found


def again(row: Any) -> Any:
    return type(row)._base_manager.get(pk=row.pk)


# --- activities


def _held(life: Life, day: date = date(2026, 10, 9)) -> Activity:
    written = draft("general-meeting", day=day, place="村部")
    return activities.record(
        life.tree.village, written, by=user(life, "secretary"), at=NOON
    ).activity


def _confirm(life: Life, activity: Activity, who: str = "committee member") -> Action:
    return lambda: activities.confirm(activity, by=user(life, who), at=NOON)


def _correct(life: Life, activity: Activity, theme: str) -> Action:
    written = draft("general-meeting", day=activity.held_on, place="村部", theme=theme)
    by = user(life, "secretary")
    return lambda: activities.correct(activity, written, reason="写错了", by=by, at=NOON)


def _void(life: Life, activity: Activity) -> Action:
    return lambda: activities.void(
        activity, reason="没有开", by=user(life, "township officer"), at=NOON
    )


@race("two confirm the same record", ACTIVITIES)
def _(life: Life) -> Any:
    held = _held(life)
    both = _confirm(life, held), _confirm(life, held, "township officer")
    return *both, once("activities:activity:confirmed", held)


@race("a record is confirmed while it is corrected", ACTIVITIES)
def _(life: Life) -> Any:
    held = _held(life)

    def faults() -> list[str]:
        now = again(held)
        return ["确认的是没有看过的一版"] if now.version > 1 and now.status == "confirmed" else []

    return _confirm(life, held), _correct(life, held, "新主题"), faults


@race("a record is confirmed while it is voided", ACTIVITIES)
def _(life: Life) -> Any:
    held = _held(life)
    faults = never_after(held, "activities:activity:confirmed", "activities:activity:voided")
    return _confirm(life, held), _void(life, held), faults


@race("a record is corrected while it is voided", ACTIVITIES)
def _(life: Life) -> Any:
    held = _held(life)
    return (
        _correct(life, held, "新主题"),
        _void(life, held),
        lambda: [] if again(held).status == "void" else ["作废的又活了"],
    )


@race("a record is corrected twice", ACTIVITIES, kept_by="constraint")
def _(life: Life) -> Any:
    held = _held(life)

    def faults() -> list[str]:
        now = again(held)
        return [] if now.version == 1 + now.revisions.count() else ["少了一版"]

    return _correct(life, held, "甲"), _correct(life, held, "乙"), faults


def _planned(life: Life) -> Activity:
    written = draft("general-meeting", day=date(2026, 11, 18), place="村部")
    return activities.plan(life.tree.village, written, by=user(life, "secretary"), at=NOON)


def _cancel(life: Life, planned: Activity) -> Action:
    by = user(life, "secretary")
    return lambda: activities.cancel(planned, reason="下雨", by=by, at=NOON)


def _record_plan(life: Life, planned: Activity) -> Action:
    written = draft("general-meeting", day=date(2026, 11, 18), place="村部")
    by = user(life, "secretary")
    village = life.tree.village
    return lambda: activities.record(village, written, planned=planned, by=by, at=NOON)


@race("a plan is recorded while it is cancelled", ACTIVITIES)
def _(life: Life) -> Any:
    plan = _planned(life)
    ends = ("activities:activity:recorded", "activities:activity:cancelled")
    return _record_plan(life, plan), _cancel(life, plan), only_one_of(plan, *ends)


@race("a plan is recorded by two", ACTIVITIES)
def _(life: Life) -> Any:
    plan = _planned(life)
    faults = once("activities:activity:recorded", plan)
    return _record_plan(life, plan), _record_plan(life, plan), faults


@race("a plan is changed while it is cancelled", ACTIVITIES)
def _(life: Life) -> Any:
    plan = _planned(life)
    written = draft("general-meeting", day=date(2026, 11, 19), place="镇上")
    by = user(life, "secretary")
    return (
        lambda: activities.replan(plan, written, by=by, at=NOON),
        _cancel(life, plan),
        lambda: [] if again(plan).status == "cancelled" else ["取消的又活了"],
    )


@race("leave is asked while the plan is cancelled", ACTIVITIES)
def _(life: Life) -> Any:
    plan = _planned(life)
    member = user(life, "member")
    faults = never_after(plan, "activities:leave:asked", "activities:activity:cancelled")
    return (
        lambda: activities.ask_leave(
            plan, person=person_of(member), reason="ill", by=member, at=NOON
        ),
        _cancel(life, plan),
        faults,
    )


@race("leave is asked while the plan is recorded", ACTIVITIES)
def _(life: Life) -> Any:
    plan = _planned(life)
    member = user(life, "member")
    faults = never_after(plan, "activities:leave:asked", "activities:activity:recorded")
    return (
        lambda: activities.ask_leave(
            plan, person=person_of(member), reason="ill", by=member, at=NOON
        ),
        _record_plan(life, plan),
        faults,
    )


@race("a theme is receipted by two", ACTIVITIES)
def _(life: Life) -> Any:
    filing: Filing = life.filing
    by, other = user(life, "township officer"), user(life, "county officer")
    return (
        lambda: activities.receive_theme(filing, by=by, at=NOON),
        lambda: activities.receive_theme(filing, by=other, at=NOON),
        once("activities:theme:received", filing.activity),
    )


@race("a theme is filed twice", ACTIVITIES, kept_by="constraint")
def _(life: Life) -> Any:
    written = draft(
        f"{scenes.THEME_DAY}:theme-day", day=date(2026, 12, 18), theme="植树", place="后山"
    )
    by = user(life, "secretary")
    plan = activities.plan(life.tree.village, written, by=by, at=NOON)
    return (
        lambda: activities.file_theme(plan, by=by, at=NOON),
        lambda: activities.file_theme(plan, by=user(life, "committee member"), at=NOON),
        once("activities:theme:filed", plan),
    )


@race(
    "a meeting is recorded while its branch is merged away",
    "zhibu.activities.actions:_require_whole",
    "zhibu.organizations.succeeding:faults",
)
def _(life: Life) -> Any:
    tree, by = life.tree, life.tree.system
    other = factories.organization(tree.east, by=by, name="后村党支部")
    leader = factories.holder(other, other, "branch-secretary", by=by)
    written = draft("general-meeting", day=TODAY)
    into = succeeding.Into(existing=again(tree.village))

    def faults() -> list[str]:
        merged = Entry.objects.filter(kind="organizations:organization:merged").latest("pk")
        late = Entry.objects.filter(pk__gt=merged.pk, kind="activities:activity:recorded")
        return ["并掉以后还记了会"] if late.filter(organization_id=other.pk).exists() else []

    return (
        lambda: activities.record(other, written, by=leader, at=NOON),
        lambda: succeeding.merge([other], into=into, on=TODAY, by=by, at=NOON),
        faults,
    )


# --- assignments


def _task(life: Life) -> Assignment:
    return assignments.assign(
        life.tree.village, title="修路灯", owner=person_of(life.cast["member"]),
        due_on=date(2026, 11, 30), by=user(life, "secretary"), at=NOON,
    )  # fmt: skip


def _complete(life: Life, task: Assignment, who: str = "secretary") -> Action:
    return lambda: assignments.complete(task, by=user(life, who), at=NOON)


@race("a task is done by two", ASSIGNMENTS)
def _(life: Life) -> Any:
    task = _task(life)
    faults = once("assignments:assignment:done", task)
    return _complete(life, task), _complete(life, task, "member"), faults


@race("a task is done while it is called off", ASSIGNMENTS)
def _(life: Life) -> Any:
    task = _task(life)
    by = user(life, "secretary")
    ends = ("assignments:assignment:done", "assignments:assignment:cancelled")
    return (
        _complete(life, task, "member"),
        lambda: assignments.cancel(task, note="不用了", by=by, at=NOON),
        only_one_of(task, *ends),
    )


def _answered(life: Life) -> Assignment:
    return Assignment.objects.get(pk=life.given.pk)


@race("a return is taken while it is sent back", "before zhibu.assignments.models:Answer.save")
def _(life: Life) -> Any:
    task, by = _answered(life), user(life, "township officer")
    ends = ("assignments:answer:taken", "assignments:answer:sent back")
    return (
        lambda: assignments.take(task, by=by, at=NOON),
        lambda: assignments.send_back(
            task, reason="不清楚", by=user(life, "county officer"), at=NOON
        ),
        only_one_of(task, *ends),
    )


@race("a return is taken by two", "before zhibu.assignments.models:Answer.save")
def _(life: Life) -> Any:
    task = _answered(life)
    return (
        lambda: assignments.take(task, by=user(life, "township officer"), at=NOON),
        lambda: assignments.take(task, by=user(life, "county officer"), at=NOON),
        once("assignments:answer:taken", task),
    )


def _withdrawn(life: Life) -> Action:
    return lambda: assignments.withdraw(
        life.commission, reason="合并到别处", by=user(life, "township officer"), at=NOON
    )


@race("a return is given while all is called off", ASSIGNMENTS, kept_by="constraint")
def _(life: Life) -> Any:
    task = Assignment.objects.get(pk=life.handed.pk)

    def faults() -> list[str]:
        given = Answer.objects.filter(assignment=task, state=Answer.State.GIVEN).exists()
        alive = again(task).state != Assignment.State.CANCELLED
        return ["撤回了还在等人看"] if given or alive else []

    return (
        lambda: assignments.give(task, {"how": "月底走访"}, by=user(life, "secretary"), at=NOON),
        _withdrawn(life),
        faults,
    )


@race("something handed down is called off by two", ASSIGNMENTS)
def _(life: Life) -> Any:
    by = user(life, "county officer")
    return (
        _withdrawn(life),
        lambda: assignments.withdraw(life.commission, reason="不用了", by=by, at=NOON),
        once("assignments:commission:withdrawn", life.commission),
    )


# --- accounts


def _with_code(life: Life) -> tuple[User, str]:
    person = factories.member(life.tree.village, by=life.tree.system)
    return people.issue_account(person, by=life.tree.system, at=NOON)


@race("an activation code is used by two", "zhibu.accounts.actions:require")
def _(life: Life) -> Any:
    account, code = _with_code(life)

    def activate(password: str) -> Action:
        return lambda: accounts.activate(account, code=code, password=password, at=NOON)

    return activate("First-1"), activate("Second-2"), once("accounts:account:activated", account)


@race("an account is stopped while its code is used", "before zhibu.accounts.models:User.save")
def _(life: Life) -> Any:
    account, code = _with_code(life)
    person = Person.objects.get(pk=account.person_id)
    faults = never_after(account, "accounts:account:activated", "accounts:account:stopped")
    return (
        lambda: accounts.activate(account, code=code, password="First-1", at=NOON),
        lambda: accounts.stop(
            account, path=person.path, organization=person.home_id, by=life.tree.system, at=NOON
        ),
        faults,
    )


@race(
    "a password is reset while the old code is used",
    "zhibu.accounts.rules:may_activate",
    "zhibu.accounts.actions:_open_code",
)
def _(life: Life) -> Any:
    account, code = _with_code(life)
    person = Person.objects.get(pk=account.person_id)

    def reset() -> Any:
        return people.issue_account(person, by=life.tree.system, at=NOON)

    def activate() -> Any:
        return accounts.activate(account, code=code, password="First-1", at=NOON)

    faults = never_after(account, "accounts:account:activated", "accounts:account:reset")
    return activate, reset, faults


@race(
    "one person is given an account twice",
    "zhibu.accounts.actions:free_username",
    kept_by="constraint",
)
def _(life: Life) -> Any:
    person = factories.member(life.tree.village, by=life.tree.system)

    def issue() -> Any:
        return people.issue_account(person, by=life.tree.system, at=NOON)

    def faults() -> list[str]:
        held = User.objects.filter(person_id=person.pk).count()
        done = Entry.objects.filter(
            kind__in=["accounts:account:issued", "accounts:account:reset"],
            subject_id__in=[str(u.pk) for u in User.objects.filter(person_id=person.pk)],
        ).count()
        return [] if (held, done) == (1, 2) else ["有一位没有拿到激活码"]

    return issue, issue, faults


# --- packs and adoptions


@race("a pack is confirmed by two", "zhibu.packs.actions:require")
def _(life: Life) -> Any:
    other = factories.admin("security-admin")
    by = user(life, "security admin")
    return (
        lambda: packs.confirm(life.proposal, by=by, at=NOON),
        lambda: packs.confirm(life.proposal, by=other, at=NOON),
        once("packs:pack:confirmed", life.proposal),
    )


@race("a pack is confirmed while it is turned down", "zhibu.packs.actions:require")
def _(life: Life) -> Any:
    other = factories.admin("security-admin")
    by = user(life, "security admin")
    return (
        lambda: packs.confirm(life.proposal, by=by, at=NOON),
        lambda: packs.refuse(life.proposal, by=other, at=NOON),
        only_one_of(life.proposal, "packs:pack:confirmed", "packs:pack:refused"),
    )


@race(
    "a pack is adopted by two",
    "before zhibu.adoptions.models:Adoption.objects.create",
    kept_by="constraint",
)
def _(life: Life) -> Any:
    def adopt(who: str) -> Action:
        return lambda: adoptions.adopt(
            pack="local/quarterly-class", organization=life.tree.county,
            since=date(2026, 6, 1), by=user(life, who), at=NOON,
        )  # fmt: skip

    def faults() -> list[str]:
        held = Adoption.objects.filter(pack="local/quarterly-class", until=None).count()
        return [] if held == 1 else [f"采用了 {held} 次"]

    return adopt("county officer"), lambda: adoptions.adopt(
        pack="local/quarterly-class", organization=life.tree.county,
        since=date(2026, 6, 1), by=life.tree.system, at=NOON,
    ), faults  # fmt: skip


@race("an adoption is withdrawn by two", "zhibu.adoptions.actions:require")
def _(life: Life) -> Any:
    made = adoptions.adopt(
        pack="local/quarterly-class", organization=life.tree.county, since=date(2026, 6, 1),
        by=life.tree.system, at=NOON,
    )  # fmt: skip

    def end(until: date) -> Action:
        return lambda: adoptions.withdraw(made, until=until, by=life.tree.system, at=NOON)

    return (
        end(date(2027, 1, 1)),
        end(date(2026, 12, 1)),
        once("adoptions:adoption:withdrawn", made),
    )


# --- the tree


def _branch(life: Life, name: str = "新村党支部") -> Organization:
    return factories.organization(life.tree.east, by=life.tree.system, name=name)


@race(
    "a branch is moved while it is dissolved",
    "before zhibu.organizations.actions:_move_placements",
    "before zhibu.organizations.models:Organization.save",
)
def _(life: Life) -> Any:
    branch, by = _branch(life), life.tree.system
    faults = never_after(
        branch, "organizations:organization:moved", "organizations:organization:dissolved"
    )
    return (
        lambda: organizations.move(branch, parent=life.tree.west, since=TODAY, by=by, at=NOON),
        lambda: organizations.dissolve(branch, on=TODAY, by=by, at=NOON),
        faults,
    )


@race("a branch is founded below one that is dissolved", ORGANIZATIONS)
def _(life: Life) -> Any:
    by = life.tree.system
    above = factories.organization(life.tree.east, by=by, name="空总支", kind="general-branch")

    def found() -> Any:
        return organizations.found(
            code="R1", name="下面的支部", kind="branch", parent=above, by=by, at=NOON
        )

    def faults() -> list[str]:
        below = Organization.objects.filter(parent=above, dissolved_on=None).exists()
        return ["撤销的下面还有"] if below and again(above).dissolved_on else []

    return found, lambda: organizations.dissolve(above, on=TODAY, by=by, at=NOON), faults


@race("two moves go round in a circle", "before zhibu.organizations.actions:_move_placements")
def _(life: Life) -> Any:
    by = life.tree.system
    one = factories.organization(life.tree.east, by=by, name="甲党委", kind="committee")
    two = factories.organization(life.tree.east, by=by, name="乙党委", kind="committee")

    def faults() -> list[str]:
        first, second = again(one), again(two)
        return ["绕成了圈"] if first.parent_id == two.pk and second.parent_id == one.pk else []

    return (
        lambda: organizations.move(one, parent=two, since=TODAY, by=by, at=NOON),
        lambda: organizations.move(two, parent=one, since=TODAY, by=by, at=NOON),
        faults,
    )


@race(
    "a branch gets two names from one day",
    "before zhibu.organizations.models:Name.save",
    kept_by="constraint",
)
def _(life: Life) -> Any:
    branch, by = _branch(life), life.tree.system

    def rename(name: str) -> Action:
        return lambda: organizations.rename(branch, name=name, since=TODAY, by=by, at=NOON)

    def faults() -> list[str]:
        rows = Name.objects.filter(organization=branch, until=None)
        now = again(branch).name
        return [] if rows.count() == 1 and rows.get().name == now else ["名称和历史不一样"]

    return rename("甲村党支部"), rename("乙村党支部"), faults


@race(
    "two terms begin at once",
    "before zhibu.organizations.models:Term.objects.create",
    kept_by="constraint",
)
def _(life: Life) -> Any:
    branch, by = _branch(life), life.tree.system

    def begin(since: date) -> Action:
        return lambda: organizations.begin_term(
            branch, since=since, ends_on=None, has_committee=True, by=by, at=NOON
        )

    def faults() -> list[str]:
        return [] if Term.objects.filter(organization=branch, until=None).count() == 1 else ["两届"]

    return begin(TODAY), begin(TODAY - timedelta(days=9)), faults


@race("a party group is closed by two", ORGANIZATIONS)
def _(life: Life) -> Any:
    group, by = life.empty_group, user(life, "secretary")
    return (
        lambda: organizations.close_group(group, on=TODAY, by=by, at=NOON),
        lambda: organizations.close_group(
            group, on=TODAY - timedelta(days=1), by=life.tree.system, at=NOON
        ),
        once("organizations:group:closed", group),
    )


@race("somebody joins a party group while it is closed", ORGANIZATIONS, PEOPLE)
def _(life: Life) -> Any:
    group, by = life.empty_group, user(life, "secretary")
    closed = "organizations:group:closed"
    faults = never_later("people:person:grouped", life.person, closed, group)

    return (
        lambda: people.join_group(life.person, group=group, since=TODAY, by=by, at=NOON),
        lambda: organizations.close_group(group, on=TODAY, by=life.tree.system, at=NOON),
        faults,
    )


@race("a group's post is given while the group is closed", ORGANIZATIONS, PEOPLE)
def _(life: Life) -> Any:
    group, by = life.empty_group, user(life, "secretary")
    post = organizations.make_post(
        life.tree.village, kind="group-leader", title="组长", role="group-leader",
        since=scenes.SINCE, group=group, by=by, at=NOON,
    )  # fmt: skip

    closed = "organizations:group:closed"
    faults = never_later("people:holding:taken", life.person, closed, group)

    return (
        lambda: people.hold_post(life.person, post=post, since=TODAY, by=by, at=NOON),
        lambda: organizations.close_group(group, on=TODAY, by=life.tree.system, at=NOON),
        faults,
    )


@race("one department guides a branch twice", "zhibu.organizations.guiding:require",
      kept_by="constraint")  # fmt: skip
def _(life: Life) -> Any:
    by, branch = life.tree.system, _branch(life)
    office = factories.organization(life.tree.east, by=by, name="东镇水利办", kind="department")

    def guide() -> Any:
        return guiding.guide(branch, guide=office, since=TODAY, by=by, at=NOON)

    def faults() -> list[str]:
        return [] if Guidance.objects.filter(organization=branch).count() == 1 else ["两次"]

    return guide, guide, faults


# --- people


@race("a membership changes twice", PEOPLE, kept_by="constraint")
def _(life: Life) -> Any:
    person = factories.member(life.tree.village, by=life.tree.system, state="probationary")

    def become(state: str) -> Action:
        return lambda: people.set_membership(
            person, state=state, since=TODAY, by=life.tree.system, at=NOON
        )

    def faults() -> list[str]:
        rows = MembershipState.objects.filter(person=person, until=None)
        return [] if rows.count() == 1 else ["两个身份"]

    return become("full"), become("ended"), faults


@race(
    "somebody goes to two branches",
    "before zhibu.people.models:Belonging.save",
    kept_by="constraint",
)
def _(life: Life) -> Any:
    person = factories.member(life.tree.village, by=life.tree.system)

    def place(where: Organization) -> Action:
        return lambda: people.place(
            person, organization=where, since=TODAY, by=life.tree.system, at=NOON
        )

    def faults() -> list[str]:
        rows = Belonging.objects.filter(person=person, kind="home", until=None)
        return [] if [row.organization_id for row in rows] == [again(person).home_id] else ["两处"]

    return place(life.tree.inner), place(life.tree.far), faults


@race("somebody is placed in a branch while it is dissolved", ORGANIZATIONS, PEOPLE)
def _(life: Life) -> Any:
    branch, by = _branch(life), life.tree.system
    person = factories.member(life.tree.village, by=by)

    dissolved = "organizations:organization:dissolved"
    faults = never_later("people:person:placed", person, dissolved, branch)

    return (
        lambda: people.place(person, organization=branch, since=TODAY, by=by, at=NOON),
        lambda: organizations.dissolve(branch, on=TODAY, by=by, at=NOON),
        faults,
    )


@race("somebody is registered in a branch while it is dissolved", ORGANIZATIONS, PEOPLE)
def _(life: Life) -> Any:
    branch, by = _branch(life), life.tree.system

    def faults() -> list[str]:
        ended = _entries("organizations:organization:dissolved", branch).first()
        here = Entry.objects.filter(kind="people:person:registered", organization_id=branch.pk)
        return ["撤销以后又登记了"] if ended and here.filter(pk__gt=ended.pk).exists() else []

    return (
        lambda: people.register(name="新来的", home=branch, since=TODAY, by=by, at=NOON),
        lambda: organizations.dissolve(branch, on=TODAY, by=by, at=NOON),
        faults,
    )


@race("a guest comes to a branch while it is dissolved", ORGANIZATIONS, PEOPLE)
def _(life: Life) -> Any:
    branch, by = _branch(life), life.tree.system
    person = factories.member(life.tree.village, by=by)

    dissolved = "organizations:organization:dissolved"
    faults = never_later("people:person:hosted", person, dissolved, branch)

    return (
        lambda: people.host(person, organization=branch, since=TODAY, by=by, at=NOON),
        lambda: organizations.dissolve(branch, on=TODAY, by=by, at=NOON),
        faults,
    )


@race("one seat is given to two", "before zhibu.people.models:Holding.objects.create")
def _(life: Life) -> Any:
    by = life.tree.system
    post = life.empty_post
    one, two = (factories.member(life.tree.village, by=by) for _ in range(2))

    def hold(person: Person) -> Action:
        return lambda: people.hold_post(person, post=post, since=TODAY, by=by, at=NOON)

    def faults() -> list[str]:
        held = Holding.objects.filter(post=post, ended_on=None).count()
        return [] if held == 1 else [f"{held} 人在任"]

    return hold(one), hold(two), faults


@race(
    "two records of one person are merged twice",
    "zhibu.people.merging.actions:require",
    broken_on="postgresql",
)
def _(life: Life) -> Any:
    def merge(one: Person, other: Person) -> Action:
        return lambda: merging.merge(
            one, other, fields={}, lines={"belongings": "one"}, reason="核对身份证",
            by=life.tree.system, at=NOON,
        )  # fmt: skip

    faults = once("people:person:merged")
    return merge(life.twin, life.other_twin), merge(life.other_twin, life.twin), faults


@race("two records are merged while a membership changes",
      "zhibu.people.merging.actions:require", PEOPLE,
    kept_by="constraint",
)  # fmt: skip
def _(life: Life) -> Any:
    by, kept, gone = life.tree.system, life.twin, life.other_twin

    def faults() -> list[str]:
        orphans = MembershipState.objects.filter(person=gone.pk).exists()
        applied = count_of("people:membership:set", gone)
        moved = MembershipState.objects.filter(person=kept, state="applicant").exists()
        return ["变更记在没有了的人上"] if orphans or (applied and not moved) else []

    return (
        lambda: people.set_membership(gone, state="applicant", since=TODAY, by=by, at=NOON),
        lambda: merging.merge(
            kept, gone, fields={}, lines={"belongings": "one"}, reason="核对", by=by, at=NOON
        ),
        faults,
    )


@race("a hand-over is finished by two", "zhibu.people.handover.actions:require")
def _(life: Life) -> Any:
    by = user(life, "township officer")
    handing.cancel(life.handover, reason="没有人接", by=by, at=NOON)
    holding = Holding.objects.get(pk=life.handover.holding_id)
    made = handing.draw_up(holding, successor=None, since=TODAY, by=by, at=NOON)

    def finish(who: str) -> Action:
        return lambda: handing.finish(made, reason="联系不上", by=user(life, who), at=NOON)

    faults = once("people:handover:finished", made)
    return finish("township officer"), finish("county officer"), faults


@race("a hand-over is finished while it is put away", "zhibu.people.handover.actions:require")
def _(life: Life) -> Any:
    by = user(life, "township officer")
    ends = ("people:handover:finished", "people:handover:cancelled")
    return (
        lambda: handing.finish(life.handover, reason="联系不上", by=by, at=NOON),
        lambda: handing.cancel(
            life.handover, reason="不换了", by=user(life, "county officer"), at=NOON
        ),
        only_one_of(life.handover, *ends),
    )


@race("one side of a hand-over signs twice", "zhibu.people.handover.actions:require")
def _(life: Life) -> Any:
    township, holder = user(life, "township officer"), user(life, "committee member")
    return (
        lambda: handing.sign(life.handover, side="given", how="system", by=holder, at=NOON),
        lambda: handing.sign(life.handover, side="given", how="paper", by=township, at=NOON),
        once("people:handover:signed", life.handover),
    )


@race("two lists are drawn up for one post",
    "before zhibu.people.models:Handover.objects.create",
      kept_by="constraint")  # fmt: skip
def _(life: Life) -> Any:
    handing.cancel(life.handover, reason="重做", by=user(life, "township officer"), at=NOON)
    holding = Holding.objects.get(pk=life.handover.holding_id)

    def draw_up(who: str) -> Action:
        return lambda: handing.draw_up(
            holding, successor=person_of(life.cast["member"]), since=TODAY,
            by=user(life, who), at=NOON,
        )  # fmt: skip

    faults = once("people:handover:drawn-up")
    return draw_up("township officer"), draw_up("county officer"), faults


@race("a consent is withdrawn twice", "zhibu.people.rights.actions:require")
def _(life: Life) -> Any:
    row = Consent.objects.get(person=life.person, withdrawn_at=None)
    return (
        lambda: rights.withdraw(row, how="paper", by=user(life, "secretary"), at=NOON),
        lambda: rights.withdraw(row, how="paper", by=user(life, "township officer"), at=NOON),
        once("people:consent:withdrawn", row),
    )


@race(
    "a consent is given twice",
    "before zhibu.people.models:Consent.objects.create",
    kept_by="constraint",
)
def _(life: Life) -> Any:
    person = factories.member(life.tree.village, by=life.tree.system)

    def agree(who: str) -> Action:
        return lambda: rights.consent(
            person, purpose=scenes.BULLETIN, how="paper", by=user(life, who), at=NOON
        )

    faults = once("people:consent:given")
    return agree("secretary"), agree("township officer"), faults


@race("a correction is answered while it is taken back", "zhibu.people.rights.actions:require")
def _(life: Life) -> Any:
    row = life.correction
    ends = ("people:correction:decided", "people:correction:withdrawn")
    return (
        lambda: rights.decide(
            row, is_accepted=True, answer="改了", by=user(life, "secretary"), at=NOON
        ),
        lambda: rights.take_back(row, by=user(life, "member"), at=NOON),
        only_one_of(row, *ends),
    )


@race("somebody is put into a member group twice",
    "zhibu.people.membergroups.actions:outlook", kept_by="constraint")  # fmt: skip
def _(life: Life) -> Any:
    person = factories.member(life.tree.village, by=life.tree.system)

    def put(who: str) -> Action:
        return lambda: grouping.regroup(
            [person.pk], group=scenes.RETIRED, way="in", since=TODAY, by=user(life, who), at=NOON
        )

    def faults() -> list[str]:
        held = MemberGrouping.objects.filter(person=person, until=None).count()
        return [] if held == 1 else [f"{held} 次"]

    return put("secretary"), put("township officer"), faults


@race("an item is entered for two members at once", "zhibu.cases.campaigns.counting:_ends")
def _(life: Life) -> Any:
    counting.count_waiting(NOON)
    village = life.drive.units.get(organization=life.tree.village)
    letter = life.drive.rule.item("letter")
    on_roll = queries.Sheet(Run(life.drive), [village], TODAY, [letter])
    waiting = [
        one for one in on_roll.roll[village.pk]
        if not on_roll.judged(village, letter, one).is_over
    ]  # fmt: skip

    def enter(person: int, who: str) -> Action:
        return lambda: campaigns.enter(
            village, letter, people=[person], happened_on=TODAY, by=user(life, who), at=NOON
        )

    return (
        enter(waiting[0], "secretary"),
        enter(waiting[1], "township officer"),
        lambda: tally_oracle.differences(TODAY),
    )


# --- duties, files, messages, feeds


@race("an exemption is given twice", "zhibu.duties.actions:require", kept_by="constraint")
def _(life: Life) -> Any:
    def exempt(who: str) -> Action:
        return lambda: duties.exempt(life.obligation, reason="汛期", by=user(life, who), at=NOON)

    faults = once("duties:obligation:exempted")
    return exempt("township officer"), exempt("county officer"), faults


@race("an exemption is withdrawn by two", "zhibu.duties.actions:require")
def _(life: Life) -> Any:
    row = Exemption.objects.filter(withdrawn_at=None).order_by("pk")[0]

    def withdraw(who: str) -> Action:
        return lambda: duties.withdraw_exemption(row, by=user(life, who), at=NOON)

    faults = once("duties:exemption:withdrawn", row)
    return withdraw("township officer"), withdraw("county officer"), faults


@race("a talk is confirmed while it is taken back", "zhibu.duties.actions:require")
def _(life: Life) -> Any:
    member = user(life, "member")
    faults = never_after(life.talk, "duties:talk:confirmed", "duties:talk:withdrawn")
    return (
        lambda: duties.confirm_talk(life.talk, person=person_of(member), by=member, at=NOON),
        lambda: duties.withdraw_talk(life.talk, by=user(life, "secretary"), at=NOON),
        faults,
    )


@race("a file is taken off by two", "zhibu.files.actions:require")
def _(life: Life) -> Any:
    def remove(who: str) -> Action:
        return lambda: files.remove(life.attachment, by=user(life, who), at=NOON)

    faults = once("files:attachment:removed", life.attachment)
    return remove("secretary"), remove("committee member"), faults


@race("one file too many is added", "zhibu.files.actions:require")
def _(life: Life) -> Any:
    from zhibu.files.owners import MOST

    def attach() -> Any:
        return files.attach(
            Prepared("签到表.png", "png", "image/png", scenes.PNG),
            owner_type=activities.SOURCE, owner_id=life.held.pk,
            organization=life.tree.village.pk, by=user(life, "secretary"), at=NOON,
        )  # fmt: skip

    mine = Attachment.objects.live().filter(owner_id=life.held.pk)
    while mine.count() < MOST - 1:
        attach()
    return attach, attach, lambda: ["多了一个"] if mine.count() > MOST else []


@race("feedback is answered by two", "zhibu.notices.actions:require")
def _(life: Life) -> Any:
    other = factories.admin("system-admin")
    return (
        lambda: notices.answer(life.feedback, text="好", by=user(life, "system admin"), at=NOON),
        lambda: notices.answer(life.feedback, text="不改", by=other, at=NOON),
        once("notices:feedback:answered", life.feedback),
    )


@race("a message is sent again by two", "zhibu.notices.hooks:_failed")
def _(life: Life) -> Any:
    def again() -> Any:
        return hooks.send_again(None, by=user(life, "system admin"), at=NOON)

    return again, again, once("notices:delivery:sent-again", life.delivery)


@race(
    "one opens two feeds",
    "before zhibu.desk.models:CalendarFeed.objects.create",
    kept_by="constraint",
)
def _(life: Life) -> Any:
    by = user(life, "member")

    def faults() -> list[str]:
        held = CalendarFeed.objects.filter(user=by, revoked_at=None).count()
        return [] if held == 1 else [f"{held} 个"]

    return lambda: desk.open_feed(by=by, at=NOON), lambda: desk.open_feed(by=by, at=NOON), faults


@race("one makes more tokens than may be", "zhibu.api.actions:require")
def _(life: Life) -> Any:
    by, until = user(life, "member"), date(2027, 1, 1)

    def make() -> Any:
        return programs.make(name="x", may_act=False, expires_on=until, by=by, at=NOON)

    held = Token.objects.filter(user=by, revoked_at=None)
    while held.count() < MOST_TOKENS - 1:
        make()
    return make, make, lambda: ["多了一个"] if held.count() > MOST_TOKENS else []


# --- imports, sealing, the whole way of a form


DAYS = ("2021-03-10", "2021-04-10", "2021-05-10")


def _checked(life: Life, *days: str) -> Any:
    """A book that was looked at, and the batch that waits for a decision."""
    by = user(life, "township officer")
    rows = [meeting(组织名称="前村党支部委员会", 开会日期=day) for day in days or DAYS]
    check, preview = look_at(by, *rows)
    assert preview.errors == []
    return by, check, preview, bringing.begin(by, check, preview)


def _apply(checked: Any) -> Action:
    by, check, preview, batch = checked
    return lambda: imports.apply(
        batch, check=check, preview=preview, clean_only=False, by=by, at=NOON, clock=bringing.clock
    )


def _brought_in() -> int:
    return Activity.all_rows.filter(is_brought_in=True).count()


@race("an import is applied by two", "zhibu.imports.actions:require", kept_by="turn")
def _(life: Life) -> Any:
    checked = _checked(life)

    def faults() -> list[str]:
        return [] if _brought_in() == len(DAYS) else [f"写了 {_brought_in()} 行"]

    return _apply(checked), _apply(checked), faults


@race("an import is taken back by two", "zhibu.imports.actions:require", kept_by="turn")
def _(life: Life) -> Any:
    checked = _checked(life)
    by, batch = checked[0], _apply(checked)()

    def undo() -> Any:
        return imports.undo(again(batch), by=by, at=NOON, clock=bringing.clock)

    return undo, undo, once("imports:batch:undone")


@race(
    "one book is brought in by two",
    "zhibu.activities.importing.writing:_recorded_meanwhile",
    patience=2,
)
def _(life: Life) -> Any:
    def faults() -> list[str]:
        return [] if _brought_in() == len(DAYS) else [f"写了 {_brought_in()} 行"]

    return _apply(_checked(life)), _apply(_checked(life)), faults


@race(
    "a record is confirmed while its import is taken back",
    "before zhibu.ledger.actions:record",
    patience=3,
    broken_on="postgresql",
)
def _(life: Life) -> Any:
    checked = _checked(life)
    by, batch = checked[0], _apply(checked)()
    activity = Activity.objects.filter(is_brought_in=True).order_by("pk")[0]

    def faults() -> list[str]:
        confirmed = count_of("activities:activity:confirmed", activity)
        there = Activity.objects.filter(pk=activity.pk).exists()
        return ["确认了的没有了"] if confirmed and not there else []

    return (
        _confirm(life, activity),
        lambda: imports.undo(again(batch), by=by, at=NOON, clock=bringing.clock),
        faults,
    )


@race(
    "what is on record is sealed by two",
    "zhibu.ledger.actions:_keys_after",
    kept_by="constraint",
)
def _(life: Life) -> Any:
    def seal() -> Any:
        return ledger.seal(NOON)

    def faults() -> list[str]:
        return [fault.what for fault in verify().faults]

    return seal, seal, faults


@race("a form is sent twice", "zhibu.activities.queries:sent_before")
def _(life: Life) -> Any:
    by = user(life, "secretary")

    def save() -> Any:
        """As the page does: hold the organisation, look for the same, record."""
        with transaction.atomic():
            organizations.hold(life.tree.village.pk)
            written = draft("party-class", day=date(2026, 11, 17), theme="一次", place="村部")
            before = activity_queries.sent_before(life.tree.village, None, written, by=by, at=NOON)
            if before is None:
                activities.record(life.tree.village, written, by=by, at=NOON)

    def faults() -> list[str]:
        held = Activity.objects.filter(theme="一次").count()
        return [] if held == 1 else [f"存了 {held} 次"]

    return save, save, faults


# --- cases


def _step(life: Life, who: str) -> Action:
    """The case's open turn ended by ``who``, as it was read before."""
    case = Case.objects.get(pk=life.case.pk)
    turn, by = case.turns.open().get(), user(life, who)
    values = {"done": "贴了", "lasting": "每月贴"}
    step = Step(outcome="report", happened_on=TODAY, values=values)
    return lambda: cases.act(turn, step, by=by, at=NOON)


@race("a step is done by two", CASES)
def _(life: Life) -> Any:
    faults = once("cases:turn:done", life.case)
    return _step(life, "secretary"), _step(life, "township officer"), faults


def _answers(case: Case, by: User) -> Action:
    turn = case.turns.get(person=by.person_id)
    step = Step(outcome="read", happened_on=TODAY)
    return lambda: cases.act(turn, step, by=by, at=NOON)


@race(
    "the last two of everyone answer at once",
    "zhibu.cases.actions:_settle",
    broken_on="postgresql",
)
def _(life: Life) -> Any:
    """Neither sees the other's answer, and the case would wait for nobody for ever."""
    case = _invented(life, "read")
    last = [user(life, who) for who in ("secretary", "committee member")]
    for turn in case.turns.exclude(person__in=[by.person_id for by in last]):
        cases.excuse(turn, reason="病了", by=last[0], at=NOON)

    def faults() -> list[str]:
        return [] if Case.objects.get(pk=case.pk).ended_as == "看了" else ["都办了还没有办结"]

    return _answers(case, last[0]), _answers(case, last[1]), faults


@race("a step is done while the case is cancelled", CASES)
def _(life: Life) -> Any:
    case, by = Case.objects.get(pk=life.case.pk), user(life, "secretary")
    return (
        _step(life, "township officer"),
        lambda: cases.cancel(case, reason="重复了", by=by, at=NOON),
        never_after(case, "cases:turn:done", "cases:case:cancelled"),
    )


@race("a case is reopened by two", CASES)
def _(life: Life) -> Any:
    case = Case.objects.get(pk=life.struck.pk)

    def reopen(who: str) -> Action:
        return lambda: cases.reopen(case, reason="又漏了", by=user(life, who), at=NOON)

    faults = once("cases:case:reopened", case)
    return reopen("township officer"), reopen("county officer"), faults


@race("two papers are numbered in one book", "zhibu.cases.papers:named")
def _(life: Life) -> Any:
    def issue(case: Case, who: str) -> Action:
        return lambda: letters.issued(case, by=user(life, who), at=NOON)

    def faults() -> list[str]:
        rows = IssuedPaper.objects.filter(register=life.letter.register)
        numbers = sorted(rows.values_list("number", flat=True))
        return [] if numbers == [1, 2, 3] else [f"号是 {numbers}"]

    cases_ = [Case.objects.get(pk=case.pk) for case in (life.case, life.struck)]
    return issue(cases_[0], "secretary"), issue(cases_[1], "committee member"), faults


SALARIED = f"{scenes.REGISTERS}:salaried-secretaries"


def _salaried(life: Life, home: Organization, who: str, day: date = TODAY) -> Action:
    """The same person is written into the same register by ``who`` at ``home``."""
    values = {"who": Named(life.person.pk, life.person.name), "basis": "考核合格",
              "assessed_on": TODAY}  # fmt: skip
    return lambda: registers.open_row(
        home, RowDraft(since=day, values=values), register=SALARIED, wording=scenes.WORDED,
        by=user(life, who), at=NOON,
    )  # fmt: skip


def _two_hold(life: Life) -> Faults:
    """Of one key one row at most holds on a day."""
    return lambda: (
        ["同一天有两行一样的"] if Row.objects.filter(register=SALARIED).valid_on(TODAY).count() > 1
        else []
    )  # fmt: skip


@race(
    "one key is opened at two organisations", "zhibu.registers.actions:faults",
    kept_by="constraint",
)  # fmt: skip
def _(life: Life) -> Any:
    here, there = life.tree.village, life.tree.far
    return (
        _salaried(life, here, "secretary"),
        _salaried(life, there, "stranger secretary", TODAY - timedelta(days=3)),
        _two_hold(life),
    )


@race("the last place under a cap is taken twice", "zhibu.registers.actions:faults")
def _(life: Life) -> Any:
    """Ten secretaries a round in the county: nine are honoured, two branches send one each."""
    tree, book = life.tree, "seeds/honours:honours"
    adoptions.adopt(
        pack="seeds/honours", organization=tree.county, since=date(2026, 1, 1), by=tree.system,
        at=NOON,
    )  # fmt: skip

    def honour(home: Organization, who: str, name: str) -> Action:
        values = {"name": name, "sort": "secretary", "round": "一轮", "deeds": "守堤"}
        return lambda: registers.open_row(
            home, RowDraft(since=TODAY, values=values), register=book, wording=scenes.WORDED,
            by=user(life, who), at=NOON,
        )  # fmt: skip

    for number in range(9):
        honour(tree.inner, "county officer", f"第 {number} 名")()

    def faults() -> list[str]:
        return ["名额 10 个，定了 11 个"] if Row.objects.filter(register=book).count() > 10 else []

    return (
        honour(tree.village, "township officer", "东镇的"),
        honour(tree.far, "other township officer", "西镇的"),
        faults,
    )


@race(
    "one key is brought in from a table while it is opened", "zhibu.registers.actions:faults",
    "zhibu.imports.actions:require", kept_by="constraint",
)  # fmt: skip
def _(life: Life) -> Any:
    by, here = user(life, "township officer"), life.tree.village
    check, preview = tables.look(
        by, here, (life.person.name, "考核合格", "2026-01-10", str(TODAY)),
        headings=("谁", "考核结果和依据", "哪天考核", "从哪天"),
        subject=tables.TARGET.subject(SALARIED),
    )  # fmt: skip
    assert preview.errors == []
    batch = tables.begin(by, check, preview)
    return (
        _salaried(life, here, "secretary"),
        _apply((by, check, preview, batch)),
        _two_hold(life),
    )


@race("a row is ended by two", "zhibu.registers.actions:require", kept_by="constraint")
def _(life: Life) -> Any:
    row = Row.objects.get(pk=life.row.pk)

    def close(who: str) -> Action:
        return lambda: registers.close_row(
            row, until=TODAY, reason="调走", ended_as="left", by=user(life, who), at=NOON
        )

    return close("secretary"), close("township officer"), once("registers:row:ended", row)


@race(
    "a row is opened while its branch is merged away",
    "zhibu.registers.actions:require",
    "zhibu.organizations.succeeding:faults",
)
def _(life: Life) -> Any:
    tree, by = life.tree, life.tree.system

    def faults() -> list[str]:
        ended = Organization.objects.get(pk=tree.village.pk).dissolved_on is not None
        left = Row.objects.filter(register=SALARIED, organization=tree.village).exists()
        return ["撤销的组织里还有有效的一行"] if ended and left else []

    return (
        _salaried(life, tree.village, "secretary"),
        lambda: succeeding.merge(
            [tree.village], into=succeeding.Into(existing=tree.inner), on=TODAY, by=by, at=NOON
        ),
        faults,
    )


@race("a paper is annulled by two", "zhibu.cases.papers:require")
def _(life: Life) -> Any:
    paper = IssuedPaper.objects.get(pk=life.letter.pk)

    def annul(who: str) -> Action:
        return lambda: papers.annul(paper, reason="写错了", by=user(life, who), at=NOON)

    return annul("secretary"), annul("township officer"), once("cases:paper:annulled", paper)


def _invented(life: Life, name: str, **more: Any) -> Case:
    """A case of an invented procedure, in a pack that is installed: both sides can read it."""
    files = dict(invented.pack().files)
    files["pack.toml"] = files["pack.toml"].replace("1.0.0", "9.0.0")  # 1.0.0 waits already
    pack, by = makers.pack(files), life.tree.system
    if not StoredPack.objects.filter(digest=pack.digest).exists():
        with transaction.atomic():
            stored = StoredPack.objects.create(
                pack=pack.id, version=pack.meta.version, title=pack.meta.title,
                digest=pack.digest, files=dict(pack.files), state=StoredPack.State.CONFIRMED,
                proposed_by=by, proposed_at=NOON, settled_by=by, settled_at=NOON,
            )  # fmt: skip
            ledger.record(packs.Kind.CONFIRMED, stored, organization=None, by=by, at=NOON)
        library.forget()
    return playing.begin(life.tree.village, name, by=user(life, "secretary"), **more)


def _ended(case: Case, stage: str, outcome: str, by: User, **more: Any) -> Action:
    turn = case.turns.open().get(stage=stage)
    step = Step(outcome=outcome, happened_on=TODAY, **more)
    return lambda: cases.act(turn, step, by=by, at=NOON)


def _counted(case: Case, *, yes: int, no: int) -> Totals:
    roll = sorted(voters(case.organization_id, "full-members", TODAY))
    tellers = [pk for pk in roll if pk != case.person_id][:2]
    return Totals(
        entitled=len(roll), present=len(roll), yes=yes, no=no,
        abstain=len(roll) - yes - no, tellers=(tellers[0], tellers[1]),
    )  # fmt: skip


@race("a vote is closed while other totals arrive", CASES, kept_by="constraint")
def _(life: Life) -> Any:
    case = _invented(life, "voted", person=person_of(life.cast["member"]))
    everyone = len(voters(case.organization_id, "full-members", TODAY))
    passed = _counted(case, yes=everyone, no=0)
    failed = _counted(case, yes=0, no=everyone)

    def faults() -> list[str]:
        done = count_of("cases:turn:done", case)
        ballot, ended = Ballot.objects.get(case=case), Case.objects.get(pk=case.pk).ended_as
        right = "通过了" if ballot.has_passed else "没有通过"
        return (["记了两次"] if done > 1 else []) + (["票数和结果不符"] if ended != right else [])

    return (
        _ended(case, "vote", "passed", user(life, "secretary"), totals=passed),
        _ended(case, "vote", "failed", user(life, "township officer"), totals=failed),
        faults,
    )


def _claim(case: Case, by: User) -> Action:
    turn = Turn.objects.get(case=case, state="open")
    return lambda: cases.claim(turn, by=by, at=NOON)


@race("a step is claimed by two", CASES)
def _(life: Life) -> Any:
    case = _invented(life, "claimed")
    faults = once("cases:turn:claimed", case)
    return (
        _claim(case, user(life, "secretary")),
        _claim(case, user(life, "committee member")),
        faults,
    )


def _asked_and_answered(life: Life) -> tuple[Ticket, Turn]:
    """What was asked for in the village, taken, claimed and answered."""
    ticket, by = life.ticket, user(life, "secretary")
    case = Case.objects.get(pk=ticket.case_id)
    for stage, outcome, values in (
        ("take", "take", {"urgency": "soon"}), ("handle", "done", {"answer": "换好了"}),
    ):  # fmt: skip
        turn = case.turns.open().get(stage=stage)
        if stage == "handle":
            cases.claim(turn, by=by, at=NOON)
        step = Step(outcome=outcome, happened_on=TODAY, values=values)
        cases.act(turn, step, by=by, at=NOON)
    return ticket, case.turns.open().get(stage="rate")


@race("two who hold the code rate an answer, one content and one not", CASES)
def _(life: Life) -> Any:
    ticket, turn = _asked_and_answered(life)

    def rate(outcome: str, **values: str) -> Action:
        step = Step(outcome=outcome, happened_on=TODAY, values=values)
        return lambda: portal.answer_back(ticket, turn, step, at=NOON)

    def faults() -> list[str]:
        case = Case.objects.get(pk=turn.case_id)
        again = case.turns.filter(stage="handle", state="open").exists()
        return ["办结了又重新办"] if again and not case.is_open else []

    held = once("cases:turn:done", Case.objects.get(pk=turn.case_id))
    return (
        rate("satisfied"),
        rate("dissatisfied", why="还有一盏不亮"),
        lambda: [*faults(), *held()],
    )


@race("what somebody asked for is claimed by two", CASES)
def _(life: Life) -> Any:
    case = Case.objects.get(pk=life.ticket.case_id)
    step = Step(outcome="take", happened_on=TODAY, values={"urgency": "now"})
    cases.act(case.turns.open().get(), step, by=user(life, "secretary"), at=NOON)
    return (
        _claim(case, user(life, "secretary")),
        _claim(case, user(life, "committee member")),
        once("cases:turn:claimed", case),
    )


@race("one step too many is claimed by one person", CASES)
def _(life: Life) -> Any:
    held, *two = [_invented(life, "claimed") for _ in range(3)]
    by = user(life, "committee member")
    _claim(held, by)()

    def faults() -> list[str]:
        mine = Turn.objects.filter(state="open", is_claimed=True, person=by.person_id).count()
        return ["认领多了"] if mine > 2 else []

    return _claim(two[0], by), _claim(two[1], by), faults


@race(
    "an objection is taken down while the notice's step ends",
    "zhibu.cases.steps:faults",
    "zhibu.cases.rules:may_object",
)
def _(life: Life) -> Any:
    case = _invented(life, "posted", values={"is_large": False})
    by = user(life, "secretary")
    posting = cases.post(
        case.turns.get(), channel="张贴", place="村部", posted_on=date(2026, 11, 4),
        until=date(2026, 11, 10), by=by, at=NOON,
    )  # fmt: skip

    def faults() -> list[str]:
        waiting = Objection.objects.filter(case=case, stands=None).exists()
        return ["没有答复就办结了"] if waiting and not Case.objects.get(pk=case.pk).is_open else []

    return (
        _ended(case, "notice", "clear", user(life, "township officer")),
        lambda: cases.object_to(
            posting, raised_on=TODAY, said="数目不对", source="", by=by, at=NOON
        ),
        faults,
    )


@race("a case is taken over to a newer wording while a step is done", CASES)
def _(life: Life) -> Any:
    case = _invented(life, "worded", on=date(2026, 7, 20))

    def faults() -> list[str]:
        now = Case.objects.get(pk=case.pk)
        rule, found = now.rule, []
        if count_of("cases:case:reworded", now) and now.wording != invented.LATER:
            found.append("转了又回到原来的写法")
        for turn in now.turns.all():
            known = worded(now.procedure, turn.wording) if turn.wording else rule
            if known.stage(turn.stage) is None:
                found.append("步骤不在它的写法里")
        return found

    return (
        _ended(case, "apply", "applied", user(life, "secretary")),
        lambda: cases.reword(case, by=user(life, "township officer"), at=NOON),
        faults,
    )


@race(
    "two cases about one person begin at once",
    "zhibu.cases.actions:_wrong_subject",
)
def _(life: Life) -> Any:
    _invented(life, "hourly")
    about = person_of(life.cast["member"])

    def begin(who: str) -> Action:
        return lambda: playing.begin(
            life.tree.village, "voted", by=user(life, who), person=about, on=TODAY
        )

    def faults() -> list[str]:
        found = Case.objects.filter(person=about, procedure="demo/small:voted").count()
        return ["一个人两件"] if found > 1 else []

    return begin("secretary"), begin("township officer"), faults


@race(
    "a case begins while its organisation is merged away",
    "zhibu.cases.actions:_wrong_subject",
    "zhibu.organizations.succeeding:faults",
)
def _(life: Life) -> Any:
    tree, by = life.tree, life.tree.system
    _invented(life, "hourly")
    other = factories.organization(tree.east, by=by, name="后村党支部")
    leader = factories.holder(other, other, "branch-secretary", by=by)
    into = succeeding.Into(existing=again(tree.village))

    def faults() -> list[str]:
        return ["留在并掉的组织里"] if Case.objects.filter(organization=other).exists() else []

    return (
        lambda: playing.begin(other, "hourly", by=leader, on=TODAY, at=NOON),
        lambda: succeeding.merge([other], into=into, on=TODAY, by=by, at=NOON),
        faults,
    )


@race(
    "a step is done while its organisation is merged away",
    CASES,
    "zhibu.organizations.succeeding:faults",
)
def _(life: Life) -> Any:
    tree, by = life.tree, life.tree.system
    _invented(life, "hourly")
    other = factories.organization(tree.east, by=by, name="后村党支部")
    leader = factories.holder(other, other, "branch-secretary", by=by)
    case = playing.begin(other, "whole", by=leader, on=TODAY, at=NOON, values={"what": "石子"})
    into = succeeding.Into(existing=again(tree.village))

    def faults() -> list[str]:
        now = Case.objects.get(pk=case.pk)
        left = now.turns.filter(state="open", organization=other).exists()
        return ["留在并掉的组织里"] if now.organization_id == other.pk or left else []

    return (
        _ended(case, "divide", "divided", leader),
        lambda: succeeding.merge([other], into=into, on=TODAY, by=by, at=NOON),
        faults,
    )


@race(
    "two payments are made against one ceiling",
    "zhibu.money.keeping:_judge_balances",
)
def _(life: Life) -> Any:
    by = user(life, "secretary")
    book = books.opened(life.tree.village, by=by, title="赛账", needs_plan=True)
    books.plan(book, "100", by=by)
    books.receive(book, "200", by=by)

    def faults() -> list[str]:
        now = sums.stands(sums.balances([book.pk])[book.pk])
        return [f"付了 {now.paid}"] if now.paid > (now.plan or 0) else []

    return (
        lambda: books.pay(book, "60", by=by, paper="一"),
        lambda: books.pay(book, "60", by=by, paper="二"),
        faults,
    )


@race("an entry is taken back by two", "zhibu.money.keeping:_judge_reversal", kept_by="constraint")
def _(life: Life) -> Any:
    by = user(life, "secretary")
    book = books.opened(life.tree.village, by=by, title="赛账")
    entry = books.receive(book, "5", by=by)
    books.receive(book, "9", by=by)  # enough to be taken back twice

    def faults() -> list[str]:
        left = sums.stands(sums.balances([book.pk])[book.pk]).left
        return [] if left == 9 else [f"余 {left}"]

    return lambda: books.reverse(entry, by=by), lambda: books.reverse(entry, by=by), faults


@race(
    "one person is put on two lists of a round",
    "zhibu.money.claims:_faults",
    kept_by="constraint",
)
def _(life: Life) -> Any:
    by, tree = user(life, "secretary"), life.tree
    one, other = (
        books.opened(place, by=by, title="赛账", scheme="赛一轮")
        for place in (tree.village, tree.far)
    )

    def listed(book: Any, name: str) -> Action:
        return lambda: books.claim(book, name, "5", by=by, number="990101199003070015")

    def faults() -> list[str]:
        found = Claim.objects.filter(scheme="赛一轮", withdrawn_at=None).count()
        return ["一个人两笔"] if found > 1 else []

    return listed(one, "李德广"), listed(other, "李得广"), faults


# --- what is made public


@race("one thing is let out by two", "zhibu.publishing.actions:require")
def _(life: Life) -> Any:
    def let_out(who: str) -> Action:
        return lambda: publishing.publish(life.agreed, by=user(life, who), at=NOON)

    kind = "publishing:publication:published"
    return let_out("secretary"), let_out("committee member"), once(kind, life.agreed)


@race("a proposal is sent back while it is checked", "zhibu.publishing.actions:require")
def _(life: Life) -> Any:
    def back() -> Any:
        return publishing.send_back(
            life.proposed, reason="写清楚", by=user(life, "township officer"), at=NOON
        )

    return (
        lambda: scenes.looked_through(life.proposed, by=user(life, "secretary"), at=NOON),
        back,
        never_after(
            life.proposed, "publishing:publication:checked", "publishing:publication:returned"
        ),
    )


@race("one thing is taken down by two", "zhibu.publishing.actions:require")
def _(life: Life) -> Any:
    def down(who: str) -> Action:
        return lambda: publishing.withdraw(
            life.public, reason="写错了", by=user(life, who), at=NOON
        )

    kind = "publishing:publication:withdrawn"
    return down("secretary"), down("township officer"), once(kind, life.public)


@race(
    "one question is sent twice by a double click", "zhibu.publishing.actions:_raised_with",
    kept_by="constraint",
)  # fmt: skip
def _(life: Life) -> Any:
    before = set(life.public.voices.values_list("pk", flat=True))

    def ask() -> Any:
        return publishing.raise_voice(
            life.public, kind="question", said="哪天修", seal="一道题", at=NOON
        )

    def faults() -> list[str]:
        made = life.public.voices.exclude(pk__in=before).count()
        return [] if made == 1 else [f"收到 {made} 条"]

    return ask, ask, faults


@race("a question is answered by two", "zhibu.publishing.actions:require")
def _(life: Life) -> Any:
    def answer(who: str) -> Action:
        return lambda: publishing.answer(
            life.voice, text="会去量", in_public=False, stands=True, by=user(life, who), at=NOON
        )

    kind = "publishing:voice:answered"
    return answer("secretary"), answer("committee member"), once(kind, life.voice)


@race(
    "two versions are proposed in the place of one", "zhibu.publishing.actions:_drawn",
    kept_by="constraint",
)  # fmt: skip
def _(life: Life) -> Any:
    def renew(who: str) -> Action:
        said = Proposal(
            topic=f"{scenes.OPEN}/own-building", title="新的一版", note="改了",
            replaces=life.public.pk,
        )  # fmt: skip
        return lambda: publishing.propose(life.tree.village, said, by=user(life, who), at=NOON)

    def faults() -> list[str]:
        return ["有两个新版"] if life.public.versions.count() > 1 else []

    return renew("secretary"), renew("committee member"), faults


# --- links and rotas


@race("an offered turn is taken by two", "zhibu.pairings.rotas:require")
def _(life: Life) -> Any:
    turn = life.offered_turn

    def take(who: str, person: Person) -> Action:
        return lambda: rotas.take_turn(turn, person=person, by=user(life, who), at=NOON)

    secretary = scenes.person_of(user(life, "secretary"))
    return (
        take("secretary", secretary),
        take("township officer", life.person),
        once("pairings:turn:taken", life.rota),
    )


@race("a turn is taken while it is kept after all", "zhibu.pairings.rotas:require")
def _(life: Life) -> Any:
    turn, secretary = life.offered_turn, scenes.person_of(user(life, "secretary"))
    return (
        lambda: rotas.take_turn(turn, person=secretary, by=user(life, "secretary"), at=NOON),
        lambda: rotas.withdraw_offer(turn, by=user(life, "member"), at=NOON),
        only_one_of(life.rota, "pairings:turn:taken", "pairings:turn:withdrawn"),
    )


def _link(life: Life, who: str, row: Row) -> Action:
    member = scenes.person_of(user(life, "member"))
    return lambda: scenes.linked(life.tree.village, member, row, by=user(life, who), at=NOON)


@race(
    "the last household that somebody may have is linked twice",
    "zhibu.pairings.actions:link_faults",
)
def _(life: Life) -> Any:
    """Five at most: four are there."""
    by, member = user(life, "secretary"), scenes.person_of(user(life, "member"))
    rows = [
        scenes.household(life.tree.village, f"赛{number}家", by=by, at=NOON) for number in range(5)
    ]
    for row in rows[:3]:
        _link(life, "secretary", row)()

    def faults() -> list[str]:
        held = Link.objects.held_on(TODAY).filter(who_person=member).count()
        return [f"最多 5 户，联系了 {held} 户"] if held > 5 else []

    return _link(life, "secretary", rows[3]), _link(life, "township officer", rows[4]), faults


@race("the same two are linked by two", "zhibu.pairings.actions:link_faults", kept_by="constraint")
def _(life: Life) -> Any:
    row = scenes.household(life.tree.village, "赛家", by=user(life, "secretary"), at=NOON)

    def faults() -> list[str]:
        count = Link.objects.held_on(TODAY).filter(whom_row=row).count()
        return ["同一天有两个一样的联系"] if count > 1 else []

    return _link(life, "secretary", row), _link(life, "township officer", row), faults
