"""Registering people, their membership, where they belong, the posts they hold."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from zhibu.accounts import actions as accounts
from zhibu.core import effects, standing
from zhibu.core.intervals import on_day
from zhibu.core.jobs import every
from zhibu.core.pacing import Pacer
from zhibu.core.verdicts import YES, Refused, Verdict, no, require
from zhibu.ledger import actions as ledger
from zhibu.organizations import queries as tree
from zhibu.organizations.actions import hold
from zhibu.organizations.models import Organization, PartyGroup, Post
from zhibu.people import names, queries, rules
from zhibu.people.models import (
    MEMBERS,
    Belonging,
    GroupMembership,
    Holding,
    MembershipState,
    NameToken,
    Person,
    Reveal,
)

if TYPE_CHECKING:
    from zhibu.accounts.models import User

RevealField = Literal["id_number", "phone", "address"]


class Kind(StrEnum):
    REGISTERED = "people:person:registered"
    CHANGED = "people:person:changed"
    MEMBERSHIP_SET = "people:membership:set"
    PLACED = "people:person:placed"
    HOSTED = "people:person:hosted"
    HOSTING_ENDED = "people:hosting:ended"
    GROUPED = "people:person:grouped"
    POST_TAKEN = "people:holding:taken"
    POST_LEFT = "people:holding:left"
    REVEALED = "people:value:revealed"
    FOLLOWED = "people:people:followed"


KEPT_UP_AT_ONCE = 200  # people
WORDS = {
    Kind.REGISTERED: "登记了人员",
    Kind.CHANGED: "改了人员资料",
    Kind.MEMBERSHIP_SET: "登记了党员身份变动",
    Kind.PLACED: "登记了组织关系变动",
    Kind.HOSTED: "登记了流入地支部",
    Kind.HOSTING_ENDED: "登记了流动结束",
    Kind.GROUPED: "编了党小组",
    Kind.POST_TAKEN: "登记了任职",
    Kind.POST_LEFT: "登记了免职、交接",
    Kind.REVEALED: "查看了遮住的信息",
    Kind.FOLLOWED: "随组织合并、分设转了人员",
}


def index_name(person: Person) -> None:
    """Rebuild the tokens a person is found by."""
    person.name_tokens.all().delete()
    NameToken.objects.bulk_create(
        [NameToken(person=person, token=token) for token in sorted(names.tokens(person.name))]
    )


def _refresh(organizations: list[int], *, by: "User | None", at: datetime) -> None:
    for name in ("duties.refresh", "campaigns.recount"):
        effects.run(name, by=by, at=at, organizations=sorted(set(organizations)))


def _refresh_person(person: Person, *organizations: int, by: "User | None", at: datetime) -> None:
    """What rests on a person's days, states and posts, wherever they belonged."""
    for name in ("duties.refresh_person", "campaigns.recount_person"):
        effects.run(name, by=by, at=at, person=person.pk, organizations=[*organizations])


@transaction.atomic
def register(
    *,
    name: str,
    home: Organization,
    since: date,
    state: str | None = None,
    state_since: date | None = None,
    sex: str = "",
    born_on: date | None = None,
    ethnicity: str = "",
    education: str = "",
    occupation: str = "",
    id_number: str = "",
    phone: str = "",
    address: str = "",
    by: "User",
    at: datetime,
) -> Person:
    """Register a person in a branch from ``since``, with a membership state or without.

    Raises:
        Refused: ``rules.may_register`` refuses, or the identity number is taken.
    """
    home = Organization.objects.select_for_update().get(pk=home.pk)
    require(rules.may_register(by, home))
    person = Person(
        name=name,
        sex=sex,
        born_on=born_on,
        ethnicity=ethnicity,
        education=education,
        occupation=occupation,
        home=home,
        path=home.path,
        registered_at=at,
    )
    person.id_number, person.phone, person.address = id_number, phone, address
    _refuse_taken(person)
    person.save(force_insert=True)
    index_name(person)
    Belonging.objects.create(person=person, organization=home, since=since)
    if state:
        require(rules.may_become(None, state))
        MembershipState.objects.create(person=person, state=state, since=state_since or since)
    ledger.record(Kind.REGISTERED, person, organization=home.pk, by=by, at=at, occurred=since)
    _refresh([home.pk], by=by, at=at)
    return person


