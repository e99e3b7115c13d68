"""Cases of the invented procedures, begun and driven through the real actions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.cases import invented
from tests.conftest import NOON, TODAY
from tests.factories import Tree
from zhibu.accounts.models import User
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions
from zhibu.cases.models import Case
from zhibu.cases.steps import Faulty, Step, Totals
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.reading import Pack

BEGAN = date(2026, 11, 2)


@contextmanager
def adopted(tree: Tree, pack: Pack | None = None) -> Iterator[Pack]:
    """The invented pack, in force in the whole county."""
    pack = pack or invented.pack()
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2018, 1, 1), by=tree.system, at=NOON
        )
        yield pack


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def begin(
    place: Organization, name: str, *, by: User, on: date = BEGAN, at: datetime | None = None,
    title: str = "一件事", since: date = invented.SINCE, values: dict[str, Any] | None = None,
    **more: Any,
) -> Case:  # fmt: skip
    return actions.start(
        place, procedure=f"demo/small:{name}", wording=since, title=title, values=values or {},
        on=on, by=by, at=at or noon(on), **more,
    )  # fmt: skip


def act(
    case: Case, stage: str, outcome: str, *, by: User, on: date = TODAY, at: datetime | None = None,
    reason: str = "", totals: Totals | None = None, **values: Any,
) -> Case:  # fmt: skip
    turn = case.turns.open().get(stage=stage)
    step = Step(outcome=outcome, happened_on=on, values=values, reason=reason, totals=totals)
    return actions.act(turn, step, by=by, at=at or noon(on))


def told(case: Case, stage: str, outcome: str, **more: Any) -> dict[str, str]:
    """What is said to be wrong; nothing is done."""
    with pytest.raises(Faulty) as refused:
        act(case, stage, outcome, **more)
    return refused.value.faults


def stands(case: Case) -> list[str]:
    return sorted(case.turns.open().values_list("stage", flat=True))
