"""A cap 上限: how many rows of a register an organisation may have in a period."""

from typing import Literal

from pydantic import Field

from zhibu.packs.schema.base import Item, Reference, Slug, tightened


class Cap(Item):
    """Counted from the register itself: what is not written there is not approved."""

    applies_to: list[Slug] = Field(min_length=1, description="限的是哪些类别的组织的行")
    book: Reference = Field(description="数哪本台账的行，包编号:台账编号；作废的不数")
    counted: list[Slug] = Field(
        default=[], description="只数台账 counted_by 那一栏是这些的，选项编号；不写是都数"
    )
    together: bool = Field(
        default=False,
        description="true 是采用的组织和它下面的合在一起数，例如全县的名额；false 是各算各的",
    )
    alike: list[str] = Field(
        default=[], description="哪几栏一样的放在一起数，例如同一轮；不写是都在一起"
    )
    per: Literal["week", "month", "quarter", "half-year", "year", "ever"] = Field(
        description="多长时间里数，看开始的那天：week、month、quarter、half-year、year，ever 一直数"
    )
    most: int = Field(ge=0, description="最多几行，本数在内", json_schema_extra=tightened("down"))
    over_with: str = Field(
        default="", description="写了这一栏的可以超，例如 超出的理由；不写是不能超，台账的栏"
    )
