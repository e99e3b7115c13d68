"""Papers: numbered without a gap, frozen as they went out, never given twice, told apart by
who may see and annul them. And files that a step asks for."""

import json
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests import scenes
from tests.cases import letters, procedures
from tests.cases.test_actions import Opened  # noqa: F401 - registers the effect
from tests.conftest import NOON, TODAY
from tests.documents import words
from tests.documents.words import text_of
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions, papers
from zhibu.cases.models import Case, IssuedPaper, KeptTemplate
from zhibu.cases.steps import Faulty, Step
from zhibu.core.verdicts import Refused
from zhibu.files.intake import Prepared
from zhibu.files.models import Attachment
from zhibu.ledger import printed
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations.models import Organization
from zhibu.packs import library, meaning
from zhibu.packs.checking import problems
from zhibu.packs.reading import files_of, files_of_zip, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BEGAN = date(2026, 11, 2)
PDF = b"%PDF-1.4\n%%EOF\n"
PLAN = Prepared("图纸.pdf", "pdf", "application/pdf", PDF)


@pytest.fixture
def world(cast, tree):
    """The pack in use in the county."""
    pack = letters.pack()
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
        yield pack


def begin(cast, place, title="借两间房", person=None, **more):
    values = {"rooms": 2, "owner_name": "高宝根", **more}
    return actions.start(
        place, procedure=procedures.REFERENCE, wording=date(2018, 1, 1), title=title,
        values=values, person=person, on=BEGAN, by=cast["secretary"], at=NOON,
    )  # fmt: skip


def act(case, stage, outcome, *, by, at=NOON, on=TODAY, reason="", **values):
    turn = case.turns.open().get(stage=stage)
    step = Step(outcome=outcome, happened_on=on, values=values, reason=reason)
    return actions.act(turn, step, by=by, at=at)


def post_notice(case, cast, **more):
    act(case, "notice", "posted", by=cast["secretary"], **more)
    return case.papers.get()


def decided(case, cast):
    """Driven to the decision of the level above, by the officer."""
    act(case, "notice", "posted", by=cast["secretary"], on=date(2026, 11, 3))
    act(case, "look", "fit", by=cast["secretary"], size="small", plan=PLAN)
    act(case, "decide", "agree", by=cast["township officer"])
    return case.papers.get(paper="decision")


# --- numbers


def test_numbers_count_by_organization_register_and_year(world, cast, tree):
    one, other = (post_notice(begin(cast, tree.village), cast) for _ in range(2))
    next_year = NOON.replace(year=2027)
    third = begin(cast, tree.village)
    act(third, "notice", "posted", by=cast["secretary"], at=next_year)
    decision = decided(begin(cast, tree.village), cast)

    assert (one.called, other.called) == ("前介〔2026〕1号", "前介〔2026〕2号")
    assert third.papers.get().called == "前介〔2027〕1号"
    assert decision.called == "东批〔2026〕1号"
    assert (one.organization, decision.organization) == (tree.village, tree.east)


def test_late_entry_is_dated_the_day_it_goes_out(world, cast, tree):
    paper = post_notice(begin(cast, tree.village), cast, on=date(2026, 11, 3))

    assert (paper.issued_on, paper.valid_until) == (TODAY, TODAY + timedelta(days=30))


def test_refused_step_takes_no_number(world, cast, tree, monkeypatch):
    case = begin(cast, tree.village)
    monkeypatch.setattr(actions, "_go_on", lambda *_, **__: (_ for _ in ()).throw(RuntimeError))
    with pytest.raises(RuntimeError):
        act(case, "notice", "posted", by=cast["secretary"])
    monkeypatch.undo()

    assert post_notice(case, cast).number == 1


