"""Files of a return: who may see the task may see them, who may answer may add."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.urls import reverse

from zhibu.assignments import rules
from zhibu.assignments.actions import SOURCE
from zhibu.assignments.models import Assignment
from zhibu.core.verdicts import Verdict, no
from zhibu.files import owners

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _visible(user: "User", ids: Collection[int]) -> set[int]:
    return set(Assignment.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def _may_change(user: "User", assignment_id: int) -> Verdict:
    rows = Assignment.objects.select_related("organization", "commission__organization")
    assignment = rows.filter(pk=assignment_id).first()
    return rules.may_answer(user, assignment) if assignment else no("没有这件事。")


owners.register(
    SOURCE,
    visible=_visible,
    may_change=_may_change,
    address=lambda pk: reverse("assignments:detail", args=[pk]),
)
