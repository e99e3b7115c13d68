"""A village of the demo that decides and builds: a matter decided by four deliberations, and a
project with its money, both looked over by the supervision committee; through the real actions."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from zhibu.accounts.models import User
from zhibu.cases import actions as cases
from zhibu.cases import steps
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Running, Step, Totals
from zhibu.cli.demo_cases import noon
from zhibu.organizations.models import Organization
from zhibu.packs import library

FOUR, MATTER = "seeds/four-deliberations", "seeds/one-matter"
PACKS = (FOUR, MATTER)
DECISION, PROJECT = f"{FOUR}:decision", f"{MATTER}:project"
PAID = 45  # days since money came in and the builders were paid: in a month that is over
VILLAGERS = 45  # representatives of villagers; no roster lists them
PLEDGES = (("王家", 5, 1000), ("陈家", 6, 1200), ("李家", 4, 800))


@dataclass(frozen=True, slots=True)
class Village:
    """A village branch: who writes for it, and who supervises."""

    branch: Organization
    secretary: User
    supervisor: User
    today: date

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)


def decide(village: Village) -> Case:
    """A matter put forward, deliberated, decided and hung out: it is being carried out."""
    values = {
        "what": "村口池塘清淤、加护栏", "matter": "welfare", "area": "people",
        "why": "池塘淤了，边上没有护栏，老人和孩子不安全。",
    }  # fmt: skip
    case = _start(village, DECISION, "村口池塘清淤、加护栏", values, village.ago(60))
    _act(village, case, "listen", "heard", 58, by=village.supervisor,
         asked=36, heard="都说该清，护栏要结实。")  # fmt: skip
    _vote(village, case, "propose", "passed", 57, proposal="清淤 2.4 亩，护栏 180 米。")
    plan = "清淤、护栏预算 3.6 万元，从村集体支出，三家比价。"
    _vote(village, case, "consult", "passed", 50, here=9, plan=plan)
    _vote(village, case, "review", "passed", 42, views="同意，先清淤后装护栏。")
    _act(village, case, "convene", "representatives", 40, told="逐户送通知，微信群里也发了。")
    _vote(village, case, "resolve", "passed", 34, here=VILLAGERS,
          resolution="清淤、装护栏，预算 3.6 万元，12 月底前完工。")  # fmt: skip
    _hang(village, case, "publish", 33, 18)
    _act(village, case, "publish", "clean", 17)
    return case


def build(village: Village) -> Case:
    """A road that villagers pay for with the township: what came in is paid out by and by."""
    values = {
        "what": "修三组到五组的水泥路", "why": "雨天走不了人。", "people": 412, "hamlets": 1,
        "most_a_head": Decimal(300), "most_paper": "本省一事一议限额标准（演示）",
    }  # fmt: skip
    case = _start(village, PROJECT, "修三组到五组的水泥路", values, village.ago(80))
    _act(village, case, "consult", "report", 79, budget_raised=Decimal(3000),
         budget_subsidy=Decimal(60000), budget_collective=Decimal(20000), even=False,
         how="长 620 米、宽 3 米，三家比价，群众自愿出一点，奖补和集体出大头。")  # fmt: skip
    _vote(village, case, "review", "passed", 76)
    _vote(village, case, "resolve", "passed", 72, here=VILLAGERS)
    _hang(village, case, "publish", 71, 56)
    for giver, heads, gives in PLEDGES:
        _act(village, case, "pledge", "one", 68, giver=giver, heads=heads,
             gives=Decimal(gives), gives_even=False)  # fmt: skip
    _act(village, case, "pledge", "enough", 67)
    _act(village, case, "publish", "clean", 55)
    for source, sum_, payer, receipt in (
        ("self-raised", 3000, "三组、五组的三户", "收据 0001–0003"),
        ("subsidy", 60000, "镇财政所", "进账单 0712"), ("collective", 20000, "村集体", "转账 0031"),
    ):  # fmt: skip
        _act(village, case, "collect", "one", PAID, came_from=source, came=Decimal(sum_),
             payer=payer, receipt=receipt)  # fmt: skip
    for use, sum_, payee, invoice in (
        ("materials", 31800, "镇水泥制品厂", "发票 4471"),
        ("works", 26500, "某施工队", "发票 4489"),
    ):  # fmt: skip
        _act(village, case, "spend", "ask", PAID, used_for=use, payee=payee, costs=Decimal(sum_),
             invoice=invoice)  # fmt: skip
        _act(village, case, "check", "agree", PAID, by=village.supervisor)
    return case


def _start(
    village: Village, procedure: str, title: str, values: dict[str, Any], on: date
) -> Case:  # fmt: skip
    pack, _, name = procedure.partition(":")
    wording = library.packs()[pack].wording_on("procedures", name, on)
    assert wording is not None
    return cases.start(
        village.branch, procedure=procedure, wording=wording.since, title=title, values=values,
        on=on, by=village.secretary, at=noon(on),
    )  # fmt: skip


def _turn(case: Case, stage: str) -> Turn:
    return case.turns.open().get(stage=stage)


def _act(
    village: Village, case: Case, stage: str, outcome: str, days: int, *, by: User | None = None,
    totals: Totals | None = None, **values: Any,
) -> None:  # fmt: skip
    on = village.ago(days)
    step = Step(outcome=outcome, happened_on=on, values=values, totals=totals)
    cases.act(_turn(case, stage), step, by=by or village.secretary, at=noon(on))


def _vote(
    village: Village, case: Case, stage: str, outcome: str, days: int, *, here: int = 0,
    **values: Any,
) -> None:  # fmt: skip
    """Everybody who has a vote came and nearly all are for it; ``here`` of an assembly that no
    roster lists."""
    turn, on = _turn(case, stage), village.ago(days)
    rule = Running(case).stage(turn)
    all_ = here or len(steps.roll_of(turn, rule, on))
    one, two = sorted(steps.counters_of(turn, rule, on))[-2:]
    away = all_ // 12
    totals = Totals(
        entitled=all_, present=all_ - away, yes=all_ - 2 * away, no=0, abstain=away,
        tellers=(one, two),
    )  # fmt: skip
    _act(village, case, stage, outcome, days, totals=totals, **values)


def _hang(village: Village, case: Case, stage: str, since: int, until: int) -> None:
    on = village.ago(since)
    cases.post(
        _turn(case, stage), channel="公开栏", place="村部门口公开栏", posted_on=on,
        until=village.ago(until), by=village.secretary, at=noon(on),
    )  # fmt: skip
