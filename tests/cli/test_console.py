import json
import re
from pathlib import Path

import pytest
import typer

from tests.cli.homes import Home
from zhibu.cli.program import app

pytestmark = pytest.mark.alike

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
COMMANDS = typer.main.get_command(app).commands


def _sections() -> dict[str, str]:
    parts = re.split(r"^## zhibu ([a-z-]+)$", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_is_documented_and_every_documented_command_exists():
    assert list(_sections()) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name):
    options = {
        option
        for parameter in COMMANDS[name].params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }

    assert options - set(re.findall(r"--[a-z-]+", _sections()[name])) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_explains_itself_in_chinese(name):
    command = COMMANDS[name]

    assert re.search(r"[一-鿿]", command.help)
    for parameter in command.params:
        if parameter.opts[0].startswith("--") and parameter.opts != ["--help"]:
            assert re.search(r"[一-鿿]", parameter.help or ""), parameter.opts


WRITING = {
    *("import", "undo-import", "install-pack", "adopt", "backup", "restore"),
    *("drill", "upgrade", "copy-to", "accept-older", "rotate-ledger-key"),
}


def test_commands_that_write_for_somebody_take_as():
    taking = {
        name
        for name, command in COMMANDS.items()
        if any("--as" in parameter.opts for parameter in command.params)
    }

    assert taking == WRITING


def test_missing_installation_says_what_to_do(tmp_path):
    code, out, errors = Home(tmp_path / "none").run("verify")

    assert (code, out) == (4, "")
    assert "zhibu init" in errors
    assert "zhibu demo" in errors
    assert not (tmp_path / "none").exists()


def test_misspelt_setting_is_named(tmp_path):
    code, _, errors = Home(tmp_path).run("verify", ZHIBU_HOEM="x")

    assert code == 4
    assert "ZHIBU_HOEM：没有这个设置" in errors


def test_wrong_values_are_all_named(tmp_path):
    code, _, errors = Home(tmp_path).run("verify", ZHIBU_DATABASE="mysql://x", ZHIBU_DEBUG="maybe")

    assert code == 4
    assert "ZHIBU_DATABASE" in errors
    assert "ZHIBU_DEBUG" in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["verify", "--loud"],
        ["adopt"],
        ["adopt", "a/b", "--organization", "1", "--from", "tomorrow"],
        ["restore", "/nowhere/at/all"],
        ["backup", "x.zip", "--as", "nobody"],
    ],
)
def test_wrong_use_is_2(arguments, home):
    code, _, errors = home.run(*arguments)

    assert code == 2
    assert errors
    assert "Traceback" not in errors


def test_lost_database_is_4(home):
    code, _, errors = home.run("verify", ZHIBU_DATABASE="postgresql://root@127.0.0.1:1/x")

    assert code == 4
    assert "数据库连不上" in errors


def test_database_of_another_version_is_4(home):
    home.sql("delete from django_migrations where app = 'files'")

    code, _, errors = home.run("verify")

    assert code == 4
    assert "差 1 步" in errors


@pytest.mark.parametrize("content", ["", "{}", '{"format": 1}'])
def test_spoilt_key_ring_is_4(content, home):
    (home.path / "keys" / "keyring.json").write_text(content)

    code, _, errors = home.run("verify")

    assert code == 4
    assert "密钥文件读不出来" in errors


def test_somebody_without_the_right_is_refused_with_the_reason(home, tmp_path):
    code, _, errors = home.run("backup", str(tmp_path / "x.zip"), "--as", "anquan")

    assert code == 3
    assert errors.startswith("不能备份：")
    assert not (tmp_path / "x.zip").exists()


def test_ledger_notes_command_and_console_user(home, tmp_path):
    home.done("backup", str(tmp_path / "a.zip"))
    home.done("backup", str(tmp_path / "b.zip"), "--as", "XiTong")

    rows = home.python(
        "from zhibu.accounts.models import User\n"
        "from zhibu.cli.console import console_user\n"
        "from zhibu.ledger.models import Entry\n"
        "rows = Entry.objects.filter(kind__endswith='backed-up').order_by('pk')\n"
        "names = dict(User.objects.values_list('pk', 'username'))\n"
        "print([(names[row.by_id], row.origin == 'command:backup@' + console_user())"
        " for row in rows])"
    )

    assert rows == "[('system', True), ('xitong', True)]"


def _shape(value):
    """Keys of objects, of the first element of lists; what is documented of a JSON shape."""
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    return [_shape(value[0])] if isinstance(value, list) and value else None


def _documented(name: str):
    block, *_ = re.findall(r"```json\n(.*?)```", _sections()[name], flags=re.DOTALL)
    return json.loads(block)


@pytest.mark.parametrize(
    "name", ["import", "undo-import", "check-pack", "duties", "recount", "verify"]
)
def test_documented_json_is_json_of_format_1(name):
    assert _documented(name)["format"] == 1


def test_verify_prints_the_documented_shape(home):
    assert set(home.verified()) == set(_documented("verify"))


def test_check_pack_prints_the_documented_shape_without_an_installation(tmp_path):
    (tmp_path / "pack").mkdir()
    code, out, errors = Home(tmp_path / "none").run("check-pack", str(tmp_path / "pack"), "--json")

    assert code == 1, errors
    assert _shape(json.loads(out)) == _shape(_documented("check-pack"))
    assert not (tmp_path / "none").exists()


def test_duties_prints_the_documented_shape(home):
    out = home.done("duties", "--json", "--on", "2026-11-20")

    assert json.loads(out) == {"format": 1, "duties": []}


def test_recount_prints_the_documented_shape(home):
    out = home.done("recount", "--json", "--on", "2026-11-20")

    documented, found = _documented("recount"), json.loads(out)
    assert set(found) == set(documented)
    assert found["equal"] and found["evaluated"] == found["stored"] == 0


def test_import_prints_the_documented_shape(home):
    roster = Path(__file__).parents[1] / "data" / "roster-gannan.xlsx"

    code, out, errors = home.run("import", str(roster), "--dry-run", "--json")

    assert code == 1, errors
    documented, found = _documented("import"), json.loads(out)
    assert set(found) == set(documented)
    for part in ("errors", "normalized", "not_taken_over", "skipped", "columns"):
        assert _shape(found[part]) == _shape(documented[part])
