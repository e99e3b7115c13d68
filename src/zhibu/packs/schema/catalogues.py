from typing import Literal

from pydantic import Field, model_validator

from zhibu.packs.schema.base import NO_LIMIT, Cite, Days, Item, Part, Reference, Slug, tightened
from zhibu.packs.schema.procedures import Counts, counted_in_days

Cadence = Literal["month", "quarter", "half-year", "year", "at-once"]


class Origin(Part):
    """Records that a topic is drawn from."""

    of: str = Field(min_length=1, max_length=60, description="从哪一种记录里出，见“公开内容”")
    only: list[Reference] = Field(
        default=[], description="只用按这些程序办的，包编号:程序编号；不写是都可以"
    )


class Question(Part):
    """Something that the checker looks at and says so."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=60, description="要看什么，审核的人一条一条打勾")


class Disclosed(Part):
    """How a topic is made public."""

    scope: Literal["society", "party", "unit", "people"] = Field(
        description="给谁看：society 社会，party 全党，unit 本地区、本单位，people 点名的人"
    )
    cadence: Cadence = Field(
        description="多久一次：month、quarter、half-year、year，at-once 有了就公开"
    )
    posted_at_least: Days | None = Field(
        default=None,
        description="至少公布多久，公开那天是第一天；不写是不限",
        json_schema_extra=tightened("up"),
    )
    posted_counts: Counts = Field(
        default="calendar", description="怎么数：calendar 日历，working-days 工作日"
    )
    held_by: list[Slug] = Field(min_length=1, description="哪些类别的组织公开")
    fields: list[Slug] = Field(default=[], description="只在哪些领域；不写是都可以")
    drafted_from: list[Origin] = Field(
        default=[], description="从哪些记录里出，不用另写；不写的只能自己写"
    )
    checks: list[Question] = Field(min_length=1, max_length=8, description="审核时看什么")
    checked_by: list[Slug] = Field(
        default=[], description="审核的人任哪些职务，职务编号；不写是有审核权限的人"
    )
    approved_by: list[Slug] = Field(
        default=[], description="审批的人任哪些职务，职务编号；不写是有审批权限的人"
    )
    has_receipts: bool = Field(default=False, description="要不要党员看过以后签收")
    review_after: Days | None = Field(
        default=None, description="多久以后再看一遍还用不用", json_schema_extra=NO_LIMIT
    )
    cites: list[Cite] = Field(default=[], description="依据，不写是整个目录的依据")

    @model_validator(mode="after")
    def _posted_in_days(self) -> "Disclosed":
        counted_in_days(self.posted_counts, self.posted_at_least)
        return self

    @model_validator(mode="after")
    def _asks_each_once(self) -> "Disclosed":
        ids = [one.id for one in self.checks]
        if len(set(ids)) != len(ids):
            raise ValueError("checks 里编号重复")
        return self


class Entry(Part):
    """One thing of a catalogue; its token elsewhere is publisher/slug:catalogue/entry."""

    id: Slug = Field(description="编号；目录是 leading-posts 的，写职务的编号")
    title: str = Field(min_length=1, max_length=40, description="名称")
    about: str = Field(default="", max_length=200, description="一句说明：哪些人算，或同意的是什么")
    otherwise: str = Field(
        default="", max_length=200, description="不同意会怎样，consent-purposes 必写"
    )
    disclosure: Disclosed | None = Field(default=None, description="怎么公开，disclosures 必写")


class Catalogue(Item):
    """A list of things that other items and records name by token."""

    of: Literal["member-groups", "consent-purposes", "leading-posts", "disclosures"] = Field(
        description="member-groups 党员的类别，consent-purposes 要本人同意才办的事，"
        "leading-posts 哪些职务算领导干部，disclosures 公开哪些事"
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
            if (entry.disclosure is None) == (self.of == "disclosures"):
                raise ValueError(f"{entry.id}：disclosure 在 disclosures 里必写，在别的目录里不写")
        return self
