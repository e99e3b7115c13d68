"""Rows of a register out of a table: judged as the page judges them, written whole, taken back."""

import io
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.conftest import NOON, TODAY
from tests.imports.workbooks import workbook
from tests.registers import books
from tests.registers.importing import (
    CONTACTS,
    HEADINGS,
    HELPERS,
    apply,
    begin,
    bring,
    clock,
    look,
    told,
)
from zhibu.accounts import roles
from zhibu.core.fields import Named
from zhibu.core.verdicts import Refused
from zhibu.imports import actions as imports
from zhibu.imports import reading, targets
from zhibu.imports.models import Batch
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations
from zhibu.people.merging import actions as merging
from zhibu.people.models import Person
from zhibu.registers import actions, drafts, rules
from zhibu.registers.models import Mention, Row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ONCE = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def who(world, tree):
    person = factories.member(tree.village, by=tree.system, name="单文秀")
    return Named(person.pk, person.name)


def line(place, who="单文秀", job="文书", pay="", phone="", home="", since="2026-01-01", until=""):
    return (place.code, who, job, pay, phone, home, since, until)


# --- what comes in


def test_a_row_comes_in_as_the_page_would_write_it(cast, tree, who):
    batch = bring(
        cast["secretary"], tree.village,
        line(tree.village, pay="2,800元", phone="13800000000", home=tree.far.code,
             until="2027年1月1日"),
    )  # fmt: skip

    row = Row.objects.get()
    assert row.values == {
        "who": {"id": who.id, "name": "单文秀"}, "job": "clerk", "pay": "2800",
        "phone": "13800000000", "from": {"id": tree.far.pk, "name": tree.far.called},
    }  # fmt: skip
    assert (row.since, row.until) == (date(2026, 1, 1), date(2027, 1, 1))
    assert (row.title, row.counted, row.is_shared) == ("单文秀", "clerk", True)
    assert (row.number, row.year, row.numbered_in) == (1, 2026, tree.county)
    assert (row.opened_by, row.batch) == (cast["secretary"], batch.pk)
    assert set(row.mentions.values_list("column", "is_subject")) == {("who", True), ("from", False)}
    with pytest.raises(drafts.Faulty, match="一样的已经有一行"):
        books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk")
    assert verify().faults == []


def test_numbers_go_on_and_each_organization_is_found(cast, tree, who):
    factories.member(tree.inner, by=tree.system, name="内村人")
    books.open_row(tree.village, by=cast["secretary"], who=who, job="driver")

    bring(
        cast["township officer"], tree.east,
        line(tree.village), line(tree.inner, who="内村人"), line(tree.inner, "内村人", "司机"),
    )  # fmt: skip

    assert list(Row.objects.order_by("number").values_list("number", "organization", "title")) == [
        (1, tree.village.pk, "单文秀"), (2, tree.village.pk, "单文秀"),
        (3, tree.inner.pk, "内村人"), (4, tree.inner.pk, "内村人"),
    ]  # fmt: skip
    later = books.open_row(
        tree.village, by=cast["secretary"], who=who, job="clerk", since=date(2025, 1, 1),
        until=date(2026, 1, 1),
    )  # fmt: skip
    assert later.number == 1  # of its own year


def test_without_an_organization_a_row_is_of_the_place_it_is_handed_in(cast, tree, who):
    bring(cast["secretary"], tree.village, ("单文秀", "文书", "2026-01-01"),
          headings=("谁", "岗位", "从哪天"))  # fmt: skip

    assert Row.objects.get().organization == tree.village


def test_what_a_register_exports_comes_in_again_elsewhere(cast, tree, who, client):
    """The sheet of one's own rows, once they are voided: the same rows again."""
    client.force_login(cast["secretary"])
    made = books.open_row(
        tree.village, by=cast["secretary"], who=who, job="clerk", pay="2800.5", phone="138",
        until=date(2027, 1, 1), **{"from": Named(tree.far.pk, tree.far.called)},
    )  # fmt: skip
    address = "/registers/demo/small/helpers/"
    sent = client.get(f"{address}?organization={tree.village.pk}&export=1")
    (sheet,) = reading.read(io.BytesIO(b"".join(sent.streaming_content)).getvalue()).sheets
    before = Row.objects.get()
    actions.void_row(made, reason="重来", by=cast["secretary"], at=NOON)
    at = next(n for n, row in enumerate(sheet.rows) if "岗位" in row)

    bring(cast["secretary"], tree.village, *sheet.rows[at + 1 :], headings=sheet.rows[at])

    again = Row.objects.exclude(pk=made.pk).get()
    assert (again.values, again.since, again.until, again.organization) == (
        before.values, before.since, before.until, before.organization
    )  # fmt: skip
    assert again.number == 2


