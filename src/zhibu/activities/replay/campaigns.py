"""Campaigns of an example: launched, opened, entered and looked at through the real actions."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.activities.replay.situation import Situation, noon
from zhibu.activities.replay.typed import otherwise, typed
from zhibu.cases.campaigns import actions, queries
from zhibu.cases.campaigns.forms import EnterForm
from zhibu.cases.campaigns.models import Campaign, Unit
from zhibu.cases.campaigns.queries import Run, Sheet
from zhibu.cases.steps import Faulty
from zhibu.core.verdicts import Refused
from zhibu.organizations.models import Organization
from zhibu.packs.schema.campaigns import Campaign as Rule
from zhibu.packs.schema.campaigns import CampaignItem
from zhibu.packs.schema.examples import (
    Example,
    ExpectCampaign,
    GivenCampaign,
    GivenEnd,
    GivenEntered,
    GivenOpening,
    GivenRemoval,
)
from zhibu.people import actions as people
from zhibu.people.models import State

WHO = "who"
COUNTS = {
    "asked": "应办", "done": "按时", "made_up": "补了", "late": "逾期", "missing": "还没办",
    "waiting": "待办", "units_over": "全办好的单位",
}  # fmt: skip


class Campaigns:
    """What the campaigns of an example come to, and how that differs from what it expects."""

    def __init__(self, situation: Situation, example: Example, differences: list[str]) -> None:
        self.situation = situation
        self.example = example
        self.differences = differences
        self.launched: dict[int, Campaign] = {}
        self.places: dict[int, list[Organization]] = {}
        self.members: dict[int, list[list[int]]] = {}
        self._secretary: User | None = None

    def days(self) -> Iterator[tuple[date, tuple[Any, ...]]]:
        """Everything done, each with its day, in the order of the example."""
        for number, given in enumerate(self.example.given.campaign, 1):
            yield given.launched_on, (self.launch, number, given)
            for opening in given.opening:
                yield opening.on, (self.open, number, opening)
            for entered in given.entered:
                yield entered.on, (self.enter, number, entered)
            for removal in given.removal:
                yield removal.on, (self.remove, number, removal)
            for end in given.end:
                yield end.on, (self.end, number, end)

    def launch(self, number: int, given: GivenCampaign) -> None:
        adopter, day = self.situation.adopter, given.launched_on
        self._found_units(number, given)
        held = queries.offered(adopter, day).get(given.campaign)
        if held is None:
            self.differences.append(f"{day} 没有在用的集中活动 {given.campaign}")
            return
        rule = held.wording.item
        assert isinstance(rule, Rule)
        places = self.places[number]
        chosen = {
            batch: [places[n - 1].pk for n in numbers] for batch, numbers in given.chosen.items()
        }
        taken = [pk for ids in chosen.values() for pk in ids]
        units, _ = queries.fitting(adopter, rule, day, taken)
        mine = {one.pk for one in places}
        units = {batch: [pk for pk in ids if pk in mine] for batch, ids in units.items()} | chosen

        def launch() -> None:
            self.launched[number] = actions.launch(
                adopter, reference=given.campaign, wording=held.wording.since,
                title=rule.title, starts=given.starts, units=units, by=self.situation.officer,
                at=noon(day),
            )  # fmt: skip

        self._compare(f"第 {number} 个集中活动发起", given.refused, _told(launch))

    def _found_units(self, number: int, given: GivenCampaign) -> None:
        """The example's own branch, then the others with their people, there from long ago."""
        since = self.example.given.organization.founded_on
        self.places[number] = [self.situation.venue]
        self.members[number] = [[person.pk for person in self.situation.people]]
        for index, unit in enumerate(given.unit, 2):
            made = self.situation.found_beside(
                f"示例第{number}-{index}党支部", unit.field, since, unit.kind
            )
            self.places[number].append(made)
            self.members[number].append([
                people.register(
                    name=f"示例{index}支部党员{one}", home=made, since=since, state=State.FULL,
                    state_since=since, by=self.situation.system, at=noon(since),
                ).pk
                for one in range(1, unit.members + 1)
            ])  # fmt: skip

    def open(self, number: int, given: GivenOpening) -> None:
        where = f"第 {number} 个集中活动开 {given.phase}"
        run = self._run(number, where)
        if run is None:
            return
        unit = None if given.batch else self._unit(number, given.unit, where)
        spans = [
            span for span in run.spans
            if span.phase == given.phase
            and (unit.batch_id == span.batch_id if unit else span.batch.batch == given.batch)
        ]  # fmt: skip
        if not spans:
            self.differences.append(f"{where}：没有这样的阶段")
            return
        expected = {WHO: given.refused} if given.refused else {}
        by = self._user("above")
        told = _told(lambda: actions.open_phase(spans[0], unit, by=by, at=noon(given.on)))
        self._compare(where, expected, told)

    def enter(self, number: int, given: GivenEntered) -> None:
        where = f"第 {number} 个集中活动记 {given.item}"
        run = self._run(number, where)
        item = run.rule.item(given.item) if run else None
        units = [self._unit(number, one, where) for one in given.unit]
        found = [unit for unit in units if unit is not None]
        if run is None or item is None or not found:
            self.differences.append(f"{where}：没有这样的项目或者单位")
            return
        values, faults = _cleaned(item, given.values)
        members = self.members[number][given.unit[0] - 1]
        persons = [members[n - 1] for n in given.person]
        by, at, day = self._user(given.by), noon(given.on), given.happened_on or given.on

        def enter() -> None:
            if len(found) > 1:
                actions.enter_many(
                    run.campaign, found, item, happened_on=day, values=values, by=by, at=at
                )
                return
            act = actions.make_up if given.make_up else actions.enter
            act(found[0], item, people=persons, happened_on=day, values=values, by=by, at=at)

        self._compare(where, given.refused, faults or _told(enter))

    def remove(self, number: int, given: GivenRemoval) -> None:
        unit = self._unit(number, given.unit, f"第 {number} 个集中活动去掉单位")
        if unit is not None:
            actions.remove_unit(unit, reason="示例", by=self.situation.officer, at=noon(given.on))

    def end(self, number: int, given: GivenEnd) -> None:
        where = f"第 {number} 个集中活动{'撤 ' + given.body if given.body else '结束'}"
        run = self._run(number, where)
        if run is None:
            return
        by, at = self.situation.officer, noon(given.on)
        staff = run.campaign.staff.filter(body=given.body).first() if given.body else None

        def end() -> None:
            if staff is not None:
                actions.stand_down(staff, by=by, at=at)
            else:
                actions.end(run.campaign, by=by, at=at)

        self._compare(where, {WHO: given.refused} if given.refused else {}, _told(end))

    def look(self, expected: ExpectCampaign) -> None:
        number = expected.campaign
        where = f"第 {number} 个集中活动的 {expected.item}，{expected.on} 看"
        run = self._run(number, where)
        item = run.rule.item(expected.item) if run else None
        if run is None or item is None:
            self.differences.append(f"{where}：没有这一项")
            return
        if expected.unit is None:
            self._count(run, item, expected, where)
            return
        unit = self._unit(number, expected.unit, where)
        if unit is None:
            return
        sheet = Sheet(run, [unit], expected.on, [item])
        person = 0
        if expected.person is not None:
            person = self.members[number][expected.unit - 1][expected.person - 1]
        elif item.per == "person":
            self._must(f"{where}，状态", expected.state, sheet.cell(unit, item).state)
            return
        found = sheet.judged(unit, item, person)
        self._must(f"{where}，状态", expected.state, found.state)
        day = found.fact.day if found.fact else None
        for what, one, other in (
            ("哪天办的", expected.done_on, day),
            ("最后一天", expected.until, found.until),
            ("补记", expected.entered_late, found.is_entered_later),
        ):
            if one is not None:
                self._must(f"{where}，{what}", one, other)

    def _count(self, run: Run, item: CampaignItem, expected: ExpectCampaign, where: str) -> None:
        rows = queries.taking_part(run.campaign)
        if expected.batch:
            rows = rows.filter(batch__batch=expected.batch)
        lines = queries.progress(Sheet(run, list(rows), expected.on, [item]))
        for name, word in COUNTS.items():
            wanted = getattr(expected, name)
            if wanted is not None:
                self._must(f"{where}，{word}", wanted, sum(getattr(x, name) for x in lines))

    def _run(self, number: int, where: str) -> Run | None:
        campaign = self.launched.get(number)
        if campaign is None:
            self.differences.append(f"{where}：没有发起")
            return None
        return Run(Campaign.objects.select_related("organization").get(pk=campaign.pk))

    def _unit(self, number: int, place: int, where: str) -> Unit | None:
        campaign, places = self.launched.get(number), self.places.get(number, [])
        rows = Unit.objects.taking_part().filter(
            campaign=campaign, organization=places[place - 1] if place <= len(places) else None
        )
        found = rows.select_related("campaign__organization", "organization").first()
        if found is None:
            self.differences.append(f"{where}：第 {place} 个单位不在活动里")
        return found

    def _user(self, by: str) -> User:
        """The officer of the level above, or the secretary of the example's own branch."""
        if by == "above":
            return self.situation.officer
        if self._secretary is None:
            person, since = self.situation.people[0], self.example.given.organization.founded_on
            venue = self.situation.venue
            self._secretary, _ = accounts.issue(
                person_id=person.pk, name=person.name, wanted="jizhong", path=venue.path,
                organization=venue.pk, by=self.situation.system, at=noon(since),
            )  # fmt: skip
        return self._secretary

    def _must(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.differences.append(f"{what}：应是 {expected}，实际 {found}")

    def _compare(self, where: str, expected: Mapping[str, str], told: Mapping[str, str]) -> None:
        self.differences += otherwise(where, expected, told)


def _cleaned(
    item: CampaignItem, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Values as the form cleans what one types, and what it says of them."""
    form = EnterForm(item, None, None, {name: typed(value) for name, value in values.items()})
    form.is_valid()
    known = {spec.id for spec in form.specs}
    faults = {name: " ".join(map(str, said)) for name, said in form.errors.items() if name in known}
    faults |= {name: "没有这个字段" for name in values if name not in known}
    return form.values(), faults


def _told(act: Any) -> dict[str, str]:
    """What the action said; {} where it went through."""
    try:
        act()
    except Faulty as faulty:
        return faulty.faults
    except Refused as refusal:
        return {WHO: refusal.verdict.reason}
    return {}
