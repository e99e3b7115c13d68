"""Worked examples: what is given, on a day, what must come out. Written first, replayed always.

An example is played in time: what is recorded on a day is known from that day on, and an
expectation is looked at in the evening of its own day.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from zhibu.packs.schema.base import (
    PackId,
    Part,
    PracticeId,
    Reference,
    ShareText,
    Slug,
    TopicToken,
)
from zhibu.packs.schema.pair_examples import ExpectLink, ExpectRota, GivenLink, GivenRota


class Covers(Part):
    """Which limit the example shows, and on which side of it."""

    item: str = Field(
        pattern=r"^[a-z-]+/[a-z0-9-]+$", description="条目，例如 duties/general-meeting"
    )
    field: str = Field(min_length=1, description="字段，例如 times、when.all[0].count")
    side: Literal["at", "beyond"] = Field(
        description="at 刚好在限度上，beyond 越过一步到另一边，结果不同"
    )


class GivenOrganization(Part):
    """The organisation the example happens in. Where it is no branch, one stands below it.

    People are invented; everyone is there from the founding day on.
    """

    kind: str = Field(default="branch", description="类别")
    field: str = Field(default="rural", description="领域")
    full_members: int = Field(default=10, ge=1, le=500, description="正式党员")
    probationary: int = Field(default=0, ge=0, le=50, description="预备党员")
    others: int = Field(default=0, ge=0, le=50, description="登记在这里、没有党员身份的人")
    committee: int = Field(
        default=0, ge=0, le=13, description="委员会人数，连书记在内；0 是不设委员会"
    )
    secretary: bool = Field(default=True, description="有没有书记")
    deputies: int = Field(default=0, ge=0, le=2, description="副书记几人，算在委员会人数里")
    bodies: list[str] = Field(
        default=[],
        description="设在这里的其他组织，写类别，例如 supervision-committee",
    )
    groups: int = Field(default=0, ge=0, le=10, description="党小组数，党员轮流编入")
    founded_on: date = Field(default=date(2020, 1, 1), description="成立日期")
    dissolved_on: date | None = Field(default=None, description="撤销日期")
    term_since: date | None = Field(default=None, description="本届开始，不写是成立日期")
    term_ends_on: date | None = Field(default=None, description="本届届满日期")


class GivenPerson(Part):
    """What is known of one of the people; the others have no days of their own."""

    number: int = Field(
        ge=1, description="第几个人：先正式党员，后预备党员，再其他人，书记是第 1 个"
    )
    born_on: date | None = Field(default=None, description="出生日期")
    state_since: date | None = Field(
        default=None, description="哪天成为正式党员（预备党员），不写是成立日期"
    )
    left_on: date | None = Field(default=None, description="哪天转到别的支部")
    groups: list[str] = Field(
        default=[], description="采用那天起在哪些党员类别里：出版者/包:目录/类别"
    )


class GivenLeader(Part):
    """One of the people holds a post besides: of the committee above, or of a body here."""

    number: int = Field(ge=1, description="第几个人")
    post: Slug = Field(description="上级的职务编号；写了 body 的，是那个组织的职务")
    body: str | None = Field(
        default=None, description="设在本组织的哪一类其他组织，bodies 里的类别；不写是上级"
    )
    refused: str = Field(default="", description="任不了时提示里应有的话")


class GivenTerm(Part):
    """A new term begun during the example."""

    since: date = Field(description="哪天起是新一届")
    ends_on: date | None = Field(default=None, description="新一届届满日期")


class GivenAbove(Part):
    """Somebody in a post of the committee above; at home in another branch."""

    post: Slug = Field(description="职务编号")


class GivenTalk(Part):
    """Two people talked. ``above`` names the other side by a post of the committee above."""

    kind: Reference = Field(description="哪一种谈话，包编号:活动编号")
    between: list[int] = Field(
        min_length=1, max_length=2, description="第几个人和第几个人；和上级的人谈只写一个"
    )
    above: Slug | None = Field(default=None, description="上级的哪个职务")
    held_on: date = Field(description="哪天谈的")
    entered_on: date | None = Field(default=None, description="哪天记的，不写是当天")
    confirmed_on: date | None = Field(default=None, description="另一方哪天确认，不写是没有确认")

    @model_validator(mode="after")
    def _two(self) -> "GivenTalk":
        if len(self.between) + (self.above is not None) != 2:
            raise ValueError("谈话要两个人：between 写两个，或者写一个再写 above")
        return self


class GivenActivity(Part):
    """An activity as it was planned, filed, held and recorded."""

    kinds: list[Reference] = Field(min_length=1, description="活动，包编号:活动编号")
    held_on: date = Field(description="哪天开的，或者计划哪天开")
    entered_on: date | None = Field(default=None, description="哪天记的，不写是当天")
    planned_on: date | None = Field(default=None, description="哪天做的计划，不写是没有计划")
    filed_on: date | None = Field(default=None, description="哪天把主题报上级")
    receipted_on: date | None = Field(default=None, description="上级哪天签收")
    planned_only: bool = Field(default=False, description="只有计划，没有开")
    group: int | None = Field(default=None, ge=1, description="第几小组开的")
    present: int | None = Field(default=None, ge=0, description="有表决权的到会几人，不写是全到")
    present_without_vote: int | None = Field(
        default=None, ge=0, description="没有表决权的到会几人，不写是全到"
    )
    absent: list[int] = Field(default=[], description="第几个人没有来")
    theme: str = Field(default="", description="主题")
    items: list[Slug] = Field(default=[], description="做了的规定动作、自选动作")
    makes_up: date | None = Field(default=None, description="补哪个周期，写那个周期的第一天")
    speaker: Slug | None = Field(default=None, description="主讲人的职务编号，算那天在任的人")
    chair: Slug | None = Field(default=None, description="主持人的职务编号，算那天在任的人")
    yes: int | None = Field(default=None, ge=0, description="赞成票，写了就是表决")
    no: int = Field(default=0, ge=0, description="反对票")
    abstain: int = Field(default=0, ge=0, description="弃权票")

    @model_validator(mode="after")
    def _in_order(self) -> "GivenActivity":
        if self.planned_only and self.planned_on is None:
            raise ValueError("planned_only 的要写 planned_on")
        if self.filed_on and self.planned_on is None:
            raise ValueError("报主题要先有计划，写 planned_on")
        if self.receipted_on and self.filed_on is None:
            raise ValueError("签收之前要报送，写 filed_on")
        return self


class GivenExemption(Part):
    """A period somebody was exempted from by the level above."""

    duty: Reference = Field(description="哪一条")
    period: date = Field(description="周期的第一天")
    group: int | None = Field(default=None, ge=1, description="第几小组")
    person: int | None = Field(default=None, ge=1, description="第几个人")
    on: date = Field(description="哪天免的")


class GivenHandover(Part):
    """A post handed over to another member."""

    post: Slug = Field(description="职务编号")
    on: date = Field(description="哪天交接，新任从这天起")


class GivenTotals(Part):
    """What was counted of a vote. ``tellers``: the numbers of two people."""

    entitled: int | None = Field(
        default=None, ge=0, description="应到几人，不写是名册上的人数；名册不在这里的要写"
    )
    present: int = Field(ge=0, description="实到几人")
    written: int = Field(default=0, ge=0, description="会前书面意见几份")
    yes: int = Field(ge=0, description="赞成几票")
    no: int = Field(default=0, ge=0, description="反对几票")
    abstain: int = Field(default=0, ge=0, description="弃权几票")
    why_fewer: str = Field(default="", description="应到比名册少的原因")
    tellers: list[int] = Field(
        default=[], max_length=2, description="监票、计票的是第几个人；不写是有表决权的前两个"
    )


By = Literal[
    "organization", "above", "higher", "partner", "subject", "owner", "body", "person",
    "requester", "keeper", "deputy",
]  # fmt: skip
BY = (
    "谁办的：organization 书记，above 上级的人，higher 上级的另一个人，"
    "partner 另一方（示例机关党支部）的书记，subject 这件事说的那个人，owner 责任人，"
    "body 设在本组织的第一个其他组织的主任，person 步骤里 person 写的那个人，"
    "requester 提出这件事的人，没有账号，凭查询码，keeper 这件事所在组织的负责人，"
    "deputy 那里的另一个人"
)


class GivenStep(Part):
    """Something done on a case, or refused with a word beside the field."""

    on: date = Field(description="哪天记的")
    happened_on: date | None = Field(default=None, description="哪天办的，不写是当天")
    does: Literal[
        "outcome", "post", "object", "answer", "claim", "release", "extend", "excuse",
        "reopen", "reword", "lapse",
    ] = Field(
        default="outcome",
        description="做什么：outcome 办这一步，post 登记公示，object 记异议，answer 答复异议，"
        "claim 认领，release 退回认领，extend 延期，excuse 不再等一个人，reopen 重开，"
        "reword 转到新的写法，lapse 过了一夜，提出的人没有来办的到期算",
    )  # fmt: skip
    person: int | None = Field(
        default=None, ge=1, description="轮到每一个人的步骤写：第几个人的，不写是先轮到的那个"
    )
    stage: Slug | None = Field(default=None, description="哪一步，步骤编号；reopen、reword 不写")
    outcome: Slug | None = Field(default=None, description="结果编号，does 是 outcome 时写")
    part: Slug | None = Field(
        default=None, description="办的是它另外开始的哪一件，程序编号；不写是它自己"
    )
    by: By = Field(default="organization", description=BY)
    values: dict[str, str | int | bool | date | list[str]] = Field(
        default={},
        description="填了什么：字段编号 = 填的；人写第几个人。post、object、answer、extend "
        "写那一页的栏目：channel、place、until 之类",
    )
    totals: GivenTotals | None = Field(default=None, description="表决的票数")
    reason: str = Field(default="", description="原因")
    refused: dict[str, str] = Field(
        default={},
        description="办不成时：字段编号（或 happened_on、outcome、reason、who、vote_present 之类）"
        "= 提示里应有的话",
    )

    @model_validator(mode="after")
    def _says_what(self) -> "GivenStep":
        if (self.does == "outcome") != (self.outcome is not None):
            raise ValueError("does 是 outcome 的写 outcome，别的不写")
        if (self.does in ("reopen", "reword", "lapse")) != (self.stage is None):
            raise ValueError("reopen、reword、lapse 不写 stage，别的要写")
        if self.by == "person" and self.person is None:
            raise ValueError("by 是 person 的写 person，第几个人")
        return self


class GivenPayee(Part):
    """Somebody put on the list to be paid by hand, or refused with a word beside the field."""

    on: date = Field(description="哪天登记的，在开账以后")
    name: str = Field(min_length=1, description="姓名")
    item: str = Field(min_length=1, description="补什么")
    amount: Decimal = Field(strict=False, description='多少元，例如 "1200.50"')
    household: str = Field(default="", description="哪一组、哪一户")
    number: str = Field(default="", description="身份证号，假的")
    account: str = Field(default="", description="银行账号，假的")
    measure: str = Field(default="", description="按什么算")
    by: By = Field(default="organization", description=BY)
    withdrawn_on: date | None = Field(default=None, description="哪天撤下")
    reason: str = Field(default="", description="为什么撤下")
    refused: dict[str, str] = Field(
        default={},
        description="登记不进去时：栏目（number、account 之类）= 提示里应有的话",
    )


class GivenCase(Part):
    """Something begun under a procedure, and what was done on it, in this order."""

    procedure: Reference = Field(description="哪一种程序，包编号:程序编号")
    started_on: date = Field(description="哪天开始的")
    by: By = Field(default="organization", description=BY)
    person: int | None = Field(default=None, ge=1, description="说的是第几个人")
    owner: int | None = Field(default=None, ge=1, description="责任人是第几个人")
    values: dict[str, str | int | bool | date | list[str]] = Field(
        default={}, description="开始时填了什么"
    )
    refused: dict[str, str] = Field(default={}, description="开始不了时：字段编号 = 提示里应有的话")
    times: int = Field(default=1, ge=1, le=500, description="这样的几件，各编一个号")
    place: int = Field(
        default=1, ge=1, description="在第几个组织：1 是例子的组织，given.place 里的从 2 数起"
    )
    spread: bool = Field(
        default=False,
        description="true 是 times 件各在一个组织，从 place 那个起往后数；写了 person 的，"
        "从那个人起一人一件",
    )
    gathers: list[int] = Field(default=[], description="把第几件事归到这一件一起办")
    step: list[GivenStep] = Field(default=[], description="一步一步怎么办的")
    payee: list[GivenPayee] = Field(default=[], description="在钱账的发放清单上登记谁")

    def repeated(self, index: int) -> "GivenCase":
        """The one that is ``index`` after the first of its kind."""
        if not self.spread:
            return self
        if self.person:
            return self.model_copy(update={"person": self.person + index})
        return self.model_copy(update={"place": self.place + index})


class GivenUnit(Part):
    """Another unit of the campaign beside the example's organisation, under the same committee."""

    kind: Slug = Field(default="branch", description="类别；不是党支部的，members 写 0")
    field: str = Field(default="rural", description="领域")
    members: int = Field(default=3, ge=0, le=200, description="正式党员几人")


