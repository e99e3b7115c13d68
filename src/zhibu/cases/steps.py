"""What a step on a case says before it is done, and what is wrong with it.

Nothing here writes. Faults are by field, so that a form shows each where it is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q

from zhibu.cases import days
from zhibu.cases.models import Case, Link, Posting, Turn, stored_values, worded
from zhibu.core import fields, quorum
from zhibu.core.dates import Duration
from zhibu.core.fields import FieldSpec
from zhibu.core.sealing import Words
from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema.base import Cite
from zhibu.packs.schema.procedures import (
    Counts,
    Limit,
    Need,
    Outcome,
    Procedure,
    Span,
    Stage,
    Subject,
    Vote,
    Wait,
    all_hold,
)
from zhibu.people import queries as people

OUTCOME, REASON, DAY, OWNER, SUBJECT = "outcome", "reason", "happened_on", "owner", "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What was counted of a vote, as ``Ballot`` keeps it; ``tellers`` are two people."""

    entitled: int
    present: int
    yes: int
    no: int
    abstain: int
    written: int = 0
    why_fewer: str = ""
    tellers: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How a turn ends: the outcome's id, cleaned values by field id, a reason, the day."""

    outcome: str
    happened_on: date
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    totals: Totals | None = None


class Faulty(Exception):
    """A step that cannot be done; ``faults`` maps a field to what to mend."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("；".join(faults.values()))
        self.faults = dict(faults)


class Running:
    """A case with its procedure, its turns and what they say together. One query."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.pack: Pack = library.packs()[case.procedure.partition(":")[0]]
        self.procedure: Procedure = case.rule

    @cached_property
    def turns(self) -> list[Turn]:
        """By number, each with its organisation, person and whoever did it."""
        rows = self.case.turns.select_related("organization", "person", "by")
        return list(rows.order_by("number"))

    @property
    def open(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.is_open]

    def stage(self, turn: Turn) -> Stage:
        return turn.rule(self.procedure)

    def called(self, turn: Turn) -> str:
        """What its step is called in the wording of the case, where it was done under an older
        one."""
        if turn.wording is None:
            return turn.stage
        return renamed(self.case.procedure, self.procedure, turn.wording, turn.stage)

    @cached_property
    def done(self) -> dict[str, date]:
        """The day of the latest turn of each stage that was done, and of the start. What everyone
        on a roll answers is done on the day of the last of them, once all have."""
        found = {days.START: self.case.started_on}
        waiting = {turn.round for turn in self.open if turn.round}
        for turn in self.turns:
            if turn.state == Turn.State.DONE and turn.happened_on and turn.round not in waiting:
                name = self.called(turn)
                latest = found.get(name, turn.happened_on) if turn.round else turn.happened_on
                found[name] = max(latest, turn.happened_on)
        return found

    def is_joined(self, stage: Stage) -> bool:
        """Whether every stage that this one waits for is done and none of them open; optional
        ones hold nobody up."""
        waiting = {turn.stage for turn in self.open}
        asked = [name for name in stage.joins if not self._is_optional(name)]
        return all(name in self.done and name not in waiting for name in asked)

    def _is_optional(self, name: str) -> bool:
        stage = self.procedure.stage(name)
        return stage is not None and stage.optional

    def holds_open(self, turn: Turn) -> bool:
        """Whether the case cannot end while this turn is open."""
        return not self.stage(turn).optional

    def named(self, facts: Mapping[str, Any] | None = None) -> dict[str, date]:
        """Days that date fields name, of ``facts`` or of the case."""
        known = self.case.facts if facts is None else facts
        return {
            name: date.fromisoformat(known[name])
            for name, spec in self.procedure.specs().items()
            if spec.type == "date" and known.get(name)
        }

    def due(self, stage: Stage, opened_on: date) -> date | None:
        return days.due(self.limit(stage), self.done, opened_on, self.named())

    def limit(self, stage: Stage) -> Limit | None:
        """The limit of a stage by what the case says."""
        return stage.limit.for_facts(self.case.facts) if stage.limit else None

    def postings(self, turn: Turn) -> list[Posting]:
        """By number, each with its objections. Two queries a turn that asks a notice."""
        if self.stage(turn).notice is None:
            return []
        return list(turn.postings.prefetch_related("objections").order_by("pk"))

    def cited(self, cites: Iterable[Cite]) -> str:
        """The first citation as a page writes it; that of the whole where a part has none."""
        cite = next(iter(cites), None) or self.procedure.cites[0]
        return self.pack.citation(cite)

    def word_wait(self, wait: Wait) -> str:
        """要满 1年，从列为积极分子算起。"""
        since = self.word_since(wait.after, wait.after_field)
        if Duration.parse(wait.at_least).is_nothing:
            return f"不能早于{since}"
        length = word_length(wait.at_least, wait.counts)
        return f"要满 {length}，从{since}算起"

    def word_since(self, after: str | None, after_field: str | None) -> str:
        """“列为积极分子”那天, or what a field is called."""
        if after_field:
            return f"“{self.procedure.specs()[after_field].title}”"
        stage = self.procedure.stage(after or "")
        return f"“{stage.title if stage else '开始'}”那天"


