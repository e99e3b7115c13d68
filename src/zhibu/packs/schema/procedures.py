from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from zhibu.core.dates import Duration
from zhibu.core.fields import FieldSpec
from zhibu.core.predicates import Condition
from zhibu.packs.schema.activities import VoteSpec
from zhibu.packs.schema.base import (
    NO_LIMIT,
    Cite,
    Days,
    Item,
    Length,
    Part,
    Reference,
    Slug,
    tightened,
)
from zhibu.packs.schema.papers import Paper

Counts = Literal["calendar", "working-days"]
Voters = Literal["full-members", "committee"]
FieldId = str


class Actor(Part):
    """Whose turn it is, by standing on the day."""

    who: Literal[
        "owner", "organization", "above", "subject", "field", "body", "everyone", "requester"
    ] = Field(
        description="轮到谁：owner 责任人，organization 本组织，above 上级组织，"
        "subject 这件事说的那个人，field 一个组织字段写的组织，body 设在本组织的其他组织，"
        "everyone 名册上的每一个人，都办了才接着办，requester 提出这件事的人，凭查询码办；"
        "没有答复过的工作人员可以照他电话里说的记下来"
    )
    roll: Voters | None = Field(
        default=None,
        description="哪个名册，who 是 everyone 时写：full-members 本组织的正式党员，"
        "committee 它的委员；轮到那天的名册，以后不变",
    )
    field: FieldId | None = Field(default=None, description="哪个组织字段，who 是 field 时写")
    kind: str | None = Field(
        default=None, description="哪一类组织，who 是 body 时写；没有设的轮到本组织"
    )
    levels: int = Field(
        default=1, ge=1, le=4, description="上几级，who 是 above 时写", json_schema_extra=NO_LIMIT
    )
    kinds: list[str] = Field(
        default=[],
        description="只数这几类组织，who 是 above 时写；例如只有党委能审批，党总支跳过",
    )
    posts: list[Slug] = Field(default=[], description="只轮到这些职务，职务编号；不写是都行")
    apart_from: list[Slug] = Field(
        default=[],
        description="不能是办过这些步骤的人，经办的不核验；写步骤编号，start 是开始这件事的人",
    )
    claimed: bool = Field(
        default=False, description="true 是先认领，谁认领轮到谁；认领了可以退回，要写原因"
    )
    claims_at_most: int | None = Field(
        default=None, ge=1, le=100, description="一个人同时最多认领几件；要写 claimed"
    )
    cites: list[Cite] = Field(default=[], description="认领几件的依据")
    registered_too: bool = Field(
        default=False,
        description="true 是在这里或者上级报到的党员、单位也能认领，怎么报到见结对的 registers；"
        "要写 claimed",
    )
    stays_with: Slug | None = Field(
        default=None,
        description="前面哪一步，步骤编号：那一步认领的人接着办，不用再认领；没有人认领过的，"
        "这一步另外认领；要写 claimed",
    )

    @model_validator(mode="after")
    def _says_which(self) -> "Actor":
        if (self.who == "field") != (self.field is not None):
            raise ValueError("who 是 field 的写 field，别的不写")
        if (self.who == "body") != (self.kind is not None):
            raise ValueError("who 是 body 的写 kind，别的不写")
        if (self.who == "everyone") != (self.roll is not None):
            raise ValueError("who 是 everyone 的写 roll，别的不写")
        if self.kinds and self.who != "above":
            raise ValueError("kinds 只在 who 是 above 时写")
        if self.claims_at_most and not (self.claimed and self.cites):
            raise ValueError("写了 claims_at_most，就要写 claimed = true 和 cites")
        if (self.registered_too or self.stays_with) and not self.claimed:
            raise ValueError("registered_too、stays_with 要和 claimed = true 一起写")
        if self.claimed and self.who in ("owner", "subject", "requester"):
            raise ValueError("轮到一个人的不用认领")
        if self.is_requester and (self.posts or self.apart_from):
            raise ValueError("轮到提出的人的，不写 posts、apart_from")
        if self.is_everyone and (self.claimed or self.posts or self.apart_from):
            raise ValueError("轮到每一个人的，不写 claimed、posts、apart_from")
        return self

    @property
    def is_everyone(self) -> bool:
        return self.who == "everyone"

    @property
    def is_requester(self) -> bool:
        """Whether it is whoever asked, who has no account."""
        return self.who == "requester"


