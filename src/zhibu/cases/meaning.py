"""What a procedure of a pack may say: every name in it has to lead somewhere."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from pydantic import ConfigDict, TypeAdapter
from pydantic import ValidationError as Unfit
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from zhibu.cases import door_meaning, paper_meaning, steps, ways
from zhibu.cases.days import START
from zhibu.core import effects, fields
from zhibu.core.fields import FieldSpec
from zhibu.organizations.models import Kind
from zhibu.packs.meaning import Others, checks, find
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.procedures import (
    Actor,
    Apart,
    Begin,
    Binding,
    Need,
    NoMore,
    Procedure,
    Stage,
    Test,
)

OWN = (
    "case.id", "case.turn", "case.title", "case.organization", "case.owner", "case.person",
    "case.day",
)  # fmt: skip
SUMMED = ("number", "quantity", "money")
REMEDY = "写法见 docs/packs.md"


@checks("procedures")
def procedure(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    item = wording.item
    assert isinstance(item, Procedure)
    known = {**others, pack.id: pack}
    told = [*_faults(item), *_columns(item, known), *_books(item, known)]
    told += _begins(item, known, wording.since)
    told += [
        (f"gathers[{index}]", f"没有程序 {one}")
        for index, one in enumerate(item.gathers)
        if not find(one, "procedures", known)
    ]
    told += _transitions(pack, wording, item)
    told += door_meaning.faults(item)
    found = [Fault(wording.file, place, message, REMEDY) for place, message in told]
    return [*found, *paper_meaning.faults(pack, wording)]


def _faults(item: Procedure) -> Iterator[tuple[str, str]]:
    """Place and what is wrong there."""
    ids = [stage.id for stage in item.stages]
    for name in sorted({one for one in ids if ids.count(one) > 1}):
        yield "stages", f"步骤 {name} 写了两次"
    yield from _unknown("start", item.start, ids)
    yield from _twice("start", item.start)
    if item.starter.is_requester:
        yield "starter.who", "没有账号的人从公开的门来，写 doorway；工作人员记的写 organization"
    elif item.starter.who not in ("organization", "above", "subject"):
        yield "starter.who", "开始的时候还没有别人，写 organization、above 或 subject"
    if item.is_begun_by_subject and item.subject and not item.subject.sees:
        yield "subject.sees", "本人开始的事，本人要看得到"
    yield from _actor("starter", item.starter, ids, item)
    yield from _needs("needs", item.needs, {spec.id for spec in item.fields})
    for index, span in enumerate(item.spans):
        here = f"spans[{index}]"
        if span.after not in (None, START):
            yield f"{here}.after", "开始的时候还没有办过步骤，写 start"
        yield from _since(here, span.after, span.after_field, ids, item)
        if span.field not in {spec.id for spec in item.fields if spec.type == "date"}:
            yield f"{here}.field", f"{span.field} 不是开始时填的日期字段"
    if item.subject:
        yield from (("subject.where", one) for one in item.subject.where.faults("person"))
        for index, bar in enumerate(item.subject.bars):
            yield from ((f"subject.bars[{index}]", one) for one in bar.where.faults("person"))
    every = {spec.id for stage in item.stages for spec in stage.fields} | set(item.specs())
    for index, name in enumerate(item.closed_fields):
        if name not in every:
            yield f"closed_fields[{index}]", f"没有字段 {name}"
    for index, name in enumerate(item.public):
        if name not in item.specs():
            yield f"public[{index}]", f"没有字段 {name}，轮到每一个人填的也不能公开"
        elif name in item.closed_fields:
            yield f"public[{index}]", f"字段 {name} 写在 closed_fields 里，不能公开"
    yield from _unknown("public_at", item.public_at, ids)
    for index, stage in enumerate(item.stages):
        yield from _stage(f"stages[{index}]", stage, ids, item)
    if item.reopening:
        yield from _unknown("reopening.to", item.reopening.to, ids)
        yield from _actor("reopening.actor", item.reopening.actor, ids, item)
        if item.reopening.actor.is_everyone or item.reopening.actor.is_requester:
            yield "reopening.actor.who", "重开要一个组织定，不能写 everyone、requester"
    if item.promises:
        yield from _unknown("promises", [item.promises], [*ids, START])
    yield from _counted_up(item, ids)
    if item.answer is not None and item.answer not in item.specs():
        yield "answer", f"没有字段 {item.answer}"
    yield from _fields(item)
    for index, stage in enumerate(item.stages):
        yield from _possible(f"stages[{index}]", stage, item)
    told = list(_ways(item))
    yield from told
    if not told and not list(_misspelt(item)):
        yield from _every_way(item)


def _counted_up(item: Procedure, ids: list[str]) -> Iterator[tuple[str, str]]:
    """What is counted over all cases of a kind: ends, sums and coverage."""
    for index, name in enumerate(item.kept_as):
        if name not in item.ends:
            yield f"kept_as[{index}]", f"没有哪个结果办结时叫“{name}”"
    specs = item.specs()
    for index, name in enumerate(item.sums):
        if name not in specs or specs[name].type not in SUMMED:
            yield f"sums[{index}]", f"{name} 不是这件事的数、数量或钱的字段"
    names = [cover.id for cover in item.covers]
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield "covers", f"编号 {name} 写了两次"
    for index, cover in enumerate(item.covers):
        here = f"covers[{index}]"
        yield from _unknown(f"{here}.stage", [cover.stage], ids)
        for kind in cover.kinds:
            if kind not in Kind.values:
                yield f"{here}.kinds", f"没有组织类别 {kind}"
        if cover.each == "member" and item.subject is None:
            yield f"{here}.each", "这种事没有说是哪个人，写 subject 或者换成 organization"
        stage = item.stage(cover.stage)
        known = stage.notice.channels if stage and stage.notice else []
        if cover.channel and cover.channel not in known:
            yield f"{here}.channel", f"步骤 {cover.stage} 的公示没有“{cover.channel}”这种方式"


def _begins(item: Procedure, others: Others, since: date) -> Iterator[tuple[str, str]]:
    """What begins elsewhere exists, and is given fields it has; what is awaited begins."""
    for index, stage in enumerate(item.stages):
        begun = set()
        for number, outcome in enumerate(stage.outcomes):
            for third, begin in enumerate(outcome.begins):
                here = f"stages[{index}].outcomes[{number}].begins[{third}]"
                yield from _begin(here, begin, item, others, since)
        for other in item.stages:
            begun |= {b.procedure.partition(":")[2] for o in other.outcomes for b in o.begins}
        for name in stage.awaits:
            if name not in begun:
                yield f"stages[{index}].awaits", f"没有哪一步开始 {name}"


def _begin(
    here: str, begin: Begin, item: Procedure, others: Others, since: date
) -> Iterator[tuple[str, str]]:
    wordings = find(begin.procedure, "procedures", others)
    if not wordings:
        yield f"{here}.procedure", f"没有程序 {begin.procedure}"
        return
    if wordings[0].since > since:
        yield (
            f"{here}.procedure",
            f"{begin.procedure} 从 {wordings[0].since} 起才有，这里从 {since} 起就要用",
        )
    other = wordings[-1].item
    assert isinstance(other, Procedure)
    if other.subject and item.subject is None:
        yield f"{here}.procedure", f"{begin.procedure} 说的是一个人，这里没有 subject"
    if other.has_owner and not item.has_owner:
        yield f"{here}.procedure", f"{begin.procedure} 要责任人，这里没有 has_owner"
    asked = {spec.id: spec for spec in other.fields}
    own = item.specs()
    for name, source in begin.fields.items():
        if name not in asked:
            yield f"{here}.fields.{name}", f"{begin.procedure} 开始时没有字段 {name}"
        elif source not in own:
            yield f"{here}.fields.{name}", f"没有字段 {source}"
        elif (asked[name].type, asked[name].choices) != (own[source].type, own[source].choices):
            yield f"{here}.fields.{name}", f"字段 {source} 和 {name} 的类型或选项不一样"
        elif own[source].type == "file":
            yield f"{here}.fields.{name}", f"字段 {source} 是文件，只跟着这件事"
    yield from _tests(f"{here}.when", begin.when, set(own))
    lacking = f"{begin.procedure} 开始时没有字段"
    yield from _constants(f"{here}.constants", asked, begin.constants, lacking)
    for name, spec in asked.items():
        if spec.required and name not in {**begin.fields, **begin.constants}:
            yield f"{here}.fields", f"{begin.procedure} 开始时要填 {name}，写明取自哪个字段"


def _constants(
    place: str, specs: Mapping[str, FieldSpec], written: Mapping[str, str | bool], lacking: str
) -> Iterator[tuple[str, str]]:
    """Each constant has its field, and fits it."""
    for name, value in written.items():
        if name not in specs:
            yield f"{place}.{name}", f"{lacking} {name}"
            continue
        try:
            steps.constant_values(specs, {name: value})
        except ValidationError as wrong:
            yield f"{place}.{name}", f"填不进 {name}：{'；'.join(wrong.messages)}"


def _transitions(pack: Pack, wording: Wording, item: Procedure) -> Iterator[tuple[str, str]]:
    """Every open step of the older wording has somewhere to go on."""
    ids = [stage.id for stage in item.stages]
    for index, one in enumerate(item.transitions):
        here = f"transitions[{index}]"
        older = next(
            (w for w in pack.items["procedures", wording.id] if w.since == one.replaces), None
        )
        if older is None or one.replaces >= wording.since:
            yield f"{here}.replaces", f"没有 {one.replaces} 起的写法"
            continue
        assert isinstance(older.item, Procedure)
        known = [stage.id for stage in older.item.stages]
        yield from _unknown(f"{here}.stages", list(one.stages), known)
        yield from _unknown(f"{here}.stages", list(one.stages.values()), ids)
        for name in known:
            now = item.stage(one.stages.get(name, name))
            before = older.item.stage(name)
            if now is None:
                yield f"{here}.stages", f"原来的步骤 {name} 没有说转到哪一步"
            elif before and before.actor.roll != now.actor.roll:
                yield (
                    f"{here}.stages",
                    f"步骤 {name} 和 {now.id} 要都轮到同一个名册的每一个人，或者都不是",
                )


def _stage(place: str, stage: Stage, ids: list[str], item: Procedure) -> Iterator[tuple[str, str]]:
    yield from _actor(f"{place}.actor", stage.actor, ids, item)
    yield from _unknown(f"{place}.joins", stage.joins, ids)
    if stage.id in stage.joins:
        yield f"{place}.joins", f"步骤 {stage.id} 等它自己"
    yield from _tests(f"{place}.when", stage.when, set(item.specs()))
    known = set(item.specs(stage))
    yield from _needs(f"{place}.needs", stage.needs, known)
    for index, wait in enumerate(stage.waits):
        yield from _since(f"{place}.waits[{index}]", wait.after, wait.after_field, ids, item)
    for index, span in enumerate(stage.spans):
        here = f"{place}.spans[{index}]"
        yield from _since(here, span.after, span.after_field, ids, item)
        if not _is_date(span.field, item):
            yield f"{here}.field", f"{span.field} 不是这件事的日期字段"
    for index, one in enumerate(stage.no_more):
        yield from _no_more(f"{place}.no_more[{index}]", one, item)
    for index, apart in enumerate(stage.apart):
        yield from _apart(f"{place}.apart[{index}]", apart, ids, item)
    for index, names in enumerate(stage.distinct):
        for name in names:
            if name not in known:
                yield f"{place}.distinct[{index}]", f"没有字段 {name}"
    yield from _vote_and_notice(place, stage, known)
    for index, limit in enumerate(stage.limits):
        here = f"{place}.limits[{index}]"
        if limit.after:
            yield from _unknown(f"{here}.after", [limit.after], [*ids, START])
        if limit.by_field and not _is_date(limit.by_field, item):
            yield f"{here}.by_field", f"{limit.by_field} 不是这件事的日期字段"
    names = [outcome.id for outcome in stage.outcomes]
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield f"{place}.outcomes", f"结果 {name} 写了两次"
    for index, outcome in enumerate(stage.outcomes):
        here = f"{place}.outcomes[{index}]"
        yield from _unknown(f"{here}.to", outcome.to, ids)
        yield from _twice(f"{here}.to", outcome.to)
        yield from _unknown(f"{here}.drops", outcome.drops, ids)
        if outcome.early and not stage.waits:
            yield f"{here}.early", "这一步没有 waits，不用写 early"
        if stage.id in outcome.drops:
            yield f"{here}.drops", f"步骤 {stage.id} 就是这一步，办了就不开着了"
        if outcome.closes and (outcome.to or outcome.drops):
            yield f"{here}.to", "closes 是整件事到此结束，不能再接步骤，也不用写 drops"
        yield from _tests(f"{here}.when", outcome.when, known)
        yield from _tests(f"{here}.when_any", outcome.when_any, known)
        yield from ((f"{here}.where", fault) for fault in outcome.where.faults("case"))
        if outcome.passes_on and not _is_organization(outcome.passes_on, item):
            yield f"{here}.passes_on", f"{outcome.passes_on} 不是这件事的组织字段"
        for number, binding in enumerate(outcome.effects):
            yield from _binding(f"{here}.effects[{number}]", binding, item)
            for name, source in binding.fields.items():
                if source in known and item.specs(stage)[source].type == "file":
                    yield f"{here}.effects[{number}].fields.{name}", f"字段 {source} 是文件"


def _apart(place: str, apart: Apart, ids: list[str], item: Procedure) -> Iterator[tuple[str, str]]:
    if not _is_date(apart.field, item):
        yield f"{place}.field", f"{apart.field} 不是这件事的日期字段"
    yield from _unknown(f"{place}.stage", [apart.stage], ids)
    other = item.stage(apart.stage)
    for name in apart.outcomes:
        if other and other.outcome(name) is None:
            yield f"{place}.outcomes", f"步骤 {apart.stage} 没有结果 {name}"


def _no_more(place: str, one: NoMore, item: Procedure) -> Iterator[tuple[str, str]]:
    specs = item.specs()
    measured = []
    for word, name in (("field", one.field), ("than", one.than)):
        spec = specs.get(name)
        if spec is None or spec.type not in SUMMED:
            yield f"{place}.{word}", f"{name} 不是这件事的数、数量或钱的字段"
        else:
            measured.append((spec.type, spec.unit))
    if len(set(measured)) > 1:
        yield f"{place}.than", f"{one.field} 和 {one.than} 的类型或单位不一样，比不了"


def _is_date(name: str, item: Procedure) -> bool:
    spec = item.specs().get(name)
    return spec is not None and spec.type == "date"


def _is_organization(name: str, item: Procedure) -> bool:
    spec = item.specs().get(name)
    return spec is not None and spec.type == "organization"


def _since(
    place: str, after: str | None, after_field: str | None, ids: list[str], item: Procedure
) -> Iterator[tuple[str, str]]:
    if after:
        yield from _unknown(f"{place}.after", [after], [*ids, START])
    if after_field and not _is_date(after_field, item):
        yield f"{place}.after_field", f"{after_field} 不是这件事的日期字段"


def _vote_and_notice(place: str, stage: Stage, known: set[str]) -> Iterator[tuple[str, str]]:
    """What a vote or a notice says leads somewhere, and nothing asks for one that is not there."""
    for index, outcome in enumerate(stage.outcomes):
        here = f"{place}.outcomes[{index}]"
        if outcome.vote and stage.vote is None:
            yield f"{here}.vote", "这一步不表决，写 vote 或者去掉"
        if (outcome.objections or outcome.unless_posted) and stage.notice is None:
            yield here, "这一步不公示，写 notice 或者去掉"
    if stage.vote:
        said = {outcome.vote for outcome in stage.outcomes}
        for result, words in (("passed", "通过了"), ("failed", "没有通过")):
            if result not in said:
                yield f"{place}.outcomes", f"表决{words}怎么办，没有写"
    if stage.notice:
        yield from _tests(f"{place}.notice.twice_when", stage.notice.twice_when, known)
        said_of = {o.objections for o in stage.outcomes if not o.unless_posted}
        for result, words in (("none", "没有异议"), ("some", "有异议成立")):
            if result not in said_of and None not in said_of:
                yield f"{place}.outcomes", f"公示{words}怎么办，没有写"


def _unknown(place: str, names: list[str], known: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if name not in known:
            yield place, f"没有步骤 {name}"


def _twice(place: str, names: list[str]) -> Iterator[tuple[str, str]]:
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield place, f"步骤 {name} 写了两次"


def _actor(place: str, actor: Actor, ids: list[str], item: Procedure) -> Iterator[tuple[str, str]]:
    yield from _unknown(f"{place}.apart_from", actor.apart_from, [*ids, START])
    if actor.stays_with:
        before = item.stage(actor.stays_with)
        if before is None:
            yield f"{place}.stays_with", f"没有步骤 {actor.stays_with}"
        elif not before.actor.claimed:
            yield f"{place}.stays_with", f"步骤 {actor.stays_with} 不用认领，没有认领的人"
    if actor.who == "owner" and not item.has_owner:
        yield f"{place}.who", "这种事没有责任人，写 has_owner = true 或者换一种"
    if actor.who == "subject" and item.subject is None:
        yield f"{place}.who", "这种事没有说是哪个人，写 subject 或者换一种"
    if actor.who == "subject" and item.subject and not item.subject.sees:
        yield f"{place}.who", "轮到本人，可是 subject.sees = false，本人看不到这件事"
    if actor.field is not None and not _is_organization(actor.field, item):
        yield f"{place}.field", f"{actor.field} 不是这件事的组织字段"
    for name in [*([actor.kind] if actor.kind else []), *actor.kinds]:
        if name not in Kind.values:
            yield f"{place}.kind", f"没有组织类别 {name}"


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
    own = {"title", "happened_on", "owner", "subject", "outcome", "reason"}
    for place, asked in [("fields", item.fields)] + [
        (f"stages[{index}].fields", stage.fields) for index, stage in enumerate(item.stages)
    ]:
        for index, spec in enumerate(asked):
            here = f"{place}[{index}]"
            yield from ((here, problem) for problem in fields.faults(spec, of_case=True))
            if spec.id in own or spec.id.startswith("vote_"):
                yield here, f"字段不能叫 {spec.id}，程序自己要用"
            first = specs.get(spec.id, spec)
            if (first.type, first.choices, first.book) != (spec.type, spec.choices, spec.book):
                yield here, f"字段 {spec.id} 前面已经有了，类型、选项或台账不一样"
        names = [spec.id for spec in asked]
        for name in sorted({one for one in names if names.count(one) > 1}):
            yield place, f"字段 {name} 写了两次"
    yield from _own_fields(item)


def _own_fields(item: Procedure) -> Iterator[tuple[str, str]]:
    """What each person of a roll fills in is asked nowhere else: it is not the case's."""
    known = set(item.specs())
    for index, stage in enumerate(item.stages):
        if stage.is_for_everyone:
            for number, spec in enumerate(stage.fields):
                if spec.id in known:
                    yield (
                        f"stages[{index}].fields[{number}]",
                        f"字段 {spec.id} 每个人各填各的，别的步骤不能也有，换一个编号",
                    )
            known |= {spec.id for spec in stage.fields}


