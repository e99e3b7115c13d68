"""What residents see of an organisation: what it let out, and what packs declare public.

An organisation is open where it offers something: it has published for everybody, or a procedure
with a door is in force for its kind. So are those above it, by whose pages one comes to it.
Everything else is not there for whoever has no account. Nothing here asks who is asking.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from django.db.models import Count, Max, Min, Q, TextField
from django.db.models.functions import Cast, Length, Substr
from django.utils import timezone

from zhibu.adoptions.models import Adoption
from zhibu.cases.models import Case
from zhibu.core import masking, once, paths, searching
from zhibu.core.disclosures import Status
from zhibu.ledger import proofs
from zhibu.organizations import queries as organizations
from zhibu.organizations.models import Class, Field, Kind, Organization, OrganizationQuerySet
from zhibu.packs import catalogues, library
from zhibu.packs.schema.procedures import Procedure
from zhibu.people import queries as people
from zhibu.people.queries import Known
from zhibu.portal import queries as tickets
from zhibu.portal.models import Ticket
from zhibu.publishing import queries as publishing
from zhibu.publishing.models import Posting, Publication, PublicationQuerySet, Voice
from zhibu.registers import queries as registers
from zhibu.registers.queries import Told

UNDER_WAY = ("running", "late", "open")
MOST = 5  # of a list on a home page
FEWEST = 5  # requests, or answers about them, of which a figure is told
ONLINE = "online"
MOST_SUMS, LONGEST_SUM = 2, 24  # of one row, characters
MOST_FOUND = 30  # organisations in a search

# --- who is there


def _with_door(day: date) -> list[str]:
    """Ids of packs with a procedure that residents can begin, as worded on ``day``. No query."""
    return [
        pack.id
        for pack in library.packs().values()
        if any(
            (wording := pack.wording_on("procedures", wordings[0].id, day))
            and wording.item.is_confirmed
            and has_door(wording.item)
            for wordings in pack.wordings("procedures")
        )
    ]


def has_door(item: object) -> bool:
    """Whether residents can come in by this procedure, on a page and of themselves."""
    door = item.doorway if isinstance(item, Procedure) else None
    return door is not None and ONLINE in door.channels


def offering(day: date) -> OrganizationQuerySet:
    """Organisations that offer residents something of their own. One query to ask where packs
    with a door are adopted, none where there is no such pack."""
    offered = Q(pk__in=publishing.shown(day).order_by().values("organization"))
    for fields, top in _adopted(day):
        offered |= paths.under(top) & (Q(field__in=fields) if fields else Q())
    rows: OrganizationQuerySet = Organization.objects.filter(offered, dissolved_on=None)
    return rows


def _adopted(day: date) -> list[tuple[list[str], str]]:
    """Where a pack with a door holds: for which fields (none: all) below which path. One query a
    request, none where there is no such pack."""
    packs = _with_door(day)
    if not packs:
        return []
    rows = Adoption.objects.in_force_on(day).filter(pack__in=packs, reach=Adoption.Reach.SUBTREE)
    found = rows.values_list("fields", "organization__path")
    return once.read("portal.adopted", day, lambda: list(found))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where residents ask instead: the nearest above that has a door, None where one looks for
    one's own village."""

    place: Organization | None


def elsewhere(above: Sequence[Organization], day: date) -> Elsewhere | None:
    """Of an organisation without a door, ``above`` it from the top down; None where nobody takes
    requests at all. One query at most."""
    adopted = _adopted(day)
    if not adopted:
        return None
    for one in reversed(above):
        if any(
            paths.is_under(one.path, top) and (not fields or one.field in fields)
            for fields, top in adopted
        ):
            return Elsewhere(one)
    return Elsewhere(None)


def is_open(organization: Organization, day: date) -> bool:
    """Whether it, or something below it, offers residents something. Two queries."""
    return offering(day).under(organization.path).exists()


def open_below(organization: Organization, day: date) -> list[Organization]:
    """Organisations directly below it that are open, by code. Three queries."""
    width = len(organization.path) + paths.STEP
    rows = offering(day).under(organization.path).exclude(pk=organization.pk)
    steps = rows.order_by().annotate(step=Substr("path", 1, width)).values("step").distinct()
    found = Organization.objects.filter(parent=organization, path__in=steps)
    return list(found.in_order())


def hosted(organization: Organization) -> list[Organization]:
    """The bodies directly below it (village committee, supervision committee), by code. One
    query."""
    rows = Organization.objects.filter(
        parent=organization, organization_class=Class.BODY, dissolved_on=None
    )
    return list(rows.in_order())


