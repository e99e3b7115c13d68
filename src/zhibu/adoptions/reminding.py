"""Telling those concerned, ahead of time, that a term is going to end.

How long ahead is the pack's word: a hint about terms names its ``reminders``. Which pack
holds where is known here, so the job is here and not with the tree.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.adoptions import queries
from zhibu.adoptions.queries import Shown
from zhibu.core import paths
from zhibu.core.dates import Duration
from zhibu.core.intervals import on_day
from zhibu.core.jobs import every
from zhibu.core.pacing import Pacer
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.organizations.models import Organization, Term
from zhibu.people.models import Holding

BATCH = 200
IN_CHARGE = ("branch-secretary", "committee-officer")

notice_kinds.register("term", "有组织快要届满")
Places = dict[str, set[int]]


@every("0 7 * * *", name="adoptions.remind_of_terms")
def remind_of_terms(at: datetime) -> int:
    """Notices of terms that end soon, each once a reminder; how many were due."""
    today = timezone.localdate(at)
    terms = list(
        Term.objects.filter(on_day(today), ends_on__gte=today, organization__dissolved_on=None)
        .select_related("organization")
        .order_by("pk")
    )
    due = 0
    pacer = Pacer()
    for start in range(0, len(terms), BATCH):
        with pacer.turn():
            due += _remind(terms[start : start + BATCH], today, at)
    return due


def _remind(terms: Collection[Term], today: date, at: datetime) -> int:
    """A handful of queries for all, and one insert a term that is due."""
    shown = queries.hints([term.organization for term in terms], today)
    due = [
        (term, ahead)
        for term in terms
        if (ahead := latest(shown[term.organization_id], term, today)) is not None
    ]
    told = _in_charge([term.organization for term, _ in due], today)
    for term, ahead in due:
        assert term.ends_on is not None
        days = (term.ends_on - today).days
        when = f"还有 {days} 天届满" if days else "今天届满"
        notify(
            told[term.organization_id],
            key=f"term:{term.pk}:{term.ends_on}:{ahead}",
            title=f"{term.organization.called}{when}，请准备换届",
            body=f"这一届 {term.ends_on} 届满。换届以后，请在组织页登记新一届。",
            url=term.organization.get_absolute_url(),
            at=at,
        )
    return len(due)


def latest(hints: Iterable[Shown], term: Term, today: date) -> str | None:
    """The last reminder whose day has come; earlier ones are not made up for."""
    assert term.ends_on is not None
    begun = {
        ahead: Duration.parse(ahead).before(term.ends_on)
        for shown in hints
        for ahead in shown.hint.reminders
    }
    past = [(day, ahead) for ahead, day in begun.items() if day <= today]
    return max(past)[1] if past else None


def _in_charge(organizations: Collection[Organization], on: date) -> dict[int, set[int]]:
    """Accounts of the secretary, and of the officers of the nearest committee above that has
    any. Two queries."""
    places = {place for o in organizations for place in paths.ancestors(o.path)}
    held = Holding.objects.in_post_on(on).filter(
        post__role__in=IN_CHARGE, post__organization__path__in=places
    )
    by_place: dict[tuple[str, str], set[int]] = defaultdict(set)
    for place, role, person in held.values_list("post__organization__path", "post__role", "person"):
        by_place[place, role].add(person)
    people: dict[int, set[int]] = {}
    for organization in organizations:
        above = reversed(paths.ancestors(organization.path))
        officers = (by_place.get((place, "committee-officer"), set()) for place in above)
        nearest: set[int] = next((found for found in officers if found), set())
        people[organization.pk] = nearest | by_place.get(
            (organization.path, "branch-secretary"), set()
        )
    everybody = {pk for found in people.values() for pk in found}
    rows = User.objects.able_to_sign_in().filter(person_id__in=everybody)
    accounts = dict(rows.values_list("person_id", "pk"))
    return {pk: {accounts[p] for p in found if p in accounts} for pk, found in people.items()}
