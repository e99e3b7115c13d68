"""What waits to be claimed, and who may claim it beside those who serve there.

A step that is claimed may say in its pack that whoever reported in there, or at a place above it,
may claim it too (``registered_too``). Who reported in where, an area above this one knows: it
registers with ``provides``. Such a one sees of a case what whoever asked for it was asked at the
door, until they claim it; then the whole of it (``Case.objects.visible_to``), for good.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Case as By
from django.db.models import F, IntegerField, Q, QuerySet, Value, When

from zhibu.cases.models import Case, Turn
from zhibu.core import fields, paths, standing
from zhibu.core.fields import FieldSpec
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure

if TYPE_CHECKING:
    from zhibu.accounts.models import User


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody reported in at ``place``, themselves or as one who acts for ``unit``: the unit
    they belong to, or that itself reported in."""

    place: Organization
    unit: Organization
    is_of_unit: bool = False

    def covers(self, organization: Organization) -> bool:
        return paths.is_under(organization.path, self.place.path)


Provider = Callable[["User", date], Iterable[Registration]]
_providers: list[Provider] = []


def provides(function: Provider) -> Provider:
    if function not in _providers:
        _providers.append(function)
    return function


def registrations(user: "User", on: date) -> list[Registration]:
    """Where ``user`` is reported in on a day, oneself before units. A query a provider."""
    found = [one for provider in _providers for one in provider(user, on)]
    return sorted(found, key=lambda one: (one.is_of_unit, one.place.path, one.unit.pk))


def covering(user: "User", organization: Organization, on: date) -> list[Registration]:
    """Those that let ``user`` claim what is answered at ``organization``."""
    return [one for one in registrations(user, on) if one.covers(organization)]


def _wordings() -> Iterator[tuple[str, Procedure]]:
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            for one in wordings:
                assert isinstance(one.item, Procedure)
                yield f"{pack.id}:{one.id}", one.item


def claimable(*, registered: bool = False) -> Q:
    """Turns at steps that are claimed; with ``registered`` only those that whoever reported in
    may claim."""
    found: dict[str, set[str]] = {}
    for reference, rule in _wordings():
        for stage in rule.stages:
            actor = stage.actor
            if actor.claimed and (actor.registered_too or not registered):
                found.setdefault(reference, set()).add(stage.id)
    among = Q(pk__in=[])
    for reference, stages in found.items():
        among |= Q(case__procedure=reference, stage__in=stages)
    return among


def waiting(user: "User", on: date) -> QuerySet[Turn]:
    """Open turns nobody claimed that ``user`` may claim: of what serves where they stand, and
    where they reported in. The pressing before the others, then by the nearest day. A query a
    provider, when it is made."""
    acts = standing.with_permission(user, "cases.act")
    own = {one.organization_id for one in acts if one.organization_id}
    here = Q(pk__in=[])
    if user.person_id is not None and own:
        here = claimable() & Q(organization__in=own, case__is_confidential=False)
    trees = {one.place.path for one in registrations(user, on)}
    if trees:
        reached = paths.within(trees, set(), "organization__path")
        here |= claimable(registered=True) & reached & Q(case__is_confidential=False)
    rows = Turn.objects.open().filter(here, is_claimed=False, case__state=Case.State.OPEN)
    rows = rows.select_related("case__organization", "organization")
    return rows.order_by(_urgency(), F("due_on").asc(nulls_last=True), "pk")


def _urgency() -> By:
    """The place of what a case says in the choices of its pack, the most pressing first; what
    says nothing comes last."""
    whens = []
    for reference, rule in _wordings():
        door = rule.doorway
        spec = rule.specs().get(door.urgency) if door and door.urgency else None
        for place, choice in enumerate(spec.choices if spec else []):
            said = {f"case__facts__{spec.id}": choice.id} if spec else {}
            whens.append(When(Q(case__procedure=reference, **said), then=Value(place)))
    return By(*whens, default=Value(len(whens)), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Line:
    """A turn that waits to be claimed, as lists tell of it. ``facts``: what whoever asked wrote
    at the door, title and words."""

    turn: Turn
    step: str
    urgency: str
    facts: list[tuple[str, str]]
    is_late: bool


def lines(turns: Iterable[Turn], today: date) -> list[Line]:
    """``turns`` come from ``waiting``. No query."""
    return [_line(turn, today) for turn in turns]


def _line(turn: Turn, today: date) -> Line:
    case, rule = turn.case, turn.case.rule
    specs, door = rule.specs(), rule.doorway
    asked = [one.field for one in door.asks] if door else []
    urgency = specs.get(door.urgency) if door and door.urgency else None
    return Line(
        turn, turn.rule(rule).title, _shown(case, urgency) if urgency else "",
        [(specs[name].title, _shown(case, specs[name])) for name in asked if name in case.facts],
        turn.is_late(today),
    )  # fmt: skip


def _shown(case: Case, spec: FieldSpec) -> str:
    stored = case.facts.get(spec.id)
    if stored is None:
        return ""
    kind = fields.get(spec.type)
    return kind.show(spec, kind.load(stored))
