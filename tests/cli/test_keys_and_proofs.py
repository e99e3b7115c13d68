"""The signing key, proofs, heads sent out and an older database, by the real command."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zhibu.config import keys
from zhibu.ledger import signing

pytestmark = pytest.mark.alike

TOOL = Path(__file__).parents[2] / "tools" / "check_proof.py"
ACT = """
from django.utils import timezone
from zhibu.accounts.models import User
from zhibu.cli.background import seal
from zhibu.notices import actions
by = User.objects.get(is_system=True)
actions.give_feedback(page="/", text="原话", by=by, at=timezone.now())
seal(timezone.now())
"""


def act(home, times=1):
    for _ in range(times):
        home.python(ACT)


def check(*arguments):
    """The stand-alone program, run as a stranger runs it."""
    done = subprocess.run(
        [sys.executable, "-I", str(TOOL), *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def key_of(home):
    return home.path / "keys" / "ledger.json"


# --- the key


def test_init_makes_the_key_and_the_recovery_sheet_holds_it(home):
    key = key_of(home)

    assert key.stat().st_mode & 0o077 == 0
    assert key.read_text() in home.said
    act(home)
    report = home.verified()
    assert (report["ok"], report["heads"], report["unsigned_heads"]) == (True, 1, 0)


def test_key_of_its_own_path_is_used_and_made_there(new_home, tmp_path):
    made, path = new_home(), tmp_path / "elsewhere" / "sign.json"

    made.done("init", ZHIBU_LEDGER_KEY=str(path))

    assert path.exists()
    assert not key_of(made).exists()


def test_installation_from_before_there_were_keys_gets_one(home):
    key_of(home).unlink()
    act(home)

    said = home.done("recovery-sheet")

    assert key_of(home).read_text() in said
    act(home)
    report = home.verified()
    assert (report["ok"], report["heads"], report["unsigned_heads"]) == (True, 2, 1)
    _, said, _ = home.run("verify")
    assert "1 个没有签名" in said


def test_signed_ledger_without_its_key_is_not_served(home):
    act(home)
    key_of(home).unlink()

    code, _, errors = home.run("serve")

    assert code == 4
    assert "照恢复单放回" in errors
    assert not key_of(home).exists()


def test_key_that_others_can_read_keeps_the_site_closed(home):
    key_of(home).chmod(0o644)

    code, _, errors = home.run("serve")

    assert code == 4
    assert "chmod 600" in errors


def test_rotation_is_vouched_for_recorded_and_printed(home):
    act(home)
    before = signing.read(key_of(home))

    said = home.done("rotate-ledger-key")

    after = signing.read(key_of(home))
    assert after.current.endorsed_by == before.current.id
    assert after.current.id in said
    assert key_of(home).read_text() in said
    assert "key-changed" in home.sql("select kind from ledger_entry order by id desc limit 1")
    act(home)
    assert home.verified()["ok"]


def test_lost_key_is_replaced_only_when_it_is_said_to_be_lost(home):
    act(home)
    home.done("publish")
    assert home.run("rotate-ledger-key", "--lost")[0] == 3
    old = signing.read(key_of(home)).current
    key_of(home).unlink()
    assert home.run("rotate-ledger-key")[0] == 4

    said = home.done("rotate-ledger-key", "--lost")

    assert "没有旧密钥担保" in said
    act(home)
    assert next(iter(signing.read(key_of(home)).public)) == old.id
    assert home.verified()["ok"]


def test_backup_leaves_key_and_published_heads_out(home, tmp_path):
    import zipfile

    act(home)
    home.done("publish")
    home.done("backup", str(tmp_path / "b.zip"))

    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
        names = archive.namelist()
    secret = json.loads(key_of(home).read_text())["private"]
    assert secret.encode() not in inside
    assert not [name for name in names if "published" in name or "keys" in name]


# --- proofs


def test_proof_of_a_record_is_checked_by_a_stranger(home, tmp_path):
    act(home, 2)
    file = tmp_path / "proof.json"

    said = home.done("proof", "notices.feedback:1", "--out", str(file))

    assert str(file) in said
    code, said = check(file, "--key", signing.read(key_of(home)).current.id)
    assert (code, said.splitlines()[-1]) == (0, "成立。")
    assert home.run("proof", "notices.feedback:1", "--out", str(file))[0] == 2
    home.done("proof", "notices.feedback:1", "--with-record", "--out", str(tmp_path / "more.json"))
    assert "原话" in check(tmp_path / "more.json")[1]
    assert check(file, "--key", "0" * 32)[0] == 1


def test_growth_between_two_heads_is_checked_by_a_stranger(home, tmp_path):
    act(home, 3)
    home.done("proof", "--heads", "1", "3", "--out", str(tmp_path / "growth.json"))

    assert check(tmp_path / "growth.json")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 2),
        (("notices.feedback:1", "--heads", "1", "2"), 2),
        (("nothing:1",), 2),
        (("notices.feedback:x",), 2),
        (("notices.feedback:99",), 1),
        (("--heads", "1", "9"), 2),
    ],
)
def test_proof_that_cannot_be_given_is_refused_in_words(home, arguments, code):
    ended, out, errors = home.run("proof", *arguments)

    assert (ended, out) == (code, "")
    assert errors.strip()


# --- sent out, and an older database


def test_publish_sends_the_newest_head_and_says_where(home, tmp_path):
    act(home)
    shared = tmp_path / "shared"

    said = home.done("publish", ZHIBU_PUBLISH_FOLDER=str(shared))

    assert str(shared) in said
    assert check(shared)[0] == 0
    assert home.verified()["ok"]


def test_older_backup_is_not_restored_unawares(home, tmp_path):
    act(home)
    home.done("backup", str(tmp_path / "b.zip"))
    act(home, 2)
    home.done("publish")
    for file in home.path.glob("zhibu.sqlite3*"):
        file.unlink()
    if home.database:
        home.sql("drop schema public cascade")
        home.sql("create schema public")

    code, said, errors = home.run("restore", str(tmp_path / "b.zip"))

    assert code == 1
    assert "数据库比公布过的旧" in said
    assert "--older" in errors


@pytest.fixture
def older(home, new_home, tmp_path):
    """A new machine with keys and published heads of today, and the backup of yesterday."""
    act(home)
    home.done("backup", str(tmp_path / "b.zip"))
    act(home, 2)
    home.done("publish")
    made = new_home("other")
    made.path.mkdir()
    for folder in ("keys", "published"):
        shutil.copytree(home.path / folder, made.path / folder)
    return made, tmp_path / "b.zip"


def test_older_backup_is_restored_where_it_is_owned_up_to(older):
    made, file = older
    assert made.run("restore", str(file))[0] == 1

    made.done("restore", str(file), "--older")

    report = made.verified()
    assert report["ok"]
    assert "承认过数据变旧" in report["notes"][0]
    assert "loss-accepted" in made.sql("select kind from ledger_entry order by id desc limit 1")
    act(made)
    assert made.verified()["ok"]


def test_older_database_put_in_place_by_hand_is_a_fault_until_owned_up_to(home, new_home):
    if home.database:
        pytest.skip("a file is put back by hand")
    act(home)
    old = [(file, file.read_bytes()) for file in home.path.glob("zhibu.sqlite3*")]
    act(home, 2)
    for file in home.path.glob("zhibu.sqlite3*"):
        file.unlink()
    for file, content in old:
        file.write_bytes(content)

    report = home.verified()
    assert [fault["kind"] for fault in report["faults"]] == ["database-older"]
    code, _, errors = home.run("serve")
    assert code == 4
    assert "accept-older" in errors

    said = home.done("accept-older", "--reason", "误删后放回昨天的文件")
    assert "2 个封存头" in said
    assert home.verified()["ok"]
    assert "没有要承认的" in home.done("accept-older", "--reason", "再来一次")


def test_own_ring_is_not_the_signing_key(home):
    ring = keys.read(home.path / "keys" / "keyring.json")

    assert ring.index.hex() not in key_of(home).read_text()
