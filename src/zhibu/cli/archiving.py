"""Backup and restore: the database and the files in one archive, the keys never.

The archive is a zip: ``manifest.json`` (last), ``database.sqlite3`` or ``database.dump``,
and ``media/…``. The manifest names every member with its digest, the rows of every table
and the fingerprints of the keys that the sealed values need.
"""

import errno
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from zhibu import __version__
from zhibu.cli import serving, verifying
from zhibu.cli.console import (
    BROKEN,
    DONE,
    FAULTS,
    REFUSED,
    Ended,
    acting,
    endings,
    open_program,
    say,
)
from zhibu.core import archives

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
LEFT_OUT = ("django_session",)  # whoever was signed in signs in again
CHUNK = 1024 * 1024
DAMAGED = (None, errno.EINVAL)  # what reading a damaged archive gives, unlike a full disk


# --- backup


def backup(file: Path, *, as_user: str) -> int:
    """Write a new archive; it is complete or not there at all."""
    if file.exists():
        raise Ended(REFUSED, f"{file} 已经有了，不覆盖。请换一个名字。")
    with acting("backup", as_user) as by:
        from django.utils import timezone

        from zhibu.accounts import actions as accounts
        from zhibu.accounts import rules
        from zhibu.core.verdicts import require

        at = timezone.now()
        require(rules.may_back_up(by))
        members, rows = write(file, at=at)
        accounts.note_backup(by=by, at=at)
    say(f"已备份：{file}，{file.stat().st_size / 1e6:.1f} MB，")
    say(f"数据 {sum(rows.values())} 行，附件 {members - 1} 个。密钥不在里面，请另外保管。")
    return DONE


def write(file: Path, *, at: datetime) -> tuple[int, dict[str, int]]:
    """Write a new archive, whole or not at all: how many members, and rows by table.

    Raises:
        Ended: it cannot be written.
    """
    part = file.with_name(f".{file.name}.part")
    try:
        made = _written(part, at.isoformat())
        part.replace(file)
    except OSError as error:
        raise Ended(BROKEN, f"写不了 {file}：{error.strerror}。") from error
    finally:
        part.unlink(missing_ok=True)
    return made


