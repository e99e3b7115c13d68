"""Who stands in a successor may look at what its predecessors left."""

from collections.abc import Iterator, Sequence

from django.db.models import BooleanField, F, Func, Q

from zhibu.core.paths import AFTER, nothing, under
from zhibu.core.standing import Standing, inherits
from zhibu.organizations.models import Succession


class TakesOver(Func):
    """Whether anything at or below a column of paths took the place of something elsewhere:
    asked along with the standings, so that nearly nobody needs a query of their own for it.

    Written as SQL, the same on both databases: every page asks it, and the same question built
    from models took longer to build than to answer.
    """

    template = (
        "exists (select 1 from organizations_succession s"
        " join organizations_organization heir on heir.id = s.successor_id"
        " join organizations_organization gone on gone.id = s.predecessor_id"
        " where heir.path >= %(expressions)s and heir.path < %(expressions)s || '%(after)s'"
        " and not (gone.path >= %(expressions)s and gone.path < %(expressions)s || '%(after)s'))"
    )
    output_field = BooleanField()
    arity = 1

    def __init__(self, path: str) -> None:
        super().__init__(F(path), after=AFTER)


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
