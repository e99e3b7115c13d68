"""What a duty in a pack may refer to."""

from datetime import date

from zhibu.core import facts
from zhibu.organizations.models import Kind
from zhibu.packs.meaning import Others, checks, find
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.activities import ActivityKind
from zhibu.packs.schema.catalogues import Catalogue
from zhibu.packs.schema.duties import Duty, is_topic

_ANY_DAY = date(2001, 1, 1)  # durations are compared from the same day


@checks("duties")
def duty(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    item = wording.item
    assert isinstance(item, Duty)
    found = []

    def fault(place: str, message: str, remedy: str) -> None:
        found.append(Fault(wording.file, place, message, remedy))

    for kind in item.applies_to:
        if kind not in Kind.values:
            fault("applies_to", f"没有组织类别 {kind}", f"可用的有 {'、'.join(Kind.values)}")
    for place, references in (
        ("fulfilled_by", item.fulfilled_by),
        ("after.kinds", item.after.kinds if item.after else []),
    ):
        for reference in references:
            if is_topic(reference):
                if not _is_listed(reference, others):
                    fault(place, f"没有公开的事 {reference}", "写成 出版者/包:目录/事项编号")
            elif not find(reference, "activities", others):
                fault(place, f"没有活动 {reference}", "写成 出版者/包:活动编号")
    for reference in [] if item.is_published else item.fulfilled_by:
        if _is_a_talk(reference, others) != (item.holder == "pair"):
            fault(
                "fulfilled_by", f"{reference} 不合适", "holder 是 pair 的，活动的 held_by 写 pair"
            )
    if item.when:
        for problem in item.when.faults("organization"):
            fault("when", problem, "条件的写法见 docs/packs.md")
    for problem in item.who.faults("person") if item.who else []:
        fault("who", problem, "条件的写法见 docs/packs.md")
    for problem in facts.faults(item.fact, _subject_of(item)) if item.fact else []:
        fault("fact", problem, "日期的名称见 docs/packs.md")
    for post in item.with_one_of.posts if item.with_one_of else []:
        if not any(("posts", post) in p.items for p in others.values()):
            fault("with_one_of.posts", f"没有职务 {post}", "先在 posts/ 里写这个职务")
    if item.rows_of:
        fault("rows_of", f"没有台账 {item.rows_of}", "这一版还没有台账，先不要写 register-row")
    if item.post and not any(("posts", item.post) in p.items for p in others.values()):
        fault("post", f"没有职务 {item.post}", "先在 posts/ 里写这个职务")
    if item.refines:
        for message in _refining(item, item.refines, others):
            fault("refines", message, "只能在原来的基础上加要求")
    return found


_SAME = (
    "every", "season", "anniversary", "after", "before", "holder", "post", "who", "with_one_of",
)  # fmt: skip


def _is_listed(token: str, others: Others) -> bool:
    """Whether some wording of a catalogue of disclosures lists the topic."""
    reference, _, entry_id = token.rpartition("/")
    return any(
        wording.item.of == "disclosures" and any(e.id == entry_id for e in wording.item.entries)
        for wording in find(reference, "catalogues", others)
        if isinstance(wording.item, Catalogue)
    )


def _is_a_talk(reference: str, others: Others) -> bool:
    kinds = [w.item for w in find(reference, "activities", others)]
    return any(isinstance(kind, ActivityKind) and kind.is_a_talk for kind in kinds)


def _subject_of(item: Duty) -> facts.Subject:
    return "person" if item.is_personal else "organization"


def _refining(item: Duty, reference: str, others: Others) -> list[str]:
    """Adding is free; what the base asks for may only become stricter."""
    wordings = find(reference, "duties", others)
    if not wordings:
        return [f"没有应办 {reference}"]
    base = wordings[-1].item
    assert isinstance(base, Duty)
    problems = []
    if any(getattr(item, name) != getattr(base, name) for name in _SAME):
        problems.append(f"周期和承担的人要与 {reference} 一样")
    if item.times < base.times:
        problems.append(f"次数 {item.times} 少于原来的 {base.times}")
    if item.grace.after(_ANY_DAY) > base.grace.after(_ANY_DAY):
        problems.append(f"记录期限 {item.entered_within} 长于原来的 {base.entered_within}")
    dropped = sorted(base.required_items - item.required_items)
    if dropped:
        problems.append(f"原来必选的 {'、'.join(dropped)} 没有了")
    if item.when is not None and item.when != base.when:
        problems.append("条件与原来的不一样，会让有的组织不用办")
    if base.day is not None and item.day != base.day:
        problems.append("原来定在哪天，这里也要定在那天")
    return problems
