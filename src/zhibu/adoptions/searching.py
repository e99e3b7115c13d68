"""Packs and what stands in them for the one search box, by title. No query of their own."""

from datetime import date
from typing import TYPE_CHECKING

from zhibu.adoptions import addresses, rules, words
from zhibu.core.searching import Hit, Section, register
from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema import KIND_WORDS

if TYPE_CHECKING:
    from zhibu.accounts.models import User

Row = tuple[Pack, Wording | None]


def called(text: str, on: date) -> list[Row]:
    """Packs whose title or subject has ``text`` in it, and items by title, as worded on ``on``.

    Packs in the library's order, each before its items; an item that is not worded yet is
    shown as it will be.
    """
    wanted = text.casefold()
    found: list[Row] = []
    for pack in library.packs().values():
        if wanted in pack.meta.title.casefold() or wanted in pack.meta.about.casefold():
            found.append((pack, None))
        for (kind, item), wordings in sorted(pack.items.items()):
            wording = pack.wording_on(kind, item, on) or wordings[0]
            if wanted in wording.item.title.casefold():
                found.append((pack, wording))
    return found


def _rows(user: "User", text: str, on: date) -> list[Row]:
    return called(text, on)


def hit(row: Row) -> Hit:
    pack, wording = row
    if wording is None:
        return Hit(pack.meta.title, addresses.pack_url(pack.id), words.PACK_KINDS[pack.meta.kind])
    url = addresses.item_url(wording.kind, f"{pack.id}:{wording.id}")
    line = f"{KIND_WORDS[wording.kind]} · {pack.meta.title} · {pack.cited(wording)}"
    return Hit(wording.item.title, url, line)


register(
    Section(
        title="制度",
        icon="book",
        order=60,
        shown=lambda user: bool(rules.may_view_packs(user)),
        rows=_rows,
        hit=hit,
        list_url="adoptions:packs",
    )
)