def test_paper_that_lacks_a_field_is_not_issued_and_nothing_happens(world, cast, tree):
    case = begin(cast, tree.village)
    Case.objects.filter(pk=case.pk).update(facts={"rooms": 2})
    with pytest.raises(Faulty) as refused:
        act(case, "notice", "posted", by=cast["secretary"])

    assert refused.value.faults == {"outcome": "不能出借房介绍信：“房主”还没有填，请先填好。"}
    assert not IssuedPaper.objects.exists()
    assert case.turns.open().filter(stage="notice").exists()


def test_annulled_number_is_never_given_again(world, cast, tree):
    first = post_notice(begin(cast, tree.village), cast)
    papers.annul(first, reason="写错了名字", by=cast["secretary"], at=NOON)
    second = post_notice(begin(cast, tree.village), cast)

    first.refresh_from_db()
    assert (first.stands(TODAY), second.number) == ("作废", 2)
    assert Entry.objects.filter(kind=papers.Kind.ANNULLED, subject_id=str(first.pk)).count() == 1
    with pytest.raises(Refused):
        papers.annul(first, reason="再来", by=cast["secretary"], at=NOON)


def test_annulling_asks_a_reason_and_the_issuer(world, cast, tree):
    paper = decided(begin(cast, tree.village), cast)

    with pytest.raises(Faulty):
        papers.annul(paper, reason=" ", by=cast["township officer"], at=NOON)
    with pytest.raises(Refused, match="由出具的"):
        papers.annul(paper, reason="错了", by=cast["secretary"], at=NOON)