class Test(Part):
    """What a field of the case has to say, by constants."""

    __test__ = False
    field: FieldId = Field(description="字段编号")
    among: list[str] = Field(
        default=[], description="是这几个值之一；选择项写选项编号，是否写 yes、no"
    )
    holds_all: list[str] = Field(default=[], description="多选的里面这几个都有，写选项编号")
    at_least: int | None = Field(default=None, description="数不小于多少")
    filled: bool | None = Field(default=None, description="true 填了，false 没有填")

    @model_validator(mode="after")
    def _one_thing(self) -> "Test":
        said = [bool(self.among), bool(self.holds_all), self.at_least is not None]
        if sum(said) + (self.filled is not None) != 1:
            raise ValueError("among、holds_all、at_least 和 filled 要写一个，也只写一个")
        return self

    def holds(self, facts: dict[str, Any]) -> bool:
        """``facts`` are stored values by field id."""
        value = facts.get(self.field)
        is_filled = value not in (None, "", [])
        if self.filled is not None:
            return is_filled is self.filled
        if self.at_least is not None:
            return is_filled and Decimal(str(value)) >= self.at_least
        values = [_as_written(one) for one in (value if isinstance(value, list) else [value])]
        if self.holds_all:
            return set(self.holds_all) <= set(values)
        return any(one in self.among for one in values)


