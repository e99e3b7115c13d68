"""Tasks that a step of a case gives out: a line each, whole or not at all, leading back to it."""

from datetime import date

import pytest
from django.db import transaction

from tests.conftest import NOON
from zhibu.assignments import actions
from zhibu.assignments.effects import SOURCE
from zhibu.assignments.models import Assignment
from zhibu.core import effects
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def give(life, cast, tasks):
    with transaction.atomic():
        effects.run(
            "assignments.give", by=cast["secretary"], at=NOON, organization=life.tree.village.pk,
            owner=life.person.pk, tasks=tasks, due_on=date(2026, 12, 1), case=life.case.pk,
        )  # fmt: skip


def made(life):
    return Assignment.objects.filter(source_type=SOURCE, source_id=life.case.pk).order_by("pk")


def test_every_line_is_a_task_of_the_owner_with_an_entry(life, cast):
    before = Entry.objects.filter(kind=actions.Kind.MADE).count()

    give(life, cast, "列出没有办的\n\n  每月过一遍  \n")

    assert [(one.title, one.owner, one.due_on) for one in made(life)] == [
        ("列出没有办的", life.person, date(2026, 12, 1)),
        ("每月过一遍", life.person, date(2026, 12, 1)),
    ]
    assert Entry.objects.filter(kind=actions.Kind.MADE).count() == before + 2


@pytest.mark.parametrize(("length", "is_fine"), [(100, True), (101, False)])
def test_a_line_is_at_most_a_hundred_characters_and_one_too_long_makes_none(
    life, cast, length, is_fine
):
    tasks = "短的\n" + "改" * length
    if is_fine:
        give(life, cast, tasks)
    else:
        with pytest.raises(Refused, match="第 2 件任务有 101 个字"):
            give(life, cast, tasks)

    assert made(life).count() == (2 if is_fine else 0)


def test_the_page_of_a_task_leads_back_to_the_case(life, cast, client):
    give(life, cast, "每月过一遍")
    client.force_login(cast["secretary"])

    page = client.get(made(life).get().get_absolute_url()).content.decode()

    assert f'href="{life.case.get_absolute_url()}"' in page
