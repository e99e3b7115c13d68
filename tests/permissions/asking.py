"""Asking one address as one standing, and reading the answer as the table writes it."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.imports.sheets import organizations
from tests.imports.workbooks import workbook
from tests.packs import makers
from tests.permissions.scene import Scene
from tests.permissions.table import BODIES, Line
from tests.scenes import PNG

ZIPPED = ("officedocument", "zip")


@dataclass(frozen=True)
class Answer:
    """``letter`` as in the table; ``faults`` are promises of that letter that were not kept."""

    letter: str
    faults: tuple[str, ...]


def filled(text: str, scene: Scene) -> str:
    return text.format_map(scene.facts)


@cache
def _pack() -> bytes:
    """A pack that nobody has proposed yet, as a zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in makers.files().items():
            archive.writestr(name, text.replace("demo/small", "demo/other"))
    return made.getvalue()


@cache
def _roster() -> bytes:
    return workbook(organizations(["H3", "新村党支部", "党支部", "", "1960-01-01", ""]))


def body(path: str, scene: Scene) -> dict[str, Any]:
    """The form for ``path``; an upload is made anew each time."""
    found: dict[str, Any] = {}
    for name, value in BODIES[path].items():
        if value == "a file":
            found[name] = SimpleUploadedFile("照片.png", PNG, "image/png")
        elif value == "a pack":
            found[name] = SimpleUploadedFile("样例.zip", _pack())
        elif value == "a roster":
            found[name] = SimpleUploadedFile("新村.xlsx", _roster())
        elif isinstance(value, list):
            found[name] = [filled(one, scene) for one in value]
        else:
            found[name] = filled(value, scene)
    return found


def send(client: Client, line: Line, scene: Scene) -> Any:
    address = filled(line.path, scene)
    if line.method == "POST":
        return client.post(address, body(line.path, scene))
    return client.get(address)


def text_of(response: Any) -> str:
    """Everything that can be read in an answer, workbooks and Word files unpacked."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if any(kind in response["Content-Type"] for kind in ZIPPED):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    return str(content.decode("utf-8", "replace"))


def ask(line: Line, who: str, scene: Scene) -> Answer:
    with scene.undone() as statements:
        response = send(scene.client(who), line, scene)
        text = text_of(response)
    written = statements.written
    letter = _letter(line, response, text, bool(written))
    faults = [*_faults(line, letter, text, written)]
    if letter == "-" and _main(text) != _nowhere(who, scene):
        faults.append("told more than of an address that is not there")
    return Answer(letter, tuple(faults))


@cache
def _nowhere(who: str, scene: Scene) -> str:
    """What an address that is not there says to ``who``."""
    return _main(text_of(scene.client(who).get("/nowhere/")))


def _main(page: str) -> str:
    """What a page says, without the frame and the foot around it."""
    return page[page.index("<main") : page.index("<footer")]


def _letter(line: Line, response: Any, text: str, is_written: bool) -> str:
    status = response.status_code
    if status == 302 and response["Location"].startswith("/accounts/sign-in/?next="):
        return "s"
    if status in {403, 404}:
        return {403: "x", 404: "-"}[status]
    if status not in {200, 302}:
        return str(status)
    if line.method == "POST" and line.changes:
        return "y" if is_written else "o"
    return "y" if not line.shows or line.shows in text else "o"


def _faults(line: Line, letter: str, text: str, written: list[str]) -> Iterator[str]:
    if written and (line.method == "GET" or not line.changes or letter != "y"):
        yield f"wrote to {written}"
    if letter == "x" and ("z-say no" not in text or "您没有权限办这件事" in text):
        yield "refused without the rule's sentence"