def _as_written(value: Any) -> str:
    """A stored value as a pack writes it beside a test."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def all_hold(tests: Iterable[Test], facts: dict[str, Any]) -> bool:
    return all(test.holds(facts) for test in tests)


def counted_in_days(counts: Counts, *lengths: str | None) -> None:
    """Working days are counted one by one; a month of them is nothing."""
    if counts == "working-days" and any(Duration.parse(one).months for one in lengths if one):
        raise ValueError("按工作日的写成天数，例如 P5D，不能写年、月")


class Need(Part):
    """Fields that must be filled where something is so."""

    when: list[Test] = Field(min_length=1, description="在什么情形下，全都要满足")
    fields: list[FieldId] = Field(min_length=1, description="这时必须填的字段")
    says: str = Field(min_length=1, max_length=80, description="没填时怎么提示")
    cites: list[Cite] = Field(min_length=1, description="依据")


class Wait(Part):
    """Not before so long after another stage was done, or a day that a field names."""

    after: Slug | None = Field(
        default=None, description="从哪一步办了算起，步骤编号；start 是开始那天"
    )
    after_field: FieldId | None = Field(default=None, description="从哪个日期字段写的那天算起")
    at_least: Days = Field(
        description="至少隔多久，ISO 8601 时长", json_schema_extra=tightened("up")
    )
    counts: Counts = Field(
        default="calendar", description="怎么数：calendar 日历，working-days 工作日"
    )
    cites: list[Cite] = Field(min_length=1, description="依据")

    @model_validator(mode="after")
    def _one_beginning(self) -> "Wait":
        if (self.after is None) == (self.after_field is None):
            raise ValueError("after 和 after_field 要写一个，也只写一个")
        counted_in_days(self.counts, self.at_least)
        return self


class ByChoice(Part):
    """A length for each choice of a field: a catalogue of matters, each with its limit."""

    field: FieldId = Field(description="看哪个选择项")
    lengths: dict[str, Length] = Field(
        min_length=1, description="选项编号 = 多久以内，可以到小时；每个选项都要写"
    )


class Limit(Part):
    """Within so long, or up to a day that a field names; late is a fact and blocks nothing."""

    within: Length | None = Field(
        default=None,
        description="多久以内，ISO 8601 时长；可以到小时、分钟（PT24H）",
        json_schema_extra=tightened("down"),
    )
    by_field: FieldId | None = Field(default=None, description="到哪个日期字段写的那天")
    by_choice: ByChoice | None = Field(
        default=None, description="期限看一个选择项，一项一个期限；多久也可以到小时"
    )
    after: Slug | None = Field(
        default=None, description="从哪一步办了算起；不写是从轮到的那天，start 是开始那天"
    )
    counts: Counts = Field(
        default="calendar", description="怎么数：calendar 日历，working-days 工作日"
    )
    extendable: bool = Field(default=False, description="上级能不能批准延期")
    extendable_to: Days | None = Field(
        default=None, description="延期连原来的期限最多多久，从同一天算起，ISO 8601 时长"
    )
    cites: list[Cite] = Field(min_length=1, description="依据")

    @model_validator(mode="after")
    def _one_end(self) -> "Limit":
        if sum(one is not None for one in (self.within, self.by_field, self.by_choice)) != 1:
            raise ValueError("within、by_field 和 by_choice 要写一个，也只写一个")
        if self.by_field and self.after:
            raise ValueError("by_field 已经写明哪天，不用写 after")
        if self.extendable_to and not (self.extendable and not self.by_field):
            raise ValueError("extendable_to 要和 extendable 一起写，by_field 的不写")
        lengths = [*self.by_choice.lengths.values()] if self.by_choice else [self.within]
        by_the_hour = any(one and "T" in one for one in lengths)
        if by_the_hour and (self.after or self.counts != "calendar"):
            raise ValueError("按小时、分钟的从轮到的时候算起，不写 after 和 counts")
        counted_in_days(self.counts, *lengths, self.extendable_to)
        return self

    @property
    def is_by_the_hour(self) -> bool:
        return bool(self.within and "T" in self.within)

    def for_facts(self, facts: Mapping[str, Any]) -> "Limit | None":
        """The limit that these facts have: itself, or that of the choice; None without one."""
        if self.by_choice is None:
            return self
        length = self.by_choice.lengths.get(str(facts.get(self.by_choice.field, "")))
        if length is None:
            return None
        return self.model_copy(update={"within": length, "by_choice": None})


class Span(Part):
    """A date that is written down lies so long after another: both bounds count as within."""

    field: FieldId = Field(description="哪个日期字段")
    after: Slug | None = Field(default=None, description="从哪一步办的那天算起，步骤编号")
    after_field: FieldId | None = Field(default=None, description="从哪个日期字段写的那天算起")
    at_least: Days | None = Field(default=None, description="至少隔多久，ISO 8601 时长")
    at_most: Days | None = Field(default=None, description="最多隔多久，ISO 8601 时长")
    counts: Counts = Field(
        default="calendar", description="怎么数：calendar 日历，working-days 工作日"
    )
    says: str = Field(min_length=1, max_length=80, description="不对时怎么提示")
    cites: list[Cite] = Field(min_length=1, description="依据")

    @model_validator(mode="after")
    def _bounded(self) -> "Span":
        if (self.after is None) == (self.after_field is None):
            raise ValueError("after 和 after_field 要写一个，也只写一个")
        if self.at_least is None and self.at_most is None:
            raise ValueError("at_least 和 at_most 至少写一个")
        counted_in_days(self.counts, self.at_least, self.at_most)
        return self


class Apart(Part):
    """A date lies so long from those of other cases of the same organisation and procedure, or
    is one of them: whoever goes anyway goes for all at once."""

    field: FieldId = Field(description="哪个日期字段")
    stage: Slug = Field(description="看别的事的哪一步，步骤编号：开着的看期限，办了的看办的那天")
    outcomes: list[Slug] = Field(default=[], description="办了的只算这几个结果；不写是都算")
    at_least: Days = Field(description="不是同一天的，至少隔多久，ISO 8601 时长")
    says: str = Field(min_length=1, max_length=80, description="不对时怎么提示")
    cites: list[Cite] = Field(min_length=1, description="依据")


class NoMore(Part):
    """A number that may be as large as another field says, and no larger."""

    field: FieldId = Field(description="哪个数、数量或钱的字段")
    than: FieldId = Field(description="不能多于哪个字段写的，同一种类型、同一个单位")
    says: str = Field(min_length=1, max_length=80, description="多了时怎么提示")
    cites: list[Cite] = Field(min_length=1, description="依据")


class Vote(Part):
    """A vote held on paper: totals are entered, two tellers are named. ``rule`` judges it."""

    voters: Voters | Literal["others"] = Field(
        description="谁有表决权：full-members 轮到的组织的正式党员，committee 它的委员，"
        "others 名册不在这里的人，例如职工代表、村民代表：应到照会议的名册写"
    )
    rule: VoteSpec = Field(description="到会和通过的要求")

    @property
    def is_listed(self) -> bool:
        """Whether the roster says who has a vote."""
        return self.voters != "others"


class Notice(Part):
    """A public notice: where, from when, until when, and what was objected while it hung."""

    at_least: Days = Field(
        description="至少贴多久，ISO 8601 时长", json_schema_extra=tightened("up")
    )
    counts: Counts = Field(
        default="calendar", description="怎么数：calendar 日历，working-days 工作日"
    )
    twice_when: list[Test] = Field(default=[], description="什么情形下要在两个地方贴，全都要满足")
    channels: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(
        default=[], description="只能用哪几种方式，例如 会议、文件、公开栏、电视；不写是自己填"
    )
    cites: list[Cite] = Field(min_length=1, description="依据")

    @model_validator(mode="after")
    def _in_days(self) -> "Notice":
        counted_in_days(self.counts, self.at_least)
        return self


class Begin(Part):
    """Another case that begins with an outcome, linked to this one as a part of it."""

    procedure: Reference = Field(description="哪一种，包编号:程序编号")
    where: Literal["organization", "above"] = Field(
        default="organization", description="在哪里开始：organization 本组织，above 上级"
    )
    fields: dict[str, FieldId] = Field(default={}, description="开始时的字段取自这件事的哪个字段")
    constants: dict[str, str | bool] = Field(
        default={}, description="固定填什么，字段编号 = 填的", json_schema_extra=NO_LIMIT
    )
    title: str = Field(default="", max_length=40, description="叫什么，不写是和这件事同名")
    when: list[Test] = Field(default=[], description="在什么情形下才开始，全都要满足")


class Binding(Part):
    """What an outcome changes: an effect, its constants, and fields that fill the rest."""

    effect: str = Field(min_length=1, description="作用的名字")
    constants: dict[str, Any] = Field(
        default={}, description="固定的参数", json_schema_extra=NO_LIMIT
    )
    fields: dict[str, str] = Field(
        default={},
        description="取自这件事的参数：参数 = 字段编号，或 case.organization、case.person、"
        "case.owner、case.id（这件事）、case.turn（这一步）、case.title（叫什么）、"
        "case.day（这一步办的那天）、done.步骤编号（那一步办的那天）",
    )
    columns: dict[str, str] = Field(
        default={}, description="写进台账的各栏（registers.open_row）：栏 = 这件事的字段编号"
    )
    column_constants: dict[str, str | bool] = Field(
        default={}, description="台账里固定的栏：栏 = 写什么，选择项写选项编号"
    )


class Outcome(Part):
    """How a turn may end, and what begins then."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=12, description="按钮上的字")
    to: list[Slug] = Field(default=[], description="接着开始哪些步骤；不写是不再开始")
    drops: list[Slug] = Field(
        default=[], description="这样结束时，哪些还开着的步骤不用再办，步骤编号"
    )
    reason: bool = Field(default=False, description="要不要写原因")
    skips_fields: bool = Field(default=False, description="这样结束时不用填这一步的字段，例如退回")
    when: list[Test] = Field(default=[], description="在什么情形下才能这样，全都要满足")
    when_any: list[Test] = Field(default=[], description="在什么情形下才能这样，满足一个就行")
    where: Condition = Field(
        default=Condition(), description="这件事那天要满足的条件，才能这样；例如钱账上的"
    )
    says: str = Field(default="", max_length=80, description="不能这样时怎么提示")
    cites: list[Cite] = Field(default=[], description="不能这样的依据")
    early: bool = Field(default=False, description="true 是没有到 waits 说的日子也能这样，例如退回")
    closes: bool = Field(default=False, description="整件事到此结束，别的步骤不用再办")
    ends_as: str = Field(default="", max_length=12, description="整件事办完时叫什么，例如 销号")
    effects: list[Binding] = Field(default=[], description="改变什么")
    issues: list[Slug] = Field(default=[], description="出具哪些文书，papers 里的编号")
    vote: Literal["passed", "failed"] | None = Field(
        default=None, description="表决怎样才能这样：passed 通过了，failed 没有通过"
    )
    objections: Literal["none", "some"] | None = Field(
        default=None, description="公示怎样才能这样：none 没有成立的异议，some 有"
    )
    unless_posted: bool = Field(
        default=False, description="true 是没有公示完也能这样，例如不再公示"
    )
    passes_on: FieldId | None = Field(
        default=None, description="这件事转给哪个组织接着办，组织字段编号；时间接着算"
    )
    begins: list[Begin] = Field(default=[], description="另外开始哪些事，算这件事的一部分")

    @model_validator(mode="after")
    def _refusal_is_said(self) -> "Outcome":
        if (self.when or self.when_any or self.where.tests) and not (self.says and self.cites):
            raise ValueError(f"结果 {self.id} 写了 when 或 where，就要写 says 和 cites")
        return self

    @property
    def tests(self) -> list[Test]:
        return [*self.when, *self.when_any]

    def fits(self, facts: dict[str, Any]) -> bool:
        """Whether the facts let a turn end so: all of ``when``, one of ``when_any``."""
        is_some = not self.when_any or any(test.holds(facts) for test in self.when_any)
        return all_hold(self.when, facts) and is_some


