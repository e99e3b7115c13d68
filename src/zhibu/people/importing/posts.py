"""Which post a title in a roster means: the posts that packs define, by all their names."""

import re
from dataclasses import dataclass
from datetime import date

from zhibu.imports.values import matching
from zhibu.packs import library
from zhibu.packs.schema.posts import PostKind

GROUP = "party-group"
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_BETWEEN = re.compile(r"[、,，;；/／\\+＋\n]|\s{1,}|(?<=.)兼(?:任)?(?=.)|及|和")
_BEFORE = re.compile(r"^(中共|本)?(村|社区|机关|联合)?(党支部|支部|党总支|总支|党委)")


@dataclass(frozen=True, slots=True)
class KnownPost:
    """A kind of post of a pack, as it is worded on a day."""

    kind: str
    title: str
    role: str
    in_committee: bool
    rank: int
    seats: int

    @property
    def is_leading(self) -> bool:
        """书记 and 副书记; the rest of a committee is what makes it one."""
        return self.in_committee and self.rank <= 2


class Titles:
    """Every title that packs know on a day, by kind of organisation. Packs are read once."""

    def __init__(self, day: date) -> None:
        self._known: dict[tuple[str, str], KnownPost] = {}
        for pack in library.packs().values():
            for wordings in pack.wordings("posts"):
                wording = pack.wording_on("posts", wordings[0].id, day)
                if wording is not None and isinstance(wording.item, PostKind):
                    self._add(wording.id, wording.item)

    def _add(self, kind: str, item: PostKind) -> None:
        known = KnownPost(kind, item.title, item.role, item.in_committee, item.rank, item.seats)
        for organization_kind in item.of:
            for name in (item.title, *item.also_called):
                self._known.setdefault((organization_kind, matching(name)), known)

    def post_for(self, title: str, organization_kind: str) -> KnownPost | None:
        """The post that ``title`` means in such an organisation, None if no pack knows it."""
        plain = matching(_BRACKETS.sub("", title))
        for candidate in (plain, _BEFORE.sub("", plain)):
            if found := self._known.get((organization_kind, candidate)):
                return found
        return None

    def posts_for(self, typed: str, organization_kind: str) -> tuple[list[KnownPost], list[str]]:
        """Posts named in one cell, several joined by 、 or 兼, and titles nobody knows."""
        if whole := self._either(typed, organization_kind):
            return [whole], []
        found: dict[str, KnownPost] = {}
        unknown = []
        for part in _BETWEEN.split(typed):
            if not part:
                continue
            if post := self._either(part, organization_kind):
                found.setdefault(post.kind, post)
            else:
                unknown.append(part)
        return list(found.values()), unknown

    def _either(self, title: str, organization_kind: str) -> KnownPost | None:
        """A post of the organisation itself, else of one of its party groups."""
        return self.post_for(title, organization_kind) or self.post_for(title, GROUP)

    def is_of_group(self, post: KnownPost) -> bool:
        return any(
            of == GROUP and known.kind == post.kind for (of, _), known in self._known.items()
        )
