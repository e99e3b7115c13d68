"""Checking the organisations of a workbook, row by row and against one another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from zhibu.core import paths, standing
from zhibu.imports.cells import Cells
from zhibu.imports.faults import Fault
from zhibu.imports.recognition import Table
from zhibu.imports.targets import Check
from zhibu.imports.values import matching
from zhibu.organizations import rules
from zhibu.organizations.importing import words
from zhibu.organizations.importing.units import Forest, Unit, short_form
from zhibu.organizations.models import (
    BRANCHES,
    COMMITTEES,
    PARTY_KINDS,
    Field,
    Kind,
    Organization,
    OrganizationQuerySet,
)

NAME = "organizations"
LONGEST_NAME, LONGEST_SHORT, LONGEST_CODE, LONGEST_PLACE = 100, 40, 30, 100


def check(tables: Sequence[Table], check: Check) -> None:
    """Read the organisations' rows and tie them to their parents."""
    forest = Forest(has_table=bool(tables))
    _load_existing(forest, check)
    drafts: list[_Draft] = []
    for table in tables:
        cells = Cells(table, check.findings)
        for row in table.rows:
            cells.begin(row)
            draft = _read_row(cells, check)
            drafts.append(draft)
            _match_existing(draft, cells, forest)
            cells.hand_in()
    _refuse_repeats(drafts, forest)
    for draft in drafts:
        _tie(draft, forest, check)
    _refuse_circles(drafts)
    for draft in drafts:
        _check_level(draft)
    _name_repeats(drafts, forest)
    for draft in drafts:
        draft.hand_in()
        draft.unit.is_refused = check.findings.is_refused(draft.unit.sheet, draft.unit.row)
    forest.index_short_forms()
    _hold_back(drafts, check)
    forest.rows = check.read[NAME] = len(drafts)
    check.made[NAME] = forest


def _load_existing(forest: Forest, check: Check) -> None:
    """Units within reach, and the organisation that the roster hangs under. Two queries."""
    scope = standing.reach_q(check.by, "imports.run")
    load(forest, Organization.objects.filter(scope))
    forest.ground = forest.by_pk.get(check.ground.organization_id or 0) or forest.root


def load(forest: Forest, rows: OrganizationQuerySet) -> None:
    """Let ``forest`` know organisations that are there. One query."""
    for row in rows.order_by("path").values(
        "pk", "code", "name", "short_name", "kind", "parent_id", "path", "established_on",
        "dissolved_on",
    ):  # fmt: skip
        unit = Unit(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            short_name=row["short_name"],
            established_on=row["established_on"],
            dissolved_on=row["dissolved_on"],
            parent=forest.by_pk.get(row["parent_id"]),
            pk=row["pk"],
            path=row["path"],
        )
        forest.add(unit)
        if row["parent_id"] is None and forest.root is None:
            forest.root = unit


@dataclass(slots=True)
class _Draft:
    """A row being read: its unit and what it says of its parent."""

    unit: Unit
    cells: Cells
    parent_code: str
    parent_name: str
    parent_field: str
    is_there: bool = False
    faults: list[tuple[str, str, str | None, str]] = field(default_factory=list)
    doubts: list[tuple[str, str, str | None, str]] = field(default_factory=list)

    def error(self, field_id: str, code: str, value: str | None, message: str) -> None:
        self.faults.append((field_id, code, value, message))

    def warning(self, field_id: str, code: str, value: str | None, message: str) -> None:
        self.doubts.append((field_id, code, value, message))

    def hand_in(self) -> None:
        """Give what came up after the row was read to the findings, at its row."""
        findings, table = self.cells.findings, self.cells.table
        for say, found in ((findings.error, self.faults), (findings.warning, self.doubts)):
            for field_id, code, value, message in found:
                say(table.name, self.unit.row, table.heading(field_id), code, value, message)


def _read_row(cells: Cells, check: Check) -> _Draft:
    name = _name(cells)
    code = _code(cells)
    unit = Unit(
        code=code,
        name=name,
        kind=_kind(cells, name),
        short_name=_limited(cells, "short_name", LONGEST_SHORT),
        sector=_field(cells),
        place=_limited(cells, "place", LONGEST_PLACE),
        established_on=_established(cells, check.today),
        sheet=cells.table.name,
        row=cells.row.number,
        is_new=True,
    )
    unit.term_ends_on = _term_end(cells, unit, check.today)
    parent_code, parent_name = cells.text("parent_code"), cells.text("parent")
    by_code = bool(parent_code) or not cells.has("parent")
    return _Draft(unit, cells, parent_code, parent_name, "parent_code" if by_code else "parent")


