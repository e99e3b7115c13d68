"""Who gets which answer where: written by hand from what the product promises.

Columns are standings towards the first village branch, 前村党支部 in 东镇::

    own         secretary, committee member, plain member, leader of a party group
    above       officer of the township, officer of the county
    beside      secretary of another branch of the township, officer of its general branch
    elsewhere   secretary and township officer and member in another township, a former
                secretary of this branch, an applicant who stands nowhere
    hands       system, security and audit administrator
    out         signed out

Answers::

    y   open: the page with what it is about, the verb is done
    o   open, but nothing of this branch is in it; a form is shown again, nothing done
    x   403 with the rule's sentence: they may know of it, this they may not do
    -   404: they may not even know of it
    s   to the sign-in page

A method without a row of its own is answered with 405. Addresses are filled with the
scene's facts. What a row ``shows`` is seen with ``y`` and not with ``o``; a page for ``-``
says to the letter what is said of an address that is not there.
"""

import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import resolve

from tests.scenes import BULLETIN, DRIVE, RECTIFY

PROMISED = "seeds/commitments:member"

STANDINGS = (
    "secretary", "committee", "member", "leader",
    "township", "county",
    "sibling", "general",
    "far", "west", "stranger", "former", "applicant",
    "system", "security", "audit",
    "out",
)  # fmt: skip
# On another database than the default every address is still asked, by these: that it answers
# there. Who may is the same rule on both.
ASKED = ("township", "member") if os.environ.get("ZHIBU_DATABASE") else STANDINGS


@dataclass(frozen=True)
class Line:
    """One method of one address. ``changes``: with ``y`` a POST leaves something written."""

    method: str
    path: str
    answers: dict[str, str]
    shows: str
    changes: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def name(self) -> str:
        return name_of(self.path)


@dataclass(frozen=True)
class Alike:
    """Addresses that behave alike; ``get`` and ``post`` are rows of the table."""

    at: tuple[str, ...]
    get: str = ""
    post: str = ""
    shows: str = ""
    changes: bool = True

    def lines(self) -> Iterator[Line]:
        for method, row in (("GET", self.get), ("POST", self.post)):
            letters = row.replace(" ", "")
            assert len(letters) in {0, len(STANDINGS)}, (self.at, row)
            for path in self.at if letters else ():
                answers = dict(zip(STANDINGS, letters, strict=True))
                yield Line(method, path, answers, self.shows, self.changes)


def alike(*at: str, **more: Any) -> Alike:
    return Alike(at, **more)


def name_of(path: str) -> str:
    """The name of the address that a path with facts in braces belongs to."""
    known = path.partition("?")[0].replace("{key}", str(uuid.UUID(int=0)))
    return resolve(re.sub(r"\{\w+\}", "1", known)).view_name


ORGANIZATION, PERSON, ACTIVITY = "/organizations/{village}", "/people/{person}", "/activities"
MEETING = "national/branch-life:general-meeting"
CORRESPONDENTS = "/registers/seeds/county-registers/correspondents/"
VENUES = "/registers/seeds/county-registers/venues/"
PAIRS = "/pairings/seeds/link-roster/households/"
ROTA = "/pairings/seeds/estate-rota/duty/"
CAP = "/burden/seeds/meeting-gate/meetings/"
TOPIC = "national/open-affairs:grassroots/own-building"
DAY = "2026-11-20"
GROUPED = "?group=seeds/member-groups:field-plans/retired&way=out"
RIGHTS, PROOF = "/people/me/rights", "/proofs/{key}/{number}/"