class GivenOpening(Part):
    """A phase opened, or refused with a word."""

    on: date = Field(description="哪天开")
    phase: Slug = Field(description="阶段编号")
    batch: Slug | None = Field(default=None, description="哪一批，批次编号；单位自己开的不写")
    unit: int = Field(default=1, ge=1, description="单位自己开的：第几个单位")
    refused: str = Field(default="", description="开不了时提示里应有的话")


class GivenEntered(Part):
    """An item entered by hand for a unit or for people of it, or refused with a word."""

    on: date = Field(description="哪天记的")
    happened_on: date | None = Field(default=None, description="哪天办的，不写是当天")
    item: Slug = Field(description="项目编号")
    unit: list[int] = Field(default=[1], min_length=1, description="第几个单位，可以几个一起")
    person: list[int] = Field(default=[], description="单位里第几个人，项目是每个人办的才写")
    make_up: bool = Field(default=False, description="是不是按补的来记")
    by: Literal["organization", "above"] = Field(
        default="above", description="谁记的：organization 第一个单位的书记，above 上级的人"
    )
    values: dict[str, str | int | bool | date | list[str]] = Field(
        default={}, description="填了什么：字段编号 = 填的"
    )
    refused: dict[str, str] = Field(
        default={},
        description="记不上时：字段编号（或 happened_on、people、units、who）= 提示里应有的话",
    )


