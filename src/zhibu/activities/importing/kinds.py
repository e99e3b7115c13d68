"""Which kinds of activity a cell means, as packs name them and as was in force on the day."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from zhibu.activities.importing import words
from zhibu.activities.importing.lines import HeldKind, Line
from zhibu.activities.queries import Choice
from zhibu.imports.cells import Cells
from zhibu.imports.values import matching, show
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.activities import ActivityKind

_REFERENCE = re.compile(r"[a-z0-9-]+/[a-z0-9-]+:[a-z0-9-]+")
_BETWEEN = re.compile(r"[、，,;；/／\\+＋\n]")
LISTED = 6


class Kinds:
    """Every kind that packs know, by all its names. Packs are read once."""

    def __init__(self) -> None:
        self._known: dict[str, Pack] = library.packs()
        self._titles: dict[str, set[str]] = defaultdict(set)
        self._by_group: dict[str, bool] = {}
        self._shown: dict[str, str] = {}
        for pack in self._known.values():
            for wordings in pack.wordings("activities"):
                for wording in wordings:
                    if isinstance(wording.item, ActivityKind) and not wording.item.is_a_talk:
                        self._add(f"{pack.id}:{wording.id}", wording.item)

    def _add(self, reference: str, kind: ActivityKind) -> None:
        for name in (kind.title, kind.short, reference):
            if name:
                self._titles[matching(name)].add(reference)
        self._shown[reference] = kind.short or kind.title
        self._by_group[reference] = kind.held_by == ["party-group"]

    def find(
        self,
        cells: Cells,
        line: Line,
        choices: Sequence[Choice],
        usual: Callable[[], Collection[str]],
    ) -> None:
        """Set the row's kinds, or say what is wrong.

        ``choices`` were in force there on the day; where none of several was, those of
        ``usual`` are meant: what is in force there now.
        """
        typed = show(cells.raw("kind")).strip()
        if not cells.text("kind"):
            cells.error("kind", "missing_kind", None, "没有写是什么会。请补上，像党员大会、党课。")
            return
        offered = {choice.reference: choice for choice in choices}
        found: dict[str, HeldKind] = {}
        for part in _parts(typed):
            meant = self._meant(part)
            if not meant:
                self._say_unknown(cells, part)
            for references in meant:
                reference = self._one_of(cells, part, references, offered, usual)
                if reference is not None:
                    found.setdefault(reference, self._held(reference, line.day, offered))
        line.kinds = list(found.values())
        if not any(t.field == "kind" and t.is_error for t in cells.troubles):
            self._say_what_does_not_count(cells, line, typed)

    def _say_what_does_not_count(self, cells: Cells, line: Line, typed: str) -> None:
        idle = [kind for kind in line.kinds if not kind.is_in_force]
        for_groups = [k.title for k in idle if self._by_group[k.reference] and not line.group]
        late = [k.title for k in idle if k.title not in for_groups]
        if for_groups:
            message = (
                f"“{'、'.join(for_groups)}”由党小组开，没有认出是哪个小组，记在支部名下，"
                "不算哪一项应办。"
            )
            cells.warning("kind", "not_held_so", typed, message)
        if late:
            message = f"那天这里还没有采用“{'、'.join(late)}”的制度，照样记下，不算哪一项应办。"
            cells.warning("kind", "kind_not_in_force", typed, message)

    def _meant(self, part: str) -> list[frozenset[str]]:
        """Kinds that a title stands for, each with all packs that know it; [] for none.

        The whole title first; else the longest known titles inside it, for 2019 年第一次党员大会.
        """
        plain = words.titles().get(matching(part), matching(part))
        if plain in self._titles:
            return [frozenset(self._titles[plain])]
        rest, found = matching(part), []
        names = {**{name: name for name in self._titles}, **words.titles()}
        for name in sorted(names, key=len, reverse=True):
            if len(name) > 1 and name in rest and names[name] in self._titles:
                rest = rest.replace(name, "，")
                found.append(frozenset(self._titles[names[name]]))
        return list(dict.fromkeys(found))

    def _one_of(
        self,
        cells: Cells,
        part: str,
        references: frozenset[str],
        offered: Mapping[str, Choice],
        usual: Callable[[], Collection[str]],
    ) -> str | None:
        """The one that was in force, is usual now or is alone; else a complaint."""
        several = sorted(references & offered.keys()) or sorted(references)
        if len(several) > 1 and not references & offered.keys():
            several = sorted(references & set(usual())) or several
        if len(several) == 1:
            return several[0]
        listed = "、".join(f"{ref}（{self._known[_pack(ref)].meta.title}）" for ref in several[:3])
        message = f"“{part}”不止一种。请改写成编号，是下面的哪一种就写哪一个：{listed}。"
        cells.error("kind", "ambiguous_kind", part, message)
        return None

    def _held(self, reference: str, day: date | None, offered: Mapping[str, Choice]) -> HeldKind:
        if choice := offered.get(reference):
            return HeldKind(reference, choice.title, choice.wording, is_in_force=True)
        wording = self._wording(reference, day)
        return HeldKind(reference, self._shown[reference], wording, is_in_force=False)

    def _wording(self, reference: str, day: date | None) -> date:
        """First day of the wording of that day, else of the first there is."""
        pack, item = self._known[_pack(reference)], reference.partition(":")[2]
        wording = pack.wording_on("activities", item, day) if day else None
        first = min(each.since for each in pack.items["activities", item])
        return wording.since if wording else first

    def _say_unknown(self, cells: Cells, part: str) -> None:
        titles = list(dict.fromkeys(self._shown.values()))[:LISTED]
        message = f"“{part}”认不出是什么会。请改成{'、'.join(titles)}这样的名称。"
        cells.error("kind", "unknown_kind", part, message)


def _parts(typed: str) -> list[str]:
    """What a cell names, one by one; a reference is one, with the stroke inside it."""
    named = _REFERENCE.findall(typed)
    rest = map(str.strip, _BETWEEN.split(_REFERENCE.sub("，", typed)))
    return [*named, *filter(None, rest)]


def _pack(reference: str) -> str:
    return reference.partition(":")[0]
