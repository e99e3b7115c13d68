"""What cases tell of a person in the file they may take along, and when two become one."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from zhibu.cases.models import Ballot, Case, Turn
from zhibu.core.dossier import section
from zhibu.core.merging import points_to_person


@section(
    "负责的事项",
    order=65,
    columns=("事情", "哪个组织", "开始", "怎样了", "哪天结束"),
    covers=(Case, Turn),
)
def cases(person_id: int) -> Iterator[tuple[Any, ...]]:
    rows = Case.objects.filter(owner=person_id).select_related("organization")
    for case in rows.order_by("started_on", "pk"):
        state = case.ended_as or case.get_state_display()
        yield case.title, case.organization.name, case.started_on, state, case.ended_on


@section(
    "说到本人的事项",
    order=66,
    columns=("事情", "哪个组织", "开始", "怎样了", "哪天结束"),
    covers=(),
)
def about(person_id: int) -> Iterator[tuple[Any, ...]]:
    """Those the pack shows to whom they are about."""
    rows = Case.objects.filter(person=person_id, is_shown_to_person=True)
    for case in rows.select_related("organization").order_by("started_on", "pk"):
        state = case.ended_as or case.get_state_display()
        yield case.title, case.organization.name, case.started_on, state, case.ended_on


@section(
    "和别人一起答复的",
    order=66,
    columns=("事情", "哪个组织", "哪一步", "哪天", "怎么答复"),
    covers=(),
)
def answers(person_id: int) -> Iterator[tuple[Any, ...]]:
    """What the person was asked as everyone on a roll was, and what they, or somebody for them,
    said."""
    rows = Turn.objects.filter(person=person_id, round__isnull=False)
    for turn in rows.select_related("case__organization").order_by("opened_on", "pk"):
        case = turn.case
        stage = turn.rule(case.rule)
        outcome = stage.outcome(turn.outcome)
        said = outcome.title if outcome else turn.get_state_display()
        title = case.rule.known_as or case.title
        yield title, case.organization.name, stage.title, turn.happened_on, said


@section(
    "监票、计票",
    order=67,
    columns=("哪一次表决", "哪个组织", "哪天", "做什么"),
    covers=(Ballot,),
)
def tellings(person_id: int) -> Iterator[tuple[Any, ...]]:
    """Votes whose record the person signed; never how anybody voted."""
    mine = Q(teller_one=person_id) | Q(teller_two=person_id)
    rows = Ballot.objects.filter(mine).select_related("turn", "case__organization")
    for ballot in rows.order_by("turn__happened_on", "pk"):
        role = "监票" if ballot.teller_one_id == person_id else "计票"
        case = ballot.case
        title = case.rule.known_as or case.title
        yield title, case.organization.name, ballot.turn.happened_on, role


points_to_person(Case, "owner_id", record=(Case, "pk"))
points_to_person(Turn, "person_id", record=(Case, "case_id"))
points_to_person(Case, "person_id", record=(Case, "pk"))
points_to_person(Ballot, "teller_one_id", record=(Case, "case_id"))
points_to_person(Ballot, "teller_two_id", record=(Case, "case_id"))
