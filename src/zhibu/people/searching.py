"""People for the one search box, by name, pinyin and initials; their numbers never there."""

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from zhibu.core import filters, standing
from zhibu.core.navigation import Way, also
from zhibu.core.searching import Hit, Section, register, withholds
from zhibu.people import id_numbers, phones, queries, rules
from zhibu.people.models import State

if TYPE_CHECKING:
    from zhibu.accounts.models import User

STATES: dict[str, str] = {state.value: str(state.label) for state in State}
_PHONE = re.compile(r"1\d{10}|0\d{9,11}")


def is_personal_number(text: str) -> bool:
    """A mobile phone, a landline with its area, or what may be a whole identity number.

    The code of an organisation is none of these: twelve digits, the first never 0.
    """
    number = phones.normal(text)
    if number.isascii() and _PHONE.fullmatch(number):
        return True
    return id_numbers.read(text).fault in ("", "bad_check_digit", "bad_id_birth")


def _rows(user: "User", text: str, on: date) -> Any:
    if queries.is_number(text):
        return ()
    return queries.search(user, text, on=on)


def _hit(person: Any) -> Hit:
    state = STATES.get(person.state_on or "", "没有党员身份")
    home = person.home.called if person.home else "没有支部"
    return Hit(person.name, person.get_absolute_url(), f"{state} · {home}")


withholds(is_personal_number)
filters.register(filters.Kept("people:list", "人员", ("q", "state", "at")))
register(
    Section(
        title="人员",
        icon="people",
        order=10,
        shown=lambda user: bool(rules.may_list(user)),
        rows=_rows,
        hit=_hit,
        list_url="people:list",
    )
)


def _decides(user: "User") -> bool:
    return standing.may_anywhere(user, "people.change")


for _way in (
    Way("党员分类", "people:member_groups", _decides, "类别 编组 老党员 流动"),
    Way("更正申请", "people:corrections", _decides, "改资料 申请"),
    Way("查重复", "people:duplicates", _decides, "重名 合并"),
    Way("职务交接", "people:handovers", lambda user: True, "移交 换人"),
    Way(
        "我的权利：导出资料、申请更正",
        "people:rights",
        lambda user: user.person_id is not None,
        "同意 撤回",
    ),
):
    also(_way)
