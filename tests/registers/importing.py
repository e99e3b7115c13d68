"""Handing in a table of rows, as the page would."""

from datetime import datetime
from typing import Any

from tests.conftest import NOON, TODAY
from tests.registers import books
from zhibu.imports import actions, checking
from zhibu.imports.checking import Preview
from zhibu.imports.models import Batch
from zhibu.imports.reading import Book, Sheet
from zhibu.imports.targets import Check, Ground
from zhibu.organizations.models import Organization
from zhibu.registers.importing import TARGET

HELPERS, CONTACTS = TARGET.subject(books.HELPERS), TARGET.subject(books.CONTACTS)
HEADINGS = ("组织代码", "谁", "岗位", "月薪", "电话", "从哪里来", "从哪天", "到哪天（不含）")


def clock() -> datetime:
    return NOON


def at(place: Organization) -> Ground:
    return Ground(place.pk, place.path, place.called)


def look(
    by: Any, place: Organization, *rows: tuple[Any, ...], headings: Any = HEADINGS,
    subject: str = HELPERS, today: Any = TODAY, name: str = "台账",
) -> tuple[Check, Preview]:  # fmt: skip
    """Check a table below ``headings``."""
    sheet = Sheet(name, [list(headings), *map(list, rows)])
    check = Check(by, at(place), today, subject=subject)
    return checking.check_book(Book([sheet]), check, file_name="台账.xlsx")


def told(preview: Preview) -> list[tuple[int | None, str | None, str]]:
    return [(fault.row, fault.column, fault.code) for fault in preview.errors]


def begin(by: Any, check: Check, preview: Preview) -> Batch:
    batch = actions.begin(
        file_name="台账.xlsx", file_digest="0" * 64, ground=check.ground, subject=check.subject,
        by=by, at=NOON,
    )  # fmt: skip
    return actions.note_check(batch, preview)


def apply(by: Any, check: Check, preview: Preview, *, clean_only: bool = False) -> Batch:
    return actions.apply(
        begin(by, check, preview), check=check, preview=preview, clean_only=clean_only, by=by,
        at=NOON, clock=clock,
    )  # fmt: skip


def bring(by: Any, place: Organization, *rows: Any, **more: Any) -> Batch:
    check, preview = look(by, place, *rows, **more)
    assert preview.errors == [], preview.errors
    return apply(by, check, preview)
