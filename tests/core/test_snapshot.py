import threading

import pytest
from django.db import connection

from tests.conftest import NOON
from zhibu.core import jobs, snapshot
from zhibu.core.models import Heartbeat


def _beat(name):
    try:
        jobs.beat(name, NOON)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_reader_sees_one_moment_and_holds_nobody_up():
    seen = []
    with snapshot.reading():
        seen.append(Heartbeat.objects.count())
        writer = threading.Thread(target=_beat, args=["late"])
        writer.start()
        writer.join(timeout=8)
        assert not writer.is_alive()
        seen.append(Heartbeat.objects.count())

    assert seen == [0, 0]
    assert Heartbeat.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_writing_is_as_before_afterwards():
    with snapshot.reading():
        Heartbeat.objects.count()

    jobs.beat("w", NOON)

    if connection.vendor == "sqlite":
        assert connection.transaction_mode == "IMMEDIATE"