def _refuse_taken(person: Person) -> None:
    if not person.id_number_hash:
        return
    taken = Person.all_rows.exclude(pk=person.pk).filter(id_number_hash=person.id_number_hash)
    if taken.exists():
        raise Refused(no("不能登记：这个身份证号已经登记过。请按号码查找，办组织关系转接。"))


@transaction.atomic
def change(
    person: Person,
    *,
    name: str,
    sex: str,
    born_on: date | None,
    ethnicity: str,
    education: str,
    occupation: str,
    id_number: str | None = None,
    phone: str | None = None,
    address: str | None = None,
    by: "User",
    at: datetime,
) -> Person:
    """Correct a person's particulars; a sealed value of None stays as it is."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    require(rules.may_change(by, person))
    renamed = person.name != name
    person.name, person.sex, person.born_on = name, sex, born_on
    person.ethnicity, person.education, person.occupation = ethnicity, education, occupation
    if id_number is not None:
        person.id_number = id_number
        _refuse_taken(person)
    if phone is not None:
        person.phone = phone
    if address is not None:
        person.address = address
    person.save()
    if renamed:
        index_name(person)
    ledger.record(Kind.CHANGED, person, organization=person.home_id, by=by, at=at)
    _refresh_person(person, by=by, at=at)
    return person


@transaction.atomic
def set_membership(
    person: Person, *, state: str, since: date, basis: str = "", by: "User", at: datetime
) -> MembershipState:
    """Let ``state`` follow the current one from ``since`` on.

    Raises:
        Refused: the state cannot follow, or ``since`` is not after the current one began.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    current = person.states.filter(until=None).first()
    require(rules.may_set_membership(by, person, current.state if current else None, state))
    return _become(person, current, state=state, since=since, basis=basis, by=by, at=at)


def become(
    person: Person, *, state: str, since: date, basis: str, by: "User | None", at: datetime
) -> MembershipState:
    """``set_membership`` for whoever has judged ``by`` already; the person is locked."""
    current = person.states.filter(until=None).first()
    require(rules.may_become(current.state if current else None, state))
    return _become(person, current, state=state, since=since, basis=basis, by=by, at=at)


def _become(
    person: Person,
    current: MembershipState | None,
    *,
    state: str,
    since: date,
    basis: str,
    by: "User | None",
    at: datetime,
) -> MembershipState:
    """Let ``state`` follow ``current``; whoever calls has judged both."""
    if current:
        if since <= current.since:
            raise Refused(
                no(f"不能从这天起：{current.since} 才成为{current.get_state_display()}。")
            )
        current.until = since
        current.save(update_fields=["until"])
    made = MembershipState.objects.create(person=person, state=state, since=since, basis=basis)
    ledger.record(
        Kind.MEMBERSHIP_SET, person, organization=person.home_id, by=by, at=at, occurred=since
    )
    _refresh_person(person, by=by, at=at)
    return made


@transaction.atomic
def place(
    person: Person, *, organization: Organization, since: date, by: "User", at: datetime
) -> Belonging:
    """Make ``organization`` the person's home branch from ``since`` on."""
    organization = hold(organization.pk)
    person = Person.objects.select_for_update().get(pk=person.pk)
    require(rules.may_place(by, person, organization))
    return settle(person, organization, since=since, by=by, at=at)


def settle(
    person: Person, organization: Organization, *, since: date, by: "User | None", at: datetime
) -> Belonging:
    """``place`` for whoever has judged ``by`` already; organisation and person are locked.

    Raises:
        Refused: no branch that stands, or the person came to the present one later.
    """
    if not organization.is_branch or organization.dissolved_on:
        raise Refused(no(f"不能转到{organization.called}：要是还在的党支部。"))
    current = person.belongings.filter(until=None, kind=Belonging.Kind.HOME).first()
    left: list[int] = []
    if current:
        if since <= current.since:
            raise Refused(no(f"不能从这天起：{current.since} 才到现在的支部。"))
        current.until = since
        current.save(update_fields=["until"])
        left = [current.organization_id]
    _leave_groups(person, since)
    made = Belonging.objects.create(person=person, organization=organization, since=since)
    if since <= timezone.localdate(at):
        person.home, person.path = organization, organization.path
        person.save(update_fields=["home", "path"])
    ledger.record(Kind.PLACED, person, organization=organization.pk, by=by, at=at, occurred=since)
    _refresh_person(person, organization.pk, *left, by=by, at=at)
    return made


