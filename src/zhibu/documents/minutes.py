"""The minutes of a meeting as a Word file. No red head: they are a record, not an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.utils import timezone

from zhibu.documents.pages import Column, Paper, numeral
from zhibu.ledger.printed import Code

TITLE_LINE = 18  # characters of 二号 that stand well on one line


@dataclass(frozen=True, slots=True)
class Absent:
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Item:
    """A point of the agenda and what was said, as far as it was noted."""

    title: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """A counted vote. ``entitled`` and ``present`` are the frozen roll of those who may vote."""

    entitled: int
    present: int
    yes: int
    no: int
    abstain: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided; ``verdict`` as the page words it (通过, 未通过), ``basis`` the article."""

    text: str
    verdict: str = ""
    votes: Votes | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class FollowUp:
    what: str
    who: str
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesData:
    """Everything the paper says, as plain text and numbers.

    ``kinds`` are titles (主题党日, 党员大会). ``due`` is how many should have come, None
    where that was not kept; ``came`` how many did, where their names are not known.
    ``is_time_known``: ``began_at`` says more than the day. ``correction`` says what a
    corrected version changed and why; ``note`` is one closing line. ``proof`` stands at the
    foot. ``made_at`` dates the file.
    """

    organization: str
    kinds: Sequence[str]
    began_at: datetime
    made_at: datetime
    ended_at: datetime | None = None
    place: str = ""
    theme: str = ""
    chair: str = ""
    recorder: str = ""
    is_time_known: bool = True
    due: int | None = None
    came: int | None = None
    present: Sequence[str] = ()
    absent: Sequence[Absent] = ()
    observers: Sequence[str] = ()
    agenda: Sequence[Item] = ()
    decisions: Sequence[Decision] = ()
    follow_ups: Sequence[FollowUp] = ()
    correction: str = ""
    note: str = ""
    proof: Code | None = None


def compose(data: MinutesData) -> bytes:
    """The minutes as .docx."""
    paper = Paper(title=name(data), author=data.organization, at=data.made_at)
    kinds = "、".join(data.kinds)
    if len(data.organization) + len(kinds) + 2 > TITLE_LINE:
        paper.title(data.organization, f"{kinds}纪要")
    else:
        paper.title(f"{data.organization}{kinds}纪要")
    if data.correction:
        paper.subtitle("（更正稿）")
    _facts(paper, data)
    sections = [
        ("会议内容", data.agenda, partial(_agenda, paper, data.agenda)),
        ("决定事项", data.decisions, partial(_decisions, paper, data.decisions)),
        ("后续事项", data.follow_ups, partial(_follow_ups, paper, data.follow_ups)),
    ]
    held = [(title, write) for title, content, write in sections if content]
    for number, (title, write) in enumerate(held, 1):
        paper.heading(f"{numeral(number)}、{title}")
        write()
    if data.correction:
        paper.paragraph(data.correction, lead="更正说明：")
    if data.note:
        paper.paragraph(data.note)
    paper.signature("主持人（签字）：", "记录人（签字）：", _day(_local(data.began_at)))
    if data.proof:
        paper.proof(data.proof)
    return paper.to_bytes()


def name(data: MinutesData) -> str:
    """What the file is called, without its extension."""
    day = _local(data.began_at)
    return f"{data.organization}{'、'.join(data.kinds)}纪要（{day:%Y-%m-%d}）"


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _when(data: MinutesData) -> str:
    began = _local(data.began_at)
    if not data.is_time_known:
        return _day(began)
    text = f"{_day(began)} {began:%H:%M}"
    if data.ended_at is None:
        return text
    ended = _local(data.ended_at)
    if ended.date() == began.date():
        return f"{text}—{ended:%H:%M}"
    return f"{text}至{_day(ended)} {ended:%H:%M}"


def _facts(paper: Paper, data: MinutesData) -> None:
    """The head of the minutes: when, where, who; what is not known is left out."""
    attendance = f"{data.due} 人" if data.due is not None else ""
    came = f"{len(data.present) if data.came is None else data.came} 人"
    facts = [
        ("时间", _when(data)),
        ("地点", data.place),
        ("主题", data.theme),
        ("主持", data.chair),
        ("记录", data.recorder),
        ("应到", f"{attendance}，实到 {came}" if attendance else ""),
        ("出席", "、".join(data.present)),
        ("缺席", "、".join(f"{a.name}（{a.reason or '没有写原因'}）" for a in data.absent)),
        ("列席", "、".join(data.observers)),
    ]
    for label, text in facts:
        if text:
            paper.paragraph(text, lead=f"{label}：")


def _agenda(paper: Paper, items: Sequence[Item]) -> None:
    for number, item in enumerate(items, 1):
        if item.text:
            paper.heading(f"（{numeral(number)}）{item.title}", 2)
            paper.paragraph(item.text)
        else:
            paper.paragraph(f"（{numeral(number)}）{_closed(item.title)}")


def _closed(text: str) -> str:
    """``text`` as a sentence that ends."""
    text = text.rstrip()
    return text if text.endswith(("。", "；", "！", "？", "”", "）")) else f"{text}。"


def _decisions(paper: Paper, decisions: Sequence[Decision]) -> None:
    for number, decision in enumerate(decisions, 1):
        said = _closed(decision.text)
        if votes := decision.votes:
            said += (
                f"有表决权的应到 {votes.entitled} 人，实到 {votes.present} 人；"
                f"赞成 {votes.yes} 票，反对 {votes.no} 票，弃权 {votes.abstain} 票"
                f"{'，' + decision.verdict if decision.verdict else ''}。"
            )
        elif decision.verdict:
            said += f"{decision.verdict}。"
        if decision.basis:
            said += f"（依据：{decision.basis}）"
        paper.paragraph(f"（{numeral(number)}）{said}")


_COLUMNS = (
    Column("序号", 14, "center"),
    Column("事项", 71),
    Column("负责人", 29, "center"),
    Column("办结期限", 42, "center"),
)


def _follow_ups(paper: Paper, follow_ups: Sequence[FollowUp]) -> None:
    rows = [
        (str(number), each.what, each.who, _day(each.due_on) if each.due_on else "没有定")
        for number, each in enumerate(follow_ups, 1)
    ]
    paper.table(_COLUMNS, rows)
