"""Caps while rows are brought in: counted with those there are and those above them in the table.

Looked at with everything else, and once more at the end, when nobody else can write there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from zhibu.core import caps
from zhibu.packs.schema.registers import Register
from zhibu.registers.drafts import word_full
from zhibu.registers.importing.lines import Line

Counted = dict[tuple[str, tuple[str, ...]], int]


def entry_of(book: str, line: Line) -> caps.Entry:
    assert line.since is not None
    return caps.Entry(book, line.organization, line.since, line.values)


def beyond(
    book: str, rule: Register, lines: Iterable[Line], there: Counted
) -> Iterator[tuple[Line, Mapping[str, str]]]:
    """Lines that would go beyond a cap, with place and words; ``there`` is filled with how many
    there were before. Three queries and one a cap for each line, none where nothing is capped."""
    if not caps.is_capped(book):
        return
    taken: Counted = defaultdict(int)
    for line in lines:
        rooms = caps.rooms(entry_of(book, line))
        full: dict[str, str] = {}
        for room in rooms:
            key = (room.cap, room.group)
            there[key] = room.used
            now = replace(room, used=room.used + taken[key])
            if now.is_full and not now.is_excused:
                full.update([word_full(rule, now)])
        if full:
            yield line, full
            continue
        for room in rooms:
            taken[room.cap, room.group] += 1


def places(book: str, lines: Iterable[Line]) -> set[int]:
    """Organisations in which the lines are counted, beside their own."""
    if not caps.is_capped(book):
        return set()
    return {pk for line in lines for pk in caps.counted_in(entry_of(book, line))}


def has_changed(book: str, lines: Iterable[Line], there: Counted) -> bool:
    """Whether others wrote what counts with the lines, which are all written by now."""
    if not caps.is_capped(book):
        return False
    written: Counted = defaultdict(int)
    found: Counted = {}
    for line in lines:
        for room in caps.rooms(entry_of(book, line)):
            written[room.cap, room.group] += 1
            found[room.cap, room.group] = room.used
    return any(used - written[key] != there.get(key, 0) for key, used in found.items())
