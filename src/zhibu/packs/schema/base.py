import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from zhibu.core.dates import Duration

SLUG = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
PACK_ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*$"
REFERENCE = r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$"
TOPIC = r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*:[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$"
COUNTED = r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*:[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?$"
PRACTICE = r"^S\d{3}(\.\d+)?-\d+$"
SHOWN = r"^([a-z][a-z0-9]*(-[a-z0-9]+)*|tests(/\w+)+\.py::test_\w+)$"
LONGEST_MONTHS = 1200
LONGEST_DAYS = 36600

Seen = Literal["text", "page", "memory"]


class Part(BaseModel):
    """Base of every part: fixed once read, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def cited_parts(self, place: str = "") -> Iterator[tuple[str, "list[Cite]"]]:
        """Every list of citations here and inside, with its place: cites, vote.cites."""
        for name in type(self).model_fields:
            here = f"{place}.{name}" if place else name
            value = getattr(self, name)
            values = value if isinstance(value, list) else [value]
            cites = [one for one in values if isinstance(one, Cite)]
            if cites:
                yield here, cites
            for index, one in enumerate(values):
                if isinstance(one, Part) and not isinstance(one, Cite):
                    inner = f"{here}[{index}]" if isinstance(value, list) else here
                    yield from one.cited_parts(inner)


def _some_days(text: str) -> str:
    """A duration of whole days, months or years that a calendar can hold."""
    found = Duration.parse(text)
    if found.minutes:
        raise ValueError(f"“{text}”要按天、月、年写，不能带小时、分钟")
    if found.months > LONGEST_MONTHS or found.days > LONGEST_DAYS:
        raise ValueError(f"“{text}”太长，最长 100 年")
    return text


def _some_time(text: str) -> str:
    """A duration down to minutes that a calendar can hold."""
    found = Duration.parse(text)
    if found.months > LONGEST_MONTHS or found.days > LONGEST_DAYS:
        raise ValueError(f"“{text}”太长，最长 100 年")
    return text


def _a_share(text: Any) -> Any:
    if not isinstance(text, str) or not re.fullmatch(r"[1-9]\d{0,3}/[1-9]\d{0,3}", text):
        raise ValueError('比例写成分数的字符串，例如 "1/2"')
    if Fraction(text) > 1:
        raise ValueError("比例不能大于 1")
    return text


Length = Annotated[str, AfterValidator(_some_time)]
Days = Annotated[str, AfterValidator(_some_days)]
ShareText = Annotated[str, BeforeValidator(_a_share)]
Slug = Annotated[str, Field(pattern=SLUG)]
PackId = Annotated[str, Field(pattern=PACK_ID)]
Reference = Annotated[str, Field(pattern=REFERENCE)]
TopicToken = Annotated[str, Field(pattern=TOPIC)]
Counted = Annotated[str, Field(pattern=COUNTED)]
PracticeId = Annotated[str, Field(pattern=PRACTICE)]
Shown = Annotated[str, Field(pattern=SHOWN)]
Mark = Literal["carried", "partly", "not"]


class Cite(Part):
    """Where a rule stands, and how that was seen: its content, and its article number.

    The two are apart: a page may state a rule word for word without naming its article.
    """

    source: Slug = Field(description="sources.toml 里的来源")
    at: str = Field(
        default="", max_length=40, description="条款，例如 第十一条；文件里没有条款的不写"
    )
    seen: Seen = Field(
        description="内容怎么核的：text 读过条文，page 见于网页，memory 只凭记忆（不启用）"
    )
    article_seen: bool | None = Field(
        default=None,
        description="seen 是 page、又写了条款时要写：条款号见到没有。"
        "没有见到的，页面上注明条款号待核",
    )
    about: str = Field(default="", max_length=60, description="支持的是哪一点，有几条依据时写明")

    @model_validator(mode="after")
    def _says_whether_the_number_was_seen(self) -> "Cite":
        is_asked = self.seen == "page" and bool(self.at)
        if is_asked and self.article_seen is None:
            raise ValueError("见于网页的要写 article_seen：条款号见到了写 true，没有见到写 false")
        if not is_asked and self.article_seen is not None:
            raise ValueError("article_seen 只在 seen 是 page、又写了条款时写")
        return self

    @property
    def mark(self) -> str:
        """What has to stand beside the article wherever it is shown; "" where it was seen."""
        if self.seen == "memory":
            return "未核"
        return "条款号待核" if self.article_seen is False else ""

    @property
    def evidence(self) -> str:
        """How it was seen, in one sentence."""
        if self.seen == "text":
            return "读过条文。"
        if self.seen == "memory":
            return "只凭记忆，没有核过，不启用。"
        if not self.at:
            return "见于网页。"
        if self.article_seen:
            return "内容和条款号见于网页，没有对过原文。"
        return "内容见于网页，条款号没有见到，待核。"


class Item(Part):
    """Base of every dated item: what it is called, where it stands, which rows it carries."""

    title: str = Field(min_length=1, max_length=60, description="名称")
    about: str = Field(default="", max_length=400, description="一两句说明")
    cites: list[Cite] = Field(min_length=1, description="依据，至少一条")
    practice: list[PracticeId] = Field(default=[], description="对应的实践编号")

    def all_cites(self) -> list[Cite]:
        return [cite for _, cites in self.cited_parts() for cite in cites]

    @property
    def is_confirmed(self) -> bool:
        """Whether some citation was seen; an item resting on memory alone is off."""
        return any(cite.seen != "memory" for cite in self.cites)


class Look(Part):
    """What somebody found who held a practice against its material anew, and where it is shown."""

    mark: Mark = Field(description="carried 承担，partly 部分，not 没有做到；拿不准的往低里写")
    on: date = Field(description="哪天读的")
    verb: Shown | None = Field(
        default=None, description="哪个例子办了这件事本身；程序里的写 tests/….py::test_…"
    )
    gap: Shown | None = Field(default=None, description="哪个例子列出还缺的，或者拒绝不该办的")
    figure: Shown | None = Field(
        default=None, description="哪个例子里是材料的数，一个不差；材料没有写数的不写"
    )
    missing: str = Field(default="", max_length=200, description="不是承担的写还缺什么")

    @model_validator(mode="after")
    def _says_what_it_rests_on(self) -> "Look":
        if self.mark == "carried" and not (self.verb and self.gap):
            raise ValueError("承担的要写 verb 和 gap：哪个例子办了，哪个例子列出缺的或者拒绝")
        if (self.mark == "carried") == bool(self.missing):
            raise ValueError("不是承担的要写 missing：还缺什么；承担的不写")
        return self

    @property
    def shown(self) -> list[str]:
        return [one for one in (self.verb, self.gap, self.figure) if one]


class Reading(Look):
    """A practice of the pack, read a second time against its material."""

    practice: PracticeId = Field(description="实践编号")


class Meta(Part):
    """pack.toml."""

    id: PackId = Field(description="出版者/名称，与文件夹一致")
    title: str = Field(min_length=1, max_length=60, description="名称")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$", description="版本，三段数字")
    format: Literal[1] = Field(description="格式版本")
    kind: Literal["national", "local", "seed"] = Field(
        description="national 全国规定，local 地方或单位做法，seed 来自经验材料"
    )
    language: Literal["zh-Hans"] = Field(description="语言")
    about: str = Field(min_length=1, max_length=600, description="管什么，给谁用")
    requires: list[PackId] = Field(default=[], description="要先有的制度包")
    left_open: list[str] = Field(default=[], description="这一版没有做到的，写明白")
    readings: list[Reading] = Field(
        default=[], description="对着材料再读一遍的结果；有条目、有例子的实践都要有一条"
    )


class Source(Part):
    """One law, regulation, notice or local document."""

    title: str = Field(min_length=1, description="文件名称")
    short: str = Field(min_length=1, description="简称，写在页面上")
    issuer: str = Field(default="", description="制定机关")
    in_force_from: date | None = Field(default=None, description="施行日期")
    in_force_until: date | None = Field(default=None, description="废止日期")
    address: str = Field(default="", description="可以查到的地址")
    note: str = Field(default="", description="说明")


class Term(Part):
    """A label for a word of the practice."""

    zh: str = Field(min_length=1, description="中文")
    en: str = Field(default="", description="英文")
    about: str = Field(default="", description="解释")


def tightened(direction: Literal["up", "down"]) -> dict[str, Any]:
    """Marks a limit that a lower organisation may make stricter, in this direction only."""
    return {"tighten": direction}


NO_LIMIT: dict[str, Any] = {"limit": False}