class GivenRemoval(Part):
    """A unit taken out of the campaign."""

    on: date = Field(description="哪天去掉")
    unit: int = Field(ge=1, description="第几个单位")


class GivenEnd(Part):
    """The campaign ended, or one of its bodies; or refused with a word."""

    on: date = Field(description="哪天")
    body: Slug | None = Field(default=None, description="撤哪个工作机构；不写是结束整个活动")
    refused: str = Field(default="", description="不行时提示里应有的话")


class GivenCampaign(Part):
    """A campaign launched by the committee that adopts, and what was done in it."""

    campaign: Reference = Field(description="哪一种集中活动，包编号:活动编号")
    launched_on: date = Field(description="哪天发起")
    starts: dict[str, date] = Field(min_length=1, description="批次编号 = 从哪天开始")
    unit: list[GivenUnit] = Field(
        default=[], description="别的单位；例子的组织是第 1 个，这里从第 2 个数起"
    )
    chosen: dict[str, list[int]] = Field(
        default={}, description="手工选单位的批次：批次编号 = 第几个单位"
    )
    opening: list[GivenOpening] = Field(default=[], description="开阶段")
    entered: list[GivenEntered] = Field(default=[], description="由单位确认的")
    removal: list[GivenRemoval] = Field(default=[], description="去掉单位")
    end: list[GivenEnd] = Field(default=[], description="结束、撤机构")
    refused: dict[str, str] = Field(default={}, description="发起不了时：字段编号 = 提示里应有的话")


class GivenPlace(Part):
    """Other organisations beside the example's: each an organisation of its own, by number."""

    kind: Slug = Field(default="branch", description="类别")
    field: str = Field(default="rural", description="领域")
    under: int | None = Field(
        default=None, ge=1, description="在第几个组织下面；不写是在采用的党委下面"
    )
    times: int = Field(default=1, ge=1, le=60, description="这样的几个，各编一个号")
    members: int = Field(default=0, ge=0, le=20, description="正式党员几人，是党支部才写")


class GivenRowStep(Part):
    """A row ended, corrected or voided, or refused with a word beside the field."""

    on: date = Field(description="哪天记的")
    does: Literal["end", "correct", "void"] = Field(
        description="做什么：end 结束，correct 更正，void 作废"
    )
    by: Literal["organization", "above"] = Field(
        default="above", description="谁办的，同 row 的 by"
    )
    since: date | None = Field(default=None, description="更正成从哪天，不写不改")
    until: date | None = Field(default=None, description="结束：从哪天起不算；更正成到哪天（不含）")
    ended_as: str = Field(default="", description="怎么结束的，选项编号")
    reason: str = Field(default="示例", description="原因")
    values: dict[str, str | int | bool | date | list[str]] = Field(
        default={}, description="更正了哪几栏，别的照旧"
    )
    refused: dict[str, str] = Field(
        default={},
        description="办不成时：栏（或 since、until、reason、ended_as、who）= 提示里的话",
    )


