"""Decimals kept as whole numbers, so that both databases add them up exactly.

SQLite has no decimal type: its sums of decimals are binary fractions. A column of cents is
added, compared and indexed as integers are, and is a ``Decimal`` again when it is read.
"""

from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable

MOST = 10**15  # hundredths or thousandths; far below 2**53, which every client reads exactly


def whole(value: Any, places: int) -> int:
    """``value`` in units of the last of ``places`` decimal places.

    Raises:
        ValidationError: more places, no decimal or whole number, or too large.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise ValidationError(f"{value!r} 不是精确的数")
    scaled = Decimal(value).scaleb(places)
    if not scaled.is_finite() or scaled != scaled.to_integral_value() or abs(scaled) > MOST:
        raise ValidationError(f"{value} 最多写 {places} 位小数")
    return int(scaled)


def is_exact(value: Any, places: int) -> bool:
    try:
        whole(value, places)
    except ValidationError:
        return False
    return True


_ST_contra = TypeVar("_ST_contra", contravariant=True)
_GT_co = TypeVar("_GT_co", covariant=True)


class ExactField(models.Field[_ST_contra, _GT_co]):
    """A ``Decimal`` of at most ``places`` decimal places; sums of the column come out as one.

    What has more places, or is not a decimal or whole number, is refused and never rounded.
    """

    _pyi_private_set_type: Decimal | int | Combinable
    _pyi_private_get_type: Decimal
    _pyi_lookup_exact_type: Decimal | int

    def __init__(self, *args: Any, places: int, **kwargs: Any) -> None:
        self.places = places
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "places": self.places}

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None else Decimal(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return whole(value, self.places)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


class YuanField(ExactField[_ST_contra, _GT_co]):
    """Yuan as ``Decimal`` of two places; fen in the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("places", 2)
        super().__init__(*args, **kwargs)
