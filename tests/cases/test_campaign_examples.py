"""The test pack's own worked examples, played through the real actions; its checks."""

import pytest

from tests.cases import campaigns
from zhibu.activities.replay import replay
from zhibu.packs import library, limits, meaning
from zhibu.packs.schema.examples import Example


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(campaigns.pack().examples))
def test_example_comes_out_as_expected(name):
    pack = campaigns.pack()

    assert replay(pack, pack.examples[name]) == []


def test_pack_is_whole():
    pack = campaigns.pack()

    assert meaning.faults(pack, library.shipped()) == []
    assert limits.faults(pack) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("forty-one-make-ups", lambda raw: raw["campaign"][3].update(made_up=40),
         "第 1 个集中活动的 class，2026-04-20 看，补了：应是 40，实际 41"),
        ("forty-one-make-ups", lambda raw: raw["campaign"][4].update(state="late"),
         "第 1 个集中活动的 class，2026-04-20 看，状态：应是 late，实际 made-up"),
        ("opened-late", lambda raw: raw["given"]["campaign"][0]["entered"][1].update(refused={}),
         "第 1 个集中活动记 class办不成：who 不用填"),
        ("opened-late", lambda raw: raw["given"]["campaign"][0]["opening"][1].update(refused="x"),
         "应提示“x”，实际“不能开“整改提高”"),
    ],
)  # fmt: skip
def test_difference_is_told(name, change, told):
    pack = campaigns.pack()
    raw = pack.examples[name].model_dump()
    change(raw)

    found = replay(pack, Example.model_validate(raw))

    assert any(told in line for line in found), found