class Stage(Part):
    """One step: whose turn, what is written down, not before, until when, how it ends."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=20, description="名称")
    about: str = Field(default="", max_length=200, description="怎么办，一两句")
    actor: Actor = Field(description="轮到谁")
    joins: list[Slug] = Field(default=[], description="这些步骤都办了才开始，步骤编号")
    optional: bool = Field(
        default=False, description="true 是可以不办：不挡后面的步骤，也不挡整件事办结"
    )
    when: list[Test] = Field(
        default=[],
        description="在什么情形下才有这一步，全都要满足；以后不再满足的不用再办；要写 optional",
    )
    awaits: list[Slug] = Field(default=[], description="等这一步另外开始的哪几种事都办结，程序编号")
    fields: list[FieldSpec] = Field(default=[], description="要填的")
    fresh: bool = Field(
        default=False,
        description="true 是再办这一步时从空的填起，例如一次一次的联系；不写是照上次写的改",
    )
    needs: list[Need] = Field(default=[], description="什么情形下还必须填什么")
    distinct: list[list[FieldId]] = Field(
        default=[], description="这几个字段写的不能相同，例如两名介绍人"
    )
    spans: list[Span] = Field(default=[], description="日期字段之间最少、最多隔多久")
    no_more: list[NoMore] = Field(default=[], description="这几个数不能多于别的字段写的")
    apart: list[Apart] = Field(
        default=[], description="和同一个组织同一种程序的别的事，要么同一天，要么隔开多久"
    )
    waits: list[Wait] = Field(default=[], description="不能早于")
    vote: Vote | None = Field(default=None, description="要表决")
    notice: Notice | None = Field(default=None, description="要公示")
    limits: list[Limit] = Field(default=[], max_length=1, description="期限")
    lapses: Slug | None = Field(
        default=None,
        description="过了期限提出的人没有来办，就当他选了哪个结果；只在轮到 requester 的步骤写",
    )
    outcomes: list[Outcome] = Field(
        min_length=1, max_length=6,
        description="怎么结束；轮到每一个人的，各人选一个，都办了按其中排在最后的那个接着办",
    )  # fmt: skip
    cites: list[Cite] = Field(default=[], description="依据，不写是整件事的依据")

    @model_validator(mode="after")
    def _may_be_left(self) -> "Stage":
        if self.when and not self.optional:
            raise ValueError(f"步骤 {self.id} 写了 when，就要写 optional = true")
        if self.lapses and not (self.actor.is_requester and self.limits):
            raise ValueError(f"步骤 {self.id} 写了 lapses，就要轮到 requester，也要有 limits")
        if self.is_for_everyone and (self.vote or self.notice or self.spans or self.fresh):
            raise ValueError(f"步骤 {self.id} 轮到每一个人，不写 vote、notice、spans、fresh")
        return self

    @property
    def is_for_everyone(self) -> bool:
        """Whether each person of a roll answers it; its fields are then each person's own."""
        return self.actor.is_everyone

    @property
    def limit(self) -> Limit | None:
        return self.limits[0] if self.limits else None

    def outcome(self, id_: str) -> Outcome | None:
        return next((one for one in self.outcomes if one.id == id_), None)


