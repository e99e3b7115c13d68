"""Links and rotas in worked examples: what is done, and what must come of it."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from zhibu.packs.schema.base import Part, Reference

TURN = r"^\d{4}-\d{2}-\d{2}/[a-z][a-z0-9-]*$"
By = Literal["organization", "above", "person"]
BY = "谁办的：organization 例子的组织的书记，above 上级的人，person 联系的人、轮值的人自己"


class GivenContact(Part):
    """A contact logged, or refused with a word beside the field."""

    on: date = Field(description="哪天记的")
    held_on: date | None = Field(default=None, description="哪天联系的，不写是当天")
    channel: str = Field(description="怎么联系的，选项编号")
    needs: str = Field(default="", description="需要办的话，没有不写")
    becomes: int | None = Field(default=None, ge=1, description="成了第几件事")
    struck_on: date | None = Field(default=None, description="哪天划去的")
    by: By = Field(default="above", description=BY)
    refused: dict[str, str] = Field(
        default={}, description="记不上时：栏目（held_on、channel、needs、who）= 提示里应有的话"
    )


class GivenLink(Part):
    """A link begun, and what became of it."""

    kind: Reference = Field(description="哪一种联系，包编号:编号")
    on: date = Field(description="哪天结的")
    since: date | None = Field(default=None, description="从哪天，不写是当天")
    until: date | None = Field(default=None, description="到哪天（不含），不写没有定")
    place: int = Field(default=1, ge=1, description="第几个组织的；联系的人是那个组织的")
    who: int = Field(ge=1, description="联系的一方：第几个人，组织是第几个，台账是第几行")
    whom: int = Field(ge=1, description="被联系的一方，同上")
    by: By = Field(default="above", description=BY)
    refused: dict[str, str] = Field(
        default={}, description="结不了时：栏目（who、whom、since、until、by）= 提示里应有的话"
    )
    contact: list[GivenContact] = Field(default=[], description="联系记录")
    ended_on: date | None = Field(default=None, description="从哪天起不再联系")
    voided_on: date | None = Field(default=None, description="哪天作废的")
    reason: str = Field(default="示例", description="为什么结束、作废")


class GivenTurnStep(Part):
    """A turn changed, offered, taken, exchanged or noted; or refused with a word."""

    on: date = Field(description="哪天办的")
    does: Literal["change", "offer", "exchange", "withdraw", "take", "came", "away"] = Field(
        description="做什么：change 手工换人，offer 让人替，exchange 提出和一班对换，"
        "withdraw 不让了，take 接下，came 记来了，away 记没来"
    )
    turn: str = Field(pattern=TURN, description="哪一班，日期/班次编号")
    person: int = Field(ge=1, description="这一班现在是第几个人的")
    to: int | None = Field(default=None, ge=1, description="换成、接下的是第几个人")
    with_turn: str | None = Field(default=None, pattern=TURN, description="对换哪一班")
    with_person: int | None = Field(default=None, ge=1, description="那一班是第几个人的")
    by: By = Field(default="person", description=BY)
    refused: str = Field(default="", description="不行时提示里应有的话")


class GivenRota(Part):
    """A rota drawn up, and what was changed in it."""

    kind: Reference = Field(description="哪一种轮值，包编号:编号")
    on: date = Field(description="哪天排的")
    since: date = Field(description="从哪天排")
    until: date = Field(description="排到哪天（不含）")
    place: int = Field(default=1, ge=1, description="第几个组织的")
    roll: list[int] = Field(min_length=1, description="轮值的是第几个人，先后为序")
    by: By = Field(default="above", description=BY)
    refused: dict[str, str] = Field(
        default={}, description="排不了时：栏目（roll、since、until、shifts、by）= 提示里应有的话"
    )
    step: list[GivenTurnStep] = Field(default=[], description="后来怎样了")


class ExpectLink(Part):
    """One link, or all of a kind below the committee that adopts, in the evening of a day."""

    on: date = Field(description="哪天看")
    kind: Reference = Field(description="哪一种联系")
    link: int | None = Field(default=None, ge=1, description="第几个联系")
    due_on: date | None = Field(default=None, description="最迟哪天要再联系")
    held: int | None = Field(default=None, ge=0, description="正在联系的几个")
    overdue: int | None = Field(default=None, ge=0, description="其中到期没有联系的几个")
    lacking_who: int | None = Field(default=None, ge=0, description="联系的一方没有结上的几个")
    lacking_whom: int | None = Field(default=None, ge=0, description="被联系的一方没有结上的几个")
    needs: int | None = Field(default=None, ge=0, description="还留着需要办的话的记录几条")
    became: int | None = Field(default=None, ge=0, description="成了事项的记录几条")
    opinions: int | None = Field(default=None, ge=0, description="报到的：带回的意见几条")
    claimed: int | None = Field(default=None, ge=0, description="报到的：认领的事几件")
    answered: int | None = Field(default=None, ge=0, description="报到的：其中答复了几件")
    channels: dict[str, int] = Field(default={}, description="方式编号 = 记录几条")

    @model_validator(mode="after")
    def _one_or_many(self) -> "ExpectLink":
        counts = (self.held, self.overdue, self.lacking_who, self.lacking_whom, self.needs,
                  self.became, self.opinions, self.claimed, self.answered)  # fmt: skip
        is_many = bool(self.channels) or any(one is not None for one in counts)
        if is_many == (self.link is not None):
            raise ValueError("写 link（一个的），或者写几个（数一数），只写一样")
        return self


class ExpectRota(Part):
    """The n-th rota in the evening of a day."""

    on: date = Field(description="哪天看")
    rota: int = Field(ge=1, description="第几个轮值")
    turns: dict[str, list[int]] = Field(
        default={}, description="日期/班次编号 = 第几个人，先后不论"
    )
    seats: int | None = Field(default=None, ge=0, description="一共几个班次")
    most: int | None = Field(default=None, ge=0, description="班最多的人几班")
    least: int | None = Field(default=None, ge=0, description="班最少的人几班")
    came: int | None = Field(default=None, ge=0, description="记了来的几班")
    offered: int | None = Field(default=None, ge=0, description="等人替的几班")
