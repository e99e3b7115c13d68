"""Tables over many organisations: counted by the worker, kept by scope, counted anew."""

import json
import re
from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests import scenes
from tests.conftest import NOON, TODAY
from zhibu.assignments import actions as assignments
from zhibu.core import jobs
from zhibu.core.models import Heartbeat
from zhibu.core.verdicts import Refused
from zhibu.insight import keeping, tables, tasks
from zhibu.insight.counting import Figures, counted
from zhibu.insight.models import KeptTable
from zhibu.insight.subjects import SUBJECTS
from zhibu.people.models import Holding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LATER = NOON + keeping.FRESH_FOR + timedelta(seconds=1)
BEGIN, AGAIN = "开始算", "现在重新算"


@pytest.fixture(autouse=True)
def _everything_is_large(monkeypatch):
    monkeypatch.setattr(keeping, "MANY", 2)


def queued():
    return DBTaskResult.objects.filter(task_path=tasks.count_table.module_path)


@pytest.fixture
def worker(db):
    """A worker that is there; ``worker()`` runs what is ready."""
    jobs.beat("test", NOON)

    def run():
        for job in queued().ready():
            tasks.count_table.call(*job.args_kwargs["args"])
            DBTaskResult.objects.filter(pk=job.pk).update(status="SUCCESSFUL")

    return run


@pytest.fixture
def county(life, client):
    client.force_login(life.cast["county officer"])
    return life.tree.county


def question(top, *asked, on=TODAY):
    return scenes.asked(top, *(asked or ("duties", "place", "month")), on=on)


def address(top, verb="", *asked, on=TODAY):
    return f"/insight/{verb}?{question(top, *asked, on=on).address()}"


def record_something(life):
    secretary = life.cast["secretary"]
    return assignments.assign(
        life.tree.village, title="买煤", owner=life.person, due_on=TODAY, by=secretary, at=NOON
    )


def page(client, *path):
    return client.get(address(*path)).content.decode()


def test_what_nobody_asked_for_waits_to_be_asked_and_reading_writes_nothing(county, client):
    shown = page(client, county)

    assert BEGIN in shown and "导出" not in shown.partition("<main")[2]
    assert not KeptTable.objects.exists()


def test_asked_counted_shown_with_its_moment(county, client, worker):
    answer = client.post(address(county, "count/"))
    waiting = client.get(answer["Location"]).content.decode()
    worker()
    shown = client.get(answer["Location"]).content.decode()

    assert '<noscript><meta http-equiv="refresh"' in waiting and "<progress" in waiting
    assert "11月20日 12:00" in shown and AGAIN in shown
    live = tables.made(question(county))
    assert "已办 <a" in shown and live.whole.figure.words.split("/")[0] in shown
    for line in live.lines:
        assert f'<th scope="row">{line.word}</th>' in shown


def test_htmx_asks_for_progress_and_then_for_the_page(county, client, worker):
    client.post(address(county, "count/"))
    busy = client.get(address(county), headers={"HX-Request": "true"})
    worker()
    done = client.get(address(county), headers={"HX-Request": "true"})

    assert "<section" in busy.content.decode() and "<html" not in busy.content.decode()
    assert done["HX-Refresh"] == "true"


def test_where_no_worker_runs_the_page_waits_itself(county, client):
    assert not Heartbeat.objects.exists()

    answer = client.post(address(county, "count/"))

    assert AGAIN in client.get(answer["Location"]).content.decode()


def test_asked_twice_counted_once(county, client, worker):
    for _ in range(2):
        client.post(address(county, "count/"))

    assert queued().count() == 1
    assert KeptTable.objects.count() == 1


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=lambda s: s.id)
def test_what_is_kept_is_what_is_counted(subject, life):
    for row, column in permutations(subject.dimensions, 2):
        asked = question(life.tree.county, subject.id, row.id, column.id)
        kept, _ = keeping.ask(asked, by=life.cast["county officer"], at=NOON)

        kept = keeping.count(kept, at=NOON)

        again, figures = keeping.answered(asked, kept)
        assert (again, figures) == (asked, counted(asked))
        assert figures == Figures.of_json(json.loads(json.dumps(figures.as_json())))
        assert tables.made(again, figures) == tables.made(asked)


