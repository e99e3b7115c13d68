"""The screens of organisations: who gets which answer, what they say, what they do."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.conftest import NOON, TODAY
from tests.core.pages import Markup
from zhibu.organizations import actions, guiding
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.people import actions as people
from zhibu.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OWN = ("secretary", "committee member", "member")
ABOVE = ("township officer", "county officer")


def expected(cast, *, found=(), forbidden=()):
    """Answers to a page about the village branch by standing: strangers get 404."""
    answers = dict.fromkeys(cast, 404) | {"signed out": 302}
    return answers | dict.fromkeys(found, 200) | dict.fromkeys(forbidden, 403)


def answers(cast, ask):
    """What ``ask(client)`` is answered for each standing."""
    found = {}
    for who, user in cast.items():
        client = Client()
        if user:
            client.force_login(user)
        found[who] = ask(client).status_code
    return found


def get(client, name, *args, query=""):
    return client.get(reverse(f"organizations:{name}", args=args) + query)


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("name", ["detail", "history"])
def test_page_answers_by_standing(name, cast, tree):
    found = answers(cast, lambda client: get(client, name, tree.village.pk))

    assert found == expected(cast, found=(*OWN, *ABOVE))


@pytest.mark.parametrize(
    "name",
    [
        *("found", "rename", "change", "move", "dissolve", "begin_term", "make_post"),
        *("merge", "split", "plan", "guide"),
    ],
)
def test_form_answers_by_standing(name, cast, tree):
    address = reverse(f"organizations:{name}", args=[tree.village.pk])
    allowed = expected(cast, found=ABOVE, forbidden=OWN)

    assert answers(cast, lambda client: client.get(address)) == allowed
    assert answers(cast, lambda client: client.post(address)) == allowed


def test_forms_of_what_is_arranged_answer_by_standing(cast, tree):
    meeting = factories.organization(
        tree.village, by=tree.system, name="前村联席会议", kind="joint-meeting"
    )
    office = factories.organization(tree.east, by=tree.system, name="农业办", kind="department")
    since = factories.SINCE
    guidance = guiding.guide(tree.village, guide=office, since=since, by=tree.system, at=NOON)

    def ask(address):
        return answers(cast, lambda client: client.get(address))

    assert ask(reverse("organizations:end_guidance", args=[guidance.pk])) == expected(
        cast, found=ABOVE, forbidden=OWN
    )
    assert ask(reverse("organizations:rotate", args=[meeting.pk])) == expected(cast, found=ABOVE)
    assert ask(reverse("organizations:plan_blank", args=[tree.village.pk])) == expected(
        cast, found=ABOVE, forbidden=OWN
    )


def test_calendar_of_terms_shows_who_is_due_within_reach(cast, tree, client):
    for number, branch in enumerate((tree.village, tree.inner, tree.far)):
        actions.begin_term(
            branch, since=factories.SINCE, ends_on=TODAY + timedelta(days=100 * number - 50),
            has_committee=False, by=tree.system, at=NOON,
        )  # fmt: skip
    asked = {
        ("township officer", ""): ["前村党支部", "机关第一党支部"],
        ("township officer", "?due=over"): ["前村党支部"],
        ("county officer", "?due=all"): ["前村党支部", "机关第一党支部", "远村党支部"],
        ("county officer", "?due=3"): ["前村党支部", "机关第一党支部"],
        ("other township officer", "?due=all"): ["远村党支部"],
        ("county officer", "?due=all&field=school"): [],
        ("county officer", f"?due=all&under={tree.west.pk}"): ["远村党支部"],
        ("county officer", "?due=all&on=2019-01-01"): [],
    }

    for (who, query), names in asked.items():
        client.force_login(cast[who])
        months = get(client, "terms", query=query).context["months"]
        assert [row.name_on for month in months for row, _, _ in month.rows] == names, query
    book = openpyxl.load_workbook(
        BytesIO(get(client, "export_terms", query="?due=all").content)
    ).active
    names = [row[1].value for row in book.iter_rows()]
    assert names[names.index("组织") + 1 :] == ["前村党支部", "机关第一党支部", "远村党支部"]


def test_calendar_of_terms_takes_as_many_queries_for_many(cast, tree, client, queries_of):
    client.force_login(cast["county officer"])
    address = reverse("organizations:terms") + "?due=all"

    def begin(branch):
        actions.begin_term(
            branch, since=factories.SINCE, ends_on=TODAY, has_committee=False, by=tree.system,
            at=NOON,
        )  # fmt: skip

    begin(tree.village)
    one = queries_of(address)
    for number in range(12):
        begin(factories.organization(tree.east, by=tree.system, name=f"支部{number}"))

    assert queries_of(address) == one


def test_merge_on_the_screen_is_shown_before_it_is_done(cast, tree, client):
    other = factories.organization(tree.east, by=tree.system, name="后村党支部")
    client.force_login(cast["township officer"])
    address = reverse("organizations:merge", args=[tree.village.pk])
    asked = {"predecessors": str(tree.village), "into": str(other), "on": "2026-11-01"}

    shown = client.post(address, asked)

    assert "前村党支部并到后村党支部" in text(shown)
    assert "任职" in text(shown)
    assert not Organization.objects.exclude(dissolved_on=None).exists()
    done = client.post(address, asked | {"confirm": "1"})
    assert done["Location"] == other.get_absolute_url()
    client.force_login(cast["county officer"])
    page = text(get(client, "detail", tree.village.pk))
    assert "接续" in page
    assert "后村党支部" in text(get(client, "history", tree.village.pk))
    assert "前村党支部" in text(get(client, "history", other.pk))


def test_division_on_the_screen_asks_who_goes_where(cast, tree, client):
    client.force_login(cast["township officer"])
    address = reverse("organizations:split", args=[tree.village.pk])
    asked = {"parts": "P1 甲村党支部 甲村\nP2 乙村党支部", "on": "2026-11-01"}
    person = Person.objects.filter(home=tree.village).order_by("pk").first()

    page = client.post(address, asked)

    names = list(page.context["form"].fields)
    assert f"person_{person.pk}" in names
    told = dict.fromkeys(names, "0") | {f"person_{person.pk}": "1", "told": "1"}
    assert client.post(address, asked | told).status_code == 302
    person.refresh_from_db()
    assert person.home.name == "乙村党支部"
    assert {p.home.name for p in Person.objects.exclude(pk=person.pk).filter(
        belongings__organization=tree.village
    )} == {"甲村党支部"}  # fmt: skip


def test_joint_meeting_shows_whose_turn_it_is(cast, tree, client):
    meeting = factories.organization(
        tree.east, by=tree.system, name="东镇联席会议", kind="joint-meeting"
    )
    client.force_login(cast["township officer"])
    asked = {
        "units": f"{tree.village}\n{tree.inner}",
        "since": "2026-11-01",
        "months": "3",
        "rounds": "1",
    }

    client.post(reverse("organizations:rotate", args=[meeting.pk]), asked)

    page = get(client, "detail", meeting.pk)
    assert "轮值主席" in text(page)
    assert [t.unit for t in page.context["turns"]] == [tree.village, tree.inner]
    assert [t.unit for t in meeting.turns.order_by("since")] == [tree.village, tree.inner]


@pytest.mark.parametrize("name", ["list", "terms"])
def test_list_of_another_day_says_so(cast, client, name):
    client.force_login(cast["county officer"])

    assert "的样子" in text(get(client, name, query="?on=2026-03-01"))
    assert "的样子" not in text(get(client, name))


def test_group_forms_answer_by_standing(cast, tree):
    group = actions.form_group(
        tree.village, name="第一党小组", since=TODAY, by=tree.system, at=NOON
    )
    allowed = expected(cast, found=("secretary", *ABOVE), forbidden=("committee member", "member"))

    for ask in (
        lambda client: get(client, "form_group", tree.village.pk),
        lambda client: get(client, "close_group", group.pk),
        lambda client: get(client, "make_post", tree.village.pk, query=f"?group={group.pk}"),
    ):
        assert answers(cast, ask) == allowed


# --- the list


def test_list_shows_what_is_within_reach_in_tree_order(cast):
    within = {
        "secretary": ["前村党支部"],
        "member": ["前村党支部"],
        "township officer": ["东镇委员会", "东镇机关党总支", "机关第一党支部", "前村党支部"],
        "other township officer": ["西镇委员会", "远村党支部"],
        "system admin": [],
    }

    for who, names in within.items():
        client = Client()
        client.force_login(cast[who])
        rows = get(client, "list").context["rows"]
        assert [row.name_on for row, _, _ in rows] == names, who


def test_list_asks_to_sign_in(client, db):
    assert get(client, "list").status_code == 302


def test_list_is_filtered(cast, tree, client):
    for name, since in (("老名字村党支部", date(2021, 1, 1)), ("前村党支部", date(2022, 1, 1))):
        actions.rename(tree.village, name=name, since=since, by=tree.system, at=NOON)
    client.force_login(cast["county officer"])
    asked = {
        "?q=机关": ["东镇机关党总支", "机关第一党支部"],
        "?q=老名字": ["前村党支部"],
        "?kind=general-branch": ["东镇机关党总支"],
        "?q=机关&kind=branch": ["机关第一党支部"],
        "?field=school": [],
        "?q=没有这个": [],
        "?on=2019-12-31": [],
        "?q=%25": [],
        "?q=_": [],
    }

    for query, names in asked.items():
        rows = get(client, "list", query=query).context["rows"]
        assert [row.name_on for row, _, _ in rows] == names, query


def test_list_takes_a_wrong_filter_for_none(cast, client):
    client.force_login(cast["county officer"])

    response = get(client, "list", query="?kind=wrong&on=wrong&page=wrong&under=wrong")

    assert len(response.context["rows"]) == 7


def test_list_by_the_beginning_of_a_code(cast, tree, client):
    client.force_login(cast["county officer"])

    rows = get(client, "list", query=f"?q={tree.village.code.lower()}").context["rows"]

    assert [row.organization for row, _, _ in rows] == [tree.village]


def test_list_as_of_a_day_tells_names_and_order_of_that_day(cast, tree, client):
    actions.rename(
        tree.village, name="新前村党支部", since=date(2026, 1, 1), by=tree.system, at=NOON
    )
    actions.move(tree.far, parent=tree.east, since=date(2026, 6, 1), by=tree.system, at=NOON)
    client.force_login(cast["county officer"])

    then = [r.name_on for r, _, _ in get(client, "list", query="?on=2025-06-01").context["rows"]]
    now = [r.name_on for r, _, _ in get(client, "list").context["rows"]]

    assert then[-3:] == ["前村党支部", "西镇委员会", "远村党支部"]
    assert now[-3:] == ["新前村党支部", "远村党支部", "西镇委员会"]


def test_list_below_one_organization(cast, tree, client):
    client.force_login(cast["county officer"])

    response = get(client, "list", query=f"?under={tree.general.pk}")

    assert [row.organization for row, _, _ in response.context["rows"]] == [
        tree.general,
        tree.inner,
    ]
    assert "东镇机关党总支和下级组织" in text(response)


def test_list_below_what_one_may_not_see_is_not_found(cast, tree, client):
    client.force_login(cast["township officer"])

    assert get(client, "list", query=f"?under={tree.west.pk}").status_code == 404


def test_list_counts_members_of_branches(cast, tree, client):
    client.force_login(cast["county officer"])

    counts = {row.organization_id: c.count for row, _, c in get(client, "list").context["rows"]}

    assert counts[tree.village.pk] == 3
    assert counts[tree.east.pk] == 0


def test_list_part_alone_comes_for_htmx(cast, client):
    client.force_login(cast["county officer"])

    response = client.get(reverse("organizations:list"), headers={"HX-Request": "true"})

    assert text(response).strip().startswith('<section id="results"')
    assert "<html" not in text(response)


def test_list_turns_pages_and_keeps_the_filter(cast, tree, client):
    for number in range(51):
        factories.organization(tree.west, by=tree.system, name=f"新村{number}党支部")
    client.force_login(cast["other township officer"])

    first = get(client, "list", query="?q=新村")
    second = get(client, "list", query="?q=新村&page=2")

    assert len(first.context["rows"]) == 50
    assert len(second.context["rows"]) == 1
    assert "第 1 页，共 2 页，51 个组织" in text(first)
    assert "page=2" in text(first)
    assert "q=%E6%96%B0%E6%9D%91&amp;page=1" in text(second)


@pytest.mark.parametrize("who", ["county officer", "system admin"])
def test_empty_list_says_what_to_do_next(who, cast, client):
    client.force_login(cast[who])

    assert "没有找到这样的组织。" in text(get(client, "list", query="?q=没有"))


def test_list_takes_as_many_queries_for_thirty_as_for_one(cast, tree, client):
    client.force_login(cast["county officer"])
    get(client, "list")
    with CaptureQueriesContext(connection) as few:
        get(client, "list", query="?kind=general-branch")
    for number in range(30):
        factories.organization(
            tree.west, by=tree.system, name=f"新{number}党总支", kind="general-branch"
        )
    with CaptureQueriesContext(connection) as many:
        get(client, "list", query="?kind=general-branch")

    assert len(many) == len(few) <= 14  # UNIT in tests/costs


def test_export_gives_the_rows_of_the_list_as_excel(cast, tree, client):
    client.force_login(cast["township officer"])

    response = get(client, "export", query="?kind=branch")
    sheet = openpyxl.load_workbook(BytesIO(response.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert rows[0][0] == "组织"
    assert rows[1][0] == "截至 2026-11-20"
    assert [row[1] for row in rows[4:]] == ["机关第一党支部", "前村党支部"]
    assert rows[4][3] == "东镇机关党总支"
    assert "attachment" in response.headers["Content-Disposition"]


# --- one organisation


def test_detail_takes_as_many_queries_for_thirty_below_as_for_one(cast, tree, client):
    client.force_login(cast["county officer"])
    get(client, "detail", tree.west.pk)
    with CaptureQueriesContext(connection) as few:
        get(client, "detail", tree.west.pk)
    for number in range(30):
        below = factories.organization(tree.west, by=tree.system, name=f"新{number}村党支部")
        factories.member(below, by=tree.system)
    with CaptureQueriesContext(connection) as many:
        response = get(client, "detail", tree.west.pk)

    assert "下级组织 31 个" in text(response)
    assert len(many) == len(few) <= 14  # UNIT in tests/costs


@pytest.mark.parametrize("query", ["", "?on=2024-05-01"])
def test_detail_of_a_branch_takes_no_more_queries_for_many_posts(query, cast, tree, client):
    client.force_login(cast["county officer"])
    get(client, "detail", tree.village.pk)
    with CaptureQueriesContext(connection) as few:
        get(client, "detail", tree.village.pk, query=query)
    for number in range(10):
        group = actions.form_group(
            tree.village, name=f"第{number}组", since=factories.SINCE, by=tree.system, at=NOON
        )
        factories.holder(
            tree.village, tree.village, "group-leader", by=tree.system, title="组长", group=group
        )
    with CaptureQueriesContext(connection) as many:
        response = get(client, "detail", tree.village.pk, query=query)

    assert "党小组 10 个" in text(response)
    assert len(many) == len(few) <= 14  # UNIT in tests/costs


def test_detail_tells_posts_holders_and_headcount(cast, tree, client):
    client.force_login(cast["township officer"])

    page = text(get(client, "detail", tree.village.pk))

    assert '<span class="t">书记</span> <a href=' in page
    assert "顾长林" in page
    assert '<p class="z-fig">3 <small>名党员' in page
    assert "没有登记任期" in page


def test_detail_marks_a_vacant_post_a_term_that_is_over_and_a_holding_past_its_end(
    cast, tree, client
):
    actions.begin_term(
        tree.village,
        since=date(2020, 1, 1),
        ends_on=date(2023, 1, 1),
        has_committee=True,
        by=tree.system,
        at=NOON,
    )
    actions.make_post(
        tree.village,
        kind="x",
        title="宣传委员",
        role="branch-committee",
        since=date(2020, 1, 1),
        by=tree.system,
        at=NOON,
    )
    Person.objects.get(name="顾长林").holdings.update(until=date(2025, 1, 1))
    client.force_login(cast["township officer"])

    page = text(get(client, "detail", tree.village.pk))

    assert "2023年1月1日</time>已届满" in page
    assert '<span class="t">宣传委员</span> <span class="z-warn">空缺</span>' in page
    assert "2025年1月1日</time>已到期，未交接" in page


def test_detail_as_of_a_day_tells_that_day_and_offers_no_change(cast, tree, client):
    actions.rename(
        tree.village, name="新前村党支部", since=date(2026, 1, 1), by=tree.system, at=NOON
    )
    actions.move(tree.village, parent=tree.west, since=date(2026, 2, 1), by=tree.system, at=NOON)
    client.force_login(cast["county officer"])

    page = text(get(client, "detail", tree.village.pk, query="?on=2025-06-01"))

    assert "<h1>前村党支部</h1>" in page
    assert "这是<time" in page
    assert "东镇委员会" in page
    assert "西镇委员会" not in page
    assert "任职<" not in page
    assert "登记人员" not in page


def test_detail_before_founding_says_that_it_was_not_there(cast, tree, client):
    client.force_login(cast["county officer"])

    page = text(get(client, "detail", tree.village.pk, query="?on=2015-01-01"))

    assert "那天还没有这个组织，或者已经撤销。" in page


def test_member_sees_their_branch_without_links_they_may_not_follow(cast, tree, client):
    client.force_login(cast["member"])

    page = text(get(client, "detail", tree.village.pk))

    assert "顾长林" in page
    assert "/people/" not in page.replace(reverse("people:me"), "")
    assert "办理" not in page
    assert reverse("organizations:detail", args=[tree.east.pk]) not in page


def test_mine_leads_to_the_branch_of_the_hat(cast, tree, client):
    client.force_login(cast["member"])

    assert get(client, "mine").headers["Location"] == tree.village.get_absolute_url()


def test_mine_of_an_administrator_leads_to_the_list(cast, client):
    client.force_login(cast["system admin"])

    assert get(client, "mine").headers["Location"] == reverse("organizations:list")


def test_history_tells_names_placements_and_terms(cast, tree, client):
    actions.rename(
        tree.village, name="新前村党支部", since=date(2026, 1, 1), by=tree.system, at=NOON
    )
    actions.move(tree.village, parent=tree.west, since=date(2026, 2, 1), by=tree.system, at=NOON)
    client.force_login(cast["county officer"])

    response = get(client, "history", tree.village.pk)
    told = response.context["history"]

    assert [name.name for name in told.names] == ["新前村党支部", "前村党支部"]
    assert [p.parent_name for p in told.placements] == ["西镇委员会", "东镇委员会"]
    assert "没有登记过任期。" in text(response)


# --- forms


@pytest.fixture
def officer(cast, client):
    client.force_login(cast["county officer"])
    return cast["county officer"]


def post(client, form, organization, /, **typed):
    return client.post(reverse(f"organizations:{form}", args=[organization.pk]), typed)


def test_found_sets_up_an_organization_and_says_so(officer, tree, client):
    response = client.post(
        reverse("organizations:found", args=[tree.west.pk]),
        {"name": "西镇后村党支部", "code": "W1", "kind": "branch", "field": "rural"},
        follow=True,
    )

    made = Organization.objects.get(code="W1")
    assert made.parent == tree.west
    assert response.redirect_chain == [(made.get_absolute_url(), 302)]
    assert "西镇后村党支部已登记，在西镇委员会下面。" in text(response)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": ""}, "这一项要填。"),
        ({"code": "used"}, "这个代码已经有组织在用，请换一个。"),
        ({"kind": ""}, "这一项要填。"),
        ({"kind": "committee", "parent": "village"}, "党支部下面不设党组织，可以设党小组。"),
    ],
)
def test_found_says_what_is_wrong_and_keeps_what_was_typed(changed, message, officer, tree, client):
    actions.found(code="used", name="x", kind="branch", parent=tree.west, by=tree.system, at=NOON)
    typed = {"name": "新党委", "code": "W2", "kind": "branch", "field": "school", "place": "河西"}
    typed |= changed
    parent = tree.village if typed.pop("parent", "") else tree.west

    page = text(post(client, "found", parent, **typed))

    assert message in page
    assert 'role="alert"' in page
    assert 'value="河西"' in page
    assert '<option value="school" selected>' in page
    assert not Organization.objects.filter(code="W2").exists()


def test_rename_keeps_the_old_name_in_history(officer, tree, client):
    response = post(client, "rename", tree.village, name="前村联合党支部", since="2026-11-01")

    assert response.headers["Location"] == tree.village.get_absolute_url()
    assert list(tree.village.names.order_by("since").values_list("name", flat=True)) == [
        "前村党支部",
        "前村联合党支部",
    ]


def test_rename_in_the_future_is_refused_on_the_form(officer, tree, client):
    page = text(post(client, "rename", tree.village, name="前村联合党支部", since="2026-12-01"))

    assert "不能改名：日期要在现名启用之后、今天或以前。" in page
    assert 'value="前村联合党支部"' in page


def test_change_corrects_particulars(officer, tree, client):
    post(client, "change", tree.village, field="community", place="前村", established_on="")

    tree.village.refresh_from_db()
    assert (tree.village.field, tree.village.place, tree.village.established_on) == (
        "community",
        "前村",
        None,
    )


def test_move_shows_what_goes_along_before_it_is_done(officer, tree, client):
    typed = {"parent": "西镇委员会", "since": "2026-11-01"}

    page = text(post(client, "move", tree.general, **typed))

    tree.general.refresh_from_db()
    assert tree.general.parent == tree.east
    assert "下面的 1 个组织、3 名人员一起划过去。" in page
    assert '<input type="hidden" name="parent" value="西镇委员会"' in page

    response = post(client, "move", tree.general, **typed, confirm="1")

    tree.general.refresh_from_db()
    assert response.status_code == 302
    assert tree.general.parent == tree.west


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        ("没有这个", "没有找到“没有这个”。请写全名或代码，只能选您管的。"),
        ("机关第一党支部", "没有找到"),
        ("东镇委员会", "不用办：前村党支部已经在东镇委员会下面。"),
        ("同名党委", "有几个都叫这个：同名党委（S1）、同名党委（S2）。请写代码。"),
    ],
)
def test_move_says_which_parent_it_cannot_take(parent, message, officer, tree, client):
    for code in ("S1", "S2"):
        actions.found(
            code=code,
            name="同名党委",
            kind="committee",
            parent=tree.county,
            by=tree.system,
            at=NOON,
        )

    page = text(post(client, "move", tree.village, parent=parent, since="2026-11-01"))

    assert message in page
    assert f'value="{parent}"' in page


@pytest.mark.parametrize("how", ["{code}", "{name}（{code}）", "{name}"])
def test_parent_is_found_by_code_by_name_and_as_suggested(how, officer, tree, client):
    parent = how.format(code=tree.west.code, name=tree.west.name)

    response = post(client, "move", tree.village, parent=parent, since="2026-11-01", confirm="1")

    assert response.status_code == 302


def test_move_within_the_reach_of_a_township_alone(cast, tree, client):
    client.force_login(cast["township officer"])

    page = text(post(client, "move", tree.village, parent=tree.west.code, since="2026-11-01"))

    assert "只能选您管的" in page


def test_dissolve_ends_it_and_later_changes_are_refused_with_the_reason(officer, tree, client):
    post(client, "dissolve", tree.far, on="2026-11-20")

    page = text(get(client, "detail", tree.far.pk))
    refused = get(client, "rename", tree.far.pk)

    assert "2026年11月20日</time>已撤销" in page
    assert "不能改：远村党支部已经撤销。" in page
    assert refused.status_code == 403


def test_dissolve_with_organizations_below_is_refused_with_their_number(officer, tree, client):
    response = get(client, "dissolve", tree.general.pk)

    assert response.status_code == 403
    assert "下面还有 1 个组织，请先撤销或划走" in text(response)


def test_begin_term_is_registered_and_shown(officer, tree, client):
    typed = {"since": "2026-01-10", "ends_on": "2029-01-10", "has_committee": "yes"}

    post(client, "begin_term", tree.village, **typed)
    page = text(get(client, "detail", tree.village.pk))

    assert "设委员会，<time" in page
    assert "2029年1月10日</time>届满" in page


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"since": "2026-01-10", "ends_on": "2026-01-10"}, "届满要在开始之后，请核对。"),
        ({"since": "2026-01-10"}, "这一项要填。"),
    ],
)
def test_begin_term_chooses_nothing_beforehand_and_says_what_is_missing(
    typed, message, officer, tree, client
):
    page = text(post(client, "begin_term", tree.village, **typed))

    assert message in page
    assert "checked" not in page
    assert not tree.village.terms.exists()


def test_secretary_forms_and_closes_a_group(cast, tree, client):
    client.force_login(cast["secretary"])

    post(client, "form_group", tree.village, name="第一党小组", since="2026-11-01")
    group = tree.village.groups.get()
    double = post(client, "form_group", tree.village, name="第一党小组", since="2026-11-01")
    client.post(reverse("organizations:close_group", args=[group.pk]), {"on": "2026-11-20"})

    group.refresh_from_db()
    assert "不能重名：已经有第一党小组了。" in text(double)
    assert group.until == TODAY


def test_post_is_made_as_the_packs_know_it_and_only_once(officer, tree, client):
    response = post(
        client, "make_post", tree.village, kind="organisation-member", since="2026-11-01"
    )
    made = tree.village.posts.get(kind="organisation-member")
    offered = get(client, "make_post", tree.village.pk).context["form"].fields["kind"].choices

    assert response.status_code == 302
    assert (made.title, made.role, made.in_committee) == ("组织委员", "branch-committee", True)
    assert "organisation-member" not in dict(offered)
    assert "committee-secretary" not in dict(offered)


def test_posts_offered_are_those_of_the_kind_of_organization(tree):
    from zhibu.organizations.queries import post_kinds

    assert library.shipped()
    assert next(iter(post_kinds("branch", TODAY))) == "branch-secretary"
    assert set(post_kinds("party-group", TODAY)) == {"group-leader"}
    assert post_kinds("branch", date(1950, 1, 1)) == {}


def test_pages_carry_nothing_inline_and_one_heading(officer, tree, client):
    for name in ("list", "mine"):
        markup = Markup(text(client.get(reverse(f"organizations:{name}"), follow=True)))
        assert (name, markup.inline, markup.headings.count("h1")) == (name, [], 1)
    for name in ("detail", "history", "found", "rename", "change", "move", "dissolve",
                 "begin_term", "form_group", "make_post"):  # fmt: skip
        markup = Markup(text(get(client, name, tree.village.pk)))
        assert (name, markup.inline, markup.headings.count("h1")) == (name, [], 1)
        assert len(markup.ids) == len(set(markup.ids)), name


def test_later_day_than_today_is_today(officer, tree, client):
    later = TODAY + timedelta(days=400)

    page = text(get(client, "detail", tree.village.pk, query=f"?on={later}"))

    assert "的样子" not in page


def test_people_away_from_the_tree_are_counted_where_they_belonged_that_day(officer, tree, client):
    person = factories.member(tree.village, by=tree.system)
    people.place(person, organization=tree.far, since=date(2026, 11, 1), by=tree.system, at=NOON)

    then = text(get(client, "detail", tree.village.pk, query="?on=2026-10-31"))
    now = text(get(client, "detail", tree.village.pk))

    assert '<p class="z-fig">4 <small>' in then
    assert '<p class="z-fig">3 <small>' in now