def test_database_keeps_numbers_apart_and_annulment_whole(world, cast, tree):
    paper = post_notice(begin(cast, tree.village), cast)
    rows = IssuedPaper.objects.filter(pk=paper.pk)
    for change in ({"number": 0}, {"annulled_because": "x"}, {"valid_until": TODAY - timedelta(1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    other = post_notice(begin(cast, tree.village), cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        IssuedPaper.objects.filter(pk=other.pk).update(number=paper.number)


@pytest.mark.parametrize(("days", "word"), [(30, "有效"), (31, "过期")])
def test_paper_is_valid_to_its_last_day(world, cast, tree, days, word):
    paper = post_notice(begin(cast, tree.village), cast)
    day = TODAY + timedelta(days=days)

    assert paper.stands(day) == word
    assert IssuedPaper.objects.valid_on(day).exists() is (word == "有效")


# --- what it says


def test_paper_says_what_was_so_when_it_went_out(world, cast, tree):
    case = begin(cast, tree.village)
    paper = post_notice(case, cast)
    before = papers.draw(paper, None)
    said = text_of(before)

    assert "前介〔2026〕1号" in said
    assert f"{tree.village.name}的借两间房要借 2 间房。" in said
    assert "有效期到2026年12月20日。" in said
    assert "{{" not in said

    Case.objects.filter(pk=case.pk).update(title="别的", facts={})
    Organization.objects.filter(pk=tree.village.pk).update(name="新名")
    again = IssuedPaper.objects.get(pk=paper.pk)
    with library.trying(letters.pack(letter=letters.LETTER.replace("要借", "想借"))):
        assert papers.draw(again, None) == before


def test_only_what_the_template_names_is_kept_and_it_is_sealed(world, cast, tree):
    paper = post_notice(begin(cast, tree.village, remark="晚上用"), cast)
    kept = json.loads(paper.values)

    assert set(kept["values"]) == {
        "owner_name", "paper_organization", "case_title", "rooms", "remark", "paper_valid_until",
    }  # fmt: skip
    assert "高宝根".encode() not in bytes(paper.values_sealed)
    assert KeptTemplate.objects.count() == 1


def test_table_lists_the_steps_that_were_done(world, cast, tree):
    said = text_of(papers.draw(decided(begin(cast, tree.village), cast), None))

    assert "1 公示：贴了" in said
    assert "2 看房：合用" in said
    assert "3 批：同意" in said
    assert "抄送：档案室。" in said


@pytest.mark.parametrize(
    ("type_", "value", "rows"),
    [
        ("long-text", "甲 1\n\n  乙 2 ", ["1 甲 1", "2 乙 2"]),
        ("choices", ["b", "a"], ["1 乙", "2 甲"]),
        ("long-text", "", []),
    ],
)
def test_table_lists_the_lines_of_a_field(cast, tree, type_, value, rows):
    given = "" if type_ == "long-text" else (
        'choices = [{ id = "a", title = "甲" }, { id = "b", title = "乙" }]\n'
    )  # fmt: skip
    suite = letters.SUITE.replace(
        'id = "remark"\ntitle = "备注"\ntype = "long-text"\n',
        f'id = "remark"\ntitle = "备注"\ntype = "{type_}"\n{given}',
    ).replace('may_lack = ["remark"]\n', 'rows = "remark"\n')
    letter = letters.LETTER.replace('  "{{ remark }}",\n', "") + (
        '[[table]]\ntitle = "谁"\ntext = "{{ row.number }} {{ row.text }}"\n'
    )
    pack = letters.pack(suite, letter)
    assert meaning.faults(pack, library.shipped()) == []
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
        paper = post_notice(begin(cast, tree.village, remark=value), cast)

    said = text_of(papers.draw(paper, None)).split("\n")
    begun = said.index("谁") + 1
    assert said[begun : begun + len(rows)] == rows


def test_values_are_never_read_as_a_template(world, cast, tree):
    trick = "{{ rooms }}{% for x in y %}{{ row.__class__ }}<w:p/>&amp;"
    paper = post_notice(begin(cast, tree.village, owner_name=trick), cast)

    assert f"{trick}：" in text_of(papers.draw(paper, None))


def test_word_template_is_filled_and_carries_its_proof(cast, tree):
    content = words.word(
        "{{ owner_name }}：要 {{ rooms }} 间，到{{ paper_valid_until }}，{{ remark }}",
        header="{{ paper_number }}",
    )
    pack = letters.word_pack(content)
    assert meaning.faults(pack, library.shipped()) == []
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
        paper = post_notice(begin(cast, tree.village), cast)
    code = printed.Code("https://example.cn/x/1/", NOON)
    made = papers.draw(paper, code)

    assert "高宝根：要 2 间，到2026年12月20日，" in text_of(made)
    assert "https://example.cn/x/1/" in text_of(made)
    assert made == papers.draw(paper, code)


def test_ledger_vouches_for_papers(world, cast, tree):
    paper = post_notice(begin(cast, tree.village), cast)
    assert verify().ok

    paper.values = paper.values.replace("高宝根", "高宝林")
    paper.save(update_fields=["values_sealed"])

    assert [fault.subject for fault in verify().faults] == [f"cases.issuedpaper:{paper.pk}"]


# --- what a pack may say


def told(pack):
    return [
        (fault.file, fault.place, fault.message)
        for fault in meaning.faults(pack, library.shipped())
    ]


def test_nothing_is_wrong_with_the_pack():
    assert told(letters.pack()) == []
    assert [f for f in problems(letters.pack(), library.shipped()) if "templates/" in f.file] == []


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ('issues = ["letter"]', 'issues = ["later"]', "stages[0].outcomes[0].issues",
         "没有文书 later"),
        ('issues = ["decision"]\n', "", "papers[1]", "没有哪个结果出具"),
        ('template = "letter"', 'template = "lettre"', "papers[0].template", "没有模板"),
        ('fields = ["rooms"', 'fields = ["roms"', "papers[0].fields", "没有字段 roms"),
        ('fields = ["rooms"', 'fields = ["plan"', "papers[0].fields", "是文件，印不出来"),
        ('may_lack = ["remark"]', 'may_lack = ["remark", "rooms"]', "papers[0].may_lack",
         "fields 里也写了"),
        ('rows = "turns"', 'rows = "rooms"', "papers[1].rows", "不是 long-text、choices"),
        ('id = "decisions", title = "批复"', 'id = "letters", title = "批复"',
         "papers[1].numbering", "别处的名称、代字不一样"),
        ('id = "decision"\n', 'id = "letter"\n', "papers", "文书 letter 写了两次"),
        ('fields = { rooms = "rooms"', 'fields = { rooms = "plan"',
         "stages[3].outcomes[0].effects[0].fields.rooms", "是文件"),
    ],
)  # fmt: skip
def test_each_fault_of_a_paper_has_its_place(before, after, place, says):
    assert before in letters.SUITE
    found = told(letters.pack(letters.SUITE.replace(before, after, 1)))

    assert any(p == place and f == procedures.FILE and says in m for f, p, m in found), found


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ("{{ rooms }}", "{{ roms }}", "paragraphs[0]", "{{ roms }}"),
        ("{{ rooms }}", "{{ rooms.real }}", "paragraphs[0]", "{{ rooms.real }}"),
        ("{{ rooms }}", "{{ row.text }}{{ rooms }}", "paragraphs[0]", "{{ row.text }}"),
        ("{{ rooms }}", "{{ rooms|upper }}", "paragraphs[0]", "{{ rooms|upper }}"),
        ("{{ rooms }}", "{{ rooms }}{% for x in rooms.__class__ %}", "paragraphs[0]",
         "{% for x in rooms.__class__ %}"),
        ("{{ rooms }}", "{{ rooms }}{# x #}", "paragraphs[0]", "{# x #}"),
        ("{{ rooms }}", "{{ rooms }}}}", "paragraphs[0]", "}}"),
        ("{{ rooms }}", "", "", "没有写到 {{ rooms }}"),
        ("{{ paper_valid_until }}", "明天", "", "没有写到 {{ paper_valid_until }}"),
        ('paragraphs = [', 'copies = ["某处"]\nparagraphs = [', "copies", "plain 没有这一项"),
        ('paragraphs = [', 'table = [{ title = "x", text = "x" }]\nparagraphs = [', "table",
         "表格"),
    ],
)  # fmt: skip
def test_each_fault_of_a_template_has_its_place(before, after, place, says):
    assert before in letters.LETTER
    found = told(letters.pack(letter=letters.LETTER.replace(before, after, 1)))

    assert any(p == place and f == letters.LETTER_FILE and says in m for f, p, m in found), found