def _written(part: Path, made_at: str) -> tuple[int, dict[str, int]]:
    """Write the archive to ``part``: how many members, and rows by table."""
    from django.conf import settings
    from django.db import connection

    from zhibu.config import keys
    from zhibu.files import storage

    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with (
        os.fdopen(descriptor, "wb") as raw,
        zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        tempfile.TemporaryDirectory(dir=part.parent) as folder,
    ):
        copy = Path(folder) / DATABASES[connection.vendor]
        rows = _dump_postgresql(copy) if connection.vendor == "postgresql" else _copy_sqlite(copy)
        members = [_add(archive, copy, copy.name)]
        members += [
            _add(archive, storage.path_of(name), f"media/{name}") for name in storage.stored()
        ]
        manifest = {
            "format": FORMAT,
            "version": __version__,
            "made_at": made_at,
            "engine": connection.vendor,
            "keys": keys.fingerprints(settings.KEYRING),
            "ledger_key": _newest_key(),
            "rows": rows,
            "members": members,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    with part.open("rb") as done:
        os.fsync(done.fileno())
    return len(members), rows


def _newest_key() -> str:
    """Id of the key that signed the newest head, "" where none did."""
    from zhibu.ledger.models import Head

    newest = Head.objects.order_by("-number").first()
    return newest.key_id if newest else ""


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> dict[str, Any]:
    """Add a file, reading it once; its line of the manifest."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return {"name": name, "size": size, "sha256": digest.hexdigest()}


def _copy_sqlite(copy: Path) -> dict[str, int]:
    """Copy the database in one go while others write; rows by table of the copy.

    Never page by page: each write from elsewhere would begin it again.
    """
    import sqlite3

    from django.db import connection

    connection.ensure_connection()
    with sqlite3.connect(copy) as target:
        connection.connection.backup(target, pages=-1)
    with sqlite3.connect(copy, isolation_level=None) as target:
        for table in LEFT_OUT:
            target.execute(f"delete from {table}")  # noqa: S608 - a constant
        target.execute("pragma journal_mode = delete")
        tables = target.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        ).fetchall()
        rows = {
            name: target.execute(f'select count(*) from "{name}"').fetchone()[0]  # noqa: S608
            for (name,) in sorted(tables)
        }
    target.close()
    return rows


def _dump_postgresql(copy: Path) -> dict[str, int]:
    """Dump the database as of one moment; rows by table of that moment."""
    from django.db import connection

    from zhibu.core.snapshot import reading

    with reading(), connection.cursor() as cursor:
        cursor.execute("select pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        run_tool(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            *(f"--exclude-table-data={table}" for table in LEFT_OUT),
            f"--file={copy}",
        )
        rows = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"select count(*) from {connection.ops.quote_name(table)}")  # noqa: S608
            rows[table] = 0 if table in LEFT_OUT else cursor.fetchone()[0]
    return rows


def run_tool(*command: str) -> None:
    """Run a PostgreSQL client program against our database.

    Raises:
        Ended: it is not installed, or it fails.
    """
    from django.db import connection

    place = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": str(place["HOST"]),
        "PGPORT": str(place["PORT"] or 5432),
        "PGUSER": str(place["USER"]),
        "PGPASSWORD": str(place["PASSWORD"]),
        "PGDATABASE": str(place["NAME"]),
    }
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError as error:
        raise Ended(BROKEN, f"没有找到 {command[0]}，请安装 PostgreSQL 客户端。") from error
    except subprocess.CalledProcessError as error:
        raise Ended(BROKEN, f"{command[0]} 没做成：{error.stderr.strip()}") from error


# --- restore


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    version: str
    made_at: str
    engine: str
    keys: dict[str, str]
    rows: dict[str, int]
    members: list[dict[str, Any]]
    ledger_key: str = ""


def restore(file: Path, *, keeps_faults: bool, accepts_older: bool, as_user: str) -> int:
    """Put an archive in the place of an empty installation.

    Everything is unpacked, migrated and verified beside it first; what is there now stays
    until that has gone well.
    """
    open_program()
    from django.conf import settings

    if not settings.KEYS_EXIST:
        raise Ended(
            BROKEN,
            f"没有密钥文件 {settings.KEYS_PATH}。请先照恢复单把密钥放好，再恢复。",
        )
    with serving.sole(settings.HOME), endings(), opened(file) as archive:
        manifest = manifest_of(archive)
        _refuse_unfit(manifest)
        if not keeps_faults:
            _refuse_unsigned(manifest)
        with tempfile.TemporaryDirectory(dir=settings.HOME, prefix="restoring-") as folder:
            unpack(archive, manifest, Path(folder))
            wanted = Wanted(with_faults=keeps_faults, older=accepts_older)
            _replace(Path(folder), manifest, wanted)
    with acting("restore", as_user) as by:
        from django.utils import timezone

        from zhibu.accounts import actions as accounts

        accounts.note_restore(by=by, at=timezone.now())
        if accepts_older:
            own_up(f"恢复 {manifest.made_at[:10]} 的备份", by)
    say(
        f"已恢复 {manifest.made_at} 的备份（{manifest.version} 版），"
        f"{sum(manifest.rows.values())} 行。"
    )
    say("原来登录着的人都要重新登录。")
    return DONE


@contextmanager
def opened(file: Path) -> Iterator[zipfile.ZipFile]:
    with file.open("rb") as content:  # what the disk refuses is no fault of the backup
        try:
            archive = zipfile.ZipFile(content)
        except archives.BROKEN as error:
            raise Ended(FAULTS, f"{file} 不是完好的备份文件。") from error
        yield archive


def manifest_of(archive: zipfile.ZipFile) -> Manifest:
    try:
        raw = json.loads(archive.read(MANIFEST))
    except archives.BROKEN as error:
        raise Ended(FAULTS, "备份里没有清单，可能没有备份完。") from error
    if raw["format"] != FORMAT:
        raise Ended(FAULTS, f"备份是第 {raw['format']} 种格式，这个版本只认第 {FORMAT} 种。")
    return Manifest(
        raw["version"],
        raw["made_at"],
        raw["engine"],
        raw["keys"],
        raw["rows"],
        raw["members"],
        raw.get("ledger_key", ""),
    )


def _refuse_unfit(manifest: Manifest) -> None:
    """Raises ``Ended`` where the archive does not fit this place, or the place is not empty."""
    from django.conf import settings
    from django.db import connection

    from zhibu.config import keys

    ours = keys.fingerprints(settings.KEYRING)
    if any(ours.get(name) != mark for name, mark in manifest.keys.items()):
        raise Ended(
            BROKEN,
            f"{settings.KEYS_PATH} 不是这份备份的密钥（备份要 {manifest.keys['index']}，"
            f"这里是 {ours['index']}）。请照恢复单换成备份时的密钥。",
        )
    if manifest.engine != connection.vendor:
        raise Ended(REFUSED, f"备份是 {manifest.engine} 的，这里用 {connection.vendor}，不能恢复。")
    if _is_in_use():
        raise Ended(REFUSED, f"{settings.HOME} 里已经有数据，不覆盖。请恢复到新装的目录。")


def _refuse_unsigned(manifest: Manifest) -> None:
    """Raises ``Ended`` where the key that signed the archive's heads is not here."""
    from django.conf import settings

    from zhibu.ledger import signing

    try:
        held = signing.held()
    except signing.KeyUnreadable as error:
        raise Ended(BROKEN, f"{error}。请照恢复单放回签名密钥。") from error
    if manifest.ledger_key and (held is None or manifest.ledger_key not in held.public):
        raise Ended(
            BROKEN,
            f"{settings.LEDGER_KEY_PATH} 没有这份备份的签名密钥（{manifest.ledger_key}）。"
            "请照恢复单放好，再恢复。恢复单也没有了，加 --with-faults 恢复，以前的签名就核对不了。",
        )


def _is_in_use() -> bool:
    """Whether the database holds anything beyond what ``init`` put there."""
    from django.db import connection

    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in ("organizations_organization", "people_person", "files_attachment"):
            if table in tables:
                cursor.execute(f"select exists (select 1 from {table})")  # noqa: S608 - a constant
                if cursor.fetchone()[0]:
                    return True
    return False


def unpack(archive: zipfile.ZipFile, manifest: Manifest, folder: Path) -> None:
    """Write out what the manifest names, and nothing else; every digest is checked."""
    wrong = []
    (folder / "media").mkdir(mode=0o700)
    for member in manifest.members:
        name = str(member["name"])
        target = (folder / name).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise Ended(FAULTS, f"备份里有不该有的路径：{name}")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with archive.open(name) as source, target.open("wb") as written:
                if _copied(source, written) != member["sha256"]:
                    wrong.append(name)
        except OSError as error:
            if error.errno not in DAMAGED:
                raise  # the disk's own, such as being full
            wrong.append(name)
        except archives.BROKEN:
            wrong.append(name)
    if wrong:
        raise Ended(
            FAULTS, f"备份坏了，有 {len(wrong)} 个文件对不上：{'、'.join(wrong[:5])}。没有恢复。"
        )


def _copied(source: IO[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What restored data may be like and still be wanted."""

    with_faults: bool = False
    older: bool = False

    @classmethod
    def of(cls, options: list[str]) -> "Wanted":
        return cls("--with-faults" in options, "--older" in options)

    @property
    def options(self) -> list[str]:
        chosen = {"--with-faults": self.with_faults, "--older": self.older}
        return [name for name, is_chosen in chosen.items() if is_chosen]


def _replace(folder: Path, manifest: Manifest, wanted: Wanted) -> None:
    if manifest.engine == "postgresql":
        _replace_postgresql(folder, wanted)
    else:
        _replace_sqlite(folder, manifest, wanted)


def _replace_sqlite(folder: Path, manifest: Manifest, wanted: Wanted) -> None:
    """Prepare a whole installation in ``folder``, then put its parts into their places."""
    prepare_sqlite(folder, manifest, wanted)
    _put_media(folder)
    put_database(folder)


def prepare_sqlite(folder: Path, manifest: Manifest, wanted: Wanted) -> Path:
    """Make what was unpacked an installation of its own, migrated and verified.

    Raises:
        Ended: rows are missing, it does not migrate, or does not verify.
    """
    from django.conf import settings

    database = folder / Path(settings.DATABASES["default"]["NAME"]).name
    (folder / DATABASES["sqlite"]).rename(database)
    _count_sqlite(database, manifest)
    settled(folder, "", wanted)
    return database


def settled(folder: Path, database: str, wanted: Wanted) -> None:
    """Migrate and verify an installation in ``folder``, in a process of its own.

    Raises:
        Ended: that went wrong; why is said already.
    """
    from django.conf import settings

    (folder / "keys").symlink_to(settings.KEYS_PATH.parent)
    (folder / "published").symlink_to(settings.PUBLISHED_PATH)
    ready = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "zhibu.cli.settling", *wanted.options],
        env={**os.environ, "ZHIBU_HOME": str(folder), "ZHIBU_DATABASE": database},
        check=False,
    )
    if ready.returncode:
        raise Ended(ready.returncode, "没有做成，原来的还在。")


def put_database(folder: Path) -> None:
    """Put a prepared SQLite database into its place, in one step."""
    from django.conf import settings
    from django.db import connection

    database = Path(settings.DATABASES["default"]["NAME"])
    connection.close()
    for leftover in ("-wal", "-shm"):
        Path(f"{database}{leftover}").unlink(missing_ok=True)
    (folder / database.name).replace(database)


def _count_sqlite(database: Path, manifest: Manifest) -> None:
    import sqlite3

    with sqlite3.connect(database) as source:
        wrong = [
            table
            for table, count in manifest.rows.items()
            if source.execute(f'select count(*) from "{table}"').fetchone()[0] != count  # noqa: S608
        ]
    source.close()
    if wrong:
        raise Ended(FAULTS, f"备份里的行数和清单对不上：{'、'.join(wrong[:5])}。没有恢复。")


def _put_media(folder: Path) -> None:
    from django.conf import settings

    media, old = Path(settings.MEDIA_ROOT), folder / "media.old"
    if media.exists():
        media.rename(old)
    (folder / "media").rename(media)


def _replace_postgresql(folder: Path, wanted: Wanted) -> None:
    """Restore in one transaction over an empty installation, then migrate and verify."""
    from django.db import connection

    from zhibu.cli.installing import migrate

    connection.close()
    run_tool(
        "pg_restore",
        "--single-transaction",
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        f"--dbname={connection.settings_dict['NAME']}",
        str(folder / DATABASES["postgresql"]),
    )
    migrate()
    _put_media(folder)
    settle(wanted)


def put_back_postgresql(file: Path) -> None:
    """Drop whatever is in the database and put an archive's dump there, in one transaction."""
    from django.conf import settings
    from django.db import connection

    with (
        opened(file) as archive,
        tempfile.TemporaryDirectory(dir=settings.HOME, prefix="restoring-") as folder,
    ):
        archive.extract(DATABASES["postgresql"], folder)
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("drop schema public cascade")
            cursor.execute("create schema public")
        connection.close()
        run_tool(
            "pg_restore",
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            f"--dbname={connection.settings_dict['NAME']}",
            str(Path(folder) / DATABASES["postgresql"]),
        )


def settle(wanted: Wanted) -> None:
    """Raises ``Ended`` where restored data do not verify or are older than what was sent out,
    unless they are wanted anyway."""
    from zhibu.ledger import outside

    faults = verifying.checked().faults
    older = [f for f in faults if f.kind in (outside.OLDER, outside.REWRITTEN)]
    others = [f for f in faults if f not in older]
    for fault in [*older, *others][: verifying.SHOWN]:
        say(f"  {fault.subject}：{fault.detail}")
    if others and not wanted.with_faults:
        raise Ended(
            FAULTS,
            f"备份里有 {len(others)} 处与存证不符。还要恢复，请加 --with-faults。",
        )
    if older and not wanted.older:
        raise Ended(
            FAULTS,
            "备份比公布过的封存头旧，备份以后的数据会没有。先找找有没有更新的备份；"
            "没有了，加 --older 恢复：会记进存证，并随以后的封存头公布。",
        )


def accept_older(reason: str, *, as_user: str) -> int:
    """Own up that the database is older than what was sent out; sealing can then go on."""
    with acting("accept-older", as_user) as by:
        lost = own_up(reason, by)
    if not lost:
        say("数据库不比公布过的旧，没有要承认的。")
        return DONE
    say(f"记下了：有 {lost} 个封存头不在现在的数据里。以后公布的封存头都带着这句话。")
    return DONE


def own_up(reason: str, by: "User") -> int:
    """Say in the ledger and outside that sealed data are lost; how many heads."""
    from django.utils import timezone

    from zhibu.accounts import actions as accounts
    from zhibu.accounts import rules
    from zhibu.core.verdicts import require
    from zhibu.ledger import outside

    at = timezone.now()
    require(rules.may_accept_loss(by))
    lost = outside.accept(reason, at)
    if lost:
        accounts.note_loss(reason=reason, by=by, at=at)
    return lost
