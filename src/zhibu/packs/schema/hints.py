from typing import Literal

from pydantic import Field

from zhibu.core.predicates import Condition
from zhibu.packs.schema.base import NO_LIMIT, Days, Item, Slug


class Hint(Item):
    """A remark shown where a condition holds; it obliges nobody and is never counted."""

    subject: Literal["organization"] = Field(default="organization", description="说的是谁")
    applies_to: list[Slug] = Field(min_length=1, description="哪些类别的组织")
    when: Condition = Field(description="什么情况下提示")
    text: str = Field(min_length=1, max_length=200, description="提示的话，说事实和可以怎么办")
    reminders: list[Days] = Field(
        default=[],
        description="本届届满前多久各发一次消息，ISO 8601 时长；只有说届期的提示能写",
        json_schema_extra=NO_LIMIT,
    )
    is_call_for_help: bool = Field(default=False, description="上级总览里是否列为可能需要帮一把")
