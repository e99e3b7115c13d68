"""Caps hold for rows from a table: all above them count, and what others wrote since."""

import pytest

from tests.burden.test_caps import BOOK, BULLETIN, PAPERS, SECRETARY
from tests.registers import importing as tables
from zhibu.core.verdicts import Refused
from zhibu.registers.importing import TARGET
from zhibu.registers.models import Row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OF_PAPERS = ("组织代码", "标题", "哪一种", "超出上限的理由", "从哪天")
OF_HONOURS = ("组织代码", "组织、姓名", "哪一种", "哪一轮", "事迹", "从哪天")


def look(cast, tree, *rows, book=PAPERS, headings=OF_PAPERS):
    return tables.look(
        cast["county officer"], tree.county, *rows, headings=headings, subject=TARGET.subject(book)
    )


def bulletin(place, day, name="简报", why=""):
    return (place.code, name, "简报", why, day)


def honour(place, name):
    return (place.code, name, "优秀党支部书记", "一轮", "守堤", "2026-11-02")


def test_rows_above_in_the_table_count(gate, cast, tree):
    _, preview = look(
        cast, tree, bulletin(tree.village, "2026-11-02"), bulletin(tree.inner, "2026-11-02"),
        bulletin(tree.village, "2026-11-30"), bulletin(tree.village, "2026-12-01"),
    )  # fmt: skip

    assert [(fault.row, fault.code) for fault in preview.errors] == [(4, "over_cap")]
    assert "2026年11月最多 1，已经有 1" in preview.errors[0].message


def test_rows_that_are_there_count(written, cast, tree):
    written(BOOK, tree.far, times=9, **SECRETARY)

    _, preview = look(
        cast, tree, honour(tree.village, "甲"), honour(tree.inner, "乙"), book=BOOK,
        headings=OF_HONOURS,
    )  # fmt: skip

    assert [fault.row for fault in preview.errors] == [3]
    assert "一共最多 10，已经有 10" in preview.errors[0].message


def test_what_fits_comes_in(gate, cast, tree):
    check, preview = look(
        cast, tree, bulletin(tree.village, "2026-11-02"), bulletin(tree.inner, "2026-11-02")
    )

    tables.apply(cast["county officer"], check, preview)

    assert Row.objects.filter(register=PAPERS).count() == 2


def test_what_others_wrote_meanwhile_refuses_all_of_it(written, cast, tree):
    check, preview = look(cast, tree, bulletin(tree.village, "2026-11-02"))
    written(PAPERS, tree.village, **BULLETIN)

    with pytest.raises(Refused, match="数着上限的"):
        tables.apply(cast["county officer"], check, preview)

    assert Row.all_rows.filter(register=PAPERS).count() == 1
