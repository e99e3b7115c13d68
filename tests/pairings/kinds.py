"""The shipped kinds of pair, and how tests use them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from tests.conftest import NOON
from zhibu.accounts.models import User
from zhibu.adoptions import actions as adoptions
from zhibu.core.fields import Named
from zhibu.organizations.models import Organization
from zhibu.pairings import actions, queries, rotas
from zhibu.pairings.drafts import LinkDraft, RotaDraft
from zhibu.pairings.models import Link, Rota
from zhibu.pairings.queries import rule_of
from zhibu.people.models import Person

ROSTER, ESTATE = "seeds/link-roster", "seeds/estate-rota"
HOUSEHOLDS, MEMBERS = f"{ROSTER}:households", f"{ROSTER}:members"
BOOK = f"{ROSTER}:households"
DUTY, WATCH = f"{ESTATE}:duty", f"{ESTATE}:site-watch"
WORDED = date(2000, 1, 1)


@contextmanager
def adopted(tree) -> Iterator[None]:
    """Both packs in use in the county."""
    for pack in (ROSTER, ESTATE):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
    yield


def begin(
    place: Organization, who: int, whom: int, *, by: User, kind: str = HOUSEHOLDS,
    since: date = date(2026, 3, 1), until: date | None = None,
) -> Link:  # fmt: skip
    held = queries.in_force(place, NOON.date(), "link")[kind]
    return actions.begin_link(
        place, LinkDraft(who=Named(who, ""), whom=Named(whom, ""), since=since, until=until),
        kind=kind, wording=held.wording.since, rule=rule_of(held), by=by, at=NOON,
    )  # fmt: skip


def draw(
    place: Organization, people: list[Person], *, by: User, kind: str = DUTY,
    since: date = date(2026, 11, 16), until: date = date(2026, 11, 30),
) -> Rota:  # fmt: skip
    held = queries.in_force(place, NOON.date(), "rota")[kind]
    return rotas.draw_up(
        place, RotaDraft(title="", since=since, until=until, roll=[one.pk for one in people]),
        kind=kind, wording=held.wording.since, rule=rule_of(held), by=by, at=NOON,
    )  # fmt: skip
