"""Who draws up the list, signs it and lets the post pass."""

from datetime import date
from typing import TYPE_CHECKING

from zhibu.core.verdicts import YES, Verdict, no
from zhibu.people import rules
from zhibu.people.models import Handover, Holding

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_draw_up(user: "User", holding: Holding) -> Verdict:
    """The holder, or whoever says who holds the post."""
    if holding.ended_on is not None:
        return no(f"不用办：{holding.ended_on} 起已经不担任。")
    if user.person_id == holding.person_id:
        return YES
    return rules.may_appoint(user, holding.post)


def may_sign(user: "User", handover: Handover, side: str, how: str) -> Verdict:
    """Each for themselves in the system; what was signed on paper, whoever oversees it."""
    if handover.state != Handover.State.OPEN:
        return no(f"不能签：{handover.get_state_display()}。")
    person = handover.holding.person_id if side == "given" else handover.successor_id
    if person is None:
        return no("还没有接手的人，不用签。")
    if how == Handover.How.SYSTEM:
        return YES if user.person_id == person else no("只能自己签自己的。")
    return rules.may_appoint(user, handover.holding.post)


def may_finish(user: "User", handover: Handover, today: date) -> Verdict:
    if handover.state != Handover.State.OPEN:
        return no(f"不用办：{handover.get_state_display()}。")
    if user.person_id in (handover.holding.person_id, handover.successor_id):
        return no("交接由上级办结：自己不能办结自己的。")
    if handover.since > today:
        return no(f"还没到交接日：{handover.since} 那天再办结，权限同一天换。")
    return rules.may_appoint(user, handover.holding.post)


def may_cancel(user: "User", handover: Handover) -> Verdict:
    if handover.state != Handover.State.OPEN:
        return no(f"不用办：{handover.get_state_display()}。")
    return rules.may_appoint(user, handover.holding.post)
