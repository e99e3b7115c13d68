from io import BytesIO

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from tests.documents import words
from tests.documents.words import DECLARED, word
from zhibu.documents import templates
from zhibu.documents.pages import DEMO_LINE

BODY = "word/document.xml"
VALUES = {"title": "通知", "day": "11月20日"}
ROWS = [{"name": "王芳", "amount": "36.00"}, {"name": "李明", "amount": "12.50"}]
OUTSIDE = (
    b'<Relationship Id="rIdX" TargetMode="External" Target="http://elsewhere.example/x" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s"/>'
    b"</Relationships>"
)


def _said(template: bytes) -> str:
    return "\n".join(str(fault) for fault in templates.faults(template, DECLARED))


def _filled(template: bytes, values=VALUES, rows=ROWS) -> str:
    return words.text_of(templates.render(template, DECLARED, values=values, rows=rows))


def test_fields_and_rows_are_filled():
    template = word("关于{{ title }}，{{day}}", header="{{ title }}", footer="{{ day }}", loop=True)

    assert templates.faults(template, DECLARED) == []
    made = templates.render(template, DECLARED, values=VALUES, rows=ROWS)

    assert words.text_of(made).split("\n") == [
        "关于通知，11月20日",
        "姓名",
        "金额",
        "王芳",
        "36.00",
        "李明",
        "12.50",
    ]
    section = Document(BytesIO(made)).sections[0]
    assert section.header.paragraphs[0].text.startswith("通知")
    assert section.footer.paragraphs[0].text == "11月20日"


def test_tag_split_over_runs_is_read():
    document = Document()
    paragraph = document.add_paragraph()
    for piece in ("{", "{ ti", "tle }", "}"):
        paragraph.add_run(piece)
    out = BytesIO()
    document.save(out)

    assert _filled(out.getvalue()) == "通知"


@pytest.mark.parametrize(
    "tag",
    [
        "{{ title.upper() }}",
        "{{ title.__class__ }}",
        "{{ title.x }}",
        "{{ title|upper }}",
        "{{ title ~ day }}",
        "{{ title[0] }}",
        "{{ 1 + 1 }}",
        "{{ 'x' }}",
        "{{ other }}",
        "{{ loop.index }}",
        "{{ self }}",
        "{{ rows }}",
        "{{r title }}",
        "{{p title }}",
        "{{ title",
        "{% if title %}x{% endif %}",
        "{% set title = 1 %}",
        "{% include 'x' %}",
        "{% for row in rows %}x{% endfor %}",
        "{%p for row in rows %}",
        "{%tr for row in rows %}",
        "{%tr endfor %}",
        "{% raw %}x{% endraw %}",
        "{% cellbg title %}",
        "{# note #}",
    ],
)
@pytest.mark.parametrize("where", ["正文", "页眉", "页脚"])
def test_other_tags_are_refused_by_place(tag, where):
    made = {
        "正文": lambda: word("好的", tag),
        "页眉": lambda: word(header=tag),
        "页脚": lambda: word(footer=tag),
    }[where]()

    said = _said(made)

    assert where in said
    assert tag.split(" ")[0][:3] in said
    with pytest.raises(templates.TemplateRefused):
        templates.render(made, DECLARED, values=VALUES)


@pytest.mark.parametrize("tag", ["{{ row.salary }}", "{{ other.name }}", "{{ row.name.x }}"])
def test_loop_knows_its_columns_only(tag):
    template = words.replaced(word(loop=True), BODY, b"{{ row.amount }}", tag.encode())

    assert tag in _said(template)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"for row in rows", b"for row in people", "没有声明这个表"),
        (b"for row in rows", b"for title in rows", "重了"),
        (b"{%tr endfor %}", b"x", "没有 {%tr endfor %}"),
        (b"{%tr endfor %}", b"{%tr endfor %} x", "不能有别的字"),
    ],
)
def test_loop_is_written_one_way(old, new, said):
    assert said in _said(words.replaced(word(loop=True), BODY, old, new))


def test_second_loop_is_refused():
    document = Document(BytesIO(word(loop=True)))
    table = document.add_table(rows=2, cols=1)
    table.cell(0, 0).text, table.cell(1, 0).text = "{%tr for row in rows %}", "{%tr endfor %}"
    out = BytesIO()
    document.save(out)

    assert "只能有一个循环" in _said(out.getvalue())


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        ("{{ title }} {% for row in rows %}{{ row.name }}{% endfor %}", True),
        ("{% for row in rows %}{{ row.salary }}{% endfor %}", False),
        ("{% for row in rows if row.name %}x{% endfor %}", False),
        ("{% for row in rows %}x{% else %}y{% endfor %}", False),
        ("{% for row in title %}x{% endfor %}", False),
        ("{% for a, b in rows %}x{% endfor %}", False),
        ("{{ row.name }}", False),
        ("{{ title() }}", False),
        ("{{ title|safe }}", False),
    ],
)
def test_the_tree_alone_would_refuse_them_too(source, allowed):
    found = templates._tree_faults(word(source), DECLARED)

    assert ([*found] == []) is allowed


def test_properties_and_attributes_hold_no_tags():
    assert "文件属性" in _said(word("x", title="{{ title }}"))
    body = words.replaced(word("x"), BODY, b"<w:p>", b'<w:p w:rsidR="{{ title.upper() }}">')
    assert "只能写在看得见的文字里" in _said(body)


