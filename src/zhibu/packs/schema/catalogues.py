from typing import Literal

from pydantic import Field, model_validator

from zhibu.packs.schema.base import Item, Part, Slug


class Entry(Part):
    """One thing of a catalogue; its token elsewhere is publisher/slug:catalogue/entry."""

    id: Slug = Field(description="编号；目录是 leading-posts 的，写职务的编号")
    title: str = Field(min_length=1, max_length=40, description="名称")
    about: str = Field(default="", max_length=200, description="一句说明：哪些人算，或同意的是什么")
    otherwise: str = Field(
        default="", max_length=200, description="不同意会怎样，consent-purposes 必写"
    )


class Catalogue(Item):
    """A list of things that other items and records name by token."""

    of: Literal["member-groups", "consent-purposes", "leading-posts"] = Field(
        description="member-groups 党员的类别，consent-purposes 要本人同意才办的事，"
        "leading-posts 哪些职务算领导干部"
    )
    is_exclusive: bool = Field(
        default=False, description="一个人同时只能在一个类别里，编进一个就出另一个"
    )
    entries: list[Entry] = Field(min_length=1, max_length=60, description="目录里的各项")

    @model_validator(mode="after")
    def _is_whole(self) -> "Catalogue":
        ids = [entry.id for entry in self.entries]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"编号写了两遍：{'、'.join(twice)}")
        if self.is_exclusive and self.of != "member-groups":
            raise ValueError("is_exclusive 只在 member-groups 里写")
        for entry in self.entries:
            if bool(entry.otherwise) != (self.of == "consent-purposes"):
                raise ValueError(
                    f"{entry.id}：otherwise 在 consent-purposes 里必写，在别的目录里不写"
                )
        return self
