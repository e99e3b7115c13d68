"""A register 台账: rows with columns of the pack, each holding over ``[since, until)``."""

from typing import Literal

from pydantic import Field, model_validator

from zhibu.core.fields import Choice, FieldSpec
from zhibu.core.predicates import Condition
from zhibu.packs.schema.base import Cite, Days, Item, Part, Slug

HOLDER = "organization"


class Writer(Part):
    """Who may write rows."""

    who: Literal["organization", "above"] = Field(
        default="organization",
        description="谁写：organization 这个组织的人（上级也可以），above 只由上一级写",
    )
    posts: list[Slug] = Field(
        default=[], description="只由任这些职务的人写，职务编号；不写是有权限的都可以"
    )


class Gaps(Part):
    """Organisations that ought to hold a valid row; those that do not are listed."""

    kinds: list[Slug] = Field(
        default=[], description="哪些类别的组织应有；不写是 held_by 里的全部类别"
    )
    when: Condition | None = Field(default=None, description="还要满足的条件，看的那天判断")
    filled_by: list[Slug] = Field(
        default=[], description="counted_by 那一栏填了哪些才算有，选项编号；不写是有一行就算"
    )
    says: str = Field(min_length=1, max_length=40, description="缺的叫什么，例如 没有活动场所的村")
    cites: list[Cite] = Field(default=[], description="依据，不写是整个台账的依据")


class Alike(Part):
    """Rows that look as if they belonged together: a remark, never a refusal."""

    columns: list[str] = Field(min_length=1, description="哪几栏一样")
    per: Literal["week", "month"] | None = Field(
        default=None, description="开始的那天还在同一个 week 或 month 里；不写是什么时候都算"
    )
    says: str = Field(min_length=1, max_length=60, description="怎么提示，例如 可以合并")
    cites: list[Cite] = Field(default=[], description="依据，不写是整个台账的依据")


class RowNumbering(Part):
    """How rows are numbered: counted up, a number is never given again."""

    code: str = Field(
        min_length=1,
        max_length=12,
        pattern=r"^[^\s〔〕{}]+$",
        description="代字，编成 代字〔年〕几号；不分年的编成 代字几号",
    )
    scope: Literal["organization", "county"] = Field(
        default="organization", description="在哪里连着编：organization 本组织，county 全县"
    )
    by_year: bool = Field(default=True, description="每年从 1 号起；false 是一直编下去")


class Register(Item):
    """A ledger that organisations keep."""

    short: str = Field(default="", max_length=12, description="简称")
    held_by: list[Slug] = Field(min_length=1, description="哪些类别的组织有，组织类别")
    row: str = Field(
        default="记录", min_length=1, max_length=12, description="一行叫什么，例如 场所、合同"
    )
    writer: Writer = Field(default=Writer(), description="谁能写")
    readers: Literal["staff", "members"] = Field(
        default="staff",
        description="谁能看：staff 本组织的书记、委员和上级，members 另加本组织的党员",
    )
    columns: list[FieldSpec] = Field(min_length=1, max_length=20, description="各栏")
    called_by: str = Field(default="", description="哪一栏当一行的名称；不写是第一栏")
    subject: str = Field(default="", description="说的是哪个人，人的那一栏；本人看得到这一行")
    key: list[str] = Field(
        default=[],
        description="哪几栏合起来不能重：同一天不能有两行一样的；organization 是哪个组织的",
    )
    alike: Alike | None = Field(
        default=None, description="哪些行看上去是一回事，登记、批准时提示；不拦着"
    )
    counted_by: str = Field(default="", description="按哪一栏数，选择项")
    closed_columns: list[str] = Field(
        default=[], description="不公开的栏：有权看不公开内容的人和本人才看得到"
    )
    public_columns: list[str] = Field(
        default=[], description="群众页面上看得到的栏；不写是整本台账都不给群众看"
    )
    ends: Literal["open", "asked", "required"] = Field(
        default="asked",
        description="登记时写不写到哪天：open 不写，结束时再说；asked 有就写；required 必写",
    )
    longest: Days | None = Field(default=None, description="最长多久，ISO 8601 时长，本数在内")
    warn_before: Days | None = Field(
        default=None, description="到期前多久列为快到期，本数在内，ISO 8601 时长"
    )
    ended_as: list[Choice] = Field(default=[], description="结束时选一种怎么结束的；不写就不选")
    gaps: Gaps | None = Field(default=None, description="哪些组织应有、没有的列出来")
    numbering: RowNumbering | None = Field(default=None, description="怎样编号；不写不编号")

    @model_validator(mode="after")
    def _days_fit(self) -> "Register":
        if self.ends == "open" and (self.longest or self.warn_before):
            raise ValueError("ends 是 open 的没有到期日，不写 longest、warn_before")
        return self

    def column(self, name: str) -> FieldSpec | None:
        return next((spec for spec in self.columns if spec.id == name), None)

    @property
    def name_column(self) -> FieldSpec:
        """The column a row is called by."""
        return self.column(self.called_by) or self.columns[0]
