from typing import Literal

from pydantic import Field

from zhibu.packs.schema.base import Item, Part, Reference


class Tighten(Part):
    """One field of another pack's item, made stricter."""

    of: Literal["duties", "activities", "procedures", "caps"] = Field(
        default="duties",
        description="收紧的是哪种条目：duties 应办，activities 活动，procedures 程序，caps 上限",
    )
    item: Reference = Field(description="收紧哪一条，包编号:条目编号，那个包要写进 requires")
    field: str = Field(
        min_length=1,
        description="哪一项，例如 times、entered_within、after.within、vote.majority.share，"
        "程序里带上步骤：stages.activist.waits.apply.at_least；"
        "列表里没有编号、也不写 after 的用第几个：stages.look.limits.1.within；"
        "只有标明方向的可以收紧",
    )
    value: int | str = Field(description="收紧到多少，要比原来严")


class Tightening(Item):
    """What an organisation asks for beyond a rule it did not make: stricter, nothing else."""

    tighten: list[Tighten] = Field(min_length=1, description="收紧的各项")
