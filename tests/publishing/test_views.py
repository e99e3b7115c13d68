"""The screens: by standing, what they show, what they do."""

from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from tests.conftest import NOON, TODAY
from tests.publishing import topics
from zhibu.publishing import actions
from zhibu.publishing.models import Posting, Publication, Receipt, Voice


def sign_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_whole_way_on_the_pages(board, cast, tree, client):
    """Proposed, looked at, approved, let out, posted, read, taken down: by two people."""
    sign_in(client, cast["committee member"])
    page = client.get(reverse("publishing:due"))
    assert "大事" in page.content.decode()
    url = f"{reverse('publishing:propose', args=[tree.village.pk])}?topic={topics.MATTERS}"
    assert "自己写一条" in client.get(url).content.decode()
    empty = client.post(f"{url}&record=none", {"title": "修路", "note": ""})
    assert empty.status_code == 200 and not Publication.objects.exists()
    answer = client.post(
        f"{url}&record=none", {"title": "修路", "note": "村口的路，电话 13800138000。"}
    )
    made = Publication.objects.get()
    assert answer.url == made.get_absolute_url()
    page = client.get(made.get_absolute_url()).content.decode()
    assert "手机号不公开" in page and "13800138000" not in page
    assert client.post(reverse("publishing:check", args=[made.pk]), {}).status_code == 403

    sign_in(client, cast["secretary"])
    check = reverse("publishing:check", args=[made.pk])
    assert "还有 3 条没有看过" in client.post(check, {}).content.decode()
    asked = [id_ for id_, _ in actions.questions(made)]
    assert client.post(check, {"checks": asked}).status_code == 302
    assert client.post(reverse("publishing:approve", args=[made.pk])).status_code == 302
    short = client.post(
        reverse("publishing:publish", args=[made.pk]), {"until": "2026-12-03"}
    ).content.decode()
    assert "最早挂到 2026-12-04" in short
    assert client.post(reverse("publishing:publish", args=[made.pk]), {}).status_code == 302
    made.refresh_from_db()
    assert made.published_on == TODAY

    post = reverse("publishing:post", args=[made.pk])
    assert client.get(post).status_code == 200
    said = {"channel": "board", "place": "村口", "posted_on": "2026-11-20"}
    assert client.post(post, said).status_code == 302
    posting = Posting.objects.get(channel="board")
    end = reverse("publishing:end_posting", args=[made.pk, posting.pk])
    assert client.post(end, {"until": "2026-11-20"}).status_code == 302
    page = client.get(made.get_absolute_url()).content.decode()
    assert "少挂 14 天" in page

    withdraw = reverse("publishing:withdraw", args=[made.pk])
    assert "还没有挂到" in client.get(withdraw).content.decode()
    assert client.post(withdraw, {"reason": "数写错了"}).status_code == 302
    assert "数写错了" in client.get(made.get_absolute_url()).content.decode()


def test_sent_back_says_why(board, cast, tree, client):
    draft = topics.proposed(tree.village, by=cast["committee member"])
    sign_in(client, cast["secretary"])
    url = reverse("publishing:return", args=[draft.pk])
    assert client.post(url, {"reason": ""}).status_code == 200
    assert client.post(url, {"reason": "写清楚多少钱"}).status_code == 302
    assert "写清楚多少钱" in client.get(draft.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary", 200), ("committee member", 200), ("township officer", 200),
        ("county officer", 200), ("member", 404), ("sibling secretary", 404),
        ("stranger member", 404), ("system admin", 404), ("security admin", 404),
        ("audit admin", 404),
    ],
)  # fmt: skip
def test_draft_is_for_those_of_the_place(board, cast, tree, client, who, status):
    draft = topics.proposed(tree.village, by=cast["secretary"])
    sign_in(client, cast[who])
    assert client.get(draft.get_absolute_url()).status_code == status


@pytest.mark.parametrize("who", ["member", "stranger member", "audit admin"])
def test_whoever_signs_in_reads_what_is_for_everybody(publication, cast, client, who):
    sign_in(client, cast[who])
    page = client.get(publication.get_absolute_url())
    assert page.status_code == 200
    assert "谁经手" not in page.content.decode()
    assert client.get(reverse("publishing:word", args=[publication.pk])).status_code == 200
    assert client.get(reverse("publishing:receipts", args=[publication.pk])).status_code == 404
    assert client.get(reverse("publishing:withdraw", args=[publication.pk])).status_code == 403


