"""Charts beside tables: of the same figures, for the same people, kept with a frozen report."""

import re
from datetime import timedelta
from io import BytesIO

import docx
import pytest

from tests import scenes
from tests.conftest import NOON, TODAY
from zhibu.core import charts as drawing
from zhibu.duties.models import Obligation
from zhibu.insight import actions, charts, keeping, tables
from zhibu.insight.questions import Count
from zhibu.ledger.verify import verify
from zhibu.organizations.models import Organization

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.CHARTS_PATH = tmp_path / "charts"


@pytest.fixture
def officer(life, client):
    client.force_login(life.cast["county officer"])
    return life.cast["county officer"]


def question(life, row="duty", column="", subject="duties"):
    return scenes.asked(life.tree.county, subject, row, column, on=TODAY)


def chart_of(life, *asked):
    return charts.of_table(tables.made(question(life, *asked)))


def picture(client, page):
    """Address and sentence of the one chart on a page; the table stands before it."""
    (found,) = re.findall(r'<img src="([^"]*chart\.svg[^"]*)" alt="([^"]+)"', page)
    assert page.index("<table") < page.index("chart.svg")
    return found[0].replace("&amp;", "&"), found[1]


def values(chart):
    return chart.spec["data"]["values"]


def test_bars_are_the_sums_in_the_order_of_the_table(life):
    made = tables.made(question(life))
    chart = charts.of_table(made)

    words = [v["word"] for v in values(chart)]
    assert len(set(words)) == len(words)  # two of one name have their number
    assert [word.partition("（")[0] for word in words] == [line.word for line in made.lines]
    assert [v["value"] for v in values(chart)] == [
        line.cells[-1].figure.share for line in made.lines
    ]
    assert "每个数都在表里" in chart.says


def test_years_stand_side_by_side(life):
    made = tables.made(question(life, "place", "year", "members"))
    chart = charts.of_table(made)

    assert {v["series"] for v in values(chart)} == {"2024", "2025", "2026"}
    assert len(values(chart)) == 3 * len(made.lines)
    assert "2024、2025、2026" in chart.says


def test_months_make_lines(life):
    made = tables.made(question(life, "place", "month"))
    chart = charts.of_table(made)

    assert chart.spec["mark"]["type"] == "line"
    points = {(v["word"], v["series"]): v["value"] for v in values(chart)}
    for line in made.lines:
        for month, cell in zip(made.columns[:-1], line.cells, strict=False):
            assert points[line.word, month] == cell.figure.share


def test_one_line_and_too_many_have_no_chart():
    def bars(count):
        lines = [(str(n), [Count(n)]) for n in range(count)]
        return charts.of_grid(charts.grid(lines, ["合计"], "", "个"))

    assert bars(1) is None and bars(charts.MOST_BARS + 1) is None
    assert bars(2) and bars(charts.MOST_BARS)


def test_lines_of_one_name_stay_apart():
    lines = [("新村", [Count(1)]), ("新村", [Count(2)])]
    chart = charts.of_grid(charts.grid(lines, ["合计"], "", "个"))

    assert len({v["word"] for v in values(chart)}) == 2


def test_unknown_is_not_zero():
    lines = [("甲", [Count(0, 0)]), ("乙", [Count(1, 2)])]
    chart = charts.of_grid(charts.grid(lines, ["合计"], "", "项"))

    assert [v["value"] for v in values(chart)] == [None, 0.5]
    assert "从 50.0% 到 50.0%" in chart.says


def test_page_picture_and_policy(life, officer, client):
    page = client.get(f"/insight/?{question(life).address()}").content.decode()
    address, says = picture(client, page)

    answer = client.get(address)

    assert answer.status_code == 200 and answer["Content-Type"] == drawing.TYPE
    assert answer["Content-Security-Policy"] == drawing.POLICY
    assert "no-store" in answer["Cache-Control"] or "private" in answer["Cache-Control"]
    assert answer.content == drawing.svg(chart_of(life).spec)
    assert says == chart_of(life).says