def _binding(place: str, binding: Binding, item: Procedure) -> Iterator[tuple[str, str]]:
    known = set(item.specs()) | {f"done.{stage.id}" for stage in item.stages}
    if binding.effect not in effects.for_packs():
        yield (
            f"{place}.effect",
            f"没有作用 {binding.effect}，可用的有 {'、'.join(effects.for_packs())}",
        )
        return
    if item.is_confidential and effects.get(binding.effect).is_seen:
        yield f"{place}.effect", f"{binding.effect} 写的别人看得到，不公开的事不能用"
    params = {
        name: info
        for name, info in effects.get(binding.effect).params.model_fields.items()
        if name != COLUMNS
    }
    given = {*binding.constants, *binding.fields}
    for name in sorted(given - set(params)):
        yield place, f"作用 {binding.effect} 没有参数 {name}"
    for name, info in params.items():
        if name not in given and info.is_required() and info.default is PydanticUndefined:
            yield place, f"作用 {binding.effect} 要参数 {name}"
    if "case.person" in binding.fields.values() and item.subject is None:
        yield f"{place}.fields", "这种事没有说是哪个人，不能用 case.person"
    for name, source in binding.fields.items():
        if source not in known and source not in OWN:
            yield f"{place}.fields.{name}", f"没有字段 {source}"
        elif name in params and not _fits(params[name], _sample(source, item)):
            yield f"{place}.fields.{name}", f"{source} 不是参数 {name} 要的类型"
    for name, value in binding.constants.items():
        if name in params and not _fits(params[name], value):
            yield f"{place}.constants.{name}", f"{value} 不是参数 {name} 要的类型"


