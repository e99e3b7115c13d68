import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.imports.sheets import MAN, TREE, WOMAN, member, members, organizations
from tests.imports.test_reading import FAR, archive, rows_of
from tests.imports.workbooks import county_workbook, workbook
from zhibu.imports import command, reading
from zhibu.imports.models import Batch
from zhibu.ledger.verify import verify
from zhibu.organizations.models import Organization
from zhibu.people.models import Person

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "data"
KEY = json.loads((DATA / "roster-gannan.key.json").read_text("utf-8"))
ALSO = {"joined_before_birth": {"joined_under_18"}}
GOOD = workbook(organizations(*TREE), members(member(党内职务="书记")))
FAULTY = workbook(
    organizations(*TREE),
    members(
        member(党内职务="书记"),
        member(姓名="=1+1", 性别="?", 公民身份号码=WOMAN),
        member(姓名="王红", 公民身份号码="", 所在党支部="没有的支部"),
    ),
)


def run(file, capsys, by, **options):
    code = command.run_import(file, as_json=True, by=by, **options)
    out = capsys.readouterr().out
    return code, json.loads(out) if out else None


@pytest.fixture(autouse=True)
def _no_demo(settings):
    """Sheets given back carry a line in a demo; here they do not."""
    settings.IS_DEMO = False


def put(tmp_path, content, name="名册.xlsx"):
    file = tmp_path / name
    file.write_bytes(content)
    return file


def test_every_planted_fault_of_a_real_roster_is_found_and_no_other(system, capsys):
    """The roster's key is only for this test: what offices got wrong, row by row."""
    code, preview = run(DATA / "roster-gannan.xlsx", capsys, system, dry_run=True)

    assert code == 1
    assert (preview["organizations"], preview["members"]) == (KEY["organizations"], KEY["members"])
    reported = {}
    for fault in preview["errors"]:
        reported.setdefault((fault["sheet"], fault["row"]), []).append(fault)
    planted = {(f["sheet"], f["row"]): f for f in KEY["faults"]}
    missed = [
        fault
        for place, fault in planted.items()
        if not {f["code"] for f in reported.get(place, [])}
        & ({fault["fault"]} | ALSO.get(fault["fault"], set()))
    ]
    assert missed == []
    repeated = [f["value"] for p in planted for f in reported[p] if f["code"] == "duplicate_id"]
    partners = [f["value"] for p, fs in reported.items() if p not in planted for f in fs]
    assert sorted(partners) == sorted(repeated)
    for fault in (*preview["errors"], *preview["warnings"]):
        assert not fault["value"] or fault["value"] in fault["message"]
    assert Organization.objects.count() == Batch.objects.count() == 0


def test_a_faultless_roster_comes_in(system, capsys, tmp_path):
    code, preview = run(put(tmp_path, GOOD), capsys, system)

    assert code == 0
    assert preview["import_id"] == Batch.objects.get().pk
    assert (preview["organizations"], preview["members"]) == (4, 1)
    assert preview["errors"] == []
    assert Person.objects.get().id_number == MAN


def test_a_dry_run_changes_nothing_and_has_no_number(system, capsys, tmp_path):
    code, preview = run(put(tmp_path, GOOD), capsys, system, dry_run=True)

    assert (code, preview["import_id"]) == (0, None)
    assert Organization.objects.count() == Batch.objects.count() == 0


def test_faults_stop_everything_and_are_told(system, capsys, tmp_path):
    code, preview = run(put(tmp_path, FAULTY), capsys, system)

    assert (code, preview["import_id"]) == (1, None)
    assert {f["code"] for f in preview["errors"]} == {"unknown_sex", "missing_id", "unknown_branch"}
    assert Person.objects.count() == 0


def test_clean_rows_come_in_and_the_others_come_back_with_reasons(system, capsys, tmp_path):
    rest = tmp_path / "退回.xlsx"

    code, preview = run(put(tmp_path, FAULTY), capsys, system, clean_only=True, rest=rest)

    assert code == 0
    assert preview["import_id"] is not None
    assert [p.name for p in Person.objects.all()] == ["顾长林"]
    sheet = openpyxl.load_workbook(rest)["党员"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:2] == ["姓名", "性别"]
    assert rows[0][-1] == "退回原因"
    assert [row[0] for row in rows[1:]] == ["=1+1", "王红"]
    assert rows[1][4] == WOMAN
    assert "性别“?”认不出来" in rows[1][-1]
    assert sheet["A2"].data_type == "s"
    assert rest.stat().st_mode & 0o077 == 0


