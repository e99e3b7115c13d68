"""A county where something of everything has happened, through the real actions.

For tests that enumerate: every protected model and every part of one has rows, and every
page has something to show.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils import timezone

from tests import factories
from tests.cases import letters, rooms
from tests.cases.campaigns import DRIVE as DRIVE_FOLDER
from tests.conftest import NOON
from tests.factories import SINCE, Tree
from tests.money import books
from tests.packs import makers
from zhibu.accounts import saving
from zhibu.accounts.models import SavedFilter, User
from zhibu.activities import actions as activities
from zhibu.activities.drafts import (
    AbsenceDraft,
    DecisionDraft,
    Draft,
    FollowUpDraft,
    KindDraft,
    OutcomeDraft,
    VoteDraft,
)
from zhibu.activities.models import Activity, Filing
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions.models import Adoption
from zhibu.api import actions as programs
from zhibu.api.models import Token
from zhibu.assignments import actions as assignments
from zhibu.assignments.commissions import Draft as CommissionDraft
from zhibu.assignments.commissions import Target
from zhibu.assignments.models import Assignment, Commission
from zhibu.cases import actions as cases
from zhibu.cases.campaigns import actions as campaigns
from zhibu.cases.campaigns.models import Campaign, Span, Unit
from zhibu.cases.campaigns.models import Entry as Confirmed
from zhibu.cases.models import Case, IssuedPaper
from zhibu.cases.models import Turn as CaseTurn
from zhibu.cases.steps import Step
from zhibu.core import filters
from zhibu.core.fields import Named
from zhibu.desk import actions as desk
from zhibu.desk.models import Trial
from zhibu.desk.tasks import run_examples
from zhibu.duties import actions as duties
from zhibu.duties.models import Obligation, Talk
from zhibu.files import actions as files
from zhibu.files.intake import Prepared
from zhibu.files.models import Attachment
from zhibu.insight import actions as insight
from zhibu.insight.models import Report
from zhibu.insight.queries import windows
from zhibu.insight.questions import Question
from zhibu.insight.scopes import scope_of
from zhibu.insight.subjects import SUBJECTS
from zhibu.money.models import Book, Claim, Quantity
from zhibu.money.models import Entry as Posted
from zhibu.notices import actions as notices
from zhibu.notices import hooks
from zhibu.notices.models import Delivery, Feedback, Preference, Webhook
from zhibu.organizations import actions as organizations
from zhibu.organizations import guiding, rotating, succeeding
from zhibu.organizations.models import Guidance, Organization, PartyGroup, Post
from zhibu.packs import actions as packs
from zhibu.packs import library
from zhibu.packs.library import SHIPPED
from zhibu.packs.models import StoredPack
from zhibu.packs.reading import files_of, read
from zhibu.packs.schema.assignment_forms import AskedField
from zhibu.pairings import actions as pairings
from zhibu.pairings import queries as pair_queries
from zhibu.pairings import rotas
from zhibu.pairings.drafts import LinkDraft, RotaDraft
from zhibu.pairings.models import Contact, Link, Rota, Turn
from zhibu.people import actions as people
from zhibu.people.handover import actions as handing
from zhibu.people.membergroups import actions as grouping
from zhibu.people.merging import actions as merging
from zhibu.people.models import Correction, Handover, Holding, Person
from zhibu.people.rights import actions as rights
from zhibu.portal import actions as portal
from zhibu.portal.models import Ticket
from zhibu.portal.queries import doors
from zhibu.publishing import actions as publishing
from zhibu.publishing.actions import Proposal
from zhibu.publishing.models import Posting, Publication, Voice
from zhibu.registers import actions as registers
from zhibu.registers.drafts import Draft as RowDraft
from zhibu.registers.models import Row

LIFE, THEME_DAY = "national/branch-life", "seeds/mingguang-theme-day"
WORDED = date(2000, 1, 1)
RECTIFY = "seeds/rectification:rectify"
COMMON = "seeds/rectification:common"
DRIVE = "demo/drive:drive"
MEETING = {"name": "支部书记例会", "audience": "secretaries", "how": "video"}
REGISTERS = "seeds/county-registers"
CORRESPONDENTS, VENUES = f"{REGISTERS}:correspondents", f"{REGISTERS}:venues"
ROSTER, ESTATE = "seeds/link-roster", "seeds/estate-rota"
HOUSEHOLDS, DUTY = f"{ROSTER}:households", f"{ESTATE}:duty"
RETIRED = "seeds/member-groups:field-plans/retired"
BULLETIN = "national/personal-information:consent/name-in-bulletin"
TALKS = "national/talks"
OPEN = "national/open-affairs:grassroots"
RULES_TOPIC = "seeds/notice-boards:boards/rules"
ITEMS = tuple(f"{THEME_DAY}:theme-day/{item}" for item in ("oath", "constitution", "dues"))
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


@dataclass
class Life:
    """What has happened at the first village branch; rows by what they are for."""

    tree: Tree
    cast: dict[str, User | None]
    talk: Talk
    silent_talk: Talk
    feed_secret: str
    proposal: StoredPack
    group: PartyGroup
    group_post: Post
    empty_group: PartyGroup
    empty_post: Post
    holding: Holding
    person: Person
    planned: Activity
    held: Activity
    confirmed: Activity
    theme_planned: Activity
    filing: Filing
    task: Assignment
    commission: Commission
    handed: Assignment
    given: Assignment
    obligation: Obligation
    exempted: Obligation
    adoption: Adoption
    attachment: Attachment
    feedback: Feedback
    meeting: Organization
    ended: Organization
    guidance: Guidance
    twin: Person
    other_twin: Person
    correction: Correction
    handover: Handover
    report: Report
    kept_filter: SavedFilter
    token: Token
    case: Case
    struck: Case
    common: Case
    letter: IssuedPaper
    room: Case
    quiet: Case
    reading: Case
    webhook: Webhook
    delivery: Delivery
    drive: Campaign
    unit: Unit
    other_unit: Unit
    confirmed_item: Confirmed
    gate: Span
    own_gate: Span
    begun: Campaign
    begun_unit: Unit
    book: Book
    posted: Posted
    work: Quantity
    claim: Claim
    over: Campaign
    row: Row
    venue: Row
    public: Publication
    notice: Posting
    voice: Voice
    proposed: Publication
    vetted: Publication
    agreed: Publication
    posted_rule: Publication
    ticket: Ticket
    pooled: CaseTurn
    ticket_code: str
    household: Row
    link: Link
    contact: Contact
    rota: Rota
    my_turn: Turn
    offered_turn: Turn
    past_turn: Turn


def draft(*kinds: str, day: date, hour: int = 8, **more: object) -> Draft:
    """A draft of kinds (``publisher/slug:kind``, or of the national pack) on a day."""
    full = [kind if "/" in kind else f"{LIFE}:{kind}" for kind in kinds]
    starts_at = datetime(day.year, day.month, day.day, hour, 0, tzinfo=NOON.tzinfo)
    return Draft(kinds=tuple(map(KindDraft, full)), starts_at=starts_at, **more)  # type: ignore[arg-type]


def person_of(user: User | None) -> Person:
    assert user is not None and user.person_id
    return Person.objects.get(pk=user.person_id)


def live(tree: Tree, cast: dict[str, User | None], *, at: datetime = NOON) -> Life:
    by, village = tree.system, tree.village
    secretary, member = cast["secretary"], cast["member"]
    committee_member, officer = cast["committee member"], cast["county officer"]
    assert secretary and member and committee_member and officer
    township = cast["township officer"]
    assert township
    group = organizations.form_group(village, name="第一党小组", since=SINCE, by=by, at=at)
    empty_group = organizations.form_group(village, name="第二党小组", since=SINCE, by=by, at=at)
    group_post = organizations.make_post(
        village, kind="group-leader", title="组长", role="group-leader", since=SINCE, group=group,
        by=by, at=at,
    )  # fmt: skip
    empty_post = organizations.make_post(
        village, kind="publicity-member", title="宣传委员", role="branch-committee", since=SINCE,
        by=by, at=at,
    )  # fmt: skip
    organizations.begin_term(
        village, since=SINCE, ends_on=date(2027, 1, 1), has_committee=True, by=by, at=at
    )
    Post.objects.filter(organization=village, group=None).update(in_committee=True)
    organizations.rename(
        village, name="前村党支部委员会", short_name="前村", since=date(2022, 1, 1), by=by, at=at
    )
    people.join_group(person_of(member), group=group, since=SINCE, by=by, at=at)
    holding = people.hold_post(person_of(member), post=group_post, since=SINCE, by=by, at=at)
    person = factories.member(
        village, by=by, name="单文秀", id_number="99010119600101001X", phone="13900000000",
        address="前村 3 组",
    )  # fmt: skip
    people.reveal(person, field="phone", reason="通知开会", by=secretary, at=at)
    adoption = adoptions.adopt(
        pack=LIFE, organization=tree.county, since=date(2026, 1, 1), by=by, at=at
    )
    adoptions.adopt(
        pack=THEME_DAY, organization=tree.east, since=date(2026, 1, 1), by=by, at=at,
        paper="东镇〔2026〕1 号",
    )  # fmt: skip
    planned = _planned(tree, cast, at)
    theme_planned, filing = _filed(tree, cast, at)
    held, confirmed = _held(tree, cast, at)
    task = assignments.assign(
        village, title="走访困难党员", owner=person_of(member), due_on=date(2026, 11, 30),
        by=secretary, at=at,
    )  # fmt: skip
    done = assignments.assign(
        village, title="贴公开栏", owner=person, due_on=date(2026, 11, 1), by=secretary, at=at
    )
    assignments.complete(done, note="贴好了", by=secretary, at=at)
    commission, handed = handed_down(tree, cast, "困难党员摸底", at)
    _, given = handed_down(tree, cast, "会议落实", at)
    assignments.give(given, {"how": "月底前走访"}, by=secretary, at=at)
    obligation, exempted = _owed(tree, cast, at)
    attachment = files.attach(
        Prepared("签到表.png", "png", "image/png", PNG),
        owner_type=activities.SOURCE, owner_id=held.pk, organization=village.pk,
        by=secretary, at=at,
    )  # fmt: skip
    _pack(cast, at)
    talk, silent_talk = _talked(tree, cast, person, at)
    feed_secret = desk.open_feed(by=secretary, at=at)
    proposal = _proposed(cast, at)
    said = notices.give_feedback(page="/today/", text="字再大一点", by=member, at=at)
    admin = cast["system admin"]
    assert admin
    notices.answer(said, text="用大字", by=admin, at=at)
    feedback = notices.give_feedback(page="/people/", text="想按组排", by=secretary, at=at)
    meeting, ended, guidance = _arranged(tree, at)
    twin, other_twin = _twins(tree, cast, at)
    correction = _kept(person, cast, at)
    handover = _handed_over(cast, at)
    case, struck = _put_right(tree, cast, at)
    common = common_problem(
        tree.county, "外出党员联系不上", owner=person_of(officer), by=officer, at=at
    )
    driven = _driven(tree, cast, person, at)
    return Life(
        tree, cast, talk, silent_talk, feed_secret, proposal,
        group, group_post, empty_group, empty_post, holding, person, planned, held,
        confirmed, theme_planned, filing, task, commission, handed, given, obligation, exempted,
        adoption, attachment, feedback, meeting, ended, guidance, twin, other_twin, correction,
        handover, _frozen(tree, cast, at), kept(secretary, "没开的会", at),
        _let_in(cast, at),
        case, struck, common, letters.issued(struck, by=secretary, at=at),
        *_shared_rooms(tree, cast, at), *_sent_out(cast, at),
        **driven, **_registered(tree, cast, person, at), **_kept_money(tree, cast),
        **_made_public(tree, cast, person, at), **_asked(tree, secretary, at),
        **_paired(tree, cast, person, at),
    )  # fmt: skip


def _made_public(
    tree: Tree, cast: dict[str, User | None], person: Person, at: datetime
) -> dict[str, Any]:
    """Something for everybody, posted and asked about; a rule to be read; something for one
    person; and one on each step of the way, proposed by the committee member."""
    for pack in ("national/open-affairs", "seeds/notice-boards"):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=at
        )
    secretary, member = cast["secretary"], cast["committee member"]
    assert secretary and member
    public = made_public(tree.village, "今年修通到二组的路", by=member, checker=secretary, at=at)
    notice = publishing.post(
        public, channel="board", place="村部公开栏", posted_on=timezone.localdate(at),
        by=secretary, at=at,
    )  # fmt: skip
    publishing.raise_voice(public, kind="question", said="谁来修？", contact="村东头", at=at)
    answered = Voice.objects.get(publication=public)
    publishing.answer(
        answered, text="镇上的工程队", in_public=True, asked="谁来修", by=secretary, at=at
    )
    publishing.raise_voice(public, kind="objection", said="占了我家的地", at=at)
    rule = made_public(
        tree.village, "会议制度", by=member, checker=secretary, at=at, topic=RULES_TOPIC
    )
    reader = cast["stranger member"]
    assert reader
    publishing.give_receipt(public, by=reader, at=at)
    publishing.propose(
        tree.village,
        Proposal(topic=f"{OPEN}/to-persons", title="您反映的事", note="查过了。",
                 audience=[person.pk]),
        by=member, at=at,
    )  # fmt: skip
    proposed, vetted, agreed = (
        proposal(tree.village, title, by=member, at=at)
        for title in ("党员责任区怎么分", "谁管公开栏", "谁管活动室")
    )
    for one in (vetted, agreed):
        looked_through(one, by=secretary, at=at)
    publishing.approve(agreed, by=secretary, at=at)
    return {
        "public": public, "notice": notice, "proposed": proposed, "vetted": vetted,
        "agreed": agreed, "posted_rule": rule,
        "voice": Voice.objects.get(publication=public, answered_at=None),
    }  # fmt: skip


def proposal(
    home: Organization, title: str, *, by: User, at: datetime, topic: str = f"{OPEN}/own-building"
) -> Publication:
    said = Proposal(topic=topic, title=title, note=f"{title}，写在这里。")
    return publishing.propose(home, said, by=by, at=at)


def looked_through(publication: Publication, *, by: User, at: datetime) -> Publication:
    asked = [id_ for id_, _ in publishing.questions(publication)]
    return publishing.check(publication, looked_at=asked, by=by, at=at)


def made_public(
    home: Organization, title: str, *, by: User, checker: User, at: datetime,
    topic: str = f"{OPEN}/own-building",
) -> Publication:  # fmt: skip
    """Proposed, checked and approved by another, let out."""
    made = looked_through(proposal(home, title, by=by, at=at, topic=topic), by=checker, at=at)
    return publishing.publish(publishing.approve(made, by=checker, at=at), by=by, at=at)


def _asked(tree: Tree, secretary: User, at: datetime) -> dict[str, Any]:
    """Two doors of the village are open, and somebody asked at one; the secretary looked at
    their phone."""
    adoptions.adopt(
        pack="seeds/requests", organization=tree.village, since=date(2026, 1, 1), by=tree.system,
        at=at,
    )  # fmt: skip
    ticket, code = portal.ask(
        tree.village, held=doors(tree.village, at.date())["seeds/requests:request"],
        values={"sort": "lights-roads", "what": "桥头路灯坏了"}, name="钱桂花",
        phone="13900001234", seal="scene", at=at,
    )  # fmt: skip
    portal.look(ticket, field="phone", reason="约时间修灯", by=secretary, at=at)
    return {
        "ticket": ticket, "ticket_code": code,
        "pooled": pooled(tree.village, "五组的沟堵了", by=secretary, at=at),
    }  # fmt: skip


def pooled(home: Organization, what: str, *, by: User, at: datetime) -> CaseTurn:
    """Another request, put into the pool: the step that waits to be claimed."""
    ticket, _ = portal.ask(
        home, held=doors(home, at.date())["seeds/requests:request"],
        values={"sort": "rubbish", "what": what}, seal=what, at=at,
    )  # fmt: skip
    step = Step(outcome="pool", happened_on=at.date(), values={"urgency": "soon"})
    cases.act(ticket.case.turns.get(), step, by=by, at=at)
    return ticket.case.turns.open().get()


def _paired(
    tree: Tree, cast: dict[str, User | None], person: Person, at: datetime
) -> dict[str, Any]:
    """A household that the member keeps in touch with, and has talked to; a rota of three people,
    in which the member has turns: one gone by, one to come, one offered."""
    for pack in (ROSTER, ESTATE):
        adoptions.adopt(
            pack=pack, organization=tree.village, since=date(2026, 1, 1), by=tree.system, at=at
        )
    secretary, member = cast["secretary"], cast["member"]
    assert secretary and member
    row = household(tree.village, "东头李家", by=secretary, at=at)
    link = linked(tree.village, person_of(member), row, by=secretary, at=at)
    contact = pairings.log_contact(
        link, held_on=date(2026, 11, 2), channel="interview", needs="门口的路灯不亮", by=member,
        at=at,
    )  # fmt: skip
    people_ = [person_of(member), person_of(secretary), person]
    rota = on_duty(tree.village, people_, by=secretary, at=at)
    past, mine, offered = (
        Turn.objects.get(rota=rota, on=date(2026, 11, day)) for day in (16, 22, 25)
    )
    rotas.offer_turn(offered, by=member, at=at)
    *_, earlier, _, last = Turn.objects.filter(rota=rota).order_by("starts_at")
    rotas.change_turn(last, person=earlier.person, by=secretary, at=at)
    return {
        "household": row, "link": link, "contact": contact, "rota": rota, "my_turn": mine,
        "offered_turn": offered, "past_turn": past,
    }  # fmt: skip


def household(home: Organization, name: str, *, by: User, at: datetime) -> Row:
    return registers.open_row(
        home, RowDraft(since=date(2026, 3, 1), values={"name": name, "agreed": True}),
        register=HOUSEHOLDS, wording=WORDED, by=by, at=at,
    )  # fmt: skip


def linked(home: Organization, who: Person, row: Row, *, by: User, at: datetime) -> Link:
    """Somebody keeps in touch with a household since March."""
    held = pair_queries.in_force(home, at.date(), "link")[HOUSEHOLDS]
    sides = LinkDraft(
        who=Named(who.pk, who.name), whom=Named(row.pk, row.title), since=date(2026, 3, 1)
    )
    return pairings.begin_link(
        home, sides, kind=HOUSEHOLDS, wording=WORDED, rule=pair_queries.rule_of(held), by=by, at=at
    )


def on_duty(home: Organization, turners: list[Person], *, by: User, at: datetime) -> Rota:
    """One shift a day for two weeks from 16 November."""
    held = pair_queries.in_force(home, at.date(), "rota")[DUTY]
    asked = RotaDraft(
        title="", since=date(2026, 11, 16), until=date(2026, 11, 30),
        roll=[one.pk for one in turners],
    )  # fmt: skip
    return rotas.draw_up(
        home, asked, kind=DUTY, wording=WORDED, rule=pair_queries.rule_of(held), by=by, at=at
    )


def _registered(
    tree: Tree, cast: dict[str, User | None], person: Person, at: datetime
) -> dict[str, Row]:
    """A correspondent whose row was corrected once, and a venue that was built and is in use."""
    adoptions.adopt(
        pack=REGISTERS, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=at
    )
    secretary = cast["secretary"]
    row = correspondent(tree.village, person, by=secretary, at=at)
    values = {"who": Named(person.pk, person.name), "post": "组织委员", "duty": "每月报一条动态"}
    assert secretary
    registers.correct_row(
        row, RowDraft(since=row.since, values=values), reason="岗位写错", by=secretary, at=at
    )
    building = venue(tree.village, "building", date(2026, 3, 1), by=secretary, at=at)
    registers.close_row(
        building, until=date(2026, 8, 20), ended_as="finished", reason="竣工", by=secretary, at=at
    )
    adoptions.adopt(
        pack="seeds/meeting-gate", organization=tree.county, since=date(2026, 1, 1),
        by=tree.system, at=at,
    )  # fmt: skip
    registers.open_row(
        tree.village, RowDraft(since=date(2026, 11, 5), values=MEETING),
        register="seeds/meeting-gate:meetings", wording=WORDED, by=secretary, at=at,
    )  # fmt: skip
    return {
        "row": row, "venue": venue(tree.village, "built", date(2026, 8, 20), by=secretary, at=at),
    }  # fmt: skip


def correspondent(home: Organization, person: Person, *, by: User | None, at: datetime) -> Row:
    """Somebody named for sending news, since March."""
    assert by
    values = {"who": Named(person.pk, person.name), "post": "宣传委员", "duty": "每月报一条动态"}
    return registers.open_row(
        home, RowDraft(since=date(2026, 3, 1), values=values), register=CORRESPONDENTS,
        wording=WORDED, by=by, at=at,
    )  # fmt: skip


def venue(
    home: Organization,
    state: str,
    since: date,
    *,
    by: User | None,
    at: datetime,
    name: str = "村部",
) -> Row:
    assert by
    values = {"name": name, "state": state, "area": Decimal(120), "funds": Decimal(100000)}
    return registers.open_row(
        home, RowDraft(since=since, values=values), register=VENUES, wording=WORDED, by=by, at=at
    )


def _kept_money(tree: Tree, cast: dict[str, User | None]) -> dict[str, Any]:
    """A book of the village: a budget, a pledge, what came in and went out, work, a list of people
    to be paid, one of them paid, one withdrawn. The committee member enters, the secretary pays."""
    by, secretary = cast["committee member"], cast["secretary"]
    assert by and secretary
    day = date(2026, 11, 16)
    book = books.opened(
        tree.village, by=secretary, on=date(2026, 11, 2), title="村东生产路", needs_plan=True,
        scheme="2026 年村东征地", is_voluntary=True, most_a_head=Decimal(15),
        days_a_head=Decimal(10), basis="演示章程 第三条",
    )  # fmt: skip
    books.plan(book, "5000", by=secretary, on=date(2026, 11, 3))
    books.pledge(book, "单文秀", "15", by=by, on=day)
    posted = books.receive(
        book, "15", by=by, on=day, source_of="self-raised", party="单文秀", paper="收据 001"
    )
    books.receive(book, "3000", by=by, on=day, party="县财政局", paper="财预 12 号")
    books.pay(book, "800.50", by=secretary, on=day, party="淮河建材", paper="发票 777")
    wrong = books.receive(book, "7", by=by, on=day, source_of="donated", paper="收据 002")
    books.reverse(wrong, by=secretary, on=day)
    work = books.work(
        book, "labour", "2.5", "工日", by=by, on=day, worker="单文秀", title="出工", paper="记工 1"
    )
    numbers = ("990101199003070031", "99010119900307004X", "990101199003070058")
    names = ("朱有田", "石大山", "单文秀")
    paid, off, claim = (
        lambda name=name, number=number: books.claim(
            book, name, "100", by=by, on=day, number=number, household="前村 3 组"
        )
        for name, number in zip(names, numbers, strict=True)
    )
    first = paid()
    books.withdraw(off(), by=secretary, on=day)
    books.pay_list(first.book, by=secretary, on=day)
    return {"book": book, "posted": posted, "work": work, "claim": claim()}


def reread(life: Life) -> Life:
    """The same life as the database has it now."""
    again = {
        each.name: type(row)._base_manager.get(pk=row.pk)
        for each in fields(Life)
        if isinstance(row := getattr(life, each.name), Model)
    }
    return replace(
        life, tree=factories.reread(life.tree), cast=factories.reread_cast(life.cast), **again
    )


def _sent_out(cast: dict[str, User | None], at: datetime) -> tuple[Webhook, Delivery]:
    """A webhook in use, and a message for it that was given up; mail was asked for."""
    admin, member = cast["system admin"], cast["committee member"]
    assert admin and member
    wanted = hooks.Wanted("短信平台", "https://sms.example/", ["case"], "now", 8)
    hook, _ = hooks.add(wanted, by=admin, at=at)
    asked = Preference(user=member, rhythm="daily", chosen_at=at, confirmed_at=at)
    asked.address = "member@example.org"
    asked.save(force_insert=True)
    given_up = Delivery.objects.create(
        webhook=hook, state=Delivery.State.GIVEN_UP, error="对方回答 500", tries=9,
        made_at=at, trying_since=at, next_at=at, done_at=at,
    )  # fmt: skip
    return hook, given_up


def problem(
    home: Organization, title: str, *, owner: Person, by: User | None, at: datetime
) -> Case:
    """A problem found the month before, to be put right by ten days after; nothing done yet."""
    assert by
    rule = library.packs()["seeds/rectification"]
    (wording,) = rule.items["procedures", "rectify"]
    on = timezone.localdate(at)
    found = {"source": "inspection", "found": "9月账目未公布", "horizon": "now",
             "due_on": on + timedelta(days=10)}  # fmt: skip
    return cases.start(
        home, procedure=RECTIFY, wording=wording.since, title=title, values=found, owner=owner,
        on=on - timedelta(days=30), by=by, at=at,
    )  # fmt: skip


def common_problem(
    home: Organization, title: str, *, owner: Person, by: User | None, at: datetime
) -> Case:
    """A common problem begun today; nothing is gathered into it yet."""
    assert by
    (wording,) = library.packs()["seeds/rectification"].items["procedures", "common"]
    on = timezone.localdate(at)
    found = {"found": "好几处都有", "due_on": on + timedelta(days=60)}
    return cases.start(
        home, procedure=COMMON, wording=wording.since, title=title, values=found, owner=owner,
        on=on, by=by, at=at,
    )  # fmt: skip


def step_on(case: Case, outcome: str, *, by: User | None, at: datetime, **values: str) -> Case:
    """End the first open turn of a case today."""
    assert by
    step = Step(outcome=outcome, happened_on=timezone.localdate(at), values=values)
    return cases.act(case.turns.open().earliest("number"), step, by=by, at=at)


def _put_right(tree: Tree, cast: dict[str, User | None], at: datetime) -> tuple[Case, Case]:
    """One problem being worked on by the leader, put off once, one put right and struck off."""
    secretary, officer = cast["secretary"], cast["county officer"]
    adoptions.adopt(
        pack="seeds/rectification", organization=tree.county, since=date(2026, 1, 1),
        by=tree.system, at=at,
    )  # fmt: skip
    made = []
    for title in ("财务公开不及时", "活动室漏雨"):
        case = problem(tree.village, title, owner=person_of(cast["member"]), by=secretary, at=at)
        means = {"measures": "补公布", "means": "不用花钱"}
        made.append(step_on(case, "report", by=secretary, at=at, **means))
    assert officer
    turn = made[0].turns.open().get()
    later = turn.due_on + timedelta(days=2)
    cases.extend(turn, until=later, reason="等发票", by=officer, at=at)
    step_on(made[1], "report", by=secretary, at=at, done="修了", lasting="雨季前看一遍")
    return made[0], step_on(made[1], "accept", by=officer, at=at, seen="不漏了")


def _shared_rooms(
    tree: Tree, cast: dict[str, User | None], at: datetime
) -> tuple[Case, Case, Case]:
    """A case about the leader in which a notice hangs, an objection waits and a look is claimed,
    beside one whose vote is counted; a confidential one; one every member is asked to read."""
    secretary, proposer, confirmer = cast["secretary"], cast["system admin"], cast["security admin"]
    assert secretary and proposer and confirmer
    rooms.install(proposer=proposer, confirmer=confirmer, at=at)
    about = [person_of(cast["member"]), person_of(cast["committee member"])]
    room, other = (
        rooms.begin(tree.village, title, person, neighbour=tree.far, by=secretary, at=at)
        for title, person in zip(("借活动室排戏", "借活动室办席"), about, strict=True)
    )
    rooms.voted(other, by=secretary, at=at)
    room = rooms.waiting(room, by=secretary, at=at)
    rooms.tied(room, other, by=secretary, at=at)
    quiet = rooms.quiet(tree.village, "老周家屋顶塌了", by=secretary, at=at)
    return room, quiet, rooms.handed_round(tree.village, "传阅学习计划", by=secretary, at=at)


def launched(
    tree: Tree, cast: dict[str, User | None], homes: list[Organization], *, title: str = "",
    name: str = "drive", at: datetime = NOON,
) -> Campaign:  # fmt: skip
    """A campaign of the pack ``demo/drive``, led by the township."""
    officer = cast["township officer"]
    assert officer
    return campaigns.launch(
        tree.east, reference=f"demo/drive:{name}", wording=date(2018, 1, 1),
        title=title or "秋季集中活动", starts={"all": date(2026, 9, 1)},
        units={"all": [home.pk for home in homes]}, by=officer, at=at,
    )  # fmt: skip


def planned_by(units: list[Unit], *, by: User | None, at: datetime = NOON) -> None:
    """Their plan of study entered, as the gates of ``demo/drive`` ask."""
    assert by
    item = units[0].campaign.rule.item("plan")
    assert item
    campaigns.enter_many(
        units[0].campaign, units, item, happened_on=date(2026, 10, 9), values={"what": 3},
        by=by, at=at,
    )  # fmt: skip


def _driven(
    tree: Tree, cast: dict[str, User | None], person: Person, at: datetime
) -> dict[str, Any]:
    """A campaign in which one unit has opened its own phase, one whose gate the leader opened,
    one that is over."""
    officer, secretary = cast["township officer"], cast["secretary"]
    proposer, confirmer = cast["system admin"], cast["security admin"]
    assert officer and secretary and proposer and confirmer
    pack, faults = read(files_of(DRIVE_FOLDER))
    assert pack is not None, faults
    packs.confirm(packs.propose(pack, by=proposer, at=at), by=confirmer, at=at)
    adoptions.adopt(
        pack=pack.id, organization=tree.general, since=date(2026, 1, 1), by=tree.system, at=at
    )
    drive = launched(tree, cast, [tree.village, tree.inner], at=at)
    unit, other = (
        drive.units.select_related("organization").get(organization=home)
        for home in (tree.village, tree.inner)
    )
    planned_by([unit, other], by=officer, at=at)
    letter = drive.rule.item("letter")
    assert letter
    (entry,) = campaigns.enter(
        unit, letter, people=[person_of(cast["member"]).pk], happened_on=date(2026, 10, 9),
        by=secretary, at=at,
    )  # fmt: skip
    gate, own_gate = (drive.spans.get(phase=phase) for phase in ("improve", "own"))
    campaigns.open_phase(own_gate, other, by=officer, at=at)
    begun = launched(tree, cast, [tree.village], title="整改集中活动", at=at)
    begun_unit = begun.units.get()
    planned_by([begun_unit], by=officer, at=at)
    campaigns.open_phase(begun.spans.get(phase="improve"), by=officer, at=at)
    over = launched(tree, cast, [tree.village], title="去年的集中活动", name="old-drive", at=at)
    return {"drive": drive, "unit": unit, "other_unit": other, "confirmed_item": entry,
            "gate": gate, "own_gate": own_gate, "begun": begun, "begun_unit": begun_unit,
            "over": over}  # fmt: skip


def kept(user: User | None, name: str, at: datetime) -> SavedFilter:
    assert user is not None
    activities_list = filters.of("activities:list")
    assert activities_list is not None
    return saving.save(activities_list, "status=planned", name=name, by=user, at=at)


def _let_in(cast: dict[str, User | None], at: datetime) -> Token:
    """A program reads for the secretary; one that acted for the member was stopped."""
    secretary, member = cast["secretary"], cast["member"]
    assert secretary and member
    until = timezone.localdate(at) + timedelta(days=90)
    old, _ = programs.make(name="旧程序", may_act=True, expires_on=until, by=member, at=at)
    programs.revoke(old, by=member, at=at)
    token, _ = programs.make(name="报表程序", may_act=False, expires_on=until, by=secretary, at=at)
    return token


def alike(home: Organization, name: str, *, phone: str = "", by: User, at: datetime) -> Person:
    """One more record of somebody who is no member, whenever it is called."""
    born = date(1961, 3, 9)
    return people.register(
        name=name, home=home, since=SINCE, born_on=born, phone=phone, by=by, at=at
    )


def _twins(tree: Tree, cast: dict[str, User | None], at: datetime) -> tuple[Person, Person]:
    """Two records that may be one; a third was joined to the first, two others were told apart."""
    secretary, village = cast["secretary"], tree.village
    assert secretary
    one, other, third = (alike(village, "贺小山", by=secretary, at=at) for _ in range(3))
    merging.merge(
        one, third, fields={}, lines={"belongings": "one"}, reason="核对身份证",
        by=secretary, at=at,
    )  # fmt: skip
    two = [alike(village, "石磊", by=secretary, at=at) for _ in range(2)]
    merging.tell_apart(*two, by=secretary, at=at)
    return one, other


def _kept(person: Person, cast: dict[str, User | None], at: datetime) -> Correction:
    """In a member group, looked at the day before, agreed on paper; a member asks for a change."""
    secretary, member = cast["secretary"], cast["member"]
    assert secretary and member
    grouping.regroup(
        [person.pk, person_of(member).pk], group=RETIRED, way="in", since=date(2026, 3, 1),
        by=secretary, at=at,
    )  # fmt: skip
    rights.note_opening(person, by=secretary, at=at - timedelta(days=1))
    rights.record_openings(at)
    rights.consent(person, purpose=BULLETIN, how="paper", by=secretary, at=at)
    return rights.ask_correction(
        person_of(member), about="phone", text="换了号码", by=member, at=at
    )


def _handed_over(cast: dict[str, User | None], at: datetime) -> Handover:
    """The committee member's post is about to go to the member."""
    township, holder = cast["township officer"], person_of(cast["committee member"])
    assert township
    return handing.draw_up(
        Holding.objects.get(person=holder), successor=person_of(cast["member"]),
        since=timezone.localdate(at), papers=["公章一枚"], by=township, at=at,
    )  # fmt: skip