def on_paper(client, publication):
    answer = client.get(reverse("publishing:word", args=[publication.pk]))
    document = Document(BytesIO(answer.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)


def addresses(text):
    return [one[one.index("/", 8) :] for one in text.split() if one.startswith("http")]


def test_notice_on_paper_says_whom_to_ask_and_leads_to_its_page_and_proof(
    publication, cast, client
):
    sign_in(client, cast["secretary"])
    text = on_paper(client, publication)
    assert "村口的路今年修" in text and "2026年12月4日" in text
    assert f"向{publication.organization.called}提出" in text
    client.logout()
    page, proof = (client.get(one) for one in addresses(text))
    assert page.status_code == proof.status_code == 200
    assert "村口的路今年修" in page.content.decode() and "修路的事" in proof.content.decode()


@pytest.mark.parametrize("is_over", [False, True])
def test_notice_of_what_is_not_there_for_everybody_leads_to_its_proof_alone(
    board, publication, cast, tree, client, is_over
):
    shown = publication
    if is_over:
        actions.withdraw(publication, reason="写错了", by=cast["secretary"], at=NOON)
    else:
        shown = topics.published(
            tree.village, by=cast["committee member"], checker=cast["secretary"],
            topic=topics.RULES,
        )  # fmt: skip
    sign_in(client, cast["secretary"])
    (only,) = addresses(on_paper(client, shown))
    assert only.startswith("/proofs/")


def test_draft_has_no_notice(board, cast, tree, client):
    draft = topics.proposed(tree.village, by=cast["secretary"])
    sign_in(client, cast["secretary"])
    assert client.get(reverse("publishing:word", args=[draft.pk])).status_code == 404


def test_read_and_who_did_not(board, cast, tree, client):
    rule = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"], topic=topics.RULES
    )
    sign_in(client, cast["member"])
    assert "签收" in client.get(rule.get_absolute_url()).content.decode()
    client.post(reverse("publishing:read", args=[rule.pk]))
    assert Receipt.objects.get().person_id == cast["member"].person_id
    sign_in(client, cast["secretary"])
    page = client.get(reverse("publishing:receipts", args=[rule.pk])).content.decode()
    assert "没有签收" in page and "顾长林" in page
    book = client.get(reverse("publishing:receipts", args=[rule.pk]) + "?export=1")
    cells = [row[0].value for row in load_workbook(BytesIO(b"".join(book))).active.rows]
    assert "蒋红梅" in cells and "顾长林" in cells


def test_voice_is_answered_on_its_page(publication, cast, client):
    actions.raise_voice(
        publication, kind="objection", said="<b>我家</b>的地", contact="村东", at=NOON
    )
    voice = Voice.objects.get()
    sign_in(client, cast["member"])
    assert client.get(reverse("publishing:voices")).status_code == 404
    assert client.get(reverse("publishing:voice", args=[voice.pk])).status_code == 404
    sign_in(client, cast["secretary"])
    assert publication.title in client.get(reverse("publishing:voices")).content.decode()
    url = reverse("publishing:voice", args=[voice.pk])
    page = client.get(url).content.decode()
    assert "&lt;b&gt;我家&lt;/b&gt;" in page and "村东" in page
    bad = client.post(url, {"answer": "会量", "in_public": "yes", "stands": "yes"})
    assert "公开答复的，写问的是什么" in bad.content.decode()
    good = {"answer": "会量", "in_public": "yes", "stands": "yes", "asked": "地量得对不对"}
    assert client.post(url, good).status_code == 302
    page = client.get(publication.get_absolute_url()).content.decode()
    assert "地量得对不对" in page and "我家" not in page


def test_list_to_excel(publication, cast, tree, client):
    sign_in(client, cast["township officer"])
    page = client.get(reverse("publishing:list") + "?view=running")
    assert "修路的事" in page.content.decode()
    book = client.get(reverse("publishing:list") + "?view=all&export=1")
    rows = list(load_workbook(BytesIO(b"".join(book))).active.values)
    assert any(row[0] == "修路的事" and row[4] == "公开" for row in rows)


def test_version_on_the_page(publication, cast, tree, client):
    newer = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"],
        replaces=publication.pk, title="修路的事（更正）",
    )  # fmt: skip
    sign_in(client, cast["secretary"])
    for one in (publication, newer):
        page = client.get(one.get_absolute_url()).content.decode()
        assert "第 1 版，有了新版" in page and "第 2 版，公开" in page


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same(board, cast, tree, client, count, django_assert_max_num_queries):
    for number in range(count):
        topics.published(
            tree.village, by=cast["committee member"], checker=cast["secretary"],
            title=f"第 {number} 件",
        )  # fmt: skip
    sign_in(client, cast["secretary"])
    for url in (reverse("publishing:list") + "?view=all", reverse("publishing:due")):
        with django_assert_max_num_queries(14):
            assert client.get(url).status_code == 200
    with django_assert_max_num_queries(18):
        client.get(Publication.objects.first().get_absolute_url())


