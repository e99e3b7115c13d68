"""The handbook is true: its pages exist, its pictures are drawn, its buttons are there."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

import zhibu
from tests.browser.pages import VISITS, addresses
from tests.browser.pictures import HANDBOOK, SHOTS
from tests.core.pages import Markup
from zhibu.accounts import roles
from zhibu.core import navigation
from zhibu.desk import reading

PACKAGE = Path(zhibu.__file__).parent
CHAPTERS = sorted((PACKAGE / "desk" / "handbook").glob("*.md"))
DOCS = Path(__file__).parents[2] / "docs" / "handbook"
KILOBYTE = 1000


def tasks():
    return [(one.name, task) for one in reading.chapters() for task in one.tasks]


def pictures():
    return [b.picture for _, task in tasks() for b in task.blocks if b.kind == "picture"]


def test_every_chapter_is_in_order_and_read():
    assert sorted(path.stem for path in CHAPTERS) == sorted(reading.ORDER)
    assert all(one.title and one.about and one.tasks for one in reading.chapters())


def test_roles_are_those_of_the_catalogue_and_each_has_a_chapter():
    told = {role for one in reading.chapters() for role in one.roles}

    assert told == set(roles.catalogue()) - {"system"}


def test_pages_named_exist_and_are_looked_at():
    named = {page for _, task in tasks() for page in task.pages}

    assert named - addresses() == set()
    assert named - set(VISITS) - {"desk:home", "organizations:mine"} == set()


def test_every_task_has_steps_and_a_picture():
    assert [
        (chapter, task.title)
        for chapter, task in tasks()
        if not {"steps", "picture"} <= {block.kind for block in task.blocks}
    ] == []


def test_every_picture_is_there_is_shown_and_is_made_by_the_script():
    there = {f"handbook/{path.name}" for path in HANDBOOK.glob("*.png")}

    assert set(pictures()) == there == {f"handbook/{name}.png" for name in SHOTS}
    assert len(pictures()) == len(set(pictures()))


def test_pictures_are_light():
    sizes = {path.name: path.stat().st_size for path in HANDBOOK.glob("*.png")}

    assert {name: size for name, size in sizes.items() if size > 60 * KILOBYTE} == {}
    assert sum(sizes.values()) < 2000 * KILOBYTE


def test_words_of_buttons_stand_on_a_page():
    """「…」 is what one presses or goes to: in a template, handed to one, or in the menu."""
    pages = "".join(path.read_text("utf-8") for path in PACKAGE.glob("**/templates/**/*.html"))
    views = "".join(path.read_text("utf-8") for path in PACKAGE.glob("**/*views*.py"))
    menu = {entry.title for entry in navigation._entries}
    missing = []
    for path in CHAPTERS:
        for word in re.findall("「([^」]+)」", path.read_text("utf-8")):
            plain = re.escape(word)
            on_page = re.search(rf"[>}}\"]\s*{plain}\s*[<{{\"]", pages)
            handed = re.search(rf'(?:verb|title)="{plain}"', views)
            if not (on_page or handed or word in menu):
                missing.append((path.stem, word))

    assert missing == []


def test_documents_lead_to_every_chapter():
    text = (DOCS / "README.md").read_text("utf-8")

    for path in CHAPTERS:
        link = f"../../src/zhibu/desk/handbook/{path.name}"
        assert f"]({link})" in text
        assert (DOCS / link).resolve() == path
    for picture in pictures():
        assert (CHAPTERS[0].parent / "../../static" / picture).resolve().exists()


@pytest.mark.parametrize(
    "line", ["- a dash", "### too deep", "<b>bold</b>", "1. a step\nand more", "![x](y.png)"]
)
def test_what_is_not_understood_is_said(line):
    with pytest.raises(reading.Unreadable):
        reading.read("x", f"# 章\n\n## 事\n\n{line}\n")


# --- in the product


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize(
        ("who", "first"),
        [
            ("member", "党员"),
            ("secretary", "支部书记、委员、小组长"),
            ("township officer", "支部书记、委员、小组长"),
            ("system admin", "三个管理员"),
        ],
    )
    def test_ones_own_chapter_comes_first(self, who, first, cast, client):
        client.force_login(cast[who])

        page = client.get(reverse("desk:help")).content.decode()

        title = re.findall(r"<h2[^>]*>([^<]+)</h2>", page)[0]
        if who == "township officer":
            first = "乡镇党委"
        assert title == first

    @pytest.mark.parametrize("name", reading.ORDER)
    def test_a_chapter_is_drawn_whole(self, name, cast, client):
        client.force_login(cast["member"])

        page = client.get(reverse("desk:chapter", args=[name])).content.decode()
        chapter = reading.chapter(name)

        markup = Markup(page)
        assert markup.inline == []
        assert len(markup.ids) == len(set(markup.ids))
        assert set(markup.fragments) <= set(markup.ids)
        assert page.count('loading="lazy"') == sum(
            block.kind == "picture" for task in chapter.tasks for block in task.blocks
        )
        assert all(task.title in page for task in chapter.tasks)

    def test_a_chapter_that_is_not_there_is_not_found(self, cast, client):
        client.force_login(cast["member"])

        assert client.get(reverse("desk:chapter", args=["sorcery"])).status_code == 404

    def test_it_asks_to_sign_in(self, client):
        assert client.get(reverse("desk:help")).status_code == 302

    def test_the_foot_of_a_page_leads_to_what_is_told_of_it(self, cast, client):
        client.force_login(cast["member"])
        page = client.get(reverse("people:me")).content.decode()
        address = f"{reverse('desk:help')}?page=people%3Ame"

        assert f'<a href="{address}">这一页怎么用</a>' in page
        answer = client.get(address)
        assert answer.headers["Location"].startswith(reverse("desk:chapter", args=["member"]))
        assert "看自己的资料" in client.get(answer.headers["Location"]).content.decode()

    def test_the_same_page_is_told_of_by_role(self, cast, client):
        page = f"{reverse('desk:help')}?page=desk%3Aledger"
        for who, chapter in (("audit admin", "administrators"), ("county officer", "county")):
            client.force_login(cast[who])
            assert f"/{chapter}/" in client.get(page).headers["Location"]

    def test_a_page_nothing_is_told_of_leads_to_the_contents(self, cast, client):
        client.force_login(cast["member"])

        assert client.get(f"{reverse('desk:help')}?page=core%3Agallery").status_code == 200

    def test_signed_out_pages_do_not_offer_it(self, client):
        assert "这一页怎么用" not in client.get(reverse("accounts:sign_in")).content.decode()


def test_almost_every_page_is_told_of():
    """Pages of the product that the handbook says nothing of are these."""
    named = {page for _, task in tasks() for page in task.pages}
    beside = {
        "core:gallery": "for those who build pages",
        "desk:help": "the handbook",
        "desk:chapter": "the handbook",
    }

    assert set(VISITS) - named == set(beside)
