"""Rows: opened, corrected, ended, voided; each refusal with its place, nothing half-written."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tests import factories
from tests.conftest import NOON
from tests.registers import books
from zhibu.core.fields import Named
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.registers import actions
from zhibu.registers.drafts import Draft, Faulty
from zhibu.registers.models import Mention, Revision, Row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def who(world, tree):
    person = factories.member(tree.village, by=tree.system, name="单文秀")
    return Named(person.pk, person.name)


@pytest.fixture
def row(cast, tree, who):
    return books.open_row(
        tree.village, by=cast["secretary"], who=who, job="clerk", until=date(2027, 1, 1)
    )


def test_open_keeps_values_copies_and_mentions(row, who, tree):
    row.refresh_from_db()

    assert row.values == {"who": {"id": who.id, "name": "单文秀"}, "job": "clerk"}
    assert (row.title, row.counted, row.is_shared) == ("单文秀", "clerk", True)
    assert list(row.mentions.values_list("column", "person", "is_subject")) == [
        ("who", who.id, True)
    ]
    assert Entry.objects.filter(kind="registers:row:opened", subject_id=str(row.pk)).count() == 1
    assert verify().faults == []


@pytest.mark.parametrize(
    ("values", "days", "place", "says"),
    [
        ({"job": None}, (date(2026, 1, 1), None), "job", "要填"),
        ({}, (date(2026, 1, 1), date(2026, 1, 1)), "until", "晚于"),
        ({}, (date(2026, 1, 1), date(2028, 1, 2)), "until", "最长2年"),
    ],
)
def test_open_refuses_with_the_place(values, days, place, says, cast, tree, who):
    given = {"who": who, "job": "clerk", **values}

    with pytest.raises(Faulty) as refused:
        books.open_row(tree.village, by=cast["secretary"], since=days[0], until=days[1], **given)

    assert says in refused.value.faults[place]
    assert not Row.objects.exists()
    assert not Mention.objects.exists()


def test_open_takes_the_longest_there_may_be(cast, tree, who):
    made = books.open_row(
        tree.village, by=cast["secretary"], who=who, job="clerk", until=date(2028, 1, 1)
    )

    assert made.until == date(2028, 1, 1)


def test_open_refuses_another_of_the_same_key_on_a_day(row, cast, tree, who):
    with pytest.raises(Faulty, match="谁、岗位一样的已经有一行"):
        books.open_row(
            tree.village, by=cast["secretary"], who=who, job="clerk", since=date(2026, 12, 31)
        )

    assert Row.objects.count() == 1


def test_open_takes_one_that_touches_and_one_of_another_key(row, cast, tree, who):
    books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk", since=date(2027, 1, 1))
    books.open_row(tree.village, by=cast["secretary"], who=who, job="driver")

    assert Row.objects.count() == 3


def test_database_refuses_an_overlap_that_no_action_saw(row):
    twin = Row.objects.get(pk=row.pk)
    twin.pk, twin.number, twin.numbered_in, twin.year = None, None, None, None

    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        twin.save(force_insert=True)


def test_open_is_for_kinds_that_hold_it_and_for_writers(cast, tree, who):
    with pytest.raises(Refused, match="不是"):
        books.open_row(tree.general, by=cast["county officer"], who=who, job="clerk")
    for stranger in ("committee member", "member", "sibling secretary", "stranger secretary"):
        with pytest.raises(Refused, match="登记"):
            books.open_row(tree.village, by=cast[stranger], who=who, job="clerk")


def test_open_above_only_where_the_pack_says_so(world, cast, tree):
    with pytest.raises(Refused, match="东镇委员会"):
        books.open_row(tree.village, by=cast["secretary"], register=books.CONTACTS, name="李四")

    made = books.open_row(
        tree.village, by=cast["township officer"], register=books.CONTACTS, name="李四"
    )

    assert made.title == "李四"


def test_posts_narrow_who_writes(cast, tree, clock):
    text = books.CONTACTS_TEXT.replace(
        'writer = { who = "above" }', 'writer = { posts = ["branch-secretary"] }'
    )
    with books.adopted(tree, contacts=text):
        with pytest.raises(Refused, match="不任这个职务"):
            books.open_row(
                tree.village, by=cast["township officer"], register=books.CONTACTS, name="李四"
            )
        made = books.open_row(
            tree.village, by=cast["secretary"], register=books.CONTACTS, name="李四"
        )

    assert made.pk


def test_numbers_count_in_the_county_by_year_and_are_not_given_again(row, cast, tree, who):
    far = factories.member(tree.far, by=tree.system, name="远方人")
    second = books.open_row(
        tree.far, by=cast["stranger secretary"], who=Named(far.pk, far.name), job="clerk"
    )
    actions.void_row(second, reason="写错了", by=cast["stranger secretary"], at=NOON)
    third = books.open_row(
        tree.far, by=cast["stranger secretary"], who=Named(far.pk, far.name), job="clerk"
    )
    next_year = books.open_row(
        tree.village, by=cast["secretary"], who=who, job="clerk", since=date(2027, 1, 1)
    )

    called = [one.called_number for one in (row, second, third, next_year)]
    assert called == ["聘〔2026〕1号", "聘〔2026〕2号", "聘〔2026〕3号", "聘〔2027〕1号"]


def test_correct_keeps_the_version_before(row, cast, who):
    actions.correct_row(
        row, Draft(since=date(2026, 2, 1), until=None, values={"who": who, "job": "driver"}),
        reason="岗位写错", by=cast["secretary"], at=NOON,
    )  # fmt: skip
    row.refresh_from_db()

    kept = row.revisions.get()
    assert (row.since, row.until, row.counted, row.version) == (
        date(2026, 2, 1), None, "driver", 2,
    )  # fmt: skip
    assert (kept.number, kept.kind, kept.reason) == (1, Revision.Kind.CORRECTED, "岗位写错")
    assert kept.content["values"]["job"] == "clerk"
    assert kept.content["since"] == "2026-01-01"
    assert verify().faults == []


def test_correct_changes_nothing_without_a_reason(row, cast, who):
    with pytest.raises(Faulty) as refused:
        actions.correct_row(
            row, Draft(since=date(2026, 2, 1), values={"who": who, "job": "driver"}),
            reason=" ", by=cast["secretary"], at=NOON,
        )  # fmt: skip

    row.refresh_from_db()
    assert refused.value.faults == {"reason": "请写为什么更正。"}
    assert (row.since, row.version) == (date(2026, 1, 1), 1)


def test_correct_may_not_take_a_key(row, cast, tree, who):
    other = books.open_row(tree.village, by=cast["secretary"], who=who, job="driver")

    with pytest.raises(Faulty) as refused:
        actions.correct_row(
            other, Draft(since=date(2026, 6, 1), values={"who": who, "job": "clerk"}),
            reason="看错", by=cast["secretary"], at=NOON,
        )  # fmt: skip

    assert "who" in refused.value.faults


def test_close_ends_on_a_day_with_a_way_and_a_reason(row, cast):
    actions.close_row(
        row, until=date(2026, 11, 1), reason="考上了", ended_as="hired", by=cast["secretary"],
        at=NOON,
    )  # fmt: skip
    row.refresh_from_db()

    assert (row.state, row.until, row.ended_as) == ("ended", date(2026, 11, 1), "hired")
    assert row.standing_on(date(2026, 10, 31)) == "valid"
    assert row.standing_on(date(2026, 11, 1)) == "ended"
    assert row.revisions.get().content["until"] == "2027-01-01"


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"until": date(2026, 1, 1)}, "until"),
        ({"until": date(2027, 1, 2)}, "until"),
        ({"reason": ""}, "reason"),
        ({"ended_as": ""}, "ended_as"),
        ({"ended_as": "promoted"}, "ended_as"),
    ],
)
def test_close_refuses(given, place, row, cast):
    said = {"until": date(2026, 11, 1), "reason": "走了", "ended_as": "left", **given}

    with pytest.raises(Faulty) as refused:
        actions.close_row(row, **said, by=cast["secretary"], at=NOON)

    assert list(refused.value.faults) == [place]
    row.refresh_from_db()
    assert row.state == Row.State.OPEN


def test_close_once_only(row, cast):
    said = {"until": date(2026, 11, 1), "reason": "走了", "ended_as": "left"}
    actions.close_row(row, **said, by=cast["secretary"], at=NOON)

    with pytest.raises(Refused, match="已经结束"):
        actions.close_row(row, **said, by=cast["secretary"], at=NOON)


def test_void_frees_the_key_and_counts_on_no_day(row, cast, tree, who):
    actions.void_row(row, reason="重了", by=cast["secretary"], at=NOON)

    assert not Row.objects.valid_on(date(2026, 6, 1)).exists()
    assert books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk").pk
    with pytest.raises(Refused, match="已经作废"):
        actions.void_row(row, reason="重了", by=cast["secretary"], at=NOON)
    with pytest.raises(Refused, match="作废了"):
        actions.correct_row(
            row, Draft(since=date(2026, 2, 1)), reason="x", by=cast["secretary"], at=NOON
        )
    assert verify().faults == []


def test_nothing_stands_when_recording_fails(cast, tree, who, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError("no ledger")

    monkeypatch.setattr(actions.ledger, "record", fail)

    with pytest.raises(IntegrityError), transaction.atomic():
        books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk")

    assert not Row.objects.exists()


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2025, 12, 31), "not-yet"),
        (date(2026, 1, 1), "valid"),
        (date(2026, 12, 1), "valid"),
        (date(2026, 12, 2), "running-out"),
        (date(2026, 12, 31), "running-out"),
        (date(2027, 1, 1), "run-out"),
    ],
)
def test_standing_is_told_by_the_days(day, standing, row):
    assert row.standing_on(day) == standing