def _arranged(tree: Tree, at: datetime) -> tuple[Organization, Organization, Guidance]:
    """A joint meeting with its turns, a department that guides, a team that was merged."""
    by = tree.system

    def made(name: str, kind: str) -> Organization:
        return factories.organization(tree.east, by=by, name=name, kind=kind, at=at)

    meeting, office = made("东镇网格联席会议", "joint-meeting"), made("东镇农业办", "department")
    since = date(2026, 10, 1)
    units = [tree.village, tree.inner]
    rotating.rotate(meeting, units=units, since=since, months=3, by=by, at=at)
    guidance = guiding.guide(tree.village, guide=office, since=since, by=by, at=at)
    first, second = made("前村防汛队", "team"), made("前村巡查队", "team")
    into = succeeding.Into(existing=second)
    succeeding.merge([first], into=into, on=since, by=by, at=at)
    return meeting, first, guidance


def _planned(tree: Tree, cast: dict[str, User | None], at: datetime) -> Activity:
    secretary, member = cast["secretary"], cast["member"]
    assert secretary and member
    planned = activities.plan(
        tree.village, draft("general-meeting", day=date(2026, 12, 4), place="村部"),
        by=secretary, at=at,
    )  # fmt: skip
    activities.ask_leave(planned, person=person_of(member), reason="ill", by=member, at=at)
    return planned


