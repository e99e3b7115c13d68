"""What is confidential is seen by whom the pack lets, and has no name anywhere else.

One case about a member of the village, with words that stand nowhere but in it. Every page that
lists, counts, finds or writes out is opened by every standing; who may not see the case finds
none of its words, and not even that there is one more. That there is such a kind is a rule, and
rules are public: the pages of rules name it.
"""

import io
import re
from datetime import date

import pytest
import python_calamine

from tests.cases import invented
from tests.cases.playing import act, adopted, begin, stands, told
from tests.conftest import NOON, TODAY
from tests.packs import makers
from tests.scenes import person_of
from zhibu.cases import actions, queries, sections
from zhibu.cases.models import Case, Turn
from zhibu.core import handing
from zhibu.core.handing import Post
from zhibu.core.verdicts import Refused
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.notices.models import Notice
from zhibu.packs import library, meaning
from zhibu.people.models import Holding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SECRET = "demo/small:secret"
TITLE, WHY = "雪夜来信", "蓝皮账本"
WORDS = (TITLE, WHY, "谈话函询", "函询", "听本人说明")
SEE = {"secretary", "township officer", "county officer"}
NOT = {
    "committee member", "member", "sibling secretary", "stranger secretary",
    "other township officer", "stranger member", "system admin", "security admin", "audit admin",
}  # fmt: skip


@pytest.fixture
def secret(cast, tree):
    """About a member, answered for by the secretary."""
    with adopted(tree):
        yield begin(
            tree.village, "secret", by=cast["secretary"], title=TITLE, values={"why": WHY},
            person=person_of(cast["member"]), owner=person_of(cast["secretary"]),
        )  # fmt: skip


ADDRESSES = (
    "/cases/?view=all", "/cases/?view=mine", "/cases/?view=waiting", "/cases/?view=overdue",
    f"/cases/?view=all&procedure={SECRET}", "/cases/?view=all&q=雪夜", "/cases/?stage=hear",
    f"/cases/board/?procedure={SECRET}", "/search/?q=雪夜", "/search/?q=函询", "/", "/ledger/",
    "/today/", "/calendar/", "/overview/", "/workbench/", "/notices/", "/me/file/",
)  # fmt: skip


def shown(client, address):
    """The page's own words, or "" where there is none; what one typed oneself is no leak."""
    page = client.get(address, follow=True)
    if page.status_code != 200:
        return ""
    text = page.content.decode()
    text = re.sub(r"<title>.*?</title>|value=\"[^\"]*\"|href=\"[^\"]*\"", "", text, flags=re.S)
    typed = {"雪夜", "函询"} & set(re.split("[=&?]", address))
    return text if not typed else re.sub("|".join(f"“{one}”" for one in typed), "", text)


@pytest.mark.parametrize("who", sorted(NOT))
def test_who_may_not_see_it_finds_none_of_its_words(secret, cast, client, who):
    client.force_login(cast[who])
    for address in ADDRESSES:
        text = shown(client, address)
        assert [word for word in (TITLE, WHY) if word in text] == [], address
    for address in ("/cases/?view=all", f"/cases/board/?procedure={SECRET}"):
        names = [word for word in WORDS if word in shown(client, address)]
        assert not names or {"secretary", "officer"} & set(who.split()), address
    assert client.get(secret.get_absolute_url()).status_code == 404
    for more in ("link/", "void/", "cancel/", "owner/", "reword/", "reopen/"):
        assert client.get(f"{secret.get_absolute_url()}{more}").status_code == 404, more


@pytest.mark.parametrize("who", sorted(SEE))
def test_who_may_see_it_does(secret, cast, client, who):
    """The negative control of the above: the same pages do show it to others."""
    client.force_login(cast[who])
    found = {address for address in ADDRESSES if TITLE in shown(client, address)}

    assert {"/cases/?view=all", "/search/?q=雪夜"} <= found
    assert WHY in client.get(secret.get_absolute_url()).content.decode()


def test_lists_counts_and_boards_have_not_one_more(secret, cast, tree):
    for who in ("committee member", "sibling secretary", "member"):
        assert not Case.objects.visible_to(cast[who]).exists()
        assert set(queries.counts(cast[who], TODAY).values()) == {0}
        lanes = queries.board(cast[who], SECRET, secret.rule, TODAY)
        assert {(lane.count, lane.late) for lane in lanes} == {(0, 0)}
        assert SECRET not in queries.titles(cast[who]) or who == "sibling secretary"
        assert not queries.listed(cast[who], "all", TODAY).exists()


def test_export_is_of_what_one_sees(secret, cast, client):
    def cells(who):
        client.force_login(cast[who])
        answer = client.get("/cases/?view=all&export=1")
        file = b"".join(answer.streaming_content) if answer.streaming else answer.content
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file))
        return str(sheet.get_sheet_by_index(0).to_python())

    assert TITLE in cells("secretary")
    assert TITLE not in cells("committee member")
    assert "函询" not in cells("committee member")


def rows_of(client, address="/ledger/"):
    return re.findall(r"<tr><th scope=\"row\">(.*?)</th>", client.get(address).content.decode())


def test_ledger_page_has_no_row_of_it_for_whoever_may_not_see_it(secret, cast, client):
    client.force_login(cast["committee member"])
    before = rows_of(client)
    act(secret, "hear", "heard", by=cast["secretary"])
    assert rows_of(client) == before
    assert not any("事" in row and "开始了一件事" in row for row in before)

    client.force_login(cast["secretary"])
    assert any("办了一步" in row for row in rows_of(client))


