"""What is owed and done below a place: figures that open to the rows behind them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from zhibu.core.dates import add_months, period_of
from zhibu.core.paths import under
from zhibu.duties import queries as duties
from zhibu.duties import spans
from zhibu.duties.models import Obligation
from zhibu.organizations.models import Organization
from zhibu.organizations.queries import subtree_on
from zhibu.packs import library
from zhibu.packs.schema.duties import Duty

# Worst first: what a cell over several holders shows.
ORDER = ("overdue", "open", "late", "after", "done", "exempt", "not_applicable")


@dataclass(frozen=True, slots=True)
class Window:
    """Periods that begin up to ``on`` and end after ``since``."""

    since: date
    on: date
    label: str


def windows(on: date) -> dict[str, Window]:
    """The spans a committee looks at, by id: this month, this quarter, this year, last year."""
    month, quarter, year = (period_of(on, every) for every in ("month", "quarter", "year"))
    last = period_of(add_months(year.since, -12), "year")
    return {
        "month": Window(month.since, on, f"{month.label(on)}"),
        "quarter": Window(quarter.since, on, f"{quarter.label(on)}至今"),
        "year": Window(year.since, on, f"{year.label(on)}至今"),
        "last-year": Window(last.since, last.last_day, f"{last.label(on)}全年"),
    }


@dataclass(frozen=True, slots=True)
class Column:
    """A duty in a period: done and owed over the whole scope, as of the day.

    ``is_yearly``: its periods begin on days of their own, a year of them stands together.
    """

    pack: str
    duty: str
    since: date
    title: str
    period: str
    done: int
    owed: int
    is_yearly: bool = False

    @property
    def key(self) -> tuple[str, str, date]:
        return (self.pack, self.duty, self.since)

    @property
    def id(self) -> str:
        """For the address of its list: publisher/slug:duty@day."""
        return f"{self.pack}:{self.duty}@{self.since.isoformat()}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One organisation's state in one column. ``word`` says n/m where it has several holders."""

    shape: str
    word: str
    obligation_id: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One organisation across the columns. ``summary`` is what is still to do: state, words."""

    organization: Organization
    cells: list[Cell]
    summary: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Organisations by duties. ``done`` and ``owed`` add the columns up."""

    columns: list[Column]
    rows: list[Row]
    done: int
    owed: int


def scope(path: str, window: Window, *, fields: Collection[str] = ()) -> QuerySet[Obligation]:
    """Obligations below ``path`` in the window; those of one kind of 领域 if asked."""
    rows = begun(window).filter(under(path, "organization__path"))
    return rows.filter(organization__field__in=fields) if fields else rows


def scope_on(
    top: Organization, window: Window, day: date, *, fields: Collection[str] = ()
) -> QuerySet[Obligation]:
    """The same below ``top`` as the tree stood on ``day``. One query more."""
    rows = Obligation.objects.filter(
        organization__in=subtree_on([top.pk], day),
        period_since__lte=window.on,
        period_until__gt=window.since,
    )
    return rows.filter(organization__field__in=fields) if fields else rows


def begun(window: Window) -> QuerySet[Obligation]:
    """Obligations of every organisation whose period touches the window."""
    return Obligation.objects.filter(period_since__lte=window.on, period_until__gt=window.since)


def columns(obligations: QuerySet[Obligation], on: date) -> list[Column]:
    """Every duty and period in the scope, by duty and then by period. One query."""
    rows: Any = (
        obligations.values("pack", "duty", "period_since", "period_until", "wording")
        .annotate(**figure(on))
        .order_by("pack", "duty", "period_since")
    )
    known = library.packs()
    found: dict[tuple[str, str, date], Column] = {}
    for row in rows:
        duty = _duty(known, row)
        if duty is None:
            continue
        since, period = _bucket(duty, row["period_since"], row["period_until"], on)
        key = (row["pack"], row["duty"], since)
        before = found.get(key)
        found[key] = Column(
            pack=row["pack"],
            duty=row["duty"],
            since=since,
            title=duty.short or duty.title,
            period=period,
            done=row["done"] + (before.done if before else 0),
            owed=row["owed"] + (before.owed if before else 0),
            is_yearly=bool(duty.after or duty.before),
        )
    return list(found.values())


def figure(on: date) -> dict[str, Any]:
    """A figure's two numbers as of ``on``: exempt and not applicable ones are in neither."""
    owed = Q(applies=True, is_exempt=False)
    return {
        "owed": Count("pk", filter=owed),
        "done": Count("pk", filter=owed & Q(done_on__lte=on)),
    }


def counted(obligations: QuerySet[Obligation], on: date) -> tuple[int, int]:
    """How many are owed, and how many of these are done. One query."""
    found = obligations.order_by().aggregate(**figure(on))
    return found["owed"], found["done"]


