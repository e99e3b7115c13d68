"""What a cap of a pack may say: every name leads to a column of the register it counts."""

from collections.abc import Iterator

from zhibu.organizations.models import Kind
from zhibu.packs.meaning import Others, checks, find
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.caps import Cap
from zhibu.packs.schema.registers import Register

REMEDY = "写法见 docs/packs.md"
WRITTEN = ("text", "long-text")  # a reason is written, and shown to whoever sees the rows
COMPARED = ("text", "choice", "date")  # of which is told whether two rows say the same


@checks("caps")
def cap(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    assert isinstance(wording.item, Cap)
    found = _faults(wording.item, others)
    return [Fault(wording.file, place, message, REMEDY) for place, message in found]


def _faults(item: Cap, others: Others) -> Iterator[tuple[str, str]]:
    """Place and what is wrong there."""
    wordings = find(item.book, "registers", others)
    if not wordings:
        yield "book", f"没有台账 {item.book}，包编号:台账编号，那个包要写进 requires"
        return
    register = wordings[-1].item
    assert isinstance(register, Register)
    for index, kind in enumerate(item.applies_to):
        if kind not in Kind.values:
            yield f"applies_to[{index}]", f"没有组织类别 {kind}，可用的有 {'、'.join(Kind.values)}"
        elif kind not in register.held_by:
            yield f"applies_to[{index}]", f"{kind} 没有这本台账（held_by），数不出来"
    counted = register.column(register.counted_by)
    known = [choice.id for choice in counted.choices] if counted else []
    for index, name in enumerate(item.counted):
        if name not in known:
            yield f"counted[{index}]", f"台账 counted_by 那一栏没有选项 {name}"
    yield from _columns(item, register)


def _columns(item: Cap, register: Register) -> Iterator[tuple[str, str]]:
    for index, name in enumerate(item.alike):
        spec = register.column(name)
        if spec is None:
            yield f"alike[{index}]", f"台账没有栏 {name}"
        elif spec.type not in COMPARED:
            yield f"alike[{index}]", f"栏 {name} 是 {spec.type}，不能比是不是一样"
        elif name in register.closed_columns:
            yield f"alike[{index}]", f"栏 {name} 不公开，不能按它数"
    spec = register.column(item.over_with)
    if item.over_with and (spec is None or spec.required or spec.type not in WRITTEN):
        yield "over_with", f"栏 {item.over_with} 要是台账里可以不填的一栏文字，写了才算说明理由"
    elif item.over_with in register.closed_columns:
        yield "over_with", f"栏 {item.over_with} 不公开，不能用来说明为什么超"
