from pydantic import Field

from zhibu.packs.schema.base import NO_LIMIT, Item, Slug


class PostKind(Item):
    """A kind of post: where it exists and what its holder may do."""

    of: list[Slug] = Field(min_length=1, description="哪些类别的组织设，party-group 是党小组")
    role: Slug = Field(description="任职的人有什么权限，角色编号")
    also_called: list[str] = Field(default=[], description="名册里的其他叫法")
    in_committee: bool = Field(default=False, description="是否委员会成员")
    apart_from: list[Slug] = Field(
        default=[],
        description="不能和哪些职务一个人担任，职务编号；看同一个组织的，和设在同一个上级的",
    )
    rank: int = Field(
        default=50, ge=1, le=99, description="页面上的先后", json_schema_extra=NO_LIMIT
    )
    public: bool = Field(default=False, description="谁任这个职务，姓名是否给群众看；不写是不给看")
    seats: int = Field(default=1, ge=1, le=30, description="几个人", json_schema_extra=NO_LIMIT)