def renamed(procedure: str, rule: Procedure, since: date, stage: str) -> str:
    """What ``stage`` of the wording of ``since`` is called in ``rule``, by the transitions that
    lead from one to the other."""
    for one in rule.transitions:
        if one.replaces == since:
            return one.stages.get(stage, stage)
    for one in rule.transitions:
        if one.replaces > since:
            between = renamed(procedure, worded(procedure, one.replaces), since, stage)
            return one.stages.get(between, between)
    return stage


def newer(case: Case, today: date) -> Wording | None:
    """The wording in force today, where it says how a case of this one is taken over."""
    pack_id, _, name = case.procedure.partition(":")
    wording = library.packs()[pack_id].wording_on("procedures", name, today)
    if wording is None or wording.since <= case.wording:
        return None
    item = wording.item
    assert isinstance(item, Procedure)
    return wording if item.transition(case.wording) else None


def word_length(text: str, counts: Counts) -> str:
    length = Duration.parse(text)
    return f"{length.days} 个工作日" if counts == "working-days" else length.in_words()


def store(specs: Sequence[FieldSpec], values: Mapping[str, Any]) -> dict[str, Any]:
    """Cleaned values as they are kept; what says nothing is left out."""
    known = stored_values({spec.id: values.get(spec.id) for spec in specs})
    return {spec.id: fields.get(spec.type).store(known[spec.id])
            for spec in specs if spec.id in known}  # fmt: skip


def kept(
    rule: Procedure, specs: Sequence[FieldSpec], values: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    """What is written of a case of ``rule``, for its row. Of what came in at a door words are
    marked to stay sealed there, whoever wrote them."""
    found = store(specs, values)
    if rule.doorway is None:
        return found
    texts = {spec.id for spec in specs if spec.type in TEXTS}
    return {name: Words(said) if name in texts else said for name, said in found.items()}


def constants(rule: Procedure, written: Mapping[str, str | bool]) -> dict[str, Any]:
    """What a pack writes for fields of a beginning, as they are kept."""
    return constant_values(rule.specs(), written)


def constant_values(
    specs: Mapping[str, FieldSpec], written: Mapping[str, str | bool]
) -> dict[str, Any]:
    """What a pack writes for some of ``specs``, as it is kept.

    Raises:
        ValidationError: a value does not fit.
    """
    cleaned = {
        name: fields.control(specs[name]).clean(_typed(value)) for name, value in written.items()
    }
    return store([specs[name] for name in written], cleaned)


def _typed(value: str | bool) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def facts_after(
    before: Mapping[str, Any],
    specs: Sequence[FieldSpec],
    stored: Mapping[str, Any],
    outcome: Outcome,
) -> dict[str, Any]:
    """The facts of a case once a turn has ended so: what was emptied is gone, and an outcome
    that does without the fields (a refusal) changes none."""
    if outcome.skips_fields:
        return dict(before)
    asked = {spec.id for spec in specs}
    return {name: value for name, value in before.items() if name not in asked} | dict(stored)


def faults(running: Running, turn: Turn, step: Step, today: date) -> dict[str, str]:
    """Everything that keeps ``step`` from being done on ``turn``; {} where nothing does."""
    stage = running.stage(turn)
    outcome = stage.outcome(step.outcome)
    if outcome is None:
        return {OUTCOME: "选一个结果。"}
    stored = store(stage.fields, step.values)
    facts = facts_after(running.case.facts, stage.fields, stored, outcome)
    waits = [] if outcome.early else stage.waits
    found = _wrong_day(running, turn, waits, facts, step.happened_on, today)
    is_met = outcome.where.satisfied_by([running.case.pk], step.happened_on)
    if not (outcome.fits(facts) and is_met):
        found[OUTCOME] = f"{outcome.says}依据 {running.cited(outcome.cites)}。"
    if outcome.reason and not step.reason.strip():
        found[REASON] = f"写明为什么{outcome.title}。"
    if not outcome.skips_fields:
        found |= missing(running, stage.fields, stage.needs, stored, facts)
        found |= _alike(stage, facts) | _too_many(running, stage, facts)
        done = running.done | {turn.stage: step.happened_on}
        found |= wrong_spans(running, stage.spans, facts, done)
        found |= _too_near_others(running, stage, facts)
    found |= _voted(running, turn, stage, outcome, step)
    if OUTCOME not in found and (hung := _notice_fault(running, turn, outcome, facts, step)):
        found[OUTCOME] = hung
    if OUTCOME not in found and (parts := _awaited(turn, stage)):
        found[OUTCOME] = parts
    return found


@dataclass
class Fitness:
    """What is known of people a case may be about: who fits, who is barred by which of the
    subject's bars, who has such a case already."""

    fit: set[int] = field(default_factory=set)
    barred: Sequence[set[int]] = ()
    busy: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, subject: Subject, people: Collection[int], on: date) -> "Fitness":
        """But for ``busy``. A query or two a condition, whatever the number."""
        fit = subject.where.satisfied_by(people, on) if subject.where.tests else set(people)
        return cls(fit, [bar.where.satisfied_by(people, on) for bar in subject.bars])


