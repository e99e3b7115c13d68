from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from zhibu.config import keys
from zhibu.core import encryption
from zhibu.core.encryption import Unreadable, keyed_hash, seal, unseal
from zhibu.people.models import Person

ROW, OTHER = b"salt of one row" + b"id_number", b"salt of another" + b"id_number"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_sealed_value_reads_back(text):
    assert unseal(seal(text, bound_to=ROW), bound_to=ROW) == text


def test_same_value_is_sealed_differently_each_time():
    assert seal("990101", bound_to=ROW) != seal("990101", bound_to=ROW)


def test_sealed_value_does_not_show_the_value():
    assert b"990101" not in seal("990101", bound_to=ROW)


def test_value_moved_to_another_place_cannot_be_read():
    with pytest.raises(Unreadable, match="不属于这一行"):
        unseal(seal("990101", bound_to=ROW), bound_to=OTHER)


@given(st.data())
def test_each_changed_bit_is_noticed(data):
    sealed = bytearray(seal("990101199001010011", bound_to=ROW))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Unreadable):
        unseal(bytes(sealed), bound_to=ROW)


@pytest.mark.parametrize(
    "sealed", [b"x", b"\x01\x01", b"\x01\x01" + bytes(12), b"\x02" + bytes(60)]
)
def test_what_is_no_sealed_value_is_noticed(sealed):
    with pytest.raises(Unreadable):
        unseal(sealed, bound_to=ROW)


def rotated(ring, number, new):
    return replace(ring, data={**ring.data, number: new}, current=number)


def test_rotation_seals_with_the_new_key_and_reads_with_the_old(settings):
    first = keys.generate(is_demo=False)
    settings.KEYRING = first
    old = seal("before", bound_to=ROW)
    settings.KEYRING = rotated(first, 2, bytes(32))
    new = seal("after", bound_to=ROW)

    assert (old[1], new[1]) == (1, 2)
    assert [unseal(sealed, bound_to=ROW) for sealed in (old, new)] == ["before", "after"]

    settings.KEYRING = replace(settings.KEYRING, data={2: bytes(32)})
    with pytest.raises(Unreadable, match="密钥不在"):
        unseal(old, bound_to=ROW)


def test_hash_finds_and_does_not_tell(settings):
    one = keyed_hash("990101", purpose="id_number")

    assert one == keyed_hash("990101", purpose="id_number")
    assert one != keyed_hash("990102", purpose="id_number")
    assert one != keyed_hash("990101", purpose="phone")
    settings.KEYRING = keys.generate(is_demo=False)
    assert one != keyed_hash("990101", purpose="id_number")
    assert keyed_hash("", purpose="id_number") == ""


@pytest.fixture
def two(tree):
    return [
        factories.member(tree.village, by=tree.system, id_number=number, phone=phone)
        for number, phone in (
            ("990101199001010011", "13800000001"),
            ("990101199001010038", "13800000002"),
        )
    ]


def test_value_swapped_between_rows_cannot_be_read(two):
    one, other = two
    Person.all_rows.filter(pk=one.pk).update(id_number_sealed=other.id_number_sealed)
    one.refresh_from_db()

    with pytest.raises(Unreadable):
        _ = one.id_number
    assert one.phone == "13800000001"


def test_value_swapped_between_columns_cannot_be_read(two):
    one, _ = two
    Person.all_rows.filter(pk=one.pk).update(phone_sealed=one.id_number_sealed)
    one.refresh_from_db()

    with pytest.raises(Unreadable):
        _ = one.phone


def test_columns_show_neither_value(two):
    row = Person.all_rows.filter(pk=two[0].pk).values().get()

    assert "990101199001010011" not in str(row)
    assert "13800000001" not in str(row)
    assert row["id_number_hash"] == keyed_hash("990101199001010011", purpose="id_number")


@pytest.mark.parametrize(
    ("mask", "value", "masked"),
    [
        (encryption.mask_id_number, "99010119900101001X", "99****1X"),
        (encryption.mask_id_number, "990101", "****"),
        (encryption.mask_id_number, "", ""),
        (encryption.mask_phone, "13800000001", "138****0001"),
        (encryption.mask_phone, "8652", "****"),
        (encryption.mask_phone, "", ""),
        (encryption.mask_address, "某县东镇前村1号", "某县东****"),
        (encryption.mask_address, "", ""),
    ],
)
def test_masks_show_the_ends_only(mask, value, masked):
    assert mask(value) == masked


def test_content_is_bound_as_text_is():
    sealed = encryption.seal_bytes(b"\x00\xff", bound_to=ROW)

    assert encryption.unseal_bytes(sealed, bound_to=ROW) == b"\x00\xff"
    with pytest.raises(Unreadable):
        encryption.unseal_bytes(sealed, bound_to=OTHER)
    with pytest.raises(Unreadable):
        encryption.unseal_bytes(b"", bound_to=ROW)
