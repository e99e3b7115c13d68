"""A draft against the facts of its day, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from zhibu.activities import queries
from zhibu.activities.drafts import Draft
from zhibu.activities.queries import Choice, Expected
from zhibu.core.intervals import on_day
from zhibu.core.quorum import Result, Roll, Tally, judge
from zhibu.duties import spans
from zhibu.duties.models import HolderKind, Obligation
from zhibu.organizations.models import Organization, PartyGroup, Placement
from zhibu.packs import library
from zhibu.packs.schema.activities import VoteSpec
from zhibu.packs.schema.duties import Duty
from zhibu.people.models import Person


@dataclass(frozen=True, slots=True)
class Sitting:
    """A draft with the facts of its day: what is checked and what is written.

    ``stands``: the organisation existed that day. ``own``: those of the follow-ups' owners
    who belong to it. ``made_up``: the holder's obligations of the periods to be made up.
    """

    organization: Organization
    group: PartyGroup | None
    draft: Draft
    day: date
    choices: list[Choice]
    roll: list[Expected]
    stands: bool
    own: frozenset[int]
    made_up: Sequence[Obligation]

    @property
    def rule(self) -> tuple[VoteSpec, str] | None:
        found = next((c for c in self.choices if c.kind.vote), None)
        return (found.kind.vote, found.cited) if found and found.kind.vote else None

    @property
    def entitled(self) -> Roll:
        voters = {e.person.pk for e in self.roll if e.is_entitled}
        return Roll(len(voters), len(voters - set(self.draft.absences)))


def sitting_of(organization: Organization, group: PartyGroup | None, draft: Draft) -> Sitting:
    """A draft with the facts of its day. About fifteen queries; ``gathering`` asks for many."""
    day = timezone.localdate(draft.starts_at)
    choices = chosen(draft, queries.kinds_in_force(organization, day, group=group))
    owners = {task.owner_id for task in draft.follow_ups}
    own = Person.objects.filter(pk__in=owners, path=organization.path)
    firsts = [kind.makes_up for kind in draft.kinds if kind.makes_up]
    holder_kind, holder_id = holder_of(organization, group)
    return Sitting(
        organization,
        group,
        draft,
        day,
        choices,
        roll=queries.roll(organization, [c.kind for c in choices], day, group=group),
        stands=Placement.objects.filter(on_day(day), organization=organization).exists(),
        own=frozenset(own.values_list("pk", flat=True)),
        made_up=list(
            Obligation.objects.filter(
                holder_kind=holder_kind, holder_id=holder_id, period_since__in=firsts
            )
        )
        if firsts
        else [],
    )


def chosen(draft: Draft, choices: Sequence[Choice]) -> list[Choice]:
    """Of what may be held, the kinds that were drafted, in the draft's order."""
    known = {choice.reference: choice for choice in choices}
    return [known[kind.reference] for kind in draft.kinds if kind.reference in known]


def holder_of(organization: Organization, group: PartyGroup | None) -> tuple[str, int]:
    if group is not None:
        return HolderKind.PARTY_GROUP.value, group.pk
    return HolderKind.ORGANIZATION.value, organization.pk


def judge_vote(spec: VoteSpec, roll: Roll, tally: Tally) -> Result:
    """A vote by a pack's rule. Raises ``ValueError`` for more votes than voters present."""
    return judge(roll, tally, spec.exact)


# --- what may be wrong


def faults_of(sitting: Sitting, *, today: date, is_plan: bool) -> dict[str, str]:
    faults: dict[str, str] = {}
    draft = sitting.draft
    if not draft.kinds:
        faults["kinds"] = "请选是什么会。"
    elif len(sitting.choices) != len({k.reference for k in draft.kinds}):
        faults["kinds"] = "选的活动在那天没有采用，请换一种，或改日期。"
    if not is_plan and sitting.day > today:
        faults["starts_at"] = "日期在以后。还没开的会请存为计划。"
    if not sitting.stands:
        faults["starts_at"] = f"那天{sitting.organization.called}还没有成立或已经撤销，请核对日期。"
    if any(c.kind.theme.required for c in sitting.choices) and not draft.theme.strip():
        faults["theme"] = "请写这次的主题。"
    if not is_plan:
        faults |= _people_faults(sitting) | _decision_faults(sitting) | _task_faults(sitting)
        faults |= _outcome_faults(sitting) | _make_up_faults(sitting)
    return faults


