"""``docs/practices.md``: which practices are carried, by what, shown by what, read twice.

Written from the packs and ``practices.toml``, the list of all practices:
``python -m django practice_reference > docs/practices.md``.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from zhibu.packs.reading import Pack
from zhibu.packs.schema import KIND_WORDS
from zhibu.packs.schema.base import Look, Mark, Part, PracticeId, Reading

LIST = Path(__file__).parent / "practices.toml"
WORDS: dict[Mark, str] = {"not": "没有", "partly": "部分", "carried": "承担"}
_LOWEST_FIRST = list(WORDS)
AREAS = {
    "accounts": "账号", "activities": "活动", "assignments": "交办与回执", "ballots": "测评选举",
    "burden": "限额和负担", "cases": "事项", "duties": "应办", "dues": "党费", "insight": "统计",
    "inspections": "督查", "learning": "教育", "money": "钱账", "organizations": "组织",
    "pairings": "结对", "people": "名册", "portal": "群众页面", "publishing": "公开",
    "registers": "台账", "scores": "记分",
}  # fmt: skip

HEAD = """\
# 实践

本页由程序写出（`python -m django practice_reference > docs/practices.md`），不要手改。

材料里的一条实践，由哪个制度包的哪一条承担，哪个例子说明，做到了没有。每一条看两次：

- **第一次**看包：有条目、有例子，包的 `left_open` 里没有写着还有没做到的，是承担；不然是部分。
- **第二次**对着材料读例子，写在包的 `readings` 里：办的是不是这件事本身，
  有没有列出缺的或者拒绝不该办的，材料里的数是不是一个不差。
- 两次不一样的，算低的。部分不算做到。
"""


class Row(Part):
    """One practice of the material: what it is called and which area it belongs to."""

    id: PracticeId
    title: str = Field(min_length=1, max_length=20)
    area: Literal[
        "accounts", "activities", "assignments", "ballots", "burden", "cases", "duties", "dues",
        "insight", "inspections", "learning", "money", "organizations", "pairings", "people",
        "portal", "publishing", "registers", "scores",
    ]  # fmt: skip
    figures: bool = Field(description="the material gives figures")
    left_out: str = Field(default="", description="why nothing of the kind is built")
    look: Look | None = Field(default=None, description="where no pack carries it but an area does")

    @model_validator(mode="after")
    def _is_left_out_or_looked_at(self) -> "Row":
        if self.left_out and self.look:
            raise ValueError("不做的不写 look")
        return self


@dataclass
class Carried:
    """One practice: the items and examples that name it, what is said to be open, what was read."""

    items: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    left_open: list[str] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def first(self) -> Mark:
        """What the packs say by themselves."""
        return "partly" if self.left_open or not (self.items and self.examples) else "carried"

    @property
    def second(self) -> Mark | None:
        return lowest(reading.mark for reading in self.readings) if self.readings else None

    @property
    def mark(self) -> Mark:
        """The lower of the two."""
        return lowest([self.first, *(reading.mark for reading in self.readings)])

    @property
    def missing(self) -> list[str]:
        """As it was read the second time; what the packs say where that was not."""
        return [one.missing for one in self.readings if one.missing] or self.left_open


def lowest(marks: Iterable[Mark]) -> Mark:
    return min(marks, key=_LOWEST_FIRST.index)


def named(pack: Pack) -> dict[str, Carried]:
    """Practices that one pack names, by id, in order."""
    return carried({pack.id: pack})


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
        metas = [pack.meta for pack in packs.values()]
        row.left_open = [text for meta in metas for text in meta.left_open if practice in text]
        row.readings = [one for meta in metas for one in meta.readings if one.practice == practice]
    return dict(sorted(found.items()))


@cache
def rows() -> tuple[Row, ...]:
    """Every practice of the material, in its order."""
    found = tomllib.loads(LIST.read_text("utf-8"))["row"]
    return tuple(Row.model_validate(row) for row in found)


def counts(packs: Mapping[str, Pack]) -> dict[str, int]:
    """How many there are by mark, those left out apart."""
    by_pack = carried(packs)
    marks = [_word(row, by_pack.get(row.id)) for row in rows()]
    return {word: marks.count(word) for word in ("承担", "部分", "没有", "不做")}


def _word(row: Row, pack: Carried | None) -> str:
    if pack is not None:
        return WORDS[pack.mark]
    if row.left_out:
        return "不做"
    return WORDS[row.look.mark if row.look else "not"]


def text(packs: Mapping[str, Pack]) -> str:
    return HEAD + "".join(f"{line}\n" for line in _lines(packs))


def _lines(packs: Mapping[str, Pack]) -> Iterator[str]:
    by_pack = carried(packs)
    others = [row for row in rows() if row.id not in by_pack]
    counted = counts(packs)
    total = [str(len(rows())), *map(str, counted.values())]
    yield from _table("合计", ["全部", *counted], [total])
    yield from _table(
        "制度包里的",
        ["实践", "条目", "例子", "第一次", "第二次", "算作", "还缺什么"],
        [_cells(practice, row) for practice, row in by_pack.items()],
    )
    yield from _table(
        "程序里的，不在制度包里",
        ["实践", "叫什么", "在哪里", "看哪个测试", "算作", "还缺什么"],
        [
            [row.id, row.title, _area(row), "<br>".join(f"`{one}`" for one in row.look.shown),
             WORDS[row.look.mark], row.look.missing]
            for row in others if row.look
        ],
    )  # fmt: skip
    yield from _table(
        "还没有的",
        ["实践", "叫什么", "等哪里"],
        [[row.id, row.title, _area(row)] for row in others if not row.look and not row.left_out],
    )
    yield from _table(
        "不做的",
        ["实践", "叫什么", "为什么"],
        [[row.id, row.title, row.left_out] for row in others if row.left_out],
    )


def _cells(practice: str, row: Carried) -> list[str]:
    second = WORDS[row.second] if row.second else "还没有读"
    return [
        practice, "<br>".join(row.items), "<br>".join(row.examples), WORDS[row.first], second,
        WORDS[row.mark], "<br>".join(row.missing),
    ]  # fmt: skip


def _area(row: Row) -> str:
    return f"{AREAS[row.area]} `{row.area}`"


def _table(title: str, head: list[str], lines: list[list[str]]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    for line in (head, ["---"] * len(head), *lines):
        yield f"| {' | '.join(cell.replace('|', '、') for cell in line)} |"
