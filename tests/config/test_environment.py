import re
from pathlib import Path

import pytest

from zhibu.config import databases, env

EXAMPLE = Path(__file__).parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No setting in the environment but those a test sets."""
    for field in env.Environment.model_fields:
        monkeypatch.delenv(env.PREFIX + field.upper(), raising=False)
    return monkeypatch


def test_example_documents_every_setting_with_its_default():
    documented = dict(re.findall(r"^# (ZHIBU_\w+)=(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE))

    assert set(documented) == {env.PREFIX + name.upper() for name in env.Environment.model_fields}
    for name, field in env.Environment.model_fields.items():
        default = "" if field.default is None else str(field.default)
        shown = documented[env.PREFIX + name.upper()]
        if default:  # an empty one shows an example
            assert shown.lower() == default.lower(), name


def test_every_setting_is_explained_before_it():
    lines = EXAMPLE.read_text("utf-8").splitlines()
    settings_at = [n for n, line in enumerate(lines) if line.startswith("# ZHIBU_")]

    assert [lines[n - 1] for n in settings_at if not re.match(r"# [一-鿿]", lines[n - 1])] == []


def test_defaults_need_no_environment():
    read = env.read()

    assert (read.database, read.debug, read.allowed_hosts) == (
        "",
        False,
        ["127.0.0.1", "localhost"],
    )
    assert read.home.is_absolute()


def test_hosts_are_separated_by_commas(bare):
    bare.setenv("ZHIBU_HOSTS", " a.example, b.example ,")

    assert env.read().allowed_hosts == ["a.example", "b.example"]


def test_misspelt_setting_is_named_with_those_there_are(bare):
    bare.setenv("ZHIBU_HOEM", "/x")

    with pytest.raises(env.EnvironmentFaults, match=r"ZHIBU_HOEM：没有这个设置.*ZHIBU_HOME"):
        env.read()


def test_all_wrong_values_are_named_at_once(bare):
    bare.setenv("ZHIBU_DATABASE", "mysql://x/y")
    bare.setenv("ZHIBU_UPLOAD_MEGABYTES", "0")
    bare.setenv("ZHIBU_LEDGER_ALGORITHM", "md5")
    bare.setenv("ZHIBU_HOEM", "/x")

    with pytest.raises(env.EnvironmentFaults) as caught:
        env.read()

    for name in ("DATABASE", "UPLOAD_MEGABYTES", "LEDGER_ALGORITHM", "HOEM"):
        assert f"ZHIBU_{name}" in str(caught.value)


def test_sqlite_is_durable_and_takes_the_write_lock_at_once():
    made = databases.of_url("", Path("/data"))

    assert made["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in made["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in made["OPTIONS"]["init_command"]
    assert made["OPTIONS"]["timeout"] == 10


@pytest.mark.parametrize("url", ["", "postgresql://wang@db.example/zhibu"])
def test_connections_are_kept_and_asked_whether_they_still_stand(url):
    made = databases.of_url(url, Path("/data"))

    assert made["CONN_MAX_AGE"] > 0 and made["CONN_HEALTH_CHECKS"] is True


def test_postgresql_is_read_from_one_address():
    made = databases.of_url("postgresql://wang:a%40b@db.example:5433/zhibu", Path("/data"))

    assert (made["NAME"], made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == (
        "zhibu",
        "wang",
        "a@b",
        "db.example",
        "5433",
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MAIL_SERVER", "smtps://zhibu:secret@mail.example.org", "不写密码"),
        ("MAIL_SERVER", "mail.example.org", "smtps://"),
        ("PUBLISH_MAIL", "above@example.org, nobody", "不是邮箱地址：nobody"),
        ("PUBLISH_MAIL", "above@example.org", "还要设 MAIL_SERVER"),
        ("ADDRESS", "zhibu.example.org", "https://"),
        ("LEDGER_ALGORITHM", "md5", "sm3"),
    ],
)
def test_setting_of_the_ledger_that_cannot_be_is_refused(bare, name, value, said):
    bare.setenv(env.PREFIX + name, value)

    with pytest.raises(env.EnvironmentFaults, match=said):
        env.read()


def test_settings_of_publication_are_read(bare):
    bare.setenv("ZHIBU_PUBLISH_MAIL", "above@example.org, archive@example.org")
    bare.setenv("ZHIBU_MAIL_SERVER", "smtp+tls://zhibu@mail.example.org:587")
    bare.setenv("ZHIBU_MAIL_FROM", "zhibu@example.org")
    bare.setenv("ZHIBU_ADDRESS", "https://zhibu.example.org/")
    bare.setenv("ZHIBU_PUBLISH_FOLDER", "~/published")

    made = env.read()

    assert made.publish_addresses == ["above@example.org", "archive@example.org"]
    assert made.address == "https://zhibu.example.org"
    assert made.publish_folder.startswith("/")


def test_backups_by_the_clock_take_a_folder_a_rule_and_a_number(bare):
    bare.setenv("ZHIBU_BACKUP_FOLDER", "~/backups")
    bare.setenv("ZHIBU_BACKUP_CRON", "0 3 * * 0")

    assert env.read().backup_folder == Path.home() / "backups"
    assert (env.read().backup_cron, env.read().backup_keep) == ("0 3 * * 0", 14)

    bare.setenv("ZHIBU_BACKUP_CRON", "每天")
    with pytest.raises(env.EnvironmentFaults, match=r"ZHIBU_BACKUP_CRON.*五段"):
        env.read()
