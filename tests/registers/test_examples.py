"""Worked examples of registers tell where something comes out otherwise than they say."""

import pytest

from zhibu.activities.replay import replay
from zhibu.packs import library
from zhibu.packs.reading import read

FILE = "examples/venue-lacking.toml"


def told(before, after):
    files = dict(library.shipped()["seeds/county-registers"].files)
    assert before in files[FILE]
    files[FILE] = files[FILE].replace(before, after, 1)
    pack, faults = read(files)
    assert pack is not None and not faults, faults
    return replay(pack, pack.examples["venue-lacking"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("lacking = [1, 3]", "lacking = [1]", "缺的是第几个：应是 [1]，实际 [1, 3]"),
        ("gaps = 2", "gaps = 1", "缺：应是 1，实际 2"),
        ("changed = 1", "changed = 0", "改过几次：应是 0，实际 1"),
        ('standing = "valid"', 'standing = "ended"', "应是 结束，实际 有效"),
        ('refused = { name = "一样的已经有一行" }', "", "第 3 行登记办不成：name"),
        ("area = 120 }", "size = 120 }", "没有这一栏"),
        ("place = 3", "place = 9", "例子里只有 4 个组织"),
        ("row = 2", "row = 3", "第 3 行没有登记上"),
    ],
)
def test_a_difference_is_told(before, after, says):
    found = told(before, after)

    assert any(says in text for text in found), found