def _name(cells: Cells) -> str:
    name = cells.text("name")
    if not name:
        cells.error("name", "missing_name", None, "没有写组织名称。请补上全称。")
    elif len(name) > LONGEST_NAME:
        cells.error(
            "name",
            "too_long",
            name,
            f"组织名称“{name}”有 {len(name)} 个字，最多 {LONGEST_NAME} 个。请缩短。",
        )
    return name


def _code(cells: Cells) -> str:
    code = cells.text("code").upper()
    if not code and cells.has("code"):
        message = "没有写组织代码，导入时自动编一个。上级或党员要按代码找它，请补上。"
        cells.warning("code", "missing_code", None, message)
    if len(code) > LONGEST_CODE:
        message = f"组织代码“{code}”有 {len(code)} 位，最多 {LONGEST_CODE} 位。请缩短。"
        cells.error("code", "too_long", code, message)
    return code


def _limited(cells: Cells, field_id: str, most: int) -> str:
    value = cells.text(field_id)
    if len(value) > most:
        title = cells.heading(field_id)
        message = f"{title}“{value}”超过 {most} 个字，只留前 {most} 个。"
        cells.warning(field_id, "too_long", value, message)
    return value[:most]


def _kind(cells: Cells, name: str) -> str:
    typed = cells.text("kind")
    by_name = words.kind_of_name(name)
    if not typed:
        if not by_name:
            cells.error(
                "kind" if cells.has("kind") else "name",
                "missing_kind",
                None,
                "没有写组织类别，从名称也看不出来。请写党委、党总支、党支部这样的类别。",
            )
        elif cells.has("kind"):
            label = Kind(by_name).label
            cells.warning("kind", "missing_kind", None, f"没有写组织类别，按名称当作{label}。")
        return by_name
    kind = words.kinds().get(matching(typed), "")
    if not kind:
        cells.error(
            "kind",
            "unknown_kind",
            typed,
            f"组织类别“{typed}”认不出来。请改成党委、党工委、党总支、党支部、联合党支部、临时党支部。",
        )
    elif by_name and by_name != kind and {by_name, kind} <= set(PARTY_KINDS):
        cells.warning(
            "kind",
            "kind_name_mismatch",
            typed,
            f"类别写的是“{typed}”，名称却像{Kind(by_name).label}，按类别登记。请核对。",
        )
    return kind


def _field(cells: Cells) -> str:
    typed = cells.text("field")
    if not typed:
        return str(Field.OTHER)
    found = words.fields().get(matching(typed))
    if found is None:
        message = f"领域“{typed}”认不出来，先记为其他。可以改成农村、社区、机关、学校这样的。"
        cells.warning("field", "unknown_field", typed, message)
    return found or str(Field.OTHER)


def _established(cells: Cells, today: date) -> date | None:
    found = cells.whole_day("established_on", lambda: (date(1900, 1, 1), today))
    if found and found > today:
        shown = cells.shown("established_on")
        message = f"成立日期“{shown}”还没到。请核对年份。"
        cells.error("established_on", "future_date", shown, message)
    elif found and found < (earliest := words.values()["days"]["party_founded_on"]):
        shown = cells.shown("established_on")
        message = f"成立日期“{shown}”早于 {earliest.year} 年。请核对年份。"
        cells.warning("established_on", "founded_too_early", shown, message)
    return found


def _term_end(cells: Cells, unit: Unit, today: date) -> date | None:
    latest = date(today.year + 30, 12, 31)
    found = cells.whole_day("term_ends_on", lambda: (date(1950, 1, 1), latest))
    if found is None:
        return None
    shown = cells.shown("term_ends_on")
    if unit.established_on and found <= unit.established_on:
        cells.error(
            "term_ends_on",
            "term_before_founding",
            shown,
            f"届满日期“{shown}”不晚于成立日期 {unit.established_on}。请核对两个日期。",
        )
    elif found > date(today.year + 6, today.month, 1):
        message = f"届满日期“{shown}”在五年以后。请核对年份。"
        cells.warning("term_ends_on", "term_far_off", shown, message)
    return found


def _match_existing(draft: _Draft, cells: Cells, forest: Forest) -> None:
    """A code that is there already: the same organisation, or a clash."""
    unit = draft.unit
    known = forest.by_code.get(unit.code) if unit.code else None
    if known is None or known.pk is None:
        return
    if matching(known.name) == matching(unit.name) or short_form(known.name) == short_form(
        unit.name
    ):
        message = f"组织“{unit.name}”已经有了（代码 {unit.code}），不重复建，资料不改。"
        cells.warning("name", "already_there", unit.name, message)
        draft.is_there = True
        unit.is_new = False
        unit.pk, unit.path, unit.parent = known.pk, known.path, known.parent
    else:
        cells.error(
            "code",
            "code_taken",
            unit.code,
            f"组织代码“{unit.code}”已经是“{known.name}”的。请换一个代码，或把名称改成一样。",
        )


