"""What hints, field notes and tightenings in a pack may refer to."""

from collections.abc import Iterable

from zhibu.core import beside
from zhibu.organizations.models import Kind
from zhibu.packs import tightening
from zhibu.packs.meaning import Others, checks, find
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.field_notes import FieldNote
from zhibu.packs.schema.hints import Hint
from zhibu.packs.schema.tightenings import Tighten, Tightening


@checks("hints")
def hint(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    item = wording.item
    assert isinstance(item, Hint)
    found = [
        Fault(wording.file, "when", problem, "条件的写法见 docs/packs.md")
        for problem in item.when.faults(item.subject)
    ]
    return found + _unknown_kinds(wording, item.applies_to)


def _unknown_kinds(wording: Wording, kinds: Iterable[str]) -> list[Fault]:
    return [
        Fault(wording.file, "applies_to", f"没有组织类别 {kind}", "改成列过的类别")
        for kind in kinds
        if kind not in Kind.values
    ]


@checks("field-notes")
def field_note(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    """Fields that exist, organisations that exist."""
    item = wording.item
    assert isinstance(item, FieldNote)
    known = beside.fields()
    found = [
        Fault(wording.file, "fields", f"没有这一栏 {name}", f"可用的有 {'、'.join(sorted(known))}")
        for name in item.fields
        if name not in known
    ]
    return found + _unknown_kinds(wording, item.applies_to)


@checks("tightenings")
def tighten(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    """Stricter than what was there, a field that may be, an item of a pack it requires."""
    item = wording.item
    assert isinstance(item, Tightening)
    found = []
    named = [(one.of, one.item, one.field) for one in item.tighten]
    for index, one in enumerate(item.tighten):
        problem = _problem(pack, wording, one, others)
        if not problem and named.count((one.of, one.item, one.field)) > 1:
            problem = f"{one.item} 的 {one.field} 写了两遍"
        if problem:
            remedy = "只能收紧标明方向的限度：次数、提前多久往大，期限往小；别的写成新条目"
            found.append(Fault(wording.file, f"tighten[{index}]", problem, remedy))
    return found


def _problem(pack: Pack, wording: Wording, one: Tighten, others: Others) -> str:
    base_pack = one.item.partition(":")[0]
    wordings = find(one.item, one.of, others)
    if not wordings:
        return f"没有这一条 {one.item}"
    if base_pack == pack.id:
        return f"{one.item} 是自己的条目，直接改它"
    if base_pack not in pack.meta.requires:
        return f"{base_pack} 没有写进 pack.toml 的 requires"
    begun = [base for base in wordings if base.since <= wording.since]
    running = begun[-1:] + [base for base in wordings if base.since > wording.since]
    faults = (tightening.problems(one, base) for base in running)
    return next((fault for fault in faults if fault), "")