def test_unknown_topic_and_record_are_not_there(board, cast, tree, client):
    sign_in(client, cast["secretary"])
    url = reverse("publishing:propose", args=[tree.village.pk])
    assert client.get(f"{url}?topic=nothing").status_code == 404
    assert client.get(f"{url}?topic={topics.MATTERS}&record=cases:999").status_code == 404
    assert client.get(f"{url}?topic={topics.MATTERS}&record=none&replaces=999").status_code == 404
    assert (
        client.get(reverse("publishing:from_record") + "?source=cases&record=9").status_code == 404
    )
    far = reverse("publishing:propose", args=[tree.far.pk])
    assert client.get(f"{far}?topic={topics.MATTERS}").status_code == 404


def test_named_people_are_chosen_by_name(board, cast, tree, client):
    sign_in(client, cast["secretary"])
    url = reverse("publishing:propose", args=[tree.village.pk])
    page = client.get(f"{url}?topic={topics.NAMED}&record=none").content.decode()
    assert "蒋红梅" in page
    client.post(
        f"{url}?topic={topics.NAMED}&record=none",
        {"title": "告知", "note": "内容", "audience": [str(cast["member"].person_id)]},
    )
    assert Publication.objects.get().audience.get().person_id == cast["member"].person_id


def test_days_are_a_span(board, cast, tree, client):
    sign_in(client, cast["secretary"])
    url = reverse("publishing:propose", args=[tree.village.pk])
    url = f"{url}?topic={topics.FINANCE}&record=none"
    said = {"title": "十月收支", "note": "收二百元"}
    for days in ({"since": "2026-10-01"}, {"since": "2026-10-02", "until": "2026-10-01"}):
        assert client.post(url, said | days).status_code == 200
    client.post(url, said | {"since": "2026-10-01", "until": "2026-11-01"})
    assert Publication.objects.get().until == date(2026, 11, 1)


WRITTEN = "村口的路，电话 13800138000。\n工钱打到各家。"


def test_what_was_written_is_seen_first_as_people_will_and_nothing_is_kept(
    board, cast, tree, client
):
    sign_in(client, cast["committee member"])
    url = f"{reverse('publishing:propose', args=[tree.village.pk])}?topic={topics.MATTERS}"
    said = {"title": "修路，问 13900139000", "note": WRITTEN}
    page = client.post(f"{url}&record=none", said | {"look": "1"}).content.decode()
    card = page[page.index('id="look"') : page.index("<form", page.index('id="look"'))]
    assert "修路，问 〔手机号不公开〕" in card and "村口的路，电话 〔手机号不公开〕。<br>" in card
    assert "自动遮住了：手机号" in card and "138001" not in card and "139001" not in card
    assert not Publication.objects.exists()
    form = page[page.index('id="look"') + len(card) :]
    assert said["title"] in form and "13800138000。\n工钱打到各家。" in form  # as it was typed
    client.post(f"{url}&record=none", said)
    made = Publication.objects.get()
    assert made.title in card and made.note.splitlines()[0] in card


def test_looking_before_everything_is_written_says_what_lacks(board, cast, tree, client):
    sign_in(client, cast["committee member"])
    url = f"{reverse('publishing:propose', args=[tree.village.pk])}?topic={topics.MATTERS}"
    page = client.post(
        f"{url}&record=none", {"title": "修路", "note": "", "look": "1"}
    ).content.decode()
    assert "<h3>修路</h3>" in page and "没有要自动遮住的号码" in page
    assert "有 1 处要改" in page
    assert not Publication.objects.exists()


def test_whoever_proposed_takes_back_and_has_no_list_to_tick(board, cast, tree, client):
    draft = topics.proposed(tree.village, by=cast["secretary"])
    sign_in(client, cast["secretary"])
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "这一条是您提出的，要别人来审核。</p>" in page and "没有涉密的" not in page
    assert ">收回</button>" in page and "退回" not in page
    url = reverse("publishing:return", args=[draft.pk])
    answer = client.post(url, {"reason": "数没有核"}, follow=True).content.decode()
    assert "收回了。" in answer and "提出的人收回了" in answer


def test_whoever_checks_ticks_and_sends_back(board, cast, tree, client):
    draft = topics.proposed(tree.village, by=cast["secretary"])
    sign_in(client, cast["committee member"])
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "没有涉密的" in page and ">退回</button>" in page and "收回" not in page
