"""Columns out of the database, as Arrow tables. Read inside ``core.snapshot.reading``."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from django.db.models import IntegerField, QuerySet, TextField
from django.db.models.functions import Cast

from zhibu.core import presence
from zhibu.core.dates import Period
from zhibu.duties import counting
from zhibu.duties.models import Credit, Exemption, Obligation
from zhibu.insight.whole.rules import HOLDERS, Rules
from zhibu.organizations.models import Field, Guidance, Organization, PartyGroup, Placement, Post
from zhibu.people.models import Belonging, Holding

NEVER, EVER = date(1, 1, 1), date(9999, 12, 31)
CHUNK = 10_000  # ids named in one query

TEXT, NUMBER, DAY, FLAG = pa.string(), pa.int64(), pa.date32(), pa.bool_()
Schema = Sequence[tuple[str, Any]]

STORED = (
    ("holder_kind", TEXT), ("holder_id", NUMBER), ("pack", TEXT), ("duty", TEXT),
    ("period_since", DAY), ("organization_id", NUMBER), ("wording", DAY), ("period_until", DAY),
    ("due_on", DAY), ("closes_on", DAY), ("required", NUMBER), ("applies", FLAG),
    ("is_exempt", FLAG), ("done", NUMBER), ("done_on", DAY), ("held_late", FLAG),
    ("entered_late", FLAG),
)  # fmt: skip


def arrow(rows: Iterable[Sequence[Any]], schema: Schema) -> pa.Table:
    """Rows turned into columns."""
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(column, type_) for column, (_, type_) in zip(columns, schema, strict=True)],
        names=[name for name, _ in schema],
    )


def _columns(rows: QuerySet[Any], schema: Schema) -> pa.Table:
    """The named columns, JSON as it is written.

    Days come as text and flags as numbers: making Python's own of each took most of the time.
    """
    written: dict[Any, tuple[Any, Any]] = {DAY: (TEXT, TextField()), FLAG: (NUMBER, IntegerField())}
    asked: list[Any] = [
        Cast(name, written[kind][1]) if kind in written else name for name, kind in schema
    ]
    asked = [Cast("items", TextField()) if name == "items" else name for name in asked]
    found = arrow(
        rows.order_by().values_list(*asked).iterator(chunk_size=20_000),
        [(name, written[kind][0] if kind in written else kind) for name, kind in schema],
    )
    return found.cast(pa.schema(list(schema)))


def _over(rows: QuerySet[Any], schema: Schema, *paths: str, until: str = "until") -> pa.Table:
    """Rows that hold over ``[since, until)``, open ones for ever; ``paths`` lead to ``schema``."""
    found = rows.values_list(*paths, "since", until)
    return arrow(
        ((*told, since, ended or EVER) for *told, since, ended in found.iterator(20_000)),
        (*schema, ("since", DAY), ("until", DAY)),
    )


def facts(rules: Rules) -> dict[str, pa.Table]:
    """Every table the expressions read, by name.

    A dozen queries; one a condition, test and day; for people one more a ``CHUNK`` of them.
    """
    organizations = list(Organization.objects.values_list("pk", "kind", "field"))
    stays = _stays(rules)
    people = stays["holder"].unique().to_pylist()
    credit = _columns(Credit.objects.all(), CREDIT)
    return {
        **said(rules),
        "organization": arrow(organizations, (("id", NUMBER), ("kind", TEXT), ("field", TEXT))),
        "placement": _over(
            Placement.objects.all(), (("organization", NUMBER), ("path", TEXT)),
            "organization", "path",
        ),
        "top": _tops(rules),
        "party_group": _over(
            PartyGroup.objects.all(), (("holder", NUMBER), ("organization", NUMBER)),
            "pk", "organization",
        ),
        "post": _over(
            Post.objects.filter(group=None),
            (("holder", NUMBER), ("organization", NUMBER), ("kind", TEXT)),
            "pk", "organization", "kind",
        ),
        "holding": _over(
            Holding.objects.all(), (("post", NUMBER), ("person", NUMBER)), "post", "person",
            until="ended_on",
        ),
        "stay": stays,
        "met": _met(rules, [pk for pk, _, _ in organizations], people),
        "exempt": _exempt(rules),
        "credit": credit,
        "complete": _complete(rules, credit["items"].unique().to_pylist()),
        "present": _present(rules, people),
    }  # fmt: skip


CREDIT = (
    ("source_id", NUMBER), ("organization_id", NUMBER), ("group_id", NUMBER), ("kind", TEXT),
    ("held_on", DAY), ("credited_on", DAY), ("entered_on", DAY), ("items", TEXT),
    ("speaker_id", NUMBER), ("chair_id", NUMBER),
)  # fmt: skip


def said(rules: Rules) -> dict[str, pa.Table]:
    """What packs and adoptions say."""
    numbered = list(enumerate(rules.duties))
    items = rules.items()
    kinds = sorted({kind for duty in rules.duties for kind in duty.fulfilled_by})
    kind_numbers = {kind: number for number, kind in enumerate(kinds)}
    return {
        "rule": arrow(
            (
                (r.number, r.adoption, r.wording, r.judged, r.period.since, r.period.until,
                 r.period.last_day, r.due_on)
                for r in rules.rules
            ),
            (("rule", NUMBER), ("adoption", NUMBER), ("wording", NUMBER), ("judged", DAY),
             ("since", DAY), ("until", DAY), ("last", DAY), ("due_on", DAY)),
        ),
        "wording": arrow(
            (
                (n, items[rules.reference(n)], HOLDERS.index(duty.holder), duty.post or "",
                 items.get(duty.refines or "", -1), duty.when is not None,
                 duty.holder, *rules.reference(n).split(":"), rules.wordings[n][1].since)
                for n, duty in numbered
            ),
            (("wording", NUMBER), ("item", NUMBER), ("holder_kind", NUMBER), ("post", TEXT),
             ("refines", NUMBER), ("has_when", FLAG),
             ("holder_word", TEXT), ("pack", TEXT), ("duty", TEXT), ("worded", DAY)),
        ),
        "counts_in": arrow(
            (
                (r.number, month, kind_numbers[kind], duty.credited_through or "present",
                 bool(duty.required_items), len(set(duty.fulfilled_by)) == 1)
                for r in rules.rules
                for duty in (rules.duty(r.wording),)
                for month in _months(r.period)
                for kind in dict.fromkeys(duty.fulfilled_by)
            ),
            (("rule", NUMBER), ("month", NUMBER), ("kind_number", NUMBER), ("way", TEXT),
             ("has_gate", FLAG), ("is_alone", FLAG)),
        ),
        "kind": arrow(kind_numbers.items(), (("kind", TEXT), ("kind_number", NUMBER))),
        "of_kind": arrow(
            ((n, kind) for n, duty in numbered for kind in dict.fromkeys(duty.applies_to)),
            (("wording", NUMBER), ("kind", TEXT)),
        ),
        "of_field": arrow(
            (
                (n, value)
                for n, adoption in enumerate(rules.adoptions)
                for value in dict.fromkeys(adoption.fields or ["", *Field.values])
            ),
            (("adoption", NUMBER), ("field", TEXT)),
        ),
        "candidate": arrow(
            ((c.rule, c.number, c.adoption) for some in rules.candidates.values() for c in some),
            (("rule", NUMBER), ("candidate", NUMBER), ("adoption", NUMBER)),
        ),
    }  # fmt: skip


def _months(period: Period) -> range:
    """The calendar months a period touches, counted from the year 0."""
    first, last = period.since, period.last_day
    return range(first.year * 12 + first.month, last.year * 12 + last.month + 1)


def _exempt(rules: Rules) -> pa.Table:
    """Who is freed from which duty in which period; what no rule knows is left out."""
    items = rules.items()
    rows = Exemption.objects.filter(withdrawn_at=None, holder_kind__in=HOLDERS).values_list(
        "holder_kind", "holder_id", "pack", "duty", "period_since"
    )
    return arrow(
        (
            (HOLDERS.index(kind), holder, items[f"{pack}:{duty}"], since)
            for kind, holder, pack, duty, since in rows
            if f"{pack}:{duty}" in items
        ),
        EXEMPT,
    )


EXEMPT = (("holder_kind", NUMBER), ("holder", NUMBER), ("item", NUMBER), ("since", DAY))


def _tops(rules: Rules) -> pa.Table:
    """Below whom an adoption holds, and while: its own organisation, or those it guides."""
    guided = list(Guidance.objects.values_list("guide", "organization", "since", "until"))
    found: list[tuple[int, int, date, date]] = []
    for number, adoption in enumerate(rules.adoptions):
        if adoption.reach == adoption.Reach.SUBTREE:
            found.append((number, adoption.organization_id, NEVER, EVER))
        else:
            found += [
                (number, led, since, until or EVER)
                for guide, led, since, until in guided
                if guide == adoption.organization_id
            ]
    return arrow(
        found, (("adoption", NUMBER), ("organization", NUMBER), ("since", DAY), ("until", DAY))
    )


def _stays(rules: Rules) -> pa.Table:
    """Who was at home where, and when; nobody where no rule asks for people."""
    rows = Belonging.objects.filter(kind=Belonging.Kind.HOME)
    if not any(duty.is_personal for duty in rules.duties):
        rows = rows.none()
    return _over(rows, (("holder", NUMBER), ("organization", NUMBER)), "person", "organization")


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _met(rules: Rules, organizations: Sequence[int], people: Sequence[int]) -> pa.Table:
    """Who meets which wording's conditions on which day: asked of ``core.predicates``."""
    known: dict[tuple[str, str, date], set[int]] = {}
    found: list[tuple[int, bool, date, int]] = []
    for wording, subject, condition, day in rules.conditions():
        key = (subject, condition.model_dump_json(), day)
        if key not in known:
            everybody = organizations if subject == "organization" else people
            asked = (condition.satisfied_by(some, day) for some in _chunks(everybody))
            known[key] = set().union(*asked)
        found += [(wording, subject == "person", day, pk) for pk in known[key]]
    return arrow(found, MET)


