"""What is public, what hangs, what could and ought to be made public."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from zhibu.core import disclosures, paths
from zhibu.core.dates import Period
from zhibu.core.disclosures import Status
from zhibu.organizations.models import Organization
from zhibu.people.models import Person
from zhibu.publishing import topics
from zhibu.publishing.models import (
    Edition,
    Posting,
    Publication,
    PublicationQuerySet,
    Voice,
    code_for,
    hash_of,
)
from zhibu.publishing.topics import Topic

if TYPE_CHECKING:
    from zhibu.accounts.models import User

# --- what anybody sees


def edition(place: int = Edition.WHOLE) -> int:
    """The number of what is seen in public of an organisation and below it, by its key, or of all;
    0 before anything was. One query."""
    return Edition.objects.filter(pk=place).values_list("number", flat=True).first() or 0


def editions(places: Collection[int]) -> dict[int, int]:
    """``edition`` of many at once; without those of which nothing was ever seen. One query."""
    return dict(Edition.objects.filter(pk__in=places).values_list("place", "number"))


def shown(today: date) -> PublicationQuerySet:
    """What anybody may read: for everybody, published by ``today``, neither withdrawn nor
    replaced by a later version, with their organisations; newest first. One query."""
    found = Publication.objects.published().filter(
        scope=Publication.Scope.SOCIETY, published_on__lte=today
    )
    return found.select_related("organization").newest_first()


def running(today: date) -> PublicationQuerySet:
    """Of these, the notices that hang on ``today``: first those that come down first. One query."""
    found = Publication.objects.running(today).filter(scope=Publication.Scope.SOCIETY)
    return found.select_related("organization").order_by("hang_until", "-pk")


def statuses(publications: Iterable[Publication]) -> dict[int, Status]:
    """By publication, how the record behind it stands now, of those that are followed and whose
    record is still known. One query a kind of record, whatever their number."""
    asked: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for one in publications:
        if one.is_followed and one.record is not None:
            asked[one.source][one.record].append(one.pk)
    found: dict[int, Status] = {}
    for source, records in asked.items():
        if source not in disclosures.names():
            continue
        for record, status in disclosures.get(source).status(list(records)).items():
            found |= dict.fromkeys(records[record], status)
    return found


def voice_by_code(code: str) -> Voice | None:
    """What was asked or objected with this code, with the publication and its organisation.
    One query."""
    if not code.strip():
        return None
    rows = Voice.objects.select_related("publication__organization")
    return rows.filter(code_hash=hash_of(code)).first()


def was_raised(publication: Publication, seal: str, *, kind: str, said: str, contact: str) -> bool:
    """Whether the very same came with this sum already: a double click. One query."""
    found = publication.voices.filter(code_hash=hash_of(code_for(seal))).first()
    return found is not None and found.says(kind=kind, said=said, contact=contact)


def answered_in_public(publication: Publication) -> list[Voice]:
    """Questions and objections that were answered for everybody, oldest first. One query."""
    return list(publication.voices.filter(in_public=True).order_by("answered_at", "pk"))


# --- what the people of an organisation see

VIEWS = {
    "way": "在办的",
    "published": "公开着的",
    "running": "在公示期里的",
    "review": "该再看一遍的",
    "over": "撤下、退回、有新版的",
    "all": "全部",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A publication in a list: the title of its topic, how many voices wait, whether it hangs."""

    publication: Publication
    topic: str
    waiting: int
    hangs: bool
    is_due_again: bool


def listed(
    user: "User", view: str, today: date, *, place: Organization | None = None, topic: str = "",
    text: str = "",
) -> PublicationQuerySet:  # fmt: skip
    """Those that ``user`` sees, at and below ``place``, newest first."""
    found = Publication.objects.visible_to(user)
    match view:
        case "way":
            found = found.open()
        case "published":
            found = found.published()
        case "running":
            found = found.running(today)
        case "review":
            found = found.published().filter(review_on__lte=today)
        case "over":
            states = (Publication.State.REPLACED, *STOPPED)
            found = found.filter(state__in=states)
    if place is not None:
        found = found.filter(paths.under(place.path, "organization__path"))
    if topic:
        found = found.filter(topic=topic)
    if text:
        found = found.filter(title__icontains=text)
    return found.select_related("organization").order_by("-proposed_at", "-pk")


STOPPED = (Publication.State.WITHDRAWN, Publication.State.RETURNED)


