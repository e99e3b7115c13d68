"""What may be made public of a case: its title, where it stands, and the fields its procedure
declares ``public``; nothing else, and of a procedure that declares none nothing at all. Whom it is
about is told where the procedure says so, at the steps it names, and to catalogues that ask for
it by name."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q
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


def _open(only: Sequence[str]) -> Q:
    """Cases that may be made public by their procedures, in any wording: of ``only`` these, else of
    those that need not be asked for by name. No query."""
    found = Q(pk__in=[])
    for reference, wordings in _open_procedures().items():
        by_name = any(one.is_asked_by_name for one in wordings)
        if reference not in only and (only or by_name):
            continue
        asked = Q(procedure=reference)
        if all(one.public_at for one in wordings):
            stages = {name for one in wordings for name in one.public_at}
            there = Turn.objects.open().filter(case__procedure=reference, stage__in=stages)
            asked &= Q(pk__in=there.values("case"))
        found |= asked
    return found


def _open_procedures() -> dict[str, list[Procedure]]:
    """``pack:procedure`` with those wordings that declare something public."""
    found: dict[str, list[Procedure]] = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            rules = [one.item for one in wordings if isinstance(one.item, Procedure)]
            if mine := [rule for rule in rules if rule.is_open]:
                found[f"{pack.id}:{wordings[0].id}"] = mine
    return found


def compose(record: Record) -> Draft:
    """As an outsider sees it: what the case is about, each public field that says something, what
    an assembly voted and what was posted, and how it stands. Three queries.

    Raises:
        Case.DoesNotExist: there is no such case.
    """
    case = Case.objects.select_related("organization", "person").get(pk=record.id)
    running = Running(case)
    rule = running.procedure
    if not rule.is_open:
        return Draft(rule.title, (), refused=f"“{rule.known_as or rule.title}”没有写哪些可以公开。")
    if case.state in VOID:
        return Draft(rule.title, (), refused=f"这件事{case.get_state_display()}了。")
    if away := not_there(running):
        return Draft(rule.title, (), refused=away)
    title = rule.title if rule.subject else f"{rule.title}：{case.title}"
    lines = [
        *_about(case, rule), *_said(case, rule), *_done(running),
        Line("现在怎样", _standing(case)),
    ]  # fmt: skip
    return Draft(masking.cut(title, 100), tuple(lines), may_be_followed=not rule.names_its_subject)


def not_there(running: Running) -> str:
    """Why a case does not stand where its procedure lets it out; "" where it does."""
    rule = running.procedure
    standing = {turn.stage for turn in running.turns if turn.state == Turn.State.OPEN}
    if not rule.public_at or standing.intersection(rule.public_at):
        return ""
    stages = [rule.stage(name) for name in rule.public_at]
    titles = "、".join(stage.title for stage in stages if stage)
    return f"现在不能公开：办到“{titles}”这一步的时候才公开。"


def _about(case: Case, rule: Procedure) -> Iterator[Line]:
    """Whom it is about and since when it runs, where that is told."""
    if rule.names_its_subject and rule.subject and case.person:
        yield Line(rule.subject.title, case.person.name)
        yield Line(rule.stages[0].title, _written(case.started_on))


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
    rows = Case.objects.visible_to(user).filter(_open(only), organization=organization)
    if record is not None:
        rows = rows.filter(pk=record)
    rows = rows.exclude(state__in=VOID).order_by("-started_on", "-pk")[:MOST]
    return [
        Candidate(Record(case.pk), case.title, case.started_on, case.rule.title) for case in rows
    ]


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
    if any(isinstance(one.item, Procedure) and one.item.is_open for one in wordings):
        return []
    return [f"程序 {reference} 没有写哪些可以公开"]


register(Disclosure("cases", "事项", compose, candidates, status, sees, address, faults))
