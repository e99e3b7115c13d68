"""What a commission costs before it is sent, and what came back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, Prefetch, QuerySet, Value, When
from django.utils import timezone

from zhibu.adoptions.queries import items_in_force
from zhibu.assignments import asked
from zhibu.assignments.commissions import Target
from zhibu.assignments.models import Answer, Assignment, Commission
from zhibu.core import fields, measures
from zhibu.core.dates import Duration
from zhibu.core.paths import ancestors, under
from zhibu.organizations.models import Organization, Post
from zhibu.packs.schema.assignment_forms import AskedField, AssignmentForm
from zhibu.people.models import Holding, Person

LATELY = timedelta(days=365)
SUMMED = ("number", "quantity", "money")


def forms_offered(organization: Organization, on: date) -> dict[str, AssignmentForm]:
    """Forms of the packs in force here on a day, by ``publisher/slug:item@day``."""
    held = items_in_force(organization, on, "assignment-forms")
    return {
        f"{item.reference}@{item.wording.since}": item.wording.item
        for item in held["assignment-forms"]
        if isinstance(item.wording.item, AssignmentForm)
    }


def units(
    organization: Organization, *, kinds: Collection[str], in_fields: Collection[str], on: date
) -> QuerySet[Organization]:
    """Organisations of these kinds below ``organization``, by code; itself never."""
    rows = Organization.objects.filter(under(organization.path), kind__in=kinds)
    rows = rows.exclude(pk=organization.pk).standing_on(on)
    return (rows.filter(field__in=in_fields) if in_fields else rows).in_order()


def posts(found: Sequence[Organization], kind: str, on: date) -> list[Target]:
    """The post of this kind in each unit; a unit without it is left out. One query."""
    rows = Post.objects.standing_on(on).filter(organization__in=found, kind=kind, group=None)
    by_unit = {post.organization_id: post for post in rows.order_by("-pk")}
    return [Target(unit, by_unit[unit.pk]) for unit in found if unit.pk in by_unit]


def holders(targets: Sequence[Target], on: date) -> dict[Target, int]:
    """Who has to do it: the post's holder, else whoever holds the unit's first post. One query."""
    rows = (
        Holding.objects.in_post_on(on)
        .filter(post__organization__in=[target.unit.pk for target in targets], post__group=None)
        .order_by("-post__rank", "-pk")
        .values_list("post", "post__organization", "person")
    )
    by_post: dict[int, int] = {}
    by_unit: dict[int, int] = {}
    for post, unit, holder in rows:
        by_post[post], by_unit[unit] = holder, holder
    found = {}
    for target in targets:
        person = by_post.get(target.post.pk) if target.post else by_unit.get(target.unit.pk)
        if person is not None:
            found[target] = person
    return found


def candidates(assignment: Assignment, on: date) -> list[tuple[int, str]]:
    """Whom a unit may name: its people and the holders of its posts, by number. Two queries."""
    home = Person.objects.belonging_to(assignment.organization_id, on)
    in_post = Holding.objects.in_post_on(on).filter(post__organization=assignment.organization_id)
    holding = Person.objects.filter(pk__in=in_post.values("person"))
    found = dict(home.values_list("pk", "name")) | dict(holding.values_list("pk", "name"))
    return sorted(found.items())


def open_first(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """``rows`` with those in hand first, nearest day first."""
    is_open = Case(
        When(state=Assignment.State.OPEN, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return rows.order_by(is_open, "due_on", "pk")


# --- before it is sent


@dataclass(frozen=True, slots=True)
class Known:
    """A field that need not be asked: what the system has, or who asked for it lately."""

    title: str
    where: str


@dataclass(frozen=True, slots=True)
class Burden:
    """What a commission asks of those below it: fields × units × minutes."""

    fields: int
    units: int
    minutes: int
    known: list[Known] = field(default_factory=list)

    @property
    def answers(self) -> int:
        return self.fields * self.units

    @property
    def hours(self) -> Decimal:
        """Of all units together, to one place."""
        return (Decimal(self.units * self.minutes) / 60).quantize(Decimal("0.1"))


def burden(
    organization: Organization, specs: Sequence[AskedField], *, units: int, minutes: int, on: date
) -> Burden:
    """What it costs those below, and which of its fields exist already. Two queries."""
    return Burden(len(specs), units, minutes, _known(organization, specs, on))


def _plain(title: str) -> str:
    return "".join(c for c in title if c.isalnum())


def _alike(one: str, other: str) -> bool:
    """Whether two titles name the same: one within the other, two characters at least."""
    short, long = sorted((_plain(one), _plain(other)), key=len)
    return len(short) >= 2 and short in long


def _known(organization: Organization, specs: Sequence[AskedField], on: date) -> list[Known]:
    kept = [str(f.verbose_name) for m in (Person, Organization) for f in m._meta.concrete_fields
            if f.editable and f.choices is None]  # fmt: skip
    counted = [measures.get(name).title for name in measures.names() if asked.fills(name)]
    lately = _asked_lately(organization, on)
    found = []
    for spec in specs:
        if spec.known:
            continue
        for title in counted:
            if _alike(spec.title, title):
                found.append(Known(spec.title, f"系统里有指标“{title}”，选“自动填”就不用下面数"))
        for title in kept:
            if _alike(spec.title, title):
                found.append(Known(spec.title, f"名册里有“{title}”，直接导出就有"))
        for commission, title in lately:
            if _alike(spec.title, title):
                day = timezone.localdate(commission.made_at)
                who = commission.organization.called
                found.append(Known(spec.title, f"{who} {day} 的“{commission.title}”要过“{title}”"))
    return found


def _asked_lately(organization: Organization, on: date) -> list[tuple[Commission, str]]:
    """Fields of what reached the same units within a year: from here, above or below."""
    rows = Commission.objects.filter(
        under(organization.path, "organization__path")
    ) | Commission.objects.filter(organization__path__in=ancestors(organization.path))
    rows = rows.filter(made_at__date__gt=on - LATELY, withdrawn_at=None)
    rows = rows.select_related("organization").order_by("-made_at")
    return [(commission, spec.title) for commission in rows[:100] for spec in commission.asked]


def filled(
    specs: Sequence[AskedField], organization: Organization, due_on: date, on: date
) -> dict[str, measures.Figure]:
    """What the system knows of the fields that a measure answers, by field id: of a return due
    on ``due_on``, as of ``on``."""
    return {
        spec.id: asked.figure(spec, organization.pk, due_on, on)
        for spec in specs
        if spec.known and spec.known in measures.names()
    }


# --- what came back


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of a commission as of a day: its state, and its answer unless sent back."""

    assignment: Assignment
    answer: Answer | None
    shape: str
    word: str
    is_late: bool
    is_stale: bool
    cells: list[str]

    @property
    def is_back(self) -> bool:
        """Given and waiting, or done; what was sent back is not."""
        return self.shape in ("late", "done", "after")

    @property
    def is_owed(self) -> bool:
        return self.shape != "exempt"


