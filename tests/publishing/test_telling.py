"""Who hears what waits for them, and who proposed, what came of it."""

from datetime import date, timedelta

import pytest

from tests import factories
from tests.conftest import NOON
from tests.publishing import topics
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.publishing import actions, rules, tasks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def told(cast, key):
    """Who of the cast was told with such a key; each once."""
    rows = list(Notice.objects.filter(key__startswith=key).values_list("user", flat=True))
    assert len(rows) == len(set(rows))
    names = {user.pk: name for name, user in cast.items() if user}
    return {names.get(pk, "somebody else") for pk in rows}


def test_each_step_calls_whoever_may_take_the_next_at_the_place(board, cast, tree):
    draft = topics.proposed(tree.village, by=cast["committee member"])
    assert told(cast, "to-publish:") == {"secretary"}
    Notice.objects.all().delete()

    topics.checked(draft, by=cast["township officer"])
    assert told(cast, "to-publish:") == {"secretary"}  # a committee member does not approve
    Notice.objects.all().delete()

    actions.approve(draft, by=cast["secretary"], at=NOON)
    assert told(cast, "to-publish:") == {"committee member"}


def test_a_lone_secretary_calls_whoever_is_above_to_look_and_nobody_to_approve(board, cast, tree):
    lone = cast["sibling secretary"]
    draft = topics.proposed(tree.inner, by=lone)
    assert told(cast, "to-publish:") == {"township officer"}
    Notice.objects.all().delete()

    topics.checked(draft, by=cast["township officer"])
    assert told(cast, "to-publish:") == {"sibling secretary"}
    Notice.objects.all().delete()

    actions.approve(draft, by=lone, at=NOON)
    assert told(cast, "to-publish:") == set()  # the one who approved may publish it


def test_where_nobody_else_is_near_the_county_is_called(board, cast, tree):
    bare = factories.organization(tree.east, by=tree.system, name="空支部", kind="branch")
    topics.proposed(bare, by=cast["township officer"])
    assert told(cast, "to-publish:") == {"county officer"}


def test_posts_that_the_catalogue_names_alone_are_called(board, cast, tree):
    draft = topics.proposed(
        tree.village, by=cast["committee member"], topic=topics.NAMED,
        audience=[cast["member"].person_id],
    )  # fmt: skip
    Notice.objects.all().delete()
    topics.checked(draft, by=cast["township officer"])
    assert told(cast, "to-publish:") == {"secretary"}


@pytest.mark.parametrize(("state", "word"), [("returned", "退回了"), ("withdrawn", "撤下了")])
def test_whoever_proposed_hears_how_it_ended_and_why(board, cast, tree, state, word):
    act = {"returned": actions.send_back, "withdrawn": actions.withdraw}[state]
    draft = topics.proposed(tree.village, by=cast["committee member"])
    if state == "withdrawn":
        topics.checked(draft, by=cast["secretary"])
        actions.approve(draft, by=cast["secretary"], at=NOON)
        actions.publish(draft, by=cast["secretary"], at=NOON)
    Notice.objects.all().delete()

    act(draft, reason="日子写错了", by=cast["secretary"], at=NOON)

    assert told(cast, "") == {"committee member"}
    notice = Notice.objects.get()
    assert notice.title == f"{word}：{draft.title}" and "日子写错了" in notice.body


def test_whoever_proposed_hears_that_it_is_out_unless_they_let_it_out(board, cast, tree):
    by, other = cast["committee member"], cast["secretary"]
    for publisher, heard in ((other, {"committee member"}), (by, set())):
        draft = topics.proposed(tree.village, by=by)
        topics.checked(draft, by=other)
        actions.approve(draft, by=other, at=NOON)
        Notice.objects.all().delete()
        actions.publish(draft, by=publisher, at=NOON)
        assert told(cast, "") == heard


def test_who_ought_to_read_a_rule_hears_of_each_version_once(board, cast, tree):
    rule = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topics.RULES
    )
    heard = {"secretary", "member"}  # of the village; whoever let it out has read it
    assert told(cast, f"to-read:{rule.pk}") == heard
    later = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topics.RULES,
        replaces=rule.pk,
    )  # fmt: skip
    assert told(cast, f"to-read:{later.pk}") == heard


def test_whom_it_is_for_by_name_hears_it_and_nobody_else(board, cast, tree):
    made = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topics.NAMED,
        audience=[cast["member"].person_id],
    )  # fmt: skip
    assert told(cast, f"to-read:{made.pk}") == {"member"}


def test_what_nobody_has_to_sign_is_told_to_no_readers(publication, cast):
    assert told(cast, "to-read:") == set()


def test_a_voice_calls_whoever_answers_there_and_tells_nothing_of_it(publication, cast):
    Notice.objects.all().delete()
    for _ in range(2):
        actions.raise_voice(
            publication, kind="objection", said="占了我家的地", seal="一道题", at=NOON
        )
    assert told(cast, "voice:") == {"secretary", "committee member"}
    for notice in Notice.objects.all():
        assert "占了我家的地" not in notice.title + notice.body
        assert publication.title in notice.title


def test_whoever_cannot_sign_in_is_not_called(board, cast, tree):
    secretary = cast["secretary"]
    secretary.is_active = False
    type(secretary).objects.filter(pk=secretary.pk).update(is_active=False)
    topics.proposed(tree.village, by=cast["committee member"])
    assert told(cast, "to-publish:") == {"township officer"}


# --- looking again


@pytest.fixture
def rule(board, cast, tree):
    return topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topics.RULES
    )


def a_year_on(days=0):
    return NOON.replace(year=2027) + timedelta(days=days)


def test_on_its_day_whoever_checks_there_hears_once_that_it_is_to_be_looked_at_again(rule, cast):
    for days, heard in ((-1, 0), (0, 1), (1, 1), (6, 1)):
        tasks.look_again(a_year_on(days))
        assert Notice.objects.filter(key__startswith="to-look-again:").count() == 2 * heard
    assert told(cast, "to-look-again:") == {"secretary", "committee member"}


def test_looked_at_again_it_counts_from_that_day_and_the_ledger_says_so(rule, cast):
    found = actions.look_again(rule, by=cast["secretary"], at=a_year_on())

    assert found.review_on == date(2028, 11, 20)
    assert Entry.objects.filter(kind="publishing:publication:looked-at-again").count() == 1
    tasks.look_again(a_year_on(1))
    assert told(cast, "to-look-again:") == set()
    assert verify().ok


def test_what_has_no_such_day_or_is_down_is_not_looked_at_again(rule, publication, cast):
    with pytest.raises(Refused, match="不用再看"):
        actions.look_again(publication, by=cast["secretary"], at=NOON)
    actions.withdraw(rule, reason="不用了", by=cast["secretary"], at=NOON)
    with pytest.raises(Refused, match="不用再看"):
        actions.look_again(rule, by=cast["secretary"], at=NOON)
    tasks.look_again(a_year_on())
    assert told(cast, "to-look-again:") == set()


def test_the_page_offers_it_to_those_who_check_there_alone(rule, cast, client):
    for who, offered in (("secretary", True), ("member", False)):
        client.force_login(cast[who])
        assert (
            "再看了一遍，还用" in client.get(rule.get_absolute_url()).content.decode()
        ) == offered


def test_where_the_pack_is_gone_nothing_is_counted_anew(rule, cast, monkeypatch):
    monkeypatch.setattr(rules, "_topic", lambda publication: None)

    with pytest.raises(Refused, match="不用再看"):
        actions.look_again(rule, by=cast["secretary"], at=NOON)