MET = (("wording", NUMBER), ("is_person", FLAG), ("day", DAY), ("id", NUMBER))


def _complete(rules: Rules, written: Collection[str]) -> pa.Table:
    """Which sets of items, as they are written down, hold all that a wording requires."""
    found = []
    for number, duty in enumerate(rules.duties):
        reference = rules.reference(number)
        needed = {counting.item_token(reference, item) for item in duty.required_items}
        found += [(number, text) for text in written if needed <= set(json.loads(text))]
    return arrow(found, (("wording", NUMBER), ("items", TEXT)))


def _present(rules: Rules, people: Sequence[int]) -> pa.Table:
    """Who was at which activity, of those and of such as count for people."""
    kinds = sorted(
        kind
        for duty in rules.duties
        if duty.holder == "person" and duty.credited_through not in ("speaker", "chair")
        for kind in duty.fulfilled_by
    )
    since = min((rule.period.since for rule in rules.rules), default=EVER)
    pairs = (pair for some in _chunks(people) for pair in presence.of(some, kinds, since))
    return arrow(pairs, (("source", NUMBER), ("person", NUMBER)))


def stored() -> pa.Table:
    """Obligations as they are stored, of the holders and triggers that are evaluated here."""
    return _columns(_evaluated(), STORED)


def left_out() -> int:
    """How many stored obligations are not evaluated here: of pairs, or reckoned from a day."""
    return _everybodys().count() - _evaluated().count()


def _everybodys() -> QuerySet[Obligation]:
    return Obligation.objects.filter(organization__in=Organization.objects.all())


def _evaluated() -> QuerySet[Obligation]:
    return _everybodys().filter(ground_on=None, holder_kind__in=HOLDERS)
