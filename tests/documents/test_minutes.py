from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from docx import Document

from tests.conftest import NOON
from tests.documents.words import text_of
from zhibu.documents import minutes
from zhibu.documents.minutes import Absent, Decision, FollowUp, Item, MinutesData, Votes

FULL = MinutesData(
    organization="前村党支部",
    kinds=["主题党日", "党员大会"],
    began_at=NOON,
    ended_at=NOON + timedelta(minutes=90),
    made_at=NOON,
    place="村部",
    theme="讨论路灯改造",
    chair="顾长林",
    recorder="倪秀兰",
    due=4,
    present=["顾长林", "倪秀兰", "蒋红梅"],
    absent=[Absent("高宝根", "外出务工"), Absent("王德才", "")],
    observers=["邵立群"],
    agenda=[Item("学习条例", "领学第三章。\n两人发言。"), Item("讨论路灯改造")],
    decisions=[
        Decision(
            text="同意改造方案",
            verdict="通过",
            votes=Votes(entitled=4, present=3, yes=2, no=0, abstain=1),
            basis="支部工作条例 第十一条",
        ),
        Decision(text="下月再议公示办法。"),
    ],
    follow_ups=[
        FollowUp("张贴公示", "蒋红梅", date(2026, 11, 27)),
        FollowUp("补课", "王德才", None),
    ],
)
BARE = MinutesData(organization="前村党支部", kinds=["支委会"], began_at=NOON, made_at=NOON)


def lines(data: MinutesData) -> list[str]:
    return text_of(minutes.compose(data)).split("\n")


def test_minutes_say_everything_in_order():
    assert lines(FULL) == [
        "前村党支部主题党日、党员大会纪要",
        "时间：2026年11月20日 12:00—13:30",
        "地点：村部",
        "主题：讨论路灯改造",
        "主持：顾长林",
        "记录：倪秀兰",
        "应到：4 人，实到 3 人",
        "出席：顾长林、倪秀兰、蒋红梅",
        "缺席：高宝根（外出务工）、王德才（没有写原因）",
        "列席：邵立群",
        "一、会议内容",
        "（一）学习条例",
        "领学第三章。",
        "两人发言。",
        "（二）讨论路灯改造。",
        "二、决定事项",
        (
            "（一）同意改造方案。有表决权的应到 4 人，实到 3 人；"
            "赞成 2 票，反对 0 票，弃权 1 票，通过。（依据：支部工作条例 第十一条）"
        ),
        "（二）下月再议公示办法。",
        "三、后续事项",
        "序号",
        "事项",
        "负责人",
        "办结期限",
        "1",
        "张贴公示",
        "蒋红梅",
        "2026年11月27日",
        "2",
        "补课",
        "王德才",
        "没有定",
        "主持人（签字）：",
        "记录人（签字）：",
        "2026年11月20日",
    ]


def test_long_title_takes_two_lines():
    said = lines(replace(FULL, organization="郭村镇通扬村党支部"))

    assert said[:2] == ["郭村镇通扬村党支部", "主题党日、党员大会纪要"]


def test_what_is_not_known_is_left_out_and_numbers_close_up():
    assert lines(replace(BARE, decisions=[Decision(text="同意")])) == [
        "前村党支部支委会纪要",
        "时间：2026年11月20日 12:00",
        "一、决定事项",
        "（一）同意。",
        "主持人（签字）：",
        "记录人（签字）：",
        "2026年11月20日",
    ]


def test_correction_is_marked_and_explained():
    said = lines(replace(FULL, correction="2026年11月21日更正赞成票，原因是漏记。"))

    assert said[1] == "（更正稿）"
    assert "更正说明：2026年11月21日更正赞成票，原因是漏记。" in said


def test_meeting_over_midnight_names_both_days():
    said = lines(replace(BARE, ended_at=NOON + timedelta(hours=13)))

    assert said[1] == "时间：2026年11月20日 12:00至2026年11月21日 01:00"


@pytest.mark.parametrize("verdict", ["未通过", ""])
def test_vote_that_fails_says_so(verdict):
    votes = Votes(entitled=4, present=3, yes=1, no=2, abstain=0)
    said = lines(replace(BARE, decisions=[Decision(text="同意", verdict=verdict, votes=votes)]))

    assert said[3].endswith(f"反对 2 票，弃权 0 票{'，' + verdict if verdict else ''}。")


def test_minutes_have_no_red():
    document = Document(BytesIO(minutes.compose(FULL)))

    runs = [run for paragraph in document.paragraphs for run in paragraph.runs]
    assert {run.font.color.rgb for run in runs if run.font.color} == {None}


def test_file_is_named_for_the_meeting():
    assert minutes.name(FULL) == "前村党支部主题党日、党员大会纪要（2026-11-20）"
