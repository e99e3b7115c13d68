import re
from calendar import monthrange
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from zhibu.core import facts
from zhibu.core.dates import MONTHS, Duration, Every, Weekday
from zhibu.core.predicates import Condition
from zhibu.packs.schema.base import (
    NO_LIMIT,
    Counted,
    Days,
    Item,
    Part,
    Reference,
    Slug,
    tightened,
)

Holder = Literal["organization", "party-group", "post", "person", "pair", "register-row"]
PERSONAL = ("person", "pair")
EVERY_WORDS: dict[str, str] = {
    "week": "每周",
    "month": "每月",
    "quarter": "每季度",
    "half-year": "每半年",
    "year": "每年",
}


def _a_day_of_every_year(text: str) -> str:
    if not re.fullmatch(r"\d\d-\d\d", text):
        raise ValueError(f"“{text}”要写成 MM-DD，例如 10-01")
    month, day = int(text[:2]), int(text[3:])
    if not (1 <= month <= 12 and 1 <= day <= monthrange(2001, month)[1]):
        raise ValueError(f"“{text}”不是每年都有的日子")
    return text


MonthDay = Annotated[str, AfterValidator(_a_day_of_every_year)]


def is_topic(reference: str) -> bool:
    """Whether ``pack:catalogue/entry``, and not ``pack:activity``."""
    return "/" in reference.partition(":")[2]


class Season(Part):
    """A part of the year, ``[since, until)``; it may run over New Year."""

    since: MonthDay = Field(description="从哪天，MM-DD")
    until: MonthDay = Field(description="到哪天（不含），MM-DD")

    @model_validator(mode="after")
    def _has_days(self) -> "Season":
        if self.since == self.until:
            raise ValueError("since 和 until 不能是同一天")
        return self

    def of(self, year: int) -> tuple[date, date]:
        """The season that begins in ``year``."""
        since = date.fromisoformat(f"{year}-{self.since}")
        return since, date.fromisoformat(f"{year + (self.until < self.since)}-{self.until}")

    def holds(self, day: date) -> bool:
        here = f"{day:%m-%d}"
        if self.since < self.until:
            return self.since <= here < self.until
        return here >= self.since or here < self.until

    def in_words(self) -> str:
        return f"{_month_day(self.since)}起、{_month_day(self.until)}前"


def _month_day(text: str) -> str:
    return f"{int(text[:2])}月{int(text[3:])}日"


class Anniversary(Part):
    """Owed every year in the calendar period that holds the day's anniversary."""

    fact: str = Field(description="哪个日期，例如 became_full_on")
    held_in: Every = Field(description="在周年日所在的哪种周期里办：week、month 等")


class After(Part):
    """Owed from a day on which something happened, up to so long after it."""

    fact: str | None = Field(default=None, description="哪个日期；和 kinds 写一个")
    kinds: list[Reference] = Field(default=[], description="哪些活动开过以后，包编号:活动编号")
    within: Days = Field(
        description="多久以内办，最后一天算在内", json_schema_extra=tightened("down")
    )

    @model_validator(mode="after")
    def _one_ground(self) -> "After":
        if (self.fact is None) == (not self.kinds):
            raise ValueError("fact 和 kinds 要写一个，也只写一个")
        return self


class Before(Part):
    """Owed from so long before a day, up to that day."""

    fact: str = Field(description="哪个日期，例如 term_ends_on")
    notice: Days = Field(
        description="提前多久开始办，第一天算在内", json_schema_extra=tightened("up")
    )


class Partner(Part):
    """Whom each may talk with, looked at on the day of the talk."""

    posts: list[Slug] = Field(
        default=[], description="任哪些职务的人，职务编号；不写是本组织的任何一名党员"
    )
    of: Literal["organization", "above"] = Field(
        default="organization", description="职务在本组织还是在上级：organization、above"
    )

    @model_validator(mode="after")
    def _posts_above(self) -> "Partner":
        if self.of == "above" and not self.posts:
            raise ValueError("of 是 above 时要写 posts")
        return self


