"""Workbooks for tests and measurements: small sheets by hand, rosters of any size.

Places are real (the demo's list), people invented, identity numbers begin with 99.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from stdnum.cn import ric

DIVISIONS = Path(__file__).parents[2] / "src/zhibu/cli/data/divisions.csv"
ORGANIZATIONS = (
    "组织代码",
    "组织名称",
    "组织类别",
    "上级组织代码",
    "领域",
    "成立日期",
    "本届届满日期",
)
MEMBERS = (
    "序号", "姓名", "性别", "民族", "出生日期", "公民身份号码", "学历", "入党日期", "转正日期",
    "人员类别", "所在党支部代码", "所在党支部", "党内职务", "工作岗位", "联系电话",
)  # fmt: skip
POSTS = ("书记", "副书记", "组织委员", "宣传委员", "纪检委员")
SURNAMES = "顾倪戴王陈张蒋徐朱杨高吴黄孙周陆袁许薛李沈邵韩曹严金魏陶姜谢邹喻柏窦章苏潘葛"
GIVEN = "林秀兰志明德才桂香永福红梅国平立新巧云宝根建华文斌玉珍海涛素芳正冬亮思雨群栋晓峰月英"
Sheet = tuple[str, Sequence[Sequence[Any]]]


def workbook(*sheets: Sheet) -> bytes:
    """An .xlsx with these sheets; text stays text, days become dates."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_numbers": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)
    book.close()
    return buffer.getvalue()


def id_number(born_on: date, *, serial: int, prefix: str = "990101") -> str:
    """A right number; an odd ``serial`` (up to 999) is a man's."""
    plain = f"{prefix}{born_on:%Y%m%d}{serial:03d}"
    return plain + str(ric.calc_check_digit(plain + "0"))


@cache
def _places() -> list[str]:
    with DIVISIONS.open(encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file) if row["level"] == "village"]
    return [name.removesuffix("民委员会").removesuffix("居民委员会") for name in names]


def _branches(count: int) -> Iterator[tuple[str, ...]]:
    """The county, its townships of 40 branches, and the branches."""
    yield ("D00001", "中共演示县委员会", "党委", "", "机关", "1950-01-01", "2029-06-30")
    places = _places()
    for number in range(count):
        township = number // 40
        code = f"T{township:04d}"
        if number % 40 == 0:
            name = f"中共第{township + 1}镇委员会"
            yield (code, name, "党委", "D00001", "农村", "1956-05-01", "2029-03-28")
        place = places[number % len(places)]
        name = f"{place}第{number % 40 + 1}党支部"
        yield (f"B{number:05d}", name, "党支部", code, "农村", "1978-10-01", "2028-11-28")


def _day(number: random.Random, since: date, until: date) -> date:
    return since + timedelta(days=number.randrange((until - since).days))


def _written(number: random.Random, day: date) -> Any:
    """A day as some office writes it."""
    forms = (
        f"{day:%Y-%m-%d}", f"{day:%Y.%m.%d}", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日", day,
    )  # fmt: skip
    return number.choice(forms)


def county(*, members: int, branches: int | None = None, seed: int = 1) -> list[Sheet]:
    """A faultless roster: organisations, and members spread over their branches."""
    number = random.Random(seed)
    branches = branches or max(1, members // 24)
    organizations = list(_branches(branches))
    homes = [row for row in organizations if row[2] == "党支部"]
    people: list[list[Any]] = []
    place_in_branch = 0
    for index in range(members):
        home = homes[index * branches // members]
        is_first = not people or people[-1][10] != home[0]
        place_in_branch = 0 if is_first else place_in_branch + 1
        post = POSTS[place_in_branch] if place_in_branch < len(POSTS) else ""
        people.append(_person(number, index, home, post))
    return [("组织", [ORGANIZATIONS, *organizations]), ("党员", [MEMBERS, *people])]


def _person(number: random.Random, index: int, home: Sequence[str], post: str) -> list[Any]:
    born_on = _day(number, date(1940, 1, 1), date(2004, 1, 1))
    joined_on = _day(number, date(max(born_on.year + 19, 1960), 1, 1), date(2023, 6, 1))
    confirmed_on = joined_on.replace(year=joined_on.year + 1, day=min(joined_on.day, 28))
    confirmed_on = max(confirmed_on, joined_on + timedelta(days=366))
    serial = index // 10000 + 1
    given = "".join(number.choice(GIVEN) for _ in range(number.choice((1, 2, 2))))
    return [
        index + 1,
        number.choice(SURNAMES) + given,
        "男" if serial % 2 else "女",
        "汉族",
        _written(number, born_on),
        id_number(born_on, serial=serial, prefix=f"99{index % 10000:04d}"),
        number.choice(("大学", "大专", "高中", "初中")),
        _written(number, joined_on),
        _written(number, confirmed_on),
        "正式党员",
        home[0],
        home[1],
        post,
        number.choice(("农民", "教师", "公务员", "离退休")),
        f"199{number.randrange(10**8):08d}",
    ]


def county_workbook(*, members: int, branches: int | None = None, seed: int = 1) -> bytes:
    return workbook(*county(members=members, branches=branches, seed=seed))
