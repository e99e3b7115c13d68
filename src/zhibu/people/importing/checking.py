"""Checking the members of a workbook: rows, then rows against one another and the database."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from zhibu.core.encryption import keyed_hash
from zhibu.imports.cells import Cells, Trouble
from zhibu.imports.faults import Fault
from zhibu.imports.recognition import Row, Table
from zhibu.imports.targets import Check
from zhibu.imports.values import matching, show
from zhibu.organizations.importing import checking as organizations
from zhibu.organizations.importing.units import Forest, PlannedGroup, PlannedPost, Unit, stem
from zhibu.organizations.importing.writing import load_posts
from zhibu.organizations.models import BRANCHES, PartyGroup, Post
from zhibu.people.importing import shifted
from zhibu.people.importing.members import Member, RowReader
from zhibu.people.importing.posts import KnownPost, Titles
from zhibu.people.importing.words import words
from zhibu.people.models import MEMBERS, Holding, Person

NAME = "members"
ASK = 900  # values in one query, below what SQLite allows


@dataclass
class Roster:
    """The members read, and what ties them to branches, groups and posts."""

    members: list[Member] = field(default_factory=list)
    homes: dict[str, tuple[Unit | None, str, str, bool]] = field(default_factory=dict)

    def kept(self) -> list[Member]:
        return [member for member in self.members if member.is_kept]


def check(tables: Sequence[Table], check: Check) -> None:
    """Read the members' rows and tie them to their branches."""
    roster = Roster()
    forest: Forest = check.made[organizations.NAME]
    check.made[NAME] = roster
    check.read[NAME] = sum(len(table.rows) for table in tables)
    if not tables and not forest.has_table:
        return
    if not tables:
        message = "没有找到党员表，只导入组织。党员表要有“姓名”“公民身份号码”“所在党支部”。"
        check.findings.warning(None, None, None, "no_members_sheet", None, message)
        return
    if _has_no_branches(forest, tables, check):
        return
    posts = _Posts(forest, check.today)
    everything: list[tuple[Member, Cells, list[Trouble]]] = []
    for table in tables:
        cells = Cells(table, check.findings)
        if _lacks_columns(table, check):
            continue
        reader = RowReader(cells, check.today)
        finder = _BranchFinder(table, forest, cells)
        for row in table.rows:
            cells.begin(row)
            member = reader.read()
            finder.find(member)
            finder.find_host(member)
            posts.read(member, cells)
            if shifted.may_be(cells):
                shifted.say(cells)
            roster.members.append(member)
            everything.append((member, cells, cells.troubles))
    _refuse_repeats(everything)
    _refuse_registered(everything, check)
    _say_alike(everything)
    _hand_in(everything, check)
    posts.settle(roster.kept(), check)
    _hold_back(everything, check)


def _has_no_branches(forest: Forest, tables: Sequence[Table], check: Check) -> bool:
    """Members without any organisation to belong to: one fault of the whole file."""
    if any(unit.kind in BRANCHES for unit in forest.units) or forest.has_table:
        return False
    sheet = tables[0].name
    message = (
        "没有找到组织表，您的辖区里也还没有党支部，党员没有地方落。"
        "请在同一个文件里加一张组织表（组织代码、组织名称、组织类别、上级组织代码），再导入。"
    )
    check.findings.error(sheet, None, None, "missing_sheet", None, message)
    return True


def _lacks_columns(table: Table, check: Check) -> bool:
    """A column without which no row can come in: one fault of the sheet, not of each row."""
    if "id_number" in table.columns:
        return False
    message = (
        f"“{table.name}”表里没有找到身份证号这一列。请加上“公民身份号码”列；"
        "有这一列的，请把标题改成“公民身份号码”。"
    )
    check.findings.error(table.name, None, None, "missing_column", None, message)
    return True