def wrong_subject(running: Running, known: Fitness) -> str:
    """What is wrong with whom the case is about; "" where nothing is. No query."""
    subject, person = running.procedure.subject, running.case.person
    if subject is None:
        return ""
    if person is None:
        return f"写明{subject.title}是谁。"
    if person.pk not in known.fit:
        return f"{subject.says}依据 {running.cited(subject.cites)}。"
    for bar, barred in zip(subject.bars, known.barred, strict=True):
        if person.pk in barred:
            return f"{bar.says}依据 {running.cited(bar.cites)}。"
    if subject.once and person.pk in known.busy:
        title = running.procedure.title
        return f"{person.name}已经有一件“{title}”在办，请接着办那一件。"
    return ""


def jointly(stage: Stage, given: Iterable[str]) -> Outcome:
    """How a stage ends that several people ended so: the outcome that the pack puts last."""
    ids = set(given)
    return [outcome for outcome in stage.outcomes if outcome.id in ids][-1]


def _alike(stage: Stage, facts: Mapping[str, Any]) -> dict[str, str]:
    """Fields that have to differ and say the same."""
    found = {}
    titles = {spec.id: spec.title for spec in stage.fields}
    for names in stage.distinct:
        seen: dict[str, str] = {}
        for name in names:
            value = str(facts.get(name) or "")
            if value and value in seen:
                found[name] = f"和“{titles.get(seen[value], seen[value])}”相同，请换一个。"
            seen.setdefault(value, name)
    return found


def _too_many(running: Running, stage: Stage, facts: Mapping[str, Any]) -> dict[str, str]:
    """Numbers larger than another field lets them be; one that is not there holds nothing up."""
    found = {}
    specs = running.procedure.specs()
    for one in stage.no_more:
        value, most = facts.get(one.field), facts.get(one.than)
        if value is None or most is None or Decimal(str(value)) <= Decimal(str(most)):
            continue
        kind, spec = fields.get(specs[one.than].type), specs[one.than]
        said = f"“{spec.title}”是 {kind.show(spec, kind.load(most))}。"
        found[one.field] = f"{one.says}{said}依据 {running.cited(one.cites)}。"
    return found


def wrong_spans(
    running: Running, spans: Sequence[Span], facts: Mapping[str, Any], done: Mapping[str, date]
) -> dict[str, str]:
    """Dates that lie too near to, or too far from, what they are counted from."""
    named = running.named(facts)
    found = {}
    for span in spans:
        since = done.get(span.after) if span.after else named.get(span.after_field or "")
        day = named.get(span.field)
        if since and day and not days.is_within(span, since, day):
            found[span.field] = f"{span.says}依据 {running.cited(span.cites)}。"
    return found


