"""What a kind of activity in a pack may refer to."""

from zhibu.core import fields
from zhibu.packs.meaning import Others, checks
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.activities import ActivityKind


@checks("activities")
def activity(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    item = wording.item
    assert isinstance(item, ActivityKind)
    found = []
    for post in item.chaired_by:
        if not any(("posts", post) in p.items for p in others.values()):
            found.append(
                Fault(wording.file, "chaired_by", f"没有职务 {post}", "先在 posts/ 里写这个职务")
            )
    for spec in item.outcomes:
        for problem in fields.faults(spec):
            found.append(Fault(wording.file, "outcomes", problem, "写法见 docs/packs.md"))
    if item.roll == "group" and item.held_by != ["party-group"]:
        found.append(
            Fault(wording.file, "roll", "只有党小组开的会可以点本小组的名", "held_by 改成党小组")
        )
    return found
