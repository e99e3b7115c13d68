import re
from pathlib import Path

import pytest
from django.urls import reverse

import zhibu
from tests.core.pages import Markup

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "is_demo", "status"),
    [
        ("member", True, 200),
        ("member", False, 404),
        ("system admin", False, 200),
        ("audit admin", False, 200),
        ("signed out", True, 404),
    ],
)
def test_gallery_answers_by_standing(who, is_demo, status, cast, client, settings):
    settings.IS_DEMO = is_demo
    if cast[who]:
        client.force_login(cast[who])

    assert client.get(reverse("core:gallery")).status_code == status


PACKAGE = Path(zhibu.__file__).parent
TEMPLATES = sorted(PACKAGE.glob("**/templates/**/*.html"))
GALLERY = PACKAGE / "templates" / "core" / "gallery.html"
# Parts that the gallery's own frame shows, or that cannot be seen.
IN_THE_FRAME = {
    "back": "the top bar of inner pages on a phone",
    "foot": "stands under the gallery",
    "hats": "stands in the sidebar",
    "htmx": "nothing to be seen",
    "messages": "the gallery says something on top",
}
# Classes that lay out a page, belong to its frame, or hide things; nothing to show of them.
LAYOUT = {
    "z-demo", "z-desk", "z-form", "z-frame", "z-main", "z-nowrap", "z-phone", "z-pub", "z-pubtop",
    "z-seal", "z-set", "z-side", "z-skip", "z-tabs", "z-three", "z-tight", "z-top",
}  # fmt: skip


def test_gallery_includes_every_component():
    shown = set(re.findall(r'include "components/(\w+)\.html"', GALLERY.read_text("utf-8")))
    there = {path.stem for path in (PACKAGE / "templates" / "components").glob("*.html")}

    assert there - shown == set(IN_THE_FRAME)


def test_gallery_shows_whatever_two_pages_draw_alike():
    """A class on two pages is a component: it is in the gallery, or it is layout."""
    used: dict[str, set[Path]] = {}
    for path in TEMPLATES:
        for classes in re.findall(r'class="([^"]*)"', path.read_text("utf-8")):
            for name in re.findall(r"(?<![\w-])(?:z-[a-z0-9-]*[a-z0-9]|btn(?:-[a-z]+)*)", classes):
                used.setdefault(name, set()).add(path)
    parts = [p for p in TEMPLATES if p.parent.name == "components" or "django" in p.parts]
    shown = "".join(path.read_text("utf-8") for path in [GALLERY, *parts])

    alike = {name for name, paths in used.items() if len(paths) > 1}
    assert {name for name in alike if name not in shown} - LAYOUT == set()


def test_gallery_shows_every_component(cast, client):
    client.force_login(cast["system admin"])

    page = client.get(reverse("core:gallery")).content.decode()
    markup = Markup(page)

    for part in (
        '<section class="z-say no z-errors" role="alert"',
        "不能表决：到会人数不够",
        "依据 支部工作条例 第十一条",
        '<p class="z-fig">140 <small>/ 184 项已办',
        '<p class="z-fig">不清楚',
        "138****0021",
        '<nav class="z-pages',
        '<ol class="z-steps">',
        "导出 Excel",
        "作废这次活动",
        "这个月没有要办的事。",
        '<form class="z-filters"',
        "党员大会已办，19 人记学时。",
    ):
        assert part in page
    assert markup.inline == []
    assert len(markup.ids) == len(set(markup.ids))