class GivenRow(Part):
    """A row written into a register, and what became of it."""

    book: Reference = Field(description="哪一本台账，包编号:台账编号")
    on: date = Field(description="哪天登记的")
    since: date | None = Field(default=None, description="从哪天，不写是登记那天")
    until: date | None = Field(default=None, description="到哪天（不含）")
    place: int = Field(
        default=1, ge=1, description="第几个组织的：例子的组织是第 1 个，place 里的从第 2 个数起"
    )
    by: Literal["organization", "above"] = Field(
        default="above", description="谁登记的：organization 例子的组织的书记，above 上级的人"
    )
    values: dict[str, str | int | bool | date | list[str]] = Field(
        default={}, description="填了什么：栏 = 填的；人写那个组织的第几个人，组织写名称"
    )
    times: int = Field(
        default=1,
        ge=1,
        le=60,
        description="这样的几行，一行一个组织，从第 place 个起，各编一个号",
    )
    refused: dict[str, str] = Field(
        default={}, description="登记不了时：栏（或 since、until、who）= 提示里应有的话"
    )
    step: list[GivenRowStep] = Field(default=[], description="后来怎样了")


class GivenPosting(Part):
    """Where else something hung, or refused with a word."""

    on: date = Field(description="哪天登记的")
    posted_on: date | None = Field(default=None, description="哪天贴的，不写是登记那天")
    until: date | None = Field(default=None, description="到哪天，那天还在")
    channel: str = Field(description="怎么公开：board 公开栏、meeting 会议、television 电视等")
    place: str = Field(default="", description="在哪里")
    refused: dict[str, str] = Field(
        default={}, description="登记不了时：channel、place、posted_on、until = 提示里应有的话"
    )


Publisher = Literal["organization", "above", "higher", "body"]
PUBLISHER = (
    "organization 例子的组织的第一个人，above 上级的人，higher 上级的另一个人，"
    "body 设在本组织的第一个其他组织的主任"
)


class GivenPublication(Part):
    """Something made public: proposed, checked, approved and let out, all on one day, as far as it
    gets; and what became of it."""

    topic: TopicToken = Field(description="公开目录里的哪一项，包编号:目录/事项编号")
    on: date = Field(description="哪天")
    by: Publisher = Field(default="above", description=f"谁提出、谁公开：{PUBLISHER}")
    checked_by: Publisher = Field(default="higher", description="谁审核，同 by")
    approved_by: Publisher = Field(default="higher", description="谁审批，同 by")
    title: str = Field(default="", description="标题；从记录里出的可以不写")
    note: str = Field(default="", description="自己写的；不从记录里出的要写")
    case: int | None = Field(default=None, ge=1, description="从第几件事里出")
    is_followed: bool = Field(default=False, description="跟着那件事走")
    looked_at: list[Slug] | None = Field(default=None, description="审核时看过哪几条；不写是都看过")
    until: date | None = Field(default=None, description="挂到哪天，不写是最短的")
    replaces: int | None = Field(default=None, ge=1, description="是第几条的新版")
    posting: list[GivenPosting] = Field(default=[], description="还贴在哪里")
    withdrawn_on: date | None = Field(default=None, description="哪天撤下")
    read_by: list[int] = Field(default=[], description="公开以后，第几个人看过、签收")
    refused: dict[str, str] = Field(
        default={},
        description="公开不了时：topic、title、note、record、checks、until、replaces、who"
        " = 提示里应有的话",
    )


class Given(Part):
    """What is the case, and what happens."""

    organization: GivenOrganization = Field(default=GivenOrganization(), description="组织")
    adopted_from: date = Field(default=date(2026, 1, 1), description="上级党委从哪天起采用")
    adopted_until: date | None = Field(default=None, description="从哪天起停用")
    fields: list[str] = Field(default=[], description="只对哪些领域采用，不写是全部")
    also_adopted: list[PackId] = Field(
        default=[], description="同时采用的制度包；requires 里的不用写"
    )
    person: list[GivenPerson] = Field(default=[], description="有几个人的日子要写明")
    leader: list[GivenLeader] = Field(default=[], description="在上级任职的人")
    term: list[GivenTerm] = Field(default=[], description="新的一届")
    above: list[GivenAbove] = Field(default=[], description="上级任职的人")
    activity: list[GivenActivity] = Field(default=[], description="活动，先后为序")
    talk: list[GivenTalk] = Field(default=[], description="谈心谈话")
    exemption: list[GivenExemption] = Field(default=[], description="免办")
    handover: list[GivenHandover] = Field(default=[], description="职务交接")
    case: list[GivenCase] = Field(default=[], description="按程序办的事")
    campaign: list[GivenCampaign] = Field(default=[], description="集中活动")
    place: list[GivenPlace] = Field(default=[], description="别的组织，从第 2 个数起")
    row: list[GivenRow] = Field(default=[], description="台账里的行")
    publication: list[GivenPublication] = Field(default=[], description="公开的事，先后为序")
    link: list[GivenLink] = Field(default=[], description="联系")
    rota: list[GivenRota] = Field(default=[], description="轮值")

    @property
    def rows(self) -> list[tuple[int, GivenRow]]:
        """Each with the number of its organisation, those given several times too."""
        return [(row.place + number, row) for row in self.row for number in range(row.times)]

    @property
    def cases(self) -> list[GivenCase]:
        """Each by its number, those given several times too, about one person or in one
        organisation after another."""
        return [case.repeated(index) for case in self.case for index in range(case.times)]

    @model_validator(mode="after")
    def _has_those_places(self) -> "Given":
        known = 1 + sum(one.times for one in self.place)
        if any(case.place > known for case in self.cases):
            raise ValueError(f"例子里只有 {known} 个组织，place 超出了")
        return self


