"""Obligations of many organisations, brought up to date in the background in chunks."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils import timezone
from django_tasks import task

from zhibu.core.jobs import retry
from zhibu.duties import actions

CHUNK = 100


@retry(times=5, wait=timedelta(seconds=20))
@task
def refresh_chunk(organizations: list[int], since: str) -> int:
    """Bear running twice: what is up to date is left as it is."""
    return actions.refresh(organizations, at=timezone.now(), since=date.fromisoformat(since))


def refresh_later(organizations: Sequence[int], since: date) -> int:
    """Queue the refresh in the current transaction; how many jobs."""
    chunks = [organizations[i : i + CHUNK] for i in range(0, len(organizations), CHUNK)]
    for chunk in chunks:
        refresh_chunk.enqueue(list(chunk), since.isoformat())
    return len(chunks)
