"""Telling users something, and taking and answering what they say."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Q

from zhibu.core.jobs import every
from zhibu.core.verdicts import require
from zhibu.ledger import actions as ledger
from zhibu.notices import kinds, rules
from zhibu.notices.models import Feedback, Notice, Outgoing, Preference, Webhook
from zhibu.notices.pace import ready_at

if TYPE_CHECKING:
    from zhibu.accounts.models import User

AT_ONCE = 500
_TELL = """
insert into notices_notice (user_id, key, title, body, url, at) values {rows}
on conflict (user_id, key) do nothing
returning id, user_id
"""
KEEP_READ = timedelta(days=180)
KEEP_UNREAD = timedelta(days=400)


class Kind(StrEnum):
    GIVEN = "notices:feedback:given"
    ANSWERED = "notices:feedback:answered"


WORDS = {Kind.GIVEN: "提了意见", Kind.ANSWERED: "答复了意见"}

kinds.register("feedback", "您提的意见有答复了")


@transaction.atomic(savepoint=False)
def notify(
    users: Iterable[int],
    *,
    key: str,
    title: str,
    at: datetime,
    body: str = "",
    url: str = "",
) -> None:
    """Tell each of ``users`` (ids) once: a second call with the same key changes nothing.

    In the caller's transaction, so that nobody is told of what was rolled back. Titles
    and bodies name no sealed values. Where a user wants mail, or a webhook this kind of
    notice, it goes out too, by the words of its kind alone (``kinds``).
    One insert for every ``AT_ONCE`` users, and at most four queries more.
    """
    told: list[tuple[int, int]] = []
    everybody = sorted(set(users))
    for start in range(0, len(everybody), AT_ONCE):
        some = everybody[start : start + AT_ONCE]
        told += _written(some, [key, title[:100], body[:500], url], at)
    if told and kinds.goes_out(kinds.of(key)):
        _put_out(told, kinds.of(key), at)


def _written(users: Sequence[int], said: Sequence[str], at: datetime) -> list[tuple[int, int]]:
    """Id and user of the notices that were not there before, whoever else writes the same."""
    moment = connection.ops.adapt_datetimefield_value(at)
    rows = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(users))
    values = [value for user in users for value in (user, *said, moment)]
    with connection.cursor() as cursor:
        cursor.execute(_TELL.format(rows=rows), values)
        return [(pk, user) for pk, user in cursor.fetchall()]


def _put_out(told: Sequence[tuple[int, int]], kind: str, at: datetime) -> None:
    """Write to the outbox what leaves the platform of new notices."""
    wanting: dict[int, datetime] = {}
    for start in range(0, len(told), AT_ONCE):
        users = [user for _, user in told[start : start + AT_ONCE]]
        rows = Preference.objects.confirmed().filter(user__in=users)
        wanting |= {
            user: ready_at(rhythm, hour, at)
            for user, rhythm, hour in rows.values_list("user", "rhythm", "hour")
        }
    hooks = Webhook.objects.filter(is_active=True).order_by("pk")
    listening = [
        (pk, ready_at(rhythm, hour, at))
        for pk, asked, rhythm, hour in hooks.values_list("pk", "kinds", "rhythm", "hour")
        if kind in asked
    ]
    out = [
        Outgoing(notice_id=pk, ready_at=wanting[user]) for pk, user in told if user in wanting
    ] + [
        Outgoing(notice_id=pk, webhook_id=hook, ready_at=ready)
        for hook, ready in listening
        for pk, _ in told
    ]
    Outgoing.objects.bulk_create(out, batch_size=AT_ONCE)


def mark_read(user: "User", *, at: datetime, notice: Notice | None = None) -> int:
    """Mark one notice, or all, of ``user`` as read; how many changed."""
    rows = Notice.objects.visible_to(user).unread()
    if notice is not None:
        rows = rows.filter(pk=notice.pk)
    return rows.update(read_at=at)


@transaction.atomic
def give_feedback(*, page: str, text: str, by: "User | None", at: datetime) -> Feedback:
    """Take what a user says about ``page`` (a path without its query string); ``by`` is None of
    somebody without an account."""
    feedback = Feedback.objects.create(page=page, text=text, by=by, at=at)
    ledger.record(Kind.GIVEN, feedback, organization=None, by=by, at=at)
    return feedback


@transaction.atomic
def answer(feedback: Feedback, *, text: str, by: "User", at: datetime) -> Feedback:
    """Answer once; whoever asked is told, if they have an account.

    Raises:
        Refused: ``rules.may_answer`` refuses.
    """
    feedback = Feedback.objects.select_for_update().get(pk=feedback.pk)
    require(rules.may_answer(by, feedback))
    feedback.answer, feedback.answered_by, feedback.answered_at = text, by, at
    feedback.save(update_fields=["answer", "answered_by", "answered_at"])
    ledger.record(Kind.ANSWERED, feedback, organization=None, by=by, at=at)
    notify(
        [feedback.by_id] if feedback.by_id else [],
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
