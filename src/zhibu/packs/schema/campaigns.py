"""A campaign 集中活动: a window over many units, in batches and phases, and what is to be done."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from zhibu.core.fields import FieldSpec
from zhibu.core.predicates import Condition
from zhibu.packs.schema.base import NO_LIMIT, Cite, Days, Item, Part, Reference, ShareText, Slug

Per = Literal["organization", "person"]


class Batch(Part):
    """Units that go together, with days of their own."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=20, description="名称，例如 第一批")
    applies_to: list[str] = Field(
        default=[], description="只要这些类别的组织；不写是活动里的全部类别"
    )
    when: Condition | None = Field(default=None, description="单位要满足的条件，开始时判断")
    by_hand: bool = Field(default=False, description="单位不按条件定，开始的时候一个一个选")

    @model_validator(mode="after")
    def _one_way(self) -> "Batch":
        if self.by_hand and (self.when or self.applies_to):
            raise ValueError(f"批次 {self.id} 是手工选的，不写 when 和 applies_to")
        return self


class Gate(Part):
    """A phase does not begin by itself: somebody opens it, once enough is done."""

    items: list[Slug] = Field(
        default=[], description="要先办好哪几项，项目编号；不写是上一阶段的全部必做项"
    )
    share: ShareText | None = Field(
        default=None, description='办好的单位占多少才能开，例如 "9/10"；不写是全部单位'
    )
    opener: Literal["leader", "unit"] = Field(
        default="leader",
        description="谁开：leader 发起的组织给一批单位一起开，unit 单位自己开，只看自己办好没有",
    )
    cites: list[Cite] = Field(min_length=1, description="依据")

    @model_validator(mode="after")
    def _share_of_many(self) -> "Gate":
        if self.opener == "unit" and self.share:
            raise ValueError("单位自己开的，只看自己办好没有，不写 share")
        return self


class Phase(Part):
    """A stretch of a batch's time: counted from its first day, or fixed in the calendar."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=20, description="名称")
    about: str = Field(default="", max_length=200, description="做什么，一两句")
    look_back: bool = Field(
        default=False, description="回头看：从前面的阶段都结束以后算起，不从批次开始那天算起"
    )
    after: Days = Field(
        default="P0D",
        description="从批次第一天（回头看从前面阶段结束的第二天）起隔多久开始，ISO 8601 时长",
    )
    lasts: Days | None = Field(default=None, description="多久，ISO 8601 时长")
    since: date | None = Field(default=None, description="哪天开始，各批都一样时写")
    last_on: date | None = Field(default=None, description="最后一天，和 since 一起写")
    gate: Gate | None = Field(default=None, description="开这一阶段的条件；不写是到日子就开始")
    cites: list[Cite] = Field(default=[], description="依据，不写是整个活动的依据")

    @model_validator(mode="after")
    def _one_measure(self) -> "Phase":
        is_fixed = self.since is not None or self.last_on is not None
        if is_fixed == (self.lasts is not None):
            raise ValueError(f"阶段 {self.id}：写 lasts，或者写 since 和 last_on，只写一样")
        if is_fixed and (self.since is None or self.last_on is None):
            raise ValueError(f"阶段 {self.id}：since 和 last_on 要一起写")
        if self.since and self.last_on and self.last_on < self.since:
            raise ValueError(f"阶段 {self.id}：最后一天早于开始那天")
        if is_fixed and "after" in self.model_fields_set:
            raise ValueError(f"阶段 {self.id}：写了日期，就不写 after")
        return self


class CaseEnd(Part):
    """Done by a case of a procedure that ended so."""

    procedure: Reference = Field(description="哪一种程序，包编号:程序编号")
    ended_as: list[str] = Field(
        default=[], description="办结时叫什么才算，例如 销号；不写是办结就算"
    )


class Entered(Part):
    """Done by a word of the unit, for what leaves no record elsewhere."""

    fields: list[FieldSpec] = Field(default=[], max_length=8, description="要填的几项，可以没有")


class CampaignItem(Part):
    """One thing to be done in a phase, by every unit or by every member of it."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=30, description="名称")
    about: str = Field(default="", max_length=200, description="怎么算办了，一两句")
    phase: Slug = Field(description="在哪个阶段，阶段编号")
    per: Per = Field(description="谁来办：organization 每个单位，person 单位里的每个人")
    required: bool = Field(default=True, description="true 规定动作；false 自选动作，没做不算缺")
    activities: list[Reference] = Field(
        default=[],
        description="记过这些活动之一就算办了（每个人的：本人到会），包编号:活动编号；不再另填",
    )
    times: int = Field(default=1, ge=1, le=50, description="要几次，只用于活动")
    case: CaseEnd | None = Field(
        default=None, description="有一件事这样办结就算办了（每个人的：责任人是本人）；不再另填"
    )
    entered: Entered | None = Field(default=None, description="没有别的记录，由单位确认")
    cites: list[Cite] = Field(default=[], description="依据，不写是整个活动的依据")

    @model_validator(mode="after")
    def _one_way(self) -> "CampaignItem":
        ways = [bool(self.activities), self.case is not None, self.entered is not None]
        if sum(ways) != 1:
            raise ValueError(f"项目 {self.id}：activities、case、entered 要写一样，也只写一样")
        if self.times > 1 and not self.activities:
            raise ValueError(f"项目 {self.id}：times 只用于活动")
        return self