def _filed(tree: Tree, cast: dict[str, User | None], at: datetime) -> tuple[Activity, Filing]:
    """A planned theme, filed and waiting; another one filed and receipted."""
    secretary, township = cast["secretary"], cast["township officer"]
    assert secretary and township
    made = []
    for day, theme in ((date(2026, 12, 4), "学党章"), (date(2026, 12, 11), "护河")):
        planned = activities.plan(
            tree.village, draft(f"{THEME_DAY}:theme-day", day=day, theme=theme), by=secretary, at=at
        )
        made.append((planned, activities.file_theme(planned, by=secretary, at=at)))
    activities.receive_theme(made[1][1], by=township, at=at)
    return made[0]


def _held(tree: Tree, cast: dict[str, User | None], at: datetime) -> tuple[Activity, Activity]:
    """A theme day, corrected once; a general meeting with a vote, confirmed by another."""
    secretary, other, member = cast["secretary"], cast["committee member"], cast["member"]
    assert secretary and other and member
    theme = f"{THEME_DAY}:theme-day"
    day = date(2026, 11, 6)
    first = draft(theme, day=day, theme="学全会精神", place="村部", items=ITEMS)
    saved = activities.record(tree.village, first, by=secretary, at=at)
    again = draft(
        theme, day=day, theme="学习全会精神", place="村部", items=ITEMS,
        outcomes=(OutcomeDraft(theme, "volunteers", "12"),),
    )  # fmt: skip
    held = activities.correct(saved.activity, again, reason="主题写漏了字", by=secretary, at=at)
    meeting = draft(
        "general-meeting", day=date(2026, 11, 10), place="村部", agenda="听取工作报告",
        chair_id=secretary.person_id, recorder_id=other.person_id,
        absences={member.person_id: AbsenceDraft("ill", asked_beforehand=True)},
        guests=("镇联系干部",),
        decisions=(DecisionDraft("同意发展计划", VoteDraft(2, 1, 0)), DecisionDraft("下月再议")),
        follow_ups=(FollowUpDraft("报发展计划", secretary.person_id or 0, date(2026, 11, 27)),),
    )  # fmt: skip
    voted = activities.record(tree.village, meeting, by=secretary, at=at).activity
    return held.activity, activities.confirm(voted, by=other, at=at + timedelta(minutes=5))


