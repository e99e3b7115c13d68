"""What is in the outbox, sent: at least once, under the same name at every try.

Two steps. ``gather`` makes messages of what is ready, so that what stands in one never
changes; ``send`` tries what waits. A message is sent before it is marked: who dies between
the two leaves it to be sent again, with the same id, when the claim on it has run out.
"""

import smtplib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.core import mail
from zhibu.core.encryption import Unreadable
from zhibu.core.jobs import every
from zhibu.notices import actions, kinds, messages, posting, rules
from zhibu.notices.models import Delivery, Notice, Outgoing, Preference
from zhibu.notices.posting import NotSent

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
KEEP_TRYING = timedelta(days=3)
CLAIM = timedelta(minutes=10)
KEEP = timedelta(days=90)
MOST_NOTICES = 50  # in one message
MOST_AT_ONCE = 200  # messages in one run
LONGEST_RUN = timedelta(seconds=60)

kinds.register("delivery", "有消息没有发出去", here_only=True)
kinds.register("address", "您的邮箱收不到信", here_only=True)


class Unwanted(Exception):
    """Nobody wants the message any more."""


class Hopeless(NotSent):
    """The other side refused for good: trying again will not help."""


class Away(NotSent):
    """The mail server itself does not answer, or not to us: no other mail gets through either."""


# --- gathering


def gather(at: datetime) -> int:
    """Make messages of what is ready; how many.

    When the first notice for somebody is ready, what else waits for them goes along.
    """
    made = 0
    gathering = Outgoing.objects.gathering()
    ready = gathering.filter(ready_at__lte=at)
    mailed = ready.filter(webhook=None).order_by("notice__user")
    for user in mailed.values_list("notice__user", flat=True).distinct():
        made += _gathered(gathering.filter(webhook=None, notice__user=user), at, user_id=user)
    hooked = ready.exclude(webhook=None).order_by("webhook")
    for webhook in hooked.values_list("webhook", flat=True).distinct():
        made += _gathered(gathering.filter(webhook=webhook), at, webhook_id=webhook)
    return made


def _gathered(rows: QuerySet[Outgoing], at: datetime, **to: int) -> int:
    """Messages of ``MOST_NOTICES`` at most; each row goes into exactly one."""
    made = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_NOTICES]):
        with transaction.atomic():
            delivery = Delivery.objects.create(made_at=at, trying_since=at, next_at=at, **to)
            taken = Outgoing.objects.gathering().filter(pk__in=ids).update(delivery=delivery)
            if not taken:
                delivery.delete()
        made += bool(taken)
    return made


# --- sending


def send(at: datetime, clock: Callable[[], datetime] = timezone.now) -> tuple[int, int]:
    """Try what waits, longest waiting first; how many were sent, how many were not.

    After a server that cannot be reached, what else is for it is left for the next run.
    """
    due = Delivery.objects.waiting().filter(next_at__lte=at).order_by("next_at", "pk")
    sent, failed, began, away = 0, 0, clock(), set[int | None]()
    with _Post() as post:
        for pk, webhook in list(due.values_list("pk", "webhook")):
            if sent + failed >= MOST_AT_ONCE or clock() - began > LONGEST_RUN:
                break
            if webhook in away:
                continue
            row = due.select_related("user", "webhook").filter(pk=pk).first()
            if row is None or not _claim(row, at):
                continue
            error = _tried(row, post, at)
            sent, failed = sent + (not error), failed + bool(error)
            if isinstance(error, Away) or (error and row.webhook_id):
                away.add(row.webhook_id)
    return sent, failed


def _claim(row: Delivery, at: datetime) -> bool:
    """Take the message in hand for a while, so that no other worker sends it meanwhile."""
    mine = Delivery.objects.waiting().filter(pk=row.pk, next_at=row.next_at, tries=row.tries)
    row.tries += 1
    return bool(mine.update(next_at=at + CLAIM, tries=F("tries") + 1))


def _tried(row: Delivery, post: "_Post", at: datetime) -> NotSent | None:
    try:
        if row.webhook_id is None:
            _mail(row, post, at)
        else:
            _hook(row, at)
    except Unwanted as unwanted:
        _end(row, Delivery.State.DROPPED, str(unwanted), at)
        return None
    except Unreadable:
        unread = NotSent("地址读不出来：密钥换过，请重新填")
        _put_off(row, unread, at)
        return unread
    except NotSent as error:
        _put_off(row, error, at)
        return error
    _end(row, Delivery.State.SENT, "", at)
    return None


def _end(row: Delivery, state: str, error: str, at: datetime) -> None:
    Delivery.objects.waiting().filter(pk=row.pk).update(state=state, error=error, done_at=at)


