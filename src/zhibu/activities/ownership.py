"""Files of an activity: who may see the activity may see them, who may record may add."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.urls import reverse

from zhibu.activities import rules
from zhibu.activities.actions import SOURCE
from zhibu.activities.models import Activity
from zhibu.core.verdicts import Verdict, no
from zhibu.files import owners

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _visible(user: "User", ids: Collection[int]) -> set[int]:
    return set(Activity.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def _may_change(user: "User", activity_id: int) -> Verdict:
    rows = Activity.objects.select_related("organization", "group")
    activity = rows.filter(pk=activity_id).first()
    if activity is None:
        return no("没有这次活动。")
    return rules.may_record(user, activity.organization, activity.group)


owners.register(
    SOURCE,
    visible=_visible,
    may_change=_may_change,
    address=lambda pk: reverse("activities:detail", args=[pk]),
)
