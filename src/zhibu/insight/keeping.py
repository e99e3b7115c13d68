"""Tables over many organisations: counted by the worker, kept, and counted anew.

A kept table belongs to what it was asked of (organisation, with or without what lies below,
question), never to whoever asked: each reading first finds the organisation within the
reader's reach, and only then looks here.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zhibu.core.verdicts import require
from zhibu.insight import rules
from zhibu.insight.counting import Figures, counted
from zhibu.insight.models import KeptTable, State
from zhibu.insight.queries import windows
from zhibu.insight.questions import Question
from zhibu.insight.scopes import Scope, scope_of
from zhibu.insight.subjects import SUBJECTS
from zhibu.ledger.models import Entry

if TYPE_CHECKING:
    from zhibu.accounts.models import User

MANY = 500  # organisations, from which on the worker counts
FRESH_FOR = timedelta(minutes=10)
LOST_AFTER = timedelta(minutes=10)  # a count that has not come by then may be asked for again
RENEWED_FOR = timedelta(days=30)


def is_large(scope: Scope) -> bool:
    """Whether the scope holds so many organisations that the worker counts."""
    return scope.is_whole and (scope.size or 0) >= MANY


def spec_of(question: Question, today: date) -> str:
    """The question as it is kept: with no day where it asks for today."""
    asked_on = "" if question.scope.on == today else question.scope.on.isoformat()
    return question.address(on=asked_on, organization="")


def found(question: Question, today: date) -> KeptTable | None:
    """The kept table that answers ``question``, counted or still to be. One query."""
    scope = question.scope
    rows = KeptTable.objects.filter(organization=scope.top, is_whole=scope.is_whole)
    return rows.filter(spec=spec_of(question, today)).first()


def answered(question: Question, kept: KeptTable) -> tuple[Question, Figures] | None:
    """What was counted, and the question as of the day it was counted for.

    None before the first time. One query where that day is not the question's.
    """
    if kept.figures is None or kept.true_on is None:
        return None
    if kept.true_on != question.scope.on:
        question = _on(question, kept.true_on)
    return question, Figures.of_json(kept.figures)


def _on(question: Question, day: date) -> Question:
    scope = question.scope
    window = windows(day)[question.window_id]
    return replace(question, scope=scope_of(scope.top, window, is_whole=scope.is_whole))


def question_of(kept: KeptTable, today: date) -> Question:
    """The question a kept table answers, asked of ``today`` where it names no day. One query."""
    asked = dict(parse_qsl(kept.spec))
    subject = SUBJECTS[asked["subject"]]
    row = subject.dimension(asked["row"])
    assert row is not None
    day = date.fromisoformat(asked["on"]) if "on" in asked else today
    scope = scope_of(kept.organization, windows(day)[asked["window"]], is_whole=kept.is_whole)
    return Question(subject, row, subject.dimension(asked["column"]), scope, asked["window"])


@transaction.atomic
def ask(question: Question, *, by: "User", at: datetime) -> tuple[KeptTable, bool]:
    """Have a table counted, or counted anew; whether it was not on its way already.

    Nothing is recorded in the ledger: a kept table is derived.

    Raises:
        Refused: ``rules.may_count`` refuses.
    """
    scope = question.scope
    require(rules.may_count(by, scope.top, is_whole=scope.is_whole))
    kept, is_new = KeptTable.objects.select_for_update().get_or_create(
        organization=scope.top,
        is_whole=scope.is_whole,
        spec=spec_of(question, timezone.localdate(at)),
        defaults={"asked_at": at},
    )
    if not is_new and kept.is_busy and kept.asked_at > at - LOST_AFTER:
        return kept, False
    kept.state, kept.asked_at, kept.done, kept.steps = State.WAITING, at, 0, 0
    kept.save(update_fields=["state", "asked_at", "done", "steps"])
    return kept, True


def count(kept: KeptTable, *, at: datetime) -> KeptTable:
    """Count a kept table and keep what came out. Each step is written down at once.

    The newest entry of the ledger is looked up before counting: what comes later makes the
    table stale.
    """
    rows = KeptTable.objects.filter(pk=kept.pk)

    def step(done: int, steps: int) -> None:
        rows.update(state=State.COUNTING, done=done, steps=steps)

    entry = _newest_entry()
    question = question_of(kept, timezone.localdate(at))
    figures = counted(question, step)
    rows.update(
        state=State.READY,
        figures=figures.as_json(),
        true_on=question.scope.on,
        made_at=at,
        entry=entry,
    )
    return rows.get()


def is_stale(kept: KeptTable, at: datetime) -> bool:
    """Whether something was recorded, or the day has turned, since it was counted. A query
    once it is ``FRESH_FOR`` old."""
    if kept.made_at is None or kept.made_at > at - FRESH_FOR:
        return False
    has_turned = kept.asks_for_today and kept.true_on != timezone.localdate(at)
    return has_turned or kept.entry != _newest_entry()


def stale(at: datetime) -> list[KeptTable]:
    """What is to be counted anew on its own: ready, stale, and asked for in ``RENEWED_FOR``."""
    rows = KeptTable.objects.filter(state=State.READY, asked_at__gt=at - RENEWED_FOR)
    return [kept for kept in rows.select_related("organization") if is_stale(kept, at)]


def forget(at: datetime) -> int:
    """Drop what nobody has asked for in ``RENEWED_FOR``; how many."""
    old = KeptTable.objects.filter(asked_at__lte=at - RENEWED_FOR)
    gone, _ = old.exclude(Q(state=State.WAITING) | Q(state=State.COUNTING)).delete()
    return gone


def _newest_entry() -> int:
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
