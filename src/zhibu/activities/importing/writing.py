"""Writing the meetings of past years, invisible; and what is derived from them afterwards."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Q

from zhibu.activities.actions import occasions_of
from zhibu.activities.importing.checking import NAME, Book
from zhibu.activities.importing.lines import Line, as_activity, as_participations
from zhibu.activities.models import PARTS, Activity, Decision, KindOf, Participation
from zhibu.core import bulk
from zhibu.core.verdicts import Refused, no
from zhibu.duties import actions as duties
from zhibu.duties.models import Credit
from zhibu.imports.targets import Check
from zhibu.imports.writing import Lines, Writer, lines_of
from zhibu.ledger.protection import Children
from zhibu.organizations.models import Organization


@dataclass(slots=True)
class _Ready:
    """Meetings made ready outside the turn; ``written`` are the rows of their parts."""

    lines: Sequence[Line]
    activities: list[Activity]
    written: dict[str, Children] = field(default_factory=dict)


def count(check: Check) -> int:
    book: Book = check.made[NAME]
    return len(book.kept())


def write(check: Check, writer: Writer) -> None:
    """Write the meetings in the order of the workbook."""
    book: Book = check.made[NAME]

    def prepare(piece: Sequence[Line]) -> _Ready:
        batch, by_id = writer.batch.pk, check.by.pk
        return _Ready(
            piece, [as_activity(line, batch=batch, by_id=by_id, at=writer.at) for line in piece]
        )

    writer.run(book.kept(), prepare=prepare, write=_write, after=_digests, first=100)


def _write(ready: _Ready) -> None:
    bulk.create(Activity, ready.activities)
    made: dict[str, list[Any]] = {"kinds": [], "participations": [], "decisions": []}
    for line, activity in zip(ready.lines, ready.activities, strict=True):
        made["kinds"] += [
            KindOf(
                activity_id=activity.pk,
                reference=kind.reference,
                title=kind.title,
                wording=kind.wording,
            )
            for kind in line.kinds
        ]
        made["participations"] += as_participations(line, activity)
        made["decisions"] += [
            Decision(activity_id=activity.pk, number=number, text=text)
            for number, text in enumerate(line.decisions, 1)
        ]
    for name, model in (
        ("kinds", KindOf), ("participations", Participation), ("decisions", Decision),
    ):  # fmt: skip
        bulk.create(model, made[name])
    ready.written = {name: _by_owner(name, made.get(name, ())) for name in PARTS}


def _by_owner(name: str, rows: Sequence[Any]) -> Children:
    """Rows of a part as the ledger reads them, by activity."""
    values = attrgetter("pk", *PARTS[name][1])
    found: dict[int, list[list[Any]]] = defaultdict(list)
    for row in rows:
        found[row.activity_id].append(list(values(row)))
    return found


def _digests(ready: _Ready) -> Lines:
    return lines_of(ready.activities, ready.written)


def conclude(check: Check, writer: Writer) -> None:
    """Look once more for what somebody else has recorded or brought in meanwhile.

    Whoever brings meetings in holds their organisations' rows, so that of two imports of
    the same book the second sees what the first has made.

    Raises:
        Refused: a meeting is on record by now.
    """
    book: Book = check.made[NAME]
    places = sorted({line.organization.pk for line in book.kept() if line.organization})
    if not places:
        return
    rows = Organization.all_rows.select_for_update(no_key=True).filter(pk__in=places)
    list(rows.order_by("pk").values_list("pk"))
    twice = _recorded_meanwhile(writer.batch.pk)
    if twice:
        raise Refused(no(f"没有导入：核对之后，{twice} 的会有人记过了。请再核对一次。"))


def _recorded_meanwhile(batch: int) -> str:
    """The first day of which the batch would make a second record at the same time; "" if none."""
    mine = KindOf.objects.filter(activity__batch=batch)
    places = Activity.all_rows.filter(batch=batch).values("organization")
    days = Activity.all_rows.filter(batch=batch).values("held_on")
    there = (
        KindOf.objects.filter(activity__organization__in=places, activity__held_on__in=days)
        .filter(activity__in=Activity.objects.took_place())
        .exclude(activity__batch=batch)
    )
    columns = ("activity__organization", "activity__group", "activity__starts_at", "reference")
    taken = set(there.values_list(*columns))
    if not taken:
        return ""
    same = sorted(row[2] for row in mine.values_list(*columns) if row in taken)
    return str(same[0].date()) if same else ""


def follow(batch: int, after: int, size: int, at: datetime) -> int | None:
    """What the next meetings of a batch count towards, however they stand by now."""
    rows = Activity.all_rows.filter(batch=batch, pk__gt=after).order_by("pk")
    numbers = list(rows.values_list("pk", flat=True)[:size])
    if not numbers:
        return None
    held = Activity.all_rows.select_for_update(of=("self",), no_key=True).filter(pk__in=numbers)
    duties.credit_many(occasions_of(list(held.order_by("pk"))), at=at)
    return numbers[-1]


def homes(batch: int) -> set[int]:
    """Organisations whose duties the batch's meetings ticked: theirs, and their people's."""
    rows = Activity.all_rows.filter(batch=batch)
    found = set(rows.values_list("organization", flat=True).distinct())
    mine = Q(activity__batch=batch, person__home__isnull=False)
    people = Participation.objects.filter(mine).exclude(status="absent")
    found |= set(people.values_list("person__home", flat=True).distinct())
    for role in ("chair", "speaker"):
        led = rows.filter(**{f"{role}__home__isnull": False})
        found |= set(led.values_list(f"{role}__home", flat=True).distinct())
    return {pk for pk in found if pk is not None}


def hide(batch: int) -> None:
    """What is being taken back counts for nothing any more."""
    mine = Activity.all_rows.filter(batch=batch).values("pk")
    Credit.objects.filter(source_id__in=mine).delete()
