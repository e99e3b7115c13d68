"""Worked examples: what is given, on a day, what must come out. Written first, replayed always.

An example is played in time: what is recorded on a day is known from that day on, and an
expectation is looked at in the evening of its own day.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from zhibu.packs.schema.base import PackId, Part, PracticeId, Reference, ShareText, Slug


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
    full_members: int = Field(default=10, ge=1, le=200, description="正式党员")
    probationary: int = Field(default=0, ge=0, le=50, description="预备党员")
    committee: int = Field(
        default=0, ge=0, le=13, description="委员会人数，连书记在内；0 是不设委员会"
    )
    secretary: bool = Field(default=True, description="有没有书记")
    deputies: int = Field(default=0, ge=0, le=2, description="副书记几人，算在委员会人数里")
    groups: int = Field(default=0, ge=0, le=10, description="党小组数，党员轮流编入")
    founded_on: date = Field(default=date(2020, 1, 1), description="成立日期")
    dissolved_on: date | None = Field(default=None, description="撤销日期")
    term_since: date | None = Field(default=None, description="本届开始，不写是成立日期")
    term_ends_on: date | None = Field(default=None, description="本届届满日期")


class GivenPerson(Part):
    """What is known of one of the people; the others have no days of their own."""

    number: int = Field(ge=1, description="第几个人：先正式党员，后预备党员，书记是第 1 个")
    born_on: date | None = Field(default=None, description="出生日期")
    state_since: date | None = Field(
        default=None, description="哪天成为正式党员（预备党员），不写是成立日期"
    )
    left_on: date | None = Field(default=None, description="哪天转到别的支部")


class GivenLeader(Part):
    """One of the people holds a post of the committee above besides."""

    number: int = Field(ge=1, description="第几个人")
    post: Slug = Field(description="上级的职务编号")


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


class GivenStep(Part):
    """A step on a case, done or refused with a word beside the field."""

    on: date = Field(description="哪天记的")
    happened_on: date | None = Field(default=None, description="哪天办的，不写是当天")
    stage: Slug = Field(description="哪一步，步骤编号")
    outcome: Slug = Field(description="结果编号")
    by: Literal["organization", "above"] = Field(
        default="organization", description="谁办的：organization 书记，above 上级的人"
    )
    values: dict[str, str | int | bool | date | list[str]] = Field(
        default={}, description="填了什么：字段编号 = 填的"
    )
    reason: str = Field(default="", description="原因")
    refused: dict[str, str] = Field(
        default={},
        description="办不成时：字段编号（或 happened_on、outcome、reason、who）= 提示里应有的话",
    )


class GivenCase(Part):
    """Something begun under a procedure, and what was done on it, in this order."""

    procedure: Reference = Field(description="哪一种程序，包编号:程序编号")
    started_on: date = Field(description="哪天开始的")
    by: Literal["organization", "above"] = Field(
        default="organization", description="谁开始的：organization 书记，above 上级的人"
    )
    owner: int | None = Field(default=None, ge=1, description="责任人是第几个人")
    values: dict[str, str | int | bool | date | list[str]] = Field(
        default={}, description="开始时填了什么"
    )
    refused: dict[str, str] = Field(default={}, description="开始不了时：字段编号 = 提示里应有的话")
    step: list[GivenStep] = Field(default=[], description="一步一步怎么办的")


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

    The form is handed down to the organisation first. ``values`` are what one types, by field.
    """

    form: Reference = Field(description="哪一张回执表，包编号:表编号")
    on: date = Field(description="哪天填的")
    values: dict[str, str | int | bool | date | list[str]] = Field(
        description="填了什么：字段编号 = 填的；文件和人填不了"
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
        expected = [self.obligation, self.hint, self.measure, self.returned, self.case]
        refused = any(_is_refused(case) for case in self.given.case)
        if not (numbers or refused or any(expected)):
            raise ValueError("没有写应该怎样，至少写一条 obligation、vote、hint 之类")
        if any(one.case > len(self.given.case) for one in self.case):
            raise ValueError(f"例子里只有 {len(self.given.case)} 件事，编号超出了")
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
        begun = {self.given.case[expected.case - 1].procedure for expected in self.case}
        refused = {case.procedure for case in self.given.case if _is_refused(case)}
        return {
            *(("activities", kind) for kind in kinds),
            *(("duties", expected.duty) for expected in self.obligation),
            *(("duties", expected.duty) for expected in self.measure),
            *(("hints", expected.hint) for expected in self.hint),
            *(("assignment-forms", expected.form) for expected in self.returned),
            *(("procedures", reference) for reference in begun | refused),
        }


def _is_refused(case: GivenCase) -> bool:
    return bool(case.refused) or any(step.refused for step in case.step)
