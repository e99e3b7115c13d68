from datetime import timedelta

import pytest

from tests.conftest import NOON
from tests.processes import compete
from zhibu.core import rate
from zhibu.core.models import Tries

QUARTER = timedelta(minutes=15)


def _try(at, subject="gu"):
    return rate.is_within("sign-in", subject, "10.0.0.1", limit=3, within=QUARTER, at=at)


def test_limit_holds_within_the_window(db):
    assert [_try(NOON) for _ in range(4)] == [True, True, True, False]


def test_window_opens_with_the_first_try_and_closes(db):
    for _ in range(4):
        _try(NOON)

    assert not _try(NOON + QUARTER - timedelta(seconds=1))
    assert _try(NOON + QUARTER)


def test_one_subject_does_not_use_up_another(db):
    for _ in range(4):
        _try(NOON)

    assert _try(NOON, "ni")


def test_table_does_not_name_the_subject(db):
    _try(NOON)

    assert "gu" not in Tries.objects.get().key


def test_forget_drops_closed_windows_only(db):
    _try(NOON - QUARTER, "old")
    _try(NOON, "new")

    assert rate.forget(NOON) == 1


def _fifty(name):
    return [rate.count(name, "x", within=QUARTER, at=NOON) for _ in range(50)]


@pytest.mark.django_db(transaction=True)
def test_four_processes_count_exactly():
    counts = compete(_fifty, [("all",)] * 4)

    assert sorted(n for part in counts for n in part) == list(range(1, 201))