Channel = Literal[
    "online", "phone", "email", "questionnaire", "interview", "branch-meeting", "symposium",
    "life-meeting", "visit", "letter",
]  # fmt: skip
CHANNELS: dict[str, str] = {
    "online": "网上",
    "phone": "电话",
    "email": "电子邮件",
    "questionnaire": "问卷",
    "interview": "谈心谈话",
    "branch-meeting": "支部会",
    "symposium": "座谈会",
    "life-meeting": "民主生活会",
    "visit": "走访、来访",
    "letter": "来信",
}


class DoorField(Part):
    """A field that whoever asks fills in, in plain words."""

    field: FieldId = Field(description="哪个字段，开始时填的")
    label: str = Field(min_length=1, max_length=20, description="怎么问，家常话，例如 什么事")
    hint: str = Field(default="", max_length=80, description="写在下面的提示")


class Doorway(Part):
    """How people without an account ask for it, follow it and hear back."""

    title: str = Field(min_length=1, max_length=16, description="门上写什么，例如 您有什么事")
    about: str = Field(default="", max_length=120, description="写在标题下面的一句话")
    order: int = Field(
        default=50, ge=1, le=99, description="几个门排在一起时的先后，小的在前",
        json_schema_extra=NO_LIMIT,
    )  # fmt: skip
    channels: list[Channel] = Field(
        min_length=1, description="从哪些渠道来；online 是公开的网页，别的由工作人员记下来"
    )
    asks: list[DoorField] = Field(min_length=1, max_length=8, description="提的人填哪些")
    names_it: FieldId = Field(description="哪个字段的开头作这件事的名称，文字字段")
    constants: dict[str, str | bool] = Field(
        default={}, description="从网页来的固定填什么，字段编号 = 填的", json_schema_extra=NO_LIMIT
    )
    words: dict[Slug, str] = Field(
        default={}, description="每一步对提的人怎么说，步骤编号 = 家常话；不写的步骤不给他看"
    )
    answer: FieldId = Field(description="哪个字段是答复")
    rated_at: Slug | None = Field(default=None, description="在哪一步评价答复，轮到 requester")
    satisfied: list[Slug] = Field(default=[], description="评价里哪些结果算满意")
    urgency: FieldId | None = Field(default=None, description="哪个选择项是急不急")
    keeps: Days = Field(
        description="办结以后，提的人的姓名、电话和写的内容留多久，到期删掉，ISO 8601 时长"
    )
    kept_by: str | None = Field(
        default=None,
        description="由哪一类组织收，组织类别：从提的那个组织的上级往上找设着的；"
        "只有那里任职的人看得到，上级、下级和反映的单位、人都看不到；要写 known_as",
    )
    unit: FieldId | None = Field(
        default=None, description="写的是哪个单位的组织字段，kept_by 的要写：那里的人看不到"
    )
    person: FieldId | None = Field(
        default=None,
        description="写的是哪个人的人员字段，kept_by 的要写：本人、他任职的单位看不到；"
        "说的是收的组织自己的人、上面那一级的人，交给再上一级收的组织",
    )
    cites: list[Cite] = Field(default=[], description="留多久、由谁收的依据，不写是整件事的依据")

    @model_validator(mode="after")
    def _belongs_together(self) -> "Doorway":
        if (self.kept_by is None) != (self.unit is None) or bool(self.unit) != bool(self.person):
            raise ValueError("kept_by、unit 和 person 一起写")
        if self.satisfied and not self.rated_at:
            raise ValueError("写了 satisfied，就要写 rated_at")
        return self


