"""The users' handbook: chapters of plain Markdown beside this file, read once.

A chapter has one heading, ``<!-- 角色: … -->`` naming the roles it is for, and a task under
each second heading: ``<!-- 页面: … -->`` names the pages whose foot leads to it. A task has
numbered steps, paragraphs and pictures. Anything else is a fault: what is not understood
is not guessed at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "handbook"
ORDER = ("member", "secretary", "township", "county", "administrators", "resident")
_MARK = re.compile(r"<!-- (角色|页面): (.+) -->")
_PICTURE = re.compile(r"!\[(.+)\]\((?:\.\./)*static/(handbook/[a-z0-9-]+\.png)\)")
_STEP = re.compile(r"\d+\. (.+)")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a task. ``kind``: text, steps or picture; ``lines`` has one text, the steps,
    or what the picture shows; ``picture`` is a static file."""

    kind: str
    lines: tuple[str, ...]
    picture: str = ""


@dataclass
class Task:
    """One thing to do. ``id`` is its number in the chapter, as its anchor."""

    title: str
    id: str
    pages: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Chapter:
    """What one sort of reader does. ``roles`` are ids of the catalogue of roles."""

    name: str
    title: str = ""
    about: str = ""
    roles: list[str] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


class Unreadable(Exception):
    """A line of a chapter that is none of the known kinds."""


@cache
def chapters() -> tuple[Chapter, ...]:
    """Every chapter, in order."""
    return tuple(read(name, (FOLDER / f"{name}.md").read_text("utf-8")) for name in ORDER)


def read(name: str, text: str) -> Chapter:
    """A chapter from its text.

    Raises:
        Unreadable: a line that is not understood.
    """
    chapter = Chapter(name)
    for lines in _groups(text):
        first = lines[0]
        if mark := _MARK.fullmatch(first):
            place = chapter.roles if mark[1] == "角色" else chapter.tasks[-1].pages
            place += mark[2].split()
        elif first.startswith("# "):
            chapter.title = first[2:]
        elif first.startswith("## "):
            chapter.tasks.append(Task(first[3:], f"t{len(chapter.tasks) + 1}"))
        elif first.startswith(("#", "-", "|", ">", "`", "<")):
            raise Unreadable(f"{name}：{first}")
        elif chapter.tasks:
            chapter.tasks[-1].blocks.append(_block(name, lines))
        else:
            chapter.about = " ".join(lines)
    return chapter


def _groups(text: str) -> Iterator[list[str]]:
    """Lines between empty lines; headings and marks stand alone."""
    group: list[str] = []
    for line in [*text.splitlines(), ""]:
        alone = line.startswith(("#", "<!--"))
        if group and (not line.strip() or alone):
            yield group
            group = []
        if alone:
            yield [line.strip()]
        elif line.strip():
            group.append(line.strip())


def _block(name: str, lines: list[str]) -> Block:
    if picture := _PICTURE.fullmatch(lines[0]):
        return Block("picture", (picture[1],), picture[2])
    steps = [_STEP.fullmatch(line) for line in lines]
    if all(steps):
        return Block("steps", tuple(step[1] for step in steps if step))
    if any(steps) or "![" in "".join(lines):
        raise Unreadable(f"{name}：{lines[0]}")
    return Block("text", (" ".join(lines),))


def chapter(name: str) -> Chapter | None:
    return next((one for one in chapters() if one.name == name), None)


def own(roles: set[str]) -> list[Chapter]:
    """Chapters for somebody with these roles; what every member may do comes last."""
    found = [one for one in chapters() if roles & set(one.roles)]
    return sorted(found, key=lambda one: one.name == ORDER[0])


def about(page: str, roles: set[str]) -> tuple[Chapter, Task] | None:
    """Where a page is told of, in a chapter of one's own before another."""
    for one in [*own(roles), *chapters()]:
        for task in one.tasks:
            if page in task.pages:
                return one, task
    return None
