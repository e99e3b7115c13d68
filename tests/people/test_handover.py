"""A post goes to the next holder: one list, two hands, access ends and begins the same day."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document

from tests.activities.conftest import noon, written
from tests.conftest import NOON, TODAY
from tests.organizations.test_organization_views import ABOVE, answers, expected
from zhibu.activities import actions as activities
from zhibu.adoptions import actions as adoptions
from zhibu.assignments import actions as assignments
from zhibu.core import standing
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.people.handover import actions
from zhibu.people.models import Handover, Holding, Person
from zhibu.people.rights import actions as rights

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIFE = "national/branch-life"


@pytest.fixture
def held(cast):
    """The secretary's post of the village."""
    return Holding.objects.select_related("person", "post__organization").get(
        person=cast["secretary"].person_id
    )


@pytest.fixture
def successor(cast):
    return Person.objects.get(pk=cast["committee member"].person_id)


def draw(held, successor, *, by, since=TODAY, **more):
    return actions.draw_up(held, successor=successor, since=since, by=by, at=NOON, **more)


def signed(handover, cast):
    actions.sign(handover, side="given", how="system", by=cast["secretary"], at=NOON)
    return actions.sign(handover, side="taken", how="system", by=cast["committee member"], at=NOON)


def task(tree, held, by):
    return assignments.assign(
        tree.village, title="修路灯", owner=held.person, due_on=TODAY, by=by, at=NOON
    )


def posts(user, day=TODAY):
    return {one.post for one in standing.of(user, day)}


def test_list_holds_what_is_open(cast, held, successor, tree):
    adoptions.adopt(
        pack=LIFE, organization=tree.county, since=date(2026, 10, 1), by=tree.system, at=NOON
    )
    by = cast["secretary"]
    assignments.assign(
        tree.village, title="修路灯", owner=held.person, due_on=TODAY, by=by, at=NOON
    )
    later = TODAY + timedelta(days=14)
    activities.plan(tree.village, written(f"{LIFE}:theme-day", day=later), by=by, at=NOON)
    activities.record(tree.village, written(f"{LIFE}:theme-day", day=TODAY), by=by, at=noon(TODAY))
    member = Person.objects.get(name="蒋红梅")
    rights.ask_correction(member, about="phone", text="换了", by=cast["member"], at=NOON)

    made = draw(held, successor, by=cast["township officer"], papers=["公章一枚", " "])

    by_area = {item["area"]: item["title"] for item in made.items}
    assert set(by_area) == {"assignments", "activities", "records", "duties", "corrections"}
    assert by_area["assignments"] == "修路灯"
    assert by_area["corrections"] == "蒋红梅请更正电话"
    assert made.papers == ["公章一枚"]
    assert verify().faults == []


def test_finish_moves_access_tasks_and_ends_sessions(cast, held, successor, tree, client):
    old, new = cast["secretary"], cast["committee member"]
    given = task(tree, held, old)
    client.force_login(old)
    assert client.get(reverse("people:me")).status_code == 200
    handover = signed(draw(held, successor, by=cast["township officer"]), cast)

    actions.finish(handover, by=cast["township officer"], at=NOON)

    assert "书记" in posts(old, TODAY - timedelta(days=1))
    assert "书记" not in posts(old)
    assert "书记" in posts(new)
    assert "书记" not in posts(new, TODAY - timedelta(days=1))
    given.refresh_from_db()
    assert given.owner == successor
    answer = client.get(reverse("people:me"))
    assert (answer.status_code, answer["Location"].split("?")[0]) == (
        302, reverse("accounts:sign_in")
    )  # fmt: skip
    assert verify().faults == []


def test_old_holder_signs_in_again_with_what_is_left(cast, held, successor, client, clock):
    handover = signed(draw(held, successor, by=cast["township officer"]), cast)
    actions.finish(handover, by=cast["township officer"], at=NOON)
    clock.shift(60)

    client.force_login(cast["secretary"])

    assert client.get(reverse("people:me")).status_code == 200
    assert client.get(reverse("people:list")).status_code == 403


def test_without_both_hands_a_reason_is_needed(cast, held, successor):
    officer = cast["township officer"]
    handover = draw(held, successor, by=officer)
    actions.sign(handover, side="taken", how="paper", by=officer, at=NOON)

    with pytest.raises(Refused, match="还没有两边都签字"):
        actions.finish(handover, by=officer, at=NOON)
    held.refresh_from_db()
    assert held.ended_on is None

    done = actions.finish(handover, reason="原任去世", by=officer, at=NOON)
    assert (done.state, done.ended_reason) == ("done", "原任去世")


def test_without_a_successor_the_post_stands_empty(cast, held):
    officer = cast["township officer"]
    handover = draw(held, None, by=officer)
    actions.sign(handover, side="given", how="paper", by=officer, at=NOON)

    actions.finish(handover, by=officer, at=NOON)

    assert not Holding.objects.filter(post=held.post, ended_on=None).exists()


def test_day_to_come_waits(cast, held, successor):
    officer = cast["township officer"]
    handover = draw(held, successor, since=TODAY + timedelta(days=3), by=officer)

    with pytest.raises(Refused, match="还没到交接日"):
        actions.finish(handover, reason="急", by=officer, at=NOON)


