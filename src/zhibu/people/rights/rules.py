"""Who may note a consent, ask for a correction, decide on it."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.people import rules
from zhibu.people.models import Consent, Correction, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_note_consent(user: "User", person: Person, how: str) -> Verdict:
    """Oneself in the system; what was said or written, whoever keeps the particulars."""
    if how == Consent.How.SELF:
        if user.person_id == person.pk:
            return YES
        return no("不能代替本人同意：请选“书面”或“当面或电话说的”。")
    if user.person_id == person.pk:
        return no("本人在“我的”里自己选，不用别人记。")
    return rules.may_change(user, person)


def may_decide_somewhere(user: "User") -> Verdict:
    if standing.may_anywhere(user, "people.change"):
        return YES
    return no("更正申请由支部书记或上级党委答复。")


def may_decide(user: "User", correction: Correction) -> Verdict:
    """Whoever may change the person's particulars; nobody on their own request."""
    if user.person_id == correction.person_id:
        return no("自己提的，由别人答复：书记本人的由上级党委答复。")
    if correction.state != Correction.State.OPEN:
        return no(f"不用办：{correction.get_state_display()}。")
    return rules.may_change(user, correction.person)


def may_take_back(user: "User", correction: Correction) -> Verdict:
    if user.person_id != correction.person_id:
        return no("只有本人能撤回。")
    if correction.state != Correction.State.OPEN:
        return no(f"不能撤回：{correction.get_state_display()}。")
    return YES
