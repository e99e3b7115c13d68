"""A county to play with: real places, invented people, everything made through the real actions.

The same place gives the same county every day, but for the dates, which follow the calendar.
Who and what there is comes from ``demo_roster``.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.activities import actions as activities
from zhibu.activities.drafts import (
    AbsenceDraft,
    DecisionDraft,
    Draft,
    FollowUpDraft,
    KindDraft,
    VoteDraft,
)
from zhibu.activities.queries import first_posts, roll_from
from zhibu.adoptions import actions as adoptions
from zhibu.cli import (
    demo_cases,
    demo_neighbours,
    demo_open,
    demo_pairings,
    demo_registers,
    demo_requests,
    demo_roster,
    demo_village,
)
from zhibu.cli.demo_roster import Roster
from zhibu.core.dates import add_months, nth_weekday, period_of, periods
from zhibu.core.workdays import next_working_day
from zhibu.duties import actions as duties
from zhibu.duties.counting import item_token
from zhibu.duties.models import Obligation
from zhibu.imports import actions as importing
from zhibu.imports import checking
from zhibu.imports.targets import Ground
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization, PartyGroup, Post
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.activities import ActivityKind
from zhibu.packs.schema.posts import PostKind
from zhibu.people import actions as people
from zhibu.people.models import GroupMembership, Holding, MembershipState, Person

PASSWORD = accounts.DEMO_PASSWORD
OPEN_FOR = 20  # days since which the demo's organisations make things public
OPEN_EVERY = 3  # in the whole county, every third branch has made something public
PROMISING = 9  # branches of which the demo shows what they promised
RECTIFICATION, TRANSFER = demo_cases.PACK, demo_cases.TRANSFER
ADMISSION = demo_cases.ADMISSION
BODIES, PETITIONS = "national/village-bodies", "national/petitions"
LIFE, CLASS, THEME = "national/branch-life", "local/quarterly-class", "seeds/mingguang-theme-day"
THEMES = (
    "学习村民委员会组织法", "走访困难老党员", "清理河道垃圾", "学习党章", "秋收帮工",
    "重温入党誓词",
    "讨论村东道路维修", "敬老院志愿服务", "学习支部工作条例", "森林防火巡查", "讲身边党员的事",
    "环境整治", "慰问退役军人", "学习农村基层组织工作条例", "禁烧宣传", "植树",
)  # fmt: skip
MATTERS = (
    "村东灌溉渠清淤，12月开工，从村集体支出", "三组水泥路修补方案提交村民代表会议",
    "增补路灯 14 盏", "活动室添置桌椅", "成立秋收帮扶小组", "推荐镇级先进个人",
)  # fmt: skip
TASKS = (
    "联系清淤施工队", "起草代表会议通知", "走访 4 户老党员", "村东路灯报修", "收集道路维修意见",
    "整理学习材料",
)  # fmt: skip
FILE_NAME = "演示名册"
TOGETHER = 150  # branches whose sittings are recorded at once
EXPLANATIONS = (
    "书记住院，下周补开。", "村里忙秋收，改到下月初一起开。", "会开了，记录本在村里，回去就补记。",
)  # fmt: skip


class BrokenRoster(Exception):
    """The demo's own roster has faults: ours to mend."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in to the demo, one a role."""

    post: str
    name: str
    username: str
    password: str


Say = Callable[[str, int, int], None]


@dataclass
class _County:
    at: datetime
    system: User
    dice: random.Random
    posts: dict[str, PostKind]
    is_whole: bool = False
    root: Organization | None = None
    townships: list[Organization] = field(default_factory=list)
    branches: list[Organization] = field(default_factory=list)
    members: dict[int, list[Person]] = field(default_factory=dict)
    groups: dict[int, list[PartyGroup]] = field(default_factory=dict)
    holders: dict[tuple[int, str], Person] = field(default_factory=dict)
    packs: dict[str, Pack] = field(default_factory=library.packs)
    states: dict[int, str] = field(default_factory=dict)
    grouped: dict[int, list[int]] = field(default_factory=dict)
    held: dict[int, list[tuple[int, int, bool]]] = field(default_factory=dict)
    officers: dict[int, User] = field(default_factory=dict)
    discipline: list[Organization] = field(default_factory=list)
    waiting: list[activities.Row] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @property
    def begins(self) -> date:
        """What the demo tells of: from the quarter before this one, or a whole year."""
        if self.is_whole:
            return period_of(add_months(self.today, -12), "month").since
        return period_of(add_months(self.today, -3), "quarter").since


