"""Whose row a line of a table is: one of the organisations below where it is handed in."""

from collections.abc import Iterable

from zhibu.adoptions.queries import in_force_for
from zhibu.core import paths
from zhibu.imports.cells import Cells
from zhibu.imports.targets import Check
from zhibu.organizations.importing.checking import load
from zhibu.organizations.importing.units import Forest
from zhibu.organizations.models import Organization
from zhibu.packs.schema.registers import Register
from zhibu.registers import rules
from zhibu.registers.importing.words import CODE, PLACE, SINCE


class Places:
    """Organisations that stand at and below the ground, as far as ``check.by`` sees them. Two
    queries, and a few for those that are named."""

    def __init__(self, check: Check, rule: Register, pack: str) -> None:
        self.check, self.rule, self.pack = check, rule, pack
        seen = Organization.objects.visible_to(check.by).filter(dissolved_on=None)
        below = seen.filter(paths.under(check.ground.path))
        self.forest = Forest()
        load(self.forest, below)
        self.forest.index_short_forms()
        self.rows = {row.pk: row for row in below.select_related("parent")}

    def find(self, cells: Cells) -> Organization | None:
        """The organisation that the line names, the ground itself where it names none; None
        with what is wrong said."""
        code, name = cells.text(CODE).upper(), cells.text(PLACE)
        field = CODE if code else PLACE
        if not (code or name):
            return self._ground(cells)
        found, _ = self.forest.find(code) if code in self.forest.by_code else ([], False)
        if not found:
            found, _ = self.forest.find(name or code)
        if len(found) == 1:
            return self.rows[found[0].number]
        if found:
            listed = "、".join(f"{unit.name}（{unit.code}）" for unit in found[:3])
            message = f"组织“{name or code}”不止一个：{listed}。请加一列“组织代码”，写清是哪一个。"
            cells.error(field, "ambiguous_organization", name or code, message)
        else:
            message = f"组织“{name or code}”在您要导入的地方找不到。请核对名称，或改写成组织代码。"
            cells.error(field, "unknown_organization", name or code, message)
        return None

    def _ground(self, cells: Cells) -> Organization | None:
        ground = self.rows.get(self.check.ground.organization_id or 0)
        if ground is not None and ground.kind in self.rule.held_by:
            return ground
        field = next((name for name in (PLACE, CODE) if cells.has(name)), SINCE)
        message = "没有写是哪个组织的。请补上组织的名称或代码。"
        cells.error(field, "missing_organization", None, message)
        return None

    def refused(self, named: Iterable[Organization]) -> dict[int, tuple[str, str]]:
        """Of these organisations those where ``check.by`` may not write such a row, with the code
        and the words of it. Five queries, and one for each that is refused."""
        units = {unit.pk: unit for unit in named}
        held = in_force_for(list(units.values()), self.check.today)
        may = rules.open_at(self.check.by, units.values(), self.rule)
        found = {}
        for pk, unit in units.items():
            if not any(one.pack.id == self.pack for one in held[pk]):
                found[pk] = ("not_held", f"{unit.called}没有采用“{self.rule.title}”，不能登记。")
            elif pk not in may:
                code = "not_yours" if rules.may_hold(unit, self.rule) else "not_held"
                verdict = rules.may_open(self.check.by, unit, self.rule)
                found[pk] = (code, f"{verdict.reason}")
        return found
