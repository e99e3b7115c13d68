"""Named figures that areas offer to scorecards, reports and packs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Grain = Literal["organization", "person", "party-group"]


class Params(BaseModel):
    """Base of a measure's parameters; strict, nothing extra."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def offered(cls, ids: Sequence[int], on: date) -> "list[Offer]":
        """What the measure can be asked for at ``ids``, for a page to choose from."""
        return [Offer("", "", cls())]


@dataclass(frozen=True, slots=True)
class Offer:
    """Parameters by a key for addresses, and what they are called."""

    key: str
    title: str
    params: Params


@dataclass(frozen=True, slots=True)
class Figure:
    """A count out of a total as of a day. ``total`` is None where the measure is a plain count.

    Unknown is ``count is None``, never 0. A sum in yuan or in another unit is an exact decimal.
    """

    count: int | Decimal | None
    total: int | None
    on: date

    @property
    def share(self) -> float | None:
        if self.count is None or not self.total:
            return None
        return float(self.count / self.total)


Compute = Callable[[Sequence[int], date, date, date, Any], dict[int, Figure]]


@dataclass(frozen=True, slots=True)
class Measure:
    """``compute(ids, since, until, on, params)``: one figure an id, over ``[since, until)``.

    ``smallest_group`` is the fewest people a figure may speak of when shown outside the
    organisation it is about; 0 where it does not speak of people.
    """

    name: str
    title: str
    unit: str
    grain: Grain
    explanation: str
    params: type[Params]
    compute: Compute
    smallest_group: int = 0

    def outside(self, figure: Figure) -> Figure:
        """The figure as shown outside the organisation it is about: small groups hidden."""
        if figure.count is not None and 0 < figure.count < self.smallest_group:
            return Figure(None, None, figure.on)
        return figure


_registry: dict[str, Measure] = {}


def measure(
    name: str,
    *,
    title: str,
    unit: str,
    grain: Grain,
    params: type[Params] = Params,
    smallest_group: int = 0,
) -> Callable[[Compute], Compute]:
    """Register the function; its docstring is the explanation shown beside the figure."""

    def register(function: Compute) -> Compute:
        if name in _registry:
            raise ValueError(f"指标 {name} 登记了两次")
        explanation = (function.__doc__ or "").strip()
        _registry[name] = Measure(
            name, title, unit, grain, explanation, params, function, smallest_group
        )
        return function

    return register


def get(name: str) -> Measure:
    """Raises ``KeyError`` for a name nobody registered."""
    return _registry[name]


def names() -> list[str]:
    return sorted(_registry)
