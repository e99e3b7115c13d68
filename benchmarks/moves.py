"""Moving a subtree of 1,000 organisations with 100,000 people in it: how long the one
transaction takes, and what of it. Target: at most two seconds.

python benchmarks/moves.py [ORGANIZATIONS] [PEOPLE]

The database is a file as the product sets it up, or what ZHIBU_DATABASE names. The subtree
goes there and back, so that every run moves the same rows; duties are adopted above it.
"""

import statistics
import sys
from datetime import date, timedelta

from rig import figures, homes

TIMES = 5
TARGET = 2.0


def built(home, organizations, people):
    from django.utils import timezone

    from tests import factories
    from zhibu.accounts import actions as accounts
    from zhibu.adoptions import actions as adoptions
    from zhibu.core import bulk
    from zhibu.organizations import actions as tree
    from zhibu.people.models import Belonging, MembershipState, Person

    now = timezone.now()
    by = accounts.ensure_system_account(now)
    since = factories.SINCE
    county = factories.organization(None, by=by, name="县委", kind="committee", at=now)
    here, there, town = (
        factories.organization(parent, by=by, name=name, kind=kind, at=now)
        for parent, name, kind in (
            (county, "东片党委", "committee"),
            (county, "西片党委", "committee"),
            (county, "镇党委", "committee"),
        )
    )
    tree.move(town, parent=here, since=date(2021, 1, 1), by=by, at=now)
    town.refresh_from_db()
    middle = tree.establish(
        [(tree.New(f"G{i}", f"第{i}党总支", "general-branch"), town) for i in range(30)],
        established_on=since,
    )
    branches = tree.establish(
        [
            (tree.New(f"B{i}", f"第{i}党支部", "branch"), middle[i % 30])
            for i in range(organizations - 31)
        ],
        established_on=since,
    )
    with homes_of_people():
        ids = bulk.reserve(Person, people)
        blank = Person(registered_at=now)
        columns = [f.attname for f in Person._meta.concrete_fields]
        rows = []
        for number, pk in enumerate(ids):
            home_ = branches[number % len(branches)]
            blank.pk, blank.name, blank.home_id, blank.path = pk, f"党员{pk}", home_.pk, home_.path
            rows.append([getattr(blank, column) for column in columns])
        bulk.insert(Person, columns, rows)
        bulk.insert(
            Belonging,
            ("person_id", "organization_id", "kind", "since", "until", "is_since_known"),
            [(row[0], branches[n % len(branches)].pk, "home", since, None, True)
             for n, row in enumerate(rows)],
        )  # fmt: skip
        bulk.insert(
            MembershipState,
            ("person_id", "state", "since", "until", "basis"),
            [(row[0], "full", since, None, "") for row in rows],
        )
    adoptions.adopt(
        pack="national/branch-life", organization=county, since=date(2026, 1, 1), by=by, at=now
    )
    return by, here, there, town


def homes_of_people():
    from django.db import transaction

    return transaction.atomic()


def main() -> None:
    organizations = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    people = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    home = homes.inside()
    from django.utils import timezone

    from zhibu.organizations import actions as tree
    from zhibu.organizations.models import Organization
    from zhibu.people.models import Person

    by, here, there, town = built(home, organizations, people)
    below = Organization.objects.under(town.path).count()
    members = Person.objects.under(town.path).count()
    took = []
    for number in range(TIMES):
        target = there if number % 2 == 0 else here
        day = date(2022, 1, 1) + timedelta(days=number)
        at = timezone.now()
        town.refresh_from_db()
        took.append(
            figures.took(
                lambda target=target, day=day, at=at: tree.move(
                    town, parent=target, since=day, by=by, at=at
                )
            )
        )
        town.refresh_from_db()
        assert Person.objects.under(town.path).count() == members
    wall = [each.wall / 1000 for each in took]
    row = [
        f"{below} organisations, {members} people",
        f"{statistics.median(wall):.2f}",
        f"{max(wall):.2f}",
        f"{statistics.median(each.work for each in took) / 1000:.2f}",
    ]
    columns = ["moved", f"median, s (target {TARGET:.0f})", "longest, s", "own CPU, s"]
    figures.table(f"Move of a subtree, {home.engine}, {TIMES} times", columns, [row])


if __name__ == "__main__":
    main()