def rows(commission: Commission, on: date) -> list[Row]:
    """Every unit, by code. Two queries, whatever the number."""
    found = (
        commission.assignments.by_unit()
        .select_related("organization", "owner", "accountable", "post")
        .prefetch_related(Prefetch("answers", Answer.objects.order_by("number")))
    )
    specs = commission.asked
    return [_row(commission, specs, assignment, on) for assignment in found]


def _row(
    commission: Commission, specs: Sequence[AskedField], assignment: Assignment, on: date
) -> Row:
    answers = list(assignment.answers.all())
    last = answers[-1] if answers else None
    judged = next((a for a in reversed(answers) if a.state != Answer.State.DRAFT), None)
    is_sent_back = judged is not None and judged.state == Answer.State.SENT_BACK
    answer = None if is_sent_back else judged
    came_at = answer.at if answer else assignment.closed_at
    is_late = came_at is not None and timezone.localdate(came_at) > assignment.due_on
    shape, word = _shape(assignment, is_sent_back=is_sent_back, is_late=is_late, on=on)
    return Row(
        assignment, answer, shape, word, is_late, _is_stale(commission, assignment, last, on),
        [said(spec, answer.content if answer else {}) for spec in specs],
    )  # fmt: skip


def _shape(
    assignment: Assignment, *, is_sent_back: bool, is_late: bool, on: date
) -> tuple[str, str]:
    states = Assignment.State
    if assignment.state == states.CANCELLED:
        return "exempt", "不用办了"
    if assignment.state == states.DONE:
        return ("after", "逾期办好") if is_late else ("done", "办好了")
    if assignment.state == states.ANSWERED:
        return ("late", "逾期交的，等收") if is_late else ("late", "交了，等收")
    if is_sent_back:
        return ("overdue" if assignment.due_on < on else "open"), "退回了"
    return ("overdue", "没交") if assignment.due_on < on else ("open", "还没交")


def _is_stale(
    commission: Commission, assignment: Assignment, last: Answer | None, on: date
) -> bool:
    """Open, and nothing new for longer than the form allows."""
    if not commission.stale_after or assignment.state != Assignment.State.OPEN:
        return False
    moved = timezone.localdate(last.at if last else assignment.made_at)
    return Duration.parse(commission.stale_after).after(moved) < on


def said(spec: AskedField, values: Mapping[str, Any]) -> str:
    """A stored value as a page says it; "" where nothing was given."""
    stored = values.get(spec.id)
    if stored is None:
        return ""
    kind = fields.get(spec.type)
    return kind.show(spec, kind.load(stored))


def totals(commission: Commission, found: Sequence[Row]) -> list[str]:
    """Under each column of figures its sum over what was given; "" under the others."""
    sums = []
    for spec in commission.asked:
        kind = fields.get(spec.type)
        given = [
            kind.load(row.answer.content[spec.id])
            for row in found
            if row.answer is not None and spec.id in row.answer.content
        ]
        sums.append(kind.show(spec, sum(given)) if spec.type in SUMMED and given else "")
    return sums


def exported(commission: Commission, row: Row) -> list[Any]:
    """One unit's line in the workbook."""
    task = row.assignment
    values = row.answer.content if row.answer else {}
    cells: list[Any] = [
        task.organization.code, task.organization.name,
        task.accountable.name if task.accountable else "", task.owner.name if task.owner else "",
        row.word, timezone.localdate(row.answer.at) if row.answer else None,
    ]  # fmt: skip
    for spec in commission.asked:
        kind, stored = fields.get(spec.type), values.get(spec.id)
        cells.append(None if stored is None else kind.export(spec, kind.load(stored)))
    return cells
