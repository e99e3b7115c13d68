"""Opening and revoking a calendar feed; proposing a pack on the page."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction

from zhibu.core.encryption import keyed_hash
from zhibu.core.verdicts import Refused, no, require
from zhibu.desk import rules
from zhibu.desk.models import CalendarFeed, Trial
from zhibu.desk.tasks import run_examples
from zhibu.ledger import actions as ledger
from zhibu.packs import actions as packs
from zhibu.packs.models import StoredPack
from zhibu.packs.reading import Pack

if TYPE_CHECKING:
    from zhibu.accounts.models import User

PURPOSE = "calendar-feed"


class Kind(StrEnum):
    OPENED = "desk:feed:opened"
    REVOKED = "desk:feed:revoked"


WORDS = {Kind.OPENED: "打开了日历订阅", Kind.REVOKED: "停掉了日历订阅"}


@transaction.atomic
def open_feed(*, by: "User", at: datetime) -> str:
    """Open one's feed; its secret, which nobody can read again. One opened before ends.

    Raises:
        Refused: an account that stands for no person.
    """
    if by.person_id is None:
        raise Refused(no("这个账号没有对应的人，没有活动可以订阅。"))
    for feed in CalendarFeed.objects.select_for_update().filter(user=by, revoked_at=None):
        revoke_feed(feed, by=by, at=at)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(
        user=by, address_hash=keyed_hash(secret, purpose=PURPOSE), opened_at=at
    )
    ledger.record(Kind.OPENED, feed, organization=None, by=by, at=at)
    return secret


@transaction.atomic
def revoke_feed(feed: CalendarFeed, *, by: "User", at: datetime) -> None:
    """End a feed: its address answers no more."""
    feed = CalendarFeed.objects.select_for_update().get(pk=feed.pk)
    if feed.user_id != by.pk:
        raise Refused(no("只能停掉自己的日历订阅。"))
    if feed.revoked_at is None:
        feed.revoked_at = at
        feed.save(update_fields=["revoked_at"])
        ledger.record(Kind.REVOKED, feed, organization=None, by=by, at=at)


@transaction.atomic
def propose_pack(pack: Pack, *, by: "User", at: datetime) -> StoredPack:
    """Propose a pack without faults, and let the worker play its examples.

    Raises:
        Refused: as ``packs.actions.propose``.
    """
    stored = packs.propose(pack, by=by, at=at)
    trial, is_new = Trial.objects.get_or_create(
        stored=stored, defaults={"total": len(pack.examples), "asked_at": at}
    )
    if is_new:
        run_examples.enqueue(trial.pk)
    return stored


@transaction.atomic
def confirm_pack(stored: StoredPack, *, by: "User", at: datetime) -> StoredPack:
    """The second hand says yes, after the examples have.

    Raises:
        Refused: ``rules.may_confirm`` refuses.
    """
    require(rules.may_confirm(by, stored, Trial.objects.filter(stored=stored).first()))
    return packs.confirm(stored, by=by, at=at)
