"""Every way a procedure may go, without anybody's days and values: what is open, what was done,
what waits for something else. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, product
from typing import Any

from zhibu.core.fields import FieldSpec
from zhibu.packs.schema.procedures import Outcome, Procedure, Stage, Test

MOST_STATES = 20000
MOST_VALUES = 4000
NUMBERS = ("number", "money", "quantity")
ELSE = "\N{REPLACEMENT CHARACTER}"  # stands for any other text


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case may stand: steps open, done at some time, asked for but not begun as
    something they join is not done, and those whose fields were filled in."""

    open: frozenset[str]
    done: frozenset[str]
    asked: frozenset[str] = frozenset()
    wrote: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lost:
    """An end that leaves ``stage`` out though something went on to it: it joins what is not
    done, or may be left out and nothing else is open."""

    stage: str
    by: str
    outcome: Outcome
    is_optional: bool = False


@dataclass
class Ways:
    """All standings a case can come to. ``is_whole`` is false where there are too many: then
    nothing can be said of what never is."""

    item: Procedure
    lost: list[Lost] = field(default_factory=list)
    is_whole: bool = True

    def __post_init__(self) -> None:
        self._stages = {stage.id: stage for stage in self.item.stages}
        self._told, self._writes = _told_of(self.item)
        self._next: dict[Standing, set[Standing]] = {}
        self._ends: set[Standing] = set()
        waiting = [self._opened(Standing(frozenset(), frozenset()), self.item.start)]
        while waiting and self.is_whole:
            here = waiting.pop()
            if here in self._next:
                continue
            found = set(self._onward(here))
            self._next[here] = found
            waiting += found
            self.is_whole = len(self._next) < MOST_STATES

    def _opened(self, here: Standing, names: Iterable[str], by: str = "") -> Standing:
        opened, asked = set(here.open), set(here.asked)
        for name in names:
            stage = self._stages[name]
            if name in opened or self._went_on(here, stage, by):
                continue
            if self._is_joined(stage, here.open, here.done):
                opened.add(name)
                asked.discard(name)
            else:
                asked.add(name)
        return replace(here, open=frozenset(opened), asked=frozenset(asked))

    def _is_joined(self, stage: Stage, opened: Iterable[str], done: Iterable[str]) -> bool:
        needed = [name for name in stage.joins if not self._stages[name].optional]
        return all(name in done and name not in opened for name in needed)

    def _went_on(self, here: Standing, stage: Stage, by: str) -> bool:
        return bool(by) and self._stages[by].optional and by in stage.joins and (
            stage.id in here.done
        )  # fmt: skip

    def _onward(self, here: Standing) -> Iterator[Standing]:
        for name in here.open:
            for outcome in self._stages[name].outcomes:
                wrote = set() if outcome.skips_fields else {name} & self._writes
                after = Standing(
                    here.open - {name}, here.done | ({name} & self._told), here.asked,
                    here.wrote | wrote,
                )  # fmt: skip
                if not outcome.closes:
                    after = self._opened(after, outcome.to, name)
                    if any(not self._stages[one].optional for one in after.open):
                        yield after
                        continue
                    self.lost += [Lost(one, name, outcome) for one in sorted(after.asked)]
                    self.lost += [
                        Lost(one, name, outcome, is_optional=True)
                        for one in sorted(after.open - here.open)
                    ]
                self._ends.add(here)
                if self.item.reopening:
                    ended = replace(after, open=frozenset(), asked=frozenset())
                    yield self._opened(ended, self.item.reopening.to)

    @cached_property
    def opened(self) -> set[str]:
        """Steps that begin in some way."""
        return {name for here in self._next for name in here.open}

    def before(self, stage: str) -> set[str]:
        """Steps that may have been done when ``stage`` is open."""
        return {one for here in self._next if stage in here.open for one in here.done}

    def surely_before(self, stage: str) -> set[str]:
        """Steps that were done in every way that leads to ``stage``."""
        found = [here.done for here in self._next if stage in here.open]
        return set(frozenset.intersection(*found)) if found else set()

    def surely_wrote(self, stage: str) -> set[str]:
        """Steps whose fields were filled in in every way that leads to ``stage``."""
        found = [here.wrote for here in self._next if stage in here.open]
        return set(frozenset.intersection(*found)) if found else set()

    def without_end(self) -> set[str]:
        """Steps open in a standing from which no way ends."""
        ending = set(self._ends)
        while True:
            more = {one for one, then in self._next.items() if one not in ending and then & ending}
            if not more:
                break
            ending |= more
        return {name for here in self._next if here not in ending for name in here.open}