COLUMNS = "columns"


def _columns(item: Procedure, packs: Others) -> Iterator[tuple[str, str]]:
    """What outcomes write into columns of another item: each is there, of the same kind as the
    field it is taken from, and none that must be filled lacks."""
    own = item.specs()
    for index, stage in enumerate(item.stages):
        for number, outcome in enumerate(stage.outcomes):
            for third, binding in enumerate(outcome.effects):
                here = f"stages[{index}].outcomes[{number}].effects[{third}]"
                if binding.effect in effects.for_packs():
                    yield from _bound_columns(here, binding, own, packs)


def _bound_columns(
    place: str, binding: Binding, own: Mapping[str, FieldSpec], packs: Others
) -> Iterator[tuple[str, str]]:
    asks, given = effects.get(binding.effect).columns, {**binding.columns}
    if asks is None:
        if given or binding.column_constants:
            yield f"{place}.columns", f"作用 {binding.effect} 没有栏可以写"
        return
    known = asks(binding.constants, packs)
    if known is None:
        yield f"{place}.constants", "没有写是哪一本，或者没有这一本"
        return
    for name, source in given.items():
        if name not in known:
            yield f"{place}.columns.{name}", f"那一本没有栏 {name}"
        elif source not in own:
            yield f"{place}.columns.{name}", f"没有字段 {source}"
        elif (known[name].type, known[name].choices, known[name].unit) != (
            own[source].type, own[source].choices, own[source].unit
        ):  # fmt: skip
            yield f"{place}.columns.{name}", f"字段 {source} 和栏 {name} 的类型、选项或单位不一样"
    yield from _constants(
        f"{place}.column_constants", known, binding.column_constants, "那一本没有栏"
    )
    for name, spec in known.items():
        if spec.required and name not in {**given, **binding.column_constants}:
            yield f"{place}.columns", f"栏 {name} 必填，写明取自哪个字段"