@pytest.mark.parametrize("which", ["table", "fields"])
def test_a_picture_drawn_for_one_opens_to_nobody_else_by_itself(which, life, officer, client):
    Organization.objects.filter(pk=life.tree.far.pk).update(field="school")
    address = {
        "table": f"/insight/chart.svg?{question(life).address()}",
        "fields": f"/insight/fields/chart.svg?organization={life.tree.county.pk}",
    }[which]
    assert client.get(address).status_code == 200

    for who, status in (("township officer", 404), ("secretary", 404), ("system admin", 404)):
        client.force_login(life.cast[who])
        assert client.get(address).status_code == status, who
    client.logout()
    assert client.get(address).status_code == 302


def test_each_sees_the_chart_of_the_own_range(life, client):
    drawn = {}
    for who in ("county officer", "secretary"):
        client.force_login(life.cast[who])
        drawn[who] = client.get("/insight/chart.svg?row=duty&column=none").content

    assert drawn["county officer"] != drawn["secretary"]


def test_the_chart_of_a_large_table_is_of_what_is_kept(life, officer, client, monkeypatch):
    monkeypatch.setattr(keeping, "MANY", 1)
    address = f"/insight/chart.svg?{question(life).address()}"
    assert client.get(address).status_code == 404
    client.post(f"/insight/count/?{question(life).address()}")
    before = client.get(address).content
    Obligation.objects.update(done_on=None, done=0)

    assert client.get(address).content == before


def test_fields_side_by_side(life, officer, client):
    Organization.objects.filter(pk=life.tree.far.pk).update(field="school")

    page = client.get("/insight/fields/").content.decode()
    address, says = picture(client, page)

    assert client.get(address).content.startswith(b"<svg")
    assert "虚线" in says


def freeze(life):
    by = life.cast["county officer"]
    return actions.freeze(question(life), title="年报", by=by, at=NOON)


def test_a_frozen_chart_is_the_same_to_the_byte_whatever_comes(life, officer, client, settings):
    report = freeze(life)
    address, _ = picture(client, client.get(f"/insight/reports/{report.pk}/").content.decode())
    before = client.get(address).content
    Obligation.objects.update(done_on=None, done=0)
    settings.CHARTS_PATH = settings.CHARTS_PATH / "elsewhere"

    assert client.get(address).content == before == bytes(report.chart)
    assert client.get(address)["Content-Security-Policy"] == drawing.POLICY


def test_the_same_table_frozen_twice_is_the_same_picture(life):
    one, other = freeze(life), freeze(life)

    assert one.chart_digest == other.chart_digest != ""
    assert bytes(one.chart) == bytes(other.chart)


def test_an_altered_chart_is_found_out(life, officer, client):
    report = freeze(life)
    assert verify().faults == []
    type(report).objects.filter(pk=report.pk).update(chart=b"<svg/>")

    assert "对不上" in client.get(f"/insight/reports/{report.pk}/").content.decode()
    type(report).objects.filter(pk=report.pk).update(chart_digest="0" * 64)
    assert [fault.kind for fault in verify().faults] == ["record-altered"]


@pytest.mark.parametrize("what", ["table", "report"])
def test_word_has_the_table_first_and_then_the_picture(what, life, officer, client):
    report = freeze(life)
    address = f"/insight/?{question(life).address(word='1')}"
    if what == "report":
        address = f"/insight/reports/{report.pk}/?word=1"

    made = docx.Document(BytesIO(client.get(address).content))

    table, *codes = made.tables
    assert len(codes) == (what == "report")
    lines = tables.made(question(life)).lines
    for row, line in zip(table.rows[1:], lines, strict=False):
        assert row.cells[0].text == line.word
        assert line.cells[-1].figure.words in row.cells[-1].text or line.cells[-1].figure.is_nothing
    shape, *_ = made.inline_shapes
    assert "每个数都在表里" in shape._inline.docPr.get("descr")
    body = [element.tag.rpartition("}")[2] for element in made.element.body]
    assert body.index("tbl") < max(n for n, tag in enumerate(body) if tag == "p")


def test_a_wide_table_in_word_says_where_the_rest_is(life, officer, client):
    address = f"/insight/?{question(life, 'duty', 'month').address(word='1')}"

    made = docx.Document(BytesIO(client.get(address).content))

    assert len(made.tables[0].columns) == 2
    assert any("Excel" in paragraph.text for paragraph in made.paragraphs)


def test_pictures_are_forgotten_by_the_worker(life, officer, client):
    from zhibu.insight import tasks

    client.get(f"/insight/chart.svg?{question(life).address()}")

    assert tasks.forget(NOON + timedelta(days=400)) >= 1
