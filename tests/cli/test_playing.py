"""``check-pack --play``: what an author reads of the examples, and that nothing is touched."""

import re
import shutil

import pytest

from tests.cli.homes import Home
from zhibu.packs import library

pytestmark = pytest.mark.alike

PACK = library.SHIPPED / "seeds" / "rectification"
NAME = "maker-does-not-check"
ALL = len(list((PACK / "examples").glob("*.toml")))


@pytest.fixture
def nowhere(tmp_path):
    """No installation."""
    return Home(tmp_path / "none")


@pytest.fixture
def folder(tmp_path):
    """The author's own copy of a pack."""
    return shutil.copytree(PACK, tmp_path / "seeds" / "rectification")


def changed(folder, before, after, name=NAME):
    file = folder / "examples" / f"{name}.toml"
    text = file.read_text("utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), "utf-8")


def test_every_step_is_told_with_its_line(nowhere, folder):
    out = nowhere.done("check-pack", str(folder), "--play")
    text = (folder / "examples" / f"{NAME}.toml").read_text("utf-8").splitlines()
    line = next(n for n, one in enumerate(text, 1) if one == 'outcome = "accept"') - 3
    mine = out.split(f"例子 {NAME}：")[1].split("例子 ")[0]

    assert text[line - 1] == "[[given.case.step]]"
    assert f"2026-10-30 核验：销号，上级的示例干事　[examples/{NAME}.toml:{line}]" in mine
    assert "接着：整改，轮到示例党员2，2026-11-30 前" in mine
    assert "没办成：who：不能办：前面是您经办的" in mine
    assert mine.rstrip().endswith("和写的一样")
    assert out.rstrip().endswith(f"{ALL} 个例子，都和写的一样。")
    assert out.count("\n例子 ") == ALL
    assert not nowhere.path.exists()


def test_what_comes_out_otherwise_is_marked_at_its_step(nowhere, folder):
    changed(folder, 'refused = { who = "前面是您经办的" }', 'refused = { who = "您不是书记" }')

    code, out, errors = nowhere.run("check-pack", str(folder), "--example", NAME)

    assert code == 1, errors
    assert "不一样！：第 1 件事第 3 步在 who 应提示“您不是书记”" in out
    assert re.search(r"实际“不能办：前面是您经办的.*　\[given.case\[0\].step\[2\]\]", out)
    assert "1 个例子，1 个和写的不一样。" in out
    assert "例子 solved" not in out


def test_one_that_is_not_there_is_named(nowhere, folder):
    code, _, errors = nowhere.run("check-pack", str(folder), "--example", "nothing")

    assert code == 2
    assert "没有例子 nothing。有的是：answer-goes-back-to-the-sources、" in errors


def test_pack_that_leads_nowhere_is_not_played(nowhere, folder):
    file = folder / "procedures" / "rectify" / "2000-01-01.toml"
    file.write_text(file.read_text("utf-8").replace('to = ["check"]', 'to = ["chek"]'), "utf-8")

    code, out, errors = nowhere.run("check-pack", str(folder), "--play")

    assert code == 1
    assert "没有步骤 chek" in out
    assert "例子没有走" in errors


def test_what_is_still_to_be_written_keeps_nobody_from_looking(nowhere, folder):
    (folder / "CHANGES.md").write_text("\n", "utf-8")

    code, out, _ = nowhere.run("check-pack", str(folder), "--example", NAME)

    assert code == 1
    assert "没有写变化" in out
    assert "1 个例子，都和写的一样。" in out


def test_an_installation_is_only_read(home, folder):
    counts = (
        "select (select count(*) from ledger_entry), (select count(*) from cases_case), "
        "(select count(*) from organizations_organization)"
    )
    before = home.sql(counts)

    home.done("check-pack", str(folder), "--example", NAME)

    assert home.sql(counts) == before


def test_for_people_and_for_programs_are_two_things(nowhere, folder):
    code, _, errors = nowhere.run("check-pack", str(folder), "--play", "--json")

    assert code == 2
    assert "不能和 --json 一起用" in errors