def doors(organization: Organization, day: date) -> dict[str, Procedure]:
    """Procedures by which residents can ask here, by ``pack:procedure``. Three queries, none where
    no pack has a door."""
    if not _with_door(day):
        return {}
    held = tickets.doors(organization, day)
    rules = {reference: one.wording.item for reference, one in held.items()}
    return {
        reference: rule
        for reference, rule in rules.items()
        if isinstance(rule, Procedure) and has_door(rule)
    }


# --- what was let out


@dataclass(frozen=True, slots=True)
class Shown:
    """A publication in a list: ``status`` of the record where it is followed, ``left`` days it
    still hangs, today counted out; None where it does not hang; ``topic`` where it is asked for."""

    publication: Publication
    status: Status | None = None
    left: int | None = None
    topic: str = ""

    @property
    def sums(self) -> list[str]:
        """Its first sums of money, as its lines say them: 预算 4.6 万元."""
        lines = self.publication.lines or []
        told = [f"{one['label']} {one['text']}" for one in lines if one["text"].endswith("元")]
        return [text for text in told if len(text) <= LONGEST_SUM][:MOST_SUMS]

    @property
    def is_open(self) -> bool:
        """Whether the record behind it is still being worked on."""
        return self.status is not None and self.status.state in UNDER_WAY


def topics(day: date) -> dict[str, str]:
    """What kinds of things are called, by token. No query."""
    return catalogues.titles("disclosures", day)


def below(rows: PublicationQuerySet, organization: Organization) -> PublicationQuerySet:
    """Those of ``organization`` and of all below it."""
    return rows.filter(paths.under(organization.path, "organization__path"))


def notices(day: date) -> PublicationQuerySet:
    """Notices that hang, those that come down first in front."""
    return publishing.running(day)


@dataclass(frozen=True, slots=True)
class Group:
    """Notices of one title: ``one`` of them, how many there are and in how many places."""

    one: Shown
    count: int
    places: int


def grouped(organization: Organization, day: date) -> list[Group]:
    """The titles of the first notices that hang there and below, those that come down first in
    front. Two queries, and those of ``listed``."""
    rows = below(notices(day), organization)
    titles = rows.order_by().values("title").annotate(
        count=Count("pk"), places=Count("organization", distinct=True), first=Min("hang_until"),
        newest=Max("pk"),
    )  # fmt: skip
    told = list(titles.order_by("first", "-newest")[:MOST])
    shown = {one.publication.pk: one for one in listed(
        notices(day).filter(pk__in=[each["newest"] for each in told]), day
    )}  # fmt: skip
    found = [(shown[each["newest"]], each) for each in told if each["newest"] in shown]
    return [Group(one, each["count"], each["places"]) for one, each in found]


def past_notices(day: date) -> PublicationQuerySet:
    """Notices that have come down, newest first."""
    return publishing.shown(day).filter(hang_until__lt=day)


def promises(day: date) -> PublicationQuerySet:
    """What was promised, or begun, in the open and goes on: publications that are followed."""
    return publishing.shown(day).filter(is_followed=True)


def decisions(day: date) -> PublicationQuerySet:
    """What was decided, done and paid: everything that is not followed."""
    return publishing.shown(day).filter(is_followed=False)


def listed(
    rows: Iterable[Publication], day: date, topics: Mapping[str, str] = MappingProxyType({})
) -> list[Shown]:
    """Rows as a list shows them, with their titles of ``topics``. One query a kind of followed
    record, whatever the number."""
    found = list(rows)
    stand = publishing.statuses(found)
    return [
        Shown(
            one,
            stand.get(one.pk),
            (one.hang_until - day).days if one.hangs_on(day) and one.hang_until else None,
            topics.get(one.topic, ""),
        )
        for one in found
    ]


