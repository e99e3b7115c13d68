"""Problems that the demo's townships found, each a case, through the real actions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.cases import actions as cases
from zhibu.cases.models import Case
from zhibu.cases.steps import Step
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.people.models import Person

PACK = "seeds/rectification"
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
        owner=people.owner, on=begun, by=people.officer, at=_noon(begun),
    )  # fmt: skip
    steps: tuple[tuple[str, User, dict[str, str]], ...] = (
        ("report", people.secretary, {"measures": measures, "means": "不用另外花钱。"}),
        ("report", people.secretary, {"done": "照措施办好了。", "lasting": "每季度看一遍。"}),
        ("accept", people.officer, {"seen": "到现场看过，改好了。"}),
    )
    for day, (outcome, by, values) in enumerate(steps[: number % FURTHEST]):
        on = begun + timedelta(days=4 + 7 * day)
        step = Step(outcome=outcome, happened_on=on, values=values)
        case = cases.act(case.turns.open().get(), step, by=by, at=_noon(on))
    return case


def _noon(day: date) -> datetime:
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