def _refuse_repeats(drafts: list[_Draft], forest: Forest) -> None:
    """Put the file's units into the forest; a code that comes again is refused."""
    taken = _codes_elsewhere(drafts, forest)
    first: dict[str, _Draft] = {}
    for draft in drafts:
        unit = draft.unit
        if not unit.code:
            unit.code = f"?{unit.sheet}:{unit.row}"
        earlier = first.setdefault(unit.code, draft)
        if earlier is not draft:
            where = _at(earlier.unit, draft.unit)
            draft.error(
                "code",
                "duplicate_code",
                unit.code,
                f"组织代码“{unit.code}”和{where}重复。每个组织一个代码，请改其中一个。",
            )
            unit.is_refused = True
        elif unit.code in taken:
            message = f"组织代码“{unit.code}”在您的辖区以外已经用了。请换一个代码。"
            draft.error("code", "code_taken", unit.code, message)
        if draft.is_there:
            continue
        forest.add(unit)


def _codes_elsewhere(drafts: list[_Draft], forest: Forest) -> set[str]:
    """Codes of the file that organisations out of reach have. One query a thousand."""
    asked = [d.unit.code for d in drafts if d.unit.code and not d.is_there]
    found: set[str] = set()
    for start in range(0, len(asked), 900):
        part = Organization.all_rows.filter(code__in=asked[start : start + 900])
        found |= set(part.values_list("code", flat=True))
    return {code for code in found if code not in forest.by_code}


def _at(other: Unit, here: Unit) -> str:
    """第 12 行, with the sheet where it is another one."""
    return (
        f"第 {other.row} 行" if other.sheet == here.sheet else f"“{other.sheet}”第 {other.row} 行"
    )


def _tie(draft: _Draft, forest: Forest, check: Check) -> None:
    """Find the parent that a row names; a row without one hangs under the ground."""
    unit = draft.unit
    if draft.is_there:
        return
    typed = draft.parent_code or draft.parent_name
    if not typed:
        _tie_to_ground(draft, forest, check)
        return
    found, is_exact = _parents(draft, forest, typed)
    if not found:
        draft.error(
            draft.parent_field,
            "unknown_parent",
            typed,
            f"上级“{typed}”找不到：表里没有，您辖区里也没有。请核对上级的代码或名称。",
        )
    elif len(found) > 1:
        names = "、".join(f"第 {u.row} 行" if u.row else u.code for u in found[:3])
        draft.error(
            draft.parent_field,
            "ambiguous_parent",
            typed,
            f"上级“{typed}”不止一个（{names}）。请改写成上级的组织代码。",
        )
    elif found[0] is unit:
        message = f"上级“{typed}”就是它自己。请改成真正的上级。"
        draft.error(draft.parent_field, "parent_circle", typed, message)
    else:
        unit.parent = found[0]
        if not is_exact:
            heading = draft.cells.table.heading(draft.parent_field) or ""
            check.findings.note(unit.sheet, heading, "short_name", f"{typed} → {found[0].name}")
        _compare_names(draft, found[0])


def _parents(draft: _Draft, forest: Forest, typed: str) -> tuple[list[Unit], bool]:
    """Units that may be meant, not branches where there is a choice; code before name."""
    unit, code = draft.unit, typed.upper()
    if code in forest.by_code:
        return [forest.by_code[code]], True
    plain = matching(typed)
    if plain == matching(unit.name):
        return [unit], True
    found = forest.by_name.get(plain, [])
    is_exact = bool(found)
    found = [u for u in found or forest.by_own.get(short_form(typed), []) if u is not unit]
    able = [u for u in found if u.kind not in BRANCHES]
    return (able or found), is_exact


def _compare_names(draft: _Draft, parent: Unit) -> None:
    """Where a row gives the parent's code and name, they should agree."""
    name = draft.parent_name
    if not draft.parent_code or not name or name.upper() == parent.code:
        return
    if short_form(name) != short_form(parent.name):
        message = (
            f"上级名称“{name}”和上级代码 {draft.parent_code} 的“{parent.name}”不一致，"
            "按代码登记。请核对。"
        )
        draft.warning("parent", "parent_mismatch", name, message)


def _tie_to_ground(draft: _Draft, forest: Forest, check: Check) -> None:
    unit = draft.unit
    if forest.ground is not None:
        unit.parent = forest.ground
        message = f"没有写上级，放在“{forest.ground.name}”下面。不对的话请补上级再导入。"
        draft.warning(draft.parent_field, "no_parent", None, message)
    elif forest.root is None and unit.kind in COMMITTEES:
        forest.root = unit
    elif forest.root is None:
        message = "没有写上级。最上级应是党委，请补上级组织的代码或名称。"
        draft.error(draft.parent_field, "missing_parent", None, message)
    else:
        message = f"没有写上级。最上级已经是“{forest.root.name}”，请补上级组织的代码或名称。"
        draft.error(draft.parent_field, "missing_parent", None, message)


