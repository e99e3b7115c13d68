"""What a catalogue of disclosures in a pack may refer to."""

from zhibu.core import disclosures
from zhibu.organizations.models import Field, Kind
from zhibu.packs.meaning import Others, checks, find
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.catalogues import Catalogue, Disclosed


@checks("catalogues")
def catalogue(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    item = wording.item
    assert isinstance(item, Catalogue)
    return [
        Fault(wording.file, f"entries.{entry.id}.{place}", message, remedy)
        for entry in item.entries
        if entry.disclosure
        for place, message, remedy in _faults(entry.disclosure, others)
    ]


def _faults(rule: Disclosed, others: Others) -> list[tuple[str, str, str]]:
    found = []
    for kind in rule.held_by:
        if kind not in Kind.values:
            found.append(("held_by", f"没有组织类别 {kind}", f"可用的有 {'、'.join(Kind.values)}"))
    for field in rule.fields:
        if field not in Field.values:
            found.append(("fields", f"没有领域 {field}", f"可用的有 {'、'.join(Field.values)}"))
    posts = {id_ for one in others.values() for kind, id_ in one.items if kind == "posts"}
    for place in ("checked_by", "approved_by"):
        for post in getattr(rule, place):
            if post not in posts:
                found.append((place, f"没有职务 {post}", "先在 posts/ 里写这个职务"))
    for origin in rule.drafted_from:
        if origin.of not in disclosures.names():
            known = "、".join(disclosures.names())
            found.append(("drafted_from", f"没有公开内容 {origin.of}", f"可用的有 {known}"))
            continue
        for reference in origin.only:
            if not find(reference, "procedures", others):
                found.append(
                    ("drafted_from.only", f"没有程序 {reference}", "写成 出版者/包:程序编号")
                )
                continue
            for fault in disclosures.get(origin.of).faults(reference, others):
                found.append(("drafted_from.only", fault, "在那个程序里写 public"))
    return found
