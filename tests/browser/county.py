"""What the seeded county holds, as of ``TODAY``: made through the real actions.

Two townships. 通扬村 is what most pages are looked at for; four more villages are made
like it, so that each test that saves has a branch of its own; 五荡村 is large and without
a secretary, its term over; 四庄村 is empty; 纪西村 goes by the seed's theme days.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from stdnum.cn import ric

from tests import scenes
from tests.browser import admitting
from tests.browser.seed import NOON, PLACE, TODAY, ZONE
from tests.cases import letters, rooms
from tests.cases.campaigns import DRIVE as DRIVE_FOLDER
from tests.imports import sheets
from tests.imports.workbooks import id_number as right_number
from tests.imports.workbooks import workbook
from tests.money import books
from tests.packs import makers
from tests.portal import opened
from tests.scenes import RECTIFY, asked
from zhibu.accounts import actions as accounts
from zhibu.accounts import saving
from zhibu.activities import actions as activities
from zhibu.activities.drafts import (
    AbsenceDraft,
    DecisionDraft,
    Draft,
    FollowUpDraft,
    KindDraft,
    VoteDraft,
)
from zhibu.adoptions import actions as adoptions
from zhibu.api import actions as programs
from zhibu.assignments import actions as assignments
from zhibu.assignments.commissions import Draft as CommissionDraft
from zhibu.assignments.commissions import Target
from zhibu.assignments.models import Assignment
from zhibu.cases import actions as cases
from zhibu.cases import clusters, papers
from zhibu.cases.campaigns import actions as campaigns
from zhibu.cases.campaigns.models import Campaign
from zhibu.cases.models import Case
from zhibu.cases.steps import Step
from zhibu.core import fields, filters
from zhibu.core.fields import Named
from zhibu.desk import actions as desk
from zhibu.duties import actions as duties
from zhibu.duties.counting import item_token
from zhibu.duties.models import Obligation
from zhibu.files import actions as files
from zhibu.files.intake import prepare
from zhibu.imports.models import Batch
from zhibu.insight import actions as insight
from zhibu.ledger import actions as ledger
from zhibu.ledger import proofs, publishing, signing
from zhibu.ledger.models import Head
from zhibu.notices import actions as notices
from zhibu.notices import hooks
from zhibu.notices.models import Delivery, Preference
from zhibu.organizations import actions as organizations
from zhibu.organizations import guiding, rotating, succeeding
from zhibu.packs import actions as packs
from zhibu.packs import library
from zhibu.packs.reading import files_of, read
from zhibu.packs.schema.assignment_forms import AssignmentForm
from zhibu.pairings import actions as pairings
from zhibu.pairings import queries as pair_queries
from zhibu.pairings import rotas
from zhibu.pairings.drafts import LinkDraft, RotaDraft
from zhibu.pairings.models import Turn as DutyTurn
from zhibu.people import actions as people
from zhibu.people.handover import actions as handover
from zhibu.people.membergroups import actions as membergroups
from zhibu.people.models import Holding, Person
from zhibu.people.rights import actions as rights
from zhibu.portal import actions as portal
from zhibu.portal.queries import doors
from zhibu.publishing import actions as publications
from zhibu.registers import actions as registers
from zhibu.registers.drafts import Draft as RowDraft

FOUNDED = date(1996, 3, 12)
ADOPTED = date(2026, 7, 1)
HERE = date(2020, 1, 1)
LIFE, THEME = "national/branch-life", "seeds/mingguang-theme-day"
RETIRED = "seeds/member-groups:field-plans/retired"
TALKS = "national/talks"
TWENTY = [
    *("顾长林", "倪秀兰", "戴志明", "王德才", "陈桂香", "张永福", "蒋红梅"),
    *("徐国平", "朱立新", "杨巧云", "高宝根", "吴建华", "黄文斌", "孙玉珍"),
    *("周海涛", "陆素芳", "袁正华", "许冬梅", "薛明亮", "李思雨"),
]
LONG_NAME = "阿卜杜热合曼·买买提依明江"
COMMITTEE = ("branch-secretary", "organisation-member", "publicity-member")


def at(day: date, hour: int = 14, minute: int = 30) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


class Seed:
    """Builds it step by step; ``facts`` is what tests need to know of it."""

    def __init__(self) -> None:
        self.early = at(ADOPTED, 9)
        self.system = accounts.ensure_system_account(self.early)
        self.posts = {w[-1].id: w[-1].item for w in library.packs()[LIFE].wordings("posts")}
        self.users: dict[str, Any] = {}
        self.facts: dict[str, Any] = {"accounts": {}, "password": accounts.DEMO_PASSWORD}

    # --- the ledger

    def prove(self) -> None:
        """Everything sealed and signed; the page that the code on a paper leads to."""
        signing.write(signing.generate(self.early), settings.LEDGER_KEY_PATH)
        ledger.seal(at(TODAY - timedelta(days=1), 20))
        head = Head.objects.latest("number")
        publishing.ask(head, at(TODAY, 0))
        publishing.send(at(TODAY, 0))
        entry, number = proofs.latest("activities.activity", self.facts["activity"])
        self.facts["proof"] = reverse("ledger:proof", args=[entry.key, number])

    # --- the tree

    def organization(self, parent: Any, name: str, short: str, code: str, **more: Any) -> Any:
        return organizations.found(
            code=code,
            name=name,
            short_name=short,
            kind=more.get("kind", "branch"),
            parent=parent,
            field=more.get("field", "rural"),
            place=more.get("place", ""),
            established_on=FOUNDED,
            by=self.system,
            at=self.early,
        )

    def village(self, parent: Any, village: str, number: int) -> Any:
        """A village's branch below ``parent``; ``number`` makes its code."""
        town = parent.name.removeprefix("中共").removesuffix("委员会")
        return self.organization(
            parent, f"{town}{village}党支部", f"{village}党支部", f"{parent.code}{number:03d}"
        )

    def tree(self) -> None:
        office = {"field": "office"}
        self.county = self.organization(
            None, "中共江都区委员会", "江都区委", PLACE, kind="committee", **office
        )
        self.town = self.organization(
            self.county, "中共郭村镇委员会", "郭村镇党委", f"{PLACE}105", kind="committee"
        )
        self.other = self.organization(
            self.county, "中共小纪镇委员会", "小纪镇党委", f"{PLACE}103", kind="committee"
        )
        general = self.organization(
            self.town, "郭村镇机关党总支", "机关党总支", f"{PLACE}105800", kind="general-branch",
            **office,
        )  # fmt: skip
        self.office = self.organization(
            general, "郭村镇机关第一党支部", "机关第一党支部", f"{PLACE}105801", **office
        )
        names = ("通扬村", "庄桥村", "前巷村", "东进村", "韩阳村", "五荡村", "四庄村")
        self.villages = {n: self.village(self.town, n, 200 + i) for i, n in enumerate(names)}
        self.themed = self.village(self.other, "纪西村", 201)

    # --- people

    def member(self, home: Any, name: str, *, state: str = "full", number: int = 0) -> Any:
        return people.register(
            name=name,
            home=home,
            since=HERE,
            state=state,
            state_since=date(2026, 3, 20) if state == "probationary" else HERE,
            sex="female" if number % 3 == 1 else "male",
            born_on=date(1958 + number % 40, 1 + number % 12, 1 + number % 28),
            ethnicity="汉族",
            education=("初中", "高中", "大专", "大学")[number % 4],
            occupation=("农民", "离退休", "个体经营")[number % 3],
            id_number=id_number(home.pk, number),
            phone=f"1990000{home.pk:02d}{number:02d}",
            address=home.place,
            by=self.system,
            at=self.early,
        )

    def appoint(self, organization: Any, kind: str, person: Any, group: Any = None) -> Any:
        item = self.posts[kind]
        post = organizations.make_post(
            organization,
            kind=kind,
            title=item.title,
            role=item.role,
            since=HERE,
            group=group,
            in_committee=item.in_committee,
            rank=item.rank,
            seats=item.seats,
            by=self.system,
            at=self.early,
        )
        return people.hold_post(person, post=post, since=HERE, by=self.system, at=self.early)

    def term(self, branch: Any, ends_on: date, *, has_committee: bool = True) -> None:
        organizations.begin_term(
            branch,
            since=ends_on.replace(year=ends_on.year - 5),
            ends_on=ends_on,
            has_committee=has_committee,
            by=self.system,
            at=self.early,
        )

    def twenty(self, branch: Any) -> list[Any]:
        """Exactly twenty members, the last on probation; a committee and two party groups."""
        found = [
            self.member(
                branch, name, number=i, state="probationary" if i == len(TWENTY) - 1 else "full"
            )
            for i, name in enumerate(TWENTY)
        ]
        self.term(branch, date(2027, 3, 15))
        for kind, person in zip(COMMITTEE, found, strict=False):
            self.appoint(branch, kind, person)
        for name, inside in (("第一小组", found[:10]), ("第二小组", found[10:])):
            group = organizations.form_group(
                branch, name=name, since=HERE, by=self.system, at=self.early
            )
            for person in inside:
                people.join_group(person, group=group, since=HERE, by=self.system, at=self.early)
            self.appoint(branch, "group-leader", inside[3], group)
        return found

    def register(self) -> None:
        self.members = {n: self.twenty(self.villages[n]) for n in list(self.villages)[:5]}
        big = self.villages["五荡村"]
        crowd = [self.member(big, LONG_NAME, number=0)]
        crowd += [
            self.member(big, TWENTY[i % 20][0] + TWENTY[(i * 7 + 3) % 20][1:], number=i)
            for i in range(1, 50)
        ]
        self.members["五荡村"] = crowd
        self.term(big, date(2026, 9, 30))
        for kind, person in zip(COMMITTEE[1:], crowd[1:], strict=False):
            self.appoint(big, kind, person)  # the secretary's post stands empty
        self.appoint_vacant(big)
        few = [self.member(self.themed, name, number=i) for i, name in enumerate(TWENTY[:8])]
        self.members["纪西村"] = few
        self.appoint(self.themed, "branch-secretary", few[0])
        staff = [
            self.member(self.office, name, number=i)
            for i, name in enumerate(("邵立群", "沈国栋", "章慧敏", "钱志远", "丁雪琴", "石建国"))
        ]
        self.members["机关"] = staff
        self.appoint(self.office, "branch-secretary", staff[4])
        self.appoint(self.town, "organisation-officer", staff[0])
        self.appoint(self.county, "organisation-officer", staff[1])
        self.appoint(self.town, "committee-secretary", staff[2])
        self.appoint(self.other, "organisation-officer", staff[3])

    def appoint_vacant(self, branch: Any) -> None:
        item = self.posts["branch-secretary"]
        organizations.make_post(
            branch, kind="branch-secretary", title=item.title, role=item.role, since=HERE,
            in_committee=item.in_committee, rank=item.rank, by=self.system, at=self.early,
        )  # fmt: skip

    # --- accounts

    def account(self, key: str, person: Any) -> Any:
        user, code = accounts.issue(
            person_id=person.pk,
            name=person.name,
            wanted=key,
            path=person.home.path,
            organization=person.home.pk,
            is_demo=True,
            by=self.system,
            at=self.early,
        )
        return self._open(key, user, code)

    def administrator(self, role: str, title: str) -> Any:
        user, code = accounts.appoint_admin(
            username=role, name=title, admin_role=role, is_demo=True, by=self.system, at=self.early
        )
        return self._open(role, user, code)

    def _open(self, key: str, user: Any, code: str) -> Any:
        opened = accounts.activate(user, code=code, password=accounts.DEMO_PASSWORD, at=self.early)
        self.users[key] = opened
        self.facts["accounts"][key] = {"username": opened.username, "id": opened.pk}
        return opened

    def open_accounts(self) -> None:
        tongyang = self.members["通扬村"]
        self.account("member", tongyang[6])
        self.account("secretary", tongyang[0])
        self.account("committee", tongyang[1])
        self.account("leader", tongyang[3])
        self.account("township", self.members["机关"][0])
        self.account("county", self.members["机关"][1])
        self.account("receiver", self.members["机关"][3])
        self.account("themed", self.members["纪西村"][0])
        self.account("big", self.members["五荡村"][1])
        for key, name in (("touch", "庄桥村"), ("keys", "前巷村"), ("plain", "东进村")):
            self.account(key, self.members[name][0])
        self.account("drafter", self.members["韩阳村"][0])
        for role, title in (
            ("system-admin", "系统管理员"),
            ("security-admin", "安全管理员"),
            ("audit-admin", "审计管理员"),
        ):
            self.administrator(role, title)

    # --- what they do

    def hold(self, name: str, kind: str, day: date, theme: str = "", **more: Any) -> Any:
        """Record a sitting of ``name``'s branch, on the day or ``entered`` later."""
        people = self.members[name]
        branch = self.themed if name == "纪西村" else self.villages[name]
        group = more.get("group")
        inside = [p.pk for p in more.get("inside", people)]
        absences = {p.pk: AbsenceDraft(reason) for p, reason in more.get("absent", ())}
        draft = Draft(
            kinds=(KindDraft(kind, more.get("makes_up")),),
            starts_at=at(day),
            place="村党群服务中心",
            theme=theme,
            agenda=more.get("agenda", ""),
            chair_id=inside[0],
            recorder_id=inside[1],
            absences=absences,
            decisions=tuple(more.get("decisions", ())),
            follow_ups=tuple(
                FollowUpDraft(title, owner.pk, due) for title, owner, due in more.get("tasks", ())
            ),
            items=tuple(more.get("items", ())),
        )
        return activities.record(
            branch,
            draft,
            group=group,
            by=self.users[more["by"]],
            at=more.get("entered", at(day, 17)),
        ).activity

    def plan(self, branch: Any, kind: str, day: date, theme: str, by: str) -> Any:
        draft = Draft(
            kinds=(KindDraft(kind),), starts_at=at(day), place="村党群服务中心", theme=theme
        )
        return activities.plan(branch, draft, by=self.users[by], at=NOON - timedelta(days=2))

    def adopt(self) -> None:
        for pack, where in ((LIFE, self.county), (TALKS, self.county), (THEME, self.other)):
            made = adoptions.adopt(
                pack=pack, organization=where, since=ADOPTED, paper="江组发〔2026〕18号",
                by=self.system, at=self.early,
            )  # fmt: skip
            self.facts["adoption"] = made.pk

    def tongyang(self) -> None:
        """The branch most pages are looked at for."""
        name, by = "通扬村", "secretary"
        people, branch = self.members[name], self.villages["通扬村"]
        groups = list(branch.groups.order_by("pk"))
        away = [(people[18], "away")]
        themes = ("学习党章", "走访困难老党员", "清理河道垃圾", "秋收帮工", "讨论村东道路维修")
        for month, theme in zip(range(7, 12), themes, strict=True):
            day = date(2026, month, 3 + month % 5)
            late = {"entered": at(date(2026, 10, 20), 9)} if month == 9 else {}
            self.hold(name, f"{LIFE}:theme-day", day, theme, absent=away, by=by, **late)
        for month in range(7, 10):
            self.hold(name, f"{LIFE}:committee-meeting", date(2026, month, 15), by="committee",
                      inside=people[:3])  # fmt: skip
        self.hold(name, f"{LIFE}:committee-meeting", date(2026, 11, 3), by=by, inside=people[:3],
                  makes_up=date(2026, 10, 1))  # fmt: skip
        for group, inside, last in ((groups[0], people[:10], 11), (groups[1], people[10:], 9)):
            for month in range(7, last + 1):
                self.hold(name, f"{LIFE}:group-meeting", date(2026, month, 18), by=by,
                          group=group, inside=inside)  # fmt: skip
        meeting = self.hold(
            name, f"{LIFE}:general-meeting", date(2026, 9, 18), "村东灌溉渠清淤",
            agenda="1. 学习村民委员会组织法新修订内容。\n2. 讨论村东灌溉渠清淤：12月5日开工，"
            "预算 3.2 万元，从村集体支出。",
            absent=[(people[10], "ill"), (people[18], "away")],
            decisions=[
                DecisionDraft("把清淤方案提交村民代表会议", VoteDraft(16, 0, 1)),
                DecisionDraft("增补路灯 14 盏", VoteDraft(6, 9, 2)),
                DecisionDraft("活动室添置桌椅"),
            ],
            tasks=[
                ("村东路灯报修", people[2], date(2026, 11, 25)),
                ("走访 4 户老党员", people[1], date(2026, 11, 30)),
                ("联系清淤施工队", people[6], date(2026, 11, 15)),
            ],
            by=by,
        )  # fmt: skip
        activities.confirm(meeting, by=self.users["committee"], at=at(date(2026, 9, 19), 9))
        planned = self.plan(branch, f"{LIFE}:theme-day", date(2026, 12, 4), "植树", by)
        activities.ask_leave(planned, person=people[7], reason="away", by=self.users[by], at=NOON)
        ended = self.plan(branch, f"{LIFE}:theme-day", date(2026, 11, 13), "慰问退役军人", by)
        activities.cancel(ended, reason="下雨，改到下月。", by=self.users[by], at=NOON)
        held = branch.activities.filter(status="held").order_by("-held_on", "-pk").first()
        self.facts |= {
            "branch": branch.pk,
            "group": groups[1].pk,
            "activity": meeting.pk,
            "held": held.pk,
            "planned": planned.pk,
            "cancelled": ended.pk,
            "attachment": self.attach(meeting),
        }

    def attach(self, activity: Any) -> int:
        made = BytesIO()
        Image.new("RGB", (40, 30), "white").save(made, "PNG")
        added: int = files.attach(
            prepare("会场.png", made.getvalue()),
            owner_type=activities.SOURCE,
            owner_id=activity.pk,
            organization=activity.organization_id,
            by=self.users["secretary"],
            at=NOON,
        ).pk
        return added

    def others(self) -> None:
        """Enough elsewhere for the overview: done, done late, not done, explained, exempt."""
        for name, by in (("庄桥村", "touch"), ("前巷村", "keys"), ("东进村", "plain"),
                         ("韩阳村", "drafter")):  # fmt: skip
            for month in (9, 10, 11):
                self.hold(name, f"{LIFE}:theme-day", date(2026, month, 6), "学习党章", by=by)
            self.hold(name, f"{LIFE}:committee-meeting", date(2026, 10, 15), by=by,
                      inside=self.members[name][:3])  # fmt: skip
            for group in self.villages[name].groups.order_by("pk"):
                inside = [m.person for m in group.memberships.select_related("person")]
                self.hold(name, f"{LIFE}:group-meeting", date(2026, 10, 18), by=by, group=group,
                          inside=inside)  # fmt: skip
        big = self.villages["五荡村"]
        for month in (8, 9):
            self.hold("五荡村", f"{LIFE}:theme-day", date(2026, month, 6),
                      "围绕乡村振兴和人居环境整治开展的志愿服务、走访慰问和交流讨论", by="big",
                      absent=[(self.members["五荡村"][3], "none")])  # fmt: skip
        missing = Obligation.objects.overdue(TODAY).filter(organization=big).order_by("pk").last()
        duties.explain(
            missing, text="村里忙秋收，改到下月初一起开。", by=self.users["township"], at=NOON
        )
        free = (
            Obligation.objects.filter(organization=self.villages["东进村"])
            .filter(duty="organisational-life-meeting")
            .get()
        )
        duties.exempt(free, reason="撤并在即，和新支部一起开。", by=self.users["township"], at=NOON)
        tokens = [item_token(f"{THEME}:theme-day", i) for i in ("oath", "constitution", "dues")]
        for month, items in ((9, tokens), (10, tokens[:2])):
            self.hold("纪西村", f"{THEME}:theme-day", date(2026, month, 4 if month == 9 else 9),
                      "植树" if month == 9 else "敬老", by="themed", items=items)  # fmt: skip
        planned = self.plan(
            self.themed, f"{THEME}:theme-day", date(2026, 12, 4), "森林防火", "themed"
        )
        activities.file_theme(planned, by=self.users["themed"], at=NOON)
        self.facts |= {"exempted": free.pk, "filed": planned.pk, "themed": self.themed.pk}

    def words(self) -> None:
        """Somebody looked at a number; somebody said something, and was answered."""
        members = self.members["通扬村"]
        people.reveal(members[6], field="phone", reason="通知主题党日改期",
                      by=self.users["committee"], at=NOON - timedelta(days=2))  # fmt: skip
        said = notices.give_feedback(
            page="/workbench/",
            text="希望能按小组看到会情况。",
            by=self.users["secretary"],
            at=NOON - timedelta(days=3),
        )
        notices.answer(said, text="下一版加上。", by=self.users["system-admin"], at=NOON)
        waiting = notices.give_feedback(page="/today/", text="字再大一点就好了。",
                                        by=self.users["member"], at=NOON)  # fmt: skip
        self.facts |= {"answered": said.pk, "waiting": waiting.pk, "webhook": self.sent_out()}

    def sent_out(self) -> int:
        """Mail asked for and confirmed, asked for and not; a webhook, and what became of some."""
        for who, rhythm, confirmed_at in (("secretary", "daily", NOON), ("member", "daily", None)):
            row = Preference(user=self.users[who], rhythm=rhythm, chosen_at=NOON,
                             confirmed_at=confirmed_at)  # fmt: skip
            row.address = f"{who}@mail.example"
            if confirmed_at is None:
                row.code, row.code_until = "27182818", NOON + timedelta(days=400)
            row.save(force_insert=True)
        admin = self.users["system-admin"]
        wanted = hooks.Wanted("政务短信平台", "https://sms.example/zhibu", ["case", "commission"],
                              "5", 8)  # fmt: skip
        hook, _ = hooks.add(wanted, by=admin, at=NOON)
        mailed, hooked = {"user": self.users["secretary"]}, {"webhook": hook}
        for to, state, error, tries in (
            (mailed, "given-up", "收信地址被拒（550）", 1), (hooked, "waiting", "对方回答 503", 8),
            (hooked, "sent", "", 1), (mailed, "waiting", "", 0), (mailed, "dropped", "", 1),
        ):  # fmt: skip
            done_at = None if state == "waiting" else NOON
            Delivery.objects.create(
                **to, state=state, error=error, tries=tries, done_at=done_at,
                made_at=NOON - timedelta(hours=2), trying_since=NOON,
                next_at=NOON + timedelta(days=1),
            )  # fmt: skip
        return hook.pk

    def people_more(self) -> None:
        """A guest, a leading member, one listed twice, groups, a request, a hand-over."""
        village, crowd, few = (self.members[n] for n in ("通扬村", "五荡村", "纪西村"))
        township, secretary = self.users["township"], self.users["secretary"]
        people.host(
            crowd[48], organization=self.themed, since=date(2026, 9, 1), by=township, at=NOON
        )
        adoptions.adopt(pack="seeds/dual-life", organization=self.county, since=ADOPTED,
                        by=self.system, at=self.early)  # fmt: skip
        twin = people.register(
            name=few[5].name, home=self.themed, since=date(2022, 3, 1), state="full",
            state_since=HERE, born_on=few[5].born_on, education="大学", phone="19900009999",
            by=self.system, at=self.early,
        )  # fmt: skip
        membergroups.regroup([person.pk for person in village[:4]], group=RETIRED, way="in",
                             since=ADOPTED, by=secretary, at=NOON)  # fmt: skip
        rights.consent(
            village[6],
            purpose="national/personal-information:consent/name-in-bulletin",
            how="self",
            by=self.users["member"],
            at=NOON,
        )
        asked = rights.ask_correction(
            village[6], about="education", text="应该是大专，2019年函授毕业，有毕业证。",
            by=self.users["member"], at=NOON,
        )  # fmt: skip
        rights.note_opening(village[6], by=secretary, at=NOON)
        made = handover.draw_up(
            Holding.objects.get(person=crowd[1]), successor=crowd[4], since=TODAY,
            papers=["党员花名册一册", "2025年党费收据一本", "支部印章一枚"],
            note="手机里还有两份没存完的草稿，当面看。", by=township, at=NOON,
        )  # fmt: skip
        handover.sign(made, side="given", how="system", by=self.users["big"], at=NOON)
        self.facts |= {
            "guest": crowd[48].pk, "grouped": village[0].pk,
            "leader": self.members["机关"][2].pk, "one": few[5].pk,
            "twin": twin.pk, "retired": RETIRED, "asked": asked.pk, "handover": made.pk,
        }  # fmt: skip

    def arranged(self) -> None:
        """A joint meeting with its turns, an office that guides, a team merged into another."""
        town, branch, by = self.town, self.villages["通扬村"], self.system

        def made(name: str, kind: str, number: int) -> Any:
            return self.organization(town, name, name, f"{town.code}9{number:02d}", kind=kind)

        meeting = made("郭村镇网格联席会议", "joint-meeting", 1)
        office = made("郭村镇农业农村办公室", "department", 2)
        units = [branch, self.villages["庄桥村"], self.villages["前巷村"]]
        since = date(2026, 10, 1)
        rotating.rotate(meeting, units=units, since=since, months=3, by=by, at=NOON)
        guidance = guiding.guide(branch, guide=office, since=since, by=by, at=NOON)
        gone, kept = made("通扬村防汛队", "team", 3), made("通扬村巡查队", "team", 4)
        succeeding.merge(
            [gone], into=succeeding.Into(existing=kept), on=since, paper="郭委〔2026〕7 号", by=by,
            at=NOON,
        )  # fmt: skip
        self.facts |= {"meeting": meeting.pk, "guidance": guidance.pk, "merged": gone.pk}

    def talks(self) -> None:
        """One talk both sides confirmed, one that waits, one with somebody without account."""
        members = self.members["通扬村"]
        for other, day in ((members[1], 9), (members[6], 16), (members[9], 17)):
            made = duties.record_talk(
                first=members[0],
                second=other,
                kind=f"{TALKS}:talk",
                held_on=date(2026, 11, day),
                by=self.users["secretary"],
                at=NOON,
            )
            if other == members[1]:
                duties.confirm_talk(made, person=other, by=self.users["committee"], at=NOON)
        proposed = desk.propose_pack(makers.pack(), by=self.users["system-admin"], at=NOON)
        self.facts |= {"proposal": proposed.pk}

    def rosters(self) -> None:
        """One roster brought in, one with faults that waits for a decision."""
        client = Client()
        client.force_login(self.users["receiver"])
        village = ["Z1", "小纪镇纪东村党支部", "党支部", self.other.code, "1996-03-12", ""]
        born = sheets.BORN

        def row(number: int, **changes: str) -> list[Any]:
            usual = {
                "姓名": TWENTY[number],
                "公民身份号码": right_number(born, serial=2 * number + 1, prefix="990909"),
                "所在党支部": "小纪镇纪东村党支部",
                "联系电话": f"1990009{number:04d}",
            }
            return sheets.member(**{**usual, **changes})

        good = [row(number) for number in range(4)]
        made = self._upload(client, "小纪镇名册.xlsx", [village], good)
        client.post(f"{made.get_absolute_url()}apply/", {"door": "everything"})
        odd = [
            row(5, 性别="?"),
            row(6, 出生日期="1980年13月5日"),
            row(7, 姓名="王 芳 ", 民族="汉"),
            row(8, 所在党支部="没有这个支部"),
        ]
        waiting = self._upload(client, "小纪镇名册（改）.xlsx", [], odd)
        self.facts |= {"imported": made.pk, "checked": waiting.pk}

    def _upload(self, client: Client, name: str, units: list[Any], rows: list[Any]) -> Batch:
        content = workbook(
            *([sheets.organizations(*units)] if units else []), sheets.members(*rows)
        )
        client.post("/imports/new/", {"file": SimpleUploadedFile(name, content)})
        return Batch.objects.order_by("-pk")[0]

    def handed_down(self) -> None:
        """The township's commission to its branches: one given, one sent back, the rest not."""
        by, pack = self.users["township"], "seeds/county-follow-through"
        wording = library.packs()[pack].wording_on("assignment-forms", "meeting-return", TODAY)
        assert wording is not None and isinstance(wording.item, AssignmentForm)
        draft = CommissionDraft(
            title="全县基层党建会议落实", text="会上讲的三件事，逐件写自己怎么办。",
            basis="县委〔2026〕12 号", due_on=date(2026, 11, 18), asked=tuple(wording.item.fields),
            minutes=15, stale_after="P30D",
        )  # fmt: skip
        units = [self.villages[name] for name in ("通扬村", "五荡村", "庄桥村", "四庄村")]
        made = assignments.issue(
            self.town, draft, [Target(unit) for unit in units], by=by, at=at(date(2026, 11, 9))
        )
        tasks = {task.organization.pk: task for task in made.assignments.all()}
        said = {
            "conveyed_on": date(2026, 11, 10), "done_by": date(2026, 12, 20),
            "measures": "村东灌溉渠清淤，12 月 20 日前完成；困难老党员逐户走访一遍。",
        }  # fmt: skip
        back, given = tasks[units[1].pk], tasks[units[2].pk]
        echo = said | {"measures": "认真贯彻会议精神。"}
        assignments.give(back, echo, by=by, at=at(date(2026, 11, 12)))
        reason = "只抄了会议内容，没有写自己怎么办。"
        assignments.send_back(back, reason=reason, by=by, at=at(date(2026, 11, 13)))
        assignments.give(given, said, by=by, at=at(date(2026, 11, 16)))
        self.facts |= {
            "commission": made.pk, "handed": tasks[units[0].pk].pk, "sent_back": back.pk,
            "given": given.pk,
        }  # fmt: skip

    def put_right(self) -> None:
        """Three problems of the branch: late and waiting for its owner, waiting for the check
        above, struck off; one just begun elsewhere."""
        by, town = self.users["secretary"], self.users["township"]
        branch, owner = self.villages["通扬村"], self.members["通扬村"][6]
        adoptions.adopt(
            pack="seeds/rectification", organization=self.county, since=date(2026, 1, 1),
            by=self.users["county"], at=at(date(2026, 9, 1)),
        )  # fmt: skip
        made = {}
        for name, title, due in (
            ("late", "财务公开不及时", date(2026, 11, 18)),
            ("checked", "活动室电线老化", date(2026, 12, 10)),
            ("struck", "学习记录缺 2 次", date(2026, 11, 30)),
        ):
            case = self._problem(branch, title, due, owner)
            means = {"measures": "补公布，今后每月 5 日前公布。", "means": "不用花钱"}
            made[name] = self._step(case, "report", by, date(2026, 10, 28), **means)
        done = {"done": "换了线", "lasting": "每季度看一遍"}
        self._step(made["checked"], "report", by, date(2026, 11, 16), **done)
        self._step(made["struck"], "report", by, date(2026, 11, 12), **done)
        self._step(made["struck"], "accept", town, date(2026, 11, 16), seen="补齐了")
        letters.issued(made["checked"], by=by, at=at(date(2026, 10, 29)), valid_for="P10D")
        spoilt = letters.issued(made["struck"], by=by, at=at(date(2026, 11, 12)))
        papers.annul(spoilt, reason="期限写错了", by=by, at=at(date(2026, 11, 12)))
        letter = letters.issued(made["struck"], by=by, at=at(date(2026, 11, 13)))
        self.facts["letter"] = letter.pk
        begun = self._problem(self.villages["五荡村"], "公示牌旧了", date(2026, 12, 20),
                              self.members["五荡村"][0])  # fmt: skip
        common = self._common(begun)
        later = self._later(self.villages["五荡村"], self.members["五荡村"][0])
        made |= {"new": begun, "common": common, "later": later}
        self.facts |= {f"case_{name}": case.pk for name, case in made.items()}
        self.facts |= {
            "turn_late": made["late"].turns.open().get().pk,
            "turn_checked": made["checked"].turns.open().get().pk,
        }

    def money(self) -> None:
        """A book of the branch: budget, pledges, receipts, payments, work, a list to be paid."""
        by, above = self.users["secretary"], self.users["township"]
        branch, day = self.villages["通扬村"], date(2026, 11, 10)
        book = books.opened(
            branch, by=by, on=date(2026, 10, 12), title="四组生产路", needs_plan=True,
            scheme="2026 年四组征地", is_voluntary=True, most_a_head=Decimal(15),
            days_a_head=Decimal(10), basis="演示章程 第三条",
        )  # fmt: skip
        books.plan(book, "58700", by=by, on=date(2026, 10, 13))
        for name in ("谢大有", "罗守田", "沈二林"):
            books.pledge(book, f"{name} 四组", "15", by=by, on=day)
        books.receive(book, "45", by=by, on=day, source_of="self-raised", paper="收据 014")
        posted = books.receive(book, "30000", by=by, on=day, party="县财政局", paper="财预 12 号")
        books.pay(book, "12345.60", by=above, on=day, party="淮河建材", paper="发票 0777")
        wrong = books.receive(book, "8", by=by, on=day, source_of="donated", paper="收据 015")
        books.reverse(wrong, by=above, on=day, memo="收据写错")
        work = books.work(
            book, "road", "1.4", "公里", by=by, on=day, title="新修道路", paper="验 3"
        )
        books.work(book, "labour", "2.5", "工日", by=by, on=day, title="出工", worker="谢大有")
        claim = books.claim(
            book, "罗守田", "1060", by=by, on=day, number="990101199003070031",
            household="四组 7 户", measure="征地 0.53 亩",
        )  # fmt: skip
        self.facts |= {"book": book.pk, "posted": posted.pk, "book_work": work.pk,
                       "book_claim": claim.pk}  # fmt: skip

    def published(self) -> None:
        """Of the branch: something for everybody, posted and asked about, a rule to be read, a
        proposal that waits for its check."""
        for pack in ("national/open-affairs", "seeds/notice-boards"):
            adoptions.adopt(
                pack=pack, organization=self.county, since=date(2026, 1, 1),
                by=self.users["county"], at=at(date(2026, 9, 1)),
            )  # fmt: skip
        by, checker = self.users["committee"], self.users["secretary"]
        branch, day = self.villages["通扬村"], date(2026, 11, 12)
        public = scenes.made_public(
            branch, "今年修通到四组的路", by=by, checker=checker, at=at(day)
        )
        posting = publications.post(
            public, channel="board", place="村部公开栏", posted_on=day, by=by, at=at(day)
        )
        publications.raise_voice(public, kind="objection", said="占了我家的地", at=at(day))
        rule = scenes.made_public(
            branch, "会议制度", by=by, checker=checker, at=at(day), topic=scenes.RULES_TOPIC
        )
        proposed = scenes.proposal(branch, "党员责任区怎么分", by=by, at=at(day))
        self.facts |= {
            "public": public.pk, "notice_posting": posting.pk, "posted_rule": rule.pk,
            "proposed": proposed.pk, "voice": public.voices.get().pk,
        }  # fmt: skip

    def admitted(self) -> None:
        """Three applicants of the branch: one still under the older wording, one whose notice
        hangs with two objections, one whom the meeting votes on."""
        by, above = self.users["secretary"], self.users["township"]
        branch, members = self.villages["通扬村"], self.members["通扬村"]
        adoptions.adopt(
            pack="seeds/commitments", organization=self.county, since=ADOPTED,
            by=self.users["county"], at=at(date(2026, 9, 1)),
        )  # fmt: skip
        adoptions.adopt(
            pack="national/admission", organization=self.county, since=ADOPTED,
            by=self.users["county"], at=at(date(2026, 9, 1)),
        )  # fmt: skip
        steps = admitting.ways(*members[2:4])
        for name, until, title in (
            ("older", "consent", "谢志远"), ("notice", "notice", "罗小燕"),
            ("vote", "meeting", "沈文静"),
        ):  # fmt: skip
            person = people.register(
                name=title, home=branch, since=HERE, born_on=date(1998, 3, 4), by=by, at=self.early
            )
            case = admitting.begun(branch, person, by=by, at=at(admitting.BEGAN))
            found = admitting.brought(case, until, steps, by=by, above=above, at=at)
            self.facts[f"admit_{name}"] = found.pk
            self.facts[f"admit_{name}_turn"] = found.turns.open().earliest("number").pk
            if name == "notice":
                self._hung(found)

    def _hung(self, case: Case) -> None:
        by = self.users["secretary"]
        posting = admitting.hang(
            case, date(2026, 11, 16), date(2026, 11, 24), by=by, at=at(date(2026, 11, 16))
        )
        said = ("欠村里的清淤工钱没有付清。", "在县城上班，平时不在村里，支部活动来得少。")
        first, second = (
            cases.object_to(
                posting, raised_on=date(2026, 11, 18), said=text, source="", by=by,
                at=at(date(2026, 11, 18)),
            )
            for text in said
        )  # fmt: skip
        cases.answer(
            first, stands=False, answer="查了账，去年 12 月已经付清，收条在村会计处。",
            answered_on=date(2026, 11, 19), by=by, at=at(date(2026, 11, 19)),
        )  # fmt: skip
        self.facts |= {"posting": posting.pk, "objection": second.pk}

    def moving(self) -> None:
        """A member on the way to a branch of the other town; the letter is out."""
        by, branch = self.users["secretary"], self.villages["通扬村"]
        adoptions.adopt(
            pack="national/transfer", organization=self.county, since=ADOPTED,
            by=self.users["county"], at=at(date(2026, 9, 1)),
        )  # fmt: skip
        (wording,) = library.packs()["national/transfer"].items["procedures", "transfer"]
        person, on = self.members["通扬村"][7], date(2026, 11, 10)
        case = cases.start(
            branch, procedure="national/transfer:transfer", wording=wording.since,
            title=f"{person.name}转组织关系", person=person, on=on, by=by, at=at(on),
            values={"to": Named(self.themed.pk, self.themed.called), "why": "unit"},
        )  # fmt: skip
        said = {"letter_number": "郭转〔2026〕12号", "valid_until": date(2027, 1, 31)}
        case = self._step(case, "issue", self.users["township"], date(2026, 11, 12), **said)
        self.facts["transfer"] = case.pk

    def opened(self) -> None:
        """What residents see: a notice that hangs, with a question answered."""
        hands = {"proposer": self.users["committee"], "checker": self.users["secretary"]}
        village = self.villages["通扬村"]
        shown = opened.notice(village, by=self.system, at=NOON, today=TODAY, **hands)
        self.facts["open_notice"] = shown.pk
        for name in ("late", "struck"):
            case = Case.objects.get(pk=self.facts[f"case_{name}"])
            opened.followed(case.organization, case, at=NOON, **hands)

    def shared_rooms(self) -> None:
        """A case about a member that waits for five things at once, one of them claimed; another
        beside it; a confidential one."""
        hands = {role: self.users[role] for role in ("system-admin", "security-admin")}
        rooms.install(proposer=hands["system-admin"], confirmer=hands["security-admin"], at=NOON)
        by, branch = self.users["secretary"], self.villages["通扬村"]
        on, hour = date(2026, 11, 19), at(date(2026, 11, 19))
        room, other = (
            rooms.begin(branch, title, person, neighbour=self.themed, by=by, on=on, at=hour)
            for title, person in zip(
                ("借活动室排戏", "借活动室办席"), self.members["通扬村"][5:7], strict=True
            )
        )
        rooms.voted(other, by=by, at=hour)
        room = rooms.waiting(room, by=by, at=hour)
        rooms.tied(room, other, by=by, at=hour)
        quiet = rooms.quiet(branch, "老周家屋顶塌了", by=by, at=hour)
        reading = rooms.handed_round(branch, "传阅明年的学习计划", by=by, at=hour)
        self.facts |= {
            "room": room.pk, "quiet": quiet.pk, "voted": other.pk,
            "reading": reading.pk, "read": reading.turns.earliest("pk").pk,
            "look": room.turns.get(stage="look").pk,
        }  # fmt: skip

    def registered(self) -> None:
        """Registers of the county: a contract that runs out soon and was corrected, venues in
        some villages, a correspondent."""
        for pack in ("seeds/county-registers", "seeds/village-contracts", "seeds/meeting-gate"):
            adoptions.adopt(
                pack=pack, organization=self.county, since=date(2026, 1, 1),
                by=self.users["county"], at=at(date(2026, 2, 1)),
            )  # fmt: skip
        branch, secretary = self.villages["通扬村"], self.users["secretary"]
        town, person = self.users["township"], self.members["通扬村"][1]
        contract = self._row(branch, "seeds/village-contracts:contracts", secretary, {
            "name": "村东鱼塘发包", "kind": "contracting", "party": "高宝根",
            "amount": Decimal(18000), "decided": "2月26日村民代表会议", "account": "62220000",
        }, date(2026, 3, 1), date(2027, 1, 1))  # fmt: skip
        values = {spec.id: fields.get(spec.type).load(contract.values[spec.id])
                  for spec in contract.rule.columns if spec.id in contract.values}  # fmt: skip
        registers.correct_row(
            contract,
            RowDraft(since=contract.since, until=contract.until,
                     values=values | {"amount": Decimal(16800)}),
            reason="合同上是 16800 元", by=secretary, at=at(date(2026, 3, 4)),
        )  # fmt: skip
        self._row(branch, "seeds/county-registers:correspondents", secretary, {
            "who": Named(person.pk, person.name), "post": "组织委员",
            "duty": "每月 25 日前报一条支部动态给镇组织办",
        }, date(2026, 3, 1))  # fmt: skip
        old = self._row(branch, "seeds/county-registers:venues", town, {
            "name": "通扬村党群服务中心", "state": "building", "area": Decimal(260),
            "funds": Decimal(120000),
        }, date(2026, 3, 1))  # fmt: skip
        registers.close_row(
            old, until=date(2026, 8, 20), ended_as="finished", reason="竣工验收", by=town,
            at=at(date(2026, 8, 20)),
        )  # fmt: skip
        for name, state in (("通扬村", "built"), ("五荡村", "usable"), ("庄桥村", "repairing")):
            self._row(self.villages[name], "seeds/county-registers:venues", town, {
                "name": f"{name}党群服务中心", "state": state, "area": Decimal(260),
                "funds": Decimal(120000),
            }, date(2026, 8, 20))  # fmt: skip
        for place, who, name in (
            (branch, secretary, "秸秆禁烧部署会"), (self.villages["五荡村"], town, "换届准备会"),
        ):  # fmt: skip
            self._row(place, "seeds/meeting-gate:meetings", who, {
                "name": name, "audience": "villages", "how": "video",
            }, date(2026, 11, 9))  # fmt: skip
        self.facts |= {"contract": contract.pk, "old_venue": old.pk}
        self._asked_for(branch)

    def _asked_for(self, branch: Any) -> None:
        """Two doors of the branch are open; somebody asked at one and left a phone."""
        adoptions.adopt(
            pack="seeds/requests", organization=branch, since=date(2026, 1, 1), by=self.system,
            at=NOON,
        )  # fmt: skip
        ticket, _ = portal.ask(
            branch, held=doors(branch, TODAY)["seeds/requests:request"],
            values={"sort": "lights-roads", "what": "五组到小学那段路，路灯坏了三盏"},
            phone="13900001234", seal="county", at=NOON,
        )  # fmt: skip
        self.facts["ticket"] = ticket.pk
        waiting = scenes.pooled(branch, "五组的沟堵了", by=self.users["secretary"], at=NOON)
        self.facts["pooled"] = waiting.pk

    def paired(self) -> None:
        """Households that a member keeps in touch with: one talked to, one owed a contact, two
        with nobody; a rota in which the member has turns, one of them offered by another."""
        for pack in ("seeds/link-roster", "seeds/estate-rota"):
            adoptions.adopt(
                pack=pack, organization=self.county, since=date(2026, 1, 1),
                by=self.users["county"], at=at(date(2026, 2, 1)),
            )  # fmt: skip
        branch, secretary, member = (
            self.villages["通扬村"], self.users["secretary"], self.users["member"],
        )  # fmt: skip
        people_ = self.members["通扬村"]
        who = next(one for one in people_ if one.pk == member.person_id)
        day, hour = TODAY - timedelta(days=60), at(TODAY - timedelta(days=60))
        held = pair_queries.in_force(branch, TODAY, "link")["seeds/link-roster:households"]
        links = []
        for number, name in enumerate(("东头李家", "桥口王家", "西圩陈家", "河北张家")):
            row = self._row(branch, "seeds/link-roster:households", secretary,
                            {"name": name, "agreed": True}, day)  # fmt: skip
            if number < 2:
                sides = LinkDraft(who=Named(who.pk, who.name), whom=Named(row.pk, name), since=day)
                links.append(pairings.begin_link(
                    branch, sides, kind=held.reference, wording=held.wording.since,
                    rule=pair_queries.rule_of(held), by=secretary, at=hour,
                ))  # fmt: skip
        contact = pairings.log_contact(
            links[0], held_on=TODAY - timedelta(days=9), channel="interview",
            needs="门口的路灯不亮，晚上看不见桥", by=member, at=at(TODAY - timedelta(days=9)),
        )  # fmt: skip
        held = pair_queries.in_force(branch, TODAY, "rota")["seeds/estate-rota:duty"]
        monday = TODAY - timedelta(days=TODAY.weekday())
        roll = [who.pk, *(one.pk for one in people_ if one.pk != who.pk)][:4]
        rota = rotas.draw_up(
            branch, RotaDraft(title="", since=monday, until=monday + timedelta(days=28), roll=roll),
            kind=held.reference, wording=held.wording.since, rule=pair_queries.rule_of(held),
            by=secretary, at=at(monday),
        )  # fmt: skip
        coming = DutyTurn.objects.filter(rota=rota, on__gt=TODAY).in_order()
        mine = coming.filter(person=who).first()
        rotas.offer_turn(coming.exclude(person=who).first(), by=secretary, at=NOON)
        self.facts |= {
            "link": links[0].pk, "contact": contact.pk, "rota": rota.pk, "my_turn": mine.pk,
        }  # fmt: skip

    def _row(
        self, home: Any, register: str, by: Any, values: dict[str, Any], since: date,
        until: date | None = None,
    ) -> Any:  # fmt: skip
        return registers.open_row(
            home, RowDraft(since=since, until=until, values=values), register=register,
            wording=date(2000, 1, 1), by=by, at=at(since),
        )  # fmt: skip

    def driven(self) -> None:
        """A campaign of the town: a plan lacks in one branch, three letters are given in
        another, whose last phase is its own to open; a second whose phase is open; one over."""
        hands = {role: self.users[role] for role in ("system-admin", "security-admin")}
        pack, faults = read(files_of(DRIVE_FOLDER))
        assert pack is not None, faults
        stored = packs.propose(pack, by=hands["system-admin"], at=NOON)
        packs.confirm(stored, by=hands["security-admin"], at=NOON)
        adoptions.adopt(
            pack=pack.id, organization=self.town, since=date(2026, 1, 1),
            by=self.users["county"], at=at(date(2026, 8, 20)),
        )  # fmt: skip
        town, branch = self.users["township"], self.villages["通扬村"]
        drive = self._launched("drive", "秋季集中活动", list(self.villages.values()))
        units = list(drive.units.select_related("organization", "campaign").order_by("pk"))
        mine = next(unit for unit in units if unit.organization_id == branch.pk)
        done = [unit for unit in units if unit.organization_id != self.villages["四庄村"].pk]
        self._planned(done, town)
        letter = drive.rule.item("letter")
        assert letter
        people = [one.pk for one in self.members["通扬村"][:3]]
        entries = campaigns.enter(
            mine, letter, people=people, happened_on=date(2026, 10, 20),
            by=self.users["secretary"], at=at(date(2026, 10, 20)),
        )  # fmt: skip
        begun = self._launched("drive", "整改集中活动", [branch, self.villages["五荡村"]])
        both = list(begun.units.select_related("organization", "campaign").order_by("pk"))
        gate = begun.spans.get(phase="improve")
        self._planned(both, town)
        over = self._launched("old-drive", "去年的集中活动", [branch])
        self.facts |= {
            "drive": drive.pk, "unit": mine.pk, "other_unit": units[1].pk, "begun": begun.pk,
            "gate": gate.pk, "own_gate": drive.spans.get(phase="own").pk,
            "confirmed_item": entries[0].pk, "over": over.pk, "staff": over.staff.get().pk,
        }  # fmt: skip

    def _launched(self, name: str, title: str, homes: list[Any]) -> Campaign:
        return campaigns.launch(
            self.town, reference=f"demo/drive:{name}", wording=date(2018, 1, 1), title=title,
            starts={"all": date(2026, 9, 1)}, units={"all": [home.pk for home in homes]},
            by=self.users["township"], at=at(date(2026, 8, 25)),
        )  # fmt: skip

    @staticmethod
    def _planned(units: list[Any], by: Any) -> None:
        item = units[0].campaign.rule.item("plan")
        assert item
        campaigns.enter_many(
            units[0].campaign, units, item, happened_on=date(2026, 9, 18), values={"what": 4},
            by=by, at=at(date(2026, 9, 20)),
        )  # fmt: skip

    def _problem(self, home: Any, title: str, due: date, owner: Any) -> Case:
        (wording,) = library.packs()["seeds/rectification"].items["procedures", "rectify"]
        values = {"source": "inspection", "found": "9月、10月账目未公布。", "horizon": "now",
                  "due_on": due}  # fmt: skip
        return cases.start(
            home, procedure=RECTIFY, wording=wording.since, title=title, values=values,
            owner=owner, on=date(2026, 10, 21), by=self.users["township"],
            at=at(date(2026, 10, 21)),
        )  # fmt: skip

    def _common(self, source: Case) -> Case:
        """A common problem of the township with one gathered into it."""
        (wording,) = library.packs()["seeds/rectification"].items["procedures", "common"]
        by, on = self.users["township"], date(2026, 11, 2)
        made = cases.start(
            self.town, procedure="seeds/rectification:common", wording=wording.since,
            title="公示牌没有人更新", owner=self._officer(),
            values={"found": "四个村的公示牌电话停用了。", "due_on": date(2026, 12, 31)},
            on=on, by=by, at=at(on),
        )  # fmt: skip
        clusters.put_under(source, made, by=by, at=at(on))
        return made

    def _officer(self) -> Any:
        return Person.objects.get(pk=self.users["township"].person_id)

    def _later(self, home: Any, owner: Any) -> Case:
        """A long-term one: approved, its first stage and its review to come, published, and
        followed by two forces."""
        (wording,) = library.packs()["seeds/rectification"].items["procedures", "rectify"]
        values = {
            "source": "visits", "found": "村里没有活动室。", "horizon": "later",
            "due_on": date(2027, 12, 31), "why_later": "要列入明年预算。",
            "milestone": "列上预算", "milestone_on": date(2026, 12, 31),
            "review_on": date(2027, 3, 1), "forces": ["groups", "media"], "publish": True,
        }  # fmt: skip
        by, town = self.users["township"], self.users["county"]
        made = cases.start(
            home, procedure=RECTIFY, wording=wording.since, title="没有活动室", values=values,
            owner=owner, on=date(2026, 10, 21), by=by, at=at(date(2026, 10, 21)),
        )  # fmt: skip
        said = {"measures": "争取明年建", "means": "今年没有钱"}
        made = self._step(made, "ask-later", by, date(2026, 10, 28), **said)
        agreed = {
            "can_now": "no", "horizon": "later", "due_on": date(2027, 12, 31),
            "milestone_on": date(2026, 12, 31), "review_on": date(2027, 3, 1),
        }  # fmt: skip
        return self._step(made, "agree", town, date(2026, 11, 2), **agreed)

    @staticmethod
    def _step(case: Case, outcome: str, by: Any, day: date, **values: Any) -> Case:
        step = Step(outcome=outcome, happened_on=day, values=values)
        return cases.act(case.turns.open().get(), step, by=by, at=at(day))

    def frozen(self) -> None:
        """The township's report of its branches."""
        question = asked(self.town, "duties", "place", "month", on=TODAY)
        report = insight.freeze(
            question, title="全镇 2026 年应办情况", by=self.users["township"], at=at(TODAY)
        )
        self.facts["report"] = report.pk

    def rest(self) -> None:
        """Numbers of what pages are about."""
        branch = self.villages["通扬村"]
        owed = Obligation.objects.filter(organization=branch)
        missing = owed.overdue(TODAY).order_by("-due_on", "pk").first()
        column = f"organization={self.town.pk}&column={LIFE}:theme-day@2026-10-01&on={TODAY}"
        kept = filters.of("activities:list")
        assert kept
        for name, query in (
            ("今年党课", "kind=national%2Fbranch-life%3Aclass"),
            ("没开的", "status=planned"),
        ):
            row = saving.save(kept, query, name=name, by=self.users["secretary"], at=NOON)
        for number, may_act in enumerate((False, True)):
            programs.make(
                name=f"办公室的报表程序{number + 1}", may_act=may_act,
                expires_on=TODAY + timedelta(days=90), by=self.users["secretary"], at=NOON,
            )  # fmt: skip
        self.facts |= {
            "filter": row.pk,
            "column": column,
            "county": self.county.pk,
            "town": self.town.pk,
            "other": self.other.pk,
            "big": self.villages["五荡村"].pk,
            "empty": self.villages["四庄村"].pk,
            "villages": {n: v.pk for n, v in self.villages.items()},
            "person": self.members["通扬村"][6].pk,
            "long_person": self.members["五荡村"][0].pk,
            "task": Assignment.objects.open().filter(organization=branch).order_by("pk").first().pk,
            "own_task": Assignment.objects.filter(owner=self.members["通扬村"][6]).get().pk,
            "overdue": missing.pk,
            "done": owed.exclude(done_on=None).order_by("pk").first().pk,
            "post": branch.posts.order_by("pk").first().pk,
            "holding": Holding.objects.filter(post__organization=branch).order_by("pk").first().pk,
        }


def id_number(home: int, number: int) -> str:
    """Not anybody's: no division begins with 99."""

    born_on = f"19{58 + number % 40}{1 + number % 12:02d}{1 + number % 28:02d}"
    body = f"99{home:04d}{born_on}{number:03d}"
    return str(body + ric.calc_check_digit(body + "0"))


def build() -> dict[str, Any]:
    """Make all of it; who can sign in, and the numbers of the things pages are about."""
    with transaction.atomic():
        seed = Seed()
        seed.tree()
        seed.register()
        seed.open_accounts()
        seed.adopt()
        seed.tongyang()
        seed.others()
        seed.words()
        seed.handed_down()
        seed.people_more()
        seed.talks()
        seed.put_right()
        seed.money()
        seed.published()
        seed.admitted()
        seed.moving()
        seed.shared_rooms()
        seed.driven()
        seed.registered()
        seed.paired()
        seed.frozen()
        seed.rest()
        seed.arranged()
        seed.opened()
    seed.rosters()
    seed.prove()
    return seed.facts
