"""The scene of everything, with more of each thing: ``County.grow(3)``, then ``grow(9)``.

Each step makes one more of whatever a page lists, through the real actions, at the
organisations and people that pages are looked at for. What one record holds many of
(decisions, tasks, faults of a roster) is made anew at each size.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import factories, scenes
from tests.cases import letters, rooms
from tests.conftest import NOON, TODAY
from tests.factories import SINCE
from tests.imports import sheets
from tests.imports.workbooks import id_number, workbook
from tests.money import books
from tests.packs import makers
from tests.portal import opened
from tests.scenes import BULLETIN, LIFE, PNG, RETIRED, THEME_DAY, Life
from zhibu.accounts.models import User
from zhibu.accounts.saving import MOST as MOST_FILTERS
from zhibu.activities import actions as activities
from zhibu.activities.drafts import AbsenceDraft, DecisionDraft, FollowUpDraft, VoteDraft
from zhibu.activities.models import Activity
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions.models import Adoption
from zhibu.assignments import actions as assignments
from zhibu.cases import actions as cases
from zhibu.cases import clusters
from zhibu.cases.campaigns import actions as campaigns
from zhibu.cases.campaigns import counting
from zhibu.cases.steps import Step
from zhibu.core.fields import Named
from zhibu.desk import actions as desk
from zhibu.duties import actions as duties
from zhibu.duties.models import Obligation
from zhibu.files import actions as files
from zhibu.files.intake import Prepared
from zhibu.files.owners import MOST as MOST_FILES
from zhibu.imports.models import Batch
from zhibu.insight import actions as insight
from zhibu.ledger import actions as ledger
from zhibu.ledger import proofs, publishing
from zhibu.ledger.models import Digest, Entry, Head
from zhibu.notices import actions as notices
from zhibu.notices.models import Delivery
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization
from zhibu.packs import actions as packs
from zhibu.packs.library import SHIPPED
from zhibu.packs.reading import files_of, read
from zhibu.pairings import actions as pairings
from zhibu.pairings import queries as pair_queries
from zhibu.pairings import rotas
from zhibu.pairings.drafts import LinkDraft
from zhibu.pairings.models import Turn
from zhibu.people import actions as people
from zhibu.people.handover import actions as handing
from zhibu.people.membergroups import actions as grouping
from zhibu.people.models import Handover, Holding, Person
from zhibu.people.rights import actions as rights
from zhibu.portal import actions as portal
from zhibu.portal.queries import doors
from zhibu.publishing import actions as publications
from zhibu.publishing.actions import Proposal
from zhibu.publishing.models import Publication, Voice
from zhibu.registers import actions as registers
from zhibu.registers.drafts import Draft as RowDraft
from zhibu.registers.models import Row

FRAIL = "seeds/member-groups:circumstances/frail"
MEETING, THEME = f"{LIFE}:general-meeting", f"{THEME_DAY}:theme-day"


@dataclass
class County:
    """A scene that grows; ``facts`` are the numbers that addresses are filled with."""

    life: Life
    size: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    members: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.system = self.life.tree.system
        self.village = self.life.tree.village
        self.secretary = self._user("secretary")
        self.own = scenes.person_of(self.life.cast["member"])
        self.holding = Holding.objects.get(person=self.secretary.person_id)
        self.guest = factories.member(self.village, by=self.system, name="杨巧云")
        far, by = self.life.tree.far, self.system
        self.shown = opened.notice(
            self.village, proposer=self._user("committee member"), checker=self.secretary, by=by
        )
        people.host(self.guest, organization=far, since=SINCE, by=by, at=NOON)

    def _user(self, who: str) -> User:
        found = self.life.cast[who]
        assert found is not None
        return found

    def grow(self, size: int) -> None:
        """One more of each until there are ``size``; then the records that hold ``size``."""
        for number in range(self.size, size):
            self._tree(number)
            self._people(number)
            self._rights(number)
            self._handed_over(number)
            self._sittings(number)
            self._papers(number)
            self._frozen(number)
            self._words(number)
            self._put_right(number)
            self._rooms(number)
            self._money(number)
            self._driven(number)
            self._registered(number)
            self._published(number)
            self._asked(number)
            self._paired(number)
            self._talks(number)
            self._pack(number)
            self._sealed()
        rights.record_openings(NOON)
        ledger.seal(NOON)
        for number in range(self.size, size):
            self._imported(number)
        self._claimed()
        self.size = size
        self.facts = self._facts()
        counting.count_waiting(NOON)

    # --- one more of each

    def _money(self, number: int) -> None:
        """One more book, and one more of each line in the book of the scene."""
        by, day, book = self._user("committee member"), date(2026, 11, 17), self.life.book
        other = books.opened(self.village, by=by, on=day, title=f"{number} 号渠")
        for one in (other, book):
            books.receive(one, "5", by=by, on=day, paper=f"收据 {number}")
            books.work(one, f"ditch-{number}", "2", "条", by=by, on=day, title=f"{number} 号渠")
        books.reverse(books.receive(book, "1", by=by, on=day), by=by, on=day)
        books.pledge(book, f"{number} 户", "1", by=by, on=day)
        books.claim(book, f"{number} 户", "1", by=by, on=day, account=f"6228{number:08}")

    def _asked(self, number: int) -> None:
        """One more request, and one more look at the phone of the scene's own."""
        held = doors(self.village, TODAY)["seeds/requests:request"]
        portal.ask(
            self.village, held=held, values={"sort": "rubbish", "what": f"垃圾没有人收 {number}"},
            phone="13900001234", seal=f"grown {number}", at=NOON,
        )  # fmt: skip
        portal.look(self.life.ticket, field="phone", reason="再约", by=self.secretary, at=NOON)
        scenes.pooled(self.village, f"{number} 组的沟堵了", by=self.secretary, at=NOON)
        guest = factories.member(self.life.tree.far, by=self.system, name=f"报到{number}")
        self._report_in(guest)

    def _report_in(self, guest: Person) -> None:
        """Of another township, at the village; they did something there once."""
        county, far = self.life.tree.county, self.life.tree.far
        pack, officer = "seeds/dual-registration", self._user("county officer")
        if not county.adoptions.filter(pack=pack).exists():
            adoptions.adopt(pack=pack, organization=county, since=SINCE, by=self.system, at=NOON)
        kind = f"{pack}:members"
        rule = pair_queries.rule_of(pair_queries.in_force(far, TODAY, "link")[kind])
        draft = LinkDraft(
            who=Named(guest.pk, guest.name), whom=Named(self.village.pk, ""), since=TODAY
        )
        link = pairings.begin_link(
            far, draft, kind=kind, wording=scenes.WORDED, rule=rule, by=officer, at=NOON
        )
        pairings.log_contact(link, held_on=TODAY, channel="health", needs="", by=officer, at=NOON)

    def _published(self, number: int) -> None:
        """One more on its way, one more out, one more version; of the scene's own one more place,
        question and answer; one more who read the rule."""
        by, checker, at = self._user("committee member"), self.secretary, NOON
        scenes.proposal(self.village, f"拟公开 {number}", by=by, at=at)
        scenes.made_public(self.village, f"公开 {number}", by=by, checker=checker, at=at)
        rows = Publication.objects.published().filter(title__startswith="有几版")
        newest = rows.order_by("-version").first()
        said = Proposal(
            topic=f"{scenes.OPEN}/own-building", title=f"有几版 {number}", note="又改了",
            replaces=newest.pk if newest else None,
        )  # fmt: skip
        draft = publications.propose(self.village, said, by=by, at=at)
        scenes.looked_through(draft, by=checker, at=at)
        publications.publish(publications.approve(draft, by=checker, at=at), by=by, at=at)
        public = self.life.public
        publications.post(
            public, channel="board", place=f"{number} 组", posted_on=TODAY, by=by, at=at
        )
        for text in ("问", "再问"):
            publications.raise_voice(public, kind="question", said=text, at=at)
        voice = Voice.objects.open().filter(publication=public).latest("pk")
        publications.answer(voice, text="答", in_public=True, asked="问", by=checker, at=at)
        reader = factories.account(factories.member(self.village, by=self.system))
        publications.give_receipt(self.life.posted_rule, by=reader, at=at)

    def _tree(self, number: int) -> None:
        tree, by = self.life.tree, self.system
        branch = factories.organization(tree.east, by=by, name=f"{number}村党支部")
        organizations.begin_term(
            branch, since=SINCE, ends_on=date(2026, 9, 1), has_committee=True, by=by, at=NOON
        )
        self._post(branch, f"{number}村书记", role="branch-secretary", kind="branch-secretary")
        owed = Obligation.objects.overdue(TODAY).filter(organization=branch).first()
        duties.explain(owed, text="忙秋收", by=self._user("township officer"), at=NOON)
        committee = factories.organization(
            tree.county, by=by, name=f"中共{number}镇委员会", kind="committee"
        )
        post = self._post(committee, "组织干事", role="committee-officer", kind="officer")
        officer = scenes.person_of(self._user("township officer"))
        people.hold_post(officer, post=post, since=SINCE, by=by, at=NOON)
        organizations.rename(
            self.village, name=f"前村党支部之{number}", since=date(2023, 1, 1) + self._days(number),
            by=by, at=NOON,
        )  # fmt: skip
        organizations.begin_term(
            self.village, since=date(2023, 1, 1) + self._days(number), ends_on=date(2027, 1, 1),
            has_committee=True, by=by, at=NOON,
        )  # fmt: skip
        group = organizations.form_group(
            self.village, name=f"第{number}小组", since=SINCE, by=by, at=NOON
        )
        self._post(self.village, "组长", role="group-leader", kind="group-leader", group=group)

    def _post(self, organization: Organization, title: str, **more: Any) -> Any:
        return organizations.make_post(
            organization, title=title, since=SINCE, by=self.system, at=NOON, **more
        )

    @staticmethod
    def _days(number: int) -> timedelta:
        return timedelta(days=10 * number)

    def _people(self, number: int) -> None:
        by, at = self.system, NOON
        person = factories.member(self.village, by=by, name=f"顾{number}")
        self.members.append(person)
        people.join_group(person, group=self.life.group, since=SINCE, by=by, at=at)
        homes = (self.life.tree.inner, self.village)
        for step, home in enumerate(homes):
            day = date(2022, 1, 1) + timedelta(days=20 * number + 10 * step)
            for moved in (self.life.person, self.life.twin):
                people.place(moved, organization=home, since=day, by=by, at=at)
        for _ in range(2):
            phone = f"1390001{number:04}"
            scenes.alike(self.village, f"路{number}", phone=phone, by=by, at=at)
        for looked_at in (self.life.person, self.own):
            people.reveal(looked_at, field="phone", reason="通知", by=self.secretary, at=at)

    def _rights(self, number: int) -> None:
        """One more look, consent taken back, correction answered, correction open, group."""
        by, own, at = self.secretary, self._user("member"), NOON
        rights.note_opening(self.own, by=by, at=at - timedelta(days=number + 1))
        given = rights.consent(self.own, purpose=BULLETIN, how="self", by=own, at=at)
        rights.withdraw(given, how="self", by=own, at=at)
        asked = rights.ask_correction(self.own, about="education", text="大专", by=own, at=at)
        rights.decide(asked, is_accepted=True, answer="改了", by=by, at=at)
        person = self.members[number]
        rights.ask_correction(
            person, about="address", text="三组", by=factories.account(person), at=at
        )
        grouping.regroup([person.pk], group=RETIRED, way="in", since=date(2026, 3, 1), by=by, at=at)
        day = date(2024, 1, 1) + self._days(number)
        for way, since in (("in", day), ("out", day + timedelta(days=5))):
            grouping.regroup([self.life.person.pk], group=FRAIL, way=way, since=since, by=by, at=at)

    def _handed_over(self, number: int) -> None:
        """One more post whose term is over, and its list."""
        by, at = self._user("township officer"), NOON
        post = self._post(
            self.village, f"委员{number}", role="branch-committee", kind="publicity-member",
            in_committee=True,
        )  # fmt: skip
        holding = people.hold_post(
            self.members[number], post=post, since=SINCE, until=date(2026, 6, 1), by=by, at=at
        )
        handing.draw_up(
            holding, successor=self.life.person, since=TODAY, papers=["账本"], by=by, at=at
        )

    @staticmethod
    def _sealed() -> None:
        """One more head, sent out."""
        ledger.seal(NOON)
        publishing.ask(Head.objects.latest("number"), NOON)
        publishing.send(NOON)

    def _sittings(self, number: int) -> None:
        by, person = self.secretary, self.members[number]
        day = TODAY - timedelta(days=number + 1)
        draft = scenes.draft(
            THEME, day=day, theme=f"护河{number}", place="村部",
            absences={person.pk: AbsenceDraft("ill")},
        )  # fmt: skip
        activities.record(self.village, draft, by=by, at=NOON)
        later = date(2026, 12, 1) + timedelta(days=number)
        plan = scenes.draft(THEME, day=later, theme=f"植树{number}", place="村部")
        planned = activities.plan(self.village, plan, by=by, at=NOON)
        filing = activities.file_theme(planned, by=by, at=NOON)
        if number % 2:
            activities.receive_theme(filing, by=self._user("township officer"), at=NOON)
        activities.ask_leave(self.life.planned, person=person, reason="ill", by=by, at=NOON)
        again = scenes.draft(
            THEME, day=date(2026, 11, 6), theme=f"学习全会精神{number}", place="村部",
            items=scenes.ITEMS,
        )  # fmt: skip
        activities.correct(self.life.held, again, reason="漏了字", by=by, at=NOON)

    def _frozen(self, number: int) -> None:
        question = scenes.asked(self.life.tree.county, "members", "place", on=TODAY)
        insight.freeze(question, title=f"报表{number}", by=self._user("county officer"), at=NOON)

    def _papers(self, number: int) -> None:
        by, person = self.secretary, self.members[number]
        for owner in (person, scenes.person_of(self.life.cast["member"])):
            assignments.assign(
                self.village, title=f"走访{number}", owner=owner, due_on=date(2026, 11, 30),
                by=by, at=NOON,
            )  # fmt: skip
        done = assignments.assign(
            self.village, title="贴榜", owner=person, due_on=TODAY, by=by, at=NOON
        )
        assignments.complete(done, note="贴了", by=by, at=NOON)
        self._handed_down(number)
        if number >= MOST_FILES - 1:
            return
        files.attach(
            Prepared(f"签到{number}.png", "png", "image/png", PNG),
            owner_type=activities.SOURCE, owner_id=self.life.held.pk,
            organization=self.village.pk, by=by, at=NOON,
        )  # fmt: skip

    def _handed_down(self, number: int) -> None:
        """One more commission, one more unit of the first, one more answer sent back."""
        officer, given = self._user("township officer"), self.life.given
        scenes.handed_down(self.life.tree, self.life.cast, f"摸底{number}", NOON)
        assignments.send_back(given, reason="太空", by=officer, at=NOON)
        assignments.give(given, {"how": f"走访{number}"}, by=self.secretary, at=NOON)

    def _put_right(self, number: int) -> None:
        """One more problem, one struck off, one more round of the first that goes up and back."""
        officer, by, life = self._user("township officer"), self.secretary, self.life
        for title in (f"台账不全{number}", f"公示牌旧了{number}"):
            case = scenes.problem(self.village, title, owner=self.own, by=by, at=NOON)
        county = self._user("county officer")
        common = scenes.common_problem(
            life.tree.county, f"共性{number}", owner=self.own, by=county, at=NOON
        )
        for title in (f"一样的{number}", f"也一样{number}"):
            source = scenes.problem(self.village, title, owner=self.own, by=by, at=NOON)
            into = common if title.startswith("一样") else life.common
            clusters.put_under(source, into, by=county, at=NOON)
        cases.cancel(case, reason="重复了", by=by, at=NOON)
        for seen in (life.case, life.struck):
            letters.issued(seen, by=by, at=NOON)
        scenes.step_on(life.case, "report", by=by, at=NOON, done=f"贴了{number}", lasting="每月贴")
        (turn,) = life.case.turns.open()
        back = Step(outcome="back", happened_on=TODAY, values={"seen": "不全"}, reason="还缺")
        cases.act(turn, back, by=officer, at=NOON)
        (turn,) = life.case.turns.open()
        cases.extend(
            turn, until=turn.due_on + timedelta(days=1), reason="等发票", by=officer, at=NOON
        )

    def _claimed(self) -> None:
        """Somebody claims a turn and gives it back: a case is among the newest of the ledger."""
        by, turn = self.secretary, self.life.room.turns.get(stage="check")
        turn = cases.claim(turn, by=by, at=NOON)
        cases.release(turn, reason="出差", by=by, at=NOON)

    def _rooms(self, number: int) -> None:
        """One more notice of the first with an objection, answered; one more linked to it."""
        room, by = self.life.room, self.secretary
        posting = cases.post(
            room.turns.get(stage="notice"), channel="张贴", place=f"村口{number}", posted_on=TODAY,
            until=date(2026, 12, 4), by=by, at=NOON,
        )  # fmt: skip
        said = cases.object_to(
            posting, raised_on=TODAY, said=f"太吵{number}", source="", by=by, at=NOON
        )
        cases.answer(said, stands=False, answer="关门", answered_on=TODAY, by=by, at=NOON)
        other = rooms.begin(
            self.village, f"借一回{number}", self.members[number], neighbour=self.life.tree.far,
            by=by, at=NOON,
        )  # fmt: skip
        rooms.tied(rooms.waiting(other, by=by, at=NOON), room, by=by, at=NOON)

    def _registered(self, number: int) -> None:
        """One more correspondent, one more venue, one more branch with one, one more correction
        of the first, one more book with rows."""
        life, by, home = self.life, self.secretary, self.village
        person = factories.member(home, by=self.system, name=f"信息员{number}")
        scenes.correspondent(home, person, by=by, at=NOON)
        scenes.venue(home, "built", TODAY, by=by, at=NOON, name=f"{number}组活动室")
        other = factories.organization(life.tree.east, by=self.system, name=f"{number}号场所党支部")
        officer = self._user("township officer")
        scenes.venue(other, "repaired", TODAY, by=officer, at=NOON)
        row = Row.objects.select_related("organization").get(pk=life.row.pk)
        values = {"who": Named(life.person.pk, life.person.name), "post": f"岗位{number}",
                  "duty": f"每月报 {number} 条"}  # fmt: skip
        registers.correct_row(
            row, RowDraft(since=row.since, values=values), reason="又写错", by=by, at=NOON
        )
        for place, who in ((home, by), (other, officer)):
            registers.open_row(
                place, RowDraft(since=TODAY, values=scenes.MEETING | {"why_more": "急"}),
                register="seeds/meeting-gate:meetings", wording=scenes.WORDED, by=who, at=NOON,
            )  # fmt: skip

    def _paired(self, number: int) -> None:
        """One more household, one more link of another, one more contact of the first, one more
        rota, one more turn that changed hands, one more offered."""
        life, by, home = self.life, self.secretary, self.village
        member = scenes.person_of(self._user("member"))
        scenes.household(home, f"{number}号李家", by=by, at=NOON)
        row = scenes.household(home, f"{number}号王家", by=by, at=NOON)
        scenes.linked(home, self.members[number], row, by=by, at=NOON)
        pairings.log_contact(
            life.link, held_on=date(2026, 11, 2), channel="phone", needs=f"第 {number} 件",
            by=by, at=NOON,
        )  # fmt: skip
        rota = scenes.on_duty(home, [member, self.members[number]], by=by, at=NOON)
        turns = list(Turn.objects.filter(rota=rota, on__gt=TODAY).in_order())
        rotas.offer_turn(turns[0], by=by, at=NOON)
        other = life.rota.roll.get(place=2 + number % 2).person
        turn = Turn.objects.get(rota=life.rota, on=date(2026, 11, 28))
        rotas.change_turn(turn, person=other, by=by, at=NOON)

    def _driven(self, number: int) -> None:
        """One more campaign, one more unit of the first with a member, one more entry taken
        back, one more body ended."""
        life, by, officer = self.life, self.system, self._user("township officer")
        home = factories.organization(life.tree.east, by=by, name=f"集中{number}村党支部")
        factories.member(home, by=by)
        scenes.launched(life.tree, life.cast, [self.village, home], title=f"活动{number}")
        for drive in (life.drive, life.begun):
            campaigns.add_unit(
                drive, home, drive.batches.get(), reason="新成立", by=officer, at=NOON
            )
            scenes.planned_by([drive.units.get(organization=home)], by=officer)
        letter = life.drive.rule.item("letter")
        (entry,) = campaigns.enter(
            life.unit, letter, people=[life.person.pk], happened_on=TODAY, by=officer, at=NOON
        )
        campaigns.void(entry, reason="记错了", by=officer, at=NOON)

    def _words(self, number: int) -> None:
        everybody = [user for user in self.life.cast.values() if user]
        ids = [user.pk for user in everybody]
        notices.notify(ids, key=f"n{number}", title=f"通知{number}", at=NOON, url="/today/")
        for to in ({"user": self.secretary}, {"webhook": self.life.webhook}):
            Delivery.objects.create(
                **to, state=Delivery.State.GIVEN_UP, error="对方回答 500",
                made_at=NOON, trying_since=NOON, next_at=NOON, done_at=NOON,
            )  # fmt: skip
        if number < MOST_FILTERS - 1:
            scenes.kept(self.secretary, f"筛选{number}", NOON)
        admin = self._user("system admin")
        for user in (self.secretary, admin):
            said = notices.give_feedback(page="/today/", text=f"意见{number}", by=user, at=NOON)
            if number % 2:
                notices.answer(said, text="好", by=admin, at=NOON)
        owed = Obligation.objects.overdue(TODAY).filter(organization=self.village)
        duties.explain(self.life.obligation, text=f"因{number}", by=self.secretary, at=NOON)
        free = owed.filter(is_exempt=False).exclude(pk=self.life.obligation.pk)
        duties.exempt(
            free.order_by("due_on", "pk").first(), reason="汛期",
            by=self._user("township officer"), at=NOON,
        )  # fmt: skip

    def _talks(self, number: int) -> None:
        """One more talk that waits for the secretary, one for somebody without account, and
        one both sides said yes to; one more pack that waits for the other hand."""
        member, day = self._user("member"), date(2026, 10, 9)
        silent = scenes.talked(self.secretary, self.members[number], day=day, at=NOON)
        scenes.talked(member, silent.first, day=day, at=NOON)
        own = scenes.person_of(member)
        said = scenes.talked(self.secretary, own, day=day, at=NOON)
        duties.confirm_talk(said, person=own, by=member, at=NOON)
        found = {
            name: text.replace("demo/small", f"demo/small-{number}")
            for name, text in makers.files().items()
        }
        desk.propose_pack(makers.pack(found), by=self._user("system admin"), at=NOON)

    def _pack(self, number: int) -> None:
        found = {
            name: text.replace("local/quarterly-class", f"local/class-{number}")
            for name, text in files_of(SHIPPED / "local" / "quarterly-class").items()
        }
        pack, faults = read(found)
        assert pack is not None, faults
        stored = packs.propose(pack, by=self._user("system admin"), at=NOON)
        packs.confirm(stored, by=self._user("security admin"), at=NOON)
        by = self.system
        adoptions.adopt(
            pack=pack.id, organization=self.village, since=date(2026, 7, 1), by=by, at=NOON
        )
        since = date(2026, 1, 5) + self._days(number)
        past = adoptions.adopt(
            pack="local/quarterly-class", organization=self.village, since=since, by=by, at=NOON
        )
        adoptions.withdraw(past, until=since + timedelta(days=5), by=by, at=NOON)

    def _imported(self, number: int) -> None:
        """One more roster that waits for a decision, with one more fault than the last."""
        self._upload(number + 1, first=0, 性别="?")

    def _upload(self, count: int, *, first: int, **changes: str) -> Batch:
        client = Client()
        client.force_login(self._user("county officer"))
        rows = [
            sheets.member(
                公民身份号码=id_number(sheets.BORN, serial=2 * (first + n) + 1),
                所在党支部=self.life.tree.far.name, **changes,
            )
            for n in range(count)
        ]  # fmt: skip
        file = SimpleUploadedFile(f"名册{count}.xlsx", workbook(sheets.members(*rows)))
        assert client.post("/imports/new/", {"file": file}).status_code == 302
        return Batch.objects.order_by("-pk")[0]

    def _brought_in(self) -> Batch:
        """A roster of ``size`` members, brought in."""
        batch = self._upload(self.size, first=self.size)
        client = Client()
        client.force_login(self._user("county officer"))
        client.post(f"{batch.get_absolute_url()}apply/", {"door": "everything"})
        batch.refresh_from_db()
        assert batch.state == Batch.State.APPLIED, batch.report
        return batch

    # --- what addresses are filled with

    def _large_meeting(self) -> Activity:
        """A general meeting with ``size`` decisions and ``size`` tasks."""
        count = self.size
        day = date(2026, 10, 10) + timedelta(days=count % 7)
        draft = scenes.draft(
            MEETING, day=day, theme="商量村务", place="村部",
            decisions=tuple(DecisionDraft(f"事{n}", VoteDraft(2)) for n in range(count)),
            follow_ups=tuple(
                FollowUpDraft(f"办{n}", self.members[n].pk, date(2026, 12, 1)) for n in range(count)
            ),
        )  # fmt: skip
        return activities.record(self.village, draft, by=self.secretary, at=NOON).activity

    def _large_list(self) -> Handover:
        """What is open on the secretary's post as it is now."""
        by = self._user("township officer")
        for waiting in self.holding.handovers.open():
            handing.cancel(waiting, reason="重做", by=by, at=NOON)
        papers = [f"第{n}本" for n in range(self.size)]
        return handing.draw_up(
            self.holding, successor=self.own, since=TODAY, papers=papers, by=by, at=NOON
        )

    def _entry(self) -> Entry:
        """The first sealed entry of the village about a record."""
        rows = Entry.objects.filter(organization_id=self.village.pk).exclude(sealed=None)
        return rows.filter(key__in=Digest.objects.values("entry_key")).earliest("pk")

    def _facts(self) -> dict[str, Any]:
        life, tree = self.life, self.life.tree
        paper, number = proofs.latest(activities.SOURCE, life.confirmed.pk)
        named = (
            "group", "empty_group", "group_post", "empty_post", "holding", "person", "planned",
            "held", "confirmed", "theme_planned", "task", "commission", "handed",
            "meeting", "guidance", "obligation", "exempted", "adoption", "attachment", "feedback",
            "twin", "other_twin", "correction", "report", "case", "struck", "letter", "webhook",
            "common", "room", "reading", "drive", "begun", "over", "unit", "gate", "own_gate",
            "confirmed_item", "other_unit", "begun_unit", "row", "venue", "book", "posted", "work",
            "claim", "public", "notice", "voice", "proposed", "vetted", "agreed", "posted_rule",
            "ticket", "pooled", "link", "contact", "rota", "my_turn",
        )  # fmt: skip
        column = f"{LIFE}:theme-day@2026-10-01"
        return {
            **{name: getattr(life, name).pk for name in named},
            **{name: getattr(tree, name).pk for name in ("county", "east", "west", "far")},
            "feed_secret": life.feed_secret,
            "filter": life.kept_filter.pk,
            "proposal": life.proposal.pk,
            "village": self.village.pk,
            "open_notice": self.shown.pk,
            "turn": life.case.turns.open().get().pk,
            "staff": life.over.staff.get().pk,
            "read": life.reading.turns.earliest("pk").pk,
            "look": life.room.turns.get(stage="look").pk,
            "hung": life.room.turns.get(stage="notice").pk,
            "posting": life.room.postings.earliest("pk").pk,
            "objection": life.room.objections.earliest("pk").pk,
            "own": self.own.pk,
            "guest": self.guest.pk,
            "secretarys_holding": self.holding.pk,
            "handover": self._large_list().pk,
            "entry": self._entry().pk,
            "proof": f"/proofs/{paper.key}/{number}/",
            "general": tree.general.pk,
            "newest": Publication.objects.published()
            .filter(title__startswith="有几版")
            .latest("version")
            .pk,
            "large": self._large_meeting().pk,
            "theme_adoption": Adoption.objects.get(pack=THEME_DAY).pk,
            "checked": Batch.objects.order_by("-pk")[0].pk,
            "imported": self._brought_in().pk,
            "column": f"organization={tree.county.pk}&column={column}",
        }
