import json
import re

from zhibu.config import keys


def test_init_makes_three_hands_who_can_activate(home):
    codes = dict(re.findall(r"登录名 (\w+)　激活码 ([A-Z0-9-]+)", home.said))
    assert list(codes) == ["xitong", "anquan", "shenji"]

    roles = home.python(
        "from django.utils import timezone\n"
        "from zhibu.accounts import actions\n"
        "from zhibu.accounts.models import User\n"
        f"codes = {codes!r}\n"
        "for name, code in codes.items():\n"
        "    account = User.objects.get(username=name)\n"
        "    actions.activate(account, code=code, password='x', at=timezone.now())\n"
        "print(list(User.objects.order_by('pk').values_list('admin_role', flat=True)))"
    )

    assert roles == "['', 'system-admin', 'security-admin', 'audit-admin']"


def test_init_leaves_a_ledger_that_verifies(home):
    report = home.verified()

    assert (report["ok"], report["unsealed"], report["faults"]) == (True, 4, [])


def test_data_folder_is_its_owners_alone(home):
    assert home.path.stat().st_mode & 0o077 == 0
    for path in home.path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_recovery_sheet_holds_the_keys_and_the_fingerprint(home):
    ring = home.path / "keys" / "keyring.json"

    assert ring.read_text() in home.said
    assert keys.fingerprints(keys.read(ring))["index"] in home.said
    assert json.loads(ring.read_text())["demo"] is False


def test_init_refuses_what_is_there(home):
    before = (home.path / "keys" / "keyring.json").read_bytes()

    code, _, errors = home.run("init")

    assert code == 3
    assert "已经装好了" in errors
    assert (home.path / "keys" / "keyring.json").read_bytes() == before


def test_init_goes_on_where_it_broke_off(new_home):
    made = new_home()
    keys.write(keys.generate(is_demo=False), made.path / "keys" / "keyring.json")

    made.done("init")

    assert made.verified()["ok"]


def test_init_does_not_take_over_a_demo(new_home):
    made = new_home()
    keys.write(keys.generate(is_demo=True), made.path / "keys" / "keyring.json")

    code, _, errors = made.run("init")

    assert code == 3
    assert "演示数据" in errors


def test_init_wants_the_old_keys_for_old_data(home):
    (home.path / "keys" / "keyring.json").unlink()

    code, _, errors = home.run("init")

    assert code == 4
    assert "照恢复单放回密钥" in errors
    assert not (home.path / "keys" / "keyring.json").exists()


def test_init_leaves_no_keys_behind_when_the_database_is_away(new_home):
    made = new_home()

    code, _, _ = made.run("init", ZHIBU_DATABASE="postgresql://root@127.0.0.1:1/x")

    assert code == 4
    assert not (made.path / "keys" / "keyring.json").exists()


def test_demo_does_not_take_over_an_installation(home):
    code, _, errors = home.run("demo", "--no-serve")

    assert code == 3
    assert "正式数据" in errors
    assert home.verified()["ok"]


def test_fingerprints_tell_keys_apart_and_give_nothing_away():
    one, other = keys.generate(is_demo=False), keys.generate(is_demo=False)

    marks = keys.fingerprints(one)

    assert set(marks) == {"index", "1"}
    assert len({*marks.values(), *keys.fingerprints(other).values()}) == 4
    assert one.index.hex()[:8] not in str(marks)
