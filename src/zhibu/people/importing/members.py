"""A member's row: what it says, tidied and judged by itself."""

import re
from dataclasses import dataclass, field
from datetime import date

from zhibu.core.dates import add_months, age_on
from zhibu.core.encryption import mask_id_number, mask_phone
from zhibu.imports import values
from zhibu.imports.cells import Cells
from zhibu.imports.values import matching
from zhibu.organizations.importing.units import PlannedGroup, PlannedPost, Unit
from zhibu.people import id_numbers
from zhibu.people.id_numbers import IdNumber
from zhibu.people.importing.words import Words, words
from zhibu.people.models import MEMBERS, Sex, State

LONGEST_NAME = 60
LONGEST = {"ethnicity": 20, "education": 20, "occupation": 60}
OLDEST_DAY = date(1850, 1, 1)
_LETTERS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·〇A-Za-z .\-']+")
_HAN_AND_SPACE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
_DOTS = str.maketrans({"•": "·", "・": "·", "‧": "·", "∙": "·", "⋅": "·", "．": "·", "●": "·"})
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}\d{7,8}|\d{7,8}|400\d{7}")

Spell = tuple[str, date, date | None, str]
UNKNOWN_DAY = "名册没有写日期，自导入那年起"


@dataclass(slots=True, eq=False)
class Member:
    """A row that was read. ``id_number`` is "" where it is missing or wrong.

    ``spells`` are states of membership: (state, since, until, basis), oldest first.
    """

    sheet: str
    row: int
    name: str = ""
    sex: str = ""
    ethnicity: str = ""
    born_on: date | None = None
    id_number: str = ""
    id_shown: str = ""
    education: str = ""
    occupation: str = ""
    phone: str = ""
    address: str = ""
    state: str = ""
    joined_on: date | None = None
    confirmed_on: date | None = None
    home: Unit | None = None
    host: Unit | None = None
    group: PlannedGroup | None = None
    posts: list[PlannedPost] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    is_refused: bool = False
    is_held_back: bool = False

    @property
    def is_kept(self) -> bool:
        return not self.is_refused and not self.is_held_back


