"""Reading many tables as of one moment, without keeping anybody from writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def reading() -> Iterator[None]:
    """A read-only transaction in which every query sees the same moment.

    Must be the outermost transaction. SQLite takes no write lock; PostgreSQL reads at
    REPEATABLE READ.
    """
    if connection.in_atomic_block:
        yield  # a test, or a caller who holds a transaction already
        return
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
            yield
        return
    connection.ensure_connection()
    sqlite: Any = connection
    before = sqlite.transaction_mode
    sqlite.transaction_mode = "DEFERRED"
    try:
        with transaction.atomic():
            yield
    finally:
        sqlite.transaction_mode = before