def _books(item: Procedure, packs: Others) -> Iterator[tuple[str, str]]:
    """Registers whose rows are chosen from are there."""
    for place, asked in [("fields", item.fields)] + [
        (f"stages[{index}].fields", stage.fields) for index, stage in enumerate(item.stages)
    ]:
        for index, spec in enumerate(asked):
            if spec.book and not find(spec.book, "registers", packs):
                yield f"{place}[{index}].book", f"没有台账 {spec.book}"


SAMPLES: dict[str, object] = {
    "date": date(2026, 1, 1), "number": 1, "yes-no": True, "money": Decimal(1),
    "quantity": Decimal(1), "person": 1, "organization": 1, "register-row": 1, "choices": ["a"],
    "moment": datetime(2026, 1, 1, tzinfo=UTC),
}  # fmt: skip


def _sample(source: str, item: Procedure) -> object:
    """A value such as the source gives."""
    if source.startswith("done.") or source == "case.day":
        return SAMPLES["date"]
    if source in OWN:
        return "甲" if source == "case.title" else 1
    spec = item.specs()[source]
    return SAMPLES.get(spec.type, spec.choices[0].id if spec.choices else "a")


def _fits(info: FieldInfo, value: object) -> bool:
    try:
        kind: Any = info.annotation
        TypeAdapter(kind, config=ConfigDict(strict=True)).validate_python(value)
    except Unfit:
        return False
    return True


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