def handed_down(
    tree: Tree, cast: dict[str, User | None], title: str, at: datetime
) -> tuple[Commission, Assignment]:
    """The township hands something down to the village; its task there."""
    township = cast["township officer"]
    assert township
    how = AskedField(id="how", title="准备怎么办", type="long-text")
    asks = CommissionDraft(title=title, due_on=date(2026, 11, 30), asked=(how,), minutes=5)
    made = assignments.issue(tree.east, asks, [Target(tree.village)], by=township, at=at)
    return made, made.assignments.get()


def _owed(tree: Tree, cast: dict[str, User | None], at: datetime) -> tuple[Obligation, Obligation]:
    """An obligation with the branch's word, and one that the township freed it from."""
    secretary, township = cast["secretary"], cast["township officer"]
    assert secretary and township
    rows = Obligation.objects.filter(
        organization=tree.village, holder_kind="organization", duty="committee-meeting", done=0
    ).order_by("period_since")
    explained, exempted, withdrawn = rows[:3]
    duties.explain(explained, text="春耕正忙", by=secretary, at=at)
    duties.exempt(exempted, reason="汛期", by=township, at=at)
    gone = duties.exempt(withdrawn, reason="弄错了", by=township, at=at)
    duties.withdraw_exemption(gone, by=township, at=at)
    return explained, exempted


