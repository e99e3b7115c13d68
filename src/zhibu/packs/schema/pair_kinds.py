"""A kind of pair 结对: who keeps in touch with whom, or who is on duty in turn."""

from typing import Any, Literal

from pydantic import Field, model_validator

from zhibu.core.fields import Choice, FieldSpec
from zhibu.packs.schema.base import Days, Item, Length, Part, Slug, tightened

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
MINUTES = 24 * 60


class Side(Part):
    """One side of a link: what may stand there, how many links it has at a time."""

    field: FieldSpec = Field(
        description="这一方是什么：person 人、organization 组织、register-row 台账的一行；"
        "where 是要满足的条件"
    )
    most: int | None = Field(
        default=None,
        ge=1,
        description="一个最多同时有几个，本数在内；不写不限",
        json_schema_extra=tightened("down"),
    )
    gap: str = Field(
        default="",
        max_length=40,
        description="没有结上的列出来，叫什么，例如 没有联系人的户；不写不列",
    )


class LinkRule(Part):
    """Somebody or something is linked to another, and is heard of every so often."""

    who: Side = Field(description="联系的一方")
    whom: Side = Field(description="被联系的一方")
    contact_every: Days | None = Field(
        default=None, description="至少多久联系一次，ISO 8601 时长，本数在内；不写不要求"
    )
    registers: bool = Field(
        default=False,
        description="true 是报到：who 到 whom 那个组织报到，可以认领那里和下级的事，"
        "见程序的 registered_too；whom 要是组织，who 是人或者组织",
    )
    channels: list[Choice] = Field(min_length=1, max_length=20, description="怎么联系的，选一种")
    keep_needs: Days = Field(description="需要办的话留多久，从联系那天起；到期删去，日子和方式还在")


class Shift(Part):
    """One shift of a day; where it ends at or before it begins, it passes midnight."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=20, description="名称，例如 上半夜")
    starts: str = Field(pattern=CLOCK, description="几点起，例如 19:00")
    ends: str = Field(pattern=CLOCK, description="几点止；不晚于起的，是第二天")

    @property
    def span(self) -> tuple[int, int]:
        """Minutes from the midnight its day begins with."""
        since, until = (int(one[:2]) * 60 + int(one[3:]) for one in (self.starts, self.ends))
        return since, until if until > since else until + MINUTES


class RotaRule(Part):
    """People take turns at shifts."""

    shifts: list[Shift] = Field(
        default=[], max_length=6, description="一天几班，先后为序；不写是排班时写"
    )
    per_shift: int = Field(ge=1, le=20, description="一班几个人")
    rest: Length | None = Field(
        default=None, description="同一个人两班之间至少隔多久，本数在内，ISO 8601 时长；不写不要求"
    )


class PairKind(Item):
    """A kind of link, or a kind of rota."""

    of: Literal["link", "rota"] = Field(description="link 联系，rota 轮值")
    kept_by: list[Slug] = Field(min_length=1, description="哪些类别的组织有，组织类别")
    link: LinkRule | None = Field(default=None, description="联系怎么结，of 是 link 时写")
    rota: RotaRule | None = Field(default=None, description="轮值怎么排，of 是 rota 时写")

    @model_validator(mode="after")
    def _is_one(self) -> "PairKind":
        if (self.of == "link") != (self.link is not None):
            raise ValueError("of 是 link 的写 link，别的不写")
        if (self.of == "rota") != (self.rota is not None):
            raise ValueError("of 是 rota 的写 rota，别的不写")
        return self


def nested(shifts: list[Shift]) -> list[tuple[Shift, Shift]]:
    """Pairs of which the first lies inside the second, of this day or a neighbouring one."""
    found: list[tuple[Shift, Shift]] = []
    for one in shifts:
        for other in shifts:
            if one is other:
                continue
            since, until = one.span
            for days in (-1, 0, 1):
                begins, ends = (other.span[0] + days * MINUTES, other.span[1] + days * MINUTES)
                is_same = (since, until) == (begins, ends)
                if begins <= since and until <= ends and not is_same:
                    found.append((one, other))
    return found


def stored(shifts: list[Shift]) -> list[dict[str, Any]]:
    """Shifts as a rota keeps them."""
    return [one.model_dump() for one in shifts]