def test_column_that_is_not_there_and_valid_until_of_what_is_always_valid_are_told():
    decision = letters.DECISION.replace("row.day", "row.hour").replace(
        "同意", "{{ paper_valid_until }}"
    )
    found = told(letters.pack(decision=decision))

    assert ("templates/decision.toml", "table[1].text", "{{ row.hour }}") in found
    assert ("templates/decision.toml", "paragraphs[0]", "{{ paper_valid_until }}") in found


def test_template_nobody_draws_from_is_told():
    given = {**letters.files(), "templates/spare.toml": letters.DECISION}
    pack, faults = read(given)
    assert pack is not None and not faults

    assert "templates/spare.toml：没有哪份文书用这个模板" in str(
        [str(fault) for fault in problems(pack, library.shipped())]
    )


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("templates/Letter.toml", letters.LETTER, "不能作编号"),
        ("templates/letter.toml", letters.LETTER, "模板 letter 有两份"),
        ("templates/other.docx", "不是", "不是完好的 Word 文件"),
        ("templates/x/letter.toml", letters.LETTER, "不认识的文件"),
        ("templates/odd.toml", 'title = "x"', "title"),
    ],
)
def test_template_file_that_cannot_be_read_is_told(name, text, says):
    _, faults = read({**letters.files(), "templates/letter.docx": "5a5a", name: text})

    assert any(fault.file == name and says in str(fault) for fault in faults), faults


