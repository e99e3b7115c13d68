"""A register that names what is not there, or what cannot be, is told with its place."""

import pytest

from tests.registers import books
from zhibu.packs import library, meaning
from zhibu.packs.reading import read


def told(text, file=books.HELPERS_FILE):
    pack, faults = read(books.files(**{file.split("/")[1]: text}))
    assert pack is not None and not faults, faults
    return [
        (fault.place, fault.message)
        for fault in meaning.faults(pack, library.shipped())
        if fault.file == file
    ]


def test_nothing_is_wrong_with_them():
    assert told(books.HELPERS_TEXT) == []
    assert told(books.CONTACTS_TEXT, books.CONTACTS_FILE) == []


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ('"branch", "committee"]\nreaders', '"branches"]\nreaders', "held_by[0]",
         "没有组织类别 branches"),
        ('"who", "job"]', '"who", "jib"]', "key[2]", "没有栏 jib"),
        ('"who", "job"]', '"who", "phone"]', "key[2]", "要必填"),
        ('"who", "job"]', '"who", "who"]', "key", "who 写了两次"),
        ('"who", "job"]', '"who", "pay"]', "key[2]", "要必填"),
        ('subject = "who"', 'subject = "job"', "subject", "不是人的那一栏"),
        ('called_by = "who"', 'called_by = "whom"', "called_by", "没有栏 whom"),
        ('called_by = "who"', 'called_by = "phone"', "called_by", "要必填"),
        ('counted_by = "job"', 'counted_by = "pay"', "counted_by", "不是选择项"),
        ('closed_columns = ["pay"]', 'closed_columns = ["play"]', "closed_columns[0]",
         "没有栏 play"),
        ('closed_columns = ["pay"]', 'closed_columns = ["job"]', "counted_by", "不能按它数"),
        ('closed_columns = ["pay"]', 'closed_columns = ["who"]', "called_by", "不能不公开"),
        ('closed_columns = ["pay"]', 'public_columns = ["play"]', "public_columns[0]",
         "没有栏 play"),
        ('closed_columns = ["pay"]', 'closed_columns = ["pay"]\npublic_columns = ["pay"]',
         "public_columns[0]", "不能给群众看"),
        ('closed_columns = ["pay"]', 'public_columns = ["phone"]', "public_columns[0]", "要遮住"),
        ('closed_columns = ["pay"]', 'public_columns = ["who"]', "public_columns[0]", "是 person"),
        ('closed_columns = ["pay"]', 'public_columns = ["job"]', "public_columns", "要有名称"),
        ('closed_columns = ["pay"]', 'public_columns = ["job", "job"]', "public_columns",
         "job 写了两次"),
        ('title = "电话", type = "text"', 'title = "照片", type = "file"', "columns[3]", "文件"),
        ('title = "电话", type = "text"',
         'title = "合同", type = "register-row", book = "a/b:c"', "columns[3]", "写成文字"),
        ('id = "pay", title = "月薪", type = "money"', 'id = "pay", title = "月薪", type = "mony"',
         "columns[2]", "没有类型"),
        ('{ id = "phone"', '{ id = "until"', "columns[3]", "栏不能叫 until"),
        ('{ id = "phone"', '{ id = "job"', "columns", "栏 job 写了两次"),
        ('filled_by = ["clerk"]', 'filled_by = ["clark"]', "gaps.filled_by[0]", "没有选项 clark"),
        ('kinds = ["branch"]', 'kinds = ["team"]', "gaps.kinds[0]", "不在 held_by 里"),
        ('is = "in_field"', 'is = "in_feld"', "gaps.when", "没有条件"),
        ('{ id = "hired", title = "考录" }', '{ id = "left", title = "考录" }', "ended_as",
         "left 写了两次"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(before, after, place, says):
    assert before in books.HELPERS_TEXT

    found = told(books.HELPERS_TEXT.replace(before, after, 1))

    assert any(where == place and says in message for where, message in found), found


def test_days_that_do_not_fit_are_a_fault_of_shape():
    text = books.CONTACTS_TEXT.replace('ends = "open"', 'ends = "open"\nlongest = "P1Y"')

    _, faults = read(books.files(contacts=text))

    assert any("不写 longest" in fault.message for fault in faults)
