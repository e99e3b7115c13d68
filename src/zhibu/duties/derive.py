"""Which obligations there must be: computed from packs, adoptions and the tree, written nowhere.

Everything a batch of organisations needs is loaded once; conditions are asked once a test
and day for the whole batch. The number of queries grows with duties and judged days, never
with organisations or people. Days reckoned from facts are as many as differ.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from zhibu.adoptions import queries as adoptions
from zhibu.adoptions.models import Adoption
from zhibu.core import facts as dated
from zhibu.core.dates import Period, nth_weekday
from zhibu.core.predicates import Condition, Test
from zhibu.core.workdays import next_working_day
from zhibu.duties import counting, spans
from zhibu.duties.models import Credit, Exemption, HolderKind
from zhibu.organizations.models import Guidance, Organization, PartyGroup, Placement, Post
from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema.duties import Duty
from zhibu.packs.schema.tightenings import Tightening
from zhibu.packs.tightening import Asked, tightened
from zhibu.people.models import Belonging

Key = tuple[str, int, str, str, date]
FAR = date.max


@dataclass(frozen=True, slots=True)
class Expected:
    """An obligation as it must be, before anything is counted towards it."""

    organization_id: int
    holder_kind: str
    holder_id: int
    pack: str
    duty: str
    wording: date
    period_since: date
    period_until: date
    ground_on: date | None
    due_on: date
    closes_on: date
    required: int
    applies: bool
    is_exempt: bool = False

    @property
    def key(self) -> Key:
        return (self.holder_kind, self.holder_id, self.pack, self.duty, self.period_since)


@dataclass(frozen=True, slots=True)
class _Spell:
    since: date
    until: date
    path: str


@dataclass(frozen=True, slots=True)
class _Stay:
    """Somebody at home in an organisation over ``[since, until)``."""

    person: int
    since: date
    until: date


@dataclass
class _Facts:
    """What is known of a batch of organisations, loaded once; of people when first asked."""

    organizations: dict[int, Organization]
    spells: dict[int, list[_Spell]]
    groups: dict[int, list[PartyGroup]]
    posts: dict[tuple[int, str], list[Post]]
    exempt: set[Key]
    guided: dict[int, list[tuple[date, date, int]]]
    tightening: list[tuple[Adoption, Pack]] = field(default_factory=list)
    tests: dict[tuple[str, str, date], set[int]] = field(default_factory=dict)
    days: dict[str, dict[int, list[date]]] = field(default_factory=dict)
    held: dict[tuple[str, ...], dict[tuple[int, int | None], list[date]]] = field(
        default_factory=dict
    )
    who: dict[tuple[str, date], set[int]] = field(default_factory=dict)

    def path_on(self, organization_id: int, day: date) -> str:
        for spell in self.spells.get(organization_id, ()):
            if spell.since <= day < spell.until:
                return spell.path
        return ""

    def tops(self, adoption: Adoption, day: date) -> tuple[str, ...]:
        """Where what ``adoption`` holds for stood on ``day``: the tops, all below included."""
        own = self.path_on(adoption.organization_id, day)
        if adoption.reach == Adoption.Reach.SUBTREE or not own:
            return (own,) if own else ()
        rows = self.guided.get(adoption.organization_id, ())
        places = [self.path_on(pk, day) for since, until, pk in rows if since <= day < until]
        return tuple(place for place in places if place)

    @cached_property
    def stays(self) -> dict[int, list[_Stay]]:
        """Who was at home in each organisation, and when."""
        found: dict[int, list[_Stay]] = defaultdict(list)
        rows = Belonging.objects.filter(
            organization__in=self.organizations, kind=Belonging.Kind.HOME
        ).order_by("person", "since")
        for organization, person, since, until in rows.values_list(
            "organization", "person", "since", "until"
        ):
            found[organization].append(_Stay(person, since, until or FAR))
        return found

    @cached_property
    def people(self) -> set[int]:
        return {stay.person for stays in self.stays.values() for stay in stays}

    def meets(self, condition: Condition | None, day: date) -> set[int]:
        """Organisations of the batch that meet ``condition`` on ``day``."""
        return self._meets("organization", set(self.organizations), condition, day)

    def people_who(self, condition: Condition, day: date) -> set[int]:
        """People of the batch who meet ``condition`` on ``day``."""
        key = (repr(condition), day)
        if key not in self.who:
            self.who[key] = self._meets("person", set(self.people), condition, day)
        return self.who[key]

    def _meets(
        self, subject: str, found: set[int], condition: Condition | None, day: date
    ) -> set[int]:
        if condition is None:
            return found
        everybody = frozenset(found)
        for test in condition.all:
            found &= self._test(subject, everybody, test, day)
        if condition.any:
            asked = (self._test(subject, everybody, test, day) for test in condition.any)
            found &= set().union(*asked)
        for test in condition.none:
            found -= self._test(subject, everybody, test, day)
        return found

    def _test(self, subject: str, ids: frozenset[int], test: Test, day: date) -> set[int]:
        key = (subject, repr(test), day)
        if key not in self.tests:
            self.tests[key] = test.satisfied_by(ids, day)
        return self.tests[key]

    def days_of(self, name: str) -> dict[int, list[date]]:
        """Every day of a dated fact, by subject. One query a fact."""
        if name not in self.days:
            known = dated.get(name)
            ids = self.people if known.subject == "person" else set(self.organizations)
            self.days[name] = known.over(ids, date.min, date.max)
        return self.days[name]

    def events(self, kinds: Collection[str]) -> dict[tuple[int, int | None], list[date]]:
        """Days on which activities of ``kinds`` were held, by organisation and group."""
        key = tuple(sorted(kinds))
        if key not in self.held:
            rows = Credit.objects.filter(organization__in=self.organizations, kind__in=key)
            found: dict[tuple[int, int | None], set[date]] = defaultdict(set)
            for organization, group, day in rows.values_list("organization", "group", "held_on"):
                found[organization, group].add(day)
            self.held[key] = {holder: sorted(days) for holder, days in found.items()}
        return self.held[key]


def _load(ids: Collection[int], adopters: Collection[int]) -> _Facts:
    organizations = {o.pk: o for o in Organization.objects.filter(pk__in=ids)}
    guided: dict[int, list[tuple[date, date, int]]] = defaultdict(list)
    for led in Guidance.objects.filter(guide__in=adopters):
        guided[led.guide_id].append((led.since, led.until or FAR, led.organization_id))
    placed = {*ids, *adopters, *(pk for led in guided.values() for _, _, pk in led)}
    spells: dict[int, list[_Spell]] = defaultdict(list)
    for row in Placement.objects.filter(organization__in=placed).order_by("since"):
        spells[row.organization_id].append(_Spell(row.since, row.until or FAR, row.path))
    groups: dict[int, list[PartyGroup]] = defaultdict(list)
    for group in PartyGroup.objects.filter(organization__in=ids).order_by("pk"):
        groups[group.organization_id].append(group)
    posts: dict[tuple[int, str], list[Post]] = defaultdict(list)
    for post in Post.objects.filter(organization__in=ids, group=None).order_by("pk"):
        posts[post.organization_id, post.kind].append(post)
    rows = Exemption.objects.filter(organization__in=ids, withdrawn_at=None)
    exempt = set(rows.values_list("holder_kind", "holder_id", "pack", "duty", "period_since"))
    return _Facts(organizations, spells, groups, posts, exempt, guided)


def judged_day(duty: Duty, period: Period) -> date:
    return period.since if duty.judged_on == "start" else period.last_day


def due_day(duty: Duty, period: Period) -> date:
    """The period's last day, or the fixed day, shifted where the pack says so.

    A period without the fixed day (no fifth Friday) is due on its last day.
    """
    if duty.day is None:
        return period.last_day
    day = nth_weekday(period, duty.day.weekday, duty.day.nth) or period.last_day
    return next_working_day(day) if duty.day.shift == "next-working-day" else day


def expected(organizations: Collection[int], *, since: date, until: date) -> dict[Key, Expected]:
    """Obligations of ``organizations`` in periods that begin in ``[since, until)``."""
    held = adoptions.everywhere()
    if not held or not organizations:
        return {}
    facts = _load(organizations, {a.organization_id for a in held})
    known = library.packs()
    ranked = sorted(held, key=_in_order)
    facts.tightening = [
        (adoption, known[adoption.pack])
        for adoption in ranked
        if adoption.pack in known and known[adoption.pack].wordings("tightenings")
    ]
    found: dict[Key, Expected] = {}
    superseded: set[tuple[int, str, date]] = set()
    for adoption in ranked:
        pack = known.get(adoption.pack)
        if pack is None:
            continue
        for wording in (w for wordings in pack.wordings("duties") for w in wordings):
            for row in _of_wording(_Case(pack, wording, adoption, facts, since, until)):
                found.setdefault(row.key, row)
                refines = _duty(known, row).refines
                if refines:
                    superseded.add((row.organization_id, refines, row.period_since))
    return {
        key: row
        for key, row in found.items()
        if (row.organization_id, f"{row.pack}:{row.duty}", row.period_since) not in superseded
    }


def _in_order(adoption: Adoption) -> tuple[int, int, date, int]:
    """The line of the tree first, then that of guidance; the highest first."""
    line = adoptions.in_order(adoption)
    return (line, len(adoption.organization.path), adoption.since, adoption.pk)


def _duty(packs: Mapping[str, Pack], row: Expected) -> Duty:
    wording = packs[row.pack].wording_on("duties", row.duty, row.wording)
    assert wording is not None and isinstance(wording.item, Duty)
    return wording.item


@dataclass(frozen=True, slots=True)
class _Case:
    """One wording of a duty under one adoption, for a batch, over the asked days."""

    pack: Pack
    wording: Wording
    adoption: Adoption
    facts: _Facts
    since: date
    until: date

    @property
    def duty(self) -> Duty:
        assert isinstance(self.wording.item, Duty)
        return self.wording.item

    @property
    def reference(self) -> str:
        return f"{self.pack.id}:{self.wording.id}"

    def is_in_force(self, day: date) -> bool:
        adoption = self.adoption
        if day < adoption.since or (adoption.until is not None and day >= adoption.until):
            return False
        return self.pack.wording_on("duties", self.wording.id, day) is self.wording


def _of_wording(case: _Case) -> Iterator[Expected]:
    if not case.wording.item.is_confirmed:
        return
    if case.duty.every is not None:
        first = max(case.since, case.adoption.since - timedelta(days=370))
        for period in spans.calendar(case.duty, first, case.until):
            day = judged_day(case.duty, period)
            if period.since >= case.since and case.is_in_force(day):
                yield from _in_period(case, period, day)
    else:
        for organization in case.facts.organizations.values():
            if organization.kind in case.duty.applies_to:
                yield from _from_days(case, organization)


def _in_period(case: _Case, period: Period, day: date) -> Iterator[Expected]:
    facts, duty = case.facts, case.duty
    tops = facts.tops(case.adoption, day)
    met = facts.meets(duty.when, day)
    people = _people(case, period, day)
    due_on = due_day(duty, period)
    for organization in facts.organizations.values():
        if not _is_concerned(organization, duty, case.adoption, facts, period, day, tops):
            continue
        asked = _as_strict_as_asked(case, organization, day)
        for kind, holder_id in _holders(organization, duty, facts, period, day, people):
            yield _row(
                case, asked, organization, (kind, holder_id), period, due_on, organization.pk in met
            )


def _from_days(case: _Case, organization: Organization) -> Iterator[Expected]:
    """Obligations reckoned from days of the organisation, or of each of its people.

    Judged by the span as the duty itself words it: what tightens a notice cannot change
    which day decides.
    """
    facts, duty = case.facts, case.duty
    for subject, ground in _grounds(case, organization):
        for period in _spans(case, duty, ground):
            day = judged_day(duty, period)
            if not case.is_in_force(day):
                continue
            tops = facts.tops(case.adoption, day)
            if not _is_concerned(organization, duty, case.adoption, facts, period, day, tops):
                continue
            asked = _as_strict_as_asked(case, organization, day)
            own = period if asked is duty else next(_spans(case, asked, ground))
            if not case.since <= own.since < case.until:
                continue
            people = _people(case, period, day)
            applies = organization.pk in facts.meets(duty.when, day)
            for holder in _holders(organization, duty, facts, period, day, people):
                if subject is None or holder[1] == subject:
                    yield _row(
                        case, asked, organization, holder, own, own.last_day, applies, ground
                    )


def _spans(case: _Case, duty: Duty, ground: date) -> Iterator[Period]:
    if duty.anniversary is None:
        return spans.from_day(duty, ground, date.min, date.max)
    first = max(case.since, case.adoption.since - timedelta(days=370))
    return spans.from_day(duty, ground, first, case.until)


def _grounds(case: _Case, organization: Organization) -> Iterator[tuple[int | None, date]]:
    """Days to reckon from, each with the one holder it concerns; None where with all."""
    facts, duty = case.facts, case.duty
    if duty.after and duty.after.kinds:
        held = facts.events(duty.after.kinds)
        if duty.holder == "party-group":
            for group in facts.groups.get(organization.pk, ()):
                yield from ((group.pk, day) for day in held.get((organization.pk, group.pk), ()))
        else:
            yield from ((None, day) for day in held.get((organization.pk, None), ()))
        return
    days = facts.days_of(duty.fact or "")
    if duty.is_personal:
        for person in dict.fromkeys(s.person for s in facts.stays.get(organization.pk, ())):
            yield from ((person, day) for day in days.get(person, ()))
    else:
        yield from ((None, day) for day in days.get(organization.pk, ()))


def _row(
    case: _Case,
    duty: Duty,
    organization: Organization,
    holder: tuple[str, int],
    period: Period,
    due_on: date,
    applies: bool,
    ground: date | None = None,
) -> Expected:
    row = Expected(
        organization_id=organization.pk,
        holder_kind=holder[0],
        holder_id=holder[1],
        pack=case.pack.id,
        duty=case.wording.id,
        wording=case.wording.since,
        period_since=period.since,
        period_until=period.until,
        ground_on=ground,
        due_on=due_on,
        closes_on=counting.closes_on(duty, due_on, period.until),
        required=duty.times,
        applies=applies,
    )
    return replace(row, is_exempt=row.key in case.facts.exempt)


def _as_strict_as_asked(case: _Case, organization: Organization, day: date) -> Duty:
    """The duty with what those above ``organization`` asked for beyond it on ``day``."""
    asked = []
    for adoption, pack in case.facts.tightening:
        if not _reaches(adoption, organization, case.facts, day):
            continue
        for wordings in pack.wordings("tightenings"):
            wording = pack.wording_on("tightenings", wordings[0].id, day)
            if wording is None or not wording.item.is_confirmed:
                continue
            assert isinstance(wording.item, Tightening)
            asked += [
                Asked(one, adoption.reach == Adoption.Reach.GUIDED)
                for one in wording.item.tighten
                if one.of == "duties" and one.item == case.reference
            ]
    return tightened(case.duty, asked) if asked else case.duty


def _reaches(adoption: Adoption, organization: Organization, facts: _Facts, day: date) -> bool:
    """Whether an adoption holds for the organisation on ``day``."""
    if day < adoption.since or (adoption.until is not None and day >= adoption.until):
        return False
    if adoption.fields and organization.field not in adoption.fields:
        return False
    path = facts.path_on(organization.pk, day)
    return bool(path) and path.startswith(facts.tops(adoption, day))


def _is_concerned(
    organization: Organization,
    duty: Duty,
    adoption: Adoption,
    facts: _Facts,
    period: Period,
    day: date,
    tops: tuple[str, ...],
) -> bool:
    path = facts.path_on(organization.pk, day)
    if not path.startswith(tops) or organization.kind not in duty.applies_to:
        return False
    if adoption.fields and organization.field not in adoption.fields:
        return False
    return bool(facts.path_on(organization.pk, period.last_day))


def _lasts(since: date, until: date | None, period: Period, day: date) -> bool:
    return since <= day and (until is None or until > period.last_day)


def _people(case: _Case, period: Period, day: date) -> set[int]:
    """Who meets ``who``: on the judged day, and, judged at the start, on the last day too."""
    who = case.duty.who
    if who is None:
        return set()
    return case.facts.people_who(who, day) & case.facts.people_who(who, period.last_day)


def _holders(
    organization: Organization,
    duty: Duty,
    facts: _Facts,
    period: Period,
    day: date,
    people: set[int],
) -> Iterator[tuple[str, int]]:
    if duty.holder == "organization":
        yield HolderKind.ORGANIZATION.value, organization.pk
    elif duty.holder == "party-group":
        for group in facts.groups.get(organization.pk, ()):
            if _lasts(group.since, group.until, period, day):
                yield HolderKind.PARTY_GROUP.value, group.pk
    elif duty.holder == "post":
        for post in facts.posts.get((organization.pk, duty.post or ""), ()):
            if _lasts(post.since, post.until, period, day):
                yield HolderKind.POST.value, post.pk
    elif duty.is_personal:
        for stay in facts.stays.get(organization.pk, ()):
            if stay.person in people and _lasts(stay.since, stay.until, period, day):
                yield duty.holder, stay.person
