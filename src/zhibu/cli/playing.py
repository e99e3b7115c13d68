"""Playing the worked examples of a pack folder, told step by step, in a database of its own.

The database lies in memory, the papers that come out of the examples in a folder of its own;
both are gone with the command: an installation is only read, for the packs installed there,
and needs not be there at all.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from zhibu.cli.console import DONE, FAULTS, USAGE, Ended, has_installation, say
from zhibu.core import once
from zhibu.packs import library, meaning
from zhibu.packs.reading import Pack, files_of, read


def play(folder: Path, examples: Sequence[str]) -> int:
    """Tell how each example goes; 0 where all go as they say.

    Faults that only say what is still to be written keep nobody from looking.

    Raises:
        Ended: the pack cannot be played, or an example is named that it has not.
    """
    try:
        pack, faults = read(files_of(folder.resolve()))
    except (OSError, ValueError) as error:
        raise Ended(FAULTS) from error  # as the check has said
    beside = list(library.packs().values()) if has_installation() else []
    known = {one.id: one for one in beside} or library.shipped()
    if pack is None or faults or meaning.faults(pack, known):
        raise Ended(FAULTS, "例子没有走：先把上面的改好。")
    for name in examples:
        if name not in pack.examples:
            there = "、".join(sorted(pack.examples)) or "一个也没有"
            raise Ended(USAGE, f"没有例子 {name}。有的是：{there}。")
    with tempfile.TemporaryDirectory(prefix="zhibu-play-") as media, library.trying(*beside):
        _move_away(media)
        return _played(pack, sorted(examples or pack.examples))


def _move_away(media: str) -> None:
    """From here on this process works on an empty database in memory, its files in ``media``."""
    settings.MEDIA_ROOT = media
    connections["default"].close()
    connections.settings["default"].update(
        ENGINE="django.db.backends.sqlite3", NAME=":memory:", CONN_MAX_AGE=None,
        OPTIONS={"transaction_mode": "IMMEDIATE"},
    )  # fmt: skip
    del connections["default"]
    once.forget("packs")
    call_command("migrate", verbosity=0, interactive=False)


def _played(pack: Pack, names: Sequence[str]) -> int:
    from zhibu.activities.replay import telling

    otherwise = 0
    for name in names:
        told = telling.tell(pack, name)
        otherwise += not told.is_as_expected
        say()
        for line in telling.written(told):
            say(line)
    say()
    if otherwise:
        say(f"{len(names)} 个例子，{otherwise} 个和写的不一样。")
        return FAULTS
    say(f"{len(names)} 个例子，都和写的一样。")
    return DONE
