"""A year of requests through the real actions, and the figures against a recount of what was done.

python benchmarks/requests.py [REQUESTS] [SEED]

REQUESTS come on the days of a year, by all channels, in all kinds of matter, at the doors of
three villages. Each is taken, handed on, pooled, claimed, answered, split to a department or
escalated, rated or left alone, taken up again or not, as the dice say; every night lapses what was
not used. The plan is written down beside, in plain lists, as it is carried out; at the end the
figures of the pages (state, late, channels, ratings, claims, escalations, taken up again) are
compared with sums over those lists, deadlines with dateutil. A difference is printed and fails.
Target: none, and nothing slower than a request by the page may be (p95 at most 300 ms an action).
"""

import random
import statistics
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from rig import figures, homes

REQUESTS, SEED, FIRST = 10_000, 7, date(2026, 1, 5)
HERE = ZoneInfo("Asia/Shanghai")
LIMITS = {
    "water-power": "24 h", "lights-roads": 7, "rubbish": 3, "aid": 20, "accounts": 10,
    "work": 15, "other": 30,
}  # fmt: skip


class Year:
    """What happens, and what is written down of it by hand."""

    def __init__(self, dice: random.Random) -> None:
        from tests import factories
        from tests.portal import asking
        from zhibu.accounts.actions import ensure_system_account

        self.dice, self.asking = dice, asking
        system = ensure_system_account(noon(FIRST))
        self.tree = factories.small_tree(system)
        asking.open_doors(self.tree)
        self.places = [self.tree.village, self.tree.inner, self.tree.far]
        holder = factories.holder
        self.staff = {
            place.pk: [
                holder(place, place, role, by=system, title=title)
                for role, title in (("branch-secretary", "书记"), ("branch-committee", "委员"))
            ]
            for place in self.places
        }
        self.officer = holder(self.tree.inner, self.tree.county, "committee-officer", by=system)
        self.known: dict[int, dict] = {}
        self.took: list[float] = []
        self.due: list[tuple[int, date]] = []
        self.left: list[int] = []
        self.again = self.claims = self.escalated = self.handed = 0
        self.rated: Counter[str] = Counter()
        self.todo: dict[date, list] = {}

    def later(self, day: date, least: int, most: int, what, *args) -> None:
        on = day + timedelta(days=self.dice.randint(least, most))
        self.todo.setdefault(on, []).append((what, args))

    def timed(self, action):
        began = time.perf_counter()
        found = action()
        self.took.append((time.perf_counter() - began) * 1000)
        return found

    def ask(self, day: date) -> None:
        from zhibu.packs.schema.procedures import CHANNELS

        place, sort = self.dice.choice(self.places), self.dice.choice(list(LIMITS))
        channel = self.dice.choice(list(CHANNELS))
        by = None if channel == "online" else self.staff[place.pk][0]
        values = {"sort": sort, "what": f"第{len(self.known) + 1}件：{sort}"}
        ticket, _ = self.timed(
            lambda: self.asking.ask(place, by=by, channel=channel, values=values, at=noon(day))
        )
        self.known[ticket.case_id] = {
            "ticket": ticket, "place": place.pk, "sort": sort, "channel": channel, "ended": "",
        }  # fmt: skip
        self.later(day, 0, 20, self.take, ticket.case_id)

    def turn(self, case: int, stage: str):
        from zhibu.cases.models import Turn

        return Turn.objects.select_related("case").get(case=case, stage=stage, state="open")

    def act(self, case: int, stage: str, outcome: str, by, day: date, reason="", **values):
        from zhibu.cases import actions
        from zhibu.cases.steps import Step

        turn = self.turn(case, stage)
        step = Step(outcome=outcome, happened_on=day, values=values, reason=reason)
        return self.timed(lambda: actions.act(turn, step, by=by, at=noon(day)))

    def claim(self, case: int, stage: str, day: date) -> None:
        from zhibu.cases import actions

        turn = self.turn(case, stage)
        by = self.dice.choice(self.staff[self.known[case]["place"]])
        self.timed(lambda: actions.claim(turn, by=by, at=noon(day)))
        self.known[case]["by"] = by
        self.claims += 1

    def take(self, day: date, case: int) -> None:
        from zhibu.core.fields import Named

        known = self.known[case]
        by = self.dice.choice(self.staff[known["place"]])
        urgency = self.dice.choice(["now", "soon", "later"])
        which = self.dice.random()
        if which < 0.1:
            other = self.dice.choice([p for p in self.places if p.pk != known["place"]])
            self.act(case, "take", "hand-on", by, day, "归那里管", urgency=urgency,
                     to=Named(other.pk, other.called))  # fmt: skip
            known["place"] = other.pk
            self.handed += 1
            self.later(day, 0, 5, self.take, case)
        elif which < 0.15:
            self.act(case, "take", "refuse", by, day, "家务事", urgency=urgency)
            known["ended"] = "不受理"
        elif which < 0.4:
            self.act(case, "take", "pool", by, day, urgency=urgency)
            self.later(day, 1, 30, self.pool, case)
        else:
            self.act(case, "take", "take", by, day, urgency=urgency)
            self.opened(case, day)
            self.later(day, 0, 25, self.handle, case)

    def opened(self, case: int, day: date) -> None:
        """Handling began: its last day by another calendar."""
        from dateutil.relativedelta import relativedelta

        length = LIMITS[self.known[case]["sort"]]
        turn = self.turn(case, "handle")
        if isinstance(length, int):
            right = day + relativedelta(days=length)
        else:
            right = (noon(day) + relativedelta(hours=24)).astimezone(HERE).date()
        if turn.due_on != right:
            self.due.append((case, right))
        self.known[case]["due"] = right

    def pool(self, day: date, case: int) -> None:
        self.claim(case, "pool", day)
        by, self.known[case]["pooled"] = self.known[case]["by"], True
        if self.dice.random() < 0.3:
            self.act(case, "pool", "cannot", by, day, "要大修")
            self.later(day, 0, 3, self.split, case)
        else:
            self.act(case, "pool", "begin", by, day)
            self.opened(case, day)
            self.later(day, 0, 25, self.handle, case)

    def handle(self, day: date, case: int) -> None:
        """Whoever claimed it in the pool goes on; what was taken at once is claimed each time."""
        known = self.known[case]
        if not known.get("pooled"):
            self.claim(case, "handle", day)
        elif self.turn(case, "handle").person_id != known["by"].person_id:
            self.left.append(case)
        by = known["by"]
        if self.dice.random() < 0.1:
            self.act(case, "handle", "stuck", by, day, "办不动")
            self.later(day, 0, 3, self.split, case)
        else:
            self.act(case, "handle", "done", by, day, answer="办好了")
            self.later(day, 0, 40, self.rate, case)

    def split(self, day: date, case: int) -> None:
        from zhibu.core.fields import Named

        dept = self.tree.general
        self.act(case, "split", "send", self.officer, day, dept=Named(dept.pk, dept.called),
                 dept_by=day + timedelta(days=30))  # fmt: skip
        self.later(day, 1, 40, self.department, case)

    def department(self, day: date, case: int) -> None:
        if self.dice.random() < 0.3:
            self.act(case, "department", "cannot", self.officer, day, "没有钱")
            self.escalated += 1
            self.later(day, 0, 10, self.escalate, case)
        else:
            self.act(case, "department", "solved", self.officer, day, answer="部门办好了")
            self.later(day, 0, 40, self.rate, case)

    def escalate(self, day: date, case: int) -> None:
        self.act(case, "escalate", "answer", self.officer, day, answer="列进计划")
        self.later(day, 0, 40, self.rate, case)

    def rate(self, day: date, case: int) -> None:
        from zhibu.cases.models import Turn
        from zhibu.cases.steps import Step
        from zhibu.portal import actions

        turn = Turn.objects.filter(case=case, stage="rate", state="open").first()
        known = self.known[case]
        if turn is None:
            known["ended"] = "办结"  # a night before, unused
            return
        outcome = self.dice.choice(["satisfied", "satisfied", "fair", "dissatisfied", ""])
        if not outcome:
            self.later(day, 31, 45, self.rate, case)
            return
        why = {"why": "没有办好"} if outcome == "dissatisfied" else {}
        step = Step(outcome=outcome, happened_on=day, values=why)
        self.timed(lambda: actions.answer_back(known["ticket"], turn, step, at=noon(day)))
        self.rated[outcome] += 1
        if outcome == "dissatisfied":
            self.again += 1
            self.opened(case, day)
            self.later(day, 0, 25, self.handle, case)
        else:
            known["ended"] = {"satisfied": "办结，满意", "fair": "办结，一般"}[outcome]

    def live(self, requests: int) -> date:
        """All of it, day after day; the last day."""
        from zhibu.cases import doorway

        for _ in range(requests):
            self.todo.setdefault(FIRST + timedelta(days=self.dice.randrange(330)), []).append(
                (self.ask, ())
            )
        day = FIRST
        while self.todo:
            with at(day):
                doorway.lapse(noon(day))
                while day in self.todo:  # what is done at once brings more on the same day
                    for what, args in self.todo.pop(day):
                        what(day, *args)
            day += timedelta(days=1)
        return day