def _misspelt(item: Procedure) -> Iterator[str]:
    """Names of steps that are not there; with one of them no way can be followed."""
    known = {stage.id for stage in item.stages}
    named = [*item.start, *(item.reopening.to if item.reopening else [])]
    for stage in item.stages:
        named += [*stage.joins, *(to for outcome in stage.outcomes for to in outcome.to)]
    yield from (name for name in named if name not in known)


def _possible(place: str, stage: Stage, item: Procedure) -> Iterator[tuple[str, str]]:
    """Every outcome is possible for some values."""
    specs = item.specs(stage)
    own = {spec.id for spec in stage.fields if spec.required}
    for index, outcome in enumerate(stage.outcomes):
        here = f"{place}.outcomes[{index}].when"
        never = ways.never_holds(outcome.when, specs)
        each = [ways.never_holds([test], specs) for test in outcome.when_any]
        never = never or (each[0] if each and all(each) else "")
        empty = [test.field for test in outcome.when if test.filled is False]
        if not never and not outcome.skips_fields and (asked := own & set(empty)):
            never = f"字段 {min(asked)} 这一步必填，不会没有填"
        if never:
            yield here, f"结果 {outcome.id} 永远办不到：{never}"


def _as_said(value: object) -> str:
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "、".join(value) if isinstance(value, list) else str(value).replace("\ufffd", "别的")


