"""Smallest valid things with telling values, made through the real actions."""

from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from itertools import count

from tests.conftest import NOON
from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people import actions as people
from zhibu.people.models import Person

SINCE = date(2020, 1, 1)
_numbers = count(1)


@dataclass
class Tree:
    """county > east (village, committee_branch, general > inner), west (far)."""

    system: User
    county: Organization
    east: Organization
    west: Organization
    general: Organization
    village: Organization
    inner: Organization
    far: Organization
    groups: list[PartyGroup] = field(default_factory=list)


def reread(tree: Tree) -> Tree:
    """The same tree as the database has it now."""
    names = [f.name for f in fields(Tree) if isinstance(getattr(tree, f.name), Organization)]
    known = Organization.all_rows.in_bulk([getattr(tree, name).pk for name in names])
    organizations = {name: known[getattr(tree, name).pk] for name in names}
    return replace(tree, system=User.objects.get(pk=tree.system.pk), groups=[], **organizations)


def reread_cast(cast: dict[str, User | None]) -> dict[str, User | None]:
    known = User.objects.in_bulk([user.pk for user in cast.values() if user])
    return {who: known[user.pk] if user else None for who, user in cast.items()}


def organization(
    parent: Organization | None,
    *,
    by: User,
    name: str,
    kind: str = "branch",
    code: str = "",
    established_on: date | None = SINCE,
    at: datetime = NOON,
) -> Organization:
    return organizations.found(
        code=code or f"T{next(_numbers):05d}",
        name=name,
        kind=kind,
        parent=parent,
        field="rural",
        established_on=established_on,
        by=by,
        at=at,
    )


def small_tree(by: User) -> Tree:
    county = organization(None, by=by, name="某县委员会", kind="committee")
    east = organization(county, by=by, name="东镇委员会", kind="committee")
    west = organization(county, by=by, name="西镇委员会", kind="committee")
    general = organization(east, by=by, name="东镇机关党总支", kind="general-branch")
    return Tree(
        system=by,
        county=county,
        east=east,
        west=west,
        general=general,
        village=organization(east, by=by, name="前村党支部"),
        inner=organization(general, by=by, name="机关第一党支部"),
        far=organization(west, by=by, name="远村党支部"),
    )


def member(
    home: Organization,
    *,
    by: User,
    name: str = "",
    state: str = "full",
    since: date = SINCE,
    at: datetime = NOON,
    **more: object,
) -> Person:
    """A member of ``home`` since 2020."""
    return people.register(
        name=name or f"党员{next(_numbers)}",
        home=home,
        since=since,
        state=state,
        state_since=since,
        by=by,
        at=at,
        **more,  # type: ignore[arg-type]
    )


def holder(
    home: Organization,
    post_of: Organization,
    role: str,
    *,
    by: User,
    title: str = "书记",
    name: str = "",
    since: date = SINCE,
    group: PartyGroup | None = None,
    in_committee: bool = False,
) -> User:
    """A signed-in-able member of ``home`` who holds a post with ``role`` at ``post_of``."""
    person = member(home, by=by, name=name)
    post = organizations.make_post(
        post_of, kind=role, title=title, role=role, since=since, group=group,
        in_committee=in_committee, by=by, at=NOON,
    )  # fmt: skip
    people.hold_post(person, post=post, since=since, by=by, at=NOON)
    return account(person)


def account(person: Person, *, by: User | None = None) -> User:
    home = person.home
    user, _ = accounts.issue(
        person_id=person.pk,
        name=person.name,
        wanted=f"u{next(_numbers)}",
        path=home.path,
        organization=home.pk,
        by=by or User.objects.get(is_system=True),
        at=NOON,
    )
    return user


def admin(role: str) -> User:
    user, _ = accounts.appoint_admin(
        username=f"{role}{next(_numbers)}",
        name=role,
        admin_role=role,
        by=User.objects.get(is_system=True),
        at=NOON,
    )
    return user


def cast_for(tree: Tree) -> dict[str, User | None]:
    """Every standing towards ``tree.village``."""
    by = tree.system
    return {
        "secretary": holder(tree.village, tree.village, "branch-secretary", by=by, name="顾长林"),
        "committee member": holder(
            tree.village, tree.village, "branch-committee", by=by, title="组织委员", name="倪秀兰"
        ),
        "member": account(member(tree.village, by=by, name="蒋红梅")),
        "township officer": holder(
            tree.inner, tree.east, "committee-officer", by=by, title="组织干事", name="邵立群"
        ),
        "county officer": holder(
            tree.inner, tree.county, "committee-officer", by=by, title="组织部干事", name="沈国栋"
        ),
        "sibling secretary": holder(tree.inner, tree.inner, "branch-secretary", by=by),
        "stranger secretary": holder(tree.far, tree.far, "branch-secretary", by=by),
        "other township officer": holder(
            tree.far, tree.west, "committee-officer", by=by, title="组织干事"
        ),
        "stranger member": account(member(tree.far, by=by)),
        "system admin": admin("system-admin"),
        "security admin": admin("security-admin"),
        "audit admin": admin("audit-admin"),
        "signed out": None,
    }