def asked(
    top: Organization, subject: str, row: str, column: str = "", *, on: date, window: str = "year"
) -> Question:
    """The question of a cross-table over everything below ``top``."""
    counted = SUBJECTS[subject]
    by = counted.dimension(row)
    assert by is not None
    scope = scope_of(top, windows(on)[window])
    return Question(counted, by, counted.dimension(column), scope, window)


def _frozen(tree: Tree, cast: dict[str, User | None], at: datetime) -> Report:
    """A report of the village that the township froze; how many the county may admit."""
    township = cast["township officer"]
    assert township
    officer = cast["county officer"]
    assert officer
    insight.plan_admissions(tree.county, year=at.year, planned=3, by=officer, at=at)
    question = asked(tree.village, "duties", "duty", "month", on=at.date())
    return insight.freeze(question, title="前村全年应办", by=township, at=at)


def talked(user: User | None, other: Person, *, day: date, at: datetime) -> Talk:
    """Somebody talked with another, and wrote it down; the other has not said so yet."""
    assert user
    return duties.record_talk(
        first=person_of(user), second=other, kind=f"{TALKS}:talk", held_on=day, by=user, at=at
    )


def _talked(
    tree: Tree, cast: dict[str, User | None], silent: Person, at: datetime
) -> tuple[Talk, Talk]:
    """Talks of the secretary: one waits for a member, one for somebody without account."""
    officer = cast["county officer"]
    assert officer
    adoptions.adopt(pack=TALKS, organization=tree.county, since=date(2026, 1, 1), by=officer, at=at)
    secretary, member = cast["secretary"], person_of(cast["member"])
    return (
        talked(secretary, member, day=date(2026, 11, 9), at=at),
        talked(secretary, silent, day=date(2026, 11, 16), at=at),
    )


def _proposed(cast: dict[str, User | None], at: datetime) -> StoredPack:
    """A pack whose examples came out as they say; it waits for the other hand."""
    proposer = cast["system admin"]
    assert proposer
    proposed = desk.propose_pack(makers.pack(), by=proposer, at=at)
    run_examples.call(Trial.objects.get(stored=proposed).pk)
    return proposed


def _pack(cast: dict[str, User | None], at: datetime) -> None:
    """A pack that somebody proposed and another hand confirmed."""
    proposer, confirmer = cast["system admin"], cast["security admin"]
    assert proposer and confirmer
    found = files_of(SHIPPED / "local" / "quarterly-class")
    named = {
        name: text.replace("local/quarterly-class", "local/half-year-class")
        for name, text in found.items()
    }
    pack, faults = read(named)
    assert pack is not None, faults
    packs.confirm(packs.propose(pack, by=proposer, at=at), by=confirmer, at=at)
