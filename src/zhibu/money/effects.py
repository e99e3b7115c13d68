"""What the outcome of a procedure does to the money of a case. The procedure's own steps have
judged who may; the book judges what must hold whoever asks.

Amounts are yuan; a whole number in a pack is one too. An effect is named by the step that runs
it: run twice, it has posted once. An optional amount that was not filled in posts nothing.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from zhibu.core.effects import Params, Unfit, effect
from zhibu.money import chart, claims, keeping, sums
from zhibu.money.keeping import Draft, Move, Terms, Work, about
from zhibu.money.models import LABOUR, LABOUR_UNIT, ZERO, Book, Entry
from zhibu.money.subjects import CASE

if TYPE_CHECKING:
    from zhibu.accounts.models import User

Amount = Decimal | int


class OfCase(Params):
    """What every effect on the book of a case is given."""

    case: int
    on: date


class OfStep(OfCase):
    """``turn``: the step that posts, by which it posts once."""

    turn: int


class OpenBook(OfCase):
    """``most_a_head``: yuan that one giver may pledge in a calendar year; ``days_a_head``: days of
    labour likewise. ``scheme``: the round that several books belong to, for the duplicate check."""

    organization: int
    title: str
    scheme: str = ""
    needs_plan: bool = True
    is_voluntary: bool = True
    most_a_head: Amount | None = None
    days_a_head: Amount | None = None
    basis: str = ""


class SetCeiling(OfStep):
    """``source``: what this one is planned to give (an account of the chart); the ceiling is the
    sum over all sources."""

    amount: Amount | None = None
    source: str = ""
    memo: str = ""


class Pledge(OfStep):
    """``apportioned``: it was laid on heads or households evenly, which is not voluntary.
    ``heads``: for how many people of a household it is given; the limit a head counts each."""

    party: str
    amount: Amount
    apportioned: bool = False
    heads: int = 1
    memo: str = ""
    slot: str = ""


class Receive(OfStep):
    """``source`` is an account of the chart: self-raised, subsidy, …; ``slot`` tells two receipts
    of one step from one source apart."""

    source: str
    amount: Amount | None = None
    party: str = ""
    memo: str = ""
    paper: str = ""
    slot: str = ""


class Pay(OfStep):
    """``use`` is an account of the chart: works, materials, wages, …"""

    use: str
    amount: Amount | None = None
    party: str = ""
    memo: str = ""
    paper: str = ""
    slot: str = ""


class AddQuantity(OfStep):
    """``what`` and ``unit`` make the quantity, ``title`` is its name on the page."""

    what: str
    title: str
    unit: str
    amount: Amount | None = None
    worker: str = ""
    memo: str = ""
    paper: str = ""


class PayClaims(OfStep):
    paper: str


class CloseBook(OfCase):
    note: str = ""


def _person(by: "User | None") -> "User":
    if by is None:
        raise Unfit({"": "钱账要有人经手，不能由程序自己记。"})
    return by


def _source(turn: int, *parts: str) -> str:
    return ":".join(["turn", str(turn), *parts])


def _known(code: str, known: list[chart.Known], name: str) -> str:
    codes = [one.code for one in known]
    if code not in codes:
        raise Unfit({name: f"没有这一项“{code}”，可用的有 {'、'.join(codes)}。"})
    return code


@effect("money.open_book", title="开一本账", params=OpenBook, for_packs=True, is_seen=True)
def open_book(params: OpenBook, by: "User | None", at: datetime) -> None:
    keeping.open_book(
        params.organization, title=params.title, opened_on=params.on,
        terms=Terms(
            needs_plan=params.needs_plan, is_voluntary=params.is_voluntary,
            most_a_head=_decimal(params.most_a_head), days_a_head=_decimal(params.days_a_head),
            basis=params.basis,
        ),
        subject=(CASE, params.case), scheme=params.scheme, by=_person(by), at=at,
    )  # fmt: skip


def _decimal(amount: Amount | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


@effect("money.set_ceiling", title="定预算上限", params=SetCeiling, for_packs=True)
def set_ceiling(params: SetCeiling, by: "User | None", at: datetime) -> None:
    """What a source is planned to give is ``amount`` from now on; what changes is an entry of its
    own."""
    if params.amount is None:
        return
    if params.source:
        _known(params.source, chart.sources(), "source")
    plan(
        about(CASE, params.case), Decimal(params.amount), on=params.on, memo=params.memo,
        planned=params.source, source=_source(params.turn, "plan", params.source),
        by=_person(by), at=at,
    )  # fmt: skip


def plan(
    book: Book, amount: Decimal, *, on: date, memo: str, planned: str = "", source: str = "",
    by: "User", at: datetime,
) -> Entry | None:  # fmt: skip
    """Bring what ``planned`` (a source, "" for none in particular) is to give to a held book to
    ``amount``; None where it is that already."""
    if source and (known := Entry.objects.filter(source=source).first()):
        return known
    if amount < 0:
        raise Unfit({"amount": "预算不能是负数。"})
    code = chart.plan_for(planned)
    more = amount - sums.balances([book.pk])[book.pk].get(code, ZERO)
    if not more:
        return None
    sides = (chart.PLAN_SIDE, code) if more > 0 else (code, chart.PLAN_SIDE)
    draft = Draft(
        kind=Entry.Kind.PLAN, occurred=on, moves=[Move(*sides, abs(more))], memo=memo,
        source=source,
    )  # fmt: skip
    return keeping.post(book, draft, by=by, at=at)


@effect("money.pledge", title="登记认捐", params=Pledge, for_packs=True)
def pledge(params: Pledge, by: "User | None", at: datetime) -> None:
    promise(
        about(CASE, params.case), party=params.party, amount=Decimal(params.amount), on=params.on,
        apportioned=params.apportioned, heads=params.heads, memo=params.memo,
        source=_source(params.turn, "pledge", params.slot), by=_person(by), at=at,
    )  # fmt: skip


def promise(
    book: Book, *, party: str, amount: Decimal, on: date, apportioned: bool = False,
    heads: int = 1, memo: str = "", source: str = "", by: "User", at: datetime,
) -> Entry:  # fmt: skip
    """Take a voluntary pledge down in a held book; raises ``Unfit``."""
    party = party.strip()
    is_known = bool(source) and Entry.objects.filter(source=source).exists()
    faults = {} if is_known else keeping.judge_pledge(
        book, party=party, amount=amount, occurred=on, apportioned=apportioned, heads=heads
    )  # fmt: skip
    if faults:
        raise Unfit(faults)
    draft = Draft(
        kind=Entry.Kind.PROMISE, occurred=on,
        moves=[Move(chart.PROMISE_SIDE, chart.PROMISE, amount)], party=party, memo=memo,
        source=source,
    )  # fmt: skip
    return keeping.post(book, draft, by=by, at=at)


@effect("money.receive", title="登记收款", params=Receive, for_packs=True)
def receive(params: Receive, by: "User | None", at: datetime) -> None:
    if params.amount is None:
        return
    source = _known(params.source, chart.sources(), "source")
    draft = Draft(
        kind=Entry.Kind.RECEIPT, occurred=params.on,
        moves=[Move(chart.CASH, source, Decimal(params.amount))], party=params.party,
        memo=params.memo, paper=params.paper,
        source=_source(params.turn, "receive", source, params.slot),
    )  # fmt: skip
    keeping.post(about(CASE, params.case), draft, by=_person(by), at=at)


@effect("money.pay", title="登记付款", params=Pay, for_packs=True)
def pay(params: Pay, by: "User | None", at: datetime) -> None:
    """Refused beyond the ceiling and beyond what is there."""
    if params.amount is None:
        return
    use = _known(params.use, chart.uses(), "use")
    draft = Draft(
        kind=Entry.Kind.PAYMENT, occurred=params.on,
        moves=[Move(use, chart.CASH, Decimal(params.amount))], party=params.party,
        memo=params.memo, paper=params.paper,
        source=_source(params.turn, "pay", use, params.slot),
    )  # fmt: skip
    keeping.post(about(CASE, params.case), draft, by=_person(by), at=at)


@effect("money.add_quantity", title="登记工程量", params=AddQuantity, for_packs=True)
def add_quantity(params: AddQuantity, by: "User | None", at: datetime) -> None:
    if params.amount is None:
        return
    unit = LABOUR_UNIT if params.what == LABOUR else params.unit
    work = Work(
        what=params.what, title=params.title, unit=unit, amount=Decimal(params.amount),
        occurred=params.on, worker=params.worker, memo=params.memo, paper=params.paper,
        source=_source(params.turn, "work", params.what, unit),
    )  # fmt: skip
    keeping.measure(about(CASE, params.case), work, by=_person(by), at=at)


@effect("money.pay_claims", title="按清单发放", params=PayClaims, for_packs=True)
def pay_claims(params: PayClaims, by: "User | None", at: datetime) -> None:
    """Everybody on the list who was not paid; an empty list is refused."""
    book = about(CASE, params.case)
    if not book.claims.filter(withdrawn_at=None).exists():
        raise Unfit({"": "清单上没有人，先在钱账里登记发放清单。"})
    claims.pay(book, occurred=params.on, paper=params.paper, by=_person(by), at=at)


@effect("money.close_book", title="封账", params=CloseBook, for_packs=True)
def close_book(params: CloseBook, by: "User | None", at: datetime) -> None:
    book = about(CASE, params.case)
    if book.is_open:
        keeping.close(book, on=params.on, note=params.note, by=_person(by), at=at)
