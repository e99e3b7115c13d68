"""What goes on around one branch of the demo: opinions passed on word for word, a council of
neighbours, a compact and its second version, firms and who keeps in touch with them; through the
real actions."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from zhibu.accounts.models import User
from zhibu.cases import actions as cases
from zhibu.cases.models import Case
from zhibu.cases.steps import Running, Step, Totals, counters_of
from zhibu.cli import demo_registers
from zhibu.cli.demo_cases import People, noon
from zhibu.core.fields import Named
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.pairings import actions as pairings
from zhibu.pairings import queries as pairs
from zhibu.pairings.drafts import LinkDraft
from zhibu.portal import actions as portal
from zhibu.portal.models import Ticket
from zhibu.portal.queries import doors
from zhibu.registers.models import Row

VERBATIM, COUNCIL = "seeds/verbatim", "seeds/deliberation"
ESTATES, FIRMS = "seeds/estates", "seeds/firm-roster"
PACKS = (VERBATIM, COUNCIL, ESTATES, FIRMS)
OPINION, PROBLEM = f"{VERBATIM}:opinion", "seeds/requests:firm-problem"
SAID = (  # for how many days it has been known
    ("branch", "公开栏的字太小，老年人看不清", 16),
    ("team", "填表太多，一样的情况填了三回", 15),
    ("members", "志愿服务能不能放在晚上，白天都上班", 2),
)
WISHES = (("楼道里堆的东西没有人清", "buildings", 3), ("晚上停车占了消防道", "parking", 5),
          ("绿化带没有人剪", "green", 2))  # fmt: skip
COMPACT = "楼道公约"
FIRST = "一、楼道里不堆东西。\n二、晚上十点以后轻声。"
SECOND = f"{FIRST}\n三、电动车不上楼，在车棚充电。"
ROSTER = (("清禾食品", "own", 5), ("永盛包装", "due", 3), ("街口五金店", "too-few", 1))
SIDES = ["members", "residents", "property", "owners", "street"]


def fill(branch: Organization, who: People, above: Organization, *, today: date) -> Case:
    """What its neighbours deliberated. ``above``: the committee that is asked where the branch
    itself cannot help."""
    around = _Around(branch, who, above, today)
    around.opinions()
    deliberated = around.council()
    around.compact()
    around.firms()
    return deliberated


class _Around:
    """One branch with its people, and the days it tells of."""

    def __init__(self, branch: Organization, who: People, above: Organization, today: date) -> None:
        self.branch, self.who, self.above, self.today = branch, who, above, today

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def opinions(self) -> None:
        """One answered and content, one being mended, one that waits to be passed on."""
        first, second, _ = [
            self._ask(OPINION, days, about=about, said=said) for about, said, days in SAID
        ]
        self._act(first, "sort", "pass", 15, theme="service", to=_named(self.branch))
        self._act(first, "reply", "mend", 12, mend_by=self.ago(6),
                  answer="下一期起用大字，放在眼睛看得到的高度。")  # fmt: skip
        self._act(first, "mend", "mended", 7, answer="换好了，字有两厘米大，请去看看。")
        self._answer_back(first, "hear", "yes", 5)
        self._act(second, "sort", "pass", 13, theme="works", to=_named(self.above))
        self._act(second, "reply", "mend", 9, by=self.who.officer, mend_by=self.today,
                  answer="表格合成一张，下个月起一家只填一回。")  # fmt: skip

    def council(self) -> Case:
        """What neighbours wish for, written down at the door; one matter deliberated, half done."""
        for wish, topic, household in WISHES:
            demo_registers.open_row(
                f"{COUNCIL}:visits", self.branch, self.who.secretary, self.ago(42), wish=wish,
                topic=topic, household=Decimal(household),
            )  # fmt: skip
        case = self._start(
            f"{COUNCIL}:deliberate", "楼道里堆的东西怎么清", 41, owner=True,
            matter="楼道里堆的东西怎么清、清了放哪里", households=Decimal(24),
        )  # fmt: skip
        self._act(case, "survey", "topic", 38, visited=Decimal(24), before="六个楼道都堆着东西",
                  wishes="清掉可以，要有地方放；旧家具搬不动。")  # fmt: skip
        self._act(case, "invite", "invited", 34, sides=SIDES, meets_on=self.ago(28))
        self._act(
            case, "meeting", "resolved", 28, present=Decimal(31),
            said_members="党员先清自己家门口的。",
            said_residents="三楼的：旧柜子搬不动，请人帮一把。\n一楼的：清了别又堆回来。",
            said_property="经理：清出来的我们拉走，不收钱。",
            said_owners="车棚边上空着，可以隔出一间放东西。", said_street="社区出两个人帮老人搬。",
            first_step="各家把门口的清走", first_on=self.ago(22),
            second_step="物业拉走大件，隔出一间公用的", second_on=self.today + timedelta(days=20),
        )  # fmt: skip
        self._act(case, "themselves", "done", 22, cleared_households=Decimal(19))
        return case

    def compact(self) -> None:
        """A compact, and the version that has taken its place."""
        self._agree(FIRST, "不堆东西都同意，怕没有人管。", begun=76)
        first = Row.objects.get(register=f"{ESTATES}:compacts", organization=self.branch)
        replaces = Named(first.pk, COMPACT)
        self._agree(SECOND, "电动车的一条，充电要方便。", begun=33, replaces=replaces)

    def _agree(self, text: str, said: str, *, begun: int, **values: Any) -> None:
        asked: dict[str, Any] = {
            "name": COMPACT,
            "text": text,
            "comments_by": self.ago(begun - 7),
            **values,
        }
        case = self._start(f"{ESTATES}:compact", f"立{COMPACT}", begun, **asked)
        self._act(case, "comment", "ready", begun - 9, comments=Decimal(14), said=said, text=text)
        turn = case.turns.open().get(stage="vote")
        on = self.ago(begun - 11)
        one, two = sorted(counters_of(turn, Running(case).stage(turn), on))[:2]
        totals = Totals(entitled=30, present=27, yes=25, no=1, abstain=1, tellers=(one, two))
        self._act(case, "vote", "passed", begun - 11, totals=totals)
        hung = self.ago(begun - 12)
        cases.post(
            case.turns.open().get(stage="post"), channel="公开栏", place="各楼道口",
            posted_on=hung, until=hung + timedelta(days=15), by=self.who.secretary, at=noon(hung),
        )  # fmt: skip
        self._act(case, "post", "renewed" if "replaces" in values else "first", begun - 29)

    def firms(self) -> None:
        """Three firms, the first with somebody who keeps in touch and was told of a trouble that
        is settled."""
        since, owner = self.ago(70), self.who.owner
        rows = [
            demo_registers.open_row(
                f"{FIRMS}:firms", self.branch, self.who.secretary, since, name=name, set_up=set_up,
                members=Decimal(members),
            )
            for name, set_up, members in ROSTER
        ]  # fmt: skip
        kind = f"{FIRMS}:liaison"
        held = pairs.in_force(self.branch, self.today, "link")[kind]
        name = ROSTER[0][0]
        link = pairings.begin_link(
            self.branch,
            LinkDraft(who=Named(owner.pk, owner.name), whom=Named(rows[0].pk, name), since=since),
            kind=kind, wording=held.wording.since, rule=pairs.rule_of(held),
            by=self.who.secretary, at=noon(since),
        )  # fmt: skip
        visited, needs = self.ago(26), "门口晚上停满了车，货车进不来"
        pairings.log_contact(
            link, held_on=visited, channel="visit", needs=needs, by=self.who.secretary,
            at=noon(visited),
        )  # fmt: skip
        case = self._ask(PROBLEM, 25, by=self.who.secretary, channel="visit", firm=name,
                         sort="other", what=f"{needs}。")  # fmt: skip
        self._act(case, "send", "send", 24, unit=_named(self.above), by_=self.ago(10))
        self._act(case, "settle", "settled", 15, by=self.who.officer,
                  answer="画了装卸的车位，早晚两个时段别的车不停。")  # fmt: skip
        self._answer_back(case, "call-back", "satisfied", 12)

    def _ask(
        self, reference: str, days: int, *, by: User | None = None, channel: str = "online",
        **values: object,
    ) -> Case:  # fmt: skip
        on = self.ago(days)
        ticket, _ = portal.ask(
            self.branch, held=doors(self.branch, on)[reference], values=values, channel=channel,
            seal=f"demo:{reference}:{self.branch.pk}:{days}", by=by, at=noon(on),
        )  # fmt: skip
        return Case.objects.get(pk=ticket.case_id)

    def _answer_back(self, case: Case, stage: str, outcome: str, days: int) -> None:
        ticket, on = Ticket.objects.get(case=case), self.ago(days)
        turn = case.turns.open().get(stage=stage)
        portal.answer_back(ticket, turn, Step(outcome=outcome, happened_on=on), at=noon(on))

    def _start(
        self, procedure: str, title: str, days: int, *, owner: bool = False, **values: Any
    ) -> Case:
        pack, _, name = procedure.partition(":")
        on = self.ago(days)
        wording = library.packs()[pack].wording_on("procedures", name, on)
        assert wording is not None
        return cases.start(
            self.branch, procedure=procedure, wording=wording.since, title=title, values=values,
            owner=self.who.owner if owner else None, on=on, by=self.who.secretary, at=noon(on),
        )  # fmt: skip

    def _act(
        self, case: Case, stage: str, outcome: str, days: int, *, by: User | None = None,
        totals: Totals | None = None, **said: Any,
    ) -> None:  # fmt: skip
        """``by_``: a field that the pack calls ``by``."""
        on, values = self.ago(days), {name.rstrip("_"): value for name, value in said.items()}
        step = Step(outcome=outcome, happened_on=on, values=values, totals=totals)
        turn = case.turns.open().get(stage=stage)
        cases.act(turn, step, by=by or self.who.secretary, at=noon(on))


def _named(organization: Organization) -> Named:
    return Named(organization.pk, organization.called)
