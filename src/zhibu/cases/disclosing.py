"""What may be made public of a case: its title, where it stands, and the fields its procedure
declares ``public``; nothing else, and of a procedure that declares none nothing at all."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from zhibu.cases.models import Ballot, Case, Turn
from zhibu.cases.steps import Running
from zhibu.core import fields, masking
from zhibu.core.disclosures import Candidate, Disclosure, Draft, Line, Record, Status, register
from zhibu.core.fields import FieldSpec
from zhibu.packs import library
from zhibu.packs.meaning import find
from zhibu.packs.schema.procedures import Procedure

if TYPE_CHECKING:
    from zhibu.accounts.models import User

MOST = 50
VOID = (Case.State.CANCELLED, Case.State.VOIDED)


def open_procedures() -> list[str]:
    """``pack:procedure`` of those that declare something public in some wording."""
    return [
        f"{pack.id}:{wordings[0].id}"
        for pack in library.packs().values()
        for wordings in pack.wordings("procedures")
        if any(isinstance(one.item, Procedure) and one.item.public for one in wordings)
    ]


def compose(record: Record) -> Draft:
    """As an outsider sees it: what the case is about, each public field that says something, what
    an assembly voted and what was posted, and how it stands. Three queries.

    Raises:
        Case.DoesNotExist: there is no such case.
    """
    case = Case.objects.select_related("organization").get(pk=record.id)
    running = Running(case)
    rule = running.procedure
    if not rule.public:
        return Draft(rule.title, (), refused=f"“{rule.known_as or rule.title}”没有写哪些可以公开。")
    if case.state in VOID:
        return Draft(rule.title, (), refused=f"这件事{case.get_state_display()}了。")
    title = rule.title if rule.subject else f"{rule.title}：{case.title}"
    lines = [*_said(case, rule), *_done(running), Line("现在怎样", _standing(case))]
    return Draft(masking.cut(title, 100), tuple(lines))


def _said(case: Case, rule: Procedure) -> Iterator[Line]:
    specs = rule.specs()
    for name in rule.public:
        stored = case.facts.get(name)
        if name in specs and stored not in (None, "", []):
            yield _line(specs[name], stored)


def _line(spec: FieldSpec, stored: Any) -> Line:
    """A field as outsiders see it: covered names are 王某某, what is left out says so."""
    if spec.masked == "omit":
        return Line(spec.title, "不公开", masked=True)
    if spec.masked == "cover" and spec.type == "person":
        return Line(spec.title, masking.name(stored["name"]), masked=True)
    return Line(spec.title, fields.masked(spec, stored), masked=spec.masked == "cover")


def _done(running: Running) -> Iterator[Line]:
    """Votes of an assembly that no roster here lists, with their totals, and notices: what was
    done before everybody. Other steps are the office's own."""
    ballots = {one.turn_id: one for one in running.case.ballots.all()}
    for turn in running.turns:
        stage = running.stage(turn)
        is_assembly = stage.vote is not None and not stage.vote.is_listed
        if turn.state != Turn.State.DONE or not (is_assembly or stage.notice):
            continue
        outcome, day = stage.outcome(turn.outcome), turn.happened_on
        assert outcome is not None and day is not None
        said = f"{_written(day)}，{outcome.title}"
        if turn.pk in ballots:
            said = f"{said}（{_votes(ballots[turn.pk])}）"
        yield Line(stage.title, said)


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _votes(ballot: Ballot) -> str:
    return (
        f"应到 {ballot.entitled} 人，实到 {ballot.present} 人；"
        f"赞成 {ballot.yes}，反对 {ballot.no}，弃权 {ballot.abstain}"
    )


def _standing(case: Case) -> str:
    if case.ended_on is not None:
        return f"{case.ended_as or case.get_state_display()}（{_written(case.ended_on)}）"
    until = f"，{_written(case.due_on)}前" if case.due_on else ""
    return f"{case.get_state_display()}{until}"


def candidates(
    user: "User", organization: int, only: Sequence[str], record: int | None = None
) -> list[Candidate]:
    """The latest 50 that ``user`` sees, or the one asked for. One query."""
    rows = Case.objects.visible_to(user).filter(
        organization=organization,
        procedure__in=[one for one in open_procedures() if not only or one in only],
    )
    if record is not None:
        rows = rows.filter(pk=record)
    rows = rows.exclude(state__in=VOID).order_by("-started_on", "-pk")[:MOST]
    return [Candidate(Record(case.pk), case.title, case.started_on) for case in rows]


def status(ids: Collection[int]) -> dict[int, Status]:
    """One query; each wording is looked up once."""
    today = timezone.localdate()
    return {case.pk: _status(case, today) for case in Case.objects.filter(pk__in=ids)}


def _status(case: Case, today: Any) -> Status:
    if case.state in VOID:
        return Status("cancelled", case.ended_on or case.started_on)
    if case.ended_on is None:
        is_late = case.due_on is not None and case.due_on < today
        return Status("late" if is_late else "running", case.started_on, case.due_on)
    kept_as = case.rule.kept_as
    if not kept_as:
        return Status("done", case.ended_on)
    return Status("kept" if case.ended_as in kept_as else "missed", case.ended_on)


def sees(user: "User", case: int) -> int | None:
    rows = Case.objects.visible_to(user).filter(pk=case)
    return rows.values_list("organization", flat=True).first()


def address(case: int) -> str:
    return reverse("cases:detail", args=[case])


def faults(reference: str, packs: Mapping[str, Any]) -> list[str]:
    wordings = find(reference, "procedures", packs)
    if any(isinstance(one.item, Procedure) and one.item.public for one in wordings):
        return []
    return [f"程序 {reference} 没有写哪些字段可以公开"]


register(Disclosure("cases", "事项", compose, candidates, status, sees, address, faults))