def noon(day: date) -> datetime:
    return datetime.combine(day, clock(12), HERE).astimezone(UTC)


def at(day: date):
    import time_machine

    return time_machine.travel(noon(day), tick=False)


def differences(year: Year, today: date) -> list[str]:
    """Where the figures of the pages are not the sums over what was written down."""
    from zhibu.cases.models import Case, Turn
    from zhibu.ledger.models import Entry
    from zhibu.portal import queries
    from zhibu.portal.models import Ticket

    rule = year.asking.held(year.tree.village).wording.item
    cases = Case.objects.all()
    rated = queries.ratings(cases, rule)
    shares = {one.title: one.count for one in queries.by_channel(Ticket.objects.all())}
    from zhibu.packs.schema.procedures import CHANNELS

    wanted = Counter(CHANNELS[one["channel"]] for one in year.known.values())
    ends = Counter(one["ended"] for one in year.known.values())
    lapsed = Turn.objects.filter(way="lapsed").count()
    of = Entry.objects.filter
    pairs = [
        ("requests", len(year.known), cases.count()),
        ("by channel", dict(wanted), shares),
        ("how they ended", dict(ends), dict(Counter(cases.values_list("ended_as", flat=True)))),
        ("said of the answer", sum(year.rated.values()), rated.said),
        ("would do", year.rated["satisfied"], rated.satisfied),
        ("taken up again", year.again, rated.again),
        ("left alone", ends["办结"], lapsed),
        ("claims", year.claims, of(kind="cases:turn:claimed").count()),
        ("escalated", year.escalated, Turn.objects.filter(stage="escalate").count()),
        ("handed on", year.handed, Turn.objects.filter(outcome="hand-on").count()),
        ("asked, in the ledger", len(year.known), of(kind="portal:ticket:asked").count()),
        ("deadlines not those of the calendar", [], year.due[:3]),
        ("not gone on by whoever claimed it", [], year.left[:3]),
        ("open", 0, cases.filter(state="open").count()),
    ]  # fmt: skip
    return [f"{name}: {right} written down, {found} found"
            for name, right, found in pairs if right != found]  # fmt: skip


def main() -> int:
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else SEED)
    homes.inside()
    began = time.perf_counter()
    with at(FIRST):
        year = Year(dice)
    today = year.live(requests)
    with at(today):
        wrong = differences(year, today)
    took = sorted(year.took)
    p95 = figures.percentile(took, 0.95)
    print(f"{requests} requests, {len(took)} actions in {time.perf_counter() - began:.0f} s; "
          f"median {statistics.median(took):.1f} ms, p95 {p95:.1f} ms")  # fmt: skip
    print("\n".join(wrong) if wrong else "every figure is the recount's")
    return 1 if wrong or p95 > 300 else 0


if __name__ == "__main__":
    sys.exit(main())
