"""Looking at an .xlsx by streaming, before anything builds cells from it.

Counts what the sheets claim to hold and notes what the reader cannot tell afterwards:
error values, formulas without a result, hidden rows, merged ranges. Tags may carry a
prefix, rows and cells may lack their reference.
"""

import posixpath
import zipfile
from dataclasses import dataclass, field

from defusedxml.expatreader import DefusedExpatParser

MOST_CELLS = 2_000_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 5_000
MOST_NOTED = 20_000
CHUNK = 1 << 18
_MEDIA = (".bin", ".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".tif", ".tiff", ".bmp")


class TooLarge(Exception):
    """What the archive unpacks to is more than a roster ever is."""


@dataclass(slots=True)
class Notes:
    """What one sheet holds besides its cells' values; rows and columns from 0."""

    cells: int = 0
    last_row: int = -1
    last_column: int = -1
    odd: list[tuple[int, int, str]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


_columns: dict[str, int] = {}


def column_number(letters: str) -> int:
    """A is 0, XFD is 16383; anything longer counts as far out."""
    found = _columns.get(letters)
    if found is None:
        found = 0
        for letter in letters[:7].upper():
            found = found * 26 + ord(letter) - 64
        found -= 1
        _columns[letters] = found
    return found


def split_reference(reference: str) -> tuple[int, int]:
    """(row, column) of ``B12``, from 0; -1 where the part is missing."""
    plain = reference.replace("$", "")
    letters = plain.rstrip("0123456789")
    digits = plain[len(letters) :]
    row = int(digits[:9]) - 1 if digits else -1
    return row, column_number(letters) if letters.isascii() and letters.isalpha() else -1


class _SheetParser(DefusedExpatParser):  # type: ignore[misc]
    """Streams one part; only start tags, and text inside odd cells, are looked at."""

    def __init__(self) -> None:
        super().__init__(forbid_dtd=True)
        self.notes = Notes()
        self._row = self._column = -1
        self._row_text = "0"
        self._kind = ""
        self._formula = False
        self._text: list[str] = []
        self._names: dict[str, str] = {}

    def reset(self) -> None:
        super().reset()
        self._parser.EndElementHandler = None
        self._parser.CharacterDataHandler = None

    def start_element(self, name: str, attrs: dict[str, str]) -> None:
        local = self._names.get(name)
        if local is None:
            local = self._names[name] = name.rpartition(":")[2]
        if local == "v":
            if self._formula or self._kind == "e":
                self._listen()
        elif local == "c":
            self._cell(attrs)
        elif local == "row":
            self._begin_row(attrs)
        elif local == "f":
            self._settle_none()
            self._formula = True
        elif local == "mergeCell":
            self._merge(attrs.get("ref", ""))

    def _begin_row(self, attrs: dict[str, str]) -> None:
        self._settle()
        reference = attrs.get("r", "")
        self._go_to(int(reference[:9]) - 1 if reference.isdigit() else self._row + 1)
        self._column = -1
        notes = self.notes
        if attrs.get("hidden") in {"1", "true"} and len(notes.hidden_rows) < MOST_NOTED:
            notes.hidden_rows.append(self._row)

    def _go_to(self, row: int) -> None:
        self._row = row
        self._row_text = str(row + 1)
        self.notes.last_row = max(self.notes.last_row, row)

    def _cell(self, attrs: dict[str, str]) -> None:
        if self._formula or self._kind == "e":
            self._settle()
        notes = self.notes
        reference = attrs.get("r")
        if reference:
            letters = reference.rstrip("0123456789")
            column = _columns.get(letters, -1)
            if column < 0 or reference[len(letters) :] != self._row_text:
                row, column = split_reference(reference)
                self._go_to(max(self._row, row))
            self._column = column
        else:
            self._column += 1
        notes.cells += 1
        if self._column > notes.last_column:
            notes.last_column = self._column
        self._kind = attrs.get("t", "")

    def _listen(self) -> None:
        self._text = []
        self._parser.CharacterDataHandler = self._text.append

    def _settle_none(self) -> None:
        self._parser.CharacterDataHandler = None

    def _settle(self) -> None:
        """A cell with a formula or an error has ended: note it if it has no value."""
        text = "".join(self._text)
        if self._kind == "e":
            self._note(text or "#N/A")
        elif self._formula and not text and self._kind != "str":
            self._note("")
        self._parser.CharacterDataHandler = None
        self._formula, self._kind, self._text = False, "", []

    def _note(self, text: str) -> None:
        if len(self.notes.odd) < MOST_NOTED:
            self.notes.odd.append((self._row, self._column, text[:20]))

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        ends = (*split_reference(first), *split_reference(last or first))
        if len(self.notes.merged) < MOST_NOTED and min(ends) >= 0:
            self.notes.merged.append(ends)

    def finish(self) -> Notes:
        self._settle()
        self.close()
        return self.notes


def refuse_archive(archive: zipfile.ZipFile) -> None:
    """Raises ``TooLarge`` by what the archive itself declares."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise TooLarge
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise TooLarge


def sheets(archive: zipfile.ZipFile) -> dict[str, Notes]:
    """Notes by part name of every XML part, and of whatever the workbook points to.

    Raises:
        TooLarge: more cells (largest row x largest column) or bytes than allowed.
        SAXException, DefusedXmlException: a part is not plain XML.
    """
    pointed = set(targets(archive).values())
    found: dict[str, Notes] = {}
    area = unpacked = 0
    for part in archive.infolist():
        name = part.filename
        if name.lower().endswith(_MEDIA) and name not in pointed:
            continue
        parser = _SheetParser()
        with archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                unpacked += len(chunk)
                parser.feed(chunk)
                notes = parser.notes
                here = (notes.last_row + 1) * (notes.last_column + 1)
                if unpacked > MOST_UNPACKED or max(area + here, notes.cells) > MOST_CELLS:
                    raise TooLarge
        found[name] = parser.finish()
        notes = found[name]
        area += (notes.last_row + 1) * (notes.last_column + 1)
        if area > MOST_CELLS:
            raise TooLarge
    return found


class _Collector(DefusedExpatParser):  # type: ignore[misc]
    """Attributes of every tag with one local name."""

    def __init__(self, wanted: str) -> None:
        super().__init__(forbid_dtd=True)
        self.wanted = wanted
        self.found: list[dict[str, str]] = []

    def reset(self) -> None:
        super().reset()
        self._parser.EndElementHandler = None
        self._parser.CharacterDataHandler = None

    def start_element(self, name: str, attrs: dict[str, str]) -> None:
        if name.rpartition(":")[2] == self.wanted:
            self.found.append({key.rpartition(":")[2]: value for key, value in attrs.items()})


def _tags(archive: zipfile.ZipFile, part: str, wanted: str) -> list[dict[str, str]]:
    try:
        info = archive.getinfo(part)
    except KeyError:
        return []
    if info.file_size > 8 * 1024 * 1024:
        raise TooLarge
    collector = _Collector(wanted)
    collector.feed(archive.read(info))
    collector.close()
    return collector.found


def targets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Part names the workbook points to, by relation id."""
    found = {}
    for tag in _tags(archive, "xl/_rels/workbook.xml.rels", "Relationship"):
        target = tag.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        found[tag.get("Id", "")] = posixpath.normpath(path)
    return found


def parts_by_sheet(archive: zipfile.ZipFile) -> dict[str, str]:
    """Part name of each sheet, by the sheet's name."""
    pointed = targets(archive)
    return {
        tag.get("name", ""): pointed.get(tag.get("id", ""), "")
        for tag in _tags(archive, "xl/workbook.xml", "sheet")
    }
