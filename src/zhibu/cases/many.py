"""Many open turns of one stage at once: which, what may be done to them together, and doing it.

Each is ended by the single action, with the same outcome, day, reason and values. What has
to be looked at case by case is not offered: an outcome that needs a value of each case's own,
or that changes something about a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet

from zhibu.cases import actions
from zhibu.cases.forms import FieldsForm
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Faulty, Step
from zhibu.core import effects, fields, many, standing
from zhibu.core.fields import FieldSpec
from zhibu.core.forms import day, line
from zhibu.core.many import Offer
from zhibu.core.verdicts import YES, Refused, Verdict, no
from zhibu.packs import library
from zhibu.packs.schema.procedures import Binding, Outcome, Procedure, Stage

if TYPE_CHECKING:
    from zhibu.accounts.models import User

# what one case names is not another's
OWN_TYPES = ("person", "organization", "register-row", "file")
PEOPLE = ("case.owner", "case.person")


@dataclass(frozen=True, slots=True)
class Group:
    """Open turns that may be ended together: one stage of one wording."""

    procedure: str
    wording: date
    stage: str
    title: str
    count: int

    @property
    def query(self) -> dict[str, str]:
        return {"procedure": self.procedure, "wording": str(self.wording), "stage": self.stage}


def within_reach(user: "User") -> QuerySet[Turn]:
    """Open turns that are this user's by name, or of organisations where they act; not those
    of others where everyone is asked."""
    reach = standing.reach_q(user, "cases.act", "organization__path") & Q(round=None)
    seen = Case.objects.visible_to(user).open()
    return Turn.objects.open().filter(reach | Q(person=user.person_id or 0), case__in=seen)


def groups(user: "User") -> list[Group]:
    """What waits within reach, by stage, in the order of procedures and their stages. One query."""
    rows = within_reach(user).values("case__procedure", "case__wording", "stage")
    found = []
    for row in rows.annotate(count=Count("pk")):
        rule = rule_of(row["case__procedure"], row["case__wording"])
        place = [stage.id for stage in rule.stages].index(row["stage"])
        title = f"{rule.short or rule.title}：{rule.stages[place].title}"
        key = (row["case__procedure"], row["case__wording"], place)
        group = Group(*key[:2], row["stage"], title, row["count"])
        found.append((key, group))
    return [group for _, group in sorted(found, key=lambda one: one[0])]


def rule_of(procedure: str, wording: date) -> Procedure:
    pack_id, _, name = procedure.partition(":")
    found = library.packs()[pack_id].wording_on("procedures", name, wording)
    assert found is not None
    assert isinstance(found.item, Procedure)
    return found.item


def may_together(rule: Procedure, stage: Stage, outcome: Outcome) -> Verdict:
    """Whether an outcome may be given to several cases at once at all."""
    asked = [] if outcome.skips_fields else stage.fields
    own = [spec.title for spec in asked if spec.required and _is_own(spec)]
    if own:
        titles = "、".join(f"“{title}”" for title in own)
        return no(f"不能一起“{outcome.title}”：{titles}件件不同。请打开每一件来办。")
    if any(_concerns_people(binding, rule) for binding in outcome.effects):
        return no(f"不能一起“{outcome.title}”：会改一个人的记录。请打开每一件，看清是谁再办。")
    return YES


def _is_own(spec: FieldSpec) -> bool:
    return spec.each or spec.type in OWN_TYPES


def _concerns_people(binding: Binding, rule: Procedure) -> bool:
    """Whether an effect is given a person of the case."""
    specs = rule.specs()
    return any(
        source in PEOPLE or (source in specs and specs[source].type == "person")
        for source in binding.fields.values()
    )


def offers(
    user: "User", group: Group, words: Mapping[str, Any], today: date
) -> tuple[list[Offer[Turn]], bool]:
    """Turns of ``group``, nearest day first, the first ``many.MOST_EACH``; whether there are
    more. ``words`` narrow by title and organisation. Two queries."""
    rows = within_reach(user).filter(
        case__procedure=group.procedure, case__wording=group.wording, stage=group.stage
    )
    if words.get("q"):
        rows = rows.filter(case__title__icontains=words["q"])
    if words.get("organization"):
        rows = rows.filter(case__organization=words["organization"])
    rows = rows.select_related("case__organization", "person").order_by("due_on", "pk")
    found = list(rows[: many.MOST_EACH + 1])
    made = [
        Offer(turn.pk, turn, turn.case.title, _line(turn, today), turn.case.get_absolute_url())
        for turn in found[: many.MOST_EACH]
    ]
    return made, len(found) > many.MOST_EACH


def _line(turn: Turn, today: date) -> str:
    words = [turn.case.organization.called]
    if turn.person:
        words.append(f"轮到{turn.person.name}")
    if turn.due_on:
        words.append(f"{turn.due_on}前{'，超期' if turn.is_late(today) else ''}")
    return " · ".join(words)


class TogetherForm(FieldsForm):
    """What is the same for all: the day, the reason, the fields of the stage. Fields that may
    stay empty leave what each case has; those of each case's own are not asked."""

    def __init__(self, stage: Stage, outcome: Outcome, *args: Any, today: date) -> None:
        super().__init__(*args)
        self.initial = {"happened_on": today}
        asked = [] if outcome.skips_fields else stage.fields
        self.ask([spec for spec in asked if not _is_own(spec)])
        self.fields["happened_on"] = day("哪天办的", hint="都是这一天。日子不同的分开办。")
        if outcome.reason:
            self.fields["reason"] = line("原因", longest=200, hint="写进每一件的经过。")


