"""Bringing small rosters in, as a command or a page would."""

from datetime import datetime, timedelta
from typing import Any

from tests.conftest import NOON
from tests.imports.sheets import look
from zhibu.imports import actions
from zhibu.imports.checking import Preview
from zhibu.imports.models import Batch
from zhibu.imports.targets import Check, Ground


def clock() -> datetime:
    return NOON


def later() -> datetime:
    return NOON + timedelta(minutes=10)


def begin(by: Any, check: Check, preview: Preview) -> Batch:
    batch = actions.begin(
        file_name="名册.xlsx", file_digest="0" * 64, ground=check.ground, by=by, at=NOON
    )
    return actions.note_check(batch, preview)


def bring(
    by: Any,
    *sheets: tuple[str, list[list[Any]]],
    clean_only: bool = False,
    ground: Ground | None = None,
) -> Batch:
    """Check and apply sheets; the settled batch."""
    check, preview = look(by, *sheets, ground=ground)
    return apply(by, check, preview, clean_only=clean_only)


def apply(by: Any, check: Check, preview: Preview, *, clean_only: bool = False) -> Batch:
    return actions.apply(
        begin(by, check, preview),
        check=check,
        preview=preview,
        clean_only=clean_only,
        by=by,
        at=NOON,
        clock=clock,
    )
