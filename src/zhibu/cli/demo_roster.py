"""The rosters of a demo county, as an office would keep them: some of it, or the whole.

Places come from public statistics (``data/divisions.csv``); names are drawn from lists,
identity numbers begin with 99, which no division has.
"""

import csv
import random
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from itertools import product
from pathlib import Path

import xlsxwriter
from stdnum.cn import ric

from zhibu.core.dates import add_months

DIVISIONS = Path(__file__).parent / "data" / "divisions.csv"
SURNAMES = (
    "顾倪戴王陈张蒋徐朱杨高吴黄孙周陆袁许薛李沈邵韩曹严金魏陶姜谢邹喻柏窦章苏潘葛奚范彭郎鲁韦"
    "昌马苗凤花方俞任柳酆鲍史唐费廉岑雷贺汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜孟平"
)
GIVEN = [
    "长林",
    "秀兰",
    "志明",
    "德才",
    "桂香",
    "永福",
    "红梅",
    "国平",
    "立新",
    "巧云",
    "宝根",
    "建华",
    "文斌",
    "玉珍",
    "海涛",
    "素芳",
    "正华",
    "冬梅",
    "明亮",
    "思雨",
    "立群",
    "国栋",
    "晓峰",
    "月英",
    "家宝",
    "春生",
    "兰芳",
    "学文",
    "雪琴",
    "大庆",
    "向阳",
    "金凤",
    "水根",
    "小红",
    "志强",
    "美华",
    "建国",
    "秀英",
    "卫东",
    "丽娟",
    "永刚",
    "翠萍",
    "文军",
    "凤英",
    "树林",
    "爱华",
    "宏伟",
    "彩霞",
    "俊杰",
    "桂兰",
    "新民",
    "玉梅",
    "成龙",
    "婷婷",
    "浩然",
    "子涵",
    "佳怡",
    "宇轩",
    "一鸣",
    "晨曦",
    "慧敏",
    "志远",
    "静怡",
    "鹏飞",
]
BUREAUS = ("组织部", "民政局", "农业农村局", "教育局", "卫生健康委", "水务局")
SIZES = (6, 12, 16, 20, 20, 24, 28, 32, 36, 46)
NUMBERS = "一二三四五六七八九十"
VACANT = 18  # the branch whose secretary's post is empty


class UnknownPlace(SystemExit):
    """There is no county of that code among the places that ship."""


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    level: str
    parent: str


@dataclass
class Roster:
    """Rows of the two sheets; ``branches`` and ``townships`` are codes in order.

    ``sizes`` of branches are taken from the end, drawn where there are none left; branches
    of ``grouped`` members have groups.
    """

    dice: random.Random
    today: date
    begins: date
    organizations: list[list[object]] = field(default_factory=list)
    members: list[list[object]] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)
    townships: list[str] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    sizes: list[int] = field(default_factory=list)
    grouped: int = 24


def places(county: str) -> tuple[Place, list[Place], dict[str, list[Place]]]:
    """The county, its townships and the villages of each, by code.

    Raises:
        UnknownPlace: no such county; the message lists those there are.
    """
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        rows = [Place(r["code"], r["name"], r["level"], r["parent"]) for r in csv.DictReader(file)]
    found = next((r for r in rows if r.code == county and r.level == "county"), None)
    if found is None:
        known = "、".join(f"{r.code} {r.name}" for r in rows if r.level == "county")
        raise UnknownPlace(f"没有这个地方：{county}。可用的有 {known}。")
    townships = [r for r in rows if r.parent == county]
    villages = {t.code: [r for r in rows if r.parent == t.code] for t in townships}
    return found, townships, villages


def _short(name: str) -> str:
    """东汇社区居委会 → 东汇社区, 东汇村委会 → 东汇村."""
    village = re.sub(r"(村民委员会|村委会)$", "村", name)
    return re.sub(r"(居民委员会|居委会)$", "", village).replace("村村", "村")


