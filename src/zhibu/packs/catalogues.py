"""What the catalogues of all packs list, by token ``publisher/slug:catalogue/entry``."""

from dataclasses import dataclass
from datetime import date

from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema.catalogues import Catalogue, Entry


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a catalogue as worded on a day."""

    token: str
    entry: Entry
    catalogue: Catalogue
    pack: Pack
    wording: Wording

    @property
    def title(self) -> str:
        return self.entry.title

    @property
    def shelf(self) -> str:
        """The token of the catalogue itself."""
        return self.token.rpartition("/")[0]

    @property
    def cited(self) -> str:
        return self.pack.cited(self.wording)


def listed(of: str, day: date) -> dict[str, Listed]:
    """Entries of catalogues of one sort that somebody has confirmed, by token, in order."""
    found: dict[str, Listed] = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("catalogues"):
            wording = pack.wording_on("catalogues", wordings[0].id, day)
            if wording is None or not wording.item.is_confirmed:
                continue
            catalogue = wording.item
            assert isinstance(catalogue, Catalogue)
            if catalogue.of == of:
                for entry in catalogue.entries:
                    token = f"{pack.id}:{wording.id}/{entry.id}"
                    found[token] = Listed(token, entry, catalogue, pack, wording)
    return found


def titles(of: str, day: date) -> dict[str, str]:
    """Titles by token; what is no longer listed has none."""
    return {token: one.title for token, one in listed(of, day).items()}