def build(
    *, place: str, is_whole: bool = False, by: User, at: datetime, say: Say = lambda *_: None
) -> list[Account]:
    """Build the demo county into an empty installation; who can sign in, one a role.

    ``is_whole``: every organisation and a year, instead of some and two quarters.
    ``say(what, done, total)`` is told of progress.

    Raises:
        UnknownPlace: there is no such county.
    """
    made = _County(
        at=at,
        system=by,
        dice=random.Random(f"zhibu {place}"),  # noqa: S311 - play data
        posts=_post_kinds(),
        is_whole=is_whole,
    )
    rows = Roster(made.dice, made.today, made.begins)
    (demo_roster.whole if is_whole else demo_roster.some)(rows, place)
    _import(made, rows, say)
    _load(made, rows, place)
    with transaction.atomic():
        _staff(made)
    say("采用制度", 0, 1)
    _adopt(made)
    if is_whole:
        _derive(made, say)
    for number, branch in enumerate(made.branches):
        say("记录活动", number, len(made.branches))
        with transaction.atomic():
            _live(made, branch, is_late=number % 9 == 4, is_first=number == 1)
        if number % TOGETHER == TOGETHER - 1:
            _record(made)
    _record(made)
    say("开通账号", 0, 1)
    with transaction.atomic():
        _explain(made)
        demo_cases.some(made.branches, lambda branch: _of_a_problem(made, branch), today=made.today)
        _move(made)
        _strive(made)
        _open_accounts(made)
    say("完成", 1, 1)
    return made.accounts


def _record(made: _County) -> None:
    """Record what has been collected, as those who recorded it, at the time they did."""
    activities.record_many(made.waiting, by=made.system, at=made.at)
    made.waiting.clear()


def _post_kinds() -> dict[str, PostKind]:
    found: dict[str, PostKind] = {}
    for pack in (PETITIONS, BODIES, LIFE):  # where two name a post alike, that of the Party's life
        for wordings in library.packs()[pack].wordings("posts"):
            item = wordings[-1].item
            assert isinstance(item, PostKind)
            found[wordings[-1].id] = item
    return found


def _import(made: _County, rows: Roster, say: Say) -> None:
    """Bring the roster in the way an office would: as of the day the story begins."""
    say("核对名册", 0, 1)
    content = demo_roster.workbook(rows)
    at = _moment(made.begins, 9)
    check, preview = checking.run(
        content, file_name=f"{FILE_NAME}.xlsx", by=made.system, ground=Ground(), today=made.begins
    )
    if preview.errors:
        raise BrokenRoster("；".join(str(fault.message) for fault in preview.errors[:5]))
    batch = importing.begin(
        file_name=f"{FILE_NAME}.xlsx",
        file_digest=checking.digest_of(content),
        ground=Ground(),
        by=made.system,
        at=at,
    )
    batch = importing.note_check(batch, preview)

    def clock() -> datetime:
        say("导入名册", batch.progress, max(batch.total, 1))
        return timezone.now()

    importing.apply(
        batch,
        check=check,
        preview=preview,
        clean_only=False,
        by=made.system,
        at=at,
        clock=clock,
    )


def _load(made: _County, rows: Roster, county: str) -> None:
    """Take up what the import made: organisations, members in order, holders of posts."""
    known = {o.code: o for o in Organization.objects.all()}
    made.root = known[county]
    made.townships = [known[code] for code in rows.townships]
    made.branches = [known[code] for code in rows.branches]
    for person in Person.objects.select_related("home").order_by("pk"):
        made.members.setdefault(person.home_id or 0, []).append(person)
    for group in PartyGroup.objects.order_by("pk"):
        made.groups.setdefault(group.organization_id, []).append(group)
    made.states = dict(MembershipState.objects.filter(until=None).values_list("person", "state"))
    for group_id, person_id in GroupMembership.objects.values_list("group", "person"):
        made.grouped.setdefault(group_id, []).append(person_id)
    holdings = Holding.objects.select_related("person__home", "post").order_by("pk")
    for holding in holdings:
        _hold_post(made, holding.post, holding.person)