class _BranchFinder:
    """Finds the branch a row names; by the row, else by what stands over or on the sheet."""

    def __init__(self, table: Table, forest: Forest, cells: Cells) -> None:
        self.table, self.forest, self.cells = table, forest, cells
        self.has_column = cells.has("branch") or cells.has("branch_code")
        self._found: dict[tuple[str, str, str], tuple[list[Unit], bool]] = {}
        self._hosts: dict[str, tuple[list[Unit], bool]] = {}
        self.scope = self._scope_of_sheet()
        self.default = None if self.has_column else self._default()

    def _scope_of_sheet(self) -> list[Unit]:
        """Organisations that the sheet's name or titles speak of (one sheet a township)."""
        for text in (self.table.name, *self.table.above):
            if units := self._mentioned(text):
                return units
        return []

    def _mentioned(self, text: str) -> list[Unit]:
        plain = matching(text)
        if len(plain) < 2:
            return []
        found, _ = self.forest.find(text)
        if found:
            return found
        places = [u for u in self.forest.units if u.kind not in BRANCHES and stem(u.name) == plain]
        if places:
            return places
        inside = [
            u
            for u in self.forest.units
            if u.kind not in BRANCHES and len(stem(u.name)) > 2 and stem(u.name) in plain
        ]
        longest = max((len(stem(u.name)) for u in inside), default=0)
        return [u for u in inside if len(stem(u.name)) == longest]

    def _default(self) -> Unit | None:
        """The one branch a sheet without a branch column is about."""
        texts = [self.table.name]
        for text in self.table.above:
            plain = text.partition("：")[2] or text.partition(":")[2] or text
            texts.append(plain.removesuffix("花名册").removesuffix("党员").removesuffix("名册"))
        for text in texts:
            found, _ = self.forest.find(text)
            branches = [unit for unit in found if unit.kind in BRANCHES]
            if len(branches) == 1:
                return branches[0]
        return None

    def find(self, member: Member) -> None:
        cells = self.cells
        code, name = cells.text("branch_code").upper(), cells.text("branch")
        if not code and not name:
            self._without_name(member)
            return
        field_id = "branch_code" if code else "branch"
        typed = code or name
        parent = cells.text("parent") if cells.has("parent") else ""
        key = (code, name, parent)
        if key not in self._found:
            self._found[key] = self._look_up(code, name, parent)
        found, is_exact = self._found[key]
        self._take(member, field_id, typed, found, is_exact=is_exact)

    def find_host(self, member: Member) -> None:
        """The branch where a member away from home takes part, where the tree knows it."""
        cells = self.cells
        typed = cells.text("host") if cells.has("host") else ""
        if not typed:
            return
        if typed not in self._hosts:
            self._hosts[typed] = self.forest.find(typed)
        found, is_exact = self._hosts[typed]
        if len(found) > 1:
            listed = "、".join(unit.code for unit in found[:3])
            message = f"流入地支部“{typed}”不止一个（代码 {listed}）。请写支部代码或全称。"
            cells.error("host", "ambiguous_host", typed, message)
            return
        why = "您的辖区里没有这个支部" if not found else _why_no_host(member, found[0])
        if why:
            code = "host_not_fitting" if found else "unknown_host"
            message = f"流入地支部“{typed}”没有登记：{why}。请核对；在外地的，登记在本支部就行。"
            cells.warning("host", code, typed, message)
        elif found[0] is not member.home:
            member.host = found[0]
            if not is_exact:
                cells.note("host", "short_name", f"{typed} → {found[0].name}")

    def _look_up(self, code: str, name: str, parent: str) -> tuple[list[Unit], bool]:
        if code and code in self.forest.by_code:
            return [self.forest.by_code[code]], True
        under = self.forest.find(parent)[0] or self._mentioned(parent) if parent else self.scope
        return self.forest.find(name or code, under=under)

    def _without_name(self, member: Member) -> None:
        cells, section = self.cells, self.cells.row.section
        if not self.has_column:
            found = self.forest.find(section, under=self.scope)[0] if section else []
            unit = found[0] if len(found) == 1 else self.default
            if unit is not None:
                member.home = unit
                cells.note("name", "branch_from_title", unit.name)
                self._judge(member, "name", unit.name)
                return
        field_id = "branch" if cells.has("branch") else "branch_code" if self.has_column else "name"
        message = "没有写所在党支部。请补上支部的全称；和上一行相同的，也要写。"
        cells.error(field_id, "missing_branch", None, message)

    def _take(
        self, member: Member, field_id: str, typed: str, found: list[Unit], *, is_exact: bool
    ) -> None:
        cells = self.cells
        if not found:
            message = (
                f"所在党支部“{typed}”找不到：组织表里没有，您的辖区里也没有。"
                "请核对名称，或先加上这个支部。"
            )
            cells.error(field_id, "unknown_branch", typed, message)
            return
        if len(found) > 1:
            where = "、".join(
                unit.parent.called if unit.parent else unit.code for unit in found[:3]
            )
            message = (
                f"所在党支部“{typed}”不止一个（分别在{where}下面）。"
                "请加一列支部代码或上级党组织，写清是哪一个。"
            )
            cells.error(field_id, "ambiguous_branch", typed, message)
            return
        member.home = found[0]
        if not is_exact:
            cells.note(field_id, "short_name", f"{typed} → {found[0].name}")
        self._judge(member, field_id, typed)

    def _judge(self, member: Member, field_id: str, typed: str) -> None:
        home, cells = member.home, self.cells
        if home is None or not home.kind:
            return
        if home.kind not in BRANCHES:
            message = f"“{typed}”不是党支部。人要登记在党支部，请写到下面的支部。"
            cells.error(field_id, "not_a_branch", typed, message)
        elif home.dissolved_on:
            message = f"“{typed}”已经撤销（{home.dissolved_on}）。请写现在的支部。"
            cells.error(field_id, "branch_dissolved", typed, message)


