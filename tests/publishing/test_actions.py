"""From proposal to withdrawal: who may, in which state, and what is on record."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tests.conftest import NOON, TODAY
from tests.publishing import topics
from zhibu.core.verdicts import Refused
from zhibu.ledger import actions as ledger
from zhibu.ledger import verify
from zhibu.ledger.models import Entry
from zhibu.publishing import actions, queries, rules
from zhibu.publishing.actions import Faulty, Proposal
from zhibu.publishing.models import Channel, Posting, Publication, Receipt, Voice

State = Publication.State


def test_published_is_seen_hangs_and_counts_its_days(publication):
    assert publication.state == State.PUBLISHED
    assert publication.published_on == TODAY
    assert publication.hang_until == date(2026, 12, 4)  # fifteen days, the first one counted
    assert list(queries.shown(TODAY)) == [publication]
    assert list(queries.running(date(2026, 12, 4))) == [publication]
    assert list(queries.running(date(2026, 12, 5))) == []
    page = Posting.objects.get()
    assert (page.channel, page.posted_on, page.until) == (Channel.PAGE, TODAY, None)


def test_nothing_is_seen_before_it_is_published(board, cast, tree):
    draft = topics.proposed(tree.village, by=cast["committee member"])
    assert not queries.shown(TODAY).exists()
    topics.checked(draft, by=cast["secretary"])
    actions.approve(draft, by=cast["secretary"], at=NOON)
    assert not queries.shown(TODAY).exists()
    assert queries.edition() == 0


def test_whoever_proposed_does_not_check(board, cast, tree):
    draft = topics.proposed(tree.village, by=cast["secretary"])
    with pytest.raises(Refused, match="要别人来审核"):
        topics.checked(draft, by=cast["secretary"])
    assert topics.checked(draft, by=cast["committee member"]).state == State.CHECKED


def test_database_refuses_a_proposer_who_checks(board, cast, tree):
    draft = topics.proposed(tree.village, by=cast["secretary"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=draft.pk).update(
            checked_by=cast["secretary"], checked_at=NOON
        )


@pytest.mark.parametrize("left_out", ["secrecy", "privacy", "words"])
def test_every_question_is_looked_at(board, cast, tree, left_out):
    draft = topics.proposed(tree.village, by=cast["committee member"])
    asked = {id_ for id_, _ in actions.questions(draft)}
    assert left_out in asked
    with pytest.raises(Faulty, match="还有 1 条"):
        actions.check(draft, looked_at=asked - {left_out}, by=cast["secretary"], at=NOON)


@pytest.mark.parametrize(
    ("who", "proposes", "checks", "approves"),
    [
        ("secretary", True, True, True),
        ("committee member", True, True, False),
        ("member", False, False, False),
        ("township officer", True, True, True),
        ("county officer", True, True, True),
        ("sibling secretary", False, False, False),
        ("stranger secretary", False, False, False),
        ("other township officer", False, False, False),
        ("system admin", False, False, False),
        ("security admin", False, False, False),
        ("audit admin", False, False, False),
    ],
)
def test_by_standing(board, cast, tree, who, proposes, checks, approves):
    other = cast["secretary" if who != "secretary" else "committee member"]
    draft = topics.proposed(tree.village, by=other)
    assert bool(rules.may_propose(cast[who], tree.village)) is proposes
    assert bool(rules.may_check(cast[who], draft)) is checks
    checker = cast["township officer" if who != "township officer" else "county officer"]
    draft = topics.checked(draft, by=checker)
    assert bool(rules.may_approve(cast[who], draft)) is approves
    assert bool(rules.may_withdraw(cast[who], draft)) is False
    draft = actions.publish(actions.approve(draft, by=checker, at=NOON), by=other, at=NOON)
    assert bool(rules.may_withdraw(cast[who], draft)) is checks


STEPS = {
    "check": lambda p, who: topics.checked(p, by=who),
    "approve": lambda p, who: actions.approve(p, by=who, at=NOON),
    "publish": lambda p, who: actions.publish(p, by=who, at=NOON),
    "send_back": lambda p, who: actions.send_back(p, reason="写得不清楚", by=who, at=NOON),
    "withdraw": lambda p, who: actions.withdraw(p, reason="写错了", by=who, at=NOON),
    "post": lambda p, who: actions.post(
        p, channel="board", place="村口", posted_on=TODAY, by=who, at=NOON
    ),
}
ALLOWED = {
    State.DRAFTED: {"check", "send_back"},
    State.CHECKED: {"approve", "send_back"},
    State.APPROVED: {"publish", "send_back"},
    State.PUBLISHED: {"withdraw", "post"},
    State.REPLACED: set(),
    State.WITHDRAWN: set(),
    State.RETURNED: set(),
}


def _in_state(state, cast, tree):
    proposer, other = cast["committee member"], cast["secretary"]
    found = topics.proposed(tree.village, by=proposer)
    if state == State.RETURNED:
        return STEPS["send_back"](found, other)
    for name, reached in (
        ("check", State.CHECKED), ("approve", State.APPROVED), ("publish", State.PUBLISHED),
    ):  # fmt: skip
        if found.state == state:
            return found
        found = STEPS[name](found, other)
        assert found.state == reached
    if state == State.WITHDRAWN:
        return STEPS["withdraw"](found, other)
    if state == State.REPLACED:
        topics.published(tree.village, by=proposer, checker=other, replaces=found.pk)
        found.refresh_from_db()
    return found


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", State)
def test_by_state(board, cast, tree, state, step):
    found = _in_state(state, cast, tree)
    assert found.state == state
    if step in ALLOWED[state]:
        STEPS[step](found, cast["secretary"])
    else:
        before = Entry.objects.count()
        with pytest.raises(Refused):
            STEPS[step](found, cast["secretary"])
        assert Entry.objects.count() == before


def test_published_no_shorter_than_asked(board, cast, tree):
    with pytest.raises(Faulty, match="最早挂到 2026-12-04"):
        topics.published(
            tree.village, by=cast["secretary"], checker=cast["committee member"]
            if False else cast["township officer"], until=date(2026, 12, 3),
        )  # fmt: skip
    longer = topics.published(
        tree.village, by=cast["secretary"], checker=cast["township officer"],
        until=date(2026, 12, 31), title="另一件",
    )  # fmt: skip
    assert longer.hang_until == date(2026, 12, 31)


def test_withdrawing_empties_what_was_kept_and_says_why(publication, cast):
    before = queries.edition()
    with pytest.raises(Faulty):
        actions.withdraw(publication, reason=" ", by=cast["secretary"], at=NOON)
    actions.withdraw(publication, reason="有一户的数写错了", by=cast["secretary"], at=NOON)
    assert queries.edition() == before + 1
    assert not queries.shown(TODAY).exists()
    publication.refresh_from_db()
    assert publication.stopped_because == "有一户的数写错了"
    assert Posting.objects.get().until == TODAY


def test_edition_moves_with_what_is_seen_and_not_without(board, cast, tree):
    draft = topics.checked(
        topics.proposed(tree.village, by=cast["committee member"]), by=cast["secretary"]
    )
    actions.approve(draft, by=cast["secretary"], at=NOON)
    assert queries.edition() == 0
    actions.publish(draft, by=cast["secretary"], at=NOON)
    assert queries.edition() == 1
    actions.raise_voice(draft, kind="question", said="谁来修？", at=NOON)
    assert queries.edition() == 1
    voice = Voice.objects.get()
    actions.answer(
        voice, text="镇上的工程队。", in_public=True, asked="谁来修", by=cast["secretary"], at=NOON
    )
    assert queries.edition() == 2
    actions.withdraw(draft, reason="重写", by=cast["secretary"], at=NOON)
    assert queries.edition() == 3


def test_edition_does_not_move_where_the_record_fails(publication, cast, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError

    before = queries.edition()
    monkeypatch.setattr(ledger, "record", fail)
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.withdraw(publication, reason="写错了", by=cast["secretary"], at=NOON)
    publication.refresh_from_db()
    assert publication.is_standing
    assert queries.edition() == before


def test_new_version_takes_the_place_of_the_old(publication, cast, tree):
    newer = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"],
        note="改在明年修。", replaces=publication.pk,
    )  # fmt: skip
    publication.refresh_from_db()
    assert (publication.state, newer.version, newer.replaces_id) == (
        State.REPLACED, 2, publication.pk,
    )  # fmt: skip
    assert list(queries.shown(TODAY)) == [newer]


def test_second_version_under_way_is_refused(publication, cast, tree):
    first = topics.proposed(tree.village, by=cast["secretary"], replaces=publication.pk)
    with pytest.raises(Faulty, match="已经有新的一版"):
        topics.proposed(tree.village, by=cast["secretary"], replaces=publication.pk)
    actions.send_back(first, reason="再想想", by=cast["committee member"], at=NOON)
    topics.proposed(tree.village, by=cast["secretary"], replaces=publication.pk)


def test_numbers_of_people_never_leave(board, cast, tree):
    found = topics.proposed(
        tree.village, by=cast["secretary"], title="找 13800138000 问",
        note="身份证 11010519491231002X，电话１３８－００１３－８０００。",
    )  # fmt: skip
    for text in (found.title, found.note):
        assert "138" not in text and "１３８" not in text and "110105" not in text


def test_topic_not_in_force_is_refused(board, cast, tree):
    with pytest.raises(Faulty, match="没有在用的公开目录"):
        topics.proposed(tree.village, by=cast["secretary"], topic=f"{topics.SHELF}/nothing")


def test_named_people_are_named(board, cast, tree):
    person = cast["member"].person_id
    with pytest.raises(Faulty, match="公开给哪些人"):
        topics.proposed(tree.village, by=cast["secretary"], topic=topics.NAMED)
    with pytest.raises(Faulty, match="不用选人"):
        topics.proposed(tree.village, by=cast["secretary"], audience=[person])
    found = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topics.NAMED,
        audience=[person],
    )  # fmt: skip
    assert not queries.shown(TODAY).exists()
    assert Publication.objects.visible_to(cast["member"]).get() == found
    assert not Publication.objects.visible_to(cast["stranger member"]).exists()


def test_approval_by_the_post_that_is_named(board, cast, tree):
    found = topics.checked(
        topics.proposed(
            tree.village, by=cast["committee member"], topic=topics.NAMED,
            audience=[cast["member"].person_id],
        ),
        by=cast["secretary"],
    )  # fmt: skip
    with pytest.raises(Refused, match="审批"):
        actions.approve(found, by=cast["township officer"], at=NOON)
    assert actions.approve(found, by=cast["secretary"], at=NOON).state == State.APPROVED


@pytest.mark.parametrize(
    ("topic", "seen_by"),
    [
        (topics.MATTERS, {"member", "stranger member", "system admin"}),
        (topics.INSIDE, {"member", "stranger member"}),
        (topics.RULES, {"member"}),
    ],
)
def test_who_sees_what_is_out(board, cast, tree, topic, seen_by):
    topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topic
    )
    for who in ("member", "stranger member", "system admin"):
        seen = Publication.objects.visible_to(cast[who]).exists()
        assert seen is (who in seen_by), who


def test_unit_of_a_committee_reaches_those_below(board, cast, tree):
    topics.published(
        tree.east, by=cast["township officer"], checker=cast["county officer"], topic=topics.RULES
    )
    assert Publication.objects.visible_to(cast["member"]).exists()
    assert not Publication.objects.visible_to(cast["stranger member"]).exists()


def test_voice_is_sealed_followed_and_answered_in_private(publication, cast):
    code = actions.raise_voice(
        publication, kind="objection", said="我家的地没量", contact="13800138000", at=NOON
    )
    voice = queries.voice_by_code(f" {code.lower().replace('-', ' ')} ")
    assert voice is not None and voice.said == "我家的地没量"
    assert b"13800138000" not in bytes(voice.contact_sealed)
    assert code not in str(voice.__dict__)
    assert queries.voice_by_code("AAAA-AAAA-AAAA") is None
    assert queries.voice_by_code("") is None
    with pytest.raises(Faulty, match="成立不成立"):
        actions.answer(voice, text="会去量。", in_public=False, by=cast["secretary"], at=NOON)
    actions.answer(
        voice, text="会去量。", in_public=False, stands=True, by=cast["secretary"], at=NOON
    )
    assert queries.answered_in_public(publication) == []
    with pytest.raises(Refused, match="已经答复"):
        actions.answer(
            voice, text="再答", in_public=False, stands=True, by=cast["secretary"], at=NOON
        )


def test_voice_only_on_what_everybody_reads(board, cast, tree):
    inside = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topics.INSIDE
    )
    with pytest.raises(Refused, match="不在公开"):
        actions.raise_voice(inside, kind="question", said="？", at=NOON)


def test_contacts_are_erased_after_ninety_days(publication, cast):
    code = actions.raise_voice(
        publication, kind="question", said="问", contact="村东头第三家", at=NOON
    )
    voice = queries.voice_by_code(code)
    actions.answer(voice, text="答", in_public=False, by=cast["secretary"], at=NOON)
    assert actions.erase_contacts(at=topics.days_later(90)) == 0
    assert actions.erase_contacts(at=topics.days_later(91)) == 1
    voice.refresh_from_db()
    assert (voice.contact, voice.said) == ("", "问")


@pytest.mark.parametrize("in_public", [True, False])
def test_words_are_erased_after_two_years(publication, cast, in_public):
    code = actions.raise_voice(publication, kind="question", said="我家的事", at=NOON)
    voice = queries.voice_by_code(code)
    actions.answer(
        voice, text="答", in_public=in_public, asked="问修路" if in_public else "",
        by=cast["secretary"], at=NOON,
    )  # fmt: skip
    assert actions.erase_voices(at=topics.days_later(730)) == 0
    assert actions.erase_voices(at=topics.days_later(732)) == 1
    assert actions.erase_voices(at=topics.days_later(733)) == 0
    left = Voice.objects.filter(pk=voice.pk).first()
    assert (left is not None) is in_public
    if left is not None:
        assert (left.said, left.asked, left.answer) == ("", "问修路", "答")
    assert verify.verify().ok


def test_posting_by_day(publication, cast):
    def post(day, until=None, **more):
        said = {"channel": "board", "place": "村口"} | more
        return actions.post(
            publication, posted_on=day, until=until, by=cast["secretary"], at=NOON, **said
        )

    with pytest.raises(Faulty, match="不能早于公开"):
        post(date(2026, 11, 19))
    with pytest.raises(Faulty, match="还没有到"):
        post(date(2026, 11, 21))
    with pytest.raises(Faulty, match="写在哪里"):
        post(TODAY, place=" ")
    with pytest.raises(Faulty, match="选一种"):
        post(TODAY, channel="page")
    posting = post(TODAY)
    with pytest.raises(Faulty):
        actions.end_posting(posting, until=date(2026, 11, 19), by=cast["secretary"], at=NOON)
    actions.end_posting(posting, until=TODAY, by=cast["secretary"], at=NOON)
    with pytest.raises(Refused):
        actions.end_posting(posting, until=TODAY, by=cast["secretary"], at=NOON)


def test_read_is_said_once_by_oneself(board, cast, tree):
    rule = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topics.RULES
    )
    assert rule.review_on == date(2027, 11, 20)
    first = actions.give_receipt(rule, by=cast["member"], at=NOON)
    assert actions.give_receipt(rule, by=cast["member"], at=topics.days_later(1)) == first
    assert Receipt.objects.count() == 1
    with pytest.raises(Refused, match="没有对应的人"):
        actions.give_receipt(rule, by=cast["system admin"], at=NOON)


def test_nobody_says_that_they_read_what_is_not_for_them(board, cast, tree):
    rule = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topics.RULES
    )
    with pytest.raises(Refused, match="不是向您公开的"):
        actions.give_receipt(rule, by=cast["stranger member"], at=NOON)
    assert not Receipt.objects.exists()


def test_ledger_verifies_after_a_whole_life(publication, cast, tree):
    code = actions.raise_voice(publication, kind="question", said="问", contact="家", at=NOON)
    actions.answer(
        queries.voice_by_code(code), text="答", in_public=True, asked="问", by=cast["secretary"],
        at=NOON,
    )  # fmt: skip
    posting = actions.post(
        publication, channel="board", place="村口", posted_on=TODAY, by=cast["secretary"], at=NOON
    )
    actions.end_posting(posting, until=TODAY, by=cast["secretary"], at=NOON)
    actions.give_receipt(publication, by=cast["member"], at=NOON)
    newer = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"],
        replaces=publication.pk,
    )  # fmt: skip
    actions.withdraw(newer, reason="写错了", by=cast["secretary"], at=NOON)
    actions.erase_contacts(at=topics.days_later(100))
    ledger.seal(NOON)
    assert verify.verify().ok


def test_ledger_notices_what_is_altered(publication):
    Publication.objects.filter(pk=publication.pk).update(note="别的")
    assert not verify.verify().ok


@pytest.mark.parametrize("count", [1, 3])
def test_shown_is_one_query(board, cast, tree, count, django_assert_num_queries):
    for number in range(count):
        topics.published(
            tree.village, by=cast["committee member"], checker=cast["secretary"],
            title=f"第 {number} 件",
        )  # fmt: skip
    with django_assert_num_queries(1):
        assert len([one.organization.name for one in queries.shown(TODAY)]) == count
    with django_assert_num_queries(1):
        assert len([one.organization.name for one in queries.running(TODAY)]) == count
    with django_assert_num_queries(1):
        queries.edition()


def test_proposal_needs_words(board, cast, tree):
    with pytest.raises(Faulty):
        actions.propose(tree.village, Proposal(topic=topics.MATTERS), by=cast["secretary"], at=NOON)
