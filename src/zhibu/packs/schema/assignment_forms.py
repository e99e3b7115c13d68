from pydantic import Field

from zhibu.core.fields import FieldSpec
from zhibu.packs.schema.base import NO_LIMIT, Days, Item


class AskedField(FieldSpec):
    """A field of a return. ``known`` names the measure that fills it in."""

    known: str = Field(default="", description="系统里已有的指标，自动填上；不用下面再数")


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
