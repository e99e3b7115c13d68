"""Files of cases: taken in with the step that asks for them, seen by whoever sees the case."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from zhibu.cases import queries, rules, steps
from zhibu.cases.models import Case
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.files import actions as files
from zhibu.files import owners
from zhibu.files.intake import Prepared
from zhibu.packs.schema.procedures import Procedure

if TYPE_CHECKING:
    from zhibu.accounts.models import User

OWNER = Case._meta.label_lower
CLOSED = f"{OWNER}.closed"  # of fields that are not for everybody
MOST = 100  # a long procedure asks many


def attached(case: Case, values: Mapping[str, Any], *, by: "User", at: datetime) -> dict[str, Any]:
    """``values`` with every upload kept as a file of the case.

    Called within the step's own action, once nothing else is wrong with the step.

    Raises:
        Refused: the case has too many files.
    """
    closed, found = set(case.rule.closed_fields), dict(values)
    for name, value in values.items():
        if isinstance(value, Prepared):
            found[name] = files.attach(
                value, owner_type=CLOSED if name in closed else OWNER, owner_id=case.pk,
                organization=case.organization_id, by=by, at=at,
            )  # fmt: skip
    return found


def begin(
    case: Case, rule: Procedure, values: Mapping[str, Any], *, by: "User | None", at: datetime
) -> None:
    """The files that came with the beginning of a case, once it has a number."""
    if by is not None and any(isinstance(value, Prepared) for value in values.values()):
        case.facts = case.began_with = steps.kept(
            rule, rule.fields, attached(case, values, by=by, at=at)
        )
        case.save(update_fields=["facts", "began_with"])


def _visible(user: "User", ids: Collection[int]) -> set[int]:
    return set(Case.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def _visible_closed(user: "User", ids: Collection[int]) -> set[int]:
    """One query a case beside the one that finds them: a page asks of one."""
    rows = Case.objects.visible_to(user).filter(pk__in=ids)
    found = rows.select_related("organization", "partner").order_by("pk")
    return {case.pk for case in found if queries.sees_closed(user, case)}


def _may_change(user: "User", case_id: int) -> Verdict:
    """Whoever begins it, until it has turns; then whoever may end one that is open."""
    case = Case.objects.select_related("organization").filter(pk=case_id).first()
    if case is None or not case.is_open:
        return no("不能加：这件事已经办结。")
    turns = list(case.turns.open().select_related("organization", "person").order_by("number"))
    if not turns and case.started_by_id == user.pk and not case.turns.exists():
        return YES
    for turn in turns:
        turn.case = case
        if rules.may_act(user, turn, turn.rule(case.rule).actor):
            return YES
    return no("不能加：这一步不轮到您。")


def _may_remove(user: "User", case_id: int) -> Verdict:
    return no("不能移除：文件和写的一样，是这一步的记录。要换，请退回这一步，重新交。")


for _type, _seen in ((OWNER, _visible), (CLOSED, _visible_closed)):
    owners.register(
        _type,
        visible=_seen,
        may_change=_may_change,
        may_remove=_may_remove,
        address=lambda pk: reverse("cases:detail", args=[pk]),
        most=MOST,
    )