# --- what does not


@pytest.mark.parametrize(
    ("given", "column", "code", "says"),
    [
        ({"who": "没有的人"}, "谁", "unknown_person", "选不到"),
        ({"who": ""}, "谁", "missing_value", "要填"),
        ({"job": "会计"}, "岗位", "bad_value", "会计"),
        ({"job": "/"}, "岗位", "missing_value", "要填"),
        ({"home": "没有的村"}, "从哪里来", "bad_value", "没有找到"),
        ({"since": "2026年春"}, "从哪天", "bad_value", "看不出是哪一天"),
        ({"since": ""}, "从哪天", "missing_value", "要填"),
        ({"since": "1800-01-01"}, "从哪天", "bad_value", "看不出"),
        ({"until": "2026-01-01"}, "到哪天（不含）", "bad_days", "晚于"),
        ({"until": "2028-01-02"}, "到哪天（不含）", "bad_days", "最长2年"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_remedy(given, column, code, says, cast, tree, who):
    _, preview = look(cast["secretary"], tree.village, line(tree.village, **given))

    assert told(preview) == [(2, column, code)]
    assert says in preview.errors[0].message


def test_a_closed_column_is_not_said_again(cast, tree, who):
    _, preview = look(cast["secretary"], tree.village, line(tree.village, pay="两千八"))

    (fault,) = preview.errors
    assert (fault.column, fault.value) == ("月薪", None)
    assert "两千八" not in fault.message


def test_all_faults_come_at_once_and_nothing_is_written(cast, tree, who):
    check, preview = look(
        cast["secretary"], tree.village,
        line(tree.village, who="没有的人", job="会计"), line(tree.village), line(tree.village),
        line(tree.far), ("X-0", "单文秀", "文书", "", "", "", "2026-01-01", ""),
    )  # fmt: skip

    assert told(preview) == [
        (2, "谁", "unknown_person"), (2, "岗位", "bad_value"), (4, "谁", "duplicate_row"),
        (5, "组织代码", "unknown_organization"), (6, "组织代码", "unknown_organization"),
    ]  # fmt: skip
    assert preview.clean_rows == 1
    with pytest.raises(Refused, match="有 5 处错误"):
        apply(cast["secretary"], check, preview)
    assert not Row.all_rows.exists()

    apply(cast["secretary"], check, preview, clean_only=True)
    assert Row.objects.count() == 1


def test_a_column_that_has_to_be_there_is_told_once(cast, tree, who):
    _, preview = look(cast["secretary"], tree.village, ("单文秀",), ("单文秀",), headings=("谁",))
    missing = [(f.row, f.value) for f in preview.errors if f.code == "missing_column"]

    assert missing == [(None, "岗位"), (None, "从哪天")]
    assert preview.has_whole_fault
    assert preview.clean_rows == 0


def test_a_key_that_is_taken_is_told_and_a_row_that_follows_on_is_not(cast, tree, who):
    books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk", until=date(2026, 7, 1))

    _, taken = look(cast["secretary"], tree.village, line(tree.village, since="2026-06-30"))
    assert told(taken) == [(2, "谁", "already_there")]
    assert "先结束那一行" in taken.errors[0].message

    _, free = look(cast["secretary"], tree.village, line(tree.village, since="2026-07-01"))
    assert told(free) == []


def test_of_two_with_one_name_the_year_of_birth_says_which(cast, tree, who):
    other = factories.member(tree.village, by=tree.system, name="单文秀")
    other.born_on = date(1980, 3, 2)
    other.save(update_fields=["born_on"])

    _, preview = look(cast["secretary"], tree.village, line(tree.village))
    assert told(preview) == [(2, "谁", "ambiguous_person")]

    bring(cast["secretary"], tree.village, line(tree.village, who="单文秀（1980-03）"))
    assert Row.objects.get().values["who"]["id"] == other.pk


def test_where_only_the_level_above_writes_a_secretary_brings_nothing_in(cast, tree, world):
    headings, row = ("组织代码", "姓名", "从哪天"), (tree.village.code, "联络人", "2026-01-01")

    with pytest.raises(Refused, match="书记或上级党委登记"):
        begin(cast["secretary"], *look(cast["secretary"], tree.village, row, headings=headings,
                                       subject=CONTACTS))  # fmt: skip

    bring(cast["township officer"], tree.east, row, headings=headings, subject=CONTACTS)
    assert Row.objects.get().title == "联络人"


def test_an_organization_that_keeps_no_such_register_is_told(cast, tree, world):
    _, preview = look(
        cast["county officer"], tree.county, (tree.east.code, "联络人", "2026-01-01"),
        headings=("组织代码", "姓名", "从哪天"), subject=CONTACTS,
    )  # fmt: skip

    assert told(preview) == [(2, "组织代码", "not_held")]


def test_someone_who_writes_nowhere_may_not_begin(cast, tree, world):
    for name in ("committee member", "member", "sibling secretary", "stranger secretary"):
        check, preview = look(cast[name], tree.village, line(tree.village))
        with pytest.raises(Refused):
            begin(cast[name], check, preview)


# --- meanwhile, and back


def test_rows_of_an_import_are_seen_all_at_once(cast, tree, who, monkeypatch):
    check, preview = look(cast["secretary"], tree.village, line(tree.village))
    seen, judge = [], rules.open_at

    def look_round(*given):
        """As the last turn begins."""
        seen.append((Row.objects.count(), Row.all_rows.count(), Mention.objects.count()))
        return judge(*given)

    monkeypatch.setattr(rules, "open_at", look_round)
    apply(cast["secretary"], check, preview)

    assert seen == [(0, 1, 1)]
    assert Row.objects.count() == 1


def test_a_key_taken_between_check_and_writing_refuses_all_of_it(cast, tree, who):
    check, preview = look(cast["secretary"], tree.village, line(tree.village))
    books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk")

    with pytest.raises(Refused, match="有人登记了一样的一行"):
        apply(cast["secretary"], check, preview)

    assert Row.all_rows.count() == 1
    assert verify().faults == []


def test_an_organization_that_ended_between_check_and_writing_refuses_all(cast, tree, who):
    check, preview = look(cast["township officer"], tree.east, line(tree.village))
    organizations.Organization.objects.filter(pk=tree.village.pk).update(dissolved_on=TODAY)

    with pytest.raises(Refused, match="核对之后有变动"):
        apply(cast["township officer"], check, preview)

    assert not Row.all_rows.exists()


def test_an_undo_takes_back_what_nobody_touched_and_keeps_the_last_number(cast, tree, who):
    batch = bring(
        cast["secretary"], tree.village, line(tree.village, job="文书"),
        line(tree.village, job="司机"), line(tree.village, job="文书", since="2024-01-01",
                                            until="2025-01-01"),
    )  # fmt: skip
    first, second, old = Row.objects.order_by("pk")

    imports.undo(batch, by=cast["secretary"], at=NOON, clock=clock)

    assert set(Row.objects.values_list("pk", flat=True)) == {second.pk, old.pk}
    batch.refresh_from_db()
    assert batch.state == "undone"
    assert all("最后一号" in why for _, _, why in batch.report["kept"])
    assert not Mention.objects.filter(row=first.pk).exists()
    made = books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk")
    assert made.number == 3
    assert verify().faults == []


def test_an_undo_keeps_a_row_that_was_corrected(cast, tree, world):
    batch = bring(
        cast["township officer"], tree.east, (tree.village.code, "一", "2026-01-01"),
        (tree.inner.code, "二", "2026-01-01"), headings=("组织代码", "姓名", "从哪天"),
        subject=CONTACTS,
    )  # fmt: skip
    row = Row.objects.get(title="二")
    actions.correct_row(
        row, drafts.Draft(since=row.since, values={"name": "三"}), reason="写错",
        by=cast["township officer"], at=NOON,
    )  # fmt: skip

    imports.undo(batch, by=cast["township officer"], at=NOON, clock=clock)

    assert list(Row.objects.values_list("title", flat=True)) == ["三"]
    assert verify().faults == []


# --- whatever is handed in


DAYS = st.integers(0, 20).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
ROWS = st.lists(
    st.tuples(st.sampled_from(["文书", "司机"]), DAYS, st.none() | DAYS), min_size=1, max_size=7
)


def one_by_one(rows, place, who, by):
    """What the page takes of ``rows``, each with its place in the table; taken back again."""
    taken = []
    with transaction.atomic():
        for number, (job, since, until) in enumerate(rows):
            with suppress(drafts.Faulty), transaction.atomic():
                books.open_row(
                    place, by=by, who=who, since=since, until=until,
                    job={"文书": "clerk", "司机": "driver"}[job],
                )  # fmt: skip
                taken.append(number)
        transaction.set_rollback(True)
    return taken


@ONCE
@given(ROWS)
def test_clean_rows_of_any_table_come_in_and_none_overlaps(cast, tree, who, rows):
    """A row is clean just where no earlier one of the table of its kind shares a day with it, and
    it could stand alone; each clean row is written."""
    by, titles = cast["secretary"], {"clerk": "文书", "driver": "司机"}
    said = [line(tree.village, job=job, since=day, until=end or "") for job, day, end in rows]
    alone = [bool(one_by_one([row], tree.village, who, by)) for row in rows]
    with transaction.atomic():
        check, preview = look(by, tree.village, *said)
        refused = {fault.row - 2 for fault in preview.errors}
        if preview.clean_rows:
            apply(by, check, preview, clean_only=True)
        made = list(Row.objects.order_by("pk"))
        transaction.set_rollback(True)

    for number, (job, since, until) in enumerate(rows):
        earlier = [one for place, one in enumerate(rows[:number]) if alone[place]]
        met = any(
            job == other and (until is None or begins < until) and (end is None or since < end)
            for other, begins, end in earlier
        )
        assert (number in refused) == (met or not alone[number])
    kept = [row for number, row in enumerate(rows) if number not in refused]
    assert [(titles[one.counted], one.since, one.until) for one in made] == kept


# --- the pages


HELPERS_PAGE = "/registers/demo/small/helpers/"


def test_from_the_registers_page_to_rows_and_back(cast, tree, who, client, settings, tmp_path):
    settings.HOME = tmp_path
    client.force_login(cast["secretary"])
    page = client.get(f"{HELPERS_PAGE}?organization={tree.village.pk}").content.decode()
    address = f"{HELPERS_PAGE}import/{tree.village.pk}/"
    assert f'href="{address}"' in page

    empty = client.get(f"{address}?blank=1")
    (sheet,) = reading.read(empty.content).sheets
    assert sheet.name == "聘用人员"
    assert [cell for cell in sheet.rows[1] if cell] == [
        "组织代码", "组织名称", "谁", "岗位", "月薪", "电话", "从哪里来", "从哪天",
        "到哪天（不含）",
    ]  # fmt: skip

    filled = workbook(("聘用", [list(HEADINGS), list(line(tree.village))]))
    file = SimpleUploadedFile("聘用.xlsx", filled)
    sent = client.post(address, {"file": file})
    batch = Batch.objects.get()
    assert sent.headers["Location"] == batch.get_absolute_url()
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "台账 1 行，没有错" in page
    assert f'href="{HELPERS_PAGE}?organization={tree.village.pk}"' in page

    client.post(f"{batch.get_absolute_url()}apply/", {"door": "everything"})
    assert Row.objects.get().title == "单文秀"
    assert "已导入：台账 1" in client.get(batch.get_absolute_url()).content.decode()

    client.post(f"{batch.get_absolute_url()}undo/")
    batch.refresh_from_db()
    assert batch.state == "undone"
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "是最后一号" in page


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("secretary", 200), ("township officer", 200), ("county officer", 200),
        ("committee member", 404), ("member", 404), ("sibling secretary", 404),
        ("stranger secretary", 404), ("other township officer", 404), ("system admin", 404),
    ],
)  # fmt: skip
def test_a_batch_is_seen_by_whoever_writes_there_and_sees_closed_columns(
    name, status, cast, tree, who, client
):
    batch = bring(cast["secretary"], tree.village, line(tree.village))
    client.force_login(cast[name])

    assert client.get(batch.get_absolute_url()).status_code == status


def test_what_is_given_up_leads_back_to_the_register(cast, tree, who, client):
    batch = begin(cast["secretary"], *look(cast["secretary"], tree.village, line(tree.village)))
    client.force_login(cast["secretary"])

    sent = client.post(f"{batch.get_absolute_url()}discard/")

    assert sent.headers["Location"] == f"{HELPERS_PAGE}?organization={tree.village.pk}"


def test_a_file_without_the_headings_is_told_what_they_are(cast, tree, who):
    _, preview = look(cast["secretary"], tree.village, ("甲", "乙"), headings=("姓名", "工作"))

    assert told(preview) == [(None, None, "no_headings")]
    assert "“聘用人员”的表要有“谁”" in preview.errors[0].message


def test_a_roster_says_nothing_of_registers(system, tree):
    """What is asked for is never read unasked."""
    assert [target.name for target in targets.in_order()] == [
        "organizations", "members", "activities"
    ]  # fmt: skip
    assert [target.name for target in targets.in_order(HELPERS)] == ["registers"]


def test_a_table_with_closed_columns_is_nothing_to_who_only_writes(
    cast, tree, who, client, monkeypatch
):
    known = roles.catalogue()
    member = known["branch-committee"]
    monkeypatch.setitem(
        known, member.id, replace(member, grants=member.grants | {"registers.write"})
    )
    theirs = bring(cast["secretary"], tree.village, line(tree.village))
    own = bring(cast["committee member"], tree.village, line(tree.village, job="司机"))
    client.force_login(cast["committee member"])

    assert client.get(own.get_absolute_url()).status_code == 200
    assert client.get(theirs.get_absolute_url()).status_code == 404


def test_a_check_asks_as_often_for_many_rows_as_for_few(cast, tree, who):
    def asked(number):
        rows = [
            line(tree.village, since=f"20{year}-01-01", until=f"20{year}-02-01", home=tree.far.code)
            for year in range(10, 10 + number)
        ]
        with CaptureQueriesContext(connection) as captured:
            _, preview = look(cast["secretary"], tree.village, *rows)
        assert preview.errors == []
        return len(captured)

    asked(1)  # what a session settles once
    assert asked(2) == asked(12)


def test_whom_a_row_names_may_become_another_before_anybody_sees_it(cast, tree, who, monkeypatch):
    """Two records of a person are made one while an import is being written: the ledger knows
    the row as it is."""
    other = factories.member(tree.village, by=tree.system, name="单文修")
    check, preview = look(cast["secretary"], tree.village, line(tree.village, who="单文修"))
    judge = rules.open_at

    def merge(*given):
        merging.merge(
            Person.objects.get(pk=who.id), Person.objects.get(pk=other.pk), fields={},
            lines={"states": "one", "belongings": "one"}, reason="核对身份证",
            by=cast["township officer"], at=NOON,
        )  # fmt: skip
        return judge(*given)

    monkeypatch.setattr(rules, "open_at", merge)
    apply(cast["secretary"], check, preview)

    assert Row.objects.get().values["who"]["id"] == who.id
    assert verify().faults == []


def test_an_import_that_fails_in_its_last_turn_leaves_nothing(cast, tree, who, monkeypatch):
    check, preview = look(cast["secretary"], tree.village, line(tree.village))
    seen = []

    def fail(*given):
        seen.append(Row.all_rows.count())
        raise RuntimeError("电断了")

    with monkeypatch.context() as patch:
        patch.setattr(rules, "open_at", fail)
        with pytest.raises(RuntimeError):
            apply(cast["secretary"], check, preview)

    assert seen == [1]
    assert not Row.all_rows.exists()
    assert not Mention.objects.exists()
    assert Batch.objects.get().state == "failed"
    bring(cast["secretary"], tree.village, line(tree.village))
    assert Row.objects.get().number == 1
    assert verify().faults == []


def test_numbers_of_two_places_go_on_where_the_county_counts(cast, tree, who):
    """Numbers are counted at the top of what they count in: of two places one after the other."""
    factories.member(tree.far, by=tree.system, name="远村人")
    bring(cast["secretary"], tree.village, line(tree.village))
    bring(cast["stranger secretary"], tree.far, line(tree.far, who="远村人"))

    assert list(Row.objects.order_by("pk").values_list("number", "numbered_in")) == [
        (1, tree.county.pk), (2, tree.county.pk),
    ]  # fmt: skip