def _leave_groups(person: Person, since: date) -> None:
    """Groups are the old branch's: one joined after leaving the branch never was."""
    person.group_memberships.filter(since__gte=since).delete()
    still = Q(until__isnull=True) | Q(until__gt=since)
    person.group_memberships.filter(still).update(until=since)


@transaction.atomic
def host(
    person: Person, *, organization: Organization, since: date, by: "User", at: datetime
) -> Belonging:
    """Let ``organization`` be the branch where the person takes part while away from home.

    Who was a guest elsewhere leaves there the same day.

    Raises:
        Refused: ``rules.may_host`` refuses, no member that day, or a later host is on record.
    """
    organization = hold(organization.pk)
    person = Person.objects.select_for_update().get(pk=person.pk)
    require(rules.may_host(by, person, organization))
    return receive(person, organization, since=since, by=by, at=at)


def receive(
    person: Person, organization: Organization, *, since: date, by: "User | None", at: datetime
) -> Belonging:
    """``host`` for whoever has judged ``by`` already; organisation and person are locked."""
    if not person.states.filter(on_day(since), state__in=MEMBERS).exists():
        raise Refused(no(f"不用登记：{person.name}那天不是党员，没有流入地支部。"))
    last = person.belongings.filter(kind=Belonging.Kind.HOST).order_by("-since").first()
    if last and since < (last.until or last.since):
        raise Refused(no(f"不能从这天起：名册上到 {last.until or last.since} 在另一个流入地支部。"))
    left = []
    if last and last.until is None:
        left = [last.organization_id]
        if since == last.since:
            last.delete()
        else:
            last.until = since
            last.save(update_fields=["until"])
    made = Belonging.objects.create(
        person=person, organization=organization, kind=Belonging.Kind.HOST, since=since
    )
    _copy_host(person, timezone.localdate(at))
    ledger.record(Kind.HOSTED, person, organization=organization.pk, by=by, at=at, occurred=since)
    _refresh([organization.pk, *left, *([person.home_id] if person.home_id else [])], by=by, at=at)
    return made