def _why_no_host(member: Member, unit: Unit) -> str:
    """Why a member is no guest there; "" where they are."""
    if unit.kind and unit.kind not in BRANCHES:
        return "它不是党支部"
    if unit.dissolved_on:
        return f"它已经撤销（{unit.dissolved_on}）"
    if member.state and member.state not in MEMBERS:
        return "还不是党员"
    return ""


class _Posts:
    """Party groups and posts that the rows show, planned on their branches."""

    def __init__(self, forest: Forest, today: date) -> None:
        self.titles = Titles(today)
        self.forest = forest
        self._wanted: dict[int, list[KnownPost]] = {}
        self._cells: dict[int, tuple[str, str, str]] = {}
        self._groups: dict[int, str] = {}

    def read(self, member: Member, cells: Cells) -> None:
        home = member.home
        if home is None:
            return
        if group := cells.text("group"):
            self._groups[id(member)] = group[:40]
        typed = show(cells.raw("posts")).strip()
        if not cells.text("posts") or matching(typed) in words().no_post:
            return
        found, unknown = self.titles.posts_for(typed, home.kind)
        unknown = [title for title in unknown if matching(title) not in words().no_post]
        if unknown:
            named = "、".join(unknown)
            message = f"党内职务“{typed}”里的“{named}”认不出来，没有登记。请在导入后到组织页登记。"
            cells.warning("posts", "unknown_post", typed, message)
        if found:
            self._wanted[id(member)] = found
            self._cells[id(member)] = (member.sheet, cells.table.heading("posts") or "", typed)

    def settle(self, kept: Sequence[Member], check: Check) -> None:
        """Plan groups and posts of the rows that come in; too many holders are said."""
        homes = {id(m.home): m.home for m in kept if m.home is not None}
        there = load_posts(list(homes.values()))
        groups = _load_groups(homes.values())
        taken = _open_holders(there)
        for member in kept:
            self._plan_group(member, groups)
            for known in self._wanted.get(id(member), ()):
                self._plan_post(member, known, there, taken, check)

    def _plan_group(self, member: Member, groups: dict[tuple[int, str], int]) -> None:
        name, home = self._groups.get(id(member), ""), member.home
        if not name or home is None:
            return
        if name not in home.groups:
            home.groups[name] = PlannedGroup(name, groups.get((home.pk or 0, name)))
        member.group = home.groups[name]

    def _plan_post(
        self,
        member: Member,
        known: KnownPost,
        there: dict[int, list[Post]],
        taken: dict[int, int],
        check: Check,
    ) -> None:
        home = member.home
        if home is None:
            return
        of_group = self.titles.is_of_group(known)
        group = member.group if of_group else None
        if of_group and group is None:
            self._say(member, check, "unknown_post", "没有写在哪个党小组，没有登记")
            return
        if known.in_committee and not known.is_leading:
            home.shows_committee = True
        post = self._planned(home, known, group, there)
        holders = taken.get(id(post), taken.get(post.pk or 0, 0))
        is_single = known.rank == 1 or of_group
        if holders and (is_single or (post.pk and holders >= post.seats)):
            code = "two_secretaries" if known.rank == 1 else "post_taken"
            self._say(member, check, code, f"{known.title}已经有人了，这一位没有登记任职")
            return
        taken[id(post)] = holders + 1
        post.seats = max(post.seats, holders + 1)
        member.posts.append(post)

    @staticmethod
    def _planned(
        home: Unit, known: KnownPost, group: PlannedGroup | None, there: dict[int, list[Post]]
    ) -> PlannedPost:
        key = (known.kind, known.title, group.name if group else "")
        if key not in home.posts:
            same = [
                post
                for post in there.get(home.pk or 0, ())
                if post.kind == known.kind and post.group_id == (group.pk if group else None)
            ]
            home.posts[key] = PlannedPost(
                kind=known.kind,
                title=known.title,
                role=known.role,
                in_committee=known.in_committee,
                rank=known.rank,
                seats=same[0].seats if same else known.seats,
                group=group,
                pk=same[0].pk if same else None,
            )
        return home.posts[key]

    def _say(self, member: Member, check: Check, code: str, what: str) -> None:
        sheet, column, typed = self._cells[id(member)]
        message = f"党内职务“{typed}”：{what}。请核对，导入后可以在组织页改。"
        check.findings.warning(sheet, member.row, column, code, typed, message)


