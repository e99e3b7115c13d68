"""Who stands in a successor may look at what its predecessors left."""

from collections.abc import Iterator, Sequence

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat

from zhibu.core.paths import AFTER, nothing, under
from zhibu.core.standing import Standing, inherits
from zhibu.organizations.models import Succession


def takes_over(path: str) -> Exists:
    """Whether anything at or below the column ``path`` took the place of something elsewhere:
    asked along with the standings, so that nearly nobody needs a query of their own for it."""
    below, after = OuterRef(path), Concat(OuterRef(path), Value(AFTER))
    inside = Q(successor__path__gte=below, successor__path__lt=after)
    covered = Q(predecessor__path__gte=below, predecessor__path__lt=after)
    return Exists(Succession.objects.filter(inside).exclude(covered))


def _taken_over(held: Standing) -> Q:
    """Successions within ``held`` from places that it does not cover anyway."""
    if held.reach != "subtree":
        return Q(successor__path=held.path)
    return under(held.path, "successor__path") & ~under(held.path, "predecessor__path")


@inherits
def from_predecessors(standings: Sequence[Standing]) -> Iterator[Standing]:
    """Each standing again at every ended predecessor, theirs too; only to look.

    No query where no standing takes over anything; else one, and one more a generation.
    """
    seen: set[Standing] = set()
    asked = [held for held in standings if held.takes_over]
    while asked:
        scope = nothing()
        for held in asked:
            scope |= _taken_over(held)
        rows = Succession.objects.filter(scope, predecessor__dissolved_on__isnull=False)
        known = list(rows.values_list("successor__path", "predecessor__path", "predecessor"))
        asked = [
            _at(held, place, pk)
            for held in asked
            for successor, place, pk in known
            if held.covers(successor) and not held.covers(place)
        ]
        asked = [made for made in dict.fromkeys(asked) if made not in seen]
        seen |= set(asked)
        yield from asked


def _at(held: Standing, place: str, organization_id: int) -> Standing:
    return Standing(
        role=held.role,
        grants=frozenset(grant for grant in held.grants if grant.endswith(".view")),
        reach="subtree" if held.reach == "subtree" else "own",
        organization_id=organization_id,
        path=place,
        post=held.post,
    )
