"""Requests of the demo: what residents asked for by all ways, some taken, some answered, some
rated; through the real actions."""

from datetime import date, timedelta

from zhibu.cases import actions as cases
from zhibu.cases.models import Case
from zhibu.cases.steps import Step
from zhibu.cli.demo_cases import People, noon
from zhibu.organizations.models import Organization
from zhibu.portal import actions
from zhibu.portal.models import Ticket
from zhibu.portal.queries import doors

PACKS = ("seeds/requests", "national/petitions")
FIELDS = ("rural", "community")  # where residents live; an office or a firm has no door
ASKED = (
    ("lights-roads", "五组到小学那段路，路灯坏了三盏", "online"),
    ("rubbish", "桥头的垃圾三天没有人收", "phone"),
    ("aid", "邻居老人一个人住，低保怎么办", "visit"),
    ("accounts", "上个季度的账贴在哪里", "branch-meeting"),
)

POOLED = (
    ("lights-roads", "老人多的那排房子门口没有扶手", "later"),
    ("work", "想学怎么在网上卖自家的菜，没有人教", "soon"),
)


def some(hands: list[tuple[Organization, People]], *, today: date) -> None:
    """One a branch: every first waits, every second is taken, the others are answered, and every
    fourth is content."""
    for number, (branch, who) in enumerate(hands):
        sort, what, channel = ASKED[number % len(ASKED)]
        day = today - timedelta(days=12)
        ticket, _ = actions.ask(
            branch, held=doors(branch, day)["seeds/requests:request"],
            values={"sort": sort, "what": what}, channel=channel, seal=f"demo:{branch.pk}",
            by=None if channel == "online" else who.secretary, at=noon(day),
        )  # fmt: skip
        if number % 4:
            _answer(ticket, who, number, day)


def pool(branch: Organization, who: People, *, today: date) -> None:
    """Two that nobody has claimed yet, one of them pressing."""
    day = today - timedelta(days=4)
    for number, (sort, what, urgency) in enumerate(POOLED):
        ticket, _ = actions.ask(
            branch, held=doors(branch, day)["seeds/requests:request"],
            values={"sort": sort, "what": what}, seal=f"demo pool:{branch.pk}:{number}",
            at=noon(day),
        )  # fmt: skip
        step = Step(outcome="pool", happened_on=day, values={"urgency": urgency})
        _act(Case.objects.get(pk=ticket.case_id), "take", step, who)


def _answer(ticket: Ticket, who: People, number: int, day: date) -> None:
    case = Case.objects.get(pk=ticket.case_id)
    _act(case, "take", Step(outcome="take", happened_on=day, values={"urgency": "soon"}), who)
    if number % 4 == 1:
        return
    on = day + timedelta(days=3)
    turn = case.turns.open().get(stage="handle")
    cases.claim(turn, by=who.secretary, at=noon(on))
    answer = {"answer": "去看过了，这个星期办好。"}
    _act(case, "handle", Step(outcome="done", happened_on=on, values=answer), who)
    if number % 4 == 3:
        turn = case.turns.open().get(stage="rate")
        later = on + timedelta(days=2)
        step = Step(outcome="satisfied", happened_on=later)
        actions.answer_back(ticket, turn, step, at=noon(later))


def _act(case: Case, stage: str, step: Step, who: People) -> None:
    turn = case.turns.open().get(stage=stage)
    cases.act(turn, step, by=who.secretary, at=noon(step.happened_on))