def _too_near_others(running: Running, stage: Stage, facts: Mapping[str, Any]) -> dict[str, str]:
    """Dates too near to, and not on, a day of another case of the organisation. One query for
    each that is asked."""
    case, named, found = running.case, running.named(facts), {}
    for apart in stage.apart:
        day = named.get(apart.field)
        if day is None:
            continue
        went = Q(state=Turn.State.DONE)
        if apart.outcomes:
            went &= Q(outcome__in=apart.outcomes)
        rows = (
            Turn.objects.filter(Q(state=Turn.State.OPEN) | went, stage=apart.stage)
            .filter(case__organization=case.organization_id, case__procedure=case.procedure)
            .exclude(case=case.pk)
            .exclude(case__state__in=(Case.State.CANCELLED, Case.State.VOIDED))
        )
        others = {
            due_on if state == Turn.State.OPEN else happened_on
            for state, due_on, happened_on in rows.values_list("state", "due_on", "happened_on")
        }
        if near := sorted(
            one for one in others if one and days.is_nearer(one, day, apart.at_least)
        ):
            cited = running.cited(apart.cites)
            found[apart.field] = f"{apart.says}别的一件是 {near[0]}。依据 {cited}。"
    return found


VOTE = "vote"
TEXTS = ("text", "long-text")
COUNTS = ("entitled", "present", "written", "yes", "no", "abstain")


def _voted(
    running: Running, turn: Turn, stage: Stage, outcome: Outcome, step: Step
) -> dict[str, str]:
    """What is wrong with the totals of a vote, and whether the outcome is what they say."""
    if stage.vote is None or outcome.vote is None:
        return {}
    if step.totals is None:
        return {f"{VOTE}_{name}": "要填。" for name in ("present", "yes", "tellers")}
    totals, counters = step.totals, counters_of(turn, stage, step.happened_on)
    is_listed = stage.vote.is_listed
    found = _wrong_totals(totals, counters if is_listed else None)
    found |= _wrong_tellers(totals, counters, running.case, is_listed=is_listed)
    if found:
        return found
    rule, result = stage.vote.rule, judged(stage.vote, totals)
    cited = running.cited(rule.cites)
    if not result.is_quorate:
        needed = result.present_needed
        return {f"{VOTE}_present": f"到会不够，要到 {needed} 人，不能表决。依据 {cited}。"}
    if result.passed != (outcome.vote == "passed"):
        said = "通过了" if result.passed else "没有通过"
        return {
            OUTCOME: f"赞成 {totals.yes} 票，要 {result.yes_needed} 票，{said}，"
            f"不能按“{outcome.title}”办。依据 {cited}。"
        }
    return {}


def roll_of(turn: Turn, stage: Stage, on: date) -> set[int]:
    """Who has a vote where the turn is answered, on that day; nobody where the roster does not
    say. One query."""
    assert stage.vote is not None
    if not stage.vote.is_listed:
        return set()
    return people.voters(turn.organization_id, stage.vote.voters, on)


def counters_of(turn: Turn, stage: Stage, on: date) -> set[int]:
    """Who may sign a count as a teller: those who have a vote, or where the roster does not
    say who has, the full members there. One query."""
    assert stage.vote is not None
    asked = stage.vote.voters if stage.vote.is_listed else "full-members"
    return people.voters(turn.organization_id, asked, on)


def judged(vote: Vote, totals: Totals) -> quorum.Result:
    roll = quorum.Roll(totals.entitled, totals.present, totals.written)
    return quorum.judge(roll, quorum.Tally(totals.yes, totals.no, totals.abstain), vote.rule.exact)


def _wrong_totals(totals: Totals, roll: set[int] | None) -> dict[str, str]:
    """``roll``: who has a vote; None where the roster does not say."""
    negative = [name for name in COUNTS if getattr(totals, name) < 0]
    if negative:
        return {f"{VOTE}_{name}": "不能是负数。" for name in negative}
    found = {}
    if roll is None and not totals.entitled:
        found["entitled"] = "应到几人要填，照会议的名册写。"
    elif roll is None:
        pass
    elif totals.entitled > len(roll):
        found["entitled"] = f"名册上那天有表决权的只有 {len(roll)} 人。先把名册登记对。"
    elif totals.entitled < len(roll) and not totals.why_fewer.strip():
        found["why_fewer"] = f"名册上有 {len(roll)} 人，写明为什么应到的少。"
    if totals.present > totals.entitled:
        found["present"] = f"实到比应到 {totals.entitled} 人多，请核对。"
    elif totals.written > totals.entitled - totals.present:
        found["written"] = "书面意见比没有到会的人多，请核对。"
    elif totals.yes + totals.no + totals.abstain > totals.present + totals.written:
        found["yes"] = f"票数比到会的 {totals.present} 人加书面意见 {totals.written} 份多，请核对。"
    return {f"{VOTE}_{name}": text for name, text in found.items()}


