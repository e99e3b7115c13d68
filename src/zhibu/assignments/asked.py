"""What the fields of a return may be: ``core.fields``, some filled in from what is known."""

from collections.abc import Sequence
from datetime import date, timedelta

from pydantic import ValidationError

from zhibu.core import fields, measures, shapes
from zhibu.core.dates import Period, period_of
from zhibu.packs.schema.assignment_forms import AskedField


def faults(asked: Sequence[AskedField]) -> list[str]:
    """What is wrong with the fields of a return beyond their shape."""
    found = [problem for spec in asked for problem in fields.faults(spec)]
    ids = [spec.id for spec in asked]
    found += [f"字段 {name} 写了两次" for name in sorted({n for n in ids if ids.count(n) > 1})]
    for spec in asked:
        if not spec.known:
            continue
        if spec.type not in {"number", "quantity"}:
            found.append(f"字段 {spec.id} 不是数，不能自动填指标")
        elif spec.known not in measures.names():
            found.append(f"字段 {spec.id}：没有指标“{spec.known}”")
        elif wrong := _unfit(spec):
            found.append(f"字段 {spec.id}：指标“{spec.known}”{wrong}，不能自动填")
    return found


def _unfit(spec: AskedField) -> str:
    """Why the measure cannot be asked so; "" where it can."""
    found = measures.get(spec.known)
    if found.grain != "organization":
        return "说的不是组织"
    try:
        found.params.model_validate(spec.known_with)
    except ValidationError as error:
        return "的参数 " + "；".join(
            f"{shapes.place(fault) or 'known_with'}：{shapes.message(fault)}"
            for fault in error.errors()
        )
    return ""


def fills(name: str) -> bool:
    """Whether a measure says a plain number of an organisation without being told more."""
    found = measures.get(name)
    asks = any(field.is_required() for field in found.params.model_fields.values())
    return found.grain == "organization" and not asks


def figure(spec: AskedField, organization: int, due_on: date, on: date) -> measures.Figure:
    """What the measure of a field says of an organisation, as of ``on``."""
    found, span = measures.get(spec.known), _span(spec, due_on, on)
    params = found.params.model_validate(spec.known_with)
    return found.compute([organization], span.since, span.until, on, params)[organization]


def counted_over(spec: AskedField, due_on: date, on: date) -> str:
    """The month its figure is of, in words; "" where it is not of a month."""
    return "" if spec.known_over == "year" else _span(spec, due_on, on).label(on)


def _span(spec: AskedField, due_on: date, on: date) -> Period:
    if spec.known_over == "year":
        return period_of(on, "year")
    month = period_of(due_on, "month")
    is_before = spec.known_over == "month-before"
    return period_of(month.since - timedelta(days=1), "month") if is_before else month