def _load_groups(homes: Iterable[Unit]) -> dict[tuple[int, str], int]:
    ids = [unit.pk for unit in homes if unit.pk and not unit.is_new]
    rows = PartyGroup.objects.filter(organization__in=ids, until=None)
    return {(row.organization_id, row.name): row.pk for row in rows}


def _open_holders(there: dict[int, list[Post]]) -> dict[int, int]:
    """How many hold each standing post now, by the post's number. One query."""
    ids = [post.pk for posts in there.values() for post in posts]
    found: dict[int, int] = defaultdict(int)
    rows = Holding.objects.filter(post__in=ids, ended_on=None, manner=Holding.Manner.FULL)
    for post in rows.values_list("post", flat=True):
        found[post] += 1
    return found


Everything = Sequence[tuple[Member, Cells, list[Trouble]]]


def _refuse_repeats(everything: Everything) -> None:
    """A number that comes twice: the second row of one person, or both of two people.

    Whose number it is cannot be told where the names differ, so neither row comes in.
    """
    by_number: dict[str, list[tuple[Member, Cells, list[Trouble]]]] = defaultdict(list)
    for each in everything:
        if each[0].id_number:
            by_number[each[0].id_number].append(each)
    for same in by_number.values():
        if len(same) < 2:
            continue
        first = same[0][0]
        is_one_person = all(m.name == first.name and m.home is first.home for m, _, _ in same)
        for member, _, troubles in same[1:] if is_one_person else same:
            other = first if member is not first else same[1][0]
            shown = member.id_shown
            where = _at(other, member)
            if is_one_person:
                message = f"身份证号“{shown}”和{where}重复，是同一个人。请只留一行。"
            else:
                message = (
                    f"身份证号“{shown}”和{where}重复，姓名或支部不一样，看不出是谁的。"
                    "请对着身份证核对，改正写错的一行。"
                )
            troubles.append(Trouble("id_number", "duplicate_id", shown, message, is_error=True))