def _wrong_tellers(
    totals: Totals, counters: set[int], case: Case, *, is_listed: bool
) -> dict[str, str]:
    if not counters.issuperset(totals.tellers):
        who = "有表决权的人" if is_listed else "本组织的正式党员"
        text = f"监票人、计票人要是{who}，两个都要选。"
    elif len(set(totals.tellers)) < 2:
        text = "监票人、计票人要两个不同的人。"
    elif case.person_id in totals.tellers:
        text = "表决的是本人，不能自己监票。请换人。"
    else:
        return {}
    return {f"{VOTE}_tellers": text}


def _notice_fault(
    running: Running, turn: Turn, outcome: Outcome, facts: dict[str, Any], step: Step
) -> str:
    """Why a notice does not let the turn end so; "" where it does."""
    notice = running.stage(turn).notice
    if notice is None or outcome.unless_posted:
        return ""
    postings, cited = running.postings(turn), running.cited(notice.cites)
    places = 2 if notice.twice_when and all_hold(notice.twice_when, facts) else 1
    if len({(one.channel, one.place) for one in postings}) < places:
        return f"先登记公示：在哪里、从哪天到哪天。要 {places} 处。依据 {cited}。"
    last = max(one.until for one in postings)
    if step.happened_on <= last:
        return f"公示到 {last}，第二天起才能办。依据 {cited}。"
    objections = [found for one in postings for found in one.objections.all()]
    if waiting := sum(found.stands is None for found in objections):
        return f"有 {waiting} 条异议没有答复，先答复。依据 {cited}。"
    stands = any(found.stands for found in objections)
    if outcome.objections == "none" and stands:
        return f"有异议成立，不能按“{outcome.title}”办。依据 {cited}。"
    if outcome.objections == "some" and not stands:
        return f"没有成立的异议，不能按“{outcome.title}”办。依据 {cited}。"
    return ""


def _awaited(turn: Turn, stage: Stage) -> str:
    """What began elsewhere and has to end first; "" where nothing. One query where asked."""
    if not stage.awaits:
        return ""
    parts = Case.objects.open().filter(links__other=turn.case_id, links__kind=Link.Kind.PART)
    waiting = [one for one in parts if one.procedure.partition(":")[2] in stage.awaits]
    if not waiting:
        return ""
    named = "、".join(one.rule.known_as or one.title for one in waiting[:3])
    return f"还有 {len(waiting)} 件没有办结：{named}。"


def missing(
    running: Running,
    specs: Sequence[FieldSpec],
    needs: Sequence[Need],
    stored: Mapping[str, Any],
    facts: dict[str, Any],
) -> dict[str, str]:
    """Required fields that say nothing, and those that something else makes required."""
    found = {
        spec.id: f"“{spec.title}”要填。"
        for spec in specs
        if spec.required and spec.id not in stored
    }
    for need in needs:
        if all_hold(need.when, facts):
            cited = running.cited(need.cites)
            found |= {
                name: f"{need.says}依据 {cited}。" for name in need.fields if name not in facts
            }
    return found


def _wrong_day(
    running: Running,
    turn: Turn,
    waits: Sequence[Wait],
    facts: Mapping[str, Any],
    day: date,
    today: date,
) -> dict[str, str]:
    if day > today:
        return {DAY: "日期在以后，办了再记。"}
    if day < turn.opened_on:
        return {DAY: f"早于上一步（{turn.opened_on}），请核对日期。"}
    for one in days.earliest(waits, running.done, running.named(facts)):
        if one.day and day < one.day:
            return {
                DAY: f"{one.day} 起才能办：{running.word_wait(one.wait)}。"
                f"依据 {running.cited(one.wait.cites)}。"
            }
    return {}


def available(running: Running, turn: Turn) -> list[tuple[Outcome, str]]:
    """The outcomes of a turn, each with why it cannot be, "" where it can, by what is known."""
    stage = running.stage(turn)
    own = {spec.id for spec in stage.fields}
    return [
        (
            outcome,
            ""
            if outcome.fits(running.case.facts) or any(test.field in own for test in outcome.tests)
            else f"{outcome.says}依据 {running.cited(outcome.cites)}。",
        )
        for outcome in stage.outcomes
    ]
