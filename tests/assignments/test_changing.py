"""Another day, another owner: for one task, and for many at once."""

from datetime import date

import pytest
from django.urls import reverse

from tests import factories, scenes
from tests.conftest import NOON
from zhibu.assignments import actions, rules
from zhibu.assignments.models import Assignment
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LATER = date(2026, 12, 20)


@pytest.fixture
def task(tree, cast):
    return make(tree, cast, "修路")


def make(tree, cast, title):
    return actions.assign(
        tree.village, title=title, owner=scenes.person_of(cast["member"]),
        due_on=date(2026, 12, 1), by=cast["secretary"], at=NOON,
    )  # fmt: skip


def changed():
    return Entry.objects.filter(kind=actions.Kind.CHANGED).count()


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("secretary", True),
        ("committee member", True),
        ("member", False),  # the owner does it, and does not move its day
        ("township officer", True),
        ("sibling secretary", False),
        ("stranger secretary", False),
        ("system admin", False),
    ],
)
def test_who_may_change_a_task(who, may, cast, task):
    assert bool(rules.may_change(cast[who], task)) is may


def test_a_closed_task_stays_as_it_is(cast, task):
    actions.complete(task, by=cast["secretary"], at=NOON)

    with pytest.raises(Refused, match="不能改：这件事办好了"):
        actions.change(task, due_on=LATER, by=cast["secretary"], at=NOON)


def test_what_was_handed_down_keeps_its_day(tree, cast):
    handed = scenes.handed_down(tree, cast, "摸底", NOON)[1]

    with pytest.raises(Refused, match="日子由它定"):
        actions.change(handed, due_on=LATER, by=cast["secretary"], at=NOON)


def test_a_change_is_recorded_and_the_ledger_verifies(tree, cast, task):
    other = factories.member(tree.village, by=tree.system, name="顾小兵")

    actions.change(task, owner=other, due_on=LATER, by=cast["secretary"], at=NOON)

    task.refresh_from_db()
    assert (task.owner, task.due_on) == (other, LATER)
    assert changed() == 1
    assert verify().ok


def test_a_change_that_changes_nothing_is_refused(cast, task):
    with pytest.raises(Refused, match="本来就是这样"):
        actions.change(task, due_on=task.due_on, by=cast["secretary"], at=NOON)
    assert changed() == 0


def test_changing_on_the_page(cast, task, client):
    client.force_login(cast["secretary"])
    page = client.get(task.get_absolute_url()).content.decode()
    address = reverse("assignments:change", args=[task.pk])

    assert f'href="{address}"' in page
    assert "至少改一样" in client.post(address, {"owner": ""}).content.decode()
    assert client.post(address, {"due_on": "2026-12-20"}).status_code == 302
    task.refresh_from_db()
    assert task.due_on == LATER


def test_several_are_looked_at_and_changed(tree, cast, client):
    tasks = [make(tree, cast, f"修路{number}") for number in range(3)]
    address = reverse("assignments:change_many")
    given = {"row": [t.pk for t in tasks[:2]], "due_on": "2026-12-20", "owner": ""}
    client.force_login(cast["secretary"])

    preview = client.post(address, {**given, "step": "preview"}).content.decode()
    assert "会改的 2 件" in preview
    assert "改到 2026-12-20 前。" in preview
    assert changed() == 0

    assert client.post(address, {**given, "step": "apply"}).status_code == 302
    assert changed() == 2
    assert Assignment.objects.filter(due_on=LATER).count() == 2


def test_one_closed_meanwhile_undoes_the_rest(tree, cast, client):
    tasks = [make(tree, cast, f"修路{number}") for number in range(2)]
    client.force_login(cast["secretary"])
    actions.change(tasks[0], due_on=LATER, by=cast["secretary"], at=NOON)

    page = client.post(
        reverse("assignments:change_many"),
        {"row": [t.pk for t in tasks], "due_on": "2026-12-20", "owner": "", "step": "apply"},
    ).content.decode()

    assert "一个也没有办" in page
    assert "本来就是这样" in page
    assert changed() == 1


def test_what_was_handed_down_is_not_among_them(tree, cast, client):
    scenes.handed_down(tree, cast, "摸底", NOON)
    make(tree, cast, "修路")
    client.force_login(cast["secretary"])

    page = client.get(reverse("assignments:change_many")).content.decode()

    assert "修路" in page
    assert "摸底" not in page


def test_administrators_have_no_tasks_that_nobody_owns(tree, cast):
    handed = scenes.handed_down(tree, cast, "摸底", NOON)[1]
    Assignment.objects.filter(pk=handed.pk).update(owner=None)

    assert not Assignment.objects.visible_to(cast["system admin"]).exists()
