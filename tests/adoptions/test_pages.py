"""The 制度 pages: who sees what, what they say, how many queries they take."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from tests.adoptions.conftest import MARCH, NATIONAL, QUARTERLY, SEED
from tests.conftest import NOON
from tests.packs import makers
from zhibu.adoptions import actions, addresses, showing, words
from zhibu.adoptions.models import Adoption
from zhibu.packs import library

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.alike]

ITEM = reverse("adoptions:item", args=["national", "branch-life", "duties", "general-meeting"])
PACK = reverse("adoptions:pack", args=["national", "branch-life"])
ELSEWHERE = ("stranger secretary", "other township officer", "stranger member")
ADMINS = ("system admin", "security admin", "audit admin")


def answer(client, user, url, data=None):
    if user is None:
        client.logout()
    else:
        client.force_login(user)
    return client.get(url) if data is None else client.post(url, data)


def text_of(response) -> str:
    return response.content.decode()


STANDINGS = {
    "secretary": 200,
    "committee member": 200,
    "member": 200,
    "township officer": 200,
    "county officer": 200,
    "sibling secretary": 404,
    **dict.fromkeys(ELSEWHERE, 404),
    **dict.fromkeys(ADMINS, 404),
    "signed out": 302,
}


@pytest.mark.parametrize(("who", "status"), STANDINGS.items())
@pytest.mark.parametrize("name", ["in_force", "export"])
def test_rules_of_the_village_by_standing(name, who, status, cast, tree, adopted, client):
    url = reverse(f"adoptions:{name}") + f"?organization={tree.village.pk}"

    assert answer(client, cast[who], url).status_code == status


@pytest.mark.parametrize(("who", "status"), STANDINGS.items())
def test_item_as_it_stands_for_the_village_by_standing(who, status, cast, tree, client):
    url = f"{ITEM}?organization={tree.village.pk}"

    assert answer(client, cast[who], url).status_code == status


@pytest.mark.parametrize("who", STANDINGS)
@pytest.mark.parametrize("url", [ITEM, PACK, "/rules/packs/"])
def test_anyone_signed_in_reads_the_packs(url, who, cast, client):
    expected = 302 if who == "signed out" else 200

    assert answer(client, cast[who], url).status_code == expected


def test_somebody_without_any_standing_is_told_why(system, client):
    from zhibu.accounts.models import User

    nobody = User.objects.create(username="nobody", display_name="无职")

    response = answer(client, nobody, "/rules/")

    assert response.status_code == 403
    assert "不能看制度" in text_of(response)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary", 200),
        ("member", 200),
        ("township officer", 200),
        ("county officer", 200),
        ("sibling secretary", 200),
        *((who, 404) for who in ELSEWHERE),
        *((who, 200) for who in ADMINS),
        ("signed out", 302),
    ],
)
def test_record_of_the_townships_adoption_by_standing(who, status, cast, adopted, client):
    response = answer(client, cast[who], adopted[SEED].get_absolute_url())

    assert response.status_code == status


@pytest.mark.parametrize("who", ["member", "stranger member", "other township officer"])
def test_everybody_below_sees_the_countys_adoption(who, cast, adopted, client):
    response = answer(client, cast[who], adopted[NATIONAL].get_absolute_url())

    assert response.status_code == 200
    assert "某组通〔2026〕1号" in text_of(response)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary", 403),
        ("member", 403),
        ("township officer", 200),
        ("county officer", 200),
        ("stranger secretary", 403),
        ("other township officer", 200),
        ("system admin", 403),
        ("signed out", 302),
    ],
)
def test_form_to_adopt_by_standing(who, status, cast, client):
    assert answer(client, cast[who], reverse("adoptions:adopt")).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary", 403),
        ("member", 403),
        ("township officer", 200),
        ("county officer", 200),
        ("stranger secretary", 404),
        ("other township officer", 404),
        ("system admin", 403),
        ("signed out", 302),
    ],
)
def test_form_to_withdraw_by_standing(who, status, cast, adopted, client):
    url = reverse("adoptions:withdraw", args=[adopted[SEED].pk])

    assert answer(client, cast[who], url).status_code == status


# --- what the pages say


def test_page_says_what_holds_by_whom_and_by_which_article(cast, adopted, client):
    page = text_of(answer(client, cast["secretary"], "/rules/"))

    assert "前村党支部，3 个制度包在用" in page
    assert 'id="national-branch-life-general-meeting"' in page
    assert "每月第一个星期五，逢节假日顺延" in page
    assert "支部工作条例 第十一条" in page
    assert 'id="national-branch-life-theme-day"' not in page
    assert "支部工作条例 第二十条（条款号待核）" in page


def test_page_tells_why_from_the_national_rule_to_the_branch(cast, adopted, client):
    url = "/rules/?item=seeds-mingguang-theme-day-theme-day"

    page = text_of(answer(client, cast["secretary"], url))

    order = [
        "主题党日（三定），为什么这样办",
        "全国规定",
        "某县委员会采用",
        "东镇委员会加了要求",
        "没有另加。可以加，不能减。",
    ]
    places = [page.index(words_) for words_ in order]
    assert places == sorted(places)


def test_duty_whose_condition_is_not_met_is_marked(tree, adopted):
    here = showing.here(tree.village, MARCH, path=tree.village.path)

    notes = {row.title: row.note for row in here.sections[0].rows}
    assert notes["支部委员会会议"] == "不适用"
    assert notes["支部党员大会"] == ""
    assert "党委书记讲党课" not in notes


def test_committee_sees_what_holds_below_it(tree, adopted):
    here = showing.here(tree.county, MARCH, path=tree.county.path)

    notes = {row.title: row.note for row in here.sections[0].rows}
    assert notes["党委书记讲党课"] == ""
    assert notes["支部党员大会"] == "对下面的党支部"


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("2025-12-31", "没有制度包在用"),
        ("2026-02-28", "1 个制度包在用"),
        ("2027-03-01", "3 个制度包在用"),
        ("yesterday", "3 个制度包在用"),
    ],
)
def test_another_day_past_or_to_come_may_be_looked_at(on, said, cast, adopted, client):
    page = text_of(answer(client, cast["secretary"], f"/rules/?on={on}"))

    assert said in page


def test_page_of_an_organization_leads_to_its_rules(cast, tree, client):
    page = text_of(answer(client, cast["secretary"], tree.village.get_absolute_url()))

    assert f'href="/rules/?organization={tree.village.pk}&amp;on=2026-11-20"' in page


def test_administrator_is_led_to_the_packs(cast, adopted, client):
    response = answer(client, cast["system admin"], "/rules/")

    assert (response.status_code, response.url) == (302, "/rules/packs/")


@pytest.mark.parametrize("url", ["/rules/", ITEM, "/rules/packs/", PACK])
def test_page_is_light(url, cast, adopted, client):
    """60 kB for a first view, of which the frame's style and icons take a third."""
    assert len(answer(client, cast["secretary"], url).content) < 60_000


