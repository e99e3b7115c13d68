"""``docs/procedures.md``: every shipped procedure as a table and a drawing, from its pack.

The drawings are SVG files beside the page, for whoever reads the repository without tools.
"""

from pathlib import Path

from zhibu.cases import diagram, outline, svg
from zhibu.cases.outline import Row
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema.posts import PostKind
from zhibu.packs.schema.procedures import Procedure

PAGE, PICTURES = "procedures.md", Path("images/procedures")
HEAD = """# 按程序办的事

每种事怎么办：谁开始，轮到谁，期限，怎么结束，接着什么。由制度包生成，不要手改：
`python -m django procedure_reference docs`。

图从上往下看：左边的线是回到前面，右边的是跳过几步，圆角的结果是到此为止。
"""
COLUMNS = "| 阶段 | 轮到谁 | 期限 | 结果 | 接着什么 |\n| --- | --- | --- | --- | --- |\n"


def files(packs: dict[str, Pack]) -> dict[Path, str]:
    """The page and its drawings: path below ``docs/`` and content."""
    titles = post_titles(packs)
    parts, found = [HEAD], {}
    for pack in packs.values():
        for wordings in pack.wordings("procedures"):
            for wording in wordings:
                picture = PICTURES / f"{pack.id.replace('/', '-')}-{wording.id}-{wording.since}.svg"
                rule = wording.item
                assert isinstance(rule, Procedure)
                drawing = diagram.lay_out(rule, width=diagram.WIDE, posts=titles)
                found[picture] = svg.written(drawing, rule.title)
                parts.append(_section(pack, wording, rule, picture, titles))
    return {Path(PAGE): "\n".join(parts), **found}


def post_titles(packs: dict[str, Pack]) -> dict[str, str]:
    """Titles of all posts that packs name, by id; the latest wording of each."""
    return {
        wordings[0].id: item.title
        for pack in packs.values()
        for wordings in pack.wordings("posts")
        if isinstance(item := wordings[-1].item, PostKind)
    }


def _section(
    pack: Pack, wording: Wording, rule: Procedure, picture: Path, titles: dict[str, str]
) -> str:
    rows = outline.table(rule, posts=titles)
    says = f"{rule.about}\n\n" if rule.about else ""
    return (
        f"## {rule.title}\n\n"
        f"`{pack.id}:{wording.id}`，{wording.since} 起施行。依据 {pack.cited(wording)}。\n\n"
        f"{says}{outline.beginning(rule, titles)}{outline.reopening(rule, titles)}\n\n"
        f"{COLUMNS}{''.join(map(_lines, rows))}\n"
        f"![{rule.title}的流程图，每一步都在上面的表里]({picture.as_posix()})\n"
    )


def _lines(row: Row) -> str:
    """One line an outcome; what belongs to the stage stands in the first."""
    first = f"{row.title} | {row.who} | {'；'.join(row.terms)}"
    return "".join(
        f"| {first if number == 0 else ' | |'} | {way.outcome} | {way.then} |\n"
        for number, way in enumerate(row.ways)
    )
