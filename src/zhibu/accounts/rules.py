"""Who may issue, reset, stop and appoint."""

from datetime import datetime

from django.contrib.auth.hashers import check_password

from zhibu.accounts.models import User
from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no


def may_issue(user: User, path: str) -> Verdict:
    """Whether ``user`` may make or reset the account of somebody at ``path``."""
    if standing.may(user, "accounts.issue", path):
        return YES
    return no("不能发账号：只有本支部书记或上级党委能发。请找支部书记。")


def may_appoint(user: User) -> Verdict:
    if standing.may_anywhere(user, "accounts.appoint"):
        return YES
    return no("不能任免管理员：只有安全管理员能办。")


def may_hold_admin_role(person_id: int | None) -> Verdict:
    """An administrator account is nobody's personal account: the hands stay apart."""
    if person_id is None:
        return YES
    return no("不能兼任：管理员账号要单独开，不能和党员账号合用。")


def may_back_up(user: User) -> Verdict:
    if standing.may_anywhere(user, "installation.backup"):
        return YES
    return no("不能备份：由系统管理员办，或在服务器上不带 --as 办。")


def may_restore(user: User) -> Verdict:
    if standing.may_anywhere(user, "installation.restore"):
        return YES
    return no("不能恢复：由系统管理员办，或在服务器上不带 --as 办。")


def may_change_keys(user: User) -> Verdict:
    if standing.may_anywhere(user, "installation.keys"):
        return YES
    return no("不能换签名密钥：由安全管理员办，或在服务器上不带 --as 办。")


def may_accept_loss(user: User) -> Verdict:
    if standing.may_anywhere(user, "installation.restore"):
        return YES
    return no("不能承认数据变旧：由系统管理员办，或在服务器上不带 --as 办。")


def may_activate(account: User, code: str, at: datetime) -> Verdict:
    if not account.is_active or account.is_system:
        return no("不能激活：这个账号已停用。请找支部书记。")
    if not account.code_is_open(at):
        return no("激活码过期或用过了。请支部书记再打一张。")
    if not check_password(normal_code(code), account.code_hash):
        return no("激活码不对。请照纸条上的字母数字重输，不分大小写。")
    return YES


def normal_code(code: str) -> str:
    """A code as typed, without spaces, dashes and the letters people mistake."""
    kept = "".join(c for c in code.upper() if c.isalnum())
    return kept.replace("O", "0").replace("I", "1").replace("L", "1")
