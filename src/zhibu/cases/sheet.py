"""A table with one case a row: the empty one to fill in, and what a filled one says.

Headings are the pack's own titles. Everything that is wrong is told at once, by row and column.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from zhibu.cases.at_once import Draft
from zhibu.cases.models import Case
from zhibu.core import excel, fields, paths
from zhibu.core.fields import FieldSpec
from zhibu.core.intervals import on_day
from zhibu.imports import reading
from zhibu.imports.controls import plain, typed
from zhibu.imports.models import settled
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Procedure
from zhibu.people.models import Belonging, Holding, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

CODE, TITLE, OWNER = "组织代码", "事情", "责任人"
MOST = 10_000
CELLS = ("text", "long-text", "choice", "choices", "date", "money", "number", "quantity", "yes-no")


@dataclass(frozen=True, slots=True)
class Fault:
    """``row`` as the spreadsheet counts; ``column`` "" where the whole row is meant."""

    row: int
    column: str
    says: str


@dataclass
class Read:
    """Drafts with the rows they stand in, and what is wrong; ``known`` are rows that began
    before and are passed over."""

    drafts: list[Draft] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    known: int = 0


def fits(rule: Procedure) -> bool:
    """Whether a table can say all that the procedure asks at its beginning."""
    return not rule.is_begun_by_subject and all(spec.type in CELLS for spec in rule.fields)


def headings(rule: Procedure) -> list[str]:
    """Titles of the columns in order."""
    people = [rule.subject.title] if rule.subject else []
    people += [OWNER] if rule.has_owner else []
    return [CODE, *people, TITLE, *(spec.title for spec in rule.fields)]


def blank(rule: Procedure) -> bytes:
    """An .xlsx to fill in; a second sheet says what may stand in each column."""
    head = headings(rule)
    hints = [(spec.title, "要填" if spec.required else "可以不填", _allowed(spec))
             for spec in rule.fields]  # fmt: skip
    about = [("栏", 20), ("要不要填", 12), ("写什么", 60)]
    return excel.book(
        [
            excel.Sheet("事项", rule.title, [excel.Column(title, 20) for title in head], []),
            excel.Sheet(
                "怎么填", f"{rule.title}怎么填", [excel.Column(*one) for one in about], hints
            ),
        ]
    )


def _allowed(spec: FieldSpec) -> str:
    if spec.choices:
        titles = "、".join(choice.title for choice in spec.choices)
        return f"{titles}。{'可以写几个，用顿号隔开' if spec.type == 'choices' else '写一个'}"
    return {"date": "日期，例如 2026-12-31", "yes-no": "是、否"}.get(spec.type, spec.hint)


def read(
    content: bytes, rule: Procedure, reference: str, place: Organization, *, user: "User", on: date
) -> Read:
    """What the table says for ``place`` and below. A few queries, whatever the number of rows.

    Raises:
        reading.UnreadableFile: the file cannot be read at all.
    """
    found = Read()
    table = next(iter(reading.read(content).sheets), None)
    lines = list(enumerate(table.rows if table else [], 1))
    head = next((n for n, cells in lines if CODE in map(plain, cells)), 0)
    if not head:
        found.faults.append(Fault(1, "", f"没有找到标题行。要有一栏写“{CODE}”，请用样表。"))
        return found
    columns = {plain(title): at for at, title in enumerate(lines[head - 1][1])}
    lacking = [title for title in headings(rule) if title not in columns]
    found.faults += [Fault(head, title, f"没有“{title}”这一栏，请用样表。") for title in lacking]
    rows = [(n, cells) for n, cells in lines[head:] if any(map(plain, cells))]
    if len(rows) > MOST:
        found.faults.append(Fault(head, "", f"有 {len(rows)} 行，一次最多 {MOST} 行，请分开。"))
    if not rows:
        found.faults.append(Fault(head, "", "下面没有内容，一行写一件。"))
    if found.faults:
        return found
    asked = [(n, {title: _at(cells, at) for title, at in columns.items()}) for n, cells in rows]
    _drafts(found, asked, rule, place, user, on)
    _pass_over(found, reference, on)
    return found


def _at(cells: Sequence[Any], at: int) -> Any:
    return cells[at] if at < len(cells) else ""


def _drafts(
    found: Read, asked: Sequence[tuple[int, Mapping[str, Any]]], rule: Procedure,
    place: Organization, user: "User", on: date,
) -> None:  # fmt: skip
    seen = Organization.objects.visible_to(user).filter(paths.under(place.path, "path"))
    codes = {plain(cells[CODE]) for _, cells in asked}
    rows = seen.filter(code__in=codes, dissolved_on=None).select_related("parent")
    places = {row.code: row for row in rows}
    who = [title for title in (rule.subject.title if rule.subject else "",
                               OWNER if rule.has_owner else "") if title]  # fmt: skip
    names = {plain(cells[title]) for _, cells in asked for title in who}
    people = _people({row.pk for row in places.values()}, names - {""}, on) if names else {}
    for number, cells in asked:
        told = list(_row_faults(cells, rule, places, people, who))
        read_in, wrong = _values(cells, rule)
        found.faults += [Fault(number, column, says) for column, says in [*told, *wrong]]
        if told or wrong:
            continue
        home = places[plain(cells[CODE])]
        named = {title: people.get((home.pk, plain(cells[title])), []) for title in who}
        subject = named.get(rule.subject.title, []) if rule.subject else []
        found.rows.append(number)
        found.drafts.append(Draft(
            organization=home, title=plain(cells[TITLE]), values=read_in,
            person=subject[0] if subject else None,
            owner=named[OWNER][0] if rule.has_owner and named[OWNER] else None,
        ))  # fmt: skip


def _people(places: set[int], names: set[str], on: date) -> dict[tuple[int, str], list[Person]]:
    """Whom an organisation chooses from, by name: members of a branch, and holders of posts of
    others. Two queries."""
    found: dict[tuple[int, str], list[Person]] = defaultdict(list)
    homes = Belonging.objects.filter(
        on_day(on), settled("person__"), kind=Belonging.Kind.HOME, organization__in=places,
        person__name__in=names,
    )  # fmt: skip
    branches = set()
    for row in homes.select_related("person"):
        branches.add(row.organization_id)
        found[row.organization_id, row.person.name].append(row.person)
    held = Holding.objects.in_post_on(on).filter(
        post__organization__in=places - branches, person__name__in=names
    )
    for holding in held.select_related("person", "post"):
        known = found[holding.post.organization_id, holding.person.name]
        if holding.person not in known:
            known.append(holding.person)
    return found


def _row_faults(
    cells: Mapping[str, Any],
    rule: Procedure,
    places: Mapping[str, Organization],
    people: Mapping[tuple[int, str], Sequence[Person]],
    who: Sequence[str],
) -> Iterator[tuple[str, str]]:
    code, title = plain(cells[CODE]), plain(cells[TITLE])
    if not code:
        yield CODE, "写组织代码。"
    elif code not in places:
        yield CODE, f"没有找到代码“{code}”的组织，或者您管不到。请核对。"
    if not title:
        yield TITLE, "写是什么事，一句话。"
    elif len(title) > 100:
        yield TITLE, f"写了 {len(title)} 个字，最多 100 个字。"
    for column in who:
        name = plain(cells[column])
        if not name:
            yield column, f"写{column}的姓名。"
        elif code in places:
            known = people.get((places[code].pk, name), [])
            if not known:
                yield column, f"{places[code].called}没有找到“{name}”，请核对姓名。"
            elif len(known) > 1:
                yield column, f"{places[code].called}有 {len(known)} 个“{name}”，这一件请单独开始。"


def _values(
    cells: Mapping[str, Any], rule: Procedure
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What the fields say, cleaned as on the form, and what is wrong by column."""
    found, wrong = {}, []
    for spec in rule.fields:
        try:
            control: Any = fields.control(spec)
            found[spec.id] = control.clean(typed(spec, cells[spec.title]))
        except ValidationError as error:
            wrong.append((spec.title, "".join(error.messages)))
    return found, wrong


def _pass_over(found: Read, reference: str, on: date) -> None:
    """Leave out what began before, so that a table may be sent again. One query."""
    ids = {draft.organization.pk for draft in found.drafts}
    rows = Case.objects.filter(procedure=reference, started_on=on, organization__in=ids)
    gone = (Case.State.CANCELLED, Case.State.VOIDED)
    known = set(rows.exclude(state__in=gone).values_list("organization", "person", "title"))
    kept = [
        (draft, row)
        for draft, row in zip(found.drafts, found.rows, strict=True)
        if (draft.organization.pk, draft.person.pk if draft.person else None, draft.title)
        not in known
    ]
    found.known = len(found.drafts) - len(kept)
    found.drafts, found.rows = [draft for draft, _ in kept], [row for _, row in kept]
