from datetime import date, datetime, timedelta

import pytest
from dateutil import parser as dateutil
from hypothesis import assume, given
from hypothesis import strategies as st

from zhibu.imports import values

DAY = date(2016, 5, 19)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
FIGURES = "〇一二三四五六七八九"


def small(number: int) -> str:
    """10 to 31 as spoken: 十, 十九, 二十, 三十一."""
    tens, ones = divmod(number, 10)
    lead = "" if tens == 1 else FIGURES[tens] if tens else ""
    return (f"{lead}十" if tens else "") + (FIGURES[ones] if ones or not tens else "")


@pytest.mark.parametrize(
    ("cell", "how"),
    [
        ("2016-05-19", ""),
        (DAY, ""),
        (datetime(2016, 5, 19), ""),
        (datetime(2016, 5, 19, 23, 59), ""),
        ("2016-5-19", "form"),
        ("2016.5.19", "form"),
        ("2016.05.19.", "form"),
        ("2016/5/19", "form"),
        ("20160519", "form"),
        (20160519, "form"),
        ("2016年5月19日", "form"),
        ("2016年5月19号", "form"),
        ("2016年 5月 19日", "form"),
        (" 2016－05－19 ", "form"),
        ("２０１６．０５．１９", "form"),
        ("2016—05—19", "form"),
        ("2016、5、19", "form"),
        ("2016.05.19 00:00:00", "form"),
        ("2016-05-19T00:00:00", "form"),
        ("二〇一六年五月十九日", "form"),
        ("二零一六年五月十九日", "form"),
        ("5/19/2016", "form"),
        ("19/5/2016", "form"),
        ("'2016-05-19", "form"),
        (42509, "serial"),
        ("42509", "serial"),
        (42509.5, "serial"),
    ],
)
def test_a_day_is_read_in_every_way_of_writing(cell, how):
    assert values.day(cell) == (DAY, how, None)


@pytest.mark.parametrize(
    ("cell", "how", "day"),
    [
        ("2016年5月", "month", date(2016, 5, 1)),
        ("2016.5", "month", date(2016, 5, 1)),
        (2016.5, "month", date(2016, 5, 1)),
        (2016.11, "month", date(2016, 11, 1)),
        ("201605", "month", date(2016, 5, 1)),
        ("1965.07.00", "month", date(1965, 7, 1)),
        ("一九八五年七月", "month", date(1985, 7, 1)),
        ("2016", "year", date(2016, 1, 1)),
        (1965, "year", date(1965, 1, 1)),
        ("1965年", "year", date(1965, 1, 1)),
    ],
)
def test_what_is_left_out_is_said(cell, how, day):
    found = values.day(cell)

    assert (found.day, found.how) == (day, how)


@pytest.mark.parametrize(
    ("cell", "first", "other"),
    [
        ("85.7.1", date(1985, 7, 1), date(2085, 7, 1)),
        ("16-5-19", date(1916, 5, 19), date(2016, 5, 19)),
        ("850701", date(1985, 7, 1), date(2085, 7, 1)),
        ("八五年七月一日", date(1985, 7, 1), date(2085, 7, 1)),
        ("5/6/2016", date(2016, 5, 6), date(2016, 6, 5)),
        (2016.1, date(2016, 1, 1), date(2016, 10, 1)),
    ],
)
def test_two_readings_are_both_given(cell, first, other):
    found = values.day(cell)

    assert (found.day, found.other) == (first, other)
    assert found.how in {"century", "unclear"}


@pytest.mark.parametrize(
    "cell",
    ["2016-02-30", "2015年2月29日", "20161345", "1066-10-14", "2016.13.1", "19900231", "99999999"],
)
def test_a_day_that_is_none_is_impossible(cell):
    assert values.day(cell).how == "impossible"


@pytest.mark.parametrize(
    "cell", ["不详", "待查", "2016519", "五月", True, 0.5, 7, "2016-05-19至今"]
)
def test_other_text_is_unreadable(cell):
    assert values.day(cell) == (None, "unreadable", None)


@pytest.mark.parametrize("cell", ["", " ", "/", "无", "——", "-", "N/A"])
def test_what_stands_for_nothing_is_blank(cell):
    assert values.day(cell) == (None, "blank", None)


@given(DAYS)
def test_every_written_form_gives_the_same_day(day):
    written = [
        f"{day:%Y-%m-%d}", f"{day:%Y.%m.%d}", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}", f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y-%m-%d} 00:00:00",
        "".join(FIGURES[int(c)] for c in str(day.year))
        + f"年{small(day.month)}月{small(day.day)}日",
    ]  # fmt: skip

    assert {values.day(text).day for text in written} == {day}
    serial = (day - date(1899, 12, 30)).days
    assert values.day(serial).day == day or serial <= 2100  # up to 2100 it is a year


@given(st.integers(1900, 2100), st.integers(1, 12), st.integers(1, 31), st.sampled_from("-/"))
def test_a_day_is_read_as_dateutil_reads_it(year, month, number, sign):
    text = f"{year}{sign}{month:02d}{sign}{number:02d}"
    try:
        expected = dateutil.parse(text, yearfirst=True, dayfirst=False).date()
    except dateutil.ParserError:
        expected = None

    assert values.day(text).day == expected


@given(st.integers(36526, 60000))
def test_a_spreadsheets_number_is_its_day(serial):
    assert values.day(serial).day == date(2000, 1, 1) + timedelta(days=serial - 36526)


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans(), DAYS))
def test_no_cell_is_too_odd_to_be_read(cell):
    found = values.day(cell)

    assert (found.day is None) == (found.how in {"blank", "impossible", "unreadable"})
    if isinstance(cell, (str, int)):
        values.text(cell)


@pytest.mark.parametrize(
    ("cell", "text", "how"),
    [
        ("顾长林", "顾长林", ()),
        (" 顾 长林 ", "顾长林", ("spaces",)),
        ("顾\u3000长林", "顾长林", ("spaces",)),
        ("顾\n长林", "顾长林", ("spaces",)),
        ("顾_x000D_长林", "顾长林", ("spaces",)),
        ("顾\u200b长林", "顾长林", ("invisible",)),
        ("ＡＢ１２", "AB12", ("full_width",)),
        ("⼀村党支部", "一村党支部", ("full_width",)),
        ("（东）村", "（东）村", ()),
        ("John  Smith", "John Smith", ("spaces",)),
        ("阿依古丽 · 买买提", "阿依古丽·买买提", ("spaces",)),
        (19912340001, "19912340001", ("number",)),
        ("郑云子㛃", "郑云子㛃", ()),
    ],
)
def test_text_is_tidied_and_says_how(cell, text, how):
    assert values.text(cell) == (text, how)


@given(st.text(max_size=40))
def test_tidy_text_stays_as_it_is(cell):
    once = values.text(cell).text
    assume(once)

    assert values.text(once).text == once