def _every_way(item: Procedure) -> Iterator[tuple[str, str]]:
    """What joins begins in some way, is left out in none, and what is counted from was done."""
    found = ways.Ways(item)
    places = {stage.id: f"stages[{index}]" for index, stage in enumerate(item.stages)}
    told = set()
    for lost in found.lost:
        if (lost.stage, lost.by, lost.outcome.id) not in told:
            told.add((lost.stage, lost.by, lost.outcome.id))
            how = f"步骤 {lost.by} 最后办成 {lost.outcome.id}，{lost.stage} 没有办整件事就结束了"
            what = f"让这个结果也接着 {lost.stage}，或者写 closes = true"
            if lost.is_optional:
                what = "它一个人开着不挡办结：去掉 optional，或者和别的步骤一起开始"
            yield f"{places[lost.stage]}.joins", f"{how}：{what}"
    if not found.is_whole:
        return
    for stage in item.stages:
        place = places[stage.id]
        if stage.id not in found.opened:
            yield f"{place}.joins", f"步骤 {stage.id} 永远不开始：它等的步骤没有哪条路都办到"
            continue
        yield from _counted(place, stage, found)
        yield from _known(place, stage, item, found)
    for name in sorted(found.without_end()):
        yield places[name], f"步骤 {name} 办到以后，没有哪条路走得到办结"


