"""Rows of registers in an example: opened, ended, corrected and looked at through the real
actions."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from zhibu.accounts.models import User
from zhibu.activities.replay.situation import Situation, noon
from zhibu.activities.replay.typed import otherwise, typed
from zhibu.core.fields import Named
from zhibu.core.forms import FieldsForm, known
from zhibu.core.verdicts import Refused
from zhibu.organizations.models import Organization
from zhibu.packs.schema.examples import (
    Example,
    ExpectRegister,
    GivenRow,
    GivenRowStep,
)
from zhibu.packs.schema.registers import Register
from zhibu.registers import actions, queries
from zhibu.registers.drafts import Draft, Faulty
from zhibu.registers.models import STANDINGS, Row, RowQuerySet
from zhibu.registers.queries import Scope

WHO = "who"
COUNTS = {
    "valid": "有效", "running_out": "快到期", "gaps": "缺", "lacking": "缺的是第几个",
    "holders": "几个组织", "above": "几个上级", "begun": "开始了", "ended": "结束了",
}  # fmt: skip


class Registers:
    """Differences are added to the list that was given."""

    def __init__(self, situation: Situation, example: Example, differences: list[str]) -> None:
        self.situation = situation
        self.example = example
        self.differences = differences
        self.places, self.members = situation.places, situation.members
        self.opened: dict[int, Row] = {}
        self._secretary: User | None = None

    def days(self) -> Iterator[tuple[date, tuple[Any, ...]]]:
        """What happens, each with its day, in the order of the example."""
        for number, (place, given) in enumerate(self.example.given.rows, 1):
            yield given.on, (self.open, number, place, given)
            for index, step in enumerate(given.step, 1):
                yield step.on, (self.act, number, index, step)

    def open(self, number: int, place: int, given: GivenRow) -> None:
        where = f"第 {number} 行登记"
        if place > len(self.places):
            self.differences.append(f"{where}：例子里只有 {len(self.places)} 个组织")
            return
        organization = self.places[place - 1]
        held = queries.registers(organization, given.on).get(given.book)
        if held is None:
            self.differences.append(f"{where}：{given.on} 没有在用的台账 {given.book}")
            return
        rule = held.wording.item
        assert isinstance(rule, Register)
        values, faults = _cleaned(
            rule, self._said(rule, given.values, organization), organization, given.on
        )

        def begin() -> None:
            self.opened[number] = actions.open_row(
                organization,
                Draft(since=given.since or given.on, until=given.until, values=values),
                register=given.book, wording=held.wording.since, by=self._user(given.by),
                at=noon(given.on),
            )  # fmt: skip

        self._compare(where, given.refused, faults or _told(begin))

    def act(self, number: int, index: int, given: GivenRowStep) -> None:
        where = f"第 {number} 行第 {index} 步"
        row = self.opened.get(number)
        if row is None:
            self.differences.append(f"{where}：没有登记上")
            return
        row = Row.objects.select_related("organization").get(pk=row.pk)
        by, at = self._user(given.by), noon(given.on)
        faults: Mapping[str, str] = {}
        if given.does == "end":
            said = {"reason": given.reason, "ended_as": given.ended_as}
            until = given.until or given.on

            def run() -> object:
                return actions.close_row(row, until=until, **said, by=by, at=at)

        elif given.does == "void":

            def run() -> object:
                return actions.void_row(row, reason=given.reason, by=by, at=at)

        else:
            values, faults = self._mended(row, given)
            draft = Draft(
                since=given.since or row.since, until=given.until or row.until, values=values
            )

            def run() -> object:
                return actions.correct_row(row, draft, reason=given.reason, by=by, at=at)

        self._compare(where, given.refused, faults or _told(run))

    def _mended(self, row: Row, given: GivenRowStep) -> tuple[dict[str, Any], Mapping[str, str]]:
        """All columns as they are, but for those that the example mends."""
        rule = row.rule
        before = known(rule.columns, row.values)
        for spec in rule.columns:
            if isinstance(value := before.get(spec.id), Named):
                before[spec.id] = value.id if spec.type == "person" else value.name
        typed_in = {**before, **self._said(rule, given.values, row.organization)}
        return _cleaned(rule, typed_in, row.organization, given.on)

    def look(self, expected: ExpectRegister) -> None:
        where = f"{expected.book}，{expected.on} 看"
        if expected.row is None:
            self._count(expected, where)
            return
        found = self.opened.get(expected.row)
        if found is None:
            self.differences.append(f"{where}：第 {expected.row} 行没有登记上")
            return
        row = Row.objects.get(pk=found.pk)
        where = f"{where}第 {expected.row} 行"
        assert expected.standing is not None
        standing = STANDINGS[row.standing_on(expected.on)]
        self._must(where, STANDINGS[expected.standing], standing)
        self._must(f"{where}，编号", expected.number, row.called_number)
        self._must(f"{where}，到哪天", expected.until, row.until)
        self._must(f"{where}，改过几次", expected.changed, row.version - 1)

    def _count(self, expected: ExpectRegister, where: str) -> None:
        scope = Scope(self.situation.officer, expected.book, expected.on)
        valid = scope.looked_at("valid", expected.counted)
        place = self.situation.adopter
        lacking = {unit.pk for unit in queries.gaps(scope, place)}
        units = valid.values_list("organization", "organization__parent").distinct().order_by()
        found = {
            "valid": valid.count(),
            "running_out": scope.looked_at("running-out", expected.counted).count(),
            "gaps": len(lacking),
            "lacking": [n for n, one in enumerate(self.places, 1) if one.pk in lacking],
            "holders": len({unit for unit, _ in units}),
            "above": len({above for _, above in units}),
        }
        if expected.since is not None:
            window = (expected.since, expected.on)
            rows = scope.looked_at("all", expected.counted).counted()
            ended = rows.filter(state=Row.State.ENDED, until__range=window)
            if expected.ended_as:
                ended = ended.filter(ended_as=expected.ended_as)
            found |= {"begun": rows.filter(since__range=window).count(), "ended": ended.count()}
        for name, word in COUNTS.items():
            self._must(f"{where}，{word}", getattr(expected, name), found.get(name))
        self._sum(expected, valid, where)

    def _sum(self, expected: ExpectRegister, valid: RowQuerySet, where: str) -> None:
        wording = queries.wording_on(expected.book, expected.on)
        if not expected.sums or wording is None:
            return
        rule = wording[1].item
        assert isinstance(rule, Register)
        sums = {spec.id: total for spec, total in queries.totals(valid, rule)}
        for name, total in expected.sums.items():
            self._must(f"{where}，{name} 合计", total, sums.get(name))

    def _said(
        self, rule: Register, values: Mapping[str, Any], organization: Organization
    ) -> dict[str, Any]:
        """What one chooses where the example writes the organisation's people by their number."""
        place = next(n for n, one in enumerate(self.places) if one.pk == organization.pk)
        there, found = self.members[place], dict(values)
        for name, value in values.items():
            spec = rule.column(name)
            if spec is not None and spec.type == "person" and isinstance(value, int):
                found[name] = there[value - 1] if 0 < value <= len(there) else value
        return found

    def _user(self, by: str) -> User:
        if by == "above":
            return self.situation.officer
        if self._secretary is None:
            self._secretary = self.situation.account(self.situation.people[0], "dengji")
        return self._secretary

    def _must(self, what: str, expected: object, found: object) -> None:
        """``expected`` None means that the example does not say."""
        if expected is not None and expected != found:
            self.differences.append(f"{what}：应是 {expected}，实际 {found}")

    def _compare(self, where: str, expected: Mapping[str, str], told: Mapping[str, str]) -> None:
        self.differences += otherwise(where, expected, told)


def _cleaned(
    rule: Register, values: Mapping[str, Any], organization: Organization, on: date
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Values as the form cleans what one types, and what it says of them."""
    form = FieldsForm({name: typed(value) for name, value in values.items()})
    form.ask(rule.columns, organization=organization.pk, on=on)
    form.is_valid()
    faults = {name: " ".join(map(str, said)) for name, said in form.errors.items()}
    faults |= {name: "没有这一栏" for name in values if rule.column(name) is None}
    return form.values(), faults


def _told(act: Callable[[], object]) -> Mapping[str, str]:
    """What the action said; {} where it went through."""
    try:
        act()
    except Faulty as faulty:
        return faulty.faults
    except Refused as refusal:
        return {WHO: refusal.verdict.reason}
    return {}
