"""Counting tries: one atomic upsert, exact with any number of processes.

A key is kept as a keyed hash, so that the table names nobody.
"""

from datetime import datetime, timedelta

from django.db import connection

from zhibu.core.encryption import keyed_hash
from zhibu.core.models import Tries

_COUNT = """
insert into core_tries (key, n, until_at) values (%s, 1, %s)
on conflict (key) do update set
  n = case when core_tries.until_at <= %s then 1 else core_tries.n + 1 end,
  until_at = case when core_tries.until_at <= %s then excluded.until_at
             else core_tries.until_at end
returning n
"""


def count(name: str, *subject: str, within: timedelta, at: datetime) -> int:
    """Count one more try of ``subject`` at ``name``; how many since the window opened.

    The window opens with the first try and lasts ``within``. Call outside a transaction
    that may be rolled back, or the try is forgotten with it.
    """
    key = keyed_hash("\0".join(subject), purpose=f"rate:{name}")
    now = connection.ops.adapt_datetimefield_value(at)
    until = connection.ops.adapt_datetimefield_value(at + within)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, until, now, now])
        (n,) = cursor.fetchone()
    return int(n)


def is_within(name: str, *subject: str, limit: int, within: timedelta, at: datetime) -> bool:
    """Count one more try; whether ``limit`` still allows it."""
    return count(name, *subject, within=within, at=at) <= limit


def forget(at: datetime) -> int:
    """Drop windows that have closed; how many."""
    gone, _ = Tries.objects.filter(until_at__lte=at).delete()
    return gone