@transaction.atomic
def end_hosting(person: Person, *, on: date, by: "User", at: datetime) -> Belonging:
    """The person is no guest anywhere from ``on`` on: they came home, or were transferred.

    Raises:
        Refused: ``rules.may_end_hosting`` refuses, or ``on`` is not after it began.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    current = person.belongings.filter(until=None, kind=Belonging.Kind.HOST).first()
    require(rules.may_end_hosting(by, person, current))
    assert current is not None
    return see_off(person, current, on=on, by=by, at=at)


def see_off(
    person: Person, current: Belonging, *, on: date, by: "User | None", at: datetime
) -> Belonging:
    """``end_hosting`` for whoever has judged ``by`` already; the person is locked."""
    if on <= current.since:
        raise Refused(no(f"不能在这天结束：{current.since} 才到流入地支部。"))
    current.until = on
    current.save(update_fields=["until"])
    _copy_host(person, timezone.localdate(at))
    ledger.record(
        Kind.HOSTING_ENDED, person, organization=current.organization_id, by=by, at=at, occurred=on
    )
    _refresh([current.organization_id, *([person.home_id] if person.home_id else [])], by=by, at=at)
    return current


def _copy_host(person: Person, today: date) -> None:
    rows = person.belongings.filter(on_day(today), kind=Belonging.Kind.HOST)
    path = rows.values_list("organization__path", flat=True).first()
    person.host_path = path or ""
    person.save(update_fields=["host_path"])
    standing.forget()


def keep_up(at: datetime) -> int:
    """Bring the copies of today's branches up to the day; how many people were behind.

    What was registered to begin or to end later takes effect on its day. Somebody whose
    home branch is over keeps it: they have not gone anywhere. Looked for without a lock,
    brought up in turns.
    """
    today = timezone.localdate(at)
    rows = Belonging.objects.filter(on_day(today), person=OuterRef("pk"))
    homes, hosts = rows.filter(kind=Belonging.Kind.HOME), rows.filter(kind=Belonging.Kind.HOST)
    people = Person.objects.annotate(
        home_now=Subquery(homes.values("organization")[:1]),
        home_path=Subquery(homes.values("organization__path")[:1]),
        host_now=Coalesce(Subquery(hosts.values("organization__path")[:1]), Value("")),
    )
    behind = people.filter(~Q(home=F("home_now")) | ~Q(host_path=F("host_now"))).order_by("pk")
    ids = list(behind.values_list("pk", flat=True))
    pacer = Pacer()
    for start in range(0, len(ids), KEPT_UP_AT_ONCE):
        with pacer.turn():
            changed: Any = behind.filter(pk__in=ids[start : start + KEPT_UP_AT_ONCE])
            _keep_up(list(changed.select_for_update()))
    return len(ids)


def _keep_up(people: Sequence[Any]) -> None:
    for person in people:
        if person.home_now is not None:
            person.home_id, person.path = person.home_now, person.home_path
        person.host_path = person.host_now
    Person.objects.bulk_update(people, ["home", "path", "host_path"])


every("5 0 * * *", name="people.keep_up")(keep_up)


@transaction.atomic
def join_group(
    person: Person, *, group: PartyGroup, since: date, by: "User", at: datetime
) -> GroupMembership:
    """Put a person into a party group of their branch; they leave the one before.

    Raises:
        Refused: not entitled, not of this branch, the group is closed by then, or a later
            group is on record.
    """
    hold(group.organization_id)
    group = PartyGroup.objects.select_related("organization").get(pk=group.pk)
    person = Person.objects.select_for_update().get(pk=person.pk)
    require(rules.may_lead_group(by, group.organization))
    if person.home_id != group.organization_id:
        raise Refused(no(f"不能编入{group.name}：不是这个支部的人。"))
    if group.until is not None and since >= group.until:
        raise Refused(no(f"不能编入{group.name}：{group.until} 起已经撤销。"))
    last = person.group_memberships.select_related("group").order_by("-since").first()
    if last and since < (last.until or last.since):
        first = last.until or last.since
        raise Refused(no(f"不能从这天起：名册上在{last.group.name}，要从 {first} 起或更晚。"))
    if last and since == last.since:
        last.delete()
    elif last and last.until is None:
        last.until = since
        last.save(update_fields=["until"])
    made = GroupMembership.objects.create(person=person, group=group, since=since)
    ledger.record(
        Kind.GROUPED, person, organization=group.organization_id, by=by, at=at, occurred=since
    )
    return made


@transaction.atomic
def hold_post(
    person: Person,
    *,
    post: Post,
    since: date,
    until: date | None = None,
    manner: str = Holding.Manner.FULL,
    reason: str = "",
    by: "User",
    at: datetime,
) -> Holding:
    """Give a post to a person; whoever may name group leaders may do so for groups.

    Raises:
        Refused: not entitled, the person is in that post already, the seats are taken, the
            post is no more, or a stand-in without a reason.
    """
    hold(post.organization_id)
    post = (
        Post.objects.select_for_update(of=("self",))
        .select_related("organization", "group")
        .get(pk=post.pk)
    )
    person = Person.objects.select_for_update().get(pk=person.pk)
    if post.group_id:
        require(rules.may_lead_group(by, post.organization))
    else:
        require(rules.may_hold(by, post.organization, since=since, until=until))
    if post.until is not None and since >= post.until:
        raise Refused(no(f"不能任{post.title}：{post.until} 起已经不设。"))
    if manner != Holding.Manner.FULL and not reason:
        raise Refused(no("主持工作、代理的，要写明原因。"))
    held = Holding.objects.filter(post=post, person=person).exclude(ended_on__lte=since)
    if held.exists():
        raise Refused(
            no(f"不用办：{person.name}那时已经在任{post.title}。要改任职方式，先登记免职。")
        )
    full = Holding.objects.filter(post=post, ended_on=None, manner=Holding.Manner.FULL)
    if manner == Holding.Manner.FULL and full.count() >= post.seats:
        raise Refused(no(f"不能任{post.title}：现在有人在任，先登记免职或交接。"))
    require(_may_hold_beside(person, post, since))
    made = Holding.objects.create(
        person=person, post=post, since=since, until=until, manner=manner, reason=reason
    )
    ledger.record(
        Kind.POST_TAKEN, person, organization=post.organization_id, by=by, at=at, occurred=since
    )
    standing.forget()
    _refresh_person(person, post.organization_id, by=by, at=at)
    return made


def _may_hold_beside(person: Person, post: Post, since: date) -> Verdict:
    other = _barring(person, post, since)
    if other is None:
        return YES
    return no(
        f"不能任{post.title}：{person.name}在任{other.organization.called}的{other.title}，"
        "两个职务不能一个人担任。请另选人，或者先登记免职。"
    )


def _barring(person: Person, post: Post, since: date) -> Post | None:
    """A post of the person from ``since`` on that packs keep apart from this one: of the same
    organisation, or of one beside it under the same. One query."""
    place = post.organization
    beside = Q(post__organization=place)
    if place.parent_id:
        beside |= Q(post__organization__parent=place.parent_id)
    held = Holding.objects.filter(beside, person=person).exclude(ended_on__lte=since)
    for holding in held.select_related("post__organization"):
        other = holding.post
        if other.kind in _apart_from(post, since) or post.kind in _apart_from(other, since):
            return other
    return None


def _apart_from(post: Post, day: date) -> list[str]:
    kind = tree.post_kinds(post.organization.kind, day).get(post.kind)
    return kind.apart_from if kind else []


@transaction.atomic
def end_holding(holding: Holding, *, on: date, by: "User", at: datetime) -> Holding:
    """End a holding: the role that came with it ends the same day."""
    holding = (
        Holding.objects.select_for_update(of=("self",))
        .select_related("person", "post__organization")
        .get(pk=holding.pk)
    )
    if holding.post.group_id:
        require(rules.may_lead_group(by, holding.post.organization))
    else:
        require(rules.may_hold(by, holding.post.organization, since=holding.since, until=None))
    if on <= holding.since:
        raise Refused(no(f"不能在这天免去：{holding.since} 才任职。"))
    holding.ended_on = on
    holding.save(update_fields=["ended_on"])
    ledger.record(
        Kind.POST_LEFT,
        holding.person,
        organization=holding.post.organization_id,
        by=by,
        at=at,
        occurred=on,
    )
    standing.forget()
    _refresh_person(holding.person, holding.post.organization_id, by=by, at=at)
    return holding


@transaction.atomic
def reveal(person: Person, *, field: RevealField, reason: str, by: "User", at: datetime) -> str:
    """The sealed value itself; looking is recorded and shown to the person.

    One's own values need no reason and leave no row.

    Raises:
        Refused: ``rules.may_reveal`` refuses, or no reason is given.
    """
    require(rules.may_reveal(by, person, field))
    value: str = getattr(person, field)
    if by.person_id == person.pk:
        return value
    if not reason.strip():
        raise Refused(no("要写明为什么看。本人看得到这条记录。"))
    Reveal.objects.create(person=person, field=field, reason=reason.strip(), by=by, at=at)
    ledger.record(Kind.REVEALED, person, organization=person.home_id, by=by, at=at, touched=())
    return value


@transaction.atomic
def issue_account(person: Person, *, by: "User", at: datetime) -> "tuple[User, str]":
    """Make or reset the account of a person; the account and the code to print, this once.

    Raises:
        Refused: ``rules.may_issue_to`` refuses.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    serves = queries.posts_held_at(person, timezone.localdate(at))
    require(rules.may_issue_to(by, person, serves))
    return accounts.issue(
        person_id=person.pk,
        name=person.name,
        wanted=names.spelt(person.name),
        path=person.path,
        organization=person.home_id,
        by=by,
        at=at,
    )


@transaction.atomic
def stop_account(person: Person, *, by: "User", at: datetime) -> None:
    """Stop the account of a person, if they have one.

    Raises:
        Refused: ``rules.may_issue_to`` refuses.
    """
    serves = queries.posts_held_at(person, timezone.localdate(at))
    require(rules.may_issue_to(by, person, serves))
    account = queries.account_of(person)
    if account:
        accounts.stop(account, path=person.path, organization=person.home_id, by=by, at=at)
