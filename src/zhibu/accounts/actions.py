"""Accounts: issued with a code on paper, activated by their owner, stopped when needed."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib.auth.hashers import make_password
from django.db import transaction

from zhibu.accounts import rules
from zhibu.accounts.models import User
from zhibu.core.verdicts import require
from zhibu.ledger import actions as ledger

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12
CODE_LASTS = timedelta(days=14)
DEMO_PASSWORD = "yanshi-2026"  # noqa: S105 - demo accounts only; serve refuses them elsewhere


class Kind(StrEnum):
    ISSUED = "accounts:account:issued"
    RESET = "accounts:account:reset"
    ACTIVATED = "accounts:account:activated"
    STOPPED = "accounts:account:stopped"
    SIGNED_OUT = "accounts:account:signed-out"
    APPOINTED = "accounts:account:appointed"
    PASSWORD_CHANGED = "accounts:account:password-changed"  # noqa: S105 - a kind, not a secret
    BACKED_UP = "accounts:installation:backed-up"
    RESTORED = "accounts:installation:restored"
    KEY_CHANGED = "accounts:installation:key-changed"
    LOSS_ACCEPTED = "accounts:installation:loss-accepted"
    UPGRADED = "accounts:installation:upgraded"
    COPIED = "accounts:installation:copied"


WORDS = {
    Kind.ISSUED: "发了账号",
    Kind.RESET: "重发了激活码",
    Kind.ACTIVATED: "激活了账号",
    Kind.STOPPED: "停用了账号",
    Kind.SIGNED_OUT: "交接后退出了登录",
    Kind.APPOINTED: "任命了管理员",
    Kind.PASSWORD_CHANGED: "改了密码",
    Kind.BACKED_UP: "做了备份",
    Kind.RESTORED: "从备份恢复了数据",
    Kind.KEY_CHANGED: "换了签名密钥",
    Kind.LOSS_ACCEPTED: "承认数据比公布过的旧",
    Kind.UPGRADED: "升级了平台",
    Kind.COPIED: "把数据复制到另一个数据库",
}


def new_code() -> str:
    """A code that can be read from paper: twelve characters in three groups."""
    raw = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    return "-".join(raw[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def _open_code(account: User, at: datetime) -> str:
    code = new_code()
    account.code_hash = make_password(rules.normal_code(code))
    account.code_expires_at = at + CODE_LASTS
    return code


def free_username(wanted: str) -> str:
    """``wanted`` in lower case, with the first number that makes it unique."""
    base = "".join(c for c in wanted.lower() if c.isascii() and c.isalnum())[:30] or "user"
    taken = set(User.objects.filter(username__startswith=base).values_list("username", flat=True))
    number = 1
    name = base
    while name in taken:
        number += 1
        name = f"{base}{number}"
    return name


@transaction.atomic
def issue(
    *,
    person_id: int,
    name: str,
    wanted: str,
    path: str,
    organization: int | None,
    is_demo: bool = False,
    has_code: bool = True,
    by: User,
    at: datetime,
) -> tuple[User, str]:
    """Make an account for a person at ``path``, or reset the one they have.

    Returns the account and the code to print; the code is not kept and cannot be shown
    again. A reset ends the old password at once. Without a code nobody can sign in until
    one is issued.

    Raises:
        Refused: ``rules.may_issue`` refuses.
    """
    require(rules.may_issue(by, path))
    account = User.objects.select_for_update().filter(person_id=person_id).first()
    kind = Kind.RESET if account else Kind.ISSUED
    if account is None:
        account = User(person_id=person_id, display_name=name, username=free_username(wanted))
        account.is_demo = is_demo
    account.set_unusable_password()
    account.is_active = True
    code = _open_code(account, at) if has_code else ""
    account.save()
    ledger.record(kind, account, organization=organization, by=by, at=at)
    return account, code


@transaction.atomic
def activate(account: User, *, code: str, password: str, at: datetime) -> User:
    """Set the first password with the code from the slip; the code is used up.

    Raises:
        Refused: ``rules.may_activate`` refuses.
    """
    account = User.objects.select_for_update().get(pk=account.pk)
    require(rules.may_activate(account, code, at))
    account.set_password(password)
    account.code_hash, account.code_expires_at, account.activated_at = "", None, at
    account.save(update_fields=["password", "code_hash", "code_expires_at", "activated_at"])
    ledger.record(Kind.ACTIVATED, account, organization=None, by=account, at=at)
    return account


@transaction.atomic
def change_password(account: User, *, password: str, by: User, at: datetime) -> None:
    """Replace one's own password; the old one was checked by the form."""
    account = User.objects.select_for_update().get(pk=account.pk)
    account.set_password(password)
    account.save(update_fields=["password"])
    ledger.record(Kind.PASSWORD_CHANGED, account, organization=None, by=by, at=at)