class ExpectObligation(Part):
    """State of one obligation in the evening of a day."""

    on: date = Field(description="哪天看")
    duty: Reference = Field(description="哪一条")
    period: date = Field(description="周期的第一天")
    group: int | None = Field(default=None, ge=1, description="第几小组")
    person: int | None = Field(default=None, ge=1, description="第几个人")
    state: Literal["done", "open", "overdue", "exempt", "not_applicable", "absent"] = Field(
        description="应是什么状态：done 已办，open 待办，overdue 未办，exempt 免，"
        "not_applicable 不适用，absent 没有这一条"
    )
    done: int | None = Field(default=None, description="办了几次")
    due_on: date | None = Field(default=None, description="到期日")
    held_late: bool | None = Field(default=None, description="是否逾期")
    entered_late: bool | None = Field(default=None, description="是否补记")
    incomplete: int | None = Field(default=None, description="开了但规定动作没做齐的几次")


class ExpectVote(Part):
    """How the vote of the n-th activity is judged. Not quorate: the record is refused."""

    activity: int = Field(ge=1, description="第几个活动")
    quorate: bool = Field(description="到会够不够")
    passed: bool = Field(description="是否通过")
    entitled: int | None = Field(default=None, description="有表决权应到几人")
    present_needed: int | None = Field(default=None, description="要到几人")
    yes_needed: int | None = Field(default=None, description="要几票赞成")


class ExpectRefusal(Part):
    """The n-th activity cannot be recorded, and the sentence says why."""

    activity: int = Field(ge=1, description="第几个活动")
    place: str = Field(min_length=1, description="错在哪一项，例如 theme、kinds、decisions.0")
    says: str = Field(min_length=1, description="提示里应有的话")


class ExpectReturn(Part):
    """A return typed on its form on a day: taken in, or refused with a word beside each field.

    The form is handed down to the organisation, or to the first of the bodies here, first.
    ``values`` are what one types, by field; what is ``known`` need not be typed.
    """

    form: Reference = Field(description="哪一张回执表，包编号:表编号")
    on: date = Field(description="哪天填的")
    due_on: date | None = Field(default=None, description="哪天前交，不写是填的那天")
    of: Literal["organization", "body"] = Field(
        default="organization",
        description="谁填：organization 例子的组织，body 设在本组织的第一个其他组织",
    )
    known: dict[str, int] = Field(
        default={}, description="自动填上的应是：字段编号 = 多少；不用再写在 values 里"
    )
    values: dict[str, str | int | bool | date | list[str]] = Field(
        default={}, description="填了什么：字段编号 = 填的；文件和人填不了"
    )
    refused: dict[str, str] = Field(
        default={}, description="交不上时：字段编号 = 提示里应有的话；不写是交得上"
    )


class ExpectCase(Part):
    """Where the n-th case stands in the evening of a day."""

    on: date = Field(description="哪天看")
    case: int = Field(ge=1, description="第几件事")
    open: list[Slug] = Field(default=[], description="轮到哪些步骤，不写是没有")
    overdue: list[Slug] = Field(default=[], description="其中哪些超期了")
    due_on: dict[str, date] = Field(default={}, description="步骤编号 = 期限")
    not_before: dict[str, date] = Field(default={}, description="步骤编号 = 哪天起才能办")
    ended_as: str = Field(default="", description="办结时叫什么，例如 销号")
    papers: dict[str, str] = Field(
        default={}, description="文书编号 = 最近一份编成几号，例如 接转〔2026〕1号；不写是不看"
    )
    valid: list[Slug] | None = Field(
        default=None, description="那天还有效的文书，写文书编号；[] 是都没有效了，不写是不看"
    )
    parts: int | None = Field(default=None, ge=0, description="另外开始了几件还在办的")
    gathered: int | None = Field(default=None, ge=0, description="归到它一起办的有几件")
    answered: list[str] | None = Field(
        default=None, description="归到的那些事办结时怎么答复的，没有是空的"
    )
    times: dict[str, int] = Field(
        default={}, description="步骤编号 = 办过几次，例如退回以后又报了几次"
    )
    versions: int | None = Field(default=None, ge=0, description="承诺一共写了几次")
    tasks: int | None = Field(default=None, ge=0, description="派出了几件任务")
    kept: bool | None = Field(default=None, description="提的人写的内容那天还留着没有，不写是不看")
    seen_by: list[By] = Field(default=[], description="谁看得到这件事")
    hidden_from: list[By] = Field(default=[], description="谁看不到这件事")


class ExpectBook(Part):
    """What the book of the n-th case says in the evening of a day; what is not written is not
    looked at."""

    on: date = Field(description="哪天看")
    case: int = Field(ge=1, description="第几件事")
    plan: Decimal | None = Field(default=None, strict=False, description="预算上限，元")
    pledged: Decimal | None = Field(default=None, strict=False, description="认捐，元")
    received: Decimal | None = Field(default=None, strict=False, description="收入，元")
    raised: Decimal | None = Field(default=None, strict=False, description="其中群众自筹，元")
    paid: Decimal | None = Field(default=None, strict=False, description="付出，元")
    left: Decimal | None = Field(default=None, strict=False, description="余款，元")
    done: dict[str, str] | None = Field(
        default=None, description='做了多少，"名称 单位" = "数量"，全部写上'
    )
    listed: int | None = Field(default=None, ge=0, description="发放清单上几户，撤下的不算")
    paid_out: int | None = Field(default=None, ge=0, description="发放了几户")
    closed: bool | None = Field(default=None, description="封账没有")


class ExpectPerson(Part):
    """What one of the people is on a day, as the roster says."""

    on: date = Field(description="哪天看")
    number: int = Field(ge=1, description="第几个人")
    state: str = Field(default="", description="党员身份编号，例如 probationary；不写是没有")
    since: date | None = Field(default=None, description="从哪天起，不写是不看")
    home: Literal["here", "partner", "elsewhere"] = Field(
        default="here", description="组织关系在哪里：here 本支部，partner 另一方，elsewhere 别处"
    )
    hosted: bool = Field(default=False, description="有没有流入地支部")