@pytest.mark.parametrize(
    ("who", "side", "how", "is_allowed"),
    [
        ("secretary", "given", "system", True),
        ("secretary", "taken", "system", False),
        ("committee member", "taken", "system", True),
        ("committee member", "given", "system", False),
        ("township officer", "given", "paper", True),
        ("township officer", "given", "system", False),
        ("secretary", "given", "paper", False),
        ("member", "given", "system", False),
    ],
)
def test_each_signs_for_themselves(who, side, how, is_allowed, cast, held, successor):
    handover = draw(held, successor, by=cast["township officer"])

    if is_allowed:
        actions.sign(handover, side=side, how=how, by=cast[who], at=NOON)
    else:
        with pytest.raises(Refused):
            actions.sign(handover, side=side, how=how, by=cast[who], at=NOON)

    handover.refresh_from_db()
    assert bool(getattr(handover, f"{side}_at")) is is_allowed
    assert Entry.objects.filter(kind=actions.Kind.SIGNED).exists() is is_allowed


def test_two_do_not_finish_their_own(cast, held, successor):
    handover = signed(draw(held, successor, by=cast["secretary"]), cast)

    for who in ("secretary", "committee member", "member"):
        with pytest.raises(Refused):
            actions.finish(handover, by=cast[who], at=NOON)


def test_one_list_at_a_time_and_cancelling_needs_a_reason(cast, held, successor):
    officer = cast["township officer"]
    handover = draw(held, successor, by=officer)
    with pytest.raises(Refused, match="已经有一份清单"):
        draw(held, successor, by=officer)
    with pytest.raises(Refused, match="为什么不办"):
        actions.cancel(handover, reason="", by=officer, at=NOON)

    actions.cancel(handover, reason="留任", by=officer, at=NOON)

    assert draw(held, successor, by=officer).state == "open"
    assert verify().faults == []


def test_word_file_tells_what_goes_along(cast, held, successor, tree, client):
    by = cast["secretary"]
    assignments.assign(
        tree.village, title="修路灯", owner=held.person, due_on=TODAY, by=by, at=NOON
    )
    handover = draw(held, successor, by=by, papers=["公章一枚"], note="手机里的草稿当面看")
    client.force_login(by)

    content = client.get(reverse("people:handover_file", args=[handover.pk])).content

    made = Document(BytesIO(content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    text = "\n".join(p.text for p in made.paragraphs)
    assert "修路灯" in cells
    assert "公章一枚" in cells
    assert "交出：顾长林" in text
    assert "接手：倪秀兰" in text
    assert "交出人（签字）" in text
    assert "当面说清：手机里的草稿当面看" in text


# --- the pages


def test_pages_answer_by_standing(cast, held, successor):
    form = reverse("people:hand_over", args=[held.pk])
    assert answers(cast, lambda c: c.get(form)) == expected(
        cast, found=("secretary", *ABOVE), forbidden=("committee member", "member")
    )
    handover = draw(held, successor, by=cast["township officer"])
    seen = expected(cast, found=("secretary", "committee member", *ABOVE))
    for name in ("handover", "handover_file"):
        address = reverse(f"people:{name}", args=[handover.pk])
        assert answers(cast, lambda c, address=address: c.get(address)) == seen
    listed = dict.fromkeys(cast, 200) | {"signed out": 302}
    assert answers(cast, lambda c: c.get(reverse("people:handovers"))) == listed
    may_not = dict.fromkeys(("secretary", "committee member"), 403)
    others = {who: cast[who] for who in cast if who not in ABOVE}
    for name in ("handover_finish", "handover_cancel"):
        address = reverse(f"people:{name}", args=[handover.pk])
        assert answers(others, lambda c, address=address: c.post(address)) == (
            {who: status for who, status in seen.items() if who in others} | may_not
        )
    assert Handover.objects.get().state == "open"


def test_expired_term_is_marked(cast, held, client):
    Holding.objects.filter(pk=held.pk).update(until=date(2026, 9, 30))
    client.force_login(cast["township officer"])

    page = client.get(reverse("people:handovers")).content.decode()

    assert "任期满了，还没有交接" in page
    assert reverse("people:hand_over", args=[held.pk]) in page


def test_drawing_up_on_the_page(cast, held, client):
    client.force_login(cast["township officer"])
    address = reverse("people:hand_over", args=[held.pk])

    wrong = client.post(address, {"successor": "没有这个人", "since": "2026-11-20"})
    assert "没有找到" in wrong.content.decode()
    done = client.post(
        address, {"successor": "倪秀兰", "since": "2026-11-20", "papers": "公章一枚\n\n账本两本"}
    )

    handover = Handover.objects.get()
    assert done["Location"] == handover.get_absolute_url()
    assert handover.papers == ["公章一枚", "账本两本"]


def test_detail_takes_the_same_queries_for_a_long_list(cast, held, successor, queries_of, client):
    handover = draw(held, successor, by=cast["township officer"])
    client.force_login(cast["township officer"])
    few = queries_of(handover.get_absolute_url())
    item = {"area": "assignments", "id": 1, "title": "修", "about": "", "due_on": "", "url": ""}
    Handover.objects.update(items=[item] * 30)

    assert queries_of(handover.get_absolute_url()) == few <= 12
