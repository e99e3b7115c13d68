"""Building what an example takes as given: a small tree, its people, posts and adoptions."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils import timezone

from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions.models import Adoption
from zhibu.core.verdicts import Refused
from zhibu.organizations import actions as organizations
from zhibu.organizations import queries as tree
from zhibu.organizations.models import Organization, PartyGroup, Post
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.examples import Given, GivenLeader, GivenPerson, GivenPlace
from zhibu.packs.schema.posts import PostKind
from zhibu.people import actions as people
from zhibu.people.membergroups import actions as membergroups
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
        self.bodies = [
            self._found(
                self.organization, f"示例{kind}", kind, given.organization.founded_on, "rural"
            )
            for kind in given.organization.bodies
        ]
        self.people = self._people()
        self.places, self.members = [self.organization], [[one.pk for one in self.people]]
        for place in given.place:
            for _ in range(place.times):
                self._add(place)
        self.above = {above.post: self._above(above.post) for above in given.above}
        for leader in given.leader:
            self._lead_somewhere(leader)
        self.posts: dict[str, Post] = {}
        self._fill_posts()
        self.groups = self._form_groups()
        packs = [*_required(pack), pack.id, *given.also_adopted]
        self.adoptions = [self._adopt(pack_id) for pack_id in dict.fromkeys(packs)]
        self._put_in_groups()

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

    def account(self, person: Person, wanted: str) -> User:
        """An account for one of the people, from the founding day on."""
        since = self.given.organization.founded_on
        user, _ = accounts.issue(
            person_id=person.pk, name=person.name, wanted=wanted, path=person.path,
            organization=person.home_id, by=self.system, at=noon(since),
        )  # fmt: skip
        return user

    def partner(self) -> User:
        """The secretary of the other branch."""
        since = self.given.organization.founded_on
        person = self._register(self.elsewhere, "示例对方书记", State.FULL, since)
        post = organizations.make_post(
            self.elsewhere, kind="secretary", title="书记", role="branch-secretary", since=since,
            by=self.system, at=noon(since),
        )  # fmt: skip
        people.hold_post(person, post=post, since=since, by=self.system, at=noon(since))
        return self.account(person, "duifang")

    def head_of_body(self) -> User:
        """Whoever heads the first of the other bodies here."""
        body, since = self.bodies[0], self.given.organization.founded_on
        person = self._register(self.venue, "示例主任", State.FULL, since)
        post = organizations.make_post(
            body, kind="head", title="主任", role="branch-committee", since=since,
            by=self.system, at=noon(since),
        )  # fmt: skip
        people.hold_post(person, post=post, since=since, by=self.system, at=noon(since))
        return self.account(person, "zhuren")

    def keeper(self, place: Organization, number: int = 1) -> User:
        """The first, or another, who is in post at ``place``: made for the example."""
        since = self.given.organization.founded_on
        person = self._register(self.elsewhere, f"示例承办人{number}", State.FULL, since)
        post = organizations.make_post(
            place, kind=f"keeper-{number}", title="负责人", role="branch-secretary", since=since,
            by=self.system, at=noon(since),
        )  # fmt: skip
        people.hold_post(person, post=post, since=since, by=self.system, at=noon(since))
        return self.account(person, f"chengban{place.pk}x{number}")

    def take(self, person: Person, post: str, since: date) -> None:
        people.hold_post(
            person, post=self.posts[post], since=since, by=self.officer, at=noon(since)
        )

    def found_beside(self, name: str, field: str, day: date, kind: str = "branch") -> Organization:
        """Another organisation below the committee that adopts."""
        return self._found(self.adopter, name, kind, day, field)

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
        self.elsewhere = self._found(self.root, "示例机关党支部", "branch", LONG_AGO, "office")
        return self._at_the_root("示例干事", "shili")

    def other_officer(self) -> User:
        """Another of the same, for what the first may not do twice."""
        return self._at_the_root("示例另一干事", "lingyi")

    def _at_the_root(self, name: str, wanted: str) -> User:
        home = self.elsewhere
        person = self._register(home, name, State.FULL, LONG_AGO)
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
            wanted=wanted,
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
        state: str | None,
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

    def _add(self, given: GivenPlace) -> None:
        """Another organisation with its people, there from the founding day on."""
        since, number = self.given.organization.founded_on, len(self.places) + 1
        parent = self.places[given.under - 1] if given.under else self.adopter
        made = self._found(parent, f"示例{number}号组织", given.kind, since, given.field)
        self.places.append(made)
        self.members.append([
            people.register(
                name=f"示例{number}号组织党员{one}", home=made, since=since, state=State.FULL,
                state_since=since, by=self.system, at=noon(since),
            ).pk
            for one in range(1, given.members + 1)
        ])  # fmt: skip

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
        states: list[str | None] = [State.FULL] * given.full_members
        states += [State.PROBATIONARY] * given.probationary + [None] * given.others
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
        self._lead(person, post, self.adopter)
        return person

    def _lead_somewhere(self, leader: GivenLeader) -> None:
        place = next((one for one in self.bodies if one.kind == leader.body), None)
        if leader.body and place is None:
            self.differences.append(f"例子里没有设 {leader.body}，写在 bodies 里")
            return
        said = ""
        try:
            self._lead(self.people[leader.number - 1], leader.post, place or self.adopter)
        except Refused as refusal:
            said = refusal.verdict.reason
        if bool(said) != bool(leader.refused) or leader.refused not in said:
            self.differences.append(
                f"第 {leader.number} 个人任 {leader.post}：应提示“{leader.refused}”，"
                f"实际{f'“{said}”' if said else '没有提示'}"
            )

    def _lead(self, person: Person, post: str, place: Organization) -> None:
        since = self.given.organization.founded_on
        kind = tree.post_kinds(place.kind, since).get(post)
        if kind is None:
            self.differences.append(f"{place.name}没有职务 {post}")
            return
        made = Post.objects.filter(organization=place, kind=post).first()
        made = made or organizations.make_post(
            place,
            kind=post,
            title=kind.title,
            role=kind.role,
            since=since,
            in_committee=kind.in_committee,
            seats=kind.seats,
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

    def _put_in_groups(self) -> None:
        """People into the member groups they are said to be in, once packs list those."""
        since = self.given.adopted_from
        for known in self.given.person:
            for group in known.groups if known.number <= len(self.people) else []:
                membergroups.regroup(
                    [self.people[known.number - 1].pk], group=group, way="in", since=since,
                    by=self.officer, at=noon(since),
                )  # fmt: skip

    def _adopt(self, pack_id: str) -> Adoption:
        return adoptions.adopt(
            pack=pack_id,
            organization=self.adopter,
            since=self.given.adopted_from,
            fields=self.given.fields,
            by=self.officer,
            at=noon(self.given.adopted_from),
        )


def _required(pack: Pack) -> list[str]:
    """What ``pack`` builds on, and what that builds on, the lowest first."""
    found: list[str] = []
    for pack_id in pack.meta.requires:
        found += [*_required(library.packs()[pack_id]), pack_id]
    return found


def _wanted(
    seats: Sequence[tuple[str, PostKind]], secretary: bool, deputies: int, committee: int
) -> list[tuple[str, PostKind]]:
    """Posts to be filled: ``committee`` in all, without one secretary and deputies only."""
    first = list(seats[:1]) if secretary else []
    first += list(seats[1:2]) * deputies
    others = [seat for seat in seats[2:] for _ in range(seat[1].seats)]
    return first + others[: max(0, committee - len(first))]
