"""What the worker does for imports: check, bring in, take back; tidy up on schedule.

Where no worker is running, a page calls the same functions and waits.
"""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from zhibu.accounts.models import User
from zhibu.core.jobs import every, is_worked
from zhibu.core.verdicts import Refused
from zhibu.imports import actions, checking, queries, storage
from zhibu.imports.checking import Preview
from zhibu.imports.models import Batch
from zhibu.imports.targets import Check, Ground


def take_in(
    file: UploadedFile[Any], ground: Ground, *, subject: str = "", by: User, at: datetime
) -> Batch:
    """Open a batch for a file that somebody handed in, and check it, or leave that to the worker.

    Raises:
        Refused: ``rules.may_run`` refuses.
    """
    content = file.read()
    batch = actions.begin(
        file_name=file.name or "名册", file_digest=checking.digest_of(content), ground=ground,
        subject=subject, by=by, at=at,
    )  # fmt: skip
    storage.put(batch, "workbook", content)
    if is_worked(at):
        with transaction.atomic():
            check_file.enqueue(actions.leave_check(batch).pk)
    else:
        check_now(batch, by=by)
    return batch


def check_now(batch: Batch, *, by: User) -> tuple[Check, Preview] | None:
    """Check the waiting file and keep what was found; None where the file is gone."""
    content = storage.get(batch, "workbook")
    if content is None:
        return None
    check, preview = checking.run(
        content,
        file_name=batch.file_name,
        by=by,
        ground=Ground(batch.organization_id, batch.path),
        subject=batch.subject,
        today=timezone.localdate(),
    )
    queries.keep_preview(batch, preview)
    if preview.refused_rows:
        actions.keep_rest(batch, check, preview)
    actions.note_check(batch, preview)
    return check, preview


def apply_now(batch: Batch, *, by: User) -> Batch:
    """Check once more and bring in; a refusal is kept for the page to say."""
    done = check_now(batch, by=by)
    if done is None:
        return actions.say_gone(batch, at=timezone.now())
    check, preview = done
    try:
        batch = actions.apply(
            batch,
            check=check,
            preview=preview,
            clean_only=batch.clean_only,
            by=by,
            at=timezone.now(),
            clock=timezone.now,
        )
    except Refused as refused:
        return actions.say_refused(batch, refused.verdict.reason)
    storage.drop(batch, "workbook", "preview")
    if not preview.refused_rows:
        storage.drop(batch, "rest")
    return batch


@task
def check_file(number: int) -> None:
    batch = Batch.objects.filter(pk=number, state=Batch.State.CHECKING).first()
    if batch is not None:
        batch = actions.take_up_check(batch, at=timezone.now())
        check_now(batch, by=User.objects.get(pk=batch.by_id))


@task
def bring_in(number: int, by: int) -> None:
    batch = Batch.objects.filter(pk=number, state=Batch.State.QUEUED).first()
    if batch is not None:
        apply_now(batch, by=User.objects.get(pk=by))


@task
def take_back(number: int, by: int) -> None:
    batch = Batch.objects.filter(pk=number, state=Batch.State.APPLIED).first()
    if batch is not None:
        undo_now(batch, by=User.objects.get(pk=by))


def undo_now(batch: Batch, *, by: User) -> Batch:
    """Take back; a refusal is kept for the page to say."""
    try:
        return actions.undo(batch, by=by, at=timezone.now(), clock=timezone.now)
    except Refused as refused:
        return actions.say_refused(batch, refused.verdict.reason)


@every("* * * * *", name="imports.recover")
def recover(at: datetime) -> None:
    actions.recover(at, clock=timezone.now)


@every("20 3 * * *", name="imports.prune")
def prune(at: datetime) -> None:
    actions.prune(at)
