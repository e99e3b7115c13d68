"""What is owed and what was done, as Ibis expressions over whole columns.

Nothing here knows a database: the same expressions run on DuckDB for a county and may run
on a larger engine. ``Tables`` gives the columns by name (see ``reading``), ``keep`` lets the
engine hold a result that several others read.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import ibis

Keep = Callable[[str, Any], Any]
KEY = ("holder_kind", "holder_id", "pack", "duty", "period_since")
VALUES = (
    "organization_id", "wording", "period_until", "due_on", "closes_on", "required", "applies",
    "is_exempt", "done", "done_on", "held_late", "entered_late",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What occurs among the rules at all: what does not is left out of the expressions.

    ``holders``: kinds of holders, by their place in ``HOLDERS``. ``is_contested``: more than
    one rule may give the same obligation. ``is_tightened``: some rule may be tightened.
    """

    holders: Collection[int]
    is_contested: bool
    is_tightened: bool


class Tables(SimpleNamespace):
    """Columns by the name of their table."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def concerned(t: Any, shape: Shape, keep: Keep) -> Any:
    """Which rule concerns which organisation, with the tightenings that reach it.

    Where it stood on the judged day it stood below an adopting organisation (or one that
    this guides), its kind and 领域 fit, and it still stood on the period's last day.
    """
    days = t.rule.select(day="judged").union(t.rule.select(day="last"), distinct=True)
    placed, top = t.placement, t.top
    standing = keep(
        "standing",
        placed.join(days, [placed.since <= days.day, days.day < placed.until]).select(
            "organization", "path", "day"
        ),
    )
    tops = standing.join(
        top,
        [
            standing.organization == top.organization,
            top.since <= standing.day,
            standing.day < top.until,
        ],
    ).select("adoption", standing.day, top_path=standing.path)
    below = standing.join(tops, [standing.day == tops.day, standing.path.startswith(tops.top_path)])
    reached = keep(
        "reached",
        below.select(tops.adoption, standing.day, standing.organization)
        .distinct()
        .join(t.organization, [("organization", "id")])
        .join(t.of_field, ["adoption", "field"])
        .select("adoption", "day", "organization", "kind"),
    )
    lasting = standing.select(last="day", organization="organization")
    found = (
        t.rule.join(reached, ["adoption", ("judged", "day")])
        .join(t.of_kind, ["wording", "kind"])
        .semi_join(lasting, ["organization", "last"])
        .drop("kind")
    )
    if not shape.is_tightened:
        return found.mutate(asked=ibis.literal(""))
    reaching = _reaching(found, reached, t.candidate)
    joined = found.left_join(reaching, ["rule", "organization"])
    return joined.select(*found.columns, asked=ibis.coalesce(reaching.asked, ""))


def _reaching(found: Any, reached: Any, candidate: Any) -> Any:
    """Which tightenings reach an organisation that a rule concerns: their numbers, 3,17."""
    asked = found.select("rule", "organization", "judged").join(candidate, "rule")
    return (
        asked.join(
            reached,
            [
                asked.adoption == reached.adoption,
                asked.judged == reached.day,
                asked.organization == reached.organization,
            ],
        )
        .select(asked.rule, asked.organization, number=asked.candidate)
        .group_by(["rule", "organization"])
        .agg(asked=ibis._.number.cast("string").group_concat(",", order_by=ibis._.number))
    )


def owed(t: Any, shape: Shape, keep: Keep) -> Any:
    """Every obligation there must be, ``obligation`` its number, before anything is counted.

    In numbers only: ``item`` is the duty whatever its wording, ``holder_kind`` the place of
    the holder's kind in ``HOLDERS``.
    """
    rows = t.concerned.join(t.terms, ["rule", "asked"]).join(t.wording, "wording")
    met = t.met.filter(~t.met.is_person).select(
        "wording", judged="day", organization="id", meets=True
    )
    rows = rows.left_join(met, ["wording", "judged", "organization"])
    rows = rows.mutate(applies=~rows.has_when | rows.meets.fill_null(False))
    if len(shape.holders) > 1:
        rows = keep("worded", rows)
    parts = {
        ITSELF: lambda: _of_themselves(rows),
        GROUP: lambda: _of_holders(rows, t.party_group, GROUP),
        POST: lambda: _of_holders(rows, t.post, POST),
        PERSON: lambda: _of_people(rows, t),
    }
    held = keep("held", _union([parts[kind]() for kind in sorted(shape.holders)]))
    refining = held.filter(held.refines >= 0).select("organization", "refines", "since").distinct()
    kept = held
    if shape.is_contested:
        once = held.group_by(["holder_kind", "holder", "item", "since"]).agg(rule=held.rule.min())
        kept = held.semi_join(once, ["holder_kind", "holder", "item", "since", "rule"])
    kept = kept.anti_join(refining, ["organization", ("item", "refines"), "since"])
    freed = t.exempt.mutate(is_exempt=True)
    kept = kept.left_join(freed, ["holder_kind", "holder", "item", "since"])
    return kept.select(
        *_CARRIED,
        "holder",
        is_exempt=ibis._.is_exempt.fill_null(False),
        obligation=ibis.row_number().over(ibis.window()),
    )


ITSELF, GROUP, POST, PERSON = range(4)
_CARRIED = (
    "rule", "wording", "item", "organization", "holder_kind", "refines", "since", "until",
    "due_on", "closes_on", "required", "applies",
)  # fmt: skip


def _union(parts: Sequence[Any]) -> Any:
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


def _of_themselves(rows: Any) -> Any:
    own = rows.filter(rows.holder_kind == ITSELF)
    return own.select(*_CARRIED, holder=own.organization)


def _of_holders(rows: Any, holders: Any, kind: int) -> Any:
    """Groups, or posts of the kind a duty names, that last from the judged to the last day."""
    own = rows.filter(rows.holder_kind == kind)
    fits = [
        own.organization == holders.organization,
        holders.since <= own.judged,
        own.last < holders.until,
    ]
    if kind == POST:
        fits.append(own.post == holders.kind)
    return own.join(holders, fits).select(*(own[name] for name in _CARRIED), holder=holders.holder)


def _of_people(rows: Any, t: Any) -> Any:
    """Those at home there who meet the duty's ``who`` on the judged and on the last day."""
    own = rows.filter(rows.holder_kind == PERSON)
    stay = t.stay
    who = t.met.filter(t.met.is_person).select("wording", "day", "id")
    at_home = own.join(
        stay,
        [
            own.organization == stay.organization,
            stay.since <= own.judged,
            own.last < stay.until,
        ],
    ).select(*(own[name] for name in _CARRIED), own.judged, own.last, holder=stay.holder)
    return (
        at_home.semi_join(who, ["wording", ("judged", "day"), ("holder", "id")])
        .semi_join(who, ["wording", ("last", "day"), ("holder", "id")])
        .select(*_CARRIED, "holder")
    )


