"""What the outcome of a procedure writes into a register. The procedure's own steps have judged
who may; these keep what must hold whoever asks."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from zhibu.core import caps
from zhibu.core.effects import Foreseen, Params, Unfit, effect
from zhibu.core.fields import FieldSpec
from zhibu.core.verdicts import Refused, no, require
from zhibu.organizations.actions import hold
from zhibu.organizations.models import Organization
from zhibu.packs.meaning import find
from zhibu.packs.schema.registers import Register
from zhibu.registers import actions, drafts, rules
from zhibu.registers.drafts import SINCE, UNTIL, Faulty
from zhibu.registers.models import Row, RowQuerySet
from zhibu.registers.queries import wording_on

if TYPE_CHECKING:
    from zhibu.accounts.models import User


ONE = timedelta(days=1)


class OpenRow(Params):
    """``book``: pack:register. The row is of ``organization`` and holds over
    ``[since, until)``; ``columns`` are stored values by column."""

    book: str
    organization: int
    since: date
    until: date | None = None
    columns: dict[str, Any] = {}


class CloseRow(Params):
    """The one row of ``organization`` in ``book`` that holds on the day before ``until``, about
    ``person`` or that very ``row`` where they are given: ended, so that it is the first day that
    does not count."""

    book: str
    organization: int
    until: date
    reason: str
    person: int | None = None
    row: int | None = None
    ended_as: str = ""


def columns_of(constants: Mapping[str, Any], packs: Any) -> Mapping[str, FieldSpec] | None:
    """The columns of the register that a pack binds by ``constants``; None where it names none."""
    wordings = find(str(constants.get("book", "")), "registers", packs)
    if not wordings:
        return None
    assert isinstance(wordings[-1].item, Register)
    return {spec.id: spec for spec in wordings[-1].item.columns}


ALIKE = 3  # named on the page


def foresee(params: Mapping[str, Any], user: "User") -> list[Foreseen]:
    """What the row would meet: how much room its caps leave, and rows that look like it, of those
    that ``user`` sees. About four queries where there are caps, one for what looks like it."""
    since, place = params.get("since"), params.get("organization")
    if since is None or place is None:
        return []
    wording = wording_on(str(params["book"]), since)
    if wording is None:
        return []
    rule = wording[1].item
    assert isinstance(rule, Register)
    organization = Organization.objects.select_related("parent").get(pk=place)
    entry = caps.Entry(str(params["book"]), organization, since, params.get("columns", {}))
    found = [
        Foreseen(f"{room.in_words()}{'，满了' if room.is_full else ''}。依据 {room.cited}。")
        for room in caps.rooms(entry)
    ]
    if rule.alike is not None:
        rows = drafts.alike(rule, entry).visible_to(user).select_related("organization")
        cited = wording[0].citation((rule.alike.cites or rule.cites)[0])
        found += [
            Foreseen(
                f"{rule.alike.says}：{row.organization.called} {row.since} “{row.title}”。"
                f"依据 {cited}。",
                row.get_absolute_url(),
            )
            for row in rows[:ALIKE]
        ]
    return found


@effect(
    "registers.open_row", title="在台账里登记一行", params=OpenRow, for_packs=True,
    columns=columns_of, foresees=foresee,
)  # fmt: skip
def open_row(params: OpenRow, by: "User | None", at: datetime) -> None:
    """Refused where there can be no such row of that organisation, unfit where it cannot stand so:
    a key that is taken, a column that lacks, a cap that is reached."""
    found = wording_on(params.book, params.since)
    if found is None:
        raise Refused(no(f"不能登记：{params.since} 那天还没有台账 {params.book}。"))
    _, wording = found
    assert isinstance(wording.item, Register)
    organization = actions.held(params.organization, wording.item, params.book, params.since)
    require(rules.may_hold(organization, wording.item))
    try:
        actions.begin(
            organization, params.columns, (params.since, params.until), register=params.book,
            wording=wording.since, by=by, at=at,
        )  # fmt: skip
    except Faulty as faulty:
        said = f"不能登记到“{wording.item.title}”："
        raise Unfit({_param(name): said + text for name, text in faulty.faults.items()}) from faulty


def _param(place: str) -> str:
    """The parameter in which a place of a row was given."""
    return place if place in (SINCE, UNTIL) else f"columns.{place}"


@effect("registers.close_row", title="结束台账里的一行", params=CloseRow, for_packs=True)
def close_row(params: CloseRow, by: "User | None", at: datetime) -> None:
    """Refused where there is no such row, or more than one."""
    place = hold(params.organization)
    found = list(_holding(params).select_for_update(of=("self",)).order_by("pk")[:2])
    if len(found) != 1:
        what = "不止一行，分不清是哪一行" if found else "没有这样的一行"
        raise Refused(no(f"不能结束：{place.called}的台账 {params.book} 里{what}。"))
    try:
        actions.end(
            found[0], until=params.until, reason=params.reason, ended_as=params.ended_as,
            by=by, at=at,
        )  # fmt: skip
    except Faulty as faulty:
        raise Refused(no(f"不能结束台账里的一行：{faulty}")) from faulty


def _holding(params: CloseRow) -> RowQuerySet:
    """Open rows that hold on the day before ``until``."""
    rows = Row.objects.valid_on(params.until - ONE).filter(
        organization=params.organization, register=params.book, state=Row.State.OPEN
    )
    if params.person is not None:
        rows = rows.filter(mentions__person=params.person, mentions__is_subject=True)
    if params.row is not None:
        rows = rows.filter(pk=params.row)
    return rows
