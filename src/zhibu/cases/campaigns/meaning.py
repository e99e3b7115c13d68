"""What a campaign of a pack may say: every name leads somewhere, and its days are in order."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from zhibu.cases.campaigns import judging
from zhibu.core import fields
from zhibu.organizations.models import Kind
from zhibu.packs.meaning import Others, checks, find
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.campaigns import Campaign, CampaignItem, Phase
from zhibu.packs.schema.procedures import Procedure

Found = tuple[str, str, str]
SAMPLE = date(2026, 3, 2)
ONCE = "去掉一个，或者换一个编号"
FIELD = "字段的类型见 docs/packs.md"
OWN = {"people", "units", "happened_on"}


@checks("campaigns")
def campaign(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    assert isinstance(wording.item, Campaign)
    return [Fault(wording.file, *found) for found in _faults(wording.item, others)]


def _faults(item: Campaign, others: Others) -> Iterator[Found]:
    """Place, what is wrong there, and what to do."""
    for place, ids in (
        ("batches", [one.id for one in item.batches]),
        ("phases", [one.id for one in item.phases]),
        ("items", [one.id for one in item.items]),
        ("bodies", [one.id for one in item.bodies]),
    ):
        for name in sorted({one for one in ids if ids.count(one) > 1}):
            yield place, f"{name} 写了两次", ONCE
    yield from _kinds("applies_to", item.applies_to)
    yield from _conditions(item)
    yield from _batches(item)
    yield from _phases(item)
    for index, one in enumerate(item.items):
        yield from _item(f"items[{index}]", one, item, others)
    yield from _make_ups(item, others)


def _kinds(place: str, kinds: list[str]) -> Iterator[Found]:
    for kind in kinds:
        if kind not in Kind.values:
            yield place, f"没有组织类别 {kind}", f"可用的有 {'、'.join(Kind.values)}"


def _conditions(item: Campaign) -> Iterator[Found]:
    remedy = "条件的写法见 docs/packs.md"
    if item.who is not None:
        yield from (("who", problem, remedy) for problem in item.who.faults("person"))
        if all(one.per != "person" for one in item.items):
            yield "who", "没有每个人办的项目，who 用不上", '去掉 who，或者加 per = "person" 的项目'
    for index, batch in enumerate(item.batches):
        if batch.when is not None:
            place = f"batches[{index}].when"
            yield from ((place, one, remedy) for one in batch.when.faults("organization"))


def _batches(item: Campaign) -> Iterator[Found]:
    for index, batch in enumerate(item.batches):
        place = f"batches[{index}]"
        yield from _kinds(f"{place}.applies_to", batch.applies_to)
        for kind in batch.applies_to:
            if kind in Kind.values and kind not in item.applies_to:
                yield (f"{place}.applies_to", f"{kind} 不在活动的 applies_to 里",
                       "加到活动的 applies_to，或者去掉")  # fmt: skip
        takes_all = not batch.by_hand and batch.when is None and not batch.applies_to
        rest = [one for one in item.batches[index + 1 :] if not one.by_hand]
        if takes_all and rest:
            yield (place, f"批次 {batch.id} 不挑单位，后面的 {rest[0].id} 就没有单位了",
                   "写 when 或 applies_to，或者放到最后")  # fmt: skip


def _phases(item: Campaign) -> Iterator[Found]:
    """Gates name items of phases before; look-backs come last; days go forward."""
    order = {phase.id: place for place, phase in enumerate(item.phases)}
    if all(phase.look_back for phase in item.phases):
        yield "phases", "只有回头看，没有前面的阶段", "至少写一个 look_back = false 的阶段"
        return
    seen_look_back = False
    for index, phase in enumerate(item.phases):
        place = f"phases[{index}]"
        if seen_look_back and not phase.look_back:
            yield place, f"阶段 {phase.id} 排在回头看后面", "回头看放到最后"
        seen_look_back = seen_look_back or phase.look_back
        if phase.look_back and phase.lasts is None:
            yield (f"{place}.look_back", "回头看从前面的阶段结束算起，不能写死日期",
                   "写 after 和 lasts")  # fmt: skip
        if all(one.phase != phase.id for one in item.items):
            yield place, f"阶段 {phase.id} 没有要办的项目", "加一个项目，或者去掉这个阶段"
        yield from _gate(place, phase, index, order, item)
    yield from _days(item)


def _gate(
    place: str, phase: Phase, index: int, order: dict[str, int], item: Campaign
) -> Iterator[Found]:
    if phase.gate is None:
        return
    here = f"{place}.gate"
    if not phase.gate.items and not item.asked_before(phase):
        yield (here, f"阶段 {phase.id} 前面没有必做的项目，没有什么可等",
               "写 items，或者去掉 gate")  # fmt: skip
    for name in phase.gate.items:
        asked = item.item(name)
        if asked is None:
            yield f"{here}.items", f"没有项目 {name}", "写 items 里有的项目编号"
        elif order.get(asked.phase, index) >= index:
            yield (f"{here}.items", f"项目 {name} 在阶段 {asked.phase}，不在阶段 {phase.id} 前面",
                   "只能等前面阶段的项目")  # fmt: skip
        elif not asked.required:
            yield (
                f"{here}.items",
                f"项目 {name} 是自选动作，不能拿来卡阶段",
                "改成规定动作，或者不等它",
            )


def _days(item: Campaign) -> Iterator[Found]:
    days = judging.windows(item, SAMPLE)
    counted = [p for p in item.phases if not p.look_back and p.lasts is not None]
    fixed = [p for p in item.phases if not p.look_back and p.lasts is None]
    for group in (counted, fixed):
        for before, phase in pairwise(group):
            if days[phase.id].since < days[before.id].since:
                place = f"phases[{item.phases.index(phase)}]"
                yield (place, f"阶段 {phase.id} 比前面的 {before.id} 早开始",
                       "改 after（或 since），或者换先后")  # fmt: skip
    if counted and fixed:
        yield ("phases", "有的阶段写死日期，有的从批次算起，先后说不清",
               "都写 lasts，或者都写 since 和 last_on")  # fmt: skip
    if fixed and len(item.batches) > 1:
        place = f"phases[{item.phases.index(fixed[0])}].since"
        yield place, "分几批的活动，阶段不能写死日期：每一批都会是同一天", "写 after 和 lasts"


def _item(place: str, one: CampaignItem, item: Campaign, others: Others) -> Iterator[Found]:
    if item.phase(one.phase) is None:
        yield f"{place}.phase", f"没有阶段 {one.phase}", "写 phases 里有的阶段编号"
    for name in one.activities:
        if not find(name, "activities", others):
            yield (
                f"{place}.activities",
                f"没有活动 {name}",
                "写成 包编号:活动编号，并在 requires 里写上那个包",
            )
    if one.case is not None:
        yield from _case(f"{place}.case", one, others)
    for index, spec in enumerate(one.entered.fields if one.entered else []):
        here = f"{place}.entered.fields[{index}]"
        yield from ((here, problem, FIELD) for problem in fields.faults(spec))
        if spec.type == "file":
            yield here, f"字段 {spec.id}：这里还不能交文件", "写明文件名和放在哪里"
        if spec.id in OWN:
            yield here, f"字段不能叫 {spec.id}，程序自己要用", "换一个编号"
    ids = [spec.id for spec in one.entered.fields] if one.entered else []
    for name in sorted({each for each in ids if ids.count(each) > 1}):
        yield f"{place}.entered.fields", f"字段 {name} 写了两次", ONCE


def _case(place: str, one: CampaignItem, others: Others) -> Iterator[Found]:
    assert one.case is not None
    wordings = find(one.case.procedure, "procedures", others)
    if not wordings:
        yield (f"{place}.procedure", f"没有程序 {one.case.procedure}",
               "写成 包编号:程序编号，并在 requires 里写上那个包")  # fmt: skip
        return
    procedure = wordings[-1].item
    assert isinstance(procedure, Procedure)
    if one.per == "person" and not procedure.has_owner:
        yield f"{place}.procedure", "这种事没有责任人，说不清是谁办的", "per 改成 organization"
    ends = {
        outcome.ends_as or outcome.title for stage in procedure.stages for outcome in stage.outcomes
    }
    for name in one.case.ended_as:
        if name not in ends:
            known = "、".join(sorted(ends))
            yield f"{place}.ended_as", f"程序里没有“{name}”这种办结", f"可用的有 {known}"


def _make_ups(item: Campaign, others: Others) -> Iterator[Found]:
    seen: set[str] = set()
    for index, rule in enumerate(item.make_ups):
        place = f"make_ups[{index}]"
        for name in rule.items:
            asked = item.item(name)
            if asked is None:
                yield f"{place}.items", f"没有项目 {name}", "写 items 里有的项目编号"
                continue
            if name in seen:
                yield f"{place}.items", f"项目 {name} 有两条补的规定", ONCE
            seen.add(name)
            if rule.activities and not asked.activities:
                yield (f"{place}.activities", f"项目 {name} 不是从活动来的，补也不能从活动来",
                       "去掉 activities")  # fmt: skip
            if asked.case is not None and not rule.activities:
                yield (f"{place}.items", f"项目 {name} 从事项来，办结了就有，不用另外确认",
                       "去掉这一项；逾期办结的照样算办了")  # fmt: skip
        for name in rule.activities:
            if not find(name, "activities", others):
                yield f"{place}.activities", f"没有活动 {name}", "写成 包编号:活动编号"
