"""Webhooks, as the system administrator sets them, and sending again what did not go out."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction

from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.notices import posting, rules, sending
from zhibu.notices.models import Delivery, Outgoing, Webhook
from zhibu.notices.pace import ready_at

if TYPE_CHECKING:
    from zhibu.accounts.models import User

MOST_HOOKS = 10
MOST_AGAIN = 1000


class Kind(StrEnum):
    MADE = "notices:webhook:made"
    CHANGED = "notices:webhook:changed"
    NEW_SECRET = "notices:webhook:new-secret"  # noqa: S105 - the name of what was done
    TRIED = "notices:webhook:tried"
    AGAIN = "notices:delivery:sent-again"


WORDS = {
    Kind.MADE: "加了一个推送",
    Kind.CHANGED: "改了推送",
    Kind.NEW_SECRET: "换了推送的密钥",
    Kind.TRIED: "试发了推送",
    Kind.AGAIN: "让没发成的消息再发",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator writes of a webhook."""

    title: str
    address: str
    kinds: Sequence[str]
    rhythm: str
    hour: int
    is_active: bool = True


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _put(hook: Webhook, wanted: Wanted) -> None:
    wrong = posting.fault(wanted.address)
    if wrong:
        raise Refused(no(f"网址不能用：{wrong}。"))
    hook.title, hook.address, hook.kinds = wanted.title, wanted.address, sorted(wanted.kinds)
    hook.rhythm, hook.hour, hook.is_active = wanted.rhythm, wanted.hour, wanted.is_active


@transaction.atomic
def add(wanted: Wanted, *, by: "User", at: datetime) -> tuple[Webhook, str]:
    """A new webhook, and its secret, which is shown to nobody again.

    Raises:
        Refused: ``rules.may_manage_deliveries`` refuses, the address cannot be used, or
            there are ``MOST_HOOKS`` already.
    """
    require(rules.may_manage_deliveries(by))
    if Webhook.objects.count() >= MOST_HOOKS:
        raise Refused(no(f"最多 {MOST_HOOKS} 个推送。用不着的停掉，改成新的。"))
    hook = Webhook(made_by=by, made_at=at)
    _put(hook, wanted)
    hook.secret = secret = _new_secret()
    hook.save(force_insert=True)
    ledger.record(Kind.MADE, hook, organization=None, by=by, at=at)
    return hook, secret


@transaction.atomic
def change(hook: Webhook, wanted: Wanted, *, by: "User", at: datetime) -> Webhook:
    """Change it, stop it or let it go on. What a stopped one was gathering is not sent."""
    hook = Webhook.objects.select_for_update().get(pk=hook.pk)
    require(rules.may_manage_deliveries(by))
    _put(hook, wanted)
    hook.save(update_fields=["title", "address_sealed", "kinds", "rhythm", "hour", "is_active"])
    rows = Outgoing.objects.gathering().filter(webhook=hook)
    if hook.is_active:
        waiting = list(rows.select_related("notice"))
        for row in waiting:
            row.ready_at = ready_at(hook.rhythm, hook.hour, row.notice.at)
        Outgoing.objects.bulk_update(waiting, ["ready_at"], batch_size=500)
    else:
        rows.delete()
    ledger.record(Kind.CHANGED, hook, organization=None, by=by, at=at)
    return hook


@transaction.atomic
def renew_secret(hook: Webhook, *, by: "User", at: datetime) -> str:
    """A new secret, from the next message on; the old one signs nothing more."""
    hook = Webhook.objects.select_for_update().get(pk=hook.pk)
    require(rules.may_manage_deliveries(by))
    hook.secret = secret = _new_secret()
    hook.save(update_fields=["secret_sealed"])
    ledger.record(Kind.NEW_SECRET, hook, organization=None, by=by, at=at)
    return secret


@transaction.atomic
def try_out(hook: Webhook, *, by: "User", at: datetime) -> Delivery:
    """Send an empty message, so that both sides see whether it arrives."""
    require(rules.may_manage_deliveries(by))
    made = Delivery.objects.create(
        webhook=hook, purpose=Delivery.Purpose.TRIAL, made_at=at, trying_since=at, next_at=at
    )
    ledger.record(Kind.TRIED, hook, organization=None, by=by, at=at)
    sending.run_soon.enqueue()
    return made


def _failed(delivery: Delivery | None) -> list[Delivery]:
    """This one if it fails, or those that were given up, locked."""
    rows = Delivery.objects.select_for_update(of=("self",))
    if delivery is not None:
        rows = rows.failing().filter(pk=delivery.pk)
    else:
        rows = rows.filter(state=Delivery.State.GIVEN_UP)
    return list(rows.order_by("pk")[:MOST_AGAIN])


@transaction.atomic
def send_again(delivery: Delivery | None, *, by: "User", at: datetime) -> int:
    """Try one that failed, or all that were given up, anew and under the same id; how many.

    Raises:
        Refused: ``rules.may_manage_deliveries`` refuses, or there is nothing to send again.
    """
    require(rules.may_manage_deliveries(by))
    found = _failed(delivery)
    if not found:
        raise Refused(no("没有要再发的：已经发出，或者正在发。"))
    Delivery.objects.filter(pk__in=[row.pk for row in found]).update(
        state=Delivery.State.WAITING, done_at=None, trying_since=at, next_at=at, tries=0
    )
    ledger.record_many(
        [ledger.Note(Kind.AGAIN, row, organization=None, by=by, at=at) for row in found]
    )
    sending.run_soon.enqueue()
    return len(found)