def some(rows: Roster, place: str) -> None:
    """About 120 organisations and 3,000 members of a county."""
    county, townships, villages = places(place)
    _county(rows, county)
    offices = f"{county.code}900"
    name = f"中共{county.name}直属机关工作委员会"
    _unit(rows, offices, name, "党工委", county.code, "机关", "直属机关工委")
    for number, bureau in enumerate(BUREAUS):
        name = f"{county.name}{bureau}机关党支部"
        _unit(
            rows,
            f"{offices}{number + 1:02d}",
            name,
            "党支部",
            offices,
            "机关",
            f"{bureau}机关党支部",
        )
    well_sized = [t for t in townships if len(villages[t.code]) >= 8] or townships
    step = max(1, len(well_sized) // 4)
    for township in well_sized[::step][:4]:
        rows.townships.append(township.code)
        _township(rows, county, township, villages[township.code][:21])


def _county(rows: Roster, county: Place) -> None:
    name = f"中共{county.name}委员会"
    _unit(rows, county.code, name, "党委", "", "机关", f"{county.name}委")


# A whole county, the size of the one that S002.8-01 tells of.
ORGANIZATIONS, BRANCHES, MEMBERS = 2435, 2297, 54_541
LARGEST = 49  # a branch of fifty divides
LINES = (
    ("直属机关", "机关", "委办 府办 组织部 宣传部 统战部 政法委 民政局 财政局 教育局 水务局"),
    ("教育系统", "学校", "实验小学 实验初中 实验高中 职业学校 特教学校 教师学校 幼教中心 电大"),
    ("卫生健康系统", "医院", "人民医院 中医院 妇幼医院 疾控中心 血站 急救中心 卫生监督所"),
    ("国有企业", "国有企业", "城建公司 交通公司 水投公司 农发公司 粮食公司 文旅公司 供销公司"),
    ("新就业群体", "非公企业", "快递行业 外卖行业 货运行业 网约车行业 家政行业 电商行业"),
)  # fmt: skip
MARKS = "恒昌华瑞金鼎永盛宏泰顺达兴隆"
TRADES = ("机械", "纺织", "电子", "建材", "粮油", "包装", "船配", "花木")


def whole(rows: Roster, place: str) -> None:
    """Every township and village, and the branches, members and committees of S002.8-01."""
    county, townships, villages = places(place)
    rows.sizes, rows.grouped = _sizes(rows.dice), 12
    _county(rows, county)
    committees = 1 + len(LINES) + len(townships)
    left = ORGANIZATIONS - BRANCHES - committees
    for number, township in enumerate(townships):
        share = left // (len(townships) - number)
        left -= _whole_township(rows, county, township, villages[township.code], share)
    _lines(rows, county, general=left)


def _sizes(dice: random.Random) -> list[int]:
    """How many members each branch has: small ones, large ones, and the sum is right."""
    sizes = [dice.choice(SIZES) for _ in range(BRANCHES)]
    while missing := MEMBERS - sum(sizes):
        index, step = dice.randrange(BRANCHES), 1 if missing > 0 else -1
        if 3 <= sizes[index] + step <= LARGEST:
            sizes[index] += step
    return sizes


def _whole_township(
    rows: Roster, county: Place, township: Place, villages: list[Place], general: int
) -> int:
    """A township with its offices, villages and firms; how many general branches it has."""
    code, name = township.code, township.name
    rows.townships.append(code)
    _unit(rows, code, f"中共{name}委员会", "党委", county.code, "农村", f"{name}党委")
    for number, part in enumerate(("第一", "第二", "退休干部")):
        full, short = f"{name}机关{part}党支部", f"机关{part}党支部"
        _unit(rows, f"{code}80{number + 1}", full, "党支部", code, "机关", short)
    for number, village in enumerate(villages):
        short = _short(village.name)
        kind = "社区" if "社区" in village.name or "居" in village.name else "农村"
        if number >= general:
            full = f"{name}{short}党支部"
            _unit(rows, village.code, full, "党支部", code, kind, f"{short}党支部")
            continue
        full = f"{name}{short}党总支"
        _unit(rows, village.code, full, "党总支", code, kind, f"{short}党总支")
        for part in NUMBERS[:4]:
            below, called = f"{name}{short}第{part}党支部", f"{short}第{part}党支部"
            _unit(rows, f"{village.code}{part}", below, "党支部", village.code, kind, called)
    for number, firm in zip(range(30), _firms(name), strict=False):
        full = f"{name}{firm}公司党支部"
        _unit(rows, f"{code}Q{number:02d}", full, "党支部", code, "非公企业", f"{firm}党支部")
    return min(general, len(villages))


def _firms(township: str) -> list[str]:
    """Firms nobody has heard of, others in every township."""
    turn = sum(map(ord, township)) % len(MARKS)
    marks = MARKS[turn:] + MARKS[:turn]
    names = [first + second for first, second in zip(marks, marks[3:], strict=False)]
    return [name + trade for trade, name in product(TRADES, names)]


def _lines(rows: Roster, county: Place, *, general: int) -> None:
    """Committees of offices, schools, hospitals and firms; they take what is left over."""
    for number, (line, kind, units) in enumerate(LINES):
        code = f"{county.code}9{number}0"
        name = f"中共{county.name}{line}工作委员会"
        _unit(rows, code, name, "党工委", county.code, kind, f"{line}工委")
        for extra in range(general if number == 0 else 0):
            name = f"{county.name}{line}第{extra + 1}党总支"
            _unit(rows, f"{code}Z{extra:03d}", name, "党总支", code, kind, name)
        rest = (BRANCHES - len(rows.branches)) // (len(LINES) - number)
        named = product(range(1, rest + 1), units.split())
        for place, (turn, unit) in zip(range(rest), named, strict=False):
            short = f"{unit}第{turn}党支部"
            full = f"{county.name}{line}{short}"
            _unit(rows, f"{code}{place:03d}", full, "党支部", code, kind, short)


def _township(rows: Roster, county: Place, township: Place, villages: list[Place]) -> None:
    code, name = township.code, township.name
    _unit(rows, code, f"中共{name}委员会", "党委", county.code, "农村", f"{name}党委")
    for village in villages:
        short = _short(village.name)
        kind = "社区" if "社区" in village.name or "居" in village.name else "农村"
        full = f"{name}{short}党支部"
        _unit(rows, village.code, full, "党支部", code, kind, f"{short}党支部")
    _unit(rows, f"{code}800", f"{name}机关党总支", "党总支", code, "机关", "机关党总支")
    for number, part in enumerate(("第一", "第二", "退休干部")):
        full, short = f"{name}机关{part}党支部", f"机关{part}党支部"
        _unit(rows, f"{code}80{number + 1}", full, "党支部", f"{code}800", "机关", short)
    full = f"{name}企业联合党支部"
    _unit(rows, f"{code}810", full, "联合党支部", code, "非公企业", "企业联合党支部")


def _unit(
    rows: Roster,
    code: str,
    name: str,
    kind: str,
    parent: str,
    field_: str,
    short: str,
) -> None:
    dice = rows.dice
    founded = date(dice.randint(1958, 2012), dice.randint(1, 12), dice.randint(1, 28))
    ends_on = rows.today + timedelta(days=dice.choice([-40, 30, 120, 300, 500, 900, 1200]))
    rows.organizations.append([code, name, kind, parent, field_, founded, ends_on, short])
    if "支部" in kind:
        rows.branches.append(code)
        size = rows.sizes.pop() if rows.sizes else dice.choice(SIZES)
        _members(rows, code, name, size)


def _members(rows: Roster, code: str, branch: str, size: int) -> None:
    dice = rows.dice
    posts = ["书记"] if len(rows.branches) != VACANT else [""]
    if size >= 12:
        posts += ["组织委员", "宣传委员", "纪检委员"]
    if size >= 28:
        posts.append("副书记")
    for index in range(size):
        group = "" if size < rows.grouped else f"第{NUMBERS[index * 2 // size]}小组"
        is_probationary = index == size - 1 and dice.random() < 0.5
        post = posts[index] if index < len(posts) else ""
        rows.members.append(_member(rows, branch, code, post, group, is_probationary))


def _member(
    rows: Roster, branch: str, code: str, post: str, group: str, is_probationary: bool
) -> list[object]:
    dice = rows.dice
    sex = dice.choice(["男", "男", "女"])
    born_on = date(dice.randint(1942, 2003), dice.randint(1, 12), dice.randint(1, 28))
    confirmed_on: date | None = None
    if is_probationary:
        joined_on = rows.begins - timedelta(days=dice.randint(10, 60))
        born_on = born_on.replace(year=dice.randint(1985, 2003))
    else:
        last = rows.begins.year - 3
        year = dice.randint(born_on.year + 19, max(born_on.year + 20, last))
        joined_on = date(min(year, last), dice.randint(1, 12), dice.randint(1, 28))
        confirmed_on = None if 1969 <= joined_on.year <= 1977 else add_months(joined_on, 12)
    return [
        dice.choice(SURNAMES) + dice.choice(GIVEN),
        sex,
        "汉族",
        born_on,
        _id_number(rows, born_on, sex),
        dice.choice(["初中", "高中", "中专", "大专", "大学"]),
        joined_on,
        confirmed_on,
        "预备党员" if is_probationary else "正式党员",
        branch,
        code,
        post,
        group,
        dice.choice(["农民", "离退休", "企业职工", "教师", "个体经营", "公务员"]),
        f"199{dice.randint(0, 99999999):08d}",
        branch.removesuffix("党支部"),
    ]


def _id_number(rows: Roster, born_on: date, sex: str) -> str:
    """An invented number no division has, unlike every other one."""
    while True:
        serial = rows.dice.randint(1, 499) * 2 - (1 if sex == "男" else 0)
        body = f"99{len(rows.numbers) % 10_000:04d}{born_on:%Y%m%d}{serial:03d}"
        if body not in rows.numbers:
            rows.numbers.add(body)
            return body + ric.calc_check_digit(body + "0")


ORGANIZATION_HEADINGS = (
    "组织代码", "组织名称", "组织类别", "上级组织代码", "领域", "成立日期", "本届届满日期",
    "组织简称",
)  # fmt: skip
MEMBER_HEADINGS = (
    "姓名", "性别", "民族", "出生日期", "公民身份号码", "学历", "入党日期", "转正日期", "人员类别",
    "所在党支部", "所在党支部代码", "党内职务", "党小组", "工作岗位", "联系电话", "家庭住址",
)  # fmt: skip


def workbook(rows: Roster) -> bytes:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for title, headings, body in (
        ("组织", ORGANIZATION_HEADINGS, rows.organizations),
        ("党员", MEMBER_HEADINGS, rows.members),
    ):
        sheet = book.add_worksheet(title)
        for number, row in enumerate([headings, *body]):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                elif value:
                    sheet.write_string(number, column, str(value))
    book.close()
    return buffer.getvalue()