def test_stale_once_something_was_recorded_and_then_counted_anew(life, county, client, worker):
    kept, _ = keeping.ask(question(county), by=life.cast["county officer"], at=NOON)
    kept = keeping.count(kept, at=NOON)
    assert not keeping.is_stale(kept, LATER)

    record_something(life)

    assert not keeping.is_stale(kept, NOON + timedelta(minutes=1))
    assert keeping.is_stale(kept, LATER)
    assert tasks.renew(LATER) == 1
    assert tasks.renew(LATER) == 0
    worker()
    kept.refresh_from_db()
    assert kept.state == "ready" and not keeping.is_stale(kept, LATER)


def test_the_day_after_yesterdays_is_shown_as_yesterdays(life, county, client, clock, worker):
    client.post(address(county, "count/"))
    worker()
    clock.move_to(NOON + timedelta(days=1))
    client.force_login(life.cast["county officer"])

    shown = client.get(
        f"/insight/?organization={county.pk}&row=place&column=month"
    ).content.decode()

    assert f"截至 {TODAY}" in shown and "后台会重新算" in shown
    assert f"截至 {TODAY + timedelta(days=1)}" not in shown
    assert tasks.renew(timezone.now()) == 1


def test_a_past_day_is_kept_apart(life, county):
    officer = life.cast["county officer"]
    earlier = question(county, on=TODAY - timedelta(days=100))
    for asked in (question(county), earlier):
        keeping.count(keeping.ask(asked, by=officer, at=NOON)[0], at=NOON)

    assert KeptTable.objects.count() == 2
    assert keeping.answered(earlier, keeping.found(earlier, TODAY))[1] == counted(earlier)


def test_what_is_kept_opens_to_nobody_who_may_not_see_the_place(life, county, client, worker):
    client.post(address(county, "count/"))
    worker()

    for who, status in (("county officer", 200), ("township officer", 404), ("secretary", 404),
                        ("member", 404), ("system admin", 404)):  # fmt: skip
        client.force_login(life.cast[who])
        assert client.get(address(county)).status_code == status, who
        assert client.post(address(county, "count/")).status_code == (302 if status == 200 else 404)


def test_with_the_post_goes_the_sight_of_what_is_kept(life, county, client, worker):
    client.post(address(county, "count/"))
    worker()
    person = scenes.person_of(life.cast["county officer"])
    Holding.objects.filter(person=person).update(ended_on=TODAY)

    assert client.get(address(county)).status_code == 404


def test_who_sees_one_organisation_alone_does_not_have_what_lies_below_counted(life):
    village = question(life.tree.village)
    keeping.ask(village, by=life.cast["township officer"], at=NOON)

    with pytest.raises(Refused):
        keeping.ask(village, by=life.cast["secretary"], at=NOON)


def test_a_count_that_fails_says_so_and_may_be_asked_for_again(
    life, county, client, worker, monkeypatch
):
    client.post(address(county, "count/"))

    def fail(*args, **kwargs):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(keeping, "counted", fail)
        with pytest.raises(RuntimeError):
            worker()

    assert "没有算成" in page(client, county) and BEGIN in page(client, county)
    queued().delete()
    client.post(address(county, "count/"))
    worker()
    assert AGAIN in page(client, county)


def test_the_sheet_carries_the_moment(county, client, worker):
    from io import BytesIO

    import openpyxl

    client.post(address(county, "count/"))
    worker()

    answer = client.get(f"{address(county)}&export=1")

    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert "2026-11-20 12:00 算的" in sheet["A2"].value


def test_forgotten_when_nobody_asked_for_long(life, county):
    keeping.ask(question(county), by=life.cast["county officer"], at=NOON)
    KeptTable.objects.update(state="ready")

    assert keeping.forget(NOON + keeping.RENEWED_FOR - timedelta(seconds=1)) == 0
    assert keeping.forget(NOON + keeping.RENEWED_FOR) == 1


def test_the_page_takes_few_queries(county, client, worker, queries_of):
    client.post(address(county, "count/"))
    worker()

    assert queries_of(address(county)) <= 12
    assert re.search(r"\d", page(client, county))
