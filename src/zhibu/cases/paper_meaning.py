"""What a pack may say of papers: numbers, templates and the fields they name fit together."""

from collections.abc import Iterator

from zhibu.cases import papers
from zhibu.documents import papers as drawing
from zhibu.documents.templates import TemplateRefused
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.papers import Paper, Register
from zhibu.packs.schema.procedures import Procedure

REMEDY = "写法见 docs/packs.md 的“怎样写文书”"


def faults(pack: Pack, wording: Wording) -> Iterator[Fault]:
    """Everything wrong with the papers of one procedure and with their templates."""
    item = wording.item
    assert isinstance(item, Procedure)
    for place, message in _faults(pack, item):
        yield Fault(wording.file, place, message, REMEDY)
    for paper in item.papers:
        yield from _template(pack, paper)


def _faults(pack: Pack, item: Procedure) -> Iterator[tuple[str, str]]:
    ids = [paper.id for paper in item.papers]
    for name in sorted({one for one in ids if ids.count(one) > 1}):
        yield "papers", f"文书 {name} 写了两次"
    issued = set()
    for index, stage in enumerate(item.stages):
        for number, outcome in enumerate(stage.outcomes):
            issued.update(outcome.issues)
            for name in outcome.issues:
                if name not in ids:
                    yield f"stages[{index}].outcomes[{number}].issues", f"没有文书 {name}"
    books = _books(pack)
    for index, paper in enumerate(item.papers):
        here = f"papers[{index}]"
        if paper.id not in issued:
            yield here, f"文书 {paper.id} 没有哪个结果出具：写进 issues"
        if books.setdefault(paper.numbering.id, paper.numbering) != paper.numbering:
            yield f"{here}.numbering", f"登记 {paper.numbering.id} 别处的名称、代字不一样"
        yield from _fields(here, paper, item)
        if paper.template not in pack.templates and paper.template not in pack.word_templates:
            yield f"{here}.template", f"没有模板 templates/{paper.template}.toml 或 .docx"


def _books(pack: Pack) -> dict[str, Register]:
    """Each book of numbers as the pack first describes it, in its latest wordings."""
    found: dict[str, Register] = {}
    for wordings in pack.wordings("procedures"):
        item = wordings[-1].item
        assert isinstance(item, Procedure)
        for paper in item.papers:
            found.setdefault(paper.numbering.id, paper.numbering)
    return found


def _fields(here: str, paper: Paper, item: Procedure) -> Iterator[tuple[str, str]]:
    specs = item.specs()
    for key in ("fields", "may_lack"):
        for name in getattr(paper, key):
            if name not in specs:
                yield f"{here}.{key}", f"没有字段 {name}"
            elif name in item.closed_fields:
                yield f"{here}.{key}", f"字段 {name} 不给人人看，不能印"
            elif specs[name].type == "file":
                yield f"{here}.{key}", f"字段 {name} 是文件，印不出来"
            elif name in (*papers.OWN, papers.VALID_UNTIL):
                yield f"{here}.{key}", f"字段不能叫 {name}，程序自己要用"
    for name in sorted(set(paper.fields) & set(paper.may_lack)):
        yield f"{here}.may_lack", f"字段 {name} 在 fields 里也写了"
    if paper.rows and paper.rows != papers.TURNS:
        spec = specs.get(paper.rows)
        if spec is None or spec.type not in papers.LISTED:
            known = "、".join(papers.LISTED)
            yield f"{here}.rows", f"{paper.rows} 不是 {known} 类型的字段，也不是 turns"
        elif paper.rows in item.closed_fields:
            yield f"{here}.rows", f"字段 {paper.rows} 不给人人看，不能印"


def _template(pack: Pack, paper: Paper) -> Iterator[Fault]:
    """What the template holds that it may not, and what it should name and does not."""
    declared = papers.nameable(paper)
    if paper.template in pack.word_templates:
        found = drawing.word_faults(pack.word_templates[paper.template], declared)
    elif paper.template in pack.templates:
        found = drawing.faults(pack.templates[paper.template], declared)
    else:
        return
    file = papers.file_of(pack, paper)
    for fault in found:
        yield Fault(file, fault.place, fault.text, fault.remedy.rstrip("。"))
    try:
        named, columns = papers.named(pack, paper)
    except TemplateRefused:
        return
    asked = [*paper.fields, *paper.may_lack, *([papers.VALID_UNTIL] if paper.valid_for else [])]
    for name in asked:
        if name not in named:
            yield Fault(
                file, "", f"没有写到 {{{{ {name} }}}}",
                f"写上，或从文书 {paper.id} 里删去" if name != papers.VALID_UNTIL
                else f"文书 {paper.id} 写了 valid_for，要印上有效到哪天",
            )  # fmt: skip
    if paper.rows and not columns:
        yield Fault(file, "", "表格里没有写到哪一栏", f"写上，或从文书 {paper.id} 里删去 rows")
