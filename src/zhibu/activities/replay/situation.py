"""Building what an example takes as given: a small tree, its people, posts and adoptions."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils import timezone

from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions.models import Adoption
from zhibu.organizations import actions as organizations
from zhibu.organizations import queries as tree
from zhibu.organizations.models import Organization, PartyGroup, Post
from zhibu.packs.reading import Pack
from zhibu.packs.schema.examples import Given, GivenPerson
from zhibu.packs.schema.posts import PostKind
from zhibu.people import actions as people
from zhibu.people.models import Holding, Person, State

LONG_AGO = date(2000, 1, 1)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone())


class Situation:
    """A root with an officer who may do everything, the committee that adopts, below it
    the organisation, and where that is no branch, the branch its people meet in (``venue``).

    Raises:
        Refused: what is given cannot be.
    """

    def __init__(self, pack: Pack, given: Given, differences: list[str]) -> None:
        self.given = given
        self.differences = differences
        self.system = accounts.ensure_system_account(noon(LONG_AGO))
        self.root = self._found(None, "示例上级委员会", "committee", LONG_AGO, "office")
        self.officer = self._officer()
        self.adopter = self._found(self.root, "示例党委", "committee", LONG_AGO, "office")
        self.organization, self.venue = self._organization()
        self.people = self._people()
        self.above = {above.post: self._above(above.post) for above in given.above}
        for leader in given.leader:
            self._lead(self.people[leader.number - 1], leader.post)
        self.posts: dict[str, Post] = {}
        self._fill_posts()
        self.groups = self._form_groups()
        packs = [*pack.meta.requires, pack.id, *given.also_adopted]
        self.adoptions = [self._adopt(pack_id) for pack_id in dict.fromkeys(packs)]

    def group(self, number: int | None) -> PartyGroup | None:
        return self.groups[number - 1] if number else None

    def holder(self, post: str | None, day: date) -> int | None:
        """Whoever holds a post of the organisation on ``day``."""
        if post is None:
            return None
        rows = Holding.objects.in_post_on(day).filter(
            post__organization=self.organization, post__kind=post
        )
        found: int | None = rows.values_list("person", flat=True).first()
        if found is None:
            self.differences.append(f"{day} 没有人任 {post}")
        return found

    def take(self, person: Person, post: str, since: date) -> None:
        people.hold_post(
            person, post=self.posts[post], since=since, by=self.officer, at=noon(since)
        )

    def _found(
        self, parent: Organization | None, name: str, kind: str, day: date, field: str
    ) -> Organization:
        return organizations.found(
            code=f"示例{Organization.all_rows.count() + 1}",
            name=name,
            kind=kind,
            parent=parent,
            field=field,
            established_on=day,
            by=self.system,
            at=noon(day),
        )

    def _officer(self) -> User:
        """Somebody of the level above, who may record, exempt, adopt, file and receipt."""
        home = self._found(self.root, "示例机关党支部", "branch", LONG_AGO, "office")
        self.elsewhere = home
        person = self._register(home, "示例干事", State.FULL, LONG_AGO)
        post = organizations.make_post(
            self.root,
            kind="organisation-officer",
            title="组织干事",
            role="committee-officer",
            since=LONG_AGO,
            by=self.system,
            at=noon(LONG_AGO),
        )
        people.hold_post(person, post=post, since=LONG_AGO, by=self.system, at=noon(LONG_AGO))
        user, _ = accounts.issue(
            person_id=person.pk,
            name=person.name,
            wanted="shili",
            path=home.path,
            organization=home.pk,
            by=self.system,
            at=noon(LONG_AGO),
        )
        return user

    def _register(
        self,
        home: Organization,
        name: str,
        state: str,
        since: date,
        known: GivenPerson | None = None,
    ) -> Person:
        return people.register(
            name=name,
            home=home,
            since=since,
            state=state,
            state_since=(known.state_since if known else None) or since,
            born_on=known.born_on if known else None,
            by=self.system,
            at=noon(since),
        )

    def _organization(self) -> tuple[Organization, Organization]:
        given = self.given.organization
        day = given.founded_on
        organization = self._found(self.adopter, "示例组织", given.kind, day, given.field)
        since = given.term_since or day
        organizations.begin_term(
            organization,
            since=since,
            ends_on=given.term_ends_on,
            has_committee=given.committee > 0,
            by=self.officer,
            at=noon(since),
        )
        if organization.is_branch:
            return organization, organization
        return organization, self._found(organization, "示例下属党支部", "branch", day, given.field)

    def _people(self) -> list[Person]:
        given = self.given.organization
        states = [State.FULL] * given.full_members + [State.PROBATIONARY] * given.probationary
        known = {person.number: person for person in self.given.person}
        for number in sorted(set(known) - set(range(1, len(states) + 1))):
            self.differences.append(f"例子里没有第 {number} 个人")
        return [
            self._register(
                self.venue, f"示例党员{number}", state, given.founded_on, known.get(number)
            )
            for number, state in enumerate(states, 1)
        ]

    def _above(self, post: str) -> Person:
        """Somebody from elsewhere in a post of the committee that adopts."""
        name = f"示例上级{len(self.given.above)}"
        person = self._register(self.elsewhere, name, State.FULL, LONG_AGO)
        self._lead(person, post)
        return person

    def _lead(self, person: Person, post: str) -> None:
        since = self.given.organization.founded_on
        kind = tree.post_kinds(self.adopter.kind, since).get(post)
        if kind is None:
            self.differences.append(f"上级没有职务 {post}")
            return
        made = organizations.make_post(
            self.adopter,
            kind=post,
            title=kind.title,
            role=kind.role,
            since=since,
            in_committee=kind.in_committee,
            by=self.officer,
            at=noon(since),
        )
        people.hold_post(person, post=made, since=since, by=self.officer, at=noon(since))

    def _fill_posts(self) -> None:
        """One post a person: secretary, deputies, then members of the committee by rank."""
        given = self.given.organization
        known = tree.post_kinds(given.kind, given.founded_on)
        seats = [(id_, kind) for id_, kind in known.items() if kind.in_committee]
        wanted = _wanted(seats, given.secretary, given.deputies, given.committee)
        for id_, kind in [*wanted, *seats[:1]]:
            if id_ not in self.posts:
                self.posts[id_] = self._make_post(id_, kind)
        if len(wanted) > len(self.people):
            self.differences.append("例子里党员太少，不够任职")
        for (id_, _), person in zip(wanted, self.people, strict=False):
            self.take(person, id_, given.founded_on)

    def _make_post(self, id_: str, kind: PostKind) -> Post:
        day = self.given.organization.founded_on
        return organizations.make_post(
            self.organization,
            kind=id_,
            title=kind.title,
            role=kind.role,
            since=day,
            in_committee=kind.in_committee,
            rank=kind.rank,
            seats=kind.seats,
            by=self.officer,
            at=noon(day),
        )

    def _form_groups(self) -> list[PartyGroup]:
        given = self.given.organization
        since, at = given.founded_on, noon(given.founded_on)
        groups = [
            organizations.form_group(
                self.venue, name=f"第{number}小组", since=since, by=self.officer, at=at
            )
            for number in range(1, given.groups + 1)
        ]
        for number, person in enumerate(self.people if groups else []):
            group = groups[number % len(groups)]
            people.join_group(person, group=group, since=since, by=self.officer, at=at)
        return groups

    def _adopt(self, pack_id: str) -> Adoption:
        return adoptions.adopt(
            pack=pack_id,
            organization=self.adopter,
            since=self.given.adopted_from,
            fields=self.given.fields,
            by=self.officer,
            at=noon(self.given.adopted_from),
        )


def _wanted(
    seats: Sequence[tuple[str, PostKind]], secretary: bool, deputies: int, committee: int
) -> list[tuple[str, PostKind]]:
    """Posts to be filled: ``committee`` in all, without one secretary and deputies only."""
    first = list(seats[:1]) if secretary else []
    first += list(seats[1:2]) * deputies
    others = [seat for seat in seats[2:] for _ in range(seat[1].seats)]
    return first + others[: max(0, committee - len(first))]
