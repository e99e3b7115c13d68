"""What residents see on the pages, and what is not there for them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.conftest import NOON, TODAY
from tests.factories import SINCE
from tests.portal.asking import ask, open_doors, step, sum_on
from tests.portal.making import published
from tests.publishing import topics
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions as cases
from zhibu.cases.models import Case
from zhibu.core.disclosures import Status
from zhibu.notices.models import Feedback
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization
from zhibu.packs import catalogues
from zhibu.people import actions as people
from zhibu.portal import actions as tickets
from zhibu.portal import cache, page_queries
from zhibu.portal import queries as tickets_asked
from zhibu.publishing import actions as publishing
from zhibu.publishing.models import Publication, hash_of
from zhibu.registers import actions as registers
from zhibu.registers.drafts import Draft

pytestmark = pytest.mark.usefixtures("clock")
POINTS = "seeds/service-points"


def page(client, name, *args, **query):
    return client.get(reverse(f"portal:{name}", args=args), query)


def text(response):
    return response.content.decode()


# --- who is there


def test_nothing_is_open_before_anything_was_published(client, tree):
    assert "还没有公开的内容" in text(page(client, "home"))
    assert page(client, "organization", tree.village.pk).status_code == 404
    assert page(client, "organization", tree.county.pk).status_code == 404


def test_whoever_published_is_open_and_so_are_those_above(client, tree, system):
    published(tree.village, "村东路灯改造方案", by=system, hangs=15)
    for place in (tree.county, tree.east, tree.village):
        answer = page(client, "organization", place.pk)
        assert answer.status_code == 200
        assert "村东路灯改造方案" in text(answer) and "还剩 14 天" in text(answer)
    for place in (tree.west, tree.far, tree.general, tree.inner):
        assert page(client, "organization", place.pk).status_code == 404
    assert reverse("portal:organization", args=[tree.east.pk]) in text(page(client, "home"))
    assert reverse("portal:organization", args=[tree.west.pk]) not in text(page(client, "home"))


@pytest.mark.parametrize("name", ["notices", "promises", "decisions"])
def test_lists_of_who_is_not_open_are_not_there(client, tree, system, name):
    published(tree.village, "路灯", by=system)
    assert page(client, name, tree.far.pk).status_code == 404
    assert page(client, name, tree.village.pk).status_code == 200


@pytest.mark.parametrize("scope", ["party", "unit", "people"])
def test_what_is_not_for_everybody_opens_nothing(client, tree, system, scope):
    found = published(tree.village, "党内通报", by=system, scope=scope)
    assert page(client, "organization", tree.village.pk).status_code == 404
    assert page(client, "publication", found.pk).status_code == 404
    assert "党内通报" not in text(page(client, "find", q="通报"))


@pytest.mark.parametrize("state", ["drafted", "checked", "approved", "returned"])
def test_what_was_never_let_out_is_not_there(client, board, tree, cast, state):
    proposer, checker = cast["committee member"], cast["secretary"]
    found = topics.proposed(tree.village, by=proposer, title="修路的草稿")
    if state in {"checked", "approved"}:
        found = topics.checked(found, by=checker)
    if state == "approved":
        found = publishing.approve(found, by=checker, at=NOON)
    if state == "returned":
        found = publishing.send_back(found, reason="不对", by=checker, at=NOON)
    assert found.state == state
    for name in ("publication", "raise_voice"):
        assert page(client, name, found.pk).status_code == 404
    assert "修路的草稿" not in text(page(client, "home"))
    assert "修路的草稿" not in text(page(client, "find", q="草稿"))


def test_an_organisation_that_ended_is_not_there(client, tree, system):
    published(tree.village, "路灯", by=system)
    type(tree.village).objects.filter(pk=tree.village.pk).update(dissolved_on=TODAY)
    assert page(client, "organization", tree.village.pk).status_code == 404


# --- what a publication tells


def test_a_publication_tells_its_lines_where_it_hangs_and_where_its_proof_is(
    client, publication, cast
):
    publishing.post(
        publication, channel="board", place="村口公开栏", posted_on=TODAY, by=cast["secretary"],
        at=NOON,
    )  # fmt: skip
    shown = text(page(client, "publication", publication.pk))
    assert "村口的路今年修。" in shown and "村口公开栏" in shown and "还剩 14 天" in shown
    assert "/proofs/" in shown
    address = shown.split('href="/proofs/')[1].split('"')[0]
    assert client.get(f"/proofs/{address}").status_code == 200


@pytest.mark.parametrize(
    ("days", "says"), [(0, "还剩 14 天"), (13, "还剩 1 天"), (14, "今天最后一天")]
)
def test_days_left_are_counted_to_the_last_day(client, clock, publication, days, says):
    clock.shift(timedelta(days=days))
    assert says in text(page(client, "publication", publication.pk))
    assert says in text(page(client, "notices", publication.organization_id))


def test_a_notice_that_came_down_is_among_the_past(client, clock, publication):
    clock.shift(timedelta(days=15))
    place = publication.organization_id
    assert publication.title not in text(page(client, "notices", place))
    assert publication.title in text(page(client, "notices", place, past="1"))
    assert "正在公示" not in text(page(client, "publication", publication.pk))


def test_an_earlier_version_says_only_that_there_is_a_later_one(
    client, tree, board, publication, cast
):
    later = topics.published(
        tree.village, by=cast["committee member"], checker=cast["secretary"],
        title="修路的事，更正", note="改到明年修。", replaces=publication.pk,
    )  # fmt: skip
    shown = text(page(client, "publication", publication.pk))
    assert "有了新版" in shown and reverse("portal:publication", args=[later.pk]) in shown
    assert "村口的路今年修。" not in shown
    assert page(client, "raise_voice", publication.pk).status_code == 404
    now = text(page(client, "publication", later.pk))
    assert "改到明年修。" in now and "第 1 版" in now and "第 2 版" in now
    assert publication.title not in text(page(client, "notices", tree.village.pk)).replace(
        later.title, ""
    )


def test_a_withdrawn_one_says_so_and_nothing_else(client, publication, cast):
    publishing.withdraw(publication, reason="写了不该写的", by=cast["secretary"], at=NOON)
    answer = page(client, "publication", publication.pk)
    assert answer.status_code == 410 and "已经撤下" in text(answer)
    for hidden in (publication.title, publication.note, "写了不该写的"):
        assert hidden not in text(answer)
    assert page(client, "raise_voice", publication.pk).status_code == 404


def test_what_is_published_tomorrow_is_not_there_today(client, tree, system):
    found = published(tree.village, "路灯", by=system, on=TODAY + timedelta(days=1))
    assert page(client, "publication", found.pk).status_code == 404


# --- how promises stand


@pytest.mark.parametrize(
    ("state", "due", "says"),
    [
        ("running", date(2026, 12, 31), "12月31日"), ("late", date(2026, 11, 1), "11月1日"),
        ("kept", date(2026, 12, 31), "兑现"), ("missed", None, "没有兑现"),
        ("cancelled", None, "取消"),
    ],
)  # fmt: skip
def test_a_promise_is_told_with_its_word(client, tree, system, monkeypatch, state, due, says):
    found = published(
        tree.village, "装 14 盏路灯", by=system, is_followed=True, source="case", record=7
    )
    status = Status(state, SINCE, due)
    monkeypatch.setattr(
        "zhibu.portal.page_queries.publishing.statuses",
        lambda rows: {row.pk: status for row in rows if row.pk == found.pk},
    )
    for name, args in (("promises", tree.village.pk), ("publication", found.pk)):
        shown = text(page(client, name, args))
        assert status.word in shown and says in shown
    assert "装 14 盏路灯" not in text(page(client, "decisions", tree.village.pk))


def test_sums_stand_in_the_list(client, tree, system):
    lines = tuple(
        {"label": label, "text": told, "masked": False}
        for label, told in (("做什么", "装路灯"), ("收入", "48,210 元"), ("支出", "31,655 元"))
    )
    published(tree.village, "10 月村账", by=system, lines=lines)
    shown = text(page(client, "decisions", tree.village.pk))
    assert "收入 48,210 元，支出 31,655 元，" in shown and "做什么" not in shown


def test_decisions_are_reached_while_all_of_them_still_hang(client, tree, system):
    published(tree.village, "10 月村账", by=system, hangs=15)
    link = f'href="{reverse("portal:decisions", args=[tree.village.pk])}"'
    shown = text(page(client, "organization", tree.village.pk))
    assert "定了什么，钱花在哪里" in shown and link in shown and shown.count("10 月村账") == 1
    assert "10 月村账" in text(page(client, "decisions", tree.village.pk))


def test_where_nothing_was_decided_no_list_of_decisions_is_offered(client, tree, system):
    published(tree.village, "装路灯", by=system, is_followed=True, source="case", record=7)
    shown = text(page(client, "organization", tree.village.pk))
    assert "装路灯" in shown and "钱花在哪里" not in shown


def test_notices_of_one_title_are_one_line_that_leads_to_them(client, tree, system):
    for place in (tree.village, tree.general, tree.far):
        published(place, "10 月村账", by=system, hangs=15)
    published(tree.village, "路灯", by=system, hangs=20)
    published(tree.village, "9 月村账", by=system)
    shown = text(page(client, "home"))
    assert shown.count("10 月村账") == 1 and "3 件，3 个地方公示的" in shown
    assert shown.index("10 月村账") < shown.index("路灯")
    address = shown.split("/notices/?like=")[1].split('"')[0]

    told = text(page(client, "notices", tree.county.pk, like=address))
    assert told.count('<span class="t">10 月村账</span>') == 3 and "路灯" not in told
    assert "正在公示 3 件" in told and "只看“10 月村账”" in told
    for wrong in ("x", "9" * 30, "0"):
        assert "路灯" in text(page(client, "notices", tree.county.pk, like=wrong))


def test_a_title_that_is_not_shown_narrows_nothing(client, tree, system):
    hidden = published(tree.village, "党内的事", by=system, scope="party", hangs=15)
    published(tree.village, "路灯", by=system, hangs=20)
    told = text(page(client, "notices", tree.county.pk, like=hidden.pk))
    assert "路灯" in told and "党内的事" not in told


def test_ones_town_stands_right_below_the_search_box(client, tree, system):
    published(tree.village, "路灯", by=system, hangs=15)
    shown = text(page(client, "home"))
    places = [shown.index(told) for told in ('role="search"', "找自己的乡镇", "正在公示")]
    assert places == sorted(places) and shown.count("找自己的乡镇") == 1
    below = text(page(client, "organization", tree.east.pk))
    assert below.index("正在公示") < below.index("下面的组织")


# --- what it is


def test_a_page_says_what_it_is_where_it_belongs_and_what_it_has(client, tree, system):
    body = factories.organization(
        tree.village, by=system, name="前村村委会", kind="village-committee"
    )
    published(tree.village, "路灯", by=system)
    type(tree.village).objects.filter(pk=tree.village.pk).update(established_on=date(1992, 4, 28))
    shown = text(page(client, "organization", tree.village.pk))
    assert f"属于{tree.village.parent.called}" in shown and "1992年4月28日</time>成立" in shown
    assert "设有前村村委会。" in shown  # without a page as long as it offers nothing

    published(body, "村委会的账", by=system)
    shown = text(page(client, "organization", tree.village.pk))
    assert (
        f'设有<a href="{reverse("portal:organization", args=[body.pk])}">前村村委会</a>。' in shown
    )


@pytest.mark.parametrize(
    ("name", "kind", "field", "found"),
    [
        ("东苑社区党支部", "branch", "community", "东苑社区"),
        ("后村党总支", "general-branch", "rural", "后村"),
        ("后村第一党支部", "branch", "rural", ""), ("后村", "branch", "rural", ""),
        ("后村党支部", "branch", "office", ""), ("后村联合党支部", "joint-branch", "rural", ""),
        ("农机厂党支部", "branch", "rural", ""),
    ],
)  # fmt: skip
def test_a_village_is_led_with_where_its_branch_is_named_after_it(name, kind, field, found):
    assert page_queries.lived_in(Organization(name=name, kind=kind, field=field)) == found


def test_the_name_of_the_village_leads_its_page(client, tree, system):
    Organization.objects.filter(pk=tree.village.pk).update(
        name="某镇前村党支部", short_name="前村党支部", field="rural"
    )
    published(tree.village, "路灯", by=system)
    shown = text(page(client, "organization", tree.village.pk))
    assert "<h1>前村</h1>" in shown and "某镇前村党支部，属于" in shown


# --- whom to turn to


def test_only_holders_of_posts_that_a_pack_makes_public_are_named(client, tree, system):
    for kind, title, role, name in (
        ("branch-secretary", "书记", "branch-secretary", "顾公开"),
        ("publicity-member", "宣传委员", "branch-committee", "倪不公开"),
    ):
        post = organizations.make_post(
            tree.village, kind=kind, title=title, role=role, since=SINCE, by=system, at=NOON
        )
        person = factories.member(tree.village, by=system, name=name)
        people.hold_post(person, post=post, since=SINCE, by=system, at=NOON)
    published(tree.village, "路灯", by=system)
    shown = text(page(client, "organization", tree.village.pk))
    assert "顾公开" in shown and "倪不公开" not in shown and "宣传委员" not in shown


def test_who_left_a_post_is_not_named(client, tree, system):
    post = organizations.make_post(
        tree.village, kind="branch-secretary", title="书记", role="branch-secretary", since=SINCE,
        by=system, at=NOON,
    )  # fmt: skip
    holding = people.hold_post(
        factories.member(tree.village, by=system, name="顾从前"), post=post, since=SINCE, by=system,
        at=NOON,
    )  # fmt: skip
    people.end_holding(holding, on=TODAY, by=system, at=NOON)
    published(tree.village, "路灯", by=system)
    assert "顾从前" not in text(page(client, "organization", tree.village.pk))


@pytest.mark.parametrize(
    ("title", "called"), [("主任", "前村村委会主任"), ("村委会主任", "村委会主任")]
)
def test_the_body_of_a_village_is_told_with_it_once(client, tree, system, title, called):
    body = factories.organization(
        tree.village, by=system, name="前村村委会", kind="village-committee"
    )
    post = organizations.make_post(
        body, kind="village-director", title=title, role="branch-committee", since=SINCE,
        by=system, at=NOON,
    )  # fmt: skip
    person = factories.member(tree.village, by=system, name="袁主任")
    people.hold_post(person, post=post, since=SINCE, by=system, at=NOON)
    published(tree.village, "路灯", by=system)
    shown = page(client, "organization", tree.village.pk).content.decode()
    assert f"<dt>{called}</dt><dd>袁主任</dd>" in shown


def service_point(tree, cast, **more):
    """Where people of the village are served; what is public of it, by column."""
    adoptions.adopt(
        pack=POINTS, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
    )
    values = {
        "name": "便民服务点", "place": "村部一楼", "hours": "周一至周六 8:00–17:30",
        "phone": "0999-0000 0000",
    } | more  # fmt: skip
    registers.open_row(
        tree.village, Draft(since=SINCE, values=values), register=f"{POINTS}:points",
        wording=date(2000, 1, 1), by=cast["secretary"], at=NOON,
    )  # fmt: skip
    return values


def test_service_points_are_told_with_hours_and_phone(client, tree, cast, system):
    values = service_point(tree, cast)
    published(tree.village, "路灯", by=system)
    shown = text(page(client, "organization", tree.village.pk))
    assert all(told in shown for told in values.values()) and 'href="tel:0999-00000000"' in shown


# --- doors, and what was asked for


def test_doors_stand_where_one_may_ask(client, tree, system):
    published(tree.village, "路灯", by=system)
    assert "提诉求" not in text(page(client, "organization", tree.village.pk))
    open_doors(tree)
    cache.SHELF.empty()
    shown = text(page(client, "organization", tree.village.pk))
    assert "提诉求" in shown and "查进度" in shown
    door = reverse("portal:doors", args=[tree.village.pk])
    assert f'href="{door}"' in shown and client.get(door).status_code == 200


def test_a_door_alone_opens_an_organisation_and_those_above(client, tree):
    open_doors(tree)
    for place in (tree.county, tree.east, tree.village, tree.far):
        assert page(client, "organization", place.pk).status_code == 200


@pytest.mark.parametrize(("count", "is_told"), [(4, False), (5, True)])
def test_figures_of_requests_are_told_from_five_on(client, tree, count, is_told):
    open_doors(tree)
    for _ in range(count):
        ask(tree.village)
    for place in (tree.village, tree.county):
        shown = text(page(client, "organization", place.pk))
        assert (f"今年收到 {count} 件，办结 0 件，在办 {count} 件。" in shown) == is_told
        assert "人评价" not in shown
    assert "今年收到" not in text(page(client, "organization", tree.far.pk))


def test_done_is_what_was_taken_up_and_ended(client, tree, cast):
    """One answered, one not taken up, one given up, one voided, the rest open."""
    open_doors(tree)
    requests = [ask(tree.village)[0] for _ in range(8)]
    who, later = cast["secretary"], timezone.now()

    def act(ticket, name, move, reason=""):
        turn = ticket.case.turns.open().get(stage=name)
        cases.act(turn, replace(move, reason=reason), by=who, at=later)

    answered, refused, cancelled, voided = requests[:4]
    for one in (answered, voided):
        act(one, "take", step("take", urgency="soon"))
        cases.claim(one.case.turns.open().get(stage="handle"), by=who, at=later)
        act(one, "handle", step("done", answer="换好了"))
        asked = one.case.turns.open().get(stage="rate")
        tickets.answer_back(one, asked, step("satisfied"), at=later)
    act(refused, "take", step("refuse", urgency="later"), reason="不归这里管")
    cases.cancel(Case.objects.get(pk=cancelled.case_id), reason="打错了", by=who, at=later)
    cases.void(
        Case.objects.get(pk=voided.case_id), reason="记错了", by=cast["township officer"], at=later
    )

    for place in (tree.village, tree.county):
        shown = text(page(client, "organization", place.pk))
        assert "今年收到 6 件，办结 1 件，不予受理 1 件，在办 4 件。" in shown


def test_what_counts_as_not_taken_up_is_told_by_the_packs(db):
    said = str(tickets_asked.not_taken_up())
    assert "seeds/requests:request" in said and "'不受理'" in said and "'没有收'" in said
    for answered in ("办结", "没有解决", "满意"):  # with an answer, or by whoever asked
        assert f"'{answered}'" not in said


# --- finding


def test_words_are_found_in_titles_lines_and_notes(client, tree, system):
    published(tree.village, "灌溉渠清淤", by=system, note="请三家比价")
    published(
        tree.east, "民生实事", by=system,
        lines=({"label": "候选", "text": "农贸市场改造", "masked": False},),
    )  # fmt: skip
    for words, title in (("清淤", "灌溉渠清淤"), ("比价", "灌溉渠清淤"), ("农贸", "民生实事")):
        shown = text(page(client, "find", q=words))
        assert title in shown and "查到 1 条" in shown
    assert "没有查到" in text(page(client, "find", q="路灯"))


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("前村 村账", 1), ("村账　前村", 1), ("东镇 村账", 2), ("村账", 3), ("远村 村账", 1),
        ("前村 路灯", 0), ("前村 村账 路灯", 0), ("１０月", 3), ("10月村账 西镇", 1),
        ("东镇 10月", 2), ("a 村账", 3),
    ],
)  # fmt: skip
def test_each_word_is_found_in_what_is_said_or_where(client, tree, system, words, count):
    for place in (tree.village, tree.general, tree.far):
        published(place, "10月村账", by=system)
    shown = text(page(client, "find", q=words))
    assert shown.count('<span class="t">10月村账</span>') == count


def test_full_width_words_are_found_where_they_were_written_so(client, tree, system):
    published(tree.village, "第１组的路", by=system)
    assert "第１组的路" in text(page(client, "find", q="第１组"))


def test_a_place_is_found_by_its_name_and_that_of_one_above(client, tree, system):
    published(tree.village, "清淤", by=system)
    link = f'href="{reverse("portal:organization", args=[tree.village.pk])}"'
    assert link in text(page(client, "find", q="东镇 前村"))
    assert link not in text(page(client, "find", q="东镇"))
    assert link not in text(page(client, "find", q="西镇 前村"))


def test_equal_titles_are_told_apart_by_place_kind_and_day(client, tree, system):
    topic = "national/open-affairs:grassroots/own-building"
    for place, on in ((tree.village, TODAY), (tree.general, TODAY - timedelta(days=31))):
        published(place, "村账", by=system, hangs=40, on=on)
    Publication.objects.update(topic=topic)
    shown = text(page(client, "find", q="村账"))
    kind = catalogues.titles("disclosures", TODAY)[topic]
    for place in (tree.village, tree.general):
        assert f"{place.called}，{kind}，" in shown
    assert "11月20日</time>公开" in shown and "10月20日</time>公开" in shown


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("周一", True), ("前村 周一", True), ("东镇 村部一楼", True), ("西镇 周一", False),
        ("周日", False), ("0999", True), ("391234", False), ("东镇", False),
    ],
)  # fmt: skip
def test_service_points_are_found_by_what_residents_see(
    client, tree, cast, system, words, is_found
):
    service_point(tree, cast, services="找老张 13912345678")
    published(tree.village, "清淤", by=system)
    shown = text(page(client, "find", q=words))
    assert ("到哪里办" in shown and "周一至周六" in shown) == is_found
    assert "13912345678" not in shown


def test_service_points_of_who_is_not_open_are_not_found(client, tree, cast):
    service_point(tree, cast)
    Organization.objects.filter(pk=tree.village.pk).update(dissolved_on=TODAY)
    assert "没有查到" in text(page(client, "find", q="周一"))
    Organization.objects.filter(pk=tree.village.pk).update(dissolved_on=None)
    assert "没有查到" in text(page(client, "find", q="周一"))  # nothing published, no door


@pytest.mark.parametrize("words", ["139 1234 5678", "１３９１２３４５６７８", "前村 13912345678"])
def test_a_number_is_not_looked_for_however_it_is_written(client, tree, system, words):
    published(tree.village, "清淤", by=system)
    assert "这样查不了" in text(page(client, "find", q=words))


@pytest.mark.parametrize("words", ["label", "text", "masked", "false", "u4e"])
def test_how_lines_are_kept_is_not_found(client, tree, system, words):
    published(tree.village, "清淤", by=system)
    assert "没有查到" in text(page(client, "find", q=words))


def test_open_organisations_are_found_by_name_and_others_are_not(client, tree, system):
    published(tree.village, "清淤", by=system)
    assert reverse("portal:organization", args=[tree.village.pk]) in text(
        page(client, "find", q="前村")
    )
    assert reverse("portal:organization", args=[tree.east.pk]) in text(
        page(client, "find", q="东镇")
    )
    assert "没有查到" in text(page(client, "find", q="远村"))


def test_nobody_is_found_by_name_or_number(client, tree, cast, system):
    published(tree.village, "清淤", by=system)
    name = cast["secretary"].display_name
    assert "没有查到" in text(page(client, "find", q=name))
    for number in ("13912345678", "99010119600101001X"):
        assert "这样查不了" in text(page(client, "find", q=number))


def test_what_is_typed_comes_back_as_text(client, tree, system):
    published(tree.village, "清淤", by=system)
    shown = text(page(client, "find", q='"><script>alert(1)</script>'))
    assert "<script>alert" not in shown and "&lt;script&gt;" in shown


# --- questions, objections, and what was thought of a page


def say(client, address, **typed):
    """Open the form, do the sum, send it."""
    return client.post(address, {**sum_on(client.get(address)), **typed})


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"total": "1"}, "算得不对"), ({"seal": "x"}, "开得太久了"), ({"total": ""}, "等于几："),
        ({"kind": ""}, "您要："), ({"said": " "}, "想问什么，哪里不对："),
        ({"kind": "praise"}, "您要："),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, publication, typed, says):
    address = reverse("portal:raise_voice", args=[publication.pk])
    told = {"kind": "question", "said": "哪天动工", "contact": "老张"} | typed
    answer = text(client.post(address, sum_on(client.get(address)) | told))
    assert says in answer and "老张" in answer and "还没保存" in answer
    assert publication.voices.count() == 0


def test_a_sum_serves_once(client, publication):
    address = reverse("portal:raise_voice", args=[publication.pk])
    told = sum_on(client.get(address)) | {"kind": "question", "said": "哪天动工"}
    assert "收到了" in text(client.post(address, told))
    assert "这一题用过了" in text(client.post(address, told | {"said": "哪天完工"}))
    assert publication.voices.count() == 1


def test_a_double_click_leads_to_the_one_code(client, publication):
    address = reverse("portal:raise_voice", args=[publication.pk])
    told = sum_on(client.get(address)) | {"kind": "question", "said": " 哪天动工 "}

    codes = [client.post(address, told).context["code"] for _ in range(2)]

    assert codes[0] == codes[1]
    assert publication.voices.get().code_hash == hash_of(codes[0])


def test_a_click_too_many_is_still_told_its_code(client, publication):
    address = reverse("portal:raise_voice", args=[publication.pk])
    for _ in range(9):
        say(client, address, kind="question", said="哪天动工")
    told = sum_on(client.get(address)) | {"kind": "question", "said": "哪天动工"}
    assert [("收到了" in text(client.post(address, told))) for _ in range(3)] == [True] * 3


def test_one_sum_serves_no_other_publication(client, publication, tree, system):
    other = published(tree.village, "路灯", by=system)
    typed = sum_on(client.get(reverse("portal:raise_voice", args=[publication.pk])))
    told = typed | {"kind": "question", "said": "哪天动工"}
    client.post(reverse("portal:raise_voice", args=[publication.pk]), told)
    assert "这一题用过了" in text(client.post(reverse("portal:raise_voice", args=[other.pk]), told))
    assert other.voices.count() == 0


def test_a_question_is_followed_by_its_code(client, publication, cast):
    address = reverse("portal:raise_voice", args=[publication.pk])
    taken = say(client, address, kind="question", said="哪天动工", contact="")
    assert "只显示这一次" in text(taken)
    code = text(taken).split('class="z-code">')[1].split("<")[0]
    follow = reverse("portal:follow_voice")
    assert "还没有答复" in text(client.post(follow, {"code": code}))
    voice = publication.voices.get()
    publishing.answer(voice, text="下个月动工。", in_public=False, by=cast["secretary"], at=NOON)
    assert "下个月动工。" in text(client.post(follow, {"code": code.lower().replace("-", " ")}))
    assert "没有这个查询码" in text(client.post(follow, {"code": "AAAA-AAAA-AAAA"}))
    assert "下个月动工。" not in text(page(client, "publication", publication.pk))


def test_too_many_from_one_address_are_held_off(client, publication):
    address = reverse("portal:raise_voice", args=[publication.pk])
    told = {"kind": "question", "said": "哪天动工"}
    for _ in range(10):
        assert "收到了" in text(say(client, address, **told))
    assert "提得太多了" in text(say(client, address, **told))
    assert publication.voices.count() == 10


def test_codes_cannot_be_tried_without_end(client, publication):
    follow = reverse("portal:follow_voice")
    for _ in range(30):
        client.post(follow, {"code": "AAAA-AAAA-AAAA"})
    assert "试得太多了" in text(client.post(follow, {"code": "AAAA-AAAA-AAAA"}))


def test_feedback_needs_no_account_and_reaches_whoever_answers(client, publication, cast):
    answer = say(client, reverse("portal:feedback"), text="字太小", page="/open/?q=13912345678")
    assert "收到了" in text(answer)
    said = Feedback.objects.get()
    assert (said.by, said.page, said.text) == (None, "/open/", "字太小")
    admin = Client()
    admin.force_login(cast["system admin"], "django.contrib.auth.backends.ModelBackend")
    listed = text(admin.get(reverse("notices:feedback_list")))
    assert "字太小" in listed and "群众" in listed
    admin.post(said.get_absolute_url(), {"text": "改了"})
    assert Feedback.objects.get().answer == "改了"


# --- what pages cost


@pytest.mark.parametrize("name", ["organization", "notices", "promises", "decisions", "find"])
def test_a_page_drawn_anew_costs_the_same_with_more_rows(client, tree, system, name):
    def drawn():
        cache.SHELF.empty()
        args = [] if name == "find" else [tree.east.pk]
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(reverse(f"portal:{name}", args=args), {"q": "路灯"})
        assert answer.status_code == 200
        return len(captured)

    def one_more(place):
        published(place, "路灯", by=system, hangs=15)
        record = Publication.objects.count() + 1
        published(place, "路灯", by=system, is_followed=True, source="case", record=record)

    one_more(tree.village)
    few = drawn()
    for place in (tree.village, tree.general, tree.inner):
        one_more(place)
    assert drawn() == few <= 22


# --- where to ask


@pytest.fixture
def office(tree, system):
    """A branch of an office, and doors that the county opened in villages alone."""
    for pack in ("seeds/requests", "national/petitions"):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2026, 1, 1),
            fields=["rural", "community"], by=system, at=NOON,
        )  # fmt: skip
    found = factories.organization(tree.general, by=system, name="东镇机关第二党支部")
    type(found).objects.filter(pk=found.pk).update(field="office")
    return found


def test_an_office_has_no_door_and_says_where_to_ask(office, tree, client, system):
    assert page(client, "organization", office.pk).status_code == 404  # nothing of its own
    assert client.get(f"/open/{office.pk}/ask/").status_code == 404
    published(office, "机关的账", by=system)

    said = page(client, "organization", office.pk).content.decode()
    assert f"/open/{office.pk}/ask/" not in said and "提诉求" not in said
    assert "诉求到哪里提" in said
    assert f'<a href="/open/{tree.general.pk}/ask/">' in said  # the nearest above with a door
    assert client.get(f"/open/{tree.general.pk}/ask/").status_code == 200


def test_what_is_above_an_office_without_a_door_is_passed_over(office, tree, client, system):
    type(tree.general).objects.filter(pk=tree.general.pk).update(field="office")
    published(office, "机关的账", by=system)

    said = page(client, "organization", office.pk).content.decode()
    assert f'<a href="/open/{tree.east.pk}/ask/">' in said


def test_a_county_without_a_door_sends_to_ones_own_village(office, tree, client):
    type(tree.county).objects.filter(pk=tree.county.pk).update(field="office")

    said = page(client, "organization", tree.county.pk).content.decode()
    assert "请找自己的乡镇、村或者社区" in said and "提诉求" not in said
    village = page(client, "organization", tree.village.pk).content.decode()
    assert "提诉求" in village and "诉求到哪里提" not in village


def test_where_nobody_takes_requests_nothing_is_said_of_it(tree, client, system):
    published(tree.village, "路灯", by=system)

    assert "诉求到哪里提" not in page(client, "organization", tree.village.pk).content.decode()
