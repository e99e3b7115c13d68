"""What the fields of a return may be: ``core.fields``, some filled in from what is known."""

from collections.abc import Sequence

from zhibu.core import fields, measures
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
        elif not fills(spec.known):
            found.append(f"字段 {spec.id}：指标“{spec.known}”要参数，不能自动填")
    return found


def fills(name: str) -> bool:
    """Whether a measure says a plain number of an organisation without being told more."""
    found = measures.get(name)
    asks = any(field.is_required() for field in found.params.model_fields.values())
    return found.grain == "organization" and not asks