class MakeUp(Part):
    """How long after its window something may be made up, and how that is seen."""

    items: list[Slug] = Field(min_length=1, description="哪几项可以补，项目编号")
    within: Days = Field(description="期限过后多久以内可以补，ISO 8601 时长")
    activities: list[Reference] = Field(
        default=[],
        description="到了这些活动之一也算补了，包编号:活动编号；不写是由单位确认补了",
    )
    cites: list[Cite] = Field(min_length=1, description="依据")


class Body(Part):
    """An office or a group that runs the campaign until it is over, perhaps its look-back too."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=30, description="名称，例如 活动办公室")
    through_look_back: bool = Field(
        default=False, description="true 是回头看也完了才撤；不写是前面的阶段完了就能撤"
    )


class Campaign(Item):
    """Something that a committee runs below it for a time."""

    short: str = Field(default="", max_length=8, description="简称")
    applies_to: list[str] = Field(min_length=1, description="哪些类别的组织参加")
    who: Condition | None = Field(
        default=None, description="每个人的项目算哪些人；不写是全部正式党员和预备党员"
    )
    batches: list[Batch] = Field(min_length=1, max_length=12, description="分几批，先后为序")
    phases: list[Phase] = Field(min_length=1, max_length=12, description="阶段，先后为序")
    items: list[CampaignItem] = Field(min_length=1, max_length=60, description="要办的项目")
    make_ups: list[MakeUp] = Field(default=[], description="补课、补做的规定")
    bodies: list[Body] = Field(
        default=[], max_length=12, description="工作机构，前面的阶段结束以前不撤"
    )
    tells_before: Days = Field(
        default="P14D",
        description="阶段开始前多久就在工作台上提一句",
        json_schema_extra=NO_LIMIT,
    )

    def phase(self, id_: str) -> Phase | None:
        return next((one for one in self.phases if one.id == id_), None)

    def item(self, id_: str) -> CampaignItem | None:
        return next((one for one in self.items if one.id == id_), None)

    def make_up(self, item: str) -> MakeUp | None:
        """The rule by which ``item`` is made up; None where there is none."""
        return next((one for one in self.make_ups if item in one.items), None)

    def batch(self, id_: str) -> Batch | None:
        return next((one for one in self.batches if one.id == id_), None)

    def asked_before(self, phase: Phase) -> list[CampaignItem]:
        """What the gate of ``phase`` asks to be done; [] without one."""
        if phase.gate is None:
            return []
        if phase.gate.items:
            return [one for one in self.items if one.id in phase.gate.items]
        place = self.phases.index(phase)
        before = self.phases[place - 1].id if place else ""
        return [one for one in self.items if one.phase == before and one.required]
