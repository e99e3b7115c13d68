"""Backups by the clock: a new one when the rule says so, the oldest ones thrown away."""

from datetime import datetime
from pathlib import Path

PREFIX, SUFFIX = "zhibu-", ".zip"
NAME = "cli.backup"


def register() -> None:
    """Put the job on the schedule of this process, where a folder is set."""
    from django.conf import settings

    from zhibu.core import jobs

    if settings.BACKUP_FOLDER and NAME not in {job.name for job in jobs.schedule()}:
        jobs.every(settings.BACKUP_CRON, name=NAME)(back_up)


def back_up(at: datetime) -> Path:
    """Write a backup named by its time, then delete all but the newest ones of ours."""
    from django.conf import settings
    from django.utils import timezone

    from zhibu.accounts import actions as accounts
    from zhibu.cli import archiving
    from zhibu.cli.console import noted

    folder: Path = settings.BACKUP_FOLDER or settings.HOME / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file: Path = folder / f"{PREFIX}{timezone.localtime(at):%Y%m%d-%H%M%S}{SUFFIX}"
    archiving.write(file, at=at)
    with noted("schedule"):
        accounts.note_backup(by=accounts.ensure_system_account(at), at=at)
    for old in made(folder)[settings.BACKUP_KEEP :]:
        old.unlink()
    return file


def made(folder: Path) -> list[Path]:
    """Scheduled backups there, newest first; other files are none of ours."""
    return sorted(folder.glob(f"{PREFIX}????????-??????{SUFFIX}"), reverse=True)
