"""Counts for the navigation."""

from typing import TYPE_CHECKING

from zhibu.notices.models import Feedback, Notice

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def unread(user: "User") -> int:
    """How many notices ``user`` has not opened. One query on a partial index."""
    return Notice.objects.visible_to(user).unread().count()


def waiting(user: "User") -> int:
    """How much feedback waits for an answer."""
    return Feedback.objects.visible_to(user).unanswered().count()
