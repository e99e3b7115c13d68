from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhibu.ledger import merkle

# Leaves and roots of the reference implementation of RFC 6962.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = by_definition(leaves[:split]), by_definition(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_reference_vectors(size):
    assert merkle.root([leaf(data) for data in LEAVES[:size]], "sha256").hex() == ROOTS[size]


@given(HASHES)
def test_root_is_the_definition(leaves):
    assert merkle.root(leaves, "sha256") == by_definition(leaves)


@given(HASHES, st.integers(0, 70))
def test_tree_kept_as_its_peaks_grows_on(leaves, cut):
    first = merkle.Tree("sha256")
    for each in leaves[:cut]:
        first.append(each)

    again = merkle.Tree("sha256", first.size, first.peaks)
    for each in leaves[cut:]:
        again.append(each)

    assert (again.size, again.root) == (len(leaves), by_definition(leaves))


@given(HASHES.filter(bool), st.data())
def test_any_other_leaf_gives_another_root(leaves, data):
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = bytes(b ^ 1 for b in leaves[place])

    changed = [*leaves[:place], other, *leaves[place + 1 :]]

    assert merkle.root(changed, "sha256") != merkle.root(leaves, "sha256")


def test_peaks_must_fit_the_size():
    with pytest.raises(ValueError, match="峰值个数"):
        merkle.Tree("sha256", 3, [bytes(32)])


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": "支部"}, '{"a":"支部","b":1}'),
        ([None, True, False, -7], "[null,true,false,-7]"),
        (date(2026, 11, 20), '"2026-11-20"'),
        (datetime(2026, 11, 20, 4, 0, tzinfo=UTC), '"2026-11-20T04:00:00.000000Z"'),
        (
            datetime(2026, 11, 20, 12, 0, 0, 7, tzinfo=timezone(timedelta(hours=8))),
            '"2026-11-20T04:00:00.000007Z"',
        ),
        (Decimal("36.50"), '"36.5"'),
        (Decimal("1E+3"), '"1000"'),
        (b"\x00\xff", '"00ff"'),
        (memoryview(b"\x01"), '"01"'),
        ('a"\\\n', '"a\\"\\\\\\n"'),
    ],
)
def test_canonical_form_is_the_documented_one(value, written):
    assert merkle.canonical(value) == written.encode()


@pytest.mark.parametrize("value", [1.5, [1.5], {"a": [1.5]}, object(), {1, 2}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError):
        merkle.canonical(value)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=8,
    ),
    st.data(),
)
def test_equal_values_are_written_alike_whatever_their_order(value, data):
    if isinstance(value, dict):
        value = dict(data.draw(st.permutations(list(value.items()))))
        other = dict(sorted(value.items()))
    else:
        other = value

    assert merkle.canonical(value) == merkle.canonical(other)


def test_leaf_node_and_head_cannot_be_taken_for_each_other():
    data = [bytes(32), bytes(32)]

    made = {
        merkle.leaf(data, "sha256"),
        merkle.head(data, "sha256"),
        merkle.root([bytes(32), bytes(32)], "sha256"),
    }

    assert len(made) == 3
