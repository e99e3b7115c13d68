"""Numbered papers: their layout as LibreOffice prints it, and what a template may not bring."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from docx import Document

from tests.conftest import NOON
from tests.documents import words
from tests.documents.test_pages import needs_office, printed
from tests.documents.words import DECLARED, changed, text_of, word
from zhibu.documents import papers, templates
from zhibu.documents.official import wide
from zhibu.documents.pages import DEMO_LINE
from zhibu.documents.papers import Filling
from zhibu.documents.templates import Declared
from zhibu.ledger.printed import Code
from zhibu.packs.schema.papers import Template

RELATIONS = "word/_rels/document.xml.rels"
OFFICE_TYPE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
VALUES = {"title": "通知", "day": "11月20日"}
FILLING = Filling(
    title="批复", organization="中共某市委组织部", number="组批〔2026〕12号",
    day=date(2026, 11, 6), made_at=NOON, values=VALUES,
    rows=[{"name": "王芳", "amount": "36.00"}, {"name": "李明", "amount": "12.50"}],
)  # fmt: skip
CODE = Code("https://example.cn/ledger/p/1/", NOON)
TABLE = [
    {"title": "姓名", "text": "{{ row.name }}"},
    {"title": "金额", "text": "{{ row.amount }} 元"},
]


def template(**more) -> Template:
    return Template.model_validate(
        {
            "title": ["关于{{ title }}"],
            "paragraphs": ["{{ day }}办。"],
            "mark": "某部文件",
            "signature": "某部",
            **more,
        }
    )


def lines(of: Template, filling: Filling = FILLING, code: Code | None = None) -> list[str]:
    return text_of(papers.compose(of, filling, code)).split("\n")


def test_plain_letter_says_everything_in_order():
    found = lines(template(addressee="{{ title }}处", table=TABLE, closing=["特此。"]), code=CODE)

    assert found[:10] == [
        "关于通知", "组批〔2026〕12号", "通知处：", "11月20日办。", "姓名", "金额", "王芳",
        "36.00 元", "李明", "12.50 元",
    ]  # fmt: skip
    assert found[10:13] == ["特此。", "某部", "2026年11月6日"]
    assert found[-1] == CODE.address


@pytest.mark.parametrize("layout", ["qingshi", "pifu", "tongzhi"])
def test_full_layout_has_head_number_and_end_notes(layout):
    signer = "顾长林" if layout == "qingshi" else ""
    found = lines(
        template(
            layout=layout,
            signer=signer,
            attachments=["甲", "乙"],
            contact="联系人：丙",
            copies=["丁", "戊"],
        )
    )

    number = FILLING.number + (f"\t签发人：{signer}" if signer else "")
    assert found == [
        "某部文件", number, "关于通知", "11月20日办。", "附件：1．甲", "2．乙", "某部",
        "2026年11月6日", "（联系人：丙）", "抄送：丁，戊。", "中共某市委组织部\t2026年11月6日印发",
    ]  # fmt: skip


def test_what_says_nothing_takes_no_line():
    found = lines(
        template(
            title=["关于"],
            paragraphs=["甲", "{{ title }}"],
            addressee="{{ day }}",
            attachments=["{{ title }}"],
        ),
        replace(FILLING, values={"title": "", "day": ""}),
    )

    assert found == ["关于", FILLING.number, "甲", "某部", "2026年11月6日"]


def test_same_paper_is_the_same_file_and_an_annulled_one_says_so():
    made = papers.compose(template(), FILLING, CODE)
    spoilt = papers.compose(template(), replace(FILLING, void="已作废：写错了"), CODE)

    assert made == papers.compose(template(), FILLING, CODE)
    heads = words.part_of(spoilt, "word/header1.xml").decode()
    assert "已作废：写错了" in heads
    assert DEMO_LINE in heads


@needs_office
@pytest.mark.parametrize("layout", ["plain", "qingshi", "pifu", "tongzhi"])
def test_lines_of_the_body_hold_28_characters(layout, tmp_path, settings):
    settings.IS_DEMO = False
    made = papers.compose(template(layout=layout, paragraphs=["国" * 54]), FILLING, CODE)

    pages = printed(made, tmp_path)
    rows = [line for line in pages[0].split("\n") if "国" in line]
    assert [len(row) for row in rows] == [26, 28]  # two characters in
    assert "2026年11月6日" in pages[0]


def test_width_counts_a_figure_as_half():
    assert wide("2026年11月6日") == 3 + 7 / 2


# --- templates


@pytest.mark.parametrize(
    "tag",
    [
        "{% for x in title.__class__ %}", "{{ title.real }}", "{{ title|upper }}", "{{ title() }}",
        "{{ other }}", "{{ 7*7 }}", "{{ title[0] }}", "{% set x = 1 %}", "{# x #}", "{{", "}}",
        "{% include 'x' %}", "{%tr for row in rows %}",
    ],
)  # fmt: skip
def test_text_may_name_declared_fields_and_nothing_else(tag):
    found = papers.faults(template(closing=["甲", f"乙{tag}丙"]), Declared(DECLARED.fields))

    assert found, tag
    assert {fault.place for fault in found} == {"closing[1]"}


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("{% for x in title.__class__ %}", "{% for x in title.__class__ %}"),
        ("{{ title.__class__ }}", "{{ title.__class__ }}"),
        ("{{ row.name }}", "带点的"),
        ("{{ nobody }}", "没有声明"),
    ],
)
def test_word_may_name_no_more(tag, says):
    found = papers.word_faults(word("甲", f"乙{tag}"), DECLARED)

    assert [fault.place for fault in found] == ["正文第 2 段"]
    assert says in str(found[0])


def test_word_has_one_loop_at_most_and_none_inside():
    document = Document()
    table = document.add_table(rows=5, cols=1)
    rows = ("{%tr for row in rows %}", "{%tr for inner in rows %}", "{{ row.name }}",
            "{%tr endfor %}", "{%tr endfor %}")  # fmt: skip
    for cell, text in zip(table.columns[0].cells, rows, strict=True):
        cell.text = text
    out = BytesIO()
    document.save(out)

    found = [str(fault) for fault in papers.word_faults(out.getvalue(), DECLARED)]
    assert any("只能有一个循环" in text for text in found)


def outside(
    kind: bytes, target: bytes = b"http://elsewhere.example/x", mode: bytes = b"External"
) -> bytes:
    relation = (
        b'<Relationship Id="rIdX" TargetMode="%s" Target="%s" Type="%s%s"/></Relationships>'
        % (mode, target, OFFICE_TYPE, kind)
    )
    made = word("{{ title }}")
    return words.replaced(made, RELATIONS, b"</Relationships>", relation)


@pytest.mark.parametrize(
    ("content", "place", "says"),
    [
        (outside(b"hyperlink"), RELATIONS, "指向外面的内容 http://elsewhere.example/x"),
        (outside(b"image"), RELATIONS, "指向外面的内容"),
        (outside(b"attachedTemplate"), RELATIONS, "别处的模板"),
        (outside(b"attachedTemplate", b"\\\\server\\x.dotm"), RELATIONS, "别处的模板"),
        (outside(b"oleObject", mode=b"Internal"), RELATIONS, "指向外面"),
        (outside(b"aFChunk", b"chunk.html"), RELATIONS, "嵌入的外部内容"),
        (changed(word("{{ title }}"), "word/vbaProject.bin", lambda _: b"x"),
         "word/vbaProject.bin", "宏"),
        (changed(word("{{ title }}"), "word/embeddings/oleObject1.bin", lambda _: b"x"),
         "word/embeddings/oleObject1.bin", "嵌入的对象"),
        (changed(word("{{ title }}"), "word/activeX/activeX1.xml", lambda _: b"<x/>"),
         "word/activeX/activeX1.xml", "控件"),
        (words.replaced(word("{{ title }}"), "[Content_Types].xml",
                  b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                  b"vnd.ms-word.document.macroEnabled.main+xml"),
         "[Content_Types].xml", "带宏"),
        (b"PK\x03\x04nothing", "模板", "不是完好的 Word 文件"),
    ],
    ids=["link", "image", "template", "template on a share", "object without a mark", "chunk",
         "macro", "object", "control", "macro type", "no Word file"],
)  # fmt: skip
def test_what_runs_or_leads_out_is_refused_with_its_place(content, place, says):
    found = [(fault.place, str(fault)) for fault in papers.word_faults(content, DECLARED)]

    assert any(where == place and says in text for where, text in found), found


def test_relation_that_leads_nowhere_is_a_broken_file():
    nowhere = outside(b"image", b"media/gone.png", mode=b"Internal")

    assert "不是完好的 Word 文件" in str([str(f) for f in papers.word_faults(nowhere, DECLARED)])


def test_clean_word_template_has_no_fault_and_names_are_found():
    content = word("{{ title }}", header="{{ day }}", loop=True)

    assert papers.word_faults(content, DECLARED) == []
    assert templates.names(content) == ({"title", "day"}, {"name", "amount"})


def test_word_paper_is_filled_with_its_proof_and_stays_the_same_file():
    content = word("关于{{ title }}", footer="{{ day }}", loop=True)
    made = papers.fill(content, DECLARED, FILLING, CODE)

    found = text_of(made).split("\n")
    assert found[0] == "关于通知"
    assert {"王芳", "12.50", CODE.address} <= set(found)
    assert made == papers.fill(content, DECLARED, FILLING, CODE)
