from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from tests.imports.workbooks import id_number
from zhibu.people import id_numbers

MAN = id_number(date(1960, 12, 17), serial=1)
WITH_X = next(
    number
    for serial in range(1, 60)
    if (number := id_number(date(1963, 12, 5), serial=serial)).endswith("X")
)


@pytest.mark.parametrize(
    ("cell", "how"),
    [
        (MAN, ""),
        (f" {MAN[:6]} {MAN[6:14]} {MAN[14:]} ", "id_form"),
        ("".join(chr(ord(c) + 0xFEE0) for c in MAN), "id_form"),
        (f"'{MAN}", "id_form"),
        (f"{MAN}.", "id_form"),
        (f"{MAN}.0", "id_form"),
        (f"\u200b{MAN}\n", "id_form"),
        (f"身份证号{MAN}", "id_form"),
    ],
)
def test_a_number_is_read_however_it_is_typed(cell, how):
    assert id_numbers.read(cell) == (MAN, "", how)


@pytest.mark.parametrize("x", ["x", "X", "×", "Х", "ｘ", "Ⅹ"])
def test_an_x_is_read_in_every_alphabet(x):
    assert id_numbers.read(WITH_X[:-1] + x).number == WITH_X


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("", "blank"),
        (float(MAN[:17] + "0"), "id_as_number"),
        (9.9010119601217e17, "id_as_number"),
        ("9.90101E+17", "id_as_number"),
        (12345, "bad_id_length"),
        (MAN[:-1], "bad_id_length"),
        (MAN + "1", "bad_id_length"),
        ("护照E1234567", "bad_id_characters"),
        (MAN[:10] + "O" + MAN[11:], "bad_id_characters"),
        (MAN[:6] + "********" + MAN[14:], "id_masked"),
        (MAN[:-1] + str((int(MAN[-1].replace("X", "0")) + 1) % 10), "bad_check_digit"),
        ("990101601332123", "bad_id_birth"),
        (True, "bad_id_characters"),
        (date(2016, 5, 19), "bad_id_characters"),
    ],
)
def test_what_is_no_number_says_why(cell, fault):
    assert id_numbers.read(cell).fault == fault


@pytest.mark.parametrize("cell", ["990101601217001", 990101601217001])
def test_fifteen_digits_become_eighteen(cell):
    found = id_numbers.read(cell)

    assert found.number == id_number(date(1960, 12, 17), serial=1)
    assert found.how == "id_fifteen_digits"


@given(
    st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(1, 999), st.integers(100000, 999999)
)
def test_right_numbers_are_right_to_stdnum_too(born_on, serial, prefix):
    number = id_number(born_on, serial=serial, prefix=str(prefix))

    found = id_numbers.read(number)

    assert found == (number, "", "")
    assert found.born_on == ric.get_birth_date(number) == born_on
    assert found.is_male == bool(serial % 2)


@given(st.from_regex(r"\A99[0-9]{4}(19|20)[0-9]{9}[0-9X]\Z"))
def test_a_number_is_taken_only_where_stdnum_agrees(number):
    found = id_numbers.read(number)

    assert (found.fault == "bad_check_digit") == (ric.calc_check_digit(number) != number[-1])
    if not found.fault:
        assert ric.get_birth_date(number) == found.born_on


@given(st.one_of(st.text(max_size=25), st.floats(allow_nan=False), st.integers(0, 10**20)))
def test_no_cell_is_too_odd_to_be_read(cell):
    found = id_numbers.read(cell)

    assert found.fault or len(found.number) == 18