class DayRule(Part):
    """The fixed day of a period on which the duty is due."""

    weekday: Weekday = Field(description="星期几")
    nth: int = Field(ge=-5, le=5, description="第几个，-1 是最后一个")
    shift: Literal["none", "next-working-day"] = Field(
        default="none", description="逢节假日：none 不动，next-working-day 顺延到下一个工作日"
    )

    @model_validator(mode="after")
    def _counts(self) -> "DayRule":
        if self.nth == 0:
            raise ValueError("nth 从 1 数起，或从 -1 倒数")
        return self


class DutyItem(Part):
    """Something done on the occasion: required ones gate completion, others are never missing."""

    id: Slug = Field(description="编号")
    title: str = Field(min_length=1, max_length=40, description="名称")
    required: bool = Field(description="必选还是自选")


class Duty(Item):
    """Something every holder of a kind must do again and again."""

    short: str = Field(default="", max_length=12, description="简称，用在表头")
    holder: Holder = Field(
        description="谁的事：organization 组织，party-group 党小组，post 职务，person 个人，"
        "pair 每个人和一个人谈，register-row 台账的一行"
    )
    applies_to: list[Slug] = Field(min_length=1, description="哪些类别的组织")
    post: Slug | None = Field(default=None, description="holder 是 post 时，职务编号")
    who: Condition | None = Field(
        default=None, description="holder 是 person、pair 时，组织里的哪些人，说的是个人的条件"
    )
    with_one_of: Partner | None = Field(
        default=None, description="holder 是 pair 时，和谁谈，记录时再选是哪一个"
    )
    rows_of: Reference | None = Field(
        default=None, description="holder 是 register-row 时，哪个台账，包编号:台账编号"
    )
    every: Every | None = Field(
        default=None,
        description="周期：week、month、quarter、half-year、year；"
        "every、anniversary、after、before 写一个",
    )
    season: Season | None = Field(
        default=None, description="一年里的哪一段；every 是 year 时这一段就是周期"
    )
    anniversary: Anniversary | None = Field(default=None, description="某个日期的周年")
    after: After | None = Field(default=None, description="某件事以后多久以内")
    before: Before | None = Field(default=None, description="某个日期以前多久起")
    times: int = Field(
        default=1, ge=1, le=60, description="每个周期至少几次", json_schema_extra=tightened("up")
    )
    day: DayRule | None = Field(default=None, description="固定在周期里的哪天")
    preferred: list[int] = Field(
        default=[],
        description="一般放在周期里的第几个月，只提醒，不判断",
        json_schema_extra=NO_LIMIT,
    )
    judged_on: Literal["start", "end"] = Field(
        default="start", description="条件看周期的第一天还是最后一天"
    )
    when: Condition | None = Field(default=None, description="条件，不满足就不适用")
    fulfilled_by: list[Counted] = Field(
        min_length=1,
        description="哪些活动算，包编号:活动编号；或者公开了哪些事算，包编号:目录/事项编号",
    )
    credited_through: Literal["speaker", "chair", "present"] | None = Field(
        default=None,
        description="凭什么算：speaker 主讲，chair 主持（holder 是 post 时二选一），"
        "present 到会（holder 是 person 时不写就是到会）",
    )
    entered_within: Days = Field(
        default="P0D",
        description="周期结束后多久以内记录不算补记",
        json_schema_extra=tightened("down"),
    )
    items: list[DutyItem] = Field(default=[], description="规定动作和自选动作")
    refines: Reference | None = Field(
        default=None, description="在哪一条基础上加要求；两条都在用时只按这一条办"
    )

    @model_validator(mode="after")
    def _fits(self) -> "Duty":
        self._holder_fits()
        self._trigger_fits()
        self._is_held_or_published()
        if self.day and self.times != 1:
            raise ValueError("固定在一天的，times 只能是 1")
        if self.day and self.every == "week" and abs(self.day.nth) != 1:
            raise ValueError("每周只有一个这样的星期几，nth 写 1")
        months = MONTHS.get(self.every, 0) if self.every else 0
        if any(not 1 <= month <= months for month in self.preferred):
            raise ValueError(f"preferred 要在 1 到 {months} 之间")
        if len({item.id for item in self.items}) != len(self.items):
            raise ValueError("items 里编号重复")
        return self

    def _holder_fits(self) -> None:
        for name, value, holders in (
            ("post", self.post, ("post",)),
            ("who", self.who, PERSONAL),
            ("with_one_of", self.with_one_of, ("pair",)),
            ("rows_of", self.rows_of, ("register-row",)),
        ):
            if (value is not None) != (self.holder in holders):
                raise ValueError(f"holder 是 {'、'.join(holders)} 时要写 {name}，不是就不要写")
        through = self.credited_through
        if self.holder == "post" and through not in ("speaker", "chair"):
            raise ValueError("holder 是 post 时要写 credited_through，speaker 或 chair")
        if through is not None and self.holder not in ("post", "person"):
            raise ValueError("credited_through 只在 holder 是 post、person 时写")
        if self.is_personal and self.items:
            raise ValueError("holder 是 person、pair 的不写 items：规定动作是会上的，不是一个人的")

    def _is_held_or_published(self) -> None:
        topics = [one for one in self.fulfilled_by if is_topic(one)]
        if not topics:
            return
        if len(topics) != len(self.fulfilled_by):
            raise ValueError("fulfilled_by 要么都是活动，要么都是公开的事")
        if self.holder != "organization" or self.items or (self.after and self.after.kinds):
            raise ValueError("公开了就算的，holder 写 organization，不写 items、after.kinds")

    def _trigger_fits(self) -> None:
        triggers = [self.every, self.anniversary, self.after, self.before]
        if sum(one is not None for one in triggers) != 1:
            raise ValueError("every、anniversary、after、before 要写一个，也只写一个")
        if self.every is None and (self.season or self.day):
            raise ValueError("season、day 只和 every 一起写")
        if self.season and self.day and self.every == "year":
            raise ValueError("一年一段的，不再写 day")
        if self.after and self.after.kinds and self.is_personal:
            raise ValueError("某次活动以后要办的，holder 不能是 person、pair")
        if self.after and set(self.after.kinds) & set(self.fulfilled_by):
            raise ValueError("after.kinds 和 fulfilled_by 不能是同一种活动")

    @property
    def is_personal(self) -> bool:
        """Whether persons owe it, each for himself."""
        return self.holder in PERSONAL

    @property
    def is_published(self) -> bool:
        """Whether what is made public counts, not what is held."""
        return is_topic(self.fulfilled_by[0])

    @property
    def fact(self) -> str | None:
        """The dated fact it is reckoned from, where it is."""
        for trigger in (self.anniversary, self.after, self.before):
            if trigger is not None:
                return trigger.fact
        return None

    @property
    def tests_of_people(self) -> Condition:
        return self.who or Condition()

    @property
    def grace(self) -> Duration:
        return Duration.parse(self.entered_within)

    @property
    def required_items(self) -> frozenset[str]:
        return frozenset(item.id for item in self.items if item.required)

    def in_words(self) -> str:
        """每季度 1 次, 每月第一个星期五, 届满日前6个月起办 1 次."""
        if self.every is None:
            return f"{self._ground_in_words()}办 {self.times} 次"
        every = EVERY_WORDS[self.every]
        season = f"（{self.season.in_words()}）" if self.season else ""
        if self.day is None:
            return f"{every}{season} {self.times} 次"
        names = dict(zip(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
                          "sunday"), "一二三四五六日", strict=True))  # fmt: skip
        nth = "最后一个" if self.day.nth == -1 else f"第{'一二三四五'[abs(self.day.nth) - 1]}个"
        shift = "，逢节假日顺延" if self.day.shift == "next-working-day" else ""
        return f"{every}{season}{nth}星期{names[self.day.weekday]}{shift}"

    def _ground_in_words(self) -> str:
        day = facts.get(self.fact).title if self.fact else ""
        if self.anniversary:
            word = EVERY_WORDS[self.anniversary.held_in].removeprefix("每")
            return f"{day}周年所在的{word}里"
        if self.before:
            return f"{day}前{Duration.parse(self.before.notice).in_words()}起"
        assert self.after is not None
        return f"{day or '开过以后'}{Duration.parse(self.after.within).in_words()}以内"
