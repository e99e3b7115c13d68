"""Who gets which answer from the API: written by hand, standings as in tests/permissions.

Columns are those of ``tests.permissions.table``. Answers::

    y   told, with what it is about; the act is done
    o   a list without anything of this branch
    f   422: they may, but what is sent does not fit their place
    x   403 with the rule's sentence
    -   404: they may not even know of it
    u   401: no token
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.permissions.table import DAY, MEETING, STANDINGS, TOPIC
from tests.scenes import BULLETIN, RETIRED
from tests.scenes import CORRESPONDENTS as BOOK
from tests.scenes import HOUSEHOLDS as PAIR

VILLAGE, PERSON = "/organizations/{village}", "/people/{person}"


@dataclass(frozen=True)
class Line:
    method: str
    path: str
    answers: dict[str, str]
    shows: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _answers(row: str) -> dict[str, str]:
    return dict(zip(STANDINGS, row.replace(" ", ""), strict=True))


def reads(row: str, *paths: str, shows: str = "") -> Iterator[Line]:
    for path in paths:
        yield Line("GET", path, _answers(row), shows)


def acts(row: str, **bodies: dict[str, Any]) -> Iterator[Line]:
    """``bodies`` by path; the paths are given as ``{"path": body}`` through ``**``."""
    for path, body in bodies.items():
        yield Line("POST", path, _answers(row), "", body)


GROUP_MEETING = "national/branch-life:group-meeting"
HELD = {"what": f"k{MEETING}", "starts_at": "2026-11-19T09:00"}
PLANNED = {"what": f"k{MEETING}", "starts_at": "2026-12-20T09:00"}
OF_GROUP = {"what": f"k{GROUP_MEETING}", "starts_at": "2026-12-20T09:00", "group": "{group}"}
POSTED = {"person": "#{person}", "since": DAY, "manner": "full"}
PROBLEM = {"title": "台账不全", "happened_on": DAY, "owner": "{person}", "source": "self",
           "found": "缺 2 次", "horizon": "now", "due_on": "2026-12-01"}  # fmt: skip
DONE = {"outcome": "report", "happened_on": DAY, "done": "贴了", "lasting": "每月 5 日前贴"}
DOWN = {"title": "摸底", "due_on": "2026-12-01", "kinds": ["branches"], "form": "nothing"}

LINES: list[Line] = [
    line
    for row in (
        reads("yyyy yy yy yyyyy yyy u", "/me"),
        # --- organisations
        reads("yyyy yy oo ooooo ooo u", "/organizations?size=100", shows="前村党支部"),
        reads("yyyy yy -- ----- --- u", "/organizations?under={village}", VILLAGE, shows="前村"),
        reads("---- yy -- ----- --- u", "/organizations/{east}", shows="东镇"),
        acts("xxxx yy -- ----- --- u", **{
            f"{VILLAGE}/found": {"name": "前村村委会", "code": "T90001",
                                 "kind": "village-committee", "field": "rural"},
            f"{VILLAGE}/rename": {"name": "前村第一党支部", "since": DAY},
            f"{VILLAGE}/change": {"field": "rural", "place": "村部"},
            f"{VILLAGE}/move": {"parent": "{general_code}", "since": DAY},
            f"{VILLAGE}/dissolve": {"on": DAY},
            f"{VILLAGE}/term": {"since": DAY, "has_committee": True},
            f"{VILLAGE}/posts": {"kind": "security-member", "since": DAY},
            f"{VILLAGE}/guide": {"guide": "{general_code}", "since": DAY},
            "/guidances/{guidance}/end": {"on": DAY},
        }),
        acts("---- yy -- ----- --- u", **{
            "/organizations/{meeting}/turns": {
                "units": "{village_code}\n{general_code}", "since": "2026-12-01", "months": 3,
                "rounds": 1},
            "/organizations/{east}/rename": {"name": "东镇第一委员会", "since": DAY},
        }),
        acts("yxxx yy -- ----- --- u", **{
            f"{VILLAGE}/groups": {"name": "第四党小组", "since": DAY},
            "/groups/{bare_group}/close": {"on": DAY},
            "/groups/{bare_group}/posts": {"kind": "group-leader", "since": DAY},
        }),
        # --- people
        reads("yyxx yy oo ooxxx xxx u", "/people?size=100", shows="单文秀"),
        reads("yyxx yy -- --xxx xxx u", "/people?at={village}&size=100", shows="单文秀"),
        reads("yy-- yy -- ----- --- u", PERSON, shows="单文秀"),
        reads("yyy- yy -- ----- --- u", "/people/{member}", shows="纪淑珍"),
        reads("yy-- yy -- yy--- --- u", "/people/{guest}", shows="杨巧云"),
        reads("---- yy yy ----- --- u", "/people/{officer}", shows="邵立群"),
        acts("yxxx yy -- ----- --- u", **{f"{VILLAGE}/people": {"name": "丁小满", "since": DAY}}),
        acts("yx-- yy -- ----- --- u", **{
            f"{PERSON}/change": {"name": "单文秀", "education": "高中"},
            f"{PERSON}/membership": {"state": "suspended", "since": DAY},
            f"{PERSON}/place": {"organization": "{village_code}", "since": DAY},
            f"{PERSON}/group": {"group": "{group}", "since": DAY},
            f"{PERSON}/host": {"organization": "{far_code}", "since": DAY},
            f"{PERSON}/consents": {"purpose": BULLETIN, "how": "paper"},
            "/people/{twin}/apart/{other_twin}": {},
        }),
        acts("yxx- yy -- ----- --- u", **{
            "/people/{member}/change": {"name": "纪淑珍", "education": "高中"}}),
        acts("yx-- yy -- yy--- --- u", **{"/people/{guest}/host/end": {"on": DAY}}),
        acts("yxxx yy ff ffxxx xxx u", **{
            "/people/regroup": {"person": ["{person}"], "group": RETIRED, "way": "out",
                                "since": DAY}}),
        acts("xxxx yy -- ----- --- u", **{
            "/posts/{post}/appoint": POSTED, "/holdings/{secretarys_holding}/end": {"on": DAY}}),
        acts("yxxx yy -- ----- --- u", **{
            "/posts/{vacancy}/appoint": POSTED, "/holdings/{holding}/end": {"on": DAY}}),
        reads("yxxx yy oo ooxxx xxx u", "/corrections", shows="蒋红梅"),
        acts("yyyy yy yy yyyyy --- u", **{
            "/me/corrections": {"about": "education", "text": "应该是大专"}}),
        acts("y--x yy -- ----- --- u", **{
            "/corrections/{correction}/decide": {"decision": "refused", "answer": "号码没有变"}}),
        acts("x--- yy -- ----- --- u", **{
            "/corrections/{secretarys_correction}/decide": {
                "decision": "accepted", "answer": "改好了"}}),
        acts("x--y xx -- ----- --- u", **{"/corrections/{correction}/take-back": {}}),
        # --- posts handed over
        reads("yyoy yy oo ooooo ooo u", "/handovers", shows="倪秀兰"),
        reads("yy-y yy -- ----- --- u", "/handovers/{handover}", "/handovers/{handover}/word",
              shows="公章一枚"),
        acts("xx-x yy -- ----- --- u", **{
            "/handovers/{handover}/finish": {"reason": "原任调走"},
            "/handovers/{handover}/cancel": {"reason": "不换人了"}}),
        acts("yxxx yy -- ----- --- u", **{
            "/handovers/{groups_handover}/finish": {"reason": "原任调走"},
            "/holdings/{secretarys_holding}/hand-over": {
                "successor": "#{person}", "since": DAY}}),
        # --- activities
        reads("yyyy yy oo ooooo ooo u", "/activities?size=100", shows="学习全会精神"),
        reads("yyyy yy -- ----- --- u", "/activities?organization={village}&size=100",
              "/activities/{held}", "/activities/{held}/minutes", shows="学习全会精神"),
        reads("yyyy yy -- ----- --- u", "/files/{attachment}"),
        reads("yyxx yy -- ----- --- u", f"{VILLAGE}/recording", shows="党员大会"),
        reads("yyxy yy -- ----- --- u", f"{VILLAGE}/recording?group={{group}}",
              shows="党小组会"),
        acts("yyxx yy -- ----- --- u", **{
            f"{VILLAGE}/activities": HELD,
            f"{VILLAGE}/activities/plan": PLANNED,
            "/activities/{planned}/record": HELD,
            "/activities/{planned}/replan": PLANNED,
            "/activities/{planned}/cancel": {"reason": "下大雪"},
            "/activities/{confirmed}/correct": {
                "what": f"k{MEETING}", "starts_at": "2026-11-10T09:00",
                "agenda": "听取工作报告", "reason": "时间写错了"},
            "/activities/{unfiled}/file": {},
            "/files/{attachment}/remove": {},
        }),
        # the path is told apart by its query: a leader plans for their own group
        acts("yyxy yy -- ----- --- u", **{f"{VILLAGE}/activities/plan?": OF_GROUP}),
        acts("xyxx yy -- ----- --- u", **{"/activities/{held}/confirm": {}}),
        acts("yxxx yy -- ----- --- u", **{"/activities/{held}/void": {"reason": "记错了支部"}}),
        # who helps others names one; who does not asks for oneself
        acts("yyff yy -- ----- --- u", **{
            "/activities/{planned}/leave": {"reason": "ill", "person": "{person}"}}),
        acts("ffyy ff -- ----- --- u", **{"/activities/{planned}/leave?": {"reason": "ill"}}),
        reads("oooo yy oo ooooo ooo u", "/filings", shows="学党章"),
        acts("xxxx yy -- ----- --- u", **{"/filings/{filing}/receive": {}}),
        # --- duties and talks
        reads("yyyy yy -- ----- --- u", "/duties?organization={village}", shows="前村"),
        reads("yyyy yy -- ----- --- u", "/duties/{owed}", shows="支部委员会会议"),
        acts("xxxx yy -- ----- --- u", **{
            "/duties/{owed}/exempt": {"reason": "汛期"}, "/duties/{freed}/exempt/withdraw": {}}),
        acts("yxxx yy -- ----- --- u", **{"/duties/{owed}/explain": {"text": "秋收正忙"}}),
        reads("yooo oo oo ooooo --- u", "/talks", shows="单文秀"),
        acts("yyyy ff ff fffff --- u", **{
            "/talks": {"other": "{person}", "held_on": "2026-11-03",
                       "kind": "national/talks:talk"}}),
        acts("xx-y xx -- ----- --- u", **{"/talks/{talk}/confirm": {"person": "{leader}"}}),
        acts("xy-- yy -- ----- --- u", **{"/talks/{silent_talk}/confirm": {"person": "{person}"}}),
        acts("yx-y xx -- ----- --- u", **{"/talks/{talk}/withdraw": {}}),
        # --- tasks, and what is handed down
        reads("yyoy yy oo ooooo ooo u", "/tasks?size=100", shows="走访困难党员"),
        reads("yy-y yy -- ----- --- u", "/tasks/{task}", shows="走访困难党员"),
        reads("yy-- yy -- ----- --- u", "/tasks/{handed}", shows="困难党员摸底"),
        acts("yyxx yy -- ----- --- u", **{
            f"{VILLAGE}/tasks": {"title": "买煤", "owner": "{person}", "due_on": "2026-12-01"}}),
        acts("yy-y yy -- ----- --- u", **{
            "/tasks/{task}/complete": {"note": "走访过了"},
            "/tasks/{task}/cancel": {"note": "已经搬走"}}),
        acts("yy-x yy -- ----- --- u", **{"/tasks/{task}/change": {"due_on": "2026-12-15"}}),
        acts("yy-- yy -- ----- --- u", **{
            "/tasks/{handed}/names": {"accountable": "{person}", "owner": "{person}"},
            "/tasks/{handed}/answer": {"how": "逐户走访"},
            "/tasks/{handed}/answer/keep": {"how": "逐户"}}),
        acts("xx-- yy -- ----- --- u", **{
            "/tasks/{given}/take": {}, "/tasks/{given}/send-back": {"reason": "太空"}}),
        reads("oooo yy oo ooooo ooo u", "/commissions", shows="困难党员摸底"),
        reads("---- yy -- ----- --- u", "/commissions/{commission}",
              "/commissions/{commission}/paper", shows="困难党员摸底"),
        acts("---- yy -- ----- --- u", **{
            "/organizations/{east}/commissions": DOWN,
            "/commissions/{commission}/remind": {},
            "/commissions/{commission}/withdraw": {"reason": "不用摸了"}}),
        acts("xxxx ff -- ----- --- u", **{f"{VILLAGE}/commissions": DOWN}),  # nothing below it
        # --- caps: for those who see registers there
        reads("yy-- yy -- ----- --- u", "/caps?organization={village}", shows="全年会议"),
        # --- what is made public
        reads("yyyy yy yy yyyyy yyy u", "/publications?view=published&q=二组的路",
              "/publications/{public}", shows="今年修通到二组的路"),
        reads("yyoo yy oo ooooo ooo u", "/publications?q=责任区", shows="党员责任区怎么分"),
        reads("yy-- yy -- ----- --- u", "/publications/{proposed}", shows="党员责任区怎么分"),
        reads("yy-- yy -- ----- --- u", "/publications/topics?organization={village}",
              shows="自身建设"),
        reads("yy-- yy -- ----- --- u",
              f"/publications/records?organization={{village}}&topic={TOPIC}"),
        acts("yy-- yy -- ----- --- u", **{
            f"{VILLAGE}/publications": {"topic": TOPIC, "title": "修桥", "note": "年底前修好"},
            "/publications/{agreed}/publish": {},
            "/publications/{proposed}/return": {"reason": "写清楚"}}),
        acts("yx-- yy -- ----- --- u", **{
            "/publications/{proposed}/check": {
                "checks": ["secrecy", "party-first", "privacy", "words"]},
            "/publications/{vetted}/approve": {}}),
        acts("yyxx yy xx xxxxx xxx u", **{
            "/publications/{public}/withdraw": {"reason": "写错了"},
            "/publications/{public}/post": {
                "channel": "meeting", "place": "村民会", "posted_on": DAY},
            "/publications/{public}/postings/{notice_posting}/end": {"until": DAY}}),
        acts("yyxx yy -- ----- --- u", **{"/publications/{posted_rule}/look-again": {}}),
        reads("yy-- yy oo oo--- --- u", "/voices", shows="占了我家的地"),
        acts("yy-- yy -- ----- --- u", **{
            "/voices/{voice}/answer": {
                "answer": "会去量", "in_public": "no", "stands": "yes"}}),
        # --- links and rotas: for who sees them there, and whoever makes contact or is on the roll
        reads("yyoy yy -- ----- --- u", "/links?organization={village}", shows="东头李家"),
        reads("yy-y yy -- ----- --- u", "/links/{link}", shows="东头李家"),
        reads("yy-- yy -- ----- --- u", f"/links/gaps?kind={PAIR}&organization={{village}}"),
        acts("yx-- yy -- ----- --- u", **{
            f"{VILLAGE}/links/seeds/link-roster/households": {
                "who": "{member}", "whom": "{household}", "since": DAY},
            f"{VILLAGE}/rotas/seeds/estate-rota/duty": {
                "since": "2026-12-01", "until": "2026-12-08", "roll": ["{member}"]}}),
        acts("yx-y yy -- ----- --- u", **{
            "/links/{link}/contact": {"held_on": DAY, "channel": "phone"},
            "/contacts/{contact}/strike": {"reason": "记错户了"},
            "/contacts/{contact}/become": {"case": "{case}"},
            "/turns/{my_turn}/offer": {}, "/turns/{offered_turn}/withdraw": {}}),
        acts("yx-x yy -- ----- --- u", **{
            "/links/{link}/end": {"until": DAY, "reason": "搬走了"},
            "/links/{link}/void": {"reason": "登重了"},
            "/rotas/{rota}/cancel": {"reason": "不排了"},
            "/turns/{offered_turn}/take": {"person": "{secretarys_person}"},
            "/turns/{my_turn}/change": {"person": "{secretarys_person}"},
            "/turns/{past_turn}/note": {"came": "came"}}),
        reads("yyoy yy -- ----- --- u", "/rotas?organization={village}", shows="轮流值班"),
        reads("yy-y yy -- ----- --- u", "/rotas/{rota}", shows="轮流值班"),
        reads("yy-y yy -- ----- --- u", "/rotas/{rota}/turns", shows="2026-11-22"),
        # --- registers: the correspondent is shown to members
        reads("yyyy yy -- ----- --- u", "/registers?organization={village}", shows="信息员"),
        reads("yyyy yy -- ----- --- u", f"/registers/rows?book={BOOK}&organization={{village}}",
              "/registers/rows/{row}", shows="单文秀"),
        reads("yyyy yy oo oooo- --- u", f"/registers/rows?book={BOOK}", shows="单文秀"),
        reads("yy-- yy -- ----- --- u",
              f"/registers/gaps?book={BOOK}&organization={{village}}"),
        acts("yx-- yy -- ----- --- u", **{
            f"{VILLAGE}/registers/seeds/county-registers/correspondents": {
                "who": "{member}", "post": "宣传委员", "duty": "报动态", "since": DAY}}),
        acts("yxxx yy -- ----- --- u", **{
            "/registers/rows/{row}/correct": {
                "who": "{person}", "post": "宣传委员", "duty": "报动态", "since": "2026-04-01",
                "reason": "日子写错"},
            "/registers/rows/{row}/close": {
                "until": DAY, "ended_as": "left", "reason": "调走了"},
            "/registers/rows/{venue}/void": {"reason": "登重了"}}),
        # --- cases
        reads("yyoy yy oo ooooo ooo u", "/cases?view=all", shows="财务公开不及时"),
        reads("yy-y yy -- ----- --- u", "/cases/{case}", shows="财务公开不及时"),
        reads("yy-- yy -- ----- --- u", f"{VILLAGE}/procedures", shows="整改"),
        acts("yx-- yy -- ----- --- u", **{
            f"{VILLAGE}/procedures/seeds/rectification/rectify": PROBLEM}),
        acts("yy-y yy -- ----- --- u", **{"/cases/{case}/turns/{turn}": DONE}),
        acts("xx-x yy -- ----- --- u", **{
            "/cases/{case}/turns/{turn}/extend": {"until": "2026-12-20", "reason": "等发票"},
            "/cases/{struck}/reopen": {"reason": "又漏了"}}),
        acts("yy-x yy -- ----- --- u", **{"/cases/{case}/owner": {"owner": "{person}"}}),
        acts("yx-x yy -- ----- --- u", **{"/cases/{case}/cancel": {"reason": "重复了"}}),
        acts("yy-x yy -- ----- --- u", **{
            "/cases/{case}/link": {"other": "{struck}", "kind": "follows"}}),
        acts("xx-x yy -- ----- --- u", **{"/cases/{struck}/void": {"reason": "记重了"}}),
        # nothing to claim, to hang or to take over there: see tests/api/test_cases.py
        acts("xx-x xx -- ----- --- u", **{
            "/cases/{case}/turns/{turn}/claim": {},
            "/cases/{case}/turns/{turn}/release": {"reason": "没空"},
            "/cases/{case}/turns/{turn}/excuse": {"reason": "住院了"},
            "/cases/{case}/turns/{turn}/postings": {
                "channel": "张贴", "place": "村部", "posted_on": DAY, "until": DAY},
            "/cases/{case}/reword": {}}),
        acts("---- -- -- ----- --- u", **{
            "/cases/{case}/postings/1/objections": {"raised_on": DAY, "said": "不对"},
            "/cases/{case}/objections/1/answer": {
                "stands": False, "answer": "查过了", "answered_on": DAY}}),
        reads("yy-- yy oo oo--- --- u", "/papers?size=100", shows="整改通知书"),
        reads("yy-y yy -- ----- --- u", "/papers/{letter}/word"),
        acts("yy-x yy -- ----- --- u", **{"/papers/{letter}/annul": {"reason": "写错了"}}),
        reads("oooo oy oo ooooo ooo u", "/commons", shows="外出党员联系不上"),
        # --- money
        reads("yyoo yy oo ooooo ooo u", "/books?size=100", shows="村东生产路"),
        reads("yy-- yy -- ----- --- u", "/books/{book}", shows="2114.5"),
        reads("yy-- yy -- ----- --- u", "/books/{book}/entries", shows="发票 777"),
        reads("yy-- yy -- ----- --- u", "/books/{book}/work", shows="单文秀"),
        reads("yy-- yy -- ----- --- u", "/books/{book}/claims", shows="朱有田"),
        acts("yy-- yy -- ----- --- u", **{
            "/books/{book}/receive": {"source": "donated", "amount": "20", "occurred": DAY},
            "/books/{book}/pledge": {
                "party": "朱有田", "amount": "15", "heads": 1, "occurred": DAY},
            "/books/{book}/labour": {"worker": "朱有田", "amount": "10", "occurred": DAY},
            "/books/{book}/claim": {
                "item": "青苗补偿", "name": "单文秀", "number": "990101199003070058",
                "amount": "30"},
            "/claims/{claim}/withdraw": {"reason": "登记错了"}}),
        acts("yx-- yy -- ----- --- u", **{
            "/books/{book}/settle": {"through": "2026-11-17"},
            "/entries/{posted}/reverse": {"occurred": DAY, "memo": "收据写错"},
            "/work/{work}/reverse": {"occurred": DAY, "memo": "记错了"}}),
        # --- campaigns: of the township for the village and the inner branch
        reads("yyyy yy yy ooooo ooo u", "/campaigns?size=100", shows="秋季集中活动"),
        reads("yyyy yy yy ----- --- u", "/campaigns/{drive}", shows="学习计划"),
        reads("yyyy yy yy ----- --- u", "/campaigns/{drive}/grid?phase=study", shows="plan"),
        reads("yyyy yy -- ----- --- u", "/campaign-units/{unit}", shows="前村"),
        reads("yyoo yy -- ----- --- u", "/campaign-units/{unit}/people?phase=study",
              shows="单文秀"),
        acts("xxxx yy xx ----- --- u", **{
            "/campaigns/{drive}/spans/{gate}/open": {},
            "/campaigns/{drive}/cancel": {"reason": "重复了"}}),
        acts("xxxx yy -- ----- --- u", **{
            "/campaigns/{over}/units": {
                "organization": "机关第一党支部", "batch": "all", "reason": "漏了"},
            "/campaigns/{over}/staff/{staff}/end": {},
            "/campaigns/{over}/end": {}}),
        acts("yyxx yy -- ----- --- u", **{
            "/campaign-units/{unit}/items/letter": {"people": ["{person}"], "happened_on": DAY},
            "/campaign-units/{unit}/spans/{own_gate}/open": {},
            "/campaign-entries/{confirmed_item}/void": {"reason": "记错了"}}),
        acts("---- yy xx ----- --- u", **{
            "/campaign-units/{other_unit}/remove": {"reason": "撤了"}}),
        # --- which rules hold
        reads("yyyy yy yy yyyyx yyy u", "/packs", "/adoptions"),
        reads("yyyy yy -- ----x --- u", f"{VILLAGE}/rules", shows="national/branch-life"),
        reads("yyyy yy yy yyyy- yyy u", "/adoptions/{countys_pack}", shows="某县委员会"),
        reads("yyyy yy yy ----- yyy u", "/adoptions/{easts_pack}", shows="东镇"),
        acts("xxxx yy xf xfxxx xxx u", **{
            "/adoptions": {"pack": "local/quarterly-class", "organization": "{village_code}",
                           "since": DAY}}),
        acts("xxxx yy xx ----- xxx u", **{"/adoptions/{easts_pack}/withdraw": {"until": DAY}}),
        # --- figures
        reads("yy-- yy -- ----- --- u", f"{VILLAGE}/measures", shows="people.members"),
        reads("yy-- yy -- ----- --- u", f"{VILLAGE}/measures/people.members",
              f"{VILLAGE}/admissions", shows="前村"),
        acts("xx-- yy -- ----- --- u", **{
            f"{VILLAGE}/admissions/plan": {"year": 2026, "planned": 2}}),
        # --- notices, words to the operators, reports
        reads("yooo oo oo ooooo ooo u", "/notices", shows="县里来信"),
        acts("y--- -- -- ----- --- u", **{"/notices/{notice}/read": {}}),
        acts("yyyy yy yy yyyyy yyy u", **{
            "/notices/read": {}, "/feedback": {"text": "字再大一点", "page": "/today/"}}),
        reads("yooo oo oo ooooo yoo u", "/feedback", shows="想按组排"),
        acts("x--- -- -- ----- y-- u", **{
            "/feedback/{feedback}/answer": {"text": "下个月能按组排"}}),
        reads("yy-- yy oo oo--- --- u", "/reports", shows="前村全年应办"),
        reads("yy-- yy -- ----- --- u", "/reports/{report}/workbook"),
    )
    for line in row
]  # fmt: skip
