from typing import TYPE_CHECKING

from zhibu.api.models import Token
from zhibu.core.verdicts import YES, Verdict, no

if TYPE_CHECKING:
    from zhibu.accounts.models import User

MOST = 10


def may_make(user: "User", open_already: int) -> Verdict:
    """Anybody signed in, for themselves: a token may never more than its owner."""
    if user.is_system or not user.is_active:
        return no("不能建令牌：这个账号不能登录。")
    if open_already >= MOST:
        return no(f"不能再建：能用的令牌最多 {MOST} 个。请先停掉不用的。")
    return YES


def may_revoke(user: "User", token: Token) -> Verdict:
    if token.user_id == user.pk:
        return YES
    return no("只能停掉自己的令牌。")


def may_act(token: Token) -> Verdict:
    """Whether what changes something may be asked with this token."""
    if token.may_act:
        return YES
    return no("不能办：这个令牌只能看。要办事，请在“访问令牌”里另建一个能办的。")
