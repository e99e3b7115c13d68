"""What a list shows of the filters one has kept of it, and the way to keep one more."""

from typing import Any

from django import template
from django.http import QueryDict
from django.utils import timezone

from zhibu.accounts.models import SavedFilter
from zhibu.core import filters

register = template.Library()


@register.inclusion_tag("components/saved_filters.html", takes_context=True)
def saved_filters(context: dict[str, Any], url_name: str) -> dict[str, Any]:
    """The filters kept of the list at ``url_name``, which is the one being shown. One query.

    The page's own ``query`` counts where it has one: a search that was sent by script is not
    in the address of the request.
    """
    kept = filters.of(url_name)
    request = context["request"]
    if kept is None:
        raise ValueError(f"{url_name} 没有登记可以存的筛选")
    given = QueryDict(context["query"]) if "query" in context else request.GET
    query = kept.query(given.dict(), timezone.localdate())
    rows = list(SavedFilter.objects.visible_to(request.user).filter(page=url_name).in_order())
    return {
        "page": url_name,
        "query": query,
        "rows": rows,
        "is_kept": any(row.query == query for row in rows),
        "csrf_token": context.get("csrf_token"),
    }