def _told_of(item: Procedure) -> tuple[set[str], set[str]]:
    """Steps of which something asks whether they were done, and whose fields something asks
    for. The others make no difference, and many more standings."""
    asked: set[str] = set()
    told: set[str] = set()
    for stage in item.stages:
        told |= {*stage.joins, *([stage.id] if stage.joins else [])}
        told |= {wait.after for wait in stage.waits if wait.after}
        told |= {limit.after for limit in stage.limits if limit.after}
        told |= {span.after for span in stage.spans if span.after}
        for outcome in stage.outcomes:
            asked |= {test.field for test in outcome.tests}
            sources = [one for binding in outcome.effects for one in binding.fields.values()]
            told |= {one.removeprefix("done.") for one in sources if one.startswith("done.")}
            asked |= set(sources)
    writes = {one.id for one in item.stages if any(spec.id in asked for spec in one.fields)}
    return told | writes, writes


def never_holds(tests: Iterable[Test], specs: dict[str, FieldSpec]) -> str:
    """Why tests can never all hold, by what their fields may say; "" where they can."""
    single: dict[str, set[str]] = {}
    for test in tests:
        spec = specs.get(test.field)
        if spec is None:
            continue
        known = _values_of(spec)
        wrong = [one for one in (*test.among, *test.holds_all) if known and one not in known]
        if wrong:
            return f"字段 {spec.id} 不会是 {'、'.join(wrong)}，可以是 {'、'.join(sorted(known))}"
        if test.holds_all and spec.type != "choices":
            return f"字段 {spec.id} 不是多选，不能写 holds_all"
        if test.among and spec.type != "choices":
            among = set(test.among)
            single[spec.id] = single.get(spec.id, among) & among
            if not single[spec.id]:
                return f"字段 {spec.id} 不会同时是这几个值"
        if test.at_least is not None and spec.most is not None and test.at_least > spec.most:
            return f"字段 {spec.id} 最大 {spec.most}，到不了 {test.at_least}"
    filled: dict[str, set[bool]] = {}
    for test in tests:
        filled.setdefault(test.field, set()).add(test.filled is not False)
    for name, both in filled.items():
        if len(both) > 1:
            return f"字段 {name} 不会又填了又没有填"
    return ""


def _values_of(spec: FieldSpec) -> set[str]:
    if spec.type == "yes-no":
        return {"yes", "no"}
    return {choice.id for choice in spec.choices}


def uncovered(stage: Stage, item: Procedure, sure: set[str]) -> dict[str, Any] | None:
    """Values written before ``stage`` with which no outcome of it is possible, whatever it asks
    itself; None where one always is. ``sure``: fields that say something by then."""
    specs = item.specs(stage)
    tested = [test for outcome in stage.outcomes for test in outcome.tests]
    own = {spec.id for spec in stage.fields}
    needed = {name for need in (*item.needs, *stage.needs) for name in need.fields}
    values = {
        name: _candidates(specs[name], tested, may_lack=name not in needed | sure)
        for name in sorted({test.field for test in tested if test.field in specs})
    }
    written = [name for name in values if name not in own]
    asked = [name for name in values if name in own]
    for combination in islice(product(*(values[name] for name in written)), MOST_VALUES):
        facts = dict(zip(written, combination, strict=True))
        free = islice(product(*(values[name] for name in asked)), MOST_VALUES)
        found = [facts | dict(zip(asked, one, strict=True)) for one in free]
        for vote, objections in product(("passed", "failed"), ("none", "some")):
            if not any(
                _is_possible(outcome, one, vote, objections)
                for one in found
                for outcome in stage.outcomes
            ):
                return facts
    return None


def _is_possible(outcome: Outcome, facts: dict[str, Any], vote: str, objections: str) -> bool:
    return (
        outcome.vote in (None, vote)
        and (outcome.unless_posted or outcome.objections in (None, objections))
        and outcome.fits(facts)
    )


def _candidates(spec: FieldSpec, tests: list[Test], *, may_lack: bool) -> list[Any]:
    """Values that the tests of a step may tell apart."""
    lacking: list[Any] = [None] if may_lack else []
    if spec.type == "yes-no":
        return [True, False, *lacking]
    ids = [choice.id for choice in spec.choices]
    if spec.type == "choices":
        return [*([one] for one in ids), ids, *lacking]
    if ids:
        return [*ids, *lacking]
    own = [test for test in tests if test.field == spec.id]
    bounds = [test.at_least for test in own if test.at_least is not None]
    if bounds or spec.type in NUMBERS:
        named = {one for bound in bounds for one in (bound - 1, bound)}
        named |= {int(one) for test in own for one in test.among if one.isdecimal()}
        return [*sorted(one for one in named or {0} if _is_allowed(spec, one)), *lacking]
    words = [one for test in own for one in test.among]
    return [*dict.fromkeys(words), ELSE, *lacking]


def _is_allowed(spec: FieldSpec, value: int) -> bool:
    return (spec.least is None or value >= spec.least) and (spec.most is None or value <= spec.most)
