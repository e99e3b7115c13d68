"""Drawing: nothing is loaded or run, a picture is drawn once, texts stay texts."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta

import pytest

from zhibu.core import charts

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "https://example.com/x.svg",
    "]]>",
    "&lt;b&gt;",
    "{{ 7*7 }}",
    "datum.value",
    "=1+1",
    "\x00\x08\u202e村",
    "长" * 200,
]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.CHARTS_PATH = tmp_path / "charts"
    return settings.CHARTS_PATH


def spec(*words, **more):
    values = [{"word": word, "value": n} for n, word in enumerate(words or ("甲", "乙"), 1)]
    return {
        "data": {"values": values},
        "mark": "bar",
        "encoding": {
            "y": {"field": "word", "type": "nominal"},
            "x": {"field": "value", "type": "quantitative"},
        },
        **more,
    }


def test_a_chart_is_drawn_once_and_read_afterwards(folder, monkeypatch):
    first = charts.svg(spec())
    monkeypatch.setattr(charts, "_renderer", lambda: pytest.fail("drawn again"))

    assert charts.svg(spec()) == first
    assert [path.name for path in folder.iterdir()] == [f"{charts.digest(spec())}.svg"]


def test_another_number_is_another_picture():
    assert charts.digest(spec("甲")) != charts.digest(spec("乙"))
    assert charts.svg(spec("甲")) != charts.svg(spec("乙"))


@pytest.mark.parametrize(
    "more",
    [
        {"data": {"url": "https://example.com/data.json"}},
        {"data": {"url": "file:///etc/passwd"}},
        {"encoding": {"href": {"value": "https://example.com"}}},
        {"mark": {"type": "bar", "blend": "multiply"}},
        {"layer": [{"mark": {"type": "image", "url": "x"}}]},
        {"params": [{"name": "x", "expr": "1"}]},
        {"usermeta": {"embedOptions": {}}},
    ],
    ids=str,
)
def test_what_loads_links_mixes_or_computes_is_refused(more):
    with pytest.raises(charts.Unfit):
        charts.svg(spec(**more))


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_label_stays_a_text(word):
    drawn = charts.svg(spec(word, "乙")).decode()

    root = ElementTree.fromstring(drawn)  # noqa: S314 - ours
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "path", "text", "rect", "line", "defs", "clipPath", "title"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on") or name == "style"}
    assert not [value for e in root.iter() for name, value in e.attrib.items() if "href" in name]


def test_texts_are_set_in_the_font_that_comes_along():
    drawn = charts.svg(spec("明光市")).decode()

    assert set(re.findall(r'font-family="([^"]*)"', drawn)) == {f"{charts.FONT}, sans-serif"}
    assert "明光市" in drawn
    assert (charts.FONTS / "OFL.txt").read_text("utf-8").count("SIL OPEN FONT LICENSE") == 1


def test_png_shows_the_characters():
    """Two places of as many strokes are two pictures: neither is a row of empty boxes."""
    one, other = (charts.png(charts.svg(spec(word))) for word in ("仙女镇", "仟妇镇"))

    assert one.startswith(b"\x89PNG")
    assert one != other


def test_the_answer_may_load_nothing():
    response = charts.answer(b"<svg/>")

    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert response["Content-Type"] == "image/svg+xml"


def test_old_pictures_go(folder):
    charts.svg(spec())
    now = datetime.now(UTC)

    assert charts.forget(now) == 0
    assert charts.forget(now + charts.KEPT_FOR + timedelta(minutes=1)) == 1
    assert charts.svg(spec())
