"""Packs and adoptions compiled into rows: one a duty, adoption and period.

What a pack says of days and numbers is asked of the same pure functions as everywhere
(``duties.spans``, ``duties.counting``); who is concerned and what counts is not decided here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from zhibu.adoptions import queries as adoptions
from zhibu.adoptions.models import Adoption
from zhibu.core.dates import Period
from zhibu.core.predicates import Condition
from zhibu.duties import counting, derive, spans
from zhibu.duties.actions import EARLIEST
from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema.duties import Duty
from zhibu.packs.schema.tightenings import Tighten, Tightening
from zhibu.packs.tightening import Asked, tightened

HOLDERS = ("organization", "party-group", "post", "person")


@dataclass(frozen=True, slots=True)
class Rule:
    """A wording of a duty under one adoption in one period.

    ``number`` is its rank too: of two that give one obligation the lower stands. ``wording``
    numbers the wording, ``adoption`` the adoption; ``judged`` is the judged day.
    """

    number: int
    adoption: int
    wording: int
    period: Period
    judged: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule asks of those whom the tightenings in ``asked`` reach: their numbers, 3,17."""

    rule: int
    asked: str
    required: int
    closes_on: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tightening that may reach some of a rule's organisations."""

    rule: int
    number: int
    adoption: int
    tighten: Tighten
    is_guided: bool


@dataclass
class Rules:
    """Everything that packs and adoptions say, up to a day."""

    adoptions: list[Adoption]
    wordings: list[tuple[Pack, Wording]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    candidates: dict[int, list[Candidate]] = field(default_factory=dict)

    def duty(self, wording: int) -> Duty:
        found = self.wordings[wording][1].item
        assert isinstance(found, Duty)
        return found

    def reference(self, wording: int) -> str:
        """publisher/slug:duty."""
        pack, found = self.wordings[wording]
        return f"{pack.id}:{found.id}"

    def items(self) -> dict[str, int]:
        """A number for each duty, whatever its wording and adoption."""
        references = (self.reference(number) for number in range(len(self.wordings)))
        return {reference: number for number, reference in enumerate(dict.fromkeys(references))}

    def holders(self) -> set[int]:
        """Kinds of holders that occur, by their place in ``HOLDERS``."""
        return {HOLDERS.index(self.duty(rule.wording).holder) for rule in self.rules}

    def is_contested(self) -> bool:
        """Whether two rules speak of the same duty and period: an organisation owes it once."""
        items = self.items()
        named = [(items[self.reference(r.wording)], r.period.since) for r in self.rules]
        return len(set(named)) < len(named)

    @property
    def duties(self) -> list[Duty]:
        return [self.duty(number) for number in range(len(self.wordings))]

    def days(self) -> set[date]:
        """Judged days and last days."""
        return {day for rule in self.rules for day in (rule.judged, rule.period.last_day)}

    def conditions(self) -> Iterator[tuple[int, str, Condition, date]]:
        """What has to be asked of whom on which day: wording, subject, condition, day."""
        asked: set[tuple[int, str, date]] = set()
        for rule in self.rules:
            duty = self.duty(rule.wording)
            for subject, condition, day in (
                ("organization", duty.when, rule.judged),
                ("person", duty.who, rule.judged),
                ("person", duty.who, rule.period.last_day),
            ):
                if condition is not None and (rule.wording, subject, day) not in asked:
                    asked.add((rule.wording, subject, day))
                    yield rule.wording, subject, condition, day

    def terms(self, occurring: Sequence[tuple[int, str]]) -> list[Terms]:
        """What each rule asks under each set of tightenings that occurs."""
        by_number = {rule.number: rule for rule in self.rules}
        return [self._terms(by_number[number], asked) for number, asked in occurring]

    def _terms(self, rule: Rule, asked: str) -> Terms:
        reaching = set(asked.split(","))
        some = [c for c in self.candidates.get(rule.number, ()) if str(c.number) in reaching]
        duty = tightened(self.duty(rule.wording), [Asked(c.tighten, c.is_guided) for c in some])
        closes_on = counting.closes_on(duty, rule.due_on, rule.period.until)
        return Terms(rule.number, asked, duty.times, closes_on)


def compiled(until: date, *, since: date = EARLIEST) -> Rules:
    """What holds in periods that begin in ``[since, until)``. One query."""
    found = Rules(sorted(adoptions.everywhere(), key=_rank))
    packs = library.packs()
    for number, adoption in enumerate(found.adoptions):
        pack = packs.get(adoption.pack)
        for wording in _wordings(pack) if pack else ():
            _add(found, number, wording, pack, since, until)
    tightening = [
        (number, adoption, packs[adoption.pack])
        for number, adoption in enumerate(found.adoptions)
        if adoption.pack in packs and packs[adoption.pack].wordings("tightenings")
    ]
    if tightening:
        for rule in found.rules:
            found.candidates[rule.number] = list(_candidates(found, rule, tightening))
    return found


def _rank(adoption: Adoption) -> tuple[int, int, date, int]:
    """The line of the tree before that of guidance, then the highest, the earliest."""
    line = adoptions.in_order(adoption)
    return (line, len(adoption.organization.path), adoption.since, adoption.pk)


def _wordings(pack: Pack) -> Iterator[Wording]:
    for wordings in pack.wordings("duties"):
        for wording in wordings:
            duty = wording.item
            assert isinstance(duty, Duty)
            if duty.is_confirmed and duty.every is not None and duty.holder in HOLDERS:
                yield wording


def _add(
    found: Rules, number: int, wording: Wording, pack: Pack | None, since: date, until: date
) -> None:
    assert pack is not None
    adoption, duty = found.adoptions[number], wording.item
    assert isinstance(duty, Duty)
    first = max(since, adoption.since - timedelta(days=370))
    of_wording = len(found.wordings)
    found.wordings.append((pack, wording))
    for period in spans.calendar(duty, first, until):
        day = derive.judged_day(duty, period)
        begins = since <= period.since and _is_in_force(adoption, day)
        if begins and pack.wording_on("duties", wording.id, day) is wording:
            due_on = derive.due_day(duty, period)
            found.rules.append(Rule(len(found.rules), number, of_wording, period, day, due_on))


def _is_in_force(adoption: Adoption, day: date) -> bool:
    return adoption.since <= day and (adoption.until is None or day < adoption.until)


def _candidates(
    found: Rules, rule: Rule, tightening: Sequence[tuple[int, Adoption, Pack]]
) -> Iterator[Candidate]:
    reference, count = found.reference(rule.wording), 0
    for number, adoption, other in tightening:
        if not _is_in_force(adoption, rule.judged):
            continue
        for wordings in other.wordings("tightenings"):
            stricter = other.wording_on("tightenings", wordings[0].id, rule.judged)
            if stricter is None or not stricter.item.is_confirmed:
                continue
            assert isinstance(stricter.item, Tightening)
            for one in stricter.item.tighten:
                if one.of == "duties" and one.item == reference:
                    is_guided = adoption.reach == Adoption.Reach.GUIDED
                    yield Candidate(rule.number, count, number, one, is_guided)
                    count += 1
