from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from zhibu.core.fields import FieldSpec
from zhibu.core.quorum import Base, Rule, Share
from zhibu.packs.schema.base import Cite, Days, Item, Part, ShareText, Slug, tightened

Roll = Literal["members", "full-members", "committee", "group", "nobody"]


class ShareSpec(Part):
    """A share of a base: at least, or more than."""

    share: ShareText = Field(description='比例，例如 "1/2"', json_schema_extra=tightened("up"))
    more_than: bool = Field(default=False, description="true 是超过，false 是达到")
    of: Literal["entitled", "present", "cast"] = Field(
        description="基数：entitled 应到有表决权的，present 实到的，cast 赞成加反对"
    )

    @property
    def exact(self) -> Share:
        return Share(Fraction(self.share), strict=self.more_than, base=Base(self.of))


class VoteSpec(Part):
    """When a vote may be held and when it carries."""

    attendance: ShareSpec = Field(description="到会要求")
    majority: ShareSpec = Field(description="通过要求")
    cites: list[Cite] = Field(min_length=1, description="依据")

    @property
    def exact(self) -> Rule:
        """As ``core.quorum`` judges by it."""
        return Rule(self.attendance.exact, self.majority.exact)


class ThemeSpec(Part):
    """Whether a theme is asked for, filed with the level above, and how often it may return."""

    required: bool = Field(default=False, description="是否必须写主题")
    filed_above: bool = Field(default=False, description="计划的主题是否报上级")
    not_again_within: Days | None = Field(
        default=None, description="多久以内重复就提醒，本数在内，ISO 8601 时长"
    )


class ActivityKind(Item):
    """A kind of activity: who is expected, how votes are judged, what comes out of it."""

    short: str = Field(default="", max_length=12, description="简称")
    held_by: list[Literal["organization", "party-group", "pair"]] = Field(
        default=["organization"],
        description="谁开：organization 组织，party-group 党小组，"
        "pair 两个人谈（只记日期和两个人的确认）",
    )
    roll: Roll = Field(
        description="应到的人：members 全体党员，full-members 正式党员，committee 支委，"
        "group 本小组党员，nobody 不点名"
    )
    chaired_by: list[Slug] = Field(default=[], description="一般由谁主持，职务编号，先后为序")
    cites_chair: list[Cite] = Field(default=[], description="主持人的依据")
    has_speaker: bool = Field(default=False, description="是否有主讲人")
    vote: VoteSpec | None = Field(default=None, description="表决规则，没有就不能表决")
    theme: ThemeSpec = Field(default=ThemeSpec(), description="主题")
    outcomes: list[FieldSpec] = Field(default=[], description="成果，带单位的数量")

    @model_validator(mode="after")
    def _chair_is_cited(self) -> "ActivityKind":
        if self.chaired_by and not self.cites_chair:
            raise ValueError("写了 chaired_by 就要写 cites_chair")
        return self

    @model_validator(mode="after")
    def _a_talk_is_a_date(self) -> "ActivityKind":
        if "pair" not in self.held_by:
            return self
        asks = self.vote or self.outcomes or self.chaired_by or self.has_speaker
        if self.held_by != ["pair"] or self.roll != "nobody" or asks:
            raise ValueError("两个人谈的，held_by 只写 pair，roll 写 nobody，别的都不写")
        return self

    @property
    def is_a_talk(self) -> bool:
        return "pair" in self.held_by
