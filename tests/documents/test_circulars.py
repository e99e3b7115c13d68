from datetime import date

from tests.conftest import NOON
from tests.documents.words import text_of
from zhibu.documents import circulars
from zhibu.documents.circulars import CircularData, Table

FULL = CircularData(
    organization="东镇委员会",
    subject="整改销号",
    on=date(2026, 11, 20),
    made_at=NOON,
    lead="东镇和下面的组织，整改销号在办 4 件，其中超期 1 件；今年办结 1 件。",
    tables=[
        Table(
            "各单位", ["单位", "在办", "超期", "今年办结"], [["本级", 0, 0, 0], ["前村", 4, 1, 1]]
        ),
        Table("到哪一步", ["步骤", "在办", "超期"], [["整改", 4, 1]]),
    ],
    note="按组织先后排列，不排名。",
)


def test_says_all_it_is_given_in_order():
    text = text_of(circulars.compose(FULL))

    asked = ["东镇委员会", "整改销号进度通报", "（截至2026年11月20日）", "在办 4 件", "一、各单位",
             "前村", "二、到哪一步", "不排名", "2026年11月20日"]  # fmt: skip
    places = [text.index(one) for one in asked[:-1]]
    assert places == sorted(places)
    assert asked[-1] in text


def test_is_named_after_whom_what_and_when():
    assert circulars.name(FULL) == "东镇委员会整改销号进度通报（2026-11-20）"
