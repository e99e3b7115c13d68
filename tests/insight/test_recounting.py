"""重新计算全树: asked for on a page or at the console, run by the worker, never mending."""

import json
from datetime import timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from tests import scenes
from tests.conftest import NOON, TODAY
from zhibu.cli import recounting as command
from zhibu.cli.console import Ended
from zhibu.core import jobs
from zhibu.core.verdicts import Refused
from zhibu.duties.models import Obligation
from zhibu.insight import recounting, tasks, whole
from zhibu.insight.models import Recount
from zhibu.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PATH = "/insight/whole/"


@pytest.fixture
def officer(life, client):
    client.force_login(life.cast["county officer"])
    return life.cast["county officer"]


@pytest.fixture
def console(monkeypatch, capsys):
    """The command inside this test's database: exit code and output."""
    monkeypatch.setattr(command, "open_installation", lambda: None)

    def run(**asked):
        code = command.recount(**{"on": None, "as_json": False, **asked})
        return code, capsys.readouterr().out

    return run


def spoilt(life):
    row = Obligation.objects.filter(organization=life.tree.village, done=0, applies=True).first()
    Obligation.objects.filter(pk=row.pk).update(done=3)
    return row


def page(client):
    return client.get(PATH).content.decode()


def test_what_is_stored_comes_out_equal(life, officer, client):
    assert "开始算" in page(client)
    assert not Recount.objects.exists()

    client.post(PATH)

    shown = page(client)
    assert "重新算的和存着的一样" in shown
    pairs = Obligation.objects.filter(holder_kind="pair").count()
    assert pairs and f"还有 {Recount.objects.get().outcome['left_out']} 项不在里面" in shown


def test_the_row_that_differs_is_named_and_left_as_it_is(life, officer, client):
    row = spoilt(life)

    client.post(PATH)

    shown = page(client)
    assert "有 1 项不一样" in shown
    assert f'href="/insight/obligations/{row.pk}/"' in shown
    assert "已办次数：重新算是 0，存着 3" in shown
    assert Obligation.objects.get(pk=row.pk).done == 3


def test_the_worker_runs_it_and_the_page_waits_without_script(life, officer, client):
    jobs.beat("test", NOON)
    client.post(PATH)
    client.post(PATH)

    waiting = page(client)
    assert '<noscript><meta http-equiv="refresh"' in waiting and "<progress" in waiting
    (job,) = DBTaskResult.objects.filter(task_path=tasks.recount_tree.module_path)
    tasks.recount_tree.call(*job.args_kwargs["args"])

    assert "重新算的和存着的一样" in page(client)


def test_no_name_of_a_person_is_kept(life, officer, client):
    owing = Obligation.objects.exclude(holder_kind="organization").exclude(holder_kind="pair")
    owing.update(done=9)

    client.post(PATH)

    kept = json.dumps(Recount.objects.get().outcome, ensure_ascii=False)
    assert [name for name in Person.objects.values_list("name", flat=True) if name in kept] == []


@pytest.mark.parametrize("who", ["township officer", "secretary", "member", "system admin"])
def test_whoever_does_not_count_the_whole_tree_is_refused(who, life, client):
    with pytest.raises(Refused):
        recounting.ask(life.tree.county, by=life.cast[who], at=NOON)
    client.force_login(life.cast[who])
    assert client.get(f"{PATH}?organization={life.tree.county.pk}").status_code == 404


def test_without_its_packages_it_says_what_to_install(life, officer, client, monkeypatch, console):
    monkeypatch.setattr(whole, "find_spec", lambda name: None)

    shown = page(client)

    assert whole.INSTALL in shown and "开始算" not in shown
    assert client.post(PATH).status_code == 403
    with pytest.raises(Ended) as ended:
        console()
    assert ended.value.code == 4 and whole.INSTALL in ended.value.message


def test_the_console_says_the_same(life, console):
    row = spoilt(life)

    code, text = console(on=TODAY)
    json_code, written = console(on=TODAY, as_json=True)

    assert (code, json_code) == (1, 1)
    assert "已办次数：重新算是 0，存着 3" in text and "1 项不一样" in text
    found = json.loads(written)
    assert found["format"] == 1 and not found["equal"]
    (difference,) = found["differences"]
    assert difference["obligation"] == row.pk and difference["says"] == {"done": [0, 3]}


def test_the_console_ends_with_0_where_all_is_equal(life, console):
    assert console()[0] == 0


def test_a_failure_is_said(life, officer, client, monkeypatch):
    jobs.beat("test", NOON)
    client.post(PATH)

    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr(recounting, "evaluate", fail)
    (job,) = DBTaskResult.objects.filter(task_path=tasks.recount_tree.module_path)
    with pytest.raises(RuntimeError):
        tasks.recount_tree.call(*job.args_kwargs["args"])

    assert "上次没有算成" in page(client)


def test_forgotten_after_a_month(life):
    recounting.ask(life.tree.county, by=life.cast["county officer"], at=NOON)

    assert recounting.forget(NOON + recounting.KEPT_FOR - timedelta(seconds=1)) == 0
    assert recounting.forget(NOON + recounting.KEPT_FOR) == 1


def test_the_sheet_names_the_rows(life, officer, client):
    from io import BytesIO

    import openpyxl

    row = spoilt(life)
    client.post(PATH)

    answer = client.get(f"{PATH}?export=1")

    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert row.pk in [cell for line in sheet.iter_rows(values_only=True) for cell in line]


def test_reading_takes_few_queries(life, officer, client, queries_of):
    client.post(PATH)

    assert queries_of(PATH) <= 12
    assert scenes.person_of(officer)
