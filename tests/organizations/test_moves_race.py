"""Many move organisations at once: the tree stays one, and every copy of a path is right."""

import contextlib
import random
from datetime import date, timedelta
from unittest import mock

import pytest
from django.db import connection, transaction

from tests import factories
from tests.conftest import NOON
from tests.processes import compete
from zhibu.accounts.actions import ensure_system_account
from zhibu.accounts.models import User
from zhibu.core import paths
from zhibu.core.verdicts import Refused
from zhibu.organizations import actions
from zhibu.organizations.models import Organization, Placement
from zhibu.people.models import Person

DAY = date(2021, 1, 1)
NODES = 24
AT_ONCE, MOVES = 4, 13


def grown():
    """A root with committees in three levels, branches under them, people in the branches."""
    by = ensure_system_account(NOON)
    root = factories.organization(None, by=by, name="县委", kind="committee")
    committees = [root]
    for number in range(NODES):
        above = committees[number // 3]
        made = factories.organization(above, by=by, name=f"党委{number}", kind="committee")
        committees.append(made)
    branches = [
        factories.organization(above, by=by, name=f"支部{above.pk}") for above in committees[-9:]
    ]
    for branch in branches:
        factories.member(branch, by=by)
    return [o.pk for o in committees[1:]] + [b.pk for b in branches]


def move_about(seed, times):
    """So many random moves, each to a random place, a day after the other; later rounds of
    seeds go on from there, so that most are not refused for what moved meanwhile. How many
    were done.

    What a rule or the day forbids is refused, as it would be on a screen.
    """
    chance = random.Random(seed)
    by = User.objects.get(is_system=True)
    done = 0
    for number in range(times):
        ids = list(Organization.objects.order_by("pk").values_list("pk", flat=True))
        above = list(Organization.objects.filter(kind="committee").values_list("pk", flat=True))
        what, where = chance.choice(ids), chance.choice(above)
        since = DAY + timedelta(days=seed // AT_ONCE * MOVES + number)
        try:
            actions.move(
                Organization.objects.get(pk=what),
                parent=Organization.objects.get(pk=where),
                since=since,
                by=by,
                at=NOON,
            )
            done += 1
        except Refused:
            continue
    return done


def faults():
    """What is wrong with the tree, recomputed from who stood under whom and nothing else."""
    found = []
    parents = dict(Organization.objects.values_list("pk", "parent"))
    rows = list(Placement.objects.order_by("organization", "since"))
    days = {row.since for row in rows}
    for organization in Organization.objects.all():
        wanted = _path(organization.pk, parents)
        if organization.path != wanted:
            found.append(f"{organization.pk}: {organization.path} is not {wanted}")
    for person in Person.objects.select_related("home"):
        if person.path != person.home.path:
            found.append(f"person {person.pk}: {person.path}")
    for day in sorted(days):
        placed = {
            row.organization_id: row
            for row in rows
            if row.since <= day and (row.until is None or row.until > day)
        }
        above = {pk: row.parent_id for pk, row in placed.items()}
        found += [
            f"{pk} on {day}: {row.path}"
            for pk, row in placed.items()
            if row.path != _path(pk, above)
        ]
    open_ = dict(Placement.objects.filter(until=None).values_list("organization", "parent"))
    return found + [f"{pk}: parent {parents[pk]}" for pk in parents if open_.get(pk) != parents[pk]]


def _path(pk, parents):
    steps: list[int] = []
    while pk is not None and pk not in steps:
        steps.append(pk)
        pk = parents.get(pk)
    if pk is not None:
        return "a circle"
    return "".join(paths.step(step) for step in reversed(steps))


def race(processes, times, first=0):
    seeds = range(first, first + processes)
    return sum(compete(move_about, [(seed, times) for seed in seeds]))


@pytest.mark.django_db(transaction=True)
def test_moves_at_once_leave_one_valid_tree():
    grown()

    done = race(AT_ONCE, MOVES)

    assert done > MOVES
    assert faults() == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_thousand_moves_at_once_leave_one_valid_tree():
    grown()
    done = first = 0

    while done < 1000:
        done += race(AT_ONCE, MOVES, first)
        first += AT_ONCE

    assert faults() == []
    assert first < 60 * AT_ONCE


def without_the_lock(seed, times):
    """The same moves with nobody queueing at the root, and time for others in between."""
    looking = actions.rules.may_move

    def slowly(*arguments, **more):
        verdict = looking(*arguments, **more)
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(0.02)")
        return verdict

    with (
        mock.patch.object(actions, "lock_tree"),
        mock.patch.object(actions.rules, "may_move", slowly),
    ):
        done = 0
        for number in range(times):
            # On a torn tree anything may fall over; torn it is all the same.
            with contextlib.suppress(Exception), transaction.atomic():
                done += move_about(AT_ONCE * number + seed, 1)
        return done


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_without_the_lock_the_tree_breaks():
    grown()

    compete(without_the_lock, [(seed, 30) for seed in range(AT_ONCE)])

    assert faults() != []
