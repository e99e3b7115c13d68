import json
import threading
import zipfile

import pytest

from tests.installations import FEEDBACK
from zhibu.config import keys


@pytest.fixture
def home(busy):
    return busy


@pytest.fixture
def other(home, new_home):
    """A new machine on which the keys have been put back, and nothing else."""
    made = new_home("other")
    (made.path / "keys").mkdir(parents=True)
    for name in ("keyring.json", "ledger.json"):
        (made.path / "keys" / name).write_bytes((home.path / "keys" / name).read_bytes())
    return made


def altered(file, member, change):
    """The archive with one member changed, its line of the manifest left alone."""
    spoilt = file.with_name("altered.zip")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(spoilt, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content) if name == member else content)
    return spoilt


def manifest_of(file):
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read("manifest.json"))


def with_manifest(file, **changes):
    return altered(
        file, "manifest.json", lambda old: json.dumps({**json.loads(old), **changes}).encode()
    )


def database_of(file):
    return manifest_of(file)["members"][0]["name"]


def test_restored_data_are_the_same_and_verify(archive, home, other):
    before = home.verified()

    other.done("restore", str(archive))

    after = other.verified()
    assert after["ok"]
    assert after["sealed"] == before["sealed"]
    assert other.sql("select text from notices_feedback") == "[('原话',)]"
    stored = [p.name for p in (other.path / "media").rglob("*.pdf")]
    assert stored == [p.name for p in (home.path / "media").rglob("*.pdf")] != []


def test_restore_without_the_signing_key_says_which(archive, home, other):
    (other.path / "keys" / "ledger.json").unlink()

    code, _, errors = other.run("restore", str(archive))

    assert code == 4
    assert manifest_of(archive)["ledger_key"] in errors
    assert "照恢复单放好" in errors


def test_restore_is_noted_in_the_restored_ledger(archive, other):
    other.done("restore", str(archive))

    kinds = other.sql("select kind from ledger_entry order by id")
    assert kinds.endswith("('accounts:installation:restored',)]")


def test_manifest_names_members_rows_and_keys(archive, home):
    manifest = manifest_of(archive)

    assert manifest["format"] == 1
    assert manifest["rows"]["notices_feedback"] == 1
    assert manifest["rows"]["django_session"] == 0
    assert [m["name"].partition("/")[0] for m in manifest["members"]][1:] == ["media"]
    assert set(manifest["keys"]) == {"index", "1"}


def test_keys_are_not_inside(archive, home):
    ring = json.loads((home.path / "keys" / "keyring.json").read_text())
    secrets = [ring["django"], ring["index"], *ring["data"].values()]

    with zipfile.ZipFile(archive) as members:
        inside = b"".join(members.read(name) for name in members.namelist())

    assert [secret for secret in secrets if secret.encode() in inside] == []


def test_backup_is_its_owners_alone_and_covers_nothing(archive, home):
    assert archive.stat().st_mode & 0o077 == 0
    before = archive.read_bytes()

    code, _, errors = home.run("backup", str(archive))

    assert code == 3
    assert "不覆盖" in errors
    assert archive.read_bytes() == before
    assert [path.name for path in archive.parent.glob(".*")] == []


def test_full_disk_leaves_no_half_backup(home, tmp_path):
    code, _, errors = home.run("backup", str(tmp_path / "missing" / "x.zip"))

    assert code == 4
    assert "写不了" in errors


def test_restore_does_not_cover_data(archive, home):
    code, _, errors = home.run("restore", str(archive))

    assert code == 3
    assert "不覆盖" in errors
    assert home.verified()["ok"]


def test_restore_replaces_what_init_made(archive, other):
    other.done("init")

    other.done("restore", str(archive))

    assert other.verified()["ok"]
    assert other.sql("select text from notices_feedback") == "[('原话',)]"


def test_restore_wants_the_keys_of_the_backup(archive, new_home):
    stranger = new_home("stranger")
    assert "请先照恢复单把密钥放好" in stranger.run("restore", str(archive))[2]
    keys.write(keys.generate(is_demo=False), stranger.path / "keys" / "keyring.json")

    code, _, errors = stranger.run("restore", str(archive))

    assert code == 4
    assert "不是这份备份的密钥" in errors


def _cut(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def of_another_method(file, method):
    """The list of contents says that the first member is packed in another way than it is."""
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 10] = method
    spoilt = file.with_name("altered.zip")
    spoilt.write_bytes(content)
    return spoilt


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: of_another_method(file, zipfile.ZIP_BZIP2), "对不上"),
        (lambda file: of_another_method(file, zipfile.ZIP_LZMA), "对不上"),
        (lambda file: altered(file, database_of(file), _cut), "对不上"),
        (lambda file: altered(file, manifest_of(file)["members"][1]["name"], _cut), "对不上"),
        (lambda file: with_manifest(file, format=2), "第 2 种格式"),
        (lambda file: altered(file, "manifest.json", lambda old: b"{"), "清单"),
        (
            lambda file: with_manifest(
                file, members=[{"name": "media/../../x", "size": 0, "sha256": ""}]
            ),
            "不该有的路径",
        ),
        (
            lambda file: with_manifest(
                file,
                members=[*manifest_of(file)["members"], {"name": "media/aa/x", "sha256": "0"}],
            ),
            "对不上",
        ),
    ],
)
def test_spoilt_backup_is_not_restored(spoil, said, archive, other):
    code, _, errors = other.run("restore", str(spoil(archive)))

    assert code == 1
    assert said in errors
    assert other.run("verify")[0] == 4
    assert [path.name for path in other.path.glob("restoring-*")] == []


def test_backup_with_other_counts_is_not_restored(archive, other):
    if other.database:
        pytest.skip("pg_restore restores all of a dump or nothing")
    rows = {**manifest_of(archive)["rows"], "notices_feedback": 2}

    code, _, errors = other.run("restore", str(with_manifest(archive, rows=rows)))

    assert code == 1
    assert "行数" in errors


def test_what_is_no_backup_is_refused(other, tmp_path):
    (tmp_path / "x.zip").write_text("x")

    code, _, errors = other.run("restore", str(tmp_path / "x.zip"))

    assert code == 1
    assert "不是完好的备份" in errors


def test_backup_that_was_tampered_with_before_is_restored_only_knowingly(home, new_home, tmp_path):
    home.sql("update notices_feedback set text = '改过'")
    file = tmp_path / "tampered.zip"
    home.done("backup", str(file))
    made = new_home("other")
    (made.path / "keys").mkdir(parents=True)
    for name in ("keyring.json", "ledger.json"):
        (made.path / "keys" / name).write_bytes((home.path / "keys" / name).read_bytes())

    code, out, errors = made.run("restore", str(file))
    assert code == 1
    assert "notices.feedback:" in out
    assert "--with-faults" in errors

    if not made.database:
        assert made.run("verify")[0] == 4
        made.done("restore", str(file), "--with-faults")
        assert len(made.verified()["faults"]) == 1


def test_backup_while_others_write_is_whole(home, other, tmp_path):
    writer = home.start("worker")
    busy = (
        f"{FEEDBACK}\n"
        "for _ in range(150):\n"
        "    actions.give_feedback(page='/', text='x', by=by, at=timezone.now())\n"
    )
    writing = threading.Thread(target=home.python, args=[busy])
    writing.start()
    file = tmp_path / "busy.zip"
    home.done("backup", str(file))
    writing.join()
    writer.terminate()
    writer.communicate(timeout=60)

    other.done("restore", str(file))

    assert other.verified()["ok"]
