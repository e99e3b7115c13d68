"""What the demo's organisations have made public, where residents find them, and what a resident
asked; through the real actions."""

from collections.abc import Iterable
from datetime import date, timedelta

from zhibu.cases.models import Case
from zhibu.cli.demo_cases import PACK, PROMISES, People, noon
from zhibu.cli.demo_village import PAID
from zhibu.core.dates import period_of
from zhibu.core.disclosures import Record
from zhibu.money.models import Book
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.publishing import actions, topics
from zhibu.publishing.actions import Proposal
from zhibu.publishing.models import Channel, Publication
from zhibu.registers import actions as registers
from zhibu.registers.drafts import Draft

VILLAGE = "national/village-disclosure"
PARTY, POINTS = "national/open-affairs", "seeds/service-points"
PACKS = (VILLAGE, PARTY, POINTS)
RECTIFY = f"{PACK}:rectify"
OWN = f"{PARTY}:grassroots/own-building"
MAJOR = ("村东路灯改造方案", "灌溉渠清淤方案", "三组水泥路修补方案", "文化广场添置健身器材方案")
WORDS = (
    "装 14 盏太阳能路灯，预算 4.6 万元，村委会请三家比价。12月31日前装好。",
    "清淤 1.2 公里，预算 3.8 万元，从村集体支出，农闲时动工。",
    "修补 860 米，预算 9.5 万元，镇里补一半。",
    "添置 6 件，预算 2.1 万元，放在村部门口。",
)
ACCOUNTS = "收入 48,210 元，支出 31,655 元，结余 16,555 元。收支的单据在村部，可以来看。"
ASKED, ANSWERED = "路灯坏了找谁修？", "装的单位保修三年，坏了打服务点的电话。"


def publish(
    hands: list[tuple[Organization, People]], *, every: int, today: date
) -> list[Publication]:
    """Every ``every``-th of these has made something public in the last weeks; all have service
    points. What was published, oldest first."""
    found: list[Publication] = []
    for number, (branch, who) in enumerate(hands):
        _point(branch, who, today)
        if number % every:
            continue
        known = _topics(branch, today)
        turn, month = number // every, today.replace(day=1) - timedelta(days=1)
        if topic := known.get("major") or known.get("affairs"):
            title, note = MAJOR[turn % len(MAJOR)], WORDS[turn % len(WORDS)]
            found.append(_say(branch, who, topic, title, note, today - timedelta(days=3)))
            if len(found) == 1:
                _asked(found[0], who, today)
        if topic := known.get("finance"):
            title = f"{month.month} 月村账收支"
            found.append(_say(branch, who, topic, title, ACCOUNTS, today - timedelta(days=4)))
        agreed = Case.objects.filter(
            organization=branch, procedure=f"{PROMISES}:organization", turns__stage="deliver"
        )
        for case in agreed.distinct().order_by("pk"):
            found.append(_follow(branch, who, case, today - timedelta(days=2)))
    return found


def from_records(
    branch: Organization, who: People, chosen: Iterable[tuple[str, Record]], topic: str, on: date
) -> None:
    """Make records public under ``topic``: what they say is drawn from them, nothing is typed."""
    for source, record in chosen:
        drawn = Proposal(topic=topic, source=source, record=record, is_followed=source == "cases")
        _let_out(branch, who, drawn, on)


def village(branch: Organization, who: People, decided: Case, built: Case, today: date) -> None:
    """What a village decided, what it builds, and the month of the book in which it paid."""
    known = _topics(branch, today)
    on = today - timedelta(days=2)
    both = [("cases", Record(decided.pk)), ("cases", Record(built.pk))]
    from_records(branch, who, both, known["major"], on)
    book = Book.objects.get(subject_type="cases.case", subject_id=built.pk)
    month = period_of(today - timedelta(days=PAID), "month")
    paid = [("money", Record(book.pk, month.since, month.until))]
    from_records(branch, who, paid, known["finance"], on)


def neighbours(branch: Organization, who: People, deliberated: Case, today: date) -> None:
    """What neighbours deliberated, and the first problem that the branch puts right."""
    known, on = _topics(branch, today), today - timedelta(days=2)
    if topic := known.get("affairs"):
        from_records(branch, who, [("cases", Record(deliberated.pk))], topic, on)
    problem = Case.objects.filter(organization=branch, procedure=RECTIFY).order_by("pk").first()
    if problem is not None:
        from_records(branch, who, [("cases", Record(problem.pk))], OWN, on)


def _topics(branch: Organization, today: date) -> dict[str, str]:
    """What it makes public by the catalogue of villages or of communities, by the entry's own
    name: token."""
    known = topics.in_force(branch, today - timedelta(days=4))
    return {token.rpartition("/")[2]: token for token in known if token.startswith(VILLAGE)}


def _say(
    branch: Organization, who: People, topic: str, title: str, note: str, on: date
) -> Publication:
    return _let_out(branch, who, Proposal(topic=topic, title=title, note=note), on)


def _follow(branch: Organization, who: People, case: Case, on: date) -> Publication:
    proposal = Proposal(
        topic=OWN, source="cases", record=Record(case.pk), title=case.title, is_followed=True
    )
    return _let_out(branch, who, proposal, on)


def _let_out(branch: Organization, who: People, proposal: Proposal, on: date) -> Publication:
    """Proposed by the secretary, checked and approved by the officer above, put on the board."""
    at = noon(on)
    made = actions.propose(branch, proposal, by=who.secretary, at=at)
    asked = [id_ for id_, _ in actions.questions(made)]
    made = actions.check(made, looked_at=asked, by=who.officer, at=at)
    made = actions.approve(made, by=who.officer, at=at)
    made = actions.publish(made, by=who.secretary, at=at)
    actions.post(
        made, channel=Channel.BOARD, place="村部门口公开栏", posted_on=on, by=who.secretary, at=at
    )
    return made


def _asked(shown: Publication, who: People, today: date) -> None:
    """A resident's question, answered for everybody, and another that waits."""
    at = noon(today - timedelta(days=1))
    actions.raise_voice(shown, kind="question", said=ASKED, contact="", at=at)
    actions.answer(
        shown.voices.get(), text=ANSWERED, in_public=True, asked=ASKED, by=who.secretary, at=at
    )
    actions.raise_voice(
        shown, kind="question", said="三家比价的结果会贴出来吗？", contact="", at=at
    )


def _point(branch: Organization, who: People, today: date) -> None:
    since = today - timedelta(days=10)
    wording = library.packs()[POINTS].wording_on("registers", "points", since)
    assert wording is not None
    values = {
        "name": "便民服务点", "place": "村部一楼", "hours": "周一至周六 8:00–17:30",
        "services": "社保、医保、老年证、开证明", "phone": "0514-0000 0000",
    }  # fmt: skip
    registers.open_row(
        branch, Draft(since=since, values=values), register=f"{POINTS}:points",
        wording=wording.since, by=who.secretary, at=noon(since),
    )  # fmt: skip