def _put_off(row: Delivery, error: NotSent, at: datetime) -> None:
    said = str(error)[:200]
    if isinstance(error, Hopeless) or at - row.trying_since >= KEEP_TRYING:
        with transaction.atomic():
            _end(row, Delivery.State.GIVEN_UP, said, at)
            _tell(row, said, at)
        return
    wait = min(FIRST_WAIT * 2 ** min(row.tries - 1, 10), LONGEST_WAIT)
    Delivery.objects.waiting().filter(pk=row.pk).update(next_at=at + wait, error=said)


def _tell(row: Delivery, said: str, at: datetime) -> None:
    """Tell, here only, whoever looks after deliveries (once a day for each way), and the user."""
    place = f"推送“{row.webhook.title}”" if row.webhook else "邮件"
    looking = [r for r in roles.ADMIN_ROLES if "deliveries.manage" in roles.get(r).grants]
    admins = User.objects.able_to_sign_in().filter(admin_role__in=looking)
    way = f"webhook-{row.webhook_id}" if row.webhook_id else "mail"
    actions.notify(
        admins.values_list("pk", flat=True),
        key=f"delivery:{way}:{timezone.localdate(at)}",
        title=f"{place}没有发成，不再试了",
        body=f"{said}。改好以后在“发送和推送”里点“再发”。",
        url=reverse("notices:deliveries"),
        at=at,
    )
    if row.user_id:
        actions.notify(
            [row.user_id],
            key=f"address:{timezone.localdate(at)}",
            title="给您的邮件没有寄到",
            body=f"{said}。请看看邮箱写得对不对。",
            url=reverse("notices:settings"),
            at=at,
        )


# --- by mail


class _Post:
    """One connection to the mail server for a whole run, opened for the first mail."""

    def __init__(self) -> None:
        self.line: BaseEmailBackend | None = None

    def __enter__(self) -> "_Post":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, message: EmailMessage) -> None:
        """Raises ``NotSent`` in words that hold no address."""
        try:
            if self.line is None:
                self.line = mail.connection()
                self.line.open()
            self.line.send_messages([message])
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [int(code) for code, _ in refused.recipients.values()]
            kind = Hopeless if all(code >= 500 for code in codes) else NotSent
            raise kind(f"收信地址被拒（{codes[0]}）") from refused
        except smtplib.SMTPDataError as error:
            raise NotSent(f"信没有收下（{error.smtp_code}）") from error
        except smtplib.SMTPResponseException as error:
            self.close()
            raise Away(f"发信服务器回答 {error.smtp_code}") from error
        except OSError as error:  # smtplib's other errors are OSErrors
            self.close()
            raise Away(f"发信服务器连不上（{type(error).__name__}）") from error

    def close(self) -> None:
        line, self.line = self.line, None
        if line is not None:
            with suppress(OSError):
                line.close()


def _mail(row: Delivery, post: _Post, at: datetime) -> None:
    found = Preference.objects.filter(user=row.user_id).first()
    if found is None or row.user is None or not row.user.is_active:
        raise Unwanted("不再要邮件了")
    if not rules.may_choose_mail():
        raise Away("邮件没有开通")
    if row.purpose == Delivery.Purpose.CODE:
        if found.confirmed_at or not found.code_is_open(at):
            raise Unwanted("已经确认，或确认码过期了")
        post.send(messages.code_mail(row, found))
        return
    if found.confirmed_at is None:
        raise Unwanted("邮箱换了，还没确认")
    post.send(messages.digest_mail(row, _notices(row), found.address))


def _notices(row: Delivery) -> Sequence[Notice]:
    return list(Notice.objects.filter(outgoing__delivery=row.pk).order_by("pk"))


# --- to a webhook


def _hook(row: Delivery, at: datetime) -> None:
    hook = row.webhook
    assert hook is not None
    if not hook.is_active and row.purpose != Delivery.Purpose.TRIAL:
        raise Unwanted("推送停了")
    body = messages.payload(row, _notices(row))
    posting.post(hook.address, body, messages.headers(row, body, hook.secret, at))


# --- when


@every("*/5 * * * *", name="notices.send")
def run(at: datetime) -> int:
    """Gather what is ready and send what waits; how many were sent."""
    gather(at)
    sent, _ = send(at)
    return sent


@task
def run_soon() -> None:
    """The same now, where somebody waits for it (a code, a trial, sending again)."""
    run(timezone.now())


@every("35 3 * * *", name="notices.clear")
def clear(at: datetime) -> int:
    """Drop messages that are over and old, with what stood in them; how many."""
    gone = 0
    while True:
        old = Delivery.objects.exclude(state=Delivery.State.WAITING).filter(done_at__lt=at - KEEP)
        ids = list(old.order_by("pk").values_list("pk", flat=True)[: actions.AT_ONCE])
        if not ids:
            return gone
        Delivery.objects.filter(pk__in=ids).delete()
        gone += len(ids)
