"""A cell says to a control what somebody would type, however the office wrote it down."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from zhibu.core import fields
from zhibu.core.fields import Choice, FieldSpec
from zhibu.imports.controls import typed

KINDS = [
    Choice(id="has", title="有"), Choice(id="not", title="无"),
    Choice(id="both", title="甲、乙都算"), Choice(id="spaced", title="第 3 类"),
]  # fmt: skip
IDS = st.sampled_from([kind.id for kind in KINDS])
CENTS = st.decimals(-(10**9), 10**9, places=2)
VALUES = {
    "date": st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    "number": st.integers(-(10**9), 10**9),
    "money": CENTS,
    "quantity": CENTS,
    "yes-no": st.booleans(),
    "choice": IDS,
    "choices": st.lists(st.sampled_from(["has", "not", "spaced"]), min_size=1, unique=True),
}
MORE = {"choice": {"choices": KINDS}, "choices": {"choices": KINDS}, "quantity": {"unit": "盏"}}


def spec(kind, **more):
    return FieldSpec(id="x", title="题目", type=kind, **{**MORE.get(kind, {}), **more})


def read(asked, cell):
    text = typed(asked, cell)
    return fields.control(asked).clean(text) if text not in ("", []) else None


@given(st.sampled_from(sorted(VALUES)), st.data())
def test_what_is_exported_is_read_as_it_was(kind, data):
    """A sheet gives numbers back as floats."""
    value = data.draw(VALUES[kind])
    cell = fields.get(kind).export(spec(kind), value)

    assert read(spec(kind), float(cell) if isinstance(cell, Decimal) else cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "found"),
    [
        ("money", "2,800.50 元", Decimal("2800.50")),
        ("money", "２８００", Decimal(2800)),
        ("money", 0.1 + 0.2, Decimal("0.3")),
        ("number", 14.0, 14),
        ("number", "1,400", 1400),
        ("quantity", "14盏", Decimal(14)),
        ("date", datetime(2026, 5, 1), date(2026, 5, 1)),
        ("date", "二〇二六年五月一日", date(2026, 5, 1)),
        ("date", 46143, date(2026, 5, 1)),
        ("yes-no", "是", True),
        ("choice", "第3类", "spaced"),
        ("choice", "无", "not"),
        ("choices", "有；第 3 类", ["has", "spaced"]),
        ("choices", "甲、乙都算", ["both"]),
        ("text", " 前村　党支部 ", "前村 党支部"),
        ("text", 13800000000, "13800000000"),
        ("text", "无", "无"),
        ("long-text", "一\n二", "一\n二"),
    ],
)
def test_as_offices_write(kind, cell, found):
    assert read(spec(kind), cell) == found


@pytest.mark.parametrize("kind", ["text", "long-text", "date", "money", "number", "quantity"])
@pytest.mark.parametrize("cell", ["", "/", "—", "无"])
def test_what_may_lack_and_stands_for_nothing_is_nothing(kind, cell):
    assert read(spec(kind, required=False), cell) is None


@pytest.mark.parametrize(
    ("kind", "cell", "says"),
    [
        ("date", "2026年春", "看不出是哪一天"),
        ("date", "2026-13-01", "看不出是哪一天"),
        ("date", "05/06/2026", "看不出是哪一天"),
        ("date", "2026年5月", "看不出是哪一天"),
        ("moment", "2026-05-01", "看不出是哪天几点"),
        ("money", "约 3 万", ""),
        ("number", "3.5", ""),
        ("number", True, ""),
        ("yes-no", "无", ""),
        ("choice", "丙", "丙"),
        ("choices", "有、丙", "丙"),
        ("link", "不是网址", ""),
    ],
)
def test_what_cannot_be_meant_is_refused(kind, cell, says):
    with pytest.raises(ValidationError) as wrong:
        read(spec(kind), cell)

    assert says in "".join(wrong.value.messages)


def test_a_moment_is_read_with_its_time():
    found = read(spec("moment"), "2026年5月1日下午2点半")

    assert (found.date(), found.hour, found.minute) == (date(2026, 5, 1), 14, 30)