def _bucket(duty: Duty, since: date, until: date, on: date) -> tuple[date, str]:
    """First day and label of the column a period stands in.

    What is reckoned from days of their own (before a term ends, after a meeting) would make
    a column a day: it stands in one for the year.
    """
    if duty.after or duty.before:
        year = period_of(since, "year")
        return year.since, year.label(on)
    return since, spans.label(duty, spans.of(duty, since, until), on)


def in_column(rows: QuerySet[Obligation], since: date) -> QuerySet[Obligation]:
    """Those of ``rows``, all of one duty, that stand in the column of ``since``."""
    first = rows.filter(ground_on__isnull=False).first()
    duty = _duty(library.packs(), vars(first)) if first else None
    if duty and (duty.after or duty.before):
        year = period_of(since, "year")
        return rows.filter(period_since__gte=year.since, period_since__lt=year.until)
    return rows.filter(period_since=since)


def _duty(known: dict[str, Any], row: Any) -> Duty | None:
    pack = known.get(row["pack"])
    wording = pack.wording_on("duties", row["duty"], row["wording"]) if pack else None
    return wording.item if wording and isinstance(wording.item, Duty) else None


def organizations(
    obligations: QuerySet[Obligation], *, state: str = "", on: date
) -> QuerySet[Organization]:
    """Organisations in the scope, by code; only those with something in ``state`` if asked."""
    rows = obligations
    if state == "overdue":
        rows &= Obligation.objects.overdue(on)
    elif state == "open":
        rows &= Obligation.objects.waiting(on)
    elif state == "done":
        rows &= Obligation.objects.done(on)
    return Organization.objects.filter(Exists(rows.filter(organization=OuterRef("pk")))).in_order()


def matrix(obligations: QuerySet[Obligation], shown: Sequence[Organization], on: date) -> Matrix:
    """The given organisations across every column of the scope. Two queries."""
    heads = columns(obligations, on)
    by_year = {(head.pack, head.duty) for head in heads if head.is_yearly}
    by_cell: dict[tuple[int, str, str, date], list[Obligation]] = defaultdict(list)
    for row in obligations.filter(organization__in=shown):
        is_yearly = (row.pack, row.duty) in by_year
        since = period_of(row.period_since, "year").since if is_yearly else row.period_since
        by_cell[row.organization_id, row.pack, row.duty, since].append(row)
    rows = []
    for organization in shown:
        cells = [_cell(by_cell.get((organization.pk, *head.key), []), on) for head in heads]
        rows.append(Row(organization, cells, _summary(cells)))
    return Matrix(heads, rows, sum(h.done for h in heads), sum(h.owed for h in heads))


def _shape(row: Obligation, on: date) -> str:
    state = row.state_on(on)
    if state != "done":
        return state
    return "late" if row.entered_late else "after" if row.held_late else "done"


def _cell(rows: list[Obligation], on: date) -> Cell:
    if not rows:
        return Cell("not_applicable", "", None)
    shapes = {row.pk: _shape(row, on) for row in rows}
    worst = min(shapes.values(), key=ORDER.index)
    first = next(row for row in rows if shapes[row.pk] == worst)
    owed = [pk for pk, shape in shapes.items() if shape not in {"exempt", "not_applicable"}]
    word = ""
    if len(owed) > 1:
        done = sum(shapes[pk] in {"done", "late", "after"} for pk in owed)
        word = f"{done}/{len(owed)}"
    return Cell(worst, word, first.pk)


def _summary(cells: list[Cell]) -> list[tuple[str, str]]:
    """What stands on the phone's one line: 未办 1 待办 2, or 都办了."""
    found = []
    for shape, word in (("overdue", "未办"), ("open", "待办")):
        count = sum(c.shape == shape for c in cells)
        if count:
            found.append((shape, f"{word} {count}"))
    if not found and any(c.shape in {"done", "late", "after"} for c in cells):
        found.append(("done", "都办了"))
    return found or [("not_applicable", "")]


@dataclass(frozen=True, slots=True)
class Call:
    """An organisation that may need a hand: facts with their day, and its own word."""

    organization: Organization
    facts: list[str]
    own_word: str
    helpers: list[str]


def overdue_facts(
    obligations: QuerySet[Obligation], on: date
) -> dict[int, list[tuple[Obligation, str]]]:
    """What is past its day and not done, by organisation, oldest first.

    10月支委会没有记录（10月31日到期）. Four queries, whatever the number.
    """
    late = obligations & Obligation.objects.impersonal().overdue(on)
    found: dict[int, list[tuple[Obligation, str]]] = defaultdict(list)
    rows = late.order_by("organization__code", "due_on", "duty", "holder_id")
    for owed in duties.worded(list(rows), on):
        row = owed.obligation
        due = f"{row.due_on.month}月{row.due_on.day}日"
        text = f"{owed.period}{owed.holder}{owed.duty.short or owed.duty.title}"
        found[row.organization_id].append((row, f"{text}没有记录（{due}到期）"))
    return found