def _people_faults(sitting: Sitting) -> dict[str, str]:
    draft = sitting.draft
    due = {e.person.pk: e.person.name for e in sitting.roll}
    faults = {}
    if set(draft.absences) - set(due):
        faults["absences"] = "缺席的人里有不在名单上的，请重新点名。"
    elif due and not set(due) - set(draft.absences):
        faults["absences"] = "没有一个人到会，不能算开过。"
    if set(draft.observers) & set(due):
        faults["observers"] = "列席的人里有本来就该到会的，请去掉。"
    elif len(set(draft.observers)) != len(draft.observers):
        faults["observers"] = "列席的人有写了两遍的，请去掉一个。"
    if not all(name.strip() for name in draft.guests):
        faults["guests"] = "外支部、列席人员要写姓名。"
    for name, label in (("chair_id", "主持人"), ("recorder_id", "记录人")):
        person = getattr(draft, name)
        if person is not None and person in draft.absences:
            faults[name] = f"{label}{due.get(person, '')}缺席了，请换一位。"
    return faults


def _decision_faults(sitting: Sitting) -> dict[str, str]:
    faults = {}
    for index, decision in enumerate(sitting.draft.decisions):
        place = f"decisions.{index}"
        if not decision.text.strip():
            faults[place] = "表决了什么，请写一句。"
        elif decision.vote:
            fault = _vote_fault(sitting, decision.vote)
            if fault:
                faults[place] = fault
    return faults


def _vote_fault(sitting: Sitting, vote: Any) -> str:
    if sitting.rule is None:
        return "这种会没有表决规则，不能记票数。可以只写决定，或改成党员大会、支委会。"
    if min(vote.yes, vote.no, vote.abstain) < 0:
        return "票数不能是负数，请核对。"
    spec, cited = sitting.rule
    roll = sitting.entitled
    if vote.yes + vote.no + vote.abstain > roll.present:
        total = vote.yes + vote.no + vote.abstain
        return f"{total} 票多于有表决权实到 {roll.present} 人，请核对。"
    result = judge_vote(spec, roll, Tally(vote.yes, vote.no, vote.abstain))
    if not result.is_quorate:
        return (
            f"不能表决：到会人数不够。有表决权应到 {roll.entitled} 人，实到 {roll.present} 人，"
            f"需要 {result.present_needed} 人。可以去掉票数先讨论，另定日期再表决。依据 {cited}。"
        )
    return ""


def _task_faults(sitting: Sitting) -> dict[str, str]:
    faults = {}
    known = sitting.own | {e.person.pk for e in sitting.roll}
    for index, task in enumerate(sitting.draft.follow_ups):
        if task.owner_id not in known:
            faults[f"follow_ups.{index}"] = "承办的人要是本支部的，请重选。"
        elif task.due_on < sitting.day:
            faults[f"follow_ups.{index}"] = "到期日早于开会那天，请核对。"
    return faults


def _outcome_faults(sitting: Sitting) -> dict[str, str]:
    known = {(c.reference, spec.id) for c in sitting.choices for spec in c.kind.outcomes}
    named = [(outcome.reference, outcome.field) for outcome in sitting.draft.outcomes]
    if not set(named) <= known:
        return {"outcomes": "成果里有这次活动没有的一项，请去掉。"}
    if len(set(named)) != len(named):
        return {"outcomes": "成果里有一项写了两遍，请去掉一个。"}
    return {}


def _make_up_faults(sitting: Sitting) -> dict[str, str]:
    """Only the period just before may be made up, and only where something was owed."""
    making = [k for k in sitting.draft.kinds if k.makes_up]
    if not making:
        return {}
    known = library.packs()
    owed = {
        (row.period_since, reference): row
        for row in sitting.made_up
        for reference in _kinds(known, row)
    }
    for kind in making:
        assert kind.makes_up is not None
        row = owed.get((kind.makes_up, kind.reference))
        length = row.period_until - row.period_since if row else None
        if row is None or length is None or not row.period_until <= sitting.day:
            return {"kinds": "没有要补的这一项，请重选。"}
        if sitting.day >= _after_next(row.period_until, row):
            return {"kinds": "隔得太久，只能补上一个周期的。"}
    return {}


def _after_next(until: date, row: Obligation) -> date:
    return spans.made_up_until(_duty_of(library.packs(), row), row.period_since, until)


def _duty_of(known: Mapping[str, Any], row: Obligation) -> Duty:
    item = known[row.pack].wording_on("duties", row.duty, row.wording).item
    assert isinstance(item, Duty)
    return item


def _kinds(known: Mapping[str, Any], row: Obligation) -> list[str]:
    return _duty_of(known, row).fulfilled_by