def counted(t: Any, shape: Shape, keep: Keep) -> Any:
    """What counts for each obligation: how many, and when the needed number was held and entered.

    An activity stands once, whichever of its kinds were reported; where something is required
    on the occasion, only one that had all of it. Credits meet obligations by kind and calendar
    month (``counts_in``), and by the days themselves within.
    """
    credit = t.credit.join(t.kind, "kind").drop("kind")
    credit = credit.mutate(month=credit.credited_on.year() * 12 + credit.credited_on.month())
    wanted = t.owed.join(t.counts_in, "rule").select(*_WANTED)
    parts = {POST: lambda: _by_post(wanted, credit, t.holding),
             PERSON: lambda: _by_person(wanted, credit, t.present)}  # fmt: skip
    found = [parts[kind]() for kind in sorted(shape.holders) if kind in parts]
    if set(shape.holders) & {ITSELF, GROUP}:
        found.append(_by_organization(wanted, credit))
    rows = _union(found).left_join(t.complete.mutate(is_complete=True), ["wording", "items"])
    rows = rows.filter(~rows.has_gate | rows.is_complete.fill_null(False))
    rows = keep("counting", rows.select("obligation", "source_id", "is_alone", "required", *_DAYS))
    several = (
        rows.filter(~rows.is_alone)
        .group_by(["obligation", "source_id", "required"])
        .agg(held_on=ibis._.held_on.min(), entered_on=ibis._.entered_on.min())
        .select("obligation", "required", *_DAYS)
    )
    return _reached(
        ibis.union(rows.filter(rows.is_alone).select("obligation", "required", *_DAYS), several)
    )


def _reached(rows: Any) -> Any:
    """The days on which the needed number was reached; of one needed, simply the first."""
    first = rows.group_by("obligation").agg(
        done=ibis._.count(),
        needed=ibis._.required.max(),
        first_held=ibis._.held_on.min(),
        first_entered=ibis._.entered_on.min(),
    )
    more = rows.filter(rows.required > 1)
    ranked = more.mutate(
        held_rank=ibis.row_number().over(group_by="obligation", order_by="held_on"),
        entered_rank=ibis.row_number().over(group_by="obligation", order_by="entered_on"),
    )
    nth = ranked.group_by("obligation").agg(
        nth_held=ibis._.held_on.max(where=ibis._.held_rank == ibis._.required - 1),
        nth_entered=ibis._.entered_on.max(where=ibis._.entered_rank == ibis._.required - 1),
    )
    both = first.left_join(nth, "obligation")
    is_nth = both.needed > 1
    return both.select(
        "obligation",
        "done",
        done_on=ibis.ifelse(is_nth, both.nth_held, both.first_held),
        last_entered_on=ibis.ifelse(is_nth, both.nth_entered, both.first_entered),
    )


_DAYS = ("held_on", "entered_on")
_WANTED = (
    "obligation", "holder_kind", "holder", "organization", "way", "since", "until", "wording",
    "has_gate", "is_alone", "required", "month", "kind_number",
)  # fmt: skip
_COUNTED = ("source_id", "held_on", "entered_on", "items")


