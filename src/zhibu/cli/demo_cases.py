"""Problems that the demo's townships found, members who move, people on their way into the
Party, and what branches promised, each a case, and a campaign; through the real actions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.cases import actions as cases
from zhibu.cases.campaigns import actions as campaigns
from zhibu.cases.campaigns import queries as run_by
from zhibu.cases.models import Case
from zhibu.cases.steps import Step
from zhibu.core.fields import Named
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.people import actions as people
from zhibu.people.models import Person

PACK = "seeds/rectification"
TRANSFER = "national/transfer"
ADMISSION = "national/admission"
PROMISES = "seeds/commitments"
STRIVING = (PROMISES, "seeds/leaders-review", "seeds/progress-sheet")
KEEPING = (
    ("修通到二组的路", "硬化 800 米"), ("给老人代办医保", "每月一次，办好 20 户"),
    ("活动室每周开放", "每周开三个晚上"),
)  # fmt: skip
APPLICANTS = (("程晓雨", 12), ("孟德明", 170), ("苏文静", 530), ("石建军", 560))
HEARD = ["group", "contact", "members", "masses"]
PROBLEMS = (
    ("财务公开不及时", "9月、10月的收支没有按时公布。", "补公布，今后每月 5 日前公布。"),
    ("活动室电线老化", "活动室有两处电线裸露。", "请电工换线。"),
    ("学习记录缺 2 次", "7月、8月的学习没有记录。", "按到会的人回忆补记，注明补记。"),
    ("党员联系户没有更新", "三户已经搬走，名单没有改。", "逐户核对，名单改过来。"),
    ("公示牌旧了", "公示牌上的电话已经停用。", "换新牌。"),
)
FURTHEST = 4  # begun, measures, done, checked


@dataclass(frozen=True, slots=True)
class People:
    """Who finds, who works on it, who answers for it."""

    officer: User
    secretary: User
    owner: Person


def put_right(branch: Organization, people: People, *, number: int, today: date) -> Case:
    """The ``number``-th problem, as far as its number says; some are late."""
    title, found, measures = PROBLEMS[number % len(PROBLEMS)]
    begun = today - timedelta(days=24)
    due = today - timedelta(days=2) if number % 8 == 1 else today + timedelta(days=12)
    (wording,) = library.packs()[PACK].items["procedures", "rectify"]
    case = cases.start(
        branch, procedure=f"{PACK}:rectify", wording=wording.since, title=title,
        values={"source": "inspection", "found": found, "horizon": "now", "due_on": due},
        owner=people.owner, on=begun, by=people.officer, at=noon(begun),
    )  # fmt: skip
    steps: tuple[tuple[str, User, dict[str, str]], ...] = (
        ("report", people.secretary, {"measures": measures, "means": "不用另外花钱。"}),
        ("report", people.secretary, {"done": "照措施办好了。", "lasting": "每季度看一遍。"}),
        ("accept", people.officer, {"seen": "到现场看过，改好了。"}),
    )
    for day, (outcome, by, values) in enumerate(steps[: number % FURTHEST]):
        on = begun + timedelta(days=4 + 7 * day)
        step = Step(outcome=outcome, happened_on=on, values=values)
        case = cases.act(case.turns.open().get(), step, by=by, at=noon(on))
    return case


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


Find = Callable[[Organization], People | None]


def some(branches: list[Organization], find: Find, *, today: date) -> int:
    """A problem in every ninth branch, and four in the thirteenth, where the demo's secretary
    is; how many."""
    made = 0
    for index, branch in enumerate(branches):
        wanted = FURTHEST if index == 12 else index % 9 == 3
        people = find(branch) if wanted else None
        for _ in range(wanted if people else 0):
            assert people is not None
            put_right(branch, people, number=made, today=today)
            made += 1
    return made


@dataclass(frozen=True, slots=True)
class Side:
    """A branch with its officer above and the county's, its secretary, and members who may
    move; each member with the account they would report in with."""

    branch: Organization
    officer: User
    county: User
    secretary: User
    members: list[Person]
    account: Callable[[Person], User]


def moves(here: Side, there: Side, *, today: date) -> int:
    """Members on their way between two branches, one away, one out of touch; how many."""
    ago = [today - timedelta(days=days) for days in range(101)]
    late, new, back, away, silent = here.members[:5]
    case = _transfer(here, there, late, began=ago[70])
    _act(case, "issue", here.officer, ago[65], valid_until=ago[5])
    case = _transfer(there, here, there.members[0], began=ago[10])
    _act(case, "issue", there.officer, ago[7], valid_until=ago[0])
    _transfer(here, there, new, began=ago[3])
    case = _transfer(here, there, back, began=ago[30])
    until = today + timedelta(days=30)
    _act(case, "issue", here.officer, ago[28], valid_until=until)
    _act(case, "refuse", there.secretary, ago[4], at="receive", reason="人还没有搬过来。")
    case = _begin(
        "migrant", here, away, began=ago[90], by=here.account(away), title="外出务工报到",
        host=_named(there), away_since=ago[100], return_on=today + timedelta(days=60),
    )  # fmt: skip
    next_on = today + timedelta(days=6)
    _act(case, "confirm", here.secretary, ago[88], next_on=next_on)
    _act(case, "issue", here.county, ago[87], hotline="12371")
    _act(case, "receive", there.secretary, ago[86])
    case = _begin(
        "lost", here, silent, began=ago[40], by=here.secretary, title="联系不上",
        last_contact_on=ago[100],
    )  # fmt: skip
    _act(case, "again", here.secretary, ago[20], searched="10 月打过两次电话，问了家里人。")
    return 6


def admissions(here: Side, *, today: date) -> int:
    """Four on their way: just applied, trained as an activist, under public notice, before the
    general meeting; how many."""
    for name, days_ago in APPLICANTS:
        began = today - timedelta(days=days_ago)
        person = people.register(
            name=name, home=here.branch, since=began - timedelta(days=30),
            born_on=began - timedelta(days=9200), by=here.officer, at=noon(began),
        )  # fmt: skip
        _admission(here, person, began=began, today=today)
    return len(APPLICANTS)


def _admission(here: Side, person: Person, *, began: date, today: date) -> None:
    """As far as the days since then allow."""
    wording = library.packs()[ADMISSION].wording_on("procedures", "admit", began)
    assert wording is not None
    case = cases.start(
        here.branch, procedure=f"{ADMISSION}:admit", wording=wording.since,
        title=f"{person.name}申请入党", values={}, person=person, on=began, by=here.secretary,
        at=noon(began),
    )  # fmt: skip
    _act(case, "receive", here.secretary, began)
    day = began + timedelta(days=20)
    if day > today:
        return
    first, second, third, fourth = (Named(one.pk, one.name) for one in here.members[:4])
    _act(case, "talked", here.secretary, day, talker=first)
    _act(case, "decide", here.secretary, day, recommended=["members"])
    _act(case, "file", here.officer, day, at="file-activist")
    _act(case, "name", here.secretary, day, contact_one=first, contact_two=second)
    for _ in range(2):
        day += timedelta(days=170)
        if day > today:
            return
        _act(case, "continue", here.secretary, day, review="工作踏实，学习认真。")
    day += timedelta(days=40)
    _act(case, "ready", here.secretary, day, review="工作踏实，作用发挥得好。")
    _act(case, "propose", here.secretary, day, heard=HEARD, is_migrant=False)
    if case.turns.open().get().stage == "file-object":
        cases.reword(case, by=here.officer, at=noon(day))
    is_ahead = day + timedelta(days=150) < today
    listed = day + timedelta(days=40) if is_ahead else today - timedelta(days=3)
    _act(case, "agree", here.officer, listed)
    cases.post(
        case.turns.open().get(), channel="张贴", place="村部公示栏", posted_on=listed,
        until=listed + timedelta(days=9), by=here.secretary, at=noon(listed),
    )  # fmt: skip
    if not is_ahead:
        return
    day = listed + timedelta(days=10)
    _act(case, "list", here.secretary, day)
    _act(
        case, "name", here.secretary, day, at="introducers", introducer_one=third,
        introducer_two=fourth, introducers_clear=True,
    )  # fmt: skip
    _act(case, "pass", here.secretary, day, at="review", review_conclusion="qualified")
    _act(case, "pass", here.secretary, day, training_days=3, training_mode="offline")
    _act(case, "report", here.secretary, day)
    ready = today - timedelta(days=8)
    _act(case, "pass", here.officer, ready, leaving_soon=False)
    _act(case, "filled", here.secretary, ready)


def campaign(
    county: Organization, branches: list[Organization], officer: User, *, today: date
) -> None:
    """The county's sheet since forty days: most branches mobilised in time, some late, some not
    at all; a few have begun something of their own."""
    begun = today - timedelta(days=40)
    (wording,) = library.packs()["seeds/progress-sheet"].items["campaigns", "striving"]
    made = campaigns.launch(
        county, reference="seeds/progress-sheet:striving", wording=wording.since,
        title="创先争优活动", starts={"all": begun}, units={"all": [one.pk for one in branches]},
        by=officer, at=noon(begun - timedelta(days=3)),
    )  # fmt: skip
    units, rule = list(run_by.taking_part(made)), made.rule
    late = [unit for number, unit in enumerate(units) if number % 7 == 3]
    lacking = [unit for number, unit in enumerate(units) if number % 7 == 5]
    in_time = [unit for unit in units if unit not in late and unit not in lacking]
    for name, some, days, values in (
        ("mobilised", in_time, 9, {"present": 18}), ("mobilised", late, 36, {"present": 11}),
        ("sheet", in_time, 16, {"steps": 6}), ("own", in_time[:3], 38, {"what": "党员先锋岗"}),
    ):  # fmt: skip
        item, day = rule.item(name), begun + timedelta(days=days)
        assert item is not None
        if some:
            campaigns.enter_many(
                made, some, item, happened_on=day, values=values, by=officer, at=noon(day)
            )


def promises(hands: list[tuple[Organization, People]], *, today: date) -> int:
    """A promise of each branch, further on from one to the next: in vetting, sent back, hung,
    under way, past its day, kept; how many."""
    (wording,) = library.packs()[PROMISES].items["procedures", "organization"]
    begun = today - timedelta(days=38)
    ago = [today - timedelta(days=days) for days in range(39)]
    for number, (branch, who) in enumerate(hands):
        title, goal = KEEPING[number % len(KEEPING)]
        due = ago[6] if number % 4 == 3 else today + timedelta(days=50)
        heard = ["members", "masses", "above"]
        values = {"pledge": title, "goal": goal, "due_on": due, "heard": heard}
        case = cases.start(
            branch, procedure=f"{PROMISES}:organization", wording=wording.since, title=title,
            values=values, on=begun, by=who.secretary, at=noon(begun),
        )  # fmt: skip
        if number % 9 == 0:
            continue
        if number % 9 == 1:
            _act(case, "low", who.officer, ago[34], reason="写清楚办好几户。")
            continue
        _act(case, "agree", who.officer, ago[34])
        cases.post(
            case.turns.open().get(), channel="公开栏", place="村部公开栏", posted_on=ago[33],
            until=ago[30], by=who.secretary, at=noon(ago[33]),
        )  # fmt: skip
        if number % 9 == 2:
            continue
        _act(case, "clean", who.secretary, ago[29])
        _act(case, "note", who.officer, ago[15], at="follow", seen_on_the_way="做了一半。")
        if number % 3 == 1:
            _act(case, "report", who.secretary, ago[8], at="deliver", done="照承诺做到了。")
            _act(case, "kept", who.officer, ago[5], at="check", seen="到现场看过。")
    return len(hands)


def _named(side: Side) -> Named:
    return Named(side.branch.pk, side.branch.called)


def _transfer(sender: Side, receiver: Side, person: Person, *, began: date) -> Case:
    return _begin(
        "transfer", sender, person, began=began, by=sender.secretary, to=_named(receiver),
        title=f"{person.name}转到{receiver.branch.name}", why="home",
    )  # fmt: skip


def _begin(
    name: str, side: Side, person: Person, *, began: date, by: User, title: str, **values: object
) -> Case:
    (wording,) = library.packs()[TRANSFER].items["procedures", name]
    return cases.start(
        side.branch, procedure=f"{TRANSFER}:{name}", wording=wording.since, title=title,
        values=values, person=person, on=began, by=by, at=noon(began),
    )  # fmt: skip


def _act(
    case: Case,
    outcome: str,
    by: User,
    on: date,
    *,
    at: str = "",
    reason: str = "",
    **values: object,
) -> None:
    """The one open turn, or that at the stage ``at``."""
    turns = case.turns.open()
    turn = turns.get(stage=at) if at else turns.get()
    step = Step(outcome=outcome, happened_on=on, values=values, reason=reason)
    cases.act(turn, step, by=by, at=noon(on))