def test_rows_that_came_back_can_be_mended_and_imported(system, capsys, tmp_path):
    rest = tmp_path / "退回.xlsx"
    run(put(tmp_path, FAULTY), capsys, system, clean_only=True, rest=rest)
    book = openpyxl.load_workbook(rest)
    book["党员"]["A2"], book["党员"]["B2"] = "单红", "女"
    book["党员"].delete_rows(3)
    book.save(rest)

    code, preview = run(rest, capsys, system)

    assert code == 0
    assert preview["not_taken_over"] == [
        {"sheet": "党员", "column": "退回原因", "reason": "还没有这一项"}
    ]
    assert {p.name for p in Person.objects.all()} == {"顾长林", "单红"}
    assert verify().faults == []


def test_importing_the_same_file_again_registers_nobody_twice(system, capsys, tmp_path):
    run(put(tmp_path, GOOD), capsys, system)

    code, preview = run(put(tmp_path, GOOD), capsys, system)

    assert code == 1
    assert [f["code"] for f in preview["errors"]] == ["already_registered"]
    assert {"same_file", "already_there"} <= {f["code"] for f in preview["warnings"]}
    assert Organization.objects.count() == 4


def test_undo_by_command_tells_what_went(system, capsys, tmp_path):
    _, preview = run(put(tmp_path, GOOD), capsys, system)

    code = command.undo_import(preview["import_id"], as_json=True, by=system)

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["removed"]["people.person"] == 1
    assert told["kept"] == []
    assert Person.objects.count() == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"clean_only": True}, 2),
        ({"under": "没有"}, 3),
    ],
)
def test_a_wrong_command_says_so(system, capsys, tmp_path, options, code):
    assert command.run_import(put(tmp_path, GOOD), by=system, **options) == code
    assert capsys.readouterr().err


def test_missing_file_and_existing_rest_are_usage(system, capsys, tmp_path):
    file = put(tmp_path, GOOD)

    assert command.run_import(tmp_path / "没有.xlsx", by=system) == 2
    assert command.run_import(file, clean_only=True, rest=file, by=system) == 2
    assert file.read_bytes() == GOOD


def test_who_may_not_import_is_refused(cast, capsys, tmp_path):
    assert command.run_import(put(tmp_path, GOOD), by=cast["secretary"]) == 3
    assert command.undo_import(1, by=cast["secretary"]) == 2


def test_another_number_is_usage(system, capsys):
    assert command.undo_import(99, by=system) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (archive(rows_of(FAR)), "file_exhausting"),
        (b"%PDF", "file_not_a_table"),
        (workbook(("表", [["没有", "标题"], [1, 2]])), "no_headings"),
        (workbook(("表", [])), "file_empty"),
    ],
)
def test_a_file_that_is_no_roster_is_one_fault_in_the_same_shape(
    system, capsys, tmp_path, content, code
):
    answer, preview = run(put(tmp_path, content), capsys, system)

    assert answer == 1
    assert [(f["code"], f["row"], f["sheet"]) for f in preview["errors"]] == [(code, None, None)]
    assert (preview["organizations"], preview["members"]) == (0, 0)


def test_a_file_too_large_is_refused_unread(system, capsys, tmp_path, monkeypatch):
    file = tmp_path / "大.xlsx"
    with file.open("wb") as sparse:
        sparse.truncate(200 * 1024 * 1024)

    def unread(content):
        raise AssertionError

    monkeypatch.setattr(reading, "read", unread)
    answer, preview = run(file, capsys, system)

    assert answer == 1
    assert [f["code"] for f in preview["errors"]] == ["file_too_large"]


def test_a_csv_of_members_in_gb18030_comes_in(tree, cast, capsys, tmp_path):
    text = "\r\n".join(",".join(map(str, row)) for row in members(member(姓名="郑云子㛃"))[1])

    code, preview = run(
        put(tmp_path, text.encode("gb18030"), "名册.csv"), capsys, cast["township officer"]
    )

    assert code == 0
    assert [f["code"] for f in preview["warnings"] if f["row"] is None] == ["text_gb18030"]
    assert Person.objects.get(name="郑云子㛃").home == tree.village


def test_the_summary_reads_as_plain_words(system, capsys, tmp_path):
    command.run_import(put(tmp_path, FAULTY), by=system)

    said = capsys.readouterr().out
    assert "读到组织 4，党员 3" in said
    assert "党员 第 3 行 性别：性别“?”认不出来" in said
    assert "没有导入" in said


def test_a_made_roster_is_faultless(system, capsys, tmp_path):
    code, preview = run(put(tmp_path, county_workbook(members=300)), capsys, system)

    assert code == 0
    assert preview["members"] == 300
    assert verify().faults == []


def test_the_reading_process_needs_nothing_of_the_program():
    """It starts fast and holds no secrets: no settings, no database, no keys."""
    script = (
        "import sys, runpy; sys.argv = ['x']; sys.stdin = open('/dev/null');"
        f"runpy.run_path({reading.READER[2]!r}, run_name='not main');"
        "assert not [m for m in sys.modules if m.startswith(('django', 'zhibu'))]"
    )

    subprocess.run([sys.executable, "-I", "-c", script], check=True)
