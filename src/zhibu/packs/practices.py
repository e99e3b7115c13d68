"""``docs/practices.md``: which practices the shipped packs carry, by what, shown by what.

Written from the packs alone: ``python -m django practice_reference > docs/practices.md``.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from zhibu.packs.reading import Pack
from zhibu.packs.schema import KIND_WORDS

HEAD = """\
# 实践

本页由程序写出（`python -m django practice_reference > docs/practices.md`），不要手改。

材料里的一条实践，由哪个制度包的哪一条承担，哪个例子说明，做到了没有。没有列出的实践，现在的制度包还没有承担。

- **承担**：有条目，有例子说明，包里没有写着还有没做到的。
- **部分**：包的 `left_open` 里写着这一条还有没做到的；或者有条目，没有例子。部分不算做到。

| 实践 | 条目 | 例子 | 做到了没有 |
| --- | --- | --- | --- |
"""


@dataclass
class Carried:
    """One practice: the items and examples that name it, and what is said to be open."""

    items: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    left_open: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        return "部分" if self.left_open or not (self.items and self.examples) else "承担"


def carried(packs: Mapping[str, Pack]) -> dict[str, Carried]:
    """Practices by id, in order; those of no pack are left out."""
    found: dict[str, Carried] = defaultdict(Carried)
    for pack in packs.values():
        for (kind, id_), wordings in sorted(pack.items.items()):
            for practice in wordings[-1].item.practice:
                title = wordings[-1].item.title
                found[practice].items.append(f"{title}（{KIND_WORDS[kind]} `{pack.id}:{id_}`）")
        for _, example in sorted(pack.examples.items()):
            for practice in example.practice:
                found[practice].examples.append(example.title)
    for practice, row in found.items():
        said = [text for pack in packs.values() for text in pack.meta.left_open]
        row.left_open = [text for text in said if practice in text]
    return dict(sorted(found.items()))


def text(packs: Mapping[str, Pack]) -> str:
    return HEAD + "".join(_lines(packs))


def _lines(packs: Mapping[str, Pack]) -> Iterator[str]:
    for practice, row in carried(packs).items():
        said = "".join(f"<br>{text}" for text in row.left_open)
        cells = (practice, "<br>".join(row.items), "<br>".join(row.examples), row.state + said)
        yield f"| {' | '.join(cell.replace('|', '、') for cell in cells)} |\n"
