"""Rows of one register from a workbook: read, checked by the page's own rules, written."""

from typing import TYPE_CHECKING

from django.db.models import Q

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.imports import targets
from zhibu.imports.targets import Asked, Ground, Target
from zhibu.organizations.models import Organization
from zhibu.packs.schema.registers import Register
from zhibu.registers import queries, rules
from zhibu.registers.importing import checking, writing
from zhibu.registers.importing.words import WORDS, register_of, rule_of, vocabulary

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_bring_in(user: "User", place: Organization, rule: Register) -> Verdict:
    """Bring in rows of a register at and below an organisation: whoever may write there. Each
    row is judged again by its own organisation. A query where it is refused."""
    if place.kind in rule.held_by:
        own = rules.may_open(user, place, rule)
        if own or not place.children.exists():
            return own
    if standing.may(user, "registers.write", place.path):
        return YES
    return no(f"不能导入：“{rule.title}”由{place.called}的书记或上级党委登记。")


def _may_run(user: "User", ground: Ground, subject: str) -> Verdict:
    rule, number = rule_of(subject), ground.organization_id or 0
    place = Organization.objects.select_related("parent").filter(pk=number).first()
    if rule is None or place is None:
        return no("不能导入：没有这本台账，或者没有这个组织。")
    return may_bring_in(user, place, rule)


def _seen(user: "User") -> Q:
    """Where one writes: what one has handed in oneself; all of it for whoever sees closed
    columns, which a table may hold."""
    mine = Q(by_id=user.pk) | standing.reach_q(user, "registers.confidential")
    return mine & standing.reach_q(user, "registers.write")


def _title(subject: str) -> str:
    rule = rule_of(subject)
    return rule.title if rule else "台账"


def _home(subject: str, ground: Ground) -> str:
    return f"{queries.address(register_of(subject))}?organization={ground.organization_id}"


def _again(subject: str, ground: Ground) -> str:
    return queries.address(register_of(subject), "bring_in", ground.organization_id or 0)


TARGET = Target(
    name=checking.NAME,
    title="台账",
    order=40,
    words=WORDS,
    check=checking.check,
    count=writing.count,
    write=writing.write,
    conclude=writing.conclude,
    makes=(writing.MADE,),
    asked=Asked(vocabulary, _title, _may_run, _seen, _home, _again),
    clash="有人登记了一样的一行，或合并了其中的人",
)
targets.register(TARGET)
targets.reasons({"registers.mention": "写在台账里", "registers.row": "有台账"})