def test_proof_of_a_row_one_does_not_see_is_not_handed_out(secret, cast, client):
    ledger.seal(NOON)
    entry = Entry.objects.get(kind="cases:case:started", subject_id=str(secret.pk))
    found = {}
    for who in ("committee member", "secretary"):
        client.force_login(cast[who])
        found[who] = client.get(f"/ledger/{entry.pk}/proof.json").status_code
    assert found == {"committee member": 404, "secretary": 200}


def test_audit_hand_sees_that_there_is_a_row_and_not_of_what(secret, cast, client):
    act(secret, "hear", "heard", by=cast["secretary"])
    client.force_login(cast["audit admin"])
    rows = [row for row in rows_of(client) if "不公开的事" in row]

    assert len(rows) == 2
    assert not any("依据" in row for row in rows)


def test_notices_say_the_neutral_name(secret, cast):
    told_of = Notice.objects.filter(key__startswith=f"case:{secret.pk}:")
    assert {one.user for one in told_of} == {cast["secretary"]}
    for notice in told_of:
        assert not any(word in notice.title + notice.body for word in WORDS)
        assert notice.body.startswith("人事事项，")


def test_list_of_what_is_handed_over_says_the_neutral_name(secret, cast):
    holding = Holding.objects.get(person=secret.owner_id)
    found = handing.open_on(
        Post(holding.post_id, holding.post.organization_id, None, holding.person_id), TODAY
    )
    titles = [one.title for one in found if one.area == "cases"]
    assert titles == ["人事事项"]


def test_whom_it_is_about_is_not_told_and_has_it_not_in_their_file(secret, cast):
    assert list(sections.about(secret.person_id)) == []
    assert not Case.objects.visible_to(cast["member"]).exists()
    assert not Turn.objects.waiting_for(cast["member"]).exists()


def test_whom_it_is_about_sees_it_where_the_pack_says(cast, tree):
    text = invented.SECRET.replace("sees = false", "sees = true")
    with adopted(tree, invented.pack(secret=text)):
        case = begin(
            tree.village, "secret", by=cast["secretary"], title=TITLE, values={"why": WHY},
            person=person_of(cast["member"]), owner=person_of(cast["secretary"]),
        )  # fmt: skip
        assert list(Case.objects.visible_to(cast["member"])) == [case]
        assert [row[0] for row in sections.about(case.person_id)] == [TITLE]


def test_only_who_may_see_it_may_begin_or_act(secret, cast, tree, client):
    for who in ("committee member", "sibling secretary"):
        with pytest.raises(Refused):
            act(secret, "hear", "heard", by=cast[who])
        client.force_login(cast[who])
        page = client.get(f"/cases/start/{tree.village.pk}/?procedure={SECRET}")
        assert "谈话函询" not in page.content.decode()
    assert stands(secret) == ["hear"]
    client.force_login(cast["committee member"])
    chosen = client.get(f"/cases/start/{tree.village.pk}/").content.decode()
    assert "谈话函询" not in chosen
    assert "公示一件事" in chosen


def test_objection_asks_for_the_same_permission(cast, tree):
    text = invented.POSTED.replace(
        'title = "公示一件事"', 'title = "公示一件事"\nknown_as = "事项"', 1
    )
    with adopted(tree, invented.pack(posted=text)):
        case = begin(tree.village, "posted", by=cast["secretary"], values={"is_large": False})
        posting = actions.post(
            case.turns.get(), channel="张贴", place="村部", posted_on=date(2026, 11, 4),
            until=date(2026, 11, 10), by=cast["secretary"], at=NOON,
        )  # fmt: skip
        with pytest.raises(Refused):
            actions.object_to(
                posting, raised_on=TODAY, said="我听说了", source="", by=cast["committee member"],
                at=NOON,
            )  # fmt: skip


def test_part_that_is_not_confidential_gets_no_title_of_one_that_is(cast, tree):
    whole = invented.WHOLE.replace('title = "整件"', 'title = "整件"\nknown_as = "事项"', 1)
    with adopted(tree, invented.pack(whole=whole)):
        case = begin(
            tree.village, "whole", by=cast["secretary"], title=TITLE, values={"what": "石子"}
        )
        act(case, "divide", "divided", by=cast["secretary"])
        assert Case.objects.get(links__other=case).title == "一部分"


def test_what_waits_for_a_confidential_part_does_not_name_it(cast, tree):
    piece = invented.PIECE.replace('title = "一部分"', 'title = "一部分"\nknown_as = "事项"', 1)
    with adopted(tree, invented.pack(piece=piece)):
        case = begin(
            tree.village, "whole", by=cast["secretary"], title=TITLE, values={"what": "石子"}
        )
        act(case, "divide", "divided", by=cast["secretary"])
        found = told(case, "gather", "gathered", by=cast["secretary"])
        assert found == {"outcome": "还有 1 件没有办结：事项。"}


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("secretary", True),
        ("township officer", True),
        ("county officer", True),
        ("committee member", False),
    ],
)
def test_closed_fields_by_standing(cast, tree, client, who, sees):
    with adopted(tree):
        case = begin(
            tree.village, "closed", by=cast["secretary"], title="帮一户人家",
            values={"illness": WHY},
        )  # fmt: skip
        client.force_login(cast[who])
        page = client.get(case.get_absolute_url()).content.decode()
        assert "帮一户人家" in page
        assert (WHY in page) is sees


def test_who_is_asked_and_may_not_look_is_a_fault_of_the_pack():
    text = invented.SECRET.replace(invented.ORGANIZATION, 'actor = { who = "subject" }')
    found = makers.pack({**invented.pack().files, invented.file_of("secret"): text})
    faults = [f for f in meaning.faults(found, library.shipped()) if "secret" in f.file]
    assert [(f.place, f.message) for f in faults] == [
        ("stages[0].actor.who", "轮到本人，可是 subject.sees = false，本人看不到这件事")
    ]