TABLE = [
    # --- anybody's
    alike(
        "/", "/more/", "/accounts/roles/", "/people/me/", "/organizations/mine/",
        get="yyyy yy yy yyyyy yyy s",
    ),
    alike("/today/", get="yyyy yy yy yyyyy --- s"),
    alike("/health/live", "/health/ready", get="yyyy yy yy yyyyy yyy y"),
    alike("/large-print", post="yyyy yy yy yyyyy yyy y", changes=False),
    alike("/accounts/sign-in/", get="yyyy yy yy yyyyy yyy y",
          post="yyyy yy yy yyyyy yyy y", changes=False),
    alike("/accounts/sign-out/", post="yyyy yy yy yyyyy yyy y", changes=False),
    alike("/accounts/activate/", get="yyyy yy yy yyyyy yyy y", post="yyyy yy yy yyyyy yyy y"),
    alike("/accounts/password/", "/notices/feedback/",
          get="yyyy yy yy yyyyy yyy s", post="yyyy yy yy yyyyy yyy s"),
    alike("/notices/read/", post="yyyy yy yy yyyyy yyy s"),
    alike("/gallery/", get="---- -- -- ----- yyy -"),
    alike("/proofs/", f"{PROOF}proof.json", get="yyyy yy yy yyyyy yyy y"),
    alike(PROOF, get="yyyy yy yy yyyyy yyy y", shows="前村"),
    alike("/hat", post="yyyy xx xx xxxxx xxx s", changes=False),

    # --- first screens
    alike("/workbench/",  # the branch far away is asked by this one in a case
          get="yy-y -- o- y---- --- s", shows="前村"),
    alike("/overview/", get="---- yy -o -o--- --- s", shows="前村"),
    alike("/overview/?export=1", get="---- yy -o -o--- --- s", shows="前村"),
    alike("/overview/?organization={village}", get="---- yy -- ----- --- s", shows="前村"),
    alike("/ledger/?below=1", get="yy-- yy oo oo--- --y s", shows="前村"),
    alike("/ledger/?organization={village}", get="yy-- yy -- ----- --y s", shows="前村"),
    alike("/ledger/{entry}/proof.json", get="yy-- yy -- ----- --y s"),
    alike("/ledger/{countys_entry}/proof.json", get="---- -y -- ----- --y s"),
    alike("/admin/", get="---- -- -- ----- yyy s"),

    alike("/help/", "/help/?page=people:me", "/help/secretary/", get="yyyy yy yy yyyyy yyy s"),
    alike("/help/sorcery/", get="---- -- -- ----- --- s"),

    # --- the search box: part of a word is asked, the whole word tells
    alike("/search/", "/search/?q=13900000000", "/search/?number=1",
          get="yyyy yy yy yyyyy yyy s"),
    alike("/search/?q=单文", get="yyyy yy oo ooooo ooo s", shows="单文秀"),
    alike("/search/?q=前村党", get="yyyy yy oo ooooo ooo s", shows="前村党支部"),
    alike("/search/?q=学习全会", get="yyyy yy oo ooooo ooo s", shows="学习全会精神"),
    alike("/search/?q=走访困", get="yyoy yy oo ooooo ooo s", shows="走访困难党员"),
    alike("/search/?q=困难党员摸", get="yyoo yy oo ooooo ooo s", shows="困难党员摸底"),
    alike("/search/?q=党员大", get="yyyy yy yy yyyyo yyy s", shows="党员大会"),

    # --- filters kept for oneself: this one is the secretary's
    alike("/accounts/filters/", get="yooo oo oo ooooo ooo s", shows="没开的会"),
    alike("/accounts/filters/save/", post="yyyy yy yy yyyyy yyy s"),
    alike("/accounts/filters/{filter}/",
          get="y--- -- -- ----- --- s", post="y--- -- -- ----- --- s", shows="没开的会"),
    alike("/accounts/filters/{filter}/delete/", post="y--- -- -- ----- --- s"),

    # --- tokens for programs: this one is the secretary's
    alike("/accounts/tokens/", get="yooo oo oo ooooo ooo s", shows="报表程序"),
    alike("/accounts/tokens/new/", get="yyyy yy yy yyyyy yyy s", post="yyyy yy yy yyyyy yyy s"),
    alike("/accounts/tokens/{token}/revoke/", post="y--- -- -- ----- --- s"),

    # --- the calendar: the secretary opened a feed; a leader owns the task that is due
    alike("/calendar/?month=2026-12", "/calendar/?month=2026-12&export=1",
          get="yyyy oo oo ooooo --- s", shows="党员大会"),
    alike("/calendar/?organization={village}&month=2026-12",
          get="yyyy yy -- ----- --- s", shows="党员大会"),
    alike("/calendar/?organization={village}&month=2026-11",
          "/calendar/?organization={village}&month=2026-11&export=1",
          get="yyoy yy -- ----- --- s", shows="走访困难党员"),
    alike("/calendar/?organization={east}", get="---- yy -- ----- --- s", shows="东镇委员会"),
    alike("/calendar/feed/", post="yyyy yy yy yyyyy xxx s"),
    alike("/calendar/feed/revoke/", post="y--- -- -- ----- --- s"),
    alike("/calendar/{feed_secret}.ics",  # whoever has the address reads when, not what
          get="yyyy yy yy yyyyy yyy y", shows="支部活动"),
    alike("/calendar/not-{feed_secret}.ics", get="---- -- -- ----- --- -"),

    # --- packs that wait: one hand proposes, another confirms
    alike("/admin/packs/", get="---- -- -- ----- yy- s", post="---- -- -- ----- yx- s",
          shows="样例"),
    alike("/admin/packs/{proposal}/", get="---- -- -- ----- yy- s", shows="样例"),
    alike("/admin/packs/{proposal}/confirm/", "/admin/packs/{proposal}/refuse/",
          post="---- -- -- ----- xy- s"),

    # --- organisations
    alike("/organizations/", "/organizations/export/",
          get="yyyy yy oo ooooo ooo s", shows="前村党支部"),
    alike("/organizations/?under={village}", get="yyyy yy -- ----- --- s", shows="前村党支部"),
    alike(f"{ORGANIZATION}/", f"{ORGANIZATION}/history/",
          get="yyyy yy -- ----- --- s", shows="前村党支部"),
    alike("/organizations/{east}/", "/organizations/{east}/history/",
          get="---- yy -- ----- --- s", shows="东镇委员会"),
    alike(f"{ORGANIZATION}/found/", f"{ORGANIZATION}/rename/", f"{ORGANIZATION}/change/",
          f"{ORGANIZATION}/move/", f"{ORGANIZATION}/dissolve/", f"{ORGANIZATION}/term/",
          f"{ORGANIZATION}/posts/",
          get="xxxx yy -- ----- --- s", post="xxxx yy -- ----- --- s", shows="前村"),
    alike(f"{ORGANIZATION}/merge/", f"{ORGANIZATION}/split/", f"{ORGANIZATION}/plan/",
          get="xxxx yy -- ----- --- s", post="xxxx yy -- ----- --- s", shows="前村",
          changes=False),  # looked at before it is done
    alike(f"{ORGANIZATION}/plan/blank/", get="xxxx yy -- ----- --- s"),
    alike(f"{ORGANIZATION}/guide/", "/organizations/guidances/{guidance}/end/",
          get="xxxx yy -- ----- --- s", post="xxxx yy -- ----- --- s"),
    alike("/organizations/{meeting}/turns/",
          get="---- yy -- ----- --- s", post="---- yy -- ----- --- s", shows="网格联席会议"),
    alike("/organizations/terms/", "/organizations/terms/export/",
          get="yyyy yy oo ooooo ooo s", shows="前村"),
    alike("/organizations/{east}/rename/", "/organizations/{east}/posts/",
          get="---- yy -- ----- --- s", post="---- yy -- ----- --- s", shows="东镇委员会"),
    alike(f"{ORGANIZATION}/groups/", "/organizations/groups/{bare_group}/close/",
          f"{ORGANIZATION}/posts/?group={{bare_group}}",
          get="yxxx yy -- ----- --- s", post="yxxx yy -- ----- --- s", shows="前村"),

    # --- people
    alike("/people/", "/people/export/", get="yyxx yy oo ooxxx xxx s", shows="单文秀"),
    alike("/people/?at={village}", "/people/export/?at={village}",
          get="yyxx yy -- --xxx xxx s", shows="单文秀"),
    alike("/people/", post="yyxx yy oo ooxxx xxx s", shows="单文秀", changes=False),
    alike(f"{PERSON}/", get="yy-- yy -- ----- --- s", shows="单文秀"),
    alike("/people/{member}/", get="yyy- yy -- ----- --- s", shows="纪淑珍"),
    alike("/people/{officer}/", get="---- yy yy ----- --- s", shows="邵立群"),
    alike("/people/register/{village}/",
          get="yxxx yy -- ----- --- s", post="yxxx yy -- ----- --- s", shows="前村"),
    alike(f"{PERSON}/change/", f"{PERSON}/membership/", f"{PERSON}/place/", f"{PERSON}/group/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s", shows="单文秀"),
    # --- many people at once: of the village for those who are above, of their own else
    alike("/people/many/place/?at={village}", "/people/many/host/?at={village}",
          "/people/many/end-hosting/?at={village}",
          get="yxxx yy -- --xxx xxx s", shows="单文秀"),
    alike("/people/many/group/?at={village}", get="yxxx yy -- --xxx xxx s", shows="单文秀"),
    alike("/people/many/place/?q=单文", get="yxxx yy oo ooxxx xxx s", post="yxxx yy oo ooxxx xxx s",
          shows="单文秀"),
    alike("/people/{member}/change/",
          get="yxx- yy -- ----- --- s", post="yxx- yy -- ----- --- s", shows="纪淑珍"),
    alike(f"{PERSON}/reveal/phone/",
          get="yy-- yy -- ----- --- s", post="yy-- yy -- ----- --- s", shows="单文秀"),
    alike("/people/{member}/reveal/phone/", get="yyy- yy -- ----- --- s", shows="纪淑珍"),
    alike("/people/{member}/account/",
          get="yxx- yy -- ----- --- s", post="yxx- yy -- ----- --- s", shows="纪淑珍"),
    alike("/people/{member}/account/stop/", post="yxx- yy -- ----- --- s"),
    # a code opens all that the officer may do: the branch they belong to may not make it
    alike("/people/{officer}/account/",
          get="---- yy xx ----- --- s", post="---- yy xx ----- --- s", shows="邵立群"),
    alike("/people/{officer}/account/stop/", post="---- yy xx ----- --- s"),
    alike("/people/posts/{post}/appoint/", "/people/holdings/{secretarys_holding}/end/",
          get="xxxx yy -- ----- --- s", post="xxxx yy -- ----- --- s", shows="前村"),
    alike("/people/posts/{vacancy}/appoint/", "/people/holdings/{holding}/end/",
          get="yxxx yy -- ----- --- s", post="yxxx yy -- ----- --- s", shows="前村"),

    # --- a guest: at home in the village, away at the branch of the secretary far away
    alike("/people/{guest}/", "/people/{guest}/reveal/phone/", "/activities/of/{guest}/",
          get="yy-- yy -- yy--- --- s", shows="杨巧云"),
    alike("/people/{guest}/reveal/id_number/", get="yy-- yy -- xx--- --- s", shows="杨巧云"),
    alike("/people/{guest}/change/", "/people/{guest}/host/", "/people/{guest}/consents/",
          get="yx-- yy -- xx--- --- s", shows="杨巧云"),
    alike("/people/{guest}/host/end/",
          get="yx-- yy -- yy--- --- s", post="yx-- yy -- yy--- --- s", shows="杨巧云"),
    alike("/people/{guest}/groups/", get="yy-- yy -- ----- --- s", shows="杨巧云"),
    alike(f"{PERSON}/host/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s", shows="单文秀"),
    alike(f"{PERSON}/host/end/", get="xx-- xx -- ----- --- s"),  # is not away

    # --- what somebody may ask of what is held on them; who keeps it
    alike(f"{RIGHTS}/", f"{RIGHTS}/looks/", f"{RIGHTS}/data/xlsx/", f"{RIGHTS}/data/json/",
          get="yyyy yy yy yyyyy --- s"),
    alike(f"{RIGHTS}/correct/", get="yyyy yy yy yyyyy --- s", post="yyyy yy yy yyyyy --- s"),
    alike(f"{RIGHTS}/consent/", post="yyyy yy yy yyyyy --- s"),
    alike("/people/corrections/", get="yxxx yy oo ooxxx xxx s", shows="蒋红梅"),
    alike("/people/corrections/{correction}/",  # nobody decides on their own
          get="y--y yy -- ----- --- s", post="y--x yy -- ----- --- s", shows="换了号码"),
    alike("/people/corrections/{secretarys_correction}/",
          get="y--- yy -- ----- --- s", post="x--- yy -- ----- --- s", shows="搬到二组"),
    alike("/people/corrections/{correction}/take-back/", post="x--y xx -- ----- --- s"),
    alike(f"{PERSON}/consents/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s", shows="单文秀"),
    alike("/people/{leader}/groups/", get="yy-y yy -- ----- --- s", shows="蒋红梅"),

    # --- member groups
    alike("/people/groups/", get="yxxx yy oo ooxxx xxx s", shows="2 人"),
    alike(f"/people/groups/change/{GROUPED}",
          get="yxxx yy oo ooxxx xxx s", post="yxxx yy oo ooxxx xxx s", shows="单文秀"),
    alike(f"/people/groups/export/{GROUPED}", get="yxxx yy oo ooxxx xxx s", shows="单文秀"),
    alike(f"/people/groups/change/{GROUPED}&at={{village}}",
          f"/people/groups/export/{GROUPED}&at={{village}}",
          get="yxxx yy -- --xxx xxx s", shows="单文秀"),

    # --- the same person twice
    alike("/people/duplicates/", "/people/duplicates/?export=1",
          get="yxxx yy oo ooxxx xxx s", shows="贺小山"),
    alike("/people/duplicates/?at={village}", get="yxxx yy -- --xxx xxx s", shows="贺小山"),
    alike("/people/duplicates/{twin}/{other_twin}/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s", shows="贺小山"),
    alike("/people/duplicates/{twin}/{other_twin}/two/", post="yx-- yy -- ----- --- s"),
    alike("/people/duplicates/{person}/{far_member}/",  # one of them only is within reach
          get="---- -y -- ----- --- s", post="---- -y -- ----- --- s", shows="单文秀"),
    alike("/people/duplicates/{officer}/{general_officer}/",  # posts above; oneself
          get="---- xy xx ----- --- s", shows="章国安"),

    # --- posts handed over: the committee member's, the group's
    alike("/people/handovers/", get="yyoy yy oo ooooo ooo s", shows="倪秀兰交给"),
    alike("/people/handovers/{handover}/", "/people/handovers/{handover}/word/",
          get="yy-y yy -- ----- --- s", shows="公章一枚"),
    alike("/people/handovers/{handover}/sign/", post="xy-x xx -- ----- --- s"),
    alike("/people/handovers/{handover}/finish/", "/people/handovers/{handover}/cancel/",
          post="xx-x yy -- ----- --- s"),
    alike("/people/handovers/{groups_handover}/", "/people/handovers/{groups_handover}/word/",
          get="yyyy yy -- ----- --- s", shows="纪淑珍"),
    alike("/people/handovers/{groups_handover}/sign/", post="xxyx xx -- ----- --- s"),
    alike("/people/handovers/{groups_handover}/finish/",
          "/people/handovers/{groups_handover}/cancel/", post="yxxx yy -- ----- --- s"),
    alike("/people/holdings/{secretarys_holding}/hand-over/",
          get="yxxx yy -- ----- --- s", post="yxxx yy -- ----- --- s", shows="顾长林"),
    alike("/people/holdings/{holding}/hand-over/", get="yxxy yy -- ----- --- s", shows="蒋红梅"),

    # --- activities
    alike("/activities/of/{leader}/", "/activities/of/{leader}/?export=1",
          get="yy-y yy -- ----- --- s", shows="主题党日"),
    alike("/activities/of/{officer}/", get="---- yy yy ----- --- s", shows="邵立群"),
    alike(f"{ACTIVITY}/", f"{ACTIVITY}/?export=1",
          get="yyyy yy oo ooooo ooo s", shows="学习全会精神"),
    alike(f"{ACTIVITY}/?organization={{village}}",
          get="yyyy yy -- ----- --- s", shows="学习全会精神"),
    alike(f"{ACTIVITY}/{{held}}/", f"{ACTIVITY}/{{held}}/minutes/",
          get="yyyy yy -- ----- --- s", shows="学习全会精神"),
    alike(f"{ACTIVITY}/record/?organization={{village}}",
          get="yyxy yy -- ----- --- s", post="yyxo yy -- ----- --- s", shows="前村"),
    alike(f"{ACTIVITY}/record/?obligation={{owed}}",
          get="yyxy yy -- ----- --- s", shows="前村"),
    alike(f"{ACTIVITY}/record/?organization={{village}}&group={{group}}",
          get="yyxy yy -- ----- --- s", post="yyxy yy -- ----- --- s", shows="第一党小组"),
    alike(f"{ACTIVITY}/record/?organization={{village}}&group={{empty_group}}",
          get="yyxx yy -- ----- --- s", shows="第二党小组"),
    alike(f"{ACTIVITY}/{{planned}}/record/", f"{ACTIVITY}/{{planned}}/cancel/",
          f"{ACTIVITY}/{{confirmed}}/correct/",
          get="yyxx yy -- ----- --- s", post="yyxx yy -- ----- --- s", shows="党员大会"),
    alike(f"{ACTIVITY}/{{held}}/attach/", f"{ACTIVITY}/{{unfiled}}/file/",
          post="yyxx yy -- ----- --- s"),
    alike(f"{ACTIVITY}/{{held}}/confirm/",  # the secretary recorded it: another confirms
          post="xyxx yy -- ----- --- s"),
    alike(f"{ACTIVITY}/{{held}}/void/",
          get="yxxx yy -- ----- --- s", post="yxxx yy -- ----- --- s", shows="主题党日"),
    alike(f"{ACTIVITY}/{{planned}}/leave/",
          get="yyyy yy -- ----- --- s", post="yyyy yy -- ----- --- s", shows="党员大会"),
    alike(f"{ACTIVITY}/filings/", get="oooo yy oo ooooo ooo s", shows="学党章"),
    alike(f"{ACTIVITY}/filings/{{filing}}/receive/", post="xxxx yy -- ----- --- s"),
    alike("/files/{attachment}/", get="yyyy yy -- ----- --- s"),
    alike("/files/{attachment}/remove/", post="yyxx yy -- ----- --- s"),

    # --- tasks: the leader owns it
    alike("/tasks/", "/tasks/?export=1", get="yyoy yy oo ooooo ooo s", shows="走访困难党员"),
    alike("/tasks/{task}/", get="yy-y yy -- ----- --- s", shows="走访困难党员"),
    alike("/tasks/{task}/complete/", post="yy-y yy -- ----- --- s"),
    alike("/tasks/{task}/cancel/",
          get="yy-y yy -- ----- --- s", post="yy-y yy -- ----- --- s", shows="走访困难党员"),
    alike("/tasks/new/",  # for the organisation whose hat one wears
          get="yyxx oo oo ooxx- --- s", post="yyxx oo oo ooxx- --- s", shows="单文秀"),

    alike("/tasks/{task}/change/",
          get="yy-x yy -- ----- --- s", post="yy-x yy -- ----- --- s", shows="走访困难党员"),
    alike("/tasks/many/",  # of the organisation whose hat one wears
          get="yyxx oo oo ooxx- --- s", post="yyxx oo oo ooxx- --- s", shows="走访困难党员"),

    # --- handed down by the township to the village
    alike("/tasks/commissions/", "/tasks/commissions/?export=1",
          get="oooo yy oo ooooo ooo s", shows="困难党员摸底"),
    alike("/tasks/commissions/new/",  # for the organisation whose hat one wears
          get="xxxx yy xy xyxx- --- s", post="xxxx yy xy xyxx- --- s", changes=False),
    alike("/tasks/commissions/{commission}/", "/tasks/commissions/{commission}/paper/",
          get="---- yy -- ----- --- s", shows="困难党员摸底"),
    alike("/tasks/commissions/{commission}/withdraw/",
          get="---- yy -- ----- --- s", post="---- yy -- ----- --- s", shows="困难党员摸底"),
    alike("/tasks/commissions/{commission}/remind/", post="---- yy -- ----- --- s"),
    alike("/tasks/commissions/{commission}/take/", post="---- yy -- ----- --- s", changes=False),
    alike("/tasks/{handed}/", get="yy-- yy -- ----- --- s", shows="困难党员摸底"),
    alike("/tasks/{handed}/names/", "/tasks/{handed}/answer/",
          get="yy-- yy -- ----- --- s", post="yy-- yy -- ----- --- s", shows="困难党员摸底"),
    alike("/tasks/{given}/take/", "/tasks/{given}/send-back/", post="xx-- yy -- ----- --- s"),

    # --- cases: the leader answers for both; one is struck off
    alike("/cases/", get="yyyy yy yy yyyyy yyy s"),
    alike("/cases/?view=all", "/cases/?view=all&export=1",
          get="yyoy yy oo ooooo ooo s", shows="财务公开不及时"),
    alike(f"/cases/board/?procedure={RECTIFY}",
          get="yy-- yy oo oo--- --- s", shows="stage=doing"),
    alike("/cases/start/", get="y--- yy yy yy--- --- s"),
    alike("/cases/start/{village}/", get="yyoo yy -- ----- --- s", shows="整改销号"),
    alike(f"/cases/start/{{village}}/?procedure={RECTIFY}",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s", shows="什么问题"),
    alike("/cases/{case}/", get="yy-y yy -- ----- --- s", shows="财务公开不及时"),
    alike("/cases/{case}/turns/{turn}/", post="yy-y yy -- ----- --- s"),
    alike("/cases/{case}/turns/{turn}/extend/",  # by the level above
          get="xx-x yy -- ----- --- s", post="xx-x yy -- ----- --- s", shows="财务公开不及时"),
    alike("/cases/{case}/owner/",
          get="yy-x yy -- ----- --- s", post="yy-x yy -- ----- --- s", shows="财务公开不及时"),
    alike("/cases/{case}/cancel/",
          get="yx-x yy -- ----- --- s", post="yx-x yy -- ----- --- s", shows="财务公开不及时"),
    alike("/cases/{struck}/reopen/",
          get="xx-x yy -- ----- --- s", post="xx-x yy -- ----- --- s", shows="活动室漏雨"),
    # common problems: one of the county's, into which the problem of the branch may be gathered
    alike("/cases/common/", "/cases/common/?export=1",
          get="oooo oy oo ooooo ooo s", shows="外出党员联系不上"),
    alike("/cases/common/start/", get="y--- yy yy yy--- --- s"),
    alike("/cases/common/start/{village}/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s", shows="财务公开不及时"),
    alike("/cases/common/start/{county}/",
          get="---- -y -- ----- --- s", post="---- -y -- ----- --- s", shows="财务公开不及时"),
    alike("/cases/{common}/gather/",
          get="---- -y -- ----- --- s", post="---- -y -- ----- --- s", shows="财务公开不及时"),
    alike("/cases/progress/", "/cases/lists/", "/cases/coverage/",
          get="yy-- yy yy yy--- --- s"),
    alike(f"/cases/coverage/?organization={{village}}&of={PROMISED}:members",
          f"/cases/coverage/?organization={{village}}&of={PROMISED}:members&export=1",
          get="yy-- yy -- ----- --- s"),
    alike(f"/cases/coverage/?organization={{village}}&of={PROMISED}:members&which=asked",
          get="yy-- yy -- ----- --- s", shows="公开承诺的党员"),
    alike(f"/cases/coverage/?organization={{county}}&of={PROMISED}:members&which=missing",
          get="---- -y -- ----- --- s"),
    alike("/cases/start/{village}/many/", get="y--- yy -- ----- --- s", shows="整改销号"),
    alike(f"/cases/start/{{village}}/many/?procedure={RECTIFY}",
          get="y--- yy -- ----- --- s", post="y--- yy -- ----- --- s", shows="样表",
          changes=False),  # only looked at
    alike(f"/cases/progress/?organization={{village}}&procedure={RECTIFY}",
          get="yy-- yy -- ----- --- s", shows="整改销号：在办 1 件"),
    alike(f"/cases/progress/?organization={{village}}&procedure={RECTIFY}&word=1",
          f"/cases/progress/?organization={{village}}&procedure={RECTIFY}&export=1",
          f"/cases/lists/?organization={{village}}&procedure={RECTIFY}&list=people",
          get="yy-- yy -- ----- --- s"),
    alike(f"/cases/progress/?organization={{village}}&procedure={RECTIFY}&which=open",
          f"/cases/lists/?organization={{village}}&procedure={RECTIFY}&list=promises",
          f"/cases/lists/?organization={{village}}&procedure={RECTIFY}&list=tasks",
          f"/cases/lists/?organization={{village}}&procedure={RECTIFY}&list=ledger",
          f"/cases/lists/?organization={{village}}&procedure={RECTIFY}&export=1",
          get="yy-- yy -- ----- --- s", shows="财务公开不及时"),
    alike(f"/cases/progress/?organization={{county}}&procedure={RECTIFY}&which=late",
          f"/cases/lists/?organization={{county}}&procedure={RECTIFY}",
          get="---- -y -- ----- --- s"),

    alike(f"/cases/diagram/?procedure={RECTIFY}",
          f"/cases/diagram/picture.svg?procedure={RECTIFY}",
          get="yy-- yy yy yy--- --- s", shows="核验"),
    alike("/cases/{case}/diagram/", "/cases/{case}/diagram/picture.svg",
          get="yy-y yy -- ----- --- s", shows="现在在这一步"),
    alike("/cases/many/", get="yyoy yy oo ooooo ooo s", shows="整改：整改"),
    alike(f"/cases/many/?procedure={RECTIFY}&stage=doing&outcome=escalate",
          get="yyoy yy oo ooooo ooo s", post="yyoy yy oo ooooo ooo s", shows="财务公开不及时"),
    alike("/cases/papers/", "/cases/papers/?export=1",
          get="yy-- yy oo oo--- --- s", shows="整改通知书"),
    alike("/cases/papers/{letter}/word/", get="yy-y yy -- ----- --- s"),
    alike("/cases/papers/{letter}/annul/",
          get="yy-x yy -- ----- --- s", post="yy-x yy -- ----- --- s", shows="整改通知书"),
    # what waits to be claimed: for those who act there themselves; above one opens it by its case
    alike("/cases/pool/", get="yyoo oo oo ooooo ooo s", shows="五组的沟堵了"),
    alike("/cases/pool/?export=1", get="yyyy yy yy yyyyy yyy s"),
    alike("/cases/pool/{pooled}/", get="yy-- yy -- ----- --- s", post="yy-- yy -- ----- --- s",
          shows="五组的沟堵了"),
    # one about the leader that waits for a vote, a notice and two claims, the neighbour far away
    alike("/cases/{room}/", get="yy-y yy -- yy--- --- s", shows="借活动室排戏"),
    alike("/cases/{room}/turns/{check_turn}/claim/", post="yy-x yy -- xx--- --- s"),
    alike("/cases/{room}/turns/{look_turn}/release/",  # by whoever claimed it, or above
          get="yx-x yy -- xx--- --- s", post="yx-x yy -- xx--- --- s", shows="借活动室排戏"),
    alike("/cases/{room}/turns/{hear_turn}/",  # where a field says
          post="xx-x xy -- yy--- --- s"),
    alike("/cases/{room}/turns/{notice_turn}/post/", "/cases/{room}/objections/{objection}/answer/",
          "/cases/{room}/postings/{posting}/object/", "/cases/{room}/link/",
          get="yy-x yy -- xx--- --- s", post="yy-x yy -- xx--- --- s", shows="借活动室排戏"),
    alike("/cases/{room}/reword/",
          get="xx-x yy -- xx--- --- s", post="xx-x yy -- xx--- --- s", shows="借活动室排戏"),
    alike("/cases/{struck}/void/",
          get="xx-x yy -- ----- --- s", post="xx-x yy -- ----- --- s", shows="活动室漏雨"),
    # everyone who stood on the roll when it began is asked, and sees it; the turn is the leader's
    alike("/cases/{reading}/", "/cases/{reading}/?turn={read_turn}",
          get="yy-y yy -- ----- --- s", shows="传阅学习计划"),
    alike("/cases/{reading}/turns/{read_turn}/", post="yy-y yy -- ----- --- s"),
    alike("/cases/{reading}/turns/{read_turn}/excuse/",
          get="yy-x yy -- ----- --- s", post="yy-x yy -- ----- --- s", shows="不再等"),
    # registers: the correspondent is shown to members, the venue too; nobody else hears of them
    alike("/registers/", get="yyyy yy yy yyyy- --- s"),
    alike("/registers/?organization={village}", "/registers/?organization={village}&export=1",
          get="yyyy yy -- ----- --- s", shows="信息员"),
    alike(CORRESPONDENTS, f"{CORRESPONDENTS}?export=1", f"{CORRESPONDENTS}?view=all&q=单文",
          get="yyyy yy oo oooo- --- s", shows="单文秀"),
    alike(f"{CORRESPONDENTS}?organization={{village}}",
          f"{CORRESPONDENTS}?organization={{village}}&view=over&on=2026-03-01",
          get="yyyy yy -- ----- --- s"),
    alike(f"{VENUES}gaps/", f"{VENUES}gaps/?export=1", get="yy-- yy yy yy--- --- s"),
    alike(f"{VENUES}gaps/?organization={{village}}", get="yy-- yy -- ----- --- s"),
    alike(f"{CORRESPONDENTS}open/{{village}}/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s", shows="管什么"),
    alike(f"{CORRESPONDENTS}import/{{village}}/", f"{CORRESPONDENTS}import/{{village}}/?blank=1",
          get="yx-- yy -- ----- --- s"),
    alike(f"{CORRESPONDENTS}import/{{village}}/", post="yx-- yy -- ----- --- s"),
    alike(f"{VENUES}import/{{village}}/", get="yx-- yy -- ----- --- s", shows="样表"),
    alike("/registers/rows/{row}/", get="yyyy yy -- ----- --- s", shows="单文秀"),
    alike("/registers/rows/{row}/correct/", "/registers/rows/{row}/close/",
          "/registers/rows/{venue}/void/",
          get="yxxx yy -- ----- --- s", post="yxxx yy -- ----- --- s"),
    # links: for those who see them there and for whoever makes contact, who logs it; the plain
    # member has none
    alike("/pairings/", get="yy-y yy yy yy--- --- s"),
    alike("/pairings/?organization={village}", "/pairings/?organization={village}&export=1",
          "/pairings/?organization={village}&view=overdue&kind=seeds/link-roster:households",
          get="yy-y yy -- ----- --- s"),
    alike("/pairings/?organization={village}&q=东头", "/pairings/links/{link}/",
          get="yy-y yy -- ----- --- s", shows="东头李家"),
    alike(f"{PAIRS}gaps/?organization={{village}}",
          f"{PAIRS}gaps/?organization={{village}}&export=1", get="yy-- yy -- ----- --- s"),
    alike(f"{PAIRS}begin/{{village}}/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s", shows="联系户"),
    alike("/pairings/links/{link}/contact/", "/pairings/contacts/{contact}/strike/",
          "/pairings/contacts/{contact}/become/",
          get="yx-y yy -- ----- --- s", post="yx-y yy -- ----- --- s"),
    alike("/pairings/links/{link}/end/", "/pairings/links/{link}/void/",
          get="yx-x yy -- ----- --- s", post="yx-x yy -- ----- --- s"),
    alike("/pairings/registered/", "/pairings/registered/?export=1",
          get="yy-- yy yy yy--- --- s"),
    alike("/pairings/registered/?organization={village}&year=2026",
          get="yy-- yy -- ----- --- s"),
    # rotas: for those who see them there and for who is on the roll
    alike("/pairings/rotas/", get="yy-y yy yy yy--- --- s"),
    alike("/pairings/rotas/?organization={village}", "/pairings/rotas/{rota}/",
          get="yy-y yy -- ----- --- s", shows="轮流值班"),
    alike("/pairings/rotas/{rota}/?export=1", get="yy-y yy -- ----- --- s"),
    alike(f"{ROTA}draw/{{village}}/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s", shows="从谁开始"),
    alike("/pairings/rotas/{rota}/cancel/", "/pairings/turns/{my_turn}/change/",
          get="yx-x yy -- ----- --- s", post="yx-x yy -- ----- --- s"),
    alike("/pairings/turns/{my_turn}/offer/",
          get="yx-y yy -- ----- --- s", post="yx-y yy -- ----- --- s"),
    alike("/pairings/turns/{offered_turn}/withdraw/", post="yx-y yy -- ----- --- s"),
    # for the secretary, who is on the roll: by themselves or by who keeps the rota
    alike("/pairings/turns/{offered_turn}/take/", "/pairings/turns/{past_turn}/note/",
          post="yx-x yy -- ----- --- s"),
    # caps on what is written into registers: for those who see registers there
    alike("/burden/", get="yy-- yy yy yy--- --- s"),
    alike("/burden/?organization={village}", "/burden/?organization={village}&export=1",
          get="yy-- yy -- ----- --- s", shows="全年会议"),
    alike(f"{CAP}?organization={{village}}", f"{CAP}?organization={{village}}&export=1",
          f"{CAP}rows/?organization={{village}}", f"{CAP}rows/?organization={{village}}&export=1",
          get="yy-- yy -- ----- --- s"),
    # what is made public: for everybody once it is out, on its way for those of the place alone
    alike("/publishing/", "/publishing/?view=all&export=1", get="yyyy yy yy yyyyy yyy s"),
    alike("/publishing/?view=published&q=二组的路", get="yyyy yy yy yyyyy yyy s",
          shows="今年修通到二组的路"),
    alike("/publishing/?view=all&q=责任区", "/search/?q=党员责任区",
          get="yyoo yy oo ooooo ooo s", shows="党员责任区怎么分"),
    alike("/publishing/due/", get="yy-- yy yy yy--- --- s"),
    alike("/publishing/due/?organization={village}",
          f"/publishing/propose/{{village}}/?topic={TOPIC}",
          "/publishing/from-record/?source=money&record={book}",
          get="yy-- yy -- ----- --- s", shows="前村"),
    alike(f"/publishing/propose/{{village}}/?topic={TOPIC}&record=none",
          get="yy-- yy -- ----- --- s", post="yy-- yy -- ----- --- s", shows="自身建设"),
    alike("/publishing/{public}/", get="yyyy yy yy yyyyy yyy s", shows="今年修通到二组的路"),
    alike("/publishing/{public}/word/", get="yyyy yy yy yyyyy yyy s"),
    alike("/publishing/{proposed}/", get="yy-- yy -- ----- --- s", shows="党员责任区怎么分"),
    alike("/publishing/{proposed}/check/", "/publishing/{vetted}/approve/",  # never who proposed
          post="yx-- yy -- ----- --- s"),
    alike("/publishing/{agreed}/publish/", "/publishing/{proposed}/return/",
          post="yy-- yy -- ----- --- s"),
    alike("/publishing/{public}/withdraw/", "/publishing/{public}/post/",
          "/publishing/{public}/postings/{notice_posting}/end/",
          get="yyxx yy xx xxxxx xxx s", post="yyxx yy xx xxxxx xxx s", shows="二组的路"),
    # a rule for the village alone, to be read by each
    alike("/publishing/{posted_rule}/", get="yyyy yy -- ----- --- s", shows="会议制度"),
    alike("/publishing/{posted_rule}/look-again/", post="yyxx yy -- ----- --- s"),
    alike("/publishing/{posted_rule}/read/", post="yyyy yy -- ----- --- s"),
    alike("/publishing/{posted_rule}/receipts/", "/publishing/{posted_rule}/receipts/?export=1",
          get="yy-- yy -- ----- --- s"),
    # what visitors wrote
    alike("/publishing/voices/", get="yy-- yy oo oo--- --- s", shows="今年修通到二组的路"),
    alike("/publishing/voices/{voice}/",
          get="yy-- yy -- ----- --- s", post="yy-- yy -- ----- --- s", shows="占了我家的地"),
    # asking and following: anybody, signed in or not; without a code there is nothing to follow
    alike("/open/{village}/ask/", "/open/{village}/ask/seeds/requests/request/",
          get="yyyy yy yy yyyyy yyy y", shows="您有什么事"),
    alike("/open/{village}/ask/seeds/requests/request/", post="yyyy yy yy yyyyy yyy y"),
    alike("/open/receipt/", "/open/track/mine/", get="yyyy yy yy yyyyy yyy y"),
    alike("/open/track/", get="yyyy yy yy yyyyy yyy y", post="yyyy yy yy yyyyy yyy y",
          changes=False),  # only found
    alike("/open/track/mine/", "/open/track/leave/", post="oooo oo oo ooooo ooo o"),
    # those who see cases see what was asked for; the contact is for those who answer alone
    alike("/requests/", "/requests/?view=all&export=1",
          get="yy-- yy oo oo--- --- s", shows="桥头路灯坏了"),
    alike("/requests/take/{village}/", "/requests/take/{village}/seeds/requests/request/",
          get="yy-- yy -- ----- --- s"),
    alike("/requests/take/{village}/seeds/requests/request/", post="yy-- yy -- ----- --- s"),
    alike("/requests/{ticket}/look/phone/",
          get="yy-- xx -- ----- --- s", post="yy-- xx -- ----- --- s"),
    # confidential: the secretary and those above alone, nobody else hears that there is one
    alike("/cases/{quiet}/", "/cases/{quiet}/diagram/",
          get="y--- yy -- ----- --- s", shows="老周家屋顶塌了"),
    alike("/cases/{quiet}/turns/{quiet_turn}/", post="y--- yy -- ----- --- s"),
    alike("/cases/{quiet}/link/",
          get="y--- yy -- ----- --- s", post="y--- yy -- ----- --- s", shows="老周家屋顶塌了"),
    alike("/cases/{quiet}/cancel/",
          get="y--- yy -- ----- --- s", post="y--- yy -- ----- --- s", shows="老周家屋顶塌了"),
    alike("/cases/?view=all&q=屋顶", "/cases/?view=all&q=屋顶&export=1", "/search/?q=老周家屋顶",
          get="yooo yy oo ooooo ooo s", shows="老周家屋顶塌了"),

    # --- campaigns: of the township for the village and the inner branch; one for the village
    alike("/campaigns/", "/campaigns/?export=1", get="yyyy yy yy ooooo ooo s",
          shows="秋季集中活动"),
    alike("/campaigns/launch/", get="---- yy -y -y--- --- s"),
    alike("/campaigns/launch/{general}/", get="---- yy -y ----- --- s", shows="秋季集中活动"),
    alike(f"/campaigns/launch/{{general}}/?campaign={DRIVE}",
          get="---- yy -y ----- --- s", post="---- yy -y ----- --- s", shows="秋季集中活动"),
    alike("/campaigns/{drive}/", "/campaigns/{drive}/?export=1&phase=all",
          get="yyyy yy yy ----- --- s"),
    alike("/campaigns/{drive}/?phase=study", "/campaigns/{drive}/progress/",
          "/campaigns/{drive}/progress/?export=1", get="yyyy yy yy ----- --- s",
          shows="学习计划"),
    alike("/campaigns/{drive}/make-ups/", "/campaigns/{drive}/make-ups/?export=1",
          get="yyoo yy oo ----- --- s", shows="单文秀"),
    alike("/campaigns/{drive}/spans/{gate}/open/",  # by whoever leads
          get="xxxx yy xx ----- --- s", post="xxxx yy xx ----- --- s", shows="秋季集中活动"),
    alike("/campaigns/{drive}/cancel/",
          get="xxxx yy xx ----- --- s", post="xxxx yy xx ----- --- s", shows="秋季集中活动"),
    alike("/campaigns/{begun}/enter/checked/",
          get="xxxx yy -- ----- --- s", post="xxxx yy -- ----- --- s", shows="前村"),
    alike("/campaigns/{over}/units/add/", "/campaigns/{over}/staff/{staff}/end/",
          "/campaigns/{over}/end/",
          get="xxxx yy -- ----- --- s", post="xxxx yy -- ----- --- s", shows="去年的集中活动"),
    alike("/campaigns/units/{unit}/", "/campaigns/units/{unit}/?phase=study",
          get="yyyy yy -- ----- --- s", shows="前村"),
    alike("/campaigns/units/{unit}/enter/letter/", "/campaigns/units/{unit}/spans/{own_gate}/open/",
          get="yyxx yy -- ----- --- s", post="yyxx yy -- ----- --- s"),
    alike("/campaigns/entries/{confirmed_item}/void/",
          get="yyxx yy -- ----- --- s", post="yyxx yy -- ----- --- s", shows="前村"),
    alike("/campaigns/units/{other_unit}/remove/",
          get="---- yy xx ----- --- s", post="---- yy xx ----- --- s"),

    # --- duties and figures
    alike("/insight/obligations/{owed}/", get="yyyy yy -- ----- --- s", shows="支部委员会会议"),
    alike("/insight/column/?organization={village}&column={column}",
          "/insight/column/?organization={village}&column={column}&export=1",
          get="yyyy yy -- ----- --- s", shows="前村"),
    alike("/insight/column/?organization={county}&column={column}",
          get="---- -y -- ----- --- s", shows="前村"),
    alike("/insight/?organization={village}", "/insight/?organization={village}&export=1",
          "/insight/rows/?organization={village}&row=duty",
          "/insight/rows/?organization={village}&subject=members&export=1",
          "/insight/fields/?organization={village}", "/insight/checks/?organization={village}",
          "/insight/measures/?organization={village}",
          "/insight/measures/people.members/?organization={village}",
          get="yy-- yy -- ----- --- s", shows="前村"),
    alike("/insight/?organization={county}", "/insight/rows/?organization={county}&subject=members",
          get="---- -y -- ----- --- s"),
    alike("/insight/", "/insight/rows/", "/insight/fields/", "/insight/checks/",
          "/insight/measures/", "/insight/measures/people.members/",
          get="yy-- yy yy yy--- --- s"),
    alike("/insight/chart.svg?organization={village}&row=duty&column=none",
          "/insight/reports/{report}/chart.svg", "/insight/reports/{report}/?word=1",
          "/insight/?organization={village}&word=1",
          get="yy-- yy -- ----- --- s"),
    alike("/insight/chart.svg?organization={county}&row=duty&column=none",
          get="---- -y -- ----- --- s"),
    # The scene has one 领域, which is no picture: nobody gets one.
    alike("/insight/fields/chart.svg?organization={county}", get="---- -- -- ----- --- s"),
    alike("/insight/count/?organization={village}", post="yy-- yy -- ----- --- s"),
    alike("/insight/count/?organization={county}", post="---- -y -- ----- --- s"),
    alike("/insight/whole/?organization={county}",
          get="---- -y -- ----- --- s", post="---- -y -- ----- --- s"),
    alike("/insight/whole/?organization={village}", get="---- -- -- ----- --- s"),
    alike("/insight/pool/?organization={village}", "/insight/pool/?organization={village}&export=1",
          get="yy-- yy -- ----- --- s", shows="前村"),
    alike("/insight/pool/?organization={county}", get="---- -y -- ----- --- s"),
    alike("/insight/pool/{village}/plan/",
          get="xx-- yy -- ----- --- s", post="xx-- yy -- ----- --- s", shows="前村"),
    alike("/insight/measures/nothing.such/", get="---- -- -- ----- --- s"),
    alike("/insight/reports/", "/insight/reports/?export=1",
          get="yy-- yy oo oo--- --- s", shows="前村全年应办"),
    alike("/insight/reports/{report}/", get="yy-- yy -- ----- --- s", shows="前村全年应办"),
    alike("/insight/reports/{report}/?export=1", get="yy-- yy -- ----- --- s"),
    alike("/insight/reports/freeze/?organization={village}",
          get="xx-- yy -- ----- --- s", post="xx-- yy -- ----- --- s", shows="前村"),
    alike("/insight/column/exempt/?organization={village}&column={column}",
          get="xxxx yy -- ----- --- s", post="xxxx yy -- ----- --- s", shows="前村"),
    alike("/duties/{owed}/exempt/",
          get="xxxx yy -- ----- --- s", post="xxxx yy -- ----- --- s", shows="前村"),
    alike("/duties/{freed}/exempt/withdraw/", post="xxxx yy -- ----- --- s"),
    alike("/duties/{owed}/explain/",
          get="yxxx yy -- ----- --- s", post="yxxx yy -- ----- --- s", shows="前村"),

    # --- talks: the secretary's with the leader, and with somebody who has no account
    alike("/duties/talks/", get="yyoo oo oo ooooo --- s", shows="单文秀"),
    alike("/duties/talks/new/",  # with somebody of one's own branch, or in post above it
          get="yyyy oo oo ooooo --- s", post="yyyy oo oo ooooo --- s", shows="单文秀"),
    alike("/duties/talks/{talk}/confirm/",  # who has an account says so alone
          post="xx-y xx -- ----- --- s"),
    alike("/duties/talks/{silent_talk}/confirm/",  # no side says so for the other
          post="xy-- yy -- ----- --- s"),
    alike("/duties/talks/{talk}/withdraw/", post="yx-y xx -- ----- --- s"),

    # --- which rules hold
    alike("/rules/", "/rules/packs/", "/rules/packs/national/branch-life/",
          "/rules/packs/national/branch-life/duties/general-meeting/",
          get="yyyy yy yy yyyyx yyy s"),
    alike("/rules/export/", get="yyyy yy yy yyyyx --- s"),
    alike("/rules/?organization={village}", "/rules/export/?organization={village}",
          get="yyyy yy -- ----x --- s", shows="前村"),
    alike("/rules/packs/?organization={village}", get="yyyy yy -- ----x --- s"),
    alike("/rules/packs/seeds/mingguang-theme-day/",
          get="yyyy yy yy oooox yyy s", shows="东镇委员会"),
    alike("/rules/adoptions/{countys_pack}/", get="yyyy yy yy yyyy- yyy s", shows="某县委员会"),
    alike("/rules/adoptions/{easts_pack}/", get="yyyy yy yy ----- yyy s", shows="东镇委员会"),
    alike("/rules/adoptions/{easts_pack}/withdraw/",
          get="xxxx yy xx ----- xxx s", post="xxxx yy xx ----- xxx s"),
    alike("/rules/adoptions/{countys_pack}/withdraw/", get="xxxx xx xx xxxx- xxx s"),
    alike("/rules/adopt/", get="xxxx yy xy xyxxx xxx s", post="xxxx yy xo xoxxx xxx s"),

    # --- money: the village's; whoever entered something does not take it back
    alike("/money/", "/money/?q=生产路", get="yyoo yy oo ooooo ooo s", shows="村东生产路"),
    alike("/money/sums/", get="yyoo yy oo ooooo ooo s", shows="3,015.00"),
    alike("/money/?export=1", "/money/sums/?export=1", get="yyyy yy yy yyyyy yyy s"),
    alike("/money/?organization={village}", "/money/sums/?organization={village}",
          get="yy-- yy -- ----- --- s", shows="前村"),
    alike("/money/{book}/", "/money/{book}/?export=1", "/money/{book}/list/",
          get="yy-- yy -- ----- --- s"),
    alike("/money/{book}/receive/", "/money/{book}/pledge/", "/money/{book}/labour/",
          "/money/{book}/claim/", "/money/claims/{claim}/withdraw/",
          get="yy-- yy -- ----- --- s", post="yy-- yy -- ----- --- s"),
    alike("/money/{book}/settle/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s"),
    alike("/money/entries/{posted}/reverse/", "/money/quantities/{work}/reverse/",
          get="yx-- yy -- ----- --- s", post="yx-- yy -- ----- --- s"),

    # --- rosters: both are the township's
    alike("/imports/", get="xxxx yy xo xoxxx xxx s", shows="后村名册"),
    alike("/imports/blank/", get="xxxx yy xy xyxxx xxx s"),
    alike("/imports/new/", get="xxxx yy xy xyxxx xxx s", post="xxxx yy xy xyxxx xxx s"),
    alike("/imports/{asked}/", "/imports/{asked}/faults/?kind=errors&code=unknown_sex",
          "/imports/{asked}/rest/", get="---- yy -- ----- --- s"),
    alike("/imports/{asked}/apply/", "/imports/{asked}/discard/",
          post="---- yy -- ----- --- s"),
    alike("/imports/{applied}/undo/",
          get="---- yy -- ----- --- s", post="---- yy -- ----- --- s", shows="河村名册"),

    # --- residents' pages: the same for everybody, with an account and without
    alike("/open/", "/open/{county}/", "/open/{east}/", "/open/{village}/",
          "/open/{village}/notices/", "/open/{village}/decisions/",
          "/open/publication/{open_notice}/", "/open/find/?q=活动室",
          get="yyyy yy yy yyyyy yyy y", shows="活动室周末开放"),
    alike("/open/{village}/promises/", "/open/privacy/", "/open/find/",
          get="yyyy yy yy yyyyy yyy y"),
    alike("/open/publication/{open_notice}/ask/",
          get="yyyy yy yy yyyyy yyy y", post="yyyy yy yy yyyyy yyy y"),
    alike("/open/feedback/", get="yyyy yy yy yyyyy yyy y", post="yyyy yy yy yyyyy yyy y"),
    alike("/open/answer/",
          get="yyyy yy yy yyyyy yyy y", post="yyyy yy yy yyyyy yyy y", changes=False),

    # --- notices and words to the operators: the secretary's
    alike("/notices/", get="yooo oo oo ooooo ooo s", shows="县里来信"),
    alike("/notices/{notice}/open/", post="y--- -- -- ----- --- s"),
    alike("/notices/settings/", get="yyyy yy yy yyyyy yyy s", post="yyyy yy yy yyyyy yyy s"),
    alike("/notices/settings/confirm/",
          get="yyyy yy yy yyyyy yyy s", post="yooo oo oo ooooo ooo s"),
    alike("/notices/outside/?view=all", "/notices/outside/?export=1",
          get="xxxx xx xx xxxxx yxx s", shows="短信平台"),
    alike("/notices/outside/again/", post="xxxx xx xx xxxxx yxx s"),
    alike("/notices/outside/{delivery}/again/", post="---- -- -- ----- y-- s"),
    alike("/notices/webhooks/new/", get="xxxx xx xx xxxxx yxx s", post="xxxx xx xx xxxxx yxx s"),
    alike("/notices/webhooks/{webhook}/",
          get="---- -- -- ----- y-- s", post="---- -- -- ----- y-- s", shows="短信平台"),
    alike("/notices/webhooks/{webhook}/secret/", "/notices/webhooks/{webhook}/try/",
          post="---- -- -- ----- y-- s"),
    alike("/notices/feedback/all/", get="xxxx xx xx xxxxx yxx s", shows="想按组排"),
    alike("/notices/feedback/{feedback}/",
          get="y--- -- -- ----- y-- s", post="x--- -- -- ----- y-- s", shows="想按组排"),
]  # fmt: skip

LINES = [line for row in TABLE for line in row.lines()]

WEBHOOK = {
    "title": "短信", "address": "https://sms.example/x", "kinds": "case", "rhythm": "now",
    "hour": "8", "is_active": "on",
}  # fmt: skip

SUM = {"seal": "{sum_seal}", "total": "{sum_total}"}

# What is sent, so that whoever may is through to the action.
COMMON_BODY: dict[str, Any] = {
    "title": "公开都不及时", "happened_on": "2026-11-20", "owner": "{person}",
    "found": "好几处", "due_on": "2027-03-31", "row": "{case}", "step": "apply",
}  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {
    "/large-print": {"next": "/"},
    "/hat": {"organization": "{village}"},
    "/accounts/sign-in/": {"username": "{login}", "password": "{password}"},
    "/accounts/sign-out/": {},
    "/accounts/activate/": {"username": "{newcomer}", "code": "{code}",
                            "password": "{password}", "again": "{password}"},
    "/accounts/password/": {"old": "{password}", "password": "大漠孤烟直-1937",
                            "again": "大漠孤烟直-1937"},
    "/accounts/filters/save/": {"page": "activities:list", "query": "q=a", "name": "我的"},
    "/accounts/filters/{filter}/": {"name": "开了的会"},
    "/accounts/filters/{filter}/delete/": {},
    "/accounts/tokens/new/": {"name": "我的程序", "scope": "read", "expires_on": "2027-01-01",
                              "password": "{password}"},
    "/accounts/tokens/{token}/revoke/": {},
    "/calendar/feed/": {},
    "/calendar/feed/revoke/": {},
    "/admin/packs/": {"file": "a pack"},
    "/admin/packs/{proposal}/confirm/": {},
    "/admin/packs/{proposal}/refuse/": {},
    f"{ORGANIZATION}/found/": {"name": "前村村委会", "code": "T90001",
                               "kind": "village-committee", "field": "rural"},
    f"{ORGANIZATION}/rename/": {"name": "前村第一党支部", "since": DAY},
    f"{ORGANIZATION}/change/": {"field": "rural", "place": "村部"},
    f"{ORGANIZATION}/move/": {"parent": "{general_code}", "since": DAY, "confirm": "1"},
    f"{ORGANIZATION}/dissolve/": {"on": DAY},
    f"{ORGANIZATION}/term/": {"since": DAY, "has_committee": "yes"},
    f"{ORGANIZATION}/posts/": {"kind": "security-member", "since": DAY},
    f"{ORGANIZATION}/posts/?group={{bare_group}}": {"kind": "group-leader", "since": DAY},
    f"{ORGANIZATION}/merge/": {"predecessors": "{village_code}", "into": "{general_code}",
                               "on": DAY},
    f"{ORGANIZATION}/split/": {"parts": "S1 前村一支部\nS2 前村二支部", "on": DAY},
    f"{ORGANIZATION}/plan/": {"lines": "{village_code}\tP1\t前村新支部", "on": DAY},
    f"{ORGANIZATION}/guide/": {"guide": "{general_code}", "since": DAY},
    "/organizations/guidances/{guidance}/end/": {"on": DAY},
    "/organizations/{meeting}/turns/": {
        "units": "{village_code}\n{general_code}", "since": "2026-12-01", "months": "3",
        "rounds": "1"},
    "/organizations/{east}/rename/": {"name": "东镇第一委员会", "since": DAY},
    "/organizations/{east}/posts/": {"kind": "committee-secretary", "since": DAY},
    f"{ORGANIZATION}/groups/": {"name": "第四党小组", "since": DAY},
    "/organizations/groups/{bare_group}/close/": {"on": DAY},
    "/people/": {"q": "139 0000 0000"},
    "/people/register/{village}/": {"name": "丁小满", "since": DAY},
    f"{PERSON}/change/": {"name": "单文秀", "education": "高中"},
    "/people/{member}/change/": {"name": "纪淑珍", "education": "高中"},
    f"{PERSON}/membership/": {"state": "suspended", "since": DAY},
    f"{PERSON}/place/": {"organization": "{village_code}", "since": DAY},
    f"{PERSON}/group/": {"group": "{group}", "since": DAY},
    f"{PERSON}/reveal/phone/": {"why": "核对资料"},
    "/people/{member}/account/": {},
    "/people/{member}/account/stop/": {},
    "/people/{officer}/account/": {},
    "/people/{officer}/account/stop/": {},
    "/people/posts/{post}/appoint/": {"person": "#{person}", "since": DAY, "manner": "full"},
    "/people/posts/{vacancy}/appoint/": {"person": "#{person}", "since": DAY, "manner": "full"},
    "/people/holdings/{holding}/end/": {"on": DAY},
    "/people/holdings/{secretarys_holding}/end/": {"on": DAY},
    "/people/{guest}/host/end/": {"on": DAY},
    f"{PERSON}/host/": {"organization": "{far_code}", "since": DAY},
    f"{RIGHTS}/correct/": {"about": "education", "text": "应该是大专"},
    f"{RIGHTS}/consent/": {"purpose": BULLETIN},
    "/people/corrections/{correction}/": {"decision": "refused", "answer": "号码没有变"},
    "/people/corrections/{secretarys_correction}/": {"decision": "accepted", "answer": "改好了"},
    "/people/corrections/{correction}/take-back/": {},
    f"{PERSON}/consents/": {"purpose": BULLETIN, "how": "paper"},
    f"/people/groups/change/{GROUPED}": {"person": "{person}", "since": DAY, "step": "apply"},
    "/people/duplicates/{twin}/{other_twin}/": {
        "line_belongings": "one", "reason": "核对身份证", "is_sure": "on"},
    "/people/duplicates/{twin}/{other_twin}/two/": {},
    "/people/duplicates/{person}/{far_member}/": {
        "field_name": "one", "line_states": "one", "line_belongings": "one",
        "reason": "核对身份证", "is_sure": "on"},
    "/people/handovers/{handover}/sign/": {"side": "given", "how": "system"},
    "/people/handovers/{handover}/finish/": {"reason": "原任调走"},
    "/people/handovers/{handover}/cancel/": {"reason": "不换人了"},
    "/people/handovers/{groups_handover}/sign/": {"side": "taken", "how": "system"},
    "/people/handovers/{groups_handover}/finish/": {"reason": "原任调走"},
    "/people/handovers/{groups_handover}/cancel/": {"reason": "不换人了"},
    "/people/holdings/{secretarys_holding}/hand-over/": {"successor": "#{person}", "since": DAY},
    f"{ACTIVITY}/record/?organization={{village}}": {
        "do": "plan", "what": f"k{MEETING}", "starts_at": "2026-12-20T09:00"},
    f"{ACTIVITY}/record/?organization={{village}}&group={{group}}": {
        "do": "plan", "what": "knational/branch-life:group-meeting",
        "starts_at": "2026-12-20T09:00"},
    f"{ACTIVITY}/{{planned}}/record/": {
        "do": "plan", "what": f"k{MEETING}", "starts_at": "2026-12-05T09:00"},
    f"{ACTIVITY}/{{confirmed}}/correct/": {
        "what": f"k{MEETING}", "starts_at": "2026-11-10T09:00", "agenda": "听取工作报告",
        "reason": "时间写错了"},
    f"{ACTIVITY}/{{planned}}/cancel/": {"reason": "下大雪"},
    f"{ACTIVITY}/{{held}}/void/": {"reason": "记错了支部"},
    f"{ACTIVITY}/{{held}}/attach/": {"uploads": "a file"},
    f"{ACTIVITY}/{{held}}/confirm/": {},
    f"{ACTIVITY}/{{unfiled}}/file/": {},
    f"{ACTIVITY}/{{planned}}/leave/": {"reason": "ill", "person": "{person}"},
    f"{ACTIVITY}/filings/{{filing}}/receive/": {},
    "/files/{attachment}/remove/": {},
    "/tasks/commissions/new/": {"title": "摸底", "due_on": "2026-12-01", "kinds": "branches",
                                "form": "nothing"},
    "/tasks/commissions/{commission}/withdraw/": {"reason": "不用摸了"},
    "/tasks/commissions/{commission}/remind/": {},
    "/tasks/commissions/{commission}/take/": {},
    "/tasks/{handed}/names/": {"accountable": "{person}", "owner": "{person}"},
    "/tasks/{handed}/answer/": {"how": "逐户走访"},
    f"/cases/start/{{village}}/many/?procedure={RECTIFY}": {
        "happened_on": DAY, "file": "a roster", "step": "look",
    },
    f"/cases/start/{{village}}/?procedure={RECTIFY}": {
        "title": "台账不全", "happened_on": DAY, "owner": "{person}", "source": "self",
        "found": "缺 2 次", "horizon": "now", "due_on": "2026-12-01",
    },
    "/cases/{case}/turns/{turn}/": {
        "outcome": "report", "happened_on": DAY, "done": "贴了", "lasting": "每月 5 日前贴",
    },
    "/cases/{case}/turns/{turn}/extend/": {"until": "2026-12-20", "reason": "等发票"},
    "/cases/{case}/owner/": {"owner": "{person}"},
    "/cases/{case}/cancel/": {"reason": "重复了"},
    "/cases/{struck}/reopen/": {"reason": "又漏了"},
    f"/cases/many/?procedure={RECTIFY}&stage=doing&outcome=escalate": {
        "row": "{turn}", "step": "apply", "happened_on": DAY, "reason": "要几个部门定",
    },
    "/cases/papers/{letter}/annul/": {"reason": "写错了"},
    f"{CORRESPONDENTS}open/{{village}}/": {
        "who": "{member}", "post": "宣传委员", "duty": "报动态", "since": "2026-11-01",
    },
    f"{CORRESPONDENTS}import/{{village}}/": {"file": "a roster"},
    "/registers/rows/{row}/correct/": {
        "who": "{person}", "post": "宣传委员", "duty": "报动态", "since": "2026-04-01",
        "reason": "日子写错",
    },
    "/registers/rows/{row}/close/": {
        "until": "2026-11-01", "ended_as": "left", "reason": "调走了",
    },
    "/registers/rows/{venue}/void/": {"reason": "登重了"},
    f"/publishing/propose/{{village}}/?topic={TOPIC}&record=none": {
        "title": "修桥", "note": "年底前修好"},
    "/publishing/{proposed}/check/": {"checks": ["secrecy", "party-first", "privacy", "words"]},
    "/publishing/{vetted}/approve/": {},
    "/publishing/{agreed}/publish/": {},
    "/publishing/{proposed}/return/": {"reason": "写清楚"},
    "/publishing/{posted_rule}/look-again/": {},
    "/publishing/{public}/withdraw/": {"reason": "写错了"},
    "/publishing/{public}/post/": {"channel": "meeting", "place": "村民会", "posted_on": DAY},
    "/publishing/{public}/postings/{notice_posting}/end/": {"until": DAY},
    "/publishing/{posted_rule}/read/": {},
    "/publishing/voices/{voice}/": {
        "answer": "会去量", "in_public": "no", "stands": "yes"},
    "/open/{village}/ask/seeds/requests/request/": {
        "sort": "rubbish", "what": "垃圾没有人收", "seal": "{sum_seal}", "total": "{sum_total}",
    },
    "/open/track/": {"code": "{ticket_code}"},
    "/open/track/mine/": {"outcome": "satisfied"},
    "/open/track/leave/": {},
    "/requests/take/{village}/seeds/requests/request/": {
        "channel": "phone", "sort": "rubbish", "what": "垃圾没有人收",
    },
    "/cases/pool/{pooled}/": {},
    "/requests/{ticket}/look/phone/": {"why": "other", "other": "约时间修灯"},
    f"{PAIRS}begin/{{village}}/": {
        "who": "{member}", "whom": "{household}", "since": "2026-11-01",
    },
    "/pairings/links/{link}/contact/": {"held_on": DAY, "channel": "phone"},
    "/pairings/links/{link}/end/": {"until": DAY, "reason": "搬走了"},
    "/pairings/links/{link}/void/": {"reason": "登重了"},
    "/pairings/contacts/{contact}/strike/": {"reason": "记错户了"},
    "/pairings/contacts/{contact}/become/": {"case": "{case}"},
    f"{ROTA}draw/{{village}}/": {
        "since": "2026-12-01", "until": "2026-12-08", "roll": "{member}",
    },
    "/pairings/rotas/{rota}/cancel/": {"reason": "不排了"},
    "/pairings/turns/{my_turn}/offer/": {},
    "/pairings/turns/{my_turn}/change/": {"person": "{secretarys_person}"},
    "/pairings/turns/{offered_turn}/withdraw/": {},
    "/pairings/turns/{offered_turn}/take/": {"person": "{secretarys_person}"},
    "/pairings/turns/{past_turn}/note/": {"came": "came"},
    "/cases/{room}/turns/{check_turn}/claim/": {},
    "/cases/{room}/turns/{look_turn}/release/": {"reason": "出差"},
    "/cases/{room}/turns/{hear_turn}/": {"outcome": "agree", "happened_on": DAY},
    "/cases/{room}/turns/{notice_turn}/post/": {
        "channel": "张贴", "place": "村口", "posted_on": DAY, "until": "2026-12-04",
    },
    "/cases/{room}/postings/{posting}/object/": {"raised_on": DAY, "said": "怕弄坏桌椅"},
    "/cases/{room}/objections/{objection}/answer/": {
        "stands": "no", "answer": "九点关门，双方同意", "answered_on": DAY,
    },
    "/cases/{room}/link/": {"other": "{tied}", "kind": "split"},
    "/cases/{room}/reword/": {},
    "/cases/{struck}/void/": {"reason": "记重了"},
    "/cases/{reading}/turns/{read_turn}/": {"outcome": "agreed", "happened_on": DAY},
    "/cases/{reading}/turns/{read_turn}/excuse/": {"reason": "住院了"},
    "/cases/{quiet}/turns/{quiet_turn}/": {"outcome": "seen", "happened_on": DAY},
    "/cases/{quiet}/link/": {"other": "{struck_called}", "kind": "split"},
    "/cases/{quiet}/cancel/": {"reason": "不困难了"},
    "/cases/common/start/{village}/": COMMON_BODY,
    "/cases/common/start/{county}/": COMMON_BODY | {"owner": "{common_owner}"},
    "/cases/{common}/gather/": {"row": "{case}", "step": "apply"},
    f"/campaigns/launch/{{general}}/?campaign={DRIVE}": {
        "title": "秋季集中活动", "starts_all": "2026-09-01", "launch": "1",
    },
    "/campaigns/{drive}/spans/{gate}/open/": {},
    "/campaigns/{drive}/cancel/": {"reason": "重复了"},
    "/campaigns/{begun}/enter/checked/": {
        "units": "{begun_unit}", "happened_on": DAY, "what": "台账不全",
    },
    "/campaigns/{over}/units/add/": {
        "organization": "机关第一党支部", "batch": "all", "reason": "漏了",
    },
    "/campaigns/{over}/staff/{staff}/end/": {},
    "/campaigns/{over}/end/": {},
    "/campaigns/units/{unit}/enter/letter/": {"people": "{person}", "happened_on": DAY},
    "/campaigns/units/{unit}/spans/{own_gate}/open/": {},
    "/campaigns/entries/{confirmed_item}/void/": {"reason": "记错了"},
    "/campaigns/units/{other_unit}/remove/": {"reason": "撤了"},
    "/tasks/{given}/take/": {},
    "/tasks/{given}/send-back/": {"reason": "太空"},
    "/tasks/{task}/complete/": {"note": "走访过了"},
    "/tasks/{task}/cancel/": {"note": "已经搬走"},
    "/tasks/{task}/change/": {"due_on": "2026-12-15"},
    "/tasks/many/": {"row": "{task}", "due_on": "2026-12-15", "step": "apply"},
    "/people/many/place/?q=单文": {"row": "{person}", "organization": "{village_code}",
                                   "since": DAY, "step": "apply"},
    "/tasks/new/": {"title": "买煤", "owner": "{person}", "due_on": "2026-12-01"},
    "/insight/reports/freeze/?organization={village}": {"title": "前村应办"},
    "/insight/pool/{village}/plan/": {"year": "2026", "planned": "2"},
    "/insight/count/?organization={village}": {},
    "/insight/count/?organization={county}": {},
    "/insight/whole/?organization={county}": {},
    "/duties/{owed}/exempt/": {"reason": "汛期"},
    "/insight/column/exempt/?organization={village}&column={column}": {
        "row": "{owed}", "reason": "汛期", "step": "apply",
    },
    "/duties/{freed}/exempt/withdraw/": {},
    "/duties/{owed}/explain/": {"text": "秋收正忙"},
    "/duties/talks/new/": {"other": "{person}", "held_on": "2026-11-03",
                           "kind": "national/talks:talk"},
    "/duties/talks/{talk}/confirm/": {"person": "{leader}"},
    "/duties/talks/{silent_talk}/confirm/": {"person": "{person}"},
    "/duties/talks/{talk}/withdraw/": {},
    "/rules/adoptions/{easts_pack}/withdraw/": {"until": DAY},
    "/rules/adopt/": {"pack": "local/quarterly-class", "organization": "{village_code}",
                      "since": DAY, "confirm": "1"},
    "/money/{book}/receive/": {"source": "donated", "amount": "20", "occurred": DAY},
    "/money/{book}/pledge/": {"party": "朱有田", "amount": "15", "heads": "1", "occurred": DAY},
    "/money/{book}/labour/": {"worker": "朱有田", "amount": "10", "occurred": DAY},
    "/money/{book}/claim/": {
        "item": "青苗补偿", "name": "单文秀", "number": "990101199003070058", "amount": "30"},
    "/money/claims/{claim}/withdraw/": {"reason": "登记错了"},
    "/money/{book}/settle/": {"through": "2026-11-17"},
    "/money/entries/{posted}/reverse/": {"occurred": DAY, "memo": "收据写错"},
    "/money/quantities/{work}/reverse/": {"occurred": DAY, "memo": "记错了"},
    "/imports/new/": {"file": "a roster"},
    "/imports/{asked}/apply/": {"door": "clean"},
    "/imports/{asked}/discard/": {},
    "/imports/{applied}/undo/": {},
    "/notices/read/": {},
    "/notices/{notice}/open/": {},
    "/notices/settings/": {"way": "here"},
    "/notices/settings/confirm/": {"code": "{mail_code}"},
    "/notices/outside/again/": {},
    "/notices/outside/{delivery}/again/": {},
    "/notices/webhooks/new/": WEBHOOK,
    "/notices/webhooks/{webhook}/": WEBHOOK,
    "/notices/webhooks/{webhook}/secret/": {},
    "/notices/webhooks/{webhook}/try/": {},
    "/open/publication/{open_notice}/ask/": {
        "kind": "question", "said": "哪天开放", "contact": "", **SUM,
    },
    "/open/feedback/": {"text": "字再大一点", "page": "/open/", **SUM},
    "/open/answer/": {"code": "AAAA-AAAA-AAAA"},
    "/notices/feedback/": {"text": "字再大一点", "page": "/today/"},
    "/notices/feedback/{feedback}/": {"text": "下个月能按组排"},
}  # fmt: skip