def test_item_shows_its_citations_and_how_they_were_seen(cast, client):
    url = addresses.item_url("hints", f"{NATIONAL}:committee-needed")

    page = text_of(answer(client, cast["secretary"], url))

    assert "中国共产党支部工作条例（试行）" in page
    assert "内容见于网页，条款号没有见到，待核。" in page
    assert "正式党员 6 人、预备党员 1 人没有支委会：不提示" in page


def test_item_shows_every_citation_of_its_vote(cast, client):
    url = addresses.item_url("activities", f"{NATIONAL}:committee-meeting")

    page = text_of(answer(client, cast["secretary"], url))

    assert "党章 第十七条" in page
    assert "少数服从多数" in page
    assert "赞成超过应到会有表决权的人数的 1/2" in page


def test_item_not_yet_in_force_says_so(cast, client):
    page = text_of(answer(client, cast["secretary"], f"{ITEM}?on=2018-10-27"))

    assert "2018年10月27日</time>还没有施行" in page


@pytest.mark.parametrize(
    "path",
    [
        "/rules/packs/national/absent/",
        "/rules/packs/national/branch-life/duties/absent/",
        "/rules/packs/national/branch-life/rules/general-meeting/",
        "/rules/?organization=0",
        "/rules/?organization=99999999999999999999",
        "/rules/?organization=x",
        "/rules/adoptions/0/",
    ],
)
def test_what_is_not_there_is_not_found(path, cast, client):
    assert answer(client, cast["county officer"], path).status_code == 404


