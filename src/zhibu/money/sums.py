"""What accounts hold, added up in the database: exact, because amounts are whole fen there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Min, Sum

from zhibu.money import chart
from zhibu.money.models import ZERO, Line, Quantity, plain

Balances = Mapping[str, Decimal]


BOOK, ORGANIZATION = "entry__book_id", "entry__book__organization_id"


def balances(books: Any, by: str = BOOK) -> dict[int, dict[str, Decimal]]:
    """What the accounts of ``books`` (ids, or a query set of them) hold, by book or organisation
    and code, each on its own side: an asset or expense by its debits, the others by their credits.
    One without entries is left out of what a query set gives. Two queries, whatever the number."""
    found: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    if by == BOOK and not hasattr(books, "query"):
        found.update({pk: defaultdict(lambda: ZERO) for pk in books})
    for side, sign in (("debit", 1), ("credit", -1)):
        code = f"{side}__code"
        rows: Any = Line.objects.filter(entry__book__in=books).values(by, code)
        for key, name, total in rows.annotate(total=Sum("amount")).values_list(by, code, "total"):
            own = -sign if chart.get(name).kind in chart.CREDIT else sign
            found[key][name] += own * total
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a book stands, in yuan. ``plan``, the ceiling, is None where none was ever set;
    ``planned`` is how much of it each source is to give, by account of the plan."""

    plan: Decimal | None
    planned: Mapping[str, Decimal]
    pledged: Decimal
    received: Decimal
    paid: Decimal
    left: Decimal
    by_source: Mapping[str, Decimal]
    by_use: Mapping[str, Decimal]

    @property
    def unspent(self) -> Decimal | None:
        """What the ceiling still allows."""
        return None if self.plan is None else self.plan - self.paid

    @property
    def planned_pledges(self) -> Decimal:
        """What the plan counts on from the people themselves."""
        return self.planned.get(chart.plan_for(chart.SELF_RAISED), ZERO)

    @property
    def owed(self) -> Decimal:
        """Promised and not yet received."""
        return max(self.pledged - self.by_source.get(chart.SELF_RAISED, ZERO), ZERO)


def stands(held: Balances) -> Standing:
    by_source = {one.code: held[one.code] for one in chart.sources() if held.get(one.code)}
    by_use = {one.code: held[one.code] for one in chart.uses() if held.get(one.code)}
    planned = {one.code: held[one.code] for one in chart.plans() if one.code in held}
    return Standing(
        plan=sum(planned.values(), ZERO) if planned else None,
        planned=planned,
        pledged=held.get(chart.PROMISE, ZERO),
        received=sum(by_source.values(), ZERO),
        paid=sum(by_use.values(), ZERO),
        left=held.get(chart.CASH, ZERO),
        by_source=by_source,
        by_use=by_use,
    )


def total(parts: Iterable[Standing]) -> Standing:
    """Books added up; a ceiling only of those that have one."""
    known = list(parts)
    plans = [one.plan for one in known if one.plan is not None]
    return Standing(
        plan=sum(plans, ZERO) if plans else None,
        planned=_added(one.planned for one in known),
        pledged=sum((one.pledged for one in known), ZERO),
        received=sum((one.received for one in known), ZERO),
        paid=sum((one.paid for one in known), ZERO),
        left=sum((one.left for one in known), ZERO),
        by_source=_added(one.by_source for one in known),
        by_use=_added(one.by_use for one in known),
    )


def _added(parts: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for part in parts:
        for code, amount in part.items():
            found[code] += amount
    return dict(found)


@dataclass(frozen=True, slots=True)
class Done:
    """So much of one kind of work in one unit."""

    what: str
    title: str
    unit: str
    amount: Decimal

    @property
    def measured(self) -> str:
        return f"{plain(self.amount)} {self.unit}"


def quantities(books: Any) -> list[Done]:
    """What was done in ``books`` (ids, or a query set of them), by kind and unit, in the order in
    which each was first entered; what was taken back is gone. One query."""
    return [done for _, done in _done(books, ())]


def quantities_by_organization(books: Any) -> dict[int, list[Done]]:
    found: dict[int, list[Done]] = defaultdict(list)
    for (organization,), done in _done(books, ("book__organization_id",)):
        found[organization].append(done)
    return found


def _done(books: Any, keys: tuple[str, ...]) -> list[tuple[tuple[Any, ...], Done]]:
    rows: Any = Quantity.objects.filter(book__in=books).values(*keys, "what", "unit")
    rows = rows.annotate(total=Sum("amount"), title=Min("title"), first=Min("pk"))
    found = []
    for row in rows.order_by("first"):
        done = Done(row["what"], row["title"], row["unit"], row["total"])
        if done.amount:
            found.append((tuple(row[key] for key in keys), done))
    return found