def _at(other: Member, here: Member) -> str:
    """第 12 行, with the sheet where it is another one."""
    place = f"第 {other.row} 行"
    return place if other.sheet == here.sheet else f"“{other.sheet}”{place}"


def _refuse_registered(everything: Everything, check: Check) -> None:
    """Numbers that the database has; the branch is named where the user may know it."""
    if not Person.all_rows.exists():
        return
    by_hash = {
        keyed_hash(each[0].id_number, purpose="id_number"): each
        for each in everything
        if each[0].id_number
    }
    forest: Forest = check.made[organizations.NAME]
    hashes = list(by_hash)
    for start in range(0, len(hashes), ASK):
        rows = Person.all_rows.filter(id_number_hash__in=hashes[start : start + ASK])
        for hashed, home_id in rows.values_list("id_number_hash", "home_id"):
            member, _, troubles = by_hash[hashed]
            home = forest.by_pk.get(home_id)
            where = f"“{home.name}”" if home else "您的辖区以外"
            shown = member.id_shown
            message = (
                f"身份证号“{shown}”已经在{where}登记过。是同一个人的，请删去这一行；"
                "换了支部的，请办组织关系转接。"
            )
            troubles.append(
                Trouble("id_number", "already_registered", shown, message, is_error=True)
            )


def _say_alike(everything: Everything) -> None:
    """Same name and birth day, other number: perhaps one person twice. In file and database."""
    first: dict[tuple[str, date], Member] = {}
    there = set(Person.objects.exclude(born_on=None).values_list("name", "born_on"))
    for member, _, troubles in everything:
        if not member.name or member.born_on is None:
            continue
        key = (member.name, member.born_on)
        other = first.setdefault(key, member)
        if other is not member and other.id_number != member.id_number:
            where = _at(other, member)
        elif key in there and not any(t.code == "already_registered" for t in troubles):
            where = "已经登记的一位"
        else:
            continue
        message = (
            f"“{member.name}”和{where}姓名、出生日期都一样，身份证号不同，照样登记。"
            "请核对是不是一个人。"
        )
        troubles.append(
            Trouble("name", "same_name_and_birth", member.name, message, is_error=False)
        )


def _hand_in(everything: Everything, check: Check) -> None:
    for member, cells, troubles in everything:
        if not troubles:
            continue
        cells.row = Row(member.row, [])
        cells.troubles = troubles
        cells.hand_in()
        member.is_refused = any(trouble.is_error for trouble in troubles)


def _hold_back(everything: Everything, check: Check) -> None:
    """Clean rows whose branch, or something above it, was refused."""
    for member, cells, _ in everything:
        home = next((u for u in (member.home, member.host) if u and not u.is_kept), None)
        if member.is_refused or member.home is None or home is None:
            continue
        member.is_held_back = True
        is_home = home is member.home
        field_id = "branch" if cells.has("branch") else "branch_code"
        field_id = field_id if is_home else "host"
        row = f"“{home.sheet}”第 {home.row} 行"
        message = (
            f"{'所在党支部' if is_home else '流入地支部'}“{home.name}”（{row}）没有导入，"
            "这一行也先留着。改好组织那一行，再一起导入。"
        )
        column = cells.table.heading(field_id)
        check.held_back.append(
            Fault(member.sheet, member.row, column, "organization_refused", home.name, message)
        )
