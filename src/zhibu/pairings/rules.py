from datetime import datetime
from typing import TYPE_CHECKING

from zhibu.cases.models import Case
from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Kind, Organization
from zhibu.packs.schema.pair_kinds import PairKind
from zhibu.pairings.models import Contact, Link, Rota, Turn
from zhibu.pairings.queries import is_who

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_hold(organization: Organization, rule: PairKind) -> Verdict:
    """Whether such links or rotas are kept there at all, whoever asks."""
    if organization.dissolved_on:
        return no(f"不能登记：{organization.called}已经撤销。")
    if organization.kind not in rule.kept_by:
        kinds = "、".join(Kind(kind).label for kind in rule.kept_by)
        return no(f"不能登记：“{rule.title}”由{kinds}登记，{organization.called}不是。")
    return YES


def may_keep(user: "User", organization: Organization) -> Verdict:
    if standing.may(user, "pairings.write", organization.path):
        return YES
    return no(f"不能登记：结对、轮值由{organization.called}的书记或上级党委登记。")


def may_begin(user: "User", organization: Organization, rule: PairKind) -> Verdict:
    return may_hold(organization, rule) and may_keep(user, organization)


# --- links


def may_end(user: "User", link: Link) -> Verdict:
    if link.state != Link.State.OPEN:
        return no(f"不用结束：已经{link.get_state_display()}了。")
    return may_keep(user, link.organization)


def may_void(user: "User", link: Link) -> Verdict:
    if link.state == Link.State.VOIDED:
        return no("不用作废：已经作废了。")
    return may_keep(user, link.organization)


def may_log(user: "User", link: Link) -> Verdict:
    """Log a contact: who made it, or who keeps the link."""
    if link.state == Link.State.VOIDED:
        return no("不能记联系：这个联系作废了。")
    return YES if is_who(user, link) else _keeps(user, link, "记联系")


def _keeps(user: "User", link: Link, what: str) -> Verdict:
    if standing.may(user, "pairings.write", link.organization.path):
        return YES
    return no(f"不能{what}：由联系的人自己或者{link.organization.called}的书记来记。")


def may_strike(user: "User", contact: Contact) -> Verdict:
    if contact.struck_at:
        return no("不用划去：这一条已经划去了。")
    return YES if is_who(user, contact.link) else _keeps(user, contact.link, "划去")


def may_become(user: "User", contact: Contact, case: Case | None = None) -> Verdict:
    """Say which case a contact became; one that ``user`` may see."""
    if contact.struck_at:
        return no("不能写成了哪件事：这一条划去了。")
    if contact.case_id is not None:
        return no("已经写了成了哪件事。")
    if case is not None and not Case.objects.visible_to(user).filter(pk=case.pk).exists():
        return no("没有这件事，或者您看不到。")
    return YES if is_who(user, contact.link) else _keeps(user, contact.link, "写成了哪件事")


# --- rotas


def _is_mine(user: "User", turn: Turn) -> bool:
    return user.person_id is not None and turn.person_id == user.person_id


def is_keeper(user: "User", rota: Rota) -> bool:
    return standing.may(user, "pairings.write", rota.organization.path)


def _still_open(turn: Turn, now: datetime) -> Verdict:
    if turn.rota.state != Rota.State.OPEN:
        return no("不能改：这张轮值表停用了。")
    if turn.starts_at <= now:
        return no("不能改：这一班已经开始了。")
    return YES


def may_cancel(user: "User", rota: Rota) -> Verdict:
    if rota.state != Rota.State.OPEN:
        return no("不用停用：已经停用了。")
    return may_keep(user, rota.organization)


def may_change(user: "User", turn: Turn, now: datetime) -> Verdict:
    """Put somebody else in a turn by hand; after it began too, where who stood there was
    another."""
    if turn.rota.state != Rota.State.OPEN:
        return no("不能改：这张轮值表停用了。")
    return may_keep(user, turn.rota.organization)


def may_offer(user: "User", turn: Turn, now: datetime) -> Verdict:
    """Offer a turn: whose it is, or who keeps the rota for them."""
    if turn.is_offered:
        return no("不用再让：这一班已经在等人替了。")
    if not (open_ := _still_open(turn, now)):
        return open_
    if _is_mine(user, turn) or is_keeper(user, turn.rota):
        return YES
    return no("不能让：这一班不是您的。")


def may_withdraw(user: "User", turn: Turn, now: datetime) -> Verdict:
    if not turn.is_offered:
        return no("不用收回：这一班没有让，或者已经有人接了。")
    if not (open_ := _still_open(turn, now)):
        return open_
    if _is_mine(user, turn) or is_keeper(user, turn.rota):
        return YES
    return no("不能收回：这一班不是您的。")


def may_take(user: "User", turn: Turn, person: int | None, now: datetime) -> Verdict:
    """Take an offered turn for ``person``: oneself, or anybody on the roll for who keeps it. The
    roll, and whether it fits, the action judges."""
    if not turn.is_offered:
        return no("不能接：这一班没有让，或者已经有人接了。")
    if not (open_ := _still_open(turn, now)):
        return open_
    if turn.wanted is not None and turn.wanted.starts_at <= now:
        return no("不能对换：要换的那一班已经开始了。")
    if person == turn.person_id:
        return no("不能接：这一班就是您的。")
    if turn.wanted is not None and turn.wanted.person_id != person:
        return no("不能接：这一班是提出和别人对换的。")
    if person is not None and (person == user.person_id or is_keeper(user, turn.rota)):
        return YES
    return no("不能接：只能自己接，或者由排班的人代接。")


def may_note(user: "User", turn: Turn, now: datetime) -> Verdict:
    """Note whether somebody came: who keeps the rota, once the turn has begun."""
    if turn.starts_at > now:
        return no("不能记：这一班还没有开始。")
    return may_keep(user, turn.rota.organization)
