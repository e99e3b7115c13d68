"""What a procedure with a door for people without an account may say."""

from collections.abc import Iterator

from zhibu.cases.steps import TEXTS
from zhibu.organizations.models import Kind
from zhibu.packs.schema.procedures import Doorway, Procedure, Stage


def faults(item: Procedure) -> Iterator[tuple[str, str]]:
    """Place and what is wrong there: limits by choice, turns of the requester, the door."""
    for index, stage in enumerate(item.stages):
        here = f"stages[{index}]"
        yield from _limits(here, stage, item)
        if stage.actor.is_requester:
            yield from _of_requester(here, stage, item)
    if item.doorway:
        yield from _door(item, item.doorway)


def _limits(place: str, stage: Stage, item: Procedure) -> Iterator[tuple[str, str]]:
    """Every choice has its length, and no other; the choice is made before the turn opens."""
    asked = stage.limit.by_choice if stage.limit else None
    if asked is None:
        return
    here = f"{place}.limits[0].by_choice"
    spec = item.specs().get(asked.field)
    if spec is None or spec.type != "choice":
        yield f"{here}.field", f"{asked.field} 不是这件事的选择项"
        return
    known = {choice.id for choice in spec.choices}
    for name in sorted(known - set(asked.lengths)):
        yield f"{here}.lengths", f"选项 {name} 没有写期限"
    for name in sorted(set(asked.lengths) - known):
        yield f"{here}.lengths.{name}", f"没有选项 {name}"
    elsewhere = [one for one in item.stages if one.id != stage.id]
    written = {s.id for s in item.fields} | {s.id for one in elsewhere for s in one.fields}
    if asked.field not in written:
        yield f"{here}.field", f"{asked.field} 要在轮到以前填，这一步才填就来不及了"


def _of_requester(place: str, stage: Stage, item: Procedure) -> Iterator[tuple[str, str]]:
    """Whoever asked changes nothing but the case, and hands in no files."""
    if item.doorway is None:
        yield f"{place}.actor.who", "轮到 requester 的要写 doorway：他从哪里来、凭什么办"
    if stage.vote or stage.notice:
        yield place, "轮到 requester 的不表决、不公示"
    for number, outcome in enumerate(stage.outcomes):
        if outcome.effects or outcome.issues or outcome.begins or outcome.passes_on:
            says = "轮到 requester 的只改这件事，不写 effects、issues、begins、passes_on"
            yield f"{place}.outcomes[{number}]", says
    yield from _plain(place, [spec.type for spec in stage.fields])
    if stage.lapses and stage.outcome(stage.lapses) is None:
        yield f"{place}.lapses", f"没有结果 {stage.lapses}"


PLAIN = ("text", "long-text", "date", "number", "yes-no", "choice", "choices")


def _plain(place: str, types: list[str]) -> Iterator[tuple[str, str]]:
    for kind in types:
        if kind not in PLAIN:
            yield place, f"没有账号的人不能填 {kind}，只能用 {'、'.join(PLAIN)}"


def _door(item: Procedure, door: Doorway) -> Iterator[tuple[str, str]]:
    asked = {spec.id: spec for spec in item.fields}
    specs, offered = item.specs(), [one.field for one in door.asks]
    for index, one in enumerate(door.asks):
        if one.field not in asked:
            yield f"doorway.asks[{index}].field", f"开始时没有字段 {one.field}"
        else:
            yield from _plain(f"doorway.asks[{index}].field", [asked[one.field].type])
    if door.names_it not in offered or asked[door.names_it].type not in TEXTS:
        yield "doorway.names_it", f"{door.names_it} 不是他填的文字字段"
    for name, spec in asked.items():
        known = {*offered, *door.constants, door.unit}
        if "online" in door.channels and spec.required and name not in known:
            yield "doorway.asks", f"字段 {name} 必填，网上提的没有填到"
    for name in door.constants:
        if name not in asked:
            yield f"doorway.constants.{name}", f"开始时没有字段 {name}"
    if door.answer not in specs:
        yield "doorway.answer", f"没有字段 {door.answer}"
    for name in door.words:
        if item.stage(name) is None:
            yield f"doorway.words.{name}", f"没有步骤 {name}"
    if door.urgency and (door.urgency not in specs or specs[door.urgency].type != "choice"):
        yield "doorway.urgency", f"{door.urgency} 不是这件事的选择项"
    yield from _rating(item, door)
    yield from _carried(item, {spec.id for name, spec in asked.items()
                               if name in offered and spec.type in TEXTS})  # fmt: skip
    if item.subject or item.has_owner:
        yield "doorway", "没有账号的人提的，不写 subject、has_owner"
    if item.starter.who != "organization":
        yield "starter.who", "有 doorway 的，工作人员在本组织记下来，写 organization"
    if door.kept_by:
        yield from _apart(item, door)


def _carried(item: Procedure, words: set[str]) -> Iterator[tuple[str, str]]:
    """What whoever asked wrote is erased with the case: it goes into nothing that stays."""
    for index, stage in enumerate(item.stages):
        for number, outcome in enumerate(stage.outcomes):
            here = f"stages[{index}].outcomes[{number}]"
            taken = [
                (f"{here}.effects", [*one.columns.values(), *one.fields.values()])
                for one in outcome.effects
            ]
            taken += [(f"{here}.begins", list(one.fields.values())) for one in outcome.begins]
            for place, names in taken:
                for name in sorted(words & set(names)):
                    says = f"{name} 是提的人写的，到期要删，不能写到别处；另设一个工作人员填的字段"
                    yield place, says


def _rating(item: Procedure, door: Doorway) -> Iterator[tuple[str, str]]:
    if door.rated_at is None:
        return
    stage = item.stage(door.rated_at)
    if stage is None or not stage.actor.is_requester:
        yield "doorway.rated_at", f"步骤 {door.rated_at} 不轮到 requester"
        return
    for name in door.satisfied:
        if stage.outcome(name) is None:
            yield "doorway.satisfied", f"步骤 {stage.id} 没有结果 {name}"


def _apart(item: Procedure, door: Doorway) -> Iterator[tuple[str, str]]:
    specs = item.specs()
    if door.kept_by not in Kind.values:
        yield "doorway.kept_by", f"没有组织类别 {door.kept_by}"
    if not item.is_confidential:
        yield "known_as", "写了 kept_by 的不公开，要写 known_as"
    for word, name, kind in (
        ("unit", door.unit, "organization"), ("person", door.person, "person"),
    ):  # fmt: skip
        if name not in specs or specs[name].type != kind:
            yield f"doorway.{word}", f"{name} 不是这件事的 {kind} 字段"
    for index, stage in enumerate(item.stages):
        if stage.actor.who not in ("organization", "requester"):
            says = "由一个组织收的，每一步都轮到那里，写 organization、requester"
            yield f"stages[{index}].actor.who", says
        for number, outcome in enumerate(stage.outcomes):
            here = f"stages[{index}].outcomes[{number}]"
            if outcome.begins:
                yield f"{here}.begins", "由一个组织收的，不另开别的事"
            if outcome.passes_on:
                yield f"{here}.passes_on", "由一个组织收的，不转给别的组织"
