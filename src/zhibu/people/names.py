"""Ways of looking a name up: its suffixes, its pinyin, its initials.

One B-tree of tokens serves both databases: a query is a prefix range. A name of n
characters gives n suffixes, so any run of its characters is found; the pinyin of every
reading of the surname is indexed (单 is shan as a surname, and people type dan).
See docs/adr/0003.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product

# Surnames whose usual reading differs from the character's: all readings are indexed.
SURNAMES: dict[str, tuple[str, ...]] = {
    "单": ("shan", "dan"), "仇": ("qiu", "chou"), "曾": ("zeng", "ceng"), "区": ("ou", "qu"),
    "朴": ("piao", "pu"), "查": ("zha", "cha"), "翟": ("zhai", "di"), "解": ("xie", "jie"),
    "任": ("ren",), "华": ("hua",), "覃": ("qin", "tan"), "尉": ("wei", "yu"),
    "盖": ("ge", "gai"), "缪": ("miao", "mou"), "冼": ("xian",), "洗": ("xian", "xi"),
    "逄": ("pang",), "乐": ("yue", "le"), "召": ("shao", "zhao"), "重": ("chong", "zhong"),
    "折": ("she", "zhe"), "种": ("chong", "zhong"), "秘": ("bi", "mi"), "薄": ("bo", "bao"),
    "繁": ("po", "fan"), "员": ("yun", "yuan"), "贠": ("yun",), "隗": ("wei", "kui"),
    "万": ("wan",), "牟": ("mou", "mu"), "宁": ("ning",), "哈": ("ha",), "燕": ("yan",),
    "纪": ("ji",), "么": ("yao", "me"), "幺": ("yao",), "令": ("ling",), "佴": ("nai",),
    "郇": ("xun", "huan"), "黑": ("he", "hei"), "都": ("du", "dou"), "过": ("guo",),
    "阚": ("kan",), "郗": ("xi", "chi"), "褚": ("chu", "zhu"), "莘": ("shen", "xin"),
    "盛": ("sheng", "cheng"), "臧": ("zang",), "占": ("zhan",), "应": ("ying",),
    "葛": ("ge",), "相": ("xiang",), "干": ("gan",), "宓": ("mi", "fu"), "车": ("che", "ju"),
    "祭": ("zhai", "ji"), "句": ("gou", "ju"), "晁": ("chao",), "石": ("shi",), "亓": ("qi",),
    "呙": ("guo",), "那": ("na", "nuo"), "吕": ("lv", "lu", "lyu"), "禚": ("zhuo",),
}  # fmt: skip


@cache
def _reading(character: str) -> str:
    # 56 MB: loaded by whoever writes names, not by views
    from pypinyin import Style, pinyin  # noqa: PLC0415

    found = pinyin(character, style=Style.NORMAL, errors="ignore")
    text = found[0][0] if found else ""
    return "".join(c for c in text.lower().replace("ü", "v") if c.isascii() and c.isalnum())


def _given_name(characters: str) -> tuple[str, str]:
    readings = [_reading(c) or c.lower() for c in characters]
    return "".join(readings), "".join(r[0] for r in readings if r)


def _readings(name: str) -> Iterator[tuple[str, str]]:
    """Pinyin and initials of every reading of the name."""
    first = SURNAMES.get(name[0]) or (_reading(name[0]) or name[0].lower(),)
    rest = _given_name(name[1:])
    for surname, (full, initials) in product(first, [rest]):
        yield surname + full, surname[0] + initials


def normal(text: str) -> str:
    """A name or query without spaces and middle dots, in lower case."""
    return "".join(c for c in text.lower() if not c.isspace() and c not in "·•・.．'")


def spelt(name: str) -> str:
    """The pinyin of ``name`` in its first reading, for a login name; "" of an empty name."""
    plain = normal(name)[:60]
    return next((full for full, _ in _readings(plain)), "") if plain else ""


def tokens(name: str) -> set[str]:
    """Every token under which ``name`` is found."""
    plain = normal(name)[:60]
    if not plain:
        return set()
    found = {plain[start:] for start in range(len(plain))}
    for full, initials in _readings(plain):
        found |= {full[:80], initials[:80]}
    if "lv" in "".join(full for full, _ in _readings(plain)):
        found |= {full.replace("lv", "lu")[:80] for full, _ in _readings(plain)}
    return found