@transaction.atomic
def stop(account: User, *, path: str, organization: int | None, by: User, at: datetime) -> None:
    """Stop an account: signed out everywhere at the next request, no new sign-in."""
    require(rules.may_issue(by, path))
    account = User.objects.select_for_update().get(pk=account.pk)
    account.is_active = False
    account.code_hash, account.code_expires_at = "", None
    account.save(update_fields=["is_active", "code_hash", "code_expires_at"])
    ledger.record(Kind.STOPPED, account, organization=organization, by=by, at=at)


@transaction.atomic
def sign_out(account: User, *, organization: int | None, by: User, at: datetime) -> None:
    """End every session of an account; its owner may sign in again at once.

    Called by an action that takes something away and has judged ``by`` already.
    """
    account = User.objects.select_for_update().get(pk=account.pk)
    account.signed_out_at = at
    account.save(update_fields=["signed_out_at"])
    ledger.record(Kind.SIGNED_OUT, account, organization=organization, by=by, at=at)


@transaction.atomic
def appoint_admin(
    *, username: str, name: str, admin_role: str, is_demo: bool = False, by: User, at: datetime
) -> tuple[User, str]:
    """Make an account for one of the three hands and a code to activate it.

    Raises:
        Refused: ``by`` may not appoint, or the account belongs to a person.
    """
    require(rules.may_appoint(by))
    account = User.objects.select_for_update().filter(username=username.lower()).first()
    account = account or User(username=username.lower(), display_name=name)
    require(rules.may_hold_admin_role(account.person_id))
    account.admin_role, account.is_demo = admin_role, is_demo
    account.set_unusable_password()
    code = _open_code(account, at)
    account.save()
    ledger.record(Kind.APPOINTED, account, organization=None, by=by, at=at)
    return account, code


@transaction.atomic
def ensure_system_account(at: datetime) -> User:
    """The account commands act as without ``--as``; it cannot sign in."""
    account = User.objects.filter(is_system=True).first()
    if account is None:
        account = User(username="system", display_name="系统", is_system=True)
        account.set_unusable_password()
        account.save()
        ledger.record(Kind.ISSUED, account, organization=None, by=None, at=at)
    return account


@transaction.atomic
def note_backup(*, by: User, at: datetime) -> None:
    """Record that a backup was made; the file itself knows nothing of it."""
    require(rules.may_back_up(by))
    ledger.record(Kind.BACKED_UP, by, organization=None, by=by, at=at)


@transaction.atomic
def note_restore(*, by: User, at: datetime) -> None:
    """Record in the restored data that it was restored."""
    require(rules.may_restore(by))
    ledger.record(Kind.RESTORED, by, organization=None, by=by, at=at)


@transaction.atomic
def note_key_change(*, by: User, at: datetime) -> None:
    """Record that heads are signed with another key from here on."""
    require(rules.may_change_keys(by))
    ledger.record(Kind.KEY_CHANGED, by, organization=None, by=by, at=at)


@transaction.atomic
def note_loss(*, reason: str, by: User, at: datetime) -> None:
    """Record that what was sealed after some point is not in these data, and why."""
    require(rules.may_accept_loss(by))
    ledger.record(Kind.LOSS_ACCEPTED, by, organization=None, by=by, at=at, basis=reason)


@transaction.atomic
def note_upgrade(*, by: User, at: datetime) -> None:
    """Record that the data now fit a newer program."""
    require(rules.may_restore(by))
    ledger.record(Kind.UPGRADED, by, organization=None, by=by, at=at)


@transaction.atomic
def note_copy(*, by: User, at: datetime) -> None:
    """Record, in what is copied and so in the copy, that it was copied elsewhere."""
    require(rules.may_back_up(by))
    ledger.record(Kind.COPIED, by, organization=None, by=by, at=at)
