"""Comparing what an example expects with what is there; each difference in one sentence."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from fractions import Fraction

from zhibu.activities import actions, queries, sittings
from zhibu.activities.models import Activity, Filing
from zhibu.activities.queries import Choice, Expected
from zhibu.activities.replay.situation import Situation
from zhibu.adoptions import queries as in_force
from zhibu.core import measures
from zhibu.core.quorum import Result, Roll, Tally
from zhibu.duties.models import HolderKind, Obligation
from zhibu.organizations.models import Organization
from zhibu.packs.schema.examples import (
    ExpectFiling,
    ExpectHint,
    ExpectMeasure,
    ExpectObligation,
    ExpectRefusal,
    ExpectReturn,
    ExpectVote,
    ExpectWarning,
    GivenActivity,
)

STATES = {
    "done": "已办", "open": "待办", "overdue": "未办", "exempt": "免",
    "not_applicable": "不适用", "absent": "没有这一条",
}  # fmt: skip


class Looks:
    """What can be looked at in a situation."""

    def __init__(self, situation: Situation, differences: list[str]) -> None:
        self.situation = situation
        self.differences = differences

    def _must(self, what: str, expected: object, found: object) -> None:
        """``expected`` None means that the example does not say."""
        if expected is not None and expected != found:
            self.differences.append(f"{what}：应是 {_word(expected)}，实际 {_word(found)}")

    def choices(self, given: GivenActivity) -> list[Choice]:
        """The activity's kinds, as they are in force on its day."""
        group = self.situation.group(given.group)
        known = queries.kinds_in_force(self.situation.venue, given.held_on, group=group)
        return [choice for choice in known if choice.reference in given.kinds]

    def roll(self, given: GivenActivity) -> list[Expected]:
        """Everyone due at the activity."""
        kinds = [choice.kind for choice in self.choices(given)]
        group = self.situation.group(given.group)
        return queries.roll(self.situation.venue, kinds, given.held_on, group=group)

    def obligation(
        self, duty: str, period: date, group: int | None, person: int | None = None
    ) -> Obligation | None:
        pack, _, name = duty.partition(":")
        rows = Obligation.objects.filter(pack=pack, duty=name, period_since=period)
        if person is not None:
            return rows.of_person(self.situation.people[person - 1].pk).first()
        found = self.situation.group(group)
        if found is not None:
            return rows.filter(holder_kind=HolderKind.PARTY_GROUP, holder_id=found.pk).first()
        return rows.filter(organization=self.situation.organization).first()

    def at_obligation(self, expected: ExpectObligation) -> None:
        row = self.obligation(expected.duty, expected.period, expected.group, expected.person)
        whose = f"第 {expected.person} 个人" if expected.person else ""
        where = f"{expected.duty} {whose}{expected.period} 这一期，{expected.on} 看"
        state = row.state_on(expected.on) if row else "absent"
        self._must(where, STATES[expected.state], STATES[state])
        if row is None:
            return
        self._must(f"{where}，办了几次", expected.done, row.done)
        self._must(f"{where}，到期日", expected.due_on, row.due_on)
        self._must(f"{where}，逾期", expected.held_late, row.held_late)
        self._must(f"{where}，补记", expected.entered_late, row.entered_late)
        self._must(f"{where}，没做齐几次", expected.incomplete, len(row.incomplete_by))

    def at_vote(
        self,
        expected: ExpectVote,
        given: GivenActivity,
        recorded: Activity | None,
        *,
        is_refused: bool,
    ) -> None:
        """The vote as the rule judges it, and as it stands on record or was refused."""
        where = f"第 {expected.activity} 个活动的表决"
        entitled = len([e for e in self.roll(given) if e.is_entitled])
        result = self._judged(given, entitled, where)
        if result is None:
            return
        self._must(f"{where}，到会够不够", expected.quorate, result.is_quorate)
        self._must(f"{where}，是否通过", expected.passed, result.passed)
        self._must(f"{where}，应到", expected.entitled, entitled)
        self._must(f"{where}，要到", expected.present_needed, result.present_needed)
        self._must(f"{where}，要赞成", expected.yes_needed, result.yes_needed)
        if not expected.quorate:
            self._must(f"{where}，人数不够时拒绝", True, is_refused)
        else:
            kept = recorded.decisions.filter(is_vote=True).first() if recorded else None
            self._must(f"{where}，记下的结果", expected.passed, kept.passed if kept else None)

    def _judged(self, given: GivenActivity, entitled: int, where: str) -> Result | None:
        spec = next((c.kind.vote for c in self.choices(given) if c.kind.vote), None)
        if spec is None or given.yes is None:
            self.differences.append(f"{where}：这种会没有表决规则，或者例子没有写 yes")
            return None
        present = entitled if given.present is None else min(given.present, entitled)
        tally = Tally(given.yes, given.no, given.abstain)
        if tally.total > present:
            self.differences.append(f"{where}：{tally.total} 票多于有表决权实到 {present} 人")
            return None
        return sittings.judge_vote(spec, Roll(entitled, present), tally)

    def at_refusals(
        self,
        expected: Sequence[ExpectRefusal],
        faults: Mapping[int, Mapping[str, str]],
        *,
        apart_from: Collection[int],
    ) -> None:
        """``apart_from``: activities whose refusal a vote without quorum explains."""
        explained = {refusal.activity for refusal in expected} | set(apart_from)
        for number in sorted(set(faults) - explained):
            text = "；".join(faults[number].values())
            self.differences.append(f"第 {number} 个活动记不上：{text}")
        for refusal in expected:
            said = faults.get(refusal.activity, {}).get(refusal.place, "")
            if refusal.says not in said:
                self.differences.append(
                    f"第 {refusal.activity} 个活动在 {refusal.place} 应提示“{refusal.says}”，"
                    f"实际{f'“{said}”' if said else '没有提示'}"
                )

    def at_return(
        self,
        number: int,
        expected: ExpectReturn,
        faults: Mapping[str, str],
        known: Mapping[str, object],
        *,
        unknown: list[str],
    ) -> None:
        """``faults`` are what the form said, by field; none where it was given. ``known``: what
        was filled in by itself."""
        where = f"第 {number} 份回执"
        for name, count in sorted(expected.known.items()):
            self._must(f"{where}自动填的 {name}", count, known.get(name))
        for name in unknown:
            self.differences.append(f"{where}：回执表里没有 {name}")
        for name in sorted(set(faults) - set(expected.refused)):
            self.differences.append(f"{where}交不上：{name} {faults[name]}")
        for name, says in sorted(expected.refused.items()):
            said = faults.get(name, "")
            if says not in said or not said:
                self.differences.append(
                    f"{where}在 {name} 应提示“{says}”，实际{f'“{said}”' if said else '没有提示'}"
                )

    def at_filing(self, expected: ExpectFiling, activity: Activity | None) -> None:
        where = f"第 {expected.activity} 个活动"
        asked = activity is not None and actions.filing_asked(activity) is not None
        self._must(f"{where}，要不要报主题", expected.asked, asked)
        found = Filing.objects.filter(activity=activity, received_at__isnull=False).exists()
        self._must(f"{where}，主题签收", expected.receipted, found)

    def at_warning(self, expected: ExpectWarning, *, is_repeated: bool) -> None:
        where = f"第 {expected.activity} 个活动，提醒主题重复"
        self._must(where, expected.repeated_theme, is_repeated)

    def at_hint(self, expected: ExpectHint) -> None:
        organization = Organization.objects.get(pk=self.situation.organization.pk)
        shown = in_force.hints([organization], expected.on)[organization.pk]
        found = expected.hint in {hint.reference for hint in shown}
        self._must(f"{expected.on} 看提示 {expected.hint}", expected.shown, found)

    def at_measure(self, expected: ExpectMeasure) -> None:
        if expected.measure not in measures.names():
            known = "、".join(measures.names())
            self.differences.append(f"没有指标 {expected.measure}，可用的有 {known}")
            return
        measure = measures.get(expected.measure)
        pk = self.situation.organization.pk
        params = measure.params.model_validate({"duty": expected.duty})
        found = measure.compute([pk], expected.since, expected.until, expected.on, params)
        figure = found[pk]
        where = f"{expected.measure}，{expected.on} 看"
        self._must(f"{where}，分子", expected.count, figure.count)
        self._must(f"{where}，分母", expected.total, figure.total)
        if expected.share is not None and figure.total:
            share = Fraction(figure.count or 0) / figure.total
            self._must(f"{where}，比例", Fraction(expected.share), share)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "没有" if value is None else str(value)
