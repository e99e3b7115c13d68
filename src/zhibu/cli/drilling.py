"""A restore drill: back up, restore elsewhere, compare every row, throw it away."""

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from zhibu.cli import archiving, comparing
from zhibu.cli.console import DONE, FAULTS, Ended, acting, say


def drill(*, as_user: str) -> int:
    """See that a backup made now restores to the very same rows; nothing here changes."""
    with acting("drill", as_user) as by:
        from django.conf import settings
        from django.utils import timezone

        from zhibu.accounts import rules
        from zhibu.core.snapshot import reading
        from zhibu.core.verdicts import require

        require(rules.may_back_up(by))
        began = time.monotonic()
        with tempfile.TemporaryDirectory(dir=settings.HOME, prefix="drill-") as name, reading():
            folder = Path(name)
            file = folder / "drill.zip"
            _, rows = archiving.write(file, at=timezone.now())
            made = time.monotonic()
            with _restored(file, folder / "home") as target:
                found = comparing.differences("default", target, apart_from=archiving.LEFT_OUT)
    if found:
        names = "、".join(f"{table}（{count} 行）" for table, count in found.items())
        raise Ended(FAULTS, f"恢复出来的不一样：{names}。")
    say(f"演练好了：{sum(rows.values())} 行逐行一样，核验通过。")
    say(f"备份 {made - began:.0f} 秒，恢复和比对 {time.monotonic() - made:.0f} 秒。")
    return DONE


@contextmanager
def _restored(file: Path, home: Path) -> Iterator[str]:
    """The archive restored, migrated and verified beside the installation."""
    from django.conf import settings
    from django.db import connection

    from zhibu.config.databases import of_url

    home.mkdir(mode=0o700)
    with archiving.opened(file) as archive:
        manifest = archiving.manifest_of(archive)
        archiving.unpack(archive, manifest, home)
    if connection.vendor == "sqlite":
        archiving.prepare_sqlite(home, manifest, archiving.Wanted())
        with comparing.beside(of_url("", home)) as target:
            yield target
        return
    name = f"zhibu_drill_{secrets.token_hex(4)}"
    address = urlunsplit(urlsplit(settings.ENV.database)._replace(path=f"/{name}"))
    archiving.run_tool("createdb", name)
    try:
        dump = home / archiving.DATABASES["postgresql"]
        archiving.run_tool(
            "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
            f"--dbname={name}", str(dump),
        )  # fmt: skip
        archiving.settled(home, address, archiving.Wanted())
        with comparing.beside(of_url(address, home)) as target:
            yield target
    finally:
        archiving.run_tool("dropdb", "--if-exists", name)