class ExpectCampaign(Part):
    """What became of an item of the n-th campaign, in the evening of a day.

    Of one unit or one person: ``state``. Of all of them, or of one batch: how many.
    """

    on: date = Field(description="哪天看")
    campaign: int = Field(default=1, ge=1, description="第几个集中活动")
    item: Slug = Field(description="项目编号")
    unit: int | None = Field(default=None, ge=1, description="第几个单位")
    person: int | None = Field(default=None, ge=1, description="单位里第几个人")
    state: Literal["not-yet", "open", "done", "late", "made-up", "missing", "unasked"] | None = (
        Field(
            default=None,
            description="应是什么状态：not-yet 未到，open 待办，done 已办，late 逾期办的，"
            "made-up 补了，missing 还没办，unasked 自选没做",
        )
    )
    done_on: date | None = Field(default=None, description="哪天办的")
    until: date | None = Field(default=None, description="最后一天；过了没办的，补到哪天")
    entered_late: bool | None = Field(default=None, description="是否补记")
    batch: Slug | None = Field(default=None, description="只数这一批，批次编号")
    asked: int | None = Field(default=None, ge=0, description="应办几个")
    done: int | None = Field(default=None, ge=0, description="按时几个")
    made_up: int | None = Field(default=None, ge=0, description="补了几个")
    late: int | None = Field(default=None, ge=0, description="逾期办的几个")
    missing: int | None = Field(default=None, ge=0, description="还没办几个")
    waiting: int | None = Field(default=None, ge=0, description="待办、未到几个")
    units_over: int | None = Field(default=None, ge=0, description="全办好的单位几个")

    @model_validator(mode="after")
    def _one_or_many(self) -> "ExpectCampaign":
        counts = (self.asked, self.done, self.made_up, self.late, self.missing, self.waiting)
        is_many = any(one is not None for one in (*counts, self.units_over))
        if is_many == (self.state is not None):
            raise ValueError("写 state（一个单位、一个人的），或者写几个（数一数），只写一样")
        if is_many and (self.unit or self.person):
            raise ValueError("数一数的不写 unit、person；只数一批写 batch")
        if not is_many and self.unit is None:
            raise ValueError("写了 state，要写是第几个单位")
        return self


class ExpectTally(Part):
    """What the cases of one procedure come to together, below the committee that adopts."""

    on: date = Field(description="哪天看")
    procedure: Reference = Field(description="哪一种程序，包编号:程序编号")
    since: date | None = Field(default=None, description="从哪天起算，不写是那年 1 月 1 日")
    made: int | None = Field(default=None, ge=0, description="承诺作出几件")
    kept: int | None = Field(default=None, ge=0, description="其中兑现几件")
    sums: dict[str, str] = Field(default={}, description='字段编号 = 办结了的合计，例如 "500000"')
    cover: Slug | None = Field(default=None, description="看哪一种覆盖，covers 里的编号")
    asked: int | None = Field(default=None, ge=0, description="应到几个")
    reached: int | None = Field(default=None, ge=0, description="已经有的几个")
    idle: int | None = Field(default=None, ge=0, description="一个都还没有办的有几个组织")

    @model_validator(mode="after")
    def _says_something(self) -> "ExpectTally":
        covers = [self.asked, self.reached, self.idle]
        if (self.cover is None) != all(one is None for one in covers):
            raise ValueError("cover 和 asked、reached、idle 一起写")
        if self.cover is None and not self.sums and self.made is None and self.kept is None:
            raise ValueError("写应是几件：made、kept、sums，或者 cover")
        return self


class ExpectRegister(Part):
    """A register, or one row of it, in the evening of a day.

    Of one row: ``row`` and ``standing``. Of all of them, or of those that say something in the
    counted column: how many.
    """

    on: date = Field(description="哪天看")
    book: Reference = Field(description="哪一本台账")
    row: int | None = Field(default=None, ge=1, description="第几行")
    standing: Literal["valid", "running-out", "run-out", "ended", "not-yet", "voided"] | None = (
        Field(
            default=None,
            description="这一行应是：valid 有效，running-out 快到期，run-out 过期，ended 结束，"
            "not-yet 还没开始，voided 作废",
        )
    )
    number: str | None = Field(default=None, description="这一行的编号，例如 合同〔2026〕1号")
    until: date | None = Field(default=None, description="这一行到哪天（不含）")
    changed: int | None = Field(default=None, ge=0, description="这一行改过几次")
    counted: str = Field(default="", description="只数 counted_by 那一栏填了这个的，选项编号")
    valid: int | None = Field(default=None, ge=0, description="有效的几行")
    running_out: int | None = Field(default=None, ge=0, description="快到期的几行")
    gaps: int | None = Field(default=None, ge=0, description="应有没有的组织几个")
    lacking: list[int] | None = Field(
        default=None, description="应有没有的是第几个组织，从小到大；[] 是都有"
    )
    holders: int | None = Field(default=None, ge=0, description="有效的行在几个组织")
    above: int | None = Field(default=None, ge=0, description="有效的行在几个上级组织下面")
    since: date | None = Field(default=None, description="begun、ended 从哪天数起")
    begun: int | None = Field(default=None, ge=0, description="since 到看的那天开始的几行")
    ended: int | None = Field(default=None, ge=0, description="since 到看的那天结束的几行")
    ended_as: str = Field(default="", description="只数这样结束的，选项编号")
    sums: dict[str, int] = Field(default={}, description="有效的行合计：栏 = 多少")

    @model_validator(mode="after")
    def _one_or_many(self) -> "ExpectRegister":
        counts = (self.valid, self.running_out, self.gaps, self.lacking, self.holders, self.above,
                  self.begun, self.ended)  # fmt: skip
        is_many = bool(self.sums) or any(one is not None for one in counts)
        if is_many == (self.row is not None):
            raise ValueError("写 row（一行的），或者写几行（数一数），只写一样")
        if (self.row is None) != (self.standing is None):
            raise ValueError("写了 row，要写 standing")
        if (self.begun is not None or self.ended is not None) != (self.since is not None):
            raise ValueError("数 begun、ended 要写 since，不数不写")
        return self


