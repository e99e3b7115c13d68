"""What the schedule does for this area."""

from datetime import datetime, timedelta

from django.utils import timezone

from zhibu.core import jobs
from zhibu.core.pacing import Pacer
from zhibu.publishing import actions, telling
from zhibu.publishing.models import Publication

MISSED = timedelta(days=7)  # days on which nothing ran are made up for


@jobs.every("40 2 * * *", name="publishing.erase")
def erase(at: datetime) -> None:
    """Every night: contacts and words of visitors whose question was answered long ago."""
    actions.erase_contacts(at=at)
    actions.erase_voices(at=at)


@jobs.every("10 7 * * *", name="publishing.look_again")
def look_again(at: datetime) -> int:
    """Every morning: of how many publications somebody is told that they are to be looked at
    again. A few queries each."""
    today, found, pacer = timezone.localdate(at), 0, Pacer()
    due = Publication.objects.published().filter(review_on__lte=today, review_on__gt=today - MISSED)
    for publication in due.select_related("organization").order_by("pk"):
        with pacer.turn():
            telling.tell_to_look_again(publication, at=at)
        found += 1
    return found
