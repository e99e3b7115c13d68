"""Which organisation a row of a past year means: the one that went by that name on the day.

An organisation that has ended since keeps its records; its successor held nothing before
it began.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Min
from django.utils import timezone

from zhibu.activities.importing.lines import Line
from zhibu.activities.models import Activity
from zhibu.imports.cells import Cells
from zhibu.imports.values import matching
from zhibu.organizations.importing.units import Forest, Unit, short_form
from zhibu.organizations.models import Name, Organization, PartyGroup, Placement, Succession

_NAMED = "、"


@dataclass(frozen=True, slots=True)
class _Called:
    pk: int
    since: date
    until: date | None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


class Places:
    """Organisations within reach, as they stood and were called. Six queries in all."""

    def __init__(self, forest: Forest) -> None:
        self.forest = forest
        ids = set(forest.by_pk)
        self._rows = Organization.objects.in_bulk(list(ids)) if ids else {}
        self._called: dict[str, list[_Called]] = defaultdict(list)
        names = Name.objects.values_list("organization", "name", "short_name", "since", "until")
        for pk, name, short, since, until in names:
            if pk in ids:
                for form in {matching(name), short_form(name), matching(short)} - {""}:
                    self._called[form].append(_Called(pk, since, until))
        self._stood: dict[int, list[_Called]] = defaultdict(list)
        for pk, since, until in Placement.objects.values_list("organization", "since", "until"):
            self._stood[pk].append(_Called(pk, since, until))
        self._groups: dict[tuple[int, str], list[PartyGroup]] = defaultdict(list)
        for group in PartyGroup.objects.all():
            self._groups[group.organization_id, matching(group.name)].append(group)
        self._before: dict[int, list[int]] = defaultdict(list)
        for new, old in Succession.objects.values_list("successor", "predecessor"):
            self._before[new].append(old)
        own = Activity.objects.filter(is_brought_in=False, recorded_at__isnull=False)
        self._recorded = dict(
            own.values("organization").annotate(at=Min("recorded_at")).values_list(
                "organization", "at"
            )
        )  # fmt: skip

    def stood(self, pk: int, day: date) -> bool:
        return any(spell.holds(day) for spell in self._stood[pk])

    def find(self, cells: Cells, line: Line) -> None:
        """Set the row's organisation and party group, or say why there is none."""
        code, name = cells.text("organization_code").upper(), cells.text("organization")
        by_code = bool(code) or not cells.has("organization")
        field_id = "organization_code" if by_code else "organization"
        typed = code or name
        if not typed:
            message = "没有写是哪个组织开的会。请补上组织的名称或代码。"
            place = field_id if cells.has(field_id) else "held_on"
            cells.error(place, "missing_organization", None, message)
            return
        units = self._meant(code, name, cells.text("parent"), line.day)
        if not units:
            message = (
                f"组织“{typed}”找不到：您的辖区里没有，以前也没有叫这个的。"
                "请核对名称，或改写成组织代码。"
            )
            cells.error(field_id, "unknown_organization", typed, message)
        elif len(units) > 1:
            listed = _NAMED.join(f"{unit.name}（{unit.code}）" for unit in units[:3])
            message = f"组织“{typed}”不止一个：{listed}。请加一列“组织代码”，写清是哪一个。"
            cells.error(field_id, "ambiguous_organization", typed, message)
        elif units[0].pk is None:
            message = f"组织“{typed}”在这个文件里才建。请先导入组织，再导入活动记录。"
            cells.error(field_id, "organization_not_yet", typed, message)
        else:
            self._take(cells, line, field_id, typed, units[0].number)

    def _meant(self, code: str, name: str, parent: str, day: date | None) -> list[Unit]:
        """By code, by what it was called then or now; of several, those that stood that day."""
        if code and code in self.forest.by_code:
            return [self.forest.by_code[code]]
        text = name or code
        under = self.forest.find(parent)[0] if parent else ()
        found, _ = self.forest.find(text, under=under)
        known = {id(unit): unit for unit in found}
        for form in (matching(text), short_form(text)):
            for called in self._called.get(form, ()):
                unit = self.forest.by_pk[called.pk]
                if not under or any(above in under for above in (unit, *unit.ancestors())):
                    known.setdefault(id(unit), unit)
        units = list(known.values())
        if day is None or len(units) < 2:
            return units
        stood = [unit for unit in units if unit.pk is not None and self.stood(unit.pk, day)]
        units = stood or units
        named = [unit for unit in units if self._went_by(unit, text, day)]
        return named or units

    def _went_by(self, unit: Unit, text: str, day: date) -> bool:
        return any(
            called.pk == unit.pk and called.holds(day)
            for form in (matching(text), short_form(text))
            for called in self._called.get(form, ())
        )

    def _take(self, cells: Cells, line: Line, name: str, typed: str, pk: int) -> None:
        organization, day = self._rows[pk], line.day
        line.organization = organization
        if day is None:
            return
        if not self.stood(pk, day):
            self._say_not_standing(cells, name, typed, organization, day)
            return
        first = self._recorded.get(pk)
        since = timezone.localdate(first) if first else None
        if since is not None and day >= since:
            message = (
                f"{organization.called}从 {since} 起已经在这里记活动，"
                f"{day} 这一次不算往年的。请到“记一次”里补记。"
            )
            cells.error("held_on", "recorded_here", cells.shown("held_on"), message)
        self._find_group(cells, line, organization, day)

    def _say_not_standing(
        self, cells: Cells, name: str, typed: str, organization: Organization, day: date
    ) -> None:
        before = [self._rows[pk] for pk in self._before[organization.pk] if pk in self._rows]
        held = [row for row in before if self.stood(row.pk, day)]
        if held:
            listed = _NAMED.join(f"{row.name}（{row.code}）" for row in held[:3])
            message = (
                f"{day} 那天还没有{organization.called}，是它的前身：{listed}。"
                "记录归当时的组织，请改写成前身的名称或代码。"
            )
            cells.error(name, "predecessor_then", typed, message)
            return
        message = (
            f"{day} 那天{organization.called}还没有成立或已经撤销。"
            "请核对日期；成立日期登记错了的，先到组织页改。"
        )
        cells.error(name, "not_standing", typed, message)

    def _find_group(self, cells: Cells, line: Line, organization: Organization, day: date) -> None:
        typed = cells.text("group")
        if not typed:
            return
        groups = self._groups.get((organization.pk, matching(typed)), [])
        found = [g for g in groups if g.since <= day and (g.until is None or day < g.until)]
        found = found or groups  # a roster says no more than that a group is there now
        if len(found) == 1:
            line.group = found[0]
            return
        line.extra.append(f"党小组：{typed}")
        message = (
            f"{organization.called}没有叫“{typed}”的党小组，记在支部名下，小组名放进内容里。"
            "要算到小组的，先到组织页登记这个小组。"
        )
        cells.warning("group", "unknown_group", typed, message)


def organizations_of(lines: Sequence[Line]) -> dict[int, Organization]:
    return {line.organization.pk: line.organization for line in lines if line.organization}
