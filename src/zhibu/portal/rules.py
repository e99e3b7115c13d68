from typing import TYPE_CHECKING

from zhibu.cases import rules as cases
from zhibu.cases.models import stands_at
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Procedure
from zhibu.portal.models import Ticket

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_take(
    user: "User", asked: Organization, place: Organization, procedure: Procedure
) -> Verdict:
    """Write down what somebody asks for in person, by phone or letter: whoever may begin it where
    it is kept. What is kept apart is written down by those who keep it."""
    if procedure.is_kept_apart and asked.pk != place.pk:
        return no("不能在这里记：反映人的问题，请对方自己从公开的门提，或者找收的组织。")
    return cases.may_start(user, place, procedure)


def may_look(user: "User", ticket: Ticket) -> Verdict:
    """The contact of whoever asked: those who stand where it is answered and act there, and
    whoever claimed it; no reach from above."""
    if ticket.erased_on or not ticket.has_contact:
        return no("不用看：没有留，或者到期删了。")
    case = ticket.case
    acting = stands_at(user, "cases.act")
    if case.is_kept_apart:
        acting &= stands_at(user)
    turns = case.turns.open()
    places = {case.organization_id, *turns.values_list("organization", flat=True)}
    if acting & places:
        return YES
    if user.person_id and turns.filter(person=user.person_id).exists():
        return YES
    return no("不能看：姓名、电话只有办这件事的人能看。")