def _hold_post(made: _County, post: Post, person: Person) -> None:
    made.holders[post.organization_id, post.kind] = person
    row = (person.pk, post.rank, post.in_committee)
    made.held.setdefault(post.organization_id, []).append(row)


def _appoint(
    made: _County,
    organization: Organization,
    kind: str,
    person: Person,
    group: PartyGroup | None = None,
) -> None:
    item = made.posts[kind]
    since = made.begins.replace(month=1, day=1) if group is None else group.since
    post = organizations.make_post(
        organization,
        kind=kind,
        title=item.title,
        role=item.role,
        since=since,
        group=group,
        in_committee=item.in_committee,
        rank=item.rank,
        seats=item.seats,
        by=made.system,
        at=made.at,
    )
    people.hold_post(person, post=post, since=since, by=made.system, at=made.at)
    _hold_post(made, post, person)


def _staff(made: _County) -> None:
    """Who a roster of branches does not name: committees' people and group leaders."""
    assert made.root is not None
    offices = [b for b in made.branches if b.field == "office"][:6]
    office = made.members[max(offices, key=lambda b: len(made.members[b.pk])).pk]
    _appoint(made, made.root, "committee-secretary", office[-2])
    _appoint(made, made.root, "organisation-officer", office[-3])
    for township in made.townships:
        own = [b for b in made.branches if b.path.startswith(township.path)]
        offices = [b for b in own if b.field == "office"] or own
        staff = made.members[max(offices, key=lambda b: len(made.members[b.pk])).pk]
        _appoint(made, township, "committee-secretary", staff[-2])
        _appoint(made, township, "organisation-officer", staff[-3])
    for branch in made.branches[:30]:
        members = {person.pk: person for person in made.members[branch.pk]}
        for group in made.groups.get(branch.pk, []):
            grouped = made.grouped[group.pk]
            leader = members[grouped[len(grouped) * 2 // 3]]
            _appoint(made, branch, "group-leader", leader, group)


# --- what they do


def _adopt(made: _County) -> None:
    assert made.root is not None
    adoptions.adopt(
        pack=LIFE, organization=made.root, since=made.begins, by=made.system, at=made.at
    )
    adoptions.adopt(
        pack=CLASS, organization=made.townships[0], since=made.begins, by=made.system, at=made.at
    )
    adoptions.adopt(
        pack=THEME, organization=made.townships[-1], since=made.begins, by=made.system, at=made.at
    )
    adoptions.adopt(
        pack=TRANSFER, organization=made.root, since=made.begins, by=made.system, at=made.at
    )
    adoptions.adopt(
        pack=RECTIFICATION, organization=made.root, since=made.begins, by=made.system, at=made.at
    )
    adoptions.adopt(
        pack=ADMISSION, organization=made.root, since=made.begins, by=made.system, at=made.at
    )


def _derive(made: _County, say: Say) -> None:
    """Derive the obligations of so many now; else the worker would, in its own time."""
    ids = list(Organization.objects.order_by("path").values_list("pk", flat=True))
    for start in range(0, len(ids), TOGETHER):
        say("推算应办", start, len(ids))
        duties.refresh(ids[start : start + TOGETHER], at=made.at)


def _moment(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def _live(made: _County, branch: Organization, *, is_late: bool, is_first: bool) -> None:
    """Two quarters of a branch: meetings held, some late, some entered late, some missing."""
    dice = made.dice
    recorder = made.holders.get((branch.pk, "branch-secretary"))
    if recorder is None:  # the level above helps out where the post is vacant
        above = max(
            (o for o in [made.root, *made.townships] if o and branch.path.startswith(o.path)),
            key=lambda o: len(o.path),
        )
        recorder = made.holders[above.pk, "organisation-officer"]
    by = _officer(made, recorder)
    has_theme_pack = branch.path.startswith(made.townships[-1].path)
    themes = dice.sample(THEMES, len(THEMES))
    for number, month in enumerate(periods("month", made.begins, made.today + timedelta(days=1))):
        is_now = made.today in month
        friday = next_working_day(nth_weekday(month, "friday", 1) or month.since)
        theme_kind = f"{THEME if has_theme_pack else LIFE}:theme-day"
        beside = _beside(month.since.month)
        kinds = [theme_kind] if made.is_whole else [theme_kind, *beside]
        for kind in beside if made.is_whole and dice.random() > (0.3 if is_late else 0.02) else ():
            day = month.since + timedelta(days=dice.randint(6, 26))
            _hold(made, branch, [kind], day, "", by=by)
        if made.dice.random() > (0.25 if is_late else 0.03):
            day = friday if made.dice.random() < 0.9 else friday + timedelta(days=9)
            _hold(made, branch, kinds, day, themes[number % len(themes)], by=by)
        has_committee = (branch.pk, "organisation-member") in made.holders
        is_left_open = is_now and is_first
        if has_committee and not is_left_open and dice.random() > (0.3 if is_late else 0.04):
            day = month.since + timedelta(days=dice.randint(8, 24))
            _hold(made, branch, [f"{LIFE}:committee-meeting"], day, "", by=by)
        for group in made.groups.get(branch.pk, []):
            if made.dice.random() > (0.4 if is_late or is_first else 0.06):
                day = month.since + timedelta(days=made.dice.randint(10, 26))
                _hold(made, branch, [f"{LIFE}:group-meeting"], day, "", by=by, group=group)
    _plan_next(made, branch, by)


def _beside(month: int) -> list[str]:
    """What a quarter asks for beside the theme days, in its second month and its first."""
    kinds = {2: [f"{LIFE}:general-meeting"], 1: [f"{LIFE}:party-class"]}
    return kinds.get(month % 3, [])


def _officer(made: _County, person: Person) -> User:
    """The account the secretary records with; opened without a password in the demo."""
    if person.pk in made.officers:
        return made.officers[person.pk]
    assert person.home is not None
    account, _ = accounts.issue(
        person_id=person.pk,
        name=person.name,
        wanted=f"z{person.pk}",
        path=person.home.path,
        organization=person.home.pk,
        is_demo=True,
        has_code=False,
        by=made.system,
        at=made.at,
    )
    made.officers[person.pk] = account
    return account


def _hold(
    made: _County,
    branch: Organization,
    kinds: list[str],
    day: date,
    theme: str,
    *,
    by: User,
    group: PartyGroup | None = None,
) -> None:
    dice = made.dice
    delay = dice.choice([0, 0, 0, 0, 0, 1, 2, 40 if dice.random() < 0.15 else 0])
    entered = _moment(day, 17) + timedelta(days=delay)
    if day > made.today or entered > made.at:
        return
    expected = _expected(made, branch, kinds, day, group)
    if not expected:
        return
    absent = {
        pk: AbsenceDraft(dice.choice(["ill", "away", "duty", "care", "none"]))
        for index, pk in enumerate(expected[2:])
        if dice.random() < (0.95 if index == 7 and len(expected) > 12 else 0.1)
    }
    present = len(expected) - len(absent)
    is_general = f"{LIFE}:general-meeting" in kinds
    decisions: tuple[DecisionDraft, ...] = ()
    follow_ups: tuple[FollowUpDraft, ...] = ()
    if is_general and present > len(expected) * 0.75:
        decisions = (DecisionDraft(dice.choice(MATTERS), VoteDraft(max(present - 2, 1), 0, 0)),)
        follow_ups = (FollowUpDraft(dice.choice(TASKS), expected[2], day + timedelta(days=21)),)
    items = tuple(item_token(f"{THEME}:theme-day", i) for i in ("oath", "constitution", "dues"))
    draft = Draft(
        kinds=tuple(KindDraft(kind) for kind in kinds),
        starts_at=_moment(day, 14, 30),
        place="党群服务中心",
        theme=theme,
        agenda="" if not theme else f"1. {theme}。\n2. 交流近期工作。",
        chair_id=expected[0],
        recorder_id=expected[1] if len(expected) > 1 else None,
        speaker_id=expected[0] if f"{LIFE}:party-class" in kinds else None,
        absences=absent,
        decisions=decisions,
        follow_ups=follow_ups,
        items=items if kinds[0].startswith(THEME) and dice.random() < 0.93 else (),
    )
    made.waiting.append(activities.Row(branch, draft, group=group, by=by, at=entered))


def _expected(
    made: _County,
    branch: Organization,
    kinds: Sequence[str],
    day: date,
    group: PartyGroup | None,
) -> list[int]:
    """Who is on the roll, in its order; nobody moves in the demo, so it is known beforehand."""
    known = made.packs
    found = []
    for reference in kinds:
        pack, _, item = reference.partition(":")
        wording = known[pack].wording_on("activities", item, day)
        assert wording is not None and isinstance(wording.item, ActivityKind)
        found.append(wording.item)
    ids = made.grouped.get(group.pk, []) if group else [p.pk for p in made.members[branch.pk]]
    states = {pk: made.states[pk] for pk in ids}
    return list(roll_from(found, first_posts(made.held.get(branch.pk, ())), states))


def _plan_next(made: _County, branch: Organization, by: User) -> None:
    coming = period_of(add_months(made.today, 1), "month")
    friday = next_working_day(nth_weekday(coming, "friday", 1) or coming.since)
    draft = Draft(
        kinds=(
            KindDraft(
                f"{THEME if branch.path.startswith(made.townships[-1].path) else LIFE}:theme-day"
            ),
        ),
        starts_at=_moment(friday, 14, 30),
        place="党群服务中心",
        theme=made.dice.choice(THEMES),
    )
    activity = activities.plan(branch, draft, by=by, at=made.at)
    if branch.path.startswith(made.townships[-1].path) and made.dice.random() < 0.5:
        activities.file_theme(activity, by=by, at=made.at)


def _explain(made: _County) -> None:
    """A few branches say why something is not done."""
    rows = Obligation.objects.overdue(made.today).select_related("organization").order_by("pk")
    for row in rows[:: max(1, rows.count() // 8)][:8]:
        secretary = made.holders.get((row.organization_id, "branch-secretary"))
        if secretary:
            text = made.dice.choice(EXPLANATIONS)
            duties.explain(row, text=text, by=_officer(made, secretary), at=made.at)


def _of_a_problem(made: _County, branch: Organization) -> demo_cases.People | None:
    """The officer above, the secretary and a member; None where a post is vacant."""
    township = next((t for t in made.townships if branch.path.startswith(t.path)), made.root)
    assert township is not None
    officer = made.holders.get((township.pk, "organisation-officer"))
    secretary = made.holders.get((branch.pk, "branch-secretary"))
    if officer is None or secretary is None:
        return None
    owner = made.members[branch.pk][-2]
    return demo_cases.People(_officer(made, officer), _officer(made, secretary), owner)


def _move(made: _County) -> None:
    """Members on their way between the demo's branch and the next one with a secretary, and
    people on their way into the Party."""
    sides = [side for branch in made.branches[12:] if (side := _side(made, branch))]
    if len(sides) > 1:
        demo_cases.moves(sides[0], sides[1], today=made.today)
        demo_cases.admissions(sides[0], today=made.today)


def _strive(made: _County) -> None:
    """A campaign that the county runs, what branches have promised in it, registers,
    links and rotas; and what residents see of it all."""
    assert made.root is not None
    by = made.holders.get((made.root.pk, "organisation-officer"))
    if by is None:
        return
    packs = (
        *demo_cases.STRIVING, demo_registers.BOOKS, demo_registers.GATE, *demo_requests.PACKS,
        demo_pairings.ROSTER, demo_pairings.ESTATE, demo_pairings.REGISTRATION, BODIES,
    )  # fmt: skip
    for pack in packs:
        adoptions.adopt(
            pack=pack, organization=made.root, since=made.begins,
            fields=demo_requests.FIELDS if pack in demo_requests.PACKS else (),
            by=made.system, at=made.at,
        )  # fmt: skip
    officer = _officer(made, by)
    demo_cases.campaign(made.root, made.branches, officer, today=made.today)
    hands = [(one, who) for one in made.branches if (who := _of_a_problem(made, one))]
    demo_cases.promises(hands[:PROMISING], today=made.today)
    demo_registers.fill(hands[:PROMISING], today=made.today)
    since = made.today - timedelta(days=OPEN_FOR)
    for pack in demo_open.PACKS:
        adoptions.adopt(pack=pack, organization=made.root, since=since, by=made.system, at=made.at)
    demo_open.publish(hands, every=OPEN_EVERY if made.is_whole else 1, today=made.today)
    asked = [pair for pair in hands if pair[0].field in demo_requests.FIELDS]
    demo_requests.some(asked[:PROMISING], today=made.today)
    at_hand = made.branches[12]
    demo_pairings.fill(
        [*hands[: PROMISING - 1], *(pair for pair in hands if pair[0].pk == at_hand.pk)],
        today=made.today,
    )
    _report_in(made, at_hand, asked)
    _host_discipline(made, at_hand)
    _live_among_neighbours(made, at_hand)
    _run_village(made, [pair for pair in hands if pair[0].field == "rural"])


def _report_in(
    made: _County, home: Organization, asked: list[tuple[Organization, demo_cases.People]]
) -> None:
    """The demo's member reported in at another branch of residents, where two requests wait to be
    claimed; two wait at home too, for the demo's secretary."""
    who = _of_a_problem(made, home)
    host, there = next((pair for pair in asked if pair[0].pk != home.pk), (None, None))
    if who is None or host is None or there is None:
        return
    demo_pairings.report_in(
        home, made.members[home.pk][-2], host, by=who.secretary, today=made.today
    )
    demo_requests.pool(host, there, today=made.today)
    if home.field in demo_requests.FIELDS:
        demo_requests.pool(home, who, today=made.today)


def _township_of(made: _County, branch: Organization) -> Organization | None:
    return next((one for one in made.townships if branch.path.startswith(one.path)), None)


def _adopt_in(
    made: _County, township: Organization, pack: str, fields: Sequence[str] = ()
) -> None:  # fmt: skip
    adoptions.adopt(
        pack=pack, organization=township, since=made.begins, fields=fields, by=made.system,
        at=made.at,
    )  # fmt: skip


def _live_among_neighbours(made: _County, branch: Organization) -> None:
    """What the township of the demo's branch adopted beside the county, and what came of it."""
    township, who = _township_of(made, branch), _of_a_problem(made, branch)
    if township is None or who is None:
        return
    for pack in demo_neighbours.PACKS:
        fields = demo_requests.FIELDS if pack == demo_neighbours.VERBATIM else ()
        _adopt_in(made, township, pack, fields)
    deliberated = demo_neighbours.fill(branch, who, township, today=made.today)
    demo_open.neighbours(branch, who, deliberated, made.today)


def _run_village(
    made: _County, hands: list[tuple[Organization, demo_cases.People]]
) -> None:  # fmt: skip
    """Beside one village branch its committee of villagers and the one that supervises it."""
    with_committee = (
        pair for pair in hands if (pair[0].pk, "organisation-member") in made.holders
    )  # fmt: skip
    branch, who = next(with_committee, (None, None))
    township = _township_of(made, branch) if branch else None
    if branch is None or who is None or township is None:
        return
    for pack in demo_village.PACKS:
        _adopt_in(made, township, pack)
    called = branch.called.removesuffix("党支部")
    villagers = _host(made, branch, "village-committee", f"{called}村民委员会", f"{called}村委会")
    watch = _host(
        made, branch, "supervision-committee", f"{called}村务监督委员会", f"{called}监委会"
    )
    _appoint(made, villagers, "village-director", made.holders[branch.pk, "branch-secretary"])
    for place, kinds in (
        (villagers, ("village-committee-member", "village-committee-member")),
        (watch, ("supervision-director", "supervision-member")),
    ):
        for kind in kinds:
            _appoint(made, place, kind, _free(made, branch))
    supervisor = _officer(made, made.holders[watch.pk, "supervision-director"])
    village = demo_village.Village(branch, who.secretary, supervisor, made.today)
    decided, built = demo_village.decide(village), demo_village.build(village)
    demo_open.village(branch, who, decided, built, made.today)


def _host_discipline(made: _County, branch: Organization) -> None:
    """Bodies that take reports against people: the county's, and that of the township above the
    demo's branch, each with somebody in post."""
    assert made.root is not None
    for host in (made.root, _township_of(made, branch)):
        if host is None:
            continue
        called = host.called.removesuffix("党委").removesuffix("委")
        body = _host(made, host, "discipline", f"中共{called}纪律检查委员会", f"{called}纪委")
        own = [one for one in made.branches if one.path.startswith(host.path)]
        offices = [one for one in own if one.field == "office"] or own
        home = max(offices, key=lambda one: len(made.members[one.pk]))
        _appoint(made, body, "discipline-head", _free(made, home))
        made.discipline.append(body)


def _host(
    made: _County, host: Organization, kind: str, name: str, short: str
) -> Organization:  # fmt: skip
    return organizations.found(
        code=f"{host.code}-{kind}", name=name, short_name=short, kind=kind, parent=host,
        field=host.field, established_on=made.begins.replace(month=1, day=1), by=made.system,
        at=made.at,
    )  # fmt: skip


def _free(made: _County, branch: Organization) -> Person:
    """A full member there, the last on the roll, who holds no post anywhere and has no role in
    the demo yet."""
    busy = {person for rows in made.held.values() for person, _, _ in rows}
    members = made.members[branch.pk][:-2]
    return next(
        one for one in reversed(members)
        if one.pk not in busy and one.pk not in made.officers and made.states.get(one.pk) == "full"
    )  # fmt: skip


def _side(made: _County, branch: Organization) -> demo_cases.Side | None:
    """None where a post is vacant, or too few hold none."""
    people = _of_a_problem(made, branch)
    busy = {person for person, _, _ in made.held.get(branch.pk, [])}
    full = [p for p in made.members[branch.pk][:-2] if made.states.get(p.pk) == "full"]
    free = [person for person in full if person.pk not in busy]
    if people is None or len(free) < 5:
        return None
    assert made.root is not None
    county = _officer(made, made.holders[made.root.pk, "organisation-officer"])
    return demo_cases.Side(
        branch,
        people.officer,
        county,
        people.secretary,
        free,
        lambda person: _officer(made, person),
    )


# --- who can sign in


def _open_accounts(made: _County) -> None:
    """One account a role, with the demo's password."""
    assert made.root is not None
    branch = made.branches[12]
    township = next(t for t in made.townships if branch.path.startswith(t.path))
    with_groups = next(b for b in made.branches if (b.pk, "group-leader") in made.holders)
    wanted = [
        ("党员", made.members[branch.pk][-2], "member", branch),
        ("支部书记", made.holders[branch.pk, "branch-secretary"], "secretary", branch),
        ("党小组组长", made.holders[with_groups.pk, "group-leader"], "leader", with_groups),
        ("镇党委组织干事", made.holders[township.pk, "organisation-officer"], "township", township),
        ("县委组织部", made.holders[made.root.pk, "organisation-officer"], "county", made.root),
    ]
    if (branch.pk, "organisation-member") in made.holders:
        wanted.insert(
            2, ("支部委员", made.holders[branch.pk, "organisation-member"], "committee", branch)
        )
    for body, username in zip(made.discipline, ("discipline", "town-discipline"), strict=False):
        wanted.append(("负责人", made.holders[body.pk, "discipline-head"], username, body))
    for role, person, username, where in wanted:
        account = _officer(made, person)
        account.username = username
        account.save(update_fields=["username"])
        _activate(made, account, person)
        made.accounts.append(Account(f"{where.called} {role}", person.name, username, PASSWORD))
    for username, role, title in (
        ("system-admin", "system-admin", "系统管理员"),
        ("security-admin", "security-admin", "安全管理员"),
        ("audit-admin", "audit-admin", "审计管理员"),
    ):
        account, code = accounts.appoint_admin(
            username=username, name=title, admin_role=role, is_demo=True, by=made.system, at=made.at
        )
        accounts.activate(account, code=code, password=PASSWORD, at=made.at)
        made.accounts.append(Account(title, title, username, PASSWORD))


def _activate(made: _County, account: User, person: Person) -> None:
    assert person.home is not None
    account, code = accounts.issue(
        person_id=person.pk,
        name=person.name,
        wanted=account.username,
        path=person.home.path,
        organization=person.home.pk,
        is_demo=True,
        by=made.system,
        at=made.at,
    )
    accounts.activate(account, code=code, password=PASSWORD, at=made.at)