def end(
    turn: Turn, stage: Stage, outcome: Outcome, values: Mapping[str, Any], *,
    by: "User", at: datetime,
) -> str:  # fmt: skip
    """End one turn as all are ended; what begins then, in words.

    Raises:
        Refused: the rule of the single action refuses, or the step has faults.
    """
    step = Step(
        outcome=outcome.id, happened_on=values["happened_on"], reason=values.get("reason", ""),
        values=_values(turn.case, stage, values),
    )  # fmt: skip
    before = set(turn.case.turns.open().values_list("pk", flat=True))
    try:
        case = actions.act(turn, step, by=by, at=at)
    except Faulty as faulty:
        raise Refused(no("".join(faulty.faults.values()))) from faulty
    return _became(case, before)


def _values(case: Case, stage: Stage, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values given to all, and where nothing was given what the case has already."""
    found = {}
    for spec in stage.fields:
        given = values.get(spec.id)
        if given in (None, "", []) and spec.id in case.facts:
            given = fields.get(spec.type).load(case.facts[spec.id])
        found[spec.id] = given
    return found


def _became(case: Case, before: set[int]) -> str:
    if not case.is_open:
        return f"整件事办结：{case.ended_as}。"
    rule = case.rule
    turns = case.turns.open().exclude(pk__in=before).select_related("organization", "person")
    words = []
    for turn in turns.order_by("number"):
        who = turn.person.name if turn.person else turn.organization.called
        until = f"，{turn.due_on}前" if turn.due_on else ""
        words.append(f"{turn.rule(rule).title}，轮到{who}{until}")
    return f"接着：{'；'.join(words)}。" if words else "这一步办好了，别的步骤接着办。"


def change(stage: Stage, outcome: Outcome, values: Mapping[str, Any]) -> str:
    """What is done to every one of them, in one sentence or two."""
    said = [f"{stage.title}：{outcome.title}，{values['happened_on']} 办的"]
    said += [f"原因：{values['reason']}"] if values.get("reason") else []
    for spec in [] if outcome.skips_fields else stage.fields:
        value = values.get(spec.id)
        if value not in (None, "", []):
            said.append(f"{spec.title}：{fields.get(spec.type).show(spec, value).rstrip('。')}")
    also = "、".join(effects.get(binding.effect).title for binding in outcome.effects)
    return f"{'；'.join(said)}。{f'还会：{also}。' if also else ''}每一件记一条存证。"


def chosen(found: Sequence[Group], asked: Mapping[str, str]) -> Group | None:
    """The group an address names; where it names no wording, the only one there is."""
    fitting = [
        group
        for group in found
        if group.procedure == asked.get("procedure") and group.stage == asked.get("stage")
        and asked.get("wording", "") in ("", str(group.wording))
    ]  # fmt: skip
    return fitting[0] if len(fitting) == 1 else None