class ExpectPublication(Part):
    """How the n-th publication stands in the evening of a day."""

    on: date = Field(description="哪天看")
    publication: int = Field(ge=1, description="第几条")
    state: Literal["published", "replaced", "withdrawn"] = Field(
        description="应是什么状态：published 公开，replaced 有了新版，withdrawn 撤下"
    )
    hangs: bool | None = Field(default=None, description="那天还在公示期里")
    hang_until: date | None = Field(default=None, description="至少挂到哪天")
    public: bool | None = Field(default=None, description="那天群众看得到")
    says: list[str] = Field(default=[], description="写出来的里面应有的话")
    hides: list[str] = Field(default=[], description="写出来的里面不应有的话")
    read: int | None = Field(default=None, ge=0, description="几个人签收了")
    unread: list[int] | None = Field(
        default=None, description="还没有签收的是第几个人，从小到大；[] 是都签收了"
    )
    places: list[str] | None = Field(
        default=None, description="登记了哪几处，先后为序：怎么公开 在哪里，公开网页不写"
    )
    short: int | None = Field(default=None, ge=0, description="几处没有挂够")
    status: str = Field(default="", description="跟着记录走的，那天是什么状态，例如 办结")
    review_on: date | None = Field(default=None, description="哪天前再看一遍")


class ExpectFiling(Part):
    """Whether the theme of the n-th activity was asked for, and is receipted."""

    activity: int = Field(ge=1, description="第几个活动")
    asked: bool = Field(description="要不要报")
    receipted: bool = Field(default=False, description="签收了没有")


class ExpectHint(Part):
    """Whether a hint is shown in the evening of a day."""

    on: date = Field(description="哪天看")
    hint: Reference = Field(description="哪一条提示")
    shown: bool = Field(description="是否出现")


class ExpectWarning(Part):
    """Whether the n-th activity, when planned or recorded, warned of a repeated theme."""

    activity: int = Field(ge=1, description="第几个活动")
    repeated_theme: bool = Field(description="是否提醒主题重复")


class ExpectMeasure(Part):
    """A named figure over a window, in the evening of a day."""

    measure: str = Field(description="指标名")
    duty: Reference = Field(description="哪一条")
    since: date = Field(description="从哪天")
    until: date = Field(description="到哪天（不含）")
    on: date = Field(description="哪天看")
    count: int = Field(description="分子")
    total: int = Field(description="分母")
    share: ShareText | None = Field(default=None, description='比例，例如 "5/6"')


