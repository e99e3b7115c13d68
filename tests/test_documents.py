"""The documents are true: what they name exists, and what exists is named."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).parent.parent


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_every_area_is_in_the_architecture():
    text = read("docs/architecture.md")

    assert [area for area in [*settings.AREAS, "config", "cli"] if f"`{area}`" not in text] == []


@pytest.mark.django_db
def test_every_table_has_its_line_in_privacy():
    named = set(re.findall(r"`([a-z_]+)`", read("docs/privacy.md")))
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))

    assert sorted(tables - named) == []
    assert sorted(n for n in named - tables if n.count("_") and n.split("_")[0] in areas()) == []


def areas() -> set[str]:
    return {app.label for app in apps.get_app_configs()}


def test_every_decision_is_listed_and_numbered_alike():
    listed = read("docs/adr/README.md")
    for path in sorted((ROOT / "docs/adr").glob("0*.md")):
        number = path.name[:4]
        assert path.read_text("utf-8").startswith(f"# {number} ")
        assert f"({path.name})" in listed


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "README.zh-CN.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/operations.md",
        "docs/adr/README.md",
    ],
)
def test_links_lead_somewhere(name):
    folder = (ROOT / name).parent
    links = re.findall(r"\]\(([^)#]+)\)", read(name))

    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_make_targets_named_in_the_documents_exist(name):
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z]+)", read(name), re.MULTILINE))

    assert named
    assert named <= targets


def test_readmes_show_the_same_commands():
    def commands(name: str) -> list[str]:
        return re.findall(r"^(?:make \w+|zhibu \w+)", read(name), re.MULTILINE)

    assert commands("README.md") == commands("README.zh-CN.md")


def test_every_dependency_has_its_reason():
    text = read("pyproject.toml")
    body = text.split("dependencies = [", 1)[1].split("[project.scripts]")[0]
    lines = [line for line in body.splitlines() if line.strip().startswith('"')]

    assert [line for line in lines if "#" not in line] == []


def test_requirements_name_no_index_and_carry_hashes():
    for name in ("requirements/base.txt", "requirements/test.txt"):
        text = read(name)
        assert "://" not in text
        pins = re.findall(r"^[a-zA-Z0-9_.-]+(?:\[[^\]]+\])?==", text, re.MULTILINE)
        assert text.count("--hash=sha256:") >= len(pins) > 50


def test_version_stands_in_the_changelog():
    from zhibu import __version__

    assert f"## {__version__} " in read("CHANGELOG.md")


# --- the handbook of operation


def commands_of(name: str) -> list[list[str]]:
    """Every ``zhibu …`` in code, its words."""
    text = read(name)
    found = re.findall(r"`(zhibu [^`\n]+)`", text)
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        found += re.findall(r"(?:^|/bin/)(zhibu .+)$", block, re.MULTILINE)
    return [line.split() for line in found]


@pytest.mark.parametrize("name", ["docs/operations.md", "deploy/zhibu.service"])
def test_commands_shown_exist_with_their_options(name):
    from typer.main import get_command

    from zhibu.cli.program import app

    known = get_command(app).commands
    if name.endswith(".service"):
        lines = re.findall(r"ExecStart=.+/bin/(.+)", read(name))
        shown = [line.split() for line in lines]
    else:
        shown = commands_of(name)
    assert shown
    for _, command, *rest in shown:
        options = {option for param in known[command].params for option in param.opts}
        assert {word for word in rest if word.startswith("--")} <= options, command


def test_settings_shown_to_operators_exist():
    known = set(re.findall(r"^# (ZHIBU_\w+)=", read(".env.example"), re.MULTILINE))
    for name in ("docs/operations.md", "deploy/zhibu.service", "deploy/nginx.conf"):
        assert set(re.findall(r"ZHIBU_[A-Z_]+", read(name))) <= known


def test_make_targets_shown_to_operators_exist():
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))

    assert set(re.findall(r"\bmake ([a-z]+)", read("docs/operations.md"))) <= targets


def test_nginx_lets_through_what_may_be_uploaded():
    most = int(re.findall(r"client_max_body_size (\d+)m", read("deploy/nginx.conf"))[0])
    default = int(re.findall(r"ZHIBU_UPLOAD_MEGABYTES=(\d+)", read(".env.example"))[0])

    assert most > default
