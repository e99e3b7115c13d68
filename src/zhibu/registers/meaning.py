"""What a register of a pack may say: every name leads to a column that can be what it is to be."""

from collections.abc import Iterator

from zhibu.core import fields
from zhibu.organizations.models import Kind
from zhibu.packs.meaning import Others, checks
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.registers import HOLDER, Register
from zhibu.registers.drafts import OWN

REMEDY = "写法见 docs/packs.md"
NOT_FOR_RESIDENTS = ("person", "people", "file", "link")
UNKEYED = ("long-text", "choices", "link", "moment", "yes-no")


@checks("registers")
def register(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    assert isinstance(wording.item, Register)
    return [Fault(wording.file, place, message, REMEDY) for place, message in _faults(wording.item)]


def _faults(item: Register) -> Iterator[tuple[str, str]]:
    """Place and what is wrong there."""
    yield from _kinds("held_by", item.held_by)
    yield from _columns(item)
    yield from _names(item)
    if item.gaps:
        yield from _gaps(item)
    if item.alike:
        yield from _alike(item, item.alike.columns)
    for name in _twice([choice.id for choice in item.ended_as]):
        yield "ended_as", f"{name} 写了两次"


def _kinds(place: str, kinds: list[str]) -> Iterator[tuple[str, str]]:
    for index, kind in enumerate(kinds):
        if kind not in Kind.values:
            yield f"{place}[{index}]", f"没有组织类别 {kind}，可用的有 {'、'.join(Kind.values)}"


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _columns(item: Register) -> Iterator[tuple[str, str]]:
    for index, spec in enumerate(item.columns):
        here = f"columns[{index}]"
        yield from ((here, problem) for problem in fields.faults(spec))
        if spec.id in OWN:
            yield here, f"栏不能叫 {spec.id}，程序自己要用"
        if spec.type == "file":
            yield here, f"栏 {spec.id} 是文件，台账里不放文件"
    for name in _twice([spec.id for spec in item.columns]):
        yield "columns", f"栏 {name} 写了两次"


def _names(item: Register) -> Iterator[tuple[str, str]]:
    """What the register says of its columns by name."""
    if item.called_by and item.column(item.called_by) is None:
        yield "called_by", f"没有栏 {item.called_by}"
    name = item.name_column
    if not name.required:
        yield "called_by", f"栏 {name.id} 是一行的名称，要必填"
    if name.id in item.closed_columns or name.masked != "show":
        yield "called_by", f"栏 {name.id} 是一行的名称，不能不公开、不能遮住"
    for index, closed in enumerate(item.closed_columns):
        if item.column(closed) is None:
            yield f"closed_columns[{index}]", f"没有栏 {closed}"
    yield from _public(item)
    subject = item.column(item.subject)
    if item.subject and (subject is None or subject.type != "person"):
        yield "subject", f"{item.subject} 不是人的那一栏"
    counted = item.column(item.counted_by)
    if item.counted_by and (counted is None or counted.type != "choice"):
        yield "counted_by", f"{item.counted_by} 不是选择项的那一栏"
    if counted and counted.id in item.closed_columns:
        yield "counted_by", f"栏 {counted.id} 不公开，不能按它数"
    yield from _key(item)


def _public(item: Register) -> Iterator[tuple[str, str]]:
    """What residents see: no person, nothing that is closed or covered."""
    for index, name in enumerate(item.public_columns):
        here, spec = f"public_columns[{index}]", item.column(name)
        if spec is None:
            yield here, f"没有栏 {name}"
        elif name in item.closed_columns or spec.masked != "show":
            yield here, f"栏 {name} 不公开或者要遮住，不能给群众看"
        elif spec.type in NOT_FOR_RESIDENTS:
            yield here, f"栏 {name} 是 {spec.type}，不能给群众看"
    if item.public_columns and item.name_column.id not in item.public_columns:
        yield "public_columns", f"给群众看的一行要有名称，写上栏 {item.name_column.id}"
    for name in _twice(item.public_columns):
        yield "public_columns", f"{name} 写了两次"


def _key(item: Register) -> Iterator[tuple[str, str]]:
    for index, name in enumerate(item.key):
        spec = item.column(name)
        if name == HOLDER:
            continue
        if spec is None:
            yield f"key[{index}]", f"没有栏 {name}；哪个组织的写 {HOLDER}"
        elif spec.type in UNKEYED:
            yield f"key[{index}]", f"栏 {name} 是 {spec.type}，不能用来认是不是同一行"
        elif not spec.required:
            yield f"key[{index}]", f"栏 {name} 用来认是不是同一行，要必填"
        elif name in item.closed_columns:
            yield f"key[{index}]", f"栏 {name} 不公开，不能用来认是不是同一行"
    for name in _twice(item.key):
        yield "key", f"{name} 写了两次"


def _alike(item: Register, names: list[str]) -> Iterator[tuple[str, str]]:
    for index, name in enumerate(names):
        spec = item.column(name)
        if spec is None:
            yield f"alike.columns[{index}]", f"没有栏 {name}"
        elif spec.type in UNKEYED:
            yield f"alike.columns[{index}]", f"栏 {name} 是 {spec.type}，不能比是不是一样"
        elif name in item.closed_columns:
            yield f"alike.columns[{index}]", f"栏 {name} 不公开，不能提示"


def _gaps(item: Register) -> Iterator[tuple[str, str]]:
    gaps = item.gaps
    assert gaps is not None
    yield from _kinds("gaps.kinds", gaps.kinds)
    for index, kind in enumerate(gaps.kinds):
        if kind in Kind.values and kind not in item.held_by:
            yield f"gaps.kinds[{index}]", f"{kind} 不在 held_by 里，没有地方登记"
    if gaps.when is not None:
        yield from (("gaps.when", problem) for problem in gaps.when.faults("organization"))
    counted = item.column(item.counted_by)
    known = [choice.id for choice in counted.choices] if counted else []
    for index, name in enumerate(gaps.filled_by):
        if name not in known:
            yield f"gaps.filled_by[{index}]", f"counted_by 那一栏没有选项 {name}"