def test_word_template_comes_from_a_folder_and_from_a_zip_alike(tmp_path):
    import zipfile

    content = words.word("{{ owner_name }}{{ rooms }}{{ remark }}{{ paper_valid_until }}")
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in letters.files().items():
            if name != letters.LETTER_FILE:
                (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name).write_text(text, "utf-8")
                archive.writestr(f"pack/{name}", text)
        (tmp_path / "templates/letter.docx").write_bytes(content)
        archive.writestr("pack/templates/letter.docx", content)

    found = files_of(tmp_path)
    assert found == files_of_zip(out.getvalue())
    pack, faults = read(found)
    assert not faults
    assert pack.word_templates["letter"] == content


# --- pages


def link(paper):
    return reverse("cases:paper_file", args=[paper.pk])


def test_page_of_the_case_says_what_follows_and_shows_what_went_out(world, cast, tree, client):
    case = begin(cast, tree.village)
    client.force_login(cast["secretary"])
    assert "“贴了”以后出具：借房介绍信。" in client.get(case.get_absolute_url()).content.decode()

    paper = post_notice(case, cast)
    found = client.get(case.get_absolute_url()).content.decode()
    assert "前介〔2026〕1号" in found
    assert link(paper) in found
    file = client.get(link(paper))
    assert "ledger" in text_of(file.content) or "核验" in text_of(file.content)
    assert file.content == client.get(link(paper)).content


def test_proof_page_of_an_annulled_paper_says_so(world, cast, tree, client):
    paper = post_notice(begin(cast, tree.village), cast)
    entry = Entry.objects.get(kind=papers.Kind.ISSUED, subject_id=str(paper.pk))
    address = reverse("ledger:proof", args=[entry.key, 0])
    assert "借房介绍信 前介〔2026〕1号" in client.get(address).content.decode()

    papers.annul(paper, reason="写错了", by=cast["secretary"], at=NOON)
    assert "（已作废）" in client.get(address).content.decode()
    paper.refresh_from_db()
    assert "写错了" not in client.get(address).content.decode()


def test_register_lists_filters_and_exports(world, cast, tree, client):
    paper = post_notice(begin(cast, tree.village), cast)
    spoilt = post_notice(begin(cast, tree.village, title="借一间"), cast)
    papers.annul(spoilt, reason="写错了", by=cast["secretary"], at=NOON)
    client.force_login(cast["secretary"])
    address = reverse("cases:papers")

    def shown(query=""):
        text = client.get(f"{address}{query}").content.decode()
        return [one for one in (paper, spoilt) if link(one) in text]

    assert shown() == [paper, spoilt]
    assert shown("?stands=valid") == [paper]
    assert shown("?stands=annulled") == [spoilt]
    assert shown("?stands=expired") == []
    assert shown("?q=前介〔2026〕2号") == shown("?q=（2026）2") == [spoilt]
    assert shown("?register=letters&year=2026&q=借一间") == [spoilt]
    assert shown(f"?organization={tree.village.pk}") == [paper, spoilt]
    book = openpyxl.load_workbook(
        BytesIO(b"".join(client.get(f"{address}?export=1").streaming_content))
    )
    cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
    assert {"前介〔2026〕1号", "前介〔2026〕2号", "作废", "写错了"} <= set(cells)


def test_stranger_sees_no_paper(world, cast, tree, client):
    paper = post_notice(begin(cast, tree.village), cast)
    client.force_login(cast["stranger secretary"])

    assert client.get(link(paper)).status_code == 404
    assert client.post(reverse("cases:annul", args=[paper.pk]), {"reason": "x"}).status_code == 404
    assert link(paper) not in client.get(reverse("cases:papers")).content.decode()


def test_annulling_on_its_page(world, cast, tree, client):
    paper = post_notice(begin(cast, tree.village), cast)
    client.force_login(cast["secretary"])
    address = reverse("cases:annul", args=[paper.pk])

    assert "这一项要填" in client.post(address, {"reason": ""}).content.decode()
    answer = client.post(address, {"reason": "写错了"})
    assert answer.url == paper.get_absolute_url()
    assert "作废" in client.get(paper.case.get_absolute_url()).content.decode()
    header = papers.draw(IssuedPaper.objects.get(pk=paper.pk), None)
    assert "已作废：写错了" in words.part_of(header, "word/header1.xml").decode()


