"""Telling users something, and taking and answering what they say."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from zhibu.core.jobs import every
from zhibu.core.verdicts import require
from zhibu.ledger import actions as ledger
from zhibu.notices import rules
from zhibu.notices.models import Feedback, Notice

if TYPE_CHECKING:
    from zhibu.accounts.models import User

KEEP_READ = timedelta(days=180)
KEEP_UNREAD = timedelta(days=400)


class Kind(StrEnum):
    GIVEN = "notices:feedback:given"
    ANSWERED = "notices:feedback:answered"


WORDS = {Kind.GIVEN: "提了意见", Kind.ANSWERED: "答复了意见"}


def notify(
    users: Iterable[int], *, key: str, title: str, at: datetime, body: str = "", url: str = ""
) -> None:
    """Tell each of ``users`` (ids) once: a second call with the same key changes nothing.

    In the caller's transaction, so that nobody is told of what was rolled back. Titles
    and bodies name no sealed values.
    """
    Notice.objects.bulk_create(
        [
            Notice(user_id=user, key=key, title=title[:100], body=body[:500], url=url, at=at)
            for user in sorted(set(users))
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


def mark_read(user: "User", *, at: datetime, notice: Notice | None = None) -> int:
    """Mark one notice, or all, of ``user`` as read; how many changed."""
    rows = Notice.objects.visible_to(user).unread()
    if notice is not None:
        rows = rows.filter(pk=notice.pk)
    return rows.update(read_at=at)


@transaction.atomic
def give_feedback(*, page: str, text: str, by: "User", at: datetime) -> Feedback:
    """Take what a user says about ``page`` (a path without its query string)."""
    feedback = Feedback.objects.create(page=page, text=text, by=by, at=at)
    ledger.record(Kind.GIVEN, feedback, organization=None, by=by, at=at)
    return feedback


@transaction.atomic
def answer(feedback: Feedback, *, text: str, by: "User", at: datetime) -> Feedback:
    """Answer once; whoever asked is told.

    Raises:
        Refused: ``rules.may_answer`` refuses.
    """
    feedback = Feedback.objects.select_for_update().get(pk=feedback.pk)
    require(rules.may_answer(by, feedback))
    feedback.answer, feedback.answered_by, feedback.answered_at = text, by, at
    feedback.save(update_fields=["answer", "answered_by", "answered_at"])
    ledger.record(Kind.ANSWERED, feedback, organization=None, by=by, at=at)
    notify(
        [feedback.by_id],
        key=f"feedback:{feedback.pk}",
        title="您提的意见有答复了",
        body=text,
        url=feedback.get_absolute_url(),
        at=at,
    )
    return feedback


@every("30 3 * * *", name="notices.prune")
def prune(at: datetime) -> int:
    """Drop old notices: they only point at records that stay; how many."""
    old = Q(read_at__lt=at - KEEP_READ) | Q(at__lt=at - KEEP_UNREAD)
    gone, _ = Notice.objects.filter(old).delete()
    return gone
