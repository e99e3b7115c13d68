"""Which of several people of one name a table means: 王红（1980-03）is the one born then."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypeVar

BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]")
_BORN = re.compile(r"((?:19|20)\d\d)[-.年/]?(\d{1,2})?")


class Face(Protocol):
    """Somebody who was born on a day, if that is known."""

    @property
    def pk(self) -> int: ...

    @property
    def born_on(self) -> date | None: ...


F = TypeVar("F", bound=Face)


def hinted(faces: Sequence[F], hint: str) -> list[F]:
    """Of several of one name, those born when the brackets say."""
    match = _BORN.search(hint)
    if match is None or len({face.pk for face in faces}) < 2:
        return list(faces)
    year, month = int(match[1]), int(match[2]) if match[2] else None
    return [
        face
        for face in faces
        if face.born_on and face.born_on.year == year and month in {None, face.born_on.month}
    ]