def _refuse_circles(drafts: list[_Draft]) -> None:
    """Parents that go in a circle: the link that cannot be is at fault, else every link."""
    by_unit = {id(draft.unit): draft for draft in drafts}
    done: set[int] = set()
    for draft in drafts:
        trail: list[Unit] = []
        unit: Unit | None = draft.unit
        while unit is not None and id(unit) not in done and unit not in trail:
            trail.append(unit)
            unit = unit.parent
        if unit is not None and unit in trail:
            circle = trail[trail.index(unit) :]
            wrong = [u for u in circle if not _may_stand(u, 0)[0]] or circle
            for each in wrong:
                _refuse_circle(by_unit[id(each)])
        done |= {id(each) for each in trail}


def _refuse_circle(draft: _Draft) -> None:
    unit, typed = draft.unit, draft.parent_code or draft.parent_name
    below = unit.parent.name if unit.parent else ""
    draft.error(
        draft.parent_field,
        "parent_circle",
        typed,
        f"上级“{typed}”（{below}）绕回到自己下面了。请核对这几个组织谁是谁的上级。",
    )
    unit.parent = None


def _may_stand(unit: Unit, depth: int) -> tuple[bool, str]:
    """The platform's own rule about what may stand below what."""
    above = unit.parent
    if above is None:
        return True, ""
    parent = Organization(
        name=above.name,
        short_name=above.short_name,
        kind=above.kind,
        dissolved_on=above.dissolved_on,
        path=paths.step(1) * max(depth, 1),
    )
    verdict = rules.may_stand_below(parent, unit.kind)
    return verdict.allowed, verdict.reason


def _check_level(draft: _Draft) -> None:
    unit = draft.unit
    above = unit.parent
    if draft.is_there or not unit.kind or above is None or not above.kind:
        return
    depth = sum(1 for _ in unit.ancestors()) + (len(above.path) // paths.STEP if above.path else 0)
    allowed, reason = _may_stand(unit, depth)
    if not allowed:
        typed = draft.parent_code or draft.parent_name or above.name
        message = f"上级“{typed}”不对：{reason}请核对上级和类别。"
        draft.error(draft.parent_field, "wrong_level", typed, message)


def _name_repeats(drafts: list[_Draft], forest: Forest) -> None:
    """Two of one name: below one parent they are one; below two they are only alike."""
    for draft in drafts:
        unit = draft.unit
        others = forest.by_name.get(matching(unit.name), [])
        if draft.is_there or not unit.name or unit.is_refused:
            continue
        earlier = [
            u
            for u in others
            if u is not unit and (u.pk or (u.sheet, u.row) < (unit.sheet, unit.row))
        ]
        same = next((u for u in earlier if u.parent is unit.parent and not u.is_refused), None)
        if same is None:
            if earlier:
                _say_alike(draft, earlier[0])
        elif same.pk and unit.code.startswith("?"):
            unit.pk, unit.path, unit.is_new, draft.is_there = same.pk, same.path, False, True
            message = f"组织“{unit.name}”已经有了（代码 {same.code}），不重复建，资料不改。"
            draft.warning("name", "already_there", unit.name, message)
        else:
            where = f"代码 {same.code}" if same.pk else _at(same, unit)
            message = (
                f"同一个上级下面已经有“{unit.name}”（{where}）。是同一个组织的，请只留一行、"
                "代码写成一样；不是的，请改名称。"
            )
            draft.error("name", "duplicate_name", unit.name, message)
            unit.is_refused = True


def _say_alike(draft: _Draft, other: Unit) -> None:
    unit = draft.unit
    where = _at(other, unit) if other.row else f"代码 {other.code}"
    message = (
        f"“{unit.name}”和{where}同名，上级不同，都登记。党员表里只写名称会分不清，"
        "请写上级党组织或支部代码。"
    )
    draft.warning("name", "same_name", unit.name, message)


def _hold_back(drafts: list[_Draft], check: Check) -> None:
    """What hangs below a refused row waits for it."""
    for draft in drafts:
        unit = draft.unit
        if unit.is_refused or not unit.is_new:
            continue
        refused = next((u for u in unit.ancestors() if u.is_refused), None)
        if refused is None:
            continue
        unit.cause = refused.name
        message = (
            f"上级“{refused.name}”（{_at(refused, unit)}）有错没导入，这一行也先留着。"
            "改好上级那一行，再一起导入。"
        )
        table = draft.cells.table
        column = table.heading(draft.parent_field)
        check.held_back.append(
            Fault(unit.sheet, unit.row, column, "parent_refused", refused.name, message)
        )