def _matched(rows: Any, credit: Any, *fits: Any) -> Any:
    """Credits of the right kind that fall in the period of each of ``rows``."""
    return rows.join(
        credit,
        [
            *fits,
            rows.kind_number == credit.kind_number,
            rows.month == credit.month,
            rows.since <= credit.credited_on,
            credit.credited_on < rows.until,
        ],
    ).select(
        *(rows[name] for name in ("obligation", "wording", "has_gate", "is_alone", "required")),
        *(credit[name] for name in _COUNTED),
    )


def _by_organization(wanted: Any, credit: Any) -> Any:
    """What the organisation held itself, or the group where a group owes it."""
    own = wanted.filter(wanted.holder_kind <= GROUP)
    own = own.mutate(held_by=ibis.ifelse(own.holder_kind == GROUP, own.holder, 0))
    credit = credit.mutate(held_by=credit.group_id.fill_null(0))
    return _matched(
        own, credit, own.organization == credit.organization_id, own.held_by == credit.held_by
    )


def _spoken(credit: Any) -> Any:
    """Credits by who spoke and by who chaired: person, way."""
    columns = [*_COUNTED, "kind_number", "month", "credited_on"]
    return ibis.union(
        *(
            credit.filter(credit[who].notnull()).select(
                *columns, person=credit[who], way=ibis.literal(way)
            )
            for way, who in (("speaker", "speaker_id"), ("chair", "chair_id"))
        )
    )


def _by_post(wanted: Any, credit: Any, holding: Any) -> Any:
    """What whoever held the post on the day spoke at, or chaired."""
    own = wanted.filter(wanted.holder_kind == POST)
    said = _spoken(credit)
    held = own.join(holding, own.holder == holding.post).select(
        *(own[name] for name in own.columns),
        holding.person,
        held_since=holding.since,
        held_until=holding.until,
    )
    return _matched(
        held,
        said,
        held.person == said.person,
        held.way == said.way,
        held.held_since <= said.held_on,
        said.held_on < held.held_until,
    )


def _by_person(wanted: Any, credit: Any, present: Any) -> Any:
    """What somebody spoke at, chaired, or was at, anywhere."""
    own = wanted.filter(wanted.holder_kind == PERSON)
    attended = credit.join(present, credit.source_id == present.source).select(
        *(credit[name] for name in (*_COUNTED, "kind_number", "month", "credited_on")),
        person=present.person,
        way=ibis.literal("present"),
    )
    said = ibis.union(_spoken(credit), attended)
    return _matched(own, said, own.holder == said.person, own.way == said.way)


def obligations(t: Any) -> Any:
    """Every obligation with what was done, in the columns in which it is stored."""
    words = t.wording.select("wording", "holder_word", "pack", "duty", "worded")
    rows = t.owed.join(words, "wording").left_join(t.counted, "obligation")
    return rows.select(
        "pack",
        "duty",
        "due_on",
        "closes_on",
        "required",
        "applies",
        "is_exempt",
        holder_kind="holder_word",
        holder_id="holder",
        period_since="since",
        period_until="until",
        organization_id="organization",
        wording="worded",
        done=rows.done.fill_null(0),
        done_on="done_on",
        held_late=(rows.done_on > rows.due_on).fill_null(False),
        entered_late=(rows.done_on.notnull() & (rows.last_entered_on > rows.closes_on)).fill_null(
            False
        ),
    )


def figures(rows: Any, on: Any) -> Any:
    """Numerator and denominator of every duty and period that has begun, as of ``on``.

    Exempt and not applicable ones are in neither.
    """
    begun = rows.filter(rows.period_since <= ibis.literal(on))
    is_owed = begun.applies & ~begun.is_exempt
    return (
        begun.group_by(["pack", "duty", "period_since"])
        .agg(
            owed=is_owed.sum(),
            done=(is_owed & (begun.done_on <= ibis.literal(on)).fill_null(False)).sum(),
        )
        .order_by(["pack", "duty", "period_since"])
    )


def differing(evaluated: Any, stored: Any) -> Any:
    """Rows on which the two sides do not say the same, with what each says.

    ``in_evaluated`` and ``in_stored`` tell where the obligation is at all.
    """
    left, right = evaluated.mutate(there=True), stored.mutate(there=True)
    both = left.outer_join(right, [left[name] == right[name] for name in KEY])
    same = [left[name].identical_to(right[name]) for name in ("there", *VALUES)]
    is_same = same[0]
    for one in same[1:]:
        is_same = is_same & one
    return both.filter(~is_same).select(
        **{name: ibis.coalesce(left[name], right[name]) for name in KEY},
        **{f"evaluated_{name}": left[name] for name in VALUES},
        **{f"stored_{name}": right[name] for name in VALUES},
        in_evaluated=left.there.fill_null(False),
        in_stored=right.there.fill_null(False),
    )
