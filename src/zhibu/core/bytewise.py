from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class BytewiseCharField(models.CharField):  # type: ignore[type-arg]
    """Text compared code point by code point on both databases, for range searches."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """PostgreSQL's own name for the type: under the name ``varchar`` Django would make a
        second index for patterns, which a bytewise one answers as well, and which a move of a
        subtree would have to write once more a row."""
        known = super().db_type(connection)
        if connection.vendor == "postgresql" and known:
            return known.replace("varchar", "character varying")
        return known

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
