"""The place in the navigation that this area opens."""

from typing import TYPE_CHECKING

from django.utils import timezone

from zhibu.assignments.models import Assignment
from zhibu.core import standing
from zhibu.core.navigation import Entry, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _shown(user: "User") -> bool:
    return standing.may_anywhere(user, "assignments.view")


def _late(user: "User") -> int:
    """One's own tasks whose day has come. One query."""
    if user.person_id is None:
        return 0
    today = timezone.localdate()
    return Assignment.objects.open().filter(owner=user.person_id, due_on__lte=today).count()


register(
    Entry(
        "任务", "assignments:list", "task", order=10, section=1, shown=_shown, count=_late, bar=20
    )
)
