"""Many at once: looked at by rehearsing, done whole or not at all."""

import pytest
from django.db import connection

from tests import factories
from zhibu.core.many import Offer, Undone, do, do_each, rehearse, rehearse_each
from zhibu.core.verdicts import Refused, no
from zhibu.organizations.models import Organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def offers(tree):
    rows = [tree.village, tree.inner, tree.far]
    return [Offer(row.pk, row, row.name) for row in rows]


def renames(*, but=()):
    def act(row):
        if row.pk in but:
            Organization.all_rows.filter(pk=row.pk).update(place="写了一半")
            raise Refused(no(f"不能改：{row.name}。"))
        Organization.all_rows.filter(pk=row.pk).update(place="改了")

    return act


def places():
    return list(Organization.all_rows.exclude(place="").values_list("place", flat=True))


def test_a_rehearsal_says_what_each_would_say_and_keeps_nothing(offers):
    bad = offers[1].pk

    lines = rehearse(reversed(offers), renames(but=[bad]))

    assert [line.offer.pk for line in lines] == sorted(offer.pk for offer in offers)
    assert [line.fault for line in lines if line.fault] == [f"不能改：{offers[1].title}。"]
    assert places() == []


def test_all_are_done(offers):
    assert [line.fault for line in do(offers, renames())] == ["", "", ""]
    assert places() == ["改了"] * 3


def test_one_that_cannot_be_done_undoes_them_all_and_every_fault_is_told(offers):
    with pytest.raises(Undone) as caught:
        do(offers, renames(but=[offers[0].pk, offers[2].pk]))

    assert [bool(line.fault) for line in caught.value.lines] == [True, False, True]
    assert places() == []


def test_something_else_than_a_refusal_is_no_answer(offers):
    def breaks(row):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rehearse(offers, breaks)


def test_a_rehearsal_leaves_no_transaction_open(offers):
    before = len(connection.savepoint_ids)
    rehearse(offers, renames())

    assert len(connection.savepoint_ids) == before
    assert not connection.needs_rollback


def test_a_rehearsal_forgets_who_stands_where(tree, cast):
    """An action that changes who may what must not be remembered from a rehearsal."""
    from datetime import date

    from tests.conftest import NOON
    from zhibu.core import once, standing
    from zhibu.people import actions as people
    from zhibu.people.models import Person

    person = Person.objects.get(pk=cast["member"].person_id)
    by = tree.system
    with once.one_request():
        before = standing.of(cast["member"])
        offer = Offer(person.pk, person, person.name)
        rehearse(
            [offer],
            lambda row: people.place(
                row, organization=tree.far, since=date(2026, 11, 1), by=by, at=NOON
            ),
        )
        assert standing.of(cast["member"]) == before
    assert factories.reread(tree).village.path == Person.objects.get(pk=person.pk).path


# --- what rows put off


def put_off_by(offers, *, run, but=()):
    """What was finished, after ``run`` with an action that puts its row off."""
    from zhibu.core import effects

    finished = []

    def act(row):
        if not effects.put_off("x", [row.pk, 7], finished.append):
            finished.append([row.pk])
        if row.pk in but:
            raise Refused(no("不能。"))

    try:
        run(offers, act)
    except Undone:
        finished.append("undone")
    return finished


def test_what_rows_put_off_is_done_once_at_the_end(offers):
    assert put_off_by(offers, run=do) == [sorted({7, *(offer.pk for offer in offers)})]


def test_a_rehearsal_does_not_do_what_is_put_off(offers):
    assert put_off_by(offers, run=rehearse) == []


def test_nothing_put_off_is_done_where_all_is_undone(offers):
    assert put_off_by(offers, run=do, but=[offers[0].pk]) == ["undone"]


def test_outside_nothing_is_put_off(offers):
    def each(rows, act):
        for offer in rows:
            act(offer.row)

    assert put_off_by(offers, run=each) == [[offer.pk] for offer in offers]


# --- each on its own


def test_one_that_cannot_be_done_keeps_no_other_from_being_done(offers):
    lines = do_each(offers, renames(but=[offers[1].pk]))

    assert [bool(line.fault) for line in lines] == [False, True, False]
    assert places() == ["改了"] * 2


def test_a_rehearsal_of_each_keeps_nothing(offers):
    lines = rehearse_each(offers, renames(but=[offers[1].pk]))

    assert [bool(line.fault) for line in lines] == [False, True, False]
    assert places() == []


def test_what_a_row_puts_off_is_done_with_the_row(offers):
    each = [sorted({7, offer.pk}) for offer in offers]
    assert put_off_by(offers, run=do_each) == each
    assert put_off_by(offers, run=rehearse_each) == []
    assert each[2] in put_off_by(offers, run=do_each, but=[offers[0].pk])


def test_what_the_action_says_is_said_of_its_row(offers):
    assert [line.says for line in do_each(offers, lambda row: f"{row.pk}好了")] == [
        f"{offer.pk}好了" for offer in offers
    ]