# --- what was asked for


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests of a year at an organisation and below it, without what was cancelled or voided:
    ``done`` to an end, ``refused`` without being taken up, ``open`` still; and of those that were
    answered how many askers said how it was, ``rated`` 0 where too few did."""

    received: int
    done: int
    refused: int
    open: int
    rated: int
    satisfied: int


def asked(organization: Organization, rules: Mapping[str, Procedure], day: date) -> Asked | None:
    """This year's; None where they are fewer than ``FEWEST``: nobody is to be made out. Reports and
    what is not open are not in it. One query, and one for each of ``rules``."""
    first = timezone.make_aware(datetime.combine(day.replace(month=1, day=1), time.min))
    rows = Ticket.objects.filter(
        paths.under(organization.path, "organization__path"),
        asked_at__gte=first,
        case__is_kept_apart=False, case__is_confidential=False,
        case__state__in=(Case.State.OPEN, Case.State.ENDED),
    )  # fmt: skip
    open_, refused = Q(case__state=Case.State.OPEN), tickets.not_taken_up("case__")
    found = rows.aggregate(
        received=Count("pk"),
        open=Count("pk", filter=open_),
        refused=Count("pk", filter=~open_ & refused),
    )
    received, running, left = found["received"], found["open"], found["refused"]
    if received < FEWEST:
        return None
    cases = Case.objects.filter(pk__in=rows.order_by().values("case"))
    told = [
        tickets.ratings(cases.filter(procedure=reference), rule)
        for reference, rule in rules.items()
        if not rule.is_confidential
    ]
    said, satisfied = sum(one.said for one in told), sum(one.satisfied for one in told)
    if said < FEWEST:
        said = satisfied = 0
    return Asked(received, received - running - left, left, running, said, satisfied)


# --- pages


@dataclass(frozen=True, slots=True)
class Home:
    """What the page of an organisation tells."""

    organization: Organization
    above: list[Organization]
    below: list[Organization]
    has_door: bool
    elsewhere: Elsewhere | None
    requests: "Asked | None"
    notices: list[Group]
    promises: list[Shown]
    decisions: list[Shown]  # without what hangs now
    has_decisions: bool  # hanging or not
    bodies: list[tuple[Organization, bool]]  # with whether they have a page of their own
    holders: list[tuple[str, Known]] = field(default_factory=list)
    points: list[Told] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.notices or self.promises or self.has_decisions or self.has_door)

    @property
    def lived_in(self) -> str:
        return lived_in(self.organization)


VILLAGES, NAMED_SO = (Field.RURAL, Field.COMMUNITY), ("村", "社区")


def lived_in(organization: Organization) -> str:
    """The village or community that a branch there is named after, as its name says it: 东苑社区 of
    东苑社区党支部; "" where it says none."""
    if organization.kind not in (Kind.BRANCH, Kind.GENERAL_BRANCH):
        return ""
    name, kind = organization.called, organization.get_kind_display()
    rest = name.removesuffix(kind)
    is_named = rest != name and rest.endswith(NAMED_SO) and organization.field in VILLAGES
    return rest if is_named else ""


def home(organization: Organization, day: date) -> Home:
    """The page of an open organisation. About eighteen queries, whatever there is."""
    bodies, open_doors = hosted(organization), doors(organization, day)
    around = [organization, *bodies]
    names = {one.pk: one.called for one in bodies}
    holders = people.known_holders(around, day)
    above = organizations.ancestors(organization)
    decided = below(decisions(day), organization)
    lower = open_below(organization, day)
    return Home(
        organization=organization,
        above=above,
        below=lower,
        bodies=[(one, one in lower) for one in bodies],
        has_door=bool(open_doors),
        elsewhere=None if open_doors else elsewhere(above, day),
        requests=asked(organization, open_doors, day),
        notices=grouped(organization, day),
        promises=listed(below(promises(day), organization)[:MOST], day),
        decisions=listed(decided.exclude(hang_until__gte=day)[:MOST], day),
        has_decisions=decided.exists(),
        holders=[
            (
                "" if len(one.title) > BARE else names.get(one.organization, ""),
                replace(one, name=masking.cover(one.name).text),
            )
            for one in holders
        ],
        points=[_covered(one) for one in registers.for_residents([o.pk for o in around], day)],
    )


BARE = 3  # characters of a title that does not say of what: 主任, 负责人; 村委会主任 does


def _covered(point: Told) -> Told:
    """Numbers of people do not leave, whatever column they were written into."""
    cells = [(title, masking.cover(text).text) for title, text in point.cells]
    return replace(point, title=masking.cover(point.title).text, cells=cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page of one publication: where it was posted, its versions newest first, what was
    asked and answered in the open, and where its proof is (``proof`` as arguments of the page of
    proofs; None where the ledger has nothing of it)."""

    shown: Shown
    topic: str
    postings: list[Posting]
    versions: list[Publication]
    answered: list[Voice]
    proof: tuple[object, int] | None

    @property
    def publication(self) -> Publication:
        return self.shown.publication

    @property
    def newest(self) -> Publication:
        return self.versions[0]

    @property
    def last(self) -> date | None:
        """The last day that it tells of."""
        until = self.publication.until
        return until - timedelta(days=1) if until else None


def sheet(publication: Publication, day: date) -> Sheet:
    """About eight queries."""
    try:
        entry, number = proofs.latest(Publication._meta.label_lower, publication.pk)
        proof = (entry.key, number)
    except proofs.NoProof:
        proof = None
    return Sheet(
        shown=listed([publication], day)[0],
        topic=catalogues.titles("disclosures", day).get(publication.topic, ""),
        postings=list(publication.postings.order_by("posted_on", "pk")),
        versions=versions(publication),
        answered=publishing.answered_in_public(publication),
        proof=proof,
    )


def versions(publication: Publication) -> list[Publication]:
    """Every version that was published of the same thing, newest first. As many queries as there
    are versions."""
    newest = publication
    out = Publication.objects.filter(state__in=Publication.OUT)
    while (later := out.filter(replaces=newest).first()) is not None:
        newest = later
    found = [newest]
    while (earlier := found[-1].replaces) is not None:
        found.append(earlier)
    return found


