from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field, model_validator

from zhibu.core.fields import FieldSpec
from zhibu.packs.schema.base import NO_LIMIT, Cite, Days, Item, Part, Slug

Counts = Literal["calendar", "working-days"]
FieldId = str


class Actor(Part):
    """Whose turn it is, by standing on the day."""

    who: Literal["owner", "organization", "above"] = Field(
        description="轮到谁：owner 责任人，organization 本组织，above 上级组织"
    )
    posts: list[Slug] = Field(default=[], description="只轮到这些职务，职务编号；不写是都行")
    apart_from: list[Slug] = Field(
        default=[], description="不能是办过这些步骤的人，经办的不核验；写步骤编号"
    )


class Test(Part):
    """What a field of the case has to say, by constants."""

    __test__ = False
    field: FieldId = Field(description="字段编号")
    among: list[str] = Field(default=[], description="是这几个值之一；选择项写选项编号")
    filled: bool | None = Field(default=None, description="true 填了，false 没有填")

    @model_validator(mode="after")
    def _one_thing(self) -> "Test":
        if bool(self.among) == (self.filled is not None):
            raise ValueError("among 和 filled 要写一个，也只写一个")
        return self

    def holds(self, facts: dict[str, Any]) -> bool:
        """``facts`` are stored values by field id."""
        value = facts.get(self.field)
        is_filled = value not in (None, "", [])
        if self.filled is not None:
            return is_filled is self.filled
        values = value if isinstance(value, list) else [value]
        return any(str(one) in self.among for one in values)


def all_hold(tests: Iterable[Test], facts: dict[str, Any]) -> bool:
    return all(test.holds(facts) for test in tests)


class Need(Part):
    """Fields that must be filled where something is so."""

    when: list[Test] = Field(min_length=1, description="在什么情形下，全都要满足")
    fields: list[FieldId] = Field(min_length=1, description="这时必须填的字段")
    says: str = Field(min_length=1, max_length=80, description="没填时怎么提示")
    cites: list[Cite] = Field(min_length=1, description="依据")


class Wait(Part):
    """Not before so long after another stage was done."""

    after: Slug = Field(description="从哪一步办了算起，步骤编号；start 是开始那天")
    at_least: Days = Field(description="至少隔多久，ISO 8601 时长")
    counts: Counts = Field(
        default="calendar", description="怎么数：calendar 日历，working-days 工作日"
    )
    cites: list[Cite] = Field(min_length=1, description="依据")


class Limit(Part):
    """Within so long, or up to a day that a field names; late is a fact and blocks nothing."""

    within: Days | None = Field(default=None, description="多久以内，ISO 8601 时长")
    by_field: FieldId | None = Field(default=None, description="到哪个日期字段写的那天")
    after: Slug | None = Field(
        default=None, description="从哪一步办了算起；不写是从轮到的那天，start 是开始那天"
    )
    counts: Counts = Field(
        default="calendar", description="怎么数：calendar 日历，working-days 工作日"
    )
    extendable: bool = Field(default=False, description="上级能不能批准延期")
    cites: list[Cite] = Field(min_length=1, description="依据")

    @model_validator(mode="after")
    def _one_end(self) -> "Limit":
        if (self.within is None) == (self.by_field is None):
            raise ValueError("within 和 by_field 要写一个，也只写一个")
        if self.by_field and self.after:
            raise ValueError("by_field 已经写明哪天，不用写 after")
        return self


class Binding(Part):
    """What an outcome changes: an effect, its constants, and fields that fill the rest."""

    effect: str = Field(min_length=1, description="作用的名字")
    constants: dict[str, Any] = Field(
        default={}, description="固定的参数", json_schema_extra=NO_LIMIT
    )
    fields: dict[str, str] = Field(
        default={},
        description="取自这件事的参数：参数 = 字段编号，或 case.organization、case.person、"
        "case.owner、case.day（这一步办的那天）",
    )


class Outcome(Part):
    """How a turn may end, and what begins then."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=12, description="按钮上的字")
    to: list[Slug] = Field(default=[], description="接着开始哪些步骤；不写是不再开始")
    reason: bool = Field(default=False, description="要不要写原因")
    skips_fields: bool = Field(default=False, description="这样结束时不用填这一步的字段，例如退回")
    when: list[Test] = Field(default=[], description="在什么情形下才能这样，全都要满足")
    says: str = Field(default="", max_length=80, description="不能这样时怎么提示")
    cites: list[Cite] = Field(default=[], description="不能这样的依据")
    closes: bool = Field(default=False, description="整件事到此结束，别的步骤不用再办")
    ends_as: str = Field(default="", max_length=12, description="整件事办完时叫什么，例如 销号")
    effects: list[Binding] = Field(default=[], description="改变什么")

    @model_validator(mode="after")
    def _refusal_is_said(self) -> "Outcome":
        if self.when and not (self.says and self.cites):
            raise ValueError(f"结果 {self.id} 写了 when，就要写 says 和 cites")
        return self


class Stage(Part):
    """One step: whose turn, what is written down, not before, until when, how it ends."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=20, description="名称")
    about: str = Field(default="", max_length=200, description="怎么办，一两句")
    actor: Actor = Field(description="轮到谁")
    joins: list[Slug] = Field(default=[], description="这些步骤都办了才开始，步骤编号")
    fields: list[FieldSpec] = Field(default=[], description="要填的")
    needs: list[Need] = Field(default=[], description="什么情形下还必须填什么")
    waits: list[Wait] = Field(default=[], description="不能早于")
    limits: list[Limit] = Field(default=[], max_length=1, description="期限")
    outcomes: list[Outcome] = Field(min_length=1, max_length=6, description="怎么结束")
    cites: list[Cite] = Field(default=[], description="依据，不写是整件事的依据")

    @property
    def limit(self) -> Limit | None:
        return self.limits[0] if self.limits else None

    def outcome(self, id_: str) -> Outcome | None:
        return next((one for one in self.outcomes if one.id == id_), None)


class Reopening(Part):
    """Whether and by whom an ended case is taken up again, and where it goes on."""

    actor: Actor = Field(description="谁能重开")
    to: list[Slug] = Field(min_length=1, description="从哪些步骤接着办")
    cites: list[Cite] = Field(min_length=1, description="依据")


class Procedure(Item):
    """Something that somebody begins and that goes through stages to an outcome."""

    short: str = Field(default="", max_length=8, description="简称")
    starter: Actor = Field(description="谁能开始")
    has_owner: bool = Field(default=False, description="有没有责任人，一件事一个")
    fields: list[FieldSpec] = Field(default=[], description="开始时填的")
    needs: list[Need] = Field(default=[], description="开始时什么情形下还必须填什么")
    start: list[Slug] = Field(min_length=1, description="从哪些步骤开始")
    stages: list[Stage] = Field(min_length=1, max_length=60, description="步骤，先后为序")
    reopening: Reopening | None = Field(default=None, description="办完了能不能重开")
    stale_after: Days | None = Field(
        default=None,
        description="多久没有新进展就标出来，ISO 8601 时长",
        json_schema_extra=NO_LIMIT,
    )

    def stage(self, id_: str) -> Stage | None:
        return next((one for one in self.stages if one.id == id_), None)

    def specs(self) -> dict[str, FieldSpec]:
        """Every field of the procedure by id; the first where stages share one."""
        found: dict[str, FieldSpec] = {}
        for spec in [*self.fields, *(spec for stage in self.stages for spec in stage.fields)]:
            found.setdefault(spec.id, spec)
        return found
