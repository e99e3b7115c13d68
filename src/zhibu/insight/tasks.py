"""What the worker counts for this area."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from zhibu.core import charts
from zhibu.core.jobs import every, retry
from zhibu.insight import keeping, recounting
from zhibu.insight.models import KeptTable, Recount, State


@retry(times=3, wait=timedelta(seconds=20))
@task
def count_table(number: int) -> None:
    """Bears running twice: the later count stands."""
    kept = KeptTable.objects.select_related("organization").filter(pk=number).first()
    if kept is None:
        return
    try:
        keeping.count(kept, at=timezone.now())
    except Exception:
        KeptTable.objects.filter(pk=number).update(state=State.FAILED)
        raise


@task
def recount_tree(number: int) -> None:
    row = Recount.objects.filter(pk=number).first()
    if row is None:
        return
    try:
        recounting.count(row, at=timezone.now())
    except Exception:
        Recount.objects.filter(pk=number).update(state=State.FAILED)
        raise


@every("*/10 * * * *", name="insight.renew")
def renew(at: datetime) -> int:
    """Queue what has become stale; how many."""
    tables = keeping.stale(at)
    for kept in tables:
        with transaction.atomic():
            KeptTable.objects.filter(pk=kept.pk).update(state=State.WAITING)
            count_table.enqueue(kept.pk)
    return len(tables)


@every("50 3 * * *", name="insight.forget")
def forget(at: datetime) -> int:
    return keeping.forget(at) + recounting.forget(at) + charts.forget(at)
