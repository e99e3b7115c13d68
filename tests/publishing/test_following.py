"""What becomes of publications and of what was asked about them when their organisation ends."""

import pytest
from django.utils import timezone

from tests.conftest import NOON
from tests.publishing import topics
from tests.publishing.test_telling import told
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.organizations import succeeding
from zhibu.organizations.models import Organization
from zhibu.publishing import actions
from zhibu.publishing.models import Publication, Voice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def merged(tree):
    succeeding.merge(
        [tree.village], into=succeeding.Into(existing=tree.inner), on=timezone.localdate(NOON),
        by=tree.system, at=NOON,
    )  # fmt: skip
    return Organization.all_rows.get(pk=tree.village.pk)


def test_what_is_on_its_way_goes_on_in_the_successor(board, cast, tree):
    draft = topics.proposed(tree.village, by=cast["committee member"])
    back = topics.proposed(tree.village, by=cast["committee member"], title="退回的")
    actions.send_back(back, reason="不要了", by=cast["secretary"], at=NOON)
    Notice.objects.all().delete()

    merged(tree)

    draft, back = (Publication.objects.get(pk=one.pk) for one in (draft, back))
    assert (draft.organization, back.organization) == (tree.inner, tree.village)
    assert told(cast, "to-publish:") == {"sibling secretary"}
    assert Entry.objects.filter(kind="publishing:publication:followed").count() == 1
    topics.checked(draft, by=cast["sibling secretary"])
    actions.approve(draft, by=cast["sibling secretary"], at=NOON)
    done = actions.publish(draft, by=cast["sibling secretary"], at=NOON)
    assert done.state == Publication.State.PUBLISHED
    assert verify().ok


def test_what_was_let_out_stays_and_whoever_is_above_answers(publication, cast, tree):
    actions.raise_voice(publication, kind="question", said="谁来修？", at=NOON)
    Notice.objects.all().delete()

    ended = merged(tree)

    assert Publication.objects.get(pk=publication.pk).organization == ended
    assert told(cast, "voice:") == {"township officer"}
    assert list(Voice.objects.visible_to(cast["township officer"])) == [Voice.objects.get()]
    voice = actions.answer(
        Voice.objects.get(), text="新支部修。", in_public=False, by=cast["township officer"],
        at=NOON,
    )  # fmt: skip
    assert voice.is_answered and verify().ok


def test_the_preview_counts_both(publication, cast, tree):
    actions.raise_voice(publication, kind="question", said="谁来修？", at=NOON)
    topics.proposed(tree.village, by=cast["committee member"], title="另一件")

    merger = succeeding.Merger((tree.village,), succeeding.Into(existing=tree.inner))
    going = succeeding.preview([merger], timezone.localdate(NOON)).going

    counted = {one.title: one.count for one in going}
    assert (counted["在办的公开"], counted["没答复的问题、异议"]) == (1, 1)