class RowReader:
    """Reads one member's row after the other; what is wrong goes to ``cells``."""

    def __init__(self, cells: Cells, today: date) -> None:
        self.cells = cells
        self.today = today
        self.words: Words = words()
        self.limits = self.words.limits

    def read(self) -> Member:
        cells = self.cells
        member = Member(cells.table.name, cells.row.number)
        member.name = self._name()
        found = self._id_number(member)
        member.sex = self._sex(found)
        member.born_on = self._born_on(found)
        member.ethnicity = self._ethnicity()
        member.education = self._education()
        member.occupation = self._limited("occupation")
        member.phone = self._phone()
        member.address = cells.text("address", sealed=True)
        member.joined_on = self._joined_on(member.born_on)
        member.confirmed_on = self._confirmed_on(member.joined_on)
        member.state = self._state(member)
        self._judge_days(member)
        if not cells.has_error:
            member.spells = self._spells(member)
        return member

    def _name(self) -> str:
        cells = self.cells
        name = cells.text("name").translate(_DOTS)
        if matching(name) in self.words.missing:
            name = ""
        if not name:
            shown = cells.shown("name") or None
            typed = f"姓名写的是“{shown}”" if shown else "没有写姓名"
            cells.error("name", "missing_name", shown, f"{typed}。请补上姓名。")
        elif len(name) > LONGEST_NAME:
            message = f"姓名“{name}”有 {len(name)} 个字，太长了。请只写姓名。"
            cells.error("name", "too_long", name, message)
        elif not _LETTERS.fullmatch(name) or len(name) == 1:
            message = f"姓名“{name}”不像姓名，照样登记。请核对有没有多字、少字或写进了别的内容。"
            cells.warning("name", "odd_name", name, message)
        return name

    def _id_number(self, member: Member) -> IdNumber | None:
        """The number where it is right; None where it is missing, wrong or not asked."""
        cells = self.cells
        if not cells.has("id_number"):
            return None
        cell = cells.raw("id_number")
        if cell.__class__ is str and (
            values.is_blank(cell.strip()) or matching(cell) in self.words.missing
        ):
            cell = ""
        found = id_numbers.read(cell)
        shown = member.id_shown = mask_id_number(found.number)
        if found.fault == "blank":
            if not any(t.field == "id_number" for t in cells.troubles):
                message = "没有写身份证号。请补上 18 位号码。"
                cells.error("id_number", "missing_id", None, message)
            return None
        if found.fault:
            cells.error("id_number", found.fault, shown, _id_message(found, shown))
            return None
        if found.how == "id_fifteen_digits":
            message = f"身份证号“{shown}”是 15 位的老号码，按规则补成 18 位登记。请核对新证。"
            cells.warning("id_number", "id_fifteen_digits", shown, message)
        if found.how:
            cells.note("id_number", found.how)
        if found.number[:2] not in self.words.provinces:
            message = (
                f"身份证号“{shown}”前两位“{found.number[:2]}”没有对应的省份，照样登记。请核对。"
            )
            cells.warning("id_number", "id_region_unassigned", shown, message)
        member.id_number = found.number
        return found

    def _sex(self, found: IdNumber | None) -> str:
        cells = self.cells
        typed = cells.text("sex")
        by_number = (Sex.MALE if found.is_male else Sex.FEMALE) if found else ""
        if not typed or matching(typed) in {"", "无"}:
            if by_number:
                cells.note("sex" if cells.has("sex") else "id_number", "sex_from_id")
            elif cells.has("sex"):
                cells.warning("sex", "missing_sex", None, "没有写性别，先空着。请补上男或女。")
            return by_number
        sex = self.words.sex.get(matching(typed), "")
        if not sex:
            message = f"性别“{typed}”认不出来。请改成男或女。"
            cells.error("sex", "unknown_sex", typed, message)
        elif by_number and sex != by_number:
            other = Sex(by_number).label
            message = f"性别“{typed}”和身份证号第 17 位（{other}）不一致。请核对是哪一个写错了。"
            cells.error("sex", "sex_id_mismatch", typed, message)
        return sex

    def _born_on(self, found: IdNumber | None) -> date | None:
        cells = self.cells
        typed = cells.day("born_on")
        by_number = found.born_on if found else None
        if typed.how == "blank":
            if by_number:
                cells.note("born_on" if cells.has("born_on") else "id_number", "born_from_id")
            return self._plausible_birth(by_number, "id_number" if by_number else "born_on")
        if by_number and _agrees(typed, by_number):
            if typed.how in {"month", "year", "century", "unclear"}:
                cells.note("born_on", "born_from_id", cells.shown("born_on"))
            return self._plausible_birth(by_number, "born_on")
        if typed.how in {"impossible", "unreadable"}:
            cells.bad_day("born_on", typed)
            return by_number
        if by_number:
            shown = cells.shown("born_on")
            message = f"出生日期“{shown}”和身份证号里的 {by_number} 不一致。请核对是哪一个写错了。"
            cells.error("born_on", "birth_id_mismatch", shown, message)
            return by_number
        born_on = cells.whole_day("born_on", lambda: (date(1900, 1, 1), self.today))
        return self._plausible_birth(born_on, "born_on")

    def _plausible_birth(self, born_on: date | None, field_id: str) -> date | None:
        if born_on is None:
            return None
        cells = self.cells
        shown = cells.shown(field_id)
        if field_id == "id_number":
            shown = mask_id_number(id_numbers.read(cells.raw("id_number")).number)
        title = cells.heading(field_id)
        if born_on > self.today:
            message = f"{title}“{shown}”说的出生日 {born_on} 还没到。请核对年份。"
            cells.error(field_id, "future_date", shown, message)
        elif age_on(born_on, self.today) > self.limits.oldest_years:
            years = age_on(born_on, self.today)
            message = f"{title}“{shown}”算起来 {years} 岁了，照样登记。请核对年份。"
            cells.warning(field_id, "very_old", shown, message)
        return born_on

    def _ethnicity(self) -> str:
        cells = self.cells
        typed = cells.text("ethnicity")
        if not typed or typed in self.words.ethnicity:
            return typed
        if (longer := f"{typed}族") in self.words.ethnicity:
            cells.note("ethnicity", "ethnicity", f"{typed} → {longer}")
            return longer
        message = f"民族“{typed}”不在 56 个民族里，照样登记。请核对。"
        cells.warning("ethnicity", "unknown_ethnicity", typed, message)
        return self._cut("ethnicity", typed)

    def _education(self) -> str:
        typed = self.cells.text("education")
        known = self.words.education.get(matching(typed)) if typed else None
        if known and known != typed:
            self.cells.note("education", "education", f"{typed} → {known}")
        return known or self._cut("education", typed)

    def _limited(self, field_id: str) -> str:
        return self._cut(field_id, self.cells.text(field_id))

    def _cut(self, field_id: str, typed: str) -> str:
        most = LONGEST[field_id]
        if len(typed) > most:
            title = self.cells.heading(field_id)
            message = f"{title}“{typed}”超过 {most} 个字，只留前 {most} 个。"
            self.cells.warning(field_id, "too_long", typed, message)
        return typed[:most]

    def _phone(self) -> str:
        cells = self.cells
        typed = cells.text("phone", sealed=True)
        if not typed:
            return ""
        plain = re.sub(r"[\s\-－—()（）+]", "", typed).removesuffix(".0")
        plain = plain[2:] if plain.startswith("86") and len(plain) == 13 else plain
        if not _PHONE.fullmatch(plain):
            shown = mask_phone(typed)
            message = f"电话“{shown}”不像电话号码，照样登记。请核对位数，两个号码只留一个。"
            cells.warning("phone", "odd_phone", shown, message)
            return typed[:40]
        if plain != typed:
            cells.note("phone", "phone_form")
        return plain

    def _joined_on(self, born_on: date | None) -> date | None:
        def between() -> tuple[date, date]:
            earliest = self.limits.party_founded_on
            if born_on:
                old_enough = add_months(born_on, 12 * self.limits.impossible_years)
                earliest = max(earliest, old_enough)
            return earliest, self.today

        return self.cells.whole_day("joined_on", between)

    def _confirmed_on(self, joined_on: date | None) -> date | None:
        earliest = joined_on or self.limits.party_founded_on
        return self.cells.whole_day("confirmed_on", lambda: (earliest, self.today))

    def _state(self, member: Member) -> str:
        cells = self.cells
        typed = cells.text("category")
        if not typed:
            return self._state_by_days(member)
        state = self.words.category.get(matching(typed), "")
        state = {"yes": State.FULL, "no": State.PROBATIONARY}.get(state, state)
        if not state:
            message = (
                f"人员类别“{typed}”认不出来。请改成正式党员或预备党员；不是党员的不要放在名册里。"
            )
            cells.error("category", "unknown_category", typed, message)
        elif state not in MEMBERS:
            label = State(state).label
            message = f"人员类别“{typed}”还不是党员，按{label}登记，起始日自导入那年起。请核对。"
            cells.warning("category", "not_a_member", typed, message)
        return state

    def _state_by_days(self, member: Member) -> str:
        """Without a category: whoever has been confirmed, or joined long ago, is full."""
        since = member.joined_on
        is_recent = since is not None and self.today < add_months(
            since, self.limits.longest_probation_months
        )
        state = State.PROBATIONARY if is_recent and not member.confirmed_on else State.FULL
        if self.cells.has("category"):
            message = f"没有写人员类别，按日期当作{state.label}。请核对。"
            self.cells.warning("category", "missing_category", None, message)
        else:
            self.cells.note("name", "category_from_days", state.label)
        return str(state)

    # --- days against one another

    def _judge_days(self, member: Member) -> None:
        if member.state and member.state not in MEMBERS:
            return
        self._judge_joined(member)
        self._judge_confirmed(member)

    def _judge_joined(self, member: Member) -> None:
        cells, joined_on, born_on = self.cells, member.joined_on, member.born_on
        shown = cells.shown("joined_on")
        if joined_on is None:
            self._say_no_joined_day()
            return
        if joined_on > self.today:
            message = f"入党日期“{shown}”还没到。请核对年份。"
            cells.error("joined_on", "future_date", shown, message)
        elif born_on and joined_on < born_on:
            message = f"入党日期“{shown}”早于出生日期 {born_on}。请核对两个日期。"
            cells.error("joined_on", "joined_before_birth", shown, message)
        elif joined_on < self.limits.party_founded_on:
            year = self.limits.party_founded_on.year
            message = f"入党日期“{shown}”早于 {year} 年建党。请核对年份。"
            cells.error("joined_on", "joined_before_founding", shown, message)
        elif born_on and age_on(born_on, joined_on) < self.limits.youngest_years:
            self._say_young(member, shown)

    def _say_no_joined_day(self) -> None:
        cells = self.cells
        if cells.has("joined_on") and not any(t.field == "joined_on" for t in cells.troubles):
            message = "没有写入党日期，先按导入那年登记为党员。请查档案补上。"
            cells.warning("joined_on", "missing_joined", None, message)

    def _say_young(self, member: Member, shown: str) -> None:
        cells, joined_on, born_on = self.cells, member.joined_on, member.born_on
        if joined_on is None or born_on is None:
            return
        years, least = age_on(born_on, joined_on), self.limits.youngest_years
        text = f"入党日期“{shown}”时才 {years} 岁（{born_on} 出生），不满 {least} 岁"
        is_modern = joined_on >= self.limits.youngest_since
        if is_modern and years < self.limits.impossible_years:
            cells.error("joined_on", "joined_under_18", shown, f"{text}。请核对两个日期。")
        else:
            message = f"{text}，照样登记。请核对两个日期。"
            cells.warning("joined_on", "joined_under_18", shown, message)

    def _judge_confirmed(self, member: Member) -> None:
        cells, confirmed_on = self.cells, member.confirmed_on
        shown = cells.shown("confirmed_on")
        if confirmed_on is None:
            self._judge_unconfirmed(member)
        elif member.joined_on and confirmed_on < member.joined_on:
            message = f"转正日期“{shown}”早于入党日期 {member.joined_on}。请核对两个日期。"
            cells.error("confirmed_on", "confirmed_before_joined", shown, message)
        elif member.state == State.PROBATIONARY:
            message = (
                f"写的是预备党员，又有转正日期“{shown}”，按预备党员登记。"
                "已经转正的，请把类别改成正式党员。"
            )
            cells.warning("confirmed_on", "probationary_with_confirmed", shown, message)
        elif confirmed_on > self.today:
            message = f"转正日期“{shown}”还没到。还没转正的，请把类别改成预备党员、转正日期空着。"
            cells.error("confirmed_on", "future_date", shown, message)
        elif member.joined_on:
            self._judge_probation(member, shown)

    def _judge_unconfirmed(self, member: Member) -> None:
        cells, joined_on = self.cells, member.joined_on
        if not cells.has("confirmed_on") or joined_on is None:
            return
        if any(t.field == "confirmed_on" for t in cells.troubles):
            return
        if member.state == State.PROBATIONARY:
            if add_months(joined_on, self.limits.longest_probation_months) < self.today:
                shown = cells.shown("joined_on")
                message = (
                    f"入党日期“{shown}”过去两年多了还是预备党员，照样登记。"
                    "已经转正的，请改类别、补转正日期。"
                )
                cells.warning("joined_on", "probation_too_long", shown, message)
        elif not self._without_probation(joined_on):
            message = "正式党员没有写转正日期，先从入党那天起算正式党员。请查档案补上。"
            cells.warning("confirmed_on", "full_without_confirmed", None, message)

    def _without_probation(self, joined_on: date) -> bool:
        return self.limits.no_probation_since <= joined_on < self.limits.no_probation_until

    def _judge_probation(self, member: Member, shown: str) -> None:
        joined_on, confirmed_on = member.joined_on, member.confirmed_on
        if joined_on is None or confirmed_on is None or self._without_probation(joined_on):
            return
        cells = self.cells
        if confirmed_on < add_months(joined_on, self.limits.probation_months):
            message = f"转正日期“{shown}”离入党日期 {joined_on} 不满一年，照样登记。请核对。"
            cells.warning("confirmed_on", "confirmed_early", shown, message)
        elif confirmed_on > add_months(joined_on, self.limits.longest_probation_months):
            message = f"转正日期“{shown}”离入党日期 {joined_on} 超过两年，照样登记。请核对。"
            cells.warning("confirmed_on", "confirmed_late", shown, message)

    def _spells(self, member: Member) -> list[Spell]:
        """States of membership from the days; an unknown beginning is this year's first day."""
        new_year = date(self.today.year, 1, 1)
        joined_on, confirmed_on = member.joined_on, member.confirmed_on
        if member.state not in MEMBERS:
            return [(member.state, new_year, None, UNKNOWN_DAY)]
        if member.state == State.PROBATIONARY:
            basis = "" if joined_on else UNKNOWN_DAY
            return [(State.PROBATIONARY, joined_on or new_year, None, basis)]
        if joined_on and confirmed_on and confirmed_on > joined_on:
            return [
                (State.PROBATIONARY, joined_on, confirmed_on, ""),
                (State.FULL, confirmed_on, None, ""),
            ]
        if joined_on:
            plain = confirmed_on or self._without_probation(joined_on)
            return [(State.FULL, joined_on, None, "" if plain else "名册没有写转正日期")]
        if confirmed_on:
            return [(State.FULL, confirmed_on, None, "名册没有写入党日期")]
        return [(State.FULL, new_year, None, UNKNOWN_DAY)]