class Reopening(Part):
    """Whether and by whom an ended case is taken up again, and where it goes on."""

    actor: Actor = Field(description="谁能重开")
    to: list[Slug] = Field(min_length=1, description="从哪些步骤接着办")
    cites: list[Cite] = Field(min_length=1, description="依据")


class Bar(Part):
    """What keeps somebody from being the subject, with a sentence and an article of its own."""

    where: Condition = Field(description="那天是这样的，就不能开始")
    says: str = Field(min_length=1, max_length=80, description="这时怎么提示")
    cites: list[Cite] = Field(min_length=1, description="依据")

    @model_validator(mode="after")
    def _asks_something(self) -> "Bar":
        if not self.where.tests:
            raise ValueError("where 至少写一个条件，空的会挡住所有的人")
        return self


class Subject(Part):
    """The person a case is about."""

    title: str = Field(min_length=1, max_length=12, description="怎么称呼，例如 申请人")
    where: Condition = Field(default=Condition(), description="那天要满足的条件")
    says: str = Field(default="", max_length=80, description="不满足时怎么提示")
    cites: list[Cite] = Field(default=[], description="依据")
    bars: list[Bar] = Field(
        default=[], description="另外有哪些情形不能开始，各有各的提示和依据；选人的时候还选得到"
    )
    sees: bool = Field(default=True, description="本人能不能看到这件事")
    once: bool = Field(default=True, description="一个人同时只能有一件在办")
    public: bool = Field(
        default=False,
        description="公开的时候写出是谁，要写 public_at；公开目录的 only 里点了名才从这里出",
    )

    @model_validator(mode="after")
    def _refusal_is_said(self) -> "Subject":
        if self.where.tests and not (self.says and self.cites):
            raise ValueError("写了 where，就要写 says 和 cites")
        return self


