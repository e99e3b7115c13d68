"""Making and revoking tokens, and knowing one when it is shown."""

import secrets
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.api import rules
from zhibu.api.models import Receipt, Token
from zhibu.core.encryption import keyed_hash
from zhibu.core.jobs import every
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger

PREFIX = "zhibu_"
LONGEST = timedelta(days=366)
KEEP_RECEIPTS = timedelta(days=7)


class Kind(StrEnum):
    MADE = "api:token:made"
    REVOKED = "api:token:revoked"


WORDS = {Kind.MADE: "建了访问令牌", Kind.REVOKED: "停掉了访问令牌"}


def _hash(secret: str) -> str:
    return keyed_hash(secret, purpose="api-token")


def _under(user: User) -> str:
    """What stands for the password of now: another one ends every token made before."""
    return keyed_hash(user.password, purpose="api-token-made-under")


@transaction.atomic
def make(
    *, name: str, may_act: bool, expires_on: date, by: User, at: datetime
) -> tuple[Token, str]:
    """Make a token for oneself; it and its secret, which nobody can read again.

    Raises:
        Refused: ``rules.may_make`` refuses, or the last day is not within a year.
    """
    today = timezone.localdate(at)
    by = User.objects.select_for_update().get(pk=by.pk)
    require(rules.may_make(by, Token.objects.filter(user=by).open(today).count()))
    if not today < expires_on <= today + LONGEST:
        raise Refused(no("到期日要在以后，最长一年。"))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=by, name=name, secret_hash=_hash(secret), made_under=_under(by), may_act=may_act,
        made_at=at, expires_on=expires_on,
    )  # fmt: skip
    ledger.record(Kind.MADE, token, organization=None, by=by, at=at)
    return token, secret


@transaction.atomic
def revoke(token: Token, *, by: User, at: datetime) -> Token:
    """End a token at once.

    Raises:
        Refused: ``rules.may_revoke`` refuses.
    """
    token = Token.objects.select_for_update().get(pk=token.pk)
    require(rules.may_revoke(by, token))
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        ledger.record(Kind.REVOKED, token, organization=None, by=by, at=at)
    return token


def recognize(secret: str, *, at: datetime) -> tuple[Token | None, str]:
    """The token that ``secret`` belongs to, or None and why it is not taken. One query.

    It ends with its day, when it is revoked, and with everything that ends a session of its
    owner: another password, a reset, a stopped account, a hand-over that signed them out.
    """
    token = Token.objects.select_related("user").filter(secret_hash=_hash(secret)).first()
    if token is None:
        return None, "令牌不对。请核对有没有抄漏，或者另建一个。"
    user, today = token.user, timezone.localdate(at)
    if token.revoked_at is not None:
        return None, "令牌已经停掉。请另建一个。"
    if today >= token.expires_on:
        return None, f"令牌 {token.expires_on} 到期了。请另建一个。"
    if not user.is_active or user.is_system:
        return None, "账号已停用，令牌跟着停了。请找支部书记。"
    is_signed_out = user.signed_out_at is not None and token.made_at <= user.signed_out_at
    if is_signed_out or token.made_under != _under(user):
        return None, "建令牌以后改过密码或交接过职务，令牌停了。请登录后另建一个。"
    return token, ""


def note_use(token: Token, *, at: datetime) -> None:
    """Keep the day of the latest use; written once a day."""
    today = timezone.localdate(at)
    if token.last_used_on is None or token.last_used_on < today:
        rows = Token.objects.filter(pk=token.pk).filter(
            Q(last_used_on=None) | Q(last_used_on__lt=today)
        )
        rows.update(last_used_on=today)


@every("40 3 * * *", name="api.prune")
def prune(at: datetime) -> int:
    """Drop receipts a week old: nobody tries again so late; how many."""
    gone, _ = Receipt.objects.filter(at__lt=at - KEEP_RECEIPTS).delete()
    return gone
