"""Whatever is posted and taken back, books balance, and sums over organisations are the sums over
books. The oracle adds plain decimals up, row by row."""

from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.money import books
from tests.money.books import DAY
from zhibu.core.effects import Unfit
from zhibu.money import chart, sums
from zhibu.money.models import Entry

YUAN = st.decimals(min_value="0.01", max_value="99999.99", places=2).map(str)
STEP = st.one_of(
    st.tuples(st.just("receive"), st.sampled_from(["self-raised", "subsidy", "donated"]), YUAN),
    st.tuples(st.just("pay"), st.sampled_from(["works", "wages"]), YUAN),
    st.tuples(st.just("plan"), st.just(""), YUAN),
    st.tuples(st.just("pledge"), st.sampled_from(["李德广", "徐洪保"]), YUAN),
    st.tuples(st.just("reverse"), st.integers(0, 9).map(str), st.just("")),
)
STORY = st.lists(st.tuples(st.integers(0, 2), STEP), max_size=12)


class Undone(Exception):
    """The story is over: the next begins from empty books."""


def play(made, story, by):
    """Do what the story says where it may be; what is refused leaves no trace."""
    for number, (kind, name, amount) in story:
        book = made[number]
        before = Entry.objects.count()
        with suppress(Unfit):
            if kind == "receive":
                books.receive(book, amount, by=by, source_of=name)
            elif kind == "pay":
                books.pay(book, amount, by=by, use=name)
            elif kind == "plan":
                books.plan(book, amount, by=by)
            elif kind == "pledge":
                books.pledge(book, name, amount, by=by)
            else:
                entries = list(book.entries.order_by("pk"))
                if entries:
                    books.reverse(entries[int(name) % len(entries)], by=by)
            continue
        assert Entry.objects.count() == before


@pytest.fixture
def made(tree, cast):
    by = cast["secretary"]
    places = (tree.village, tree.inner, tree.village)
    return [books.opened(place, by=by, title=f"{n}") for n, place in enumerate(places)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORY)
def test_books_always_balance_and_sums_are_sums(made, cast, story):
    with suppress(Undone), transaction.atomic():
        play(made, story, cast["secretary"])

        held = sums.balances([book.pk for book in made])
        for book in made:
            plain = books.oracle(book)
            assert sum(plain.values()) == 0
            for code, amount in plain.items():
                sign = -1 if chart.get(code).kind in chart.CREDIT else 1
                assert held[book.pk].get(code, Decimal(0)) == sign * amount
                assert amount * sign >= 0 or chart.get(code).may_go_negative
            now = sums.stands(held[book.pk])
            assert now.received - now.paid == now.left
        _sums_over_organizations_are_sums_over_books(made, held)
        raise Undone


def _sums_over_organizations_are_sums_over_books(made, held):
    by_place = defaultdict(Decimal)
    for entry in Entry.objects.filter(kind__in=["receipt", "reversal"]):
        for line in entry.lines.all():
            for account, sign in ((line.credit, 1), (line.debit, -1)):
                if account.known.is_source:
                    by_place[entry.book.organization_id] += sign * line.amount
    whole = sums.total(sums.stands(held[book.pk]) for book in made)
    assert whole.received == sum(by_place.values())
    for place in {book.organization_id for book in made}:
        mine = [book for book in made if book.organization_id == place]
        assert sums.total(sums.stands(held[b.pk]) for b in mine).received == by_place[place]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORY)
def test_taking_everything_back_leaves_nothing(made, cast, story):
    """Last first, so that nothing that followed from an entry is in the way."""
    by = cast["secretary"]
    with suppress(Undone), transaction.atomic():
        play(made, story, by)
        standing = Entry.objects.filter(reverses=None, reversed_by=None).order_by("-pk")
        for entry in list(standing):
            if entry.kind == Entry.Kind.PLAN:
                continue
            with suppress(Unfit):
                books.reverse(entry, by=by, on=DAY + timedelta(1))

        for book in made:
            now = sums.stands(sums.balances([book.pk])[book.pk])
            assert (now.received, now.paid, now.pledged, now.left) == (0, 0, 0, 0)
        raise Undone
