"""The screens of people: who gets which answer, what they say, what they do."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from stdnum.cn import ric

from tests import factories
from tests.conftest import NOON, TODAY
from tests.core.pages import Markup
from tests.organizations.test_organization_views import ABOVE, answers, expected
from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.ledger.models import Entry
from zhibu.organizations import actions as organizations
from zhibu.people import actions
from zhibu.people.models import Holding, Person, Reveal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PHONE = "13800000021"
ADDRESS = "某县东镇前村五组12号"


def id_number(born="19570808", order="002"):
    start = f"990101{born}{order}"
    return start + ric.calc_check_digit(start + "0")


@pytest.fixture
def jiang(cast, tree):
    """The member of the cast, with particulars."""
    person = Person.objects.get(name="蒋红梅")
    actions.change(
        person,
        name=person.name,
        sex="female",
        born_on=date(1957, 8, 8),
        ethnicity="汉族",
        education="高中",
        occupation="务农",
        id_number=id_number(),
        phone=PHONE,
        address=ADDRESS,
        by=tree.system,
        at=NOON,
    )
    person.refresh_from_db()
    return person


def get(client, name, *args, query=""):
    return client.get(reverse(f"people:{name}", args=args) + query)


def post(client, form, *args, **typed):
    return client.post(reverse(f"people:{form}", args=args), typed)


def text(response):
    return response.content.decode()


# --- by standing

READ = ("secretary", "committee member", *ABOVE)
MAY_NOT = ("committee member", "member")


def test_page_and_reveal_answer_by_standing(cast, jiang):
    allowed = expected(cast, found=(*READ, "member"))

    assert answers(cast, lambda client: get(client, "detail", jiang.pk)) == allowed
    assert answers(cast, lambda client: get(client, "reveal", jiang.pk, "phone")) == allowed


@pytest.mark.parametrize("name", ["change", "set_membership", "place", "join_group", "account"])
def test_form_answers_by_standing(name, cast, jiang):
    allowed = expected(cast, found=("secretary", *ABOVE), forbidden=MAY_NOT)

    assert answers(cast, lambda client: get(client, name, jiang.pk)) == allowed


def test_register_answers_by_standing(cast, tree):
    allowed = expected(cast, found=("secretary", *ABOVE), forbidden=MAY_NOT)

    assert answers(cast, lambda client: get(client, "register", tree.village.pk)) == allowed
    assert answers(cast, lambda client: post(client, "register", tree.village.pk)) == allowed


def test_appointing_answers_by_standing(cast):
    held = Holding.objects.get(person__name="顾长林")
    allowed = expected(cast, found=ABOVE, forbidden=("secretary", *MAY_NOT))

    assert answers(cast, lambda client: get(client, "appoint", held.post_id)) == allowed
    assert answers(cast, lambda client: get(client, "end_holding", held.pk)) == allowed


def test_list_and_export_answer_by_standing(cast):
    allowed = {who: 200 if "secretary" in who or "officer" in who else 403 for who in cast}
    allowed |= {"committee member": 200, "signed out": 302}

    assert answers(cast, lambda client: get(client, "list")) == allowed
    assert answers(cast, lambda client: get(client, "export")) == allowed


def test_own_page_answers_everybody_signed_in(cast):
    allowed = dict.fromkeys(cast, 200) | {"signed out": 302}

    assert answers(cast, lambda client: get(client, "me")) == allowed


def test_account_is_not_stopped_by_whoever_may_not(cast, jiang):
    may = {"secretary", *ABOVE}
    others = {who: user for who, user in cast.items() if who not in may}

    found = answers(others, lambda client: post(client, "stop_account", jiang.pk))

    assert found == {
        who: status for who, status in expected(cast, forbidden=MAY_NOT).items() if who in others
    }
    assert User.objects.get(person_id=jiang.pk).is_active


# --- the list


def names_on(response):
    return [person.name for person, *_ in response.context["people"]]


def test_list_shows_people_within_reach_with_covered_values(cast, jiang, client):
    client.force_login(cast["secretary"])

    response = get(client, "list")
    page = text(response)

    assert sorted(names_on(response)) == ["倪秀兰", "蒋红梅", "顾长林"]
    assert "138****0021" in page
    assert PHONE not in page
    assert id_number() not in page


def test_name_posted_leads_to_an_address_and_a_number_to_none(cast, jiang, client):
    client.force_login(cast["secretary"])

    by_name = post(client, "list", q="蒋红", state="full")
    by_number = post(client, "list", q=PHONE)

    assert by_name.headers["Location"] == (
        reverse("people:list") + "?q=%E8%92%8B%E7%BA%A2&state=full"
    )
    assert by_number.status_code == 200
    assert names_on(by_number) == ["蒋红梅"]
    assert f"q={PHONE}" not in text(by_number)


def test_part_for_htmx_keeps_a_name_in_the_address_and_a_number_out(cast, jiang, client):
    client.force_login(cast["secretary"])
    headers = {"HX-Request": "true"}
    address = reverse("people:list")

    by_name = client.post(address, {"q": "jhm"}, headers=headers)
    by_number = client.post(address, {"q": id_number()}, headers=headers)

    assert by_name.headers["HX-Push-Url"] == f"{address}?q=jhm"
    assert text(by_name).strip().startswith('<section id="results"')
    assert by_number.headers["HX-Push-Url"] == address
    assert ">蒋红梅</a>" in text(by_number)
    assert ">顾长林</a>" not in text(by_number)


def test_list_of_one_branch(cast, tree, client):
    client.force_login(cast["township officer"])

    response = get(client, "list", query=f"?at={tree.village.pk}")

    assert sorted(names_on(response)) == ["倪秀兰", "蒋红梅", "顾长林"]
    assert "<h1>前村党支部的人员</h1>" in text(response)
    assert reverse("people:register", args=[tree.village.pk]) in text(response)


def test_list_of_a_branch_out_of_sight_is_not_found(cast, tree, client):
    client.force_login(cast["secretary"])

    assert get(client, "list", query=f"?at={tree.far.pk}").status_code == 404


def test_empty_answer_says_what_to_do_next(cast, client):
    client.force_login(cast["secretary"])

    page = text(get(client, "list", query="?q=没有"))

    assert "没有找到这个人。" in page
    assert "身份证号和手机号要写全" in page


def test_list_turns_pages(cast, tree, client):
    for _ in range(30):
        factories.member(tree.far, by=tree.system, name="新党员")
    client.force_login(cast["stranger secretary"])

    first = get(client, "list", query="?state=full")
    second = get(client, "list", query="?state=full&page=2")

    assert len(names_on(first)) == 30
    assert "第 1 页，共 2 页" in text(first)
    assert "state=full&amp;page=1" in text(second)
    assert len(names_on(second)) == first.context["page"].paginator.count - 30


@pytest.mark.parametrize("query", ["", "?q=新", "?state=members"])
def test_list_takes_as_many_queries_for_thirty_as_for_one(query, cast, tree, client):
    factories.member(tree.far, by=tree.system, name="新党员")
    client.force_login(cast["stranger secretary"])
    get(client, "list")
    with CaptureQueriesContext(connection) as few:
        get(client, "list", query=query)
    for _ in range(29):
        factories.member(tree.far, by=tree.system, name="新党员")
    with CaptureQueriesContext(connection) as many:
        get(client, "list", query=query)

    assert len(many) == len(few) <= 12


def test_export_covers_what_is_covered(cast, jiang, client):
    client.force_login(cast["secretary"])

    response = get(client, "export", query="?q=蒋")
    sheet = openpyxl.load_workbook(BytesIO(response.getvalue())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    everything = str(rows)

    assert rows[-1][0] == "蒋红梅"
    assert "99****" in everything
    assert "138****0021" in everything
    assert PHONE not in everything
    assert id_number() not in everything


# --- one person


def test_page_tells_particulars_covered_and_dated_rows(cast, jiang, client):
    client.force_login(cast["secretary"])

    page = text(get(client, "detail", jiang.pk))

    assert "1957年8月8日" in page
    assert "138****0021" in page
    assert "某县东****" in page
    for covered in (PHONE, ADDRESS, id_number()):
        assert covered not in page
    assert "正式党员" in page
    assert "前村党支部" in page


def test_page_takes_as_many_queries_for_a_long_record_as_for_a_short_one(cast, tree, jiang, client):
    client.force_login(cast["secretary"])
    get(client, "detail", jiang.pk)
    with CaptureQueriesContext(connection) as few:
        get(client, "detail", jiang.pk)
    for number in range(10):
        group = organizations.form_group(
            tree.village, name=f"第{number}组", since=factories.SINCE, by=tree.system, at=NOON
        )
        since = date(2021, 1, 1 + number)
        actions.join_group(jiang, group=group, since=since, by=tree.system, at=NOON)
        post = organizations.make_post(
            tree.village, kind=f"k{number}", title="委员", role="branch-committee",
            since=factories.SINCE, by=tree.system, at=NOON,
        )  # fmt: skip
        actions.hold_post(jiang, post=post, since=since, by=tree.system, at=NOON)
    with CaptureQueriesContext(connection) as many:
        get(client, "detail", jiang.pk)

    assert len(many) == len(few) <= 12


def test_own_page_takes_as_many_queries_for_thirty_looks_as_for_one(cast, jiang, client):
    look = {"field": "phone", "reason": "核对资料", "by": cast["secretary"], "at": NOON}
    actions.reveal(jiang, **look)
    client.force_login(cast["member"])
    get(client, "me")
    with CaptureQueriesContext(connection) as few:
        get(client, "me")
    for _ in range(29):
        actions.reveal(jiang, **look)
    with CaptureQueriesContext(connection) as many:
        page = text(get(client, "me"))

    assert page.count("看了手机号") == 30
    assert len(many) == len(few) <= 12


def test_own_page_of_an_administrator_speaks_of_the_account(cast, client):
    client.force_login(cast["system admin"])

    page = text(get(client, "me"))

    assert "系统管理员账号，不对应党员，所以没有个人资料。" in page
    assert reverse("accounts:change_password") in page


# --- looking at a covered value


def test_reveal_needs_a_reason_and_shows_nothing_without(cast, jiang, client):
    client.force_login(cast["secretary"])

    form = text(get(client, "reveal", jiang.pk, "phone"))
    refused = text(post(client, "reveal", jiang.pk, "phone"))

    assert PHONE not in form + refused
    assert "checked" not in form
    assert "请选一个原因。" in refused
    assert not Reveal.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [
        ("phone", PHONE, "手机号"),
        ("id_number", id_number(), "身份证号"),
        ("address", ADDRESS, "住址"),
    ],
)
def test_reveal_shows_the_value_and_the_person_sees_who_looked(
    field, value, label, cast, jiang, client
):
    client.force_login(cast["secretary"])
    shown = text(post(client, "reveal", jiang.pk, field, why="通知会议或活动"))
    client.force_login(cast["member"])
    own = text(get(client, "me"))

    assert value in shown
    assert "已记下来，蒋红梅本人看得到。" in shown
    assert f'<span class="t">顾长林</span> 看了{label}' in own
    assert "通知会议或活动" in own


@pytest.mark.parametrize(
    ("typed", "reason"),
    [({"why": "other", "other": "慰问老党员"}, "慰问老党员"), ({"why": "核对资料"}, "核对资料")],
)
def test_reveal_keeps_the_reason_given(typed, reason, cast, jiang, client):
    client.force_login(cast["secretary"])

    post(client, "reveal", jiang.pk, "phone", **typed)

    assert Reveal.objects.get().reason == reason


@pytest.mark.parametrize(
    "typed", [{"why": "other"}, {"why": "好奇"}, {"why": "other", "other": " "}]
)
def test_reveal_refuses_what_is_no_reason(typed, cast, jiang, client):
    client.force_login(cast["secretary"])

    page = text(post(client, "reveal", jiang.pk, "phone", **typed))

    assert PHONE not in page
    assert "z-err" in page
    assert not Reveal.objects.exists()


def test_own_value_is_shown_at_once_and_leaves_no_row(cast, jiang, client):
    client.force_login(cast["member"])

    page = text(get(client, "reveal", jiang.pk, "phone"))

    assert PHONE in page
    assert not Reveal.objects.exists()


def test_reveal_of_another_field_is_not_found(cast, jiang, client):
    client.force_login(cast["secretary"])

    for field in ("name", "salt", "id_number_sealed"):
        assert get(client, "reveal", jiang.pk, field).status_code == 404


def test_secretary_is_not_shown_who_else_looked(cast, jiang, client):
    actions.reveal(jiang, field="phone", reason="核对资料", by=cast["committee member"], at=NOON)
    client.force_login(cast["secretary"])

    assert "核对资料" not in text(get(client, "detail", jiang.pk))


# --- forms


@pytest.fixture
def secretary(cast, client):
    client.force_login(cast["secretary"])
    return cast["secretary"]


NEW = {
    "name": "陈晓峰",
    "id_number": id_number("19960401", "131"),
    "state": "activist",
    "state_since": "2025-06-01",
    "since": "2025-03-01",
    "phone": "138 0000 0077",
    "address": "前村二组",
}


def test_register_takes_birth_day_and_sex_from_the_number(secretary, tree, client):
    response = client.post(reverse("people:register", args=[tree.village.pk]), NEW, follow=True)

    made = Person.objects.get(name="陈晓峰")
    assert response.redirect_chain == [(made.get_absolute_url(), 302)]
    assert "陈晓峰已登记在前村党支部。" in text(response)
    assert (made.born_on, made.sex) == (date(1996, 4, 1), "male")
    assert (made.id_number, made.phone) == (NEW["id_number"], "13800000077")
    assert made.states.get().state == "activist"
    assert made.home == tree.village


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": ""}, "这一项要填。"),
        ({"id_number": NEW["id_number"][:-1]}, "身份证号是 18 位"),
        ({"id_number": NEW["id_number"][:-1] + "Y"}, "最后一位是数字或 X"),
        ({"id_number": "990101199602301310"}, "请核对"),
        ({"born_on": "1996-05-01"}, "和身份证号里的不一样，请核对。"),
        ({"sex": "female"}, "和身份证号里的不一样，请核对。"),
        ({"phone": "138"}, "电话只写数字"),
        ({"state_since": ""}, "请填这个身份从哪天起。"),
        ({"since": "昨天"}, "日期不对"),
        ({"state": "deceased"}, "没有“deceased”这一项，请重新选。"),
        ({"name": "陈\x00晓峰"}, "看不见的控制字符"),
    ],
)
def test_register_says_what_is_wrong_and_keeps_what_was_typed(
    changed, message, secretary, tree, client
):
    page = text(post(client, "register", tree.village.pk, **(NEW | changed)))

    assert message in page
    assert 'value="前村二组"' in page
    assert not Person.objects.filter(phone_hash__gt="", name="陈晓峰").exists()


def test_register_of_a_number_already_taken_is_refused_on_the_form(secretary, jiang, tree, client):
    typed = NEW | {"id_number": id_number()}

    page = text(post(client, "register", tree.village.pk, **typed))

    assert "不能登记：这个身份证号已经登记过。" in page
    assert 'value="陈晓峰"' in page


def particulars(**changed):
    return {
        "name": "蒋红梅",
        "sex": "female",
        "born_on": "1957-08-08",
        "ethnicity": "汉族",
        "education": "大专",
        "occupation": "",
    } | changed


def test_change_leaves_sealed_values_that_are_left_empty(secretary, jiang, client):
    response = post(client, "change", jiang.pk, **particulars())

    jiang.refresh_from_db()
    assert response.status_code == 302
    assert (jiang.education, jiang.occupation) == ("大专", "")
    assert (jiang.id_number, jiang.phone, jiang.address) == (id_number(), PHONE, ADDRESS)


def test_change_form_never_carries_a_sealed_value(secretary, jiang, client):
    page = text(get(client, "change", jiang.pk))

    assert "现在是 138****0021。不改就空着。" in page
    for covered in (PHONE, ADDRESS, id_number()):
        assert covered not in page


def test_change_replaces_and_removes_sealed_values(secretary, jiang, client):
    post(client, "change", jiang.pk, **particulars(phone="13900000001", forget=["address"]))

    jiang.refresh_from_db()
    assert (jiang.phone, jiang.address, jiang.id_number) == ("13900000001", "", id_number())


def test_membership_offers_only_what_may_follow(secretary, jiang, client):
    offered = get(client, "set_membership", jiang.pk).context["form"].fields["state"].choices

    assert [value for value, _ in offered] == [
        "", "suspended", "transferred-out", "ended", "deceased",
    ]  # fmt: skip


def test_membership_is_set_and_told(secretary, jiang, client):
    post(client, "set_membership", jiang.pk, state="suspended", since="2026-11-01", basis="某文")

    page = text(get(client, "detail", jiang.pk))

    assert "停止党籍，<time" in page
    assert "依据 某文" in page


def test_membership_from_too_early_a_day_is_refused_on_the_form(secretary, jiang, client):
    page = text(post(client, "set_membership", jiang.pk, state="ended", since="2019-01-01"))

    assert "不能从这天起" in page
    assert '<option value="ended" selected>' in page
    assert jiang.states.count() == 1


def test_place_beyond_ones_reach_is_not_offered(secretary, jiang, tree, client):
    page = text(post(client, "place", jiang.pk, organization=tree.far.code, since="2026-11-01"))

    assert "只能选您管的" in page


def test_place_moves_a_person_within_reach(cast, jiang, tree, client):
    client.force_login(cast["township officer"])

    response = post(client, "place", jiang.pk, organization="机关第一党支部", since="2026-11-01")

    jiang.refresh_from_db()
    assert response.headers["Location"] == jiang.get_absolute_url()
    assert jiang.home == tree.inner


def test_group_of_the_branch_is_joined(secretary, jiang, tree, client):
    group = organizations.form_group(
        tree.village, name="第一党小组", since=factories.SINCE, by=tree.system, at=NOON
    )
    other = organizations.form_group(
        factories.organization(tree.west, by=tree.system, name="后村党支部"),
        name="别的小组", since=factories.SINCE, by=tree.system, at=NOON,
    )  # fmt: skip

    foreign = text(post(client, "join_group", jiang.pk, group=other.pk, since="2026-11-01"))
    post(client, "join_group", jiang.pk, group=group.pk, since="2026-11-01")

    assert "请重新选" in foreign
    assert jiang.group_memberships.get().group == group
    assert "第一党小组" in text(get(client, "detail", jiang.pk))


def test_group_form_without_groups_says_what_to_do_first(secretary, jiang, client):
    assert "还没有党小组，请先在组织页上成立。" in text(get(client, "join_group", jiang.pk))


@pytest.fixture
def vacancy(tree):
    """A post of the village branch that nobody holds."""
    return organizations.make_post(
        tree.village, kind="publicity-member", title="宣传委员", role="branch-committee",
        since=factories.SINCE, by=tree.system, at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize("how", ["蒋红梅", "jhm", "蒋红梅 #{pk}", "#{pk}", PHONE])
def test_holder_is_found_by_name_number_or_as_suggested(how, cast, jiang, vacancy, client):
    client.force_login(cast["township officer"])

    response = post(
        client, "appoint", vacancy.pk, person=how.format(pk=jiang.pk), since="2026-11-01",
        manner="full",
    )  # fmt: skip

    assert response.headers["Location"] == vacancy.organization.get_absolute_url()
    assert vacancy.holdings.get().person == jiang


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"person": "没有这人"}, "没有找到“没有这人”，请核对，或先登记这个人。"),
        ({"person": "远方人"}, "没有找到“远方人”"),
        ({"person": "同名人"}, "有几个人对得上：同名人 #"),
        ({"person": "蒋红梅", "manner": "acting"}, "主持工作、代理的，要写明原因。"),
        ({"person": "蒋红梅", "until": "2026-10-01"}, "任期结束要在开始之后。"),
    ],
)
def test_appoint_says_what_is_wrong_and_keeps_what_was_typed(
    typed, message, cast, jiang, vacancy, tree, client
):
    factories.member(tree.far, by=tree.system, name="远方人")
    for _ in range(2):
        factories.member(tree.village, by=tree.system, name="同名人")
    client.force_login(cast["township officer"])

    page = text(
        post(client, "appoint", vacancy.pk, **({"since": "2026-11-01", "manner": "full"} | typed))
    )

    assert message in page
    assert f'value="{typed["person"]}"' in page
    assert not vacancy.holdings.exists()


def test_taken_post_is_refused_with_the_way_out(cast, jiang, client):
    held = Holding.objects.get(person__name="顾长林")
    client.force_login(cast["township officer"])

    page = text(
        post(client, "appoint", held.post_id, person="蒋红梅", since="2026-11-01", manner="full")
    )

    assert "不能任书记：现在有人在任，先登记免职或交接。" in page


def test_secretary_names_the_leader_of_a_group_from_the_branch(secretary, jiang, tree, client):
    group = organizations.form_group(
        tree.village, name="第一党小组", since=factories.SINCE, by=tree.system, at=NOON
    )
    lead = organizations.make_post(
        tree.village, kind="group-leader", title="党小组组长", role="group-leader",
        since=factories.SINCE, group=group, by=tree.system, at=NOON,
    )  # fmt: skip

    post(client, "appoint", lead.pk, person="蒋红梅", since="2026-11-01", manner="full")

    page = text(client.get(tree.village.get_absolute_url()))
    assert lead.holdings.get().person == jiang
    assert "换组长" in page


def test_end_holding_ends_the_role_too(cast, tree, client):
    held = Holding.objects.get(person__name="顾长林")
    client.force_login(cast["township officer"])

    response = post(client, "end_holding", held.pk, on="2026-11-20")

    held.refresh_from_db()
    client.force_login(cast["secretary"])
    assert response.status_code == 302
    assert held.ended_on == TODAY
    assert get(client, "list").status_code == 403


# --- accounts


def test_slip_is_shown_once_with_all_that_is_needed(secretary, tree, client):
    person = factories.member(tree.village, by=tree.system, name="朱立新")

    page = text(post(client, "account", person.pk))
    account = User.objects.get(person_id=person.pk)
    again = text(get(client, "account", person.pk))

    code = page.split('<dd class="z-code">')[2][:14]
    assert account.username == "zhulixin"
    assert '<dd class="z-code">zhulixin</dd>' in page
    assert len(code.split("-")) == 3
    assert f"http://testserver{reverse('accounts:activate')}" in page
    assert "12月4日 12:00" in page
    assert page.count("<li>") == 3
    assert code not in again
    assert "等本人激活" in again


def test_slip_signs_its_owner_in(secretary, tree, client):
    person = factories.member(tree.village, by=tree.system, name="朱立新")
    code = text(post(client, "account", person.pk)).split('<dd class="z-code">')[2][:14]
    client.logout()

    response = client.post(
        reverse("accounts:activate"),
        {"username": "zhulixin", "code": code, "password": "liangyou-26", "again": "liangyou-26"},
    )

    assert response.headers["Location"] == reverse("desk:home")


def test_account_of_somebody_who_serves_higher_up_is_not_the_secretarys_to_reset(
    cast, tree, client
):
    """Whoever makes the code could sign in with all that the person may do."""
    officer = Person.objects.get(name="邵立群")
    client.force_login(cast["sibling secretary"])
    before = User.objects.get(person_id=officer.pk).password

    page = get(client, "account", officer.pk)
    made = post(client, "account", officer.pk)
    stopped = post(client, "stop_account", officer.pk)

    assert [page.status_code, made.status_code, stopped.status_code] == [403, 403, 403]
    assert "邵立群在东镇委员会任职，账号由那里的上级党委发" in text(page)
    after = User.objects.get(person_id=officer.pk)
    assert (after.password, after.is_active) == (before, True)


def test_account_of_somebody_who_serves_higher_up_is_reset_from_above(cast, client):
    officer = Person.objects.get(name="邵立群")
    client.force_login(cast["county officer"])

    assert "z-slip" in text(post(client, "account", officer.pk))


def test_account_is_stopped_and_signs_its_owner_out(cast, jiang, client):
    from django.test import Client

    theirs = Client()
    theirs.force_login(cast["member"])
    client.force_login(cast["secretary"])

    response = client.post(reverse("people:stop_account", args=[jiang.pk]), follow=True)

    assert "蒋红梅的账号已停用，马上退出。" in text(response)
    assert "已停用" in text(response)
    assert get(theirs, "me").status_code == 302
    assert Entry.objects.order_by("-pk").first().kind == accounts.Kind.STOPPED


def test_person_without_an_account_has_none_to_stop(secretary, tree, client):
    person = factories.member(tree.village, by=tree.system)

    response = client.post(reverse("people:stop_account", args=[person.pk]), follow=True)

    assert "没有账号" in text(response)
    assert not User.objects.filter(person_id=person.pk).exists()


# --- markup


def test_pages_carry_nothing_inline_and_one_heading(cast, jiang, vacancy, client):
    client.force_login(cast["township officer"])
    held = Holding.objects.get(person__name="顾长林")
    addresses = [
        reverse("people:list"),
        reverse("people:me"),
        reverse("people:register", args=[jiang.home_id]),
        reverse("people:reveal", args=[jiang.pk, "phone"]),
        reverse("people:appoint", args=[vacancy.pk]),
        reverse("people:end_holding", args=[held.pk]),
        *(
            reverse(f"people:{name}", args=[jiang.pk])
            for name in ("detail", "change", "set_membership", "place", "join_group", "account")
        ),
    ]
    answers = [(a, client.get(a)) for a in addresses]
    answers.append(("slip", post(client, "account", jiang.pk)))

    for address, response in answers:
        markup = Markup(text(response))
        assert response.status_code == 200, address
        assert (address, markup.inline, markup.headings.count("h1")) == (address, [], 1)
        assert len(markup.ids) == len(set(markup.ids)), address
