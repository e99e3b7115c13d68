"""What a kind of pair may say: sides that can be named, shifts that follow one another."""

from collections.abc import Iterator

from zhibu.core import fields
from zhibu.organizations.models import Kind
from zhibu.packs.meaning import Others, checks, find
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.pair_kinds import LinkRule, PairKind, RotaRule, Side, nested
from zhibu.pairings.models import COLUMNS, WHO, WHOM

REMEDY = "写法见 docs/packs.md"


@checks("pair-kinds")
def pair_kind(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    item = wording.item
    assert isinstance(item, PairKind)
    found = [*_kinds(item)]
    if item.link:
        found += _link(item.link, others)
    if item.rota:
        found += _rota(item.rota)
    return [Fault(wording.file, place, message, REMEDY) for place, message in found]


def _kinds(item: PairKind) -> Iterator[tuple[str, str]]:
    for index, kind in enumerate(item.kept_by):
        if kind not in Kind.values:
            yield f"kept_by[{index}]", f"没有组织类别 {kind}，可用的有 {'、'.join(Kind.values)}"


def _link(rule: LinkRule, others: Others) -> Iterator[tuple[str, str]]:
    for name, side in ((WHO, rule.who), (WHOM, rule.whom)):
        yield from _side(name, side, others)
    if rule.registers and rule.whom.field.type != "organization":
        yield "link.whom.field", "报到要到一个组织，类型写 organization"
    if rule.registers and rule.who.field.type == "register-row":
        yield "link.who.field", "报到的是人或者组织，台账的一行没有账号，认领不了"
    channels = [one.id for one in rule.channels]
    for twice in sorted({one for one in channels if channels.count(one) > 1}):
        yield "link.channels", f"{twice} 写了两次"


def _side(name: str, side: Side, others: Others) -> Iterator[tuple[str, str]]:
    here, spec = f"link.{name}.field", side.field
    if spec.type not in COLUMNS:
        yield here, f"这一方是 {spec.type}，可用的有 {'、'.join(COLUMNS)}"
        return
    yield from ((here, problem) for problem in fields.faults(spec, of_case=True))
    if spec.id != name:
        yield here, f"字段要叫 {name}"
    if not spec.required:
        yield here, "两方都要有，不能写 required = false"
    if spec.book and not find(spec.book, "registers", others):
        yield here, f"没有台账 {spec.book}"


def _rota(rule: RotaRule) -> Iterator[tuple[str, str]]:
    ids = [one.id for one in rule.shifts]
    for twice in sorted({one for one in ids if ids.count(one) > 1}):
        yield "rota.shifts", f"{twice} 写了两次"
    for one, other in nested(rule.shifts):
        yield "rota.shifts", f"{one.id} 在 {other.id} 里面，一班不能套在另一班里面"