def lines(publications: Sequence[Publication], today: date) -> list[Line]:
    """In the given order. One query."""
    ids = [one.pk for one in publications]
    waiting = Voice.objects.open().filter(publication__in=ids).values("publication")
    counts = dict(waiting.annotate(rows=Count("pk")).values_list("publication", "rows"))
    titles = topics.titles()
    return [
        Line(
            one, titles.get(one.topic, one.topic), counts.get(one.pk, 0), one.hangs_on(today),
            one.is_standing and one.review_on is not None and one.review_on <= today,
        )
        for one in publications
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Due:
    """One topic in force at an organisation: what was last made public, and whether something is
    owed now. ``period`` is the one running, None where it is owed at once."""

    topic: Topic
    period: Period | None
    last: Publication | None
    is_done: bool
    underway: int

    @property
    def word(self) -> str:
        if self.period is None:
            return "有了就公开"
        return "公开了" if self.is_done else f"{self.period.last_day}前公开"


def due(organization: Organization, today: date) -> list[Due]:
    """Every topic in force there, in the order of the catalogues. Five queries."""
    asked = topics.in_force(organization, today)
    rows = Publication.objects.filter(organization=organization, topic__in=asked)
    last: dict[str, Publication] = {}
    for one in rows.filter(state__in=COUNTED).order_by("published_on", "pk"):
        last[one.topic] = one
    open_ = rows.open().values("topic").annotate(rows=Count("pk")).order_by()
    underway = dict(open_.values_list("topic", "rows"))
    found = []
    for token, topic in asked.items():
        period, newest = topic.period(today), last.get(token)
        on = newest.published_on if newest else None
        is_done = period is not None and on is not None and on in period
        found.append(Due(topic, period, newest, is_done, underway.get(token, 0)))
    return found


COUNTED = (Publication.State.PUBLISHED, Publication.State.REPLACED)


@dataclass(frozen=True, slots=True)
class Hung:
    """A posting with how many days it has hung by a day, and how many lack of what is asked."""

    posting: Posting
    days: int
    lacking: int

    @property
    def word(self) -> str:
        until = self.posting.until
        return f"到 {until}" if until else "还在"


def hung(publication: Publication, today: date) -> list[Hung]:
    """Where it was made public, oldest first. One query. A place that was taken down before the
    last day asked lacks days; one that still hangs lacks none."""
    found = []
    for posting in publication.postings.select_related("by").order_by("posted_on", "pk"):
        end = min(posting.until or today, today)
        days = max(0, (end - posting.posted_on).days + 1)
        lacking = 0
        last = publication.hang_until
        if last is not None and posting.until is not None and posting.until < last:
            lacking = (last - posting.until).days
        found.append(Hung(posting, days, lacking))
    return found


def versions(publication: Publication) -> list[Publication]:
    """The versions of the same thing that were let out, newest first; [] where there is but one.
    One query."""
    first = publication.first_id or publication.pk
    rows = Publication.objects.filter(Q(pk=first) | Q(first=first), state__in=Publication.OUT)
    found = list(rows.order_by("-version", "-pk"))
    return found if len(found) > 1 else []


@dataclass(frozen=True, slots=True)
class Readers:
    """Who ought to read a publication, by name: who said that they did, and who did not."""

    read: list[tuple[Person, datetime]]
    unread: list[Person]

    @property
    def total(self) -> int:
        return len(self.read) + len(self.unread)


def readers(publication: Publication, today: date) -> Readers:
    """Members of the organisation and of those below it, today; whoever else said so is counted
    as having read it too. Two queries."""
    receipts = publication.receipts.select_related("person").order_by("at", "pk")
    read = [(one.person, one.at) for one in receipts]
    done = {person.pk for person, _ in read}
    members = Person.objects.members_on(today).under(publication.organization.path)
    unread = [one for one in members.order_by("pk") if one.pk not in done]
    return Readers(read, unread)


def asks_receipts(publication: Publication) -> bool:
    """Whether its topic wants it read and said so. No query beyond the library's."""
    topic = topics.worded(publication.topic, publication.wording)
    return bool(topic and topic.rule.has_receipts)


def has_read(user: "User", publication: Publication) -> bool:
    """Whether ``user`` said so. One query at most."""
    me = user.person_id
    return me is not None and publication.receipts.filter(person=me).exists()


def voices(user: "User", *, waiting: bool) -> QuerySet[Voice]:
    """Those that ``user`` may answer, the longest waiting first; or answered ones, newest first."""
    rows = Voice.objects.visible_to(user).select_related("publication__organization")
    if waiting:
        return rows.open().order_by("at", "pk")
    return rows.exclude(answered_at=None).order_by("-answered_at", "-pk")