# --- files that a step asks for


def upload(name="图纸.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def looking(case):
    return reverse("cases:act", args=[case.pk, case.turns.open().get(stage="look").pk])


def test_required_file_holds_the_step_back(world, cast, tree):
    case = begin(cast, tree.village)
    with pytest.raises(Faulty) as refused:
        act(case, "look", "fit", by=cast["secretary"], size="small")

    assert refused.value.faults == {"plan": "“图纸”要填。"}
    act(case, "look", "unfit", by=cast["secretary"], reason="漏雨")


def test_file_is_handed_in_seen_and_taken_by_whoever_sees_the_case(world, cast, tree, client):
    case = begin(cast, tree.village)
    client.force_login(cast["secretary"])
    sent = {"outcome": "fit", "happened_on": str(TODAY), "size": "small", "plan": upload()}
    assert client.post(looking(case), sent).status_code == 302

    kept = Attachment.objects.get(owner_type="cases.case", owner_id=case.pk)
    address = kept.get_absolute_url()
    assert (
        f'<a href="{address}">图纸.pdf</a>' in client.get(case.get_absolute_url()).content.decode()
    )
    assert b"".join(client.get(address).streaming_content) == PDF
    for name, status in (("township officer", 200), ("stranger secretary", 404), ("member", 404)):
        client.force_login(cast[name])
        sees = client.get(case.get_absolute_url()).status_code
        answer = client.get(address)
        if answer.streaming:
            assert b"".join(answer.streaming_content) == PDF
        assert answer.status_code == sees == status, name


def test_file_of_a_step_is_a_record_and_stays(world, cast, tree, client):
    case = begin(cast, tree.village)
    act(case, "look", "fit", by=cast["secretary"], size="small", plan=PLAN)
    kept = Attachment.objects.get(owner_id=case.pk)
    client.force_login(cast["secretary"])

    answer = client.post(reverse("files:remove", args=[kept.pk]))
    assert answer.status_code == 403
    assert "不能移除" in answer.content.decode()


def test_page_that_comes_back_says_the_file_must_be_chosen_again(world, cast, tree, client):
    case = begin(cast, tree.village)
    client.force_login(cast["secretary"])
    for wrong in ({"size": ""}, {"size": "small", "happened_on": "2026-12-31"}):
        sent = {"outcome": "fit", "happened_on": str(TODAY), "plan": upload(), **wrong}
        found = client.post(looking(case), sent).content.decode()
        assert "文件没有存下，请重新选一次" in found
    assert not Attachment.objects.filter(owner_id=case.pk).exists()


def test_bad_file_is_told_at_its_field(world, cast, tree, client):
    case = begin(cast, tree.village)
    client.force_login(cast["secretary"])
    sent = {"outcome": "fit", "happened_on": str(TODAY), "size": "small",
            "plan": upload("a.svg", b"<svg/>")}  # fmt: skip

    assert "不能收" in client.post(looking(case), sent).content.decode()
    assert case.turns.open().filter(stage="look").exists()


def test_file_handed_in_before_stands_when_the_step_comes_again(world, cast, tree, client):
    case = begin(cast, tree.village)
    act(case, "notice", "posted", by=cast["secretary"], on=date(2026, 11, 3))
    act(case, "look", "fit", by=cast["secretary"], size="small", plan=PLAN)
    act(case, "decide", "again", by=cast["township officer"], reason="看不清")
    client.force_login(cast["secretary"])

    assert "已经交了 图纸.pdf，再选就换掉。" in client.get(case.get_absolute_url()).content.decode()
    sent = {"outcome": "fit", "happened_on": str(TODAY), "size": "small"}
    assert client.post(looking(case), sent).status_code == 302
    assert Attachment.objects.filter(owner_id=case.pk).count() == 1


def test_file_asked_at_the_beginning_comes_along(cast, tree, client):
    suite = letters.SUITE.replace(
        'id = "remark"\ntitle = "备注"\ntype = "long-text"',
        'id = "paper"\ntitle = "申请"\ntype = "file"',
    ).replace('may_lack = ["remark"]\n', "")
    letter = letters.LETTER.replace('  "{{ remark }}",\n', "")
    pack = letters.pack(suite, letter)
    assert told(pack) == []
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
        client.force_login(cast["secretary"])
        address = reverse("cases:start", args=[tree.village.pk])
        sent = {"title": "借房", "happened_on": str(TODAY), "rooms": "2", "owner_name": "高宝根",
                "paper": upload("申请.pdf")}  # fmt: skip
        answer = client.post(f"{address}?procedure={procedures.REFERENCE}", sent)
        assert answer.status_code == 302
        case = Case.objects.get(title="借房")
        kept = Attachment.objects.get(owner_id=case.pk)
        assert case.facts["paper"] == {"id": kept.pk, "name": "申请.pdf"}
        assert kept.get_absolute_url() in client.get(case.get_absolute_url()).content.decode()
        assert verify().ok


def test_scene_paper_is_a_real_one(life, cast):
    paper = letters.issued(life.struck, by=cast["secretary"], at=NOON)

    assert paper.called.startswith("整改〔2026〕")
    assert "活动室漏雨，请整改。" in text_of(papers.draw(paper, None))
    assert life.struck.procedure == scenes.RECTIFY


# --- what is not for everybody


@pytest.fixture
def closed(cast, tree):
    """The same about a member, who sees the case but not the plan."""
    suite = letters.SUITE.replace(
        "[starter]\n",
        '[subject]\ntitle = "谁住"\nsays = "要是党员。"\nsees = true\n'
        'cites = [{ source = "charter", at = "第三条", seen = "text" }]\n\n[starter]\n',
        1,
    ).replace('start = ["notice", "look"]', 'start = ["notice", "look"]\nclosed_fields = ["plan"]')
    pack = letters.pack(suite)
    assert told(pack) == []
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
        yield begin(cast, tree.village, person=scenes.person_of(cast["member"]))


def test_file_of_a_closed_field_is_not_for_whom_the_case_is_about(closed, cast, client):
    paper = post_notice(closed, cast)
    act(closed, "look", "fit", by=cast["secretary"], size="small", plan=PLAN)
    kept = Attachment.objects.get(owner_id=closed.pk)
    client.force_login(cast["member"])

    page = client.get(closed.get_absolute_url())
    assert page.status_code == 200
    assert "图纸.pdf" not in page.content.decode()
    assert client.get(kept.get_absolute_url()).status_code == 404
    assert client.get(link(paper)).status_code == 200
    client.force_login(cast["secretary"])
    assert b"".join(client.get(kept.get_absolute_url()).streaming_content) == PDF


def test_paper_of_a_confidential_case_is_seen_as_the_case_is(world, cast, tree, client):
    case = begin(cast, tree.village)
    paper = post_notice(case, cast)
    Case.objects.filter(pk=case.pk).update(is_confidential=True)

    for name in ("secretary", "committee member", "member", "township officer", "county officer",
                 "sibling secretary"):  # fmt: skip
        client.force_login(cast[name])
        sees = client.get(case.get_absolute_url()).status_code
        assert client.get(link(paper)).status_code == sees, name
    assert sees == 404


def test_closed_field_is_not_printed(cast):
    suite = letters.SUITE.replace(
        'start = ["notice", "look"]', 'start = ["notice", "look"]\nclosed_fields = ["rooms"]'
    )

    assert (procedures.FILE, "papers[0].fields", "字段 rooms 不给人人看，不能印") in told(
        letters.pack(suite)
    )