@pytest.mark.parametrize(
    ("part", "place"),
    [("footnotes", "脚注"), ("endnotes", "尾注"), ("comments", "批注")],
)
def test_notes_hold_no_tags(part, place):
    xml = (
        f'<w:{part} xmlns:w="{templates.W[1:-1]}"><w:p><w:r><w:t>'
        "{{ title }}"
        f"</w:t></w:r></w:p></w:{part}>"
    )

    said = _said(words.changed(word("x"), f"word/{part}.xml", lambda old: xml.encode()))

    assert f"{place}第 1 段" in said


@pytest.mark.parametrize(
    "code", [b"INCLUDETEXT http://x", b'DDEAUTO c:\\\\x "y"', b"INCLUDEPICTURE x", b"LINK x"]
)
def test_fetching_field_codes_are_refused(code):
    template = words.replaced(
        word("x"), BODY, b"<w:t>x</w:t>", b"<w:instrText>" + code + b"</w:instrText>"
    )

    assert "域代码" in _said(template)


def test_page_numbers_are_allowed():
    template = words.replaced(
        word("x"), BODY, b"<w:t>x</w:t>", b"<w:instrText> PAGE </w:instrText>"
    )

    assert templates.faults(template, DECLARED) == []


@pytest.mark.parametrize(
    "value", ["A&B <x>", "{{ 7*7 }}", "{% for x in y %}", "]]>", "<w:p>", "a\x00b\x1fc", "&lt;"]
)
def test_values_come_out_as_text(value):
    expected = value.replace("\x00", "").replace("\x1f", "")

    assert _filled(word("{{ title }}"), {**VALUES, "title": value}) == expected


@settings(deadline=None, max_examples=20)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30))
def test_any_text_comes_out_unchanged(value):
    for trick in ("{_{", "}_}", "{_%", "%_}"):
        value = value.replace(trick, "")

    assert (
        _filled(word("[{{ title }}]"), {**VALUES, "title": value}).strip() == f"[{value}]".strip()
    )


def test_missing_value_is_an_error_and_not_a_gap():
    with pytest.raises(UndefinedError):
        templates.render(word("{{ title }}"), DECLARED, values={"day": "x"})


def test_macros_and_objects_are_taken_out():
    template = words.changed(word("x"), "word/vbaProject.bin", lambda old: b"macro")
    template = words.changed(template, "word/embeddings/oleObject1.bin", lambda old: b"object")
    template = words.replaced(
        template,
        "[Content_Types].xml",
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )

    stripped = templates.strip(template)

    assert not [name for name in words.parts_of(stripped) if "vba" in name or "embeddings" in name]
    assert b"macroEnabled" not in words.part_of(stripped, "[Content_Types].xml")
    assert words.text_of(stripped) == "x"


@pytest.mark.parametrize("kind", [b"hyperlink", b"image", b"attachedTemplate", b"frame"])
def test_links_outside_are_cut_and_their_text_stays(kind):
    relations = "word/_rels/document.xml.rels"
    template = words.replaced(word("这里 x"), relations, b"</Relationships>", OUTSIDE % kind)
    link = (
        '<w:hyperlink xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        ' r:id="rIdX"><w:r><w:t>点我</w:t></w:r></w:hyperlink></w:p>'
    )
    template = words.changed(template, BODY, lambda old: old.replace(b"</w:p>", link.encode(), 1))

    stripped = templates.strip(template)

    assert b"elsewhere" not in words.part_of(stripped, relations)
    assert b"rIdX" not in words.part_of(stripped, BODY)
    assert words.text_of(stripped) == "这里 x点我"


def test_linked_picture_goes_whole():
    relations = "word/_rels/document.xml.rels"
    template = words.replaced(word("x"), relations, b"</Relationships>", OUTSIDE % b"image")
    picture = (
        b'<w:r xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        b'<w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        b'r:link="rIdX"/></w:drawing></w:r></w:p>'
    )
    template = words.changed(template, BODY, lambda old: old.replace(b"</w:p>", picture, 1))

    assert b"drawing>" not in words.part_of(templates.strip(template), BODY)


@pytest.mark.parametrize("content", [b"", b"not a file", b"PK\x03\x04" + bytes(50)])
def test_what_is_no_word_file_is_refused(content):
    assert "不是完好的 Word 文件" in _said(content)


def test_overgrown_template_is_refused(monkeypatch):
    monkeypatch.setattr(templates, "MOST_UNPACKED", 1000)

    assert "太大" in _said(word("x"))


def test_entities_are_refused():
    template = words.changed(
        word("x"),
        BODY,
        lambda old: old.replace(b"<w:document", b"<!DOCTYPE a [<!ENTITY b 'c'>]><w:document", 1),
    )

    assert "实体" in _said(template)


@pytest.mark.parametrize("is_demo", [True, False])
def test_demo_line_stands_on_demo_pages_only(is_demo, settings):
    settings.IS_DEMO = is_demo
    made = templates.render(word("x"), DECLARED, values=VALUES)

    header = "".join(p.text for p in Document(BytesIO(made)).sections[0].header.paragraphs)
    assert (DEMO_LINE in header) is is_demo
