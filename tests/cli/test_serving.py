import contextlib
import os
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import NOON
from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.cli import serving

pytestmark = pytest.mark.alike


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, seconds=40.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{condition} 没有等到")


def children_of(pid: int) -> dict[int, str]:
    """Processes started by ``pid``, with their command lines."""
    found = {}
    for task in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((task / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                found[int(task.name)] = (task / "cmdline").read_text().replace("\0", " ")
    return found


def is_up(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture
def served(home):
    """A served installation: its process and port; ended whatever happens."""
    port = free_port()
    process = home.start("serve", "--port", str(port))
    until(lambda: is_up(port))
    yield process, port
    if process.poll() is None:
        process.terminate()
        process.communicate(timeout=60)


def test_serve_answers_seals_and_ends_both(served, home):
    process, port = served
    mine = children_of(process.pid)
    assert [("granian" in line, "worker" in line) for line in mine.values()].count(
        (True, True)
    ) == 1
    until(lambda: home.verified()["unsealed"] == 0)

    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}" in out
    assert not [pid for pid in mine if Path(f"/proc/{pid}").exists()]
    assert home.sql("select worker from core_heartbeat") == "[]"


def test_killed_worker_is_started_again(served):
    process, _ = served
    (worker,) = (p for p, line in children_of(process.pid).items() if "zhibu.cli worker" in line)

    os.kill(worker, signal.SIGKILL)

    def replaced():
        found = [p for p, line in children_of(process.pid).items() if "zhibu.cli worker" in line]
        return [p for p in found if p != worker]

    until(replaced)


def test_killed_page_process_is_started_again(served):
    process, port = served
    (web,) = (p for p, line in children_of(process.pid).items() if "granian" in line)
    page = min(children_of(web))

    os.kill(page, signal.SIGKILL)

    until(lambda: page not in children_of(web) and len(children_of(web)) == 2)
    until(lambda: is_up(port))


def test_killed_parent_takes_its_children_along(served):
    process, port = served
    mine = children_of(process.pid)

    process.kill()
    process.communicate()

    until(lambda: not [pid for pid in mine if Path(f"/proc/{pid}").exists()])
    until(lambda: not is_up(port))


def test_served_folder_is_not_served_or_restored_twice(served, home, tmp_path):
    home.done("backup", str(tmp_path / "x.zip"))

    for arguments in (["serve", "--port", str(free_port())], ["restore", str(tmp_path / "x.zip")]):
        code, _, errors = home.run(*arguments)
        assert code == 4
        assert "正开着网站" in errors


def test_taken_port_is_named(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, errors = home.run("serve", "--port", str(taken.getsockname()[1]))

    assert code == 4
    assert "--port" in errors


@pytest.fixture
def fit(settings, db, tmp_path):
    """Settings under which a real installation may be served."""
    ring = tmp_path / "keyring.json"
    ring.touch(mode=0o600)
    settings.IS_DEMO, settings.DEBUG, settings.KEYS_PATH = False, False, ring
    settings.ALLOWED_HOSTS = ["zhibu.example"]
    settings.PUBLISHED_PATH = tmp_path / "published"
    return settings


def test_fit_installation_has_nothing_against_it(fit):
    assert serving.reasons_against() == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("IS_DEMO", True, "密钥是演示用的"),
        ("DEBUG", True, "ZHIBU_DEBUG"),
        ("ALLOWED_HOSTS", ["*"], "ZHIBU_HOSTS"),
    ],
)
def test_unfit_setting_is_a_reason(name, value, said, fit):
    setattr(fit, name, value)

    (reason,) = serving.reasons_against()

    assert said in reason


def test_key_ring_others_can_read_is_a_reason(fit):
    fit.KEYS_PATH.chmod(0o640)

    (reason,) = serving.reasons_against()

    assert "chmod 600" in reason


@pytest.mark.parametrize(("is_active", "reasons"), [(True, 1), (False, 0)])
def test_demo_account_is_a_reason_while_it_works(is_active, reasons, fit, system):
    accounts.appoint_admin(
        username="demo", name="演示", admin_role="system-admin", is_demo=True, by=system, at=NOON
    )
    User.objects.filter(username="demo").update(is_active=is_active)

    assert len(serving.reasons_against()) == reasons


def test_all_reasons_are_given_at_once(home):
    ring = home.path / "keys" / "keyring.json"
    ring.write_text(ring.read_text().replace('"demo": false', '"demo": true'))
    home.sql("update accounts_user set is_demo = true where username = 'xitong'")

    code, _, errors = home.run("serve", ZHIBU_DEBUG="true", ZHIBU_HOSTS="*")

    assert code == 4
    assert "有 4 处要先改" in errors
