"""Those on the way into the Party, this year beside the last, and how many were planned."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count

from zhibu.core.dates import add_months
from zhibu.insight.models import AdmissionPlan
from zhibu.insight.queries import windows
from zhibu.insight.questions import Question
from zhibu.insight.scopes import Scope, scope_of
from zhibu.insight.subjects import POOL, SUBJECTS
from zhibu.people.models import State

STEPS = (*POOL, State.FULL)
WORDS = {
    State.APPLICANT: "递交入党申请", State.ACTIVIST: "确定为积极分子",
    State.DEVELOPMENT_OBJECT: "列为发展对象", State.PROBATIONARY: "接收为预备党员",
    State.FULL: "转为正式党员",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of this year beside that of the same day last year. ``rows`` and ``rows_before``
    are the query strings of the lists behind them."""

    title: str
    count: int
    before: int
    rows: str
    rows_before: str

    @property
    def change(self) -> str:
        """+10 (+5.0%); without a share where there was nobody before."""
        more = self.count - self.before
        share = f"（{more / self.before:+.1%}）" if self.before else ""
        return f"{more:+d}{share}" if more else "一样"


@dataclass(frozen=True, slots=True)
class Pool:
    """``there``: who is at each stage on the day; ``steps``: who took a step this year so far;
    ``plan`` None where none was set. Steps are of different people and are never divided."""

    there: list[Line]
    steps: list[Line]
    plan: AdmissionPlan | None
    admitted: int


def pool(scope: Scope) -> Pool:
    """Five queries, whatever the size."""
    year_ago = _of(scope, add_months(scope.on, -12))
    now = replace(scope, window=windows(scope.on)["year"])
    steps = _lines("steps", STEPS, now, year_ago, WORDS)
    plan = AdmissionPlan.objects.filter(organization=scope.top, year=scope.on.year).first()
    admitted = next(line.count for line, state in zip(steps, STEPS, strict=True)
                    if state == State.PROBATIONARY)  # fmt: skip
    labels = {state: state.label for state in POOL}
    return Pool(_lines("pool", POOL, now, year_ago, labels), steps, plan, admitted)


def _of(scope: Scope, on: date) -> Scope:
    """The same place over the year up to ``on``. One query."""
    window = windows(on)["year"]
    return replace(scope_of(scope.top, window), is_whole=scope.is_whole)


def _lines(subject: str, states: Any, now: Scope, before: Scope, words: Any) -> list[Line]:
    counts, counts_before = _counted(subject, now), _counted(subject, before)
    return [
        Line(
            str(words[state]), counts.get(state, 0), counts_before.get(state, 0),
            _rows(subject, now, state), _rows(subject, before, state),
        )
        for state in states
    ]  # fmt: skip


def _counted(subject: str, scope: Scope) -> dict[str, int]:
    """Rows of a subject by state. One query."""
    known = SUBJECTS[subject]
    key = known.dimensions[0].key(scope)
    rows = known.rows(scope).order_by().annotate(by=key).values("by").annotate(n=Count("pk"))
    return dict(rows.values_list("by", "n"))


def _rows(subject: str, scope: Scope, state: str) -> str:
    question = Question(SUBJECTS[subject], SUBJECTS[subject].dimensions[0], None, scope, "year")
    return f"{question.address()}&{urlencode({'in_row': state})}"
