"""What an installation holds, and whatever of it is half; called inside it.

Looks at the rows themselves, past every manager that hides some.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.reliability.county import HOMES, IMPORTED, MEMBERS
from zhibu.activities.models import Activity
from zhibu.assignments.models import Assignment
from zhibu.core.jobs import Runner, reap
from zhibu.duties.models import Credit
from zhibu.imports import actions as imports
from zhibu.imports import targets
from zhibu.imports.models import BUSY, Batch
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry

WHOLE = {
    "kinds": 1, "participations": MEMBERS, "decisions": 1, "tasks": 1, "recorded": 1, "credits": 1,
}  # fmt: skip
ROWS = {"organizations.organization": HOMES + 1, "people.person": IMPORTED}


def reckon() -> dict[str, Any]:
    """Meetings, tasks, imports by number, and every thing that is half, in words."""
    batches = Batch.objects.order_by("pk").values_list("pk", "state", "report")
    return {
        "meetings": {a.pk: [a.version, a.theme] for a in Activity.objects.all()},
        "tasks": dict(Assignment.objects.values_list("pk", "state")),
        "imports": {pk: [state, report.get("message", "")] for pk, state, report in batches},
        "half": [*_half_meetings(), *_half_tasks(), *_entries_of_nothing(), *_half_imports()],
    }


def _entries(subject: str) -> dict[int, Counter[str]]:
    """How many entries of each kind there are, by the number of what they are about."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    rows = Entry.objects.filter(subject_type=subject).values_list("subject_id", "kind")
    for number, kind in rows:
        found[int(number)][kind.rpartition(":")[2]] += 1
    return found


def _half_meetings() -> Iterator[str]:
    entries = _entries("activities.activity")
    tasks = Counter(Assignment.objects.values_list("source_id", flat=True))
    credits_ = Counter(Credit.objects.values_list("source_id", flat=True))
    for row in Activity.objects.order_by("pk"):
        found = {
            "kinds": row.kinds.count(),
            "participations": row.participations.count(),
            "decisions": row.decisions.filter(is_vote=True, passed=True).count(),
            "tasks": tasks[row.pk],
            "recorded": entries[row.pk]["recorded"],
            "credits": credits_[row.pk],
        }
        if found != WHOLE:
            yield f"meeting {row.pk}: {found}"
        if not row.version - 1 == row.revisions.count() == entries[row.pk]["corrected"]:
            yield f"meeting {row.pk}: version {row.version}, {entries[row.pk]}"


def _half_tasks() -> Iterator[str]:
    entries = _entries("assignments.assignment")
    for pk, state in Assignment.objects.order_by("pk").values_list("pk", "state"):
        if entries[pk] != Counter({"made": 1} | ({"done": 1} if state == "done" else {})):
            yield f"task {pk}: {state}, {entries[pk]}"


def _entries_of_nothing() -> Iterator[str]:
    for model in (Activity, Assignment):
        known = set(model._base_manager.values_list("pk", flat=True))
        for number in sorted(_entries(model._meta.label_lower).keys() - known):
            yield f"entry of {model._meta.label_lower} {number}, which is not there"


def _half_imports() -> Iterator[str]:
    """Of each batch everything can be seen or nothing; of a settled one nothing else is left."""
    entries = _entries("imports.batch")
    for batch in Batch.objects.order_by("pk"):
        is_in = batch.state in {Batch.State.APPLIED, Batch.State.TAKING_BACK}
        if entries[batch.pk]["applied"] != (is_in or batch.undo_key is not None):
            yield f"import {batch.pk}: {batch.state}, {entries[batch.pk]}"
        for made in targets.makes():
            name = made.model._meta.label_lower
            seen = made.model._default_manager.filter(batch=batch.pk).count()
            left = made.model._base_manager.filter(batch=batch.pk).count()
            if seen != (ROWS.get(name, 0) if is_in else 0):
                yield f"import {batch.pk}: {batch.state}, {seen} of {name} seen"
            if not batch.is_busy and left != seen:
                yield f"import {batch.pk}: {batch.state}, {left} of {name} left"


def settled() -> dict[str, Any]:
    """What is there when a worker has done, by a later clock, what it does within minutes
    after all others died."""

    def later() -> datetime:
        return timezone.now() + timedelta(minutes=5)

    for _ in range(3):
        reap(later())
        imports.recover(later(), clock=later)
        Runner("settler").run_ready()
        ledger.seal(timezone.now())
    assert not Batch.objects.filter(state__in=BUSY).exists()
    return reckon()
