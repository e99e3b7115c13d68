"""All that can be said against a pack: shape, citations, meaning, examples."""

from pathlib import Path

from zhibu.packs import limits, meaning, practices
from zhibu.packs.meaning import Others
from zhibu.packs.reading import TEMPLATES, Fault, Pack, Wording, files_of, read
from zhibu.packs.schema import KIND_WORDS
from zhibu.packs.schema.base import Cite
from zhibu.packs.schema.caps import Cap
from zhibu.packs.schema.examples import Example
from zhibu.packs.schema.procedures import Procedure
from zhibu.packs.schema.tightenings import Tightening


def check_folder(folder: Path, others: Others) -> tuple[Pack | None, list[Fault]]:
    """Read and check a folder; every fault at once. An unreadable folder is one fault."""
    try:
        files = files_of(folder)
    except (OSError, ValueError) as error:
        return None, [Fault(str(folder.name), "", str(error), "检查文件夹")]
    pack, faults = read(files)
    if pack is None:
        return None, faults
    expected = f"{folder.parent.name}/{folder.name}"
    if pack.id != expected and pack.meta.kind != "local":
        faults.append(
            Fault("pack.toml", "id", f"编号 {pack.id} 与文件夹 {expected} 不一致", "改成一样")
        )
    return pack, faults + problems(pack, others)


def problems(pack: Pack, others: Others) -> list[Fault]:
    """What is wrong with a pack that can be read."""
    return [
        *_citations(pack),
        *_requirements(pack, others),
        *_changes(pack),
        *_templates(pack),
        *meaning.faults(pack, others),
        *limits.faults(pack),
        *_examples(pack, others),
        *_readings(pack),
    ]


def _citations(pack: Pack) -> list[Fault]:
    found: list[Fault] = []
    cited: set[str] = set()
    for wordings in pack.items.values():
        for wording in wordings:
            for place, cites in wording.item.cited_parts():
                cited.update(cite.source for cite in cites)
                found += _unlisted(pack, wording, place, cites)
                if place != "cites" and all(cite.seen == "memory" for cite in cites):
                    found.append(
                        Fault(
                            wording.file,
                            place,
                            "依据只凭记忆，这一部分不能用",
                            "找到出处再写，或者删去这一部分",
                        )
                    )
    for source in sorted(set(pack.sources) - cited):
        found.append(Fault("sources.toml", source, "没有条目引用它", "删去，或在条目里引用"))
    return found


def _unlisted(pack: Pack, wording: Wording, place: str, cites: list[Cite]) -> list[Fault]:
    return [
        Fault(
            wording.file,
            place,
            f"来源 {cite.source} 不在 sources.toml 里",
            "补上来源，或改成列过的",
        )
        for cite in cites
        if cite.source not in pack.sources
    ]


def _changes(pack: Pack) -> list[Fault]:
    if pack.changes.strip():
        return []
    return [
        Fault("CHANGES.md", "", "没有写变化", "写给执行的人看：从哪天起，有什么不一样，依据什么")
    ]


def _templates(pack: Pack) -> list[Fault]:
    """Templates that no paper is drawn from."""
    used = {
        paper.template
        for wordings in pack.wordings("procedures")
        for wording in wordings
        if isinstance(wording.item, Procedure)
        for paper in wording.item.papers
    }
    return [
        Fault(name, "", "没有哪份文书用这个模板", "删去，或在程序的 papers 里写上")
        for name in sorted(pack.files)
        if name.startswith(f"{TEMPLATES}/") and _id_of(name) not in used
    ]


def _id_of(name: str) -> str:
    return name.removeprefix(f"{TEMPLATES}/").rpartition(".")[0]


def _examples(pack: Pack, others: Others) -> list[Fault]:
    """Names in examples that nothing answers to; the rest is found by replaying them."""
    known = {**others, pack.id: pack}
    found = []
    for example_id, example in sorted(pack.examples.items()):
        for kind, reference, place in example.references():
            if not meaning.find(reference, kind, known):
                message = f"没有{KIND_WORDS[kind]} {reference}"
                file = f"examples/{example_id}.toml"
                found.append(Fault(file, place, message, "写成 出版者/包:条目，检查有没有拼错"))
        found += _covers(pack, example_id, example)
    return found


def _covers(pack: Pack, example_id: str, example: Example) -> list[Fault]:
    """An example cannot show a limit of something it does not look at."""
    looked_at = example.looked_at()
    looked_at |= _tightenings_behind(pack, looked_at) | _caps_on(pack, looked_at)
    found = []
    for cover in example.covers:
        kind, _, item_id = cover.item.partition("/")
        if (kind, f"{pack.id}:{item_id}") not in looked_at:
            found.append(
                Fault(
                    f"examples/{example_id}.toml",
                    f"covers {cover.item} {cover.field}",
                    "例子里没有看这一条的结果",
                    "写上它应该怎样，或者删去这一行",
                )
            )
    return found


def _caps_on(pack: Pack, looked_at: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Caps of this pack on a register whose rows an example looks at."""
    return {
        ("caps", f"{pack.id}:{wordings[0].id}")
        for wordings in pack.wordings("caps")
        if any(
            isinstance(w.item, Cap) and ("registers", w.item.book) in looked_at for w in wordings
        )
    }


def _tightenings_behind(pack: Pack, looked_at: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Tightenings of this pack that bear on an item whose outcome an example looks at."""
    return {
        ("tightenings", f"{pack.id}:{wordings[0].id}")
        for wordings in pack.wordings("tightenings")
        for wording in wordings
        if isinstance(wording.item, Tightening)
        and any((one.of, one.item) in looked_at for one in wording.item.tighten)
    }


def _requirements(pack: Pack, others: Others) -> list[Fault]:
    return [
        Fault("pack.toml", "requires", f"没有制度包 {needed}", "先安装它，或改正编号")
        for needed in pack.meta.requires
        if needed not in others
    ]


def _readings(pack: Pack) -> list[Fault]:
    """Practices said to be carried that nobody read twice, and readings that rest on nothing."""
    rows = practices.named(pack)
    read = [reading.practice for reading in pack.meta.readings]
    found = [
        _reading_fault(practice, "有条目、有例子，没有再读一遍的结果", "对着材料读一遍，写一条")
        for practice, row in rows.items()
        if row.first == "carried" and practice not in read
    ]
    found += [
        _reading_fault(practice, "写了两条结果", "留一条")
        for practice in sorted(set(read))
        if read.count(practice) > 1
    ]
    for reading in pack.meta.readings:
        if reading.practice not in rows:
            message = "没有条目、例子写着这一条实践"
            found.append(_reading_fault(reading.practice, message, "写上，或者删去这一条"))
        for name in reading.shown:
            if not name.startswith("tests/") and not _shows(pack, name, reading.practice):
                message = f"例子 {name} 没有，或者没有写着这一条实践"
                found.append(_reading_fault(reading.practice, message, "改成写着它的例子"))
    return found


def _reading_fault(practice: str, message: str, remedy: str) -> Fault:
    return Fault("pack.toml", f"readings {practice}", message, remedy)


def _shows(pack: Pack, example_id: str, practice: str) -> bool:
    example = pack.examples.get(example_id)
    return example is not None and practice in example.practice
