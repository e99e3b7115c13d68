"""The accounts a book may have. Areas above add their own; nothing here is one practice's."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models


class Kind(models.TextChoices):
    """``plan`` and ``promise`` stand beside the money: what may be spent, what was promised."""

    ASSET = "asset", "资金"
    LIABILITY = "liability", "应付"
    INCOME = "income", "收入"
    EXPENSE = "expense", "支出"
    PLAN = "plan", "预算"
    PROMISE = "promise", "认捐"


CREDIT = (Kind.LIABILITY, Kind.INCOME, Kind.PLAN, Kind.PROMISE)


@dataclass(frozen=True, slots=True)
class Known:
    """An account by its code. ``may_go_negative``: whether what it holds may fall below nothing;
    ``is_contra``: the other side of plan or promise, which has no meaning of its own."""

    code: str
    kind: Kind
    name: str
    may_go_negative: bool = False
    is_contra: bool = False

    @property
    def is_plan(self) -> bool:
        """Part of the ceiling."""
        return self.kind == Kind.PLAN and not self.is_contra

    @property
    def is_source(self) -> bool:
        return self.kind == Kind.INCOME

    @property
    def is_use(self) -> bool:
        return self.kind == Kind.EXPENSE


CASH = "cash"
PLAN, PLAN_SIDE = "plan", "plan-side"
PROMISE, PROMISE_SIDE = "promise", "promise-side"
SELF_RAISED = "self-raised"

_known: dict[str, Known] = {}


def register(accounts: Iterable[Known]) -> None:
    for account in accounts:
        if account.code in _known:
            raise ValueError(f"科目 {account.code} 登记了两次")
        _known[account.code] = account


def get(code: str) -> Known:
    """Raises ``KeyError`` for a code nobody registered."""
    return _known[code]


def codes() -> list[str]:
    return list(_known)


def sources() -> list[Known]:
    """Where money may come from, in order."""
    return [one for one in _known.values() if one.is_source]


def plan_for(source: str) -> str:
    """The account of what a source is planned to give; "" is the plan that names none.

    Raises:
        KeyError: there is no such source.
    """
    return get(f"{PLAN}-{source}" if source else PLAN).code


def plans() -> list[Known]:
    """The parts of the ceiling."""
    return [one for one in _known.values() if one.is_plan]


def uses() -> list[Known]:
    """What it may be spent on, in order."""
    return [one for one in _known.values() if one.is_use]


register(
    (
        Known(CASH, Kind.ASSET, "资金"),
        Known(SELF_RAISED, Kind.INCOME, "群众自筹"),
        Known("subsidy", Kind.INCOME, "财政奖补"),
        Known("collective", Kind.INCOME, "集体投入"),
        Known("donated", Kind.INCOME, "社会捐助"),
        Known("allotted", Kind.INCOME, "上级拨款"),
        Known("works", Kind.EXPENSE, "工程"),
        Known("materials", Kind.EXPENSE, "材料"),
        Known("wages", Kind.EXPENSE, "工钱"),
        Known("compensation", Kind.EXPENSE, "补偿"),
        Known("returned", Kind.EXPENSE, "退还"),
        Known("other-use", Kind.EXPENSE, "其他支出"),
        Known(PLAN, Kind.PLAN, "预算"),
        Known(PLAN_SIDE, Kind.PLAN, "预算对应", may_go_negative=True, is_contra=True),
        Known(PROMISE, Kind.PROMISE, "认捐"),
        Known(PROMISE_SIDE, Kind.PROMISE, "认捐对应", may_go_negative=True, is_contra=True),
    )
)
register([Known(f"{PLAN}-{one.code}", Kind.PLAN, f"{one.name}预算") for one in sources()])