class Transition(Part):
    """How a case that runs under an older wording goes on under this one, if it is taken over."""

    replaces: date = Field(description="接替从哪天起的写法")
    stages: dict[Slug, Slug] = Field(
        default={}, description="开着的步骤改叫什么：原来的 = 现在的；不写是同名"
    )
    cites: list[Cite] = Field(min_length=1, description="依据")


class Cover(Part):
    """Whom this kind of case should reach in a span of days: everybody it has not reached is
    listed by name."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=20, description="名称，例如 被点评的党组织")
    each: Literal["organization", "member"] = Field(
        description="应到谁：organization 每个组织，member 每名党员（这件事说的人）"
    )
    kinds: list[str] = Field(default=[], description="哪几类组织，each 是 organization 时写")
    stage: Slug = Field(description="办过哪一步才算，步骤编号")
    channel: str = Field(
        default="", max_length=40, description="这一步要用哪种方式公示过才算；不写是办了就算"
    )
    by: Literal["above", "organization"] = Field(
        default="organization",
        description="按谁列：above 上级，organization 本组织（党员的所在支部）",
    )
    posts: list[Slug] = Field(default=[], description="列出那里现在任哪些职务的人")
    cites: list[Cite] = Field(min_length=1, description="依据")

    @model_validator(mode="after")
    def _of_organizations(self) -> "Cover":
        if (self.each == "organization") != bool(self.kinds):
            raise ValueError("each 是 organization 的写 kinds，member 的不写")
        return self


class Procedure(Item):
    """Something that somebody begins and that goes through stages to an outcome."""

    short: str = Field(default="", max_length=8, description="简称")
    starter: Actor = Field(
        description="谁能开始：organization 本组织，above 上级，subject 本人，别人不能代办"
    )
    has_owner: bool = Field(default=False, description="有没有责任人，一件事一个")
    subject: Subject | None = Field(default=None, description="说的是哪一个人")
    known_as: str = Field(
        default="",
        max_length=12,
        description="不公开的事在外面叫什么，例如 人事事项；写了就只有书记、上级和办的人看得到",
    )
    closed_fields: list[FieldId] = Field(
        default=[], description="只有书记、上级和办的人看得到的字段"
    )
    fields: list[FieldSpec] = Field(default=[], description="开始时填的")
    needs: list[Need] = Field(default=[], description="开始时什么情形下还必须填什么")
    spans: list[Span] = Field(
        default=[],
        description="开始时填的日期之间最少、最多隔多久；after 只能写 start，是开始那天",
    )
    start: list[Slug] = Field(min_length=1, description="从哪些步骤开始")
    stages: list[Stage] = Field(min_length=1, max_length=60, description="步骤，先后为序")
    papers: list[Paper] = Field(default=[], max_length=20, description="办的时候出具的文书")
    reopening: Reopening | None = Field(default=None, description="办完了能不能重开")
    transitions: list[Transition] = Field(
        default=[], description="按原来的写法在办的，怎样转到这个写法"
    )
    promises: Slug | None = Field(
        default=None,
        description="哪一步写的是承诺；写了就有清单和台账，步骤编号，start 是开始时填的",
    )
    kept_as: list[str] = Field(
        default=[], description="办结时叫什么算兑现；写了就有兑现率：兑现的 / 作出的"
    )
    sums: list[FieldId] = Field(
        default=[], description="哪几个数、数量、钱的字段在进度页上合计，只算办结了的"
    )
    covers: list[Cover] = Field(
        default=[], description="应该办到哪些组织、哪些党员；写了就有覆盖情况，列出还没有的"
    )
    gathers: list[Reference] = Field(
        default=[], description="可以把哪几种事归到一件一起办，包编号:程序编号"
    )
    answer: FieldId | None = Field(
        default=None, description="哪个字段是答复；办结时归进来的事都看得到，写了 gathers 的要写"
    )
    stale_after: Days | None = Field(
        default=None,
        description="多久没有新进展就标出来，ISO 8601 时长",
        json_schema_extra=NO_LIMIT,
    )
    public: list[FieldId] = Field(
        default=[],
        description="公开的时候写出来的字段；不写是这种事不公开。没有写到的一个字也不出去",
    )
    public_at: list[Slug] = Field(
        default=[],
        description="办到哪几步的时候才能公开，例如 公示 那一步；不写是随时，办完了也可以",
    )
    public_when_named: bool = Field(
        default=False,
        description="只有公开目录的 only 里点了名的，才从这里出；组织内部的事写 true",
    )
    doorway: Doorway | None = Field(
        default=None, description="没有账号的人怎样提出、查进度、听答复；写了就有公开的门"
    )

    @model_validator(mode="after")
    def _answers_what_it_gathers(self) -> "Procedure":
        if bool(self.gathers) != (self.answer is not None):
            raise ValueError("gathers 和 answer 要一起写")
        return self

    @model_validator(mode="after")
    def _names_nobody_without_end(self) -> "Procedure":
        if self.names_its_subject and not self.public_at:
            raise ValueError("subject.public 写了 true，就要写 public_at：哪几步才公开是谁")
        if self.public_at and not self.is_open:
            raise ValueError("写了 public_at，就要写 public，或者 subject.public")
        if self.public_when_named and not self.is_open:
            raise ValueError("写了 public_when_named，就要写 public，或者 subject.public")
        return self

    @property
    def names_its_subject(self) -> bool:
        """Whether outsiders may read whom it is about."""
        return self.subject is not None and self.subject.public

    @property
    def is_asked_by_name(self) -> bool:
        """Whether only a catalogue that names it may let anything of it out."""
        return self.public_when_named or self.names_its_subject

    @property
    def is_open(self) -> bool:
        """Whether anything of it may be made public."""
        return bool(self.public) or self.names_its_subject

    @property
    def ends(self) -> set[str]:
        """What a case may be called at its end."""
        return {
            one.ends_as or one.title
            for stage in self.stages
            for one in stage.outcomes
            if one.ends_as or not one.to
        }

    def stage(self, id_: str) -> Stage | None:
        return next((one for one in self.stages if one.id == id_), None)

    def paper(self, id_: str) -> Paper | None:
        return next((one for one in self.papers if one.id == id_), None)

    @property
    def is_confidential(self) -> bool:
        return bool(self.known_as)

    @property
    def is_kept_apart(self) -> bool:
        """Whether only those who stand at its very organisation see it."""
        return self.doorway is not None and self.doorway.kept_by is not None

    @property
    def is_begun_by_subject(self) -> bool:
        return self.starter.who == "subject"

    @property
    def asks_subject(self) -> bool:
        """Whether whoever begins it says whom it is about."""
        return self.subject is not None and not self.is_begun_by_subject

    def transition(self, since: date) -> Transition | None:
        """How one that runs under the wording of ``since`` is taken over."""
        return next((one for one in self.transitions if one.replaces == since), None)

    def specs(self, within: Stage | None = None) -> dict[str, FieldSpec]:
        """Every field of a case by id; the first where stages share one. What everyone on a roll
        fills in is each person's own: only that of the stage ``within`` is among them."""
        asked = [s for s in self.stages if not s.is_for_everyone or s is within]
        found: dict[str, FieldSpec] = {}
        for spec in [*self.fields, *(spec for stage in asked for spec in stage.fields)]:
            found.setdefault(spec.id, spec)
        return found