# --- finding


@dataclass(frozen=True, slots=True)
class Found:
    """What fits the words: open organisations, service points with theirs, and publications
    newest first."""

    organizations: list[Organization]
    points: list[tuple[Organization, Told]]
    publications: PublicationQuerySet


SHORTEST, SHORTEST_PLAIN = 1, 2
MOST_PARTS = 4
MOST_TOPS = 50  # places of one name whose subtree is looked through


@dataclass(frozen=True, slots=True)
class Part:
    """One of the words looked for, as typed and as normalised (１０月, 10月), and the tops of the
    places called so."""

    forms: tuple[str, ...]
    tops: tuple[str, ...]

    def within(self, *names: str) -> Q:
        """Rows with the word in one of these fields."""
        found = paths.nothing()
        for name in names:
            for form in self.forms:
                found |= Q((f"{name}__icontains", form))
        return found

    def named(self, prefix: str = "") -> Q:
        return self.within(f"{prefix}name", f"{prefix}short_name")

    def at(self, prefix: str = "") -> Q:
        """Rows at or below a place called so."""
        found = self.named(prefix)
        for top in self.tops:
            found |= paths.under(top, f"{prefix}path")
        return found

    def told(self) -> Q:
        """Rows of registers that tell residents the word."""
        found = paths.nothing()
        for form in self.forms:
            found |= registers.said_to_residents(form)
        return found

    def written(self) -> Q:
        """Publications whose lines hold the word. SQLite keeps JSON with escapes, PostgreSQL as
        it is written; how it is kept is plain letters, which are not looked for."""
        found = paths.nothing()
        for form in self.forms:
            if not form.isascii():
                found |= Q(written__contains=form)
                found |= Q(written__contains=json.dumps(form)[1:-1])
        return found


def find(text: str, day: date) -> Found | None:
    """Published text, public columns of service points and names of open organisations, in which
    each of the words of ``text`` is found: there, or in the name of the place or of one above it.
    None where all are too short, or one is a number of a person. Persons are not looked for. Three
    queries, one a word, and the caller's."""
    parts = _parts(text)
    if not parts:
        return None
    names, said, told = paths.everything(), paths.everything(), paths.everything()
    own, own_told = paths.nothing(), paths.nothing()
    for part in parts:
        names &= part.at()
        own |= part.named()
        said &= part.within("title", "note") | part.written() | part.at("organization__")
        told &= part.told() | part.at("organization__")
        own_told |= part.told()
    standing = Organization.objects.filter(names, own, dissolved_on=None)
    places = list(standing.in_order()[: MOST_FOUND * 4])
    points = registers.found_for_residents(told & own_told, day, MOST_FOUND * 4)
    offered = offering(day).order_by().values_list("path", flat=True)
    is_open = _open_tops(offered) if places or points else set()
    rows = publishing.shown(day).annotate(written=Cast("lines", TextField()))
    return Found(
        [one for one in places if one.path in is_open][:MOST_FOUND],
        [
            (place, covered)
            for place, point in points
            if place.path in is_open and _says(covered := _covered(point), place, parts)
        ][:MOST_FOUND],
        rows.filter(said),
    )


def _parts(text: str) -> list[Part]:
    """The words of ``text`` that are long enough; [] of a person's number, however it is written.
    One query each."""
    words = text.split()
    plain = [unicodedata.normalize("NFKC", word) for word in words]
    if any(searching.is_withheld(one) for one in (text, *words, *plain, "".join(plain))):
        return []
    found = []
    for word, normal in list(zip(words, plain, strict=True))[:MOST_PARTS]:
        if len(normal) < (SHORTEST_PLAIN if normal.isascii() else SHORTEST):
            continue
        part = Part(tuple(dict.fromkeys([normal, word])), ())
        called = Organization.objects.filter(part.named(), dissolved_on=None)
        tops = called.order_by(Length("path"), "path").values_list("path", flat=True)
        found.append(replace(part, tops=tuple(tops[:MOST_TOPS])))
    return found


def _says(point: Told, place: Organization, parts: Sequence[Part]) -> bool:
    """Whether what residents see of a point holds the words: what is covered is not found."""
    shown = " ".join([point.title, *(text for _, text in point.cells)]).casefold()
    return any(form.casefold() in shown for part in parts for form in part.forms) and all(
        any(form.casefold() in shown for form in part.forms)
        or any(paths.is_under(place.path, top) for top in part.tops)
        for part in parts
    )


def _open_tops(offered: Iterable[str]) -> set[str]:
    """Paths at or above one of the paths offered. One query."""
    return {top for path in offered for top in paths.ancestors(path)}
