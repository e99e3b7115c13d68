import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from zhibu.core import paths
from zhibu.organizations.models import Organization

NUMBERS = st.integers(1, 36**4 - 1)
PATHS = st.lists(NUMBERS, max_size=6).map(lambda numbers: "".join(map(paths.step, numbers)))


@given(NUMBERS, NUMBERS)
def test_steps_are_as_wide_and_as_ordered_as_their_numbers(one, other):
    assert len(paths.step(one)) == paths.STEP
    assert (paths.step(one) < paths.step(other)) is (one < other)


@pytest.mark.parametrize("number", [0, -1, 36**4])
def test_step_out_of_range_is_refused(number):
    with pytest.raises(ValueError, match="超出"):
        paths.step(number)


@given(PATHS)
def test_ancestors_lead_down_to_the_path(path):
    found = paths.ancestors(path)

    assert len(found) == paths.depth(path) + 1
    assert all(paths.is_under(path, top) for top in found)
    assert found[-1:] == ([path] if path else [])


@given(PATHS, PATHS)
def test_subtree_is_the_range_up_to_the_tilde(path, top):
    assert (top <= path < top + paths.AFTER) is paths.is_under(path, top)


def test_range_finds_the_subtree_in_the_database(tree):
    found = Organization.objects.filter(paths.under(tree.east.path))

    assert set(found) == {tree.east, tree.general, tree.village, tree.inner}


def test_nothing_finds_nothing_and_gives_way_when_joined(tree):
    assert not Organization.objects.filter(paths.nothing()).exists()
    joined = paths.nothing() | paths.under(tree.west.path)
    assert set(Organization.objects.filter(joined)) == {tree.west, tree.far}


def test_rewrite_moves_every_copy(tree):
    old, new = tree.east.path, tree.west.path + tree.east.path[4:]

    paths.rewrite(old, new)

    tree.village.refresh_from_db()
    assert tree.village.path == new + tree.village.path[len(new) :]
    assert not Organization.all_rows.filter(Q(path__startswith=old)).exists()


NEAR = st.lists(st.integers(1, 2), max_size=3).map(lambda ns: "".join(map(paths.step, ns)))


@given(st.sets(NEAR, max_size=4), st.sets(NEAR, max_size=4), st.lists(NEAR, min_size=1))
def test_within_is_the_union_of_trees_and_places(trees, places, rows):
    def is_in(path):
        named = any(paths.is_under(path, top) for top in trees if top)
        return named or (path in places and path != "")

    asked = paths.within(trees, places)

    assert [held(asked, path) for path in rows] == [is_in(path) for path in rows]


def held(asked, path):
    """Whether ``asked`` lets a row of this path pass, by reading its leaves."""
    if not isinstance(asked, Q):
        name, value = asked
        return {
            "pk__in": lambda: False,
            "path": lambda: path == value,
            "path__gte": lambda: path >= value,
            "path__lt": lambda: path < value,
        }[name]()
    found = [held(child, path) for child in asked.children]
    return (all if asked.connector == Q.AND else any)(found)


def test_one_range_is_asked_for_where_one_holds_the_others():
    county, town, branch = "0001", "00010002", "000100020003"

    assert paths.within({county, town}, {branch}) == paths.within({county}, set())
