"""Bringing an installation's data up to this program: backup, migration, or all as before."""

import tempfile
from dataclasses import replace
from pathlib import Path

from zhibu.cli import archiving, installing, serving
from zhibu.cli.console import (
    BROKEN,
    DONE,
    REFUSED,
    Ended,
    acting,
    endings,
    has_installation,
    migrations_behind,
    open_program,
    say,
)


def upgrade(*, keeps_faults: bool, as_user: str) -> int:
    """Back up, migrate and verify; on any failure the data are what they were."""
    open_program()
    from django.conf import settings
    from django.utils import timezone

    if not has_installation():
        raise Ended(BROKEN, f"{settings.HOME} 里没有安装。新装：zhibu init。")
    with serving.sole(settings.HOME), endings():
        unknown = unknown_migrations()
        if unknown:
            raise Ended(
                BROKEN, f"数据比程序新（{unknown[0]} 等 {len(unknown)} 步）。请装回新的程序。"
            )
        steps = migrations_behind()
        if not steps:
            installing.collect_static()
            say("数据和程序已经是一个版本，不用升级。")
            return DONE
        at = timezone.now()
        folder = settings.BACKUP_FOLDER or settings.HOME / "backups"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / f"before-upgrade-{timezone.localtime(at):%Y%m%d-%H%M%S}.zip"
        archiving.write(file, at=at)
        say(f"升级前的备份：{file}")
        _migrate(file, keeps_faults=keeps_faults)
        installing.collect_static()
    with acting("upgrade", as_user) as by:
        from zhibu.accounts import actions as accounts

        accounts.note_upgrade(by=by, at=timezone.now())
    say(f"升级好了，走了 {steps} 步，核验通过。开网站：zhibu serve。大家要重新登录。")
    return DONE


def unknown_migrations() -> list[str]:
    """Migrations the database has seen and this program does not know."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    ours = {app for app, _ in loader.disk_migrations}
    gone = loader.applied_migrations.keys() - loader.disk_migrations.keys()
    replaced = {key for migration in loader.replacements.values() for key in migration.replaces}
    return sorted(f"{app}.{name}" for app, name in gone - replaced if app in ours)


def _migrate(file: Path, *, keeps_faults: bool) -> None:
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "postgresql":
        _migrate_postgresql(file, keeps_faults=keeps_faults)
        return
    with (
        archiving.opened(file) as archive,
        tempfile.TemporaryDirectory(dir=settings.HOME, prefix="upgrading-") as folder,
    ):
        manifest = archiving.manifest_of(archive)
        database = [m for m in manifest.members if m["name"] in archiving.DATABASES.values()]
        manifest = replace(manifest, members=database)
        archiving.unpack(archive, manifest, Path(folder))
        (Path(folder) / "media").rmdir()
        (Path(folder) / "media").symlink_to(settings.MEDIA_ROOT)
        archiving.prepare_sqlite(Path(folder), manifest, archiving.Wanted(with_faults=keeps_faults))
        archiving.put_database(Path(folder))


def _migrate_postgresql(file: Path, *, keeps_faults: bool) -> None:
    """Migrate in place; where that fails, everything is dropped and the backup put back."""
    try:
        installing.migrate()
        archiving.settle(archiving.Wanted(with_faults=keeps_faults))
    except Exception as error:
        archiving.put_back_postgresql(file)
        reason = error.message if isinstance(error, Ended) else str(error)
        code = error.code if isinstance(error, Ended) else REFUSED
        raise Ended(code, f"{reason}\n没有升级，已经恢复成升级前的样子。") from error
