"""The code at the foot of a printed record."""

from typing import Any

from django import template

from zhibu.ledger import printed

register = template.Library()


@register.inclusion_tag("ledger/code.html", takes_context=True)
def proof_code(context: dict[str, Any], record_type: str, record_id: int) -> dict[str, Any]:
    """Seen in print; on the screen a link to the same page. Two queries."""
    return {"code": printed.code(record_type, record_id, context["request"])}
