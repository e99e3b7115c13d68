"""What all templates share: addresses that exist, icons that exist, nothing inline."""

import gzip
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.urls import get_resolver
from django.utils.safestring import mark_safe

import zhibu

PACKAGE = Path(zhibu.__file__).parent
TEMPLATES = sorted(PACKAGE.glob("**/templates/**/*.html"))


def sources():
    return [(path.relative_to(PACKAGE).as_posix(), path.read_text("utf-8")) for path in TEMPLATES]


def known_urls():
    found = set()
    for namespace, (_, resolver) in get_resolver().namespace_dict.items():
        names = (name for name in resolver.reverse_dict if isinstance(name, str))
        found |= {f"{namespace}:{name}" for name in names}
    return found


def test_templates_name_addresses_that_exist():
    known = known_urls()
    used = {
        (file, name)
        for file, text in sources()
        for name in re.findall(r"{%-?\s*url\s+['\"]([^'\"]+)['\"]", text)
    }

    assert len(used) > 30
    assert sorted((file, name) for file, name in used if name not in known) == []


def test_templates_name_icons_that_are_in_the_sprite():
    sprite = (PACKAGE / "static" / "icons.svg").read_text("utf-8")
    drawn = set(re.findall(r'<symbol id="i-([^"]+)"', sprite))
    used = {
        (file, name)
        for file, text in sources()
        for name in re.findall(r"{% icon ['\"]([^'\"]+)['\"]", text)
    }

    assert len(used) > 20
    assert sorted((file, name) for file, name in used if name not in drawn) == []


@pytest.mark.parametrize(
    "forbidden",
    [
        r"<style",
        r"<script(?![^>]*\ssrc=)",
        r"\sstyle\s*=",
        r"\son[a-z]+\s*=\s*[\"']",
        "javascript:",
    ],
)
def test_templates_carry_nothing_inline(forbidden):
    found = [file for file, text in sources() if re.search(forbidden, text)]

    assert found == []


def test_templates_use_no_word_that_people_here_do_not_use():
    banned = ("温馨提示", "请知悉", "系统异常", "！")

    assert [(f, w) for f, text in sources() for w in banned if w in text] == []


def test_what_every_page_brings_along_is_light():
    """The first view may weigh 60 kB; what all pages share takes a third at most."""
    shared = ("zhibu.css", "zhibu.js", "icons.svg", "mark.svg")

    weight = sum(len(gzip.compress((PACKAGE / "static" / name).read_bytes())) for name in shared)

    assert weight <= 20_000


def test_htmx_is_on_no_page_by_default():
    frames = [
        text for file, text in sources() if file in ("templates/base.html", "templates/public.html")
    ]

    assert len(frames) == 2
    assert not any("htmx" in text for text in frames)


def test_remembered_state_of_safe_text_is_not_given_for_plain_text():
    drawn = Template("{% state 'done' word %}")

    safe = drawn.render(Context({"word": mark_safe("<b>x</b>")}))
    plain = drawn.render(Context({"word": "<b>x</b>"}))

    assert "<b>x</b>" in safe
    assert "&lt;b&gt;x&lt;/b&gt;" in plain