def _agrees(typed: values.Day, by_number: date) -> bool:
    """Whether a day as typed can be the day in the identity number."""
    if typed.how == "month" and typed.day:
        return (typed.day.year, typed.day.month) == (by_number.year, by_number.month)
    if typed.how == "year" and typed.day:
        return typed.day.year == by_number.year
    return by_number in (typed.day, typed.other)


def _id_message(found: IdNumber, shown: str) -> str:
    said = f"身份证号“{shown}”"
    if found.fault == "id_as_number":
        return (
            f"{said}这一格是数字，表格只存了前 15 位，后几位丢了。"
            "请把这一列设成文本，重新输入整个号码。"
        )
    if found.fault == "id_masked":
        return f"{said}中间遮住了，没有写全。请补全 18 位。"
    if found.fault == "bad_id_length":
        return f"{said}有 {len(found.number)} 位，应是 18 位。请对着身份证补全。"
    if found.fault == "bad_id_characters":
        return f"{said}里有号码以外的字。请只写 18 位号码，末位可以是 X。"
    if found.fault == "bad_id_birth":
        return f"{said}第 7 到 14 位不是一个日子。请对着身份证核对。"
    lost = "末尾几个 0 多半是表格当数字存丢了。" if found.number.endswith("000") else ""
    return f"{said}校验码不对，有一位写错了。{lost}请对着身份证核对。"
