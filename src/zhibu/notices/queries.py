"""Counts for the navigation, and what left the platform."""

from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet

from zhibu.notices.models import Delivery, Feedback, Notice, Webhook

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def unread(user: "User") -> int:
    """How many notices ``user`` has not opened. One query on a partial index."""
    return Notice.objects.visible_to(user).unread().count()


def waiting(user: "User") -> int:
    """How much feedback waits for an answer."""
    return Feedback.objects.visible_to(user).unanswered().count()


def deliveries(user: "User", *, view: str, way: str) -> QuerySet[Delivery]:
    """Messages that left or are to leave, latest first, with whom they are for and how many
    notices stand in each (``notices``).

    ``view``: "" what failed, else a state or "all"; ``way``: "mail", "webhook" or "". One
    query.
    """
    rows = Delivery.objects.visible_to(user).select_related("user", "webhook")
    match view:
        case "all":
            pass
        case "":
            rows = rows.failing()
        case _:
            rows = rows.filter(state=view)
    if way:
        rows = rows.filter(webhook__isnull=way == "mail")
    return rows.annotate(notices=Count("items")).order_by("-made_at", "-pk")


def counts(user: "User") -> dict[str, int]:
    """How many were given up, fail now, or wait. Three queries."""
    rows = Delivery.objects.visible_to(user)
    return {
        "given_up": rows.filter(state=Delivery.State.GIVEN_UP).count(),
        "failing": rows.failing().count(),
        "waiting": rows.waiting().count(),
    }


def webhooks(user: "User") -> QuerySet[Webhook]:
    """Those in use first, then by name."""
    return Webhook.objects.visible_to(user).order_by("-is_active", "title", "pk")
