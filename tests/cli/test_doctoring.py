"""The doctor names what is wrong and what to do, one planted fault at a time."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.conftest import NOON
from tests.installations import ATTACH, SEAL
from zhibu.cli import doctoring
from zhibu.core import jobs
from zhibu.core.models import Heartbeat
from zhibu.ledger import actions as ledger
from zhibu.ledger import guard

pytestmark = pytest.mark.alike


def said(home) -> dict[str, dict[str, str]]:
    _, out, _ = home.run("doctor", "--json")
    found = json.loads(out)
    assert found["format"] == 1
    return {check["name"]: check for check in found["checks"]}


def test_new_installation_wants_its_worker_and_a_backup_folder(home):
    home.python(SEAL)
    code, out, _ = home.run("doctor")

    assert code == 1
    assert "✗ 后台任务：没有在办\n   怎么办：开网站：zhibu serve" in out
    assert "！ 备份：没有设定时备份" in out
    assert "有 1 处问题，1 处提醒。" in out


def test_every_fault_and_warning_says_what_to_do(home):
    for check in said(home).values():
        assert bool(check["remedy"]) == (check["state"] != "ok")


def test_no_installation_is_told_and_ends_with_4(new_home):
    home = new_home("nothing")
    home.path.mkdir()
    code, out, _ = home.run("doctor")

    assert code == 4
    assert "✗ 密钥：没有" in out
    assert "zhibu init" in out


def test_keys_that_others_may_read(home):
    (home.path / "keys" / "keyring.json").chmod(0o644)

    assert said(home)["keys"]["remedy"].startswith("运行 chmod 600")


def test_old_data_are_told_to_be_upgraded(home):
    home.sql("delete from django_migrations where app = 'activities'")

    assert "zhibu upgrade" in said(home)["migrations"]["remedy"]


def test_newer_data_are_told(home):
    home.sql(
        "insert into django_migrations (app, name, applied) values ('core', '9999_x', '2026-01-01')"
    )

    assert "比程序新" in said(home)["migrations"]["said"]


def test_backup_that_is_too_old(home, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    _, out, _ = home.run("doctor", ZHIBU_BACKUP_FOLDER=str(folder))

    assert f"✗ 备份：{folder} 里一份也没有" in out


def test_missing_file(home):
    home.python(ATTACH)
    next((home.path / "media").glob("*/*")).unlink()

    assert said(home)["files"]["said"] == "少了 1 个"


# --- in this process: what hangs on the moment


@pytest.fixture
def looked_at(system):
    def look(at):
        checks = (doctoring._guard, doctoring._clock, doctoring._worker, doctoring._sealing)
        return {finding.name: finding for finding in (check(at) for check in checks)}

    return look


def test_worker_that_stopped_beating(looked_at):
    jobs.beat("w", NOON)

    assert looked_at(NOON + timedelta(seconds=59))["worker"].state == "ok"
    assert looked_at(NOON + timedelta(minutes=5))["worker"].said == "5 分钟没有动静"
    assert Heartbeat.objects.exists()


def test_entries_that_wait_too_long(looked_at):
    assert looked_at(NOON + timedelta(seconds=60))["sealing"].state == "ok"
    late = looked_at(NOON + timedelta(hours=2))["sealing"]
    assert (late.state, "最早的等了 2 小时" in late.said) == ("fault", True)


def test_clock_behind_the_last_sealing(looked_at):
    ledger.seal(timezone.now() + timedelta(hours=1))

    assert looked_at(timezone.now())["clock"].state == "fault"


def test_guard_that_was_taken_off(looked_at):
    from django.db import connection

    guard.remove(connection)
    found = looked_at(NOON)["guard"]
    guard.install(connection)

    assert (found.state, "ledger_digest_no_delete" in found.said) == ("fault", True)
    assert looked_at(NOON)["guard"].state == "ok"
