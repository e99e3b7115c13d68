from typing import Annotated

from pydantic import Field

from zhibu.packs.schema.base import Item, Slug

FieldName = Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+\.[a-z_]+$")]


class FieldNote(Item):
    """A sentence that stands beside fields of forms, with its article, where it is in force."""

    fields: list[FieldName] = Field(
        min_length=1, description="写在哪些栏旁边：表.栏，可用的见下面的表"
    )
    applies_to: list[Slug] = Field(min_length=1, description="哪些类别的组织")
    text: str = Field(min_length=1, max_length=120, description="写什么，一两句，说怎么填")