def test_pack_shows_changes_and_who_adopted_it(cast, adopted, client):
    page = text_of(answer(client, cast["member"], PACK))

    assert "2018-10-28 起，党支部：党员大会每季度至少 1 次" in page
    assert "某县委员会" in page
    assert "例子 68 个" in page


def test_every_item_of_every_pack_has_words_and_a_page(cast, client):
    client.force_login(cast["member"])
    known = library.packs()
    for pack in known.values():
        for (kind, item_id), wordings in pack.items.items():
            item = wordings[-1].item
            assert words.brief(item), (pack.id, kind, item_id)
            assert words.facts(item, known), (pack.id, kind, item_id)
            assert "{" not in "".join(fact.text for fact in words.facts(item, known))
            url = addresses.item_url(kind, f"{pack.id}:{item_id}")
            assert client.get(url).status_code == 200, url


def test_download_holds_the_rows_of_the_page(cast, tree, adopted, client):
    response = answer(client, cast["secretary"], "/rules/export/?on=2026-11-20")

    sheet = openpyxl.load_workbook(BytesIO(response.content)).active
    rows = {row[1]: row for row in sheet.iter_rows(values_only=True) if row[0] == "要办的"}
    assert rows["主题党日（三定）"][2] == "每月第一个星期五，逢节假日顺延"
    assert rows["支部党员大会"][4:10] == (
        "支部工作条例 第十一条",
        "内容和条款号见于网页，没有对过原文。",
        "某县委员会",
        "领导",
        rows["支部党员大会"][8],
        "某组通〔2026〕1号",
    )
    assert rows["支部党员大会"][8].date() == date(2026, 1, 1)


# --- adopting and withdrawing


def choice(of, **more):
    return {
        "pack": NATIONAL,
        "organization": str(of),
        "since": "2026-01-01",
        "paper": "东组通〔2026〕3号",
        **more,
    }


def test_adopting_shows_first_what_it_brings(cast, tree, client):
    response = answer(
        client, cast["township officer"], reverse("adoptions:adopt"), choice(tree.east)
    )

    page = text_of(response)
    assert "东镇委员会要采用党支部组织生活" in page
    assert "一共 4 个组织" in page
    assert "2 个组织要办" in page
    assert not Adoption.objects.exists()


def test_preview_names_what_is_replaced(tree, adopted):
    pack = library.packs()[SEED]

    found = showing.preview(pack, tree.east, since=MARCH, fields=())

    assert [(c.title, c.concerned, c.in_place_of) for c in found.duties] == [
        ("主题党日（三定）", 2, "主题党日")
    ]


def test_preview_counts_only_the_fields_chosen(tree, adopted):
    found = showing.preview(library.packs()[SEED], tree.county, since=MARCH, fields=["office"])

    assert (found.organizations, found.duties[0].concerned) == (0, 0)


