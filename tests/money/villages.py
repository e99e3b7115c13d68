"""Villages that take up seeds/one-matter, and what people do there step by step."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests import factories
from tests.cases.playing import noon
from tests.factories import SINCE
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions as cases
from zhibu.cases.steps import Step
from zhibu.people.models import Person

PACK = "seeds/one-matter"


@dataclass
class Village:
    """A branch, its secretary, and the head of its supervision committee."""

    branch: Any
    secretary: Any
    head: Any
    tellers: tuple[int, int]


def settled(tree, count):
    """So many villages in a county that has adopted the pack."""
    by = tree.system
    for pack in ("national/branch-life", PACK):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2026, 1, 1), by=by, at=noon(SINCE)
        )
    return [_village(tree, number) for number in range(1, count + 1)]


def _village(tree, number):
    by = tree.system
    branch = factories.organization(tree.east, by=by, name=f"卢庄{number}村党支部")
    body = factories.organization(
        branch, by=by, name=f"卢庄{number}村监委会", kind="supervision-committee"
    )
    secretary = factories.holder(branch, branch, "branch-secretary", by=by)
    head = factories.holder(branch, body, "branch-committee", by=by, title="主任")
    factories.member(branch, by=by, name=f"党员{number}")
    one, two, _ = Person.objects.belonging_to(branch.pk, date(2026, 3, 1)).order_by("pk")
    return Village(branch, secretary, head, (one.pk, two.pk))


def act(case, stage, outcome, *, by, on, totals=None, **values):
    turn = case.turns.open().get(stage=stage)
    step = Step(outcome=outcome, happened_on=on, values=values, totals=totals)
    return cases.act(turn, step, by=by, at=noon(on))


def posted(case, stage, since, until, by):
    turn = case.turns.open().get(stage=stage)
    for place in ("前路口", "后路口"):
        cases.post(
            turn, channel="张贴", place=place, posted_on=since, until=until, by=by, at=noon(since)
        )