class Example(Part):
    """examples/<id>.toml."""

    title: str = Field(min_length=1, max_length=80, description="一句话说清例子")
    source: str = Field(min_length=1, description="例子从哪里来：条文、材料或自拟")
    covers: list[Covers] = Field(default=[], description="说明哪个限度的哪一边")
    practice: list[PracticeId] = Field(default=[], description="对应的实践编号")
    given: Given = Field(description="已知")
    obligation: list[ExpectObligation] = Field(default=[], description="应办应是")
    vote: list[ExpectVote] = Field(default=[], description="表决应是")
    refusal: list[ExpectRefusal] = Field(default=[], description="应被拒绝")
    returned: list[ExpectReturn] = Field(default=[], description="填回执应是")
    case: list[ExpectCase] = Field(default=[], description="事项应是")
    tally: list[ExpectTally] = Field(default=[], description="合在一起应是")
    person: list[ExpectPerson] = Field(default=[], description="名册应是")
    account: list[ExpectBook] = Field(default=[], description="钱账应是")
    campaign: list[ExpectCampaign] = Field(default=[], description="集中活动应是")
    book: list[ExpectRegister] = Field(default=[], description="台账应是")
    publication: list[ExpectPublication] = Field(default=[], description="公开应是")
    link: list[ExpectLink] = Field(default=[], description="联系应是")
    rota: list[ExpectRota] = Field(default=[], description="轮值应是")
    filing: list[ExpectFiling] = Field(default=[], description="报送应是")
    hint: list[ExpectHint] = Field(default=[], description="提示应是")
    warning: list[ExpectWarning] = Field(default=[], description="提醒应是")
    measure: list[ExpectMeasure] = Field(default=[], description="指标应是")

    @model_validator(mode="after")
    def _expects_something(self) -> "Example":
        numbers = [
            *(expected.activity for expected in self.vote),
            *(expected.activity for expected in self.refusal),
            *(expected.activity for expected in self.filing),
            *(expected.activity for expected in self.warning),
        ]
        expected = [
            self.obligation, self.hint, self.measure, self.returned, self.case, self.person,
            self.campaign, self.tally, self.book, self.account, self.publication, self.link,
            self.rota,
        ]  # fmt: skip
        refused = any(_is_refused(case) for case in self.given.case)
        refused = refused or any(leader.refused for leader in self.given.leader)
        refused = refused or any(_was_refused(row) for row in self.given.row)
        refused = refused or any(_stopped(campaign) for campaign in self.given.campaign)
        refused = refused or any(_was_kept_in(one) for one in self.given.publication)
        refused = refused or any(_not_paired(link) for link in self.given.link)
        refused = refused or any(_not_paired(rota) for rota in self.given.rota)
        if not (numbers or refused or any(expected)):
            raise ValueError("没有写应该怎样，至少写一条 obligation、vote、hint 之类")
        cases = len(self.given.cases)
        looked = [*(one.case for one in self.case), *(one.case for one in self.account)]
        if any(number > cases for number in looked):
            raise ValueError(f"例子里只有 {cases} 件事，编号超出了")
        if any(one.campaign > len(self.given.campaign) for one in self.campaign):
            raise ValueError(f"例子里只有 {len(self.given.campaign)} 个集中活动，编号超出了")
        public = len(self.given.publication)
        if any(one.publication > public for one in self.publication):
            raise ValueError(f"例子里只有 {public} 条公开的事，编号超出了")
        rows = len(self.given.rows)
        if any(one.row is not None and one.row > rows for one in self.book):
            raise ValueError(f"例子里只有 {rows} 行，编号超出了")
        if any(one.link is not None and one.link > len(self.given.link) for one in self.link):
            raise ValueError(f"例子里只有 {len(self.given.link)} 个联系，编号超出了")
        if any(one.rota > len(self.given.rota) for one in self.rota):
            raise ValueError(f"例子里只有 {len(self.given.rota)} 个轮值，编号超出了")
        if any(number > len(self.given.activity) for number in numbers):
            raise ValueError(f"例子里只有 {len(self.given.activity)} 个活动，编号超出了")
        return self

    def references(self) -> Iterator[tuple[str, str, str]]:
        """Every item the example names: kind, reference, place."""
        for index, activity in enumerate(self.given.activity):
            for reference in activity.kinds:
                yield "activities", reference, f"given.activity[{index}].kinds"
        for index, talk in enumerate(self.given.talk):
            yield "activities", talk.kind, f"given.talk[{index}].kind"
        for index, exemption in enumerate(self.given.exemption):
            yield "duties", exemption.duty, f"given.exemption[{index}].duty"
        for index, obligation in enumerate(self.obligation):
            yield "duties", obligation.duty, f"obligation[{index}].duty"
        for index, measure in enumerate(self.measure):
            yield "duties", measure.duty, f"measure[{index}].duty"
        for index, hint in enumerate(self.hint):
            yield "hints", hint.hint, f"hint[{index}].hint"
        for index, case in enumerate(self.given.case):
            yield "procedures", case.procedure, f"given.case[{index}].procedure"
        for index, tally in enumerate(self.tally):
            yield "procedures", tally.procedure, f"tally[{index}].procedure"
        for index, campaign in enumerate(self.given.campaign):
            yield "campaigns", campaign.campaign, f"given.campaign[{index}].campaign"
        for index, public in enumerate(self.given.publication):
            shelf = public.topic.rpartition("/")[0]
            yield "catalogues", shelf, f"given.publication[{index}].topic"
        for index, row in enumerate(self.given.row):
            yield "registers", row.book, f"given.row[{index}].book"
        for index, register in enumerate(self.book):
            yield "registers", register.book, f"book[{index}].book"
        for index, link in enumerate(self.given.link):
            yield "pair-kinds", link.kind, f"given.link[{index}].kind"
        for index, rota in enumerate(self.given.rota):
            yield "pair-kinds", rota.kind, f"given.rota[{index}].kind"
        for index, expected in enumerate(self.link):
            yield "pair-kinds", expected.kind, f"link[{index}].kind"
        for index, returned in enumerate(self.returned):
            yield "assignment-forms", returned.form, f"returned[{index}].form"

    def looked_at(self) -> set[tuple[str, str]]:
        """Items whose outcome the example expects something of: kind and reference."""
        numbers = {
            *(expected.activity for expected in self.vote),
            *(expected.activity for expected in self.refusal),
            *(expected.activity for expected in self.filing),
            *(expected.activity for expected in self.warning),
        }
        kinds = {kind for n in numbers for kind in self.given.activity[n - 1].kinds}
        cases = self.given.cases
        looked = {*(one.case for one in self.case), *(one.case for one in self.account)}
        begun = {cases[number - 1].procedure for number in looked}
        begun |= {tally.procedure for tally in self.tally}
        refused = {case.procedure for case in self.given.case if _is_refused(case)}
        run = {self.given.campaign[expected.campaign - 1].campaign for expected in self.campaign}
        stopped = {one.campaign for one in self.given.campaign if _stopped(one)}
        public = {self.given.publication[one.publication - 1].topic for one in self.publication}
        public |= {one.topic for one in self.given.publication if _was_kept_in(one)}
        return {
            *(("activities", kind) for kind in kinds),
            *(("duties", expected.duty) for expected in self.obligation),
            *(("duties", expected.duty) for expected in self.measure),
            *(("hints", expected.hint) for expected in self.hint),
            *(("assignment-forms", expected.form) for expected in self.returned),
            *(("procedures", reference) for reference in begun | refused),
            *(("campaigns", reference) for reference in run | stopped),
            *(("catalogues", topic.rpartition("/")[0]) for topic in public),
            *(("registers", expected.book) for expected in self.book),
            *(("registers", row.book) for row in self.given.row if _was_refused(row)),
            *(("pair-kinds", expected.kind) for expected in self.link),
            *(("pair-kinds", self.given.rota[expected.rota - 1].kind) for expected in self.rota),
            *(("pair-kinds", link.kind) for link in self.given.link if _not_paired(link)),
            *(("pair-kinds", rota.kind) for rota in self.given.rota if _not_paired(rota)),
        }


def _is_refused(case: GivenCase) -> bool:
    refused = [*(step.refused for step in case.step), *(one.refused for one in case.payee)]
    return bool(case.refused) or any(refused)


def _was_refused(row: GivenRow) -> bool:
    return bool(row.refused) or any(step.refused for step in row.step)


def _was_kept_in(publication: GivenPublication) -> bool:
    return bool(publication.refused) or any(one.refused for one in publication.posting)


def _not_paired(one: GivenLink | GivenRota) -> bool:
    steps = one.contact if isinstance(one, GivenLink) else one.step
    return bool(one.refused) or any(step.refused for step in steps)


def _stopped(campaign: GivenCampaign) -> bool:
    refused = [
        campaign.refused,
        *(step.refused for step in campaign.opening),
        *(step.refused for step in campaign.entered),
        *(step.refused for step in campaign.end),
    ]
    return any(refused)