def test_confirmed_it_is_adopted(cast, tree, client):
    response = answer(
        client,
        cast["township officer"],
        reverse("adoptions:adopt"),
        choice(tree.east, confirm="1", domains=["rural"]),
    )

    adoption = Adoption.objects.get()
    assert (response.status_code, response.url) == (302, PACK)
    assert (adoption.organization, adoption.since, adoption.fields, adoption.paper) == (
        tree.east,
        date(2026, 1, 1),
        ["rural"],
        "东组通〔2026〕3号",
    )


@pytest.mark.parametrize("confirm", [{}, {"confirm": "1"}])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"pack": QUARTERLY}, "要先采用 national/branch-life"),
        ({"pack": "demo/absent"}, "demo/absent"),
        ({"since": ""}, "从哪天起"),
        ({"organization": "没有这个组织"}, "没有找到"),
        ({"domains": ["sea"]}, "sea"),
    ],
)
def test_what_cannot_be_adopted_is_said_on_the_form(asked, said, confirm, cast, tree, client):
    response = answer(
        client,
        cast["township officer"],
        reverse("adoptions:adopt"),
        choice(tree.east, **{**asked, **confirm}),
    )

    assert response.status_code == 200
    assert said in text_of(response)
    assert not Adoption.objects.exists()


def test_officer_adopts_for_nobody_elses_township(cast, tree, client):
    response = answer(
        client,
        cast["township officer"],
        reverse("adoptions:adopt"),
        choice(tree.west, confirm="1"),
    )

    assert "没有找到" in text_of(response)
    assert not Adoption.objects.exists()


def test_withdrawn_by_form(cast, tree, adopted, client):
    url = reverse("adoptions:withdraw", args=[adopted[SEED].pk])

    response = answer(client, cast["township officer"], url, {"until": "2026-12-01"})

    adopted[SEED].refresh_from_db()
    assert response.status_code == 302
    assert adopted[SEED].until == date(2026, 12, 1)


def test_withdrawal_before_the_beginning_is_said_on_the_form(cast, adopted, client):
    url = reverse("adoptions:withdraw", args=[adopted[SEED].pk])

    response = answer(client, cast["township officer"], url, {"until": "2026-03-01"})

    assert "才开始采用，停用要晚于那天" in text_of(response)
    adopted[SEED].refresh_from_db()
    assert adopted[SEED].until is None


# --- cost

PAGES = ["/rules/", "/rules/export/", ITEM, "/rules/packs/", PACK]


@pytest.mark.parametrize("url", PAGES)
def test_page_takes_at_most_twelve_queries(url, cast, tree, adopted, client, settings):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(cast["secretary"])
    client.get(url)

    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(10):
        actions.adopt(
            pack=NATIONAL,
            organization=tree.village if number == 0 else _another(tree, number),
            since=MARCH,
            by=tree.system,
            at=NOON,
        )
    with CaptureQueriesContext(connection) as many:
        client.get(url)

    assert len(few) <= 12
    assert len(few) == len(many)


def _another(tree, number):
    from tests import factories

    return factories.organization(tree.east, by=tree.system, name=f"第{number}村党支部")


def test_small_pack_shows_what_is_not_switched_on(cast, tree, adopt, client):
    text = makers.DUTY.replace('seen = "page"\narticle_seen = false', 'seen = "memory"')
    pack = makers.pack(makers.with_file(makers.DUTY_FILE, text))

    with library.trying(pack):
        adopt("demo/small")
        page = text_of(answer(client, cast["secretary"], "/rules/"))

    assert "还没有启用的" in page
    assert "依据只凭记忆，没有核过" in page


def test_step_is_called_by_its_own_title_though_a_field_has_its_id():
    pack = library.shipped()["seeds/rectification"]
    item = pack.items["procedures", "rectify"][-1].item
    told = {fact.label: fact.text for fact in words.facts(item, library.shipped())}

    assert "接着整改、公示、约督查的日子" in told["报措施"]
    assert "只在“哪一类”是“中长期，要创造条件”的时候有" in told["阶段"]
    assert "只在写了“哪些力量跟着督查”的时候有" in told["督查"]