def _counted(place: str, stage: Stage, found: ways.Ways) -> Iterator[tuple[str, str]]:
    """Days are counted from steps that may have been done by then."""
    before = {START, *found.before(stage.id)}
    counted = [(f"waits[{index}]", one.after) for index, one in enumerate(stage.waits)]
    counted += [(f"limits[{index}]", one.after) for index, one in enumerate(stage.limits)]
    counted += [
        (f"spans[{index}]", one.after)
        for index, one in enumerate(stage.spans)
        if one.after != stage.id
    ]
    for where, after in counted:
        if after and after not in before:
            says = f"轮到 {stage.id} 以前，没有哪条路办过 {after}，从它算不起来"
            yield f"{place}.{where}.after", says


def _known(
    place: str, stage: Stage, item: Procedure, found: ways.Ways
) -> Iterator[tuple[str, str]]:
    """Outcomes ask for fields somebody may have filled in by then, and effects are given what
    they must have."""
    stages = {one.id: one for one in item.stages if not one.is_for_everyone or one is stage}
    asked = {spec.id for spec in (*item.fields, *stage.fields)}
    before = found.before(stage.id) & set(stages)
    asked |= {spec.id for name in before for spec in stages[name].fields}
    surely = found.surely_before(stage.id)
    sure = {spec.id for spec in item.fields if spec.required}
    wrote = found.surely_wrote(stage.id) & set(stages)
    sure |= {spec.id for name in wrote for spec in stages[name].fields if spec.required}
    facts = ways.uncovered(stage, item, sure | {s.id for s in stage.fields if s.required})
    if facts is not None:
        said = "、".join(f"{name} 是 {_as_said(value)}" for name, value in facts.items())
        yield f"{place}.outcomes", f"{said or '有一种情形'}时，没有哪个结果能办"
    for index, outcome in enumerate(stage.outcomes):
        here = f"{place}.outcomes[{index}]"
        for number, test in enumerate(outcome.when):
            if test.filled is not False and test.field not in asked:
                yield (
                    f"{here}.when[{number}]",
                    f"办 {stage.id} 以前没有人填过 {test.field}，结果 {outcome.id} 永远办不到",
                )
        own = {spec.id for spec in stage.fields if spec.required and not outcome.skips_fields}
        given = sure | own | {f"done.{name}" for name in (*surely, stage.id)}
        given |= {"case.id", "case.turn", "case.title", "case.organization", "case.day"}
        given |= {"case.person"} if item.subject else set()
        given |= {"case.owner"} if item.has_owner else set()
        given |= {test.field for test in outcome.when if test.filled is not False}
        for number, binding in enumerate(outcome.effects):
            yield from _given(f"{here}.effects[{number}]", binding, given)


def _given(place: str, binding: Binding, given: set[str]) -> Iterator[tuple[str, str]]:
    if binding.effect not in effects.for_packs():
        return
    params = effects.get(binding.effect).params.model_fields
    for name, source in binding.fields.items():
        if name in params and params[name].is_required() and source not in given:
            yield (
                f"{place}.fields.{name}",
                f"作用 {binding.effect} 一定要参数 {name}，{source} 可能是空的",
            )


def _closure(starts: list[str], outcomes: object) -> set[str]:
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [to for one in outcomes(name) for to in one.to]  # type: ignore[operator]
    return found
