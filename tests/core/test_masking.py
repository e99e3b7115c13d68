"""Numbers of people are found however they are written; what offices write stays as it is."""

import unicodedata
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from zhibu.core import masking
from zhibu.core.masking import cover, cut, find

WRITTEN = {
    "plain": "0123456789",
    "full width": "０１２３４５６７８９",
    "Chinese": "〇一二三四五六七八九",
    "formal": "零壹贰叁肆伍陆柒捌玖",
    "spoken": "零幺两三四五六七八九",
    "circled": "⓪①②③④⑤⑥⑦⑧⑨",
    "Arabic-Indic": "٠١٢٣٤٥٦٧٨٩",
}
APART = ["", " ", "\u3000", "\u00a0", "-", "—", "－", "·", ".", "\u200b", "\u2060", "_", "/", " - "]
AROUND = ["", "张三，", "电话", "：", "IMG_", "身份证", "(", "第3组 "]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def with_check_digit(digits: str) -> str:
    """GB 11643: the weighted sum of 17 digits modulo 11."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def passes_luhn(number: str) -> bool:
    """ISO/IEC 7812: every second digit from the right doubled, the sum a multiple of ten."""
    doubled = [int(one) * (2 if n % 2 else 1) for n, one in enumerate(reversed(number))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


born = st.dates(date(1920, 1, 1), date(2020, 12, 31))
places = st.sampled_from(["321012", "110101", "440305", "650104"])
numbers = st.one_of(
    st.builds(
        lambda place, day, order: with_check_digit(f"{place}{day:%Y%m%d}{order:03}"),
        places, born, st.integers(0, 999),
    ),
    st.builds(
        lambda place, day, order: f"{place}{day:%y%m%d}{order:03}",
        places, st.dates(date(1920, 1, 1), date(1999, 12, 31)), st.integers(0, 999),
    ),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
)  # fmt: skip


@st.composite
def disguised(draw):
    """A number, and how it stands in a text: digits of one script, something between groups."""
    number = draw(numbers)
    digits = WRITTEN[draw(st.sampled_from(sorted(WRITTEN)))]
    between, size = draw(st.sampled_from(APART)), draw(st.integers(1, 6))
    signs = [
        digits[int(sign)] if sign.isdecimal() else draw(st.sampled_from("xXＸ")) for sign in number
    ]
    groups = ["".join(signs[at : at + size]) for at in range(0, len(signs), size)]
    before, after = draw(st.sampled_from(AROUND)), draw(st.sampled_from(["", "。", "的", ".jpg"]))
    return number, f"{before}{between.join(groups)}{after}"


def digits_of(text: str) -> str:
    """Every digit of a text by an own reading, in order."""
    read = {sign: str(n) for signs in WRITTEN.values() for n, sign in enumerate(signs)}
    return "".join(read.get(sign) or str(unicodedata.digit(sign, "")) for sign in text)


@given(disguised())
def test_a_number_in_disguise_is_covered(case):
    number, text = case
    assert number.rstrip("X") in digits_of(text)

    covered = cover(text)

    assert covered.kinds, text
    assert number[-8:].rstrip("X") not in digits_of(covered.text)
    assert len(digits_of(covered.text)) <= len(digits_of(text)) - len(number.rstrip("X"))


@given(disguised())
def test_covering_again_changes_nothing(case):
    once = cover(case[1]).text
    assert cover(once) == masking.Covered(once)


@given(st.text(max_size=200))
def test_what_is_found_lies_in_the_text_from_left_to_right(text):
    found = find(text)

    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(places, born, st.integers(0, 999), st.sampled_from("0123456789X"))
def test_a_mistyped_identity_number_is_covered_as_well(place, day, order, last):
    number = f"{place}{day:%Y%m%d}{order:03}{last}"
    assert cover(number).kinds == ("id-number",)


@given(places, born, st.integers(0, 999))
def test_our_check_digit_is_stdnums(place, day, order):
    number = with_check_digit(f"{place}{day:%Y%m%d}{order:03}")
    assert ric.calc_check_digit(number) == number[-1]


@given(places, born, st.integers(0, 999), st.text("0123456789", max_size=6))
def test_an_identity_number_is_found_among_other_digits(place, day, order, more):
    number = with_check_digit(f"{place}{day:%Y%m%d}{order:03}")
    assert number[:17] not in cover(f"{more}{number}{more}").text


@pytest.mark.parametrize(
    "text",
    [
        "预算 4.6 万元，14 盏路灯，2026年12月31日前装好。",
        "收 48,210 元，支 31,655.50 元，结余 13,800,000,000 元。",
        "服务电话 0514-86123456，或打 12345、12351。",
        "江都区 321012，通扬村 321012109201。",
        "苏府办〔2026〕3号，项目代码 2026-321012-48-01-123456。",
        "2026-11-20 08:30 至 2026-12-05 17:30",
        "一、二、三、四组；三会一课；一九四九年十月一日。",
        "8:00–11:30，14:00–17:30，周一至周六",
        "",
    ],
)
def test_what_offices_write_stays(text):
    assert cover(text) == masking.Covered(text)


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("找王某 13800000000 登记", "找王某 〔手机号不公开〕 登记"),
        ("13800000000/13900000000", "〔手机号不公开〕/〔手机号不公开〕"),
        ("+86 138 0000 0000", "+〔手机号不公开〕"),
        ("2026 13800000000", "2026 〔手机号不公开〕"),
        ("卡号 6222 0212 3456 7894。", "卡号 〔银行卡号不公开〕。"),
        ("张三，3 2 1 0 1 2 2 0 1 1 0 4 0 1 0 0 0 3", "张〔身份证号不公开〕"),
        ("寄到 wang.wu ＠ example.com", "寄到 〔邮箱不公开〕"),
    ],
)
def test_what_stood_there_is_said(text, covered):
    assert cover(text).text == covered


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("王五", "王某"),
        ("张三丰", "张某某"),
        ("欧阳建国", "欧阳某某"),
        ("李", "李"),
        (" 王五 ", "王某"),
    ],
)
def test_a_name_keeps_its_family_alone(name, public):
    assert masking.name(name) == public


@given(disguised(), st.integers(0, 30))
def test_what_is_cut_has_no_part_of_a_number(case, longest):
    """A part is found by nobody: whatever is left has the number whole, or none of it."""
    _, text = case
    kept = cut(text, longest)

    assert text.startswith(kept) and len(kept) <= longest
    for one in find(text):
        assert len(kept) <= one.start or len(kept) >= one.end


@pytest.mark.parametrize("number", ["13912345678", "110101600101000", "20261120"])
def test_digits_in_frames_are_digits(number):
    framed = "".join(f"{one}\ufe0f\u20e3" for one in number)
    assert bool(find(framed)) == bool(find(number))


CALLED = [
    "卡号",
    "账号",
    "帐号",
    "银行卡",
    "银行卡号",
    "卡",
    "对方卡号：",
    "账号是 ",
    "卡号（",
    "工资卡: ",
]
# no number of a person by its digits: too many nines for a day, no card by its check digit
long_numbers = st.builds(
    lambda front, end: f"9{front}99999999{end}",
    st.text("0123456789", min_size=4, max_size=5), st.text("0123456789", min_size=3, max_size=5),
).filter(lambda number: not passes_luhn(number))  # fmt: skip


@st.composite
def cards(draw):
    """A mistyped card, and how it stands after a word that calls it one."""
    number = draw(long_numbers)
    digits = WRITTEN[draw(st.sampled_from(sorted(WRITTEN)))]
    between, size = draw(st.sampled_from(APART)), draw(st.integers(1, 6))
    signs = [digits[int(sign)] for sign in number]
    groups = ["".join(signs[at : at + size]) for at in range(0, len(signs), size)]
    after = draw(st.sampled_from(["", "。", "的", "）", "，请核对"]))
    return number, f"{draw(st.sampled_from(CALLED))}{between.join(groups)}{after}"


@given(cards())
def test_what_is_called_a_card_is_covered_whatever_its_check_digit(case):
    number, text = case
    assert digits_of(text) == number and len(number) in range(16, 20)

    covered = cover(text)

    assert covered.kinds, text
    assert digits_of(covered.text) == ""
    assert cover(covered.text).text == covered.text


@given(
    long_numbers, st.sampled_from(["", "项目代码", "编号：", "卡号见附件，", "卡，", "账目 ", "第"])
)
def test_a_long_number_that_is_not_called_a_card_stays(number, before):
    assert cover(f"{before}{number}。") == masking.Covered(f"{before}{number}。")


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("卡号：6222021234567895，50 元", "卡号：〔银行卡号不公开〕，50 元"),
        ("卡号 6222 0212 3456 7895，50 元", "卡号 〔银行卡号不公开〕，50 元"),
        ("银行卡6222-0212-3456-7895-123。", "银行卡〔银行卡号不公开〕。"),
        ("账号 ６２２２０２１２３４５６７８９５", "账号 〔银行卡号不公开〕"),
        ("账\u200b号\n6222021234567895123三组", "账\u200b号\n〔银行卡号不公开〕三组"),
        ("卡号 6222021234567895 13800138000", "卡号 〔银行卡号不公开〕 〔手机号不公开〕"),
        ("卡号 32101219900101123X", "卡号 〔身份证号不公开〕"),
        ("卡号 123456789012345", "卡号 123456789012345"),
        ("账号 12345678901234567890", "账号 12345678901234567890"),
    ],
)
def test_how_far_what_is_called_a_card_goes(text, covered):
    assert cover(text).text == covered
