from typing import TYPE_CHECKING

from django.conf import settings

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.packs.models import StoredPack
from zhibu.packs.reading import Pack

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_propose(user: "User") -> Verdict:
    if standing.may_anywhere(user, "packs.propose"):
        return YES
    return no("不能安装制度包：由系统管理员提出，安全管理员确认。")


def may_follow(pack: Pack, current: Pack | None, *, is_shipped: bool) -> Verdict:
    """Whether ``pack`` may take the place of what is installed under its id.

    A wording that was once in force is never taken away: what began under it goes on.
    """
    if is_shipped:
        return no(f"不能安装：{pack.id} 随程序带着。要改，请换一个出版者和编号。")
    if current is None:
        return YES
    if _number(pack) <= _number(current):
        return no(f"不能安装：{pack.id} 已经是 {current.meta.version}，新的版本号要更大。")
    there = {(w.kind, w.id, w.since) for wordings in pack.items.values() for w in wordings}
    for wordings in current.items.values():
        for old in wordings:
            if (old.kind, old.id, old.since) not in there:
                return no(f"不能安装：少了 {old.file}。施行过的写法不能删，要改就加新日期的。")
    return YES


def _number(pack: Pack) -> tuple[int, ...]:
    return tuple(int(part) for part in pack.meta.version.split("."))


def may_confirm(user: "User", stored: StoredPack) -> Verdict:
    """The second hand; in a demo the same hand may do, so that one person can try it."""
    if stored.state != StoredPack.State.HELD:
        return no(f"不用确认：这个制度包{stored.get_state_display()}。")
    if settings.IS_DEMO and standing.may_anywhere(user, "packs.propose"):
        return YES
    if not standing.may_anywhere(user, "packs.confirm"):
        return no("不能确认制度包：由安全管理员确认。")
    if user.pk == stored.proposed_by_id:
        return no("不能确认自己提出的制度包，要另一个人确认。")
    return YES
