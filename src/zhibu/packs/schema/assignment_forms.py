from typing import Any, Literal

from pydantic import Field, model_validator

from zhibu.core.fields import FieldSpec
from zhibu.packs.schema.base import NO_LIMIT, Days, Item


class AskedField(FieldSpec):
    """A field of a return. ``known`` names the measure that fills it in."""

    known: str = Field(default="", description="系统里已有的指标，自动填上；不用下面再数")
    known_with: dict[str, Any] = Field(
        default={}, description="指标的参数，指标要参数的写", json_schema_extra=NO_LIMIT
    )
    known_over: Literal["year", "month", "month-before"] = Field(
        default="year",
        description="数哪一段：year 今年，month 期限那天所在的月，month-before 它的上一个月",
    )

    @model_validator(mode="after")
    def _known_of_something(self) -> "AskedField":
        if not self.known and (self.known_with or self.known_over != "year"):
            raise ValueError("没有写 known，不用写 known_with、known_over")
        return self


class AssignmentForm(Item):
    """The return that a commission asks for: a few typed fields, and what filling them costs."""

    fields: list[AskedField] = Field(min_length=1, max_length=8, description="要交回的几项")
    minutes: int = Field(
        ge=1, le=240, description="填一份大约几分钟，发之前算给发的人看", json_schema_extra=NO_LIMIT
    )
    stale_after: Days | None = Field(
        default=None,
        description="多久没有新进展就标出来，只提醒，不判断，ISO 8601 时长",
        json_schema_extra=NO_LIMIT,
    )
