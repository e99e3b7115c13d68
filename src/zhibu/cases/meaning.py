"""What a procedure of a pack may say: every name in it has to lead somewhere."""

from collections.abc import Iterator

from pydantic_core import PydanticUndefined

from zhibu.cases.days import START
from zhibu.core import effects, fields
from zhibu.packs.meaning import Others, checks
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.procedures import Actor, Binding, Need, Procedure, Stage, Test

OWN = ("case.organization", "case.owner", "case.day")
REMEDY = "写法见 docs/packs.md"


@checks("procedures")
def procedure(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    assert isinstance(wording.item, Procedure)
    return [Fault(wording.file, place, message, REMEDY) for place, message in _faults(wording.item)]


def _faults(item: Procedure) -> Iterator[tuple[str, str]]:
    """Place and what is wrong there."""
    ids = [stage.id for stage in item.stages]
    for name in sorted({one for one in ids if ids.count(one) > 1}):
        yield "stages", f"步骤 {name} 写了两次"
    yield from _unknown("start", item.start, ids)
    if item.starter.who == "owner":
        yield "starter.who", "开始的时候还没有责任人，写 organization 或 above"
    yield from _actor("starter", item.starter, ids, item)
    yield from _needs("needs", item.needs, {spec.id for spec in item.fields})
    for index, stage in enumerate(item.stages):
        yield from _stage(f"stages[{index}]", stage, ids, item)
    if item.reopening:
        yield from _unknown("reopening.to", item.reopening.to, ids)
        yield from _actor("reopening.actor", item.reopening.actor, ids, item)
    yield from _fields(item)
    yield from _ways(item)


def _stage(place: str, stage: Stage, ids: list[str], item: Procedure) -> Iterator[tuple[str, str]]:
    yield from _actor(f"{place}.actor", stage.actor, ids, item)
    yield from _unknown(f"{place}.joins", stage.joins, ids)
    if stage.id in stage.joins:
        yield f"{place}.joins", f"步骤 {stage.id} 等它自己"
    known = set(item.specs())
    yield from _needs(f"{place}.needs", stage.needs, known)
    for index, wait in enumerate(stage.waits):
        yield from _unknown(f"{place}.waits[{index}].after", [wait.after], [*ids, START])
    for index, limit in enumerate(stage.limits):
        here = f"{place}.limits[{index}]"
        if limit.after:
            yield from _unknown(f"{here}.after", [limit.after], [*ids, START])
        if limit.by_field:
            spec = item.specs().get(limit.by_field)
            if spec is None or spec.type != "date":
                yield f"{here}.by_field", f"{limit.by_field} 不是这件事的日期字段"
    names = [outcome.id for outcome in stage.outcomes]
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield f"{place}.outcomes", f"结果 {name} 写了两次"
    for index, outcome in enumerate(stage.outcomes):
        here = f"{place}.outcomes[{index}]"
        yield from _unknown(f"{here}.to", outcome.to, ids)
        if outcome.closes and outcome.to:
            yield f"{here}.to", "closes 是整件事到此结束，不能再接步骤"
        yield from _tests(f"{here}.when", outcome.when, known)
        for number, binding in enumerate(outcome.effects):
            yield from _binding(f"{here}.effects[{number}]", binding, known)


def _unknown(place: str, names: list[str], known: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if name not in known:
            yield place, f"没有步骤 {name}"


def _actor(place: str, actor: Actor, ids: list[str], item: Procedure) -> Iterator[tuple[str, str]]:
    yield from _unknown(f"{place}.apart_from", actor.apart_from, ids)
    if actor.who == "owner" and not item.has_owner:
        yield f"{place}.who", "这种事没有责任人，写 has_owner = true 或者换一种"


def _needs(place: str, needs: list[Need], known: set[str]) -> Iterator[tuple[str, str]]:
    for index, need in enumerate(needs):
        yield from _tests(f"{place}[{index}].when", need.when, known)
        for name in need.fields:
            if name not in known:
                yield f"{place}[{index}].fields", f"没有字段 {name}"


def _tests(place: str, tests: list[Test], known: set[str]) -> Iterator[tuple[str, str]]:
    for index, test in enumerate(tests):
        if test.field not in known:
            yield f"{place}[{index}].field", f"没有字段 {test.field}"


def _fields(item: Procedure) -> Iterator[tuple[str, str]]:
    """A field that several stages ask is one field: the same but for whether it is asked."""
    specs = item.specs()
    own = {"title", "happened_on", "owner", "outcome", "reason"}
    for place, asked in [("fields", item.fields)] + [
        (f"stages[{index}].fields", stage.fields) for index, stage in enumerate(item.stages)
    ]:
        for index, spec in enumerate(asked):
            here = f"{place}[{index}]"
            yield from ((here, problem) for problem in fields.faults(spec))
            if spec.type == "file":
                yield here, f"字段 {spec.id}：程序里还不能交文件，写明文件名和放在哪里"
            if spec.id in own:
                yield here, f"字段不能叫 {spec.id}，程序自己要用"
            first = specs[spec.id]
            if (first.type, first.choices) != (spec.type, spec.choices):
                yield here, f"字段 {spec.id} 前面已经有了，类型或选项不一样"
        names = [spec.id for spec in asked]
        for name in sorted({one for one in names if names.count(one) > 1}):
            yield place, f"字段 {name} 写了两次"


def _binding(place: str, binding: Binding, known: set[str]) -> Iterator[tuple[str, str]]:
    if binding.effect not in effects.names():
        yield f"{place}.effect", f"没有作用 {binding.effect}，可用的有 {'、'.join(effects.names())}"
        return
    params = effects.get(binding.effect).params.model_fields
    given = {*binding.constants, *binding.fields}
    for name in sorted(given - set(params)):
        yield place, f"作用 {binding.effect} 没有参数 {name}"
    for name, info in params.items():
        if name not in given and info.is_required() and info.default is PydanticUndefined:
            yield place, f"作用 {binding.effect} 要参数 {name}"
    for name, source in binding.fields.items():
        if source not in known and source not in OWN:
            yield f"{place}.fields.{name}", f"没有字段 {source}"


def _ways(item: Procedure) -> Iterator[tuple[str, str]]:
    """Every stage can be reached, and from every stage there is a way to an end."""
    stages = {stage.id: stage for stage in item.stages}
    starts = [*item.start, *(item.reopening.to if item.reopening else [])]
    reached = _closure(starts, lambda name: stages[name].outcomes if name in stages else [])
    for stage in item.stages:
        if stage.id not in reached:
            yield "stages", f"走不到步骤 {stage.id}：没有哪个结果接着它"
    ending = {s.id for s in item.stages if any(not o.to for o in s.outcomes)}
    while True:
        more = {
            s.id
            for s in item.stages
            if s.id not in ending and any(set(o.to) & ending for o in s.outcomes)
        }
        if not more:
            break
        ending |= more
    for stage in item.stages:
        if stage.id not in ending:
            yield "stages", f"步骤 {stage.id} 以后走不到办结：没有哪个结果到此为止"


def _closure(starts: list[str], outcomes: object) -> set[str]:
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [to for one in outcomes(name) for to in one.to]  # type: ignore[operator]
    return found
